//! A directory that is being filled: files, directories and all the rest are made below it, never outside.
//!
//! Each name is one component, checked, and reached through its directory's descriptor. What is made gets a temporary
//! name first, then its attributes, then its own name by a rename: whoever looks sees nothing or the whole. What a process
//! that was killed left under a temporary name, `.beffroi-` and 16 digits, is removed from every directory that is entered again.
//!
//! # Invariants
//!
//! - No call takes a path of several components below the target, and none follows a symbolic link.
//! - Whatever gets an owner or a mode is named by a descriptor, so that nobody can put another thing in its place.
//! - The table's lock is held over no system call.
#![expect(clippy::disallowed_methods, reason = "the directories above the target are made here")]

mod attributes;
mod beneath;
mod error;
mod file;
mod owners;
mod special;
mod table;
mod temporary;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, openat, statat};
use rustix::io::Errno;
use vault::tree::{Entry, EntryKind};

use crate::TreePath;
use crate::live::Mark;

use attributes::{Subject, Wishes};
use table::Table;

pub(crate) use attributes::{XATTR_LIST_BYTES_MAX, attribute_names, descriptor_path};
pub use beneath::{Beneath, DIRECTORY, is_component};
pub use error::{Attribute, AttributeWarning, TargetError};
pub use file::FileInProgress;
pub use owners::{OwnerNames, Owners};
pub use table::DirectoryId;
pub(crate) use temporary::sweep;

/// A directory that is being filled. Clones share everything; all methods may be called from several threads.
#[derive(Clone)]
pub struct Target(Arc<Shared>);

struct Shared {
    root: Arc<OwnedFd>,
    beneath: Beneath,
    overwrite: Overwrite,
    owners: Owners,
    table: Mutex<Table>,
    expected: Option<Arc<Expected>>,
}

/// What lies under the paths that may be replaced, nothing where nothing does. Whatever else is there was put there since, and stays.
pub type Expected = HashMap<Vec<u8>, Option<Mark>>;

/// What happens to a file that is already there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Overwrite {
    /// It stays as it is.
    Never,
    /// It is replaced, whatever it is, unless it is a directory and the new one is not.
    Always,
}

/// What became of an entry.
#[derive(PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It is in its place; the list tells which attributes it lacks.
    Written(Vec<AttributeWarning>),
    /// Something of the same type was there and was not touched.
    Kept,
    /// The system does not let this user make such a thing; nothing was made.
    Refused(AttributeWarning),
}

impl Target {
    /// Opens the directory at `path`, making it and those above it where they are missing; sets owners by number.
    ///
    /// The path is the user's own: symbolic links in it are followed.
    pub fn open(path: &Path, overwrite: Overwrite) -> Result<Self, TargetError> {
        Self::open_with_owners(path, overwrite, Owners::ByNumber)
    }

    /// Opens as [`Self::open`] does, with another rule for owners.
    pub fn open_with_owners(path: &Path, overwrite: Overwrite, owners: Owners) -> Result<Self, TargetError> {
        Self::open_through(path, overwrite, owners, Beneath::probe)
    }

    /// Opens for a repair: what is there is replaced if it is what is expected, and nothing else.
    pub fn open_for_repair(path: &Path, owners: Owners, expected: Arc<Expected>) -> Result<Self, TargetError> {
        let mut opened = Self::open_through(path, Overwrite::Always, owners, Beneath::probe)?;
        if let Some(shared) = Arc::get_mut(&mut opened.0) {
            shared.expected = Some(expected);
        }
        Ok(opened)
    }

    /// Makes the directory `name` in `parent`, with mode 0700, or takes the real directory of that name.
    ///
    /// With [`Overwrite::Always`] anything else of that name is removed first. Adding one twice gives two ids for it.
    pub fn add_directory(&self, parent: DirectoryId, name: &[u8]) -> Result<DirectoryId, TargetError> {
        let shared = &self.0;
        let name = shared.component(parent, name)?;
        let parent_fd = shared.handle(parent)?;
        let fail = |errno| shared.error(errno, parent, name);
        let opened = match self.make_directory(&parent_fd, name).map_err(fail)? {
            Made::New => None,
            Made::Taken(fd) => Some(Arc::new(fd)),
        };
        let created = opened.is_none();
        let must_strip = created && shared.table().traits(parent).inherits;
        let inherits = opened.as_deref().is_some_and(attributes::has_default_acl);
        let id = shared
            .table()
            .add(parent, name, created, inherits)
            .ok_or_else(|| TargetError::TooManyDirectories(shared.path(parent, name)))?;
        if let Some(fd) = opened {
            temporary::sweep(&fd);
            shared.table().remember(id, &fd);
        }
        if must_strip {
            attributes::remove_acls(&*shared.handle(id)?).map_err(fail)?;
        }
        Ok(id)
    }

