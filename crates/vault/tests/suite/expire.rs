//! Snapshots are let go by rule, in two phases, and never anything that is needed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use vault::backup::{BackupError, Monitor, Remark};
use vault::bytes::SigningKey;
use vault::expire::{
    Applied, Dated, ExpiryError, ExpiryPlan, Held, Hold, Reason, RecordFault, Retention, Verdict, apply, judge, plan,
    read_expiry_log,
};
use vault::id::{ObjectHash, SourceTag};
use vault::kit::RecoveryKit;
use vault::lease::Lease;
use vault::list::{Needed, write_lists};
use vault::manifest::{Counts, Manifest, SealedManifest};
use vault::name::{HashedKind, NumberedKind, ObjectName};
use vault::pack::Session;
use vault::snapshots::{Snapshot, needed, read_snapshots};
use vault::state::AgentKeys;
use vault::store::{Erase, Fault, FaultPlan, FaultyStore, MemoryStore, Moment, Store, StoreError, Survivors};
use vault::tree::{Entry, EntryKind};
use vault::vault::Vault;
use vault::world::Timestamp;

use crate::rig::{Rig, SystemEntropy, noise, read_folder, same_keys};

const DAY: i64 = 24 * 3600;
/// 2023-01-02, a Monday, at noon.
const START: i64 = 1_672_660_800;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn dated(seconds: i64) -> Dated {
    Dated { finished: Some(at(seconds)), protected: false }
}

/// The rule of `docs/retention.md` again, as slowly as it can be said.
fn naive(snapshots: &[Dated], enrolled: i64, now: i64, retention: &Retention) -> Vec<bool> {
    let day = |seconds: i64| seconds.div_euclid(DAY);
    let said = |snapshot: &Dated| {
        let seconds = snapshot.finished?.seconds();
        (day(seconds) >= day(enrolled) && snapshot.finished? <= at(now)).then_some(seconds)
    };
    let buckets = |seconds: i64| {
        let (year, month) = walk_to(day(seconds));
        [day(seconds), (day(seconds) + 3).div_euclid(7), year * 12 + month, year]
    };
    let horizons = [retention.days, retention.weeks, retention.months, retention.years];
    let mut kept = Vec::new();
    for (index, snapshot) in snapshots.iter().enumerate() {
        let unprotected_after = snapshots[index + 1..].iter().filter(|s| !s.protected).count();
        let mut keep = snapshot.protected || snapshot.finished.is_none() || unprotected_after < retention.last;
        keep |= snapshot
            .finished
            .is_some_and(|finished| finished > at(now) && day(finished.seconds()) - day(now) < retention.days);
        if let Some(seconds) = said(snapshot) {
            // Those of the same run: going back from this one until time was later than what came after it.
            let mut run = Vec::new();
            let mut bound = day(seconds);
            for before in snapshots[..index].iter().rev().filter_map(said) {
                if day(before) > bound {
                    break;
                }
                bound = day(before);
                run.push(before);
            }
            for (class, horizon) in horizons.into_iter().enumerate() {
                let number = buckets(seconds)[class];
                let is_first = run.iter().all(|before| buckets(*before)[class] != number);
                keep |= is_first && buckets(now)[class] - number < horizon;
            }
        }
        kept.push(keep);
    }
    kept
}

/// Finds year and month (from 0) of a day since 1970 by counting months from there.
fn walk_to(day: i64) -> (i64, i64) {
    let (mut year, mut month, mut left) = (1970, 0, day);
    loop {
        let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let length = [31, 28 + i64::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month as usize];
        if left < length {
            return (year, month);
        }
        left -= length;
        month += 1;
        if month == 12 {
            (year, month) = (year + 1, 0);
        }
    }
}

/// A history of a machine whose clock is mostly right.
fn history() -> impl Strategy<Value = Vec<Dated>> {
    let snapshot = (0..4 * DAY, 0..20u8, -400 * DAY..400 * DAY, 0..12u8);
    prop::collection::vec(snapshot, 0..60).prop_map(|snapshots| {
        let mut time = START;
        let one = |(step, kind, error, protected): (i64, u8, i64, u8)| {
            time += step;
            let finished = match kind {
                0 => Some(0),
                1 => Some(4_102_444_800),
                2 | 3 => Some(time + error),
                4 => None,
                _ => Some(time),
            };
            Dated { finished: finished.map(at), protected: protected == 0 }
        };
        snapshots.into_iter().map(one).collect()
    })
}

