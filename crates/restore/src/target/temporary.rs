//! Temporary names, and the way from them to the names that count.
//!
//! A process that is killed leaves what it had under such a name. Whoever fills the directory next removes it.

use std::collections::BTreeSet;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use rustix::fs::{AtFlags, Dir, RenameFlags, linkat, renameat, renameat_with, statat, unlinkat};
use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

use super::Overwrite;

/// Something that was made under a temporary name; dropped, it is removed.
pub(super) struct Temporary {
    directory: Arc<OwnedFd>,
    name: FreshName,
    placed: bool,
}

impl Temporary {
    /// Lets `make` create something under a name that is free.
    pub(super) fn create<T>(
        directory: &Arc<OwnedFd>,
        mut make: impl FnMut(&OwnedFd, &[u8]) -> Result<T, Errno>,
    ) -> Result<(Self, T), Errno> {
        for _ in 0..TRIES_MAX {
            let name = FreshName::take();
            match make(directory, name.text.as_bytes()) {
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
        self.name.text.as_bytes()
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
            discard(&self.directory, self.name());
        }
    }
}

/// Removes what processes that were killed left in a directory: whatever has exactly a temporary name, of directories the empty ones.
///
/// What this process or another living one of this machine may still be writing stays, and so does what cannot be removed.
pub(crate) fn sweep(directory: &OwnedFd) {
    let Ok(entries) = Dir::read_from(directory) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let abandoned = writer_of(name.to_bytes()).is_some_and(|(process, number)| !is_in_progress(process, number));
        if abandoned {
            discard(directory, name.to_bytes());
        }
    }
}

/// Removes what has a name; of a directory only an empty one. Nobody is left to be told; the name says what it is.
fn discard(directory: &OwnedFd, name: &[u8]) {
    if unlinkat(directory, name, AtFlags::empty()) == Err(Errno::ISDIR) {
        let _ = unlinkat(directory, name, AtFlags::REMOVEDIR);
    }
}

/// Returns the two numbers of a temporary name; `None` for any other name.
fn writer_of(name: &[u8]) -> Option<(u32, u32)> {
    let digits = name.strip_prefix(PREFIX.as_bytes()).filter(|digits| digits.len() == 16)?;
    if !digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let (process, number) = std::str::from_utf8(digits).ok()?.split_at(8);
    Some((u32::from_str_radix(process, 16).ok()?, u32::from_str_radix(number, 16).ok()?))
}

fn is_in_progress(process: u32, number: u32) -> bool {
    if process == *PROCESS {
        // In a container every process may have the number 1: the number alone says nothing.
        return FreshName::living().contains(&number);
    }
    let pid = i32::try_from(process).ok().and_then(Pid::from_raw);
    // Without the right to send it a signal, the answer is EPERM.
    pid.is_some_and(|pid| test_kill_process(pid) != Err(Errno::SRCH))
}

/// A name that no other living process of this machine takes, known to be in use until it is dropped.
struct FreshName {
    number: u32,
    text: String,
}

impl FreshName {
    fn take() -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        Self::living().insert(number);
        Self { number, text: format!("{PREFIX}{:08x}{number:08x}", *PROCESS) }
    }

    fn living() -> MutexGuard<'static, BTreeSet<u32>> {
        static LIVING: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());
        LIVING.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for FreshName {
    fn drop(&mut self) {
        Self::living().remove(&self.number);
    }
}

static PROCESS: LazyLock<u32> = LazyLock::new(std::process::id);

/// What temporary names begin with.
const PREFIX: &str = ".beffroi-";
const TRIES_MAX: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_only_look_like_ours_are_not() {
        assert_eq!(writer_of(b".beffroi-0000002a000000ff"), Some((42, 255)));
        let others: [&[u8]; 6] = [
            b".beffroi-0000002a000000f",
            b".beffroi-0000002a000000fff",
            b".beffroi-0000002A000000ff",
            b".beffroi-+000002a000000ff",
            b"x.beffroi-0000002a000000ff",
            b".beffroi-0000002a\xc3\xa900000f",
        ];
        assert!(others.iter().all(|name| writer_of(name).is_none()));
    }
}
