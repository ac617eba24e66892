//! The bits of a scan: a zero follows each 0xFF among the coded bytes, and any other byte there is a marker (ITU-T T.81
//! §B.1.1.5).
//!
//! Coded bytes are copied without those zeros, so that a block is read without looking for markers.

use crate::window::{Stop, Window};

/// Why a walk through codes ended.
pub(super) enum Refusal {
    /// No sound picture has this.
    Bad,
    Stop(Stop),
}

impl From<Stop> for Refusal {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

pub(super) type Coded<T> = Result<T, Refusal>;

const CLEAN_BYTES: usize = 8 << 10;
/// More than any block has: 64 codes of 16 bits with values of 16.
const BLOCK_BYTES_MAX: usize = 256;
/// What may be read behind the last byte before anybody looks.
const BEHIND_BYTES: usize = BLOCK_BYTES_MAX + 16;

type Clean = [u8; CLEAN_BYTES + BEHIND_BYTES];

/// The bits of a scan, block by block.
pub(super) struct CodedBits<'w, 'a> {
    window: &'w mut Window<'a>,
    /// Where the bytes lie that are not copied yet.
    at: u64,
    end: u64,
    /// A marker or the end is at `at`.
    stopped: bool,
    /// Coded bytes, and zeros behind the last one.
    clean: Box<Clean>,
    filled: usize,
    /// The next byte of which no bit is held for certain.
    next: usize,
    /// The next bit is the highest.
    held: u64,
    held_bits: u32,
}

/// The bits of one block and what follows: a value, so that it can stay in registers.
#[derive(Clone, Copy)]
pub(super) struct Ahead<'c> {
    clean: &'c Clean,
    next: usize,
    held: u64,
    held_bits: u32,
}

/// Bits that no sound block has.
pub(super) struct Fault {
    next: usize,
}

/// A block that was read, with what follows.
pub(super) type Read<'c> = Result<Ahead<'c>, Fault>;

impl<'w, 'a> CodedBits<'w, 'a> {
    pub(super) fn new(window: &'w mut Window<'a>, at: u64, end: u64) -> Self {
        let clean = Box::new([0; CLEAN_BYTES + BEHIND_BYTES]);
        Self { window, at, end, stopped: false, clean, filled: 0, next: 0, held: 0, held_bits: 0 }
    }

    /// Reads the bits of a block. What was read behind the last bit is noticed before the next block and at the end.
    #[inline]
    pub(super) fn block(&mut self, read: impl for<'c> FnOnce(Ahead<'c>) -> Read<'c>) -> Coded<()> {
        if self.next + BLOCK_BYTES_MAX > self.filled {
            self.refill()?;
        }
        let ahead = Ahead { clean: &self.clean, next: self.next, held: self.held, held_bits: self.held_bits };
        match read(ahead) {
            Ok(Ahead { next, held, held_bits, .. }) => {
                (self.next, self.held, self.held_bits) = (next, held, held_bits);
                Ok(())
            }
            Err(Fault { next }) => {
                self.next = next;
                Err(Refusal::Bad)
            }
        }
    }

    pub(super) fn spend(&self, work: u64) -> Coded<()> {
        Ok(self.window.budget().work(work)?)
    }

    /// Returns where in the file the next byte is that no bit was read of.
    pub(super) fn at(&self) -> u64 {
        let rest = &self.clean[self.next.min(self.filled)..self.filled];
        let zeros = rest.iter().filter(|&&byte| byte == 0xff).count();
        self.at - (rest.len() + zeros) as u64
    }

    /// Passes the padding of the last byte, and returns where the marker behind it is. A few encoders leave two bytes more, or
    /// one byte over and over.
    pub(super) fn finish(&mut self) -> Coded<u64> {
        let left_bits = usize::try_from(self.left_bits()).map_err(|_| Refusal::Bad)?;
        (self.next, self.held, self.held_bits) = (self.filled - left_bits / 8, 0, 0);
        let mut more = More::default();
        loop {
            while self.next < self.filled {
                more.add(self.clean[self.next])?;
                self.next += 1;
            }
            if self.stopped {
                return Ok(self.at);
            }
            self.copy()?;
        }
    }

    /// Passes the marker that stands between parts, the `count`th modulo eight.
    pub(super) fn restart(&mut self, count: u8) -> Coded<()> {
        let at = self.finish()?;
        if self.window.peek(at, 2)? != [0xff, 0xd0 + count] {
            return Err(Refusal::Bad);
        }
        self.at = at + 2;
        self.stopped = false;
        Ok(())
    }

    /// Counts the bits that were not read; less than none if zeros behind the end were.
    fn left_bits(&self) -> i64 {
        (self.filled as i64 - self.next as i64) * 8 + i64::from(self.held_bits)
    }

    #[inline(never)]
    fn refill(&mut self) -> Coded<()> {
        if self.left_bits() < 0 {
            return Err(Refusal::Bad);
        }
        if self.stopped { Ok(()) } else { self.copy() }
    }

    /// Copies coded bytes, up to a marker or the end, or until there is no room.
    fn copy(&mut self) -> Coded<()> {
        // What is held may have to be given back.
        let used = self.next.min(self.filled).saturating_sub(8);
        self.clean.copy_within(used..self.filled, 0);
        self.next -= used;
        self.filled -= used;
        while !self.stopped && self.filled < CLEAN_BYTES {
            let part = self.window.some(self.at, self.end)?;
            let part = &part[..part.len().min(CLEAN_BYTES - self.filled)];
            let bytes = before_mark(part);
            self.clean[self.filled..self.filled + bytes].copy_from_slice(&part[..bytes]);
            let is_whole = !part.is_empty() && bytes == part.len();
            self.filled += bytes;
            self.at += bytes as u64;
            if !is_whole {
                self.pass_mark()?;
            }
        }
        self.clean[self.filled..self.filled + BEHIND_BYTES].fill(0);
        Ok(())
    }

    /// Takes a byte 0xFF with its zero; stops at a marker and at the end.
    fn pass_mark(&mut self) -> Coded<()> {
        let left = self.end.saturating_sub(self.at);
        match self.window.peek(self.at, left.min(2) as usize)? {
            [0xff, 0] => {
                self.clean[self.filled] = 0xff;
                self.filled += 1;
                self.at += 2;
            }
            // Bytes that may fill before a marker.
            [0xff, 0xff] => self.at += 1,
            _ => self.stopped = true,
        }
        Ok(())
    }

    /// Tells whether the range ended, not a marker, and all of it was read.
    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.end && self.next >= self.filled
    }
}

