//! What an agent keeps on its own disk between backups: its key file, and caches.
//!
//! ```text
//! <base>/vaults/<vault id>/
//!   lock                    held by the backup that is running
//!   strands/<strand id>/
//!     agent                 the key file: the only thing here that cannot be made again
//!     newest                the last snapshot, and how far the owner log went      [`newest`]
//!     begun                 packs that the store may have of this machine          [`begun`]
//!     packs                 every pack that the strand ever numbered               [`packs`]
//!     uses                  how much of each pack the sources still use            [`uses`]
//!     known, run-*          which blob is in which pack                            [`known`]
//!     tree-<tag>            what the last walk of a source found                   [`cache`]
//! ```
//!
//! A machine that is retired and enrolled again has a second strand. Nothing of the first is known in it.
//!
//! **Losing a cache costs a re-read, and a re-upload only of what no snapshot names**: the packs of the store say again what
//! they hold, and manifests which packs are this machine's.
//!
//! Invariants:
//! - A file is whole or lost. It is written aside, flushed and renamed; a checksum that does not fit makes it
//!   [`Opening::Lost`], as if it had never been.
//! - A [`packs::PackNumber`] that is on disk means one pack for ever. So the table of packs is saved before any file that holds
//!   numbers, numbers are never given twice, and every such file carries the [`packs::Series`] of its table.
//! - A blob counts as known only while its pack is live. What was not confirmed durable before a crash is not.
//! - Files are 0600 in folders 0700 and belong to whoever runs; anything looser is refused, not repaired.

pub mod agent;
pub mod begun;
pub mod cache;
pub mod folder;
pub mod known;
pub mod newest;
pub mod packs;
pub mod uses;

mod file;
mod filter;
mod run;

use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use thiserror::Error;

pub use agent::AgentKeys;
pub use begun::BegunPacks;
pub use folder::{StateFolder, StateLock};
pub use known::{Claim, KnownBlobs};
pub use newest::Newest;
pub use packs::{PackNumber, PackRecord, PackSize, PackStatus, PackTable, Series, Share};
pub use uses::{UseTable, Wear};

/// What opening a cache gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Opening {
    /// All that was saved.
    Loaded,
    /// Nothing: the cache starts empty.
    Lost {
        /// Why.
        reason: LostReason,
    },
}

/// Why a cache starts empty.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum LostReason {
    /// It was never saved, or somebody deleted it.
    #[error("there is none yet")]
    Absent,
    /// It is not a file of this sort.
    #[error("it is not a file of this sort")]
    Foreign,
    /// Another version of the program wrote it.
    #[error("it has version {version}")]
    Version {
        /// The version byte.
        version: u8,
    },
    /// Its bytes are not those that were written, or not all of them.
    #[error("it is torn or damaged")]
    Damaged,
    /// It speaks of packs that another table numbered.
    #[error("it belongs to a table of packs that is lost")]
    Stale,
    /// The disk does not give its bytes.
    #[error("it cannot be read: {kind}")]
    Unreadable {
        /// What the system says.
        kind: io::ErrorKind,
    },
}

/// Why the state was refused, or could not be written.
#[derive(Debug, Error)]
pub enum StateError {
    /// Others may read or write it.
    #[error("{path} is open to others (mode {mode:04o}); type: chmod {wanted:o} {path}", path = path.display())]
    Loose {
        /// The file or folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// The permission bits that it must have.
        wanted: u32,
    },
    /// It belongs to another user.
    #[error("{path} belongs to user {owner}, not to user {user}, who is running this; type: chown {user} {path} && chmod {wanted:o} {path}", path = path.display())]
    Foreign {
        /// The file or folder.
        path: PathBuf,
        /// Who owns it.
        owner: u32,
        /// Who runs.
        user: u32,
        /// The permission bits that it must have.
        wanted: u32,
    },
    /// A link or something odd lies where a file or folder should.
    #[error("{path} is not a plain file or folder", path = path.display())]
    Odd {
        /// Where.
        path: PathBuf,
    },
    /// Another backup is running.
    #[error("another backup holds {path}{holder}", path = path.display(), holder = holder(*pid))]
    Busy {
        /// The lock file.
        path: PathBuf,
        /// The process that holds it, if it has said so.
        pid: Option<u32>,
    },
    /// There is a key file already; it is never overwritten.
    #[error("{path} exists already and is never overwritten", path = path.display())]
    Exists {
        /// The key file.
        path: PathBuf,
    },
    /// There is no key file.
    #[error("there is no key file {path}", path = path.display())]
    NoAgent {
        /// Where it should be.
        path: PathBuf,
    },
    /// The key file does not hold what was written.
    #[error("the key file {path} cannot be used", path = path.display())]
    DamagedAgent {
        /// The key file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: LostReason,
    },
    /// The label is too long.
    #[error("a label has {label_bytes} bytes; at most {label_bytes_max} are allowed")]
    LongLabel {
        /// Its length in bytes.
        label_bytes: usize,
        /// The largest length in bytes.
        label_bytes_max: usize,
    },
    /// All 2³² numbers of packs are used.
    #[error("all numbers of packs are used; delete {path}", path = path.display())]
    NumbersUsed {
        /// The table of packs.
        path: PathBuf,
    },
    /// A walk did not give names in ascending order, or left more directories than it entered.
    #[error("the walk gave names out of order while {path} was written", path = path.display())]
    OutOfOrder {
        /// The tree cache.
        path: PathBuf,
    },
    /// The footer of a tree cache is too long.
    #[error("{footer_bytes} bytes are too many for the footer of {path}", path = path.display())]
    LongFooter {
        /// The tree cache.
        path: PathBuf,
        /// The footer's length in bytes.
        footer_bytes: usize,
    },
    /// Anything else that the system says.
    #[error("input or output failed on {path}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

fn holder(pid: Option<u32>) -> String {
    pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
}

/// Takes a lock. Whoever panicked while holding it left whole values: every change below is a single assignment or insertion.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As [`locked`], to read.
fn reading<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

/// As [`locked`], to change.
fn changing<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
