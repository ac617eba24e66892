//! What changed between two snapshots, of one strand or of two.
//!
//! Both trees are walked together in the order of names. What both have in the same node is left out without reading it.
//! Memory is that of one path of nodes on each side, up to a bound: beyond it, the outermost are let go and read again on
//! the way back. Nothing recurses.

mod content;
mod cursor;

use std::cmp::Ordering;

use crate::id::BlobId;
use crate::read::{ReadFault, SnapshotReader};
use crate::tree::{Entry, EntryKind};

use content::has_same_content;
use cursor::{Cursor, Head};

/// What a comparison yields.
#[derive(Debug)]
pub enum DiffItem {
    /// Something changed.
    Change(Box<Change>),
    /// Part of a directory, or the content of a file, cannot be read on one side: what changed there is not known.
    Fault {
        /// The path, from the roots.
        path: Vec<u8>,
        /// On which side.
        side: Side,
        /// Why.
        fault: ReadFault,
    },
}

/// One of the two snapshots.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Side {
    /// The first.
    Before,
    /// The second.
    After,
}

/// A path that is not the same in both.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// The path, from the roots; empty for the root.
    pub path: Vec<u8>,
    /// The entry in the first snapshot.
    pub before: Option<Entry>,
    /// The entry in the second snapshot.
    pub after: Option<Entry>,
    /// What changed.
    pub kind: ChangeKind,
}

/// What changed. Of several the first in this order is told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ChangeKind {
    /// Only the second snapshot has it.
    Added,
    /// Only the first snapshot has it.
    Removed,
    /// It is another kind of thing now.
    Replaced,
    /// Content of a file, target of a link, number of a device.
    Content,
    /// Mode, owner, mtime, extended attributes or the group of hard links; not the ctime, which nobody restores.
    Attributes,
}

/// Compares two snapshots from their roots.
pub fn diff(before: &SnapshotReader, after: &SnapshotReader) -> Diff {
    let (one, other) = (before.root().clone(), after.root().clone());
    diff_entries((before, one), (after, other))
}

/// Compares two directories of two snapshots, whatever their names.
pub fn diff_entries(before: (&SnapshotReader, Entry), after: (&SnapshotReader, Entry)) -> Diff {
    let same_strand = before.0.strand().strand() == after.0.strand().strand();
    let nameless = |entry| Entry { name: Vec::new(), ..entry };
    Diff {
        before: before.0.clone(),
        after: after.0.clone(),
        same_strand,
        levels: Vec::new(),
        above_bytes: 0,
        first_held: 0,
        path: Vec::new(),
        start: Some((nameless(before.1), nameless(after.1))),
    }
}

/// A comparison that goes on.
pub struct Diff {
    before: SnapshotReader,
    after: SnapshotReader,
    same_strand: bool,
    levels: Vec<Level>,
    /// What the levels above the last hold, about.
    above_bytes: usize,
    /// The levels before this one were let go.
    first_held: usize,
    path: Vec<u8>,
    start: Option<(Entry, Entry)>,
}

/// A directory that is compared.
struct Level {
    before: Cursor,
    after: Cursor,
    path_bytes: usize,
    /// What it holds, counted while there is one below.
    held_bytes: usize,
}

/// Of the directories above those that are compared, about so much is kept in memory.
const ABOVE_BYTES_MAX: usize = 16 << 20;

/// What the next step in a directory is.
enum Step {
    /// All is compared.
    End,
    /// A node that both have.
    Same,
    /// A node to read.
    Open(Side),
    /// An entry that one side or both have.
    Entry(Option<Side>),
}

impl Iterator for Diff {
    type Item = DiffItem;

    fn next(&mut self) -> Option<DiffItem> {
        if let Some((before, after)) = self.start.take()
            && let Some(item) = self.meet(before, after)
        {
            return Some(item);
        }
        loop {
            let level = self.levels.last_mut()?;
            let item = match level.step(self.same_strand) {
                Step::End => self.leave().err(),
                Step::Same => {
                    level.before.skip_node();
                    level.after.skip_node();
                    None
                }
                Step::Open(Side::Before) => level.before.open(&self.before).err().map(|fault| (Side::Before, fault)),
                Step::Open(Side::After) => level.after.open(&self.after).err().map(|fault| (Side::After, fault)),
                Step::Entry(side) => {
                    if let Some(item) = self.take(side) {
                        return Some(item);
                    }
                    None
                }
            };
            if let Some((side, fault)) = item {
                return Some(DiffItem::Fault { path: self.path.clone(), side, fault: *fault });
            }
        }
    }
}

impl Diff {
    /// Takes the next entry of a directory from one side or both.
    fn take(&mut self, side: Option<Side>) -> Option<DiffItem> {
        let level = self.levels.last_mut()?;
        match side {
            None => {
                let (before, after) = (level.before.take()?, level.after.take()?);
                self.meet(before, after)
            }
            Some(Side::Before) => {
                let entry = level.before.take()?;
                let unknown = level.after.has_lost(&entry.name);
                self.one_sided(entry, Side::Before, unknown)
            }
            Some(Side::After) => {
                let entry = level.after.take()?;
                let unknown = level.before.has_lost(&entry.name);
                self.one_sided(entry, Side::After, unknown)
            }
        }
    }

    /// Tells what only one side has, unless the other side's part of the directory is lost.
    fn one_sided(&mut self, entry: Entry, side: Side, unknown: bool) -> Option<DiffItem> {
        if unknown {
            return None;
        }
        let path = self.join(&entry.name);
        if entry.is_directory() {
            let nothing = Entry::default();
            match side {
                Side::Before => self.descend(&entry, &nothing, &entry.name),
                Side::After => self.descend(&nothing, &entry, &entry.name),
            }
        }
        let (before, after, kind) = match side {
            Side::Before => (Some(entry), None, ChangeKind::Removed),
            Side::After => (None, Some(entry), ChangeKind::Added),
        };
        Some(DiffItem::Change(Box::new(Change { path, before, after, kind })))
    }