proptest! {
    #[test]
    fn the_rule_is_what_the_document_says(history in history(), age in 0..3000 * DAY) {
        let retention = Retention::default();
        let now = START + age;
        let judged = judge(&history, at(START), at(now), &retention);
        let kept: Vec<bool> = judged.iter().map(|verdict| *verdict != Verdict::Condemn).collect();
        prop_assert_eq!(kept, naive(&history, START, now, &retention));
    }

    #[test]
    fn no_later_snapshot_makes_an_older_one_go(history in history(), cut in 0..60usize, age in 0..900 * DAY) {
        let now = at(START + age);
        let whole = judge(&history, at(START), now, &Retention::default());
        let cut = cut.min(history.len());
        let part = judge(&history[..cut], at(START), now, &Retention::default());
        for (before, after) in part.iter().zip(&whole) {
            prop_assert!(before == after || *before == Verdict::Keep(Reason::Last), "{:?} {:?}", before, after);
        }
    }

    #[test]
    fn one_wrong_clock_makes_no_other_snapshot_go(days in 5..500usize, wrong in 0..500usize, error in -9000..30_000i64) {
        let mut history: Vec<_> = (0..days as i64).map(|day| dated(START + day * DAY)).collect();
        let now = at(START + days as i64 * DAY);
        let honest = judge(&history, at(START), now, &Retention::default());
        let wrong = wrong % days;
        history[wrong] = dated(START + wrong as i64 * DAY + error * DAY);
        let judged = judge(&history, at(START), now, &Retention::default());
        let kept = |verdicts: &[Verdict]| -> BTreeSet<usize> {
            (0..days).filter(|n| *n != wrong && verdicts[*n] != Verdict::Condemn).collect()
        };
        prop_assert!(kept(&judged).is_superset(&kept(&honest)));
        // Nor does it keep others for long: the next of its week, month and year, and what begins the run after it.
        prop_assert!(kept(&judged).len() <= kept(&honest).len() + 8);
    }
}

#[test]
fn five_years_of_days_keep_what_the_classes_say() {
    let history: Vec<_> = (0..5 * 365).map(|day| dated(START + day * DAY)).collect();
    let now = START + (5 * 365 - 1) * DAY + 60;
    let verdicts = judge(&history, at(START), at(now), &Retention::default());
    let count = |reason| verdicts.iter().filter(|verdict| **verdict == Verdict::Keep(reason)).count();
    // 2023 to 2027; months and weeks whose first is also the first of something longer count there.
    assert_eq!(count(Reason::Yearly), 5);
    assert_eq!(count(Reason::Monthly), 12);
    assert!((11..=13).contains(&count(Reason::Weekly)), "{}", count(Reason::Weekly));
    assert!((27..=31).contains(&count(Reason::Daily)), "{}", count(Reason::Daily));
}

/// A vault whose snapshots need made-up packs: what matters here is only what names what.
struct Shelf<S> {
    store: S,
    kit: RecoveryKit,
    keys: AgentKeys,
    session: Session,
    last: Option<(u64, ObjectHash)>,
}

/// A store that can be handled by value.
trait Medium: Erase + Clone + 'static {}
impl<S: Erase + Clone + 'static> Medium for S {}

impl<S: Medium> Shelf<S> {
    fn new(store: S) -> Self {
        let now = at(START - 60);
        let (mut vault, kit) = Vault::found(Arc::new(store.clone()), &[], now, &SystemEntropy).unwrap();
        let keys = vault.enrol(&kit, "mairie", now, &SystemEntropy).unwrap();
        let recipient = vault.strand_recipient(&keys.strand).unwrap();
        let session = Session::begin(&recipient, &SystemEntropy).unwrap();
        Self { store, kit, keys, session, last: None }
    }

    /// The same vault on a store that was opened again.
    fn reopened(&self, store: S) -> Self {
        let recipient = Vault::open(Arc::new(store.clone())).unwrap().strand_recipient(&self.keys.strand).unwrap();
        let session = Session::begin(&recipient, &SystemEntropy).unwrap();
        Self { store, kit: self.kit.clone(), keys: same_keys(&self.keys), session, last: self.last }
    }

    fn vault(&self) -> Vault {
        Vault::open(Arc::new(self.store.clone())).unwrap()
    }

    fn signing(&self) -> SigningKey {
        SigningKey::new(self.keys.signing_seed.clone())
    }

    fn hashed(&self, kind: HashedKind, object: &[u8]) -> ObjectName {
        let name = ObjectName::Hashed(self.keys.strand, kind, ObjectHash::of(object));
        self.store.put(&name, object).unwrap();
        name
    }

