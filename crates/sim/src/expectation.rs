//! What an expiry must do, worked out by the text of `docs/retention.md`: slowly, and without the vault's own rule.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;

use vault::expire::ExpiryRecord;
use vault::id::{ObjectHash, StrandId};
use vault::kit::RecoveryKit;
use vault::list::{List, Record};
use vault::manifest::Manifest;
use vault::name::{Folder, HashedKind, NumberedKind, ObjectName};
use vault::store::Store;
use vault::vault::Vault;
use vault::world::Timestamp;

use crate::failure::{Tell, Told};
use crate::rule::{DAY, kept};
use crate::town::locked;

/// Sources and sealed ends of snapshots, by their manifests: what was opened once.
pub type Claims = Mutex<HashMap<ObjectName, (String, Timestamp)>>;

/// The owners' kit, and what it opened before.
type Eyes<'t> = (&'t RecoveryKit, &'t Claims);

/// What an expiry must do.
#[derive(Default)]
pub struct Expectation {
    /// Which snapshots the rule keeps.
    pub kept: BTreeSet<ObjectName>,
    /// Names that it must condemn.
    pub condemned: BTreeSet<ObjectName>,
    /// Names that it must revive.
    pub revived: BTreeSet<ObjectName>,
    /// Objects that it must delete.
    pub deleted: BTreeSet<ObjectName>,
    /// The latest time that owners signed.
    pub signed: Timestamp,
}

/// Works out what an expiry must do now. All manifests and lists must be readable.
pub fn expect(eyes: (&RecoveryKit, &Claims), vault: &Vault, now: Timestamp) -> Told<Expectation> {
    let records = Records::read(vault)?;
    let mut expected = Expectation { signed: records.latest.max(vault.log().latest), ..Expectation::default() };
    for enrolment in &vault.log().strands {
        let strand = StrandView::read(eyes, vault, enrolment.strand)?;
        let rule = |finished: &[Timestamp]| kept(finished, enrolment.enrolled, now);
        let retained = strand.retained(&rule);
        strand.decide(&records, &retained, now, &mut expected);
    }
    Ok(expected)
}

/// Returns all objects of a strand that a manifest needs.
pub fn needs(store: &dyn Store, manifest: &Manifest) -> Told<BTreeSet<ObjectName>> {
    let name = |kind, hash: &ObjectHash| ObjectName::Hashed(manifest.strand, kind, *hash);
    let mut names: BTreeSet<ObjectName> = manifest.packs.iter().map(|hash| name(HashedKind::Pack, hash)).collect();
    names.extend(manifest.indexes.iter().map(|hash| name(HashedKind::Index, hash)));
    let mut lists: Vec<ObjectHash> = manifest.list.iter().copied().collect();
    while let Some(list) = lists.pop() {
        let list = name(HashedKind::List, &list);
        names.insert(list);
        let object = store.get(&list).tell(format_args!("list {list}"))?;
        for record in List::from_bytes(&object).tell(format_args!("list {list}"))?.records {
            match record {
                Record::Pack(hash) => drop(names.insert(name(HashedKind::Pack, &hash))),
                Record::Index(hash) => drop(names.insert(name(HashedKind::Index, &hash))),
                Record::List(hash) => lists.push(hash),
            }
        }
    }
    Ok(names)
}

/// Returns the source of a snapshot and its sealed end. What was opened once is not opened again.
fn sealed_claim(
    (kit, claims): Eyes<'_>,
    vault: &Vault,
    name: ObjectName,
    manifest: &Manifest,
) -> Told<(String, Timestamp)> {
    if let Some(claim) = locked(claims).get(&name) {
        return Ok(claim.clone());
    }
    let secrets = vault.secrets(kit, &manifest.strand).tell("the secrets of a strand")?;
    let about = manifest.unseal(&secrets).tell(name)?;
    let claim = (about.source, about.finished);
    locked(claims).insert(name, claim.clone());
    Ok(claim)
}

/// What the expiry records say.
struct Records {
    condemned: BTreeMap<ObjectName, Timestamp>,
    latest: Timestamp,
}

impl Records {
    fn read(vault: &Vault) -> Told<Self> {
        let mut names = Vec::new();
        vault.store().list(&Folder::Expiry, &mut |name, _| names.push(name)).tell("expiry records")?;
        names.sort();
        let mut records = Self { condemned: BTreeMap::new(), latest: Timestamp(i64::MIN) };
        let (mut next, mut head) = (0, ObjectHash([0; 32]));
        for name in names {
            let object = vault.store().get(&name).tell(name)?;
            let record = ExpiryRecord::open(&object, &vault.log().owners).tell(name)?;
            if (record.seq, record.previous) != (next, head) {
                return Err(format!("{name} does not follow the one before, and nobody took one"));
            }
            (next, head) = (record.seq + 1, ObjectHash::of(&object));
            records.latest = records.latest.max(record.time);
            for condemned in record.condemned {
                records.condemned.entry(condemned).or_insert(record.time);
            }
            for done in record.deleted.iter().chain(&record.revived) {
                records.condemned.remove(done);
            }
        }
        Ok(records)
    }