impl Ahead<'_> {
    /// Says that the bits before the next ones are wrong.
    #[inline]
    pub(super) fn fault(&self) -> Fault {
        Fault { next: self.next }
    }

    /// Makes sure that 56 bits are held.
    #[inline]
    pub(super) fn fill(&mut self) {
        let mut word = [0; 8];
        word.copy_from_slice(&self.clean[self.next..self.next + 8]);
        self.held |= u64::from_be_bytes(word) >> self.held_bits;
        self.next += (63 - self.held_bits as usize) / 8;
        self.held_bits |= 56;
    }

    /// Returns the next 1 to 32 bits, which must be held.
    #[inline]
    pub(super) fn peek(&self, bits: u32) -> u32 {
        (self.held >> (64 - bits)) as u32
    }

    /// Passes bits that are held.
    #[inline]
    pub(super) fn pass(&mut self, bits: u32) {
        self.held <<= bits;
        self.held_bits -= bits;
    }

    /// Takes up to 16 bits.
    #[inline]
    pub(super) fn take(&mut self, bits: u32) -> u32 {
        self.fill();
        let value = (self.held >> 32 >> (32 - bits)) as u32;
        self.pass(bits);
        value
    }

    /// Passes up to 64 bits.
    #[inline]
    pub(super) fn skip(&mut self, bits: u32) {
        self.fill();
        self.pass(bits.min(32));
        if bits > 32 {
            self.fill();
            self.pass(bits - 32);
        }
    }
}

/// Returns how many bytes there are before the first 0xFF.
fn before_mark(part: &[u8]) -> usize {
    const BLOCK: usize = 32;
    // All of a block are looked at, which the compiler does at once.
    let is_plain = |block: &&[u8]| !block.iter().fold(false, |any, &byte| any | (byte == 0xff));
    let plain = BLOCK * part.chunks_exact(BLOCK).take_while(is_plain).count();
    plain + part[plain..].iter().take_while(|&&byte| byte != 0xff).count()
}

/// Bytes behind the last block.
#[derive(Default)]
struct More {
    count: u64,
    first: u8,
    differs: bool,
}

impl More {
    fn add(&mut self, byte: u8) -> Coded<()> {
        if self.count == 0 {
            self.first = byte;
        }
        self.differs |= byte != self.first;
        self.count += 1;
        if self.count > 2 && self.differs { Err(Refusal::Bad) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{Budget, Limits};

    /// Reads `blocks` times 64 bits, then the rest up to the marker; returns the bytes, and where the marker is.
    fn read(bytes: &[u8], blocks: usize) -> Option<(Vec<u8>, u64)> {
        let budget = Budget::new(&Limits::default(), bytes.len() as u64);
        let content = bytes.to_vec();
        let mut window = Window::new(&content, &budget);
        let mut bits = CodedBits::new(&mut window, 0, bytes.len() as u64);
        let mut letters = Vec::new();
        for _ in 0..blocks {
            let block = bits.block(|mut ahead| {
                letters.extend((0..8).map(|_| ahead.take(8) as u8));
                Ok(ahead)
            });
            block.ok()?;
        }
        let end = bits.finish().ok()?;
        Some((letters, end))
    }

    #[test]
    fn bytes_come_without_the_zeros_that_guard_them() {
        let plain: Vec<u8> =
            (0..40_000_u32).map(|place| if place % 7 == 0 { 0xff } else { (place * place / 8) as u8 }).collect();
        let mut coded = Vec::new();
        for &byte in &plain {
            coded.extend_from_slice(if byte == 0xff { &[0xff, 0] } else { std::slice::from_ref(&byte) });
        }
        let end = coded.len() as u64;
        // A byte that fills, a marker, and what is no bit of this scan.
        coded.extend_from_slice(&[0xff, 0xff, 0xd9, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(read(&coded, plain.len() / 8), Some((plain, end + 1)));
    }

    #[test]
    fn what_is_read_behind_a_marker_is_refused() {
        assert_eq!(read(&[1, 2, 3, 4, 5, 6, 7, 8, 0xff, 0xd9], 1), Some((vec![1, 2, 3, 4, 5, 6, 7, 8], 8)));
        assert_eq!(read(&[1, 2, 3, 4, 5, 6, 7, 0xff, 0xd9], 1), None);
        assert_eq!(read(&[1, 2, 3, 4, 5, 6, 7, 8], 1).map(|found| found.1), Some(8));
        assert_eq!(read(&[1, 2, 3, 4, 5, 6, 7], 1), None);
        assert_eq!(read(&[1, 2, 3, 4, 5, 6, 7], 100), None);
    }
}
