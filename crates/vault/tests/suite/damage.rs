//! The damage matrix: every kind of object, damaged in every way. What is not touched comes back byte for byte, and
//! `check` names exactly what is hurt.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;

use vault::blob::BlobKind;
use vault::bytes::SigningKey;
use vault::check::{CheckMonitor, CheckOptions, CheckReport, Damage, Extent, HurtPart, SnapshotName, check};
use vault::envelope::Identity;
use vault::expire::{ExpiryRecord, read_expiry_log};
use vault::id::{ObjectHash, StrandId};
use vault::list::write_lists;
use vault::name::{HashedKind, NumberedKind, ObjectName};
use vault::read::{SnapshotReader, StrandReader, WalkItem};
use vault::snapshots::{Snapshot, needed, read_snapshots};
use vault::store::{Erase, MemoryStore, RecordingStore, Store};
use vault::tree::{Entry, EntryKind};
use vault::vault::Vault;
use vault::world::Timestamp;

use crate::rig::{Rig, noise, read_folder};

/// Watches nothing.
pub struct Quiet;

impl CheckMonitor for Quiet {
    fn reading(&self, _: StrandId, _: u64) {}
    fn read(&self, _: u64) {}
    fn walking(&self, _: &SnapshotName) {}
    fn stopping(&self) -> bool {
        false
    }
}

pub const READ_ALL: CheckOptions = CheckOptions { read_data_percent: Some(100), seed: 1, jobs: 2 };

/// What is lost of a snapshot; `None` is all.
type Lost = Option<BTreeSet<(Vec<u8>, HurtPart)>>;
type AllLost = BTreeMap<SnapshotName, Lost>;
type Contents = BTreeMap<Vec<u8>, Result<Vec<u8>, ()>>;

/// A vault in memory, and what its snapshots hold.
struct Scene {
    rig: Rig,
    store: MemoryStore,
    truth: BTreeMap<SnapshotName, Contents>,
}

impl Scene {
    /// Backs up a tree that changes, adds a recipient, and keeps the last snapshot once more with its names in a list.
    fn new(rounds: u64) -> Self {
        let store = MemoryStore::new();
        let rig = Rig::over(Arc::new(store.clone()));
        for round in 0..rounds {
            change(&rig, round);
            rig.backup();
        }
        let mut vault = rig.vault();
        let desk = Identity::generate().recipient().unwrap();
        vault.add_recipient(&rig.kit, desk, Timestamp::from_seconds(1_700_000_200)).unwrap();
        change(&rig, rounds);
        rig.backup();
        put_with_list(&rig);
        put_expiry(&rig, Vec::new());
        let mut scene = Self { rig, store, truth: BTreeMap::new() };
        let (contents, lost) = scene.read(&scene.store);
        assert!(lost.is_empty(), "{lost:?}");
        scene.truth = contents;
        scene
    }

    fn copy(&self) -> MemoryStore {
        let copy = MemoryStore::new();
        for name in self.store.names() {
            copy.overwrite(name, self.store.get(&name).unwrap());
        }
        copy
    }

    /// Reads everything of every snapshot, as a restore would.
    fn read(&self, store: &MemoryStore) -> (BTreeMap<SnapshotName, Contents>, AllLost) {
        let vault = Vault::open(Arc::new(store.clone())).unwrap();
        let strand = self.rig.keys.strand;
        let snapshots = read_snapshots(&vault, strand, &mut |_| {}).unwrap();
        let (mut contents, mut lost) = (BTreeMap::new(), AllLost::new());
        for name in self.truth.keys() {
            if !snapshots.iter().any(|snapshot| snapshot.hash == name.hash) {
                lost.insert(*name, None);
            }
        }
        for snapshot in &snapshots {
            let name = SnapshotName { strand, seq: snapshot.manifest.seq, hash: snapshot.hash };
            match open(&vault, &self.rig, snapshot) {
                None => drop(lost.insert(name, None)),
                Some(reader) => {
                    let (read, gone) = read_tree(&reader);
                    contents.insert(name, read);
                    if !gone.is_empty() {
                        lost.insert(name, Some(gone));
                    }
                }
            }
        }
        (contents, lost)
    }