    fn pack(&self, number: u64) -> ObjectName {
        self.hashed(HashedKind::Pack, format!("pack {number}").as_bytes())
    }

    /// Adds a snapshot that needs packs, through lists if its number is even.
    fn snapshot(&mut self, finished: i64, packs: impl IntoIterator<Item = u64>) -> ObjectName {
        let needed: BTreeSet<_> = packs.into_iter().map(|n| Needed::Pack(self.pack(n).hash().unwrap())).collect();
        let seq = self.last.map_or(1, |(seq, _)| seq + 1);
        let (mut packs, mut list) = (needed.iter().filter_map(Needed::pack).collect(), None);
        if seq.is_multiple_of(2) {
            for (hash, object) in write_lists(&needed) {
                self.hashed(HashedKind::List, &object);
                list = Some(hash);
            }
            packs = Vec::new();
        }
        self.store.commit().unwrap();
        let root = Entry {
            kind: EntryKind::Directory { node: None, entries_below: 0, bytes_below: 0 },
            mode: 0o755,
            ..Entry::default()
        };
        let sealed = SealedManifest {
            source: "files".into(),
            host: "mairie".into(),
            paths: Vec::new(),
            started: at(finished - 60),
            finished: at(finished),
            root,
            program: "test".into(),
        };
        let (salt, sealed) = sealed.seal(&self.session);
        let manifest = Manifest {
            vault: self.keys.vault,
            strand: self.keys.strand,
            seq,
            previous: self.last.map(|(_, hash)| hash),
            indexes: Vec::new(),
            packs,
            list,
            counts: Counts::default(),
            source_tag: SourceTag([1; 16]),
            salt,
            sealed_key: self.session.sealed_key().to_vec(),
            sealed,
        };
        let object = manifest.sign(&self.signing());
        let hash = ObjectHash::of(&object);
        let name = ObjectName::Numbered(self.keys.strand, NumberedKind::Snapshot, seq, hash);
        self.store.put(&name, &object).unwrap();
        self.store.commit().unwrap();
        self.last = Some((seq, hash));
        name
    }

    fn lease(&self, seq: u64, from: i64) -> ObjectName {
        let (vault, strand) = (self.keys.vault, self.keys.strand);
        let lease = Lease { vault, strand, seq, from: at(from), until: at(from + 2 * DAY) };
        let object = lease.sign(&self.signing());
        let name = ObjectName::Numbered(strand, NumberedKind::Lease, seq, ObjectHash::of(&object));
        self.store.put(&name, &object).unwrap();
        self.store.commit().unwrap();
        name
    }

    fn plan(&self, now: i64) -> ExpiryPlan {
        plan(&self.vault(), &self.kit, &|_| false, at(now)).unwrap()
    }

    fn expire(&self, now: i64) -> Applied {
        self.try_expire(now).unwrap()
    }

    fn try_expire(&self, now: i64) -> Result<Applied, ExpiryError> {
        let vault = Vault::open(Arc::new(self.store.clone()))?;
        let plan = plan(&vault, &self.kit, &|_| false, at(now))?;
        apply(&vault, &self.kit, &plan, &self.store, at(now))
    }

    fn has(&self, name: &ObjectName) -> bool {
        self.store.head(name).unwrap().is_some()
    }

    /// Verifies that every snapshot has all that it needs, and returns them.
    fn verify(&self) -> Vec<Snapshot> {
        let mut faults = Vec::new();
        let snapshots = read_snapshots(&self.vault(), self.keys.strand, &mut |fault| faults.push(fault)).unwrap();
        assert!(faults.is_empty(), "{faults:?}");
        for snapshot in &snapshots {
            let (names, _) = needed(&self.store, &snapshot.manifest, &mut |fault| panic!("{fault}"));
            for pack in names.iter().filter_map(Needed::pack) {
                let name = ObjectName::Hashed(self.keys.strand, HashedKind::Pack, pack);
                assert!(self.has(&name), "snapshot {} lost {name}", snapshot.manifest.seq);
            }
        }
        let newest: Vec<_> = snapshots.iter().rev().take(3).map(|snapshot| snapshot.manifest.seq).collect();
        let last = self.last.map_or(0, |(seq, _)| seq);
        assert_eq!(newest, (last.saturating_sub(2).max(1)..=last).rev().collect::<Vec<_>>());
        snapshots
    }

