//! The verifier against an agent that lies: it has its keys, and writes what it likes.

use vault::blob::{BlobKind, BlobSealer, Coding};
use vault::bytes::SigningKey;
use vault::check::{CheckReport, Damage, Extent, Verified, VerifyOptions, check, verify_new};
use vault::id::{BlobId, ObjectHash, SourceTag};
use vault::manifest::{Counts, Manifest, SealedManifest};
use vault::name::{HashedKind, ObjectName};
use vault::pack::{PackKind, PackWriter, Session};
use vault::snapshots::Snapshot;
use vault::tree::{BlobSink, ChunkRef, Content, DirectoryBuilder, Entry, EntryKind, Splitter, write_entry};
use vault::world::Timestamp;

use crate::damage::{Quiet, READ_ALL, named, read_tree};
use crate::rig::{Rig, SystemEntropy, noise};

const ALL: VerifyOptions = VerifyOptions { new_percent: 100, known_percent: 100, seed: 3, jobs: 2 };

/// Writes packs and manifests by hand.
struct Forger<'r> {
    rig: &'r Rig,
    session: Session,
    sealer: BlobSealer,
    nodes: Vec<(BlobId, Vec<u8>)>,
    packs: Vec<ObjectHash>,
}

impl BlobSink for Forger<'_> {
    type Error = std::convert::Infallible;

    fn keep(&mut self, kind: BlobKind, plain: &[u8]) -> Result<BlobId, Self::Error> {
        let id = kind.id(&self.rig.keys.id_key, plain);
        self.nodes.push((id, plain.to_vec()));
        Ok(id)
    }
}

impl<'r> Forger<'r> {
    fn new(rig: &'r Rig) -> Self {
        let recipient = rig.vault().strand_recipient(&rig.keys.strand).unwrap();
        let session = Session::begin(&recipient, &SystemEntropy).unwrap();
        let sealer = session.sealer(3);
        Self { rig, session, sealer, nodes: Vec::new(), packs: Vec::new() }
    }

    fn id(&self, plain: &[u8]) -> BlobId {
        BlobKind::Chunk.id(&self.rig.keys.id_key, plain)
    }

    fn seal(&mut self, id: &BlobId, plain: &[u8]) -> (Vec<u8>, Coding) {
        let (sealed, coding) = self.sealer.seal(id, plain);
        (sealed.to_vec(), coding)
    }

    /// Puts a pack of sealed blobs.
    fn pack(&mut self, kind: PackKind, blobs: &[(BlobKind, BlobId, &[u8], Coding)]) -> ObjectName {
        let mut writer = PackWriter::new(&self.session, kind, Vec::new());
        for (kind, id, sealed, coding) in blobs {
            writer.add(*kind, *id, sealed, *coding);
        }
        let pack = writer.finish(&self.rig.keys.index_key);
        let name = ObjectName::Hashed(self.rig.keys.strand, HashedKind::Pack, pack.hash);
        self.rig.store.put(&name, &pack.bytes).unwrap();
        self.packs.push(pack.hash);
        name
    }

    /// Makes a directory of entries.
    fn directory(&mut self, name: &[u8], entries: &[Entry]) -> Entry {
        let splitter = Splitter::new(&self.rig.keys.chunk_seed);
        let mut builder = DirectoryBuilder::default();
        for entry in entries {
            let Ok(()) = builder.add(&entry.name, &write_entry(entry), &splitter, self);
        }
        let Ok(node) = builder.finish(&splitter, self);
        let bytes_below = entries.iter().map(Entry::size).sum();
        let kind = EntryKind::Directory { node, entries_below: entries.len() as u64, bytes_below };
        Entry { name: name.to_vec(), kind, mode: 0o755, ..Entry::default() }
    }

