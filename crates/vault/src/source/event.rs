//! What a walk tells, in order.

use std::sync::Arc;

use super::{DirectoryHandle, FileKind, SourceError, SourcePath, Stat};

/// One step of a walk.
///
/// Every [`Event::Enter`] has its [`Event::Leave`]. Between them come the entries of that directory, sorted by name as
/// bytes, each once; a directory among them with all that lies in it.
#[derive(Debug)]
pub enum Event {
    /// A directory begins.
    Enter(Directory),
    /// Something else than a directory.
    Item(Item),
    /// The directory entered last is complete.
    Leave,
    /// A file that is left out because of its size.
    TooLarge(Item),
    /// Something cannot be read: an entry that therefore does not come, or, where the path is the current directory's
    /// own, some or all of its entries.
    Unreadable(SourceError),
}

/// A directory that begins.
#[derive(Debug)]
pub struct Directory {
    /// Its name; empty for the root.
    pub name: Vec<u8>,
    /// What the system knows of it, asked once it was open.
    pub stat: Stat,
    /// The open directory itself.
    pub handle: Arc<DirectoryHandle>,
    /// It is a root that stands for no directory: its attributes mean nothing.
    pub made_up: bool,
    /// Why its entries do not follow, or not all.
    pub left_out: Option<LeftOut>,
}

/// Why a directory is kept without (all) its entries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LeftOut {
    /// It is one of those never to enter.
    NeverEnter,
    /// Another file system is mounted on it.
    OtherFileSystem,
    /// The kernel invents its entries (`/proc`, `/sys`).
    KernelFileSystem,
    /// It holds a valid `CACHEDIR.TAG`: only the tag is kept.
    Cache,
}

/// An entry that is not a directory.
#[derive(Debug)]
pub struct Item {
    /// Its name.
    pub name: Vec<u8>,
    /// What the system knows of it.
    pub stat: Stat,
    /// The open directory that holds it.
    pub directory: Arc<DirectoryHandle>,
}

impl Item {
    /// Returns the path from the source's root.
    pub fn path(&self) -> SourcePath {
        self.directory.path().join(&self.name)
    }

    /// Returns where a symbolic link points, and `None` for everything else.
    pub fn read_link(&self) -> Result<Option<Vec<u8>>, SourceError> {
        match self.stat.kind {
            FileKind::Symlink => self.directory.read_link(&self.name).map(Some),
            _ => Ok(None),
        }
    }
}
