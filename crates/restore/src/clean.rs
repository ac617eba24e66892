//! A clean tree: one snapshot, in which some files stand as other snapshots of the source have them, and some do not stand.

mod entries;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

pub use entries::CleanEntries;
use vault::read::{ReadFault, SnapshotReader};
use vault::tree::{Entry, EntryKind};

use crate::fill::{
    Decision, RestoreError, RestoreMonitor, RestoreOptions, RestoreOutcome, Selection, restore_selected,
};
use crate::live::split;
use crate::order::Turn;
use crate::target::Expected;

/// What should be there, file by file.
pub struct CleanTree {
    snapshots: Vec<SnapshotReader>,
    base: usize,
    /// What stands otherwise than in the base: by folder, then by name.
    choices: BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, Choice>>,
    /// Folders in which something was chosen from elsewhere: by the folder above, then by name.
    folders: BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, usize>>,
}

/// What stands under a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Choice {
    /// What a snapshot has there.
    From(usize),
    /// Nothing.
    Nothing,
}

/// An entry, and the snapshot that has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placed {
    /// A place in the list of snapshots.
    pub place: usize,
    /// The entry.
    pub entry: Entry,
    /// What the base has there, if this stands in its place: a wreck.
    pub wreck: Option<Entry>,
}

/// A folder of a clean tree.
#[derive(Debug, Default)]
pub struct CleanFolder {
    /// What is in it, in the order of names.
    pub entries: Vec<Placed>,
    /// What the base has in it and should not be there, by name.
    pub dropped: BTreeMap<Vec<u8>, Entry>,
    /// What cannot be read of it: there may be more entries.
    pub faults: Vec<ReadFault>,
}

impl CleanTree {
    /// Begins with what one snapshot has. `base` is its place in `snapshots`, which are of one source, oldest first.
    ///
    /// # Panics
    ///
    /// If there is no snapshot at that place.
    pub fn new(snapshots: Vec<SnapshotReader>, base: usize) -> Self {
        assert!(base < snapshots.len(), "the base is one of the snapshots");
        Self { snapshots, base, choices: BTreeMap::new(), folders: BTreeMap::new() }
    }

    /// Returns the snapshots.
    pub fn snapshots(&self) -> &[SnapshotReader] {
        &self.snapshots
    }

    /// Returns the place of the snapshot that it began with.
    pub fn base(&self) -> usize {
        self.base
    }

    /// Returns how many entries the base tells, and how many bytes: about what a restore gives back.
    pub(crate) fn announced(&self) -> (u64, u64) {
        match self.snapshots[self.base].root().kind {
            EntryKind::Directory { entries_below, bytes_below, .. } => (entries_below, bytes_below),
            _ => (1, self.snapshots[self.base].root().size()),
        }
    }

    /// Chooses what stands under a path from the source's root.
    pub fn choose(&mut self, path: &[u8], choice: Choice) {
        let (folder, name) = split(path);
        self.choices.entry(folder.to_vec()).or_default().insert(name.to_vec(), choice);
        if let Choice::From(place) = choice {
            let mut below = folder;
            while !below.is_empty() {
                let (above, name) = split(below);
                let known = self.folders.entry(above.to_vec()).or_default();
                if known.insert(name.to_vec(), place).is_some() {
                    break;
                }
                below = above;
            }
        }
    }

    /// Goes over to another snapshot as the base; what was chosen stays chosen.
    ///
    /// # Panics
    ///
    /// If there is no snapshot at that place.
    pub fn set_base(&mut self, base: usize) {
        assert!(base < self.snapshots.len(), "the base is one of the snapshots");
        self.base = base;
    }

    /// Returns what was chosen for a path, if it stands otherwise than in the base.
    pub fn choice(&self, path: &[u8]) -> Option<Choice> {
        let (folder, name) = split(path);
        self.choices.get(folder)?.get(name).copied()
    }

    /// Lets a path stand as the base has it.
    pub fn accept(&mut self, path: &[u8]) {
        let (folder, name) = split(path);
        if let Some(names) = self.choices.get_mut(folder) {
            names.remove(name);
        }
    }

    /// Returns what was chosen otherwise than the base has it, in the order of folders and names.
    pub fn choices(&self) -> impl Iterator<Item = (Vec<u8>, Choice)> {
        let all = self
            .choices
            .iter()
            .flat_map(|(folder, names)| names.iter().map(move |(name, choice)| (folder, name, choice)));
        all.map(|(folder, name, choice)| (join(folder, name), *choice))
    }

