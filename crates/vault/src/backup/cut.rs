//! Cutting the content of a file into chunks, and sharing the chunks of large files among the threads.

use std::collections::VecDeque;
use std::sync::Arc;

use aws_lc_rs::digest;
use crossbeam_channel::{Receiver, Sender, TrySendError};

use super::BackupError;
use super::packer::{BlobKeeper, Needs, Prospect};
use super::run::Run;
use super::slot::{Promise, Slot};
use super::witness::{FACTS_BYTES_MAX, Look};
use crate::content::ContentBuilder;
use crate::id::BlobId;
use crate::source::{Extent, SourceError};
use crate::tree::{ChunkRef, Content};

/// Bytes that come one run after the other.
pub(super) trait Bytes {
    /// Reads the next run; `None` at the end.
    fn next<'b>(&mut self, buffer: &'b mut [u8]) -> Result<Option<Extent<'b>>, SourceError>;
}

/// What was kept of a content.
pub(super) struct Kept {
    pub content: Content,
    pub size: u64,
    pub sha256: Option<[u8; 32]>,
    pub facts: Option<Vec<u8>>,
    pub needs: Needs,
}

/// Why a content was not kept.
pub(super) enum CutError {
    /// The source failed.
    Source(SourceError),
    /// The whole backup cannot go on.
    Run(BackupError),
}

impl From<SourceError> for CutError {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

impl From<BackupError> for CutError {
    fn from(error: BackupError) -> Self {
        Self::Run(error)
    }
}

/// A chunk of a large file, given to whichever thread is free.
pub(super) struct ChunkTask {
    plain: Vec<u8>,
    prospect: Prospect,
    done: Promise<ChunkDone>,
}

type ChunkDone = Option<(ChunkRef, Needs)>;

/// The queue of chunks: both ends, since every thread gives and takes.
#[derive(Clone)]
pub(super) struct ChunkQueue {
    pub give: Sender<ChunkTask>,
    pub take: Receiver<ChunkTask>,
}

impl ChunkQueue {
    /// Makes a queue that keeps so many threads busy, and holds no more.
    pub fn new(jobs: usize) -> Self {
        let (give, take) = crossbeam_channel::bounded(jobs);
        Self { give, take }
    }
}

/// Cuts contents; each thread has its own.
pub(super) struct Cutter<'r> {
    run: &'r Run<'r>,
    keeper: BlobKeeper<'r>,
    queue: ChunkQueue,
    buffer: Vec<u8>,
}

/// The content that is being cut.
struct Cutting {
    builder: ContentBuilder,
    waiting: VecDeque<(u64, Arc<Slot<ChunkDone>>)>,
    sha256: Option<digest::Context>,
    look: Option<Box<dyn Look>>,
    shared: bool,
    shape: Shape,
}

/// What is known of a content before it is read.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// Its length in bytes, as far as that is known: whether it is worth sharing among threads.
    pub size_hint: u64,
    /// Chunks are all of one size.
    pub fixed: bool,
    pub prospect: Prospect,
}

impl<'r> Cutter<'r> {
    pub fn new(run: &'r Run<'r>, queue: ChunkQueue) -> Self {
        Self { run, keeper: BlobKeeper::new(run), queue, buffer: Vec::new() }
    }

    /// Keeps a content; the name is that of the file if somebody may look at it.
    pub fn keep(&mut self, name: Option<&[u8]>, bytes: &mut dyn Bytes, shape: Shape) -> Result<Kept, CutError> {
        let Shape { size_hint, prospect, .. } = shape;
        let sizes = self.run.chunker.sizes();
        let mut cutting = Cutting {
            builder: ContentBuilder::default(),
            waiting: VecDeque::new(),
            sha256: self.run.options.sha256.then(|| digest::Context::new(&digest::SHA256)),
            look: self.run.monitor.witness().zip(name).map(|(witness, name)| witness.look(name, size_hint)),
            shared: size_hint > sizes.bytes_max as u64,
            shape,
        };
        self.keeper.expect(prospect);
        // A file that turns out longer than it said is read on with a larger buffer.
        let wanted = usize::try_from(size_hint).unwrap_or(usize::MAX).clamp(16 << 10, 2 * sizes.bytes_max.max(8 << 10));
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        let result = self.cut_all(bytes, &mut cutting);
        if result.is_err() {
            // Chunks that others still have must not outlive this file's turn: their packs would be noted for the next.
            while let Some((_, slot)) = cutting.waiting.pop_front() {
                self.await_chunk(&slot);
            }
            self.keeper.take_needs();
        }
        result?;
        let size = cutting.builder.size();
        let content = self.keeper.finish_content(cutting.builder)?;
        let sha256 = cutting.sha256.map(|sum| sum.finish().as_ref().try_into().expect("SHA-256 has 32 bytes"));
        let facts = cutting.look.map(|mut look| look.finish());
        let facts = facts.filter(|facts| (1..=FACTS_BYTES_MAX).contains(&facts.len()));
        Ok(Kept { content, size, sha256, facts, needs: self.keeper.take_needs() })
    }

    /// Keeps a chunk that another thread cut.
    pub fn help(&mut self, task: ChunkTask) {
        let own = self.keeper.expect(task.prospect);
        let (kept, needs) = self.keeper.apart(|keeper| keeper.keep_chunk(&task.plain));
        self.keeper.expect(own);
        self.run.chunk_buffers.give(task.plain);
        match kept {
            Ok(chunk) => task.done.keep(Some((chunk, needs))),
            Err(error) => {
                self.run.ending.fail(error);
                task.done.keep(None);
            }
        }
    }

