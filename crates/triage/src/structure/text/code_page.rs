//! High bytes that are not UTF-8: letters of a code page, or strangers among letters.
//!
//! A stranger is told by its neighbours: within sixteen bytes, three high bytes or more, two of which are rare in French and its
//! neighbours' spelling, and two bytes that are no letters at all. Of sixteen random bytes without a control code, two in a
//! thousand escape; of all, three in ten thousand.

use std::collections::VecDeque;
use std::ops::Range;

use crate::state::Letters;

const NEIGHBOURS: u64 = 16;
const HIGH_MIN: usize = 3;
const RARE_MIN: usize = 2;
const NO_LETTER_MIN: usize = 2;
const RANGES_MAX: usize = 4096;

/// Letters and signs of Western spelling in Windows-1252 and ISO 8859-15.
const WESTERN: [bool; 128] = usual(&[
    0xe0, 0xe2, 0xe4, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xeb, 0xee, 0xef, 0xf1, 0xf4, 0xf6, 0xf9, 0xfb, 0xfc, 0xff, 0xdf,
    0x9c, 0xbd, 0xc0, 0xc2, 0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xce, 0xd4, 0xd6, 0xdc, 0x8c, 0xa0, 0xab, 0xbb, 0xb0, 0x92,
    0x93, 0x94, 0x96, 0x85, 0x80, 0xa7, 0xb2,
]);
/// The same in code page 850.
const DOS: [bool; 128] = usual(&[
    0x85, 0x83, 0x84, 0x91, 0x87, 0x8a, 0x82, 0x88, 0x89, 0x8c, 0x8b, 0xa4, 0x93, 0x94, 0x97, 0x96, 0x81, 0x98, 0xe1,
    0xb7, 0xb6, 0x80, 0xd4, 0x90, 0xd2, 0xd3, 0xd7, 0xe2, 0x99, 0x9a, 0xff, 0xae, 0xaf, 0xf8, 0xf5, 0xfd, 0xc4, 0xcd,
    0xb3, 0xba,
]);

const fn usual(bytes: &[u8]) -> [bool; 128] {
    let mut table = [false; 128];
    let mut place = 0;
    while place < bytes.len() {
        table[(bytes[place] - 0x80) as usize] = true;
        place += 1;
    }
    table
}

/// A byte near some high byte.
#[derive(Clone, Copy)]
struct Neighbour {
    at: u64,
    is_high: bool,
    is_letter: bool,
    is_rare_western: bool,
    is_rare_dos: bool,
}

/// The last bytes, and what was found strange.
#[derive(Default)]
pub(super) struct Neighbourhood {
    near: VecDeque<Neighbour>,
    western: Strange,
    dos: Strange,
}

/// What is strange under one code page.
#[derive(Default)]
struct Strange {
    /// High bytes that are rare in it.
    rare: u64,
    /// KiB in which something is strange.
    blocks: u64,
    last_block: Option<u64>,
    ranges: Vec<Range<u64>>,
}

impl Neighbourhood {
    /// Passes a line of plain letters.
    pub(super) fn pass(&mut self, line: &[u8], at: u64) {
        self.near.clear();
        let kept = line.len().min(NEIGHBOURS as usize);
        for (place, &byte) in line.iter().enumerate().skip(line.len() - kept) {
            if !is_plain_letter(byte) {
                self.near.push_back(Neighbour::odd(at + place as u64));
            }
        }
    }

    /// Passes a plain letter.
    pub(super) fn plain(&mut self, byte: u8, at: u64) {
        if !is_plain_letter(byte) {
            self.look(Neighbour::odd(at));
        }
    }

    /// Passes a sound sequence of UTF-8: it is no stranger, and what lies around it still may be.
    pub(super) fn sound(&mut self, _at: u64) {}

    /// Passes a control code.
    pub(super) fn odd(&mut self, at: u64) {
        self.look(Neighbour { is_rare_western: true, is_rare_dos: true, ..Neighbour::odd(at) });
    }

    /// Passes a high byte that is no part of UTF-8.
    pub(super) fn high(&mut self, byte: u8, at: u64) {
        let place = usize::from(byte - 0x80);
        let (is_rare_western, is_rare_dos) = (!WESTERN[place], !DOS[place]);
        self.western.rare += u64::from(is_rare_western);
        self.dos.rare += u64::from(is_rare_dos);
        // Letters of all the Windows and ISO code pages lie from 0xC0 on, but for a few.
        let is_letter = byte >= 0xc0 || matches!(byte, 0x8a | 0x8c..=0x8f | 0x9a | 0x9c..=0x9f);
        self.look(Neighbour { at, is_high: true, is_letter, is_rare_western, is_rare_dos });
    }

    fn look(&mut self, new: Neighbour) {
        while self.near.front().is_some_and(|old| old.at + NEIGHBOURS <= new.at) {
            self.near.pop_front();
        }
        self.near.push_back(new);
        let count = |of: &dyn Fn(&Neighbour) -> bool| self.near.iter().filter(|near| of(near)).count();
        if count(&|near| near.is_high) < HIGH_MIN || count(&|near| !near.is_letter) < NO_LETTER_MIN {
            return;
        }
        let start = self.near.front().map_or(new.at, |old| old.at);
        let (rare_western, rare_dos) = (count(&|near| near.is_rare_western), count(&|near| near.is_rare_dos));
        if rare_western >= RARE_MIN {
            self.western.add(start..new.at + 1);
        }
        // The letters of DOS lie below 0xC0: there, being a letter is being usual.
        if rare_dos >= RARE_MIN {
            self.dos.add(start..new.at + 1);
        }
    }

    /// Tells how the letters are written. `high` is how many bytes are no UTF-8, `sequences` how many letters are.
    pub(super) fn letters(&self, high: u64, sequences: u64, bytes: u64) -> Letters {
        let is_dos = self.dos.rare < self.western.rare;
        let strange = if is_dos { &self.dos } else { &self.western };
        let kib = bytes.div_ceil(1024);
        let is_dense = high.saturating_mul(5) > bytes;
        // Strange everywhere: another alphabet. Random bytes everywhere would show in control codes.
        if strange.blocks > 3 && strange.blocks.saturating_mul(4) > kib || is_dense {
            Letters::Other
        } else if sequences > high.saturating_mul(4) {
            Letters::Utf8
        } else if is_dos {
            Letters::Dos
        } else {
            Letters::Western
        }
    }

    /// Returns what is strange under the code page that fits best.
    pub(super) fn strangers(self, is_dos: bool) -> Vec<Range<u64>> {
        let best = if is_dos || self.dos.rare < self.western.rare { self.dos } else { self.western };
        best.ranges
    }
}

impl Neighbour {
    fn odd(at: u64) -> Self {
        Self { at, is_high: false, is_letter: false, is_rare_western: false, is_rare_dos: false }
    }
}

impl Strange {
    fn add(&mut self, range: Range<u64>) {
        let block = range.end >> 10;
        if self.last_block.replace(block) != Some(block) {
            self.blocks += 1;
        }
        let has_room = self.ranges.len() < RANGES_MAX;
        match self.ranges.last_mut() {
            Some(last) if range.start <= last.end => last.end = range.end,
            _ if has_room => self.ranges.push(range),
            _ => {}
        }
    }
}

fn is_plain_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b' ' | b'.' | b',' | b'\'' | b'-' | b'\r' | b'\n')
}
