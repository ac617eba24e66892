//! The names of one directory in order, whatever their number, in bounded memory.
//!
//! Names are collected in memory and sorted. Beyond a bound they go to the scratch file as sorted runs, which are then
//! merged. The listing of a directory higher up waits for its turn: [`Listing::store`] puts it aside in the same way.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustix::fs::RawDir;
use rustix::io::Errno;

use super::directory::DirectoryHandle;
use super::error::Operation;
use super::names_in_memory::{ListedName, NamesInMemory};
use super::{SourceError, SourcePath};
use crate::scratch::{Range, ScratchFile};

/// The names of one directory, to be taken in order.
#[derive(Debug)]
pub(super) enum Listing {
    /// All names, in memory.
    Memory(NamesInMemory),
    /// Names put aside, not being read.
    Stored(Range),
    /// Names being merged from the scratch file.
    Merge(Merge),
}

/// What reading a directory gave.
#[derive(Debug)]
pub(super) struct Collected {
    pub(super) listing: Listing,
    /// A name `CACHEDIR.TAG` is among them.
    pub(super) has_cache_tag: bool,
    /// Why names may be missing.
    pub(super) error: Option<SourceError>,
}

/// The name of the tag (<https://bford.info/cachedir/>).
pub(super) const CACHE_TAG: &[u8] = b"CACHEDIR.TAG";

/// Reads all names of a directory; `bytes_max` bounds the memory that they take.
pub(super) fn collect(
    directory: &DirectoryHandle,
    dirents: &mut Vec<u8>,
    bytes_max: usize,
    scratch: &mut ScratchFile,
) -> Collected {
    let mut names = NamesInMemory::default();
    let mut runs = Vec::new();
    let mut has_cache_tag = false;
    let mut error = None;
    let mut entries = RawDir::new(directory, dirents.spare_capacity_mut());
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(Errno::INTR) => continue,
            Err(errno) => {
                error = Some(list_error(directory, errno));
                break;
            }
        };
        let name = entry.file_name().to_bytes();
        if name == b"." || name == b".." {
            continue;
        }
        has_cache_tag |= name == CACHE_TAG;
        let raw_kind = (entry.file_type().as_raw_mode() >> 12) as u8;
        names.push(name, entry.ino(), raw_kind);
        if names.memory_bytes() > bytes_max {
            match spill(&mut names, scratch) {
                Ok(run) => runs.push(run),
                Err(errno) => {
                    error = Some(scratch_error(directory.path().to_path(), errno));
                    break;
                }
            }
        }
    }
    let (listing, merge_error) = finish(names, runs, scratch);
    Collected {
        listing,
        has_cache_tag,
        error: error.or(merge_error.map(|errno| scratch_error(directory.path().to_path(), errno))),
    }
}

impl Listing {
    /// A listing without names.
    pub(super) fn empty() -> Self {
        Self::Memory(NamesInMemory::default())
    }

    /// A listing of one name.
    pub(super) fn single(name: &[u8]) -> Self {
        let mut names = NamesInMemory::default();
        names.push(name, 0, 0);
        Self::Memory(names)
    }

    /// Takes the next name. What was put aside comes back to memory if it is at most `bytes_max` long.
    pub(super) fn take_next(
        &mut self,
        bytes_max: usize,
        scratch: &mut ScratchFile,
    ) -> Result<Option<ListedName>, Errno> {
        if let Self::Stored(range) = *self {
            *self = Self::resume(range, bytes_max, scratch)?;
        }
        match self {
            Self::Memory(names) => Ok(names.take_next()),
            Self::Merge(merge) => merge.take_next(scratch),
            Self::Stored(_) => Err(Errno::IO),
        }
    }

    /// Puts the names that are left aside, in the scratch file; what is there already stays as it is.
    pub(super) fn store(&mut self, scratch: &mut ScratchFile) -> Result<(), Errno> {
        if let Self::Memory(names) = self
            && !names.is_exhausted()
        {
            *self = Self::Stored(write_run(names, scratch)?);
        }
        Ok(())
    }

