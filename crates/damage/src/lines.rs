//! What an assessment yields: a line for each path that is not intact, and totals.

use triage::verdict::{Class, Reason};
use vault::tree::FileTime;

/// What became of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// The path before the damage, from the source's root; of what is new, its path now.
    pub path: Vec<u8>,
    /// Its path now, if that is another.
    pub path_now: Option<Vec<u8>>,
    /// What became of it.
    pub class: Class,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Where it first shows: a place in the chain of snapshots.
    pub first_seen: Option<usize>,
    /// The newest snapshot of the chain that has a version which is not hurt.
    pub clean: Option<usize>,
    /// The place of the version that the judged one was held against.
    pub should: Option<usize>,
    /// It is hurt in the way that a plan says, byte for byte.
    pub is_known: bool,
    /// Length before, in bytes.
    pub bytes_before: Option<u64>,
    /// Length now, in bytes.
    pub bytes_now: Option<u64>,
    /// When it was last written before it was looked at, if that is known.
    pub mtime_now: Option<FileTime>,
}

/// How many paths are what.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// Files of the first snapshot.
    pub files_before: u64,
    /// The same bytes in both.
    pub intact: u64,
    /// Changed and not hurt.
    pub edited: u64,
    /// Not there before.
    pub new: u64,
    /// Not there any more.
    pub deleted: u64,
    /// Hurt under their own name.
    pub damaged: u64,
    /// Hurt under another name.
    pub renamed_damaged: u64,
    /// Notes.
    pub notes: u64,
    /// Doubtful.
    pub suspect: u64,
    /// Nothing can be said.
    pub unknown: u64,
    /// Parts of directories that cannot be read in one of the snapshots: what is below is not counted.
    pub unread_directories: u64,
}

impl Totals {
    /// Counts a line.
    pub fn count(&mut self, class: Class) {
        let number = match class {
            Class::Intact => &mut self.intact,
            Class::Edited => &mut self.edited,
            Class::New => &mut self.new,
            Class::Deleted => &mut self.deleted,
            Class::Damaged => &mut self.damaged,
            Class::RenamedDamaged => &mut self.renamed_damaged,
            Class::Note => &mut self.notes,
            Class::Suspect => &mut self.suspect,
            Class::Unknown => &mut self.unknown,
        };
        *number += 1;
    }

    /// Files of the first snapshot that are not what they were.
    pub fn not_intact(&self) -> u64 {
        self.edited + self.deleted + self.damaged + self.renamed_damaged + self.suspect + self.unknown
    }
}