    /// Signs a snapshot of a tree whose nodes were made.
    fn sign(&mut self, root: Entry, counts: Counts) -> Snapshot {
        let nodes = std::mem::take(&mut self.nodes);
        let sealed: Vec<_> = nodes.iter().map(|(id, plain)| (*id, self.seal(id, plain))).collect();
        let blobs: Vec<_> = sealed.iter().map(|(id, (bytes, c))| (BlobKind::Node, *id, bytes.as_slice(), *c)).collect();
        self.pack(PackKind::Tree, &blobs);
        let last = self.rig.snapshots().pop();
        let sealed = SealedManifest {
            source: "files".into(),
            host: "mairie".into(),
            paths: Vec::new(),
            started: Timestamp(0),
            finished: Timestamp(1),
            root,
            program: "forger".into(),
            alarm: None,
        };
        let (salt, sealed) = sealed.seal(&self.session);
        self.packs.sort();
        let manifest = Manifest {
            vault: self.rig.keys.vault,
            strand: self.rig.keys.strand,
            seq: last.as_ref().map_or(1, |last| last.manifest.seq + 1),
            previous: last.map(|last| last.hash),
            indexes: Vec::new(),
            packs: self.packs.clone(),
            list: None,
            counts,
            source_tag: SourceTag([0; 16]),
            salt,
            sealed_key: self.session.sealed_key().to_vec(),
            sealed,
        };
        let object = manifest.sign(&SigningKey::new(self.rig.keys.signing_seed.clone()));
        let snapshot = Snapshot { hash: ObjectHash::of(&object), manifest };
        self.rig.store.put(&snapshot.name(), &object).unwrap();
        snapshot
    }

    /// Signs a snapshot of some files in one directory.
    fn sign_files(&mut self, files: &[Entry]) -> Snapshot {
        let root = self.directory(b"", files);
        let bytes = files.iter().map(Entry::size).sum();
        self.sign(root, Counts { files: files.len() as u64, bytes, ..Counts::default() })
    }
}

fn file(name: &str, id: BlobId, bytes: u64) -> Entry {
    let content = Content::Chunks(vec![ChunkRef { id, bytes }]);
    let kind = EntryKind::File { size: bytes, content, sha256: None };
    Entry { name: name.into(), kind, ..Entry::default() }
}

fn verify(rig: &Rig, since: &Verified) -> (CheckReport, Verified) {
    verify_new(&rig.vault(), &rig.kit, &ALL, since, &rig.scratch(), &Quiet).unwrap()
}

/// Verifies that both the verifier and a check with a kit name one pack, and the files that are really lost.
fn assert_named(rig: &Rig, snapshot: &Snapshot, object: ObjectName, matches: impl Fn(&Damage) -> bool) {
    let (reader, _) = rig.open(snapshot);
    let (_, lost) = read_tree(&reader);
    assert!(!lost.is_empty());
    for report in [
        verify(rig, &Verified::new()).0,
        check(&rig.vault(), Some(&rig.kit), &READ_ALL, &rig.scratch(), &Quiet).unwrap(),
    ] {
        let fault = report.faults.iter().find(|fault| fault.object == Some(object) && matches(&fault.what));
        assert!(fault.is_some_and(|fault| fault.snapshots.len() == 1), "{:?}", report.faults);
        let named: Vec<_> = named(&report).into_values().collect();
        assert_eq!(named, [Some(lost.clone())]);
    }
}

#[test]
fn content_under_a_wrong_id_is_found() {
    let rig = Rig::new();
    let mut forger = Forger::new(&rig);
    let (good, bad) = (forger.id(b"true content"), forger.id(b"what was deduplicated against"));
    let (sealed_good, coding) = forger.seal(&good, b"true content");
    let (sealed_bad, bad_coding) = forger.seal(&bad, b"something else entirely......");
    let pack = forger.pack(
        PackKind::Data,
        &[(BlobKind::Chunk, good, &sealed_good, coding), (BlobKind::Chunk, bad, &sealed_bad, bad_coding)],
    );
    let snapshot = forger.sign_files(&[file("bad", bad, 29), file("good", good, 12)]);
    assert_named(&rig, &snapshot, pack, |what| matches!(what, Damage::Blobs { count: 1, first, .. } if *first == bad));
}

