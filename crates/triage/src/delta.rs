//! The delta pattern: where two versions of a file differ, byte by byte at the same offsets.
//!
//! Who encrypts parts of a file to be quick leaves a trace that office programs do not: the length is the same but for a
//! footer, most bytes are where they were, and those that changed lie in ranges of one length at one distance, or at the head, and
//! look drawn by lot. A program that saves a compressed file anew changes all after the first difference; one that appends changes the
//! tail alone; a database changes pages here and there, which stay pages. So this needs no knowledge of the kind.

mod mask;
mod strays;

use std::collections::HashMap;

use crate::texture::{DEVIATIONS_MAX, EVENNESS_BYTES_MIN};

use mask::Mask;
use strays::Strays;

/// Compares two versions that pass by side by side.
#[derive(Debug)]
pub struct Comparer {
    before_bytes: u64,
    after_bytes: u64,
    offset: u64,
    /// The range that is open: where it began, and where its last difference is.
    open: Option<(u64, u64)>,
    ranges: Vec<Range>,
    untold: u64,
    changed_bytes: u64,
    before: Spread,
    after: Spread,
    mask: Mask,
    /// Of a text.
    strays: Option<Box<Strays>>,
}

/// A range of bytes that are others in the second version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// Where it begins.
    pub start: u64,
    /// Its length in bytes.
    pub bytes: u64,
}

/// How two versions differ.
#[derive(Clone, PartialEq, Debug)]
pub struct Delta {
    /// Bytes that both versions have.
    pub common_bytes: u64,
    /// How many more the second has; negative if it is shorter.
    pub grown_bytes: i64,
    /// Bytes within the changed ranges.
    pub changed_bytes: u64,
    /// Number of ranges.
    pub ranges: u64,
    /// How they lie.
    pub pattern: Pattern,
    /// What lay there before looks drawn by lot.
    pub was_even: bool,
    /// What lies there now looks drawn by lot.
    pub is_even: bool,
    /// What lies there now is one byte again and again.
    pub blank: Option<u8>,
    /// How many byte values are there now, of those that no text has and the version before never had; of texts only.
    pub strays: u32,
}

/// How the changed ranges of a file lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pattern {
    /// Nothing that both have is changed.
    None,
    /// Nearly all is changed.
    Whole,
    /// A part at the beginning, nothing else.
    Head {
        /// Its length.
        bytes: u64,
    },
    /// Ranges of one length at one distance.
    Periodic {
        /// The length of each.
        bytes: u64,
        /// From the beginning of one to the beginning of the next.
        period: u64,
    },
    /// The same few bits of all bytes, drawn by lot.
    Masked {
        /// Which.
        bits: u8,
    },
    /// Anything else.
    Scattered,
}

impl Comparer {
    /// Differences so near are one range: of random bytes one in 256 is what it was, four in a row once in four thousand million.
    pub const GAP_BYTES_MAX: u64 = 4;
    /// More ranges are counted only.
    pub const RANGES_MAX: usize = 1 << 16;

    /// Begins with versions of so many bytes.
    pub fn new(before_bytes: u64, after_bytes: u64) -> Self {
        Self {
            before_bytes,
            after_bytes,
            offset: 0,
            open: None,
            ranges: Vec::new(),
            untold: 0,
            changed_bytes: 0,
            before: Spread::default(),
            after: Spread::default(),
            mask: Mask::default(),
            strays: None,
        }
    }

    /// Begins with two versions of a text: it also looks for bytes that have no place there.
    pub fn of_text(before_bytes: u64, after_bytes: u64) -> Self {
        Self { strays: Some(Box::default()), ..Self::new(before_bytes, after_bytes) }
    }

    /// Takes the next bytes of both, as many of one as of the other.
    pub fn compare(&mut self, before: &[u8], after: &[u8]) {
        let bytes = before.len().min(after.len());
        if let Some(strays) = &mut self.strays {
            strays.compare(&before[..bytes], &after[..bytes]);
        }
        let mut place = 0;
        while place < bytes {
            // Most is the same: pass over it by the page.
            let page = (bytes - place).min(4096);
            if before[place..place + page] != after[place..place + page] {
                for at in place..place + page {
                    if before[at] != after[at] {
                        self.differ(self.offset + at as u64, before[at], after[at]);
                    }
                }
            }
            place += page;
        }
        self.offset += bytes as u64;
    }