    /// Compares two entries of one name.
    fn meet(&mut self, before: Entry, after: Entry) -> Option<DiffItem> {
        let path = self.join(&after.name);
        self.descend(&before, &after, &after.name);
        let content = match has_same_content((&self.before, &before), (&self.after, &after), self.same_strand) {
            Ok(same) => same,
            Err(lost) => {
                let (side, fault) = *lost;
                return Some(DiffItem::Fault { path, side, fault });
            }
        };
        let kind = if std::mem::discriminant(&before.kind) != std::mem::discriminant(&after.kind) {
            ChangeKind::Replaced
        } else if !content {
            ChangeKind::Content
        } else if !has_same_attributes(&before, &after) {
            ChangeKind::Attributes
        } else {
            return None;
        };
        Some(DiffItem::Change(Box::new(Change { path, before: Some(before), after: Some(after), kind })))
    }

    /// Begins the entries of a directory; what is no directory has none.
    fn descend(&mut self, before: &Entry, after: &Entry, name: &[u8]) {
        let (before_node, after_node) = (node_of(before), node_of(after));
        let same = self.same_strand && before_node == after_node;
        if same || (before_node.is_none() && after_node.is_none()) {
            return;
        }
        if let Some(above) = self.levels.last_mut() {
            above.held_bytes = above.before.bytes() + above.after.bytes();
            self.above_bytes += above.held_bytes;
        }
        self.let_go();
        let path_bytes = self.path.len();
        if !self.path.is_empty() && !name.is_empty() {
            self.path.push(b'/');
        }
        self.path.extend_from_slice(name);
        let (before, after) = (Cursor::new(before_node), Cursor::new(after_node));
        self.levels.push(Level { before, after, path_bytes, held_bytes: 0 });
    }

    /// Lets go of the outermost directories if all together hold too much.
    fn let_go(&mut self) {
        if self.above_bytes <= ABOVE_BYTES_MAX {
            return;
        }
        while self.above_bytes > ABOVE_BYTES_MAX / 2 && self.first_held < self.levels.len() {
            let outermost = &mut self.levels[self.first_held];
            outermost.before.let_go();
            outermost.after.let_go();
            self.above_bytes -= std::mem::take(&mut outermost.held_bytes);
            self.first_held += 1;
        }
    }

    /// Ends a directory, and goes on with the one above.
    fn leave(&mut self) -> Result<(), (Side, Box<ReadFault>)> {
        if let Some(level) = self.levels.pop() {
            self.path.truncate(level.path_bytes);
        }
        self.first_held = self.first_held.min(self.levels.len().saturating_sub(1));
        let Some(above) = self.levels.last_mut() else { return Ok(()) };
        self.above_bytes -= std::mem::take(&mut above.held_bytes);
        let before = above.before.hold(&self.before).map_err(|fault| (Side::Before, fault));
        let after = above.after.hold(&self.after).map_err(|fault| (Side::After, fault));
        before.and(after)
    }

    fn join(&self, name: &[u8]) -> Vec<u8> {
        let separator: &[u8] = if self.path.is_empty() || name.is_empty() { b"" } else { b"/" };
        [&self.path, separator, name].concat()
    }
}

impl Level {
    fn step(&self, same_strand: bool) -> Step {
        match (self.before.head(), self.after.head()) {
            (None, None) => Step::End,
            (Some(Head::Node(one)), Some(Head::Node(other))) => {
                if same_strand && one.id == other.id {
                    return Step::Same;
                }
                // The upper node first, then the one that begins first: so equal nodes come to lie side by side.
                let order = other.level.cmp(&one.level).then_with(|| one.first.cmp(other.first));
                Step::Open(if order == Ordering::Greater { Side::After } else { Side::Before })
            }
            (Some(Head::Node(_)), None) => Step::Open(Side::Before),
            (None, Some(Head::Node(_))) => Step::Open(Side::After),
            (Some(Head::Entry(_)), None) => Step::Entry(Some(Side::Before)),
            (None, Some(Head::Entry(_))) => Step::Entry(Some(Side::After)),
            (Some(Head::Node(node)), Some(Head::Entry(entry))) => {
                if node.first > entry.name.as_slice() {
                    Step::Entry(Some(Side::After))
                } else {
                    Step::Open(Side::Before)
                }
            }
            (Some(Head::Entry(entry)), Some(Head::Node(node))) => {
                if node.first > entry.name.as_slice() {
                    Step::Entry(Some(Side::Before))
                } else {
                    Step::Open(Side::After)
                }
            }
            (Some(Head::Entry(one)), Some(Head::Entry(other))) => Step::Entry(match one.name.cmp(&other.name) {
                Ordering::Less => Some(Side::Before),
                Ordering::Greater => Some(Side::After),
                Ordering::Equal => None,
            }),
        }
    }
}

fn node_of(entry: &Entry) -> Option<BlobId> {
    match &entry.kind {
        EntryKind::Directory { node, .. } => *node,
        _ => None,
    }
}

fn has_same_attributes(one: &Entry, other: &Entry) -> bool {
    let of = |entry: &Entry| (entry.mode, entry.uid, entry.gid, entry.mtime, entry.made_up);
    of(one) == of(other)
        && one.user == other.user
        && one.group == other.group
        && one.xattrs == other.xattrs
        && one.hard_link == other.hard_link
}
