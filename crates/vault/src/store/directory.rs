//! A store in a directory: local disks, USB disks, mounted network shares.
//!
//! An object's life, and what a crash leaves:
//!
//! | step | after a crash |
//! | --- | --- |
//! | `.tmp-…` is created beside the object's place and written | a leftover, or nothing |
//! | the file is flushed | a leftover, or nothing |
//! | it takes the object's name, if that is free | the whole object, the leftover, or nothing |
//! | `commit` flushes the directories | the whole object |
//!
//! Whoever writes a leftover-to-be holds a lock (`flock`) on it until it has its name, and the kernel takes the lock back
//! from the dead: so the living are told from the dead when leftovers are erased.
//!
//! The file is flushed before it is named: a name never shows bytes that the medium does not hold, on any file
//! system, whatever it reorders. Directories are flushed by `commit` only, each once, however many objects they
//! received.
//!
//! Invariants:
//! - Every folder below the vault's is opened one name at a time, following no symbolic link: nobody who may write
//!   into the vault can make this program write elsewhere.
//! - Nothing replaces a file, ever.
//! - After a flush failed, nothing is written until the store is opened again.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{self, AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::{Erase, Put, Store, StoreError, admit, check_length, holds, lock};
use crate::name::{Folder, ObjectName};
use failure::Failure;
use layout::Location;
use ledger::Ledger;
use writing::Method;

mod failure;
mod layout;
mod ledger;
mod leftovers;
#[cfg(test)]
mod tests;
mod writing;

/// What a store in a directory may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DirectoryAccess {
    /// Read only: every write is [`StoreError::ReadOnly`].
    ReadOnly,
    /// Read and write.
    ReadWrite,
}

/// Objects as files of a directory, laid out as `docs/format.md` §1 says.
#[derive(Debug)]
pub struct DirectoryStore {
    path: PathBuf,
    root: OwnedFd,
    access: DirectoryAccess,
    /// Directories that hold names which are not durable yet.
    ledger: Mutex<Ledger>,
    /// Held during a commit: who finds the ledger empty must not return before the flush that emptied it has.
    committing: Mutex<()>,
    poisoned: AtomicBool,
    /// The first way of naming a file that is tried; tests begin further down.
    method: Method,
    /// The kernel opens a whole path at once without following links.
    opens_paths: bool,
}

impl DirectoryStore {
    /// Opens a vault's directory.
    ///
    /// Whether there is a vault in it is not asked. A path that is no folder is [`StoreError::NoFolder`].
    pub fn open(path: impl Into<PathBuf>, access: DirectoryAccess) -> Result<Self, StoreError> {
        let path = path.into();
        let root = open_folder(&path)?;
        // Linux 5.6; some sandboxes answer EPERM to what they do not know.
        let opens_paths = fs::openat2(&root, ".", DIRECTORY_FLAGS, Mode::empty(), WITHOUT_LINKS).is_ok();
        Ok(Self {
            path,
            root,
            access,
            ledger: Mutex::default(),
            committing: Mutex::default(),
            poisoned: AtomicBool::new(false),
            method: Method::RenameWithoutReplacing,
            opens_paths,
        })
    }

