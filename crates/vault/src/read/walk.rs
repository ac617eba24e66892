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

/// Of the directories above the one that is walked, about so much is kept in memory; of the rest, nodes are read again.
const ABOVE_BYTES_MAX: usize = 16 << 20;

/// A walk over a directory and all that is below.
pub struct TreeWalk {
    reader: SnapshotReader,
    open: Vec<OpenDirectory>,
    path: Vec<u8>,
    below: Option<Entry>,
    /// What the directories above the last hold.
    above_bytes: usize,
    /// The directories before this one were let go.
    first_held: usize,
}

struct OpenDirectory {
    entries: Entries,
    /// How long the path above it is.
    parent_bytes: usize,
    /// What it holds, counted while there is one below.
    held_bytes: usize,
}

impl TreeWalk {
    pub(super) fn new(reader: SnapshotReader, directory: &Entry) -> Self {
        let entries = reader.entries(directory);
        let open = vec![OpenDirectory { entries, parent_bytes: 0, held_bytes: 0 }];
        Self { reader, open, path: Vec::new(), below: None, above_bytes: 0, first_held: 0 }
    }

    /// Leaves out what is below the directory that was met last.
    pub fn skip_below(&mut self) {
        self.below = None;
    }

    fn descend(&mut self) {
        let Some(directory) = self.below.take() else { return };
        if let Some(parent) = self.open.last_mut() {
            parent.held_bytes = parent.entries.bytes();
            self.above_bytes += parent.held_bytes;
        }
        self.let_go();
        let parent_bytes = self.path.len();
        if !self.path.is_empty() {
            self.path.push(b'/');
        }
        self.path.extend_from_slice(&directory.name);
        let entries = self.reader.entries(&directory);
        self.open.push(OpenDirectory { entries, parent_bytes, held_bytes: 0 });
    }

    /// Lets go of the outermost directories if all together hold too much: a tree is as deep as whoever wrote it pleased.
    fn let_go(&mut self) {
        if self.above_bytes <= ABOVE_BYTES_MAX {
            return;
        }
        while self.above_bytes > ABOVE_BYTES_MAX / 2 && self.first_held < self.open.len() {
            let outermost = &mut self.open[self.first_held];
            outermost.entries.let_go();
            self.above_bytes -= std::mem::take(&mut outermost.held_bytes);
            self.first_held += 1;
        }
    }

    fn leave(&mut self) {
        self.open.pop();
        if let Some(parent) = self.open.last_mut() {
            self.above_bytes -= std::mem::take(&mut parent.held_bytes);
        }
        self.first_held = self.first_held.min(self.open.len().saturating_sub(1));
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
        let OpenDirectory { entries, parent_bytes, .. } = self.open.last_mut()?;
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
                self.leave();
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
