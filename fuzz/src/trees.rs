//! Entries, nodes, chunk lists.

use vault::content::parse_list;
use vault::tree::{Content, Entry, EntryKind, Node, is_safe_name, parse_entry, parse_node, write_entry};

use super::cbor;

/// An entry of a directory.
pub fn entry(data: &[u8]) {
    let Ok(entry) = parse_entry(data) else { return };
    check_entry(&entry);
}

fn check_entry(entry: &Entry) {
    assert!(is_safe_name(&entry.name), "a name that is safe to create");
    assert!(entry.mode <= 0o7777 && entry.mtime.nanoseconds < 1_000_000_000);
    if let EntryKind::File { size, content: Content::Chunks(chunks), .. } = &entry.kind {
        assert!(chunks.len() <= Content::INLINE_MAX && chunks.iter().map(|chunk| chunk.bytes).sum::<u64>() == *size);
    }
    let written = write_entry(entry);
    assert!(parse_entry(&written).as_ref() == Ok(entry), "an entry is read as it was written");
}

/// A node of a tree.
pub fn node(data: &[u8]) {
    let Ok(node) = parse_node(data) else { return };
    let written = match &node {
        Node::Leaf(entries) => {
            entries.iter().for_each(check_entry);
            assert!(entries.windows(2).all(|pair| pair[0].name < pair[1].name), "names ascend");
            let items: Vec<_> = entries.iter().map(write_entry).collect();
            cbor(|out| {
                out.map(2).unsigned(0).unsigned(0).unsigned(1).array(items.len()).raw(&items.concat());
            })
        }
        Node::Branch(level, children) => {
            assert!((1..=16).contains(level), "levels are few");
            assert!(children.windows(2).all(|pair| pair[0].first < pair[1].first), "names ascend");
            cbor(|out| {
                out.map(2).unsigned(0).unsigned(*level).unsigned(1).array(children.len());
                for child in children {
                    out.array(3).bytes(&child.first).bytes(&child.id.0).unsigned(child.entries);
                }
            })
        }
    };
    assert!(parse_node(&written) == Ok(node), "a node is read as it was written");
}

/// A list of chunks.
pub fn chunk_list(data: &[u8]) {
    let Some((&level, records)) = data.split_first() else { return };
    let lengths = records.chunks_exact(40).filter_map(|record| record.last_chunk().copied().map(u64::from_le_bytes));
    let bytes = lengths.fold(0u64, u64::wrapping_add);
    let Ok(chunks) = parse_list(data, level, bytes) else { return };
    let mut written = vec![level];
    for chunk in &chunks {
        written.extend(chunk.id.0);
        written.extend(chunk.bytes.to_le_bytes());
    }
    assert!(written == data, "a chunk list is written as it was read");
    assert!(parse_list(data, level, bytes.wrapping_add(1)).is_err(), "lengths add up to what leads there");
}
