//! Bytes that are no UTF-8: letters of a code page, or strangers among letters.
//!
//! Strangers come together. Within sixteen bytes there must be three that are control codes or high, of which two are rare in
//! French and its neighbours' spelling and nowhere else in the file, and two that are no letters; or five with one rare.
//! Lists of accented letters, as programs have them, are let pass. Of blocks of sixteen random bytes, six in ten thousand
//! escape.

use std::collections::VecDeque;
use std::ops::Range;

use crate::state::Letters;

const NEIGHBOURS: u64 = 16;
/// A byte that stands in the file more often is none that strays into it.
const RARE_TIMES_MAX: u64 = 3;
const RANGES_MAX: usize = 4096;
/// So many letters with accents in a row are a list of them.
const LIST_LETTERS: u32 = 4;

/// What a high byte is under one code page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Letter,
    RareLetter,
    Mark,
    RareMark,
}

/// Windows-1252 and ISO 8859-15: letters from 0xC0 on, as in all code pages of Windows and ISO.
const WESTERN: [Role; 128] = roles(
    &[
        0xe0, 0xe2, 0xe4, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xeb, 0xee, 0xef, 0xf1, 0xf4, 0xf6, 0xf9, 0xfb, 0xfc, 0xff,
        0xdf, 0x9c, 0xc0, 0xc2, 0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xce, 0xd4, 0xd6, 0xdc, 0x8c,
    ],
    &[0x8a, 0x8d, 0x8e, 0x8f, 0x9a, 0x9d, 0x9e, 0x9f],
    &[0xa0, 0xab, 0xbb, 0xb0, 0x92, 0x93, 0x94, 0x96, 0x85, 0x80, 0xa7, 0xb2],
    0xc0,
    0xff,
);
/// Code page 850, and what 437 shares with it.
const DOS: [Role; 128] = roles(
    &[
        0x85, 0x83, 0x84, 0x91, 0x87, 0x8a, 0x82, 0x88, 0x89, 0x8c, 0x8b, 0xa4, 0x93, 0x94, 0x97, 0x96, 0x81, 0x98,
        0xe1, 0xb7, 0xb6, 0x80, 0xd4, 0x90, 0xd2, 0xd3, 0xd7, 0xe2, 0x99, 0x9a,
    ],
    &[],
    &[0xff, 0xae, 0xaf, 0xf8, 0xf5, 0xfd, 0xc4, 0xcd, 0xb3, 0xba],
    0x80,
    0xa5,
);

/// Lays out the roles of bytes: usual letters, rare ones, usual marks, and where the rest of the letters lie.
const fn roles(letters: &[u8], rare: &[u8], marks: &[u8], from: u8, to: u8) -> [Role; 128] {
    let mut roles = [Role::RareMark; 128];
    let mut byte = from;
    loop {
        roles[(byte - 0x80) as usize] = Role::RareLetter;
        if byte == to {
            break;
        }
        byte += 1;
    }
    set(set(set(roles, rare, Role::RareLetter), letters, Role::Letter), marks, Role::Mark)
}

const fn set(mut roles: [Role; 128], bytes: &[u8], role: Role) -> [Role; 128] {
    let mut place = 0;
    while place < bytes.len() {
        roles[(bytes[place] - 0x80) as usize] = role;
        place += 1;
    }
    roles
}

/// A byte that is no plain letter: a control code, a sign or a high byte.
#[derive(Clone, Copy)]
struct Neighbour {
    at: u64,
    byte: u8,
}

/// The last bytes, and what was found strange.
pub(super) struct Neighbourhood {
    near: VecDeque<Neighbour>,
    /// How often each high byte stands outside UTF-8.
    counts: [u64; 128],
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
    ranges: Vec<Stretch>,
}

/// A range that may be strange, and which bytes make it so.
struct Stretch {
    range: Range<u64>,
    rare: u128,
    controls: u64,
    /// So many came together that one of them proves it.
    is_dense: bool,
}

impl Default for Neighbourhood {
    fn default() -> Self {
        Self { near: VecDeque::new(), counts: [0; 128], western: Strange::default(), dos: Strange::default() }
    }
}

impl Neighbourhood {
    /// Passes a line of plain letters.
    pub(super) fn pass(&mut self, line: &[u8], at: u64) {
        self.near.clear();
        let first = line.len().saturating_sub(NEIGHBOURS as usize);
        for (place, &byte) in line.iter().enumerate().skip(first) {
            if !is_plain_letter(byte) {
                self.near.push_back(Neighbour { at: at + place as u64, byte });
            }
        }
    }

