//! Who may do what: the owner log, recipients, machines.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::signature::Ed25519KeyPair;
use vault::backup::{BackupError, Remark};
use vault::bytes::{FormatError, SigningKey};
use vault::check::check;
use vault::copy::copy;
use vault::envelope::Identity;
use vault::id::{ObjectHash, StrandId};
use vault::kit::RecoveryKit;
use vault::name::{NumberedKind, ObjectName};
use vault::owner_log::{Act, Founding, LastKept, OwnerEntry, OwnerLog, OwnerLogError, OwnerLogFault};
use vault::read::StrandReader;
use vault::secret::SecretKey;
use vault::snapshots::{Snapshot, SnapshotFault, read_snapshots};
use vault::state::{AgentKeys, StateFolder};
use vault::store::{MemoryStore, Store};
use vault::vault::{Vault, VaultError};
use vault::world::Timestamp;

use crate::copy::{QUICK, Watcher};
use crate::damage::{Quiet, READ_ALL};
use crate::rig::{Notes, Rig, SystemEntropy, noise, read_folder, same_keys};

const NOW: Timestamp = Timestamp(1_700_000_200_000_000_000);

fn policy(map: u8) -> Act {
    Act::Policy { map: vec![0xa1, 0, map] }
}

fn put_entry(store: &dyn Store, entry: &OwnerEntry, owners: &[&SigningKey]) {
    let object = entry.sign(owners);
    store.put(&ObjectName::Owner(entry.seq, ObjectHash::of(&object)), &object).unwrap();
}

fn open_error(store: &MemoryStore) -> OwnerLogError {
    match Vault::open(Arc::new(store.clone())) {
        Err(VaultError::OwnerLog(error)) => error,
        other => panic!("{:?}", other.map(|vault| vault.id())),
    }
}

/// Names what lies in the owner log's folder and does not count.
fn faults(store: &MemoryStore) -> Vec<OwnerLogFault> {
    Vault::open(Arc::new(store.clone())).unwrap().log().faults.clone()
}

/// The owner's entries with a number, by name.
fn entries(store: &MemoryStore, wanted: u64) -> Vec<ObjectName> {
    let names = store.names().into_iter();
    names.filter(|name| matches!(name, ObjectName::Owner(seq, _) if *seq == wanted)).collect()
}

fn rig() -> (Rig, MemoryStore) {
    let store = MemoryStore::new();
    (Rig::over(Arc::new(store.clone())), store)
}

#[test]
fn a_fork_of_the_owner_log_is_refused() {
    let (rig, store) = rig();
    let (first, second) = (rig.vault(), rig.vault());
    let owner = rig.kit.owner.as_ref().unwrap();
    put_entry(&store, &first.log().next(NOW, policy(1)), &[owner]);
    put_entry(&store, &second.log().next(NOW, policy(2)), &[owner]);
    assert!(matches!(open_error(&store), OwnerLogError::Fork { seq: 2 }));
    assert!(matches!(rig.try_backup(&Notes::default()), Err(BackupError::Vault(_)) | Err(BackupError::Store(_))));
}

#[test]
fn two_desks_at_once_do_not_fork() {
    let (rig, _) = rig();
    let (mut first, mut second) = (rig.vault(), rig.vault());
    first.act(&rig.kit, NOW, policy(1)).unwrap();
    assert!(matches!(second.act(&rig.kit, NOW, policy(2)), Err(VaultError::Raced)));
    assert_eq!(rig.vault().log().next_seq, 3);
}

#[test]
fn an_entry_that_another_signs_does_not_count() {
    let (rig, store) = rig();
    let stranger = SigningKey::new(SecretKey::random(&SystemEntropy));
    put_entry(&store, &rig.vault().log().next(NOW, policy(1)), &[&stranger]);
    assert!(matches!(faults(&store)[..], [OwnerLogFault::Unsigned { name: ObjectName::Owner(2, _) }]));
    // A kit with such a key is refused before anything is written.
    let (other, names) = (self::rig().0, store.names());
    let vault = other.vault();
    let kit = RecoveryKit { owner: Some(stranger), vault: None, ..other.kit.clone() };
    assert!(matches!(vault.owner(&kit), Err(VaultError::NotAnOwner)));
    assert!(matches!(vault.owner(&rig.kit), Err(VaultError::WrongKit { .. })));
    let kit = RecoveryKit { owner: None, ..other.kit.clone() };
    assert!(matches!(vault.owner(&kit), Err(VaultError::NoOwnerKey)));
    assert_eq!(store.names(), names);
}

