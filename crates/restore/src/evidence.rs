//! Damaged files out of the way: kept in a folder of evidence, each under its path, or gone.
//!
//! What is to be replaced gets a second name among the evidence, or a copy there where that cannot be: it stays whole under its own
//! name until the new version takes that. What goes is removed only while it is still what was looked at.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{AtFlags, CWD, FileType, Mode, fstat, linkat, openat, unlinkat};
use rustix::io::Errno;
use thiserror::Error;
use vault::tree::{Content, Entry, EntryKind};

use crate::TreePath;
use crate::live::{LiveError, LiveFile, LiveFolder, LiveTree, Mark, split};
use crate::target::{DIRECTORY, DirectoryId, Outcome, Overwrite, Owners, Target, TargetError};

/// A folder in which damaged files are kept for those who investigate.
pub struct Evidence {
    target: Target,
    /// Something was added since the last sync.
    grew: AtomicBool,
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
    /// Somebody changed it after it was looked at.
    #[error("{0} was changed meanwhile")]
    Changed(TreePath),
    /// A folder with something in it lies there.
    #[error("a folder that is not empty is in the way at {0}")]
    Folder(TreePath),
    /// A file lies where something else should, and nobody asked to keep what goes.
    #[error("a file is in the way at {0}")]
    File(TreePath),
}

/// So many files of one path can be kept.
const NUMBER_MAX: u32 = 1000;
const BUFFER_BYTES: usize = 1 << 20;

impl Evidence {
    /// Opens the folder, and makes it if it is not there.
    pub fn open(path: &Path) -> Result<Self, TargetError> {
        let target = Target::open_with_owners(path, Overwrite::Never, Owners::Keep)?;
        Ok(Self { target, grew: AtomicBool::new(false) })
    }

    /// Keeps what lies at a path, under its own path; a second thing of that path gets a number, unless it is the same. The path itself
    /// is left as it is.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::Changed`] if it is not what the mark says, [`EvidenceError::Folder`] for a folder.
    pub fn keep(&self, tree: &LiveTree, path: &[u8], mark: &Mark) -> Result<(), EvidenceError> {
        let (folder, name) = split(path);
        let failed = |source| EvidenceError::Move { path: TreePath::new(path), source };
        let changed = || EvidenceError::Changed(TreePath::new(path));
        if mark.is_folder() {
            return Err(EvidenceError::Folder(TreePath::new(path)));
        }
        let live = tree.folder(folder)?.ok_or_else(changed)?;
        let place = self.place_of(folder)?;
        let to = self.target.handle(place)?;
        for number in 0..NUMBER_MAX {
            let free = numbered(name, number);
            match linkat(live.handle(), name, &*to, &*free, AtFlags::empty()) {
                Ok(()) => {
                    self.grew.store(true, Ordering::Relaxed);
                    // What it is of now, whoever was quicker.
                    let kept = Mark::of(&to, &free).map_err(failed)?;
                    if kept == Some(*mark) {
                        return Ok(());
                    }
                    // What stays is not to have a second name.
                    let _ = unlinkat(&*to, &*free, AtFlags::empty());
                    return Err(changed());
                }
                Err(Errno::EXIST) => {
                    if Mark::of(&to, &free).map_err(failed)?.is_some_and(|kept| kept == *mark) {
                        return Ok(());
                    }
                }
                Err(Errno::NOENT) => return Err(changed()),
                // Another file system, one without second names, or a file of somebody else's.
                Err(Errno::XDEV | Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS | Errno::MLINK | Errno::INVAL) => {
                    return self.copy_numbered(&live, (path, name), place, mark);
                }
                Err(errno) => return Err(failed(errno)),
            }
        }
        Err(failed(Errno::EXIST))
    }

