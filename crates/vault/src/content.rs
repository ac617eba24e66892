//! The content of a file: chunks in order, beyond a few dozen as a tree of chunk lists (`docs/format.md` §8).

use crate::blob::BlobKind;
use crate::bytes::{Columns, FormatError};
use crate::id::BlobId;
use crate::tree::{BlobSink, ChunkRef, Content};

const RECORD_BYTES: usize = 40;
const RECORDS_MIN: usize = 32;
const RECORDS_MAX: usize = 512;
const LEVELS_MAX: u8 = 8;
const WHAT: &str = "chunk list";

/// Collects the chunks of one file; memory does not grow with the file.
#[derive(Default)]
pub struct ContentBuilder {
    inline: Vec<ChunkRef>,
    levels: Vec<Vec<ChunkRef>>,
    size: u64,
}

impl ContentBuilder {
    /// Adds the next chunk, or run of zeros.
    pub fn add<S: BlobSink>(&mut self, chunk: ChunkRef, sink: &mut S) -> Result<(), S::Error> {
        self.size += chunk.bytes;
        if let Some(last) = self.inline.last_mut().filter(|last| last.is_zeros() && chunk.is_zeros()) {
            last.bytes += chunk.bytes;
            return Ok(());
        }
        if self.levels.is_empty() && self.inline.len() < Content::INLINE_MAX {
            self.inline.push(chunk);
            return Ok(());
        }
        // The newest chunk stays behind, where a following run of zeros can still join it.
        for waiting in std::mem::replace(&mut self.inline, vec![chunk]) {
            self.push(0, waiting, sink)?;
        }
        Ok(())
    }

    /// The number of bytes added so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Closes the content.
    pub fn finish<S: BlobSink>(mut self, sink: &mut S) -> Result<Content, S::Error> {
        if self.levels.is_empty() {
            return Ok(Content::Chunks(self.inline));
        }
        for waiting in std::mem::take(&mut self.inline) {
            self.push(0, waiting, sink)?;
        }
        let mut level = 0;
        loop {
            let top = level + 1 == self.levels.len();
            if top && level > 0 && self.levels[level].len() == 1 {
                return Ok(Content::List(self.levels[level][0].id, level as u8 - 1));
            }
            if top {
                let list = self.close(level, sink)?;
                return Ok(Content::List(list.id, level as u8));
            }
            if !self.levels[level].is_empty() {
                let list = self.close(level, sink)?;
                self.push(level + 1, list, sink)?;
            }
            level += 1;
        }
    }

    fn push<S: BlobSink>(&mut self, level: usize, record: ChunkRef, sink: &mut S) -> Result<(), S::Error> {
        if self.levels.len() == level {
            self.levels.push(Vec::new());
        }
        let open = &mut self.levels[level];
        open.push(record);
        let natural = open.len() >= RECORDS_MIN && !record.is_zeros() && record.id.0[0].is_multiple_of(64);
        if natural || open.len() == RECORDS_MAX {
            let list = self.close(level, sink)?;
            self.push(level + 1, list, sink)?;
        }
        Ok(())
    }

    fn close<S: BlobSink>(&mut self, level: usize, sink: &mut S) -> Result<ChunkRef, S::Error> {
        let records = std::mem::take(&mut self.levels[level]);
        let mut plain = Vec::with_capacity(1 + records.len() * RECORD_BYTES);
        plain.push(level as u8);
        for record in &records {
            plain.extend(record.id.0);
            plain.extend(record.bytes.to_le_bytes());
        }
        let id = sink.keep(BlobKind::List, &plain)?;
        Ok(ChunkRef { id, bytes: records.iter().map(|record| record.bytes).sum() })
    }
}

/// Reads a chunk list that should be of a level and lead to a number of content bytes.
pub fn parse_list(plain: &[u8], level: u8, bytes: u64) -> Result<Vec<ChunkRef>, FormatError> {
    let mut columns = Columns::new(plain, WHAT);
    if columns.u8()? != level || level > LEVELS_MAX {
        return Err(FormatError::Malformed(WHAT));
    }
    let records = columns.rest();
    if !records.len().is_multiple_of(RECORD_BYTES) || records.len() > RECORDS_MAX * RECORD_BYTES {
        return Err(FormatError::Malformed(WHAT));
    }
    let mut chunks = Vec::with_capacity(records.len() / RECORD_BYTES);
    let mut sum = 0u64;
    for record in records.chunks_exact(RECORD_BYTES) {
        let (id, length) = record.split_at(32);
        let chunk = ChunkRef {
            id: BlobId(id.try_into().expect("32 bytes")),
            bytes: u64::from_le_bytes(length.try_into().expect("eight bytes")),
        };
        sum = sum.checked_add(chunk.bytes).ok_or(FormatError::Malformed(WHAT))?;
        chunks.push(chunk);
    }
    if sum == bytes { Ok(chunks) } else { Err(FormatError::Malformed(WHAT)) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use super::*;
    use crate::secret::SecretKey;

    #[derive(Default)]
    struct Kept(BTreeMap<BlobId, Vec<u8>>);

    impl BlobSink for Kept {
        type Error = Infallible;
        fn keep(&mut self, kind: BlobKind, plain: &[u8]) -> Result<BlobId, Infallible> {
            let id = kind.id(&SecretKey::new([8; 32]), plain);
            self.0.insert(id, plain.to_vec());
            Ok(id)
        }
    }

    fn flatten(kept: &Kept, list: ChunkRef, level: u8, out: &mut Vec<ChunkRef>) {
        for record in parse_list(&kept.0[&list.id], level, list.bytes).unwrap() {
            if level == 0 { out.push(record) } else { flatten(kept, record, level - 1, out) }
        }
    }

    fn chunks(count: u32) -> Vec<ChunkRef> {
        (0..count).map(|n| ChunkRef { id: BlobId(*blake3::hash(&n.to_le_bytes()).as_bytes()), bytes: 1000 }).collect()
    }

    fn build(chunks: &[ChunkRef], kept: &mut Kept) -> Content {
        let mut builder = ContentBuilder::default();
        for chunk in chunks {
            let Ok(()) = builder.add(*chunk, kept);
        }
        let Ok(content) = builder.finish(kept);
        content
    }

    #[test]
    fn contents_of_any_length_are_read_back() {
        for count in [0, 1, 64, 65, 66, 5000, 200_000] {
            let (all, mut kept) = (chunks(count), Kept::default());
            let found = match build(&all, &mut kept) {
                Content::Chunks(inline) => inline,
                Content::List(id, level) => {
                    let mut found = Vec::new();
                    flatten(&kept, ChunkRef { id, bytes: u64::from(count) * 1000 }, level, &mut found);
                    found
                }
            };
            assert!(found == all, "{count} chunks");
        }
    }

    #[test]
    fn runs_of_zeros_join() {
        let zeros = |bytes| ChunkRef { id: BlobId::ZEROS, bytes };
        let content = build(&[zeros(10), zeros(20), chunks(1)[0], zeros(5)], &mut Kept::default());
        assert_eq!(content, Content::Chunks(vec![zeros(30), chunks(1)[0], zeros(5)]));
    }

    #[test]
    fn a_change_in_the_middle_shares_the_rest() {
        let (mut all, mut kept) = (chunks(100_000), Kept::default());
        build(&all, &mut kept);
        let before = kept.0.len();
        all.insert(50_000, ChunkRef { id: BlobId([9; 32]), bytes: 77 });
        build(&all, &mut kept);
        assert!(kept.0.len() - before <= 4);
    }
}