    /// Damages one object, and compares what `check` says with what is really lost.
    fn verify(&self, damaged: &MemoryStore, what: &str) -> CheckReport {
        let (contents, mut lost) = self.read(damaged);
        for (name, content) in &contents {
            for (path, bytes) in content {
                assert!(bytes.is_err() || self.truth[name].get(path) == Some(bytes), "{what}: {path:?} of {name:?}");
            }
            // Whatever is neither there nor below a directory that lost entries would have vanished without a word.
            for path in self.truth[name].keys().filter(|path| !content.contains_key(*path)) {
                let below = |(directory, part): &(Vec<u8>, HurtPart)| {
                    *part == HurtPart::Entries && (directory.is_empty() || path.starts_with(directory))
                };
                assert!(lost[name].iter().flatten().any(below), "{what}: {path:?} vanished");
            }
        }
        let vault = Vault::open(Arc::new(damaged.clone())).unwrap();
        let report = check(&vault, Some(&self.rig.kit), &READ_ALL, &self.rig.scratch(), &Quiet).unwrap();
        // That the newest manifests were taken away, only who remembers them can know.
        let newest = *self.truth.keys().last().unwrap();
        if damaged.head(&newest.object()).unwrap().is_none() {
            assert_eq!(lost.remove(&newest), Some(None));
        }
        assert_eq!(named(&report), lost, "{what}: {:?}", report.faults);
        for hurt in &report.hurt {
            let told = report.faults.iter().any(|fault| fault.snapshots.contains(&hurt.snapshot));
            assert!(told, "{what}: no fault touches {hurt:?}");
        }
        let touched: BTreeSet<_> = report.faults.iter().flat_map(|fault| &fault.snapshots).collect();
        assert!(touched.iter().all(|name| lost.contains_key(name)), "{what}: {:?}", report.faults);
        // Without a kit nothing that is hurt may be left out.
        let blind = check(&vault, None, &READ_ALL, &self.rig.scratch(), &Quiet).unwrap();
        for name in lost.keys() {
            assert!(blind.hurt.iter().any(|hurt| hurt.snapshot == *name), "{what}: {name:?} without a kit");
        }
        report
    }
}

/// Changes the source a little, so that every backup shares most with the one before.
fn change(rig: &Rig, round: u64) {
    rig.write("délibérations/2026.txt", format!("séance {round}\n").repeat(300).as_bytes());
    rig.write(&format!("mail/{round}.eml"), format!("bonjour {round}").as_bytes());
    rig.write("empty", b"");
    rig.write("zeros", &vec![0; 50_000]);
    if round.is_multiple_of(3) {
        rig.write(&format!("plans/{round}/a.bin"), &noise(100 + round, 9000));
    }
    if round == 0 {
        rig.write("image.bin", &noise(1, 400_000));
        for n in 0..200 {
            rig.write(&format!("archive/{n}"), &noise(1000 + n, 40));
        }
        fs::hard_link(rig.source().join("image.bin"), rig.source().join("link.bin")).unwrap();
    }
}

/// Keeps the newest snapshot again, with its names in lists.
fn put_with_list(rig: &Rig) {
    let last = rig.snapshots().pop().unwrap();
    let (names, _) = needed(rig.store.as_ref(), &last.manifest, &mut |_| {});
    let mut manifest = last.manifest.clone();
    for (hash, object) in write_lists(&names) {
        rig.store.put(&ObjectName::Hashed(manifest.strand, HashedKind::List, hash), &object).unwrap();
        manifest.list = Some(hash);
    }
    (manifest.packs, manifest.indexes) = (Vec::new(), Vec::new());
    (manifest.seq, manifest.previous) = (manifest.seq + 1, Some(last.hash));
    let object = manifest.sign(&SigningKey::new(rig.keys.signing_seed.clone()));
    let snapshot = Snapshot { hash: ObjectHash::of(&object), manifest };
    rig.store.put(&snapshot.name(), &object).unwrap();
}

