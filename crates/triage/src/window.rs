//! Reading content through a small buffer, forwards and at any place, with every byte that is read counted.

use crate::content::{Content, ContentError};
use crate::limits::{Budget, Limit};

/// The most that [`Window::take`] gives at once.
pub(crate) const WINDOW_BYTES: usize = 64 << 10;
/// What is read at a place that does not follow the one before.
const JUMP_BYTES: usize = 4 << 10;

/// Why a walk through a file ended early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The content cannot be read: no word about the file.
    Unreadable(ContentError),
    /// A limit was passed.
    Limit(Limit),
    /// The file ends where something must follow.
    Ended { at: u64 },
    /// What lies here cannot be what a sound file has here.
    Broken { at: u64 },
    /// What lies here is not understood, and may be sound.
    Doubtful { at: u64 },
}

pub(crate) type Walk<T> = Result<T, Stop>;

impl From<ContentError> for Stop {
    fn from(error: ContentError) -> Self {
        Self::Unreadable(error)
    }
}

/// A buffer over some content.
pub(crate) struct Window<'a> {
    content: &'a dyn Content,
    budget: &'a Budget,
    bytes: u64,
    buffer: Vec<u8>,
    buffer_at: u64,
}

impl<'a> Window<'a> {
    pub(crate) fn new(content: &'a dyn Content, budget: &'a Budget) -> Self {
        Self { content, budget, bytes: content.bytes(), buffer: Vec::new(), buffer_at: 0 }
    }

    /// Returns how long the content is.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn budget(&self) -> &'a Budget {
        self.budget
    }

    pub(crate) fn content(&self) -> &'a dyn Content {
        self.content
    }

    /// Returns exactly `bytes` (at most [`WINDOW_BYTES`]) from `at` on, or stops because the file ends.
    pub(crate) fn take(&mut self, at: u64, bytes: usize) -> Walk<&[u8]> {
        debug_assert!(bytes <= WINDOW_BYTES, "a window is small");
        if at.checked_add(bytes as u64).is_none_or(|end| end > self.bytes) {
            return Err(Stop::Ended { at: self.bytes });
        }
        let from = self.hold(at, bytes)?;
        match self.buffer.get(from..from + bytes) {
            Some(found) => Ok(found),
            None => Err(Stop::Ended { at: self.bytes }),
        }
    }

    /// Returns what is there from `at` on, up to `bytes_max`: less at the end.
    pub(crate) fn peek(&mut self, at: u64, bytes_max: usize) -> Walk<&[u8]> {
        let rest = self.bytes.saturating_sub(at).min(bytes_max as u64) as usize;
        self.take(at.min(self.bytes), rest)
    }

    /// Returns some bytes from `at` on, as many as are at hand but none from `end` on; none where nothing is left.
    pub(crate) fn some(&mut self, at: u64, end: u64) -> Walk<&[u8]> {
        let end = end.min(self.bytes);
        if at >= end {
            return Ok(&[]);
        }
        let from = self.hold(at, 1)?;
        let held = self.buffer.len() - from;
        let bytes = held.min(usize::try_from(end - at).unwrap_or(usize::MAX));
        Ok(&self.buffer[from..from + bytes])
    }

    pub(crate) fn u8(&mut self, at: u64) -> Walk<u8> {
        Ok(self.take(at, 1)?[0])
    }

    pub(crate) fn u16_le(&mut self, at: u64) -> Walk<u16> {
        self.array(at).map(u16::from_le_bytes)
    }

    pub(crate) fn u16_be(&mut self, at: u64) -> Walk<u16> {
        self.array(at).map(u16::from_be_bytes)
    }

    pub(crate) fn u32_le(&mut self, at: u64) -> Walk<u32> {
        self.array(at).map(u32::from_le_bytes)
    }

    pub(crate) fn u32_be(&mut self, at: u64) -> Walk<u32> {
        self.array(at).map(u32::from_be_bytes)
    }

    pub(crate) fn u64_le(&mut self, at: u64) -> Walk<u64> {
        self.array(at).map(u64::from_le_bytes)
    }

    pub(crate) fn u64_be(&mut self, at: u64) -> Walk<u64> {
        self.array(at).map(u64::from_be_bytes)
    }

    pub(crate) fn array<const N: usize>(&mut self, at: u64) -> Walk<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(at, N)?);
        Ok(array)
    }

    /// Copies a range that must fit the memory limit.
    pub(crate) fn copy(&mut self, at: u64, bytes: u64) -> Walk<Vec<u8>> {
        if at.checked_add(bytes).is_none_or(|end| end > self.bytes) {
            return Err(Stop::Ended { at: self.bytes });
        }
        self.budget.memory(bytes)?;
        let mut copy = Vec::new();
        while (copy.len() as u64) < bytes {
            let some = self.some(at + copy.len() as u64, at + bytes)?;
            if some.is_empty() {
                return Err(Stop::Ended { at: self.bytes });
            }
            copy.extend_from_slice(some);
        }
        Ok(copy)
    }

    /// Finds `mark` in a range, from its start on.
    pub(crate) fn find(&mut self, mark: &[u8], from: u64, end: u64) -> Walk<Option<u64>> {
        let end = end.min(self.bytes);
        let mut at = from;
        while at + mark.len() as u64 <= end {
            let bytes = (end - at).min(WINDOW_BYTES as u64) as usize;
            let part = self.take(at, bytes)?;
            if let Some(found) = position(part, mark) {
                return Ok(Some(at + found as u64));
            }
            at += (bytes + 1 - mark.len()) as u64;
        }
        Ok(None)
    }

    /// Finds the last `mark` that lies in a range.
    pub(crate) fn find_last(&mut self, mark: &[u8], from: u64, end: u64) -> Walk<Option<u64>> {
        let mut end = end.min(self.bytes);
        while from + mark.len() as u64 <= end {
            let bytes = (end - from).min(WINDOW_BYTES as u64);
            let at = end - bytes;
            let part = self.take(at, bytes as usize)?;
            let found = (0..=part.len() - mark.len()).rev().find(|&place| part[place..].starts_with(mark));
            if let Some(found) = found {
                return Ok(Some(at + found as u64));
            }
            if at == from {
                break;
            }
            end = at + mark.len() as u64 - 1;
        }
        Ok(None)
    }

    /// Makes the buffer hold `bytes` from `at` on, if the content has them, and returns where they begin in it.
    fn hold(&mut self, at: u64, bytes: usize) -> Walk<usize> {
        let held_end = self.buffer_at + self.buffer.len() as u64;
        if at >= self.buffer_at && at + bytes as u64 <= held_end {
            return Ok((at - self.buffer_at) as usize);
        }
        let follows = at >= self.buffer_at && at <= held_end + JUMP_BYTES as u64;
        let wanted = if follows { WINDOW_BYTES } else { bytes.max(JUMP_BYTES) };
        self.fill(at, wanted.min(usize::try_from(self.bytes - at).unwrap_or(wanted)))?;
        if self.buffer.is_empty() && bytes > 0 {
            return Err(Stop::Ended { at: self.bytes });
        }
        Ok(0)
    }

    fn fill(&mut self, at: u64, bytes: usize) -> Walk<()> {
        self.budget.work(bytes as u64)?;
        self.buffer.resize(bytes, 0);
        self.buffer_at = at;
        let mut filled = 0;
        while filled < bytes {
            match self.content.read_at(at + filled as u64, &mut self.buffer[filled..])? {
                0 => break,
                read => filled += read.min(bytes - filled),
            }
        }
        self.buffer.truncate(filled);
        Ok(())
    }
}

