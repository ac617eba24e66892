//! Tells whether two directories are the same: every byte and every attribute that a restore brings back.
//!
//! The walk holds one open directory on each side and goes up again by `..`, checked against where it came down, so
//! that neither depth nor PATH_MAX matters. It keeps the names of the directories that it is in, and one number for each
//! file with several names. Not compared: ctime, atime, inode numbers, the size of directories, and holes, which read
//! as zeros.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Dir, FileType, Mode, OFlags, SeekFrom, Stat, fstat, major, minor, openat, seek};
use rustix::io::Errno;
use vault::tree::FileTime;

use crate::TreePath;
use crate::target::{XATTR_LIST_BYTES_MAX, attribute_names, descriptor_path};

/// What is compared, and how much is reported.
#[derive(Clone, Copy, Debug)]
pub struct CompareOptions {
    /// How many differences are listed; the others are counted.
    pub differences_max: usize,
    /// Compare the attributes of the two directories themselves too.
    pub root_attributes: bool,
    /// Compare uid and gid.
    pub owners: bool,
    /// Compare when directories last changed: whoever writes in one changes that.
    pub directory_times: bool,
}

/// What a comparison found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Comparison {
    /// The first differences, in the order of the walk: by name, a directory before what is in it.
    pub differences: Vec<Difference>,
    /// How many differences there are in all.
    pub differences_total: u64,
    /// How many entries are on both sides.
    pub entries: u64,
    /// How many bytes of content were compared.
    pub content_bytes: u64,
}

/// One difference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// Where, from the two roots.
    pub path: TreePath,
    /// What differs.
    pub aspect: Aspect,
}

/// What may differ. Pairs are what the first and the second side have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Aspect {
    /// Only one side has it, and what is below.
    OnlyOn(Side),
    /// The kind of thing.
    Type(FileType, FileType),
    /// The twelve permission bits.
    Mode(u32, u32),
    /// Owner and group.
    Owner((u32, u32), (u32, u32)),
    /// The time of the last change.
    ModifiedAt(FileTime, FileTime),
    /// Length in bytes.
    Size(u64, u64),
    /// Content of the same length; the first byte that differs is at this offset or less than 128 KiB after it.
    Content(u64),
    /// An extended attribute of this name.
    Xattr(Vec<u8>),
    /// Where a symbolic link points.
    LinkTarget,
    /// Numbers of a device, major then minor.
    Device((u32, u32), (u32, u32)),
    /// Which other paths are names of the same file.
    HardLinks,
    /// One side could not be read.
    Unreadable(Side, Errno),
}

/// One of the two directories.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The first.
    First,
    /// The second.
    Second,
}

/// Why a comparison could not be made.
#[derive(thiserror::Error, Debug)]
pub enum CompareError {
    /// A root cannot be opened.
    #[error("{path} cannot be opened")]
    Root {
        /// The root.
        path: PathBuf,
        /// The system's word.
        #[source]
        source: Errno,
    },
    /// A directory was moved away while it was being read.
    #[error("{0} was moved while it was compared")]
    Moved(TreePath),
}

/// Compares the directories `first` and `second`.
pub fn compare_trees(first: &Path, second: &Path, options: &CompareOptions) -> Result<Comparison, CompareError> {
    let open = |path: &Path| {
        openat(CWD, path, DIRECTORY, Mode::empty())
            .map_err(|source| CompareError::Root { path: path.to_path_buf(), source })
    };
    let roots = [open(first)?, open(second)?];
    let mut walk = Walk {
        options: *options,
        found: Comparison::default(),
        links: [HashMap::new(), HashMap::new()],
        buffers: [vec![0; BUFFER_BYTES], vec![0; BUFFER_BYTES]],
        path: TreePath::default(),
    };
    if options.root_attributes {
        walk.found.entries += 1;
        if let Some(stats) = walk.stats(&roots) {
            walk.attributes(&roots, &stats);
        }
    }
    walk.descend(roots)?;
    Ok(walk.found)
}

impl Default for CompareOptions {
    fn default() -> Self {
        Self { differences_max: 1000, root_attributes: true, owners: true, directory_times: true }
    }
}

impl Comparison {
    /// Tells whether nothing differs.
    pub fn is_same(&self) -> bool {
        self.differences_total == 0
    }
}

/// A comparison under way.
struct Walk {
    options: CompareOptions,
    found: Comparison,
    /// For each file with several names, the number of the entry where it was first seen.
    links: [HashMap<Inode, u64>; 2],
    buffers: [Vec<u8>; 2],
    path: TreePath,
}

