//! Deciding what goes: an immutable value, shown before anything is done.

use std::collections::{BTreeMap, BTreeSet};

use super::reach::Reach;
use super::record::{ExpiryLog, read_expiry_log};
use super::rule::{Dated, Retention, Verdict, judge};
use super::{ExpiryError, Held, Hold, RecordFault};
use crate::id::{ObjectHash, SourceTag, StrandId, VaultId};
use crate::kit::RecoveryKit;
use crate::name::{Folder, HashedKind, NumberedKind, ObjectName};
use crate::owner_log::Enrolment;
use crate::snapshots::{Snapshot, SnapshotFault, read_snapshot};
use crate::store::{Store, StoreError};
use crate::vault::Vault;
use crate::world::Timestamp;

/// What would be done to a vault at one moment.
#[derive(Debug)]
pub struct ExpiryPlan {
    pub(super) vault: VaultId,
    pub(super) now: Timestamp,
    pub(super) next_seq: u64,
    pub(super) head: ObjectHash,
    pub(super) snapshots: Vec<Judged>,
    pub(super) held: Vec<Held>,
    pub(super) record_faults: Vec<RecordFault>,
    pub(super) condemn: BTreeMap<ObjectName, u64>,
    pub(super) revive: BTreeSet<ObjectName>,
    pub(super) delete: BTreeMap<ObjectName, u64>,
    /// Names that are condemned, and not there any more.
    pub(super) gone: BTreeSet<ObjectName>,
    /// The manifests and leases of each strand of which something is deleted: new ones make the plan stale.
    pub(super) seen: BTreeMap<StrandId, BTreeSet<ObjectName>>,
}

/// A snapshot and what is decided of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judged {
    /// Its manifest.
    pub name: ObjectName,
    /// Its strand.
    pub strand: StrandId,
    /// Its number.
    pub seq: u64,
    /// Which source it is of.
    pub source_tag: SourceTag,
    /// Name of the source; empty where the sealed part does not open.
    pub source: String,
    /// When the client says that it was finished, if that opens.
    pub finished: Option<Timestamp>,
    /// What the rule says.
    pub verdict: Verdict,
    /// Since when it is condemned, if a record condemned it before.
    pub condemned_since: Option<Timestamp>,
    /// It would be deleted now.
    pub is_deleted: bool,
}

impl ExpiryPlan {
    /// Every snapshot, strand by strand, in the order of their numbers.
    pub fn snapshots(&self) -> &[Judged] {
        &self.snapshots
    }

    /// Strands of which nothing would be deleted, and why.
    pub fn held(&self) -> &[Held] {
        &self.held
    }

    /// Expiry records that do not count.
    pub fn record_faults(&self) -> &[RecordFault] {
        &self.record_faults
    }

    /// What would be condemned, with its length in bytes.
    pub fn condemn(&self) -> impl Iterator<Item = (&ObjectName, u64)> {
        self.condemn.iter().map(|(name, bytes)| (name, *bytes))
    }

    /// What was condemned and would be needed again.
    pub fn revive(&self) -> impl Iterator<Item = &ObjectName> {
        self.revive.iter()
    }

    /// What would be deleted, with its length in bytes.
    pub fn delete(&self) -> impl Iterator<Item = (&ObjectName, u64)> {
        self.delete.iter().map(|(name, bytes)| (name, *bytes))
    }

    /// Bytes that would be free at once.
    pub fn deleted_bytes(&self) -> u64 {
        self.delete.values().sum()
    }

    /// Bytes that would be free in seven days.
    pub fn condemned_bytes(&self) -> u64 {
        self.condemn.values().sum()
    }

    /// Tells whether applying it would change nothing.
    pub fn is_empty(&self) -> bool {
        self.condemn.is_empty() && self.revive.is_empty() && self.delete.is_empty() && self.gone.is_empty()
    }
}

/// Decides over all snapshots of a vault and changes nothing.
///
/// While an alarm of a machine is not answered, all that it kept stays: nobody knows yet which snapshot will be needed.
/// A clock that is behind what the owners signed decides nothing.
pub fn plan(vault: &Vault, kit: &RecoveryKit, now: Timestamp) -> Result<ExpiryPlan, ExpiryError> {
    vault.accept(kit)?;
    let mut record_faults = Vec::new();
    let log = read_expiry_log(vault, &mut |fault| record_faults.push(fault))?;
    let signed = log.latest.map_or(vault.log().latest, |latest| latest.max(vault.log().latest));
    if now < signed {
        return Err(ExpiryError::ClockBehind { signed, now });
    }
    let mut plan = ExpiryPlan {
        vault: vault.id(),
        now,
        next_seq: log.next_seq,
        head: log.head,
        snapshots: Vec::new(),
        held: Vec::new(),
        record_faults,
        condemn: BTreeMap::new(),
        revive: BTreeSet::new(),
        delete: BTreeMap::new(),
        gone: BTreeSet::new(),
        seen: BTreeMap::new(),
    };
    for enrolment in &vault.log().strands {
        let strand = StrandPlanner { vault, enrolment, log: &log, now, sight: Sight::of(vault, enrolment.strand)? };
        strand.decide(kit, &mut plan)?;
    }
    Ok(plan)
}

