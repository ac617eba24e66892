//! The walk through a tree on the disk, beside what should be there.

use std::iter::Peekable;

use restore::clean::Placed;
use restore::live::{LiveFolder, Thing};
use vault::tree::{Content, Entry, EntryKind};

use crate::chain::{FileVersion, Live};
use crate::folder::{Folder, join};
use crate::folders::Assessor;

impl Assessor<'_> {
    /// Compares what should be on the disk with what is there, folder by folder.
    pub(crate) fn run_live(&mut self, live: Live<'_>) -> Option<()> {
        let mut waiting = vec![live.below.to_vec()];
        while let Some(path) = waiting.pop() {
            if self.monitor.stopping() {
                return None;
            }
            // The last in order first, since a stack gives back what came last.
            let below = self.walk_folder(live, &path);
            waiting.extend(below.into_iter().rev());
        }
        self.finish();
        Some(())
    }

    /// Gathers the files of a folder, and returns the folders in it.
    fn walk_folder(&mut self, live: Live<'_>, path: &[u8]) -> Vec<Vec<u8>> {
        let should = live.clean.folder(path);
        for fault in &should.faults {
            self.totals.unread_directories += 1;
            self.monitor.fault(path, fault);
        }
        let (handle, things) = self.read_disk(live, path);
        let Some(things) = things else { return Vec::new() };
        let mut folder = Folder { path: path.to_vec(), live: handle, ..Folder::default() };
        let mut below = Vec::new();
        let disk = self.chain.last_place();
        let names = Merged { should: should.entries.into_iter().peekable(), is: things.into_iter().peekable() };
        for (was, is) in names {
            let name = was.as_ref().map(|placed| &placed.entry.name).or(is.as_ref().map(|thing| &thing.name));
            let is_folder = was.as_ref().is_some_and(|placed| placed.entry.is_directory())
                || is.as_ref().is_some_and(Thing::is_folder);
            if let (Some(name), Some(was)) = (name, &was) {
                self.monitor.compared(&join(path, name), was, is.as_ref(), folder.live.as_ref());
            }
            below.extend(name.filter(|_| is_folder).map(|name| join(path, name)));
            let was = was.filter(Placed::is_file).map(version);
            let mut is = is.filter(Thing::is_file).map(|thing| on_disk(thing, disk));
            if let Some(is) = &mut is {
                is.wreck = should.dropped.get(&is.entry.name).cloned().map(Box::new);
            }
            self.totals.files_before += u64::from(was.is_some());
            match (was, is) {
                (Some(was), Some(is)) => folder.changed.push((was, is)),
                (Some(was), None) => folder.gone.push(was),
                // Where a part of the folder cannot be read, nobody knows what is new.
                (None, Some(is)) if should.faults.is_empty() => folder.new.push(is),
                (None, _) => {}
            }
        }
        if !(folder.changed.is_empty() && folder.gone.is_empty() && folder.new.is_empty()) {
            self.take_folder(folder);
        }
        below
    }

    /// Lists a folder of the disk; no folder is an empty one, and one that cannot be read is told and passed over.
    fn read_disk(&mut self, live: Live<'_>, path: &[u8]) -> (Option<LiveFolder>, Option<Vec<Thing>>) {
        let below = path.strip_prefix(live.below).unwrap_or_default();
        let opened = live.tree.folder(below);
        let listed = opened.and_then(|folder| match folder {
            Some(folder) => {
                self.monitor.entering(&folder);
                let things = folder.things(below)?;
                Ok((Some(folder), things))
            }
            None => Ok((None, Vec::new())),
        });
        match listed {
            Ok((folder, things)) => (folder, Some(things)),
            Err(error) => {
                self.totals.unread_directories += 1;
                self.monitor.unreadable(path, &error);
                (None, None)
            }
        }
    }
}

/// A file on the disk, as an entry that has no content in the vault.
fn on_disk(thing: Thing, place: usize) -> FileVersion {
    let kind = EntryKind::File { size: thing.bytes, content: Content::EMPTY, sha256: None };
    FileVersion::new(place, Entry { name: thing.name, kind, mtime: thing.mtime, ..Entry::default() })
}

/// A file as it should be.
fn version(placed: Placed) -> FileVersion {
    FileVersion { place: placed.place, entry: placed.entry, wreck: placed.wreck.map(Box::new) }
}

/// Two lists in the order of names, side by side.
struct Merged<S: Iterator<Item = Placed>, T: Iterator<Item = Thing>> {
    should: Peekable<S>,
    is: Peekable<T>,
}

impl<S: Iterator<Item = Placed>, T: Iterator<Item = Thing>> Iterator for Merged<S, T> {
    type Item = (Option<Placed>, Option<Thing>);

    fn next(&mut self) -> Option<Self::Item> {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let order = match (self.should.peek(), self.is.peek()) {
            (None, None) => return None,
            (Some(_), None) => Less,
            (None, Some(_)) => Greater,
            (Some(should), Some(is)) => should.entry.name.cmp(&is.name),
        };
        Some(match order {
            Less => (self.should.next(), None),
            Greater => (None, self.is.next()),
            Equal => (self.should.next(), self.is.next()),
        })
    }
}