/// A directory that the walk is in.
struct Frame {
    inodes: [Inode; 2],
    names: std::vec::IntoIter<Vec<u8>>,
    path_bytes: usize,
}

/// Device and inode number.
type Inode = (u64, u64);

impl Walk {
    fn descend(&mut self, roots: [OwnedFd; 2]) -> Result<(), CompareError> {
        let mut at = roots;
        let mut frames: Vec<Frame> = self.enter(&at).into_iter().collect();
        while let Some(frame) = frames.last_mut() {
            if let Some(name) = frame.names.next() {
                self.path.truncate(frame.path_bytes);
                self.path.push(&name);
                if let Some(below) = self.entry(&at, &name)
                    && let Some(frame) = self.enter(&below)
                {
                    frames.push(frame);
                    at = below;
                }
                continue;
            }
            self.path.truncate(frame.path_bytes);
            frames.pop();
            if let Some(above) = frames.last() {
                let moved = |_| CompareError::Moved(self.path.clone());
                at = climb(&at, &above.inodes).map_err(moved)?;
            }
        }
        Ok(())
    }

    /// Lists two directories; reports what only one has.
    fn enter(&mut self, at: &[OwnedFd; 2]) -> Option<Frame> {
        let stats = self.stats(at)?;
        let first = self.checked(Side::First, names(&at[0]))?;
        let second = self.checked(Side::Second, names(&at[1]))?;
        let path_bytes = self.path.as_bytes().len();
        for (names, others, side) in [(&first, &second, Side::First), (&second, &first, Side::Second)] {
            for name in names.difference(others) {
                self.path.push(name);
                self.differ(Aspect::OnlyOn(side));
                self.path.truncate(path_bytes);
            }
        }
        let common: Vec<Vec<u8>> = first.intersection(&second).cloned().collect();
        Some(Frame { inodes: [inode(&stats[0]), inode(&stats[1])], names: common.into_iter(), path_bytes })
    }

    /// Compares what is called `name` on both sides; returns it opened if both are directories.
    fn entry(&mut self, at: &[OwnedFd; 2], name: &[u8]) -> Option<[OwnedFd; 2]> {
        let pinned = self.open(at, name, OFlags::PATH)?;
        let stats = self.stats(&pinned)?;
        self.found.entries += 1;
        self.attributes(&pinned, &stats);
        let [first, second] = stats.map(|stat| FileType::from_raw_mode(stat.st_mode));
        if first != second {
            return None;
        }
        match first {
            FileType::Directory => return self.open(at, name, DIRECTORY),
            FileType::RegularFile => self.file(at, name, &stats),
            FileType::Symlink => self.link_target(&pinned),
            FileType::CharacterDevice | FileType::BlockDevice => {
                let numbers = |stat: &Stat| (major(stat.st_rdev), minor(stat.st_rdev));
                let (first, second) = (numbers(&stats[0]), numbers(&stats[1]));
                self.differ_if(first != second, Aspect::Device(first, second));
            }
            _ => {}
        }
        self.hard_links(&stats);
        None
    }

    fn attributes(&mut self, pinned: &[OwnedFd; 2], stats: &[Stat; 2]) {
        let [a, b] = stats;
        let (first, second) = (file_type(a), file_type(b));
        self.differ_if(first != second, Aspect::Type(first, second));
        let (first, second) = (a.st_mode & 0o7777, b.st_mode & 0o7777);
        self.differ_if(first != second, Aspect::Mode(first, second));
        let (first, second) = ((a.st_uid, a.st_gid), (b.st_uid, b.st_gid));
        let owners = self.options.owners && first != second;
        self.differ_if(owners, Aspect::Owner(first, second));
        let (first, second) = (modified_at(a), modified_at(b));
        let counts = self.options.directory_times || file_type(a) != FileType::Directory;
        self.differ_if(counts && first != second, Aspect::ModifiedAt(first, second));
        self.xattrs(pinned);
    }

    fn xattrs(&mut self, pinned: &[OwnedFd; 2]) {
        let lists =
            (self.checked(Side::First, xattr_names(&pinned[0])), self.checked(Side::Second, xattr_names(&pinned[1])));
        let (Some(first), Some(second)) = lists else {
            return;
        };
        for name in first.union(&second) {
            let value =
                |fd: &OwnedFd, names: &BTreeSet<Vec<u8>>| names.contains(name).then(|| xattr(fd, name)).transpose();
            let values = (
                self.checked(Side::First, value(&pinned[0], &first)),
                self.checked(Side::Second, value(&pinned[1], &second)),
            );
            if let (Some(first), Some(second)) = values {
                self.differ_if(first != second, Aspect::Xattr(name.clone()));
            }
        }
    }

