//! Cutting content into chunks: FastCDC with a table made from the strand's chunk seed.
//!
//! What the secret table hides: without it nobody can tell from the lengths of chunks, which a vault shows to whoever
//! holds the index key only, which known file they belong to. It does not hide the lengths of files smaller than a chunk.

use fastcdc::v2020::{Normalization, cut_gear, select_masks};

use crate::secret::SecretKey;

/// The bounds of chunks, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChunkSizes {
    /// No chunk but the last of a file is smaller.
    pub bytes_min: usize,
    /// The size that is aimed at; a power of two.
    pub bytes_average: usize,
    /// No chunk is larger.
    pub bytes_max: usize,
}

impl Default for ChunkSizes {
    /// The sizes that `bench/chunks.md` justifies.
    fn default() -> Self {
        Self { bytes_min: 128 << 10, bytes_average: 512 << 10, bytes_max: 2 << 20 }
    }
}

/// Finds where chunks end.
pub struct Chunker {
    sizes: ChunkSizes,
    masks: (u64, u64),
    gear: Box<[u64; 256]>,
    gear_shifted: Box<[u64; 256]>,
}

impl Chunker {
    /// Makes the table of a strand.
    pub fn new(seed: &SecretKey, sizes: ChunkSizes) -> Self {
        let mut gear = Box::new([0; 256]);
        for (byte, value) in gear.iter_mut().enumerate() {
            let mut hasher = blake3::Hasher::new_keyed(seed.expose());
            hasher.update(b"beffroi gear v0").update(&[byte as u8]);
            *value = u64::from_le_bytes(hasher.finalize().as_bytes()[..8].try_into().expect("eight bytes"));
        }
        let gear_shifted = Box::new(gear.map(|value| value << 1));
        let masks = select_masks(sizes.bytes_average, Normalization::Level1);
        Self { sizes, masks, gear, gear_shifted }
    }

    /// The bounds of this chunker.
    pub fn sizes(&self) -> ChunkSizes {
        self.sizes
    }

    /// Returns the length of the first chunk of `bytes`, which must not be empty.
    ///
    /// The answer is final if `bytes` holds the largest chunk, or all that is left of the file.
    pub fn first(&self, bytes: &[u8]) -> usize {
        if bytes.len() <= self.sizes.bytes_min {
            return bytes.len();
        }
        let (strict, loose) = self.masks;
        let (_, length) = cut_gear(
            bytes,
            self.sizes.bytes_min,
            self.sizes.bytes_average,
            self.sizes.bytes_max,
            strict,
            loose,
            strict << 1,
            loose << 1,
            self.gear.as_slice(),
            self.gear_shifted.as_slice(),
        );
        length.clamp(1, bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(bytes: usize) -> Vec<u8> {
        let mut noise = vec![0; bytes];
        blake3::Hasher::new().finalize_xof().fill(&mut noise);
        noise
    }

    fn lengths(chunker: &Chunker, mut bytes: &[u8]) -> Vec<usize> {
        let mut lengths = Vec::new();
        while !bytes.is_empty() {
            let length = chunker.first(bytes);
            lengths.push(length);
            bytes = &bytes[length..];
        }
        lengths
    }

    #[test]
    fn chunks_keep_their_bounds_and_find_their_places_again() {
        let sizes = ChunkSizes { bytes_min: 4096, bytes_average: 16384, bytes_max: 65536 };
        let chunker = Chunker::new(&SecretKey::new([1; 32]), sizes);
        let content = noise(4 << 20);
        let cut = lengths(&chunker, &content);
        assert_eq!(cut.iter().sum::<usize>(), content.len());
        assert!(cut[..cut.len() - 1].iter().all(|n| (4096..=65536).contains(n)));
        let average = content.len() / cut.len();
        assert!((8192..32768).contains(&average), "average {average}");
        let moved = [&b"some bytes before"[..], &content].concat();
        let shared = lengths(&chunker, &moved).iter().filter(|n| cut.contains(n)).count();
        assert!(shared > cut.len() * 9 / 10, "{shared} of {}", cut.len());
        let other = Chunker::new(&SecretKey::new([2; 32]), sizes);
        assert_ne!(lengths(&other, &content), cut, "another seed cuts elsewhere");
    }
}