    /// Says how they differ.
    pub fn finish(mut self) -> Delta {
        self.close();
        let common_bytes = self.before_bytes.min(self.after_bytes);
        let ranges = self.ranges.len() as u64 + self.untold;
        let masked = self.mask.bits(common_bytes).map(|bits| Pattern::Masked { bits });
        Delta {
            common_bytes,
            grown_bytes: self.after_bytes.cast_signed().saturating_sub(self.before_bytes.cast_signed()),
            changed_bytes: self.changed_bytes,
            ranges,
            pattern: masked.unwrap_or_else(|| pattern(&self.ranges, ranges, self.changed_bytes, common_bytes)),
            was_even: self.before.is_even(&self.after),
            is_even: self.after.is_even(&self.before),
            blank: self.after.only(),
            strays: self.strays.map_or(0, |strays| strays.count(common_bytes)),
        }
    }

    fn differ(&mut self, at: u64, before: u8, after: u8) {
        self.before.add(before);
        self.after.add(after);
        self.mask.add(at, before ^ after);
        match &mut self.open {
            Some((_, last)) if at - *last <= Self::GAP_BYTES_MAX => *last = at,
            _ => {
                self.close();
                self.open = Some((at, at));
            }
        }
    }

    fn close(&mut self) {
        let Some((start, last)) = self.open.take() else { return };
        let bytes = last + 1 - start;
        self.changed_bytes += bytes;
        if self.ranges.len() < Self::RANGES_MAX {
            self.ranges.push(Range { start, bytes });
        } else {
            self.untold += 1;
        }
    }
}

impl Delta {
    /// Tells whether this is what encrypting in place leaves, and no program that works with the file.
    ///
    /// What was even before, such as a photo, needs a pattern to be told from work of a program that keeps lengths.
    pub fn is_overwriting(&self) -> bool {
        let kept_length = (0..=FOOTER_BYTES_MAX).contains(&self.grown_bytes);
        let enough = self.changed_bytes >= EVENNESS_BYTES_MIN as u64;
        let drawn = self.is_even || self.blank.is_some();
        let told = match self.pattern {
            Pattern::None => false,
            // Bits that were drawn by lot leave the looks of the bytes as they were.
            Pattern::Masked { .. } => return kept_length,
            Pattern::Head { .. } | Pattern::Periodic { .. } => true,
            Pattern::Whole | Pattern::Scattered => !self.was_even,
        };
        kept_length && enough && drawn && told
    }
}

impl Delta {
    /// Tells whether bytes strayed into a text that was left as long as it was, or got a footer: two values that it never had.
    pub fn has_strays(&self) -> bool {
        let kept_places = self.grown_bytes == 0
            || (1..=FOOTER_BYTES_MAX).contains(&self.grown_bytes) && self.ranges >= PERIODS_MIN as u64;
        kept_places && self.strays >= STRAYS_MIN
    }
}

/// One may be a slip of the keyboard.
const STRAYS_MIN: u32 = 2;

/// What is written behind an encrypted file, of all families that were described, is not longer.
const FOOTER_BYTES_MAX: i64 = 4096;

/// At least so many ranges make a pattern.
const PERIODS_MIN: usize = 4;

fn pattern(ranges: &[Range], count: u64, changed_bytes: u64, common_bytes: u64) -> Pattern {
    match ranges {
        [] => Pattern::None,
        _ if changed_bytes >= common_bytes - common_bytes / 64 => Pattern::Whole,
        // The first bytes may be the same by chance.
        [only] if count == 1 && only.start <= Comparer::GAP_BYTES_MAX => {
            Pattern::Head { bytes: only.start + only.bytes }
        }
        _ => periodic(ranges).unwrap_or(Pattern::Scattered),
    }
}

/// Finds the one distance at which nearly all ranges lie, and their length.
///
/// The ends of a range may be lost by chance, and a range may fall into two: so lengths and distances are compared with a
/// tolerance, and one in eight ranges may be amiss.
fn periodic(ranges: &[Range]) -> Option<Pattern> {
    if ranges.len() < PERIODS_MIN {
        return None;
    }
    let bytes = most_frequent(ranges.iter().map(|range| range.bytes))?;
    let alike: Vec<_> = ranges.iter().filter(|range| is_near(range.bytes, bytes)).collect();
    let period = most_frequent(alike.windows(2).map(|pair| pair[1].start - pair[0].start))?;
    let at_distance = alike.windows(2).filter(|pair| is_near(pair[1].start - pair[0].start, period)).count();
    let enough = |part: usize| part + 1 >= PERIODS_MIN && part + 1 >= ranges.len() - ranges.len() / 8;
    (enough(at_distance) && period > bytes).then_some(Pattern::Periodic { bytes, period })
}

