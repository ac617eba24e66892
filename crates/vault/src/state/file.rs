//! Files that are whole or lost: written aside and renamed, with a checksum over all their bytes.
//!
//! ```text
//! 4   magic
//! 1   version
//! …   content
//! 32  BLAKE3 of all before
//! ```
#![expect(clippy::disallowed_methods, reason = "the state is files; this module renames and removes them")]

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use zeroize::Zeroizing;

use crate::state::folder::{StateFolder, flush_folder, open_checked, system};
use crate::state::{LostReason, StateError};

/// What the first five bytes of a file say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    /// Four letters.
    pub magic: [u8; 4],
    /// The version of what follows.
    pub version: u8,
}

/// Why a file was not read.
#[derive(Debug)]
pub(super) enum Unread {
    /// Its content is lost.
    Lost(LostReason),
    /// It may not be used as it is.
    Refused(StateError),
}

/// A file that is being written under a temporary name. Dropped before its end, it vanishes.
#[derive(Debug)]
pub(super) struct Draft {
    file: File,
    temporary: Option<PathBuf>,
    target: PathBuf,
}

/// A draft with head and checksum. Its buffer is wiped in the end: the key file passes through it.
#[derive(Debug)]
pub(super) struct CheckedWriter {
    draft: Draft,
    hasher: blake3::Hasher,
    buffer: Zeroizing<Vec<u8>>,
}

/// Reads a file with head and checksum from its start to its end. What it gives counts only once [`CheckedReader::finish`] agrees.
#[derive(Debug)]
pub(super) struct CheckedReader {
    file: File,
    hasher: blake3::Hasher,
    content_bytes_left: u64,
}

impl Head {
    /// Length in bytes.
    pub const BYTES: usize = 5;

    /// Returns the five bytes.
    pub fn bytes(self) -> [u8; Self::BYTES] {
        let [a, b, c, d] = self.magic;
        [a, b, c, d, self.version]
    }

    /// Tells what is wrong with five bytes that were read.
    pub fn check(self, bytes: [u8; Self::BYTES]) -> Result<(), LostReason> {
        if bytes[..4] != self.magic {
            return Err(LostReason::Foreign);
        }
        if bytes[4] != self.version {
            return Err(LostReason::Version { version: bytes[4] });
        }
        Ok(())
    }
}

impl Draft {
    /// Begins a file.
    pub fn create(folder: &StateFolder, name: &str) -> Result<Self, StateError> {
        let temporary = folder.path().join(format!(".tmp-{name}"));
        remove(&temporary)?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Self {
            file: open_checked(&temporary, flags)?,
            temporary: Some(temporary),
            target: folder.path().join(name),
        })
    }

    /// Appends bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), StateError> {
        let written = self.file.write_all(bytes);
        written.map_err(|source| self.failed(source))
    }

    /// Flushes and takes the place of an earlier file; returns the file, open for reading.
    pub fn replace(mut self) -> Result<File, StateError> {
        self.flush()?;
        if let Some(temporary) = &self.temporary {
            std::fs::rename(temporary, &self.target).map_err(|source| self.failed(source))?;
        }
        self.temporary = None;
        self.flush_name()?;
        self.file.try_clone().map_err(|source| self.failed(source))
    }

    /// Flushes and takes its place only if that is free, else [`StateError::Exists`].
    pub fn settle_new(self) -> Result<(), StateError> {
        self.flush()?;
        if let Some(temporary) = &self.temporary {
            match std::fs::hard_link(temporary, &self.target) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    let path = self.target.clone();
                    return Err(StateError::Exists { path });
                }
                Err(error) => return Err(self.failed(error)),
            }
        }
        self.flush_name()
    }

    /// Returns where the file will be.
    pub fn target(&self) -> &Path {
        &self.target
    }

    fn flush(&self) -> Result<(), StateError> {
        self.file.sync_all().map_err(|source| self.failed(source))
    }

    fn flush_name(&self) -> Result<(), StateError> {
        flush_folder(self.target.parent().unwrap_or(Path::new(".")))
    }

    fn failed(&self, source: io::Error) -> StateError {
        StateError::Io { path: self.target.clone(), source }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // What stays behind is removed by the next draft of the same name.
            let _ = std::fs::remove_file(temporary);
        }
    }
}

impl CheckedWriter {
    /// Begins a file.
    pub fn create(folder: &StateFolder, name: &str, head: Head) -> Result<Self, StateError> {
        let mut writer = Self {
            draft: Draft::create(folder, name)?,
            hasher: blake3::Hasher::new(),
            buffer: Zeroizing::new(Vec::with_capacity(2 * BUFFER_BYTES)),
        };
        writer.write(&head.bytes())?;
        Ok(writer)
    }

