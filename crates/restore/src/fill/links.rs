//! Hard links: made once all files are there.

use std::collections::HashMap;

use vault::tree::Entry;

use super::Run;
use crate::target::{DirectoryId, TargetError};

/// The links of a restore.
pub(super) struct Links {
    /// Where the restored part begins, with a `/` at its end unless it is the root.
    prefix: Vec<u8>,
    /// First members outside the restored part, and the member that stands for each.
    stand_ins: HashMap<Vec<u8>, (DirectoryId, Vec<u8>)>,
    waiting: Vec<(DirectoryId, Entry)>,
    folders: HashMap<Vec<u8>, DirectoryId>,
}

impl Links {
    /// Begins a restore from a path of the snapshot.
    pub fn new(from: &[u8]) -> Self {
        let names: Vec<&[u8]> =
            from.split(|byte| *byte == b'/').filter(|name| !name.is_empty() && *name != b".").collect();
        let mut prefix = names.join(&b'/');
        if !prefix.is_empty() {
            prefix.push(b'/');
        }
        Self { prefix, stand_ins: HashMap::new(), waiting: Vec::new(), folders: HashMap::new() }
    }

    /// Keeps a further link for later; gives it back if it must be written, because the first is not restored.
    pub fn defer(&mut self, directory: DirectoryId, entry: Entry) -> Option<Entry> {
        let first = entry.hard_link.as_deref()?;
        if !first.starts_with(&self.prefix) && !self.stand_ins.contains_key(first) {
            self.stand_ins.insert(first.to_vec(), (directory, entry.name.clone()));
            return Some(entry);
        }
        self.waiting.push((directory, entry));
        None
    }

    /// Makes the links; returns what could not be linked and must be written.
    pub fn make(mut self, run: &Run<'_>) -> Vec<(DirectoryId, Entry)> {
        let mut lonely = Vec::new();
        for (directory, entry) in std::mem::take(&mut self.waiting) {
            if run.is_over() {
                break;
            }
            let linked = match self.first(run, &entry) {
                Ok((folder, name)) => run.target.link((folder, &name), (directory, &entry.name)),
                Err(error) => Err(error),
            };
            match linked {
                Err(TargetError::NotLinkable { .. } | TargetError::Vanished(_)) => lonely.push((directory, entry)),
                other => run.settle(directory, Some(&entry.name), other, 0),
            }
        }
        lonely
    }

    /// Finds where the first member of a group was put.
    fn first(&mut self, run: &Run<'_>, entry: &Entry) -> Result<(DirectoryId, Vec<u8>), TargetError> {
        let first = entry.hard_link.as_deref().unwrap_or_default();
        if let Some((folder, name)) = self.stand_ins.get(first) {
            return Ok((*folder, name.clone()));
        }
        let below = first.strip_prefix(self.prefix.as_slice()).unwrap_or(first);
        let split = below.iter().rposition(|byte| *byte == b'/');
        let (folder, name) = split.map_or((&b""[..], below), |at| (&below[..at], &below[at + 1..]));
        if let Some(id) = self.folders.get(folder) {
            return Ok((*id, name.to_vec()));
        }
        let mut id = DirectoryId::ROOT;
        for component in folder.split(|byte| *byte == b'/').filter(|name| !name.is_empty()) {
            id = run.target.add_directory(id, component)?;
        }
        self.folders.insert(folder.to_vec(), id);
        Ok((id, name.to_vec()))
    }
}
