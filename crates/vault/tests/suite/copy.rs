//! A copy holds what the vault holds, opens with the same kit, and never has a snapshot that lacks something.

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use vault::copy::{CopyError, CopyFault, CopyMonitor, CopyOptions, CopyReport, copy};
use vault::expire::{apply, plan};
use vault::id::ObjectHash;
use vault::name::{Folder, HashedKind, NumberedKind, ObjectName};
use vault::snapshots::{needed, read_all_snapshots};
use vault::store::{
    DirectoryAccess, DirectoryStore, Erase, Fault, FaultPlan, FaultyStore, MemoryStore, Moment, Operation,
    RecordingStore, Store, Survivors,
};
use vault::vault::Vault;
use vault::world::Timestamp;

use crate::rig::{Rig, noise, read_folder, same_keys};

pub const QUICK: CopyOptions = CopyOptions { jobs: 3, verify: false };
const THOROUGH: CopyOptions = CopyOptions { jobs: 3, verify: true };

/// Keeps faults, counts, and stops after so many objects.
#[derive(Default)]
pub struct Watcher {
    faults: Mutex<Vec<CopyFault>>,
    planned: AtomicU64,
    passed: AtomicU64,
    stop_after: Option<u64>,
}

impl Watcher {
    fn faults(&self) -> Vec<String> {
        self.faults.lock().unwrap().iter().map(ToString::to_string).collect()
    }
}

impl CopyMonitor for Watcher {
    fn planned(&self, objects: u64, _: u64) {
        self.planned.fetch_add(objects, Ordering::SeqCst);
    }
    fn copied(&self, _: u64) {
        self.passed.fetch_add(1, Ordering::SeqCst);
    }
    fn present(&self, _: u64) {
        self.passed.fetch_add(1, Ordering::SeqCst);
    }
    fn fault(&self, fault: CopyFault) {
        self.faults.lock().unwrap().push(fault);
    }
    fn stopping(&self) -> bool {
        self.stop_after.is_some_and(|count| self.passed.load(Ordering::SeqCst) >= count)
    }
}

/// A vault with three snapshots, and its store.
fn filled() -> (Rig, MemoryStore) {
    let store = MemoryStore::new();
    let rig = Rig::over(Arc::new(store.clone()));
    for round in 0..3 {
        rig.write("constant", &noise(1, 60_000));
        rig.write("changing", &noise(10 + round, 60_000));
        rig.backup();
    }
    (rig, store)
}

fn quietly(rig: &Rig, to: &MemoryStore) -> CopyReport {
    let watcher = Watcher::default();
    let report = copy(&rig.vault(), Arc::new(to.clone()), &QUICK, &watcher).unwrap();
    assert_eq!(watcher.faults(), Vec::<String>::new());
    assert_eq!(report.faults, 0);
    // What was announced is what passed.
    assert_eq!(watcher.planned.load(Ordering::SeqCst), watcher.passed.load(Ordering::SeqCst));
    report
}

/// Everything but leases.
fn lasting(store: &MemoryStore) -> Vec<ObjectName> {
    let lease = |name: &ObjectName| matches!(name, ObjectName::Numbered(_, NumberedKind::Lease, ..));
    store.names().into_iter().filter(|name| !lease(name)).collect()
}

fn packs(store: &MemoryStore) -> Vec<ObjectName> {
    let is_pack = |name: &ObjectName| matches!(name, ObjectName::Hashed(_, HashedKind::Pack, _));
    store.names().into_iter().filter(is_pack).collect()
}

fn snapshots_of(store: Arc<dyn Store>) -> usize {
    match Vault::open(Arc::clone(&store)) {
        Ok(vault) => {
            let snapshots = read_all_snapshots(&vault, &mut |fault| panic!("{fault}")).unwrap();
            for snapshot in &snapshots {
                let (names, _) = needed(store.as_ref(), &snapshot.manifest, &mut |fault| panic!("{fault}"));
                for pack in names.iter().filter_map(vault::list::Needed::pack) {
                    let name = ObjectName::Hashed(snapshot.manifest.strand, HashedKind::Pack, pack);
                    assert!(store.head(&name).unwrap().is_some(), "{name} is missing");
                }
            }
            snapshots.len()
        }
        Err(_) => 0,
    }
}

