//! Planning: which stretch of which pack goes into which file.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use rustix::fs::{AtFlags, statat};
use vault::id::BlobId;
use vault::read::Location;
use vault::tree::{Content, Entry, EntryKind};

use super::crew::{Span, Spans};
use super::waiting::{Share, Window, bytes_of};
use super::{FaultError, Run};
use crate::target::{DirectoryId, FileInProgress, Outcome};

/// Blobs that are planned before any of them is read: the more, the straighter the reading, and the more copies of a blob
/// are written when it is opened once.
const WINDOW_PIECES_MAX: usize = 64 << 10;
/// The first window, so that the crew begins at once. Planning is some five times faster than filling.
const WINDOW_PIECES_FIRST: usize = 4 << 10;
const WINDOW_GROWTH: usize = 4;
/// So many places a stretch has at most, copies of its last blob aside: what the crew may have waiting is bounded by it.
const SPAN_PIECES_MAX: usize = 128;
/// A stretch is read at once up to so many bytes, unless one blob is larger.
const SPAN_BYTES_MAX: u64 = 2 << 20;
/// Reading over a gap of so many bytes costs less than a second read.
const GAP_BYTES_MAX: u64 = 64 << 10;

/// A blob and one place where it goes.
pub(super) struct Piece {
    pub id: BlobId,
    pub location: Location,
    pub file: Arc<Filling>,
    pub offset: u64,
}

/// A file that is being filled.
pub(super) struct Filling {
    pub directory: DirectoryId,
    pub entry: Entry,
    /// The only piece is the whole file.
    pub whole: AtomicBool,
    /// Pieces to come, and one more while pieces are still planned.
    left: AtomicU64,
    failed: AtomicBool,
    file: RwLock<Progress>,
    /// Of the memory for what is planned; given back when the file is done.
    _share: Share,
}

enum Progress {
    Waiting,
    Open(FileInProgress),
    Over,
}

/// Collects pieces and sends them on in the order of the packs.
pub(super) struct Planner<'p, 'r> {
    run: &'p Run<'r>,
    pieces: Vec<Piece>,
    window_pieces: usize,
    window: Arc<Window>,
    spans: Spans,
}

impl<'p, 'r> Planner<'p, 'r> {
    pub fn new(run: &'p Run<'r>, spans: Spans) -> Self {
        Self { run, pieces: Vec::new(), window_pieces: WINDOW_PIECES_FIRST, window: Arc::default(), spans }
    }

    /// Plans a file.
    pub fn file(&mut self, directory: DirectoryId, mut entry: Entry) {
        if self.run.resuming && self.is_there(directory, &entry) {
            return self.run.settle(directory, Some(&entry.name), Ok(Outcome::Kept), entry.size());
        }
        let reader = self.run.reader;
        let chunks = reader.chunks(&entry);
        let size = entry.size();
        // Many files wait here for their turn; the pieces say where their content is.
        if let EntryKind::File { content, .. } = &mut entry.kind {
            *content = Content::Chunks(Vec::new());
        }
        let bytes = bytes_of(&entry);
        let share = self.window.share(bytes).unwrap_or_else(|| {
            self.flush();
            self.window.wait_for_share(bytes)
        });
        let file = Arc::new(Filling {
            directory,
            entry,
            whole: AtomicBool::new(false),
            left: AtomicU64::new(1),
            failed: AtomicBool::new(false),
            file: RwLock::new(Progress::Waiting),
            _share: share,
        });
        let mut offset = 0;
        for chunk in chunks {
            let chunk = match chunk {
                Ok(chunk) => chunk,
                Err(lost) => {
                    file.fail(self.run, lost.fault.into());
                    break;
                }
            };
            if !chunk.is_zeros() {
                match reader.locate(&chunk) {
                    Ok(location) if u64::from(location.coding.plain_bytes) == chunk.bytes => {
                        file.whole.store(offset == 0 && chunk.bytes == size, Ordering::Relaxed);
                        file.left.fetch_add(1, Ordering::Relaxed);
                        let (id, file) = (chunk.id, Arc::clone(&file));
                        self.pieces.push(Piece { id, location, file, offset });
                    }
                    Ok(_) => {
                        file.fail(self.run, FaultError::Differs);
                        break;
                    }
                    Err(fault) => {
                        file.fail(self.run, fault.into());
                        break;
                    }
                }
            }
            offset += chunk.bytes;
            if self.pieces.len() >= self.window_pieces {
                self.flush();
            }
        }
        file.piece_done(self.run);
    }

    /// Sends what is left.
    pub fn finish(mut self) {
        self.flush();
    }