    /// Returns what is in a folder; nothing if there is no such folder.
    pub fn folder(&self, path: &[u8]) -> CleanFolder {
        let mut folder = CleanFolder::default();
        let mut entries: BTreeMap<Vec<u8>, Placed> = BTreeMap::new();
        match self.snapshots[self.base].find(path) {
            Ok(Some(found)) => {
                for entry in self.snapshots[self.base].entries(&found) {
                    match entry {
                        Ok(entry) => {
                            entries.insert(entry.name.clone(), Placed { place: self.base, entry, wreck: None });
                        }
                        Err(fault) => folder.faults.push(fault),
                    }
                }
            }
            Ok(None) => {}
            Err(fault) => folder.faults.push(fault),
        }
        self.add_folders(path, &mut entries, &mut folder.faults);
        self.add_choices(path, &mut entries, &mut folder);
        folder.entries = entries.into_values().collect();
        folder
    }

    /// Returns the entry at a path; nothing if nothing stands there.
    pub fn find(&self, path: &[u8]) -> Result<Option<Placed>, ReadFault> {
        let (folder, name) = split(path);
        let place = match self.choices.get(folder).and_then(|names| names.get(name)) {
            Some(Choice::Nothing) => return Ok(None),
            Some(Choice::From(place)) => *place,
            None => self.base,
        };
        let needed = self.folders.get(folder).and_then(|names| names.get(name));
        let found = self.snapshots[place].find(path)?;
        // A folder in which something was chosen stands, whatever the base has in its place.
        if let Some(entry) = found.filter(|entry| needed.is_none() || entry.is_directory()) {
            return Ok(Some(Placed { place, entry, wreck: None }));
        }
        let Some(place) = needed else { return Ok(None) };
        Ok(self.snapshots[*place].find(path)?.map(|entry| Placed { place: *place, entry, wreck: None }))
    }

    /// Adds the folders that the base does not have, and that hold what was chosen.
    fn add_folders(&self, path: &[u8], entries: &mut BTreeMap<Vec<u8>, Placed>, faults: &mut Vec<ReadFault>) {
        for (name, place) in self.folders.get(path).into_iter().flatten() {
            if entries.get(name).is_some_and(|placed| placed.entry.is_directory()) {
                continue;
            }
            match self.snapshots[*place].find(&join(path, name)) {
                Ok(Some(entry)) => {
                    entries.insert(name.clone(), Placed { place: *place, entry, wreck: None });
                }
                Ok(None) => {}
                Err(fault) => faults.push(fault),
            }
        }
    }

    fn add_choices(&self, path: &[u8], entries: &mut BTreeMap<Vec<u8>, Placed>, folder: &mut CleanFolder) {
        let Some(choices) = self.choices.get(path) else { return };
        // What the base has stands in no case: better nothing than what is hurt.
        for name in choices.keys() {
            if let Some(placed) = entries.remove(name) {
                folder.dropped.insert(name.clone(), placed.entry);
            }
        }
        // Each snapshot's folder is read once, not once a file.
        let places: BTreeSet<usize> = choices.values().filter_map(|choice| choice.place()).collect();
        for place in places {
            let found = match self.snapshots[place].find(path) {
                Ok(found) => found,
                Err(fault) => {
                    folder.faults.push(fault);
                    continue;
                }
            };
            for entry in found.iter().flat_map(|found| self.snapshots[place].entries(found)) {
                match entry {
                    Ok(entry) if choices.get(&entry.name) == Some(&Choice::From(place)) => {
                        let wreck = folder.dropped.remove(&entry.name);
                        entries.insert(entry.name.clone(), Placed { place, entry, wreck });
                    }
                    Ok(_) => {}
                    Err(fault) => folder.faults.push(fault),
                }
            }
        }
    }
}

/// Restores into `to` what of a clean tree has its turn: what stands otherwise first, then what the base has.
pub(crate) fn restore_turn(
    tree: &CleanTree,
    to: &Path,
    options: &RestoreOptions,
    turn: Turn<'_>,
    monitor: &dyn RestoreMonitor,
) -> Result<RestoreOutcome, RestoreError> {
    let mut paths = Vec::new();
    for (path, choice) in tree.choices() {
        if let Choice::From(place) = choice {
            paths.push((path, place));
        }
    }
    let base = &tree.snapshots[tree.base];
    let outcome = restore_passes(tree, (b"", paths), &Folders::BaseLast, Some(turn), to, options, monitor)?;
    let rest = Rest { tree };
    Ok(outcome.plus(&restore_selected(base, b"", &turn.of(&rest), to, options, monitor)?))
}

/// What a repair puts back.
pub struct Repairs<'r> {
    /// The folder of the source that is repaired; empty for all of it.
    pub below: &'r [u8],
    /// Paths from the source's root, each with the place of the snapshot that it comes from.
    pub paths: Vec<(Vec<u8>, usize)>,
    /// What they may replace, by path from the folder.
    pub expected: Arc<Expected>,
}

