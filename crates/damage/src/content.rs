//! The bytes of a file in a snapshot, readable at any place.

use std::cell::RefCell;
use std::collections::VecDeque;

use triage::{Content, ContentError};
use vault::blob::BlobKind;
use vault::read::{ReadFault, SnapshotReader};
use vault::tree::{ChunkRef, Entry};

/// One version of a file.
pub struct StoredContent<'s> {
    reader: &'s SnapshotReader,
    chunks: Vec<(u64, ChunkRef)>,
    bytes: u64,
    /// The chunks that were read last: an examination goes to and fro between few places.
    recent: RefCell<VecDeque<(usize, Vec<u8>)>>,
}

/// So many chunks are held.
const RECENT_MAX: usize = 4;

impl<'s> StoredContent<'s> {
    /// Opens a version. A file whose list of chunks is damaged cannot be opened.
    pub fn open(reader: &'s SnapshotReader, file: &Entry) -> Result<Self, ReadFault> {
        let (mut chunks, mut bytes) = (Vec::new(), 0);
        for chunk in reader.chunks(file) {
            let chunk = chunk.map_err(|lost| lost.fault)?;
            chunks.push((bytes, chunk));
            bytes += chunk.bytes;
        }
        Ok(Self { reader, chunks, bytes, recent: RefCell::default() })
    }

    fn load(&self, place: usize) -> Result<Vec<u8>, ReadFault> {
        let chunk = &self.chunks[place].1;
        let plain = self.reader.blob(BlobKind::Chunk, &chunk.id)?;
        // A list that a stolen key signed may tell another length than the blob has.
        if plain.len() as u64 == chunk.bytes { Ok(plain) } else { Err(ReadFault::Unlocated { id: chunk.id }) }
    }
}

impl Content for StoredContent<'_> {
    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, ContentError> {
        self.read_stored(offset, into).map_err(|fault| ContentError { offset, source: Box::new(fault) })
    }
}

impl StoredContent<'_> {
    /// Reads at an offset; 0 is the end.
    pub(crate) fn read_stored(&self, offset: u64, into: &mut [u8]) -> Result<usize, ReadFault> {
        if offset >= self.bytes || into.is_empty() {
            return Ok(0);
        }
        let place = self.chunks.partition_point(|(start, _)| *start <= offset) - 1;
        let (start, chunk) = &self.chunks[place];
        let within = offset - start;
        let left = (chunk.bytes - within).min(into.len() as u64) as usize;
        if chunk.is_zeros() {
            into[..left].fill(0);
            return Ok(left);
        }
        let mut recent = self.recent.borrow_mut();
        let at = match recent.iter().position(|(held, _)| *held == place) {
            Some(at) => at,
            None => {
                let plain = self.load(place)?;
                if recent.len() == RECENT_MAX {
                    recent.pop_front();
                }
                recent.push_back((place, plain));
                recent.len() - 1
            }
        };
        let within = usize::try_from(within).expect("a chunk fits in memory");
        into[..left].copy_from_slice(&recent[at].1[within..within + left]);
        Ok(left)
    }
}