    fn condemned(&self) -> BTreeMap<ObjectName, Timestamp> {
        read_expiry_log(&self.vault(), &mut |fault| panic!("{fault}")).unwrap().condemned
    }
}

/// Packs of day `n`: one of that day, those of the last days, one of the month, one that all share.
fn packs_of(day: u64) -> BTreeSet<u64> {
    (day.saturating_sub(5)..=day).chain([1_000_000 + day / 30, 2_000_000]).collect()
}

#[test]
fn five_years_day_by_day() {
    let store = MemoryStore::new();
    let mut shelf = Shelf::new(store.clone());
    let mut deleted = 0;
    for day in 0..5 * 365 {
        let now = START + day as i64 * DAY;
        // Now and then the client's clock is wrong.
        let clock = match day % 97 {
            13 => 0,
            14 => 4_102_444_800,
            15 => now + 20 * DAY,
            _ => now,
        };
        shelf.snapshot(clock, packs_of(day));
        if day % 11 == 0 {
            shelf.lease(day, now);
            shelf.pack(9_000_000 + day);
        }
        if day % 13 == 7 {
            deleted += shelf.expire(now + 3600).deleted;
            shelf.verify();
        }
    }
    let snapshots = shelf.verify();
    assert!((60..=140).contains(&snapshots.len()), "{} snapshots", snapshots.len());
    assert!(deleted > 2000, "{deleted} objects");
    let years = snapshots.iter().filter(|snapshot| snapshot.manifest.seq % 365 < 20).count();
    assert!(years >= 5, "{years}");
    // What is there is needed, or condemned, or not yet looked at.
    let packs = store.names().iter().filter(|n| matches!(n, ObjectName::Hashed(_, HashedKind::Pack, _))).count();
    assert!(packs < 9 * snapshots.len(), "{packs} packs");
}

#[test]
fn condemned_first_and_deleted_seven_days_later() {
    let mut shelf = Shelf::new(MemoryStore::new());
    let early = shelf.snapshot(START, [1, 2]);
    let twin = shelf.snapshot(START + 60, [2, 3]);
    for n in 1..4 {
        shelf.snapshot(START + n * DAY, [4]);
    }
    let now = START + 4 * DAY;
    let first = shelf.plan(now);
    assert_eq!(first.condemn().map(|(name, _)| *name).filter(|n| n.folder() == twin.folder()).count(), 1);
    assert_eq!((first.delete().count(), first.deleted_bytes()), (0, 0));
    assert!(first.condemned_bytes() > 0);
    shelf.expire(now);
    // Condemned, it is still there and whole, and a second run at once does nothing.
    assert!(shelf.condemned().contains_key(&twin));
    assert_eq!(shelf.verify().len(), 5);
    assert!(shelf.plan(now).is_empty());
    let almost = shelf.plan(now + 7 * DAY - 1);
    assert_eq!(almost.delete().count(), 0);
    let applied = shelf.expire(now + 7 * DAY);
    assert!(!shelf.has(&twin) && !shelf.has(&shelf_name(&shelf, 3)), "{applied:?}");
    assert!(shelf.has(&early) && shelf.has(&shelf_name(&shelf, 2)));
    assert!(shelf.condemned().is_empty());
    assert_eq!(shelf.verify().len(), 4);
}

/// The name of a made-up pack, which is not written.
fn shelf_name<S: Medium>(shelf: &Shelf<S>, number: u64) -> ObjectName {
    ObjectName::Hashed(shelf.keys.strand, HashedKind::Pack, ObjectHash::of(format!("pack {number}").as_bytes()))
}

#[test]
fn a_condemned_pack_that_a_new_snapshot_names_is_revived() {
    let mut shelf = Shelf::new(MemoryStore::new());
    shelf.snapshot(START, [1]);
    let orphan = shelf.pack(7);
    let other = shelf.pack(8);
    shelf.expire(START + DAY);
    assert!(shelf.condemned().contains_key(&orphan));
    shelf.snapshot(START + 2 * DAY, [1, 7]);
    let applied = shelf.expire(START + 9 * DAY);
    assert_eq!(applied.revived, 1);
    assert!(shelf.has(&orphan) && !shelf.has(&other));
    // Needed no more, it is condemned afresh: the seven days begin again.
    assert!(!shelf.condemned().contains_key(&orphan));
}

