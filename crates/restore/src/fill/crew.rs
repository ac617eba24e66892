//! The threads that read stretches of packs, open their blobs and write them where they go.

use crossbeam_channel::{Receiver, Sender};
use vault::blob::{BlobKind, BlobOpener};
use vault::read::ReadFault;

use super::plan::Piece;
use super::{FaultError, Run};

/// Stretches that are planned and wait for the crew: the next window is planned meanwhile.
const SPANS_WAITING_MAX: usize = 256;

/// A stretch of one pack, and where its blobs go; sorted by place in the pack.
pub(super) struct Span {
    pub pieces: Vec<Piece>,
}

/// Where the planner leaves stretches.
pub(super) struct Spans(Sender<Span>);

impl Spans {
    pub fn send(&self, span: Span) {
        // The crew takes spans as long as the planner lives.
        let _ = self.0.send(span);
    }
}

/// Runs `plan` beside a crew that works on what it sends, and returns when all is written.
pub(super) fn with_crew<T, E>(run: &Run<'_>, jobs: usize, plan: impl FnOnce(Spans) -> Result<T, E>) -> Result<T, E> {
    let jobs = jobs.max(1);
    let (sender, spans) = crossbeam_channel::bounded(SPANS_WAITING_MAX);
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            let spans = spans.clone();
            scope.spawn(move || work(run, &spans));
        }
        drop(spans);
        plan(Spans(sender))
    })
}

fn work(run: &Run<'_>, spans: &Receiver<Span>) {
    let mut opener = BlobOpener::default();
    for span in spans {
        if !run.is_over() {
            fill(run, &mut opener, &span);
        }
        for piece in &span.pieces {
            piece.file.piece_done(run);
        }
    }
}

fn fill(run: &Run<'_>, opener: &mut BlobOpener, span: &Span) {
    let first = &span.pieces[0].location;
    let end = span.pieces.iter().map(|piece| piece.location.offset + piece.location.sealed_bytes).max();
    let length = (end.unwrap_or(first.offset) - first.offset) as usize;
    let reader = run.reader.strand();
    match reader.pack_range(first.pack, u64::from(first.offset), length) {
        Ok(mut bytes) => {
            for same in span.pieces.chunk_by(is_same_blob) {
                open_and_write(run, opener, &mut bytes, first.offset, same);
            }
        }
        // The stretch may be readable in part: each blob on its own.
        Err(_) => {
            for same in span.pieces.chunk_by(is_same_blob) {
                let location = &same[0].location;
                let length = location.sealed_bytes as usize;
                match reader.pack_range(location.pack, u64::from(location.offset), length) {
                    Ok(mut bytes) => open_and_write(run, opener, &mut bytes, location.offset, same),
                    Err(_) => read_again(run, same),
                }
            }
        }
    }
}

/// Where an index lied, two blobs may seem to begin at one place.
fn is_same_blob(one: &Piece, next: &Piece) -> bool {
    (one.location.offset, one.id) == (next.location.offset, next.id)
}

/// Opens one blob and writes it to all places where it goes.
fn open_and_write(run: &Run<'_>, opener: &mut BlobOpener, bytes: &mut [u8], bytes_offset: u32, same: &[Piece]) {
    let Piece { id, location, .. } = &same[0];
    let start = (location.offset - bytes_offset) as usize;
    let sealed = &mut bytes[start..start + location.sealed_bytes as usize];
    match run.reader.strand().open_blob(opener, (BlobKind::Chunk, id), location, sealed) {
        Ok(plain) => same.iter().for_each(|piece| piece.file.write(run, piece.offset, plain)),
        Err(_) => read_again(run, same),
    }
}

/// Reads a blob from wherever it is: there may be another copy, or an index that lied about this one.
fn read_again(run: &Run<'_>, same: &[Piece]) {
    let Piece { id, location, .. } = &same[0];
    match run.reader.blob(BlobKind::Chunk, id) {
        Ok(plain) if plain.len() == location.coding.plain_bytes as usize => {
            same.iter().for_each(|piece| piece.file.write(run, piece.offset, &plain));
        }
        Ok(_) => same.iter().for_each(|piece| piece.file.fail(run, FaultError::Differs)),
        Err(fault) => fail_all(run, same, fault),
    }
}

fn fail_all(run: &Run<'_>, same: &[Piece], fault: ReadFault) {
    let name = run.reader.strand().pack_name(same[0].location.pack);
    let mut fault = Some(fault);
    for piece in same {
        let error =
            fault.take().unwrap_or(ReadFault::Damaged { name, source: vault::bytes::FormatError::Sealed("blob") });
        piece.file.fail(run, FaultError::Read(error));
    }
}