    /// Passes one byte, unless it belongs to UTF-8.
    pub(super) fn byte(&mut self, byte: u8, at: u64) {
        if is_plain_letter(byte) {
            return;
        }
        if byte >= 0x80 {
            let place = usize::from(byte - 0x80);
            self.counts[place] += 1;
            self.western.rare += u64::from(is_rare(WESTERN[place]));
            self.dos.rare += u64::from(is_rare(DOS[place]));
        }
        while self.near.front().is_some_and(|old| old.at + NEIGHBOURS <= at) {
            self.near.pop_front();
        }
        self.near.push_back(Neighbour { at, byte });
        if byte >= 0x80 || super::is_control(byte) {
            self.western.look(&self.near, &WESTERN);
            self.dos.look(&self.near, &DOS);
        }
    }

    /// Tells how the letters are written. `high` is how many bytes are no UTF-8, `sequences` how many letters are.
    pub(super) fn letters(&self, high: u64, sequences: u64, bytes: u64) -> Letters {
        let is_dos = self.dos.rare < self.western.rare;
        let strange = if is_dos { &self.dos } else { &self.western };
        let kib = bytes.div_ceil(1024);
        let is_dense = high.saturating_mul(5) > bytes;
        // Strange everywhere: another alphabet. Random bytes everywhere show in control codes.
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

    /// Returns what is strange under the code page that fits best. `habits` are control codes that the file has everywhere.
    pub(super) fn strangers(&self, habits: u64) -> Vec<Range<u64>> {
        let best = if self.dos.rare < self.western.rare { &self.dos } else { &self.western };
        let is_seldom = |byte: &usize| self.counts[*byte] <= RARE_TIMES_MAX;
        let seldom = (0..128).filter(is_seldom).fold(0_u128, |bits, byte| bits | 1 << byte);
        let is_strange = |stretch: &&Stretch| {
            let odd = (stretch.rare & seldom).count_ones() + (stretch.controls & !habits).count_ones();
            odd >= if stretch.is_dense { 1 } else { 2 }
        };
        best.ranges.iter().filter(is_strange).map(|stretch| stretch.range.clone()).collect()
    }
}

impl Strange {
    /// Looks at the last bytes together.
    fn look(&mut self, near: &VecDeque<Neighbour>, roles: &[Role; 128]) {
        let (mut controls, mut high, mut rare, mut no_letters, mut marks) = (0, 0, 0, 0, 0);
        let (mut run, mut run_end, mut longest) = (0, 0, 0);
        let (mut rare_bits, mut control_bits) = (0_u128, 0_u64);
        for &Neighbour { at, byte } in near {
            if byte < 0x80 {
                let is_control = super::is_control(byte);
                controls += u32::from(is_control);
                no_letters += 1;
                control_bits |= u64::from(is_control) << byte.min(32);
                continue;
            }
            let role = roles[usize::from(byte - 0x80)];
            high += 1;
            rare += u32::from(is_rare(role));
            rare_bits |= u128::from(is_rare(role)) << (byte - 0x80);
            marks += u32::from(role == Role::RareMark);
            if matches!(role, Role::Letter | Role::RareLetter) {
                run = if run_end == at { run + 1 } else { 1 };
                run_end = at + 1;
                longest = run.max(longest);
            } else {
                no_letters += 1;
            }
        }
        let is_list = marks + controls == 0 && longest >= LIST_LETTERS;
        let evidence = high + controls;
        let is_dense = evidence >= 5 && rare + controls >= 1;
        let is_strange = is_dense || (evidence >= 3 && rare + controls >= 2);
        if let (Some(first), Some(last)) = (near.front(), near.back())
            && high > 0
            && no_letters >= 2
            && is_strange
            && !is_list
        {
            self.add(Stretch { range: first.at..last.at + 1, rare: rare_bits, controls: control_bits, is_dense });
        }
    }

    fn add(&mut self, new: Stretch) {
        let block = new.range.end >> 10;
        if self.last_block.replace(block) != Some(block) {
            self.blocks += 1;
        }
        let has_room = self.ranges.len() < RANGES_MAX;
        match self.ranges.last_mut() {
            Some(last) if new.range.start <= last.range.end => {
                last.range.end = new.range.end;
                last.rare |= new.rare;
                last.controls |= new.controls;
                last.is_dense |= new.is_dense;
            }
            _ if has_room => self.ranges.push(new),
            _ => {}
        }
    }
}

fn is_rare(role: Role) -> bool {
    matches!(role, Role::RareLetter | Role::RareMark)
}

fn is_plain_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b' ' | b'.' | b',' | b'\'' | b'-' | b'\r' | b'\n')
}
