//! How an object comes to its name: written aside, flushed, then named without replacing anything.

use std::fs::File;
use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};
use std::process;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{self, AtFlags, Mode, OFlags, RenameFlags};
use rustix::io::{self, Errno};

use super::layout::{self, Location};
use super::leftovers::show_alive;
use super::{DIRECTORY_FLAGS, DIRECTORY_MODE, DirectoryStore, Failure, is_file};
use crate::store::{Put, lock};

/// Ways of naming a finished file if the name is free, best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Method {
    /// One step, safe against everybody. NFS and some FUSE file systems refuse it.
    RenameWithoutReplacing,
    /// A second name, then the first is removed; safe against everybody. FAT and the like have no second names.
    Link,
    /// A look, then a rename: safe against this process only. Two machines that write the same name at the same
    /// moment write the same bytes, where names hold hashes; `vault` and `strand` are each written once, by one machine.
    CheckedRename,
}

impl DirectoryStore {
    /// Writes an object unless its name is taken.
    pub(super) fn write(&self, location: &Location, bytes: &[u8]) -> Result<Put, Failure> {
        let directory = self.make_directory(&location.folder)?;
        let put = if self.is_taken(&directory, location)? {
            Put::Present
        } else {
            self.write_absent(&directory, location, bytes)?
        };
        // Also where the object was present: who wrote it may not have flushed its name yet.
        lock(&self.ledger).record(&location.folder);
        Ok(put)
    }

    /// Flushes a directory that was written to.
    pub(super) fn flush(&self, path: &str) -> Result<(), Failure> {
        let directory = self.directory(path)?.ok_or_else(|| self.failure(path, Errno::NOENT))?;
        flush_directory(&directory).map_err(|errno| self.failure(path, errno))
    }

    /// Opens a directory and makes what is missing on the way.
    fn make_directory(&self, path: &str) -> Result<OwnedFd, Failure> {
        let mut directory = self.open_below(&self.root, ".", path)?;
        for (above, component) in layout::steps(path) {
            let path = layout::join(above, component);
            let next = match fs::openat(&directory, component, DIRECTORY_FLAGS, Mode::empty()) {
                Err(Errno::NOENT) => {
                    match fs::mkdirat(&directory, component, DIRECTORY_MODE) {
                        Ok(()) | Err(Errno::EXIST) => {}
                        Err(errno) => return Err(self.failure(&path, errno)),
                    }
                    fs::openat(&directory, component, DIRECTORY_FLAGS, Mode::empty())
                }
                answer => answer,
            };
            directory = next.map_err(|errno| self.failure(&path, errno))?;
        }
        Ok(directory)
    }

    /// Tells whether a file has the name; a link, a folder or a device that has it is an error.
    fn is_taken(&self, directory: &OwnedFd, location: &Location) -> Result<bool, Failure> {
        match fs::statat(directory, &location.file, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) if is_file(&stat) => Ok(true),
            Ok(_) => Err(self.failure(&location.path(), Errno::LOOP)),
            Err(Errno::NOENT) => Ok(false),
            Err(errno) => Err(self.failure(&location.path(), errno)),
        }
    }

    fn write_absent(&self, directory: &OwnedFd, location: &Location, bytes: &[u8]) -> Result<Put, Failure> {
        let (temporary, file) = self.create_temporary(directory, &location.folder)?;
        // The file is open, and so locked, until it has its name.
        let file = File::from(file);
        let written = self.fill(&file, location, bytes).and_then(|()| {
            name_file(self.method, directory, &temporary, &location.file)
                .map_err(|errno| self.failure(&location.path(), errno))
        });
        if !matches!(written, Ok(Put::Written)) {
            // What cannot be removed stays as a leftover, which means nothing.
            let _ = fs::unlinkat(directory, &temporary, AtFlags::empty());
        }
        if matches!(written, Ok(Put::Present)) {
            self.is_taken(directory, location)?;
        }
        written
    }

    /// Makes an empty file under a name that nobody uses, locked for as long as it is open.
    pub(super) fn create_temporary(&self, directory: &OwnedFd, path: &str) -> Result<(String, OwnedFd), Failure> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut last = Errno::EXIST;
        for _ in 0..TEMPORARY_ATTEMPTS_MAX {
            let temporary = temporary_name();
            let created = fs::openat(directory, &temporary, flags, FILE_MODE)
                .and_then(|file| Ok(show_alive(directory, &temporary, &file)?.then_some(file)));
            match created {
                Ok(Some(file)) => return Ok((temporary, file)),
                // Taken for a leftover, or a leftover of a process of the same number, on this machine or another.
                Ok(None) | Err(Errno::EXIST) => {}
                Err(errno) => {
                    last = errno;
                    break;
                }
            }
        }
        Err(self.failure(path, last))
    }

    /// Writes the bytes and flushes them.
    fn fill(&self, mut file: &File, location: &Location, bytes: &[u8]) -> Result<(), Failure> {
        let failure = |error| Failure::new(self.place(&location.path()), error);
        file.write_all(bytes).map_err(failure)?;
        file.sync_all().map_err(failure).inspect_err(|failure| {
            // A full medium harmed this file only, which never gets its name. After any other answer the medium itself
            // is in doubt, and with it what earlier flushes promised.
            if !failure.is_full() {
                self.poisoned.store(true, Ordering::Release);
            }
        })
    }
}

