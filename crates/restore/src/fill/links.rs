//! Hard links: made once all files are there.

use std::collections::HashMap;
use std::collections::hash_map::Entry::Vacant;

use vault::id::{BlobId, ObjectHash};
use vault::tree::Entry;

use super::waiting::{Room, WaitingLink};
use super::{FaultError, Run};
use crate::target::{DirectoryId, TargetError};

/// The links of a restore.
pub(super) struct Links {
    /// Where the restored part begins, with a `/` at its end unless it is the root.
    prefix: Vec<u8>,
    /// First members that are not restored, by a digest of their path, and the member that stands for each.
    stand_ins: HashMap<ObjectHash, (DirectoryId, Vec<u8>)>,
    waiting: Vec<WaitingLink>,
    room: Room,
    /// Directories of first members, by a digest of their path.
    folders: HashMap<ObjectHash, DirectoryId>,
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
        Self { prefix, stand_ins: HashMap::new(), waiting: Vec::new(), room: Room::new(), folders: HashMap::new() }
    }

    /// Returns the part of a path of the snapshot that is below what is restored, if it is there.
    pub fn path_below<'p>(&self, path: &'p [u8]) -> Option<&'p [u8]> {
        path.strip_prefix(self.prefix.as_slice())
    }

    /// Keeps a further link for later; gives it back if it must be written, because the first is not restored: then it stands for the
    /// first. `node` is that of the directory it is in.
    pub fn defer(
        &mut self,
        (directory, node): (DirectoryId, BlobId),
        entry: Entry,
        first_is_restored: bool,
    ) -> Option<Entry> {
        let first = entry.hard_link.as_deref()?;
        if !first_is_restored && let Vacant(place) = self.stand_ins.entry(ObjectHash::of(first)) {
            place.insert((directory, entry.name.clone()));
            return Some(entry);
        }
        self.waiting.push(WaitingLink::new(directory, entry, node, &mut self.room));
        None
    }

    /// Makes the links; returns what could not be linked and must be written.
    pub fn make(mut self, run: &Run<'_>) -> Vec<WaitingLink> {
        let mut lonely = Vec::new();
        for link in std::mem::take(&mut self.waiting) {
            if run.is_over() {
                break;
            }
            let linked = match self.first(run, &link) {
                Ok((folder, name)) => run.target.link((folder, &name), (link.directory, &link.name)),
                Err(FaultError::Write(error)) => Err(error),
                Err(fault) => {
                    run.fault(link.directory, Some(&link.name), fault);
                    continue;
                }
            };
            match linked {
                Err(TargetError::NotLinkable { .. } | TargetError::Vanished(_)) => lonely.push(link),
                other => run.settle(link.directory, Some(&link.name), other, 0),
            }
        }
        lonely
    }

    /// Finds where the first member of a group was put.
    fn first(&mut self, run: &Run<'_>, link: &WaitingLink) -> Result<(DirectoryId, Vec<u8>), FaultError> {
        let first = link.first(run.reader)?;
        if let Some((folder, name)) = self.stand_ins.get(&ObjectHash::of(&first)) {
            return Ok((*folder, name.clone()));
        }
        let below = first.strip_prefix(self.prefix.as_slice()).unwrap_or(&first);
        let split = below.iter().rposition(|byte| *byte == b'/');
        let (folder, name) = split.map_or((&b""[..], below), |at| (&below[..at], &below[at + 1..]));
        let digest = ObjectHash::of(folder);
        if let Some(id) = self.folders.get(&digest) {
            return Ok((*id, name.to_vec()));
        }
        let mut id = DirectoryId::ROOT;
        for component in folder.split(|byte| *byte == b'/').filter(|name| !name.is_empty()) {
            id = run.target.add_directory(id, component)?;
        }
        self.folders.insert(digest, id);
        Ok((id, name.to_vec()))
    }
}
