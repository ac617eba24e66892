//! Where a strand ends: snapshots that were taken away from its end, and those that somebody adds to it.

use vault::backup::{BackupError, Remark};
use vault::bytes::SigningKey;
use vault::check::{Damage, check};
use vault::expire::ExpiryRecord;
use vault::id::ObjectHash;
use vault::manifest::{Counts, Manifest};
use vault::name::{NumberedKind, ObjectName};
use vault::secret::SecretKey;
use vault::snapshots::{SnapshotFault, read_snapshots};
use vault::store::{Erase, Store};
use vault::world::Timestamp;

use crate::damage::{Quiet, READ_ALL};
use crate::rig::Notes;
use crate::threats::{NOW, Theft, neighbour};

#[test]
fn the_agent_misses_its_newest_snapshot_and_gives_no_number_twice() {
    let theft = Theft::new();
    let newest = theft.rig.snapshots()[1].name();
    let bytes = theft.store.get(&newest).unwrap();
    theft.store.erase(&newest).unwrap();
    assert!(theft.faults().is_empty(), "the vault alone does not show it");
    let notes = Notes::default();
    assert_eq!(theft.rig.try_backup(&notes).unwrap().seq, 3);
    assert!(matches!(notes.0.lock().unwrap()[..], [Remark::VaultForgot { seq: 2 }]));
    // From now on the vault shows it: the next snapshot follows one that is not there, and did not expire.
    assert_eq!(theft.rig.snapshots()[1].manifest.previous, newest.hash());
    let report = check(&theft.rig.vault(), Some(&theft.rig.kit), &READ_ALL, &theft.rig.scratch(), &Quiet).unwrap();
    assert!(report.faults.iter().any(|fault| fault.object == Some(newest) && matches!(fault.what, Damage::Missing)));
    // It is told once; and a copy of what was taken fits in again.
    let notes = Notes::default();
    assert_eq!(theft.rig.try_backup(&notes).unwrap().seq, 4);
    assert!(notes.0.lock().unwrap().is_empty());
    theft.store.put(&newest, &bytes).unwrap();
    assert!(theft.faults().is_empty());
    // All of them away, and one of another in the place of the last.
    for snapshot in theft.rig.snapshots() {
        theft.store.erase(&snapshot.name()).unwrap();
    }
    let notes = Notes::default();
    assert_eq!(theft.rig.try_backup(&notes).unwrap().seq, 5);
    assert!(matches!(notes.0.lock().unwrap()[..], [Remark::VaultForgot { seq: 4 }]));
}

/// Takes the newest snapshot away under an expiry record of eight days ago, signed by the owner unless `signer` is another,
/// and returns whether the agent misses it.
fn misses(words: impl FnOnce(ObjectName, &mut ExpiryRecord), signer: Option<&SigningKey>) -> bool {
    let theft = Theft::new();
    let newest = theft.rig.snapshots()[1].name();
    let mut record = ExpiryRecord {
        vault: theft.keys.vault,
        seq: 0,
        previous: ObjectHash([0; 32]),
        time: days_ago(8),
        condemned: Vec::new(),
        deleted: Vec::new(),
        revived: Vec::new(),
    };
    words(newest, &mut record);
    let object = record.sign(&[signer.or(theft.rig.kit.owner.as_ref()).unwrap()]);
    theft.store.put(&ObjectName::Expiry(0, ObjectHash::of(&object)), &object).unwrap();
    theft.store.erase(&newest).unwrap();
    let notes = Notes::default();
    // Missed or not: no number is given twice.
    assert_eq!(theft.rig.try_backup(&notes).unwrap().seq, 3);
    assert_eq!(theft.rig.snapshots()[1].manifest.previous, newest.hash());
    let notes = notes.0.into_inner().unwrap();
    assert!(notes.iter().all(|note| matches!(note, Remark::VaultForgot { seq: 2 })), "{notes:?}");
    !notes.is_empty()
}

/// By the clock of the machines that [`Theft`] makes.
fn days_ago(days: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_100 - days * 24 * 3600)
}