#[test]
fn a_copy_opens_with_the_same_kit() {
    let (rig, store) = filled();
    let target = MemoryStore::new();
    let report = quietly(&rig, &target);
    assert_eq!(lasting(&store), target.names());
    assert_eq!(report.copied.objects, target.names().len() as u64);
    let copied = Rig::with_keys(Arc::new(target), rig.kit.clone(), same_keys(&rig.keys));
    let snapshots = copied.snapshots();
    assert_eq!(snapshots.len(), 3);
    assert!(copied.contents(&snapshots[2]) == read_folder(&rig.source()));
}

#[test]
fn only_what_is_missing_is_written() {
    let (rig, _) = filled();
    let target = Arc::new(RecordingStore::new(MemoryStore::new()));
    let watcher = Watcher::default();
    let first = copy(&rig.vault(), Arc::clone(&target) as Arc<dyn Store>, &QUICK, &watcher).unwrap();
    target.clear();
    let second = copy(&rig.vault(), Arc::clone(&target) as Arc<dyn Store>, &QUICK, &watcher).unwrap();
    assert_eq!((second.copied.objects, second.present), (0, first.copied));
    let tally = target.tally();
    // Only what is not named by its hash is read again, `vault`, twice, and `strand`; and the owners' two entries.
    assert_eq!((tally.puts, tally.gets), (0, 5), "{tally:?}");
    rig.write("new", &noise(50, 5000));
    rig.backup();
    let third = copy(&rig.vault(), Arc::clone(&target) as Arc<dyn Store>, &QUICK, &watcher).unwrap();
    assert!((2..=4).contains(&third.copied.objects), "{third:?}");
    assert_eq!(snapshots_of(target), 4);
}

#[test]
fn manifests_are_written_after_all_that_they_need_is_durable() {
    let (rig, _) = filled();
    let target = Arc::new(RecordingStore::new(MemoryStore::new()));
    copy(&rig.vault(), Arc::clone(&target) as Arc<dyn Store>, &QUICK, &Watcher::default()).unwrap();
    let mut names = vec![];
    for operation in target.operations() {
        match operation {
            Operation::Put { name, .. } => names.push(Some(name)),
            Operation::Commit => names.push(None),
            _ => {}
        }
    }
    let is = |folder: fn(&Folder) -> bool| {
        move |name: &Option<ObjectName>| name.and_then(|name| name.folder()).is_some_and(|f| folder(&f))
    };
    let last_pack = names.iter().rposition(is(|f| matches!(f, Folder::Hashed(..)))).unwrap();
    let owner = names.iter().rposition(is(|f| *f == Folder::Owner)).unwrap();
    let manifest = is(|f| matches!(f, Folder::Numbered(_, NumberedKind::Snapshot)));
    let manifest = names.iter().position(manifest).unwrap();
    assert!(names[owner..last_pack].contains(&None) && names[last_pack..manifest].contains(&None), "{names:?}");
}

#[test]
fn a_damaged_object_is_told_and_the_rest_goes_on() {
    for damage in ["cut", "flipped", "lost"] {
        let (rig, store) = filled();
        // The newest pack is needed by the last snapshot only.
        let newest = rig.snapshots()[2].manifest.packs.clone();
        let before = rig.snapshots()[1].manifest.packs.clone();
        let pack = newest.into_iter().find(|pack| !before.contains(pack)).unwrap();
        let name = ObjectName::Hashed(rig.keys.strand, HashedKind::Pack, pack);
        let mut bytes = store.get(&name).unwrap();
        match damage {
            "cut" => bytes.truncate(100),
            "flipped" => bytes[200] ^= 1,
            _ => store.erase(&name).unwrap(),
        }
        if damage != "lost" {
            store.overwrite(name, bytes);
        }
        let target = MemoryStore::new();
        let watcher = Watcher::default();
        let report = copy(&rig.vault(), Arc::new(target.clone()), &QUICK, &watcher).unwrap();
        assert_eq!(report.incomplete_snapshots, 1, "{damage}: {:?}", watcher.faults());
        assert!(watcher.faults().iter().any(|fault| fault.contains(&name.to_string())));
        assert_eq!(snapshots_of(Arc::new(target.clone())), 2);
        assert!(!target.names().contains(&name));
    }
}

