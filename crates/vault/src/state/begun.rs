//! The packs that this machine began to put: what it may adopt after a crash.
//!
//! Whoever has, or once had, the index key can make a pack whose directory promises blobs that are not in it. So the agent
//! believes only packs that its table knows, that a manifest of its strand names, or that are noted here before they are
//! put. The notes are not flushed: what the machine forgets when its power fails is sent again.
//!
//! A backup that ends well forgets them, but for packs that it could not read: a disk may give them another day, and what
//! is in them need not be sent again then.
//!
//! Content: hashes of 32 bytes after the head. A torn one is the hash of nothing.

use std::collections::HashSet;
use std::fs::File;
use std::io::{Read, Write};
use std::path::PathBuf;

use rustix::fs::OFlags;

use crate::id::ObjectHash;
use crate::state::StateError;
use crate::state::file::Head;
use crate::state::folder::{StateFolder, open_checked};

/// The notes of begun packs.
#[derive(Debug)]
pub struct BegunPacks {
    path: PathBuf,
    file: File,
    noted: HashSet<ObjectHash>,
    unread: HashSet<ObjectHash>,
}

impl BegunPacks {
    /// Opens the notes of a strand's folder; notes that are not of this sort are begun anew.
    pub fn open(folder: &StateFolder) -> Result<Self, StateError> {
        let path = folder.path().join(NAME);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::APPEND | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = open_checked(&path, flags)?;
        let mut bytes = Vec::new();
        let read = (&mut file).take(BYTES_MAX).read_to_end(&mut bytes);
        let mut begun = Self { path, file, noted: HashSet::new(), unread: HashSet::new() };
        read.map_err(|source| begun.failed(source))?;
        let notes = bytes.strip_prefix(&HEAD.bytes()).unwrap_or_default();
        let (notes, torn) = notes.as_chunks::<32>();
        let is_whole = bytes.starts_with(&HEAD.bytes()) && torn.is_empty();
        if !is_whole {
            // Whatever is written behind a torn note would be out of step.
            begun.clear()?;
            notes.iter().try_for_each(|note| begun.note(ObjectHash(*note)))?;
        }
        begun.noted.extend(notes.iter().map(|note| ObjectHash(*note)));
        Ok(begun)
    }

    /// Tells whether this machine began to put a pack.
    pub fn holds(&self, pack: &ObjectHash) -> bool {
        self.noted.contains(pack)
    }

    /// Notes a pack that is about to be put.
    pub fn note(&mut self, pack: ObjectHash) -> Result<(), StateError> {
        if self.noted.insert(pack) {
            self.file.write_all(&pack.0).map_err(|source| self.failed(source))?;
        }
        Ok(())
    }

    /// Keeps the note of a pack that cannot be read now, also when the others are forgotten. One that was never noted stays
    /// unknown.
    pub fn keep_unread(&mut self, pack: ObjectHash) {
        if self.noted.contains(&pack) {
            self.unread.insert(pack);
        }
    }

    /// Forgets the notes, but for packs that could not be read: the table of packs knows the others now, and it is saved.
    pub fn clear(&mut self) -> Result<(), StateError> {
        self.noted.clear();
        let written = self.file.set_len(0).and_then(|()| self.file.write_all(&HEAD.bytes()));
        written.map_err(|source| self.failed(source))?;
        std::mem::take(&mut self.unread).into_iter().try_for_each(|pack| self.note(pack))
    }

    fn failed(&self, source: std::io::Error) -> StateError {
        StateError::Io { path: self.path.clone(), source }
    }
}

const NAME: &str = "begun";
const HEAD: Head = Head { magic: *b"BFSB", version: 0 };
/// A million packs are 16 TiB that were never saved: that is no file of ours.
const BYTES_MAX: u64 = 32 << 20;

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests look at the files and damage them")]

    use super::*;
    use crate::state::folder::scratch;

    #[test]
    fn notes_are_found_again_until_they_are_cleared() {
        let (base, folder) = scratch();
        let packs = [1, 2, 3].map(|byte| ObjectHash([byte; 32]));
        let held = || packs.map(|pack| BegunPacks::open(&folder).unwrap().holds(&pack));
        for pack in &packs[..2] {
            BegunPacks::open(&folder).unwrap().note(*pack).unwrap();
        }
        assert_eq!(held(), [true, true, false]);
        // A torn note costs itself, and the next is in step.
        let path = base.path().join(NAME);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 5]).unwrap();
        assert_eq!(held(), [true, false, false]);
        BegunPacks::open(&folder).unwrap().note(packs[2]).unwrap();
        assert_eq!(held(), [true, false, true]);
        let mut begun = BegunPacks::open(&folder).unwrap();
        begun.keep_unread(packs[1]);
        begun.keep_unread(packs[2]);
        begun.clear().unwrap();
        assert_eq!(held(), [false, false, true], "a pack that was not read stays noted, and no other becomes so");
        BegunPacks::open(&folder).unwrap().clear().unwrap();
        assert_eq!(held(), [false; 3]);
        std::fs::write(&path, b"something else").unwrap();
        assert_eq!(held(), [false; 3]);
        BegunPacks::open(&folder).unwrap().note(packs[0]).unwrap();
        assert_eq!(held(), [true, false, false]);
    }
}
