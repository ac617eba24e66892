//! Walking the tree: directories and specials are made, files planned, links remembered.
//!
//! A directory is made when something goes into it, or when it is wanted for itself: a restore in parts passes by most directories
//! in most parts.

use vault::id::BlobId;
use vault::read::WalkItem;
use vault::tree::{Entry, EntryKind};

use super::crew::Spans;
use super::links::Links;
use super::plan::Planner;
use super::waiting::{Room, WaitingDirectory, node_of};
use super::{Decision, RestoreError, Run};
use crate::TreePath;
use crate::target::DirectoryId;

/// Walks the tree, and returns the directories that get their attributes when all is in them.
pub(super) fn lay_out(
    run: &Run<'_>,
    entry: &Entry,
    links: &mut Links,
    spans: Spans,
) -> Result<Vec<WaitingDirectory>, RestoreError> {
    let planner = Planner::new(run, spans);
    let root = Level { state: State::There(DirectoryId::ROOT), node: node_of(entry) };
    let mut layout = Layout { run, planner, links, directories: Vec::new(), room: Room::new(), levels: vec![root] };
    if entry.is_directory() {
        layout.walk(entry);
    } else {
        layout.place((DirectoryId::ROOT, None), entry.clone());
    }
    layout.planner.finish();
    Ok(layout.directories)
}

struct Layout<'l, 'r> {
    run: &'l Run<'r>,
    planner: Planner<'l, 'r>,
    links: &'l mut Links,
    directories: Vec<WaitingDirectory>,
    room: Room,
    /// The directories from the root to where the walk stands.
    levels: Vec<Level>,
}

/// A directory on the way.
struct Level {
    state: State,
    node: Option<BlobId>,
}

enum State {
    There(DirectoryId),
    /// Nothing went into it yet.
    Waiting {
        path: Vec<u8>,
        entry: Box<Entry>,
    },
    /// It cannot be made: what is below has nowhere to go.
    Failed,
}

impl Layout<'_, '_> {
    fn walk(&mut self, root: &Entry) {
        let run = self.run;
        if !root.made_up && run.selection.finishes(b"", false) {
            self.wait((b"", root.clone()), (DirectoryId::ROOT, 0), None);
        }
        let mut walk = run.reader.walk(root);
        while let Some(item) = walk.next() {
            if run.is_over() {
                break;
            }
            match item {
                WalkItem::Entry(path, entry) if run.selection.decide_entry(&path, &entry) == Decision::Skip => {
                    walk.skip_below();
                }
                WalkItem::Entry(path, entry) if entry.is_directory() => {
                    if !self.enter(path, entry) {
                        walk.skip_below();
                    }
                }
                WalkItem::Entry(_, entry) => {
                    if let Some(parent) = self.reach() {
                        self.place(parent, entry);
                    }
                }
                WalkItem::Leave(_) => drop(self.levels.pop()),
                WalkItem::Fault(path, fault) if run.selection.is_final() => {
                    run.fault_at(TreePath::new(path), fault.into());
                }
                WalkItem::Fault(..) => {}
            }
        }
    }

    /// Goes into a directory; tells whether there is anything to go into.
    fn enter(&mut self, path: Vec<u8>, entry: Entry) -> bool {
        let wanted = self.run.selection.wants_directory(&path);
        let node = node_of(&entry);
        self.levels.push(Level { state: State::Waiting { path, entry: Box::new(entry) }, node });
        let is_there = !wanted || self.reach().is_some();
        if !is_there {
            self.levels.pop();
        }
        is_there
    }

    /// Makes the directories on the way that are not there yet; returns the innermost with its node, unless one of them cannot be made.
    fn reach(&mut self) -> Option<(DirectoryId, Option<BlobId>)> {
        let is_there = |level: &Level| matches!(level.state, State::There(_));
        let first = self.levels.iter().rposition(is_there)? + 1;
        for at in first..self.levels.len() {
            self.make(at)?;
        }
        let last = self.levels.last()?;
        match last.state {
            State::There(id) => Some((id, last.node)),
            _ => None,
        }
    }

    fn make(&mut self, at: usize) -> Option<()> {
        let run = self.run;
        let State::There(parent) = self.levels[at - 1].state else { return None };
        let above = self.levels[at - 1].node;
        let State::Waiting { path, entry } = std::mem::replace(&mut self.levels[at].state, State::Failed) else {
            return None;
        };
        let added = match run.repairs {
            true => run.target.add_directory_of(parent, &entry),
            false => run.target.add_directory(parent, &entry.name),
        };
        match added {
            Ok(id) => {
                if run.selection.finishes(&path, run.target.is_new(id)) {
                    self.wait((&path, *entry), (id, at), above);
                }
                self.levels[at].state = State::There(id);
                Some(())
            }
            Err(error) => {
                run.fault(parent, Some(&entry.name), error.into());
                None
            }
        }
    }

    /// Remembers a directory until all is in it.
    fn wait(&mut self, (path, entry): (&[u8], Entry), place: (DirectoryId, usize), above: Option<BlobId>) {
        let mut waiting = WaitingDirectory::new(place, entry, above, &mut self.room);
        waiting.is_counted = self.run.selection.counts_directory(path);
        self.directories.push(waiting);
    }

    /// Puts anything but a directory in its place, at once or later.
    fn place(&mut self, (parent, node): (DirectoryId, Option<BlobId>), entry: Entry) {
        let alone = match (node, &entry.hard_link) {
            (Some(node), Some(first)) => {
                // What stands under the first name otherwise may have other content.
                let first_is_restored = self.links.path_below(first).is_some_and(|first| self.run.is_taken(first));
                self.links.defer((parent, node), entry, first_is_restored)
            }
            _ => Some(entry),
        };
        let Some(entry) = alone else { return };
        match entry.kind {
            EntryKind::File { .. } => self.planner.file(parent, entry),
            EntryKind::Directory { .. } => {}
            _ => {
                let made = self.run.target.make_special(parent, &entry);
                self.run.settle(parent, Some(&entry.name), made, 0);
            }
        }
    }
}
