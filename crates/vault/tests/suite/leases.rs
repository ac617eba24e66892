//! Backups that last longer than their first lease.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use vault::backup::{Monitor, Remark};
use vault::expire::Hold;
use vault::lease::{LEASE_SECONDS, Lease};
use vault::name::{NumberedKind, ObjectName};
use vault::store::{MemoryStore, Store};

use crate::rig::{Rig, noise};
use crate::shelf::{DAY, START, Shelf};

const HOUR: i64 = 3600;

/// A machine whose vault can be looked into.
struct Desk {
    rig: Rig,
    store: Arc<MemoryStore>,
}

impl Desk {
    fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        Self { rig: Rig::over(Arc::clone(&store) as Arc<dyn Store>), store }
    }

    /// The leases for the snapshot of that number, in the order of their beginnings.
    fn leases(&self, number: u64) -> Vec<Lease> {
        let agent = self.rig.vault().enrolment(&self.rig.keys.strand).unwrap().agent;
        let mut leases = Vec::new();
        for name in self.store.names() {
            if let ObjectName::Numbered(_, NumberedKind::Lease, seq, _) = name {
                let lease = Lease::open(&self.store.get(&name).unwrap(), &agent).unwrap();
                assert_eq!((lease.seq, lease.until.seconds() - lease.from.seconds()), (seq, LEASE_SECONDS));
                leases.push(lease);
            }
        }
        leases.retain(|lease| lease.seq == number);
        leases.sort_by_key(|lease| lease.from);
        leases
    }
}

/// Lets the clock of a machine go on by what was read.
struct SlowDisk<'d> {
    desk: &'d Desk,
    seconds_per_mebibyte: i64,
}

impl Monitor for SlowDisk<'_> {
    fn read(&self, bytes: u64) {
        let seconds = bytes as i64 * self.seconds_per_mebibyte / (1 << 20);
        self.desk.rig.set_clock(self.desk.rig.now() + seconds);
    }
    fn entry(&self, _: u64) {}
    fn directory(&self, _: &[u8]) {}
    fn remark(&self, _: Remark) {}
    fn stopping(&self) -> bool {
        false
    }
}

#[test]
fn a_backup_of_days_is_under_a_lease_all_the_time() {
    let mut desk = Desk::new();
    desk.rig.options.jobs = 1;
    let mebibytes = 72;
    for number in 0..mebibytes {
        desk.rig.write(&format!("{number:02}"), &noise(number, 1 << 20));
    }
    // Some five days; a pack is full about every day.
    let outcome = desk.rig.try_backup(&SlowDisk { desk: &desk, seconds_per_mebibyte: HOUR * 5 / 3 }).unwrap();
    let leases = desk.leases(1);
    assert_eq!(leases[0].from, outcome.started);
    assert!(outcome.finished > leases[0].until && leases.len() >= 3, "{leases:?}");
    for pair in leases.windows(2) {
        assert!(pair[0].from.seconds() + LEASE_SECONDS / 2 <= pair[1].from.seconds(), "{pair:?}");
        assert!(pair[1].from < pair[0].until, "{pair:?}");
    }
    assert!(outcome.finished < leases.last().unwrap().until);
    assert_eq!(desk.rig.snapshots().len(), 1);
}

/// Lets a long time pass at the first file, and waits until that file's lease is there.
struct LongRead<'d> {
    desk: &'d Desk,
    was_put: AtomicBool,
}

impl Monitor for LongRead<'_> {
    fn read(&self, _: u64) {}
    fn entry(&self, _: u64) {
        if self.was_put.load(Ordering::SeqCst) {
            return;
        }
        self.desk.rig.set_clock(self.desk.rig.now() + LEASE_SECONDS / 2);
        let begun = Instant::now();
        while self.desk.leases(2).len() < 2 && begun.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(10));
        }
        self.was_put.store(self.desk.leases(2).len() == 2, Ordering::SeqCst);
    }
    fn directory(&self, _: &[u8]) {}
    fn remark(&self, _: Remark) {}
    fn stopping(&self) -> bool {
        false
    }
}

#[test]
fn a_backup_that_writes_nothing_puts_its_lease_again_too() {
    let desk = Desk::new();
    desk.rig.write("a", b"1");
    desk.rig.backup();
    assert_eq!(desk.leases(1).len(), 1);
    let long = LongRead { desk: &desk, was_put: AtomicBool::new(false) };
    let outcome = desk.rig.try_backup(&long).unwrap();
    assert_eq!(outcome.counts.stored_bytes, 0);
    assert!(long.was_put.load(Ordering::SeqCst), "while the backup ran");
    assert_eq!(desk.leases(2).len(), 2);
}

#[test]
fn a_clock_that_is_set_back_takes_no_lease_away() {
    let desk = Desk::new();
    desk.rig.write("a", &noise(1, 1 << 20));
    let outcome = desk.rig.try_backup(&SlowDisk { desk: &desk, seconds_per_mebibyte: -HOUR }).unwrap();
    assert!(outcome.finished < outcome.started);
    let leases = desk.leases(1);
    assert_eq!(leases.last().unwrap().from, outcome.started);
    assert!(leases[0].from <= outcome.finished && outcome.finished < leases[0].until, "{leases:?}");
}

#[test]
fn a_lease_that_was_put_again_holds_longer() {
    let mut shelf = Shelf::new(MemoryStore::new());
    shelf.snapshot(START, [1]);
    let orphan = shelf.pack(7);
    shelf.expire(START + DAY);
    shelf.lease(2, START + 7 * DAY);
    shelf.expire(START + 8 * DAY);
    shelf.lease(2, START + 8 * DAY);
    shelf.expire(START + 9 * DAY);
    let held = shelf.plan(START + 15 * DAY);
    assert!(matches!(held.held()[0].hold, Hold::Lease { seq: 2 }), "{held:?}");
    assert_eq!(held.delete().count(), 0);
    shelf.expire(START + 16 * DAY);
    assert!(!shelf.has(&orphan));
}
