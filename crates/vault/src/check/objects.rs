//! The objects of a strand: what hashes, signatures and listings prove without a key.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::report::{Damage, FaultNumber, Findings, SnapshotName};
use super::{Plan, Reading};
use crate::bytes::FormatError;
use crate::id::{ObjectHash, StrandId};
use crate::lease::Lease;
use crate::list::Needed;
use crate::name::{Folder, HashedKind, NumberedKind, ObjectName};
use crate::owner_log::{Enrolment, OwnerLogFault};
use crate::snapshots::{ListFault, Snapshot, SnapshotFault, needed, read_snapshots};
use crate::store::{Store, StoreError};
use crate::strand::StrandObject;

/// What is known of a strand before anything is opened.
pub(super) struct StrandState {
    pub strand: StrandId,
    /// The snapshots to check, by number.
    pub snapshots: Vec<Snapshot>,
    /// Snapshots whose manifests cannot be believed.
    pub lost_manifests: bool,
    /// The fault of the objects that hold the strand's secrets, if no other holds all of them.
    pub secrets_lost: Option<FaultNumber>,
    /// Lengths of the packs that are there, in bytes.
    pub packs: BTreeMap<ObjectHash, u64>,
    /// The indexes that are there.
    pub indexes: BTreeMap<ObjectHash, u64>,
    /// Packs that were needed by a snapshot that was verified before.
    pub known_packs: BTreeSet<ObjectHash>,
    /// Faults of lists and packs, to be laid at the door of the snapshots that need them.
    pub faulty: HashMap<ObjectHash, FaultNumber>,
}

/// Checks everything of a strand that needs no key, but the bytes of packs and indexes.
pub(super) fn check_strand_objects(
    plan: &Plan<'_>,
    enrolment: &Enrolment,
    since: Option<&(u64, ObjectHash)>,
    findings: &mut Findings,
) -> Result<StrandState, StoreError> {
    let strand = enrolment.strand;
    let secrets_lost = check_keys(plan, enrolment, findings)?;
    let (mut snapshots, lost_manifests) = check_manifests(plan, strand, findings)?;
    let mut state = StrandState {
        strand,
        snapshots: Vec::new(),
        lost_manifests,
        secrets_lost,
        packs: list(plan, strand, HashedKind::Pack)?,
        indexes: list(plan, strand, HashedKind::Index)?,
        known_packs: BTreeSet::new(),
        faulty: HashMap::new(),
    };
    if let Some((seq, hash)) = since {
        check_since(strand, *seq, hash, &snapshots, findings);
        let new = snapshots.partition_point(|snapshot| snapshot.manifest.seq <= *seq);
        state.snapshots = snapshots.split_off(new);
        if let Some(last) = snapshots.last() {
            let (names, _) = needed(plan.vault.store().as_ref(), &last.manifest, &mut |_| {});
            state.known_packs = names.iter().filter_map(Needed::pack).collect();
        }
    } else {
        state.snapshots = snapshots;
        check_leases(plan, enrolment, findings)?;
    }
    let lists = check_names(plan, &mut state, findings)?;
    let counts = &mut findings.report.counts;
    counts.objects += (state.packs.len() + state.indexes.len() + state.snapshots.len()) as u64 + 1 + lists;
    counts.packs += state.packs.len() as u64;
    counts.snapshots += state.snapshots.len() as u64;
    Ok(state)
}

/// Names what lies in the owner log's folder and does not count.
pub(super) fn check_owner_log(plan: &Plan<'_>, findings: &mut Findings) {
    for fault in &plan.vault.log().faults {
        let what = match fault {
            OwnerLogFault::Unreadable { source, .. } if matches!(**source, StoreError::NotFound { .. }) => {
                Damage::Missing
            }
            OwnerLogFault::Unreadable { source, .. } => Damage::Unread(Arc::clone(source)),
            OwnerLogFault::Changed { .. } => Damage::Changed,
            OwnerLogFault::Malformed { source, .. } => Damage::Malformed(source.clone()),
            OwnerLogFault::Unsigned { .. } => Damage::Malformed(FormatError::Signature("owner log entry")),
            OwnerLogFault::Broken { .. } => Damage::Broken,
        };
        findings.fault(Some(fault.name()), what);
    }
}

/// Finds strands that the owner log does not know.
pub(super) fn check_unknown_strands(plan: &Plan<'_>, findings: &mut Findings) -> Result<(), StoreError> {
    let store = plan.vault.store();
    let mut unknown = Vec::new();
    store.list(&Folder::Strands, &mut |name, _| {
        unknown.extend(name.strand().filter(|strand| plan.vault.log().strand(strand).is_none()));
    })?;
    for strand in unknown {
        let snapshots = list_snapshots(plan, strand)?;
        if snapshots.is_empty() {
            findings.report.foreign.push(strand);
            continue;
        }
        let fault = findings.fault(Some(ObjectName::Strand(strand)), Damage::NotEnrolled);
        snapshots.into_iter().for_each(|snapshot| findings.hurt_whole(snapshot, fault));
    }
    Ok(())
}

