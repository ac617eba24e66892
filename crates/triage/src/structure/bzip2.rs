//! bzip2: blocks of up to 900,000 bytes, each with a CRC-32, and one over all (bzip2 1.0.8, `decompress.c`; no standard).

use std::ops::Range;

use super::bits::Bits;
use super::deflate::End;
use crate::state::Findings;
use crate::window::{Stop, Walk, Window};

const BLOCK: u64 = 0x3141_5926_5359;
const STREAM_END: u64 = 0x1772_4538_5090;
const CODE_BITS_MAX: usize = 20;
const GROUP_SYMBOLS: usize = 50;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let bytes = window.bytes();
    match decode(window, 0..bytes, &mut |_| ())? {
        End::Complete { at } => {
            findings.summed_bytes += at;
            findings.trailing(at, bytes);
            Ok(())
        }
        End::Cut => Err(Stop::Ended { at: bytes }),
        End::Bad { at } => Err(Stop::Broken { at }),
    }
}

/// What one stream or block is refused for.
enum Refusal {
    Bad,
    Stop(Stop),
}

impl From<Stop> for Refusal {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

/// Decodes all streams of a range, one behind the other.
pub(crate) fn decode(window: &mut Window, range: Range<u64>, sink: &mut dyn FnMut(&[u8])) -> Walk<End> {
    let mut decoder = Decoder { places: Vec::new(), output: Vec::new() };
    let budget = window.budget();
    let mut at = range.start;
    loop {
        let mark = window.peek(at, 4)?;
        let level = match mark {
            [b'B', b'Z', b'h', level @ b'1'..=b'9'] => usize::from(level - b'0'),
            _ if at > range.start => return Ok(End::Complete { at }),
            _ => return Ok(End::Bad { at }),
        };
        let mut bits = Bits::new(window, at + 4, range.end);
        let outcome = decoder.stream(&mut bits, level, &mut |part| {
            sink(part);
            budget.inflated(part.len() as u64)
        });
        match outcome {
            Ok(()) => at = bits.place(),
            Err(Refusal::Stop(stop)) => return Err(stop),
            Err(Refusal::Bad) if bits.is_past_end() => return Ok(End::Cut),
            Err(Refusal::Bad) => return Ok(End::Bad { at: bits.place() }),
        }
    }
}

type Sink<'s> = &'s mut dyn FnMut(&[u8]) -> Walk<()>;

struct Decoder {
    /// Low byte: the letter; above: where the next one lies.
    places: Vec<u32>,
    output: Vec<u8>,
}

impl Decoder {
    fn stream(&mut self, bits: &mut Bits, level: usize, sink: Sink) -> Result<(), Refusal> {
        let mut combined = 0_u32;
        loop {
            let mark = u64::from(bits.take(24)?) << 24 | u64::from(bits.take(24)?);
            let sum = bits.take(32)?;
            match mark {
                BLOCK => {
                    let found = self.block(bits, level * 100_000, sink)?;
                    if found != sum {
                        return Err(Refusal::Bad);
                    }
                    combined = combined.rotate_left(1) ^ sum;
                }
                STREAM_END => {
                    bits.align();
                    let is_whole = combined == sum && !bits.is_past_end();
                    return if is_whole { Ok(()) } else { Err(Refusal::Bad) };
                }
                _ => return Err(Refusal::Bad),
            }
        }
    }

    fn block(&mut self, bits: &mut Bits, bytes_max: usize, sink: Sink) -> Result<u32, Refusal> {
        let is_randomised = bits.take(1)? == 1;
        let start = bits.take(24)? as usize;
        if is_randomised {
            return Err(Refusal::Stop(Stop::Doubtful { at: bits.place() }));
        }
        let letters = letters(bits)?;
        let codes = Codes::read(bits, letters.len() + 2)?;
        self.symbols(bits, &codes, letters, bytes_max)?;
        if start >= self.places.len() {
            return Err(Refusal::Bad);
        }
        self.turn_back();
        Ok(self.write(start, sink)?)
    }

    /// Undoes the Huffman codes, the runs and move-to-front.
    fn symbols(
        &mut self,
        bits: &mut Bits,
        codes: &Codes,
        mut letters: Vec<u8>,
        bytes_max: usize,
    ) -> Result<(), Refusal> {
        self.places.clear();
        let end_symbol = letters.len() + 1;
        let (mut run, mut run_weight) = (0_usize, 1_usize);
        for count in 0.. {
            let symbol = codes.symbol(bits, count)?;
            if symbol < 2 {
                run += run_weight << symbol;
                run_weight <<= 1;
                if run > bytes_max {
                    return Err(Refusal::Bad);
                }
                continue;
            }
            if self.places.len() + run + 1 > bytes_max + usize::from(symbol == end_symbol) {
                return Err(Refusal::Bad);
            }
            self.places.resize(self.places.len() + run, u32::from(letters[0]));
            (run, run_weight) = (0, 1);
            if symbol == end_symbol {
                break;
            }
            letters[..symbol].rotate_right(1);
            self.places.push(u32::from(letters[0]));
        }
        Ok(())
    }

    /// Undoes the Burrows-Wheeler transform: links each letter to the next.
    fn turn_back(&mut self) {
        let mut starts = [0_u32; 256];
        for place in &self.places {
            starts[(place & 0xff) as usize] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += std::mem::replace(start, sum);
        }
        for at in 0..self.places.len() {
            let letter = (self.places[at] & 0xff) as usize;
            self.places[starts[letter] as usize] |= (at as u32) << 8;
            starts[letter] += 1;
        }
    }

