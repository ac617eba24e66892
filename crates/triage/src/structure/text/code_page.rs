//! Bytes that are no UTF-8: letters of a code page, or strangers among letters.
//!
//! Strangers come together. Within sixteen bytes there must be three that are control codes or high, with two that are no
//! letters between them; and two of them must be odd: a control code, a sign that is rare in French and its neighbours'
//! spelling, a letter with an accent that stands alone or is a capital behind a small letter. In a file that is otherwise UTF-8
//! or ASCII, letters that are rare in that spelling are odd too. What the file has elsewhere is not odd. Of blocks of sixteen
//! random bytes in UTF-8, fewer than one in a thousand escapes.

use std::collections::VecDeque;
use std::ops::Range;

use crate::state::Letters;

const NEIGHBOURS: u64 = 16;
/// Fewer strange bytes together prove nothing.
const EVIDENCE_MIN: usize = 3;
/// A byte that stands in the file more often is none that strays into it.
const RARE_TIMES_MAX: u64 = 3;
const RANGES_MAX: usize = 4096;
/// Of so many random bytes, 99.6 % have a control code.
const SCRIPT_BYTES: u64 = 48;
/// Fewer letters are no list of them.
const ALPHABET_MIN: u64 = 12;
/// Small words of one letter, in Windows-1252 and in code page 850.
const WORDS: [u8; 4] = [0xe0, 0xc0, 0x85, 0xb7];

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
    let roles = set(set(set(roles, rare, Role::RareLetter), letters, Role::Letter), marks, Role::Mark);
    // The signs of multiplication and division lie among the letters.
    if from == 0xc0 { set(roles, &[0xd7, 0xf7], Role::RareMark) } else { roles }
}

const fn set(mut roles: [Role; 128], bytes: &[u8], role: Role) -> [Role; 128] {
    let mut place = 0;
    while place < bytes.len() {
        roles[(bytes[place] - 0x80) as usize] = role;
        place += 1;
    }
    roles
}

/// A byte that is no plain letter: a control code, a sign or a high byte. In pairs: as Windows-1252, as code page 850.
#[derive(Clone, Copy)]
struct Neighbour {
    at: u64,
    byte: u8,
    /// It can be no part of a sound text in UTF-8, or begins a letter of a far alphabet.
    is_evidence: bool,
    /// It is a sound letter of UTF-8, from far away: alone, no sign of anything.
    is_far: bool,
    is_letter: [bool; 2],
    is_odd: [bool; 2],
    /// Odd, or rare among letters.
    is_rare: [bool; 2],
}

/// The last bytes, and what was found strange.
pub(super) struct Neighbourhood {
    near: VecDeque<Neighbour>,
    tally: Tally,
    /// The end of the last line of plain letters: its place, its bytes, how many.
    passed: (u64, [u8; NEIGHBOURS as usize], usize),
    /// How often each high byte stands outside UTF-8.
    counts: [u64; 128],
    strange: [Strange; 2],
    /// Letters of UTF-8 as the West has them: hardly ever two letters of DOS.
    unicode: u64,
}

/// How many of the last bytes are of which sort; it goes along with them, for they are asked after each byte.
#[derive(Default)]
struct Tally {
    evidence: usize,
    /// Evidence that is a far letter.
    far: usize,
    high: usize,
    // Under each code page.
    odd: [usize; 2],
    rare: [usize; 2],
    no_letter: [usize; 2],
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
    odd: u128,
    rare: u128,
    controls: u64,
    /// So many came together that one of them proves it.
    is_dense: bool,
    /// Signs and figures of ASCII: before the first high byte, between high bytes, behind the last.
    signs: [u64; 3],
    /// High bytes: how many, which ones, and how many are higher than the one before.
    high: u64,
    seen: u128,
    last: u8,
    rising: u64,
}

impl Default for Neighbourhood {
    fn default() -> Self {
        Self {
            near: VecDeque::new(),
            tally: Tally::default(),
            passed: (0, [0; NEIGHBOURS as usize], 0),
            counts: [0; 128],
            strange: [Strange::default(), Strange::default()],
            unicode: 0,
        }
    }
}

