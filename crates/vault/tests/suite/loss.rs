//! What a loss does not cost, because something else still holds the same.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;

use vault::backup::Remark;
use vault::blob::BlobKind;
use vault::bytes::SigningKey;
use vault::envelope::Identity;
use vault::id::ObjectHash;
use vault::list::write_lists;
use vault::name::{Folder, HashedKind, NumberedKind, ObjectName};
use vault::read::WalkItem;
use vault::snapshots::{Snapshot, needed};
use vault::store::{Erase, MemoryStore, Put, Store, StoreError};
use vault::world::Timestamp;

use crate::rig::{Notes, Rig, noise, read_folder};

/// A vault with one snapshot, and its store.
fn scene() -> (Rig, MemoryStore) {
    let store = MemoryStore::new();
    let rig = Rig::over(Arc::new(store.clone()));
    for n in 0..30 {
        rig.write(&format!("d{}/{n}", n % 3), &noise(n, 3000));
    }
    rig.backup();
    (rig, store)
}

fn is_pack(name: &ObjectName) -> bool {
    matches!(name, ObjectName::Hashed(_, HashedKind::Pack, _))
}

#[test]
fn one_sound_copy_of_a_blob_is_enough() {
    let (rig, store) = scene();
    let packs: Vec<_> = store.names().into_iter().filter(is_pack).collect();
    // The vault forgets its packs for one backup: everything is sent again, and then everything is there twice.
    let bytes: Vec<_> = packs.iter().map(|name| store.get(name).unwrap()).collect();
    packs.iter().for_each(|name| store.erase(name).unwrap());
    rig.backup();
    packs.iter().zip(&bytes).for_each(|(name, bytes)| store.overwrite(*name, bytes.clone()));
    let last = rig.snapshots().pop().unwrap();
    let mut manifest = last.manifest.clone();
    manifest.packs.extend(packs.iter().filter_map(ObjectName::hash));
    manifest.packs.sort();
    (manifest.seq, manifest.previous) = (manifest.seq + 1, Some(last.hash));
    let both = sign(&rig, manifest);
    for name in both.manifest.packs.iter().map(|hash| ObjectName::Hashed(rig.keys.strand, HashedKind::Pack, *hash)) {
        let bytes = store.get(&name).unwrap();
        let mut rotten = bytes.clone();
        let start = 44 + usize::from(u16::from_le_bytes(bytes[6..8].try_into().unwrap()));
        let directory = u32::from_le_bytes(bytes[bytes.len() - 8..][..4].try_into().unwrap()) as usize;
        rotten[start..bytes.len() - 8 - directory].iter_mut().for_each(|byte| *byte ^= 1);
        store.overwrite(name, rotten);
        assert!(rig.contents(&both) == read_folder(&rig.source()), "{name}");
        store.overwrite(name, bytes);
    }
}

#[test]
fn a_lost_list_costs_reading_all_packs() {
    let (rig, store) = scene();
    let last = rig.snapshots().pop().unwrap();
    let (names, _) = needed(&store, &last.manifest, &mut |_| {});
    let mut manifest = last.manifest.clone();
    for (hash, object) in write_lists(&names) {
        store.put(&ObjectName::Hashed(manifest.strand, HashedKind::List, hash), &object).unwrap();
        manifest.list = Some(hash);
    }
    manifest.packs = Vec::new();
    (manifest.seq, manifest.previous) = (manifest.seq + 1, Some(last.hash));
    let listed = sign(&rig, manifest);
    assert!(rig.contents(&listed) == read_folder(&rig.source()));
    let lists = store.names().into_iter().filter(|name| matches!(name, ObjectName::Hashed(_, HashedKind::List, _)));
    lists.for_each(|name| store.erase(&name).unwrap());
    let (reader, faults) = rig.open(&listed);
    assert!(!faults.is_empty());
    let mut entries = 0;
    for item in reader.walk(reader.root()) {
        let WalkItem::Entry(_, entry) = item else {
            assert!(matches!(item, WalkItem::Leave(_)), "{item:?}");
            continue;
        };
        entries += 1;
        for chunk in reader.chunks(&entry) {
            reader.blob(BlobKind::Chunk, &chunk.unwrap().id).unwrap();
        }
    }
    assert_eq!(entries, read_folder(&rig.source()).len());
}

