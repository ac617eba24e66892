//! Opening one component of a directory, so that nothing leads out of it. Who changes trees elsewhere uses it too.

use std::os::fd::OwnedFd;

use rustix::fs::{Mode, OFlags, ResolveFlags, openat, openat2};
use rustix::io::Errno;

/// How directories are opened.
pub const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// Opens components with what the kernel offers.
#[derive(Clone, Copy, Debug)]
pub struct Beneath {
    openat2: bool,
    resolve: ResolveFlags,
}

impl Beneath {
    /// Learns whether the kernel (Linux 5.6) and its sandbox know `openat2`.
    pub fn probe(root: &OwnedFd) -> Self {
        let tried = openat2(root, c".", DIRECTORY, Mode::empty(), RESOLVE);
        // Some sandboxes answer EPERM to system calls that they do not know.
        let openat2 = !matches!(tried, Err(Errno::NOSYS | Errno::PERM));
        Self { openat2, resolve: RESOLVE }
    }

    /// Returns one that does not enter what is mounted below, either. Without `openat2` this changes nothing: whoever
    /// must know compares devices too.
    pub fn within_one_mount(self) -> Self {
        Self { resolve: self.resolve.union(ResolveFlags::NO_XDEV), ..self }
    }

    /// Opens `name`, which must be one component ([`is_component`]); a symbolic link is an error, or itself with
    /// `O_PATH`.
    pub fn open(self, directory: &OwnedFd, name: &[u8], flags: OFlags, mode: Mode) -> Result<OwnedFd, Errno> {
        debug_assert!(is_component(name));
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        for _ in 0..TRIES_MAX {
            let opened = if self.openat2 {
                openat2(directory, name, flags, mode, self.resolve)
            } else {
                openat(directory, name, flags, mode)
            };
            match opened {
                // The kernel could not be sure while something was renamed, or a signal came.
                Err(Errno::AGAIN | Errno::INTR) => {}
                other => return other,
            }
        }
        Err(Errno::AGAIN)
    }

    /// Answers as on a kernel without `openat2`.
    #[cfg(test)]
    pub(super) fn without_openat2() -> Self {
        Self { openat2: false, resolve: RESOLVE }
    }
}

/// Tells whether a name is exactly one component that leads down: 1 to 255 bytes, no `/`, no zero, not `.` or `..`.
pub fn is_component(name: &[u8]) -> bool {
    let length = (1..=NAME_BYTES_MAX).contains(&name.len());
    length && name != b"." && name != b".." && !name.iter().any(|b| matches!(b, b'/' | 0))
}

const NAME_BYTES_MAX: usize = 255;
const TRIES_MAX: usize = 1000;
const RESOLVE: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);
