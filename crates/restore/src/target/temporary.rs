//! Temporary names, and the way from them to the names that count.

use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};

use rustix::fs::{AtFlags, RenameFlags, linkat, renameat, renameat_with, statat, unlinkat};
use rustix::io::Errno;

use super::Overwrite;

/// Something that was made under a temporary name; dropped, it is removed.
pub(super) struct Temporary {
    directory: Arc<OwnedFd>,
    name: String,
    placed: bool,
}

impl Temporary {
    /// Lets `make` create something under a name that is free.
    pub(super) fn create<T>(
        directory: &Arc<OwnedFd>,
        mut make: impl FnMut(&OwnedFd, &[u8]) -> Result<T, Errno>,
    ) -> Result<(Self, T), Errno> {
        for _ in 0..TRIES_MAX {
            let name = fresh_name();
            match make(directory, name.as_bytes()) {
                Ok(made) => {
                    let temporary = Self { directory: Arc::clone(directory), name, placed: false };
                    return Ok((temporary, made));
                }
                // Left over from a process that was killed and had our number.
                Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno),
            }
        }
        Err(Errno::EXIST)
    }

    pub(super) fn directory(&self) -> &OwnedFd {
        &self.directory
    }

    pub(super) fn name(&self) -> &[u8] {
        self.name.as_bytes()
    }

    /// Gives it its name, in one step. With [`Overwrite::Never`] a name that is taken is EEXIST.
    pub(super) fn place(mut self, name: &[u8], overwrite: Overwrite) -> Result<(), Errno> {
        let directory = &*self.directory;
        match overwrite {
            Overwrite::Always => renameat(directory, self.name(), directory, name)?,
            Overwrite::Never => self.place_if_free(name)?,
        }
        self.placed = true;
        Ok(())
    }

    fn place_if_free(&self, name: &[u8]) -> Result<(), Errno> {
        let directory = &*self.directory;
        let free = RenameFlags::NOREPLACE;
        match renameat_with(directory, self.name(), directory, name, free) {
            // Not every file system knows the flag.
            Err(Errno::INVAL | Errno::NOSYS) => {}
            answer => return answer,
        }
        match linkat(directory, self.name(), directory, name, AtFlags::empty()) {
            Ok(()) => return unlinkat(directory, self.name(), AtFlags::empty()),
            // Nor do all know hard links. What is left cannot be done in one step.
            Err(Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS) => {}
            Err(errno) => return Err(errno),
        }
        match statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Err(Errno::EXIST),
            Err(Errno::NOENT) => renameat(directory, self.name(), directory, name),
            Err(errno) => Err(errno),
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.placed {
            // Nobody is left to be told; the name says what it is.
            let _ = unlinkat(&*self.directory, self.name(), AtFlags::empty());
        }
    }
}

/// Returns a name that no other living process of this machine takes.
fn fresh_name() -> String {
    static PROCESS: LazyLock<u32> = LazyLock::new(std::process::id);
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    format!("{PREFIX}{:08x}{count:08x}", *PROCESS)
}

/// What temporary names begin with.
const PREFIX: &str = ".beffroi-";
const TRIES_MAX: usize = 1000;