fn most_frequent(numbers: impl Iterator<Item = u64>) -> Option<u64> {
    let mut counts: HashMap<u64, usize> = HashMap::new();
    for number in numbers {
        *counts.entry(number).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(number, count)| (*count, *number)).map(|(number, _)| number)
}

fn is_near(one: u64, other: u64) -> bool {
    one.abs_diff(other) <= 2 * Comparer::GAP_BYTES_MAX
}

/// How byte values are spread.
#[derive(Debug)]
struct Spread {
    counts: [u64; 256],
    total: u64,
}

impl Default for Spread {
    fn default() -> Self {
        Self { counts: [0; 256], total: 0 }
    }
}

impl Spread {
    fn add(&mut self, byte: u8) {
        self.counts[usize::from(byte)] += 1;
        self.total += 1;
    }

    /// Like [`crate::texture::is_even`], of any number of bytes, of which none is what the other version has in its place:
    /// of random bytes each value but that one comes once in 255.
    fn is_even(&self, other: &Self) -> bool {
        if self.total < EVENNESS_BYTES_MIN as u64 {
            return false;
        }
        let expected: Vec<f64> = other.counts.iter().map(|count| (self.total - count) as f64 / 255.0).collect();
        let (found, expected) = match self.total < 1024 {
            true => (in_halves(self.counts.iter().map(|count| *count as f64)), in_halves(expected.into_iter())),
            false => (self.counts.iter().map(|count| *count as f64).collect(), expected),
        };
        let filled = found.iter().zip(&expected).filter(|(_, expected)| **expected > 0.0);
        let squares: f64 = filled.map(|(found, expected)| (found - expected).powi(2) / expected).sum();
        let freedom = (found.len() - 1) as f64;
        squares <= freedom + DEVIATIONS_MAX * (2.0 * freedom).sqrt()
    }

    fn only(&self) -> Option<u8> {
        let at = self.counts.iter().position(|count| *count > 0)?;
        (self.counts[at] == self.total).then_some(at as u8)
    }
}

