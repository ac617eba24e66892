//! Text in words of two bytes (RFC 2781): lone surrogates, impossible control codes and words that jump between alphabets.

use std::ops::Range;

use crate::state::{Findings, Letters, Note, State};
use crate::window::{Walk, Window};

/// Which byte of a word comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

/// Words that are looked at together.
const NEIGHBOURS: u64 = 8;
const STRANGE_MIN: usize = 4;
const RANGE_GAP: u64 = 64;
const EVENTS_MAX: usize = 1 << 14;

/// Tells UTF-16 by its mark, or by the zeros that every other byte of Western letters is.
pub(super) fn byte_order(head: &[u8]) -> Option<ByteOrder> {
    if head.starts_with(b"\xff\xfe") && !head.starts_with(b"\xff\xfe\0\0") {
        return Some(ByteOrder::Little);
    }
    if head.starts_with(b"\xfe\xff") {
        return Some(ByteOrder::Big);
    }
    let head = &head[..head.len().min(4096)];
    let words = head.len() / 2;
    if words < 16 || !head.contains(&0) {
        return None;
    }
    // More than nine in ten words of one order must be letters.
    let is_lost = |misses: usize| misses * 10 >= words;
    let is_letter = |zero: u8, letter: u8| zero == 0 && (letter >= b' ' || letter.is_ascii_whitespace());
    let (mut little, mut big) = (0, 0);
    for pair in head.chunks_exact(2) {
        little += usize::from(!is_letter(pair[1], pair[0]));
        big += usize::from(!is_letter(pair[0], pair[1]));
        if is_lost(little) && is_lost(big) {
            return None;
        }
    }
    Some(if is_lost(little) { ByteOrder::Big } else { ByteOrder::Little })
}

/// Checks a whole file.
pub(super) fn check(window: &mut Window, findings: &mut Findings, order: ByteOrder) -> Walk<Option<State>> {
    findings.note(Note::Letters(Letters::Utf16));
    let bytes = window.bytes();
    let mut scan = Scan::default();
    let mut at = 0;
    while at + 1 < bytes {
        let part = window.take(at, (bytes - at).min(32 << 10) as usize & !1)?;
        scan.part(part, at, order);
        at += part.len() as u64;
    }
    findings.parsed_bytes += bytes;
    for place in scan.foreign(bytes) {
        findings.corrupt(place..(place + RANGE_GAP).min(bytes));
    }
    Ok(None)
}

/// Tells where a piece of a text cannot be text.
pub(super) fn foreign_in(piece: &[u8], order: ByteOrder) -> Vec<Range<u64>> {
    let mut scan = Scan::default();
    scan.part(piece, 0, order);
    let bytes = piece.len() as u64;
    // The piece may begin with the second half of a letter.
    let places = scan.foreign(bytes).into_iter().filter(|&place| place >= 2);
    places.map(|place| place..(place + RANGE_GAP).min(bytes)).collect()
}

#[derive(Default)]
struct Scan {
    impossible: Vec<u64>,
    strange: Vec<u64>,
    /// Words outside Western alphabets and signs.
    exotic: u64,
    /// The places and high bytes of the last exotic words.
    near: Vec<(u64, u8)>,
    surrogate_at: Option<u64>,
}

impl Scan {
    fn part(&mut self, part: &[u8], at: u64, order: ByteOrder) {
        for (word, pair) in part.chunks_exact(2).enumerate() {
            let unit = match order {
                ByteOrder::Little => u16::from_le_bytes([pair[0], pair[1]]),
                ByteOrder::Big => u16::from_be_bytes([pair[0], pair[1]]),
            };
            self.unit(unit, at + 2 * word as u64);
        }
    }

    fn unit(&mut self, unit: u16, at: u64) {
        let is_low_surrogate = (0xdc00..0xe000).contains(&unit);
        match (self.surrogate_at.take(), is_low_surrogate) {
            (Some(_), true) => return,
            (None, true) => return self.impossible(at),
            (Some(first), false) => self.impossible(first),
            (None, false) => {}
        }
        match unit {
            0x20..=0x7e | 0x09 | 0x0a | 0x0c | 0x0d => {}
            0..=0x1f | 0x7f | 0xfffe | 0xffff => self.impossible(at),
            _ => self.beyond_ascii(unit, at),
        }
    }

    fn beyond_ascii(&mut self, unit: u16, at: u64) {
        let high = (unit >> 8) as u8;
        if (0xd8..0xdc).contains(&high) {
            self.surrogate_at = Some(at);
            return;
        }
        if matches!(high, 0..=2 | 0x1e | 0x20..=0x22 | 0x25..=0x27 | 0xfb | 0xfe | 0xff) {
            return;
        }
        self.exotic += 1;
        self.near.retain(|(place, _)| place + 2 * NEIGHBOURS > at);
        self.near.push((at, high));
        let mut alphabets: Vec<u8> = self.near.iter().map(|(_, high)| *high).collect();
        alphabets.sort_unstable();
        alphabets.dedup();
        if alphabets.len() >= STRANGE_MIN && self.strange.len() < EVENTS_MAX {
            self.strange.push(self.near[0].0);
        }
    }

    fn impossible(&mut self, at: u64) {
        if self.impossible.len() < EVENTS_MAX {
            self.impossible.push(at);
        }
    }

    /// Returns where words stand that do not belong. A file in an Asian script is exotic everywhere.
    fn foreign(self, bytes: u64) -> Vec<u64> {
        let mut places = self.impossible;
        if self.exotic * 2 * 10 < bytes || self.exotic < 16 {
            places.extend(self.strange);
        }
        places.sort_unstable();
        places.dedup();
        places
    }
}