    fn is_due(&self, name: &ObjectName, now: Timestamp) -> bool {
        self.condemned.get(name).is_some_and(|since| now.seconds() - since.seconds() >= 7 * DAY)
    }
}

/// What is there of a strand.
struct StrandView {
    /// Packs, indexes and lists.
    hashed: BTreeSet<ObjectName>,
    leases: BTreeMap<ObjectName, u64>,
    manifests: BTreeMap<ObjectName, Claim>,
}

/// What a manifest says.
struct Claim {
    number: u64,
    source: String,
    finished: Timestamp,
    needs: BTreeSet<ObjectName>,
}

impl StrandView {
    fn read(eyes: Eyes<'_>, vault: &Vault, strand: StrandId) -> Told<Self> {
        let store = vault.store().as_ref();
        let list = |folder: Folder| {
            let mut names = BTreeSet::new();
            store.list(&folder, &mut |name, _| names.extend([name])).tell("a folder")?;
            Told::Ok(names)
        };
        let mut hashed = BTreeSet::new();
        for kind in HashedKind::ALL {
            hashed.append(&mut list(Folder::Hashed(strand, kind))?);
        }
        let numbered = |name: ObjectName| match name {
            ObjectName::Numbered(_, _, number, _) => Some((name, number)),
            _ => None,
        };
        let leases = list(Folder::Numbered(strand, NumberedKind::Lease))?.into_iter().filter_map(numbered).collect();
        let agent = vault.enrolment(&strand).tell("an enrolment")?.agent;
        let mut manifests = BTreeMap::new();
        for (name, number) in list(Folder::Numbered(strand, NumberedKind::Snapshot))?.into_iter().filter_map(numbered) {
            let object = store.get(&name).tell(name)?;
            let manifest = Manifest::open(&object, &agent).tell(name)?;
            let (source, finished) = sealed_claim(eyes, vault, name, &manifest)?;
            manifests.insert(name, Claim { number, source, finished, needs: needs(store, &manifest)? });
        }
        Ok(Self { hashed, leases, manifests })
    }

    /// Returns the snapshots that a rule keeps, which is applied to each source apart.
    fn retained(&self, rule: &dyn Fn(&[Timestamp]) -> Vec<bool>) -> BTreeSet<ObjectName> {
        let mut sources: BTreeMap<&str, Vec<(u64, ObjectName, Timestamp)>> = BTreeMap::new();
        for (name, claim) in &self.manifests {
            sources.entry(&claim.source).or_default().push((claim.number, *name, claim.finished));
        }
        let mut retained = BTreeSet::new();
        for mut snapshots in sources.into_values() {
            snapshots.sort();
            let finished: Vec<_> = snapshots.iter().map(|(_, _, finished)| *finished).collect();
            let names = snapshots.iter().zip(rule(&finished)).filter(|(_, kept)| *kept);
            retained.extend(names.map(|((_, name, _), _)| *name));
        }
        retained
    }

    fn decide(&self, records: &Records, retained: &BTreeSet<ObjectName>, now: Timestamp, expected: &mut Expectation) {
        let is_old = |name: &ObjectName| records.condemned.contains_key(name);
        let newest = self.manifests.values().map(|claim| claim.number).max().unwrap_or(0);
        let is_held = self.leases.iter().any(|(lease, number)| *number > newest && !records.is_due(lease, now));
        let is_kept = |name: &ObjectName| retained.contains(name);
        let goes = |name: &ObjectName| !is_kept(name) && !is_held && records.is_due(name, now);
        let needed_by = |wanted: &dyn Fn(&ObjectName) -> bool| -> BTreeSet<ObjectName> {
            let wanted = self.manifests.iter().filter(|(name, _)| wanted(name));
            wanted.flat_map(|(_, claim)| claim.needs.iter().copied()).collect()
        };
        let needed = needed_by(&is_kept);
        let needed_still = needed_by(&|name| !goes(name));
        let condemned_manifests = self.manifests.keys().filter(|name| !is_kept(name));
        expected.kept.extend(self.manifests.keys().filter(|name| is_kept(name)));
        expected.condemned.extend(self.leases.keys().filter(|name| !is_old(name)));
        expected.condemned.extend(condemned_manifests.filter(|name| !is_old(name)));
        expected.revived.extend(self.manifests.keys().filter(|name| is_kept(name) && is_old(name)));
        expected.revived.extend(self.hashed.iter().filter(|name| needed.contains(*name) && is_old(name)));
        if !is_held {
            let useless = self.hashed.iter().filter(|name| !needed.contains(*name));
            expected.condemned.extend(useless.filter(|name| !is_old(name)));
            let due = |name: &&ObjectName| records.is_due(name, now);
            expected.deleted.extend(self.manifests.keys().filter(|name| goes(name)));
            expected.deleted.extend(self.leases.keys().filter(due));
            expected.deleted.extend(self.hashed.iter().filter(|name| !needed_still.contains(*name)).filter(due));
        }
    }
}
