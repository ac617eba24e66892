//! Random histories of a source: after every backup each snapshot gives back what was there, and nothing else.
//!
//! `cargo xtask soak --rounds N --seed S` runs many more of them.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;
use std::time::Duration;

use blake3::{Hasher, OutputReader};
use vault::read::WalkItem;
use vault::snapshots::Snapshot;
use vault::tree::{Entry, EntryKind};

use crate::rig::{Contents, Rig, read_folder};

const BACKUPS: u64 = 5;
const CHANGES_MAX: u64 = 12;
const FILE_BYTES_MAX: u64 = 60_000;

#[test]
fn every_snapshot_of_a_random_history_comes_back() {
    let (rounds, seed) = (count("BEFFROI_SOAK_ROUNDS", 4), count("BEFFROI_SOAK_SEED", 1));
    for round in seed..seed + rounds {
        println!("history {round}");
        live_through(round);
    }
}

/// What a snapshot must give back: the content, and what else is kept of each entry.
struct Truth {
    contents: Contents,
    attributes: Vec<(Vec<u8>, Attributes)>,
}

/// Type and mode, owner, time, and where a link points.
type Attributes = (u32, (u32, u32), (i64, i64), Vec<u8>);

fn live_through(seed: u64) {
    let (rig, mut dice) = (Rig::new(), Dice::new(seed));
    let mut truths = Vec::new();
    for _ in 0..BACKUPS {
        for _ in 0..=dice.below(CHANGES_MAX) {
            change(&rig, &mut dice);
        }
        if dice.below(6) == 0 && rig.state().join("vaults").exists() {
            fs::remove_dir_all(rig.state().join("vaults")).unwrap();
        }
        rig.backup();
        truths.push(look(&rig));
        // File systems tell the time in ticks of some milliseconds; what changes within one, at the same size, is unseen.
        std::thread::sleep(Duration::from_millis(20));
    }
    let snapshots = rig.snapshots();
    assert_eq!(snapshots.len(), truths.len(), "history {seed}");
    for (snapshot, truth) in snapshots.iter().zip(&truths) {
        let at = snapshot.manifest.seq;
        assert!(rig.contents(snapshot) == truth.contents, "history {seed}, contents of snapshot {at}");
        assert_eq!(attributes(&rig, snapshot), truth.attributes, "history {seed}, attributes of snapshot {at}");
    }
}

/// Does one thing to the source, as people do.
fn change(rig: &Rig, dice: &mut Dice) {
    let name = format!("{}/{}", ["a", "a/b", "été", "a/b/c"][dice.below(4) as usize], dice.below(12));
    let new = rig.source().join(&name);
    let old = dice.pick(&files(rig));
    let free = new.symlink_metadata().is_err() && new.parent().unwrap().exists();
    match (dice.below(9), old) {
        (0, Some(old)) => fs::remove_file(old).unwrap(),
        (1, Some(old)) if free => fs::rename(old, new).unwrap(),
        (2, Some(old)) if free => fs::hard_link(old, new).unwrap(),
        (3, Some(old)) => {
            let mode = dice.below(0o1000) as u32;
            fs::set_permissions(old, fs::Permissions::from_mode(mode)).unwrap();
        }
        (4 | 5, Some(old)) => edit(&old, dice),
        (6, _) if free => drop(symlink("../a/1", new)),
        _ if new.symlink_metadata().is_ok() => {}
        _ => {
            let bytes = dice.below(FILE_BYTES_MAX) as usize;
            rig.write(&name, &dice.content(bytes));
        }
    }
}

/// Inserts into a file, cuts it, or puts zeros into it.
fn edit(path: &PathBuf, dice: &mut Dice) {
    let mut content = fs::read(path).unwrap();
    let at = dice.below(content.len() as u64 + 1) as usize;
    match dice.below(3) {
        0 => content.truncate(at),
        1 => drop(content.splice(at..at, vec![0; dice.below(FILE_BYTES_MAX) as usize])),
        _ => {
            let bytes = dice.below(3000) as usize;
            drop(content.splice(at..at, dice.content(bytes)));
        }
    }
    fs::write(path, content).unwrap();
}

/// Returns the regular files of the source, sorted.
fn files(rig: &Rig) -> Vec<PathBuf> {
    let paths = read_folder(&rig.source()).into_iter().filter(|(_, content)| content.is_some());
    paths.map(|(path, _)| rig.source().join(String::from_utf8(path).unwrap())).collect()
}

fn look(rig: &Rig) -> Truth {
    let contents = read_folder(&rig.source());
    let attributes = contents.keys().map(|path| {
        let place = rig.source().join(String::from_utf8(path.clone()).unwrap());
        let stat = fs::symlink_metadata(&place).unwrap();
        let link = fs::read_link(&place).map(|target| target.into_os_string().into_encoded_bytes()).unwrap_or_default();
        let time = (stat.mtime(), stat.mtime_nsec());
        (path.clone(), (stat.mode(), (stat.uid(), stat.gid()), time, link))
    });
    Truth { attributes: attributes.collect(), contents }
}

/// Reads of a snapshot what [`look`] reads of the source.
fn attributes(rig: &Rig, snapshot: &Snapshot) -> Vec<(Vec<u8>, Attributes)> {
    let (reader, _) = rig.open(snapshot);
    let entries = reader.walk(reader.root()).filter_map(|item| match item {
        WalkItem::Entry(path, entry) => Some((path, attributes_of(entry))),
        _ => None,
    });
    let mut entries: Vec<_> = entries.collect();
    entries.sort();
    entries
}

fn attributes_of(entry: Entry) -> Attributes {
    let (kind, link) = match entry.kind {
        EntryKind::File { .. } => (0o100_000, Vec::new()),
        EntryKind::Directory { .. } => (0o040_000, Vec::new()),
        EntryKind::Symlink { target } => (0o120_000, target),
        other => panic!("nobody made this: {other:?}"),
    };
    let time = (entry.mtime.seconds, i64::from(entry.mtime.nanoseconds));
    (kind | entry.mode, (entry.uid, entry.gid), time, link)
}

/// Chance that repeats itself.
struct Dice(OutputReader);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(Hasher::new().update(&seed.to_le_bytes()).finalize_xof())
    }

    fn below(&mut self, end: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % end
    }

    fn pick(&mut self, paths: &[PathBuf]) -> Option<PathBuf> {
        let at = self.below(paths.len().max(1) as u64) as usize;
        paths.get(at).cloned()
    }

    /// Makes bytes that compress, or do not.
    fn content(&mut self, bytes: usize) -> Vec<u8> {
        let mut content = vec![0; bytes];
        self.0.fill(&mut content);
        if self.below(2) == 0 {
            content.iter_mut().for_each(|byte| *byte = b'a' + *byte % 3);
        }
        content
    }
}

fn count(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).map_or(usual, |count| count.parse().unwrap())
}