/// What is there of a strand, with lengths in bytes.
struct Sight {
    hashed: BTreeMap<ObjectName, u64>,
    leases: BTreeMap<ObjectName, u64>,
    manifests: BTreeMap<ObjectName, u64>,
}

impl Sight {
    /// Looks for packs first, for manifests last: a backup that ends meanwhile has its pack seen as needed, or not at all.
    fn of(vault: &Vault, strand: StrandId) -> Result<Self, StoreError> {
        let store = vault.store().as_ref();
        let mut hashed = BTreeMap::new();
        for kind in HashedKind::ALL {
            hashed.append(&mut listed(store, &Folder::Hashed(strand, kind))?);
        }
        let leases = listed(store, &Folder::Numbered(strand, NumberedKind::Lease))?;
        let manifests = listed(store, &Folder::Numbered(strand, NumberedKind::Snapshot))?;
        Ok(Self { hashed, leases, manifests })
    }

    fn has(&self, name: &ObjectName) -> bool {
        [&self.hashed, &self.leases, &self.manifests].iter().any(|objects| objects.contains_key(name))
    }
}

struct StrandPlanner<'p> {
    vault: &'p Vault,
    enrolment: &'p Enrolment,
    log: &'p ExpiryLog,
    now: Timestamp,
    sight: Sight,
}

