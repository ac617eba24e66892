//! What is in a folder of a clean tree, one entry after the other: a folder of a million names is never held whole.

use std::sync::Arc;

use vault::read::{Entries, ReadFault};
use vault::tree::Entry;

use super::{Choice, CleanTree, Placed, join};

/// The entries of a folder, in the order of their names. What cannot be read is an error; the others follow.
pub struct CleanEntries {
    tree: Arc<CleanTree>,
    path: Vec<u8>,
    streams: Vec<Stream>,
}

/// The same folder in one snapshot, as far as it stands.
struct Stream {
    place: usize,
    entries: Entries,
    next: Option<Entry>,
}

impl CleanTree {
    /// Returns what is in a folder; nothing if there is no such folder.
    pub fn entries(self: &Arc<Self>, path: &[u8]) -> CleanEntries {
        CleanEntries { tree: Arc::clone(self), path: path.to_vec(), streams: Vec::new() }.opened()
    }

    /// Tells whether what a snapshot has under a name of a folder stands.
    fn stands(&self, folder: &[u8], place: usize, entry: &Entry) -> bool {
        let name = &entry.name;
        match self.choices.get(folder).and_then(|names| names.get(name)) {
            Some(choice) => *choice == Choice::From(place),
            None => match self.folders.get(folder).and_then(|names| names.get(name)) {
                Some(needed) if *needed != self.base => {
                    let base_has_it = || {
                        let found = self.snapshots[self.base].find(&join(folder, name));
                        found.is_ok_and(|found| found.is_some_and(|entry| entry.is_directory()))
                    };
                    if place == self.base { entry.is_directory() } else { place == *needed && !base_has_it() }
                }
                _ => place == self.base,
            },
        }
    }

    /// Returns the snapshots that have something in a folder that may stand.
    fn places(&self, folder: &[u8]) -> Vec<usize> {
        let chosen = self.choices.get(folder).into_iter().flatten().filter_map(|(_, choice)| choice.place());
        let needed = self.folders.get(folder).into_iter().flatten().map(|(_, place)| *place);
        let mut places: Vec<usize> = chosen.chain(needed).chain([self.base]).collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}

impl CleanEntries {
    fn opened(mut self) -> Self {
        for place in self.tree.places(&self.path) {
            let snapshot = &self.tree.snapshots[place];
            // A folder that cannot be found for a fault is told by whoever looked it up.
            if let Ok(Some(folder)) = snapshot.find(&self.path) {
                self.streams.push(Stream { place, entries: snapshot.entries(&folder), next: None });
            }
        }
        self
    }
}

impl Iterator for CleanEntries {
    type Item = Result<Placed, ReadFault>;

    fn next(&mut self) -> Option<Self::Item> {
        for stream in &mut self.streams {
            while stream.next.is_none() {
                match stream.entries.next() {
                    Some(Ok(entry)) if self.tree.stands(&self.path, stream.place, &entry) => stream.next = Some(entry),
                    Some(Ok(_)) => {}
                    Some(Err(fault)) => return Some(Err(fault)),
                    None => break,
                }
            }
        }
        let name_of = |stream: &&mut Stream| stream.next.as_ref().map(|entry| entry.name.clone());
        let first = self.streams.iter_mut().filter(|stream| stream.next.is_some()).min_by_key(name_of)?;
        let entry = first.next.take()?;
        Some(Ok(Placed { place: first.place, entry, wreck: None }))
    }
}
