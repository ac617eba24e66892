//! What is compared: snapshots of one source, and perhaps the tree as it lies on the disk now.

use restore::clean::CleanTree;
use restore::live::{LiveFile, LiveFolder, LiveTree};
use triage::{Content, ContentError};
use vault::read::SnapshotReader;
use vault::tree::Entry;

use crate::content::StoredContent;
use crate::judge::{Unreadable, fill};

/// Snapshots of one source, oldest first, and what the last of them is compared with, if that is a folder on the disk.
#[derive(Clone, Copy)]
pub struct Chain<'a> {
    /// The snapshots. Of two or more without a live tree, the first is compared with the last.
    pub snapshots: &'a [SnapshotReader],
    /// How many files the first one has; with a live tree they are counted anew.
    pub files_before: u64,
    /// The tree on the disk. Its place in the chain is behind the last snapshot.
    pub live: Option<Live<'a>>,
}

/// A folder on the disk, and what should be there.
#[derive(Clone, Copy)]
pub struct Live<'a> {
    /// The folder.
    pub tree: &'a LiveTree,
    /// Which folder of the source it is; empty for all of it.
    pub below: &'a [u8],
    /// What should be there. It is made of the chain's own snapshots, in the same places.
    pub clean: &'a CleanTree,
}

/// A version of a file, in one place of a chain.
#[derive(Clone, Debug)]
pub(crate) struct FileVersion {
    pub place: usize,
    pub entry: Entry,
    /// A version of the last snapshot that is known to be hurt: it, or what it is held against, may lie on the disk as it is there.
    pub wreck: Option<Box<Entry>>,
}

impl FileVersion {
    pub fn new(place: usize, entry: Entry) -> Self {
        Self { place, entry, wreck: None }
    }
}

impl<'a> Chain<'a> {
    /// Returns the place of what is compared last.
    pub fn last_place(&self) -> usize {
        self.snapshots.len() - usize::from(self.live.is_none())
    }

    /// Tells whether a place is the disk.
    pub fn is_live(&self, place: usize) -> bool {
        place == self.snapshots.len()
    }

    /// Opens a version. `folder` is its folder on the disk, if there is one.
    pub(crate) fn open(&self, version: &FileVersion, folder: Option<&LiveFolder>) -> Result<Bytes<'a>, Unreadable> {
        let bytes = match self.snapshots.get(version.place) {
            Some(reader) => Bytes::Vault(StoredContent::open(reader, &version.entry)?),
            None => Bytes::Disk(folder.ok_or(Unreadable)?.file(&version.entry.name).map_err(|_| Unreadable)?),
        };
        if bytes.bytes() > MEMORY_BYTES_MAX {
            return Ok(bytes);
        }
        let mut all = vec![0; bytes.bytes() as usize];
        fill(&bytes, 0, &mut all)?;
        Ok(Bytes::Memory(all))
    }

    /// Tells whether a file on the disk has the bytes of a version that is kept, reading the disk only.
    pub(crate) fn is_same(
        &self,
        before: &FileVersion,
        after: &FileVersion,
        folder: Option<&LiveFolder>,
    ) -> Result<bool, Unreadable> {
        let (Some(reader), true, Some(folder)) = (self.snapshots.get(before.place), self.is_live(after.place), folder)
        else {
            return Ok(false);
        };
        if before.entry.size() != after.entry.size() {
            return Ok(false);
        }
        let file = folder.file(&after.entry.name).map_err(|_| Unreadable)?;
        file.is_same(reader, &before.entry, &mut Vec::new()).map_err(|_| Unreadable)
    }
}

impl Chain<'_> {
    /// Tells whether a file on the disk is a wreck that is known.
    pub(crate) fn is_wreck(
        &self,
        wreck: Option<&Entry>,
        file: &FileVersion,
        folder: Option<&LiveFolder>,
    ) -> Result<bool, Unreadable> {
        let (Some(wreck), Some(live)) = (wreck, self.live) else { return Ok(false) };
        let wreck = FileVersion::new(live.clean.base(), wreck.clone());
        self.is_same(&wreck, file, folder)
    }
}

/// Shorter files are read into memory once.
const MEMORY_BYTES_MAX: u64 = 32 << 20;

/// The bytes of a version, wherever they are.
pub(crate) enum Bytes<'s> {
    Memory(Vec<u8>),
    Vault(StoredContent<'s>),
    Disk(LiveFile),
}

impl Content for Bytes<'_> {
    fn bytes(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Vault(stored) => stored.bytes(),
            Self::Disk(file) => file.bytes(),
        }
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, ContentError> {
        match self {
            Self::Memory(bytes) => bytes.read_at(offset, into),
            Self::Vault(stored) => stored.read_at(offset, into),
            Self::Disk(file) => {
                // What grew since it was opened is not part of this version.
                let wanted = self.bytes().saturating_sub(offset).min(into.len() as u64) as usize;
                let failed = |source| ContentError { offset, source: Box::new(source) };
                file.read_at(offset, &mut into[..wanted]).map_err(failed)
            }
        }
    }
}