#[test]
fn a_damaged_manifest_is_not_copied() {
    let (rig, store) = filled();
    let name = rig.snapshots()[1].name();
    let mut bytes = store.get(&name).unwrap();
    bytes[60] ^= 1;
    store.overwrite(name, bytes);
    let (target, watcher) = (MemoryStore::new(), Watcher::default());
    let report = copy(&rig.vault(), Arc::new(target.clone()), &QUICK, &watcher).unwrap();
    assert_eq!((report.incomplete_snapshots, report.faults), (1, 1));
    assert_eq!(snapshots_of(Arc::new(target)), 2);
}

#[test]
fn a_damaged_copy_is_told_and_not_overwritten() {
    let (rig, _) = filled();
    let target = MemoryStore::new();
    quietly(&rig, &target);
    let whole = target.clone();
    let (cut, flipped) = (packs(&target)[0], packs(&target)[1]);
    let mut bytes = target.get(&cut).unwrap();
    bytes.pop();
    whole.overwrite(cut, bytes.clone());
    let mut bytes = target.get(&flipped).unwrap();
    bytes[99] ^= 1;
    whole.overwrite(flipped, bytes);
    for (options, found) in [(&QUICK, vec![cut]), (&THOROUGH, vec![cut, flipped])] {
        let watcher = Watcher::default();
        let report = copy(&rig.vault(), Arc::new(target.clone()), options, &watcher).unwrap();
        let faults = watcher.faults();
        for name in &found {
            assert!(faults.iter().any(|f| f.contains(&name.to_string()) && f.contains("in the copy")), "{faults:?}");
        }
        assert_eq!(report.copied.objects, 0);
        assert!(report.incomplete_snapshots > 0);
    }
    // Once it is out of the way, it is healed.
    target.erase(&cut).unwrap();
    target.erase(&flipped).unwrap();
    assert_eq!(quietly(&rig, &target).copied.objects, 2);
}

#[test]
fn a_vault_is_healed_from_its_copy() {
    let (rig, store) = filled();
    let target = MemoryStore::new();
    quietly(&rig, &target);
    for pack in packs(&store) {
        store.erase(&pack).unwrap();
    }
    let copied = Vault::open(Arc::new(target)).unwrap();
    copy(&copied, Arc::new(store), &QUICK, &Watcher::default()).unwrap();
    assert!(rig.contents(&rig.snapshots()[2]) == read_folder(&rig.source()));
}

#[test]
fn another_vault_is_refused() {
    let (rig, _) = filled();
    let (other, target) = filled();
    let names = target.names();
    let refused = copy(&rig.vault(), Arc::new(target.clone()), &QUICK, &Watcher::default());
    assert!(matches!(refused, Err(CopyError::OtherVault)), "{refused:?}");
    assert_eq!(target.names(), names);
    assert_eq!(other.snapshots().len(), 3);
}

#[test]
fn a_copy_whose_owner_log_goes_further_is_refused() {
    let (rig, store) = filled();
    let target = MemoryStore::new();
    quietly(&rig, &target);
    let old: Vec<_> = store.names().into_iter().map(|name| (name, store.get(&name).unwrap())).collect();
    rig.enrol("école");
    quietly(&rig, &target);
    // The vault is set back to what it was; the copy knows better.
    let set_back = MemoryStore::new();
    old.into_iter().for_each(|(name, bytes)| set_back.overwrite(name, bytes));
    let refused = copy(&Vault::open(Arc::new(set_back)).unwrap(), Arc::new(target), &QUICK, &Watcher::default());
    assert!(matches!(refused, Err(CopyError::Ahead { .. })), "{refused:?}");
}

#[test]
fn leftovers_of_an_act_that_did_not_happen_are_not_copied() {
    let (rig, store) = filled();
    let bytes = b"not the owners' word".to_vec();
    let name = ObjectName::Numbered(rig.keys.strand, NumberedKind::Keys, 9, ObjectHash::of(&bytes));
    store.put(&name, &bytes).unwrap();
    let mut vault = rig.vault();
    let other = vault::envelope::Identity::generate().recipient().unwrap();
    vault.add_recipient(&rig.kit, other, Timestamp::from_seconds(1_700_000_500)).unwrap();
    let target = MemoryStore::new();
    quietly(&rig, &target);
    let keys = target.names().into_iter().filter(|n| matches!(n, ObjectName::Numbered(_, NumberedKind::Keys, ..)));
    assert_eq!(keys.count(), 1);
    let copied = Vault::open(Arc::new(target)).unwrap();
    copied.secrets(&rig.kit, &rig.keys.strand).unwrap();
}

