//! The files that are examined, by their kinds.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use triage::{Kind, Limit, Limits, State, Unknown, examine};

/// Files in memory.
pub struct Pool {
    /// The files of each kind.
    pub kinds: BTreeMap<Kind, Vec<Sample>>,
}

/// A file in memory.
pub struct Sample {
    /// Where it lies.
    pub path: PathBuf,
    /// Its name, as triage takes it.
    pub name: Vec<u8>,
    /// All of it.
    pub bytes: Vec<u8>,
    /// Nothing is wrong with it.
    pub is_sound: bool,
}

impl Pool {
    /// Reads folders: of each kind up to `kind_bytes_max`, each content once; of `only`, if there are any, those kinds alone.
    pub fn read(folders: &[PathBuf], kind_bytes_max: u64, only: &[String]) -> Result<Self, Box<dyn Error>> {
        let mut kinds: BTreeMap<Kind, Vec<Sample>> = BTreeMap::new();
        let mut sizes: BTreeMap<Kind, u64> = BTreeMap::new();
        let mut known = BTreeSet::new();
        for path in folders.iter().map(|folder| files_below(folder)).collect::<Result<Vec<_>, _>>()?.concat() {
            let bytes = std::fs::read(&path)?;
            if bytes.is_empty() || !known.insert(*blake3::hash(&bytes).as_bytes()) {
                continue;
            }
            let name = path.file_name().unwrap_or_default().as_bytes().to_vec();
            let found = examine(&bytes, &name, &Limits::default())?;
            let is_wanted = only.is_empty() || only.iter().any(|name| format!("{:?}", found.kind) == *name);
            let size = sizes.entry(found.kind).or_default();
            if is_wanted && *size < kind_bytes_max {
                *size += bytes.len() as u64;
                let is_sound = found.state == State::Valid;
                kinds.entry(found.kind).or_default().push(Sample { path, name, bytes, is_sound });
            }
        }
        Ok(Self { kinds })
    }
}

impl Sample {
    /// Returns what the compressed parts inflate to, to two in a hundred: the least limit under which they are let pass.
    pub fn inflated_bytes(&self) -> Result<u64, Box<dyn Error>> {
        let passes = |inflated_bytes_max: u64| -> Result<bool, Box<dyn Error>> {
            let limits = Limits { inflated_bytes_max, ..Limits::default() };
            let state = examine(&self.bytes, &self.name, &limits)?.state;
            Ok(state != State::Unknown(Unknown::Limit(Limit::Inflated)))
        };
        if passes(0)? {
            return Ok(0);
        }
        let (mut less, mut enough) = (1, 4096);
        while !passes(enough)? {
            (less, enough) = (enough, enough * 4);
        }
        while enough - less > enough / 50 + 1 {
            let middle = less + (enough - less) / 2;
            if passes(middle)? { enough = middle } else { less = middle }
        }
        Ok(enough)
    }
}

fn files_below(top: &Path) -> Result<Vec<PathBuf>, std::io::Error> {
    let (mut files, mut folders) = (Vec::new(), vec![top.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}