/// Tells whether letters of Western languages and usual signs begin with a byte, in UTF-8.
pub(super) fn is_near(first: u8) -> bool {
    matches!(first, 0xc2..=0xc5 | 0xe2 | 0xef)
}

/// Tells whether a high byte is a letter or a sign that people write in Windows-1252 and ISO 8859-15.
pub(crate) fn is_usual_high(byte: u8) -> bool {
    byte.checked_sub(0x80).is_some_and(|place| matches!(WESTERN[usize::from(place)], Role::Letter | Role::Mark))
}

impl Neighbourhood {
    /// Passes a line of plain letters.
    pub(super) fn pass(&mut self, line: &[u8], at: u64) {
        let kept = line.len().min(NEIGHBOURS as usize);
        self.passed.0 = at + (line.len() - kept) as u64;
        self.passed.1[..kept].copy_from_slice(&line[line.len() - kept..]);
        self.passed.2 = kept;
    }

    /// Looks at the end of the line that was passed last, now that something follows that is not plain.
    fn look_back(&mut self) {
        let (at, line, bytes) = self.passed;
        if bytes > 0 {
            self.passed.2 = 0;
            self.near.clear();
            self.tally = Tally::default();
            for (place, &byte) in line[..bytes].iter().enumerate().filter(|(_, byte)| **byte < 0x80) {
                if !is_plain_letter(byte) {
                    let sign = Neighbour::sign(byte, at + place as u64);
                    self.tally.add(&sign);
                    self.near.push_back(sign);
                }
            }
        }
    }

    /// Passes the byte at `place` of a part, which is in no letter of UTF-8.
    pub(super) fn byte(&mut self, part: &[u8], place: usize, at: u64) {
        let byte = part[place];
        self.look_back();
        if is_plain_letter(byte) {
            return;
        }
        if byte < 0x80 {
            let is_control = super::is_control(byte);
            let sign = Neighbour::sign(byte, at);
            return self.add(Neighbour {
                is_evidence: is_control,
                is_odd: [is_control; 2],
                is_rare: [is_control; 2],
                ..sign
            });
        }
        let roles = [WESTERN, DOS].map(|roles| roles[usize::from(byte - 0x80)]);
        self.counts[usize::from(byte - 0x80)] += 1;
        for (strange, role) in self.strange.iter_mut().zip(roles) {
            strange.rare += u64::from(matches!(role, Role::RareLetter | Role::RareMark));
        }
        let is_letter = roles.map(|role| matches!(role, Role::Letter | Role::RareLetter));
        let is_misplaced = is_misplaced(part, place);
        let is_odd = [0, 1].map(|page| roles[page] == Role::RareMark || (is_letter[page] && is_misplaced));
        let is_rare = [0, 1].map(|page| is_odd[page] || roles[page] == Role::RareLetter);
        self.add(Neighbour { at, byte, is_evidence: true, is_far: false, is_letter, is_odd, is_rare });
    }

    /// Passes so many letters that begin with 0xC3 in lines that say nothing else.
    pub(super) fn usual(&mut self, accented: u64) {
        self.unicode += accented;
    }

    /// Passes a letter of UTF-8 that begins with `first`. Random bytes make letters of far alphabets.
    pub(super) fn letter(&mut self, first: u8, at: u64) {
        if is_near(first) {
            self.unicode += u64::from(first == 0xc3);
            return;
        }
        self.look_back();
        self.counts[usize::from(first - 0x80)] += 1;
        let far = Neighbour {
            is_evidence: true,
            is_far: true,
            is_letter: [true; 2],
            is_odd: [true; 2],
            is_rare: [true; 2],
            ..Neighbour::sign(first, at)
        };
        self.keep(far);
    }

    fn add(&mut self, new: Neighbour) {
        self.keep(new);
        // Far letters alone are no sign of anything, and two bytes are none either.
        if self.tally.evidence >= EVIDENCE_MIN && self.tally.evidence > self.tally.far && self.tally.high > 0 {
            for (page, strange) in self.strange.iter_mut().enumerate() {
                strange.look(&self.near, &self.tally, page);
            }
        }
    }