#[test]
fn an_entry_of_another_vault_does_not_count() {
    let (rig, store) = rig();
    let owner = rig.kit.owner.as_ref().unwrap();
    let other = self::rig().0;
    let entry = OwnerEntry { vault: other.vault().id(), ..rig.vault().log().next(NOW, policy(1)) };
    put_entry(&store, &entry, &[owner]);
    assert!(matches!(faults(&store)[..], [OwnerLogFault::Broken { name: ObjectName::Owner(2, _) }]));
}

#[test]
fn the_log_of_another_vault_does_not_replay_here() {
    let (_, store) = rig();
    let (_, other) = rig();
    let (mine, theirs) = (entries(&store, 1)[0], entries(&other, 1)[0]);
    let foreign = other.get(&theirs).unwrap();
    vault::store::Erase::erase(&store, &mine).unwrap();
    store.put(&theirs, &foreign).unwrap();
    assert!(matches!(faults(&store)[..], [OwnerLogFault::Unsigned { name: ObjectName::Owner(1, _) }]));
    // A whole log of another vault does not fit the vault object.
    let (_, swapped) = rig();
    for name in other.names() {
        if matches!(name, ObjectName::Owner(..)) {
            swapped.put(&name, &other.get(&name).unwrap()).unwrap();
        }
    }
    for name in swapped.names() {
        if matches!(name, ObjectName::Owner(..)) && !other.names().contains(&name) {
            vault::store::Erase::erase(&swapped, &name).unwrap();
        }
    }
    assert!(matches!(Vault::open(Arc::new(swapped)), Err(VaultError::Replaced)));
}

#[test]
fn an_entry_that_vanished_ends_the_log_and_what_follows_is_named() {
    let (rig, store) = rig();
    rig.write("file", b"content");
    rig.backup();
    rig.vault().act(&rig.kit, NOW, policy(1)).unwrap();
    rig.vault().act(&rig.kit, NOW, policy(2)).unwrap();
    let lost = entries(&store, 2)[0];
    let bytes = store.get(&lost).unwrap();
    vault::store::Erase::erase(&store, &lost).unwrap();
    assert!(matches!(faults(&store)[..], [OwnerLogFault::Broken { name: ObjectName::Owner(3, _) }]));
    let mut vault = rig.vault();
    assert!(vault.log().is_cut() && vault.log().next_seq == 2);
    // Another entry in the place of the one that is missing would make a fork.
    let refused = vault.act(&rig.kit, NOW, policy(3));
    assert!(matches!(refused, Err(VaultError::OwnerLog(OwnerLogError::Broken { seq: 2 }))), "{refused:?}");
    // The machine goes on, and tells; what it kept is read.
    let notes = Notes::default();
    rig.try_backup(&notes).unwrap();
    assert!(matches!(notes.0.lock().unwrap()[..], [Remark::OwnerLogCut { entries: 2 }]));
    assert!(rig.contents(&rig.snapshots()[1]) == read_folder(&rig.source()));
    store.put(&lost, &bytes).unwrap();
    rig.vault().act(&rig.kit, NOW, policy(3)).unwrap();
    assert!(faults(&store).is_empty());
    // Without the enrolment the machine is not known, and adds nothing.
    vault::store::Erase::erase(&store, &entries(&store, 1)[0]).unwrap();
    let refused = rig.try_backup(&Notes::default());
    assert!(matches!(refused, Err(BackupError::Vault(VaultError::UnknownStrand { .. }))), "{refused:?}");
}