    fn flush(&mut self) {
        let mut pieces = std::mem::take(&mut self.pieces);
        pieces.sort_by_key(|piece| (piece.location.pack, piece.location.offset, piece.id));
        let mut span: Vec<Piece> = Vec::new();
        for piece in pieces {
            if !span.is_empty() && !joins(&span, &piece) {
                self.send(std::mem::take(&mut span));
            }
            span.push(piece);
        }
        if !span.is_empty() {
            self.send(span);
        }
        self.window_pieces = (self.window_pieces * WINDOW_GROWTH).min(WINDOW_PIECES_MAX);
    }

    fn send(&self, pieces: Vec<Piece>) {
        if !self.run.is_over() {
            self.spans.send(Span { pieces });
        }
    }

    fn is_there(&self, directory: DirectoryId, entry: &Entry) -> bool {
        let Ok(handle) = self.run.target.handle(directory) else { return false };
        let Ok(stat) = statat(&*handle, entry.name.as_slice(), AtFlags::SYMLINK_NOFOLLOW) else { return false };
        rustix::fs::FileType::from_raw_mode(stat.st_mode) == rustix::fs::FileType::RegularFile
            && matches!(entry.kind, EntryKind::File { .. })
    }
}

/// Tells whether a piece is read together with those before it.
fn joins(span: &[Piece], piece: &Piece) -> bool {
    let (first, last) = (&span[0].location, &span[span.len() - 1].location);
    let same_pack = first.pack == piece.location.pack;
    let same_blob = last.offset == piece.location.offset;
    let end = u64::from(last.offset) + u64::from(last.sealed_bytes);
    let reach = u64::from(piece.location.offset) + u64::from(piece.location.sealed_bytes);
    let gap = u64::from(piece.location.offset).saturating_sub(end);
    let is_short =
        same_blob || span.len() < SPAN_PIECES_MAX && reach.saturating_sub(first.offset.into()) <= SPAN_BYTES_MAX;
    same_pack && gap <= GAP_BYTES_MAX && is_short
}

impl Filling {
    /// Writes a piece.
    pub fn write(&self, run: &Run<'_>, offset: u64, plain: &[u8]) {
        if self.whole.load(Ordering::Relaxed) {
            let written = run.target.write_whole(self.directory, &self.entry, plain);
            return run.settle(self.directory, Some(&self.entry.name), written, plain.len() as u64);
        }
        if self.failed.load(Ordering::Acquire) {
            return;
        }
        if let Err(error) = self.write_piece(run, offset, plain) {
            self.fail(run, error);
        }
    }

    fn write_piece(&self, run: &Run<'_>, offset: u64, plain: &[u8]) -> Result<(), FaultError> {
        let mut progress = self.file.read().unwrap_or_else(PoisonError::into_inner);
        if matches!(*progress, Progress::Waiting) {
            drop(progress);
            self.open(run, &mut self.file.write().unwrap_or_else(PoisonError::into_inner))?;
            progress = self.file.read().unwrap_or_else(PoisonError::into_inner);
        }
        match &*progress {
            Progress::Open(file) => Ok(file.write_at(offset, plain)?),
            Progress::Waiting | Progress::Over => Ok(()),
        }
    }

    /// Says that a piece is written or given up; the last one finishes the file.
    pub fn piece_done(&self, run: &Run<'_>) {
        if self.left.fetch_sub(1, Ordering::AcqRel) > 1 || self.whole.load(Ordering::Relaxed) {
            return;
        }
        let mut progress = self.file.write().unwrap_or_else(PoisonError::into_inner);
        if self.failed.load(Ordering::Acquire) || run.is_over() {
            *progress = Progress::Over;
            return;
        }
        if let Err(error) = self.open(run, &mut progress) {
            drop(progress);
            return self.fail(run, error);
        }
        let Progress::Open(file) = std::mem::replace(&mut *progress, Progress::Over) else { return };
        let size = self.entry.size();
        let finished = file.set_size(size).and_then(|()| file.finish(&self.entry));
        run.settle(self.directory, Some(&self.entry.name), finished, size);
    }

    /// Gives the file up and says why, once.
    pub fn fail(&self, run: &Run<'_>, error: FaultError) {
        if !self.failed.swap(true, Ordering::AcqRel) {
            run.fault(self.directory, Some(&self.entry.name), error);
        }
    }

    fn open(&self, run: &Run<'_>, progress: &mut Progress) -> Result<(), FaultError> {
        if matches!(progress, Progress::Waiting) {
            *progress = match run.target.create_file(self.directory, &self.entry)? {
                Some(file) => Progress::Open(file),
                None => {
                    run.settle(self.directory, Some(&self.entry.name), Ok(Outcome::Kept), self.entry.size());
                    Progress::Over
                }
            };
        }
        Ok(())
    }
}