    /// Adds one to the last bytes, and forgets those that are too far back.
    fn keep(&mut self, new: Neighbour) {
        while let Some(old) = self.near.front().filter(|old| old.at + NEIGHBOURS <= new.at) {
            self.tally.remove(old);
            self.near.pop_front();
        }
        self.tally.add(&new);
        self.near.push_back(new);
    }

    /// Tells whether the file is rather of DOS: what is not in the one code page is in the other.
    fn is_dos(&self) -> bool {
        let [western, dos] = &self.strange;
        let is_unicode = self.unicode >= 2 && self.unicode * 8 > self.counts.iter().sum();
        dos.rare < western.rare && !is_unicode
    }

    /// Tells how the letters are written. `high` is how many bytes are no UTF-8, `sequences` how many letters are.
    pub(super) fn letters(&self, high: u64, sequences: u64, bytes: u64) -> Letters {
        let is_dos = self.is_dos();
        let strange = &self.strange[usize::from(is_dos)];
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

    /// Returns what is strange under the code page that fits best. `habits` are control codes that the file has everywhere;
    /// with `is_strict`, letters that are rare are odd; with `is_pure`, nothing in the file is UTF-8.
    pub(super) fn strangers(&self, habits: u64, is_strict: bool, is_pure: bool) -> Vec<Range<u64>> {
        let best = &self.strange[usize::from(self.is_dos())];
        let is_seldom = |byte: &usize| self.counts[*byte] <= RARE_TIMES_MAX;
        let seldom = (0..128).filter(is_seldom).fold(0_u128, |bits, byte| bits | 1 << byte);
        let is_strange = |stretch: &&Stretch| {
            let bits = if is_strict { stretch.rare } else { stretch.odd };
            let controls = (stretch.controls & !habits).count_ones();
            let odd = (bits & seldom).count_ones() + controls;
            // Another alphabet has its letters everywhere, but for a few.
            let is_apart = odd * 2 > bits.count_ones() + controls;
            // Long rows of high bytes without control codes are words of another script.
            let is_script = stretch.range.end - stretch.range.start > SCRIPT_BYTES && controls == 0;
            let is_written = stretch.is_alphabet() || is_pure && stretch.is_words();
            is_apart && !is_script && !is_written && odd >= if stretch.is_dense { 1 } else { 2 }
        };
        best.ranges.iter().filter(is_strange).map(|stretch| stretch.range.clone()).collect()
    }
}

impl Strange {
    /// Looks at the last bytes together, under one code page.
    fn look(&mut self, near: &VecDeque<Neighbour>, tally: &Tally, page: usize) {
        let (evidence, odd, rare) = (tally.evidence, tally.odd[page], tally.rare[page]);
        let no_letters = tally.no_letter[page];
        let is_strange =
            |odd: usize| no_letters >= 2 && ((evidence >= 5 && odd >= 1) || (evidence >= EVIDENCE_MIN && odd >= 2));
        let is_crowd = evidence >= 6 && odd >= 1 && rare >= 3;
        if !(is_strange(rare) || is_crowd) {
            return;
        }
        let (Some(first), Some(last)) = (near.front(), near.back()) else { return };
        let mut stretch = Stretch::new(first.at..last.at + 1, evidence >= 5);
        // Behind a byte that was strange, the others are in the range already.
        let before = near.iter().rev().nth(1).map(|near| near.at + 1);
        let is_known = before.is_some() && self.ranges.last().map(|range| range.range.end) == before;
        let new = if is_known { near.len() - 1 } else { 0 };
        near.range(new..).for_each(|near| stretch.count(near.byte));
        for near in near.range(new..).filter(|near| near.is_rare[page]) {
            match near.byte.checked_sub(0x80) {
                Some(place) => {
                    stretch.rare |= 1 << place;
                    stretch.odd |= u128::from(near.is_odd[page]) << place;
                }
                None => stretch.controls |= 1 << near.byte.min(32),
            }
        }
        self.add(stretch, is_strange(odd));
    }