/// Names a snapshot.
pub(super) fn name_of(snapshot: &Snapshot) -> SnapshotName {
    SnapshotName { strand: snapshot.manifest.strand, seq: snapshot.manifest.seq, hash: snapshot.hash }
}

/// What a store's refusal says of an object.
pub(super) fn store_damage(error: StoreError) -> Damage {
    match error {
        StoreError::NotFound { .. } => Damage::Missing,
        other => Damage::Unreadable(other),
    }
}

/// What the fault of a list says, and of which list.
pub(super) fn list_damage(fault: ListFault) -> (ObjectName, Damage) {
    match fault {
        ListFault::Unreadable { name, source } => (name, store_damage(source)),
        ListFault::Changed { name } => (name, Damage::Changed),
        ListFault::Malformed { name, source } => (name, Damage::Malformed(source)),
    }
}

/// Checks the objects that hold the strand's secrets; returns the fault by which some secret may be lost.
fn check_keys(
    plan: &Plan<'_>,
    enrolment: &Enrolment,
    findings: &mut Findings,
) -> Result<Option<FaultNumber>, StoreError> {
    let strand = enrolment.strand;
    let store = plan.vault.store().as_ref();
    let first = check_bytes(store, ObjectName::Strand(strand), &enrolment.object, findings);
    let mut names = BTreeSet::new();
    store.list(&Folder::Numbered(strand, NumberedKind::Keys), &mut |name, _| names.extend([name]))?;
    let newest = enrolment.keys.as_ref();
    let newest = newest.map(|(hash, _)| ObjectName::Numbered(strand, NumberedKind::Keys, enrolment.keys_count, *hash));
    names.extend(newest);
    findings.report.counts.objects += names.len() as u64;
    let mut lost = first.as_ref().err().copied().filter(|_| newest.is_none());
    for name in names {
        let Some(hash) = name.hash() else { continue };
        if let (Err(fault), true) = (check_bytes(store, name, &hash, findings), Some(name) == newest) {
            // The first object still serves, unless the strand's identity was changed since.
            let object = first.as_ref().ok().and_then(|object| StrandObject::from_bytes(object).ok());
            let now = enrolment.keys.as_ref().map(|(_, recipient)| recipient);
            let serves = object.is_some_and(|object| Some(&object.recipient) == now);
            lost = Some(fault).filter(|_| !serves);
        }
    }
    Ok(lost)
}

fn check_leases(plan: &Plan<'_>, enrolment: &Enrolment, findings: &mut Findings) -> Result<(), StoreError> {
    let store = plan.vault.store().as_ref();
    let mut names = Vec::new();
    store.list(&Folder::Numbered(enrolment.strand, NumberedKind::Lease), &mut |name, _| names.push(name))?;
    findings.report.counts.objects += names.len() as u64;
    for name in names {
        let ObjectName::Numbered(_, _, _, hash) = name else { continue };
        let Ok(object) = check_bytes(store, name, &hash, findings) else { continue };
        if let Err(source) = Lease::open(&object, &enrolment.agent) {
            findings.fault(Some(name), Damage::Malformed(source));
        }
    }
    Ok(())
}

/// Reads a small object and compares its hash.
pub(super) fn check_bytes(
    store: &dyn Store,
    name: ObjectName,
    hash: &ObjectHash,
    findings: &mut Findings,
) -> Result<Vec<u8>, FaultNumber> {
    match store.get(&name) {
        Ok(object) if ObjectHash::of(&object) == *hash => {
            findings.report.counts.bytes_read += object.len() as u64;
            Ok(object)
        }
        Ok(_) => Err(findings.fault(Some(name), Damage::Changed)),
        Err(error) => Err(findings.fault(Some(name), store_damage(error))),
    }
}

/// Reads all manifests of a strand; says too whether some cannot be believed.
fn check_manifests(
    plan: &Plan<'_>,
    strand: StrandId,
    findings: &mut Findings,
) -> Result<(Vec<Snapshot>, bool), StoreError> {
    let mut faults = Vec::new();
    let snapshots = read_snapshots(plan.vault, strand, &mut |fault| faults.push(fault))?;
    let mut lost = false;
    for fault in faults {
        let (name, what) = match fault {
            SnapshotFault::Unreadable { name, source } => (name, store_damage(source)),
            SnapshotFault::Changed { name } => (name, Damage::Changed),
            SnapshotFault::Unbelievable { name, source } => (name, Damage::Malformed(source)),
            SnapshotFault::AfterRetirement { name } => {
                findings.fault(Some(name), Damage::AfterRetirement);
                continue;
            }
            SnapshotFault::Fork { seq, .. } => {
                for snapshot in snapshots.iter().filter(|snapshot| snapshot.manifest.seq == seq) {
                    findings.fault(Some(snapshot.name()), Damage::Fork);
                }
                continue;
            }
            SnapshotFault::Broken { seq, .. } => {
                let follower = snapshots.iter().find(|snapshot| snapshot.manifest.seq == seq);
                findings.fault(follower.map(Snapshot::name), Damage::Broken);
                continue;
            }
        };
        lost = true;
        let number = findings.fault(Some(name), what);
        if let ObjectName::Numbered(strand, _, seq, hash) = name {
            findings.hurt_whole(SnapshotName { strand, seq, hash }, number);
        }
    }
    check_gaps(plan, strand, &snapshots, findings)?;
    Ok((snapshots, lost))
}

