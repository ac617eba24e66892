//! Comparing snapshots, against a model that reads everything.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, FileTimes};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;

use vault::blob::BlobKind;
use vault::diff::{ChangeKind, DiffItem, diff};
use vault::name::{HashedKind, ObjectName};
use vault::read::{SnapshotReader, WalkItem};
use vault::store::{Erase, MemoryStore};
use vault::tree::{Entry, EntryKind, FileTime};

use crate::rig::{Rig, noise};

type Changes = BTreeSet<(Vec<u8>, ChangeKind)>;
type Model = BTreeMap<Vec<u8>, (Entry, Vec<u8>)>;

/// Draws numbers, the same for the same seed.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Reads every entry, and the content of every file.
fn read(reader: &SnapshotReader) -> Model {
    let mut model = Model::from([(Vec::new(), (reader.root().clone(), Vec::new()))]);
    for item in reader.walk(reader.root()) {
        match item {
            WalkItem::Entry(path, entry) => {
                let mut content = Vec::new();
                for chunk in reader.chunks(&entry).map(Result::unwrap) {
                    match chunk.is_zeros() {
                        true => content.resize(content.len() + chunk.bytes as usize, 0),
                        false => content.extend(reader.blob(BlobKind::Chunk, &chunk.id).unwrap()),
                    }
                }
                model.insert(path, (entry, content));
            }
            WalkItem::Leave(_) => {}
            WalkItem::Fault(path, fault) => panic!("{path:?}: {fault}"),
        }
    }
    model
}

/// Compares two trees that were read whole.
fn expected(before: &Model, after: &Model) -> Changes {
    // What is left of an entry once everything that is compared otherwise, or not at all, is taken away.
    let bare = |entry: &Entry| {
        let kind = match &entry.kind {
            EntryKind::Directory { .. } => EntryKind::default(),
            EntryKind::File { .. } => EntryKind::Fifo,
            other => other.clone(),
        };
        Entry { kind, ctime: FileTime::default(), facts: None, torn: false, ..entry.clone() }
    };
    let mut changes = Changes::new();
    for path in before.keys().chain(after.keys()) {
        let kind = match (before.get(path), after.get(path)) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            (Some((one, content)), Some((other, other_content))) => {
                let (bare_one, bare_other) = (bare(one), bare(other));
                if std::mem::discriminant(&one.kind) != std::mem::discriminant(&other.kind) {
                    ChangeKind::Replaced
                } else if content != other_content || bare_one.kind != bare_other.kind {
                    ChangeKind::Content
                } else if bare_one != bare_other {
                    ChangeKind::Attributes
                } else {
                    continue;
                }
            }
        };
        changes.insert((path.clone(), kind));
    }
    changes
}

/// What the comparison yields, each path once and in the order of a walk, and where it could not read.
fn found(before: &SnapshotReader, after: &SnapshotReader) -> (Changes, BTreeSet<Vec<u8>>) {
    let (mut changes, mut faults) = (Changes::new(), BTreeSet::new());
    let mut last: Option<Vec<Vec<u8>>> = None;
    for item in diff(before, after) {
        match item {
            DiffItem::Change(change) => {
                let parts: Vec<Vec<u8>> = change.path.split(|byte| *byte == b'/').map(<[u8]>::to_vec).collect();
                assert!(change.path.is_empty() || last.as_ref().is_none_or(|last| *last < parts), "{:?}", change.path);
                assert_eq!(change.before.is_none(), change.kind == ChangeKind::Added);
                assert_eq!(change.after.is_none(), change.kind == ChangeKind::Removed);
                if !change.path.is_empty() {
                    last = Some(parts);
                }
                changes.insert((change.path.clone(), change.kind));
            }
            DiffItem::Fault { path, .. } => faults.extend([path]),
        }
    }
    (changes, faults)
}

/// Changes a few things at random.
fn edit(rig: &Rig, draw: &mut Draw) {
    for _ in 0..draw.below(25) {
        let path = match draw.below(4) {
            0 => format!("f{}", draw.below(20)),
            1 => format!("big/{:04}", draw.below(2000)),
            2 => format!("d{}/f{}", draw.below(5), draw.below(10)),
            _ => format!("d{}/deep/er/f{}", draw.below(5), draw.below(10)),
        };
        let whole = rig.source().join(&path);
        match draw.below(8) {
            0 => drop(fs::remove_file(&whole)),
            1 => drop(fs::remove_dir_all(rig.source().join(format!("d{}", draw.below(5))))),
            2 if whole.is_file() => fs::set_permissions(&whole, fs::Permissions::from_mode(0o600)).unwrap(),
            // A new inode change time, and nothing else.
            3 if whole.is_file() => fs::set_permissions(&whole, whole.metadata().unwrap().permissions()).unwrap(),
            4 if !whole.exists() && whole.parent().unwrap().is_dir() => drop(symlink("target", &whole)),
            5 => {
                let directory = rig.source().join(format!("f{}", draw.below(20)));
                let _ = fs::remove_file(&directory);
                let _ = fs::create_dir(&directory);
            }
            _ if !whole.is_dir() && !whole.is_symlink() => {
                let content = noise(draw.below(1 << 30), [10, 5000, 60_000][draw.below(3) as usize]);
                if whole.parent().unwrap().is_dir() || !whole.parent().unwrap().exists() {
                    rig.write(&path, &content);
                }
            }
            _ => {}
        }
    }
}

