//! Text: what cannot be a letter shows that something else was written over it.
//!
//! UTF-8 (RFC 3629) has so little room for other bytes that sixteen of them show. A code page gives a meaning to nearly every
//! byte; there, control codes that no program writes are the proof, and it takes some sixty bytes. Programs have habits
//! (separators, escapes, over-striking), which a few codes may be; random bytes show all codes.

mod code_page;
mod encoded;
mod utf16;

use std::ops::Range;

use crate::kind::Kind;
use crate::state::{Findings, Letters, Note, State, Unknown};
use crate::window::{Stop, Walk, Window};

use code_page::Neighbourhood;

/// What a byte is in a text of bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Class {
    Plain = 0,
    High = 1,
    Control = 2,
}

const CLASSES: [u8; 256] = {
    let mut classes = [Class::Plain as u8; 256];
    let mut byte = 0;
    while byte < 256 {
        if byte >= 0x80 {
            classes[byte] = Class::High as u8;
        } else if byte == 0x7f || (byte < 0x20 && !matches!(byte as u8, b'\t' | b'\n' | b'\r' | 0x0c)) {
            classes[byte] = Class::Control as u8;
        }
        byte += 1;
    }
    classes
};

const LINE_BYTES: usize = 64;
/// Control codes that are remembered with their places; where there are more, it is no text.
const EVENTS_MAX: usize = 1 << 14;
/// A code that is this frequent (one in so many bytes) is a habit of the file.
const HABIT_BYTES: u64 = 1000;
const HABIT_TIMES: u64 = 8;
const HABITS_MAX: usize = 3;
/// Zeros in a row that no text has: what is left of lines that never reached the disk, or were wiped.
const ZEROS_MAX: u64 = 16;
/// Impossible bytes that are no further apart belong to one range.
const RANGE_GAP: u64 = 64;

/// What is promised of a file before it is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Promise {
    /// Its name or its head say that it is text.
    pub(crate) is_text: bool,
    /// Its name says that it is something.
    pub(crate) is_something: bool,
}

/// Self-extracting scripts are longer than this.
const SCRIPT_BYTES_MAX: u64 = 256 << 10;

/// Checks a whole file of `kind`.
pub(crate) fn check(window: &mut Window, findings: &mut Findings, kind: Kind, promise: Promise) -> Walk<Option<State>> {
    let head = window.peek(0, 4096)?;
    if let Some(order) = utf16::byte_order(head) {
        return utf16::check(window, findings, order);
    }
    if promise.is_something
        && let Some(encoding) = encoded::seek(window)?
    {
        return Ok(Some(State::Encoded(encoding)));
    }
    let mut scan = Scan::default();
    scan.run(window)?;
    let verdict = scan.verdict(window.bytes());
    findings.note(Note::Letters(verdict.letters));
    let Some(first) = verdict.foreign.first().cloned() else {
        findings.parsed_bytes += window.bytes();
        return ends_as_its_grammar_says(window, kind).map(|()| None);
    };
    let may_carry = kind == Kind::Script && window.bytes() > SCRIPT_BYTES_MAX;
    if !promise.is_text || may_carry {
        return Ok(Some(State::Unknown(Unknown::Mixed { at: first.start })));
    }
    let foreign_bytes: u64 = verdict.foreign.iter().map(|range| range.end - range.start).sum();
    findings.parsed_bytes += window.bytes().saturating_sub(foreign_bytes);
    for range in verdict.foreign {
        findings.corrupt(range);
    }
    Ok(None)
}

/// Tells whether the head of a file can be text: cheap, for telling kinds apart.
pub(crate) fn reads_as_text(head: &[u8]) -> bool {
    if head.is_empty() {
        return false;
    }
    if utf16::byte_order(head).is_some() {
        return true;
    }
    let sample = &head[..head.len().min(4096)];
    let controls = sample.iter().filter(|&&byte| CLASSES[usize::from(byte)] == Class::Control as u8).count();
    let has_zeros = sample.windows(2).any(|pair| pair == [0, 0]);
    controls * 64 <= sample.len() && !has_zeros && !crate::randomness::looks_random(sample)
}

