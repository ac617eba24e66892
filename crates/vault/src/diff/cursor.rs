//! A place in a directory: entries in the order of names, nodes that were not opened yet.

use std::vec;

use crate::id::BlobId;
use crate::read::{ReadFault, SnapshotReader, read_node};
use crate::tree::{Child, Entry, Node};

/// Where a walk over one directory stands.
pub(super) struct Cursor {
    leaf: vec::IntoIter<Entry>,
    nodes: Vec<WaitingNode>,
    lost: Vec<LostNames>,
}

/// What comes next.
pub(super) enum Head<'c> {
    Entry(&'c Entry),
    Node(&'c WaitingNode),
}

/// A node that was not opened.
pub(super) struct WaitingNode {
    pub id: BlobId,
    /// Name of its first entry; empty for a top node.
    pub first: Vec<u8>,
    /// Above those of all others for a top node, whose level is not known.
    pub level: u64,
}

/// Names that were in a node which cannot be read: from one on, and below another.
struct LostNames {
    from: Vec<u8>,
    below: Option<Vec<u8>>,
}

const TOP: u64 = u64::MAX;

impl Cursor {
    pub fn new(node: Option<BlobId>) -> Self {
        let nodes = node.map(|id| WaitingNode { id, first: Vec::new(), level: TOP }).into_iter().collect();
        Self { leaf: Vec::new().into_iter(), nodes, lost: Vec::new() }
    }

    pub fn head(&self) -> Option<Head<'_>> {
        let entry = self.leaf.as_slice().first().map(Head::Entry);
        entry.or_else(|| self.nodes.last().map(Head::Node))
    }

    pub fn take(&mut self) -> Option<Entry> {
        self.leaf.next()
    }

    pub fn skip_node(&mut self) {
        self.nodes.pop();
    }

    /// Opens the node that comes next. If it cannot be read, its names are lost.
    pub fn open(&mut self, reader: &SnapshotReader) -> Result<(), Box<ReadFault>> {
        let Some(node) = self.nodes.pop() else { return Ok(()) };
        match read_node(reader, &node.id, Some(node.level).filter(|level| *level != TOP)) {
            Ok(Node::Leaf(entries)) => self.leaf = entries.into_iter(),
            Ok(Node::Branch(level, children)) => {
                let below = |child: Child| WaitingNode { id: child.id, first: child.first, level: level - 1 };
                self.nodes.extend(children.into_iter().rev().map(below));
            }
            Err(fault) => {
                let below = self.nodes.last().map(|next| next.first.clone());
                self.lost.push(LostNames { from: node.first, below });
                return Err(Box::new(fault));
            }
        }
        Ok(())
    }

    /// Tells whether a name may have been in a node that cannot be read.
    pub fn has_lost(&self, name: &[u8]) -> bool {
        let in_range = |lost: &LostNames| {
            lost.from.as_slice() <= name && lost.below.as_ref().is_none_or(|below| name < below.as_slice())
        };
        self.lost.iter().any(in_range)
    }
}
