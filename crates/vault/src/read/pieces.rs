//! The pieces that a directory and a file are cut into, read one after the other in bounded memory.

use std::vec;

use super::{ReadFault, SnapshotReader};
use crate::blob::BlobKind;
use crate::bytes::FormatError;
use crate::content::parse_list;
use crate::id::BlobId;
use crate::tree::{Child, ChunkRef, Content, Entry, EntryKind, Node, parse_node};

/// The entries of one directory. A node that cannot be read is an error; the others follow.
pub struct Entries {
    reader: SnapshotReader,
    waiting: Vec<(BlobId, Option<u64>)>,
    leaf: vec::IntoIter<Entry>,
}

impl Entries {
    pub(super) fn new(reader: SnapshotReader, directory: &Entry) -> Self {
        let waiting = node_of(directory).map(|id| (id, None)).into_iter().collect();
        Self { reader, waiting, leaf: Vec::new().into_iter() }
    }

    /// Finds one entry, reading one node a level.
    pub(super) fn find(reader: &SnapshotReader, directory: &Entry, name: &[u8]) -> Result<Option<Entry>, ReadFault> {
        let mut next = node_of(directory).map(|id| (id, None));
        while let Some((id, level)) = next {
            next = match read_node(reader, &id, level)? {
                Node::Leaf(entries) => return Ok(entries.into_iter().find(|entry| entry.name == name)),
                Node::Branch(level, children) => children
                    .iter()
                    .rev()
                    .find(|child| child.first.as_slice() <= name)
                    .map(|child| (child.id, Some(level - 1))),
            };
        }
        Ok(None)
    }
}

impl Iterator for Entries {
    type Item = Result<Entry, ReadFault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.leaf.next() {
                return Some(Ok(entry));
            }
            let (id, level) = self.waiting.pop()?;
            match read_node(&self.reader, &id, level) {
                Ok(Node::Leaf(entries)) => self.leaf = entries.into_iter(),
                Ok(Node::Branch(level, children)) => {
                    let below = |child: &Child| (child.id, Some(level - 1));
                    self.waiting.extend(children.iter().rev().map(below));
                }
                Err(fault) => return Some(Err(fault)),
            }
        }
    }
}

/// The chunks of one file. A list that cannot be read is an error; the chunks after it follow.
pub struct Chunks {
    reader: SnapshotReader,
    lists: Vec<(ChunkRef, u8)>,
    ready: vec::IntoIter<ChunkRef>,
}

/// A stretch of a file whose chunks are not known.
#[derive(Debug)]
pub struct LostStretch {
    /// Its length in bytes.
    pub bytes: u64,
    /// Why.
    pub fault: ReadFault,
}

impl Chunks {
    pub(super) fn new(reader: SnapshotReader, file: &Entry) -> Self {
        let (mut lists, mut ready) = (Vec::new(), Vec::new());
        if let EntryKind::File { size, content, .. } = &file.kind {
            match content {
                Content::Chunks(chunks) => ready = chunks.clone(),
                Content::List(id, level) => lists.push((ChunkRef { id: *id, bytes: *size }, *level)),
            }
        }
        Self { reader, lists, ready: ready.into_iter() }
    }

    fn read(&self, list: &ChunkRef, level: u8) -> Result<Vec<ChunkRef>, ReadFault> {
        let plain = self.reader.blob(BlobKind::List, &list.id)?;
        parse_list(&plain, level, list.bytes).map_err(|source| damaged(&self.reader, &list.id, source))
    }
}

impl Iterator for Chunks {
    type Item = Result<ChunkRef, LostStretch>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(chunk) = self.ready.next() {
                return Some(Ok(chunk));
            }
            let (list, level) = self.lists.pop()?;
            match self.read(&list, level) {
                Ok(records) if level == 0 => self.ready = records.into_iter(),
                Ok(records) => self.lists.extend(records.into_iter().rev().map(|record| (record, level - 1))),
                Err(fault) => return Some(Err(LostStretch { bytes: list.bytes, fault })),
            }
        }
    }
}

fn node_of(directory: &Entry) -> Option<BlobId> {
    match &directory.kind {
        EntryKind::Directory { node, .. } => *node,
        _ => None,
    }
}

pub(crate) fn read_node(reader: &SnapshotReader, id: &BlobId, level: Option<u64>) -> Result<Node, ReadFault> {
    let plain = reader.blob(BlobKind::Node, id)?;
    let node = parse_node(&plain).map_err(|source| damaged(reader, id, source))?;
    let found = match &node {
        Node::Leaf(_) => 0,
        Node::Branch(level, _) => *level,
    };
    // Levels descend one by one: a hostile tree cannot make a reader climb.
    if level.is_some_and(|level| level != found) {
        return Err(damaged(reader, id, FormatError::Malformed("tree node")));
    }
    Ok(node)
}

/// Blames the pack that holds a blob whose content is verified and still makes no sense.
fn damaged(reader: &SnapshotReader, id: &BlobId, source: FormatError) -> ReadFault {
    match reader.locate(id) {
        Ok(location) => ReadFault::Damaged { name: reader.strand().pack_name(location.pack), source },
        Err(unlocated) => unlocated,
    }
}