    fn add(&mut self, new: Stretch, is_odd: bool) {
        let block = new.range.end >> 10;
        if is_odd && self.last_block.replace(block) != Some(block) {
            self.blocks += 1;
        }
        let has_room = self.ranges.len() < RANGES_MAX;
        match self.ranges.last_mut() {
            Some(last) if new.range.start <= last.range.end => {
                last.range.end = new.range.end;
                last.odd |= new.odd;
                last.rare |= new.rare;
                last.controls |= new.controls;
                last.is_dense |= new.is_dense;
                last.join(&new);
            }
            _ if has_room => self.ranges.push(new),
            _ => {}
        }
    }
}

impl Stretch {
    fn new(range: Range<u64>, is_dense: bool) -> Self {
        let (odd, rare, controls) = (0, 0, 0);
        Self { range, odd, rare, controls, is_dense, signs: [0; 3], high: 0, seen: 0, last: 0, rising: 0 }
    }

    fn count(&mut self, byte: u8) {
        let Some(place) = byte.checked_sub(0x80) else {
            self.signs[if self.high == 0 { 0 } else { 2 }] += 1;
            return;
        };
        self.signs[1] += std::mem::take(&mut self.signs[2]);
        self.high += 1;
        self.rising += u64::from(byte > self.last);
        self.seen |= 1 << place;
        self.last = byte;
    }

    /// Goes on with what follows.
    fn join(&mut self, next: &Self) {
        let [lead, between, trail] = next.signs;
        if next.high > 0 && self.high > 0 {
            self.signs[1] += self.signs[2] + lead + between;
            self.signs[2] = trail;
        } else if next.high > 0 {
            self.signs = [self.signs[0] + lead, between, trail];
        } else {
            self.signs[if self.high == 0 { 0 } else { 2 }] += lead;
        }
        self.high += next.high;
        self.rising += next.rising;
        self.seen |= next.seen;
        self.last = next.last;
    }

    /// Tells whether these are words in another alphabet of Latin letters: between the high bytes there are letters alone. Of sixteen
    /// random bytes, about one in a thousand looks so.
    fn is_words(&self) -> bool {
        self.signs[1] == 0 && self.high * 2 <= self.range.end - self.range.start
    }

    /// Tells whether letters are listed: each once, and mostly in their order.
    fn is_alphabet(&self) -> bool {
        self.high >= ALPHABET_MIN
            && u64::from(self.seen.count_ones()) == self.high
            && self.high + 2 >= self.range.end - self.range.start
            && self.rising * 3 >= self.high * 2
    }
}

impl Tally {
    fn add(&mut self, near: &Neighbour) {
        self.change(near, |count, is_so| *count += usize::from(is_so));
    }

    fn remove(&mut self, near: &Neighbour) {
        self.change(near, |count, is_so| *count -= usize::from(is_so));
    }

    fn change(&mut self, near: &Neighbour, change: impl Fn(&mut usize, bool)) {
        change(&mut self.evidence, near.is_evidence);
        change(&mut self.far, near.is_far);
        change(&mut self.high, near.byte >= 0x80);
        for page in 0..2 {
            change(&mut self.odd[page], near.is_odd[page]);
            change(&mut self.rare[page], near.is_rare[page]);
            change(&mut self.no_letter[page], !near.is_letter[page]);
        }
    }
}

impl Neighbour {
    /// A sign of ASCII.
    fn sign(byte: u8, at: u64) -> Self {
        Self {
            at,
            byte,
            is_evidence: false,
            is_far: false,
            is_letter: [false; 2],
            is_odd: [false; 2],
            is_rare: [false; 2],
        }
    }
}

/// Tells whether a high byte stands where no letter does: alone, or a capital behind a small letter.
fn is_misplaced(part: &[u8], place: usize) -> bool {
    let byte = part[place];
    let before = place.checked_sub(1).map_or(b'a', |before| part[before]);
    let after = part.get(place + 1).copied().unwrap_or(b'a');
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte >= 0x80;
    let is_alone = !is_letter(before) && !is_letter(after) && !WORDS.contains(&byte);
    let is_capital = (0xc0..0xdf).contains(&byte) && (before.is_ascii_lowercase() || before >= 0xe0);
    is_alone || is_capital
}

fn is_plain_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b' ' | b'.' | b',' | b'\'' | b'-' | b'\r' | b'\n')
}