    /// Makes a directory for a new vault and opens it for writing.
    ///
    /// The folder above must exist ([`StoreError::NoFolder`]); the directory itself must not, or be empty
    /// ([`StoreError::NotEmpty`]). The `lost+found` of a fresh file system does not count, nor do the unfinished writes of a
    /// process that died.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let path = path.into();
        match fs::mkdirat(CWD, &path, DIRECTORY_MODE) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(folder_failure(&path, errno)),
        }
        let store = Self::open(path, DirectoryAccess::ReadWrite)?;
        for file in store.names_in("", &store.root)? {
            if file != "lost+found" && !layout::is_temporary(&file) {
                let place = store.place("");
                return Err(StoreError::NotEmpty { place });
            }
        }
        // The directory's own name is part of what a commit promises.
        let above = fs::openat(&store.root, "..", DIRECTORY_FLAGS, Mode::empty());
        let flushed = above.and_then(|above| writing::flush_directory(&above));
        flushed.map_err(|errno| store.failure("..", errno))?;
        Ok(store)
    }

    fn check_writable(&self) -> Result<(), StoreError> {
        let place = || self.place("");
        if self.access == DirectoryAccess::ReadOnly {
            return Err(StoreError::ReadOnly { place: place() });
        }
        if self.poisoned.load(Ordering::Acquire) {
            return Err(StoreError::Poisoned { place: place() });
        }
        Ok(())
    }

    /// Makes the next commit flush a directory where objects were found: a process that died may have named them
    /// without flushing, and what is put next may count on them.
    fn rely_on(&self, path: &str) {
        if self.access == DirectoryAccess::ReadWrite {
            lock(&self.ledger).record(path);
        }
    }

    /// Names something below the vault's directory for people.
    fn place(&self, relative: &str) -> String {
        self.path.join(relative).display().to_string()
    }

    fn failure(&self, relative: &str, errno: Errno) -> Failure {
        Failure::new(self.place(relative), errno.into())
    }

    /// Opens a folder below the vault's; `None` where there is none.
    fn directory(&self, path: &str) -> Result<Option<OwnedFd>, Failure> {
        let mut directory = self.open_below(&self.root, ".", path)?;
        for (above, component) in layout::steps(path) {
            match fs::openat(&directory, component, DIRECTORY_FLAGS, Mode::empty()) {
                Ok(next) => directory = next,
                Err(Errno::NOENT) => return Ok(None),
                Err(errno) => return Err(self.failure(&layout::join(above, component), errno)),
            }
        }
        Ok(Some(directory))
    }

    fn open_below(&self, above: &OwnedFd, name: &str, path: &str) -> Result<OwnedFd, Failure> {
        fs::openat(above, name, DIRECTORY_FLAGS, Mode::empty()).map_err(|errno| self.failure(path, errno))
    }

    /// Returns the length of a plain file; `None` for anything else, or nothing.
    fn length_of(&self, directory: &OwnedFd, path: &str, file: &str) -> Result<Option<u64>, Failure> {
        match fs::statat(directory, file, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) if is_file(&stat) => Ok(Some(stat.st_size as u64)),
            Ok(_) | Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(self.failure(&layout::join(path, file), errno)),
        }
    }

    /// Returns the names in a directory that are text: all that means something here is.
    fn names_in(&self, path: &str, directory: &OwnedFd) -> Result<Vec<String>, Failure> {
        let failure = |errno| self.failure(path, errno);
        let mut names = Vec::new();
        for entry in fs::Dir::read_from(directory).map_err(failure)? {
            let entry = entry.map_err(failure)?;
            match entry.file_name().to_str() {
                Ok("." | "..") | Err(_) => {}
                Ok(name) => names.push(name.to_string()),
            }
        }
        Ok(names)
    }

    /// Calls `visit` with every directory that holds objects of the folder.
    ///
    /// A link or file in the place of such a directory is an error: objects that nobody can reach must not look like
    /// objects that are not there.
    fn visit_directories(
        &self,
        folder: &Folder,
        visit: &mut dyn FnMut(&str, &OwnedFd) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let path = folder.to_string();
        let Some(directory) = self.directory(&path)? else {
            return Ok(());
        };
        if !layout::is_fanned_out(folder) {
            return visit(&path, &directory);
        }
        for name in self.names_in(&path, &directory)? {
            if layout::is_fan(folder, &name) {
                let path = layout::join(&path, &name);
                visit(&path, &self.open_below(&directory, &name, &path)?)?;
            }
        }
        Ok(())
    }

    /// Opens an object for reading and returns its length in bytes.
    fn open_object(&self, name: &ObjectName) -> Result<(File, u64), StoreError> {
        let location = Location::of(name);
        let file = match self.open_at_once(&location) {
            Some(file) => file,
            None => self.open_in_steps(&location)?.ok_or(StoreError::NotFound { name: *name })?,
        };
        let stat = fs::fstat(&file).map_err(|errno| self.failure(&location.path(), errno))?;
        if !is_file(&stat) {
            let place = self.place(&location.path());
            return Err(StoreError::InTheWay { place });
        }
        let length_bytes = stat.st_size as u64;
        check_length(name, length_bytes)?;
        Ok((File::from(file), length_bytes))
    }

    /// Opens a file with one call where the kernel can. A restore opens a pack for every stretch that it reads: step by
    /// step that was measured at six calls each, a tenth of its time for small files.
    fn open_at_once(&self, location: &Location) -> Option<OwnedFd> {
        let open = || fs::openat2(&self.root, location.path(), READ_FLAGS, Mode::empty(), WITHOUT_LINKS);
        self.opens_paths.then(open)?.ok()
    }

    /// Opens a file name by name, and can tell which of them is in the way.
    fn open_in_steps(&self, location: &Location) -> Result<Option<OwnedFd>, Failure> {
        let Some(directory) = self.directory(&location.folder)? else { return Ok(None) };
        match fs::openat(&directory, &location.file, READ_FLAGS, Mode::empty()) {
            Ok(file) => Ok(Some(file)),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(self.failure(&location.path(), errno)),
        }
    }

    fn read(&self, name: &ObjectName, file: &File, offset: u64, buffer: &mut [u8]) -> Result<(), StoreError> {
        match file.read_exact_at(buffer, offset) {
            Ok(()) => Ok(()),
            // Somebody made the file shorter after its length was read.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(StoreError::Short { name: *name, length_bytes: offset })
            }
            Err(error) => Err(Failure::new(self.place(&Location::of(name).path()), error).into()),
        }
    }
}