/// Signs that some objects expired.
fn put_expiry(rig: &Rig, deleted: Vec<ObjectName>) {
    let log = read_expiry_log(&rig.vault(), &mut |fault| panic!("{fault}")).unwrap();
    let time = Timestamp::from_seconds(1_700_000_300);
    let (seq, previous) = (log.next_seq, log.head);
    let (condemned, revived) = (Vec::new(), Vec::new());
    let record = ExpiryRecord { vault: rig.keys.vault, seq, previous, time, condemned, deleted, revived };
    let object = record.sign(&[rig.kit.owner.as_ref().unwrap()]);
    rig.store.put(&ObjectName::Expiry(seq, ObjectHash::of(&object)), &object).unwrap();
}

fn open(vault: &Vault, rig: &Rig, snapshot: &Snapshot) -> Option<SnapshotReader> {
    let secrets = vault.secrets(&rig.kit, &rig.keys.strand).ok()?;
    let reader =
        StrandReader::open(Arc::clone(vault.store()), secrets, &[snapshot], &rig.scratch(), &mut |_| {}).unwrap();
    Arc::new(reader).snapshot(snapshot).ok()
}

/// Reads what can be read of a tree, and tells what cannot.
pub fn read_tree(reader: &SnapshotReader) -> (Contents, BTreeSet<(Vec<u8>, HurtPart)>) {
    let (mut contents, mut lost) = (Contents::new(), BTreeSet::new());
    for item in reader.walk(reader.root()) {
        match item {
            WalkItem::Entry(path, entry) => {
                let content = read_content(reader, &entry).ok_or(());
                if content.is_err() {
                    lost.insert((path.clone(), HurtPart::Content));
                }
                contents.insert(path, content);
            }
            WalkItem::Leave(_) => {}
            WalkItem::Fault(path, _) => lost.extend([(path, HurtPart::Entries)]),
        }
    }
    (contents, lost)
}

fn read_content(reader: &SnapshotReader, entry: &Entry) -> Option<Vec<u8>> {
    let EntryKind::File { size, .. } = entry.kind else { return Some(Vec::new()) };
    let mut content = Vec::new();
    for chunk in reader.chunks(entry) {
        let chunk = chunk.ok()?;
        if chunk.is_zeros() {
            content.resize(content.len() + chunk.bytes as usize, 0);
        } else {
            let plain = reader.blob(BlobKind::Chunk, &chunk.id).ok()?;
            content.extend((plain.len() as u64 == chunk.bytes).then_some(plain)?);
        }
    }
    (content.len() as u64 == size).then_some(content)
}

/// What a report says is lost.
pub fn named(report: &CheckReport) -> AllLost {
    let lost = report.hurt.iter().map(|hurt| {
        let lost = match &hurt.extent {
            Extent::Whole => None,
            Extent::Unknown => panic!("with a kit everything is known"),
            Extent::Paths { paths, total } => {
                assert_eq!(paths.len() as u64, *total);
                Some(paths.iter().map(|path| (path.path.clone(), path.part)).collect())
            }
        };
        (hurt.snapshot, lost)
    });
    lost.collect()
}

/// The ways to damage an object; `other` is another of its kind.
fn damages(bytes: &[u8], other: &[u8]) -> Vec<(&'static str, Option<Vec<u8>>)> {
    let flip = |at: usize| {
        let mut changed = bytes.to_vec();
        changed[at] ^= 0x10;
        Some(changed)
    };
    let mut damages = vec![
        ("flipped in its magic", flip(1)),
        ("flipped near its beginning", flip(60.min(bytes.len() - 1))),
        ("flipped in its middle", flip(bytes.len() / 2)),
        ("flipped near its end", flip(bytes.len() - 20.min(bytes.len()))),
        ("flipped in its last byte", flip(bytes.len() - 1)),
        ("cut in half", Some(bytes[..bytes.len() / 2].to_vec())),
        ("cut by a byte", Some(bytes[..bytes.len() - 1].to_vec())),
        ("emptied", Some(Vec::new())),
        ("removed", None),
    ];
    if other != bytes {
        damages.push(("replaced", Some(other.to_vec())));
    }
    damages
}