#[test]
fn a_log_that_was_set_back_brings_no_removed_recipient_back() {
    let (rig, store) = rig();
    let removed = Identity::generate().recipient().unwrap();
    rig.vault().add_recipient(&rig.kit, removed.clone(), NOW).unwrap();
    rig.write("file", b"content");
    rig.backup();
    rig.vault().remove_recipient(&rig.kit, &removed, NOW).unwrap();
    rig.backup();
    let removal = entries(&store, 3)[0];
    let bytes = store.get(&removal).unwrap();
    vault::store::Erase::erase(&store, &removal).unwrap();
    assert!(rig.vault().log().recipients.contains(&removed) && faults(&store).is_empty(), "nothing shows");
    let names = store.names();
    let refused = rig.try_backup(&Notes::default());
    assert!(matches!(refused, Err(BackupError::OwnersSetBack)), "{refused:?}");
    assert_eq!(store.names(), names, "nothing was written");
    store.put(&removal, &bytes).unwrap();
    // Entries that say nothing of recipients are missed, and no reason to stop.
    rig.vault().act(&rig.kit, NOW, policy(1)).unwrap();
    rig.backup();
    vault::store::Erase::erase(&store, &entries(&store, 4)[0]).unwrap();
    let notes = Notes::default();
    rig.try_backup(&notes).unwrap();
    assert!(matches!(notes.0.lock().unwrap()[..], [Remark::OwnerLogCut { entries: 4 }]));
}

#[test]
fn junk_beside_the_owner_log_closes_nothing() {
    let (rig, store) = rig();
    rig.write("file", b"content");
    rig.backup();
    let owner = rig.kit.owner.as_ref().unwrap();
    let stranger = SigningKey::new(SecretKey::random(&SystemEntropy));
    let log = rig.vault().log().clone();
    // Once at every number there is, at the next, and far beyond.
    let mut planted = 0;
    for seq in [0, 1, 2, 3, 9_999_999_999] {
        let next = OwnerEntry { seq, ..log.next(NOW, policy(1)) };
        let founding = Act::Founded {
            vault: log.vault_object,
            owners: vec![stranger.public()],
            signers_min: 1,
            recipients: log.recipients.clone(),
        };
        let found = OwnerEntry { seq, previous: ObjectHash([0; 32]), ..log.next(NOW, founding) };
        let named = Act::Founded {
            vault: log.vault_object,
            owners: vec![stranger.public(), owner.public()],
            signers_min: 1,
            recipients: vec![],
        };
        let named = OwnerEntry { act: named, ..found.clone() };
        let mut newer = log.next(NOW, Act::Unknown { number: 7 }).sign(&[&stranger]);
        let mut torn = next.sign(&[&stranger]);
        torn.truncate(60);
        let mut forged = next.sign(&[owner]);
        *forged.last_mut().unwrap() ^= 1;
        let junk = vec![
            b"junk".to_vec(),
            next.sign(&[]),
            next.sign(&[&stranger]),
            found.sign(&[&stranger]),
            named.sign(&[&stranger]),
            newer.clone(),
            torn,
            forged,
        ];
        newer[4] = 1;
        for bytes in junk.into_iter().chain([newer]) {
            store.put(&ObjectName::Owner(seq, ObjectHash::of(&bytes)), &bytes).unwrap();
            planted += 1;
        }
        // What an owner signed, under another hash and in another place.
        store.overwrite(ObjectName::Owner(seq, ObjectHash([7; 32])), store.get(&entries(&store, 1)[0]).unwrap());
        planted += 1;
    }
    assert_eq!(faults(&store).len(), planted);
    let vault = rig.vault();
    assert_eq!((vault.log().next_seq, vault.log().head, &vault.log().founders), (2, log.head, &log.founders));
    assert!(!vault.log().is_cut());
    rig.backup();
    // The owners go on too, and a machine can be enrolled.
    rig.vault().act(&rig.kit, NOW, policy(3)).unwrap();
    rig.enrol("école").backup();
    assert_eq!(rig.vault().log().next_seq, 4);
    assert!(rig.contents(&rig.snapshots()[1]) == read_folder(&rig.source()));
    // `check` names all of it.
    let report = check(&rig.vault(), Some(&rig.kit), &READ_ALL, &rig.scratch(), &Quiet).unwrap();
    assert_eq!(report.faults.len(), planted);
    assert!(report.hurt.is_empty());
    // A copy takes the owners' entries and leaves the rest; in the copy, junk is no obstacle either.
    let target = MemoryStore::new();
    for seq in [0, 2] {
        target.put(&ObjectName::Owner(seq, ObjectHash::of(b"junk")), b"junk").unwrap();
    }
    copy(&rig.vault(), Arc::new(target.clone()), &QUICK, &Watcher::default()).unwrap();
    copy(&rig.vault(), Arc::new(target.clone()), &QUICK, &Watcher::default()).unwrap();
    assert_eq!((faults(&target).len(), Vault::open(Arc::new(target)).unwrap().log().next_seq), (2, 4));
}