    /// Makes the directory of an entry in `parent`, which has the entry's attributes from the start, or takes the real directory of that
    /// name. Nothing is removed for it. Its owner may enter and fill it until [`Self::finish_directory`].
    pub fn add_directory_of(&self, parent: DirectoryId, entry: &Entry) -> Result<DirectoryId, TargetError> {
        let shared = &self.0;
        let name = shared.component(parent, &entry.name)?;
        let parent_fd = shared.handle(parent)?;
        let fail = |errno| shared.error(errno, parent, name);
        let opened = match shared.beneath.open(&parent_fd, name, DIRECTORY, Mode::empty()) {
            Err(Errno::NOENT) => None,
            other => Some(other.map_err(fail)?),
        };
        let (fd, created) = match opened {
            Some(fd) => (fd, false),
            None => self.place_directory((parent, &parent_fd), name, entry).map_err(fail)?,
        };
        let inherits = attributes::has_default_acl(&fd);
        let id = shared
            .table()
            .add(parent, name, created, inherits)
            .ok_or_else(|| TargetError::TooManyDirectories(shared.path(parent, name)))?;
        if !created {
            temporary::sweep(&fd);
        }
        shared.table().remember(id, &Arc::new(fd));
        Ok(id)
    }

    /// Makes a directory under a temporary name, gives it its attributes and then its name; takes the one that came meanwhile.
    fn place_directory(
        &self,
        (parent, parent_fd): (DirectoryId, &Arc<OwnedFd>),
        name: &[u8],
        entry: &Entry,
    ) -> Result<(OwnedFd, bool), Errno> {
        let shared = &self.0;
        let make = |directory: &OwnedFd, name: &[u8]| rustix::fs::mkdirat(directory, name, Mode::RWXU);
        let (temporary, ()) = temporary::Temporary::create(parent_fd, make)?;
        let fd = shared.beneath.open(parent_fd, temporary.name(), DIRECTORY, Mode::empty())?;
        if shared.table().traits(parent).inherits {
            attributes::remove_acls(&fd)?;
        }
        let entered = Entry { mode: entry.mode | Mode::RWXU.as_raw_mode(), ..entry.clone() };
        // What it lacks is told when it is finished.
        attributes::apply(Subject::Open(&fd), &shared.wishes(&entered, false))?;
        match temporary.place(name, Overwrite::Never) {
            Ok(()) => Ok((fd, true)),
            Err(Errno::EXIST) => Ok((shared.beneath.open(parent_fd, name, DIRECTORY, Mode::empty())?, false)),
            Err(errno) => Err(errno),
        }
    }

    /// Returns the open directory. At most half of this process's descriptors stay open besides those that callers hold.
    pub fn handle(&self, id: DirectoryId) -> Result<Arc<OwnedFd>, TargetError> {
        self.0.handle(id)
    }

    /// Tells whether this target made the directory.
    pub fn is_new(&self, id: DirectoryId) -> bool {
        id != DirectoryId::ROOT && self.0.table().traits(id).created
    }

    /// Returns the directory's path from the target's root.
    pub fn path(&self, id: DirectoryId) -> TreePath {
        self.0.table().path(id)
    }

    /// Begins a regular file in `directory`, under a temporary name.
    ///
    /// Returns `None` if a file of that name is there and must be kept. Dropping the file unfinished removes it.
    pub fn create_file(&self, directory: DirectoryId, entry: &Entry) -> Result<Option<FileInProgress>, TargetError> {
        FileInProgress::create(&self.0, directory, entry)
    }

    /// Writes a regular file whose whole content is at hand.
    pub fn write_whole(&self, directory: DirectoryId, entry: &Entry, bytes: &[u8]) -> Result<Outcome, TargetError> {
        file::write_whole(&self.0, directory, entry, bytes)
    }