#[test]
fn a_lease_holds_its_strand_until_its_snapshot_is_there_or_seven_days() {
    let mut shelf = Shelf::new(MemoryStore::new());
    shelf.snapshot(START, [1]);
    let orphan = shelf.pack(7);
    shelf.expire(START + DAY);
    let lease = shelf.lease(2, START + 8 * DAY);
    let held = shelf.plan(START + 8 * DAY);
    assert!(matches!(held.held()[0].hold, Hold::Lease { seq: 2 }), "{held:?}");
    assert_eq!(held.delete().count(), 0);
    shelf.expire(START + 8 * DAY);
    assert!(shelf.has(&orphan));
    // Interrupted: seven days after it was first seen it holds no more.
    assert_eq!(shelf.plan(START + 15 * DAY - 1).delete().count(), 0);
    assert_eq!(shelf.plan(START + 15 * DAY).delete().count(), 2);
    // Finished: its snapshot ends it at once.
    shelf.snapshot(START + 9 * DAY, [1]);
    let plan = shelf.plan(START + 9 * DAY);
    assert!(plan.held().is_empty());
    assert_eq!(plan.delete().map(|(name, _)| *name).collect::<Vec<_>>(), [orphan]);
    shelf.expire(START + 15 * DAY);
    assert!(!shelf.has(&lease));
}

#[test]
fn what_is_put_under_a_lease_is_not_condemned() {
    let mut shelf = Shelf::new(MemoryStore::new());
    shelf.snapshot(START, [1]);
    let lease = shelf.lease(2, START + DAY);
    let running = shelf.pack(7);
    shelf.expire(START + DAY);
    assert_eq!(shelf.condemned().into_keys().collect::<Vec<_>>(), [lease]);
    shelf.snapshot(START + 2 * DAY, [1, 7]);
    shelf.expire(START + 20 * DAY);
    assert!(shelf.has(&running));
}

#[test]
fn a_manifest_that_cannot_be_read_protects_its_strand() {
    let store = MemoryStore::new();
    let mut shelf = Shelf::new(store.clone());
    let damaged = shelf.snapshot(START, [1, 2]);
    for n in 1..4 {
        shelf.snapshot(START + n * DAY, [1]);
    }
    let orphan = shelf.pack(9);
    shelf.expire(START + 4 * DAY);
    let mut bytes = store.get(&damaged).unwrap();
    bytes[40] ^= 1;
    store.overwrite(damaged, bytes);
    let plan = shelf.plan(START + 30 * DAY);
    assert!(matches!(plan.held()[0].hold, Hold::Manifest(_)), "{plan:?}");
    assert!(plan.is_empty(), "{plan:?}");
    shelf.expire(START + 30 * DAY);
    assert!(shelf.has(&orphan) && shelf.has(&shelf_name(&shelf, 2)));
}

#[test]
fn a_list_that_is_lost_protects_its_strand() {
    let store = MemoryStore::new();
    let mut shelf = Shelf::new(store.clone());
    shelf.snapshot(START, [1]);
    shelf.snapshot(START + DAY, [2, 3]);
    shelf.pack(9);
    shelf.expire(START + DAY);
    let list = store.names().into_iter().find(|n| matches!(n, ObjectName::Hashed(_, HashedKind::List, _))).unwrap();
    store.erase(&list).unwrap();
    let plan = shelf.plan(START + 30 * DAY);
    assert!(matches!(plan.held()[0].hold, Hold::List(_)), "{plan:?}");
    assert_eq!(plan.delete().count(), 0);
}

#[test]
fn what_an_alarm_touches_stays() {
    let mut shelf = Shelf::new(MemoryStore::new());
    let names: Vec<_> = (0..6).map(|n| shelf.snapshot(START + n * 60, [n as u64])).collect();
    let now = at(START + DAY);
    let vault = shelf.vault();
    let alarm = |snapshot: &Snapshot| [2, 6].contains(&snapshot.manifest.seq);
    let plan = plan(&vault, &shelf.kit, &alarm, now).unwrap();
    let verdicts: Vec<_> = plan.snapshots().iter().map(|judged| judged.verdict).collect();
    let (protected, last) = (Verdict::Keep(Reason::Protected), Verdict::Keep(Reason::Last));
    // The last three do not count the one under the alarm.
    assert_eq!(verdicts, [Verdict::Keep(Reason::Yearly), protected, last, last, last, protected]);
    assert_eq!(plan.condemn().count(), 0);
    assert_eq!(plan.snapshots()[1].name, names[1]);
    assert_eq!(plan.snapshots()[1].source, "files");
}