#[test]
fn junk_without_end_is_counted_and_not_kept_in_memory() {
    let (_, store) = rig();
    for n in 0..1500u32 {
        let bytes = n.to_le_bytes();
        store.put(&ObjectName::Owner(1, ObjectHash::of(&bytes)), &bytes).unwrap();
    }
    let long = vec![0; 3 << 20];
    store.put(&ObjectName::Owner(0, ObjectHash::of(&long)), &long).unwrap();
    let vault = Vault::open(Arc::new(store)).unwrap();
    assert_eq!((vault.log().faults.len(), vault.log().faults_unnamed), (OwnerLog::FAULTS_MAX, 501));
    assert!(matches!(vault.log().faults[0], OwnerLogFault::Unreadable { .. }));
}

#[test]
fn who_signs_an_owners_entry_once_more_makes_no_fork() {
    let (rig, store) = rig();
    rig.vault().act(&rig.kit, NOW, policy(1)).unwrap();
    let stranger = SigningKey::new(SecretKey::random(&SystemEntropy));
    let owner = rig.kit.owner.as_ref().unwrap();
    for seq in 0..3 {
        let whole = store.get(&entries(&store, seq)[0]).unwrap();
        let (entry, _) = OwnerEntry::open(&whole).unwrap();
        for signers in [vec![owner, &stranger], vec![&stranger, owner], vec![owner, owner]] {
            put_entry(&store, &entry, &signers);
        }
    }
    let before = rig.vault().log().clone();
    assert!(before.faults.is_empty() && before.next_seq == 3);
    // The next entry follows that of the owners, not that of the stranger.
    rig.vault().act(&rig.kit, NOW, policy(2)).unwrap();
    for name in store.names() {
        let signers = match name {
            ObjectName::Owner(..) => OwnerEntry::open(&store.get(&name).unwrap()).unwrap().1,
            _ => continue,
        };
        if signers.len() > 1 {
            vault::store::Erase::erase(&store, &name).unwrap();
        }
    }
    assert_eq!(rig.vault().log().next_seq, 4);
    rig.write("file", b"content");
    rig.backup();
}

#[test]
fn two_of_three_owners_must_sign() {
    let (rig, store) = rig();
    let first = rig.kit.owner.as_ref().unwrap();
    let others: Vec<_> = (0..2).map(|_| SigningKey::new(SecretKey::random(&SystemEntropy))).collect();
    let owners = vec![first.public(), others[0].public(), others[1].public()];
    rig.vault().act(&rig.kit, NOW, Act::Owners { owners, signers_min: 2 }).unwrap();
    let names = store.names();
    let mut vault = rig.vault();
    assert!(matches!(vault.act(&rig.kit, NOW, policy(1)), Err(VaultError::MoreOwners { signers_min: 2 })));
    let enrolled = vault.enrol(&rig.kit, "école", NOW, &SystemEntropy);
    assert!(matches!(enrolled, Err(VaultError::MoreOwners { signers_min: 2 })), "{enrolled:?}");
    assert_eq!(store.names(), names, "nothing was written");
    // One key twice is one key.
    let entry = vault.log().next(NOW, policy(1));
    let replay = |object: Vec<u8>| {
        let mut objects: Vec<_> =
            (0..3).flat_map(|seq| entries(&store, seq)).map(|name| (name, store.get(&name))).collect();
        objects.push((ObjectName::Owner(entry.seq, ObjectHash::of(&object)), Ok(object)));
        let (vault, object) = (vault.id(), vault.log().vault_object);
        OwnerLog::replay(&Founding { vault, object, founder: first.public() }, objects).unwrap()
    };
    for few in [vec![first], vec![first, first], vec![&others[0]], vec![]] {
        let log = replay(entry.sign(&few));
        assert!(matches!(log.faults[..], [OwnerLogFault::Unsigned { .. }]) && log.next_seq == 3);
    }
    for enough in [vec![first, &others[0]], vec![&others[1], &others[0]], vec![first, &others[0], &others[1]]] {
        assert_eq!(replay(entry.sign(&enough)).next_seq, 4);
    }
    // The machine that was enrolled before goes on.
    rig.write("file", b"content");
    rig.backup();
}

