//! What is no file and went: links, devices, empty folders. They hold nothing that could be judged, and are missed all the same.

use std::collections::HashMap;

use vault::diff::{DiffItem, diff};
use vault::read::SnapshotReader;
use vault::tree::{Entry, EntryKind};

/// What is no file, and went or came between two snapshots.
#[derive(Default)]
pub(super) struct Others {
    gone: Vec<(Vec<u8>, Entry)>,
    came: HashMap<Vec<u8>, Vec<EntryKind>>,
    /// Paths under which something stands now.
    pub there: Vec<Vec<u8>>,
}

impl Others {
    /// Compares two snapshots.
    pub fn between(before: &SnapshotReader, after: &SnapshotReader) -> Self {
        let mut others = Self::default();
        for item in diff(before, after) {
            let DiffItem::Change(change) = item else { continue };
            let (was, is) = (change.before.filter(is_other), change.after);
            match (was, is) {
                (Some(was), None) => others.gone.push((change.path, was)),
                (_, Some(is)) if is_other(&is) => {
                    others.came.entry(is.name).or_default().push(is.kind);
                    others.there.push(change.path);
                }
                _ => {}
            }
        }
        others
    }

    /// Returns the paths of what went, and did not come elsewhere under its name.
    pub fn lost(&self) -> impl Iterator<Item = &[u8]> {
        let lost = self.gone.iter().filter(|(_, entry)| !self.is_elsewhere(entry));
        lost.map(|(path, _)| path.as_slice())
    }

    fn is_elsewhere(&self, entry: &Entry) -> bool {
        let is_empty = matches!(entry.kind, EntryKind::Directory { .. });
        let is_same = |kind: &EntryKind| *kind == entry.kind || is_empty && matches!(kind, EntryKind::Directory { .. });
        self.came.get(&entry.name).is_some_and(|kinds| kinds.iter().any(is_same))
    }
}

/// A folder with something in it comes back with that; a socket is of a program that runs.
fn is_other(entry: &Entry) -> bool {
    match entry.kind {
        EntryKind::File { .. } | EntryKind::Socket => false,
        EntryKind::Directory { entries_below, .. } => entries_below == 0,
        _ => true,
    }
}
