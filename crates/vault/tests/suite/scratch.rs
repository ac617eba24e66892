//! The scratch folder: needed only when memory does not suffice, and never a reason to call a vault damaged.

use std::ffi::CString;
use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use vault::check::{CheckMonitor, SnapshotName, check};
use vault::id::StrandId;
use vault::read::{ReadError, StrandReader};
use vault::scratch::{Scratch, ScratchError};

use crate::damage::{Quiet, READ_ALL};
use crate::rig::{Rig, noise, read_folder};

/// Empties the files without a name that this process has in a folder when a check comes to its trees.
struct Cutter(PathBuf);

impl CheckMonitor for Cutter {
    fn reading(&self, _: StrandId, _: u64) {}
    fn read(&self, _: u64) {}
    fn walking(&self, _: &SnapshotName) {
        assert!(empty_unnamed_files(&self.0) > 0);
    }
    fn stopping(&self) -> bool {
        false
    }
}

fn empty_unnamed_files(folder: &Path) -> usize {
    let mut emptied = 0;
    for entry in fs::read_dir("/proc/self/fd").unwrap() {
        let descriptor = entry.unwrap().path();
        if fs::read_link(&descriptor).is_ok_and(|file| file.starts_with(folder)) {
            OpenOptions::new().write(true).open(&descriptor).unwrap().set_len(0).unwrap();
            emptied += 1;
        }
    }
    emptied
}

fn rig(files: u64) -> Rig {
    let rig = Rig::new();
    (0..files).for_each(|n| rig.write(&format!("d{}/{n}", n % 10), &noise(n, 100)));
    rig.backup();
    rig
}

/// Opens and checks with a scratch folder, and returns both errors.
fn errors(rig: &Rig, scratch: &Scratch) -> [ScratchError; 2] {
    let snapshot = rig.snapshots().pop().unwrap();
    let secrets = rig.vault().secrets(&rig.kit, &rig.keys.strand).unwrap();
    let opened = StrandReader::open(Arc::clone(&rig.store), secrets, &[&snapshot], scratch, &mut |_| {}).err();
    let checked = check(&rig.vault(), Some(&rig.kit), &READ_ALL, scratch, &Quiet).err();
    [opened, checked].map(|error| match error {
        Some(ReadError::Scratch(error)) => error,
        other => panic!("{other:?}"),
    })
}

fn assert_unhurt(rig: &Rig) {
    assert!(rig.contents(&rig.snapshots().pop().unwrap()) == read_folder(&rig.source()));
    assert!(check(&rig.vault(), Some(&rig.kit), &READ_ALL, &rig.scratch(), &Quiet).unwrap().is_sound());
}

#[test]
fn a_folder_that_cannot_be_used_is_an_error_only_when_it_is_needed() {
    let rig = rig(200);
    for (folder, kind) in [("/nowhere/at/all", ErrorKind::NotFound), ("/dev/null", ErrorKind::NotADirectory)] {
        let scratch = Scratch::new(folder);
        assert!(check(&rig.vault(), Some(&rig.kit), &READ_ALL, &scratch, &Quiet).unwrap().is_sound());
        for error in errors(&rig, &Scratch { memory_bytes_max: 3000, ..scratch }) {
            assert_eq!((error.folder, error.source.kind()), (folder.into(), kind));
        }
    }
    assert_unhurt(&rig);
}

#[test]
fn a_full_disk_is_told_and_nothing_is_damaged() {
    let rig = rig(2500);
    let place = tempfile::tempdir().unwrap();
    let options = CString::new("size=64k").unwrap();
    mount("tmpfs", place.path(), "tmpfs", MountFlags::empty(), options.as_c_str()).expect("this test needs root");
    let errors = errors(&rig, &Scratch { folder: place.path().to_owned(), memory_bytes_max: 30_000 });
    let left = fs::read_dir(place.path()).unwrap().count();
    unmount(place.path(), UnmountFlags::DETACH).unwrap();
    for error in errors {
        assert_eq!((error.folder.as_path(), error.source.kind()), (place.path(), ErrorKind::StorageFull));
    }
    assert_eq!(left, 0);
    assert_unhurt(&rig);
}

#[test]
fn a_file_that_fails_during_a_check_is_no_damage() {
    let rig = rig(200);
    let scratch = rig.scratch();
    let checked = check(&rig.vault(), Some(&rig.kit), &READ_ALL, &scratch, &Cutter(scratch.folder.clone()));
    assert!(matches!(checked.unwrap_err(), ReadError::Scratch(error) if error.folder == scratch.folder));
    assert_unhurt(&rig);
}
