//! Erasing what writers that died left half written, and nothing of those that live.
//!
//! A leftover is a plain file named as one, in a directory that holds objects, on which an exclusive lock is got: a living
//! writer would hold it. Two things keep this safe where the lock alone proves little:
//! - between the moment a file is made and the moment its writer holds the lock, somebody else may get it. The writer
//!   sees that the lock is taken, or that the name is gone, and begins again under another name;
//! - on some network file systems each machine sees its own locks only. So leftovers that anybody may have written must
//!   also be an hour old, by the file system's own clock. If a living writer is hit all the same, its put fails, and
//!   nothing else happens.

use std::os::fd::OwnedFd;

use rustix::fs::{self, AtFlags, FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use super::{DirectoryStore, Failure, is_file, layout};
use crate::id::StrandId;
use crate::name::{Folder, HashedKind, NumberedKind};
use crate::store::StoreError;

/// A leftover that anybody may have written is erased when nobody has written to it for so long.
const ABANDONED_SECONDS: i64 = 3600;

/// What else than the lock tells that a writer is dead.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ground {
    /// The caller is the only one who writes there: where the file system knows no locks, that is enough.
    OnlyWriter,
    /// The file was not written to since this moment, in seconds of the file system's clock.
    OlderThan(i64),
}

impl DirectoryStore {
    /// Deletes the unfinished writes of a folder, as a crash leaves them, and returns how many there were.
    ///
    /// Only the holder of the strand's lock (for [`Folder::Owner`] and [`Folder::Expiry`], of the owner's) calls this,
    /// and not while it writes. Writes of others that are still going on stay where the file system has locks;
    /// elsewhere they would fail, without harm. [`Folder::Owner`] stands for the vault's own directory too.
    pub fn erase_leftovers(&self, folder: &Folder) -> Result<u64, StoreError> {
        self.check_writable()?;
        let mut erased = 0;
        let mut erase = |path: &str, directory: &OwnedFd| {
            erased += self.erase_dead(path, directory, Ground::OnlyWriter)?;
            Ok(())
        };
        if *folder == Folder::Owner {
            erase("", &self.root)?;
        }
        self.visit_directories(folder, &mut erase)?;
        Ok(erased)
    }

    /// Deletes the unfinished writes of the whole vault that nobody holds a lock on and nobody has written to for an hour,
    /// and returns how many there were. Anybody may call this at any time; where the file system knows no locks, all stay.
    pub fn erase_abandoned(&self) -> Result<u64, StoreError> {
        self.check_writable()?;
        let mut strands = Vec::new();
        self.visit_directories(&Folder::Strands, &mut |path, _| {
            strands.extend(path.rsplit('/').next().and_then(StrandId::from_hex));
            Ok(())
        })?;
        let numbered = strands.iter().flat_map(|strand| NumberedKind::ALL.map(|kind| Folder::Numbered(*strand, kind)));
        let hashed = strands.iter().flat_map(|strand| HashedKind::ALL.map(|kind| Folder::Hashed(*strand, kind)));
        let folders = [Folder::Owner, Folder::Expiry, Folder::Strands].into_iter().chain(numbered).chain(hashed);
        let mut erased = self.erase_old("", &self.root)?;
        for folder in folders {
            self.visit_directories(&folder, &mut |path, directory| {
                erased += self.erase_old(path, directory)?;
                Ok(())
            })?;
        }
        Ok(erased)
    }

    fn erase_old(&self, path: &str, directory: &OwnedFd) -> Result<u64, Failure> {
        if !self.names_in(path, directory)?.iter().any(|file| layout::is_temporary(file)) {
            return Ok(0);
        }
        let now = self.file_system_seconds(path, directory)?;
        self.erase_dead(path, directory, Ground::OlderThan(now.saturating_sub(ABANDONED_SECONDS)))
    }

    fn erase_dead(&self, path: &str, directory: &OwnedFd, ground: Ground) -> Result<u64, Failure> {
        let mut erased = 0;
        for file in self.names_in(path, directory)? {
            if !layout::is_temporary(&file) {
                continue;
            }
            let failure = |errno| self.failure(&layout::join(path, &file), errno);
            // The lock is kept until the file is gone.
            if let Some(_seized) = seize(directory, &file, ground).map_err(failure)? {
                match fs::unlinkat(directory, &file, AtFlags::empty()) {
                    Ok(()) => erased += 1,
                    Err(Errno::NOENT) => {}
                    Err(errno) => return Err(failure(errno)),
                }
            }
        }
        Ok(erased)
    }

    /// Returns what the file system's clock shows: the time of a file that is made now.
    fn file_system_seconds(&self, path: &str, directory: &OwnedFd) -> Result<i64, Failure> {
        let (temporary, file) = self.create_temporary(directory, path)?;
        let stat = fs::fstat(&file);
        let _ = fs::unlinkat(directory, &temporary, AtFlags::empty());
        stat.map(|stat| stat.st_mtime).map_err(|errno| self.failure(path, errno))
    }
}

/// Shows that the writer of a fresh file is alive, for as long as the file is open. Tells whether the file is there still:
/// somebody who erases leftovers may have taken it for one.
pub(super) fn show_alive(directory: &OwnedFd, file: &str, open: &OwnedFd) -> Result<bool, Errno> {
    // Any other failure means that there are no locks: then nobody erases what a living writer may have.
    if fs::flock(open, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK) {
        return Ok(false);
    }
    match fs::statat(directory, file, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(_) => Ok(true),
        Err(Errno::NOENT) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// Locks a leftover of a writer that is dead; `None` where it may be alive, or the file is something else.
fn seize(directory: &OwnedFd, file: &str, ground: Ground) -> Result<Option<OwnedFd>, Errno> {
    let named = match fs::statat(directory, file, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => stat,
        Err(Errno::NOENT) => return Ok(None),
        Err(errno) => return Err(errno),
    };
    let is_old = match ground {
        Ground::OnlyWriter => true,
        Ground::OlderThan(seconds) => named.st_mtime < seconds,
    };
    if !is_file(&named) || !is_old {
        return Ok(None);
    }
    let open = match fs::openat(directory, file, SEIZE_FLAGS, Mode::empty()) {
        Ok(open) => open,
        Err(Errno::NOENT | Errno::ACCESS | Errno::PERM | Errno::LOOP | Errno::NXIO) => return Ok(None),
        Err(errno) => return Err(errno),
    };
    match fs::flock(&open, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => return Ok(None),
        Err(_) if ground == Ground::OnlyWriter => {}
        Err(_) => return Ok(None),
    }
    // The name may mean another file by now.
    let stat = fs::fstat(&open)?;
    let is_same = |a: &fs::Stat, b: &fs::Stat| (a.st_dev, a.st_ino, a.st_mtime) == (b.st_dev, b.st_ino, b.st_mtime);
    Ok(is_same(&named, &stat).then_some(open))
}

/// For writing, since NFS gives an exclusive lock only then; nothing is written.
const SEIZE_FLAGS: OFlags =
    OFlags::WRONLY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

#[cfg(test)]
#[path = "leftovers/tests.rs"]
mod tests;
