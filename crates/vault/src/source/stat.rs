//! What the system knows of a file without opening it.

use rustix::fs::{FileType, Statx, makedev};

use crate::tree::FileTime;

/// What the system knows of a file without opening it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stat {
    /// What it is.
    pub kind: FileKind,
    /// The twelve permission bits.
    pub mode: u32,
    /// The owner's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
    /// Length in bytes; for a symbolic link, of its target.
    pub size: u64,
    /// When the content last changed.
    pub mtime: FileTime,
    /// When the inode last changed.
    pub ctime: FileTime,
    /// Which file of the machine it is, until it is deleted.
    pub identity: Identity,
    /// Number of hard links.
    pub links: u64,
    /// Major and minor number, for a device.
    pub device_numbers: (u32, u32),
    /// Blocks of 512 bytes that it occupies.
    pub blocks: u64,
}

/// Which file of the machine a file is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Identity {
    /// The file system's device number; it differs from mount to mount and from snapshot to snapshot.
    pub device: u64,
    /// The inode number.
    pub inode: u64,
}

/// What a file is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A named pipe.
    Fifo,
    /// A socket's name.
    Socket,
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
}

impl Stat {
    /// Tells whether content or attributes may have changed between the two moments.
    pub fn differs(&self, other: &Self) -> bool {
        (self.size, self.mtime, self.ctime, self.identity) != (other.size, other.mtime, other.ctime, other.identity)
    }

    /// Takes what `statx` said; `None` for a kind of file that Linux does not have.
    pub(super) fn from_statx(statx: &Statx) -> Option<Self> {
        let raw_mode = u32::from(statx.stx_mode);
        Some(Self {
            kind: FileKind::from_type(FileType::from_raw_mode(raw_mode))?,
            mode: raw_mode & 0o7777,
            uid: statx.stx_uid,
            gid: statx.stx_gid,
            size: statx.stx_size,
            mtime: FileTime { seconds: statx.stx_mtime.tv_sec, nanoseconds: statx.stx_mtime.tv_nsec },
            ctime: FileTime { seconds: statx.stx_ctime.tv_sec, nanoseconds: statx.stx_ctime.tv_nsec },
            identity: Identity { device: makedev(statx.stx_dev_major, statx.stx_dev_minor), inode: statx.stx_ino },
            links: u64::from(statx.stx_nlink),
            device_numbers: (statx.stx_rdev_major, statx.stx_rdev_minor),
            blocks: statx.stx_blocks,
        })
    }
}

impl FileKind {
    /// Takes the type that a directory lists; `None` where the file system does not say.
    pub(super) fn from_type(file_type: FileType) -> Option<Self> {
        Some(match file_type {
            FileType::RegularFile => Self::File,
            FileType::Directory => Self::Directory,
            FileType::Symlink => Self::Symlink,
            FileType::Fifo => Self::Fifo,
            FileType::Socket => Self::Socket,
            FileType::CharacterDevice => Self::CharDevice,
            FileType::BlockDevice => Self::BlockDevice,
            FileType::Unknown => return None,
        })
    }
}
