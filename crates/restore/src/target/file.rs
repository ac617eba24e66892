//! Regular files.

use std::fmt;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::fs::{Mode, OFlags, ftruncate};
use rustix::io::{Errno, pwrite};
use vault::tree::{Entry, EntryKind};

use super::attributes::{Subject, apply};
use super::temporary::Temporary;
use super::{DirectoryId, Outcome, Place, Shared, TargetError};

/// A regular file under a temporary name, until [`FileInProgress::finish`]. Dropped before, it is removed.
pub struct FileInProgress {
    shared: Arc<Shared>,
    directory: DirectoryId,
    name: Vec<u8>,
    inherits: bool,
    fd: OwnedFd,
    temporary: Temporary,
}

impl FileInProgress {
    pub(super) fn create(
        shared: &Arc<Shared>,
        directory: DirectoryId,
        entry: &Entry,
    ) -> Result<Option<Self>, TargetError> {
        let name = shared.component(directory, &entry.name)?;
        expect_file(shared, directory, entry)?;
        let traits = shared.table().traits(directory);
        let parent = shared.handle(directory)?;
        if shared.look_if_needed(directory, &parent, entry, traits.created)? == Place::Kept {
            return Ok(None);
        }
        let (temporary, fd) = create(shared, &parent, PRIVATE).map_err(|errno| shared.error(errno, directory, name))?;
        Ok(Some(Self {
            shared: Arc::clone(shared),
            directory,
            name: name.to_vec(),
            inherits: traits.inherits,
            fd,
            temporary,
        }))
    }

    /// Writes all of `bytes` at `offset`; several threads may write at once.
    pub fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), TargetError> {
        write_all(&self.fd, offset, bytes).map_err(|errno| self.error(errno))
    }

    /// Sets the length in bytes; what is not written below it is a hole that reads as zeros.
    pub fn set_size(&self, bytes: u64) -> Result<(), TargetError> {
        ftruncate(&self.fd, bytes).map_err(|errno| self.error(errno))
    }

    /// Gives the file the entry's attributes, then its name.
    ///
    /// `entry` must have the name that the file was created with. The result is [`Outcome::Kept`] if a file of that
    /// name came meanwhile and must be kept.
    pub fn finish(self, entry: &Entry) -> Result<Outcome, TargetError> {
        if entry.name != self.name {
            return Err(TargetError::WrongKind(self.shared.path(self.directory, &entry.name)));
        }
        expect_file(&self.shared, self.directory, entry)?;
        let file = Unplaced { shared: &self.shared, directory: self.directory, inherits: self.inherits, fd: &self.fd };
        file.place(self.temporary, entry)
    }

    fn error(&self, errno: Errno) -> TargetError {
        self.shared.error(errno, self.directory, &self.name)
    }
}

impl fmt::Debug for FileInProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.shared.path(self.directory, &self.name);
        f.debug_tuple("FileInProgress").field(&path).finish()
    }
}

/// Writes a file at once: open, write, stat, times, rename, close, and what else its attributes need.
pub(super) fn write_whole(
    shared: &Arc<Shared>,
    directory: DirectoryId,
    entry: &Entry,
    bytes: &[u8],
) -> Result<Outcome, TargetError> {
    let name = shared.component(directory, &entry.name)?;
    expect_file(shared, directory, entry)?;
    let traits = shared.table().traits(directory);
    let parent = shared.handle(directory)?;
    if shared.look_if_needed(directory, &parent, entry, traits.created)? == Place::Kept {
        return Ok(Outcome::Kept);
    }
    let fail = |errno| shared.error(errno, directory, name);
    let mode = first_mode(entry, traits.inherits);
    let (temporary, fd) = create(shared, &parent, mode).map_err(fail)?;
    write_all(&fd, 0, bytes).map_err(fail)?;
    let file = Unplaced { shared, directory, inherits: traits.inherits, fd: &fd };
    file.place(temporary, entry)
}

/// A file whose content is complete.
struct Unplaced<'a> {
    shared: &'a Shared,
    directory: DirectoryId,
    inherits: bool,
    fd: &'a OwnedFd,
}

impl Unplaced<'_> {
    fn place(&self, temporary: Temporary, entry: &Entry) -> Result<Outcome, TargetError> {
        let fail = |errno| self.shared.error(errno, self.directory, &entry.name);
        let wishes = self.shared.wishes(entry, self.inherits);
        let flaws = apply(Subject::Open(self.fd), &wishes).map_err(fail)?;
        self.shared.place(temporary, self.directory, entry, flaws)
    }
}

impl Shared {
    /// Gives what is complete its name.
    pub(super) fn place(
        &self,
        temporary: Temporary,
        directory: DirectoryId,
        entry: &Entry,
        flaws: Vec<super::attributes::Flaw>,
    ) -> Result<Outcome, TargetError> {
        self.check_expected(directory, temporary.directory(), &entry.name)?;
        let errno = match temporary.place(&entry.name, self.overwrite) {
            Ok(()) => {
                return Ok(Outcome::written(flaws, || self.path(directory, &entry.name)));
            }
            Err(errno) => errno,
        };
        if errno == Errno::EXIST {
            let parent = self.handle(directory)?;
            if self.look(directory, &parent, entry)? == Place::Kept {
                return Ok(Outcome::Kept);
            }
        }
        Err(self.error(errno, directory, &entry.name))
    }
}

fn expect_file(shared: &Shared, directory: DirectoryId, entry: &Entry) -> Result<(), TargetError> {
    match entry.kind {
        EntryKind::File { .. } => Ok(()),
        _ => Err(TargetError::WrongKind(shared.path(directory, &entry.name))),
    }
}

/// Returns the mode to create a small file with: its own where that shows the content to nobody too early.
///
/// Until the group is set, the file has the group of whoever restores. Where group and others have the same rights that
/// makes no difference. Extended attributes need a file that its owner may write.
fn first_mode(entry: &Entry, inherits: bool) -> Mode {
    let same_for_all = (entry.mode >> 3) & 0o7 == entry.mode & 0o7;
    let plain = entry.mode & 0o7000 == 0 && entry.xattrs.is_empty() && !inherits;
    if same_for_all && plain { Mode::from_raw_mode(entry.mode & 0o777) } else { PRIVATE }
}

fn create(shared: &Shared, parent: &Arc<OwnedFd>, mode: Mode) -> Result<(Temporary, OwnedFd), Errno> {
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY;
    Temporary::create(parent, |directory, name| shared.beneath.open(directory, name, flags, mode))
}

fn write_all(fd: &OwnedFd, mut offset: u64, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match pwrite(fd, bytes, offset) {
            Ok(0) => return Err(Errno::IO),
            Ok(written) => {
                bytes = &bytes[written..];
                offset += written as u64;
            }
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

const PRIVATE: Mode = Mode::RUSR.union(Mode::WUSR);
