//! What waits in the assembler's queue until what comes before it is built.

use std::sync::Arc;

use super::super::crew::FileResult;
use super::super::slot::Slot;
use crate::source::{SourcePath, Stat};
use crate::state::Share;
use crate::state::cache::{CachedItem, Removed, StatKey};
use crate::tree::{DirectoryBuilder, Entry};

/// Something that waits for its turn.
pub(super) enum Waiting {
    Enter(Box<OpenDirectory>),
    Leave,
    /// What was passed by in the last walk's cache.
    Gone(Vec<Removed>, u64),
    /// An entry that is complete.
    Done(Box<Done>),
    /// A file that is being read.
    Reading(Box<Reading>),
    /// A further link to a file that is being read.
    Link(Box<Linked>),
}

pub(super) struct Done {
    pub name: Vec<u8>,
    pub stat: StatKey,
    pub entry: Vec<u8>,
    pub shares: Vec<Share>,
    pub bytes: u64,
    pub link: bool,
    pub cacheable: bool,
}

pub(super) struct Reading {
    pub path: SourcePath,
    pub name: Vec<u8>,
    pub slot: Arc<Slot<FileResult>>,
    pub listed: Stat,
    pub before: Option<Before>,
}

pub(super) struct Linked {
    pub name: Vec<u8>,
    pub first: SourcePath,
    pub slot: Arc<Slot<FileResult>>,
}

/// What the last backup knew of a file that is read now.
pub(super) struct Before {
    pub cached: CachedItem,
    /// Nothing says that it changed: it is read as a sample, or because its packs are lost or worn.
    pub unchanged: bool,
}

/// The first member of a group of hard links that was met.
pub(super) enum FirstLink {
    Known { path: SourcePath, entry: Box<Entry>, shares: Vec<Share> },
    Reading { path: SourcePath, slot: Arc<Slot<FileResult>> },
}

pub(super) struct OpenDirectory {
    pub entry: Entry,
    /// The last backup did not have it.
    pub new: bool,
    pub stat: Stat,
    pub builder: DirectoryBuilder,
    pub entries_below: u64,
    pub bytes_below: u64,
}