fn sign(rig: &Rig, manifest: vault::manifest::Manifest) -> Snapshot {
    let object = manifest.sign(&SigningKey::new(rig.keys.signing_seed.clone()));
    let snapshot = Snapshot { hash: ObjectHash::of(&object), manifest };
    rig.store.put(&snapshot.name(), &object).unwrap();
    snapshot
}

#[test]
fn lost_keys_objects_cost_only_what_was_sealed_to_new_identities() {
    let (rig, store) = scene();
    let snapshot = rig.snapshots().pop().unwrap();
    let desk = Identity::generate().recipient().unwrap();
    let now = Timestamp::from_seconds(1_700_000_200);
    rig.vault().add_recipient(&rig.kit, desk.clone(), now).unwrap();
    rig.vault().remove_recipient(&rig.kit, &desk, now).unwrap();
    rig.write("new", b"new");
    rig.backup();
    let keys: Vec<_> = (store.names().into_iter())
        .filter(|name| matches!(name, ObjectName::Numbered(_, NumberedKind::Keys, ..)))
        .collect();
    assert_eq!(keys.len(), 2);
    assert_eq!(rig.vault().secrets(&rig.kit, &rig.keys.strand).unwrap().identities.len(), 2);
    keys.iter().for_each(|name| store.overwrite(*name, b"rotten".to_vec()));
    let secrets = rig.vault().secrets(&rig.kit, &rig.keys.strand).unwrap();
    assert_eq!(secrets.identities.len(), 1);
    assert_eq!(rig.contents(&snapshot).len(), 33);
    assert!(rig.snapshots()[1].manifest.unseal(&secrets).is_err());
    // Without the first object too, the error is that of the newest.
    store.erase(&ObjectName::Strand(rig.keys.strand)).unwrap();
    let error = rig.vault().secrets(&rig.kit, &rig.keys.strand).unwrap_err();
    assert!(error.to_string().contains("keys/0000000002"), "{error}");
}

#[test]
fn packs_that_were_cut_are_sent_again() {
    let (rig, store) = scene();
    for name in store.names().into_iter().filter(is_pack) {
        let bytes = store.get(&name).unwrap();
        store.overwrite(name, bytes[..bytes.len() / 2].to_vec());
    }
    for _ in 0..2 {
        rig.backup();
        assert!(rig.contents(rig.snapshots().last().unwrap()) == read_folder(&rig.source()));
    }
}

#[test]
fn a_pack_that_cannot_be_read_costs_what_is_in_it_and_no_backup() {
    let disk = Arc::new(MemoryStore::new());
    let mut rig = Rig::over(Arc::clone(&disk) as Arc<dyn Store>);
    rig.write("file", &noise(1, 30_000));
    rig.backup();
    let packs: Vec<_> = disk.names().into_iter().filter(is_pack).collect();
    // The agent forgot what it sent, and one of the packs that would tell it is on a bad sector.
    fs::remove_dir_all(rig.state().join("vaults")).unwrap();
    let bad = packs[0];
    rig.store = Arc::new(BadDisk { bad: Some(bad), ..BadDisk::sound(&disk) });
    let notes = Notes::default();
    let outcome = rig.try_backup(&notes).unwrap();
    let remarks = notes.0.lock().unwrap();
    assert!(matches!(remarks[..], [Remark::DamagedPack { pack }] if Some(pack) == bad.hash()), "{remarks:?}");
    assert_eq!(outcome.adopted_packs as usize, packs.len() - 1);
    assert!(rig.contents(&rig.snapshots()[1]) == read_folder(&rig.source()));
}

#[test]
fn a_pack_that_owners_let_go_while_a_backup_begins_is_no_damage() {
    let (mut rig, disk) = scene();
    let packs: Vec<_> = disk.names().into_iter().filter(is_pack).collect();
    fs::remove_dir_all(rig.state().join("vaults")).unwrap();
    // It is listed, and not there when its directory is read.
    rig.store = Arc::new(BadDisk { gone: Some(packs[0]), ..BadDisk::sound(&disk) });
    let notes = Notes::default();
    let outcome = rig.try_backup(&notes).unwrap();
    assert!(notes.0.lock().unwrap().is_empty(), "{:?}", notes.0.lock().unwrap());
    assert_eq!(outcome.adopted_packs as usize, packs.len() - 1);
    rig.store = Arc::new(disk.clone());
    disk.erase(&packs[0]).unwrap();
    assert!(rig.contents(&rig.snapshots()[1]) == read_folder(&rig.source()));
}

