//! A tree as it lies on the disk now: read below one folder, without following a link, and compared with what is kept.
//!
//! Whoever changes the tree meanwhile can make a file unreadable, or read as it is; nothing outside the folder is opened.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, SeekFrom, Stat, fstat, openat, readlinkat, seek, statat};
use rustix::io::Errno;
use thiserror::Error;
use vault::blob::BlobKind;
use vault::read::{ReadFault, SnapshotReader};
use vault::tree::{Entry, FileTime};

use crate::TreePath;
use crate::target::{Beneath, DIRECTORY, file_type, is_component, sweep};

/// A folder on the disk, with all that is below.
#[derive(Debug)]
pub struct LiveTree {
    root: OwnedFd,
    path: PathBuf,
    beneath: Beneath,
}

/// A folder of a live tree, open.
#[derive(Debug)]
pub struct LiveFolder {
    handle: OwnedFd,
    beneath: Beneath,
}

/// What a name of a folder stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Thing {
    /// The name.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: FileType,
    /// Length in bytes.
    pub bytes: u64,
    /// When the content last changed.
    pub mtime: FileTime,
    /// The twelve permission bits.
    pub mode: u32,
    /// The numbers of owner and group.
    pub owner: (u32, u32),
    /// Major and minor number of a device; they mean nothing else.
    pub device: (u32, u32),
}

/// What lies under a name at one moment, so that it is told from what is written or put there later.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark {
    /// What it is.
    pub kind: FileType,
    /// Length in bytes.
    pub bytes: u64,
    /// When the content last changed.
    pub mtime: FileTime,
    device: u64,
    inode: u64,
}

/// A regular file, open for reading.
#[derive(Debug)]
pub struct LiveFile {
    file: File,
    bytes: u64,
    mtime: FileTime,
}

/// Why something on the disk cannot be read.
#[derive(Debug, Error)]
pub enum LiveError {
    /// The tree's own folder.
    #[error("{path} cannot be opened")]
    Root {
        /// The folder.
        path: PathBuf,
        /// The system's word.
        #[source]
        source: Errno,
    },
    /// A folder below.
    #[error("the folder {path} cannot be read")]
    Folder {
        /// From the tree's folder.
        path: TreePath,
        /// The system's word.
        #[source]
        source: Errno,
    },
}

/// Why a file cannot be compared.
#[derive(Debug, Error)]
pub enum SameError {
    /// The vault does not say what should be there.
    #[error(transparent)]
    Read(#[from] ReadFault),
    /// The disk does not say what is there.
    #[error(transparent)]
    Disk(#[from] io::Error),
}

impl LiveTree {
    /// Opens a folder; a link at its end is followed, since it was given by whoever asks.
    pub fn open(path: &Path) -> Result<Self, LiveError> {
        let root = openat(CWD, path, DIRECTORY, Mode::empty())
            .map_err(|source| LiveError::Root { path: path.to_path_buf(), source })?;
        let beneath = Beneath::probe(&root);
        Ok(Self { root, path: path.to_path_buf(), beneath })
    }

    /// Returns the path that was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Looks at what lies at a path from the tree's folder; nothing if nothing does.
    pub fn mark(&self, path: &[u8]) -> Result<Option<Mark>, LiveError> {
        let (folder, name) = split(path);
        let Some(folder) = self.folder(folder)? else { return Ok(None) };
        folder.mark(name).map_err(|source| LiveError::Folder { path: TreePath::new(path), source })
    }

    /// Returns device and inode of the tree's folder.
    pub(crate) fn identity(&self) -> Result<(u64, u64), Errno> {
        fstat(&self.root).map(|stat| (stat.st_dev, stat.st_ino))
    }

    /// Opens a folder by its path from the tree's folder; none if there is no folder of that name.
    pub fn folder(&self, path: &[u8]) -> Result<Option<LiveFolder>, LiveError> {
        let failed = |source| LiveError::Folder { path: TreePath::new(path), source };
        let open = |at: &OwnedFd, name: &[u8]| self.beneath.open(at, name, DIRECTORY, Mode::empty());
        let mut handle = openat(&self.root, c".", DIRECTORY, Mode::empty()).map_err(failed)?;
        for name in path.split(|byte| *byte == b'/').filter(|name| !name.is_empty()) {
            if !is_component(name) {
                return Ok(None);
            }
            handle = match open(&handle, name) {
                Ok(below) => below,
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Ok(None),
                Err(source) => return Err(failed(source)),
            };
        }
        Ok(Some(LiveFolder { handle, beneath: self.beneath }))
    }
}

impl LiveFolder {
    /// Takes a folder that is open.
    pub(crate) fn of(handle: &OwnedFd) -> Result<Self, Errno> {
        let handle = openat(handle, c".", DIRECTORY, Mode::empty())?;
        let beneath = Beneath::probe(&handle);
        Ok(Self { handle, beneath })
    }

    /// Lists what is in the folder, in the order of names. What goes meanwhile is left out.
    ///
    /// # Errors
    ///
    /// [`LiveError::Folder`], which names it as `path`.
    pub fn things(&self, path: &[u8]) -> Result<Vec<Thing>, LiveError> {
        self.list().map_err(|source| LiveError::Folder { path: TreePath::new(path), source })
    }

    fn list(&self) -> Result<Vec<Thing>, Errno> {
        let mut things = Vec::new();
        for entry in Dir::read_from(&self.handle)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if !is_component(name) {
                continue;
            }
            match statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => things.push(Thing {
                    name: name.to_vec(),
                    kind: FileType::from_raw_mode(stat.st_mode),
                    bytes: stat.st_size.unsigned_abs(),
                    mtime: time_of(&stat),
                    mode: stat.st_mode & 0o7777,
                    owner: (stat.st_uid, stat.st_gid),
                    device: (rustix::fs::major(stat.st_rdev), rustix::fs::minor(stat.st_rdev)),
                }),
                Err(Errno::NOENT) => {}
                Err(error) => return Err(error),
            }
        }
        things.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(things)
    }