#[test]
fn an_act_that_would_lock_everybody_out_is_refused() {
    let (rig, store) = rig();
    let owner = rig.kit.owner.as_ref().unwrap();
    for act in [
        Act::Owners { owners: vec![], signers_min: 0 },
        Act::Owners { owners: vec![owner.public()], signers_min: 2 },
        Act::Owners { owners: vec![owner.public()], signers_min: 0 },
        Act::Owners { owners: vec![owner.public(), owner.public()], signers_min: 2 },
        Act::Recipients { recipients: vec![], strands: vec![] },
        Act::Retired { strand: StrandId([9; 16]), reason: String::new(), last: LastKept::default() },
    ] {
        let names = store.names();
        assert!(rig.vault().act(&rig.kit, NOW, act.clone()).is_err(), "{act:?}");
        // Nothing that would make the vault unreadable was written.
        assert_eq!(store.names(), names, "{act:?}");
        rig.vault();
    }
}

#[test]
fn a_retired_machine_adds_no_more() {
    let (rig, _) = rig();
    rig.write("file", b"content");
    rig.backup();
    rig.vault().retire(&rig.kit, rig.keys.strand, "sold", NOW).unwrap();
    match rig.try_backup(&Notes::default()) {
        Err(BackupError::Retired { strand, reason }) => assert_eq!((strand, &*reason), (rig.keys.strand, "sold")),
        other => panic!("{other:?}"),
    }
    assert!(rig.contents(&rig.snapshots()[0]) == read_folder(&rig.source()), "what it kept stays");
}

/// Tells whether an identity opens a snapshot, down to the content.
fn opens(rig: &Rig, identity: &Identity, snapshot: &Snapshot) -> bool {
    let kit = RecoveryKit { vault: None, owner: None, identities: vec![Identity::parse(identity.expose()).unwrap()] };
    // Whoever was removed still has the secrets that were once sealed to it: all `keys` objects are there to try.
    let (vault, strand) = (rig.vault(), rig.keys.strand);
    let mut sealed = vec![strand_object(rig)];
    let folder = vault::name::Folder::Numbered(strand, NumberedKind::Keys);
    let mut names = Vec::new();
    vault.store().list(&folder, &mut |name, _| names.push(name)).unwrap();
    sealed.extend(names.iter().map(|name| {
        let object = vault.store().get(name).unwrap();
        vault::strand::KeysObject::from_bytes(&object).unwrap().sealed
    }));
    sealed.iter().any(|sealed| {
        let Ok(secrets) = vault::strand::StrandSecrets::open(&kit, strand, sealed) else { return false };
        let reader =
            StrandReader::open(Arc::clone(&rig.store), secrets, &[snapshot], &rig.scratch(), &mut |_| {}).unwrap();
        let Ok(reader) = Arc::new(reader).snapshot(snapshot) else { return false };
        let entry = reader.find(b"file").unwrap().unwrap();
        reader.chunks(&entry).all(|chunk| {
            let chunk = chunk.unwrap();
            reader.blob(vault::blob::BlobKind::Chunk, &chunk.id).is_ok()
        })
    })
}

fn strand_object(rig: &Rig) -> Vec<u8> {
    let object = rig.store.get(&ObjectName::Strand(rig.keys.strand)).unwrap();
    vault::strand::StrandObject::from_bytes(&object).unwrap().sealed
}

#[test]
fn a_new_recipient_opens_old_and_new_snapshots() {
    let (rig, _) = rig();
    rig.write("file", &noise(1, 9000));
    rig.backup();
    let (new, stranger) = (Identity::generate(), Identity::generate());
    assert!(!opens(&rig, &new, &rig.snapshots()[0]));
    rig.vault().add_recipient(&rig.kit, new.recipient().unwrap(), NOW).unwrap();
    rig.write("file", &noise(2, 9000));
    rig.backup();
    for snapshot in &rig.snapshots() {
        assert!(opens(&rig, &new, snapshot));
        assert!(opens(&rig, &rig.kit.identities[0], snapshot));
        assert!(!opens(&rig, &stranger, snapshot));
    }
    let twice = rig.vault().add_recipient(&rig.kit, new.recipient().unwrap(), NOW);
    assert!(matches!(twice, Err(VaultError::Recipients(_))));
}

