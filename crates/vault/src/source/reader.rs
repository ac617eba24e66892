//! The content of one regular file, from beginning to end.

use std::num::NonZeroU64;
use std::os::fd::OwnedFd;

use rustix::fs::{Advice, SeekFrom, fadvise, seek};
use rustix::io::{Errno, pread};

use super::attributes::{Attributes, attributes_of_open};
use super::directory::stat_open;
use super::error::Operation;
use super::{DirectoryHandle, FileKind, Item, SourceError, SourcePath, Stat, TreePath};

/// Reads one regular file, and knows where it has holes.
///
/// Reads up to the length that the file had when it was opened: a log that grows ends there.
#[derive(Debug)]
pub struct FileReader {
    file: OwnedFd,
    directory: TreePath,
    name: Vec<u8>,
    stat: Stat,
    offset: u64,
    /// Where the data ends in which `offset` lies; the whole file, if it has no holes.
    data_end: u64,
    sparse: bool,
    ended: bool,
}

/// A run of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent<'a> {
    /// Bytes as they are.
    Data(&'a [u8]),
    /// That many zero bytes, which the file system does not store.
    Hole(u64),
}

/// What became of a reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// How many bytes were told, holes included.
    pub bytes: u64,
    /// The file changed while it was read, or was not read to its end.
    pub torn: bool,
}

impl FileReader {
    /// Opens a file that a walk told.
    pub fn open(item: &Item) -> Result<Self, SourceError> {
        Self::open_in(&item.directory, &item.name, &item.stat)
    }

    /// Opens `name`; [`SourceError::Changed`] if it is no longer the file that `listed` describes.
    pub fn open_in(directory: &DirectoryHandle, name: &[u8], listed: &Stat) -> Result<Self, SourceError> {
        let file = directory.open_file(name)?;
        let stat = stat_open(&file).map_err(|errno| directory.error(Operation::Inspect, name, errno))?;
        if stat.kind != FileKind::File || stat.identity != listed.identity {
            let path = directory.path().join(name);
            return Err(SourceError::Changed { path });
        }
        if stat.size > ADVICE_BYTES_MIN {
            // Only advice: a file system that has no use for it reads as well without.
            let _ = fadvise(&file, 0, NonZeroU64::new(stat.size), Advice::Sequential);
        }
        let sparse = stat.blocks.saturating_mul(512) < stat.size;
        Ok(Self {
            file,
            directory: directory.path().clone(),
            name: name.to_vec(),
            data_end: if sparse { 0 } else { stat.size },
            stat,
            offset: 0,
            sparse,
            ended: false,
        })
    }

    /// Returns what the system knew of the file when it was opened: this belongs to the content, not what the walk told.
    pub fn stat(&self) -> &Stat {
        &self.stat
    }

    /// Returns the path from the source's root.
    pub fn path(&self) -> SourcePath {
        self.directory.join(&self.name)
    }

    /// Returns the extended attributes.
    pub fn attributes(&self) -> Result<Attributes, SourceError> {
        attributes_of_open(&self.file, || self.path())
    }

    /// Reads the next run into `buffer`, which is filled except before a hole and at the end; `None` at the end.
    pub fn next<'b>(&mut self, buffer: &'b mut [u8]) -> Result<Option<Extent<'b>>, SourceError> {
        if self.ended || self.offset >= self.stat.size {
            return Ok(None);
        }
        if self.sparse
            && self.offset >= self.data_end
            && let Some(hole_bytes) = self.locate()?
        {
            return Ok(Some(Extent::Hole(hole_bytes)));
        }
        if self.ended {
            return Ok(None);
        }
        let left = usize::try_from(self.data_end - self.offset).unwrap_or(usize::MAX);
        let wanted = left.min(buffer.len());
        let read = self.read_full(&mut buffer[..wanted])?;
        self.ended = read < wanted;
        Ok((read > 0).then_some(Extent::Data(&buffer[..read])))
    }

    /// Ends the reading and tells whether the file stayed the same all the while.
    pub fn finish(self) -> Result<Outcome, SourceError> {
        let after = stat_open(&self.file).map_err(|errno| self.error(Operation::Inspect, errno))?;
        Ok(Outcome { bytes: self.offset, torn: self.offset != self.stat.size || after.differs(&self.stat) })
    }

    /// Steps over a hole and returns its length, or finds where the data here ends.
    fn locate(&mut self) -> Result<Option<u64>, SourceError> {
        let size = self.stat.size;
        let data_start = match seek(&self.file, SeekFrom::Data(self.offset)) {
            Ok(start) => start.min(size),
            Err(Errno::NXIO) => return self.locate_end(),
            // A file system that knows nothing of holes.
            Err(_) => {
                self.sparse = false;
                self.data_end = size;
                return Ok(None);
            }
        };
        if data_start > self.offset {
            let hole_bytes = data_start - self.offset;
            self.offset = data_start;
            return Ok(Some(hole_bytes));
        }
        // Cut off in this very moment: reading will find the end.
        let end = seek(&self.file, SeekFrom::Hole(self.offset)).unwrap_or(size);
        self.data_end = end.clamp(self.offset + 1, size);
        Ok(None)
    }

    /// No more data: a hole up to the end, which may have come nearer.
    fn locate_end(&mut self) -> Result<Option<u64>, SourceError> {
        let now = stat_open(&self.file).map_err(|errno| self.error(Operation::Inspect, errno))?;
        let end = now.size.min(self.stat.size);
        self.ended = true;
        let hole_bytes = end.saturating_sub(self.offset);
        self.offset += hole_bytes;
        Ok((hole_bytes > 0).then_some(hole_bytes))
    }

    fn read_full(&mut self, buffer: &mut [u8]) -> Result<usize, SourceError> {
        let mut filled = 0;
        while filled < buffer.len() {
            match pread(&self.file, &mut buffer[filled..], self.offset) {
                Ok(0) => break,
                Ok(read) => {
                    filled += read;
                    self.offset += read as u64;
                }
                Err(Errno::INTR) => {}
                Err(errno) => {
                    let offset = self.offset;
                    return Err(self.error(Operation::Read { offset }, errno));
                }
            }
        }
        Ok(filled)
    }

    fn error(&self, operation: Operation, errno: Errno) -> SourceError {
        SourceError::from_errno(operation, self.path(), errno)
    }
}

#[cfg(test)]
impl FileReader {
    /// Makes a file that says it is empty readable, to meet the errors of a medium.
    pub(super) fn pretend_size(&mut self, bytes: u64) {
        self.stat.size = bytes;
        self.data_end = bytes;
    }
}

/// Below, the kernel reads all at once anyway.
const ADVICE_BYTES_MIN: u64 = 128 << 10;