    /// Looks at what lies under a name; nothing if nothing does.
    pub fn mark(&self, name: &[u8]) -> Result<Option<Mark>, Errno> {
        Mark::of(&self.handle, name)
    }

    /// Returns where a symbolic link points to.
    pub fn link_target(&self, name: &[u8]) -> Result<Vec<u8>, Errno> {
        Ok(readlinkat(&self.handle, name, Vec::new())?.into_bytes())
    }

    /// Removes what restores and repairs that were killed left in the folder under temporary names.
    pub fn sweep(&self) {
        sweep(&self.handle);
    }

    /// Returns the open folder.
    pub(crate) fn handle(&self) -> &OwnedFd {
        &self.handle
    }

    /// Opens a regular file of the folder; anything else is an error, and never waited for.
    pub fn file(&self, name: &[u8]) -> Result<LiveFile, Errno> {
        if !is_component(name) {
            return Err(Errno::INVAL);
        }
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
        let handle = self.beneath.open(&self.handle, name, flags, Mode::empty())?;
        let stat = fstat(&handle)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(Errno::INVAL);
        }
        let (bytes, mtime) = (stat.st_size.unsigned_abs(), time_of(&stat));
        Ok(LiveFile { file: File::from(handle), bytes, mtime })
    }
}

impl Mark {
    /// Looks at a name of an open folder.
    pub(crate) fn of(folder: &OwnedFd, name: &[u8]) -> Result<Option<Self>, Errno> {
        if !is_component(name) {
            return Err(Errno::INVAL);
        }
        match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(Self::of_stat(&stat))),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    fn of_stat(stat: &Stat) -> Self {
        Self {
            kind: FileType::from_raw_mode(stat.st_mode),
            bytes: stat.st_size.unsigned_abs(),
            mtime: time_of(stat),
            device: stat.st_dev,
            inode: stat.st_ino,
        }
    }

    /// Tells whether it is a regular file.
    pub fn is_file(&self) -> bool {
        self.kind == FileType::RegularFile
    }

    /// Tells whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.kind == FileType::Directory
    }

    /// Tells whether both are names of one thing, whatever is in it.
    pub fn is_same_thing(&self, other: &Self) -> bool {
        (self.device, self.inode, self.kind) == (other.device, other.inode, other.kind)
    }
}

impl Thing {
    /// Tells whether it is a regular file.
    pub fn is_file(&self) -> bool {
        self.kind == FileType::RegularFile
    }

    /// Tells whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.kind == FileType::Directory
    }

    /// Tells whether it is of the kind of an entry.
    pub fn is_kind_of(&self, entry: &Entry) -> bool {
        self.kind == file_type(&entry.kind)
    }
}

impl LiveFile {
    /// Returns how long it was when it was opened.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns when its content last changed.
    pub fn mtime(&self) -> FileTime {
        self.mtime
    }

    /// Looks at it as it is now, whatever name it has.
    pub(crate) fn mark(&self) -> Result<Mark, Errno> {
        fstat(&self.file).map(|stat| Mark::of_stat(&stat))
    }

