//! Opening what will be read next, while what was read is looked at.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};
use vault::read::SnapshotReader;
use vault::tree::{ChunkRef, Content, Entry, EntryKind};

use super::opened::OpenedBlobs;
use super::pieces::FilePieces;

/// So many chunks are opened ahead.
const CHUNKS_AHEAD: usize = 2;
/// So many threads open them.
const WORKERS: usize = 2;
/// So many may wait; what finds no room is read when it is needed.
const WAITING_MAX: usize = 16;
/// The kernel reads in order from several threads at once: an offset so far from the expected one is still in order.
const DISORDER_BYTES_MAX: u64 = 1 << 20;

/// Chunks that will be wanted.
pub(super) struct Ahead(Sender<(SnapshotReader, ChunkRef)>);

/// How somebody reads a file.
#[derive(Default)]
pub(super) struct Progress(AtomicU64);

impl Ahead {
    /// Starts the threads; they end when this goes.
    pub(super) fn start(blobs: &Arc<OpenedBlobs>) -> std::io::Result<Self> {
        let (sender, receiver) = bounded(WAITING_MAX);
        for _ in 0..WORKERS {
            let (blobs, receiver) = (Arc::clone(blobs), receiver.clone());
            thread::Builder::new().name("read-ahead".into()).spawn(move || work(&blobs, &receiver))?;
        }
        Ok(Self(sender))
    }

    /// Opens what follows a place, if the file is read in order.
    pub(super) fn after(&self, blobs: &OpenedBlobs, file: &FilePieces, progress: &Progress, (offset, end): (u64, u64)) {
        let expected = progress.0.fetch_max(end, Ordering::Relaxed);
        if offset.abs_diff(expected) > DISORDER_BYTES_MAX {
            // Somebody jumped: from here on it may go in order again.
            progress.0.store(end, Ordering::Relaxed);
            return;
        }
        for chunk in file.following(end.saturating_sub(1), CHUNKS_AHEAD) {
            self.open(blobs, file.reader(), &chunk);
        }
    }

    /// Opens what a file begins with, if its chunks are known.
    pub(super) fn beginning(&self, blobs: &OpenedBlobs, reader: &SnapshotReader, file: &Entry) {
        if let EntryKind::File { content: Content::Chunks(chunks), .. } = &file.kind {
            let first = chunks.iter().filter(|chunk| !chunk.is_zeros() && chunk.bytes > 0).take(CHUNKS_AHEAD);
            first.for_each(|chunk| self.open(blobs, reader, chunk));
        }
    }

    fn open(&self, blobs: &OpenedBlobs, reader: &SnapshotReader, chunk: &ChunkRef) {
        if !blobs.has(reader, chunk) {
            let _ = self.0.try_send((reader.clone(), *chunk));
        }
    }
}

fn work(blobs: &OpenedBlobs, wanted: &Receiver<(SnapshotReader, ChunkRef)>) {
    for (reader, chunk) in wanted {
        if !blobs.has(&reader, &chunk) {
            // Whoever needs it meets the same fault, and tells it.
            let _ = blobs.chunk(&reader, &chunk);
        }
    }
}
