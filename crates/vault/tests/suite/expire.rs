//! Snapshots are let go by rule, in two phases, and never anything that is needed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use vault::backup::{BackupError, Monitor, Remark};
use vault::expire::{
    Applied, ExpiryError, ExpiryPlan, Held, Hold, Reason, RecordFault, Verdict, apply, plan, read_expiry_log,
};
use vault::id::ObjectHash;
use vault::name::{HashedKind, ObjectName};
use vault::owner_log::Act;
use vault::snapshots::read_snapshots;
use vault::store::{Erase, Fault, FaultPlan, FaultyStore, MemoryStore, Moment, Store, StoreError, Survivors};
use vault::vault::Vault;

use crate::rig::{Rig, SystemEntropy, noise, read_folder};
use crate::shelf::{DAY, START, Shelf, at, shelf_name};

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
fn nothing_of_a_machine_goes_while_its_alarm_is_not_answered() {
    let mut shelf = Shelf::new(MemoryStore::new());
    for (minute, level) in [0, 0, 1, 2, 0, 0, 0].into_iter().enumerate() {
        shelf.alarm_level = level;
        shelf.snapshot(START + minute as i64 * 60, [minute as u64]);
    }
    let now = START + 400 * DAY;
    let protected = |plan: &ExpiryPlan| {
        plan.snapshots().iter().filter(|judged| judged.verdict == Verdict::Keep(Reason::Protected)).count()
    };
    let frozen = shelf.plan(now);
    assert_eq!((protected(&frozen), frozen.condemn().count()), (7, 0));

    let mut vault = shelf.vault();
    let ringing = read_snapshots(&vault, shelf.keys.strand, &mut |fault| panic!("{fault}")).unwrap();
    let ringing: Vec<_> = ringing.iter().filter(|snapshot| snapshot.is_unanswered(vault.log())).cloned().collect();
    assert_eq!(ringing.iter().map(|snapshot| snapshot.manifest.seq).collect::<Vec<_>>(), [4]);
    let answer = |alarm: &ObjectHash| Act::Answered { alarm: alarm.0.to_vec(), reason: "an exercise".into() };
    // An answer to something else changes nothing.
    vault.act(&shelf.kit, at(now - 20), answer(&ObjectHash([7; 32]))).unwrap();
    assert_eq!(protected(&shelf.plan(now)), 7);
    vault.act(&shelf.kit, at(now - 10), answer(&ringing[0].hash)).unwrap();
    let free = shelf.plan(now);
    assert_eq!(protected(&free), 0);
    assert!(free.condemn().count() > 0, "{free:?}");
    assert_eq!(shelf.vault().log().answers.last().unwrap().reason, "an exercise");
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
            let plan = plan(&vault, &rig.kit, at(now)).unwrap();
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
            let plan = plan(&vault, &self.0.kit, now).unwrap();
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
        let plan = plan(&vault, &rig.kit, at(rig.now())).unwrap();
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