#[test]
fn packs_of_a_backup_that_died_are_adopted_from_its_notes() {
    let disk = Arc::new(MemoryStore::new());
    let mut rig = Rig::over(Arc::clone(&disk) as Arc<dyn Store>);
    rig.write("file", &noise(1, 30_000));
    rig.store = Arc::new(BadDisk { packs_left: AtomicU64::new(1), ..BadDisk::sound(&disk) });
    // It dies after its first pack, before its table of packs is saved.
    assert!(rig.try_backup(&Notes::default()).is_err());
    assert_eq!(disk.names().into_iter().filter(is_pack).count(), 1);
    rig.store = Arc::clone(&disk) as Arc<dyn Store>;
    let outcome = rig.backup();
    assert_eq!(outcome.adopted_packs, 1);
    assert!(rig.contents(&rig.snapshots()[0]) == read_folder(&rig.source()));
    assert_eq!(disk.names().into_iter().filter(is_pack).count(), 2, "nothing was sent twice");
}

#[test]
fn a_manifest_that_is_misread_once_keeps_its_number() {
    let (mut rig, disk) = scene();
    let last = rig.snapshots().pop().unwrap();
    // The agent remembers nothing, so that the vault alone tells which number is next.
    fs::remove_dir_all(rig.state().join("vaults")).unwrap();
    rig.store = Arc::new(BadDisk { misread: Some((last.name(), AtomicU64::new(1))), ..BadDisk::sound(&disk) });
    assert_eq!(rig.backup().seq, last.manifest.seq + 1);
    assert_eq!(rig.snapshots().len(), 2, "and nothing forks");
}

/// A disk that does not give one object, lists one that is gone, gives another wrong so many times, or fails after so many packs.
struct BadDisk {
    disk: MemoryStore,
    bad: Option<ObjectName>,
    gone: Option<ObjectName>,
    misread: Option<(ObjectName, AtomicU64)>,
    packs_left: AtomicU64,
}

impl BadDisk {
    fn sound(disk: &MemoryStore) -> Self {
        Self { disk: disk.clone(), bad: None, gone: None, misread: None, packs_left: AtomicU64::new(u64::MAX) }
    }

    fn look(&self, name: &ObjectName) -> Result<(), StoreError> {
        if Some(*name) == self.gone {
            return Err(StoreError::NotFound { name: *name });
        }
        let source = std::io::Error::other("bad sector");
        if Some(*name) == self.bad { Err(StoreError::Io { place: name.to_string(), source }) } else { Ok(()) }
    }
}

impl Store for BadDisk {
    fn put(&self, name: &ObjectName, bytes: &[u8]) -> Result<Put, StoreError> {
        let left = || self.packs_left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1));
        if is_pack(name) && left().is_err() {
            return Err(StoreError::NoSpace { name: *name });
        }
        self.disk.put(name, bytes)
    }

    fn commit(&self) -> Result<(), StoreError> {
        self.disk.commit()
    }

    fn get(&self, name: &ObjectName) -> Result<Vec<u8>, StoreError> {
        self.look(name)?;
        let mut bytes = self.disk.get(name)?;
        let left = |left: &AtomicU64| left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok();
        if self.misread.as_ref().is_some_and(|(misread, times)| misread == name && left(times)) {
            bytes[60] ^= 4;
        }
        Ok(bytes)
    }

    fn get_range(&self, name: &ObjectName, offset: u64, bytes: usize) -> Result<Vec<u8>, StoreError> {
        self.look(name)?;
        self.disk.get_range(name, offset, bytes)
    }

    fn head(&self, name: &ObjectName) -> Result<Option<u64>, StoreError> {
        self.disk.head(name)
    }

    fn list(&self, folder: &Folder, visit: &mut dyn FnMut(ObjectName, u64)) -> Result<(), StoreError> {
        self.disk.list(folder, visit)
    }
}