#[test]
fn stopped_anywhere_it_goes_on() {
    let (rig, store) = filled();
    for count in 0.. {
        let target = MemoryStore::new();
        let watcher = Watcher { stop_after: Some(count), ..Watcher::default() };
        match copy(&rig.vault(), Arc::new(target.clone()), &QUICK, &watcher) {
            Ok(_) => {
                assert!(count > 8, "{count}");
                break;
            }
            Err(error) => assert!(matches!(error, CopyError::Stopped), "{error:?}"),
        }
        snapshots_of(Arc::new(target.clone()));
        quietly(&rig, &target);
        assert_eq!(lasting(&store), target.names());
    }
}

#[test]
fn a_crash_at_any_write_leaves_whole_snapshots() {
    let (rig, _) = filled();
    let one = CopyOptions { jobs: 1, verify: false };
    let mut crashes = 0;
    for survivors in [Survivors::Nothing, Survivors::Everything, Survivors::Scattered] {
        for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::Error, Fault::Full] {
            for write in 1.. {
                let faults = vec![(Moment::Write(write), fault)];
                let target = FaultyStore::new(FaultPlan { seed: write, faults, survivors, ..FaultPlan::default() });
                let result = copy(&rig.vault(), Arc::new(target.clone()), &one, &Watcher::default());
                let struck = target.struck() > 0;
                assert_eq!(result.is_err(), struck, "{result:?}");
                if !struck && target.writes() < write {
                    break;
                }
                let target = target.reopen(FaultPlan::default());
                snapshots_of(Arc::new(target.clone()));
                copy(&rig.vault(), Arc::new(target.clone()), &one, &Watcher::default()).unwrap();
                assert_eq!(snapshots_of(Arc::new(target)), 3);
                crashes += u64::from(struck);
            }
        }
    }
    assert!(crashes > 100, "{crashes}");
}

#[test]
fn expiry_records_come_along_unless_the_copy_has_its_own() {
    let (rig, store) = filled();
    let now = Timestamp::from_seconds(rig.now() + 100);
    let orphan = |store: &MemoryStore, bytes: &[u8]| {
        let name = ObjectName::Hashed(rig.keys.strand, HashedKind::Pack, ObjectHash::of(bytes));
        store.put(&name, bytes).unwrap();
    };
    let expire = |store: &MemoryStore| {
        let vault = Vault::open(Arc::new(store.clone())).unwrap();
        let plan = plan(&vault, &rig.kit, now).unwrap();
        apply(&vault, &rig.kit, &plan, store, now).unwrap()
    };
    orphan(&store, b"an orphan");
    assert_eq!(expire(&store).records.len(), 1);
    let target = MemoryStore::new();
    assert!(!quietly(&rig, &target).expires_apart);
    assert_eq!(lasting(&store), target.names());
    orphan(&target, b"another");
    // The leases that were condemned did not come along: a second record says that they are gone.
    assert_eq!(expire(&target).records.len(), 2);
    orphan(&store, b"a third");
    assert_eq!(expire(&store).records.len(), 1);
    assert!(quietly(&rig, &target).expires_apart);
    let records = |store: &MemoryStore| store.names().iter().filter(|n| n.folder() == Some(Folder::Expiry)).count();
    assert_eq!((records(&store), records(&target)), (2, 3));
}

#[test]
fn a_directory_is_copied_to_a_directory() {
    let folder = tempfile::tempdir().unwrap();
    let first = DirectoryStore::create(folder.path().join("first")).unwrap();
    let rig = Rig::over(Arc::new(first));
    rig.write("file", &noise(4, 100_000));
    rig.backup();
    let second = DirectoryStore::create(folder.path().join("second")).unwrap();
    copy(&rig.vault(), Arc::new(second), &QUICK, &Watcher::default()).unwrap();
    fs::remove_dir_all(folder.path().join("first")).unwrap();
    let second = DirectoryStore::open(folder.path().join("second"), DirectoryAccess::ReadOnly).unwrap();
    let copied = Rig::with_keys(Arc::new(second), rig.kit.clone(), same_keys(&rig.keys));
    assert!(copied.contents(&copied.snapshots()[0]) == read_folder(&rig.source()));
}
