//! What is small in the vault and large in whoever reads it.

use std::io::Write;

use vault::blob::{BlobKind, CODEC_ZSTD, Coding};
use vault::bytes::{INDEX, LIST};
use vault::id::{BlobId, ObjectHash};
use vault::manifest::{Counts, Manifest};
use vault::name::{HashedKind, ObjectName};
use vault::seal::{BoxKind, seal_box};
use vault::tree::{ChunkRef, Entry, EntryKind};
use vault::world::random;

use crate::forge::{Forge, file, folder};
use crate::thief::{SystemEntropy, Thief};

/// A hundred thousand folders, each in the one before.
pub fn deep_tree(thief: &Thief) {
    let mut forge = Forge::new(thief);
    let mut node = forge.leaf(&[file(b"bottom", Vec::new())]);
    for depth in 1..100_000 {
        node = forge.leaf(&[folder(b"d", node, depth, 0)]);
    }
    forge.put_snapshot(folder(b"", node, 100_000, 0), 1);
}

/// As many entries as one node of sixteen megabytes holds.
pub fn wide_node(thief: &Thief) {
    let mut forge = Forge::new(thief);
    let entries: Vec<_> = (0..400_000_u32).map(|number| file(format!("{number:07x}").as_bytes(), Vec::new())).collect();
    let node = forge.leaf(&entries);
    forge.put_snapshot(folder(b"", node, 400_000, 0), 400_000);
}

/// A long way down; on each step lies something large that comes after it.
pub fn fat_path(thief: &Thief) {
    let mut forge = Forge::new(thief);
    let fat = || Entry { xattrs: vec![(b"user.fat".to_vec(), vec![0; 100_000])], ..file(b"fat", Vec::new()) };
    let mut node = forge.leaf(&[fat()]);
    for depth in 1..4_500 {
        node = forge.leaf(&[folder(b"d", node, 2 * depth - 1, 0), fat()]);
    }
    forge.put_snapshot(folder(b"", node, 8_999, 0), 4_500);
}

/// Folders by the thousand side by side, each with as much beside its name as a node holds; and as many links and files.
pub fn fat_folders(thief: &Thief) {
    let mut forge = Forge::new(thief);
    let fat = |entry: Entry| Entry { xattrs: vec![(b"user.fat".to_vec(), vec![7; 60_000])], ..entry };
    let first = forge.keep(BlobKind::Chunk, b"first");
    let content = || vec![ChunkRef { id: first, bytes: 5 }];
    let mut leaves = Vec::new();
    for number in 0..1_000_u32 {
        let name = |kind: &str| format!("{number:04}-{kind}").into_bytes();
        let nothing = EntryKind::Directory { node: None, entries_below: 0, bytes_below: 0 };
        let empty = fat(Entry { name: name("b"), kind: nothing, mode: 0o755, ..Entry::default() });
        // A long way to the file beside it.
        let first = [vec![b'/'; 60_000], name("a")].concat();
        let linked = Entry { hard_link: Some(first), ..fat(file(&name("c"), content())) };
        let leaf = forge.leaf(&[fat(file(&name("a"), content())), empty, linked]);
        leaves.push((name("a"), leaf, 3_u64));
    }
    let branches: Vec<_> = leaves
        .chunks(500)
        .map(|some| {
            let below: Vec<_> = some.iter().map(|(name, leaf, entries)| (name.as_slice(), *leaf, *entries)).collect();
            (some[0].0.clone(), forge.branch(1, &below), 3 * some.len() as u64)
        })
        .collect();
    let branches: Vec<_> = branches.iter().map(|(name, node, entries)| (name.as_slice(), *node, *entries)).collect();
    let top = forge.branch(2, &branches);
    forge.put_snapshot(folder(b"", top, 3_000, 10_000), 2_000);
}

/// Sixty levels of two folders each, which are the same: more paths than anybody can walk.
pub fn laughs(thief: &Thief) {
    let mut forge = Forge::new(thief);
    let mut node = forge.leaf(&[file(b"ha", Vec::new())]);
    let mut below = 1_u64;
    for _ in 0..60 {
        node = forge.leaf(&[folder(b"a", node, below, 0), folder(b"b", node, below, 0)]);
        below = 2 * (below + 1);
    }
    forge.put_snapshot(folder(b"", node, below, 0), 1 << 60);
}

/// Frames that inflate to gigabytes, and lengths that lie, behind files that need them.
pub fn frames(thief: &Thief) {
    let mut forge = Forge::new(thief);
    let coded = gigabytes();
    let mut entries = Vec::new();
    for (number, plain_bytes) in [100, 16 << 20, (16 << 20) + 1, u32::MAX].into_iter().enumerate() {
        let id = BlobId([number as u8 + 1; 32]);
        forge.promise(BlobKind::Chunk, id, &coded, Coding { codec: CODEC_ZSTD, level: 3, plain_bytes });
        let chunk = ChunkRef { id, bytes: u64::from(plain_bytes) };
        entries.push(file(format!("frame-{number}").as_bytes(), vec![chunk]));
    }
    let node = BlobId([9; 32]);
    forge.promise(BlobKind::Node, node, &coded, Coding { codec: CODEC_ZSTD, level: 3, plain_bytes: 16 << 20 });
    entries.push(folder(b"node", node, 0, 0));
    let top = forge.leaf(&entries);
    forge.put_snapshot(folder(b"", top, 5, 0), 4);
}