/// Returns where `mark` first lies in `bytes`.
pub(crate) fn position(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, mark)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    #[test]
    fn marks_are_found_across_windows() {
        let mut bytes = vec![b'.'; 3 * WINDOW_BYTES];
        let places = [10, WINDOW_BYTES - 2, 2 * WINDOW_BYTES - 1];
        for place in places {
            bytes[place..place + 4].copy_from_slice(b"MARK");
        }
        let budget = Budget::new(&Limits::default(), bytes.len() as u64);
        let mut window = Window::new(&bytes, &budget);
        let end = bytes.len() as u64;
        assert_eq!(window.find(b"MARK", 0, end).unwrap(), Some(10));
        assert_eq!(window.find(b"MARK", 11, end).unwrap(), Some(places[1] as u64));
        assert_eq!(window.find(b"MARK", 11, places[1] as u64 + 3).unwrap(), None);
        assert_eq!(window.find_last(b"MARK", 0, end).unwrap(), Some(places[2] as u64));
        assert_eq!(window.find_last(b"MARK", 0, places[2] as u64 + 3).unwrap(), Some(places[1] as u64));
        assert_eq!(window.find_last(b"MARK", 11, 100).unwrap(), None);
    }

    #[test]
    fn nothing_is_given_behind_the_end() {
        let bytes = vec![7; 100];
        let budget = Budget::new(&Limits::default(), 100);
        let mut window = Window::new(&bytes, &budget);
        assert!(matches!(window.take(90, 11), Err(Stop::Ended { at: 100 })));
        assert!(matches!(window.take(u64::MAX, 2), Err(Stop::Ended { at: 100 })));
        assert_eq!(window.peek(98, 50).unwrap(), [7, 7]);
        assert_eq!(window.peek(200, 50).unwrap(), [0; 0]);
        assert_eq!(window.some(95, 97).unwrap(), [7, 7]);
    }
}
