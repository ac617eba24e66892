#![expect(clippy::disallowed_methods, reason = "tests plant files and look at them")]

use std::fs as std_fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, symlink};
use std::process::Command;

use rustix::fs::IFlags;
use tempfile::TempDir;

use super::*;
use crate::id::{ObjectHash, StrandId};
use crate::name::{HashedKind, NumberedKind};
use crate::store::OBJECT_BYTES_MAX;
use crate::store::conformance::{check_erase, check_store, objects_of_all_kinds};

const STRAND: StrandId = StrandId([5; 16]);
const LEASES: Folder = Folder::Numbered(STRAND, NumberedKind::Lease);

fn lease(number: u64) -> (ObjectName, Vec<u8>) {
    let bytes = format!("lease {number}").into_bytes();
    let hash = ObjectHash::of(&bytes);
    let name = ObjectName::Numbered(STRAND, NumberedKind::Lease, number, hash);
    (name, bytes)
}

fn put(store: &DirectoryStore, number: u64) -> Result<Put, StoreError> {
    let (name, bytes) = lease(number);
    store.put(&name, &bytes)
}

fn file_of(store: &DirectoryStore, name: &ObjectName) -> PathBuf {
    store.path.join(Location::of(name).path())
}

/// Makes a store with all kinds of objects in a temporary directory, which lives as long as the first part.
fn filled() -> (TempDir, DirectoryStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = DirectoryStore::create(folder.path().join("vault")).unwrap();
    for (name, bytes) in objects_of_all_kinds() {
        assert_eq!(store.put(&name, &bytes).unwrap(), Put::Written);
    }
    store.commit().unwrap();
    (folder, store)
}

fn listed(store: &DirectoryStore, folder: &Folder) -> Vec<(ObjectName, u64)> {
    let mut objects = Vec::new();
    store.list(folder, &mut |name, bytes| objects.push((name, bytes))).unwrap();
    objects.sort();
    objects
}

fn all_listed(store: &DirectoryStore) -> Vec<(ObjectName, u64)> {
    let mut folders: Vec<Folder> = objects_of_all_kinds().keys().filter_map(ObjectName::folder).collect();
    folders.sort();
    folders.dedup();
    folders.iter().flat_map(|f| listed(store, f)).collect()
}

/// Returns the paths of all files below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std_fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            files.extend(files_below(&entry.path()));
        } else {
            files.push(entry.path());
        }
    }
    files
}

fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("this test needs the program {program}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "this test needs root, to run {program} {arguments:?}: {said}");
}

/// A file system mounted for one test.
struct Mounted(TempDir);

impl Mounted {
    fn new(arguments: &[&str]) -> Self {
        let mounted = Self(tempfile::tempdir().unwrap());
        let path = mounted.path().to_str().unwrap().to_string();
        run("mount", &[arguments, &[&path]].concat());
        mounted
    }

    fn tmpfs(bytes: u64) -> Self {
        let size = format!("size={bytes}");
        Self::new(&["-t", "tmpfs", "-o", &size, "tmpfs"])
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Lazily: stores of the test may still hold folders open. A mount that failed has nothing to undo.
        let _ = Command::new("umount").arg("-l").arg(self.path()).output();
    }
}

#[test]
fn conforms_by_every_method_of_naming() {
    let mut folders = Vec::new();
    for method in [Method::RenameWithoutReplacing, Method::Link, Method::CheckedRename] {
        let mut make = || {
            let folder = tempfile::tempdir().unwrap();
            let mut store = DirectoryStore::create(folder.path()).unwrap();
            store.method = method;
            folders.push(folder);
            store
        };
        check_store(&mut || Box::new(make()));
        check_erase(&mut || Box::new(make()));
    }
    for folder in folders {
        for file in files_below(folder.path()) {
            let name = file.file_name().unwrap().to_str().unwrap();
            assert!(!name.starts_with(layout::TEMPORARY), "{file:?} stayed");
        }
    }
}