    /// Makes a symbolic link, a fifo, a socket or a device.
    pub fn make_special(&self, directory: DirectoryId, entry: &Entry) -> Result<Outcome, TargetError> {
        special::make(&self.0, directory, entry)
    }

    /// Makes `to` another name of the file `from`; a symbolic link is linked itself, not what it points to.
    ///
    /// [`TargetError::NotLinkable`] means that the file system cannot: the caller may write the content again.
    pub fn link(&self, from: (DirectoryId, &[u8]), to: (DirectoryId, &[u8])) -> Result<Outcome, TargetError> {
        special::link(&self.0, from, to)
    }

    /// Gives a directory its attributes. Call it when nothing more is made in it, deepest directories first.
    ///
    /// A directory that was there before gets them too; with [`Overwrite::Always`] it also loses the ACLs and `user.`
    /// attributes that the entry lacks. A made-up entry changes nothing.
    pub fn finish_directory(&self, id: DirectoryId, entry: &Entry) -> Result<Outcome, TargetError> {
        let shared = &self.0;
        if !entry.is_directory() {
            return Err(TargetError::WrongKind(self.path(id)));
        }
        if entry.made_up {
            return Ok(Outcome::Kept);
        }
        let fd = shared.handle(id)?;
        let reused = !shared.table().traits(id).created;
        let wishes = Wishes {
            entry,
            owners: &shared.owners,
            inherited_acl: false,
            only_these: reused && shared.overwrite == Overwrite::Always,
        };
        let flaws =
            attributes::apply(Subject::Open(&fd), &wishes).map_err(|errno| TargetError::of(errno, self.path(id)))?;
        if attributes::gives_default_acl(entry) {
            shared.table().set_inherits(id);
        }
        Ok(Outcome::written(flaws, || self.path(id)))
    }

    /// Waits until everything written so far on the target's file system would survive a power loss.
    pub fn sync(&self) -> Result<(), TargetError> {
        rustix::fs::syncfs(&self.0.root).map_err(|e| TargetError::of(e, TreePath::default()))
    }

    fn open_through(
        path: &Path,
        overwrite: Overwrite,
        owners: Owners,
        probe: impl FnOnce(&OwnedFd) -> Beneath,
    ) -> Result<Self, TargetError> {
        let fail = |errno| TargetError::of(errno, TreePath::new(path.as_os_str().as_bytes()));
        let created = make_root(path).map_err(fail)?;
        let root = openat(CWD, path, DIRECTORY, Mode::empty()).map_err(fail)?;
        let inherits = attributes::has_default_acl(&root);
        if !created {
            temporary::sweep(&root);
        }
        Ok(Self(Arc::new(Shared {
            beneath: probe(&root),
            root: Arc::new(root),
            overwrite,
            owners,
            table: Mutex::new(Table::new(created, inherits, table::open_max())),
            expected: None,
        })))
    }

    fn make_directory(&self, parent: &OwnedFd, name: &[u8]) -> Result<Made, Errno> {
        match rustix::fs::mkdirat(parent, name, Mode::RWXU) {
            Ok(()) => return Ok(Made::New),
            Err(Errno::EXIST) => {}
            Err(other) => return Err(other),
        }
        match self.0.beneath.open(parent, name, DIRECTORY, Mode::empty()) {
            Ok(fd) => Ok(Made::Taken(fd)),
            Err(Errno::NOTDIR | Errno::LOOP) if self.0.overwrite == Overwrite::Always && self.0.expected.is_none() => {
                // Without REMOVEDIR this removes no directory, and a symbolic link itself.
                rustix::fs::unlinkat(parent, name, AtFlags::empty())?;
                rustix::fs::mkdirat(parent, name, Mode::RWXU)?;
                Ok(Made::New)
            }
            Err(other) => Err(other),
        }
    }
}

impl Outcome {
    fn written(flaws: Vec<attributes::Flaw>, path: impl Fn() -> TreePath) -> Self {
        let warning = |flaw| AttributeWarning::of(flaw, path());
        Self::Written(flaws.into_iter().map(warning).collect())
    }
}

/// What an attempt to make a directory found.
enum Made {
    New,
    Taken(OwnedFd),
}

/// Whether a name is free for a new entry.
#[derive(PartialEq, Eq)]
enum Place {
    Free,
    Kept,
}

