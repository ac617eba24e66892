//! What LZMA wrote last: a ring, from which codes repeat.

/// What was written last, as far back as codes may point.
pub(super) struct Dictionary {
    pub(super) bytes: Vec<u8>,
    /// Where the next byte goes: the start, once the end was reached.
    pub(super) at: usize,
    /// Bytes since the last reset, up to the size.
    pub(super) filled: usize,
    /// Bytes since the last reset, modulo a power of two.
    pub(super) written: usize,
}

impl Dictionary {
    pub(super) fn new(bytes: usize) -> Self {
        Self { bytes: vec![0; bytes], at: 0, filled: 0, written: 0 }
    }

    /// Takes over `bytes` that were written behind the last one, where they have room.
    fn wrote(&mut self, bytes: usize) {
        self.at = if self.at + bytes == self.bytes.len() { 0 } else { self.at + bytes };
        self.filled = (self.filled + bytes).min(self.bytes.len());
        self.written = self.written.wrapping_add(bytes);
    }

    pub(super) fn push(&mut self, byte: u8) {
        self.bytes[self.at] = byte;
        self.wrote(1);
    }

    pub(super) fn extend(&mut self, mut data: &[u8]) {
        while !data.is_empty() {
            let (part, rest) = data.split_at(data.len().min(self.bytes.len() - self.at));
            self.bytes[self.at..self.at + part.len()].copy_from_slice(part);
            self.wrote(part.len());
            data = rest;
        }
    }

    /// Repeats up to `bytes_max` from so far back, and returns how many: less where either end of the buffer is in between.
    pub(super) fn repeat(&mut self, distance: usize, bytes_max: usize) -> usize {
        let length = self.bytes.len();
        let from = if distance <= self.at { self.at - distance } else { self.at + length - distance };
        let bytes = bytes_max.min(length - from).min(length - self.at);
        if from + bytes <= self.at || from > self.at {
            self.bytes.copy_within(from..from + bytes, self.at);
        } else {
            // It repeats what it writes.
            for place in 0..bytes {
                self.bytes[self.at + place] = self.bytes[from + place];
            }
        }
        self.wrote(bytes);
        bytes
    }

    /// Returns the byte so far back; 1 is the last one.
    pub(super) fn back(&self, distance: usize) -> u8 {
        let at = if distance <= self.at { self.at - distance } else { self.at + self.bytes.len() - distance };
        self.bytes[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_are_those_of_a_plain_list() {
        const BYTES: usize = 61;
        let mut dictionary = Dictionary::new(BYTES);
        let mut plain: Vec<u8> = (0..40).collect();
        dictionary.extend(&plain);
        let mut lot = 1_usize;
        for _ in 0..2000 {
            lot = lot.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let distance = 1 + (lot >> 40) % plain.len().min(BYTES);
            let mut left = 1 + (lot >> 20) % 90;
            for _ in 0..left {
                plain.push(plain[plain.len() - distance]);
            }
            while left > 0 {
                left -= dictionary.repeat(distance, left);
            }
            for back in 1..=BYTES.min(plain.len()) {
                assert_eq!(dictionary.back(back), plain[plain.len() - back], "{back} back");
            }
        }
        assert_eq!(dictionary.written, plain.len());
    }
}
