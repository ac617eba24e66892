//! Chance that repeats itself: the same seed gives the same numbers.

use blake3::{Hasher, OutputReader};

/// A source of numbers.
pub struct Dice(OutputReader);

impl Dice {
    /// Makes the dice of a seed.
    pub fn new(seed: u64) -> Self {
        Self(Hasher::new().update(b"beffroi sim dice").update(&seed.to_le_bytes()).finalize_xof())
    }

    /// Returns any number.
    pub fn draw(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// Returns a number below `end`, which is not 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.draw() % end
    }

    /// Returns a place in a list of so many; 0 for an empty one.
    pub fn place(&mut self, length: usize) -> usize {
        self.below(length.max(1) as u64) as usize
    }

    /// Returns one of some values.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.place(of.len())]
    }

    /// Says yes once in so many times.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// Fills a buffer.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }

    /// Makes bytes: half of the time they compress.
    pub fn content(&mut self, bytes: usize) -> Vec<u8> {
        let mut content = vec![0; bytes];
        self.0.fill(&mut content);
        if self.once_in(2) {
            content.iter_mut().for_each(|byte| *byte = b'a' + *byte % 3);
        }
        content
    }
}
