//! Extended attributes: ACLs, capabilities, labels and what users attach.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use rustix::fs::{Access, AtFlags, CWD, accessat, fgetxattr, flistxattr, lgetxattr, llistxattr};
use rustix::io::Errno;

use super::error::Operation;
use super::{DirectoryHandle, FileKind, Item, SourceError, SourcePath};

/// Names and values, sorted by name.
pub type Attributes = Vec<(Vec<u8>, Vec<u8>)>;

/// The most that one file's attributes may take, names and values together, in bytes.
pub const ATTRIBUTES_BYTES_MAX: usize = 1 << 20;

/// Reads the extended attributes of an entry without following a link.
///
/// What cannot be opened (links, fifos, sockets, devices) is reached through `/proc`; without it that is
/// [`SourceError::NoProc`]. A file system without attributes has none.
pub fn read_attributes(directory: &DirectoryHandle, name: &[u8], kind: FileKind) -> Result<Attributes, SourceError> {
    read_attributes_through("/proc", directory, name, kind)
}

impl Item {
    /// Returns the extended attributes.
    pub fn attributes(&self) -> Result<Attributes, SourceError> {
        read_attributes(&self.directory, &self.name, self.stat.kind)
    }
}

impl DirectoryHandle {
    /// Returns the extended attributes of the directory itself.
    pub fn attributes(&self) -> Result<Attributes, SourceError> {
        if self.readable() {
            return attributes_of_open(self, || self.path().to_path());
        }
        read_attributes(self, b".", FileKind::Directory)
    }
}

/// Returns the extended attributes of an open file.
pub(super) fn attributes_of_open(fd: impl AsFd, path: impl Fn() -> SourcePath) -> Result<Attributes, SourceError> {
    Subject::Open(fd.as_fd()).read().map_err(|problem| problem.at(path()))
}

/// Whose attributes are read.
#[derive(Clone, Copy)]
enum Subject<'a> {
    Open(BorrowedFd<'a>),
    Path(&'a [u8]),
}

/// What stands in the way, before it has a path.
enum Problem {
    TooLarge,
    Errno(Errno),
}

/// Enough for most; beyond, the buffer grows.
const BUFFER_BYTES: usize = 4 << 10;

impl Subject<'_> {
    fn read(self) -> Result<Attributes, Problem> {
        let names = match grow(|buffer| self.list(buffer)) {
            Err(Problem::Errno(Errno::OPNOTSUPP | Errno::NOSYS)) => return Ok(Vec::new()),
            names => names?,
        };
        let mut left_bytes = ATTRIBUTES_BYTES_MAX;
        let mut attributes = Vec::new();
        for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
            let value = match grow(|buffer| self.value(name, buffer)) {
                // Removed meanwhile, or a name that the file system lists and does not serve.
                Err(Problem::Errno(Errno::NODATA | Errno::OPNOTSUPP)) => continue,
                value => value?,
            };
            left_bytes = left_bytes.checked_sub(name.len() + value.len()).ok_or(Problem::TooLarge)?;
            attributes.push((name.to_vec(), value));
        }
        attributes.sort_unstable();
        attributes.dedup_by(|left, right| left.0 == right.0);
        Ok(attributes)
    }

    fn list(self, buffer: &mut [u8]) -> Result<usize, Errno> {
        match self {
            Self::Open(fd) => flistxattr(fd, buffer),
            Self::Path(path) => llistxattr(path, buffer),
        }
    }

    fn value(self, name: &[u8], buffer: &mut [u8]) -> Result<usize, Errno> {
        match self {
            Self::Open(fd) => fgetxattr(fd, name, buffer),
            Self::Path(path) => lgetxattr(path, name, buffer),
        }
    }
}

impl Problem {
    fn at(self, path: SourcePath) -> SourceError {
        match self {
            Self::TooLarge => SourceError::AttributesTooLarge { path, bytes_max: ATTRIBUTES_BYTES_MAX },
            Self::Errno(errno) => SourceError::from_errno(Operation::Attributes, path, errno),
        }
    }
}

