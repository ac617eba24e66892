//! Changing the content of one open file, window by window, and changing it back.

use std::fs::File;
use std::io::{self, Read, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;

use rustix::fs::{FallocateFlags, fallocate};

use super::cipher::{Cipher, PIECE_BYTES};
use super::pattern::{Pattern, Ranges};
use super::spans::Spans;

/// How ranges are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hand {
    /// With bytes.
    Write,
    /// By punching holes, which read as zeros.
    Punch,
}

/// Changes the ranges that `pattern` chooses of a file of `bytes`, in place, and returns which bytes are others now.
///
/// What was in the ranges is written to `plain`, one range after the other.
pub(super) fn change(
    file: &File,
    bytes: u64,
    pattern: &Pattern,
    cipher: &mut Cipher,
    hand: Hand,
    mut plain: Option<&mut dyn Write>,
) -> io::Result<Spans> {
    let mut changed = Spans::default();
    let (mut before, mut window) = (vec![0; WINDOW_BYTES], vec![0; WINDOW_BYTES]);
    let mut parts = Parts::new(pattern.ranges(bytes));
    while let Some((start, ranges)) = parts.next_window() {
        let end = ranges.last().map_or(start, |range| range.end);
        let (before, window) = (&mut before[..place(start, end)], &mut window[..place(start, end)]);
        file.read_exact_at(before, start)?;
        window.copy_from_slice(before);
        for range in &ranges {
            let inside = place(start, range.start)..place(start, range.end);
            if let Some(plain) = plain.as_mut() {
                plain.write_all(&before[inside.clone()])?;
            }
            cipher.change(range.start, &mut window[inside]);
            if hand == Hand::Punch {
                let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
                fallocate(file, flags, range.start, range.end - range.start)?;
            }
        }
        if hand == Hand::Write {
            file.write_all_at(window, start)?;
        }
        changed.push_differences(start, before, window);
    }
    Ok(changed)
}

/// Writes into `coded` what becomes of a file of `bytes`: chosen ranges in their coded form, the rest as it is.
pub(super) fn encode(
    file: &File,
    bytes: u64,
    pattern: &Pattern,
    cipher: &mut Cipher,
    coded: &mut dyn Write,
) -> io::Result<()> {
    let mut buffer = vec![0; PIECE_BYTES];
    for (piece, chosen) in Pieces::new(pattern.ranges(bytes), bytes) {
        let plain = &mut buffer[..place(piece.start, piece.end)];
        file.read_exact_at(plain, piece.start)?;
        if chosen {
            coded.write_all(&cipher.encode(piece.start, plain))?;
        } else {
            coded.write_all(plain)?;
        }
    }
    Ok(())
}

/// Writes into `plain` what [`encode`] made `coded` of.
pub(super) fn decode(
    coded: &mut dyn Read,
    bytes: u64,
    pattern: &Pattern,
    cipher: &mut Cipher,
    plain: &mut dyn Write,
) -> io::Result<()> {
    for (piece, chosen) in Pieces::new(pattern.ranges(bytes), bytes) {
        let length = place(piece.start, piece.end);
        let coded_length = if chosen { cipher.form().coded_bytes(length) } else { length };
        let mut found = vec![0; coded_length];
        coded.read_exact(&mut found)?;
        if chosen {
            found = cipher.decode(piece.start, found).map_err(io::Error::other)?;
        }
        plain.write_all(&found)?;
    }
    Ok(())
}

/// Puts bytes that were kept apart back into their ranges.
pub(super) fn put_back(file: &File, bytes: u64, pattern: &Pattern, plain: &mut dyn Read) -> io::Result<()> {
    let mut buffer = vec![0; WINDOW_BYTES];
    let mut parts = Parts::new(pattern.ranges(bytes));
    while let Some((_, ranges)) = parts.next_window() {
        for range in ranges {
            let bytes = &mut buffer[..place(range.start, range.end)];
            plain.read_exact(bytes)?;
            file.write_all_at(bytes, range.start)?;
        }
    }
    Ok(())
}