/// Counts the upper and the lower halves of bytes, of which there are 16 each.
fn in_halves(counts: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut bins = vec![0.0; 16];
    for (byte, count) in counts.enumerate() {
        bins[byte >> 4] += count;
        bins[byte & 15] += count;
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(bytes: usize, seed: u64) -> Vec<u8> {
        let mut out = vec![0; bytes];
        blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut out);
        out
    }

    fn text(bytes: usize) -> Vec<u8> {
        b"Le conseil a delibere et adopte le budget primitif de la commune.\n"
            .iter()
            .copied()
            .cycle()
            .take(bytes)
            .collect()
    }

    fn delta(before: &[u8], after: &[u8]) -> Delta {
        let mut comparer = Comparer::new(before.len() as u64, after.len() as u64);
        let common = before.len().min(after.len());
        for start in (0..common).step_by(5000) {
            let end = (start + 5000).min(common);
            comparer.compare(&before[start..end], &after[start..end]);
        }
        comparer.finish()
    }

    /// Overwrites `cover` bytes of every `period`.
    fn partly(before: &[u8], start: usize, cover: usize, period: usize) -> Vec<u8> {
        let mut after = before.to_vec();
        let noise = random(before.len(), 77);
        for at in (start..before.len()).step_by(period) {
            let end = (at + cover).min(before.len());
            after[at..end].copy_from_slice(&noise[at..end]);
        }
        after
    }

    #[test]
    fn partial_overwriting_is_told_by_its_period_in_text_and_in_noise() {
        for before in [text(1 << 20), random(1 << 20, 1)] {
            for (cover, period) in [(16, 32), (64, 192), (64, 6400), (4096, 65536), (65536, 262_144)] {
                let found = delta(&before, &partly(&before, 0, cover, period));
                let Pattern::Periodic { bytes, period: told } = found.pattern else { panic!("{found:?}") };
                assert!(is_near(bytes, cover as u64) && is_near(told, period as u64), "{found:?}");
                assert!(found.is_overwriting(), "{found:?}");
            }
        }
    }

    #[test]
    fn a_head_and_a_whole_are_told() {
        for before in [text(300_000), random(300_000, 2)] {
            for head in [4096, 100_000] {
                let mut after = before.clone();
                after[..head].copy_from_slice(&random(head, 5));
                let found = delta(&before, &after);
                assert!(matches!(found.pattern, Pattern::Head { .. }), "{found:?}");
                assert!(found.is_overwriting());
            }
        }
        let found = delta(&text(300_000), &random(300_100, 3));
        assert_eq!((found.pattern, found.grown_bytes, found.is_overwriting()), (Pattern::Whole, 100, true));
    }

    #[test]
    fn wiping_is_told() {
        let before = text(300_000);
        for byte in [0, 0xcc] {
            let mut after = before.clone();
            after[..200_000].fill(byte);
            let found = delta(&before, &after);
            assert_eq!(found.blank, Some(byte));
            assert!(found.is_overwriting());
        }
    }

    #[test]
    fn what_programs_do_is_not_overwriting() {
        let before = text(300_000);
        let mut appended = before.clone();
        appended.extend_from_slice(&random(2000, 3));
        let mut edited = before.clone();
        edited[1000..1010].copy_from_slice(b"MMXXVI ans");
        let mut inserted = before.clone();
        inserted.splice(5000..5000, *b"ceci en plus");
        let mut pages = before.clone();
        for page in [3, 7, 8, 20] {
            pages[page * 4096..page * 4096 + 100].copy_from_slice(&before[page * 4096 + 33..page * 4096 + 133]);
        }
        for after in [before.clone(), appended, edited, inserted, pages] {
            let found = delta(&before, &after);
            assert!(!found.is_overwriting(), "{found:?}");
        }
    }

    #[test]
    fn a_compressed_file_saved_anew_is_not_overwriting() {
        let before = random(300_000, 8);
        let mut after = random(300_000, 9);
        after[..2000].copy_from_slice(&before[..2000]);
        assert!(!delta(&before, &after).is_overwriting());
        let shorter = &after[..250_000];
        assert!(!delta(&before, shorter).is_overwriting());
    }

    #[test]
    fn a_container_that_changes_here_and_there_is_not_told() {
        let before = random(1 << 20, 8);
        let mut after = before.clone();
        for (sector, seed) in [(3, 1), (77, 2), (78, 3), (500, 4), (1201, 5), (1900, 6)] {
            after[sector * 512..(sector + 1) * 512].copy_from_slice(&random(512, seed));
        }
        assert!(!delta(&before, &after).is_overwriting());
    }

    fn text_delta(before: &[u8], after: &[u8]) -> Delta {
        let mut comparer = Comparer::of_text(before.len() as u64, after.len() as u64);
        let common = before.len().min(after.len());
        for start in (0..common).step_by(777) {
            let end = (start + 777).min(common);
            comparer.compare(&before[start..end], &after[start..end]);
        }
        comparer.finish()
    }

    #[test]
    fn single_bytes_that_stray_into_a_text_are_told() {
        let before = "Le conseil a délibéré ; la séance est levée à 20 h.\n".repeat(60).into_bytes();
        let missed = (0..1000).filter(|seed| {
            let mut after = before.clone();
            let noise = random(24, *seed);
            for (at, byte) in (40..before.len()).step_by(before.len() / 24).zip(noise) {
                after[at] = byte;
            }
            !text_delta(&before, &after).has_strays()
        });
        assert_eq!(missed.count(), 0);
    }

    #[test]
    fn letters_in_another_way_of_writing_do_not_stray() {
        let before = "Le conseil a delibere ; la seance est levee a 20 h, l'ordre du jour est clos.\n".repeat(60);
        let western: Vec<u8> = before.bytes().map(|byte| if byte == b'a' { 0xe0 } else { byte }).collect();
        let western: Vec<u8> = western.iter().map(|byte| if *byte == b'\'' { 0x92 } else { *byte }).collect();
        assert_eq!(text_delta(before.as_bytes(), &western).strays, 0);
        let accented = before.replace("ee ", "é ");
        assert_eq!(accented.len(), before.len());
        assert_eq!(text_delta(before.as_bytes(), accented.as_bytes()).strays, 0);
        let words: Vec<u8> = before[..before.len() / 2].encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(text_delta(before.as_bytes(), &words).strays, 0);
        let mut slip = before.clone().into_bytes();
        slip[100] = 7;
        assert!(!text_delta(before.as_bytes(), &slip).has_strays());
    }

    #[test]
    fn memory_is_bounded() {
        let before = vec![0; 4 << 20];
        let mut after = before.clone();
        after.iter_mut().step_by(16).for_each(|byte| *byte = 1);
        let found = delta(&before, &after);
        assert_eq!(found.ranges, (4 << 20) / 16);
    }
}