/// Asks with larger and larger buffers: attributes grow while they are read.
fn grow(mut ask: impl FnMut(&mut [u8]) -> Result<usize, Errno>) -> Result<Vec<u8>, Problem> {
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match ask(&mut buffer) {
            Ok(length) => {
                buffer.truncate(length);
                buffer.shrink_to_fit();
                return Ok(buffer);
            }
            Err(Errno::INTR) => {}
            Err(Errno::RANGE) if buffer.len() < ATTRIBUTES_BYTES_MAX => {
                buffer.resize(buffer.len() * 4, 0);
            }
            Err(Errno::RANGE | Errno::TOOBIG) => return Err(Problem::TooLarge),
            Err(errno) => return Err(Problem::Errno(errno)),
        }
    }
}

fn read_attributes_through(
    proc: &str,
    directory: &DirectoryHandle,
    name: &[u8],
    kind: FileKind,
) -> Result<Attributes, SourceError> {
    let mut path = format!("{proc}/self/fd/{}/", directory.as_fd().as_raw_fd()).into_bytes();
    path.extend_from_slice(name);
    match Subject::Path(&path).read() {
        Err(Problem::Errno(Errno::NOENT)) if !has_proc(proc) => match kind {
            FileKind::File | FileKind::Directory => {
                attributes_of_open(directory.open_file(name)?, || directory.path().join(name))
            }
            _ => Err(SourceError::NoProc { path: directory.path().join(name) }),
        },
        read => read.map_err(|problem| problem.at(directory.path().join(name))),
    }
}

fn has_proc(proc: &str) -> bool {
    let place = format!("{proc}/self/fd");
    accessat(CWD, place, Access::EXISTS, AtFlags::empty()).is_ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use rustix::fs::{XattrFlags, setxattr};

    use super::*;

    fn open(path: &std::path::Path) -> DirectoryHandle {
        use std::os::unix::ffi::OsStrExt;
        let path = SourcePath(path.as_os_str().as_bytes().to_vec());
        DirectoryHandle::open_root(&path).unwrap().0
    }

    #[test]
    fn attributes_come_sorted_with_or_without_proc() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("f");
        std::fs::File::options().create_new(true).write(true).open(&file).unwrap();
        let large = vec![7; 3000];
        for (name, value) in [("user.b", &large[..]), ("user.a", b"1"), ("user.c", b"")] {
            setxattr(&file, name, value, XattrFlags::CREATE).unwrap();
        }
        let directory = open(place.path());
        let expected =
            vec![(b"user.a".to_vec(), b"1".to_vec()), (b"user.b".to_vec(), large), (b"user.c".to_vec(), Vec::new())];
        for proc in ["/proc", "/nonexistent"] {
            let read = read_attributes_through(proc, &directory, b"f", FileKind::File);
            assert_eq!(read.unwrap(), expected);
        }
        assert_eq!(directory.attributes().unwrap(), Vec::new());
    }

    #[test]
    fn without_proc_a_link_is_an_error_and_not_a_panic() {
        let place = tempfile::tempdir().unwrap();
        symlink("nowhere", place.path().join("l")).unwrap();
        let directory = open(place.path());
        let through = |proc| read_attributes_through(proc, &directory, b"l", FileKind::Symlink);
        assert_eq!(through("/proc").unwrap(), Vec::new());
        assert!(matches!(through("/nonexistent"), Err(SourceError::NoProc { .. })));
        let gone = read_attributes(&directory, b"gone", FileKind::Symlink);
        assert!(matches!(gone, Err(SourceError::Vanished { .. })));
    }

    #[test]
    fn what_grows_is_asked_for_again() {
        let mut length = 4097;
        let grown = grow(|buffer| {
            if buffer.len() < length {
                length *= 3;
                return Err(Errno::RANGE);
            }
            buffer[..length].fill(1);
            Ok(length)
        });
        assert_eq!(grown.ok(), Some(vec![1; 4097 * 3]));
        assert!(matches!(grow(|_| Err(Errno::RANGE)), Err(Problem::TooLarge)));
        assert!(matches!(grow(|_| Err(Errno::IO)), Err(Problem::Errno(Errno::IO))));
    }
}
