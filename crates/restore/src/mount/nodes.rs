//! Nodes of trees that were looked into: whoever goes down a path by its names looks into the same few again and again.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use vault::id::{BlobId, StrandId};
use vault::read::{ReadFault, SnapshotReader};
use vault::tree::{Entry, EntryKind, Node};

use super::file_system::locked;

/// A bounded cache of nodes.
pub(super) struct Nodes {
    bytes_max: usize,
    held: Mutex<Held>,
}

/// Ids are made with a key of the strand.
type Key = (StrandId, BlobId);

#[derive(Default)]
struct Held {
    nodes: HashMap<Key, (Arc<Node>, usize)>,
    /// From the one that came first.
    order: VecDeque<Key>,
    bytes: usize,
}

/// A node that takes more than such a part of all is not worth what would have to go for it.
const PART_MAX: usize = 4;

impl Nodes {
    /// Begins with nothing. Holds at most about so many bytes.
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { bytes_max, held: Mutex::default() }
    }

    /// Finds the entry of a name in a directory.
    pub(super) fn child(
        &self,
        reader: &SnapshotReader,
        directory: &Entry,
        name: &[u8],
    ) -> Result<Option<Entry>, ReadFault> {
        let EntryKind::Directory { node: Some(top), .. } = &directory.kind else { return Ok(None) };
        let (mut id, mut level) = (*top, None);
        loop {
            match self.node(reader, &id, level)?.as_ref() {
                Node::Leaf(entries) => {
                    let found = entries.binary_search_by(|entry| entry.name.as_slice().cmp(name));
                    return Ok(found.ok().map(|at| entries[at].clone()));
                }
                Node::Branch(own, children) => {
                    let after = children.partition_point(|child| child.first.as_slice() <= name);
                    let Some(child) = after.checked_sub(1).map(|at| &children[at]) else { return Ok(None) };
                    (id, level) = (child.id, Some(own - 1));
                }
            }
        }
    }

    fn node(&self, reader: &SnapshotReader, id: &BlobId, level: Option<u64>) -> Result<Arc<Node>, ReadFault> {
        let key = (reader.strand().strand(), *id);
        if let Some((node, _)) = locked(&self.held).nodes.get(&key)
            && level.is_none_or(|level| level == node.level())
        {
            return Ok(Arc::clone(node));
        }
        let (node, bytes) = reader.node(id, level)?;
        let node = Arc::new(node);
        locked(&self.held).keep(key, (Arc::clone(&node), bytes), self.bytes_max);
        Ok(node)
    }
}

impl Held {
    fn keep(&mut self, key: Key, node: (Arc<Node>, usize), bytes_max: usize) {
        let bytes = node.1;
        if bytes > bytes_max / PART_MAX || self.nodes.contains_key(&key) {
            return;
        }
        self.nodes.insert(key, node);
        self.order.push_back(key);
        self.bytes += bytes;
        while self.bytes > bytes_max {
            let Some(oldest) = self.order.pop_front() else { return };
            self.bytes -= self.nodes.remove(&oldest).map_or(0, |(_, bytes)| bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_first_goes_first_and_what_is_too_large_is_not_kept() {
        let mut held = Held::default();
        let key = |number| (StrandId([0; 16]), BlobId([number; 32]));
        let mut keep = |number, bytes| held.keep(key(number), (Arc::new(Node::Leaf(Vec::new())), bytes), 100);
        (1..=5).for_each(|number| keep(number, 25));
        keep(5, 25);
        keep(6, 26);
        let there = [1, 2, 5, 6].map(|number| held.nodes.contains_key(&key(number)));
        assert_eq!((there, held.bytes, held.order.len()), ([false, true, true, false], 100, 4));
    }
}