fn apply(store: &MemoryStore, name: ObjectName, bytes: Option<Vec<u8>>) {
    match bytes {
        Some(bytes) => store.overwrite(name, bytes),
        None => store.erase(&name).unwrap(),
    }
}

/// Names of one kind, and another object's bytes for each.
fn kind_of(store: &MemoryStore, name: &ObjectName) -> String {
    match name {
        ObjectName::Hashed(_, HashedKind::Pack, _) => format!("pack {}", store.get(name).unwrap()[5]),
        ObjectName::Hashed(_, kind, _) => format!("{kind:?}"),
        ObjectName::Numbered(_, kind, ..) => format!("{kind:?}"),
        ObjectName::Vault => "vault".into(),
        ObjectName::Owner(..) => "owner".into(),
        ObjectName::Strand(_) => "strand".into(),
        ObjectName::Expiry(..) => "expiry".into(),
    }
}

#[test]
fn every_damage_is_named_exactly_and_spares_the_rest() {
    let scene = Scene::new(4);
    let foreign = Scene::new(1);
    let names = scene.store.names();
    let mut kinds = BTreeSet::new();
    for name in &names {
        let kind = kind_of(&scene.store, name);
        kinds.insert(kind.clone());
        let bytes = scene.store.get(name).unwrap();
        let same_kind = |(store, other): &(&MemoryStore, ObjectName)| {
            kind_of(store, other) == kind && store.get(other).unwrap() != bytes
        };
        let own = names.iter().map(|other| (&scene.store, *other));
        let others = foreign.store.names().into_iter().map(|other| (&foreign.store, other));
        let (store, other) = own.chain(others).find(same_kind).unwrap();
        for (damage, bytes) in damages(&bytes, &store.get(&other).unwrap()) {
            let what = format!("{kind} {damage}");
            let damaged = scene.copy();
            let removed = bytes.is_none();
            apply(&damaged, *name, bytes);
            if matches!(name, ObjectName::Vault | ObjectName::Owner(..)) {
                // Without the founding nothing can be believed. Other entries are named, if they are there or are
                // followed; the last word cannot be missed.
                let opened = Vault::open(Arc::new(damaged.clone()));
                let founding = matches!(name, ObjectName::Vault | ObjectName::Owner(0, _));
                assert_eq!(opened.is_ok(), !founding, "{what}");
                let last = names.iter().rfind(|name| matches!(name, ObjectName::Owner(..))) == Some(name);
                let named = opened.map(|vault| vault.log().faults.iter().map(|fault| fault.name()).collect::<Vec<_>>());
                assert!(founding || removed || named.as_ref().unwrap().contains(name), "{what}");
                assert!(founding || named.unwrap().is_empty() == (removed && last), "{what}");
                continue;
            }
            let report = scene.verify(&damaged, &what);
            // Another object holds the same, or nothing that a snapshot needs is in it.
            let spare = ["Keys", "Lease", "List", "strand", "expiry"].contains(&kind.as_str());
            assert!(!spare || report.hurt.is_empty(), "{what}");
            // Nothing but what was damaged is blamed.
            assert!(report.faults.iter().all(|fault| fault.object == Some(*name)), "{what}: {:?}", report.faults);
            let newest = *name == scene.truth.keys().last().unwrap().object();
            let unmissed = kind == "Lease" || kind == "expiry" || newest;
            if !(removed && unmissed) {
                assert!(report.faults.iter().any(|fault| fault.object == Some(*name)), "{what}: {:?}", report.faults);
            }
        }
    }
    assert_eq!(kinds.len(), 10, "{kinds:?}");
}