/// Copies a whole file into another, from the beginning, and tells how long it is.
pub(super) fn copy(from: &File, to: &File) -> io::Result<u64> {
    let mut buffer = vec![0; WINDOW_BYTES];
    let mut offset = 0;
    loop {
        let read = from.read_at(&mut buffer, offset)?;
        if read == 0 {
            return Ok(offset);
        }
        to.write_all_at(&buffer[..read], offset)?;
        offset += read as u64;
    }
}

/// Tells where two files differ; what only one has counts.
pub(super) fn differences(before: &File, after: &File) -> io::Result<Spans> {
    let mut changed = Spans::default();
    let (mut old, mut new) = (vec![0; WINDOW_BYTES], vec![0; WINDOW_BYTES]);
    let mut offset = 0;
    loop {
        let (old_read, new_read) = (fill(before, &mut old, offset)?, fill(after, &mut new, offset)?);
        let (both, longer) = (old_read.min(new_read), old_read.max(new_read));
        changed.push_differences(offset, &old[..both], &new[..both]);
        changed.push(offset + both as u64..offset + longer as u64);
        if longer < WINDOW_BYTES {
            return Ok(changed);
        }
        offset += longer as u64;
    }
}

const WINDOW_BYTES: usize = 1 << 20;

/// Reads until the buffer is full or the file ends.
fn fill(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], offset + filled as u64)? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// Returns how far `at` is from `start`, both within one window.
fn place(start: u64, at: u64) -> usize {
    usize::try_from(at - start).expect("a window fits in memory")
}

/// Ranges in windows: each begins with a range and is at most [`WINDOW_BYTES`] long; ranges are split between two.
struct Parts {
    ranges: Ranges,
    pending: Option<Range<u64>>,
}

impl Parts {
    fn new(mut ranges: Ranges) -> Self {
        Self { pending: ranges.next(), ranges }
    }

    fn next_window(&mut self) -> Option<(u64, Vec<Range<u64>>)> {
        let start = self.pending.as_ref()?.start;
        let end = start + WINDOW_BYTES as u64;
        let mut inside = Vec::new();
        while let Some(range) = self.pending.take_if(|range| range.start < end) {
            if range.end > end {
                inside.push(range.start..end);
                self.pending = Some(end..range.end);
                break;
            }
            inside.push(range);
            self.pending = self.ranges.next();
        }
        Some((start, inside))
    }
}

/// A whole file in pieces of at most [`PIECE_BYTES`], each chosen or not as a whole.
struct Pieces {
    ranges: std::iter::Peekable<Ranges>,
    at: u64,
    end: u64,
}

impl Pieces {
    fn new(ranges: Ranges, bytes: u64) -> Self {
        Self { ranges: ranges.peekable(), at: 0, end: bytes }
    }
}

impl Iterator for Pieces {
    type Item = (Range<u64>, bool);

