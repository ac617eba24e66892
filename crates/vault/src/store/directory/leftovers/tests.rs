#![expect(clippy::disallowed_methods, reason = "tests plant files and look at them")]

use std::fs as std_fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::UNIX_EPOCH;

use rustix::fs::{CWD, FileType, mknodat};

use super::*;
use crate::id::ObjectHash;
use crate::name::ObjectName;
use crate::store::conformance::objects_of_all_kinds;
use crate::store::{DirectoryAccess, Put, Store};

/// Makes a store with all kinds of objects in a temporary directory, which lives as long as the first part.
fn filled() -> (tempfile::TempDir, DirectoryStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = DirectoryStore::create(folder.path().join("vault")).unwrap();
    for (name, bytes) in objects_of_all_kinds() {
        store.put(&name, &bytes).unwrap();
    }
    (folder, store)
}

fn make_old(path: &Path) {
    std_fs::OpenOptions::new().write(true).open(path).unwrap().set_modified(UNIX_EPOCH).unwrap();
}

/// Returns all directories of a vault.
fn directories(top: &Path) -> Vec<std::path::PathBuf> {
    let mut found = vec![top.to_path_buf()];
    let mut at = 0;
    while let Some(directory) = found.get(at).cloned() {
        let entries = std_fs::read_dir(directory).unwrap().map(Result::unwrap);
        found.extend(entries.filter(|entry| entry.file_type().unwrap().is_dir()).map(|entry| entry.path()));
        at += 1;
    }
    found
}

#[test]
fn what_the_dead_left_is_erased_wherever_objects_lie() {
    let (_folder, store) = filled();
    let whole = |folder: &Folder| {
        let mut names = Vec::new();
        store.list(folder, &mut |name, bytes| names.push((name, bytes))).unwrap();
        names.sort();
        names
    };
    let folders: Vec<_> = objects_of_all_kinds().keys().filter_map(ObjectName::folder).collect();
    let before: Vec<_> = folders.iter().map(whole).collect();
    let mut planted = Vec::new();
    for directory in directories(&store.path) {
        let path = directory.join(".tmp-7-7");
        std_fs::write(&path, b"half of an obj").unwrap();
        make_old(&path);
        planted.push(path);
    }
    let erased = store.erase_abandoned().unwrap();
    let stayed: Vec<_> = planted.iter().filter(|path| path.exists()).collect();
    // Two directories hold no objects themselves.
    let above =
        |path: &&&std::path::PathBuf| ["strands", "packs"].iter().any(|name| path.parent().unwrap().ends_with(name));
    assert!(stayed.iter().filter(|path| !above(path)).count() == 0, "{stayed:?}");
    assert_eq!(erased as usize + stayed.len(), planted.len());
    assert!(erased > 5);
    assert_eq!(folders.iter().map(whole).collect::<Vec<_>>(), before);
}

#[test]
fn what_the_living_write_stays() {
    let (_folder, store) = filled();
    let (name, file) = store.create_temporary(&store.root, "").unwrap();
    let path = store.path.join(name);
    make_old(&path);
    assert_eq!(store.erase_abandoned().unwrap(), 0);
    assert_eq!(store.erase_leftovers(&Folder::Owner).unwrap(), 0);
    assert!(path.exists());
    drop(file);
    assert_eq!(store.erase_abandoned().unwrap(), 1);
    assert!(!path.exists());
}

#[test]
fn what_is_young_stays_unless_its_strand_is_locked() {
    let (_folder, store) = filled();
    let path = store.path.join("owner/.tmp-1-1");
    std_fs::write(&path, b"half").unwrap();
    assert_eq!(store.erase_abandoned().unwrap(), 0);
    assert!(path.exists());
    assert_eq!(store.erase_leftovers(&Folder::Owner).unwrap(), 1);
    assert!(!path.exists());
}

#[test]
fn nothing_else_is_erased() {
    let (folder, store) = filled();
    let outside = folder.path().join("outside");
    std_fs::write(&outside, b"old").unwrap();
    std_fs::create_dir(store.path.join("foreign")).unwrap();
    std_fs::create_dir(store.path.join("owner/.tmp-1-1")).unwrap();
    mknodat(CWD, store.path.join("owner/.tmp-1-2"), FileType::Fifo, Mode::RUSR, 0).unwrap();
    symlink(&outside, store.path.join("owner/.tmp-1-3")).unwrap();
    let object = store.path.join("owner/.tmp-1-4");
    let other_name = store.path.join("owner/letter.odt");
    for file in [".tmp-", ".tmp-notes", ".tmp-1-1.odt", "foreign/.tmp-1-1", "owner/letter.odt"] {
        std_fs::write(store.path.join(file), b"a letter").unwrap();
        make_old(&store.path.join(file));
    }
    make_old(&outside);
    std_fs::hard_link(&other_name, &object).unwrap();
    // The second name of a file goes; the file stays.
    assert_eq!(store.erase_abandoned().unwrap(), 1);
    assert_eq!(store.erase_leftovers(&Folder::Owner).unwrap(), 0);
    for file in [".tmp-", ".tmp-notes", ".tmp-1-1.odt", "foreign/.tmp-1-1", "owner/letter.odt", "owner/.tmp-1-1"] {
        assert!(store.path.join(file).exists(), "{file}");
    }
    for file in ["owner/.tmp-1-2", "owner/.tmp-1-3"] {
        assert!(store.path.join(file).symlink_metadata().is_ok(), "{file}");
    }
    assert_eq!(std_fs::read(&other_name).unwrap(), b"a letter");
    assert!(outside.exists());
    let reading = DirectoryStore::open(store.path.clone(), DirectoryAccess::ReadOnly).unwrap();
    assert!(matches!(reading.erase_abandoned(), Err(StoreError::ReadOnly { .. })));
}

/// Erases without asking for age, which is the hardest: what was made this moment may be taken for a leftover.
#[test]
fn who_writes_while_leftovers_are_erased_loses_nothing() {
    let (_folder, store) = filled();
    let objects = |thread: u64| {
        (0..400_u64).map(move |number| {
            let bytes = format!("{thread} {number}").into_bytes();
            (ObjectName::Owner(1000 + thread * 1000 + number, ObjectHash::of(&bytes)), bytes)
        })
    };
    let is_over = AtomicBool::new(false);
    let erased = std::thread::scope(|scope| {
        let sweeper = scope.spawn(|| {
            let mut erased = 0;
            while !is_over.load(Ordering::SeqCst) {
                erased += store.erase_leftovers(&Folder::Owner).unwrap();
            }
            erased
        });
        let writers: Vec<_> = (0..4)
            .map(|thread| {
                let store = &store;
                scope.spawn(move || {
                    for (name, bytes) in objects(thread) {
                        assert_eq!(store.put(&name, &bytes).unwrap(), Put::Written);
                    }
                })
            })
            .collect();
        let written: Vec<_> = writers.into_iter().map(|writer| writer.join()).collect();
        is_over.store(true, Ordering::SeqCst);
        written.into_iter().for_each(Result::unwrap);
        sweeper.join().unwrap()
    });
    println!("{erased} fresh files were taken for leftovers");
    for (name, bytes) in (0..4).flat_map(objects) {
        assert_eq!(store.get(&name).unwrap(), bytes);
    }
}