impl Shared {
    fn table(&self) -> MutexGuard<'_, Table> {
        // No method of the table can panic between two of its changes.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn handle(&self, id: DirectoryId) -> Result<Arc<OwnedFd>, TargetError> {
        let (mut fd, way) = self.table().nearest_open(id, &self.root).ok_or(TargetError::UnknownDirectory)?;
        for step in way.into_iter().rev() {
            let name = self.table().name(step).to_vec();
            let opened = self.beneath.open(&fd, &name, DIRECTORY, Mode::empty());
            fd = Arc::new(opened.map_err(|e| TargetError::of(e, self.table().path(step)))?);
            self.table().remember(step, &fd);
        }
        Ok(fd)
    }

    /// Returns `name` if it is one component that stays in its directory.
    fn component<'n>(&self, directory: DirectoryId, name: &'n [u8]) -> Result<&'n [u8], TargetError> {
        if beneath::is_component(name) {
            return Ok(name);
        }
        Err(TargetError::UnsafeName { directory: self.table().path(directory), name: TreePath::new(name) })
    }

    fn path(&self, directory: DirectoryId, name: &[u8]) -> TreePath {
        self.table().path(directory).join(name)
    }

    fn error(&self, errno: Errno, directory: DirectoryId, name: &[u8]) -> TargetError {
        TargetError::of(errno, self.path(directory, name))
    }

    fn wishes<'a>(&'a self, entry: &'a Entry, inherits: bool) -> Wishes<'a> {
        Wishes { entry, owners: &self.owners, inherited_acl: inherits, only_these: false }
    }

    /// Makes sure that what has a name is what may be replaced.
    fn check_expected(&self, directory: DirectoryId, fd: &OwnedFd, name: &[u8]) -> Result<(), TargetError> {
        let Some(expected) = &self.expected else { return Ok(()) };
        let path = self.path(directory, name);
        let now = Mark::of(fd, name).map_err(|errno| self.error(errno, directory, name))?;
        match expected.get(path.as_bytes()) {
            Some(known) if *known == now => Ok(()),
            _ => Err(TargetError::Changed(path)),
        }
    }

    /// Looks whether what has the entry's name stands in its way.
    fn look(&self, directory: DirectoryId, fd: &OwnedFd, entry: &Entry) -> Result<Place, TargetError> {
        let stat = match statat(fd, &entry.name[..], AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(Errno::NOENT) => return Ok(Place::Free),
            Err(errno) => return Err(self.error(errno, directory, &entry.name)),
        };
        let found = FileType::from_raw_mode(stat.st_mode);
        match self.overwrite {
            Overwrite::Always if found != FileType::Directory => Ok(Place::Free),
            Overwrite::Never if found == file_type(&entry.kind) => Ok(Place::Kept),
            _ => Err(TargetError::InTheWay(self.path(directory, &entry.name))),
        }
    }

    /// Like [`Self::look`], at no cost in a directory that is known to hold only what was put into it.
    fn look_if_needed(
        &self,
        directory: DirectoryId,
        fd: &OwnedFd,
        entry: &Entry,
        created: bool,
    ) -> Result<Place, TargetError> {
        if created {
            return Ok(Place::Free);
        }
        self.look(directory, fd, entry)
    }
}

pub(crate) fn file_type(kind: &EntryKind) -> FileType {
    match kind {
        EntryKind::File { .. } => FileType::RegularFile,
        EntryKind::Directory { .. } => FileType::Directory,
        EntryKind::Symlink { .. } => FileType::Symlink,
        EntryKind::Fifo => FileType::Fifo,
        EntryKind::Socket => FileType::Socket,
        EntryKind::CharDevice { .. } => FileType::CharacterDevice,
        EntryKind::BlockDevice { .. } => FileType::BlockDevice,
    }
}

/// Makes the target's directory and those above; tells whether it is new.
fn make_root(path: &Path) -> Result<bool, Errno> {
    if openat(CWD, path, DIRECTORY | OFlags::PATH, Mode::empty()).is_ok() {
        return Ok(false);
    }
    if let Some(above) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        std::fs::create_dir_all(above).map_err(|e| Errno::from_io_error(&e).unwrap_or(Errno::IO))?;
    }
    match rustix::fs::mkdirat(CWD, path, Mode::RWXU) {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        Err(errno) => Err(errno),
    }
}
