//! Packs that are mostly dead, or small and many: what is still used in them is sent again, in time and not before.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::PoisonError;

use rustix::thread::{CapabilitySet, capabilities, set_capabilities};
use vault::backup::{Outcome, Remark};
use vault::id::ObjectHash;
use vault::list::Needed;
use vault::snapshots::{Snapshot, needed};
use vault::source::SourceError;

use crate::rig::{Notes, Rig, noise, read_folder};

const DAY: i64 = 86_400;
const START: i64 = 1_700_000_100;

fn at_day(rig: &Rig, day: i64) {
    rig.set_clock(START + day * DAY);
}

/// Backs up on a day; returns also what was used in packs that were said to be worn, in bytes.
fn backup_on(rig: &Rig, day: i64) -> (Outcome, u64) {
    at_day(rig, day);
    let notes = Notes::default();
    let outcome = rig.try_backup(&notes).unwrap();
    let remarks = notes.0.into_inner().unwrap_or_else(PoisonError::into_inner);
    let worn = remarks.iter().map(|remark| match remark {
        Remark::WornPacks { bytes, .. } => *bytes,
        other => panic!("{other:?}"),
    });
    (outcome, worn.sum())
}

fn packs(rig: &Rig, snapshot: &Snapshot) -> BTreeSet<ObjectHash> {
    let (names, _) = needed(rig.store.as_ref(), &snapshot.manifest, &mut |fault| panic!("{fault}"));
    names.iter().filter_map(Needed::pack).collect()
}

/// Twenty files of 40 KB in one pack.
fn write_files(rig: &Rig) {
    for n in 0..20 {
        rig.write(&format!("file-{n:02}"), &noise(n, 40_000));
    }
}

fn remove_files(rig: &Rig, numbers: std::ops::Range<u64>) {
    numbers.for_each(|n| fs::remove_file(rig.source().join(format!("file-{n:02}"))).unwrap());
}

#[test]
fn what_lives_in_a_dead_pack_is_sent_again_after_five_weeks() {
    let rig = Rig::new();
    write_files(&rig);
    backup_on(&rig, 0);
    remove_files(&rig, 0..19);
    for day in 1..36 {
        let (outcome, worn) = backup_on(&rig, day);
        assert!(worn == 0 && outcome.counts.new_bytes < 4096, "day {day}: {:?}", outcome.counts);
    }
    let (outcome, worn) = backup_on(&rig, 36);
    assert_eq!((worn, outcome.counts.changed, outcome.counts.added), (40_000, 0, 0));
    assert!((40_000..50_000).contains(&outcome.counts.new_bytes), "{:?}", outcome.counts);
    let (outcome, worn) = backup_on(&rig, 37);
    assert!(worn == 0 && outcome.counts.new_bytes < 4096, "{:?}", outcome.counts);

    let snapshots = rig.snapshots();
    let first = rig.contents(&snapshots[0]);
    assert_eq!(first.len(), 20);
    let (data, last) = (packs(&rig, &snapshots[1]), packs(&rig, snapshots.last().unwrap()));
    let large = data.iter().find(|pack| packs(&rig, &snapshots[0]).contains(pack)).unwrap();
    assert!(!last.contains(large), "the old pack can die now");
    assert_eq!(rig.contents(snapshots.last().unwrap()), read_folder(&rig.source()));
}

#[test]
fn what_comes_back_within_five_weeks_or_later_is_not_sent_again() {
    let rig = Rig::new();
    write_files(&rig);
    backup_on(&rig, 0);
    // Everything is encrypted in place, and put back.
    for n in 0..20 {
        rig.write(&format!("file-{n:02}"), &noise(1000 + n, 40_000));
    }
    backup_on(&rig, 1);
    for day in [10, 80] {
        write_files(&rig);
        let (outcome, worn) = backup_on(&rig, day);
        assert!(worn == 0 && outcome.counts.new_bytes < 20_000, "day {day}: {:?}", outcome.counts);
        assert_eq!(outcome.counts.changed, 20);
        for n in 0..20 {
            rig.write(&format!("file-{n:02}"), &noise(1000 + n, 40_000));
        }
        backup_on(&rig, day + 1);
    }
}

#[test]
fn what_changed_of_large_files_lies_apart() {
    let rig = Rig::new();
    write_files(&rig);
    rig.write("register", &noise(300, 300_000));
    backup_on(&rig, 0);
    for day in 1..4 {
        rig.write("register", &noise(300 + day, 300_000));
        rig.write("file-03", &noise(500 + day, 40_000));
        rig.write(&format!("letter-{day}"), &noise(400 + day, 40_000));
        backup_on(&rig, day as i64);
    }
    let snapshots = rig.snapshots();
    let named: Vec<_> = snapshots.iter().map(|snapshot| packs(&rig, snapshot)).collect();
    for day in 1..3 {
        let new: BTreeSet<_> = named[day].difference(&named[day - 1]).copied().collect();
        assert_eq!(new.len(), 3, "small files, the register, and nodes");
        // The register changed again, and the nodes with it; a letter of that day stays.
        assert_eq!(new.intersection(&named[day + 1]).count(), 1, "day {day}");
    }
    assert_eq!(rig.contents(snapshots.last().unwrap()), read_folder(&rig.source()));
}