    /// Reads at an offset; 0 is the end.
    pub fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.file.read_at(into, offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }

    /// Tells whether it has the bytes of a version that is kept. Nothing but the list of a long file's chunks is read from
    /// the vault: what is here is named as the vault would name it. `buffer` is kept between calls.
    pub fn is_same(&self, reader: &SnapshotReader, entry: &Entry, buffer: &mut Vec<u8>) -> Result<bool, SameError> {
        is_same(&self.file, reader, entry, buffer)
    }
}

/// Tells whether a file has the bytes of a version that is kept.
pub(crate) fn is_same(
    file: &File,
    reader: &SnapshotReader,
    entry: &Entry,
    buffer: &mut Vec<u8>,
) -> Result<bool, SameError> {
    const PART_BYTES: u64 = 1 << 20;
    if file.metadata()?.len() != entry.size() {
        return Ok(false);
    }
    let id_key = &reader.strand().secrets().id_key;
    let mut offset = 0;
    for chunk in reader.chunks(entry) {
        let chunk = chunk.map_err(|lost| lost.fault)?;
        let mut left = chunk.bytes;
        if chunk.is_zeros() {
            let hole_bytes = hole_bytes(file, offset).min(left);
            (offset, left) = (offset + hole_bytes, left - hole_bytes);
        }
        while left > 0 {
            // A blob is hashed whole and is at most 16 MiB; zeros may be terabytes.
            let part = if chunk.is_zeros() { left.min(PART_BYTES) } else { left.min(16 << 20) };
            buffer.resize(part as usize, 0);
            match file.read_exact_at(buffer, offset) {
                Ok(()) => {}
                // It was cut short meanwhile.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
                Err(error) => return Err(error.into()),
            }
            let same = match chunk.is_zeros() {
                true => buffer.iter().all(|byte| *byte == 0),
                false => part == left && BlobKind::Chunk.id(id_key, buffer) == chunk.id,
            };
            if !same {
                return Ok(false);
            }
            (offset, left) = (offset + part, left - part);
        }
    }
    Ok(offset == entry.size())
}

/// Cuts a path into its folder and its name.
pub(crate) fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (&[], path),
    }
}

fn time_of(stat: &Stat) -> FileTime {
    FileTime { seconds: stat.st_mtime, nanoseconds: stat.st_mtime_nsec as u32 }
}

/// Returns how many bytes from an offset on the file system does not store; 0 where it cannot tell.
fn hole_bytes(file: &File, offset: u64) -> u64 {
    match seek(file, SeekFrom::Data(offset)) {
        Ok(data) => data.saturating_sub(offset),
        Err(Errno::NXIO) => u64::MAX,
        Err(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests make folders")]

    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_and_what_is_no_file_are_seen_and_never_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        std::fs::create_dir_all(path.join("a/b")).unwrap();
        std::fs::write(path.join("a/text"), "bonjour").unwrap();
        symlink("/etc", path.join("a/out")).unwrap();
        symlink("text", path.join("a/link")).unwrap();
        rustix::fs::mknodat(CWD, path.join("a/pipe"), FileType::Fifo, Mode::RUSR, 0).unwrap();
        let tree = LiveTree::open(path).unwrap();
        assert!(tree.folder(b"a/out").unwrap().is_none(), "a link leads nowhere");
        assert!(tree.folder(b"a/..").unwrap().is_none());
        assert!(tree.folder(b"a/text").unwrap().is_none() && tree.folder(b"c/d").unwrap().is_none());
        let folder = tree.folder(b"a").unwrap().unwrap();
        let things: Vec<_> = folder.things(b"a").unwrap().into_iter().map(|thing| (thing.name, thing.kind)).collect();
        let expected = [
            (b"b".to_vec(), FileType::Directory),
            (b"link".to_vec(), FileType::Symlink),
            (b"out".to_vec(), FileType::Symlink),
            (b"pipe".to_vec(), FileType::Fifo),
            (b"text".to_vec(), FileType::RegularFile),
        ];
        assert_eq!(things, expected);
        for name in [&b"link"[..], b"out", b"pipe", b"b", b"gone", b"../a/text"] {
            assert!(folder.file(name).is_err(), "{}", TreePath::new(name));
        }
        let mut buffer = [0; 16];
        let file = folder.file(b"text").unwrap();
        assert_eq!((file.bytes(), file.read_at(3, &mut buffer).unwrap()), (7, 4));
        assert_eq!(&buffer[..4], b"jour");
    }
}