fn prepare(rig: &Rig) {
    for n in 0..1500 {
        rig.write(&format!("big/{n:04}"), &noise(n, 20));
    }
    for n in 0..5 {
        rig.write(&format!("d{n}/deep/er/f1"), &noise(n, 30_000));
    }
    rig.write("image", &noise(9, 500_000));
}

#[test]
fn changes_are_those_that_a_full_reading_finds() {
    for (seed, sha256) in [(1, true), (2, false), (3, false)] {
        let mut rig = Rig::new();
        rig.options.sha256 = sha256;
        let mut draw = Draw(seed);
        prepare(&rig);
        let (mut readers, mut models): (Vec<SnapshotReader>, Vec<Model>) = Default::default();
        for round in 0..4 {
            if round > 0 {
                edit(&rig, &mut draw);
            }
            rig.backup();
            readers.push(rig.open(rig.snapshots().last().unwrap()).0);
            models.push(read(readers.last().unwrap()));
        }
        for (before, old) in readers.iter().zip(&models) {
            for (after, new) in readers.iter().zip(&models) {
                assert_eq!(found(before, after), (expected(old, new), BTreeSet::new()));
            }
        }
    }
}

/// Copies a folder with its times and modes.
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        let kind = entry.file_type().unwrap();
        if kind.is_symlink() {
            symlink(fs::read_link(entry.path()).unwrap(), &target).unwrap();
            continue;
        }
        if kind.is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
        stamp(&entry.path(), &target);
    }
    stamp(from, to);
}

fn stamp(from: &Path, to: &Path) {
    let times = FileTimes::new().set_modified(from.metadata().unwrap().modified().unwrap());
    fs::File::open(to).unwrap().set_times(times).unwrap();
    fs::set_permissions(to, from.metadata().unwrap().permissions()).unwrap();
}

#[test]
fn snapshots_of_two_strands_are_compared_by_their_bytes() {
    for sha256 in [true, false] {
        let (mut one, mut other) = (Rig::new(), Rig::new());
        (one.options.sha256, other.options.sha256) = (sha256, sha256);
        prepare(&one);
        one.write("zeros", &[vec![0; 100_000], vec![1; 10], vec![0; 40_000]].concat());
        copy(&one.source(), &other.source());
        one.backup();
        other.backup();
        let open = |rig: &Rig| rig.open(rig.snapshots().last().unwrap()).0;
        let before = open(&one);
        let (changes, _) = found(&before, &open(&other));
        assert!(changes.is_empty(), "{changes:?}");
        edit(&other, &mut Draw(4));
        other.write("image", &noise(10, 500_000));
        other.write("zeros", &[vec![0; 100_000], vec![2; 10], vec![0; 40_000]].concat());
        other.backup();
        let after = open(&other);
        let truth = expected(&read(&before), &read(&after));
        assert!(truth.contains(&(b"zeros".to_vec(), ChangeKind::Content)));
        assert_eq!(found(&before, &after), (truth, BTreeSet::new()));
    }
}

#[test]
fn what_cannot_be_read_is_told_and_nothing_is_made_up() {
    let store = MemoryStore::new();
    let mut rig = Rig::over(Arc::new(store.clone()));
    rig.options.sha256 = false;
    prepare(&rig);
    rig.backup();
    for n in [3, 700, 1400] {
        fs::remove_file(rig.source().join(format!("big/{n:04}"))).unwrap();
        rig.write(&format!("big/{n:04}x"), b"new");
    }
    rig.write("d1/deep/new", b"new");
    rig.backup();
    let snapshots = rig.snapshots();
    let (before, after) = (rig.open(&snapshots[0]).0, rig.open(&snapshots[1]).0);
    let truth = expected(&read(&before), &read(&after));
    let packs: Vec<_> =
        (store.names().into_iter()).filter(|name| matches!(name, ObjectName::Hashed(_, HashedKind::Pack, _))).collect();
    let mut hidden = 0;
    for pack in packs {
        let bytes = vault::store::Store::get(&store, &pack).unwrap();
        store.erase(&pack).unwrap();
        let (changes, faults) = found(&before, &after);
        assert!(changes.is_subset(&truth), "{:?}", changes.difference(&truth));
        assert!(changes == truth || !faults.is_empty(), "what is not told is excused");
        hidden += usize::from(changes != truth);
        store.overwrite(pack, bytes);
    }
    assert!(hidden > 0);
}
