//! Another process swaps files, folders and links in the tree while it is repaired.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::shell;
use crate::alarms::town;
use crate::rig::Rig;
use crate::slowly::{files, hurt};

/// What is outside: path, content, inode, times, links, mode.
type Seen = BTreeMap<PathBuf, (Vec<u8>, u64, i64, i64, i64, u64, u32)>;

fn seen(outside: &Path) -> Seen {
    let mut found = BTreeMap::new();
    let mut waiting = vec![outside.to_path_buf()];
    while let Some(path) = waiting.pop() {
        let about = fs::symlink_metadata(&path).unwrap();
        let content = if about.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
        let times = (about.mtime(), about.mtime_nsec(), about.ctime_nsec());
        let marks = (content, about.ino(), times.0, times.1, times.2, about.nlink(), about.mode());
        if about.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        found.insert(path, marks);
    }
    found
}

/// A name of a folder of the tree, which is open, and a link to its counterpart outside.
struct Pair {
    folder: File,
    name: &'static str,
    link: PathBuf,
}

impl Pair {
    fn new(rig: &Rig, path: &'static str) -> Self {
        let place = rig.path("source").join(path);
        let link = rig.path("spare").join(path.replace('/', "-"));
        symlink(rig.path("outside").join(path), &link).unwrap();
        let name = path.rsplit('/').next().unwrap();
        Self { folder: File::open(place.parent().unwrap()).unwrap(), name, link }
    }

    /// Swaps the two in one step; tells whether both were there.
    fn swap(&self) -> bool {
        renameat_with(&self.folder, self.name, CWD, &self.link, RenameFlags::EXCHANGE).is_ok()
    }
}

/// Swaps names over and over until it is told to stop.
fn swap(pairs: &[Pair], stop: &AtomicBool, swaps: &AtomicU64) {
    while !stop.load(Ordering::Relaxed) {
        let done = pairs.iter().filter(|pair| pair.swap()).count() as u64;
        swaps.fetch_add(done, Ordering::Relaxed);
    }
}

#[test]
fn nothing_outside_is_read_written_or_removed_while_names_are_swapped() {
    let rig = Rig::new();
    town(&rig);
    rig.backup();
    shell(&rig, "cp -a source should; cp -a source outside; mkdir spare");
    // The same names outside, with bytes that are found nowhere else.
    for path in files(&rig) {
        fs::write(rig.path("outside").join(&path), format!("CANARY {path}\n").repeat(60)).unwrap();
    }
    let outside = seen(&rig.path("outside"));
    let swaps = AtomicU64::new(0);
    for round in 0..6 {
        let paths = ["mairie", "mairie/urbanisme", "ecole", "etat civil", "mairie/lettre 1.txt", "ecole/compte 2.csv"];
        shell(&rig, "rm -rf source spare; cp -a should source; mkdir spare");
        for (seed, path) in (0..).zip(files(&rig)).filter(|(seed, _)| seed % 3 == round % 3) {
            hurt(&rig.path("source").join(path), seed + 1);
        }
        let pairs = paths.map(|path| Pair::new(&rig, path));
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| swap(&pairs, &stop, &swaps));
            let mut arguments = vec!["restore", "latest", "--to", "source", "--overwrite", "if-damaged", "--jobs", "2"];
            if round % 2 == 0 {
                arguments.extend(["--evidence", "kept"]);
            }
            let ran = rig.run(arguments);
            stop.store(true, Ordering::Relaxed);
            assert!([0, 1, 3].contains(&ran.code), "{}\n{}", ran.code, ran.err);
        });
        let after = seen(&rig.path("outside"));
        let differ: Vec<_> =
            outside.iter().filter(|(path, marks)| after.get(*path) != Some(marks)).map(|(path, _)| path).collect();
        assert!(differ.is_empty() && after.len() == outside.len(), "round {round}: {differ:?}");
    }
    let swaps = swaps.into_inner();
    assert!(swaps > 5000, "only {swaps} swaps");
    for place in ["kept", "source"] {
        let found = std::process::Command::new("grep").args(["-rl", "CANARY"]).arg(rig.path(place)).output().unwrap();
        assert!(found.stdout.is_empty(), "{}", String::from_utf8_lossy(&found.stdout));
    }
    // When nobody swaps any more, it is repaired.
    rig.run(["restore", "latest", "--to", "source", "--overwrite", "if-damaged", "--evidence", "kept"]).done();
    for path in crate::slowly::files_in(&rig.path("should")) {
        let (is, was) = (rig.path("source").join(&path), rig.path("should").join(&path));
        assert!(fs::read(is).ok() == fs::read(was).ok(), "{path}");
    }
}
