//! A walk over a tree: depth first, names in order, without recursion however deep.

use super::{Entries, ReadFault, SnapshotReader};
use crate::tree::Entry;

/// What a walk meets. Paths are from the directory where it began.
#[derive(Debug)]
pub enum WalkItem {
    /// An entry; if it is a directory, its own entries follow.
    Entry(Vec<u8>, Entry),
    /// All entries of a directory were met.
    Leave(Vec<u8>),
    /// Part of a directory cannot be read.
    Fault(Vec<u8>, ReadFault),
}

/// A walk over a directory and all that is below.
pub struct TreeWalk {
    reader: SnapshotReader,
    open: Vec<(Entries, usize)>,
    path: Vec<u8>,
    below: Option<Entry>,
}

impl TreeWalk {
    pub(super) fn new(reader: SnapshotReader, directory: &Entry) -> Self {
        let open = vec![(reader.entries(directory), 0)];
        Self { reader, open, path: Vec::new(), below: None }
    }

    /// Leaves out what is below the directory that was met last.
    pub fn skip_below(&mut self) {
        self.below = None;
    }

    fn descend(&mut self) {
        if let Some(directory) = self.below.take() {
            let length = self.path.len();
            if !self.path.is_empty() {
                self.path.push(b'/');
            }
            self.path.extend_from_slice(&directory.name);
            self.open.push((self.reader.entries(&directory), length));
        }
    }

    fn join(&self, name: &[u8]) -> Vec<u8> {
        let mut path = Vec::with_capacity(self.path.len() + 1 + name.len());
        path.extend_from_slice(&self.path);
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(name);
        path
    }
}

impl Iterator for TreeWalk {
    type Item = WalkItem;

    fn next(&mut self) -> Option<WalkItem> {
        self.descend();
        let (entries, parent_bytes) = self.open.last_mut()?;
        let parent_bytes = *parent_bytes;
        match entries.next() {
            Some(Ok(entry)) => {
                if entry.is_directory() {
                    self.below = Some(entry.clone());
                }
                Some(WalkItem::Entry(self.join(&entry.name), entry))
            }
            Some(Err(fault)) => Some(WalkItem::Fault(self.path.clone(), fault)),
            None => {
                self.open.pop();
                if self.open.is_empty() {
                    return None;
                }
                let left = self.path.clone();
                self.path.truncate(parent_bytes);
                Some(WalkItem::Leave(left))
            }
        }
    }
}