/// Flushes a directory: the names in it are durable afterwards.
pub(super) fn flush_directory(directory: &OwnedFd) -> Result<(), Errno> {
    match io::retry_on_intr(|| fs::fsync(directory)) {
        // Some network and FUSE file systems cannot flush a directory, only everything.
        Err(Errno::INVAL | Errno::NOTSUP | Errno::NOSYS | Errno::BADF) => io::retry_on_intr(|| fs::syncfs(directory)),
        answer => answer,
    }
}

/// Gives a file its name unless that is taken, by the first method that the file system knows.
fn name_file(first: Method, directory: &OwnedFd, temporary: &str, name: &str) -> Result<Put, Errno> {
    let mut answer = Err(Errno::NOTSUP);
    for method in Method::ALL.into_iter().filter(|method| *method >= first) {
        answer = method.name_file(directory, temporary, name);
        if !matches!(answer, Err(errno) if method.is_unknown(errno)) {
            break;
        }
    }
    answer
}

impl Method {
    const ALL: [Self; 3] = [Self::RenameWithoutReplacing, Self::Link, Self::CheckedRename];

    fn name_file(self, directory: &OwnedFd, temporary: &str, name: &str) -> Result<Put, Errno> {
        match self {
            Self::RenameWithoutReplacing => {
                let flags = RenameFlags::NOREPLACE;
                put_of(fs::renameat_with(directory, temporary, directory, name, flags))
            }
            Self::Link => {
                let linked = fs::linkat(directory, temporary, directory, name, AtFlags::empty());
                if linked.is_ok() {
                    // The object has its name; a first name that stays is a leftover.
                    let _ = fs::unlinkat(directory, temporary, AtFlags::empty());
                }
                put_of(linked)
            }
            Self::CheckedRename => checked_rename(directory, temporary, name),
        }
    }

    /// Tells whether a file system that does not know the method answers so.
    fn is_unknown(self, errno: Errno) -> bool {
        match self {
            Self::RenameWithoutReplacing => {
                matches!(errno, Errno::INVAL | Errno::NOSYS | Errno::NOTSUP)
            }
            Self::Link => matches!(errno, Errno::PERM | Errno::INVAL | Errno::NOSYS | Errno::NOTSUP | Errno::MLINK),
            Self::CheckedRename => false,
        }
    }
}

fn checked_rename(directory: &OwnedFd, temporary: &str, name: &str) -> Result<Put, Errno> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = lock(&ONE_AT_A_TIME);
    match fs::statat(directory.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(_) => Ok(Put::Present),
        Err(Errno::NOENT) => put_of(fs::renameat(directory, temporary, directory, name)),
        Err(errno) => Err(errno),
    }
}

fn put_of(answer: Result<(), Errno>) -> Result<Put, Errno> {
    match answer {
        Ok(()) => Ok(Put::Written),
        Err(Errno::EXIST) => Ok(Put::Present),
        Err(errno) => Err(errno),
    }
}

/// Returns a name that this process has not used yet.
fn temporary_name() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{}{}-{number}", layout::TEMPORARY, process::id())
}

/// Readable and writable for the owner alone; file systems without modes ignore it.
const FILE_MODE: Mode = Mode::RUSR.union(Mode::WUSR);

/// How many leftovers of the same process number are stepped over.
const TEMPORARY_ATTEMPTS_MAX: u32 = 100_000;
