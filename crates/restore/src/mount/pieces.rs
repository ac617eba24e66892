//! One file, readable at any place without its whole list of chunks in memory: a list may be as long as whoever wrote it
//! pleased.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use vault::read::{ReadFault, SnapshotReader};
use vault::tree::{ChunkRef, Content, Entry, EntryKind};

use super::file_system::locked;
use super::opened::OpenedBlobs;

/// A file that is read.
pub(super) struct FilePieces {
    reader: SnapshotReader,
    bytes: u64,
    /// The list of a large file, and its level.
    list: Option<(ChunkRef, u8)>,
    /// The stretches that were read last, the newest at the end.
    stretches: Mutex<Vec<Arc<Stretch>>>,
}

/// Chunks that follow each other.
pub(super) struct Stretch {
    start: u64,
    end: u64,
    chunks: Vec<(u64, ChunkRef)>,
}

/// So many stretches of a file are held: whoever jumps about in one need not read its lists again and again.
const STRETCHES_MAX: usize = 8;
/// Looking for holes ends after so many stretches, with an answer that is true if not exact.
const STRETCHES_SEARCHED_MAX: usize = 1 << 12;

impl FilePieces {
    /// Opens a file; nothing is read yet.
    pub(super) fn new(reader: &SnapshotReader, file: &Entry) -> Self {
        let bytes = file.size();
        let (list, stretch) = match &file.kind {
            EntryKind::File { content: Content::List(id, level), .. } => {
                (Some((ChunkRef { id: *id, bytes }, *level)), None)
            }
            EntryKind::File { content: Content::Chunks(chunks), .. } => (None, Some(Stretch::new(0, chunks.clone()))),
            _ => (None, Some(Stretch::new(0, Vec::new()))),
        };
        Self { reader: reader.clone(), bytes, list, stretches: Mutex::new(stretch.map(Arc::new).into_iter().collect()) }
    }

    /// The snapshot that the file is of.
    pub(super) fn reader(&self) -> &SnapshotReader {
        &self.reader
    }

    /// How long the file is.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reads at most so many bytes at an offset; fewer only at the end.
    pub(super) fn read(&self, blobs: &OpenedBlobs, offset: u64, bytes_max: usize) -> Result<Vec<u8>, ReadFault> {
        let wanted = usize::try_from(self.bytes.saturating_sub(offset)).unwrap_or(usize::MAX).min(bytes_max);
        let mut read = Vec::with_capacity(wanted);
        while read.len() < wanted {
            let at = offset + read.len() as u64;
            let stretch = self.stretch_at(at)?;
            // The entry says more than its chunks have.
            let Some((start, chunk)) = stretch.chunk_at(at) else { break };
            let within = at - start;
            let part = usize::try_from(chunk.bytes - within).unwrap_or(usize::MAX).min(wanted - read.len());
            if chunk.is_zeros() {
                read.resize(read.len() + part, 0);
            } else {
                let plain = blobs.chunk(&self.reader, chunk)?;
                let within = usize::try_from(within).expect("a blob fits in memory");
                plain.copy(within..within + part, &mut read);
            }
        }
        Ok(read)
    }

    /// Returns the chunks that follow an offset, as far as they are known without reading.
    pub(super) fn following(&self, offset: u64, count: usize) -> Vec<ChunkRef> {
        let Some(stretch) = self.known_stretch(offset) else { return Vec::new() };
        let after = stretch.chunks.iter().filter(|(start, chunk)| *start > offset && !chunk.is_zeros());
        after.take(count).map(|(_, chunk)| *chunk).collect()
    }

    /// Returns where data, or a hole, begins at or after an offset; the length if there is none.
    pub(super) fn next(&self, offset: u64, data: bool) -> Result<u64, ReadFault> {
        let mut at = offset;
        for _ in 0..STRETCHES_SEARCHED_MAX {
            if at >= self.bytes {
                return Ok(self.bytes);
            }
            let stretch = self.stretch_at(at)?;
            let Some(first) = stretch.place_of(at) else { return Ok(self.bytes) };
            let found = stretch.chunks[first..].iter().find(|(_, chunk)| chunk.bytes > 0 && chunk.is_zeros() != data);
            match found {
                Some((start, _)) => return Ok(at.max(*start)),
                None => at = stretch.end,
            }
        }
        // All may be data: that there is no hole is never wrong.
        Ok(if data { at } else { self.bytes })
    }

    fn stretch_at(&self, offset: u64) -> Result<Arc<Stretch>, ReadFault> {
        let nothing = || Arc::new(Stretch::new(offset, Vec::new()));
        if let Some(stretch) = self.known_stretch(offset) {
            return Ok(stretch);
        }
        let Some((mut list, mut level)) = self.list else { return Ok(nothing()) };
        let mut start = 0;
        let stretch = loop {
            let records = Stretch::new(start, self.reader.chunk_list(&list, level)?);
            match (level, records.chunk_at(offset)) {
                (0, _) => break Arc::new(records),
                (_, None) => return Ok(nothing()),
                (_, Some((below, record))) => (start, list, level) = (below, *record, level - 1),
            }
        };
        let mut stretches = locked(&self.stretches);
        if stretches.len() >= STRETCHES_MAX {
            stretches.remove(0);
        }
        stretches.push(Arc::clone(&stretch));
        Ok(stretch)
    }

    fn known_stretch(&self, offset: u64) -> Option<Arc<Stretch>> {
        locked(&self.stretches).iter().find(|stretch| stretch.range().contains(&offset)).cloned()
    }
}

impl Stretch {
    fn new(start: u64, chunks: Vec<ChunkRef>) -> Self {
        let mut end = start;
        let mut placed = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            placed.push((end, chunk));
            end = end.saturating_add(chunk.bytes);
        }
        Self { start, end, chunks: placed }
    }

    fn range(&self) -> Range<u64> {
        self.start..self.end
    }

    /// Returns which chunk holds the byte at an offset of the file.
    fn place_of(&self, offset: u64) -> Option<usize> {
        let after = self.chunks.partition_point(|(start, _)| *start <= offset);
        let place = after.checked_sub(1)?;
        self.range().contains(&offset).then_some(place)
    }

    fn chunk_at(&self, offset: u64) -> Option<(u64, &ChunkRef)> {
        self.place_of(offset).map(|place| (self.chunks[place].0, &self.chunks[place].1))
    }
}

#[cfg(test)]
mod tests {
    use vault::id::BlobId;

    use super::*;

    #[test]
    fn every_byte_has_its_chunk_and_empty_chunks_have_none() {
        let chunk = |number: u8, bytes| ChunkRef { id: BlobId([number; 32]), bytes };
        let stretch = Stretch::new(100, vec![chunk(1, 10), chunk(2, 0), chunk(3, u64::MAX)]);
        let found = |offset| stretch.chunk_at(offset).map(|(start, chunk)| (start, chunk.id.0[0]));
        assert_eq!((found(99), found(100), found(109)), (None, Some((100, 1)), Some((100, 1))));
        assert_eq!((found(110), found(u64::MAX - 1)), (Some((110, 3)), Some((110, 3))));
        assert_eq!(Stretch::new(0, Vec::new()).chunk_at(0).map(|(start, _)| start), None);
    }
}