#[test]
fn what_was_written_is_found_by_who_opens_the_folder() {
    let (_folder, store) = filled();
    let again = DirectoryStore::open(store.path.clone(), DirectoryAccess::ReadOnly).unwrap();
    for (name, bytes) in objects_of_all_kinds() {
        assert_eq!(again.get(&name).unwrap(), bytes);
        assert_eq!(std_fs::read(file_of(&store, &name)).unwrap(), bytes);
    }
}

#[test]
fn only_the_owner_may_look() {
    let (_folder, store) = filled();
    let file = file_of(&store, objects_of_all_kinds().keys().last().unwrap());
    let modes = file.ancestors().map_while(|path| {
        let mode = std_fs::symlink_metadata(path).unwrap().mode() & 0o7777;
        path.starts_with(&store.path).then_some(mode)
    });
    let modes: Vec<u32> = modes.collect();
    assert_eq!(modes, [0o600, 0o700, 0o700], "{file:?}");
}

#[test]
fn leftovers_and_foreign_files_are_no_objects() {
    let (_folder, store) = filled();
    let before = all_listed(&store);
    let packs = Folder::Hashed(StrandId([0xfe; 16]), HashedKind::Pack);
    let (pack, _) = listed(&store, &packs)[0];
    let fan = file_of(&store, &pack).parent().unwrap().to_path_buf();
    let packs = fan.parent().unwrap();
    let hash = "0".repeat(64);
    let (good, _) = lease(1);
    let file = Location::of(&good).file;
    for planted in [
        store.path.join(".tmp-1-1"),
        store.path.join("owner/.tmp-1-1"),
        store.path.join("owner/readme.txt"),
        store.path.join(format!("owner/1-{hash}")),
        store.path.join(format!("owner/{file}.part")),
        store.path.join("strands/notes"),
        fan.join("Thumbs.db"),
        // Packs outside their fan.
        fan.join(format!("{}{}", "zz", "0".repeat(62))),
        packs.join(&hash),
        fan.join(format!("{:02x}{}", other_first_byte(&pack), "0".repeat(62))),
    ] {
        std_fs::write(planted, b"foreign").unwrap();
    }
    std_fs::create_dir(store.path.join("lost+found")).unwrap();
    std_fs::create_dir(store.path.join(format!("owner/0000000009-{hash}"))).unwrap();
    std_fs::create_dir(packs.join("AB")).unwrap();
    std_fs::create_dir(packs.join("extra")).unwrap();
    assert_eq!(all_listed(&store), before);
}

/// Returns a first byte that the pack's hash does not have.
fn other_first_byte(pack: &ObjectName) -> u8 {
    !pack.hash().unwrap().0[0]
}

#[test]
fn leftovers_are_erased_where_they_are_asked_for() {
    let (_folder, store) = filled();
    let before = all_listed(&store);
    let (leftover, other) = (store.path.join("owner/.tmp-1-1"), store.path.join("expiry/.tmp-1-1"));
    for path in [&leftover, &other, &store.path.join(".tmp-7-7")] {
        std_fs::write(path, b"half of an obj").unwrap();
    }
    let strand = StrandId([0; 16]);
    let packs = Folder::Hashed(strand, HashedKind::Pack);
    let fan = store.path.join(packs.to_string()).join("af");
    std_fs::create_dir_all(&fan).unwrap();
    std_fs::write(fan.join(".tmp-1-1"), b"").unwrap();
    std_fs::write(store.path.join(format!("strands/{strand}/.tmp-2-2")), b"").unwrap();
    assert_eq!(store.erase_leftovers(&Folder::Owner).unwrap(), 2);
    assert_eq!(store.erase_leftovers(&packs).unwrap(), 1);
    assert_eq!(store.erase_leftovers(&Folder::Strands).unwrap(), 1);
    assert_eq!(store.erase_leftovers(&Folder::Owner).unwrap(), 0);
    assert!(!leftover.exists() && other.exists());
    assert_eq!(all_listed(&store), before);
}