    /// Returns the folder of evidence for a folder of the tree. Where something that was kept has the name, it gets a number.
    fn place_of(&self, folder: &[u8]) -> Result<DirectoryId, TargetError> {
        let mut place = DirectoryId::ROOT;
        for component in folder.split(|byte| *byte == b'/').filter(|name| !name.is_empty()) {
            let mut number = 0;
            place = loop {
                match self.target.add_directory(place, &numbered(component, number)) {
                    Err(TargetError::InTheWay(_)) if number < NUMBER_MAX => number += 1,
                    other => break other?,
                }
            };
        }
        Ok(place)
    }

    /// Waits until what was added would survive a power loss.
    pub fn sync(&self) -> Result<(), TargetError> {
        if self.grew.swap(false, Ordering::Relaxed) { self.target.sync() } else { Ok(()) }
    }

    fn copy_numbered(
        &self,
        live: &LiveFolder,
        (path, name): (&[u8], &[u8]),
        place: DirectoryId,
        mark: &Mark,
    ) -> Result<(), EvidenceError> {
        let failed = |source| EvidenceError::Move { path: TreePath::new(path), source };
        let original = if mark.is_file() { Some(live.file(name).map_err(failed)?) } else { None };
        if original.as_ref().is_some_and(|file| file.mark() != Ok(*mark)) {
            return Err(EvidenceError::Changed(TreePath::new(path)));
        }
        let kept = LiveFolder::of(&*self.target.handle(place)?).map_err(failed)?;
        for number in 0..NUMBER_MAX {
            let free = numbered(name, number);
            let taken = kept.mark(&free).map_err(failed)?;
            let copied = match (&original, taken) {
                (Some(file), Some(taken)) => {
                    let is_kept = taken.is_file() && taken.bytes == mark.bytes && taken.mtime == mark.mtime;
                    match is_kept && is_same(file, &kept, &free).map_err(failed)? {
                        true => return Ok(()),
                        false => continue,
                    }
                }
                (None, Some(taken)) if taken.kind != mark.kind => continue,
                (None, Some(_)) if same_target(live, name, &kept, &free) => return Ok(()),
                (None, Some(_)) => continue,
                (Some(file), None) => self.copy(file, place, free),
                (None, None) => self.make(live, name, (place, free), mark),
            };
            match copied.map_err(|error| error.or(path))? {
                Outcome::Written(_) => {
                    self.grew.store(true, Ordering::Relaxed);
                    let still = live.mark(name).map_err(failed)?;
                    let changed = still != Some(*mark);
                    return if changed { Err(EvidenceError::Changed(TreePath::new(path))) } else { Ok(()) };
                }
                // Somebody took the name meanwhile.
                Outcome::Kept => {}
                Outcome::Refused(_) => return Err(failed(Errno::PERM)),
            }
        }
        Err(failed(Errno::EXIST))
    }

    fn copy(&self, file: &LiveFile, place: DirectoryId, free: Vec<u8>) -> Result<Outcome, CopyError> {
        let bytes = file.bytes();
        let kind = EntryKind::File { size: bytes, content: Content::EMPTY, sha256: None };
        let entry = Entry { name: free, kind, mode: 0o600, mtime: file.mtime(), ..Entry::default() };
        let Some(copy) = self.target.create_file(place, &entry)? else { return Ok(Outcome::Kept) };
        let (mut buffer, mut offset) = (vec![0; BUFFER_BYTES], 0);
        while offset < bytes {
            let wanted = (bytes - offset).min(BUFFER_BYTES as u64) as usize;
            let read = read(file, offset, &mut buffer[..wanted])?;
            if read == 0 {
                break;
            }
            copy.write_at(offset, &buffer[..read])?;
            offset += read as u64;
        }
        Ok(copy.finish(&entry)?)
    }