#[test]
fn bombs_and_lying_directories_are_found() {
    let rig = Rig::new();
    let small = noise(1, 10);
    let lies: [fn(Coding) -> Coding; 4] = [
        |coding| Coding { plain_bytes: 10, ..coding },
        |coding| Coding { plain_bytes: u32::MAX, ..coding },
        |coding| Coding { codec: 9, ..coding },
        |coding| Coding { level: -7, ..coding },
    ];
    for lie in lies {
        let rig = Rig::new();
        let mut forger = Forger::new(&rig);
        let id = forger.id(&small);
        let (sealed, coding) = forger.seal(&id, &vec![0; 8 << 20]);
        assert!(sealed.len() < 10_000);
        let pack = forger.pack(PackKind::Data, &[(BlobKind::Chunk, id, &sealed, lie(coding))]);
        let snapshot = forger.sign_files(&[file("bomb", id, u64::from(lie(coding).plain_bytes))]);
        assert_named(&rig, &snapshot, pack, |what| matches!(what, Damage::Blobs { .. }));
    }
    // Two blobs whose common border is told five bytes too early.
    let mut forger = Forger::new(&rig);
    let (one, other) = (forger.id(&small), forger.id(b"other content"));
    let (sealed, coding) = forger.seal(&one, &small);
    let (more, other_coding) = forger.seal(&other, b"other content");
    let joined = [sealed.clone(), more].concat();
    let (first, second) = joined.split_at(sealed.len() - 5);
    let blobs = [(BlobKind::Chunk, one, first, coding), (BlobKind::Chunk, other, second, other_coding)];
    let pack = forger.pack(PackKind::Data, &blobs);
    let snapshot = forger.sign_files(&[file("a", one, 10), file("b", other, 13)]);
    assert_named(&rig, &snapshot, pack, |what| matches!(what, Damage::Blobs { count: 2, .. }));
}

#[test]
fn wrong_lengths_and_packs_that_are_not_named_are_found() {
    let rig = Rig::new();
    let mut forger = Forger::new(&rig);
    let id = forger.id(b"ten bytes.");
    let (sealed, coding) = forger.seal(&id, b"ten bytes.");
    forger.pack(PackKind::Data, &[(BlobKind::Chunk, id, &sealed, coding)]);
    let first = forger.sign_files(&[file("long", id, 11), file("right", id, 10)]);
    assert_named(&rig, &first, first.name(), |what| matches!(what, Damage::WrongLength { blob } if *blob == id));

    // The next snapshot shares a directory with this one, and does not name the pack that it needs.
    let rig = Rig::new();
    let mut forger = Forger::new(&rig);
    let id = forger.id(b"ten bytes.");
    let (sealed, coding) = forger.seal(&id, b"ten bytes.");
    forger.pack(PackKind::Data, &[(BlobKind::Chunk, id, &sealed, coding)]);
    let below = forger.directory(b"shared", &[file("f", id, 10)]);
    let nodes = forger.nodes.clone();
    let counts = Counts { files: 1, bytes: 10, ..Counts::default() };
    let root = forger.directory(b"", std::slice::from_ref(&below));
    let root = with_below(root, 2, 10);
    forger.sign(root.clone(), counts);
    assert!(verify(&rig, &Verified::new()).0.is_sound());
    forger.packs.clear();
    forger.nodes = nodes;
    forger.directory(b"", &[below]);
    let second = forger.sign(root, counts);
    assert_named(&rig, &second, second.name(), |what| matches!(what, Damage::Unlocated { first } if *first == id));
}

fn with_below(directory: Entry, entries_below: u64, bytes_below: u64) -> Entry {
    let EntryKind::Directory { node, .. } = directory.kind else { panic!("no directory") };
    Entry { kind: EntryKind::Directory { node, entries_below, bytes_below }, ..directory }
}