#[test]
fn a_leftover_of_the_same_process_number_is_stepped_over() {
    let folder = tempfile::tempdir().unwrap();
    let store = DirectoryStore::create(folder.path()).unwrap();
    let prefix = format!("{}{}", layout::TEMPORARY, std::process::id());
    for number in 0..5_000 {
        std_fs::write(folder.path().join(format!("{prefix}-{number}")), b"old").unwrap();
    }
    store.put(&ObjectName::Vault, b"new").unwrap();
    assert_eq!(store.get(&ObjectName::Vault).unwrap(), b"new");
    assert_eq!(store.erase_leftovers(&Folder::Owner).unwrap(), 5_000);
}

#[test]
fn planted_links_lead_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("outside");
    std_fs::create_dir(&outside).unwrap();
    let store = DirectoryStore::create(folder.path().join("vault")).unwrap();
    let (name, bytes) = lease(1);
    let in_the_way = |answer: Result<(), StoreError>| {
        assert!(matches!(answer, Err(StoreError::InTheWay { .. })), "{answer:?}");
    };
    // In the place of every folder on the way, in turn.
    let mut path = store.path.clone();
    for component in LEASES.to_string().split('/') {
        path.push(component);
        symlink(&outside, &path).unwrap();
        in_the_way(store.put(&name, &bytes).map(|_| ()));
        in_the_way(store.get(&name).map(|_| ()));
        in_the_way(store.head(&name).map(|_| ()));
        in_the_way(store.erase(&name));
        in_the_way(store.list(&LEASES, &mut |_, _| ()));
        in_the_way(store.erase_leftovers(&LEASES).map(|_| ()));
        std_fs::remove_file(&path).unwrap();
        std_fs::create_dir(&path).unwrap();
    }
    // In the place of the object: dangling, then to a file.
    let target = outside.join("target");
    symlink(&target, file_of(&store, &name)).unwrap();
    for _ in 0..2 {
        for method in [Method::RenameWithoutReplacing, Method::Link] {
            let mut store = DirectoryStore::open(&store.path, DirectoryAccess::ReadWrite).unwrap();
            store.method = method;
            in_the_way(store.put(&name, &bytes).map(|_| ()));
        }
        in_the_way(store.get(&name).map(|_| ()));
        assert_eq!(listed(&store, &LEASES), []);
        std_fs::write(&target, b"precious").unwrap();
    }
    assert_eq!(std_fs::read(&target).unwrap(), b"precious");
    // Erasing removes the link and not what it points to; then the place is free.
    store.erase(&name).unwrap();
    assert_eq!(files_below(&outside), [target]);
    assert_eq!(store.put(&name, &bytes).unwrap(), Put::Written);
}

#[test]
fn other_things_in_the_place_of_objects_are_errors_and_hold_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let store = DirectoryStore::create(folder.path()).unwrap();
    put(&store, 0).unwrap();
    let (fifo, directory) = (lease(1).0, lease(2).0);
    run("mkfifo", &[file_of(&store, &fifo).to_str().unwrap()]);
    std_fs::create_dir(file_of(&store, &directory)).unwrap();
    for (name, number) in [(fifo, 1), (directory, 2)] {
        for answer in [store.get(&name), store.get_range(&name, 0, 1)] {
            assert!(matches!(answer, Err(StoreError::InTheWay { .. })), "{answer:?}");
        }
        let answer = put(&store, number);
        assert!(matches!(answer, Err(StoreError::InTheWay { .. })), "{answer:?}");
    }
    let answer = store.erase(&directory);
    assert!(matches!(answer, Err(StoreError::InTheWay { .. })), "{answer:?}");
    let kind = std_fs::symlink_metadata(file_of(&store, &fifo)).unwrap().file_type();
    assert!(kind.is_fifo());
    assert_eq!(listed(&store, &LEASES).len(), 1);
}

#[test]
fn a_forged_length_allocates_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = DirectoryStore::create(folder.path()).unwrap();
    let file = std_fs::File::create(store.path.join("vault")).unwrap();
    file.set_len(OBJECT_BYTES_MAX + 1).unwrap();
    for answer in [store.get(&ObjectName::Vault), store.get_range(&ObjectName::Vault, 0, 1)] {
        assert!(matches!(answer, Err(StoreError::TooLong { .. })));
    }
    let length = store.head(&ObjectName::Vault).unwrap();
    assert_eq!(length, Some(OBJECT_BYTES_MAX + 1));
}