#[test]
fn a_clock_that_is_behind_decides_nothing() {
    let mut shelf = Shelf::new(MemoryStore::new());
    shelf.snapshot(START, [1]);
    let early = shelf.try_expire(START - 120);
    assert!(matches!(early, Err(ExpiryError::ClockBehind { .. })), "the owner log is later: {early:?}");
    shelf.pack(7);
    shelf.expire(START + DAY);
    let set_back = shelf.try_expire(START + DAY - 1);
    assert!(matches!(set_back, Err(ExpiryError::ClockBehind { .. })), "a record is later: {set_back:?}");
}

#[test]
fn a_plan_that_is_out_of_date_deletes_nothing() {
    let mut shelf = Shelf::new(MemoryStore::new());
    shelf.snapshot(START, [1]);
    let orphan = shelf.pack(7);
    shelf.expire(START + DAY);
    let (vault, now) = (shelf.vault(), START + 8 * DAY);
    let old = shelf.plan(now);
    assert_eq!(old.delete().count(), 1);
    shelf.snapshot(START + 8 * DAY, [1, 7]);
    let applied = apply(&vault, &shelf.kit, &old, &shelf.store, at(now)).unwrap();
    assert_eq!((applied.deleted, applied.changed.len()), (0, 1));
    assert!(shelf.has(&orphan));
    shelf.expire(now);
    let twice = apply(&vault, &shelf.kit, &old, &shelf.store, at(now));
    assert!(matches!(twice, Err(ExpiryError::Stale)), "{twice:?}");
}

#[test]
fn a_record_that_is_lost_makes_expiry_later_and_nothing_else() {
    let store = MemoryStore::new();
    let mut shelf = Shelf::new(store.clone());
    shelf.snapshot(START, [1]);
    shelf.pack(7);
    let records = shelf.expire(START + DAY).records;
    let mut bytes = store.get(&records[0]).unwrap();
    bytes[20] ^= 1;
    store.overwrite(records[0], bytes);
    let plan = shelf.plan(START + 20 * DAY);
    assert_eq!((plan.record_faults().len(), plan.delete().count(), plan.condemn().count()), (1, 0, 1));
}

#[test]
fn a_record_that_is_missing_makes_expiry_later_and_nothing_else() {
    let store = MemoryStore::new();
    let mut shelf = Shelf::new(store.clone());
    shelf.snapshot(START, [1]);
    let (revived, orphan) = (shelf.pack(7), shelf.pack(8));
    shelf.expire(START + DAY);
    shelf.snapshot(START + DAY, [7]);
    let missing = shelf.expire(START + 2 * DAY).records[0];
    let late = shelf.pack(9);
    shelf.expire(START + 3 * DAY);
    assert_eq!(shelf.condemned().into_keys().collect::<BTreeSet<_>>(), [orphan, late].into());
    // Without the record that revived it, the first pack must not look condemned: all before is forgotten.
    store.erase(&missing).unwrap();
    let mut faults = Vec::new();
    let log = read_expiry_log(&shelf.vault(), &mut |fault| faults.push(fault)).unwrap();
    assert!(matches!(faults[..], [RecordFault::Broken { .. }]), "{faults:?}");
    assert_eq!(log.condemned.into_keys().collect::<Vec<_>>(), [late]);
    shelf.expire(START + 10 * DAY);
    assert!(shelf.has(&revived) && shelf.has(&orphan) && !shelf.has(&late));
}

#[test]
fn what_a_snapshot_needs_stays_while_it_is_only_condemned() {
    let mut shelf = Shelf::new(MemoryStore::new());
    shelf.snapshot(START, [1]);
    shelf.pack(7);
    shelf.expire(START + DAY);
    // The pack is due; a snapshot that names it came meanwhile, and goes by the rule, but not yet.
    for packs in [1, 7, 1, 1, 1] {
        shelf.snapshot(START + 8 * DAY, [packs]);
    }
    let plan = shelf.plan(START + 8 * DAY + 60);
    assert_eq!(plan.snapshots()[2].verdict, Verdict::Condemn);
    shelf.expire(START + 8 * DAY + 60);
    assert_eq!(shelf.verify().len(), 6);
    shelf.expire(START + 16 * DAY);
    assert_eq!(shelf.verify().len(), 5);
    assert!(!shelf.has(&shelf_name(&shelf, 7)));
}