/// Finds snapshots that others follow and that are not there. Those that did not expire were taken away.
fn check_gaps(
    plan: &Plan<'_>,
    strand: StrandId,
    snapshots: &[Snapshot],
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let listed: BTreeSet<_> = list_snapshots(plan, strand)?.into_iter().collect();
    for snapshot in snapshots {
        let Some(hash) = snapshot.manifest.previous else { continue };
        let before = SnapshotName { strand, seq: snapshot.manifest.seq.saturating_sub(1), hash };
        if listed.contains(&before) || snapshots.iter().any(|other| other.manifest.seq == before.seq) {
            continue;
        }
        if plan.departed.explains(&before.object()) {
            findings.report.gone.push(before);
        } else {
            let fault = findings.fault(Some(before.object()), Damage::Missing);
            findings.hurt_whole(before, fault);
        }
    }
    Ok(())
}

/// Compares the history with what was verified before.
fn check_since(strand: StrandId, seq: u64, hash: &ObjectHash, snapshots: &[Snapshot], findings: &mut Findings) {
    let replaced = snapshots.iter().any(|snapshot| snapshot.manifest.seq == seq)
        && !snapshots.iter().any(|snapshot| snapshot.manifest.seq == seq && snapshot.hash == *hash);
    let taken_back = snapshots.last().is_none_or(|last| last.manifest.seq < seq);
    if replaced || taken_back {
        let object = SnapshotName { strand, seq, hash: *hash }.object();
        findings.fault(Some(object), Damage::Rewound);
    }
}

/// Verifies that everything is there that manifests name; finds what none names. Returns how many lists there are.
fn check_names(plan: &Plan<'_>, state: &mut StrandState, findings: &mut Findings) -> Result<u64, StoreError> {
    let strand = state.strand;
    let store = plan.vault.store().as_ref();
    let (mut named, mut named_lists) = (BTreeSet::new(), BTreeSet::new());
    for snapshot in &state.snapshots {
        let (names, lists) = needed(store, &snapshot.manifest, &mut |fault| {
            let (name, what) = list_damage(fault);
            let number = findings.fault(Some(name), what);
            state.faulty.extend(name.hash().map(|hash| (hash, number)));
        });
        named.extend(names);
        named_lists.extend(lists);
    }
    for name in &named {
        let (kind, hash, there) = match name {
            Needed::Pack(hash) => (HashedKind::Pack, hash, state.packs.contains_key(hash)),
            Needed::Index(hash) => (HashedKind::Index, hash, state.indexes.contains_key(hash)),
        };
        if !there {
            let number = findings.fault(Some(ObjectName::Hashed(strand, kind, *hash)), Damage::Missing);
            state.faulty.insert(*hash, number);
        }
    }
    let lists = list(plan, strand, HashedKind::List)?;
    // A list that is lost hides what it named: nothing is an orphan for certain then.
    let certain = !state.lost_manifests && named_lists.iter().all(|hash| !state.faulty.contains_key(hash));
    if certain && !matches!(plan.reading, Reading::Blobs { .. }) {
        let orphans = &mut findings.report.orphans;
        let object = |kind, hash: &ObjectHash| ObjectName::Hashed(strand, kind, *hash);
        let packs = state.packs.keys().filter(|hash| !named.contains(&Needed::Pack(**hash)));
        orphans.extend(packs.map(|hash| object(HashedKind::Pack, hash)));
        let indexes = state.indexes.keys().filter(|hash| !named.contains(&Needed::Index(**hash)));
        orphans.extend(indexes.map(|hash| object(HashedKind::Index, hash)));
        orphans.extend(lists.keys().filter(|hash| !named_lists.contains(*hash)).map(|h| object(HashedKind::List, h)));
    }
    Ok(lists.len() as u64)
}

fn list(plan: &Plan<'_>, strand: StrandId, kind: HashedKind) -> Result<BTreeMap<ObjectHash, u64>, StoreError> {
    let mut objects = BTreeMap::new();
    plan.vault.store().list(&Folder::Hashed(strand, kind), &mut |name, bytes| {
        objects.extend(name.hash().map(|hash| (hash, bytes)));
    })?;
    Ok(objects)
}

fn list_snapshots(plan: &Plan<'_>, strand: StrandId) -> Result<Vec<SnapshotName>, StoreError> {
    let mut names = Vec::new();
    plan.vault.store().list(&Folder::Numbered(strand, NumberedKind::Snapshot), &mut |name, _| {
        if let ObjectName::Numbered(strand, _, seq, hash) = name {
            names.push(SnapshotName { strand, seq, hash });
        }
    })?;
    Ok(names)
}