/// Tells where a piece of text cannot be text; its first and last letter may be cut. Cheap, for heads and tails.
pub(crate) fn foreign_in(piece: &[u8]) -> Vec<Range<u64>> {
    let mut scan = Scan::default();
    scan.part(piece, 0, piece.len());
    scan.verdict(piece.len() as u64).foreign
}

/// Markup ends with `>`: the only sign that the end of a text is missing.
fn ends_as_its_grammar_says(window: &mut Window, kind: Kind) -> Walk<()> {
    if kind != Kind::Xml {
        return Ok(());
    }
    let bytes = window.bytes();
    let tail_at = bytes.saturating_sub(4096);
    let is_markup =
        window.peek(0, 4096)?.iter().find(|byte| !byte.is_ascii_whitespace() && **byte < 0x80) == Some(&b'<');
    let tail = window.peek(tail_at, 4096)?;
    let last = tail.iter().rev().find(|byte| !byte.is_ascii_whitespace() && **byte != 0);
    if is_markup && last.is_some_and(|&last| last != b'>') { Err(Stop::Ended { at: bytes }) } else { Ok(()) }
}

/// What was seen in a text of bytes.
struct Scan {
    /// How often each control code was seen; the last one is DEL.
    controls: [u64; 33],
    /// Where, for the first of them.
    events: Vec<(u64, u8)>,
    zeros: Vec<Range<u64>>,
    /// Sequences of UTF-8 that are sound and longer than a byte.
    sequences: u64,
    neighbourhood: Neighbourhood,
    /// High bytes that are in no such sequence.
    high: u64,
}

impl Default for Scan {
    fn default() -> Self {
        Self {
            controls: [0; 33],
            events: Vec::new(),
            zeros: Vec::new(),
            sequences: 0,
            neighbourhood: Neighbourhood::default(),
            high: 0,
        }
    }
}

struct Verdict {
    letters: Letters,
    foreign: Vec<Range<u64>>,
}

impl Scan {
    fn run(&mut self, window: &mut Window) -> Walk<()> {
        let bytes = window.bytes();
        let mut at = 0;
        while at < bytes {
            let part = window.some(at, bytes)?;
            let is_last = at + part.len() as u64 == bytes;
            // A letter of UTF-8 may go on behind the window.
            let end = if is_last { part.len() } else { part.len().saturating_sub(3).max(1) };
            self.part(part, at, end);
            at += end as u64;
        }
        Ok(())
    }

    /// Looks at the first `end` bytes of a part that lies at `at`; what is behind `end` is only looked ahead at.
    fn part(&mut self, part: &[u8], at: u64, end: usize) {
        let mut place = 0;
        while place < end {
            let line_end = (place + LINE_BYTES).min(end);
            let line = &part[place..line_end];
            if line.iter().fold(0, |seen, &byte| seen | CLASSES[usize::from(byte)]) == Class::Plain as u8 {
                self.neighbourhood.pass(line, at + place as u64);
                place = line_end;
                continue;
            }
            while place < line_end {
                place += self.letter(part, place, at);
            }
        }
    }

    /// Looks at one letter, and returns how many bytes it has.
    fn letter(&mut self, part: &[u8], place: usize, at: u64) -> usize {
        let byte = part[place];
        let offset = at + place as u64;
        match CLASSES[usize::from(byte)] {
            class if class == Class::High as u8 => match sequence_bytes(&part[place..]) {
                Some(bytes) => {
                    self.sequences += 1;
                    self.neighbourhood.sound(offset);
                    bytes
                }
                None => {
                    self.high += 1;
                    self.neighbourhood.high(byte, offset);
                    1
                }
            },
            class if class == Class::Control as u8 => {
                self.control(part, place, offset);
                self.neighbourhood.odd(offset);
                1
            }
            _ => {
                self.neighbourhood.plain(byte, offset);
                1
            }
        }
    }

