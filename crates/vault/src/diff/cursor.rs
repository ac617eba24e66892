//! A place in a directory: entries in the order of names, nodes that were not opened yet.

use std::vec;

use crate::id::BlobId;
use crate::read::{ReadFault, SnapshotReader, read_sized_node};
use crate::tree::{Child, Entry, Node};

/// Where a walk over one directory stands.
pub(super) struct Cursor {
    /// The top node, until it is opened.
    top: Option<WaitingNode<'static>>,
    /// From the top node to the one that has what comes next. The last has something left, unless none has.
    open: Vec<OpenNode>,
    lost: Vec<LostNames>,
}

/// What comes next.
pub(super) enum Head<'c> {
    Entry(&'c Entry),
    Node(WaitingNode<'c>),
}

/// A node that was not opened.
#[derive(Clone, Copy)]
pub(super) struct WaitingNode<'c> {
    pub id: BlobId,
    /// Name of its first entry; empty for a top node.
    pub first: &'c [u8],
    /// Above those of all others for a top node, whose level is not known.
    pub level: u64,
}

/// A node, and how far its items were taken.
struct OpenNode {
    id: BlobId,
    taken: usize,
    /// About what the items take in memory.
    bytes: usize,
    items: Items,
}

enum Items {
    Leaf(vec::IntoIter<Entry>),
    Branch(u64, vec::IntoIter<Child>),
    /// Let go.
    Gone,
}

/// Names that were in a node which cannot be read: from one on, and below another.
struct LostNames {
    from: Vec<u8>,
    below: Option<Vec<u8>>,
}

const TOP: u64 = u64::MAX;

impl Cursor {
    pub fn new(node: Option<BlobId>) -> Self {
        let top = node.map(|id| WaitingNode { id, first: &[], level: TOP });
        Self { top, open: Vec::new(), lost: Vec::new() }
    }

    pub fn head(&self) -> Option<Head<'_>> {
        if let Some(top) = self.top {
            return Some(Head::Node(top));
        }
        match &self.open.last()?.items {
            Items::Leaf(entries) => entries.as_slice().first().map(Head::Entry),
            Items::Branch(level, children) => {
                let child = children.as_slice().first()?;
                Some(Head::Node(WaitingNode { id: child.id, first: &child.first, level: level - 1 }))
            }
            Items::Gone => None,
        }
    }

    pub fn take(&mut self) -> Option<Entry> {
        let last = self.open.last_mut()?;
        let Items::Leaf(entries) = &mut last.items else { return None };
        let entry = entries.next();
        last.taken += 1;
        self.leave_empty();
        entry
    }

    pub fn skip_node(&mut self) {
        if self.top.take().is_none()
            && let Some(last) = self.open.last_mut()
            && let Items::Branch(_, children) = &mut last.items
        {
            children.next();
            last.taken += 1;
            self.leave_empty();
        }
    }

    /// Opens the node that comes next. If it cannot be read, its names are lost.
    pub fn open(&mut self, reader: &SnapshotReader) -> Result<(), Box<ReadFault>> {
        let Some(Head::Node(WaitingNode { id, first, level })) = self.head() else { return Ok(()) };
        let from = first.to_vec();
        // Taken, not left: what is empty above stays until it is clear what comes below.
        if self.top.take().is_none()
            && let Some(OpenNode { taken, items: Items::Branch(_, children), .. }) = self.open.last_mut()
        {
            children.next();
            *taken += 1;
        }
        match read_sized_node(reader, &id, Some(level).filter(|level| *level != TOP)) {
            Ok((node, bytes)) => {
                self.open.push(OpenNode { id, taken: 0, bytes, items: items_after(node, 0) });
                self.leave_empty();
                Ok(())
            }
            Err(fault) => {
                self.leave_empty();
                let below = match self.head() {
                    Some(Head::Node(next)) => Some(next.first.to_vec()),
                    _ => None,
                };
                self.lost.push(LostNames { from, below });
                Err(Box::new(fault))
            }
        }
    }

    /// Tells whether a name may have been in a node that cannot be read.
    pub fn has_lost(&self, name: &[u8]) -> bool {
        let in_range = |lost: &LostNames| {
            lost.from.as_slice() <= name && lost.below.as_ref().is_none_or(|below| name < below.as_slice())
        };
        self.lost.iter().any(in_range)
    }

    /// About how much memory this holds, in bytes.
    pub fn bytes(&self) -> usize {
        self.open.iter().map(|node| node.bytes).sum()
    }

    /// Lets go of what is in memory; it must be held again before anything else is asked.
    pub fn let_go(&mut self) {
        for node in &mut self.open {
            (node.items, node.bytes) = (Items::Gone, 0);
        }
    }

    /// Reads again what was let go. If that fails, all names that were to come are lost.
    pub fn hold(&mut self, reader: &SnapshotReader) -> Result<(), Box<ReadFault>> {
        for node in self.open.iter_mut().filter(|node| matches!(node.items, Items::Gone)) {
            match read_sized_node(reader, &node.id, None) {
                Ok((read, bytes)) => (node.items, node.bytes) = (items_after(read, node.taken), bytes),
                Err(fault) => {
                    self.open.clear();
                    self.lost.push(LostNames { from: Vec::new(), below: None });
                    return Err(Box::new(fault));
                }
            }
        }
        Ok(())
    }

    /// Leaves the nodes of which nothing is left.
    fn leave_empty(&mut self) {
        while self.open.last().is_some_and(|last| last.items.is_empty()) {
            self.open.pop();
        }
    }
}

impl Items {
    fn is_empty(&self) -> bool {
        match self {
            Self::Leaf(entries) => entries.as_slice().is_empty(),
            Self::Branch(_, children) => children.as_slice().is_empty(),
            Self::Gone => false,
        }
    }
}

/// Returns the items of a node but for the first few.
fn items_after(node: Node, taken: usize) -> Items {
    match node {
        Node::Leaf(mut entries) => {
            entries.drain(..taken.min(entries.len()));
            Items::Leaf(entries.into_iter())
        }
        Node::Branch(level, mut children) => {
            children.drain(..taken.min(children.len()));
            Items::Branch(level, children.into_iter())
        }
    }
}
