//! Sets of byte ranges, as truth keeps them.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Byte ranges: sorted, apart from each other, not empty.
///
/// Written as one list of numbers, in turn how many bytes are left out and how many are in.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, Debug)]
#[serde(from = "Vec<u64>", into = "Vec<u64>")]
pub struct Spans(Vec<Range<u64>>);

impl Spans {
    /// Returns the ranges in order.
    pub fn ranges(&self) -> &[Range<u64>] {
        &self.0
    }

    /// Tells how many bytes there are in all ranges.
    pub fn bytes(&self) -> u64 {
        self.0.iter().map(|range| range.end - range.start).sum()
    }

    /// Adds a range that begins no earlier than the last one.
    pub(crate) fn push(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => self.0.push(range),
        }
    }

    /// Adds the places where two pieces of one length differ; both lie at `offset`.
    pub(crate) fn push_differences(&mut self, offset: u64, before: &[u8], after: &[u8]) {
        debug_assert_eq!(before.len(), after.len());
        let mut at = offset;
        for (before, after) in before.chunks(BLOCK_BYTES).zip(after.chunks(BLOCK_BYTES)) {
            if before != after {
                self.push_differences_one_by_one(at, before, after);
            }
            at += before.len() as u64;
        }
    }

    fn push_differences_one_by_one(&mut self, offset: u64, before: &[u8], after: &[u8]) {
        let mut from = None;
        let mut at = offset;
        for (before, after) in before.iter().zip(after) {
            match (from, before == after) {
                (None, false) => from = Some(at),
                (Some(start), true) => {
                    self.push(start..at);
                    from = None;
                }
                _ => {}
            }
            at += 1;
        }
        if let Some(start) = from {
            self.push(start..at);
        }
    }
}

/// Blocks of this length are compared as a whole first: most bytes of a file change together or not at all.
const BLOCK_BYTES: usize = 256;

impl From<Spans> for Vec<u64> {
    fn from(spans: Spans) -> Self {
        let mut end = 0;
        let mut numbers = Vec::with_capacity(spans.0.len() * 2);
        for range in spans.0 {
            numbers.extend([range.start - end, range.end - range.start]);
            end = range.end;
        }
        numbers
    }
}

impl From<Vec<u64>> for Spans {
    fn from(numbers: Vec<u64>) -> Self {
        let mut spans = Self::default();
        let mut end = 0_u64;
        for pair in numbers.chunks_exact(2) {
            let start = end.saturating_add(pair[0]);
            end = start.saturating_add(pair[1]);
            spans.push(start..end);
        }
        spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_written_and_read_back() {
        let mut spans = Spans::default();
        for range in [0..2, 2..3, 10..11, 1000..2000] {
            spans.push(range);
        }
        assert_eq!(spans.ranges(), [0..3, 10..11, 1000..2000]);
        assert_eq!(spans.bytes(), 1004);
        let text = serde_json::to_string(&spans).unwrap();
        assert_eq!(text, "[0,3,7,1,989,1000]");
        assert_eq!(serde_json::from_str::<Spans>(&text).unwrap(), spans);
    }

    #[test]
    fn differences_are_one_range_across_blocks() {
        let mut spans = Spans::default();
        let (before, mut after) = (vec![0; 5 * BLOCK_BYTES], vec![0; 5 * BLOCK_BYTES]);
        after[BLOCK_BYTES - 1..3 * BLOCK_BYTES + 1].fill(1);
        spans.push_differences(0, &before, &after);
        let whole = BLOCK_BYTES as u64 - 1..3 * BLOCK_BYTES as u64 + 1;
        assert_eq!(spans.ranges(), std::slice::from_ref(&whole));
    }

    #[test]
    fn differences_are_found_to_the_byte() {
        let mut spans = Spans::default();
        spans.push_differences(5, b"abcdef", b"aXXdeX");
        spans.push_differences(11, b"abc", b"Xbc");
        assert_eq!(spans.ranges(), [6..8, 10..12]);
    }
}
