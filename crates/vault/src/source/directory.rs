//! An open directory: the only way to reach what lies in it.
//!
//! Every call is relative to the open directory and follows no link, so that neither the length of a path nor a link
//! swapped in during the backup can lead elsewhere.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, StatxFlags, fstatfs, openat, readlinkat, statx};
use rustix::io::Errno;
use rustix::path::Arg;

use super::error::Operation;
use super::{Identity, SourceError, SourcePath, Stat, TreePath};

/// An open directory of the source, and where it lies.
///
/// May be shared between threads; holds one file descriptor until the last owner drops it.
#[derive(Debug)]
pub struct DirectoryHandle {
    fd: OwnedFd,
    path: TreePath,
    identity: Identity,
    readable: bool,
}

impl DirectoryHandle {
    /// Returns the directory's path from the source's root.
    pub fn path(&self) -> &TreePath {
        &self.path
    }

    /// Returns which directory of the machine this is.
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Opens a file for reading, follows no link, never waits for a fifo's writer, and leaves the access time alone
    /// where the system allows it.
    ///
    /// What was opened may be anything: callers look before they read. A lease that another program holds (Samba's
    /// oplocks) is waited for, 50 seconds at most.
    pub fn open_file(&self, name: &[u8]) -> Result<OwnedFd, SourceError> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        for _ in 0..LEASE_ATTEMPTS_MAX {
            match open_quietly(self, name, flags) {
                Err(Errno::AGAIN) => std::thread::sleep(LEASE_PAUSE),
                opened => return opened.map_err(|errno| self.error(Operation::Open, name, errno)),
            }
        }
        Err(SourceError::Leased { path: self.path.join(name) })
    }

    /// Returns what the system knows of an entry; a link is not followed.
    pub fn stat(&self, name: &[u8]) -> Result<Stat, SourceError> {
        stat_at(self, name, AtFlags::empty()).map_err(|errno| self.error(Operation::Inspect, name, errno))
    }

    /// Returns the target of a symbolic link.
    pub fn read_link(&self, name: &[u8]) -> Result<Vec<u8>, SourceError> {
        readlinkat(self, name, Vec::new())
            .map(std::ffi::CString::into_bytes)
            .map_err(|errno| self.error(Operation::Link, name, errno))
    }

    /// Opens the absolute path of a root, or `/`.
    pub(super) fn open_root(path: &SourcePath) -> Result<(Self, Stat), SourceError> {
        open_listable(CWD, path.as_bytes(), TreePath::default())
            .map_err(|errno| SourceError::from_errno(Operation::Open, path.clone(), errno))
    }

    /// Opens a directory in this one.
    ///
    /// Where the right to list it is missing it is opened all the same, not [`DirectoryHandle::readable`].
    pub(super) fn open_child(&self, name: &[u8]) -> Result<(Self, Stat), SourceError> {
        open_listable(self, name, self.path.child(name)).map_err(|errno| self.error(Operation::Open, name, errno))
    }

    /// Opens the directory above, if it is the one expected.
    pub(super) fn open_parent(&self, expected: Identity, path: TreePath) -> Option<Self> {
        Self::reopen(self, b"..", expected, path)
    }

    /// Opens a directory again, if it is the one expected.
    pub(super) fn reopen(parent: impl AsFd, name: &[u8], expected: Identity, path: TreePath) -> Option<Self> {
        let (directory, _) = open_listable(parent, name, path).ok()?;
        (directory.identity == expected).then_some(directory)
    }

    /// Tells whether the kernel invents what lies in it: `/proc`, `/sys` and their like.
    pub(super) fn of_the_kernel(&self) -> bool {
        fstatfs(self).is_ok_and(|answer| KERNEL_FILE_SYSTEMS.contains(&(answer.f_type as u32)))
    }

    /// Tells whether the names in it may be read.
    pub(super) fn readable(&self) -> bool {
        self.readable
    }

    /// Says what went wrong with an entry.
    pub(super) fn error(&self, operation: Operation, name: &[u8], errno: Errno) -> SourceError {
        SourceError::from_errno(operation, self.path.join(name), errno)
    }
}

impl AsFd for DirectoryHandle {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// Returns what the system knows of an open file.
pub(super) fn stat_open(fd: impl AsFd) -> Result<Stat, Errno> {
    stat_at(fd, c"", AtFlags::EMPTY_PATH)
}

/// Magic numbers (`linux/magic.h`) of file systems without files of anybody: proc, sysfs, cgroup 1 and 2, devpts, debugfs,
/// tracefs, securityfs, selinuxfs, bpf, pstore, configfs, efivarfs, mqueue, binfmt_misc, hugetlbfs, fusectl, nsfs,
/// rpc_pipefs.
const KERNEL_FILE_SYSTEMS: [u32; 19] = [
    0x0000_9fa0,
    0x6265_6572,
    0x0027_e0eb,
    0x6367_7270,
    0x0000_1cd1,
    0x6462_6720,
    0x7472_6163,
    0x7363_6673,
    0xf97c_ff8c,
    0xcafe_4a11,
    0x6165_676c,
    0x6265_6570,
    0xde5e_81e4,
    0x1980_0202,
    0x4249_4e4d,
    0x9584_58f6,
    0x6573_5543,
    0x6e73_6673,
    0x6759_6969,
];

/// A lease is broken by the kernel after 45 seconds (`/proc/sys/fs/lease-break-time`).
const LEASE_ATTEMPTS_MAX: u32 = 500;
const LEASE_PAUSE: Duration = Duration::from_millis(100);

fn open_listable(parent: impl AsFd, name: impl Arg + Copy, path: TreePath) -> Result<(DirectoryHandle, Stat), Errno> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW;
    let (fd, readable) = match open_quietly(&parent, name, flags | OFlags::RDONLY) {
        Ok(fd) => (fd, true),
        Err(Errno::ACCESS) => {
            let flags = flags | OFlags::PATH | OFlags::CLOEXEC;
            (openat(&parent, name, flags, Mode::empty())?, false)
        }
        Err(errno) => return Err(errno),
    };
    let stat = stat_open(&fd)?;
    let handle = DirectoryHandle { fd, path, identity: stat.identity, readable };
    Ok((handle, stat))
}

/// Opens without touching the access time; only the owner and root may, others open as usual.
fn open_quietly(parent: impl AsFd, name: impl Arg + Copy, flags: OFlags) -> Result<OwnedFd, Errno> {
    let flags = flags | OFlags::CLOEXEC;
    match openat(&parent, name, flags | OFlags::NOATIME, Mode::empty()) {
        Err(Errno::PERM) => openat(&parent, name, flags, Mode::empty()),
        opened => opened,
    }
}

fn stat_at(directory: impl AsFd, name: impl Arg, flags: AtFlags) -> Result<Stat, Errno> {
    let flags = flags | AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT;
    let statx = statx(directory, name, flags, StatxFlags::BASIC_STATS)?;
    Stat::from_statx(&statx).ok_or(Errno::INVAL)
}
