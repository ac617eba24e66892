//! LZMA2 (xz 5.x, `lzma2_decoder.c` describes the chunks; the LZMA specification of Igor Pavlov, 2015, the codes).

pub(crate) mod alone;

use super::dictionary::Dictionary;
use crate::structure::deflate::End;
use crate::window::{Stop, Walk, Window};

const STATES: usize = 12;
const POSITIONS: usize = 16;
const MATCH_BYTES_MIN: usize = 2;
const HALF: u16 = 1 << 10;
const TOP: u32 = 1 << 24;

/// Decodes the chunks of one block.
pub(super) struct Lzma2 {
    dictionary: Dictionary,
    codes: Option<Box<Codes>>,
}

impl Lzma2 {
    pub(super) fn new(dictionary_bytes: u64) -> Self {
        Self { dictionary: Dictionary::new(dictionary_bytes.max(4096) as usize), codes: None }
    }

    /// Decodes from `at` on, and returns how it ended and how much was written.
    pub(super) fn decode(&mut self, window: &mut Window, at: u64, sink: &mut dyn FnMut(&[u8])) -> Walk<(End, u64)> {
        let (mut at, mut written) = (at, 0);
        loop {
            let head = window.peek(at, 6)?;
            let control = match head {
                [] => return Ok((End::Cut, written)),
                [0, ..] => return Ok((End::Complete { at: at + 1 }, written)),
                [control, ..] => *control,
            };
            let head_bytes = if control < 0x80 { 3 } else { 5 + usize::from(control >= 0xc0) };
            let (Some(head), true) = (head.get(..head_bytes), matches!(control, 1 | 2 | 0x80..)) else {
                return Ok((if control > 2 && control < 0x80 { End::Bad { at } } else { End::Cut }, written));
            };
            let chunk = Chunk::read(head);
            let data_at = at + head_bytes as u64;
            let outcome = match window.take(data_at, chunk.packed_bytes) {
                Ok(data) => self.chunk(&chunk, data, sink),
                Err(Stop::Ended { .. }) => return Ok((End::Cut, written)),
                Err(stop) => return Err(stop),
            };
            window.budget().inflated(chunk.bytes as u64)?;
            if outcome.is_none() {
                return Ok((End::Bad { at }, written));
            }
            written += chunk.bytes as u64;
            at = data_at + chunk.packed_bytes as u64;
        }
    }

    fn chunk(&mut self, chunk: &Chunk, data: &[u8], sink: &mut dyn FnMut(&[u8])) -> Option<()> {
        if chunk.resets_dictionary {
            (self.dictionary.filled, self.dictionary.written) = (0, 0);
        }
        let Some(reset) = chunk.reset else {
            self.dictionary.extend(data);
            sink(data);
            return Some(());
        };
        match reset {
            Reset::Nothing => {}
            Reset::State => self.codes.as_mut()?.forget(),
            Reset::Properties(byte) => self.codes = Some(Codes::new(byte)?),
        }
        let codes = self.codes.as_mut()?;
        let handed_on = self.dictionary.at;
        let mut output = Output { dictionary: &mut self.dictionary, handed_on, sink, left: chunk.bytes };
        let mut coded = Coded::new(data)?;
        codes.decode(&mut coded, &mut output)?;
        output.flush();
        (coded.at == data.len() && coded.code == 0).then_some(())
    }
}

#[derive(Clone, Copy)]
enum Reset {
    Nothing,
    State,
    Properties(u8),
}

struct Chunk {
    resets_dictionary: bool,
    /// `None` where bytes are stored as they are.
    reset: Option<Reset>,
    bytes: usize,
    packed_bytes: usize,
}

impl Chunk {
    fn read(head: &[u8]) -> Self {
        let control = head[0];
        let pair = |at: usize| usize::from(u16::from_be_bytes([head[at], head[at + 1]])) + 1;
        if control < 0x80 {
            return Self { resets_dictionary: control == 1, reset: None, bytes: pair(1), packed_bytes: pair(1) };
        }
        let reset = match control >> 5 & 3 {
            0 => Reset::Nothing,
            1 => Reset::State,
            _ => Reset::Properties(head[5]),
        };
        let bytes = (usize::from(control & 0x1f) << 16) + pair(1);
        Self { resets_dictionary: control >= 0xe0, reset: Some(reset), bytes, packed_bytes: pair(3) }
    }
}

struct Output<'o> {
    dictionary: &'o mut Dictionary,
    /// Up to where in the dictionary the sink has everything.
    handed_on: usize,
    sink: &'o mut dyn FnMut(&[u8]),
    left: usize,
}