#[test]
fn a_store_opened_for_reading_never_writes() {
    let (_folder, store) = filled();
    let read = DirectoryStore::open(&store.path, DirectoryAccess::ReadOnly).unwrap();
    for answer in
        [put(&read, 1).map(|_| ()), read.erase(&ObjectName::Vault), read.erase_leftovers(&Folder::Owner).map(|_| ())]
    {
        assert!(matches!(answer, Err(StoreError::ReadOnly { .. })), "{answer:?}");
    }
    read.commit().unwrap();
    assert_eq!(all_listed(&read), all_listed(&store));
}

#[test]
fn a_medium_that_is_read_only_says_so() {
    let mounted = Mounted::tmpfs(1 << 20);
    let store = DirectoryStore::create(mounted.path()).unwrap();
    put(&store, 1).unwrap();
    let path = mounted.path().to_str().unwrap();
    run("mount", &["-o", "remount,ro", path]);
    for answer in [put(&store, 2).map(|_| ()), store.erase(&lease(1).0)] {
        assert!(matches!(answer, Err(StoreError::ReadOnly { .. })), "{answer:?}");
    }
    assert_eq!(put(&store, 1).unwrap(), Put::Present);
}

#[test]
fn a_full_medium_takes_nothing_and_loses_nothing() {
    let mounted = Mounted::tmpfs(1 << 20);
    let store = DirectoryStore::create(mounted.path()).unwrap();
    let object = |number: u8| {
        let bytes = vec![number; 100_000];
        let hash = ObjectHash::of(&bytes);
        (ObjectName::Numbered(STRAND, NumberedKind::Keys, number.into(), hash), bytes)
    };
    let written = (0..20)
        .take_while(|number| {
            let (name, bytes) = object(*number);
            match store.put(&name, &bytes) {
                Ok(Put::Written) => true,
                Err(StoreError::NoSpace { .. }) => false,
                other => panic!("{other:?}"),
            }
        })
        .count() as u8;
    assert!((5..11).contains(&written), "{written}");
    store.commit().unwrap();
    for number in 0..written {
        let (name, bytes) = object(number);
        assert_eq!(store.get(&name).unwrap(), bytes);
    }
    assert_eq!(files_below(mounted.path()).len(), usize::from(written));
    store.erase(&object(0).0).unwrap();
    let (name, bytes) = object(written);
    assert_eq!(store.put(&name, &bytes).unwrap(), Put::Written);
}

