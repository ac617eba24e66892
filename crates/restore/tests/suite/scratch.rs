//! Snapshots whose blobs do not all fit in memory.

use std::fs::{self, OpenOptions};
use std::path::Path;

use restore::fill::RestoreError;
use restore::target::Overwrite;
use vault::read::ReadFault;
use vault::scratch::Scratch;

use crate::round_trip::make_tree;
use crate::town::{Town, assert_same};

/// Empties the files without a name that this process has in a folder; returns how many there were.
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

#[test]
fn a_tree_comes_back_through_the_scratch_file_and_after_it_failed() {
    let town = Town::new();
    make_tree(&town.path("source"));
    town.backup();
    fs::create_dir(town.path("scratch")).unwrap();
    let scratch = Scratch { folder: town.path("scratch"), memory_bytes_max: 3000 };

    let broken = town.newest_with(&scratch).unwrap();
    assert_eq!(empty_unnamed_files(&scratch.folder), 1);
    let (outcome, notes) = town.try_restore(&broken, ("service 3", "back/service 3"), Overwrite::Never);
    let error = outcome.unwrap_err();
    assert!(matches!(error, RestoreError::Read(ReadFault::Scratch(_))), "{error}");
    let (outcome, _) = town.try_restore(&broken, ("", "back"), Overwrite::Never);
    assert!(matches!(outcome.unwrap_err(), RestoreError::Read(ReadFault::Scratch(_))));
    assert!(notes.faults.lock().unwrap().is_empty(), "no file is blamed");

    let (outcome, notes) = town.try_restore(&town.newest_with(&scratch).unwrap(), ("", "back"), Overwrite::Never);
    let outcome = outcome.unwrap();
    assert_eq!((outcome.faults, outcome.warnings), (0, 0), "{:?}", notes.faults.lock().unwrap());
    assert!(outcome.verified >= 300);
    assert_same(&town.path("source"), &town.path("back"));
    assert_eq!(fs::read_dir(&scratch.folder).unwrap().count(), 0, "nothing is left");
}
