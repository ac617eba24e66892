//! What is open, or was read lately.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::ahead::Progress;
use super::file_system::locked;
use super::folder::OpenFolder;
use super::pieces::FilePieces;

/// Files that were read lately, and folders that are open.
#[derive(Default)]
pub(super) struct Handles {
    last: AtomicU64,
    files: Mutex<RecentFiles>,
    folders: Mutex<HashMap<u64, Arc<Mutex<OpenFolder>>>>,
}

/// A file that is read.
pub(super) struct OpenFile {
    pub(super) pieces: FilePieces,
    pub(super) progress: Progress,
}

/// By number, and when each was read last. The kernel does not say when it opens or closes a file, so that whoever reads many small
/// ones does not wait for two more answers each.
#[derive(Default)]
struct RecentFiles {
    by_number: HashMap<u64, (Arc<OpenFile>, u64)>,
    reads: u64,
}

/// So many files that are read are remembered.
const RECENT_MAX: usize = 64;

impl Handles {
    /// Returns a file that was read lately.
    pub(super) fn file(&self, number: u64) -> Option<Arc<OpenFile>> {
        let mut files = locked(&self.files);
        files.reads += 1;
        let now = files.reads;
        let (file, read) = files.by_number.get_mut(&number)?;
        *read = now;
        Some(Arc::clone(file))
    }

    /// Keeps a file, unless somebody was quicker.
    pub(super) fn keep_file(&self, number: u64, pieces: FilePieces) -> Arc<OpenFile> {
        let mut files = locked(&self.files);
        if files.by_number.len() >= RECENT_MAX {
            let oldest = files.by_number.iter().min_by_key(|(_, (_, read))| *read).map(|(number, _)| *number);
            oldest.map(|oldest| files.by_number.remove(&oldest));
        }
        let now = files.reads;
        let new = || (Arc::new(OpenFile { pieces, progress: Progress::default() }), now);
        Arc::clone(&files.by_number.entry(number).or_insert_with(new).0)
    }

    /// Opens a folder, and returns its handle.
    pub(super) fn open_folder(&self, folder: OpenFolder) -> u64 {
        let handle = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        locked(&self.folders).insert(handle, Arc::new(Mutex::new(folder)));
        handle
    }

    /// Returns an open folder.
    pub(super) fn folder(&self, handle: u64) -> Option<Arc<Mutex<OpenFolder>>> {
        locked(&self.folders).get(&handle).cloned()
    }

    /// Closes a folder.
    pub(super) fn close_folder(&self, handle: u64) {
        locked(&self.folders).remove(&handle);
    }
}
