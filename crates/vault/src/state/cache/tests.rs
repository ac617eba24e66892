#![expect(clippy::disallowed_methods, reason = "tests look at the files and damage them")]

use std::collections::BTreeMap;
use std::fs;

use proptest::prelude::*;

use super::*;
use crate::id::SourceTag;
use crate::state::folder::scratch;
use crate::state::packs::PackTable;
use crate::state::{LostReason, Opening, StateError, StateFolder};
use crate::world::Entropy;

struct Same(u8);

impl Entropy for Same {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

const TAG: SourceTag = SourceTag([0xcd; 16]);

struct Disk {
    base: tempfile::TempDir,
    folder: StateFolder,
    packs: PackTable,
}

impl Disk {
    fn new() -> Self {
        let (base, folder) = scratch();
        let (packs, _) = PackTable::open(&folder, &Same(1)).unwrap();
        Self { base, folder, packs }
    }

    fn write(&self, tree: &Tree) {
        let mut writer = CacheWriter::create(&self.folder, &TAG, &self.packs).unwrap();
        write_tree(&mut writer, tree);
        let bytes = b"root".to_vec();
        writer.finish(&CacheFooter { bytes }).unwrap();
    }

    fn open(&self) -> (CacheReader, Opening) {
        CacheReader::open(&self.folder, &TAG, &self.packs).unwrap()
    }
}

/// A directory: files and directories by name.
type Tree = BTreeMap<Vec<u8>, Thing>;

#[derive(Clone, PartialEq, Debug)]
enum Thing {
    File(u64),
    Directory(u64, Tree),
}

fn item(name: &[u8], seed: u64) -> CachedItem {
    let time = |seed: u64| FileTime { seconds: seed as i64 - 50, nanoseconds: (seed % 1_000_000_000) as u32 };
    CachedItem {
        name: name.to_vec(),
        stat: StatKey {
            size: seed.wrapping_mul(seed),
            mtime: time(seed),
            ctime: time(seed / 2),
            inode: seed ^ 0xffff,
            kind: (seed % 7) as u8,
        },
        entry: vec![seed as u8; (seed % 90) as usize],
        shares: (0..seed % 4).map(|n| Share { pack: PackNumber((seed * n) as u32), bytes: seed << n }).collect(),
        link: seed.is_multiple_of(2),
    }
}

fn write_tree(writer: &mut CacheWriter<'_>, tree: &Tree) {
    for (name, thing) in tree {
        match thing {
            Thing::File(seed) => writer.item(&item(name, *seed)).unwrap(),
            Thing::Directory(seed, tree) => {
                writer.enter(name).unwrap();
                write_tree(writer, tree);
                writer.leave(&item(b"ignored", *seed)).unwrap();
            }
        }
    }
}

fn count(tree: &Tree) -> u64 {
    let counted = tree.values().map(|thing| match thing {
        Thing::File(_) => 1,
        Thing::Directory(_, tree) => 1 + count(tree),
    });
    counted.sum()
}

/// Walks the new tree beside the cache of the old one; returns how many of the old things were named.
fn walk(reader: &mut CacheReader, new: &Tree, old: Option<&Tree>) -> u64 {
    let mut named = 0;
    for (name, thing) in new {
        let before = old.and_then(|old| old.get(name));
        match (thing, before) {
            (Thing::File(_), Some(Thing::File(seed))) => {
                assert_eq!(reader.find(name), Some(&item(name, *seed)));
                named += 1;
            }
            (Thing::File(_), _) => assert_eq!(reader.find(name), None),
            (Thing::Directory(_, below), Some(Thing::Directory(seed, old))) => {
                assert!(reader.enter(name));
                named += 1 + walk(reader, below, Some(old));
                assert_eq!(reader.leave(), Some(&item(b"", *seed)));
            }
            (Thing::Directory(_, below), _) => {
                assert!(!reader.enter(name));
                named += walk(reader, below, None);
                assert_eq!(reader.leave(), None);
            }
        }
    }
    named
}

fn tree() -> impl Strategy<Value = Tree> {
    let name = prop::collection::vec(prop::sample::select(vec![b'a', b'b', 0xff, b'.']), 1..3);
    let thing = (0u64..1000).prop_map(Thing::File);
    let thing = thing.prop_recursive(4, 40, 6, move |inner| {
        let tree = prop::collection::btree_map(name.clone(), inner, 0..6);
        (0u64..1000, tree).prop_map(|(seed, tree)| Thing::Directory(seed, tree))
    });
    thing.prop_map(|thing| match thing {
        Thing::Directory(_, tree) => tree,
        file => Tree::from([(b"a".to_vec(), file)]),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_walk_finds_what_the_last_one_left((old, new) in (tree(), tree())) {
        let disk = Disk::new();
        disk.write(&old);
        let (mut reader, opening) = disk.open();
        assert_eq!(opening, Opening::Loaded);
        assert_eq!(reader.items(), count(&old));
        let named = walk(&mut reader, &new, Some(&old));
        assert_eq!(reader.finish(), count(&old) - named);
        assert_eq!(reader.lost(), None);
    }

    #[test]
    fn varints_are_read_as_written(number: u64, signed: i64) {
        let mut bytes = Vec::new();
        put_varint(&mut bytes, number);
        assert_eq!(take_varint(&mut bytes.as_slice()), Some(number));
        assert_eq!(unzigzag(zigzag(signed)), signed);
    }

    #[test]
    fn no_body_makes_decoding_panic(body in prop::collection::vec(any::<u8>(), 0..60)) {
        let mut item = CachedItem::default();
        if decode_item(&body, &mut item).is_some() {
            let mut again = Vec::new();
            encode_item(&item, &mut again);
            let mut item_again = CachedItem::default();
            decode_item(&again, &mut item_again).unwrap();
            assert_eq!(item_again, item);
        }
    }
}

#[test]
fn the_footer_is_known_from_the_start() {
    let disk = Disk::new();
    let (mut reader, opening) = disk.open();
    let reason = LostReason::Absent;
    assert_eq!(opening, Opening::Lost { reason });
    assert!(!reader.enter(b"any") && reader.leave().is_none() && reader.finish() == 0);
    disk.write(&Tree::new());
    assert_eq!(disk.open().0.footer().bytes, b"root");
    let writer = CacheWriter::create(&disk.folder, &TAG, &disk.packs).unwrap();
    let bytes = vec![0; CacheFooter::BYTES_MAX + 1];
    let refused = writer.finish(&CacheFooter { bytes }).unwrap_err();
    assert!(matches!(refused, StateError::LongFooter { .. }));
    assert_eq!(disk.open().0.footer().bytes, b"root");
}

#[test]
fn names_out_of_order_are_refused_and_leave_the_earlier_cache() {
    let disk = Disk::new();
    disk.write(&Tree::from([(b"kept".to_vec(), Thing::File(3))]));
    let mut writer = CacheWriter::create(&disk.folder, &TAG, &disk.packs).unwrap();
    writer.enter(b"b").unwrap();
    writer.item(&item(b"z", 1)).unwrap();
    let refused = writer.item(&item(b"z", 1)).unwrap_err();
    assert!(matches!(refused, StateError::OutOfOrder { .. }));
    writer.leave(&item(b"", 1)).unwrap();
    assert!(writer.enter(b"a").is_err());
    assert!(writer.leave(&item(b"", 1)).is_err());
    drop(writer);
    let (mut reader, _) = disk.open();
    assert_eq!(reader.find(b"kept"), Some(&item(b"kept", 3)));
}

#[test]
fn a_cache_of_another_table_is_stale() {
    let disk = Disk::new();
    disk.write(&Tree::new());
    let (_base, other) = scratch();
    let (packs, _) = PackTable::open(&other, &Same(2)).unwrap();
    let (_, opening) = CacheReader::open(&disk.folder, &TAG, &packs).unwrap();
    let reason = LostReason::Stale;
    assert_eq!(opening, Opening::Lost { reason });
}

#[test]
fn an_enormous_item_is_left_out_and_its_directory_stays() {
    let disk = Disk::new();
    let mut writer = CacheWriter::create(&disk.folder, &TAG, &disk.packs).unwrap();
    let mut large = item(b"large", 5);
    large.entry = vec![1; ITEM_BYTES_MAX];
    writer.enter(b"folder").unwrap();
    writer.item(&large).unwrap();
    writer.item(&item(b"small", 6)).unwrap();
    writer.leave(&large).unwrap();
    writer.finish(&CacheFooter::default()).unwrap();
    let (mut reader, _) = disk.open();
    assert!(reader.enter(b"folder"));
    assert_eq!(reader.find(b"large"), None);
    assert_eq!(reader.find(b"small"), Some(&item(b"small", 6)));
    assert_eq!(reader.leave(), None);
    assert_eq!((reader.finish(), reader.lost()), (0, None));
}

/// Three blocks and a bit.
fn wide_tree() -> Tree {
    let files = (0u64..30_000).map(|n| {
        let name = format!("file {n:06}");
        (name.into_bytes(), Thing::File(n))
    });
    let mut tree = Tree::from([(b"d".to_vec(), Thing::Directory(1, files.collect()))]);
    tree.insert(b"last".to_vec(), Thing::File(2));
    tree
}

#[test]
fn damage_is_found_before_anything_in_it_is_used() {
    let disk = Disk::new();
    let tree = wide_tree();
    disk.write(&tree);
    let path = disk.base.path().join(file_name(&TAG));
    let whole = fs::read(&path).unwrap();
    assert!(whole.len() > 3 * BLOCK_BYTES / 2, "{}", whole.len());
    let end = whole.len();
    let places = (0..200).chain((end - 80..end).chain((0..end).step_by(end / 60)));
    for place in places {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x40;
        check_damage(&disk, &tree, &bytes);
    }
    for cut in [0, 3, 20, 21, 40, end / 2, end - 30, end - 8, end - 1] {
        check_damage(&disk, &tree, &whole[..cut]);
    }
}

#[test]
fn a_block_does_not_stand_in_for_another() {
    let disk = Disk::new();
    let files = (0..60_000).map(|n| (format!("{n:06}").into_bytes(), Thing::File(89)));
    let tree = Tree::from([(b"d".to_vec(), Thing::Directory(1, files.collect()))]);
    disk.write(&tree);
    let path = disk.base.path().join(file_name(&TAG));
    let mut bytes = fs::read(&path).unwrap();
    let end = |start: usize| {
        let length = u32::from_le_bytes(*bytes[start..].first_chunk().unwrap());
        start + BLOCK_HEAD_BYTES + length as usize
    };
    let second = end(BLOCKS_OFFSET);
    let third = end(second);
    assert_eq!(end(third) - third, third - second);
    bytes.copy_within(second..third, third);
    check_damage(&disk, &tree, &bytes);
}

/// Reads a damaged cache: whatever it returns is as it was written, and in the end it says that it is lost.
fn check_damage(disk: &Disk, tree: &Tree, bytes: &[u8]) {
    fs::write(disk.base.path().join(file_name(&TAG)), bytes).unwrap();
    let (mut reader, opening) = disk.open();
    if opening != Opening::Loaded {
        return;
    }
    let Thing::Directory(_, files) = &tree[b"d".as_slice()] else {
        panic!("a directory");
    };
    reader.enter(b"d");
    for (name, thing) in files {
        let Thing::File(seed) = thing else { continue };
        match reader.find(name) {
            Some(found) => assert_eq!(*found, item(name, *seed)),
            None => assert!(reader.lost().is_some()),
        }
    }
    reader.leave();
    reader.finish();
    assert!(reader.lost().is_some());
}