    /// Tells whether nothing is left to take.
    pub(super) fn is_exhausted(&self) -> bool {
        match self {
            Self::Memory(names) => names.is_exhausted(),
            Self::Stored(_) => false,
            Self::Merge(merge) => merge.heads.is_empty(),
        }
    }

    /// Returns the memory that could be given back by putting the names aside, in bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        match self {
            Self::Memory(names) => names.memory_bytes(),
            Self::Stored(_) | Self::Merge(_) => 0,
        }
    }

    /// Forgets the names and gives the space in the scratch file back.
    pub(super) fn clear(&mut self, scratch: &mut ScratchFile) {
        match std::mem::replace(self, Self::empty()) {
            Self::Memory(_) => {}
            Self::Stored(range) => scratch.release(range),
            Self::Merge(merge) => merge.runs.iter().for_each(|run| scratch.release(run.range)),
        }
    }

    fn resume(range: Range, bytes_max: usize, scratch: &mut ScratchFile) -> Result<Self, Errno> {
        let fits = usize::try_from(range.end - range.start).is_ok_and(|bytes| bytes <= bytes_max);
        if !fits {
            return Merge::new(vec![range], scratch).map(Self::Merge);
        }
        let mut run = Run::new(range, RUN_BUFFER_BYTES_MAX);
        let mut names = NamesInMemory::default();
        while let Some(listed) = run.take_next(scratch)? {
            names.push(&listed.name, listed.inode, listed.raw_kind);
        }
        scratch.release(range);
        Ok(Self::Memory(names))
    }
}

/// Sorted runs in the scratch file, merged as they are read.
#[derive(Debug)]
pub(super) struct Merge {
    runs: Vec<Run>,
    heads: BinaryHeap<Reverse<(ListedName, usize)>>,
    last: Vec<u8>,
}

/// One sorted run, read through a buffer.
#[derive(Debug)]
struct Run {
    range: Range,
    offset: u64,
    buffer: Vec<u8>,
    buffer_bytes: usize,
    taken: usize,
}

/// All buffers of a merge together, as far as [`RUN_BUFFER_BYTES_MIN`] allows.
const MERGE_BUFFER_BYTES: usize = 4 << 20;
const RUN_BUFFER_BYTES_MAX: usize = 64 << 10;
/// No name on Linux is longer than a path: 4096 bytes.
const RUN_BUFFER_BYTES_MIN: usize = 8 << 10;
/// Length (u16), type (u8), inode (u64).
const RECORD_HEAD_BYTES: usize = 11;

impl Merge {
    fn new(ranges: Vec<Range>, scratch: &ScratchFile) -> Result<Self, Errno> {
        let share = MERGE_BUFFER_BYTES / ranges.len().max(1);
        let buffer_bytes = share.clamp(RUN_BUFFER_BYTES_MIN, RUN_BUFFER_BYTES_MAX);
        let mut merge = Self {
            runs: Vec::with_capacity(ranges.len()),
            heads: BinaryHeap::with_capacity(ranges.len()),
            last: Vec::new(),
        };
        for (index, range) in ranges.into_iter().enumerate() {
            let mut run = Run::new(range, buffer_bytes);
            if let Some(head) = run.take_next(scratch)? {
                merge.heads.push(Reverse((head, index)));
            }
            merge.runs.push(run);
        }
        Ok(merge)
    }

    fn take_next(&mut self, scratch: &ScratchFile) -> Result<Option<ListedName>, Errno> {
        while let Some(Reverse((listed, index))) = self.heads.pop() {
            if let Some(head) = self.runs[index].take_next(scratch)? {
                self.heads.push(Reverse((head, index)));
            }
            // Listed twice, because it was renamed meanwhile; no name is empty.
            if listed.name != self.last {
                self.last.clone_from(&listed.name);
                return Ok(Some(listed));
            }
        }
        Ok(None)
    }
}

impl Run {
    fn new(range: Range, buffer_bytes: usize) -> Self {
        Self { range, offset: range.start, buffer: Vec::new(), buffer_bytes, taken: 0 }
    }

