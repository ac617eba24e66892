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
    /// From the top node to the one that has the next entry.
    open: Vec<OpenNode>,
}

/// A node, and how far its items were taken.
struct OpenNode {
    id: BlobId,
    level: Option<u64>,
    taken: usize,
    /// About what the items take in memory.
    bytes: usize,
    /// `None` before they are read, and when they were let go.
    items: Option<Items>,
}

enum Items {
    Leaf(vec::IntoIter<Entry>),
    Branch(u64, vec::IntoIter<Child>),
}

impl Entries {
    pub(super) fn new(reader: SnapshotReader, directory: &Entry) -> Self {
        let open = node_of(directory).map(|id| OpenNode::new(id, None)).into_iter().collect();
        Self { reader, open }
    }

    /// About how much memory this holds, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.open.iter().map(|node| node.bytes).sum()
    }

    /// Lets go of what is in memory; what comes next is read again when it is wanted.
    pub(super) fn let_go(&mut self) {
        for node in &mut self.open {
            (node.items, node.bytes) = (None, 0);
        }
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
            let node = self.open.last_mut()?;
            let child = match node.items(&self.reader) {
                Ok(Items::Leaf(entries)) => {
                    if let Some(entry) = entries.next() {
                        node.taken += 1;
                        return Some(Ok(entry));
                    }
                    None
                }
                Ok(Items::Branch(level, children)) => children.next().map(|child| (child.id, *level - 1)),
                Err(fault) => {
                    self.open.pop();
                    return Some(Err(fault));
                }
            };
            match child {
                Some((id, level)) => {
                    node.taken += 1;
                    self.open.push(OpenNode::new(id, Some(level)));
                }
                None => drop(self.open.pop()),
            }
        }
    }
}

impl OpenNode {
    fn new(id: BlobId, level: Option<u64>) -> Self {
        Self { id, level, taken: 0, bytes: 0, items: None }
    }

    /// Returns the items that were not taken.
    fn items(&mut self, reader: &SnapshotReader) -> Result<&mut Items, ReadFault> {
        if self.items.is_none() {
            let (node, bytes) = read_sized_node(reader, &self.id, self.level)?;
            let mut items = match node {
                Node::Leaf(entries) => Items::Leaf(entries.into_iter()),
                Node::Branch(level, children) => Items::Branch(level, children.into_iter()),
            };
            if let Some(last) = self.taken.checked_sub(1) {
                match &mut items {
                    Items::Leaf(entries) => drop(entries.nth(last)),
                    Items::Branch(_, children) => drop(children.nth(last)),
                }
            }
            self.bytes = bytes;
            self.items = Some(items);
        }
        Ok(self.items.as_mut().expect("just read, if it was not there"))
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

    /// Reads one list; what it names is as long as `list` says.
    pub(super) fn read(reader: &SnapshotReader, list: &ChunkRef, level: u8) -> Result<Vec<ChunkRef>, ReadFault> {
        let parsed = reader.with_blob(BlobKind::List, &list.id, |plain| parse_list(plain, level, list.bytes))?;
        parsed.map_err(|source| damaged(reader, &list.id, source))
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
            match Self::read(&self.reader, &list, level) {
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

fn read_node(reader: &SnapshotReader, id: &BlobId, level: Option<u64>) -> Result<Node, ReadFault> {
    read_sized_node(reader, id, level).map(|(node, _)| node)
}

/// Reads a node; tells about how much memory it takes too, in bytes.
pub(crate) fn read_sized_node(
    reader: &SnapshotReader,
    id: &BlobId,
    level: Option<u64>,
) -> Result<(Node, usize), ReadFault> {
    let (parsed, plain_bytes) = reader.with_blob(BlobKind::Node, id, |plain| (parse_node(plain), plain.len()))?;
    let node = parsed.map_err(|source| damaged(reader, id, source))?;
    // Levels descend one by one: a hostile tree cannot make a reader climb.
    if level.is_some_and(|level| level != node.level()) {
        return Err(damaged(reader, id, FormatError::Malformed("tree node")));
    }
    let bytes = node.bytes_in_memory(plain_bytes);
    Ok((node, bytes))
}

/// Blames the pack that holds a blob whose content is verified and still makes no sense.
fn damaged(reader: &SnapshotReader, id: &BlobId, source: FormatError) -> ReadFault {
    match reader.strand().locator().find(id, reader.packs()) {
        Ok(Some(location)) => ReadFault::Damaged { name: reader.strand().pack_name(location.pack), source },
        Ok(None) => ReadFault::Unlocated { id: *id },
        Err(error) => error.into(),
    }
}