    /// Undoes the first runs (four equal letters and a count), and returns the checksum.
    fn write(&mut self, start: usize, sink: Sink) -> Walk<u32> {
        const OUTPUT_BYTES: usize = 32 << 10;
        let mut place = self.places[start] >> 8;
        let (mut run, mut last) = (0, None);
        let mut sum = !0_u32;
        for _ in 0..self.places.len() {
            let entry = self.places[place as usize];
            let letter = (entry & 0xff) as u8;
            place = entry >> 8;
            if run == 4 {
                self.output.resize(self.output.len() + usize::from(letter), last.unwrap_or_default());
                run = 0;
            } else {
                run = if last == Some(letter) { run + 1 } else { 1 };
                last = Some(letter);
                self.output.push(letter);
            }
            if self.output.len() >= OUTPUT_BYTES {
                sum = add_to_sum(sum, &self.output);
                sink(&self.output)?;
                self.output.clear();
            }
        }
        sum = add_to_sum(sum, &self.output);
        sink(&self.output)?;
        self.output.clear();
        Ok(!sum)
    }
}

/// Reads which letters a block has.
fn letters(bits: &mut Bits) -> Result<Vec<u8>, Refusal> {
    let groups = bits.take(16)?;
    let mut letters = Vec::new();
    for group in (0..16).filter(|group| groups >> (15 - group) & 1 == 1) {
        let members = bits.take(16)?;
        letters.extend((0..16_u8).filter(|member| members >> (15 - member) & 1 == 1).map(|member| group * 16 + member));
    }
    if letters.is_empty() { Err(Refusal::Bad) } else { Ok(letters) }
}

/// The Huffman codes of a block, and which one each group of fifty symbols uses.
struct Codes {
    tables: Vec<Code>,
    selectors: Vec<u8>,
}

impl Codes {
    fn read(bits: &mut Bits, symbols: usize) -> Result<Self, Refusal> {
        let count = bits.take(3)? as usize;
        let groups = bits.take(15)? as usize;
        if !(2..=6).contains(&count) || groups == 0 {
            return Err(Refusal::Bad);
        }
        let mut order: Vec<u8> = (0..count as u8).collect();
        let mut selectors = Vec::with_capacity(groups);
        for _ in 0..groups {
            let mut place = 0;
            while bits.take(1)? == 1 {
                place += 1;
                if place >= count {
                    return Err(Refusal::Bad);
                }
            }
            order[..=place].rotate_right(1);
            selectors.push(order[0]);
        }
        let tables = (0..count).map(|_| Code::read(bits, symbols)).collect::<Result<_, _>>()?;
        Ok(Self { tables, selectors })
    }

    /// Reads the `count`th symbol of the block.
    fn symbol(&self, bits: &mut Bits, count: usize) -> Result<usize, Refusal> {
        let selector = self.selectors.get(count / GROUP_SYMBOLS).ok_or(Refusal::Bad)?;
        self.tables[usize::from(*selector)].symbol(bits)
    }
}

/// A canonical Huffman code.
struct Code {
    /// For each length: behind the last code, on 20 bits.
    limits: [u32; CODE_BITS_MAX + 1],
    /// For each length: what to add to a code to find its symbol.
    offsets: [i64; CODE_BITS_MAX + 1],
    symbols: Vec<u16>,
}

impl Code {
    fn read(bits: &mut Bits, symbols: usize) -> Result<Self, Refusal> {
        let mut length = bits.take(5)? as usize;
        let mut lengths = Vec::with_capacity(symbols);
        for _ in 0..symbols {
            loop {
                if !(1..=CODE_BITS_MAX).contains(&length) {
                    return Err(Refusal::Bad);
                }
                if bits.take(1)? == 0 {
                    break;
                }
                length = if bits.take(1)? == 0 { length + 1 } else { length - 1 };
            }
            lengths.push(length);
        }
        Ok(Self::new(&lengths))
    }

    fn new(lengths: &[usize]) -> Self {
        let mut code = Self { limits: [0; CODE_BITS_MAX + 1], offsets: [0; CODE_BITS_MAX + 1], symbols: Vec::new() };
        let mut next = 0_u32;
        for length in 1..=CODE_BITS_MAX {
            code.offsets[length] = code.symbols.len() as i64 - i64::from(next);
            code.symbols
                .extend((0..lengths.len()).filter(|&symbol| lengths[symbol] == length).map(|symbol| symbol as u16));
            next = (code.symbols.len() as i64 - code.offsets[length]) as u32;
            code.limits[length] = next.saturating_mul(1 << (CODE_BITS_MAX - length));
            next = next.saturating_mul(2);
        }
        code
    }

    fn symbol(&self, bits: &mut Bits) -> Result<usize, Refusal> {
        let ahead = bits.peek(CODE_BITS_MAX as u32)?;
        for length in 1..=CODE_BITS_MAX {
            if ahead < self.limits[length] {
                bits.skip(length as u32);
                let code = i64::from(ahead >> (CODE_BITS_MAX - length));
                let place = usize::try_from(code + self.offsets[length]).map_err(|_| Refusal::Bad)?;
                return self.symbols.get(place).map(|&symbol| usize::from(symbol)).ok_or(Refusal::Bad);
            }
        }
        Err(Refusal::Bad)
    }
}

/// CRC-32 of bzip2: the polynomial of ISO 3309, the highest bit first.
fn add_to_sum(sum: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(sum, |sum, &byte| sum << 8 ^ SUMS[(sum >> 24 ^ u32::from(byte)) as usize])
}

const SUMS: [u32; 256] = {
    let mut sums = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = (byte as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 0x8000_0000 == 0 { sum << 1 } else { sum << 1 ^ 0x04c1_1db7 };
            bit += 1;
        }
        sums[byte] = sum;
        byte += 1;
    }
    sums
};