impl StrandPlanner<'_> {
    fn decide(&self, kit: &RecoveryKit, plan: &mut ExpiryPlan) -> Result<(), ExpiryError> {
        // A lease is in a record from when it is first seen: it holds for seven days after.
        condemn_all(&self.sight.leases, self.log, plan);
        let gone = self.log.condemned.keys().filter(|name| name.strand() == Some(self.enrolment.strand));
        plan.gone.extend(gone.filter(|name| !self.sight.has(name)));
        let mut hold = None;
        let snapshots = self.believe(&mut hold);
        let judged = self.judge(kit, &snapshots)?;
        let (kept, waiting) = self.reach(&snapshots, &judged, &mut hold);
        let is_known = hold.is_none();
        let hold = hold.or_else(|| self.live_lease());
        plan.revive.extend(self.revived(&judged, &kept));
        if is_known {
            self.condemn(&judged, &kept, hold.is_none(), plan);
        }
        match hold {
            Some(hold) => plan.held.push(Held { strand: self.enrolment.strand, hold }),
            None => self.delete(&judged, (&kept, &waiting), plan),
        }
        for each in judged {
            let is_deleted = plan.delete.contains_key(&each.name);
            plan.snapshots.push(Judged { is_deleted, ..each });
        }
        Ok(())
    }

    /// Reads the manifests; one that cannot be believed holds the strand.
    fn believe(&self, hold: &mut Option<Hold>) -> Vec<Snapshot> {
        let mut snapshots = Vec::with_capacity(self.sight.manifests.len());
        for name in self.sight.manifests.keys() {
            match read_snapshot(self.vault, name) {
                Ok((snapshot, _)) => snapshots.push(snapshot),
                // It does not count: what it needs may go.
                Err(SnapshotFault::AfterRetirement { .. }) => {}
                Err(fault) => *hold = Some(Hold::Manifest(fault)),
            }
        }
        snapshots
    }

    fn judge(&self, kit: &RecoveryKit, snapshots: &[Snapshot]) -> Result<Vec<Judged>, ExpiryError> {
        if snapshots.is_empty() {
            return Ok(Vec::new());
        }
        let secrets = self.vault.secrets(kit, &self.enrolment.strand)?;
        let protected = snapshots.iter().any(|snapshot| snapshot.is_unanswered(self.vault.log()));
        let mut sources: BTreeMap<SourceTag, (Vec<usize>, Vec<Dated>)> = BTreeMap::new();
        let mut judged = Vec::with_capacity(snapshots.len());
        for (index, snapshot) in snapshots.iter().enumerate() {
            let sealed = snapshot.manifest.unseal(&secrets).ok();
            let finished = sealed.as_ref().map(|sealed| sealed.finished);
            let (indexes, dated) = sources.entry(snapshot.manifest.source_tag).or_default();
            indexes.push(index);
            dated.push(Dated { finished, protected });
            let name = snapshot.name();
            judged.push(Judged {
                name,
                strand: snapshot.manifest.strand,
                seq: snapshot.manifest.seq,
                source_tag: snapshot.manifest.source_tag,
                source: sealed.map(|sealed| sealed.source).unwrap_or_default(),
                finished,
                verdict: Verdict::Condemn,
                condemned_since: self.log.condemned.get(&name).copied(),
                is_deleted: false,
            });
        }
        for (indexes, dated) in sources.into_values() {
            let verdicts = judge(&dated, self.enrolment.enrolled, self.now, &Retention::default());
            for (index, verdict) in indexes.into_iter().zip(verdicts) {
                judged[index].verdict = verdict;
            }
        }
        Ok(judged)
    }

    /// Returns what kept snapshots need, and what condemned ones need that are not deleted now.
    fn reach<'s>(
        &'s self,
        snapshots: &[Snapshot],
        judged: &[Judged],
        hold: &mut Option<Hold>,
    ) -> (Reach<'s>, Reach<'s>) {
        let reach = || Reach::new(self.vault.store().as_ref(), self.enrolment.strand);
        let (mut kept, mut waiting) = (reach(), reach());
        for (snapshot, judged) in snapshots.iter().zip(judged) {
            let reach = match judged.verdict {
                Verdict::Keep(_) => &mut kept,
                Verdict::Condemn if !self.is_due(&judged.name) => &mut waiting,
                Verdict::Condemn => continue,
            };
            if let Err(fault) = reach.add(&snapshot.manifest) {
                *hold = Some(Hold::List(fault));
            }
        }
        (kept, waiting)
    }

    /// Returns a lease that may still be in use.
    fn live_lease(&self) -> Option<Hold> {
        let newest = self.sight.manifests.keys().filter_map(number_of).max();
        let leases = self.sight.leases.keys().filter(|lease| !self.is_due(lease));
        let mut live = leases.filter_map(number_of).filter(|seq| newest.is_none_or(|newest| newest < *seq));
        live.next().map(|seq| Hold::Lease { seq })
    }

    fn revived(&self, judged: &[Judged], kept: &Reach<'_>) -> BTreeSet<ObjectName> {
        let manifests = judged.iter().filter(|each| each.verdict != Verdict::Condemn).map(|each| each.name);
        let hashed = self.sight.hashed.keys().filter(|name| kept.holds(name)).copied();
        manifests.chain(hashed).filter(|name| self.log.condemned.contains_key(name)).collect()
    }

    fn condemn(&self, judged: &[Judged], kept: &Reach<'_>, is_quiet: bool, plan: &mut ExpiryPlan) {
        let manifests = judged.iter().filter(|each| each.verdict == Verdict::Condemn).map(|each| each.name);
        condemn_all(&manifests.map(|name| (name, self.sight.manifests[&name])).collect(), self.log, plan);
        if is_quiet {
            let hashed = self.sight.hashed.iter().filter(|(name, _)| !kept.holds(name));
            condemn_all(&hashed.map(|(name, bytes)| (*name, *bytes)).collect(), self.log, plan);
        }
    }

    fn delete(&self, judged: &[Judged], (kept, waiting): (&Reach<'_>, &Reach<'_>), plan: &mut ExpiryPlan) {
        let manifests = judged.iter().filter(|each| each.verdict == Verdict::Condemn);
        let manifests = manifests.map(|each| (each.name, self.sight.manifests[&each.name]));
        let hashed = self.sight.hashed.iter().filter(|(name, _)| !kept.holds(name) && !waiting.holds(name));
        let others = hashed.chain(&self.sight.leases).map(|(name, bytes)| (*name, *bytes));
        let due: BTreeMap<_, _> = manifests.chain(others).filter(|(name, _)| self.is_due(name)).collect();
        if !due.is_empty() {
            let seen = self.sight.manifests.keys().chain(self.sight.leases.keys()).copied().collect();
            plan.seen.insert(self.enrolment.strand, seen);
            plan.delete.extend(due);
        }
    }

    /// Tells whether a record condemned the name at least seven days ago.
    fn is_due(&self, name: &ObjectName) -> bool {
        self.log.is_due(name, self.now)
    }
}

fn condemn_all(objects: &BTreeMap<ObjectName, u64>, log: &ExpiryLog, plan: &mut ExpiryPlan) {
    let new = objects.iter().filter(|(name, _)| !log.condemned.contains_key(name));
    plan.condemn.extend(new.map(|(name, bytes)| (*name, *bytes)));
}

pub(super) fn listed(store: &dyn Store, folder: &Folder) -> Result<BTreeMap<ObjectName, u64>, StoreError> {
    let mut objects = BTreeMap::new();
    store.list(folder, &mut |name, bytes| objects.extend([(name, bytes)]))?;
    Ok(objects)
}

fn number_of(name: &ObjectName) -> Option<u64> {
    match name {
        ObjectName::Numbered(_, _, seq, _) => Some(*seq),
        _ => None,
    }
}