#[test]
fn a_machine_cannot_condemn() {
    let store = MemoryStore::new();
    let mut shelf = Shelf::new(store.clone());
    shelf.snapshot(START, [1]);
    let orphan = shelf.pack(7);
    let record = vault::expire::ExpiryRecord {
        vault: shelf.keys.vault,
        seq: 0,
        previous: ObjectHash([0; 32]),
        time: at(START),
        condemned: vec![orphan],
        deleted: vec![],
        revived: vec![],
    };
    let object = record.sign(&[&shelf.signing()]);
    store.put(&ObjectName::Expiry(0, ObjectHash::of(&object)), &object).unwrap();
    let plan = shelf.plan(START + 20 * DAY);
    assert_eq!((plan.record_faults().len(), plan.delete().count()), (1, 0));
}

#[test]
fn a_kit_of_another_owner_deletes_nothing() {
    let mut shelf = Shelf::new(MemoryStore::new());
    shelf.snapshot(START, [1]);
    shelf.pack(7);
    let plan = shelf.plan(START + DAY);
    let (_, other) = Vault::found(Arc::new(MemoryStore::new()), &[], at(START), &SystemEntropy).unwrap();
    let mut kit = shelf.kit.clone();
    kit.owner = other.owner;
    assert!(matches!(apply(&shelf.vault(), &kit, &plan, &shelf.store, at(START + DAY)), Err(ExpiryError::Vault(_))));
    kit.owner = None;
    assert!(matches!(apply(&shelf.vault(), &kit, &plan, &shelf.store, at(START + DAY)), Err(ExpiryError::Vault(_))));
    assert!(shelf.condemned().is_empty());
}

/// Makes a history whose next expiry condemns, revives and deletes.
fn ripe(store: FaultyStore) -> Shelf<FaultyStore> {
    let mut shelf = Shelf::new(store);
    for n in 0..6 {
        shelf.snapshot(START + n * 3600, [n as u64, 100]);
    }
    shelf.pack(7);
    shelf.pack(8);
    shelf.expire(START + DAY);
    shelf.snapshot(START + 2 * DAY, [8, 100]);
    shelf.pack(9);
    shelf.store.commit().unwrap();
    shelf
}

#[test]
fn a_crash_at_any_write_loses_nothing() {
    let now = START + 9 * DAY;
    let mut crashes = 0;
    for survivors in [Survivors::Nothing, Survivors::Everything, Survivors::InOrder, Survivors::Scattered] {
        for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::Error] {
            for write in 1.. {
                let first = ripe(FaultyStore::new(FaultPlan::default()));
                let faults = vec![(Moment::Write(write), fault)];
                let plan = FaultPlan { seed: write, faults, survivors, ..FaultPlan::default() };
                let shelf = first.reopened(first.store.reopen(plan));
                let result = shelf.try_expire(now);
                let struck = shelf.store.struck() > 0;
                let after = shelf.reopened(shelf.store.reopen(FaultPlan::default()));
                after.verify();
                assert!(after.has(&shelf_name(&after, 8)));
                assert!(result.is_err() || !struck, "{result:?}");
                after.expire(now);
                after.verify();
                // Wherever it stopped, in the end the same is gone.
                assert!(!after.has(&shelf_name(&after, 7)) && after.has(&shelf_name(&after, 9)));
                assert_eq!(after.verify().len(), 5);
                after.expire(now + 8 * DAY);
                assert!(!after.has(&shelf_name(&after, 9)));
                if !struck {
                    break;
                }
                crashes += 1;
            }
        }
    }
    assert!(crashes > 60, "{crashes}");
}

#[test]
fn every_snapshot_that_is_kept_opens_and_restores() {
    let store = MemoryStore::new();
    let rig = Rig::over(Arc::new(store.clone()));
    let begin = rig.now();
    let mut truths = BTreeMap::new();
    let mut deleted = 0;
    for step in 0..60u64 {
        let now = begin + step as i64 * 3 * DAY;
        rig.set_clock(now);
        rig.write("changing", &noise(step, 20_000));
        rig.write("constant", &noise(1_000_000, 20_000));
        rig.write(&format!("added/{step}"), &noise(step + 500, 3000));
        if step >= 10 {
            fs::remove_file(rig.source().join(format!("added/{}", step - 10))).unwrap();
        }
        let outcome = rig.backup();
        truths.insert(outcome.seq, read_folder(&rig.source()));
        if step % 4 == 3 {
            let vault = rig.vault();
            let plan = plan(&vault, &rig.kit, &|_| false, at(now)).unwrap();
            deleted += apply(&vault, &rig.kit, &plan, &store, at(now)).unwrap().deleted;
            for snapshot in rig.snapshots() {
                let seq = snapshot.manifest.seq;
                assert!(rig.contents(&snapshot) == truths[&seq], "snapshot {seq} after step {step}");
            }
        }
    }
    assert!(deleted > 20, "{deleted}");
    assert!(rig.snapshots().len() < 45, "{}", rig.snapshots().len());
}

