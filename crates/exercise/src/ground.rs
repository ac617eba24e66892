//! The copy's tree, through descriptors: no path of several components reaches the kernel, and no link is followed.
//!
//! Each step goes down by one checked name, within one mount. What is reached is in the copy, or nothing is.

use std::fs::File;
use std::os::fd::OwnedFd;

use restore::TreePath;
use restore::target::{Beneath, DIRECTORY, is_component};
use rustix::fs::{
    AtFlags, Dir, FileType, Mode, OFlags, RenameFlags, Stat, Timespec, Timestamps, fchmod, fstat, mkdirat, renameat,
    renameat_with, statat, unlinkat, utimensat,
};
use rustix::io::Errno;
use thiserror::Error;

use crate::Sandbox;

/// The tree of a sandbox's copy.
pub(crate) struct Ground {
    root: OwnedFd,
    beneath: Beneath,
    device: u64,
}

/// A regular file of the copy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Found {
    pub(crate) path: TreePath,
    pub(crate) identity: Identity,
    pub(crate) bytes: u64,
    pub(crate) times: FileTimes,
}

/// Device and inode number.
pub(crate) type Identity = (u64, u64);

/// Seconds and nanoseconds since 1970.
pub(crate) type Moment = (i64, u32);

/// Times that can be set.
#[derive(Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, Debug)]
pub(crate) struct FileTimes {
    pub(crate) accessed: Moment,
    pub(crate) modified: Moment,
}

/// Something of the copy that could not be reached or changed.
#[derive(Debug, Error)]
pub enum GroundError {
    /// It is not one that leads down from the copy's top.
    #[error("{0} does not lead to anything below the copy")]
    Unsafe(TreePath),
    /// What lies there is not of the copy's own device, or no regular file.
    #[error("{0} is not a regular file of the copy")]
    Foreign(TreePath),
    /// It has names that are not in the copy.
    #[error("{0} has names elsewhere")]
    LinkedElsewhere(TreePath),
    /// It is larger than the exercise touches.
    #[error("{path} is too large for the exercise: {bytes} bytes")]
    TooLarge {
        /// What.
        path: TreePath,
        /// How large.
        bytes: u64,
    },
    /// The system refused.
    #[error("{path} could not be {deed}")]
    System {
        /// What was tried, as in "could not be …".
        deed: &'static str,
        /// With what.
        path: TreePath,
        /// Why not.
        #[source]
        source: Errno,
    },
}

/// What a walk found.
#[derive(Default)]
pub(crate) struct Listing {
    /// Regular files by name, each folder's where its name stands.
    pub(crate) files: Vec<Found>,
    /// Folders, the top one first, each before what is in it.
    pub(crate) folders: Vec<TreePath>,
    /// What could not be looked into.
    pub(crate) unreached: Vec<GroundError>,
}

impl Ground {
    pub(crate) fn open(sandbox: &Sandbox) -> Result<Self, GroundError> {
        let top = TreePath::default();
        let fail = system("opened", &top);
        let folder = sandbox.folder_handle();
        let root = Beneath::probe(folder).open(folder, Sandbox::COPY, DIRECTORY, Mode::empty()).map_err(&fail)?;
        let device = fstat(&root).map_err(&fail)?.st_dev;
        Ok(Self { beneath: Beneath::probe(&root).within_one_mount(), root, device })
    }

    /// Lists the regular files and the folders.
    pub(crate) fn list(&self) -> Result<Listing, GroundError> {
        let mut listing = Listing::default();
        let mut waiting = vec![(TreePath::default(), true)];
        while let Some((path, is_folder)) = waiting.pop() {
            if !is_folder {
                match self.stat(&path) {
                    Ok(stat) if is_regular(&stat) => listing.files.push(found(path, &stat)),
                    Ok(_) => {}
                    Err(error) => listing.unreached.push(error),
                }
                continue;
            }
            match self.names(&path) {
                Ok(names) => {
                    waiting.extend(names.into_iter().rev().map(|(name, is_folder)| (path.join(&name), is_folder)));
                    listing.folders.push(path);
                }
                Err(error) if path.as_bytes().is_empty() => return Err(error),
                Err(error) => listing.unreached.push(error),
            }
        }
        Ok(listing)
    }

