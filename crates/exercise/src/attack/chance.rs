//! Chance and keys that repeat themselves: all of it comes from one seed.

use blake3::{Hasher, OutputReader};

/// The key of one attack. It lies in the truth, beside the copy: nothing is ever lost to anybody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AttackKey([u8; 32]);

impl AttackKey {
    /// Makes the key of a seed.
    pub fn of_seed(seed: u64) -> Self {
        Self(blake3::derive_key("beffroi exercise 2026 attack key", &seed.to_le_bytes()))
    }

    /// Takes a key that the truth tells.
    pub fn of_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns endless bytes for one path and one purpose.
    pub(super) fn stream(&self, path: &[u8], purpose: &[u8]) -> OutputReader {
        let of_path = blake3::keyed_hash(&self.0, path);
        Hasher::new_keyed(of_path.as_bytes()).update(purpose).finalize_xof()
    }

    /// Returns dice for one purpose.
    pub(super) fn dice(&self, path: &[u8], purpose: &[u8]) -> Dice {
        Dice(self.stream(path, purpose))
    }
}

/// A source of numbers.
pub(crate) struct Dice(OutputReader);

impl Dice {
    /// Returns the dice of a seed, for all that is no attack.
    pub(crate) fn of_seed(seed: u64) -> Self {
        AttackKey::of_seed(seed).dice(b"", b"village")
    }

    pub(super) fn number(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// Returns a number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.number() % end as u64).expect("it is below a usize")
    }

    pub(super) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.0.fill(&mut bytes);
        bytes
    }

    /// Makes a word of lower-case letters and digits.
    pub(super) fn word(&mut self, letters: usize) -> String {
        const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        (0..letters).map(|_| char::from(LETTERS[self.below(LETTERS.len())])).collect()
    }

    /// Puts a list into another order (Fisher and Yates).
    pub(super) fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}
