//! Damaged files out of the way: into a folder of evidence, each under its path, or gone.

use std::path::Path;

use rustix::fs::{AtFlags, FileType, RenameFlags, renameat_with, statat, unlinkat};
use rustix::io::Errno;
use thiserror::Error;
use vault::tree::{Content, Entry, EntryKind};

use crate::TreePath;
use crate::live::{LiveError, LiveFolder, LiveTree};
use crate::target::{DirectoryId, Overwrite, Owners, Target, TargetError};

/// A folder in which damaged files are kept for those who investigate.
pub struct Evidence {
    target: Target,
}

/// Why a damaged file stays where it is.
#[derive(Debug, Error)]
pub enum EvidenceError {
    /// The tree it lies in.
    #[error(transparent)]
    Live(#[from] LiveError),
    /// The folder of evidence.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The system refuses.
    #[error("{path} cannot be moved away")]
    Move {
        /// From the tree's folder.
        path: TreePath,
        /// The system's word.
        #[source]
        source: Errno,
    },
}

/// So many files of one path can be kept.
const NUMBER_MAX: u32 = 1000;
const BUFFER_BYTES: usize = 1 << 20;

impl Evidence {
    /// Opens the folder, and makes it if it is not there.
    pub fn open(path: &Path) -> Result<Self, TargetError> {
        Ok(Self { target: Target::open_with_owners(path, Overwrite::Never, Owners::Keep)? })
    }

    /// Moves a file there, under its own path; a second one of that path gets a number. A path at which no regular file lies is left
    /// alone.
    pub fn take(&self, tree: &LiveTree, path: &[u8]) -> Result<(), EvidenceError> {
        let (folder, name) = split(path);
        let failed = |source| EvidenceError::Move { path: TreePath::new(path), source };
        let Some(live) = tree.folder(folder)? else { return Ok(()) };
        if !is_file(&live, name) {
            return Ok(());
        }
        let mut place = DirectoryId::ROOT;
        for component in folder.split(|byte| *byte == b'/').filter(|name| !name.is_empty()) {
            place = self.target.add_directory(place, component)?;
        }
        let to = self.target.handle(place)?;
        for number in 0..NUMBER_MAX {
            let free = numbered(name, number);
            match renameat_with(live.handle(), name, &*to, &*free, RenameFlags::NOREPLACE) {
                Ok(()) | Err(Errno::NOENT) => return Ok(()),
                Err(Errno::EXIST) => {}
                // Another file system, or one that cannot keep a name from being taken.
                Err(Errno::XDEV | Errno::INVAL | Errno::NOSYS) => {
                    if statat(&*to, &*free, AtFlags::SYMLINK_NOFOLLOW).is_err() {
                        return self.copy(&live, name, (place, free)).map_err(|error| error.or(path));
                    }
                }
                Err(errno) => return Err(failed(errno)),
            }
        }
        Err(failed(Errno::EXIST))
    }

    fn copy(&self, live: &LiveFolder, name: &[u8], (place, free): (DirectoryId, Vec<u8>)) -> Result<(), CopyError> {
        let file = live.file(name)?;
        let kind = EntryKind::File { size: file.bytes(), content: Content::EMPTY, sha256: None };
        let entry = Entry { name: free, kind, mode: 0o600, mtime: file.mtime(), ..Entry::default() };
        let Some(copy) = self.target.create_file(place, &entry)? else { return Err(Errno::EXIST.into()) };
        let (mut buffer, mut offset) = (vec![0; BUFFER_BYTES], 0);
        loop {
            let read =
                file.read_at(offset, &mut buffer).map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
            if read == 0 {
                break;
            }
            copy.write_at(offset, &buffer[..read])?;
            offset += read as u64;
        }
        copy.finish(&entry)?;
        // A power loss must not take both.
        self.target.sync()?;
        Ok(unlinkat(live.handle(), name, AtFlags::empty())?)
    }
}

/// Removes a regular file; anything else is left alone.
pub fn remove(tree: &LiveTree, path: &[u8]) -> Result<(), EvidenceError> {
    let (folder, name) = split(path);
    let Some(live) = tree.folder(folder)? else { return Ok(()) };
    if !is_file(&live, name) {
        return Ok(());
    }
    match unlinkat(live.handle(), name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(source) => Err(EvidenceError::Move { path: TreePath::new(path), source }),
    }
}

enum CopyError {
    Target(TargetError),
    System(Errno),
}

impl From<TargetError> for CopyError {
    fn from(error: TargetError) -> Self {
        Self::Target(error)
    }
}

impl From<Errno> for CopyError {
    fn from(errno: Errno) -> Self {
        Self::System(errno)
    }
}

impl CopyError {
    fn or(self, path: &[u8]) -> EvidenceError {
        match self {
            Self::Target(error) => error.into(),
            Self::System(source) => EvidenceError::Move { path: TreePath::new(path), source },
        }
    }
}

fn is_file(folder: &LiveFolder, name: &[u8]) -> bool {
    let stat = statat(folder.handle(), name, AtFlags::SYMLINK_NOFOLLOW);
    stat.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)
}

/// Returns a name, with a number behind it from the second on.
fn numbered(name: &[u8], number: u32) -> Vec<u8> {
    if number == 0 { name.to_vec() } else { [name, format!(".{number}").as_bytes()].concat() }
}

fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (&[], path),
    }
}