#[test]
fn the_agent_does_not_miss_what_owners_let_go() {
    assert!(misses(|_, _| {}, None));
    assert!(!misses(|newest, record| record.deleted = vec![newest], None));
    // Whoever deleted it may have died before he signed that it is gone.
    assert!(!misses(|newest, record| record.condemned = vec![newest], None));
    // Nobody may delete it so early.
    let condemned_lately = |newest, record: &mut ExpiryRecord| {
        record.condemned = vec![newest];
        record.time = days_ago(6);
    };
    assert!(misses(condemned_lately, None));
    let revived = |newest, record: &mut ExpiryRecord| {
        record.condemned = vec![newest];
        record.revived = vec![newest];
    };
    assert!(misses(revived, None));
    let stranger = SigningKey::new(SecretKey::new([9; 32]));
    assert!(misses(|newest, record| record.deleted = vec![newest], Some(&stranger)));
}

#[test]
fn what_takes_the_place_of_a_deleted_snapshot_is_told() {
    let theft = Theft::new();
    let newest = theft.rig.snapshots()[1].clone();
    let record = ExpiryRecord {
        vault: theft.keys.vault,
        seq: 0,
        previous: ObjectHash([0; 32]),
        time: days_ago(8),
        condemned: Vec::new(),
        deleted: vec![newest.name()],
        revived: Vec::new(),
    };
    let object = record.sign(&[theft.rig.kit.owner.as_ref().unwrap()]);
    theft.store.put(&ObjectName::Expiry(0, ObjectHash::of(&object)), &object).unwrap();
    theft.store.erase(&newest.name()).unwrap();
    let counts = Counts { files: 9, ..newest.manifest.counts };
    theft.put_manifest(&Manifest { counts, ..newest.manifest });
    let notes = Notes::default();
    theft.rig.try_backup(&notes).unwrap();
    assert!(matches!(notes.0.lock().unwrap()[..], [Remark::VaultForgot { seq: 2 }]));
}

#[test]
fn what_a_retired_agent_signs_does_not_count() {
    let theft = Theft::new();
    theft.rig.vault().retire(&theft.rig.kit, theft.keys.strand, "taken", NOW).unwrap();
    assert!(matches!(theft.rig.try_backup(&Notes::default()), Err(BackupError::Retired { .. })));
    let before = theft.rig.snapshots();
    let last = &before[1];
    // After the last, in its place, and far beyond.
    for (seq, previous) in [(3, Some(last.hash)), (2, Some(before[0].hash)), (9_999_999_999, None)] {
        let counts = Counts { files: seq, ..last.manifest.counts };
        theft.put_manifest(&Manifest { seq, previous, counts, ..last.manifest.clone() });
    }
    let mut faults = Vec::new();
    let snapshots = read_snapshots(&theft.rig.vault(), theft.keys.strand, &mut |fault| faults.push(fault)).unwrap();
    assert_eq!(snapshots, before);
    assert_eq!(faults.iter().filter(|fault| matches!(fault, SnapshotFault::AfterRetirement { .. })).count(), 3);
    let report = check(&theft.rig.vault(), Some(&theft.rig.kit), &READ_ALL, &theft.rig.scratch(), &Quiet).unwrap();
    assert_eq!(report.faults.len(), 3);
    assert!(report.hurt.is_empty() && report.faults.iter().all(|fault| matches!(fault.what, Damage::AfterRetirement)));
}

#[test]
fn what_cannot_be_read_when_a_strand_is_retired_counts_by_its_hash() {
    let theft = Theft::new();
    let before = theft.rig.snapshots();
    let name = before[1].name();
    let bytes = theft.store.get(&name).unwrap();
    theft.store.overwrite(name, b"rotten here, whole in the copy".to_vec());
    theft.rig.vault().retire(&theft.rig.kit, theft.keys.strand, "taken", NOW).unwrap();
    theft.store.overwrite(name, bytes);
    assert_eq!(theft.rig.snapshots(), before);
    // A machine that made nothing made nothing.
    let other = neighbour(&theft.rig);
    theft.rig.vault().retire(&theft.rig.kit, other.keys.strand, "never used", NOW).unwrap();
    let object = Manifest { seq: 1, previous: None, strand: other.keys.strand, ..before[0].manifest.clone() }
        .sign(&SigningKey::new(other.keys.signing_seed.clone()));
    let name = ObjectName::Numbered(other.keys.strand, NumberedKind::Snapshot, 1, ObjectHash::of(&object));
    theft.store.put(&name, &object).unwrap();
    let mut faults = Vec::new();
    assert!(read_snapshots(&theft.rig.vault(), other.keys.strand, &mut |fault| faults.push(fault)).unwrap().is_empty());
    assert!(matches!(faults[..], [SnapshotFault::AfterRetirement { .. }]));
}
