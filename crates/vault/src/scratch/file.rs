//! An unnamed temporary file.
//!
//! It has no name, so nothing is left behind after a crash. Space is given back as soon as a range has been read.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FallocateFlags, Mode, OFlags, fallocate, ftruncate, openat, unlinkat};
use rustix::io::{Errno, pread, pwrite};

/// An unnamed temporary file, made when it is first written to.
#[derive(Debug)]
pub(crate) struct ScratchFile {
    directory: PathBuf,
    file: Option<OwnedFd>,
    end: u64,
    ranges: usize,
}

/// A written range of the scratch file. Give it back with [`ScratchFile::release`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Range {
    pub(crate) start: u64,
    pub(crate) end: u64,
}

impl ScratchFile {
    /// Prepares a scratch file in `directory`; nothing is written yet.
    pub(crate) fn new(directory: PathBuf) -> Self {
        Self { directory, file: None, end: 0, ranges: 0 }
    }

    /// Opens a new range at the file's end; only one can be open.
    pub(crate) fn begin(&mut self) -> Range {
        self.ranges += 1;
        Range { start: self.end, end: self.end }
    }

    /// Appends to the range that was begun last.
    pub(crate) fn append(&mut self, range: &mut Range, mut bytes: &[u8]) -> Result<(), Errno> {
        if self.file.is_none() {
            self.file = Some(unnamed_file(&self.directory)?);
        }
        let file = self.file.as_ref().ok_or(Errno::BADF)?;
        while !bytes.is_empty() {
            let written = match pwrite(file, bytes, range.end) {
                Ok(0) => return Err(Errno::NOSPC),
                Err(Errno::INTR) => continue,
                written => written?,
            };
            range.end += written as u64;
            bytes = &bytes[written..];
        }
        self.end = range.end;
        Ok(())
    }

    /// Reads from `offset` until the buffer is full.
    pub(crate) fn read_exact(&self, offset: u64, buffer: &mut [u8]) -> Result<(), Errno> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read(offset + filled as u64, &mut buffer[filled..])? {
                // Somebody cut a file that nobody else can open: the disk is not to be trusted.
                0 => return Err(Errno::IO),
                read => filled += read,
            }
        }
        Ok(())
    }

    /// Reads from `offset`, as much as fits and is there.
    pub(crate) fn read(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, Errno> {
        let file = self.file.as_ref().ok_or(Errno::BADF)?;
        loop {
            match pread(file, &mut *buffer, offset) {
                Err(Errno::INTR) => {}
                read => return read,
            }
        }
    }

    /// Returns how many bytes the file takes on the disk.
    #[cfg(test)]
    pub(crate) fn stored_bytes(&self) -> Result<u64, Errno> {
        let stat = rustix::fs::fstat(self.file.as_ref().ok_or(Errno::BADF)?)?;
        Ok(stat.st_blocks as u64 * 512)
    }

    /// Gives the space of a range back.
    pub(crate) fn release(&mut self, range: Range) {
        self.ranges -= 1;
        let Some(file) = &self.file else { return };
        // A file system that cannot give space back early does so when the last range goes, or the file is closed.
        if self.ranges == 0 {
            self.end = 0;
            let _ = ftruncate(file, 0);
        } else if range.end > range.start {
            let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
            let _ = fallocate(file, flags, range.start, range.end - range.start);
        }
    }
}

fn unnamed_file(directory: &Path) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDWR | OFlags::CLOEXEC;
    let mode = Mode::RUSR | Mode::WUSR;
    match openat(CWD, directory, flags | OFlags::TMPFILE, mode) {
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL) => named_then_unlinked(directory, flags, mode),
        opened => opened,
    }
}

/// For file systems without unnamed files (NFS, some FUSE).
fn named_then_unlinked(directory: &Path, flags: OFlags, mode: Mode) -> Result<OwnedFd, Errno> {
    let process = rustix::process::getpid().as_raw_nonzero();
    for attempt in 0..1000 {
        let path = directory.join(format!(".tmp-beffroi-{process}-{attempt}"));
        match openat(CWD, &path, flags | OFlags::CREATE | OFlags::EXCL, mode) {
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(errno),
            Ok(file) => {
                unlinkat(CWD, &path, AtFlags::empty())?;
                return Ok(file);
            }
        }
    }
    Err(Errno::EXIST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_back_and_space_is_reused() {
        let directory = tempfile::tempdir().unwrap();
        let mut scratch = ScratchFile::new(directory.path().to_owned());
        let mut first = scratch.begin();
        scratch.append(&mut first, b"one").unwrap();
        let mut second = scratch.begin();
        scratch.append(&mut second, b"second").unwrap();
        let mut buffer = [0; 6];
        assert_eq!(scratch.read(second.start, &mut buffer).unwrap(), 6);
        assert_eq!(&buffer, b"second");
        scratch.release(first);
        assert_eq!(scratch.read(second.start, &mut buffer).unwrap(), 6);
        assert_eq!(&buffer, b"second", "what is left is not touched");
        scratch.release(second);
        assert_eq!(scratch.begin().start, 0);
    }

    #[test]
    fn a_file_with_a_name_is_unlinked_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let mode = Mode::RUSR | Mode::WUSR;
        let file = named_then_unlinked(directory.path(), OFlags::RDWR, mode).unwrap();
        assert_eq!(pwrite(&file, b"x", 0).unwrap(), 1);
        assert!(!directory.path().read_dir().unwrap().any(|_| true));
    }
}
