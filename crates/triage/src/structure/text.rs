//! Text: what cannot be a letter shows that something else was written over it.
//!
//! UTF-8 (RFC 3629) has so little room for other bytes that sixteen of them show. A code page gives a meaning to nearly every
//! byte; there, control codes and rare letters among others are the proof. One odd byte proves nothing: programs have habits
//! (separators, escapes, over-striking), and people paste. Random bytes show all codes side by side.

mod code_page;
mod encoded;
mod utf16;

use std::collections::VecDeque;
use std::ops::Range;

use crate::kind::Kind;
use crate::state::{Findings, Letters, Note, State, Unknown};
use crate::window::{Stop, WINDOW_BYTES, Walk, Window, position};

pub(crate) use code_page::is_usual_high;
pub(crate) use encoded::seek as seek_encoding;

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

/// Bytes that are passed at once where all are plain: as many as are compared at once, and as neighbours are.
const LINE_BYTES: usize = 16;
const PART_BYTES: usize = 32 << 10;
/// Of a head or a tail, so many bytes are looked at before it is asked whether that is enough.
const PIECE_BYTES: usize = 128;
const RANGES_MAX: usize = 4096;
/// Control codes show that no text was written there, where four stand within 64 bytes, of three sorts.
const CROWD_BYTES: u64 = 64;
const CROWD_MIN: usize = 4;
const CROWD_CODES_MIN: u32 = 3;
/// With fewer high bytes that are no UTF-8, a file is not in a code page: something strayed into it.
const FEW_LETTERS: u64 = 48;
/// A code that is this frequent (one in so many bytes) is a habit of the file.
const HABIT_BYTES: u64 = 1000;
const HABIT_TIMES: u64 = 8;
const HABITS_MAX: u32 = 3;
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
    if head.starts_with(b"\xff\xfe\0\0") || head.starts_with(b"\0\0\xfe\xff") {
        return Ok(Some(State::Unknown(Unknown::NoValidator)));
    }
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
    let sample = &head[..head.len().min(4096)];
    // Most are, and few others get far: what comes first is what is cheap and decides often.
    if sample.chunks(PIECE_BYTES).all(is_plain) || utf16::byte_order(head).is_some() {
        return true;
    }
    let mut controls = 0;
    for piece in sample.chunks(PIECE_BYTES) {
        controls += piece.iter().filter(|byte| is_control(**byte)).count();
        if controls * 64 > sample.len() {
            return false;
        }
    }
    let has_zeros = sample.windows(2).any(|pair| pair == [0, 0]);
    !has_zeros && !crate::randomness::looks_random(sample)
}

/// Tells whether a piece is sound UTF-8 with letters of Western languages and usual signs only; its last letter may be cut.
pub(crate) fn is_sound_piece(piece: &[u8]) -> bool {
    // Most are plain: what comes first is cheap.
    if is_plain(piece) {
        return true;
    }
    let cut = piece.iter().rev().take(3).position(|byte| *byte >= 0xc0).map_or(0, |back| back + 1);
    let whole = if std::str::from_utf8(piece).is_ok() { piece } else { &piece[..piece.len() - cut] };
    usual_letters(whole, whole.len()).is_some()
}

/// Tells where a piece of text cannot be text; its first and last letter may be cut. Cheap, for heads and tails.
pub(crate) fn foreign_in(piece: &[u8]) -> Vec<Range<u64>> {
    if let Some(order) = utf16::byte_order(piece) {
        return utf16::foreign_in(piece, order);
    }
    let mut scan = Scan::default();
    let mut at = 0;
    // Where much is foreign, no more needs to be known.
    while at < piece.len() && !scan.is_settled() {
        at += scan.part(&piece[at..], at as u64, PIECE_BYTES.min(piece.len() - at));
    }
    scan.verdict(at as u64).foreign
}

/// XML ends with the end of what it begins with: the only sign that the end of a text is missing (XML 1.0 §2.1).
fn ends_as_its_grammar_says(window: &mut Window, kind: Kind) -> Walk<()> {
    const TAIL_BYTES: u64 = 4096;
    if kind != Kind::Xml {
        return Ok(());
    }
    let bytes = window.bytes();
    let Some(root) = root_name(window.peek(0, WINDOW_BYTES)?).map(<[u8]>::to_vec) else { return Ok(()) };
    let tail = window.peek(bytes.saturating_sub(TAIL_BYTES), TAIL_BYTES as usize)?;
    let text =
        tail.iter().rposition(|byte| !byte.is_ascii_whitespace() && *byte != 0).map_or(tail, |last| &tail[..=last]);
    let is_closed =
        position(text, &[b"</", &root[..]].concat()).is_some() || text.ends_with(b"/>") || text.ends_with(b"-->");
    if text.ends_with(b">") && is_closed { Ok(()) } else { Err(Stop::Ended { at: bytes }) }
}