    fn control(&mut self, part: &[u8], place: usize, offset: u64) {
        let byte = part[place];
        let next = part.get(place + 1).copied().unwrap_or(b'[');
        let is_usual = match byte {
            0x1b => matches!(next, b'[' | b'(' | b')' | b'$' | b'%' | b']' | b'=' | b'>' | b'.' | b'-' | 0x1b),
            0x08 => place > 0 && part[place - 1] >= b' ' && next >= b' ',
            0x0b => true,
            0x1a => part[place + 1..].iter().all(|&byte| byte == 0x1a || byte == 0),
            _ => false,
        };
        if byte == 0 {
            self.zero(offset);
        }
        if is_usual {
            return;
        }
        self.controls[usize::from(byte.min(32))] += 1;
        if self.events.len() < EVENTS_MAX {
            self.events.push((offset, byte));
        }
    }

    fn zero(&mut self, offset: u64) {
        let has_room = self.zeros.len() < EVENTS_MAX;
        match self.zeros.last_mut() {
            Some(last) if last.end == offset => last.end += 1,
            Some(last) if last.end - last.start < ZEROS_MAX => *last = offset..offset + 1,
            _ if has_room => self.zeros.push(offset..offset + 1),
            _ => {}
        }
    }

    fn verdict(mut self, bytes: u64) -> Verdict {
        let letters = self.letters(bytes);
        let mut foreign = self.impossible_codes(bytes);
        foreign.extend(self.zeros.iter().filter(|run| run.end - run.start >= ZEROS_MAX).cloned());
        if letters != Letters::Other {
            foreign.extend(self.neighbourhood.strangers(letters == Letters::Dos));
        }
        Verdict { letters, foreign: joined(foreign) }
    }

    fn letters(&mut self, bytes: u64) -> Letters {
        if self.high == 0 {
            return if self.sequences == 0 { Letters::Ascii } else { Letters::Utf8 };
        }
        self.neighbourhood.letters(self.high, self.sequences, bytes)
    }

    /// Returns where codes stand that are no habit of this file.
    fn impossible_codes(&self, bytes: u64) -> Vec<Range<u64>> {
        let is_frequent = |count: u64| count >= HABIT_TIMES && count.saturating_mul(HABIT_BYTES) >= bytes;
        let habits: Vec<u8> = (0..33_u8).filter(|&code| is_frequent(self.controls[usize::from(code)])).collect();
        let has_habits = habits.len() <= HABITS_MAX;
        let is_habit = |byte: u8| has_habits && habits.contains(&byte.min(32));
        let places = self.events.iter().filter(|(_, byte)| !is_habit(*byte));
        places.map(|(offset, _)| *offset..offset + 1).collect()
    }
}

/// Joins ranges that are near one another.
fn joined(mut ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    ranges.sort_by_key(|range| range.start);
    let mut joined: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end + RANGE_GAP => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

/// Returns the length of the sequence of UTF-8 at the start, if it is sound (RFC 3629 §4).
fn sequence_bytes(bytes: &[u8]) -> Option<usize> {
    let is_tail = |place: usize| bytes.get(place).is_some_and(|byte| byte & 0xc0 == 0x80);
    let second = bytes.get(1).copied().unwrap_or_default();
    let (wanted, second_is_sound) = match bytes[0] {
        0xc2..=0xdf => (2, true),
        0xe0 => (3, second >= 0xa0),
        0xed => (3, second < 0xa0),
        0xe1..=0xef => (3, true),
        0xf0 => (4, second >= 0x90),
        0xf1..=0xf3 => (4, true),
        0xf4 => (4, second < 0x90),
        _ => return None,
    };
    (second_is_sound && (1..wanted).all(is_tail)).then_some(wanted)
}

#[cfg(test)]
#[path = "text/tests.rs"]
mod tests;