impl Output<'_> {
    fn push(&mut self, byte: u8) {
        self.dictionary.push(byte);
        self.left -= 1;
        if self.dictionary.at == 0 {
            self.flush_end();
        }
    }

    fn flush(&mut self) {
        (self.sink)(&self.dictionary.bytes[self.handed_on..self.dictionary.at]);
        self.handed_on = self.dictionary.at;
    }

    /// Hands on what lies at the end of the buffer, before the next byte is written at its start.
    fn flush_end(&mut self) {
        (self.sink)(&self.dictionary.bytes[self.handed_on..]);
        self.handed_on = 0;
    }

    /// Repeats what lies `distance` back.
    fn repeat(&mut self, distance: usize, mut bytes: usize) -> Option<()> {
        if distance > self.dictionary.filled || bytes > self.left {
            return None;
        }
        self.left -= bytes;
        while bytes > 0 {
            bytes -= self.dictionary.repeat(distance, bytes);
            if self.dictionary.at == 0 {
                self.flush_end();
            }
        }
        Some(())
    }
}

/// The range coder.
struct Coded<'d> {
    data: &'d [u8],
    at: usize,
    range: u32,
    code: u32,
}

impl<'d> Coded<'d> {
    fn new(data: &'d [u8]) -> Option<Self> {
        let [0, a, b, c, d, ..] = data else { return None };
        Some(Self { data, at: 5, range: u32::MAX, code: u32::from_be_bytes([*a, *b, *c, *d]) })
    }

    fn normalize(&mut self) -> Option<()> {
        if self.range < TOP {
            self.range <<= 8;
            self.code = self.code << 8 | u32::from(*self.data.get(self.at)?);
            self.at += 1;
        }
        Some(())
    }

    fn bit(&mut self, chance: &mut u16) -> Option<usize> {
        self.normalize()?;
        let bound = (self.range >> 11) * u32::from(*chance);
        if self.code < bound {
            self.range = bound;
            *chance += (2048 - *chance) >> 5;
            Some(0)
        } else {
            self.range -= bound;
            self.code -= bound;
            *chance -= *chance >> 5;
            Some(1)
        }
    }

    fn even_bits(&mut self, count: u32) -> Option<usize> {
        let mut value = 0;
        for _ in 0..count {
            self.normalize()?;
            self.range >>= 1;
            let bit = self.code >= self.range;
            if bit {
                self.code -= self.range;
            }
            value = value << 1 | usize::from(bit);
        }
        Some(value)
    }

    /// Reads a number through a tree of chances, the highest bit first.
    fn tree(&mut self, chances: &mut [u16]) -> Option<usize> {
        let mut node = 1;
        while node < chances.len() {
            node = node << 1 | self.bit(&mut chances[node])?;
        }
        Some(node - chances.len())
    }

    /// Reads a number of some bits through a tree, the lowest bit first.
    fn tree_reversed(&mut self, chances: &mut [u16], bits: u32) -> Option<usize> {
        let (mut node, mut value) = (1, 0);
        for place in 0..bits {
            let bit = self.bit(chances.get_mut(node)?)?;
            node = node << 1 | bit;
            value |= bit << place;
        }
        Some(value)
    }
}

/// Chances of lengths.
struct Lengths {
    is_long: u16,
    is_longest: u16,
    short: [[u16; 8]; POSITIONS],
    long: [[u16; 8]; POSITIONS],
    longest: [u16; 256],
}

impl Lengths {
    fn new() -> Self {
        let places = [[HALF; 8]; POSITIONS];
        Self { is_long: HALF, is_longest: HALF, short: places, long: places, longest: [HALF; 256] }
    }

    fn decode(&mut self, coded: &mut Coded, position: usize) -> Option<usize> {
        let rest = if coded.bit(&mut self.is_long)? == 0 {
            coded.tree(&mut self.short[position])?
        } else if coded.bit(&mut self.is_longest)? == 0 {
            8 + coded.tree(&mut self.long[position])?
        } else {
            16 + coded.tree(&mut self.longest)?
        };
        Some(MATCH_BYTES_MIN + rest)
    }
}

/// All chances, and what they depend on.
struct Codes {
    literal_bits: u32,
    literal_position_mask: usize,
    position_mask: usize,
    state: usize,
    /// The last four distances.
    distances: [usize; 4],
    literals: Vec<[u16; 0x300]>,
    is_match: [[u16; POSITIONS]; STATES],
    is_repeat: [u16; STATES],
    /// Whether the distance is not the last, not the one before, not the one before that.
    is_older: [[u16; STATES]; 3],
    is_long_repeat: [[u16; POSITIONS]; STATES],
    slots: [[u16; 64]; 4],
    special: [u16; 128],
    aligned: [u16; 16],
    match_lengths: Lengths,
    repeat_lengths: Lengths,
}