impl Store for DirectoryStore {
    fn put(&self, name: &ObjectName, bytes: &[u8]) -> Result<Put, StoreError> {
        self.check_writable()?;
        admit(name, bytes)?;
        self.write(&Location::of(name), bytes).map_err(|failure| failure.writing(name))
    }

    fn commit(&self) -> Result<(), StoreError> {
        if self.access == DirectoryAccess::ReadOnly {
            return Ok(());
        }
        let _turn = lock(&self.committing);
        self.check_writable()?;
        let dirty = lock(&self.ledger).take();
        for path in &dirty {
            if let Err(failure) = self.flush(path) {
                self.poisoned.store(true, Ordering::Release);
                return Err(failure.into());
            }
        }
        lock(&self.ledger).settle(dirty);
        Ok(())
    }

    fn get(&self, name: &ObjectName) -> Result<Vec<u8>, StoreError> {
        let (file, length_bytes) = self.open_object(name)?;
        // At most OBJECT_BYTES_MAX.
        let mut object = vec![0; length_bytes as usize];
        self.read(name, &file, 0, &mut object)?;
        Ok(object)
    }

    fn get_range(&self, name: &ObjectName, offset: u64, bytes: usize) -> Result<Vec<u8>, StoreError> {
        let mut read = Vec::new();
        self.read_range(name, offset, bytes, &mut read)?;
        Ok(read)
    }

    fn read_range(&self, name: &ObjectName, offset: u64, bytes: usize, buffer: &mut Vec<u8>) -> Result<(), StoreError> {
        let (file, length_bytes) = self.open_object(name)?;
        if !holds(length_bytes, offset, bytes) {
            let name = *name;
            return Err(StoreError::Short { name, length_bytes });
        }
        // New memory comes zeroed from the system; what is there already need not be zeroed again.
        if buffer.capacity() < bytes {
            *buffer = vec![0; bytes]
        } else {
            buffer.resize(bytes, 0)
        }
        self.read(name, &file, offset, buffer)
    }

    fn head(&self, name: &ObjectName) -> Result<Option<u64>, StoreError> {
        let location = Location::of(name);
        match self.directory(&location.folder)? {
            Some(directory) => Ok(self.length_of(&directory, &location.folder, &location.file)?),
            None => Ok(None),
        }
    }

    fn list(&self, folder: &Folder, visit: &mut dyn FnMut(ObjectName, u64)) -> Result<(), StoreError> {
        self.visit_directories(folder, &mut |path, directory| {
            for file in self.names_in(path, directory)? {
                let Some(name) = layout::name_of(folder, path, &file) else {
                    continue;
                };
                if let Some(length_bytes) = self.length_of(directory, path, &file)? {
                    self.rely_on(path);
                    visit(name, length_bytes);
                }
            }
            Ok(())
        })
    }
}

impl Erase for DirectoryStore {
    fn erase(&self, name: &ObjectName) -> Result<(), StoreError> {
        self.check_writable()?;
        let location = Location::of(name);
        let Some(directory) = self.directory(&location.folder)? else {
            return Ok(());
        };
        match fs::unlinkat(&directory, &location.file, AtFlags::empty()) {
            Ok(()) => lock(&self.ledger).record(&location.folder),
            Err(Errno::NOENT) => {}
            Err(errno) => return Err(self.failure(&location.path(), errno).into()),
        }
        Ok(())
    }
}

/// Opens the vault's own folder, which a person chose: links on the way to it are followed.
fn open_folder(path: &Path) -> Result<OwnedFd, StoreError> {
    let flags = DIRECTORY_FLAGS.difference(OFlags::NOFOLLOW);
    fs::openat(CWD, path, flags, Mode::empty()).map_err(|errno| folder_failure(path, errno))
}

fn folder_failure(path: &Path, errno: Errno) -> StoreError {
    let place = path.display().to_string();
    match errno {
        Errno::NOENT | Errno::NOTDIR => StoreError::NoFolder { place },
        _ => Failure::new(place, errno.into()).into(),
    }
}

fn is_file(stat: &fs::Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode).is_file()
}

const DIRECTORY_FLAGS: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Without blocking: a fifo in the place of an object must not hold a reader up.
const READ_FLAGS: OFlags =
    OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

const DIRECTORY_MODE: Mode = Mode::RWXU;

const WITHOUT_LINKS: ResolveFlags =
    ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);