/// Restores chosen paths over what is there, and the folders that they need. What was not expected stays, and a folder that was there
/// keeps its attributes.
pub fn restore_paths(
    tree: &CleanTree,
    repairs: Repairs<'_>,
    to: &Path,
    options: &RestoreOptions,
    monitor: &dyn RestoreMonitor,
) -> Result<RestoreOutcome, RestoreError> {
    let Repairs { below, paths, expected } = repairs;
    let finished = Folders::OnlyNew { expected, made: Arc::default() };
    let paths = paths.into_iter().filter_map(|(path, place)| Some((below_of(&path, below)?.to_vec(), place)));
    restore_passes(tree, (below, paths.collect()), &finished, None, to, options, monitor)
}

/// Which folders get a snapshot's attributes while single paths are restored.
#[derive(Clone)]
enum Folders {
    /// Those that are made: by this pass or an earlier one.
    OnlyNew { expected: Arc<Expected>, made: Arc<Mutex<HashSet<Vec<u8>>>> },
    /// Those that the base does not have: the others get theirs when all is in them.
    BaseLast,
}

fn restore_passes(
    tree: &CleanTree,
    (below, paths): (&[u8], Vec<(Vec<u8>, usize)>),
    finished: &Folders,
    turn: Option<Turn<'_>>,
    to: &Path,
    options: &RestoreOptions,
    monitor: &dyn RestoreMonitor,
) -> Result<RestoreOutcome, RestoreError> {
    let mut by_place: BTreeMap<usize, Paths> = BTreeMap::new();
    for (path, place) in paths {
        by_place.entry(place).or_insert_with(|| Paths::new(tree, finished.clone())).add(path);
    }
    let mut outcome = RestoreOutcome::default();
    for (place, paths) in by_place {
        let from = &tree.snapshots[place];
        let done = match turn {
            Some(turn) => restore_selected(from, below, &turn.of(&paths), to, options, monitor)?,
            None => restore_selected(from, below, &paths, to, options, monitor)?,
        };
        outcome = outcome.plus(&done);
    }
    Ok(outcome)
}

/// Some paths, and the folders on the way to them.
struct Paths<'t> {
    tree: &'t CleanTree,
    named: HashSet<Vec<u8>>,
    folders: HashSet<Vec<u8>>,
    finished: Folders,
}

impl<'t> Paths<'t> {
    fn new(tree: &'t CleanTree, finished: Folders) -> Self {
        Self { tree, named: HashSet::new(), folders: HashSet::new(), finished }
    }

    fn add(&mut self, path: Vec<u8>) {
        let mut folder = split(&path).0;
        while !folder.is_empty() && self.folders.insert(folder.to_vec()) {
            folder = split(folder).0;
        }
        self.named.insert(path);
    }
}

impl Selection for Paths<'_> {
    fn decide(&self, path: &[u8], is_directory: bool) -> Decision {
        let is_meant = self.named.contains(path) || is_directory && self.folders.contains(path);
        if is_meant { Decision::Take } else { Decision::Skip }
    }

    fn finishes(&self, path: &[u8], is_new: bool) -> bool {
        match &self.finished {
            Folders::OnlyNew { made, .. } => {
                let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
                (is_new && made.insert(path.to_vec())) || made.contains(path)
            }
            Folders::BaseLast => {
                let in_base = self.tree.snapshots[self.tree.base].find(path);
                !in_base.is_ok_and(|found| found.is_some_and(|entry| entry.is_directory()))
            }
        }
    }

    fn expected(&self) -> Option<Arc<Expected>> {
        match &self.finished {
            Folders::OnlyNew { expected, .. } => Some(Arc::clone(expected)),
            Folders::BaseLast => None,
        }
    }
}

/// What stands as the base has it.
struct Rest<'t> {
    tree: &'t CleanTree,
}

impl Selection for Rest<'_> {
    fn decide(&self, path: &[u8], is_directory: bool) -> Decision {
        let stands = is_directory || self.tree.choice(path).is_none();
        if stands { Decision::Take } else { Decision::Skip }
    }

    fn finishes(&self, _: &[u8], _: bool) -> bool {
        true
    }
}

impl Choice {
    /// Returns the snapshot, if it is from one.
    pub fn place(self) -> Option<usize> {
        match self {
            Self::From(place) => Some(place),
            Self::Nothing => None,
        }
    }
}

impl Placed {
    /// Tells whether it is a regular file.
    pub fn is_file(&self) -> bool {
        matches!(self.entry.kind, EntryKind::File { .. })
    }
}

/// Returns the part of a path that is below a folder of the source.
pub fn below_of<'p>(path: &'p [u8], folder: &[u8]) -> Option<&'p [u8]> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix(b"/") }
}

fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}
