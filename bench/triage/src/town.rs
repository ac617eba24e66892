//! The town's tree before anything happens: its bytes, and what the agent wrote down of each file.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use triage::facts::{Depth, Facts};
use triage::look::Looker;
use triage::verdict::Version;

/// Where samples are taken. An agent draws it by lot for each backup; here a run must be the same each time.
pub const KEY: [u8; 32] = *b"the same places each time, 2026.";

/// A tree of files in memory, by their paths below its top.
#[derive(Default)]
pub struct Town {
    /// The files.
    pub files: BTreeMap<String, Kept>,
}

/// A file before anything happens.
pub struct Kept {
    /// All of it.
    pub bytes: Vec<u8>,
    /// What the first backup writes down: it glances at each file.
    pub at_first: Version,
    /// What later backups write down.
    pub later: Version,
}

impl Town {
    /// Reads a tree.
    pub fn read(top: &Path) -> io::Result<Self> {
        let mut town = Self::default();
        let mut paths = paths_below(top)?;
        paths.sort();
        for path in paths {
            town.files.insert(path.clone(), Kept::of(&path, std::fs::read(top.join(&path))?));
        }
        Ok(town)
    }
}

impl Kept {
    /// Looks at a file as the agent does.
    pub fn of(path: &str, bytes: Vec<u8>) -> Self {
        let (at_first, later) = (seen(path, &bytes, Depth::Glance), seen(path, &bytes, Depth::Full));
        Self { bytes, at_first, later }
    }
}

/// Returns what the agent writes down of a file.
pub fn seen(path: &str, bytes: &[u8], depth: Depth) -> Version {
    let facts = (!bytes.is_empty()).then(|| look(path, bytes, depth));
    Version { facts, bytes: bytes.len() as u64 }
}

fn look(path: &str, bytes: &[u8], depth: Depth) -> Facts {
    let mut looker = Looker::new(name_of(path).as_bytes(), bytes.len() as u64, depth, KEY);
    bytes.chunks(1 << 16).for_each(|part| looker.data(part));
    looker.finish()
}

/// Lists the regular files of a tree. The corpus has names in UTF-8 only.
pub fn paths_below(top: &Path) -> io::Result<Vec<String>> {
    let (mut paths, mut folders) = (Vec::new(), vec![String::new()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(top.join(&folder))? {
            let entry = entry?;
            let name = entry.file_name().into_string().map_err(|_| io::Error::other("a name is not UTF-8"))?;
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                paths.push(path);
            }
        }
    }
    Ok(paths)
}

/// Splits a path into its folder and its name.
pub fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// Returns the last part of a path.
pub fn name_of(path: &str) -> &str {
    split(path).1
}