    /// Appends bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), StateError> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER_BYTES {
            self.pass_on()?;
        }
        Ok(())
    }

    /// Appends the checksum: the draft is then ready to take its place.
    pub fn close(mut self) -> Result<(Draft, [u8; 32]), StateError> {
        self.pass_on()?;
        let digest = *self.hasher.finalize().as_bytes();
        self.draft.write(&digest)?;
        Ok((self.draft, digest))
    }

    fn pass_on(&mut self) -> Result<(), StateError> {
        self.hasher.update(&self.buffer);
        self.draft.write(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}

impl CheckedReader {
    /// Opens a file and checks its head.
    pub fn open(folder: &StateFolder, name: &str, head: Head) -> Result<Self, Unread> {
        let file = open_private(folder, name)?;
        let length_bytes = file.metadata()?.len();
        let content_bytes_left =
            length_bytes.checked_sub((Head::BYTES + CHECKSUM_BYTES) as u64).ok_or(LostReason::Damaged)?;
        let mut reader = Self { file, hasher: blake3::Hasher::new(), content_bytes_left };
        let mut bytes = [0; Head::BYTES];
        reader.file.read_exact(&mut bytes)?;
        reader.hasher.update(&bytes);
        head.check(bytes)?;
        Ok(reader)
    }

    /// Returns how many bytes of content were not yet read.
    pub fn content_bytes_left(&self) -> u64 {
        self.content_bytes_left
    }

    /// Fills `bytes` with the content that follows; too little of it is [`LostReason::Damaged`].
    pub fn read(&mut self, bytes: &mut [u8]) -> Result<(), LostReason> {
        self.content_bytes_left = self.content_bytes_left.checked_sub(bytes.len() as u64).ok_or(LostReason::Damaged)?;
        self.file.read_exact(bytes).map_err(unreadable)?;
        self.hasher.update(bytes);
        Ok(())
    }

    /// Reads an array of content.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], LostReason> {
        let mut bytes = [0; N];
        self.read(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads a little-endian number.
    pub fn u32(&mut self) -> Result<u32, LostReason> {
        self.array().map(u32::from_le_bytes)
    }

    /// Checks that all was read and that it is what was written; returns the file and its digest.
    pub fn finish(mut self) -> Result<(File, [u8; 32]), LostReason> {
        let mut checksum = [0; CHECKSUM_BYTES];
        self.file.read_exact(&mut checksum).map_err(unreadable)?;
        if self.content_bytes_left != 0 || self.hasher.finalize() != checksum {
            return Err(LostReason::Damaged);
        }
        Ok((self.file, checksum))
    }
}

impl From<LostReason> for Unread {
    fn from(reason: LostReason) -> Self {
        Self::Lost(reason)
    }
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self::Lost(unreadable(error))
    }
}

/// Opens a file to read; one that is missing is lost.
pub(super) fn open_private(folder: &StateFolder, name: &str) -> Result<File, Unread> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    match open_checked(&folder.path().join(name), flags) {
        Ok(file) => Ok(file),
        Err(StateError::Io { source, .. }) => Err(source.into()),
        Err(refused) => Err(Unread::Refused(refused)),
    }
}

/// Tells what an error of reading means for a cache.
pub(super) fn unreadable(error: io::Error) -> LostReason {
    match error.kind() {
        io::ErrorKind::NotFound => LostReason::Absent,
        io::ErrorKind::UnexpectedEof => LostReason::Damaged,
        kind => LostReason::Unreadable { kind },
    }
}

/// Removes a file; one that is not there is no error.
pub(super) fn remove(path: &Path) -> Result<(), StateError> {
    match rustix::fs::unlink(path) {
        Ok(()) | Err(rustix::io::Errno::NOENT) => Ok(()),
        Err(error) => Err(system(path, error)),
    }
}

const CHECKSUM_BYTES: usize = 32;
const BUFFER_BYTES: usize = 1 << 18;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::folder::scratch;

    const HEAD: Head = Head { magic: *b"TEST", version: 3 };

    fn read(folder: &StateFolder) -> Result<Vec<u8>, LostReason> {
        let read = || -> Result<Vec<u8>, Unread> {
            let mut reader = CheckedReader::open(folder, "file", HEAD)?;
            let mut bytes = vec![0; reader.content_bytes_left() as usize];
            reader.read(&mut bytes)?;
            reader.finish()?;
            Ok(bytes)
        };
        read().map_err(|unread| match unread {
            Unread::Lost(reason) => reason,
            Unread::Refused(error) => panic!("{error}"),
        })
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_found() {
        let (base, folder) = scratch();
        assert_eq!(read(&folder), Err(LostReason::Absent));
        let mut writer = CheckedWriter::create(&folder, "file", HEAD).unwrap();
        writer.write(b"some content").unwrap();
        writer.close().unwrap().0.replace().unwrap();
        assert_eq!(read(&folder), Ok(b"some content".to_vec()));

        let path = base.path().join("file");
        let whole = std::fs::read(&path).unwrap();
        for place in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[place] ^= 1 << (place % 8);
            std::fs::write(&path, &bytes).unwrap();
            assert!(read(&folder).is_err(), "byte {place}");
            std::fs::write(&path, &whole[..place]).unwrap();
            assert!(read(&folder).is_err(), "cut at {place}");
        }
        std::fs::write(&path, [whole.as_slice(), b"more"].concat()).unwrap();
        assert_eq!(read(&folder), Err(LostReason::Damaged));
    }

    #[test]
    fn a_draft_that_is_dropped_leaves_nothing() {
        let (base, folder) = scratch();
        drop(CheckedWriter::create(&folder, "file", HEAD).unwrap());
        assert_eq!(std::fs::read_dir(base.path()).unwrap().count(), 0);
    }
}
