//! What all threads of one backup share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::held_lease::HeldLease;
use super::packer::Packer;
use super::{BackupError, BackupOptions, Monitor};
use crate::chunk::Chunker;
use crate::pack::Session;
use crate::source::Names;
use crate::state::{AgentKeys, BegunPacks, KnownBlobs, PackTable};
use crate::store::Store;
use crate::tree::Splitter;
use crate::vault::Vault;
use crate::world::Entropy;

/// One backup in progress.
pub(super) struct Run<'a> {
    pub vault: &'a Vault,
    pub keys: &'a AgentKeys,
    pub options: &'a BackupOptions,
    pub monitor: &'a dyn Monitor,
    pub names: &'a Names,
    pub entropy: &'a dyn Entropy,
    pub packs: Arc<PackTable>,
    pub known: KnownBlobs,
    pub begun: Mutex<BegunPacks>,
    pub session: Session,
    pub chunker: Chunker,
    pub splitter: Splitter,
    pub packer: Packer,
    /// For packs.
    pub buffers: Buffers,
    /// For chunks on their way to another thread.
    pub chunk_buffers: Buffers,
    /// Held while a file is read from a disk that spins.
    pub reading: Mutex<()>,
    pub ending: Ending,
    pub lease: HeldLease<'a>,
    /// Number of the snapshot in the making.
    pub seq: u64,
}

/// Large buffers that are used again. Freed and made anew, they would leave the heap in holes: on 2.5 GB of large files
/// that was measured at 80 MB more.
#[derive(Default)]
pub(super) struct Buffers(Mutex<Vec<Vec<u8>>>);

impl Buffers {
    const FREE_MAX: usize = 8;

    /// Returns a buffer, with or without memory, that holds anything.
    pub fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Gives a buffer back.
    pub fn give(&self, buffer: Vec<u8>) {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if free.len() < Self::FREE_MAX {
            free.push(buffer);
        }
    }
}

/// How a run ends early.
#[derive(Default)]
pub(super) struct Ending {
    /// The first thing that made the whole backup impossible.
    error: Mutex<Option<BackupError>>,
    failed: AtomicBool,
    stopped: AtomicBool,
}

impl Ending {
    /// Ends the backup. The first error is the one that is told.
    pub fn fail(&self, error: BackupError) {
        let mut first = self.error.lock().unwrap_or_else(PoisonError::into_inner);
        if first.is_none() && !matches!(error, BackupError::Aborted) {
            *first = Some(error);
        }
        self.failed.store(true, Ordering::Release);
    }

    /// Lets everybody finish what is at hand, and begin nothing more.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
    }

    /// Tells whether nothing more can be put.
    pub fn is_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Tells whether to begin nothing more.
    pub fn is_over(&self) -> bool {
        self.is_failed() || self.stopped.load(Ordering::Acquire)
    }

    /// Returns the error that ended the backup, if one did.
    pub fn failure(&self) -> Result<(), BackupError> {
        match self.error.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(error),
            None if self.is_failed() => Err(BackupError::Aborted),
            None => Ok(()),
        }
    }
}

impl Run<'_> {
    pub fn store(&self) -> &dyn Store {
        self.vault.store().as_ref()
    }

    /// Waits for the turn to read, where only one may at a time.
    pub fn turn_to_read(&self) -> Option<MutexGuard<'_, ()>> {
        self.options.one_reader.then(|| self.reading.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn count_read(&self, bytes: u64) {
        self.monitor.read(bytes);
    }
}
