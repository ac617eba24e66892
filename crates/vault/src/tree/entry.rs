//! An entry of a directory: everything that is kept of a file but its bytes.

use crate::id::BlobId;

/// An entry of a directory, as `docs/format.md` §7 lists its fields.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Entry {
    /// The name: bytes, without `/` or zero; empty for a root entry only.
    pub name: Vec<u8>,
    /// What it is, and what only such a thing has.
    pub kind: EntryKind,
    /// The twelve permission bits.
    pub mode: u32,
    /// The owner's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
    /// The owner's name, if the machine knew it.
    pub user: Option<Vec<u8>>,
    /// The group's name, if the machine knew it.
    pub group: Option<Vec<u8>>,
    /// When the content last changed.
    pub mtime: FileTime,
    /// When the inode last changed; compared, never restored.
    pub ctime: FileTime,
    /// Extended attributes, sorted by name; ACLs and capabilities are among them.
    pub xattrs: Vec<(Vec<u8>, Vec<u8>)>,
    /// Path, from the source's root, of the first member of the hard-link group; set on every other member.
    pub hard_link: Option<Vec<u8>>,
    /// What triage measured; opaque here.
    pub facts: Option<Vec<u8>>,
    /// The content changed while it was read.
    pub torn: bool,
    /// A root that stands for no directory of the source: its attributes mean nothing.
    pub made_up: bool,
}

/// What an entry is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EntryKind {
    /// A regular file.
    File {
        /// Length in bytes.
        size: u64,
        /// Where the bytes are.
        content: Content,
        /// SHA-256 of the content, where policy asks for it.
        sha256: Option<[u8; 32]>,
    },
    /// A directory.
    Directory {
        /// Its node; `None` if it is empty.
        node: Option<BlobId>,
        /// Number of entries below, at any depth.
        entries_below: u64,
        /// Bytes of content below, at any depth.
        bytes_below: u64,
    },
    /// A symbolic link.
    Symlink {
        /// Where it points.
        target: Vec<u8>,
    },
    /// A named pipe.
    Fifo,
    /// A socket's name.
    Socket,
    /// A character device.
    CharDevice {
        /// Major number.
        major: u32,
        /// Minor number.
        minor: u32,
    },
    /// A block device.
    BlockDevice {
        /// Major number.
        major: u32,
        /// Minor number.
        minor: u32,
    },
}

/// Where the bytes of a file are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// The chunks themselves, at most [`Content::INLINE_MAX`].
    Chunks(Vec<ChunkRef>),
    /// A chunk list and its level.
    List(BlobId, u8),
}

/// A chunk, or a run of zeros, in its place in a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChunkRef {
    /// The blob, or [`BlobId::ZEROS`].
    pub id: BlobId,
    /// Plain length in bytes.
    pub bytes: u64,
}

/// A file's time: seconds since 1970, and nanoseconds from 0 to 999,999,999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct FileTime {
    /// Seconds; negative before 1970.
    pub seconds: i64,
    /// Nanoseconds.
    pub nanoseconds: u32,
}

impl Content {
    /// The largest number of chunks that an entry holds itself.
    pub const INLINE_MAX: usize = 64;

    /// The content of an empty file.
    pub const EMPTY: Self = Self::Chunks(Vec::new());
}

impl ChunkRef {
    /// Tells whether this stands for zeros and no blob.
    pub fn is_zeros(&self) -> bool {
        self.id == BlobId::ZEROS
    }
}

impl Default for EntryKind {
    fn default() -> Self {
        Self::Directory { node: None, entries_below: 0, bytes_below: 0 }
    }
}

impl Entry {
    /// Tells whether this is a directory.
    pub fn is_directory(&self) -> bool {
        matches!(self.kind, EntryKind::Directory { .. })
    }

    /// Returns the length of a regular file's content in bytes; 0 for everything else.
    pub fn size(&self) -> u64 {
        match self.kind {
            EntryKind::File { size, .. } => size,
            _ => 0,
        }
    }
}