    /// Makes another of what has no content.
    fn make(
        &self,
        live: &LiveFolder,
        name: &[u8],
        (place, free): (DirectoryId, Vec<u8>),
        mark: &Mark,
    ) -> Result<Outcome, CopyError> {
        let kind = match mark.kind {
            FileType::Symlink => EntryKind::Symlink { target: live.link_target(name)? },
            FileType::Fifo => EntryKind::Fifo,
            FileType::Socket => EntryKind::Socket,
            _ => return Err(Errno::OPNOTSUPP.into()),
        };
        let entry = Entry { name: free, kind, mode: 0o600, mtime: mark.mtime, ..Entry::default() };
        Ok(self.target.make_special(place, &entry)?)
    }
}

/// Removes what lies at a path: a file, a link or the like while it is what the mark says, or an empty folder.
pub fn remove(tree: &LiveTree, path: &[u8], mark: &Mark) -> Result<(), EvidenceError> {
    let (folder, name) = split(path);
    let failed = |source| EvidenceError::Move { path: TreePath::new(path), source };
    let Some(live) = tree.folder(folder)? else { return Ok(()) };
    let flags = if mark.is_folder() { AtFlags::REMOVEDIR } else { AtFlags::empty() };
    match live.mark(name).map_err(failed)? {
        None => return Ok(()),
        Some(now) if mark.is_folder() && now.is_folder() => {}
        Some(now) if now == *mark => {}
        Some(_) => return Err(EvidenceError::Changed(TreePath::new(path))),
    }
    match unlinkat(live.handle(), name, flags) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(Errno::NOTEMPTY | Errno::EXIST) => Err(EvidenceError::Folder(TreePath::new(path))),
        Err(source) => Err(failed(source)),
    }
}

/// Tells whether a path is in a tree, or would be if it were made; by what it leads to, not by how it is spelt.
pub fn is_inside(path: &Path, tree: &LiveTree) -> Result<bool, Errno> {
    let top = tree.identity()?;
    let absolute = std::path::absolute(path).map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::INVAL))?;
    let nearest = absolute.ancestors().find_map(|above| openat(CWD, above, DIRECTORY, Mode::empty()).ok());
    let mut folder = nearest.ok_or(Errno::NOENT)?;
    loop {
        let stat = fstat(&folder)?;
        let here = (stat.st_dev, stat.st_ino);
        if here == top {
            return Ok(true);
        }
        let above = openat(&folder, c"..", DIRECTORY, Mode::empty())?;
        let stat = fstat(&above)?;
        if (stat.st_dev, stat.st_ino) == here {
            return Ok(false);
        }
        folder = above;
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

/// Tells whether a file has the bytes of what is kept under a name.
fn is_same(file: &LiveFile, kept: &LiveFolder, name: &[u8]) -> Result<bool, Errno> {
    let copy = kept.file(name)?;
    let (mut one, mut other, mut offset) = (vec![0; BUFFER_BYTES], vec![0; BUFFER_BYTES], 0);
    loop {
        let read_one = read(file, offset, &mut one)?;
        let read_other = read(&copy, offset, &mut other[..read_one.max(1)])?;
        if read_one != read_other || one[..read_one] != other[..read_one] {
            return Ok(false);
        }
        if read_one == 0 {
            return Ok(true);
        }
        offset += read_one as u64;
    }
}

fn read(file: &LiveFile, offset: u64, into: &mut [u8]) -> Result<usize, Errno> {
    file.read_at(offset, into).map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))
}

/// Tells whether two things without content are alike: links that point to one place, or fifos, or sockets.
fn same_target(live: &LiveFolder, name: &[u8], kept: &LiveFolder, free: &[u8]) -> bool {
    match (live.link_target(name), kept.link_target(free)) {
        (Ok(one), Ok(other)) => one == other,
        (Err(_), Err(_)) => true,
        _ => false,
    }
}

/// Returns a name, with a number behind it from the second on.
fn numbered(name: &[u8], number: u32) -> Vec<u8> {
    if number == 0 { name.to_vec() } else { [name, format!(".{number}").as_bytes()].concat() }
}