#[test]
fn a_missing_right_is_named() {
    let (_folder, store) = filled();
    put(&store, 1).unwrap();
    let path = store.path.join(LEASES.to_string());
    let directory = std_fs::File::open(&path).unwrap();
    let immutable = |flags| {
        fs::ioctl_setflags(&directory, flags).expect("this test needs root and a file system with immutable folders");
    };
    immutable(IFlags::IMMUTABLE);
    let answers = [put(&store, 2).map(|_| ()), store.erase(&lease(1).0)];
    immutable(IFlags::empty());
    for answer in answers {
        match answer {
            Err(StoreError::Denied { place }) => assert!(place.contains("leases"), "{place}"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(put(&store, 2).unwrap(), Put::Written);
}

#[test]
fn a_failed_commit_refuses_writes_until_the_store_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = DirectoryStore::create(folder.path()).unwrap();
    put(&store, 1).unwrap();
    store.commit().unwrap();
    put(&store, 2).unwrap();
    // The folder that must be flushed is gone, and what was put into it.
    let path = store.path.join(LEASES.to_string());
    std_fs::rename(&path, store.path.join("aside")).unwrap();
    let answer = store.commit();
    assert!(matches!(answer, Err(StoreError::Io { .. })), "{answer:?}");
    std_fs::rename(store.path.join("aside"), &path).unwrap();
    for answer in [store.commit(), put(&store, 3).map(|_| ()), store.erase(&lease(1).0)] {
        assert!(matches!(answer, Err(StoreError::Poisoned { .. })), "{answer:?}");
    }
    assert_eq!(store.get(&lease(2).0).unwrap(), lease(2).1);
    let again = DirectoryStore::open(folder.path(), DirectoryAccess::ReadWrite).unwrap();
    assert_eq!(put(&again, 2).unwrap(), Put::Present);
    assert_eq!(put(&again, 3).unwrap(), Put::Written);
    again.commit().unwrap();
}

#[test]
fn a_vault_is_created_in_an_empty_folder_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault");
    let missing = DirectoryStore::open(&path, DirectoryAccess::ReadOnly);
    assert!(matches!(missing, Err(StoreError::NoFolder { .. })));
    let nowhere = DirectoryStore::create(path.join("deeper"));
    assert!(matches!(nowhere, Err(StoreError::NoFolder { .. })));
    DirectoryStore::create(&path).unwrap();
    std_fs::create_dir(path.join("lost+found")).unwrap();
    DirectoryStore::create(&path).unwrap();
    std_fs::write(path.join("file"), b"").unwrap();
    let taken = DirectoryStore::create(&path);
    assert!(matches!(taken, Err(StoreError::NotEmpty { .. })));
    for answer in
        [DirectoryStore::create(path.join("file")), DirectoryStore::open(path.join("file"), DirectoryAccess::ReadWrite)]
    {
        assert!(matches!(answer, Err(StoreError::NoFolder { .. })), "{answer:?}");
    }
}

/// Copies what a disk holds at one moment, as if its power had gone then, and opens the store on the copy.
fn after_power_loss(image: &Path) -> (Mounted, DirectoryStore) {
    let copy = image.with_extension("copy");
    std_fs::copy(image, &copy).unwrap();
    let mounted = Mounted::new(&["-o", "loop", copy.to_str().unwrap()]);
    let path = mounted.path().join("vault");
    let store = DirectoryStore::open(path, DirectoryAccess::ReadWrite).unwrap();
    (mounted, store)
}

#[test]
fn committed_objects_survive_a_power_loss() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("disk");
    std_fs::File::create(&image).unwrap().set_len(32 << 20).unwrap();
    let path = image.to_str().unwrap();
    run("mkfs.ext4", &["-q", path]);
    // Nothing reaches the disk that was not flushed: the file system's own flushes are put off.
    let mounted = Mounted::new(&["-o", "loop,commit=300", path]);
    let store = DirectoryStore::create(mounted.path().join("vault")).unwrap();
    let objects = objects_of_all_kinds();
    for (name, bytes) in &objects {
        store.put(name, bytes).unwrap();
    }
    store.commit().unwrap();
    let (uncommitted, _) = lease(1);
    put(&store, 1).unwrap();
    {
        let (_mounted, survivor) = after_power_loss(&image);
        for (name, bytes) in &objects {
            assert_eq!(survivor.get(name).unwrap(), *bytes, "{name}");
        }
        // The other way round: this test would notice a flush that is missing.
        assert_eq!(survivor.head(&uncommitted).unwrap(), None);
        assert_eq!(survivor.erase_leftovers(&LEASES).unwrap(), 1);
        assert_eq!(put(&survivor, 1).unwrap(), Put::Written);
    }
    store.erase(objects.keys().last().unwrap()).unwrap();
    store.commit().unwrap();
    let (_mounted, survivor) = after_power_loss(&image);
    assert_eq!(survivor.get(&uncommitted).unwrap(), lease(1).1);
    assert_eq!(survivor.head(objects.keys().last().unwrap()).unwrap(), None);
}

#[test]
fn what_was_listed_is_flushed_by_the_next_commit() {
    let (folder, store) = filled();
    drop(store);
    let store = DirectoryStore::open(folder.path().join("vault"), DirectoryAccess::ReadWrite).unwrap();
    assert!(lock(&store.ledger).take().is_empty());
    let name = all_listed(&store)[0].0;
    let relied_on = lock(&store.ledger).take();
    assert!(relied_on.contains(&Location::of(&name).folder), "{name}: {relied_on:?}");
    let reading = DirectoryStore::open(folder.path().join("vault"), DirectoryAccess::ReadOnly).unwrap();
    all_listed(&reading);
    assert!(lock(&reading.ledger).take().is_empty());
}