    /// Returns what lies at a path, a link itself.
    pub(crate) fn stat(&self, path: &TreePath) -> Result<Stat, GroundError> {
        if path.as_bytes().is_empty() {
            return fstat(&self.root).map_err(system("looked at", path));
        }
        let (folder, name) = self.parent(path)?;
        statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW).map_err(system("looked at", path))
    }

    /// Tells whether nothing has this path.
    pub(crate) fn is_free(&self, path: &TreePath) -> Result<bool, GroundError> {
        match self.stat(path) {
            Ok(_) => Ok(false),
            Err(GroundError::System { source: Errno::NOENT, .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Opens a regular file for reading and writing, also one that its mode protects from its owner.
    pub(crate) fn open_file(&self, path: &TreePath) -> Result<File, GroundError> {
        let (folder, name) = self.parent(path)?;
        let fail = system("opened", path);
        let open = |access: OFlags| {
            // A fifo in a file's place must not hold the exercise up.
            let opened = self.beneath.open(&folder, name, access | OFlags::NONBLOCK | OFlags::NOCTTY, Mode::empty())?;
            fstat(&opened).map(|stat| (opened, stat))
        };
        let (opened, stat) = match open(OFlags::RDWR) {
            Err(Errno::ACCESS) => {
                let (read_only, stat) = open(OFlags::RDONLY).map_err(&fail)?;
                self.own(path, &stat)?;
                let mode = Mode::from_raw_mode(stat.st_mode);
                fchmod(&read_only, mode | Mode::WUSR).map_err(&fail)?;
                let opened = open(OFlags::RDWR);
                fchmod(&read_only, mode).map_err(&fail)?;
                opened.map_err(&fail)?
            }
            other => other.map_err(&fail)?,
        };
        self.own(path, &stat)?;
        Ok(File::from(opened))
    }

    /// Makes a file that was not there.
    pub(crate) fn create_file(&self, path: &TreePath, mode: Mode) -> Result<File, GroundError> {
        let (folder, name) = self.parent(path)?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL;
        let made = self.beneath.open(&folder, name, flags, mode).map_err(system("made", path))?;
        Ok(File::from(made))
    }

    pub(crate) fn make_folder(&self, path: &TreePath) -> Result<(), GroundError> {
        let (folder, name) = self.parent(path)?;
        mkdirat(&folder, name, Mode::from_raw_mode(0o755)).map_err(system("made", path))
    }

    /// Gives what has one path another, which must be free.
    pub(crate) fn rename(&self, from: &TreePath, to: &TreePath) -> Result<(), GroundError> {
        let ((old, old_name), (new, new_name)) = (self.parent(from)?, self.parent(to)?);
        let renamed = renameat_with(&old, old_name, &new, new_name, RenameFlags::NOREPLACE);
        renamed.map_err(system("renamed", from))
    }

    /// Gives what has one path another, in the place of what was there.
    pub(crate) fn rename_over(&self, from: &TreePath, to: &TreePath) -> Result<(), GroundError> {
        let ((old, old_name), (new, new_name)) = (self.parent(from)?, self.parent(to)?);
        renameat(&old, old_name, &new, new_name).map_err(system("renamed", from))
    }

    /// Takes a file out of the copy into a folder beside it.
    pub(crate) fn move_out(&self, path: &TreePath, beside: &OwnedFd, name: &str) -> Result<(), GroundError> {
        let (folder, old_name) = self.parent(path)?;
        let moved = renameat_with(&folder, old_name, beside, name, RenameFlags::NOREPLACE);
        moved.map_err(system("set aside", path))
    }

    /// Brings back what was taken out.
    pub(crate) fn move_in(&self, beside: &OwnedFd, name: &str, path: &TreePath) -> Result<(), GroundError> {
        let (folder, new_name) = self.parent(path)?;
        renameat(beside, name, &folder, new_name).map_err(system("brought back", path))
    }

    /// Removes a name that is not a folder's.
    pub(crate) fn remove(&self, path: &TreePath) -> Result<(), GroundError> {
        let (folder, name) = self.parent(path)?;
        unlinkat(&folder, name, AtFlags::empty()).map_err(system("removed", path))
    }

    /// Removes a folder with nothing in it.
    pub(crate) fn remove_folder(&self, path: &TreePath) -> Result<(), GroundError> {
        let (folder, name) = self.parent(path)?;
        unlinkat(&folder, name, AtFlags::REMOVEDIR).map_err(system("removed", path))
    }

    pub(crate) fn set_times(&self, path: &TreePath, times: &FileTimes) -> Result<(), GroundError> {
        let fail = system("given its times", path);
        if path.as_bytes().is_empty() {
            return rustix::fs::futimens(&self.root, &times.timestamps()).map_err(fail);
        }
        let (folder, name) = self.parent(path)?;
        utimensat(&folder, name, &times.timestamps(), AtFlags::SYMLINK_NOFOLLOW).map_err(fail)
    }

    /// Opens a folder, the top one by an empty path.
    pub(crate) fn open_folder(&self, path: &TreePath) -> Result<OwnedFd, GroundError> {
        self.folder(path.as_bytes(), path)
    }

    /// Returns the folder that a path lies in, and its name there.
    fn parent<'p>(&self, path: &'p TreePath) -> Result<(OwnedFd, &'p [u8]), GroundError> {
        let (above, name) = split(path);
        if !is_component(name) {
            return Err(GroundError::Unsafe(path.clone()));
        }
        Ok((self.folder(above, path)?, name))
    }

    fn folder(&self, above: &[u8], path: &TreePath) -> Result<OwnedFd, GroundError> {
        let fail = system("reached", path);
        let mut folder = self.root.try_clone().map_err(|_| fail(Errno::MFILE))?;
        if above.is_empty() {
            return Ok(folder);
        }
        for step in above.split(|byte| *byte == b'/') {
            if !is_component(step) {
                return Err(GroundError::Unsafe(path.clone()));
            }
            folder = self.beneath.open(&folder, step, DIRECTORY, Mode::empty()).map_err(&fail)?;
        }
        if fstat(&folder).map_err(&fail)?.st_dev != self.device {
            return Err(GroundError::Foreign(path.clone()));
        }
        Ok(folder)
    }

    /// Lists a folder by name; tells which ones are folders.
    fn names(&self, path: &TreePath) -> Result<Vec<(Vec<u8>, bool)>, GroundError> {
        let fail = system("listed", path);
        let folder = self.folder(path.as_bytes(), path)?;
        let mut names = Vec::new();
        for entry in Dir::read_from(&folder).map_err(&fail)? {
            let entry = entry.map_err(&fail)?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            match statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => names.push((name.to_vec(), FileType::from_raw_mode(stat.st_mode) == FileType::Directory)),
                Err(Errno::NOENT) => {}
                Err(errno) => return Err(fail(errno)),
            }
        }
        names.sort();
        Ok(names)
    }

    fn own(&self, path: &TreePath, stat: &Stat) -> Result<(), GroundError> {
        if is_regular(stat) && stat.st_dev == self.device {
            return Ok(());
        }
        Err(GroundError::Foreign(path.clone()))
    }
}

impl FileTimes {
    pub(crate) fn of(stat: &Stat) -> Self {
        let nanoseconds = |n: u64| u32::try_from(n).unwrap_or(0);
        Self {
            accessed: (stat.st_atime, nanoseconds(stat.st_atime_nsec)),
            modified: (stat.st_mtime, nanoseconds(stat.st_mtime_nsec)),
        }
    }

    pub(crate) fn timestamps(&self) -> Timestamps {
        let timespec = |(seconds, nanoseconds): Moment| Timespec { tv_sec: seconds, tv_nsec: nanoseconds.into() };
        Timestamps { last_access: timespec(self.accessed), last_modification: timespec(self.modified) }
    }
}

/// Fails if a file has more names than are known in the copy: then somebody else would see it change.
pub(crate) fn check_names(file: &File, path: &TreePath, known: usize) -> Result<(), GroundError> {
    let stat = fstat(file).map_err(system("looked at", path))?;
    if usize::try_from(stat.st_nlink).is_ok_and(|names| names <= known) {
        return Ok(());
    }
    Err(GroundError::LinkedElsewhere(path.clone()))
}

/// Returns who a file is, whatever it is called.
pub(crate) fn identity(stat: &Stat) -> Identity {
    (stat.st_dev, stat.st_ino)
}

/// Returns the size of a file.
pub(crate) fn size(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}

/// Splits a path into the folder's, empty for the top, and the name.
pub(crate) fn split(path: &TreePath) -> (&[u8], &[u8]) {
    let bytes = path.as_bytes();
    match bytes.iter().rposition(|byte| *byte == b'/') {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (&[], bytes),
    }
}

/// Returns the path of another name in the same folder.
pub(crate) fn sibling(path: &TreePath, name: &[u8]) -> TreePath {
    TreePath::new(split(path).0).join(name)
}

fn found(path: TreePath, stat: &Stat) -> Found {
    Found { path, identity: identity(stat), bytes: size(stat), times: FileTimes::of(stat) }
}

fn is_regular(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}

/// Makes an error of what was tried.
pub(crate) fn system<'p>(deed: &'static str, path: &'p TreePath) -> impl Fn(Errno) -> GroundError + use<'p> {
    move |source| GroundError::System { deed, path: path.clone(), source }
}