    fn file(&mut self, at: &[OwnedFd; 2], name: &[u8], stats: &[Stat; 2]) {
        let [first, second] = [&stats[0], &stats[1]].map(|stat| stat.st_size.unsigned_abs());
        if first != second {
            self.differ(Aspect::Size(first, second));
            return;
        }
        let Some(files) = self.open(at, name, OFlags::RDONLY | OFlags::NONBLOCK) else {
            return;
        };
        let mut offset = 0;
        loop {
            let hole_bytes = shared_hole(&files, offset);
            if offset.saturating_add(hole_bytes) >= stats[0].st_size.unsigned_abs() {
                self.found.content_bytes += stats[0].st_size.unsigned_abs() - offset;
                return;
            }
            offset += hole_bytes;
            self.found.content_bytes += hole_bytes;
            let [mut first, mut second] = std::mem::take(&mut self.buffers);
            let lengths = (
                self.checked(Side::First, fill(&files[0], &mut first)),
                self.checked(Side::Second, fill(&files[1], &mut second)),
            );
            let (Some(a), Some(b)) = lengths else {
                self.buffers = [first, second];
                return;
            };
            let same = first[..a] == second[..b];
            self.buffers = [first, second];
            self.found.content_bytes += a.min(b) as u64;
            self.differ_if(!same, Aspect::Content(offset));
            if !same || a < BUFFER_BYTES {
                return;
            }
            offset += a as u64;
        }
    }

    fn link_target(&mut self, pinned: &[OwnedFd; 2]) {
        let read = |fd: &OwnedFd| rustix::fs::readlinkat(fd, c"", Vec::new());
        let targets = (self.checked(Side::First, read(&pinned[0])), self.checked(Side::Second, read(&pinned[1])));
        if let (Some(first), Some(second)) = targets {
            self.differ_if(first != second, Aspect::LinkTarget);
        }
    }

    /// Two trees have the same groups if each path's file was first seen at the same path on both sides.
    fn hard_links(&mut self, stats: &[Stat; 2]) {
        if stats.iter().all(|stat| stat.st_nlink <= 1) {
            return;
        }
        let number = self.found.entries;
        let mut first_seen = |side: usize| {
            let seen = self.links[side].entry(inode(&stats[side]));
            *seen.or_insert(number)
        };
        let (first, second) = (first_seen(0), first_seen(1));
        self.differ_if(first != second, Aspect::HardLinks);
    }

    fn open(&mut self, at: &[OwnedFd; 2], name: &[u8], flags: OFlags) -> Option<[OwnedFd; 2]> {
        let first = self.checked(Side::First, open_quietly(&at[0], name, flags))?;
        let second = self.checked(Side::Second, open_quietly(&at[1], name, flags))?;
        Some([first, second])
    }

    fn stats(&mut self, fds: &[OwnedFd; 2]) -> Option<[Stat; 2]> {
        let first = self.checked(Side::First, fstat(&fds[0]))?;
        let second = self.checked(Side::Second, fstat(&fds[1]))?;
        Some([first, second])
    }

    /// Reports what could not be read.
    fn checked<T>(&mut self, side: Side, result: Result<T, Errno>) -> Option<T> {
        result.map_err(|errno| self.differ(Aspect::Unreadable(side, errno))).ok()
    }

    fn differ_if(&mut self, differs: bool, aspect: Aspect) {
        if differs {
            self.differ(aspect);
        }
    }

    fn differ(&mut self, aspect: Aspect) {
        self.found.differences_total += 1;
        if self.found.differences.len() < self.options.differences_max {
            let path = self.path.clone();
            self.found.differences.push(Difference { path, aspect });
        }
    }
}

/// Opens without leaving a trace in the access time where the system allows that.
fn open_quietly(at: &OwnedFd, name: &[u8], flags: OFlags) -> Result<OwnedFd, Errno> {
    let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    if flags.contains(OFlags::PATH) {
        return openat(at, name, flags, Mode::empty());
    }
    match openat(at, name, flags | OFlags::NOATIME, Mode::empty()) {
        Err(Errno::PERM) => openat(at, name, flags, Mode::empty()),
        other => other,
    }
}

