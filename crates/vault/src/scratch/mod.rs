//! What does not fit in memory: files without a name, and records that are sorted there.
//!
//! What survives a crash: nothing. What lies here is never more than what the vault's objects say in other words: ids,
//! places and lengths, no content and no key.

mod file;
mod sorted;

pub(crate) use file::{Range, ScratchFile};
pub(crate) use sorted::{Record, Records, Sorted, Sorter};

use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use thiserror::Error;

/// Where what does not fit in memory goes, and how much may be in memory.
///
/// The folder is first touched when memory does not suffice: until then it need not even be there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scratch {
    /// Files without a name are made here.
    pub folder: PathBuf,
    /// Memory for each of the things that are sorted, in bytes. A few hundred bytes are the least.
    pub memory_bytes_max: usize,
}

impl Scratch {
    /// Memory that is usual: the blobs of some 300,000 small files.
    pub const MEMORY_BYTES_MAX: usize = 32 << 20;

    /// Takes a folder, and as much memory as is usual.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), memory_bytes_max: Self::MEMORY_BYTES_MAX }
    }
}

/// A scratch file cannot be made, written or read.
#[derive(Debug, Error)]
#[error("the temporary file in {} fails", folder.display())]
pub struct ScratchError {
    /// Where it is.
    pub folder: PathBuf,
    /// Why.
    #[source]
    pub source: io::Error,
}

impl ScratchError {
    fn new(folder: &Path, source: Errno) -> Self {
        Self { folder: folder.to_path_buf(), source: source.into() }
    }
}