#[test]
fn numbers_that_are_not_so_are_found_in_every_snapshot_that_tells_them() {
    let rig = Rig::new();
    rig.write("f", b"content");
    rig.backup();
    let (sound, since) = verify(&rig, &Verified::new());
    assert!(sound.is_sound());
    for round in 1..=2 {
        let mut forger = Forger::new(&rig);
        let inner =
            forger.directory(b"inner", &[Entry { kind: EntryKind::Fifo, name: b"p".into(), ..Entry::default() }]);
        let root = forger.directory(b"", &[with_below(inner, 700, 1 << 40)]);
        let told = Counts { files: 700, bytes: 1 << 40, ..Counts::default() };
        let snapshot = forger.sign(with_below(root, 701, 1 << 40), told);
        let (report, _) = verify_new(
            &rig.vault(),
            &rig.kit,
            &VerifyOptions { new_percent: 0, ..ALL },
            &since,
            &rig.scratch(),
            &Quiet,
        )
        .unwrap();
        let what: Vec<_> = (report.faults.iter())
            .filter(|fault| fault.object == Some(snapshot.name()))
            .filter_map(|fault| match fault.what {
                Damage::Untrue { what, told, found } => Some((what, told, found)),
                _ => None,
            })
            .collect();
        assert!(what.contains(&("files", 700, 1)) && what.contains(&("bytes", 1 << 40, 0)), "{what:?}");
        assert!(what.contains(&("entries below a directory", 700, 1)), "{what:?}");
        assert_eq!(report.counts.snapshots, round);
        assert!(report.hurt.is_empty(), "a lie is no loss");
    }
}

#[test]
fn a_tree_that_unfolds_without_end_is_walked_in_no_time() {
    let rig = Rig::new();
    let mut forger = Forger::new(&rig);
    let missing = forger.id(b"nowhere");
    let mut below = forger.directory(b"a", &[file("lost", missing, 7)]);
    for _ in 0..70 {
        let twins: Vec<_> = [b"a", b"b", b"c"].map(|name| Entry { name: name.to_vec(), ..below.clone() }).into();
        below = forger.directory(b"a", &twins);
    }
    forger.sign(Entry { name: Vec::new(), ..below }, Counts::default());
    let (report, _) = verify(&rig, &Verified::new());
    let Extent::Paths { paths, total } = &report.hurt[0].extent else { panic!("{:?}", report.hurt) };
    assert_eq!((paths.len(), *total), (1000, u64::MAX));
}

#[test]
fn only_what_is_new_is_verified_and_history_stands() {
    let rig = Rig::new();
    let mut since = Verified::new();
    for round in 0..3u64 {
        rig.write(&format!("{round}"), &noise(round, 20_000));
        rig.backup();
        let (report, verified) = verify(&rig, &since);
        assert!(report.is_sound(), "{:?}", report.faults);
        assert_eq!(report.counts.snapshots, 1);
        assert_eq!(verified[&rig.keys.strand].0, round + 1);
        since = verified;
    }
    let (report, again) = verify(&rig, &since);
    assert!(report.is_sound() && report.counts.snapshots == 0 && again == since);
    let none = VerifyOptions { new_percent: 0, known_percent: 0, ..ALL };
    let (report, _) = verify_new(&rig.vault(), &rig.kit, &none, &Verified::new(), &rig.scratch(), &Quiet).unwrap();
    assert_eq!(report.counts.blobs_verified, 0);
    for wrong in [(3, ObjectHash([1; 32])), (9, ObjectHash([1; 32]))] {
        let (report, _) = verify(&rig, &[(rig.keys.strand, wrong)].into());
        assert!(report.faults.iter().any(|fault| matches!(fault.what, Damage::Rewound)), "{:?}", report.faults);
    }
}