    fn next(&mut self) -> Option<Self::Item> {
        self.ranges.next_if(|range| range.end <= self.at);
        let start = self.at;
        let (end, chosen) = match self.ranges.peek() {
            Some(range) if range.start <= start => (range.end, true),
            Some(range) => (range.start, false),
            None => (self.end, false),
        };
        self.at = end.min(start + PIECE_BYTES as u64);
        (start < self.at).then_some((start..self.at, chosen))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::chance::AttackKey;
    use super::super::cipher::Form;
    use super::*;

    fn file(content: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        file
    }

    fn content(file: &File) -> Vec<u8> {
        let mut content = vec![0; usize::try_from(file.metadata().unwrap().len()).unwrap()];
        file.read_exact_at(&mut content, 0).unwrap();
        content
    }

    fn cipher(form: Form) -> Cipher {
        Cipher::new(&AttackKey::of_seed(5), b"file", form)
    }

    fn some_bytes(count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        cipher(Form::Noise).change(1 << 30, &mut bytes);
        bytes
    }

    fn patterns() -> Vec<Pattern> {
        let every = |cover, skip| Pattern::Every { start: 0, cover, skip };
        vec![
            Pattern::Full,
            every(16, 16),
            every(64, 6400),
            every(1_500_000, 300_000),
            Pattern::From { start: 4096 },
            Pattern::Blocks { count: 3, bytes: 1 << 20 },
            Pattern::AllBut { window_bytes: 4096 },
        ]
    }

    #[test]
    fn what_was_changed_is_told_and_can_be_changed_back() {
        let plain = some_bytes(3_000_001);
        for pattern in patterns() {
            let file = file(&plain);
            let bytes = plain.len() as u64;
            let changed = change(&file, bytes, &pattern, &mut cipher(Form::Stream), Hand::Write, None).unwrap();
            let mut expected = Spans::default();
            expected.push_differences(0, &plain, &content(&file));
            assert!(changed == expected && changed.bytes() > 0, "{pattern:?}");
            change(&file, bytes, &pattern, &mut cipher(Form::Stream), Hand::Write, None).unwrap();
            assert!(content(&file) == plain, "{pattern:?}");
        }
    }

    #[test]
    fn ranges_end_before_at_and_after_the_end_of_a_window() {
        let window = WINDOW_BYTES as u64;
        for length in [1, window - 1, window, window + 1, window + 2, 2 * window, 2 * window + 1] {
            let parts = || {
                let mut parts = Parts::new(Pattern::Slice { start: 7, bytes: length }.ranges(1 << 30));
                std::iter::from_fn(move || parts.next_window())
            };
            assert!(parts().all(|(start, ranges)| ranges.iter().all(|range| range.end <= start + window)), "{length}");
            let all: Vec<_> = parts().flat_map(|(_, ranges)| ranges).collect();
            assert!(all.windows(2).all(|pair| pair[0].end == pair[1].start), "{all:?}");
            assert_eq!((all[0].start, all[all.len() - 1].end), (7, 7 + length));
        }
    }

    #[test]
    fn what_was_wiped_is_put_back() {
        let plain = some_bytes(3_000_001);
        for pattern in patterns() {
            for (form, hand) in [(Form::Zeros, Hand::Punch), (Form::Fixed { byte: 0xcc }, Hand::Write)] {
                let file = file(&plain);
                let bytes = plain.len() as u64;
                let mut kept = Vec::new();
                let changed = change(&file, bytes, &pattern, &mut cipher(form), hand, Some(&mut kept)).unwrap();
                let mut expected = Spans::default();
                expected.push_differences(0, &plain, &content(&file));
                assert!(changed == expected && changed.bytes() > 0, "{pattern:?}");
                put_back(&file, bytes, &pattern, &mut &kept[..]).unwrap();
                assert!(content(&file) == plain, "{pattern:?}");
            }
        }
    }

    #[test]
    fn files_of_different_lengths_differ_where_one_ends() {
        let (short, long) = (some_bytes(5), some_bytes(WINDOW_BYTES + 5));
        let spans = differences(&file(&short), &file(&long)).unwrap();
        assert_eq!(spans.ranges(), std::slice::from_ref(&(5..long.len() as u64)));
        let spans = differences(&file(&long), &file(&long[..WINDOW_BYTES])).unwrap();
        assert_eq!(spans.ranges(), std::slice::from_ref(&(WINDOW_BYTES as u64..long.len() as u64)));
        assert_eq!(differences(&file(&long), &file(&long)).unwrap().bytes(), 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn what_was_encoded_is_decoded(
            length in prop_oneof![0..300_usize, 900_000..1_100_000_usize],
            pattern in proptest::sample::select(patterns()),
            form in proptest::sample::select(vec![
                Form::Base64 { lines: true }, Form::Hex, Form::Ascii85, Form::Shared { fillers: 3 },
            ]),
        ) {
            let plain = some_bytes(length);
            let mut coded = Vec::new();
            encode(&file(&plain), length as u64, &pattern, &mut cipher(form), &mut coded).unwrap();
            let mut back = Vec::new();
            decode(&mut &coded[..], length as u64, &pattern, &mut cipher(form), &mut back).unwrap();
            prop_assert!(back == plain);
        }
    }
}
