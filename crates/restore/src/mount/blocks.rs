//! Bytes of opened chunks, in blocks of one size that are used again and again. Memory that is freed and asked for in many sizes by many
//! threads leaves holes, which came to as much as what was held.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use super::file_system::locked;

/// The size of a block in bytes.
const BLOCK_BYTES: usize = 64 << 10;
/// So many blocks wait to be used again.
const SPARE_MAX: usize = 64;

/// A run of bytes.
pub(super) struct Blocks {
    bytes: usize,
    whole: Vec<Box<[u8]>>,
    /// What does not fill a block.
    rest: Box<[u8]>,
    spare: Arc<Spare>,
}

/// Blocks that nobody uses now.
#[derive(Default)]
pub(super) struct Spare(Mutex<Vec<Box<[u8]>>>);

impl Blocks {
    /// Copies bytes into blocks.
    pub(super) fn new(spare: &Arc<Spare>, bytes: &[u8]) -> Self {
        let pieces = bytes.chunks_exact(BLOCK_BYTES);
        let rest = Box::from(pieces.remainder());
        let whole = pieces.map(|piece| spare.filled(piece)).collect();
        Self { bytes: bytes.len(), whole, rest, spare: Arc::clone(spare) }
    }

    /// Returns how many bytes there are.
    pub(super) fn len(&self) -> usize {
        self.bytes
    }

    /// Adds a part of them to others. The part must lie within.
    pub(super) fn copy(&self, part: Range<usize>, to: &mut Vec<u8>) {
        let mut at = part.start;
        while at < part.end {
            let (number, within) = (at / BLOCK_BYTES, at % BLOCK_BYTES);
            let block = self.whole.get(number).unwrap_or(&self.rest);
            let end = block.len().min(within + part.end - at);
            to.extend_from_slice(&block[within..end]);
            at += end - within;
        }
    }
}

impl Drop for Blocks {
    fn drop(&mut self) {
        let mut spare = locked(&self.spare.0);
        spare.append(&mut self.whole);
        spare.truncate(SPARE_MAX);
    }
}

impl Spare {
    fn filled(&self, bytes: &[u8]) -> Box<[u8]> {
        match locked(&self.0).pop() {
            Some(mut block) => {
                block.copy_from_slice(bytes);
                block
            }
            None => Box::from(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_what_was_put_in() {
        let spare = Arc::default();
        for bytes in [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES, 5 * BLOCK_BYTES + 77] {
            let plain: Vec<u8> = (0..bytes).map(|at| (at % 251) as u8).collect();
            let blocks = Blocks::new(&spare, &plain);
            for part in [0..bytes, 0..bytes / 2, bytes / 3..bytes, bytes..bytes] {
                let mut read = vec![9];
                blocks.copy(part.clone(), &mut read);
                assert!(read[1..] == plain[part.clone()], "{part:?} of {bytes}");
            }
        }
        assert_eq!(locked(&spare.0).len(), 5, "blocks are used again");
    }
}