/// Two gigabytes of zeros, compressed.
fn gigabytes() -> Vec<u8> {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
    let zeros = vec![0; 1 << 20];
    (0..2048).for_each(|_| encoder.write_all(&zeros).unwrap());
    encoder.finish().unwrap()
}

/// How many blobs fit in a directory of nearly 64 MiB.
const PROMISES: u32 = 1_500_000;

/// A directory that promises so many blobs, all the same.
fn many_promises() -> Vec<u8> {
    let count = PROMISES as usize;
    let mut plain = PROMISES.to_le_bytes().to_vec();
    plain.resize(4 + 32 * count, 3);
    (0..2 * count).for_each(|_| plain.extend(17_u32.to_le_bytes()));
    plain.resize(plain.len() + 3 * count, 0);
    plain
}

/// Indexes of a few kilobytes, each of which places a million blobs in a pack that need not be there.
pub fn index_bomb(thief: &Thief) {
    let directory = many_promises();
    let last = thief.snapshots().pop().unwrap();
    let (mut indexes, mut packs) = (Vec::new(), last.manifest.packs.clone());
    for number in 0..60_u8 {
        let pack = ObjectHash([number; 32]);
        packs.push(pack);
        let mut plain = pack.0.to_vec();
        plain.extend(30_000_000_u64.to_le_bytes());
        plain.extend(200_u16.to_le_bytes());
        plain.extend((directory.len() as u32).to_le_bytes());
        plain.extend(&directory);
        let salt = random(&SystemEntropy);
        let mut object = INDEX.begin();
        object.extend(salt);
        let coded = zstd::bulk::compress(&plain, 1).unwrap();
        object.extend(seal_box(&thief.keys.index_key, &salt, BoxKind::Index, &coded));
        indexes.push(thief.put_hashed(HashedKind::Index, &object));
    }
    indexes.sort();
    packs.sort();
    let manifest = last.manifest;
    thief.put_manifest(&Manifest { seq: manifest.seq + 1, previous: Some(last.hash), indexes, packs, ..manifest });
}

/// Packs of a few kilobytes whose directories promise a million blobs.
pub fn directory_bomb(thief: &Thief) {
    let mut forge = Forge::new(thief);
    let directory = many_promises();
    for number in 0..60_u32 {
        forge.put_pack(&number.to_le_bytes(), &directory);
    }
    forge.put_snapshot(Entry::default(), 0);
}

/// Lists that name each other as often as they can: eight levels, each twice as wide as it must be.
pub fn list_bomb(thief: &Thief) {
    let last = thief.snapshots().pop().unwrap();
    let mut below: Vec<ObjectHash> = (0..200).map(|_| ObjectHash(random(&SystemEntropy))).collect();
    for level in 0..=8_u8 {
        below.sort();
        let kind = if level == 0 { 0 } else { 2 };
        // Every list of a level names all those below: so many ways lead down as there are names to the power of levels.
        below = (0..200_usize).map(|left_out| put_list(thief, level, kind, &below, left_out)).collect();
    }
    let list = Some(below[0]);
    let manifest = last.manifest;
    thief.put_manifest(&Manifest { seq: manifest.seq + 1, previous: Some(last.hash), list, ..manifest });
}

fn put_list(thief: &Thief, level: u8, kind: u8, below: &[ObjectHash], left_out: usize) -> ObjectHash {
    let mut object = LIST.begin();
    object.push(level);
    object.extend((below.len() as u32 - 1).to_le_bytes());
    for (_, hash) in below.iter().enumerate().filter(|(at, _)| *at != left_out) {
        object.push(kind);
        object.extend(hash.0);
    }
    thief.put_hashed(HashedKind::List, &object)
}

/// Objects of a gigabyte, all holes, where each kind may lie; a manifest needs some.
pub fn huge_objects(thief: &Thief) {
    let strand = thief.keys.strand;
    let hash = "77".repeat(32);
    let huge = 1 << 30;
    thief.put_hole(&format!("strands/{strand}/packs/77/{hash}"), huge);
    for folder in ["indexes", "lists"] {
        thief.put_hole(&format!("strands/{strand}/{folder}/{hash}"), huge);
    }
    for folder in ["snapshots", "leases", "keys"] {
        thief.put_hole(&format!("strands/{strand}/{folder}/0000000009-{hash}"), huge);
    }
    for folder in ["owner", "expiry"] {
        thief.put_hole(&format!("{folder}/0000000009-{hash}"), huge);
    }
    let named = ObjectHash([0x77; 32]);
    assert_eq!(ObjectName::Hashed(strand, HashedKind::List, named).hash(), Some(named));
    let mut manifest = thief.manifest(Entry::default(), vec![named], Counts::default());
    (manifest.indexes, manifest.list) = (vec![named], Some(named));
    thief.put_manifest(&manifest);
}