#[test]
fn a_removed_recipient_opens_old_snapshots_and_no_new_ones() {
    let (rig, _) = rig();
    let removed = Identity::generate();
    rig.vault().add_recipient(&rig.kit, removed.recipient().unwrap(), NOW).unwrap();
    rig.write("file", &noise(1, 9000));
    rig.backup();
    rig.vault().remove_recipient(&rig.kit, &removed.recipient().unwrap(), NOW).unwrap();
    rig.write("file", &noise(2, 9000));
    rig.backup();
    let snapshots = rig.snapshots();
    assert!(opens(&rig, &removed, &snapshots[0]));
    assert!(!opens(&rig, &removed, &snapshots[1]));
    for snapshot in &snapshots {
        assert!(opens(&rig, &rig.kit.identities[0], snapshot));
        assert!(rig.contents(snapshot).contains_key(&b"file"[..]));
    }
    // A machine that is enrolled later is closed to it as well.
    let later = rig.enrol("école");
    later.write("file", &noise(3, 9000));
    later.backup();
    assert!(!opens(&later, &removed, &later.snapshots()[0]));
    assert!(matches!(
        rig.vault().remove_recipient(&rig.kit, &rig.kit.identities[0].recipient().unwrap(), NOW),
        Err(VaultError::Recipients(_))
    ));
}

#[test]
fn two_machines_save_at_the_same_time() {
    let (rig, _) = rig();
    let other = rig.enrol("école");
    assert_ne!(rig.keys.strand, other.keys.strand);
    for round in 0..4 {
        std::thread::scope(|scope| {
            for machine in [&rig, &other] {
                scope.spawn(move || {
                    let seed = u64::from(machine.keys.strand.0[0]) + round;
                    machine.write("file", &noise(seed, 80_000));
                    assert_eq!(machine.backup().seq, round + 1);
                });
            }
        });
    }
    for machine in [&rig, &other] {
        assert!(machine.contents(&machine.snapshots()[3]) == read_folder(&machine.source()));
    }
}

#[test]
fn a_machine_does_not_write_to_a_vault_of_other_owners() {
    let (rig, _) = rig();
    let other = self::rig().0;
    let stray = Rig::with_keys(Arc::clone(&other.store), other.kit.clone(), same_keys(&rig.keys));
    assert!(matches!(stray.try_backup(&Notes::default()), Err(BackupError::OtherOwners)));
}

#[test]
fn two_machines_with_one_key_are_found_out() {
    let (rig, store) = rig();
    rig.write("file", b"one");
    rig.backup();
    // Both see the first snapshot only, and both write the second.
    let before: Vec<_> = store.names().into_iter().map(|name| (name, store.get(&name).unwrap())).collect();
    let apart = MemoryStore::new();
    before.into_iter().for_each(|(name, bytes)| apart.overwrite(name, bytes));
    let twin = Rig::with_keys(Arc::new(apart.clone()), rig.kit.clone(), same_keys(&rig.keys));
    twin.write("file", b"two");
    twin.backup();
    rig.write("file", b"three");
    rig.backup();
    for name in apart.names() {
        store.put(&name, &apart.get(&name).unwrap()).unwrap();
    }
    let fork = rig.try_backup(&Notes::default());
    assert!(matches!(fork, Err(BackupError::Fork { seq: 2, .. })), "{fork:?}");
    let mut faults = Vec::new();
    let snapshots = read_snapshots(&rig.vault(), rig.keys.strand, &mut |fault| faults.push(fault)).unwrap();
    assert!(matches!(faults[..], [SnapshotFault::Fork { seq: 2, .. }]), "{faults:?}");
    // Nothing is lost: both of them are there.
    let contents: Vec<_> = snapshots.iter().map(|s| rig.contents(s)[&b"file"[..]].clone().unwrap()).collect();
    assert!(contents.contains(&b"two".to_vec()) && contents.contains(&b"three".to_vec()));
}