    fn take_next(&mut self, scratch: &ScratchFile) -> Result<Option<ListedName>, Errno> {
        if !self.fill(RECORD_HEAD_BYTES, scratch)? {
            return Ok(None);
        }
        let head = &self.buffer[self.taken..];
        let length = usize::from(u16::from_le_bytes([head[0], head[1]]));
        if !self.fill(RECORD_HEAD_BYTES + length, scratch)? {
            return Err(Errno::IO);
        }
        let record = &self.buffer[self.taken..][..RECORD_HEAD_BYTES + length];
        let mut inode = [0; 8];
        inode.copy_from_slice(&record[3..RECORD_HEAD_BYTES]);
        self.taken += record.len();
        Ok(Some(ListedName {
            name: record[RECORD_HEAD_BYTES..].to_vec(),
            inode: u64::from_le_bytes(inode),
            raw_kind: record[2],
        }))
    }

    /// Makes sure that `bytes` are in the buffer; `false` at the run's end.
    fn fill(&mut self, bytes: usize, scratch: &ScratchFile) -> Result<bool, Errno> {
        while self.buffer.len() - self.taken < bytes {
            if self.offset == self.range.end {
                return Ok(false);
            }
            self.buffer.drain(..self.taken);
            self.taken = 0;
            let kept = self.buffer.len();
            let left = usize::try_from(self.range.end - self.offset).unwrap_or(usize::MAX);
            let wanted = left.min(self.buffer_bytes.max(bytes) - kept);
            self.buffer.resize(kept + wanted, 0);
            let read = scratch.read(self.offset, &mut self.buffer[kept..])?;
            self.buffer.truncate(kept + read);
            self.offset += read as u64;
            if read == 0 {
                return Err(Errno::IO);
            }
        }
        Ok(true)
    }
}

fn finish(mut names: NamesInMemory, mut runs: Vec<Range>, scratch: &mut ScratchFile) -> (Listing, Option<Errno>) {
    if !runs.is_empty() {
        match spill(&mut names, scratch).and_then(|run| {
            runs.push(run);
            Merge::new(runs.clone(), scratch)
        }) {
            Ok(merge) => return (Listing::Merge(merge), None),
            Err(errno) => {
                runs.into_iter().for_each(|run| scratch.release(run));
                return (Listing::empty(), Some(errno));
            }
        }
    }
    names.sort();
    names.shrink();
    (Listing::Memory(names), None)
}

fn spill(names: &mut NamesInMemory, scratch: &mut ScratchFile) -> Result<Range, Errno> {
    names.sort();
    let run = write_run(names, scratch)?;
    names.clear();
    Ok(run)
}

fn write_run(names: &mut NamesInMemory, scratch: &mut ScratchFile) -> Result<Range, Errno> {
    let mut range = scratch.begin();
    let mut buffer = Vec::with_capacity(2 * RUN_BUFFER_BYTES_MAX);
    let written = loop {
        let listed = names.take_next();
        if listed.is_none() || buffer.len() >= RUN_BUFFER_BYTES_MAX {
            if let Err(errno) = scratch.append(&mut range, &buffer) {
                break Err(errno);
            }
            buffer.clear();
        }
        let Some(listed) = listed else {
            break Ok(range);
        };
        // Collected from a directory: shorter than 64 KiB.
        let length = u16::try_from(listed.name.len()).unwrap_or(u16::MAX);
        buffer.extend_from_slice(&length.to_le_bytes());
        buffer.push(listed.raw_kind);
        buffer.extend_from_slice(&listed.inode.to_le_bytes());
        buffer.extend_from_slice(&listed.name);
    };
    if written.is_err() {
        scratch.release(range);
    }
    written
}

fn list_error(directory: &DirectoryHandle, errno: Errno) -> SourceError {
    SourceError::from_errno(Operation::List, directory.path().to_path(), errno)
}

/// Says that the scratch file failed while it held the names of a directory.
pub(super) fn scratch_error(path: SourcePath, errno: Errno) -> SourceError {
    SourceError::Scratch { path, source: errno.into() }
}