/// Goes up to the directories that the walk came from.
fn climb(at: &[OwnedFd; 2], inodes: &[Inode; 2]) -> Result<[OwnedFd; 2], Errno> {
    let up = |side: usize| {
        let above = openat(&at[side], c"..", DIRECTORY, Mode::empty())?;
        if inode(&fstat(&above)?) == inodes[side] { Ok(above) } else { Err(Errno::NOENT) }
    };
    Ok([up(0)?, up(1)?])
}

fn names(directory: &OwnedFd) -> Result<BTreeSet<Vec<u8>>, Errno> {
    let mut names = BTreeSet::new();
    for item in Dir::read_from(directory)? {
        let name = item?.file_name().to_bytes().to_vec();
        if name != b"." && name != b".." {
            names.insert(name);
        }
    }
    Ok(names)
}

fn xattr_names(pinned: &OwnedFd) -> Result<BTreeSet<Vec<u8>>, Errno> {
    let mut list = Vec::with_capacity(XATTR_LIST_BYTES_MAX);
    let buffer = rustix::buffer::spare_capacity(&mut list);
    match rustix::fs::listxattr(descriptor_path(pinned), buffer) {
        Ok(_) => Ok(attribute_names(&list).map(<[u8]>::to_vec).collect()),
        Err(Errno::OPNOTSUPP) => Ok(BTreeSet::new()),
        Err(errno) => Err(errno),
    }
}

fn xattr(pinned: &OwnedFd, name: &[u8]) -> Result<Vec<u8>, Errno> {
    let mut value = Vec::with_capacity(XATTR_VALUE_BYTES_MAX);
    let buffer = rustix::buffer::spare_capacity(&mut value);
    rustix::fs::getxattr(descriptor_path(pinned), name, buffer)?;
    Ok(value)
}

/// Returns how many bytes from an offset on neither file stores, and stands there with both: gigabytes of nothing are
/// not read.
fn shared_hole(files: &[OwnedFd; 2], offset: u64) -> u64 {
    let next = |file| match seek(file, SeekFrom::Data(offset)) {
        Ok(data) => data,
        Err(Errno::NXIO) => u64::MAX,
        Err(_) => offset,
    };
    let data = next(&files[0]).min(next(&files[1]));
    for file in files {
        // A descriptor of a regular file can be placed anywhere; reading would tell otherwise.
        let _ = seek(file, SeekFrom::Start(if data == u64::MAX { offset } else { data }));
    }
    data.saturating_sub(offset)
}

/// Reads until the buffer is full or the file ends.
fn fill(file: &OwnedFd, buffer: &mut [u8]) -> Result<usize, Errno> {
    let mut filled = 0;
    while filled < buffer.len() {
        match rustix::io::read(file, &mut buffer[filled..]) {
            Ok(0) => break,
            Ok(bytes) => filled += bytes,
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(filled)
}

fn inode(stat: &Stat) -> Inode {
    (stat.st_dev, stat.st_ino)
}

fn file_type(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

fn modified_at(stat: &Stat) -> FileTime {
    FileTime {
        seconds: stat.st_mtime,
        // The kernel keeps them below 1,000,000,000.
        nanoseconds: u32::try_from(stat.st_mtime_nsec).unwrap_or(u32::MAX),
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.aspect)
    }
}

impl fmt::Display for Aspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnlyOn(side) => write!(f, "only on the {side} side"),
            Self::Type(a, b) => write!(f, "type {a:?}, {b:?}"),
            Self::Mode(a, b) => write!(f, "mode {a:04o}, {b:04o}"),
            Self::Owner(a, b) => write!(f, "owner {}:{}, {}:{}", a.0, a.1, b.0, b.1),
            Self::ModifiedAt(a, b) => {
                write!(f, "mtime {}.{:09}, {}.{:09}", a.seconds, a.nanoseconds, b.seconds, b.nanoseconds)
            }
            Self::Size(a, b) => write!(f, "size {a}, {b}"),
            Self::Content(offset) => write!(f, "content, at or soon after byte {offset}"),
            Self::Xattr(name) => write!(f, "attribute {}", TreePath::new(&name[..])),
            Self::LinkTarget => f.write_str("link target"),
            Self::Device(a, b) => write!(f, "device {}:{}, {}:{}", a.0, a.1, b.0, b.1),
            Self::HardLinks => f.write_str("hard links"),
            Self::Unreadable(side, errno) => write!(f, "unreadable on the {side} side: {errno}"),
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "first",
            Self::Second => "second",
        })
    }
}

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
const BUFFER_BYTES: usize = 128 << 10;
/// The kernel's limit.
const XATTR_VALUE_BYTES_MAX: usize = 64 << 10;

#[cfg(test)]
mod tests;