#[test]
fn a_backup_whose_packs_vanish_meanwhile_makes_no_snapshot() {
    /// Deletes all packs when the first entry is complete.
    struct Thief(MemoryStore, AtomicBool);
    impl Monitor for Thief {
        fn read(&self, _: u64) {}
        fn entry(&self, _: u64) {
            if !self.1.swap(true, Ordering::SeqCst) {
                for name in self.0.names() {
                    if matches!(name, ObjectName::Hashed(_, HashedKind::Pack, _)) {
                        self.0.erase(&name).unwrap();
                    }
                }
            }
        }
        fn directory(&self, _: &[u8]) {}
        fn remark(&self, _: Remark) {}
        fn stopping(&self) -> bool {
            false
        }
    }

    let store = MemoryStore::new();
    let rig = Rig::over(Arc::new(store.clone()));
    rig.write("file", &noise(1, 50_000));
    rig.backup();
    let stolen = rig.try_backup(&Thief(store, AtomicBool::new(false)));
    assert!(matches!(stolen, Err(BackupError::Vanished { count: 1.. })), "{stolen:?}");
    assert_eq!(rig.snapshots().len(), 1);
    rig.backup();
    assert!(rig.contents(&rig.snapshots()[1]) == read_folder(&rig.source()));
}

#[test]
fn while_a_backup_runs_nothing_of_its_strand_goes() {
    /// Lets go of what it may, at every entry of a backup.
    struct Desk<'r>(&'r Rig, MemoryStore, Mutex<Vec<(ExpiryPlan, Applied)>>);
    impl Monitor for Desk<'_> {
        fn read(&self, _: u64) {}
        fn entry(&self, _: u64) {
            let (vault, now) = (self.0.vault(), at(self.0.now()));
            let plan = plan(&vault, &self.0.kit, &|_| false, now).unwrap();
            let applied = apply(&vault, &self.0.kit, &plan, &self.1, now).unwrap();
            self.2.lock().unwrap().push((plan, applied));
        }
        fn directory(&self, _: &[u8]) {}
        fn remark(&self, _: Remark) {}
        fn stopping(&self) -> bool {
            false
        }
    }

    let store = MemoryStore::new();
    let mut rig = Rig::over(Arc::new(store.clone()));
    rig.options.jobs = 1;
    rig.write("old", &noise(1, 50_000));
    rig.backup();
    fs::rename(rig.source().join("old"), rig.source().with_file_name("aside")).unwrap();
    for n in 0..4 {
        rig.write("file", &noise(2 + n, 5000));
        rig.backup();
    }
    let expire = || {
        let vault = rig.vault();
        let plan = plan(&vault, &rig.kit, &|_| false, at(rig.now())).unwrap();
        apply(&vault, &rig.kit, &plan, &store, at(rig.now())).unwrap()
    };
    // Years later the first snapshot is condemned, and due when the old file turns up again.
    rig.set_clock(rig.now() + 9 * 365 * DAY);
    assert!(expire().condemned > 0);
    rig.set_clock(rig.now() + 8 * DAY);
    fs::rename(rig.source().with_file_name("aside"), rig.source().join("old")).unwrap();
    let desk = Desk(&rig, store.clone(), Mutex::default());
    let outcome = rig.try_backup(&desk).unwrap();
    let seen = desk.2.into_inner().unwrap();
    assert!(!seen.is_empty());
    for (plan, applied) in &seen {
        assert!(matches!(plan.held()[..], [Held { hold: Hold::Lease { .. }, .. }]), "{plan:?}");
        assert_eq!(applied.deleted, 0);
    }
    assert!(outcome.counts.new_bytes < 40_000, "the old file's packs were reused: {:?}", outcome.counts);
    expire();
    rig.set_clock(rig.now() + 8 * DAY);
    assert!(expire().deleted > 0);
    assert!(rig.contents(rig.snapshots().last().unwrap()) == read_folder(&rig.source()));
}

#[test]
fn the_store_may_refuse() {
    let shelf = ripe(FaultyStore::new(FaultPlan::default()));
    shelf.store.crash();
    assert!(matches!(shelf.store.head(&ObjectName::Vault), Err(StoreError::Io { .. })));
    assert!(shelf.try_expire(START + 9 * DAY).is_err());
}
