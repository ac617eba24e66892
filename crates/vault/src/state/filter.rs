//! A filter that says of most absent ids, without reading, that they are absent.
//!
//! It is a Bloom filter in blocks of one cache line. Ids are keyed hashes: their own bytes are the random bits it needs. With
//! 12 bits for each id, about one absent id in 200 passes.

/// A set of ids that may say "perhaps" of one that is not in it, never "no" of one that is.
#[derive(Debug)]
pub(super) struct Filter {
    blocks: Vec<[u64; 8]>,
}

impl Filter {
    /// Makes an empty filter with room for a number of ids.
    pub fn new(ids_max: u64) -> Self {
        let blocks = (ids_max.saturating_mul(BITS_PER_ID)).div_ceil(512).max(1);
        Self { blocks: vec![[0; 8]; blocks as usize] }
    }

    /// Adds an id.
    pub fn insert(&mut self, id: &[u8; 32]) {
        let block = self.block(id);
        for (word, bit) in places(id) {
            self.blocks[block][word] |= bit;
        }
    }

    /// Tells whether an id may have been added.
    pub fn may_hold(&self, id: &[u8; 32]) -> bool {
        let block = &self.blocks[self.block(id)];
        places(id).all(|(word, bit)| block[word] & bit != 0)
    }

    /// Scales the first eight bytes to the number of blocks, so that ids in order fill blocks in order.
    fn block(&self, id: &[u8; 32]) -> usize {
        let scaled = u128::from(word(id, 0)) * self.blocks.len() as u128;
        (scaled >> 64) as usize
    }
}

const BITS_PER_ID: u64 = 12;
const PROBES: u32 = 7;

/// Takes seven times nine bits of the second eight bytes.
fn places(id: &[u8; 32]) -> impl Iterator<Item = (usize, u64)> {
    let bits = word(id, 8);
    (0..PROBES).map(move |probe| {
        let place = (bits >> (9 * probe)) & 511;
        ((place >> 6) as usize, 1 << (place & 63))
    })
}

fn word(id: &[u8; 32], start: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&id[start..start + 8]);
    u64::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_is_missed_and_few_pass() {
        let id = |n: u32| *blake3::hash(&n.to_le_bytes()).as_bytes();
        let mut filter = Filter::new(10_000);
        (0..10_000).for_each(|n| filter.insert(&id(n)));
        assert!((0..10_000).all(|n| filter.may_hold(&id(n))));
        let passed = (10_000..110_000).filter(|n| filter.may_hold(&id(*n)));
        let passed = passed.count();
        assert!(passed < 1_000, "{passed} of 100,000 passed");
    }
}