fn copy_folder(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    let status = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(status.success());
}

#[test]
fn a_machine_that_was_set_back_goes_on_without_harm() {
    let (rig, _) = rig();
    let saved = tempfile::tempdir().unwrap();
    let saved = saved.path().join("state");
    let mut truths = Vec::new();
    for round in 0..6u64 {
        rig.write("constant", &noise(99, 30_000));
        rig.write("changing", &noise(round, 30_000));
        rig.write(&format!("added/{round}"), &noise(round + 50, 3000));
        if round == 4 {
            // The state is that of after the second backup; the vault goes on from the fourth.
            copy_folder(&saved, &rig.state());
        }
        let outcome = rig.backup();
        assert_eq!(outcome.seq, round + 1);
        truths.push(read_folder(&rig.source()));
        if round == 1 {
            copy_folder(&rig.state(), &saved);
        }
    }
    for (snapshot, truth) in rig.snapshots().iter().zip(&truths) {
        assert!(rig.contents(snapshot) == *truth, "snapshot {}", snapshot.manifest.seq);
    }
}

#[test]
fn a_newer_act_asks_for_a_newer_program_and_an_unknown_one_is_passed_over() {
    let (rig, store) = rig();
    let owner = rig.kit.owner.as_ref().unwrap();
    put_entry(&store, &rig.vault().log().next(NOW, Act::Unknown { number: 64 }), &[owner]);
    assert_eq!(rig.vault().log().next_seq, 3);
    put_entry(&store, &rig.vault().log().next(NOW, Act::Unknown { number: 7 }), &[owner]);
    let error = open_error(&store);
    assert!(matches!(error, OwnerLogError::Format { seq: 3, source: FormatError::Newer(_) }), "{error:?}");
    let newer = entries(&store, 3)[0];
    vault::store::Erase::erase(&store, &newer).unwrap();
    // So does a newer format, if the owners signed it in its name.
    let mut object = vec![b'B', b'F', b'R', b'O', 1];
    let body = b"whatever a later format says";
    object.extend((body.len() as u32).to_le_bytes());
    object.extend(body);
    let message = [b"beffroi signed v0BFRO\x01".as_slice(), body].concat();
    let pair = Ed25519KeyPair::from_seed_unchecked(owner.seed().expose()).unwrap();
    object.extend([0x81, 0x82, 0x58, 32]);
    object.extend(owner.public());
    object.extend([0x58, 64]);
    object.extend(pair.sign(&message).as_ref());
    store.put(&ObjectName::Owner(3, ObjectHash::of(&object)), &object).unwrap();
    let error = open_error(&store);
    assert!(matches!(error, OwnerLogError::Format { seq: 3, source: FormatError::Newer(_) }), "{error:?}");
}

#[test]
fn a_machine_that_was_retired_is_enrolled_again() {
    let (mut rig, _) = rig();
    let folder = StateFolder::open(&rig.state()).unwrap().for_vault(rig.keys.vault).unwrap();
    rig.keys.save_new(&folder).unwrap();
    rig.write("file", &noise(1, 30_000));
    rig.backup();
    let first = rig.keys.strand;
    rig.vault().retire(&rig.kit, first, "stolen, and found again", NOW).unwrap();
    assert_eq!(AgentKeys::open(&folder, rig.vault().log()).unwrap().strand, first, "there is no other");
    rig.vault().enrol(&rig.kit, "mairie", NOW, &SystemEntropy).unwrap().save_new(&folder).unwrap();
    rig.keys = AgentKeys::open(&folder, rig.vault().log()).unwrap();
    assert_ne!(rig.keys.strand, first);
    // Nothing of the old strand is taken for known: all is sent, into the new one.
    let outcome = rig.backup();
    assert_eq!((outcome.seq, outcome.adopted_packs), (1, 0));
    assert!(outcome.counts.new_bytes > 30_000);
    assert!(rig.contents(&rig.snapshots()[0]) == read_folder(&rig.source()));
    assert_eq!(read_snapshots(&rig.vault(), first, &mut |fault| panic!("{fault}")).unwrap().len(), 1);
    let again = rig.backup();
    assert_eq!((again.seq, again.counts.new_bytes), (2, 0));
}