#[test]
fn small_packs_do_not_pile_up() {
    let rig = Rig::new();
    write_files(&rig);
    let mut sent_again = 0;
    for day in 0..150 {
        rig.write(&format!("letters/of-day-{day}"), &noise(5000 + day as u64, 3000));
        sent_again += backup_on(&rig, day).1;
    }
    let snapshots = rig.snapshots();
    let last = snapshots.last().unwrap();
    let count = packs(&rig, last).len();
    // Two packs a day would be 300. At most 35 days' packs wait to be old enough, and 32 of a size may stay.
    assert!(count < 2 * (35 + 32) + 8, "{count} packs");
    assert!((150 * 1000..150 * 3000 * 3).contains(&sent_again), "{sent_again} bytes");
    assert_eq!(rig.contents(last), read_folder(&rig.source()));
}

#[test]
fn a_source_keeps_alive_what_another_does_not_use_also_when_the_state_was_lost() {
    let mut rig = Rig::new();
    write_files(&rig);
    (20..80).for_each(|n| rig.write(&format!("file-{n:02}"), &noise(n, 40_000)));
    backup_on(&rig, 0);
    rig.options.source = "mail".into();
    remove_files(&rig, 0..15);
    remove_files(&rig, 20..80);
    backup_on(&rig, 1);
    fs::remove_dir_all(rig.state().join("vaults")).unwrap();
    at_day(&rig, 2);
    let outcome = rig.backup();
    assert!(outcome.counts.new_bytes < 4096, "{:?}", outcome.counts);
    // The first source is not walked any more; its newest snapshot uses the pack all the same.
    for day in [3, 40, 80] {
        let (outcome, worn) = backup_on(&rig, day);
        assert!(worn == 0 && outcome.counts.new_bytes < 4096, "day {day}: {:?}", outcome.counts);
    }
    // Once it is walked again and has lost most, the pack is worn five weeks later: what the other uses counts too.
    remove_files(&rig, 15..18);
    rig.options.source = "files".into();
    backup_on(&rig, 81);
    let (outcome, worn) = backup_on(&rig, 120);
    assert_eq!(worn, 7 * 40_000);
    assert!((80_000..90_000).contains(&outcome.counts.new_bytes), "{:?}", outcome.counts);
}

#[test]
fn packs_of_an_interrupted_backup_are_not_worn() {
    let rig = Rig::new();
    write_files(&rig);
    backup_on(&rig, 0);
    for n in 20..40 {
        rig.write(&format!("file-{n:02}"), &noise(n, 40_000));
    }
    // A stream that fails puts its packs and makes no snapshot: the next run adopts or reuses them.
    at_day(&rig, 1);
    rig.try_stream(&noise(77, 400_000), false).unwrap_err();
    let (outcome, worn) = backup_on(&rig, 60);
    assert_eq!(worn, 0);
    assert!(outcome.counts.new_bytes > 790_000);
    at_day(&rig, 61);
    let outcome = rig.try_stream(&noise(77, 400_000), true).unwrap();
    assert!(outcome.counts.new_bytes < 8192, "{:?}", outcome.counts);
}

/// Works as a root who may not read what its owner may not: the right to is taken from this thread.
fn without_override<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let limited = || {
        let override_rights = CapabilitySet::DAC_OVERRIDE | CapabilitySet::DAC_READ_SEARCH;
        let mut sets = capabilities(None).unwrap();
        sets.effective.remove(override_rights);
        set_capabilities(None, sets).unwrap();
        work()
    };
    std::thread::scope(|scope| scope.spawn(limited).join().unwrap())
}

#[test]
fn a_file_that_cannot_be_read_again_stays_as_it_was() {
    assert!(rustix::process::geteuid().is_root(), "only root can read a file that nobody may read: run this as root");
    let mut rig = Rig::new();
    write_files(&rig);
    let closed = rig.source().join("file-07");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    rig.options.reread_one_in = 1;
    rig.backup();
    let notes = Notes::default();
    without_override(|| rig.try_backup(&notes)).unwrap();
    let remarks = notes.0.into_inner().unwrap();
    let is_denied = |error: &SourceError| matches!(error, SourceError::Denied { .. });
    assert!(matches!(&remarks[..], [Remark::Unreadable(error)] if is_denied(error)), "{remarks:?}");
    let snapshots = rig.snapshots();
    assert_eq!(snapshots[1].manifest.counts.unreadable, 1);
    assert_eq!(rig.contents(&snapshots[1]), read_folder(&rig.source()));

    // One that did change is not what was kept before, and is left out.
    fs::write(&closed, noise(9999, 50_000)).unwrap();
    without_override(|| rig.try_backup(&Notes::default())).unwrap();
    let contents = rig.contents(rig.snapshots().last().unwrap());
    assert!(!contents.contains_key(b"file-07".as_slice()) && contents.len() == 19);
}