#[test]
fn several_damages_at_once_are_told_apart() {
    let scene = Scene::new(5);
    let packs: Vec<_> = (scene.store.names().into_iter())
        .filter(|name| matches!(name, ObjectName::Hashed(_, HashedKind::Pack, _)))
        .collect();
    for (seed, _) in packs.iter().enumerate() {
        let damaged = scene.copy();
        for (n, name) in packs.iter().enumerate().filter(|(n, _)| (n + seed) % 3 != 0) {
            let bytes = scene.store.get(name).unwrap();
            let ways = damages(&bytes, &bytes);
            let (_, way) = &ways[(n * 7 + seed) % ways.len()];
            apply(&damaged, *name, way.clone());
        }
        scene.verify(&damaged, &format!("many packs, {seed}"));
    }
}

#[test]
fn a_sound_vault_has_no_faults() {
    let scene = Scene::new(3);
    for kit in [None, Some(&scene.rig.kit)] {
        for read_data_percent in [None, Some(50), Some(100)] {
            let options = CheckOptions { read_data_percent, seed: 7, jobs: 3 };
            let report = check(&scene.rig.vault(), kit, &options, &scene.rig.scratch(), &Quiet).unwrap();
            assert!(report.is_sound() && report.hurt.is_empty(), "{:?}", report.faults);
            assert!(report.orphans.is_empty() && report.foreign.is_empty() && report.gone.is_empty());
            assert_eq!(report.counts.snapshots, 5);
            let opened = kit.is_some() && read_data_percent == Some(100);
            assert!(!opened || report.counts.blobs_verified > 200, "{:?}", report.counts);
            if kit.is_some() {
                let files: u64 =
                    scene.truth.keys().zip(scene.rig.snapshots()).map(|(_, s)| s.manifest.counts.files).sum();
                assert_eq!(report.counts.files, files);
            }
        }
    }
}

#[test]
fn indexes_are_rebuilt_and_their_damage_hurts_nothing() {
    let scene = Scene::new(70);
    let rig = &scene.rig;
    let indexes: Vec<_> = (scene.store.names().into_iter())
        .filter(|name| matches!(name, ObjectName::Hashed(_, HashedKind::Index, _)))
        .collect();
    assert!(!indexes.is_empty());
    let bytes = scene.store.get(&indexes[0]).unwrap();
    let other = scene.store.get(indexes.last().unwrap()).unwrap();
    for (damage, bytes) in damages(&bytes, &other).into_iter().step_by(3) {
        let damaged = scene.copy();
        apply(&damaged, indexes[0], bytes);
        let report = scene.verify(&damaged, &format!("index {damage}"));
        assert!(report.hurt.is_empty());
        assert!(report.faults.iter().any(|fault| fault.object == Some(indexes[0])), "{damage}");
    }
    indexes.iter().for_each(|name| scene.store.erase(name).unwrap());
    change(rig, 1000);
    rig.backup();
    let made = |name: &ObjectName| matches!(name, ObjectName::Hashed(_, HashedKind::Index, _));
    assert!(scene.store.names().iter().any(made), "a new index is made");
    assert!(rig.contents(rig.snapshots().last().unwrap()) == read_folder(&rig.source()));
    let report = check(&rig.vault(), Some(&rig.kit), &READ_ALL, &rig.scratch(), &Quiet).unwrap();
    assert!(report.hurt.is_empty());
    assert!(report.faults.iter().all(|fault| matches!(fault.what, Damage::Missing)), "{:?}", report.faults);
}

#[test]
fn a_lost_cache_and_lost_packs_are_made_good() {
    let scene = Scene::new(2);
    let rig = &scene.rig;
    let first = |name: &ObjectName| matches!(name, ObjectName::Hashed(_, HashedKind::Pack, _));
    let lost = scene.store.names().into_iter().find(first).unwrap();
    scene.store.erase(&lost).unwrap();
    fs::remove_dir_all(rig.state().join("vaults")).unwrap();
    rig.backup();
    assert!(rig.contents(rig.snapshots().last().unwrap()) == read_folder(&rig.source()));
}