/// Returns the name of the first element of a document that says that it is XML.
fn root_name(head: &[u8]) -> Option<&[u8]> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let mut rest = text.starts_with(b"<?xml").then_some(text)?;
    loop {
        rest = &rest[position(rest, b"<")? + 1..];
        match rest.first()? {
            b'?' => {}
            b'!' if rest.starts_with(b"!--") => rest = &rest[position(rest, b"-->")?..],
            // Declarations may hold others in brackets.
            b'!' => {
                let (open, close) = (position(rest, b"["), position(rest, b">")?);
                rest = if open.is_some_and(|open| open < close) {
                    &rest[position(rest, b"]>").or(position(rest, b"]"))?..]
                } else {
                    &rest[close..]
                };
            }
            _ => {
                let end = rest.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))?;
                return Some(&rest[..end]).filter(|name| !name.is_empty());
            }
        }
    }
}

/// What was seen in a text of bytes.
struct Scan {
    /// How often each control code was seen; the last one is DEL.
    controls: [u64; 33],
    /// The last control codes, and where several stood together.
    near: VecDeque<(u64, u8)>,
    crowds: Vec<(Range<u64>, u64)>,
    zeros: Vec<Range<u64>>,
    /// Sequences of UTF-8 that are sound and longer than a byte.
    sequences: u64,
    /// High bytes that are in no such sequence.
    high: u64,
    neighbourhood: Neighbourhood,
}

impl Default for Scan {
    fn default() -> Self {
        Self {
            controls: [0; 33],
            near: VecDeque::new(),
            crowds: Vec::new(),
            zeros: Vec::new(),
            sequences: 0,
            high: 0,
            neighbourhood: Neighbourhood::default(),
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
            let part = window.peek(at, PART_BYTES)?;
            let is_last = at + part.len() as u64 == bytes;
            // A letter of UTF-8 may go on behind the part.
            let end = if is_last { part.len() } else { part.len() - 3 };
            at += self.part(part, at, end) as u64;
        }
        Ok(())
    }

    /// Looks at the letters that begin in the first `end` bytes of a part that lies at `at`, and returns where the last one ends.
    fn part(&mut self, part: &[u8], at: u64, end: usize) -> usize {
        let mut place = 0;
        while place < end {
            let line_end = (place + LINE_BYTES).min(end);
            let line = &part[place..line_end];
            if is_plain(line) {
                self.neighbourhood.pass(line, at + place as u64);
                place = line_end;
                continue;
            }
            if let Some((bytes, letters)) = usual_letters(&part[place..], line_end - place) {
                self.sequences += letters.all;
                self.neighbourhood.usual(letters.accented);
                self.neighbourhood.pass(&part[place..place + bytes], at + place as u64);
                place += bytes;
                continue;
            }
            while place < line_end {
                place += self.letter(part, place, at + place as u64);
            }
        }
        place
    }

    /// Looks at one letter, and returns how many bytes it has.
    fn letter(&mut self, part: &[u8], place: usize, at: u64) -> usize {
        let byte = part[place];
        if byte >= 0x80 {
            if let Some(bytes) = sequence_bytes(&part[place..]) {
                self.sequences += 1;
                self.neighbourhood.letter(byte, at);
                return bytes;
            }
            self.high += 1;
        } else if is_control(byte) {
            self.zero(byte, at);
            if is_usual(part, place) {
                return 1;
            }
            self.control(byte, at);
        }
        self.neighbourhood.byte(part, place, at);
        1
    }

    fn control(&mut self, byte: u8, at: u64) {
        self.controls[usize::from(byte.min(32))] += 1;
        while self.near.front().is_some_and(|old| old.0 + CROWD_BYTES <= at) {
            self.near.pop_front();
        }
        self.near.push_back((at, byte.min(32)));
        let codes = self.near.iter().fold(0_u64, |bits, near| bits | 1 << near.1);
        if self.near.len() < CROWD_MIN || codes.count_ones() < CROWD_CODES_MIN {
            return;
        }
        let start = self.near.front().map_or(at, |near| near.0);
        let has_room = self.crowds.len() < RANGES_MAX;
        match self.crowds.last_mut() {
            Some((range, all)) if start <= range.end => (range.end, *all) = (at + 1, *all | codes),
            _ if has_room => self.crowds.push((start..at + 1, codes)),
            _ => {}
        }
    }

