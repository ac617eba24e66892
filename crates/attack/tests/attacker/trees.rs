//! Trees that no machine has, for whoever restores them.

use vault::blob::BlobKind;
use vault::id::BlobId;
use vault::tree::{ChunkRef, Content, Entry, EntryKind};

use crate::forge::{Forge, file, folder};
use crate::thief::Thief;

/// A small file with content of its own.
fn small_file(forge: &mut Forge<'_>, name: &[u8], content: &[u8]) -> Entry {
    let id = forge.keep(BlobKind::Chunk, content);
    file(name, vec![ChunkRef { id, bytes: content.len() as u64 }])
}

fn link(name: &[u8], target: &[u8]) -> Entry {
    let kind = EntryKind::Symlink { target: target.to_vec() };
    Entry { name: name.to_vec(), kind, mode: 0o777, ..Entry::default() }
}

/// One folder for each name that no file can have; each beside a good file, in a node of its own.
pub fn hostile_names(thief: &Thief) {
    let mut forge = Forge::new(thief);
    let long = [b'n'; 256];
    let names: [&[u8]; 8] =
        [b"..", b".", b"", b"/etc/planted", b"../planted", b"a/../../planted", b"zero\0byte", &long];
    let mut folders = Vec::new();
    for (number, name) in names.into_iter().enumerate() {
        let entry = small_file(&mut forge, name, b"planted");
        let node = forge.leaf(&[entry]);
        folders.push(folder(format!("folder-{number}").as_bytes(), node, 1, 7));
    }
    folders.push(small_file(&mut forge, b"good", b"content"));
    let node = forge.leaf(&folders);
    forge.put_snapshot(folder(b"", node, 2 * names.len() as u64 + 1, 8 * 7), names.len() as u64 + 1);
}

/// One name twice, in two nodes: first a link that leads out, then a folder with a file, then a file.
pub fn twins(thief: &Thief) {
    let mut forge = Forge::new(thief);
    let planted = small_file(&mut forge, b"planted", b"planted");
    let below = forge.leaf(&[planted]);
    let leaves = [
        link(b"way", b"../outside"),
        folder(b"way", below, 1, 7),
        small_file(&mut forge, b"way", b"planted"),
        link(b"way", b"/"),
        folder(b"way", below, 1, 7),
    ]
    .map(|entry| forge.leaf(&[entry]));
    let firsts: [&[u8]; 5] = [b"way", b"way1", b"way2", b"way3", b"way4"];
    let children: Vec<_> = firsts.into_iter().zip(leaves).map(|(first, leaf)| (first, leaf, 1)).collect();
    let node = forge.branch(1, &children);
    forge.put_snapshot(folder(b"", node, 7, 21), 5);
}

/// Hard links that say that their first member is elsewhere.
pub fn outside_links(thief: &Thief) {
    let mut forge = Forge::new(thief);
    let paths: [&[u8]; 6] = [b"../outside/secret", b"/etc/passwd", b"way/secret", b"", b"..", b"nowhere/at/all"];
    let mut entries = Vec::new();
    for (number, path) in paths.into_iter().enumerate() {
        let own = small_file(&mut forge, format!("link-{number}").as_bytes(), b"own content");
        entries.push(Entry { hard_link: Some(path.to_vec()), ..own });
    }
    entries.push(link(b"way", b"../outside"));
    let node = forge.leaf(&entries);
    forge.put_snapshot(folder(b"", node, 7, 66), 7);
}

/// Devices, a program that runs as its owner, and capabilities.
pub fn specials(thief: &Thief) {
    let mut forge = Forge::new(thief);
    let disk = EntryKind::BlockDevice { major: 8, minor: 0 };
    let memory = EntryKind::CharDevice { major: u32::MAX, minor: u32::MAX };
    let program = small_file(&mut forge, b"program", b"#!/bin/sh\n");
    let capability = vec![(b"security.capability".to_vec(), vec![1; 20])];
    let entries = [
        Entry { name: b"disk".to_vec(), kind: disk, mode: 0o666, ..Entry::default() },
        Entry { name: b"memory".to_vec(), kind: memory, mode: 0o666, ..Entry::default() },
        Entry { mode: 0o6755, uid: 1000, gid: 1000, xattrs: capability, ..program },
    ];
    let node = forge.leaf(&entries);
    forge.put_snapshot(folder(b"", node, 3, 10), 3);
}

/// Files longer than any, and lists and chunks that hold less than they say.
pub fn lying_sizes(thief: &Thief) {
    let mut forge = Forge::new(thief);
    let chunk = forge.keep(BlobKind::Chunk, b"seven b");
    let half = 1_u64 << 62;
    let entries = [
        file(b"a-hole-of-all", vec![ChunkRef { id: BlobId::ZEROS, bytes: half }]),
        file(b"b-longer-chunk", vec![ChunkRef { id: chunk, bytes: half }]),
        file(b"c-shorter-chunk", vec![ChunkRef { id: chunk, bytes: 1 }]),
        listed(&mut forge, b"d-list-beyond-all", 0, &[(BlobId::ZEROS, u64::MAX), (BlobId::ZEROS, 2)], 1),
        listed(&mut forge, b"e-list-of-another-sum", 0, &[(chunk, 7)], half),
        listed(&mut forge, b"f-list-too-high", 9, &[(chunk, 7)], 7),
        listed(&mut forge, b"g-list-of-no-list", 1, &[(chunk, 7)], 7),
        small_file(&mut forge, b"h-good", b"content"),
    ];
    let node = forge.leaf(&entries);
    forge.put_snapshot(folder(b"", node, 8, 0), 8);
}

/// A file whose content is a chunk list.
fn listed(forge: &mut Forge<'_>, name: &[u8], level: u8, records: &[(BlobId, u64)], size: u64) -> Entry {
    let mut plain = vec![level];
    for (id, bytes) in records {
        plain.extend(id.0);
        plain.extend(bytes.to_le_bytes());
    }
    let id = forge.keep(BlobKind::List, &plain);
    let kind = EntryKind::File { size, content: Content::List(id, level), sha256: None };
    Entry { name: name.to_vec(), kind, mode: 0o644, ..Entry::default() }
}