    fn cut_all(&mut self, bytes: &mut dyn Bytes, cutting: &mut Cutting) -> Result<(), CutError> {
        let bytes_max = self.run.chunker.sizes().bytes_max;
        let mut filled = 0;
        loop {
            if filled == self.buffer.len() {
                if filled < 2 * bytes_max {
                    self.buffer.resize(2 * bytes_max, 0);
                } else {
                    filled = self.cut(cutting, filled, false)?;
                }
            }
            let turn = self.run.turn_to_read();
            let read = bytes.next(&mut self.buffer[filled..]);
            drop(turn);
            match read? {
                Some(Extent::Data(data)) => {
                    filled += data.len();
                    self.run.count_read(data.len() as u64);
                }
                Some(Extent::Hole(hole_bytes)) => {
                    filled = self.cut(cutting, filled, true)?;
                    cutting.zeros(hole_bytes);
                    self.settle(cutting, 0)?;
                    cutting.builder.add(ChunkRef { id: BlobId::ZEROS, bytes: hole_bytes }, &mut self.keeper)?;
                }
                None => {
                    self.cut(cutting, filled, true)?;
                    self.settle(cutting, 0)?;
                    return Ok(());
                }
            }
            if self.run.ending.is_over() {
                return Err(BackupError::Aborted.into());
            }
            // One file may take hours: who asks to stop does not wait for its end.
            if self.run.monitor.stopping() {
                return Err(BackupError::Stopped.into());
            }
        }
    }

    /// Cuts the buffer and returns how much is left in it.
    fn cut(&mut self, cutting: &mut Cutting, filled: usize, last: bool) -> Result<usize, CutError> {
        let bytes_max = self.run.chunker.sizes().bytes_max;
        let buffer = std::mem::take(&mut self.buffer);
        let mut start = 0;
        let mut result = Ok(());
        while result.is_ok() && start < filled && (last || filled - start >= bytes_max) {
            let length = match cutting.shape.fixed {
                true => (filled - start).min(self.run.chunker.sizes().bytes_average),
                false => self.run.chunker.first(&buffer[start..filled]),
            };
            result = self.emit(cutting, &buffer[start..start + length]);
            start += length;
        }
        self.buffer = buffer;
        self.buffer.copy_within(start..filled, 0);
        result.map(|()| filled - start)
    }

    fn emit(&mut self, cutting: &mut Cutting, plain: &[u8]) -> Result<(), CutError> {
        if let Some(sum) = &mut cutting.sha256 {
            sum.update(plain);
        }
        if let Some(look) = &mut cutting.look {
            look.data(plain);
        }
        if cutting.shared && self.run.options.jobs > 1 {
            let (slot, done) = Slot::new(|| None);
            let mut copy = self.run.chunk_buffers.take();
            copy.clear();
            copy.extend_from_slice(plain);
            match self.queue.give.try_send(ChunkTask { plain: copy, prospect: cutting.shape.prospect, done }) {
                Ok(()) => {
                    cutting.waiting.push_back((plain.len() as u64, slot));
                    return self.settle(cutting, 2 * self.run.options.jobs);
                }
                // Everybody is busy: keep it here, after those that wait for their turn.
                Err(TrySendError::Full(task) | TrySendError::Disconnected(task)) => {
                    cutting.waiting.push_back((plain.len() as u64, slot));
                    self.help(task);
                    return self.settle(cutting, 2 * self.run.options.jobs);
                }
            }
        }
        let chunk = self.keeper.keep_chunk(plain)?;
        cutting.builder.add(chunk, &mut self.keeper)?;
        Ok(())
    }

    /// Takes finished chunks in their order until at most `waiting_max` wait.
    fn settle(&mut self, cutting: &mut Cutting, waiting_max: usize) -> Result<(), CutError> {
        while let Some((_, slot)) = cutting.waiting.front() {
            if slot.peek().is_none() && cutting.waiting.len() <= waiting_max {
                break;
            }
            let slot = Arc::clone(slot);
            let done = self.await_chunk(&slot);
            cutting.waiting.pop_front();
            let Some((chunk, needs)) = &*done else { return Err(BackupError::Aborted.into()) };
            self.keeper.join(needs.clone());
            cutting.builder.add(*chunk, &mut self.keeper)?;
        }
        Ok(())
    }

    /// Waits for a chunk, and works on others meanwhile: otherwise all threads could wait for each other.
    fn await_chunk(&mut self, slot: &Slot<ChunkDone>) -> Arc<ChunkDone> {
        loop {
            if let Some(done) = slot.peek() {
                return done;
            }
            match self.queue.take.try_recv() {
                Ok(task) => self.help(task),
                Err(_) => return slot.wait(),
            }
        }
    }
}

impl Cutting {
    fn zeros(&mut self, mut bytes: u64) {
        const ZEROS: [u8; 4096] = [0; 4096];
        if let Some(look) = &mut self.look {
            look.zeros(bytes);
        }
        if let Some(sum) = &mut self.sha256 {
            while bytes > 0 {
                let part = bytes.min(ZEROS.len() as u64);
                sum.update(&ZEROS[..part as usize]);
                bytes -= part;
            }
        }
    }
}
