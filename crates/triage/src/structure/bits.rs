//! Reading bits, the highest of a byte first.

use crate::window::{Walk, Window};

/// Bits of a range of a file.
pub(crate) struct Bits<'w, 'a> {
    window: &'w mut Window<'a>,
    at: u64,
    end: u64,
    held: u64,
    held_bits: u32,
    /// Zero bits that were given behind the end.
    lent_bits: u32,
}

impl<'w, 'a> Bits<'w, 'a> {
    pub(crate) fn new(window: &'w mut Window<'a>, at: u64, end: u64) -> Self {
        Self { window, at, end, held: 0, held_bits: 0, lent_bits: 0 }
    }

    /// Returns up to 32 bits; zeros behind the end.
    pub(crate) fn take(&mut self, bits: u32) -> Walk<u32> {
        let value = self.peek(bits)?;
        self.skip(bits);
        Ok(value)
    }

    /// Returns up to 32 bits without using them.
    pub(crate) fn peek(&mut self, bits: u32) -> Walk<u32> {
        if self.held_bits < bits {
            self.refill()?;
        }
        if bits == 0 {
            return Ok(0);
        }
        Ok((self.held << (64 - self.held_bits) >> (64 - bits)) as u32)
    }

    /// Uses bits that were peeked at.
    pub(crate) fn skip(&mut self, bits: u32) {
        self.held_bits -= bits;
    }

    /// Drops the rest of a byte.
    pub(crate) fn align(&mut self) {
        self.held_bits -= self.held_bits % 8;
    }

    /// Returns the place of the next byte that is not used at all; behind the end if zeros were used.
    pub(crate) fn place(&self) -> u64 {
        self.at + u64::from(self.lent_bits / 8) - u64::from(self.held_bits / 8)
    }

    /// Tells whether more was taken than there is.
    pub(crate) fn is_past_end(&self) -> bool {
        self.lent_bits > self.held_bits
    }

    fn refill(&mut self) -> Walk<()> {
        while self.held_bits <= 56 {
            let some = self.window.some(self.at, self.end)?;
            if some.is_empty() {
                self.held <<= 8;
                self.held_bits += 8;
                self.lent_bits = self.lent_bits.saturating_add(8).min(1 << 30);
                continue;
            }
            let bytes = some.len().min(((64 - self.held_bits) / 8) as usize);
            for &byte in &some[..bytes] {
                self.held = self.held << 8 | u64::from(byte);
            }
            self.held_bits += 8 * bytes as u32;
            self.at += bytes as u64;
        }
        Ok(())
    }
}
