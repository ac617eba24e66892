//! The parts of a source that a map shows: its folders and theirs, with how much each held before.

use vault::read::SnapshotReader;
use vault::tree::{Entry, EntryKind};

use super::gather::{Gathered, Harm};

/// A part of a source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// What it is.
    pub name: PlaceName,
    /// How many files and folders it held before.
    pub entries: u64,
    /// What became of it.
    pub harm: Harm,
    /// Its own parts, the largest first.
    pub below: Vec<Place>,
}

/// What a part of a source is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PlaceName {
    /// A folder; its path from the source's root.
    Folder(Vec<u8>),
    /// The files that lie directly in a folder; its path, which is empty for the source's root.
    Files(Vec<u8>),
    /// So many smaller folders together.
    Others(u64),
}

/// So many folders are shown by themselves,
const PLACES_MAX: usize = 18;
/// and of each so many.
const BELOW_MAX: usize = 10;
/// A chain of single folders is followed so far down.
const DEPTH_MAX: usize = 16;

/// Looks at what a snapshot held, two levels deep. What cannot be read is left out; the report says so elsewhere.
pub fn survey(reader: &SnapshotReader, gathered: &Gathered) -> Vec<Place> {
    let mut path = Vec::new();
    let mut root = reader.root().clone();
    for _ in 0..DEPTH_MAX {
        match only_folder(reader, &root) {
            Some(only) => {
                path = join(&path, &only.name);
                root = only;
            }
            None => break,
        }
    }
    let mut places = parts(reader, &root, &path, gathered, PLACES_MAX);
    for (place, folder) in &mut places {
        if let (PlaceName::Folder(path), Some(folder)) = (&place.name, folder) {
            let below = parts(reader, folder, path, gathered, BELOW_MAX);
            place.below = below.into_iter().map(|(part, _)| part).collect();
        }
    }
    places.into_iter().map(|(place, _)| place).collect()
}

/// Returns the folder that is all there is.
fn only_folder(reader: &SnapshotReader, folder: &Entry) -> Option<Entry> {
    let mut entries = reader.entries(folder).filter_map(Result::ok);
    let first = entries.next().filter(Entry::is_directory)?;
    entries.next().is_none().then_some(first)
}

/// Returns the parts of a folder, each with its entry if it is a folder itself.
fn parts(
    reader: &SnapshotReader,
    folder: &Entry,
    path: &[u8],
    gathered: &Gathered,
    max: usize,
) -> Vec<(Place, Option<Entry>)> {
    let mut folders: Vec<Entry> = Vec::new();
    let mut files = 0;
    for entry in reader.entries(folder).filter_map(Result::ok) {
        if entry.is_directory() { folders.push(entry) } else { files += 1 }
    }
    folders.sort_by(|one, other| (entries_in(other), &one.name).cmp(&(entries_in(one), &other.name)));
    let few = folders.split_off(max.min(folders.len()));
    let place = |name, entries, harm| Place { name, entries, harm, below: Vec::new() };
    let mut parts: Vec<(Place, Option<Entry>)> = Vec::with_capacity(folders.len() + 2);
    for folder in folders {
        let path = join(path, &folder.name);
        let harm = gathered.below(&path);
        parts.push((place(PlaceName::Folder(path), entries_in(&folder), harm), Some(folder)));
    }
    let (all, here) = (gathered.below(path), gathered.here(path));
    let told = parts.iter().fold(here, |sum, (part, _)| sum.plus(part.harm));
    if !few.is_empty() {
        let entries = few.iter().map(entries_in).sum();
        parts.push((place(PlaceName::Others(few.len() as u64), entries, all.without(told)), None));
    }
    if files > 0 || !here.is_none() {
        parts.push((place(PlaceName::Files(path.to_vec()), files, here), None));
    }
    parts.sort_by_key(|(part, _)| std::cmp::Reverse(part.entries));
    parts
}

/// Returns how many entries a folder holds, with itself: an empty one has its place too.
fn entries_in(folder: &Entry) -> u64 {
    match folder.kind {
        EntryKind::Directory { entries_below, .. } => entries_below.saturating_add(1),
        _ => 1,
    }
}

fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}