impl Codes {
    fn new(properties: u8) -> Option<Box<Self>> {
        let (literal_bits, rest) = (u32::from(properties % 9), properties / 9);
        let (literal_position_bits, position_bits) = (u32::from(rest % 5), u32::from(rest / 5));
        if position_bits > 4 || literal_bits + literal_position_bits > 4 {
            return None;
        }
        Some(Box::new(Self {
            literal_bits,
            literal_position_mask: (1 << literal_position_bits) - 1,
            position_mask: (1 << position_bits) - 1,
            state: 0,
            distances: [0; 4],
            literals: vec![[HALF; 0x300]; 1 << (literal_bits + literal_position_bits)],
            is_match: [[HALF; POSITIONS]; STATES],
            is_repeat: [HALF; STATES],
            is_older: [[HALF; STATES]; 3],
            is_long_repeat: [[HALF; POSITIONS]; STATES],
            slots: [[HALF; 64]; 4],
            special: [HALF; 128],
            aligned: [HALF; 16],
            match_lengths: Lengths::new(),
            repeat_lengths: Lengths::new(),
        }))
    }

    /// Sets all chances back; the properties stay.
    fn forget(&mut self) {
        let properties =
            (self.position_mask.count_ones() * 5 + self.literal_position_mask.count_ones()) * 9 + self.literal_bits;
        if let Some(fresh) = Self::new(properties as u8) {
            *self = *fresh;
        }
    }

    fn decode(&mut self, coded: &mut Coded, output: &mut Output) -> Option<()> {
        while output.left > 0 {
            let position = output.dictionary.written & self.position_mask;
            if coded.bit(&mut self.is_match[self.state][position])? == 0 {
                self.literal(coded, output)?;
            } else if coded.bit(&mut self.is_repeat[self.state])? == 0 {
                self.fresh_match(coded, output, position)?;
            } else {
                self.repeated_match(coded, output, position)?;
            }
        }
        coded.normalize()
    }

    fn literal(&mut self, coded: &mut Coded, output: &mut Output) -> Option<()> {
        let last = if output.dictionary.filled > 0 { usize::from(output.dictionary.back(1)) } else { 0 };
        let high = (output.dictionary.written & self.literal_position_mask) << self.literal_bits;
        let chances = &mut self.literals[high + (last >> (8 - self.literal_bits))];
        let mut symbol = 1;
        if self.state >= 7 {
            if self.distances[0] >= output.dictionary.filled {
                return None;
            }
            let mut matched = usize::from(output.dictionary.back(self.distances[0] + 1));
            while symbol < 0x100 {
                let expected = matched >> 7 & 1;
                matched <<= 1;
                let bit = coded.bit(&mut chances[(1 + expected) << 8 | symbol])?;
                symbol = symbol << 1 | bit;
                if bit != expected {
                    break;
                }
            }
        }
        while symbol < 0x100 {
            symbol = symbol << 1 | coded.bit(&mut chances[symbol])?;
        }
        output.push(symbol as u8);
        self.state = match self.state {
            0..=3 => 0,
            4..=9 => self.state - 3,
            _ => self.state - 6,
        };
        Some(())
    }

    fn fresh_match(&mut self, coded: &mut Coded, output: &mut Output, position: usize) -> Option<()> {
        self.distances.rotate_right(1);
        let bytes = self.match_lengths.decode(coded, position)?;
        self.state = if self.state < 7 { 7 } else { 10 };
        let slot = coded.tree(&mut self.slots[(bytes - MATCH_BYTES_MIN).min(3)])?;
        self.distances[0] = if slot < 4 {
            slot
        } else {
            let bits = (slot >> 1) as u32 - 1;
            let base = (2 | slot & 1) << bits;
            if slot < 14 {
                base + coded.tree_reversed(&mut self.special[base - slot..], bits)?
            } else {
                let high = coded.even_bits(bits - 4)? << 4;
                base + high + coded.tree_reversed(&mut self.aligned, 4)?
            }
        };
        output.repeat(self.distances[0].checked_add(1)?, bytes)
    }

    fn repeated_match(&mut self, coded: &mut Coded, output: &mut Output, position: usize) -> Option<()> {
        let state = self.state;
        if coded.bit(&mut self.is_older[0][state])? == 0 {
            if coded.bit(&mut self.is_long_repeat[state][position])? == 0 {
                self.state = if state < 7 { 9 } else { 11 };
                return output.repeat(self.distances[0] + 1, 1);
            }
        } else if coded.bit(&mut self.is_older[1][state])? == 0 {
            self.distances.swap(0, 1);
        } else {
            let older = 2 + coded.bit(&mut self.is_older[2][state])?;
            self.distances[..=older].rotate_right(1);
        }
        let bytes = self.repeat_lengths.decode(coded, position)?;
        self.state = if state < 7 { 8 } else { 11 };
        output.repeat(self.distances[0] + 1, bytes)
    }
}