    fn zero(&mut self, byte: u8, at: u64) {
        let has_room = self.zeros.len() < RANGES_MAX;
        match self.zeros.last_mut() {
            _ if byte != 0 => {}
            Some(last) if last.end == at => last.end += 1,
            Some(last) if last.end - last.start < ZEROS_MAX => *last = at..at + 1,
            _ if has_room => self.zeros.push(at..at + 1),
            _ => {}
        }
    }

    fn verdict(self, bytes: u64) -> Verdict {
        let habits = self.habits(bytes);
        let letters = match (self.high, self.sequences) {
            (0, 0) => Letters::Ascii,
            (0, _) => Letters::Utf8,
            (high, sequences) => self.neighbourhood.letters(high, sequences, bytes),
        };
        let crowds = self.crowds.iter().filter(|(_, codes)| (codes & !habits).count_ones() >= CROWD_CODES_MIN);
        let mut foreign: Vec<Range<u64>> = crowds.map(|(range, _)| range.clone()).collect();
        foreign.extend(self.zeros.iter().filter(|run| run.end - run.start >= ZEROS_MAX).cloned());
        if letters != Letters::Other {
            let is_strict = self.high < FEW_LETTERS || self.sequences > self.high;
            foreign.extend(self.neighbourhood.strangers(habits, is_strict, self.sequences == 0));
        }
        Verdict { letters, foreign: joined(foreign) }
    }

    /// Tells whether so many sorts of control codes stand together that they show, whatever the habits of the file are.
    fn is_settled(&self) -> bool {
        self.crowds.iter().any(|(_, codes)| codes.count_ones() >= CROWD_CODES_MIN + HABITS_MAX)
    }

    /// Returns the control codes that this file has everywhere. Random bytes have all of them everywhere.
    fn habits(&self, bytes: u64) -> u64 {
        let is_frequent = |count: u64| count >= HABIT_TIMES && count.saturating_mul(HABIT_BYTES) >= bytes;
        let frequent = (0..33).filter(|&code| is_frequent(self.controls[code]));
        let habits = frequent.fold(0_u64, |bits, code| bits | 1 << code);
        if habits.count_ones() <= HABITS_MAX { habits } else { 0 }
    }
}

/// How many letters of a line have more than a byte.
#[derive(Default)]
struct LongLetters {
    all: u64,
    /// Those that begin with 0xC3: letters of Western Europe.
    accented: u64,
}

/// Tells whether a line of about `bytes` bytes is sound UTF-8 with letters of Western languages and usual signs only. Returns its
/// length, to the end of its last letter, and its long letters.
fn usual_letters(rest: &[u8], bytes: usize) -> Option<(usize, LongLetters)> {
    let is_inside = |at: usize| rest.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
    let bytes = (bytes..bytes + 4).find(|at| !is_inside(*at))?;
    let line = rest.get(..bytes)?;
    let is_usual = |byte: u8| byte >= 0x80 || matches!(byte, b' '..=b'~' | b'\t' | b'\n' | 0x0c | b'\r');
    if !line.iter().fold(true, |all, &byte| all & is_usual(byte)) || std::str::from_utf8(line).is_err() {
        return None;
    }
    let mut letters = LongLetters::default();
    for first in line.iter().filter(|byte| **byte >= 0xc0) {
        if !code_page::is_near(*first) {
            return None;
        }
        letters.all += 1;
        letters.accented += u64::from(*first == 0xc3);
    }
    Some((bytes, letters))
}

/// What follows an escape of terminals and printers, and of ISO 2022.
const ESCAPES: &[u8] = b"\x1b[]()$%=>.-*+#\\^_<78DEHMNOPZck";

/// Tells whether all bytes are printable ASCII or ends of lines: without a branch, so that many are compared at once.
fn is_plain(line: &[u8]) -> bool {
    let is_other = |byte: u8| {
        !((byte.wrapping_sub(b' ') < 0x5f) | (byte == b'\t') | (byte == b'\n') | (byte == 0x0c) | (byte == b'\r'))
    };
    !line.iter().fold(false, |seen, &byte| seen | is_other(byte))
}

/// Tells whether a byte is a control code that texts do not have.
pub(crate) fn is_control(byte: u8) -> bool {
    CLASSES[usize::from(byte)] == Class::Control as u8
}

/// Tells whether a control code is one that programs write there: escapes, over-striking, the end of a file of DOS.
fn is_usual(part: &[u8], place: usize) -> bool {
    let next = part.get(place + 1).copied().unwrap_or(b'[');
    match part[place] {
        0x1b => ESCAPES.contains(&next),
        0x08 => place > 0 && part[place - 1] >= b' ' && next >= b' ',
        0x0b => true,
        0x1a => part[place + 1..].iter().all(|&byte| byte == 0x1a || byte == 0),
        _ => false,
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
pub(crate) fn sequence_bytes(bytes: &[u8]) -> Option<usize> {
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