#[test]
fn what_snapshots_share_is_read_once() {
    let store = RecordingStore::new(MemoryStore::new());
    let rig = Rig::over(Arc::new(store.clone()));
    for n in 0..2000 {
        rig.write(&format!("d{}/{n}", n % 40), &noise(n, 20));
    }
    let options = CheckOptions { read_data_percent: None, ..READ_ALL };
    let mut reads = Vec::new();
    for round in 0..6 {
        rig.write("d7/new", &noise(round, 20));
        rig.backup();
        store.clear();
        let report = check(&rig.vault(), Some(&rig.kit), &options, &rig.scratch(), &Quiet).unwrap();
        assert!(report.is_sound(), "{:?}", report.faults);
        assert_eq!(report.counts.files, 2001 * (round + 1));
        reads.push(store.tally().ranges);
    }
    assert!(reads[0] > 60 && reads[5] < reads[0] * 2, "{reads:?}");
}

#[test]
fn snapshots_that_expired_are_not_missed() {
    let scene = Scene::new(4);
    let names: Vec<_> = scene.truth.keys().collect();
    names[1..3].iter().for_each(|name| scene.store.erase(&name.object()).unwrap());
    put_expiry(&scene.rig, vec![names[1].object()]);
    let report = check(&scene.rig.vault(), Some(&scene.rig.kit), &READ_ALL, &scene.rig.scratch(), &Quiet).unwrap();
    assert_eq!(report.gone, []);
    assert_eq!(report.faults.len(), 1, "{:?}", report.faults);
    assert_eq!(report.faults[0].object, Some(names[2].object()));
    put_expiry(&scene.rig, vec![names[2].object()]);
    let report = check(&scene.rig.vault(), Some(&scene.rig.kit), &READ_ALL, &scene.rig.scratch(), &Quiet).unwrap();
    assert!(report.is_sound() && report.gone == [*names[2]], "{:?}", report.faults);
    // Where a record is lost, nobody can say.
    let records = scene.store.names().into_iter().filter(|name| matches!(name, ObjectName::Expiry(..)));
    let lost = records.collect::<Vec<_>>()[1];
    scene.store.erase(&lost).unwrap();
    let report = check(&scene.rig.vault(), None, &READ_ALL, &scene.rig.scratch(), &Quiet).unwrap();
    assert_eq!(report.faults.iter().map(|fault| fault.object).collect::<Vec<_>>(), [Some(lost)]);
}

#[test]
fn orphans_and_strangers_are_no_faults() {
    let scene = Scene::new(1);
    let strand = scene.rig.keys.strand;
    let stray = ObjectHash::of(b"stray");
    let pack = ObjectName::Hashed(strand, HashedKind::Pack, stray);
    scene.store.put(&pack, b"stray").unwrap();
    let report = check(&scene.rig.vault(), Some(&scene.rig.kit), &READ_ALL, &scene.rig.scratch(), &Quiet).unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
    assert_eq!(report.orphans, [pack]);
    let stranger = StrandId([9; 16]);
    scene.store.put(&ObjectName::Strand(stranger), b"x").unwrap();
    let report = check(&scene.rig.vault(), None, &READ_ALL, &scene.rig.scratch(), &Quiet).unwrap();
    assert_eq!(report.foreign, [stranger]);
    scene.store.put(&ObjectName::Numbered(stranger, NumberedKind::Snapshot, 1, stray), b"stray").unwrap();
    let report = check(&scene.rig.vault(), None, &READ_ALL, &scene.rig.scratch(), &Quiet).unwrap();
    assert!(matches!(report.faults[0].what, Damage::NotEnrolled) && report.hurt.len() == 1);
}
