//! Whether two files hold the same bytes, with as little reading as that takes.

use super::Side;
use crate::blob::BlobKind;
use crate::id::BlobId;
use crate::read::{Chunks, ReadFault, SnapshotReader};
use crate::tree::{ChunkRef, Entry, EntryKind};

/// Bytes that cannot be read, and on which side.
type Lost = Box<(Side, ReadFault)>;

/// Tells whether two entries of one kind have the same content. Directories have: what is in them is compared by itself.
pub(super) fn has_same_content(
    before: (&SnapshotReader, &Entry),
    after: (&SnapshotReader, &Entry),
    same_strand: bool,
) -> Result<bool, Lost> {
    match (&before.1.kind, &after.1.kind) {
        (
            EntryKind::File { size, content, sha256 },
            EntryKind::File { size: other_size, content: other_content, sha256: other_sha256 },
        ) => {
            if size != other_size {
                return Ok(false);
            }
            if same_strand && content == other_content {
                return Ok(true);
            }
            match (sha256, other_sha256) {
                (Some(one), Some(other)) => Ok(one == other),
                _ => compare_bytes(before, after, same_strand),
            }
        }
        (EntryKind::Directory { .. }, EntryKind::Directory { .. }) => Ok(true),
        (one, other) => Ok(one == other),
    }
}

/// Compares chunk by chunk. Within a strand, chunks at one place are told apart by their ids.
fn compare_bytes(
    before: (&SnapshotReader, &Entry),
    after: (&SnapshotReader, &Entry),
    same_strand: bool,
) -> Result<bool, Lost> {
    let mut one = Stretches::new(before, Side::Before);
    let mut other = Stretches::new(after, Side::After);
    loop {
        match (one.advance()?, other.advance()?) {
            (false, false) => return Ok(true),
            (true, true) => {}
            _ => return Ok(false),
        }
        if same_strand && one.done == 0 && other.done == 0 && one.chunk.bytes == other.chunk.bytes {
            if one.chunk.id != other.chunk.id {
                return Ok(false);
            }
            one.done = one.chunk.bytes;
            other.done = other.chunk.bytes;
            continue;
        }
        let bytes = one.left().min(other.left());
        if !one.chunk.is_zeros() || !other.chunk.is_zeros() {
            one.load()?;
            other.load()?;
            let (some, others) = (one.peek(bytes), other.peek(bytes));
            let same = match (some, others) {
                (Some(some), Some(others)) => some == others,
                (Some(bytes), None) | (None, Some(bytes)) => bytes.iter().all(|byte| *byte == 0),
                (None, None) => true,
            };
            if !same {
                return Ok(false);
            }
        }
        one.done += bytes;
        other.done += bytes;
    }
}

/// The bytes of a file, a chunk or a run of zeros at a time.
struct Stretches<'r> {
    reader: &'r SnapshotReader,
    side: Side,
    chunks: Chunks,
    chunk: ChunkRef,
    plain: Option<Vec<u8>>,
    done: u64,
}

impl<'r> Stretches<'r> {
    fn new((reader, file): (&'r SnapshotReader, &Entry), side: Side) -> Self {
        let none = ChunkRef { id: BlobId::ZEROS, bytes: 0 };
        Self { reader, side, chunks: reader.chunks(file), chunk: none, plain: None, done: 0 }
    }

    /// Goes on to the next chunk if this one is done; says whether there is one.
    fn advance(&mut self) -> Result<bool, Lost> {
        while self.left() == 0 {
            match self.chunks.next() {
                None => return Ok(false),
                Some(Err(lost)) => return Err(Box::new((self.side, lost.fault))),
                Some(Ok(chunk)) => (self.chunk, self.plain, self.done) = (chunk, None, 0),
            }
        }
        Ok(true)
    }

    fn left(&self) -> u64 {
        self.chunk.bytes - self.done
    }

    /// Reads the chunk, unless it is a run of zeros.
    fn load(&mut self) -> Result<(), Lost> {
        if self.plain.is_none() && !self.chunk.is_zeros() {
            let plain =
                self.reader.blob(BlobKind::Chunk, &self.chunk.id).map_err(|fault| Box::new((self.side, fault)))?;
            if plain.len() as u64 != self.chunk.bytes {
                return Err(Box::new((self.side, ReadFault::Unlocated { id: self.chunk.id })));
            }
            self.plain = Some(plain);
        }
        Ok(())
    }

    /// The next bytes; `None` stands for zeros.
    fn peek(&self, bytes: u64) -> Option<&[u8]> {
        let plain = self.plain.as_ref()?;
        // A loaded chunk has the length that its reference tells, and no more than that is left.
        plain.get(self.done as usize..(self.done + bytes) as usize)
    }
}
