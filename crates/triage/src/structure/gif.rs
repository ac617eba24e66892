//! GIF (CompuServe, 1990): blocks, and a walk through the codes of each picture.

use crate::state::{Findings, Note};
use crate::window::{Stop, Walk, Window};

const CODE_BITS_MAX: u32 = 12;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let head: [u8; 13] = window.array(0)?;
    if !head.starts_with(b"GIF8") {
        return Err(Stop::Broken { at: 0 });
    }
    let mut at = 13 + colours_bytes(head[10]);
    let mut has_picture = false;
    loop {
        window.budget().entries(1)?;
        // Some programs forget the last byte.
        if has_picture && at == window.bytes() {
            findings.note(Note::Irregular { at });
            return Ok(());
        }
        match window.u8(at)? {
            b'!' => at = blocks_end(window, at + 2)?,
            b',' => {
                at = picture(window, findings, at)?;
                has_picture = true;
            }
            b';' => break,
            // Some programs write zeros between blocks.
            0 => at += 1,
            _ => return Err(Stop::Broken { at }),
        }
    }
    findings.parsed_bytes += 14;
    findings.trailing(at + 1, window.bytes());
    Ok(())
}

/// Returns the length of a table of colours by the flags that tell of it.
fn colours_bytes(flags: u8) -> u64 {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Passes blocks that begin with their length, up to the empty one.
fn blocks_end(window: &mut Window, mut at: u64) -> Walk<u64> {
    loop {
        window.budget().work(1)?;
        let bytes = u64::from(window.u8(at)?);
        at += 1 + bytes;
        if bytes == 0 {
            return Ok(at);
        }
    }
}

fn picture(window: &mut Window, findings: &mut Findings, at: u64) -> Walk<u64> {
    let head: [u8; 10] = window.array(at)?;
    let pixels = u64::from(u16::from_le_bytes([head[5], head[6]])) * u64::from(u16::from_le_bytes([head[7], head[8]]));
    let data_at = at + 10 + colours_bytes(head[9]);
    let bits = u32::from(window.u8(data_at)?);
    if !(1..=11).contains(&bits) {
        return Err(Stop::Broken { at: data_at });
    }
    let mut codes = Codes::new(bits);
    let mut place = data_at + 1;
    loop {
        window.budget().work(1)?;
        let bytes = usize::from(window.u8(place)?);
        let block = window.take(place + 1, bytes)?;
        let holds = block.iter().all(|&byte| codes.byte(byte));
        if !holds {
            findings.corrupt(place..place + 1 + bytes as u64);
        }
        place += 1 + bytes as u64;
        if bytes == 0 || !holds {
            break;
        }
    }
    let end = if codes.is_broken { blocks_end(window, place)? } else { place };
    if !codes.is_broken && codes.pixels < pixels {
        findings.corrupt(data_at..end);
    }
    findings.parsed_bytes += end - at;
    Ok(end)
}

/// The codes of LZW: which are known, and how many pixels they stand for.
struct Codes {
    first_bits: u32,
    bits: u32,
    held: u32,
    held_bits: u32,
    /// For each code, for how many pixels it stands.
    lengths: Vec<u32>,
    last: Option<u32>,
    pixels: u64,
    is_ended: bool,
    is_broken: bool,
}

impl Codes {
    fn new(first_bits: u32) -> Self {
        let mut codes = Self {
            first_bits,
            bits: 0,
            held: 0,
            held_bits: 0,
            lengths: Vec::new(),
            last: None,
            pixels: 0,
            is_ended: false,
            is_broken: false,
        };
        codes.clear();
        codes
    }

    fn clear(&mut self) {
        self.bits = self.first_bits + 1;
        self.lengths.clear();
        self.lengths.resize((1 << self.first_bits) + 2, 1);
        self.last = None;
    }

    /// Takes a byte; false if a code comes that cannot.
    fn byte(&mut self, byte: u8) -> bool {
        self.held |= u32::from(byte) << self.held_bits;
        self.held_bits += 8;
        while self.held_bits >= self.bits && !self.is_ended {
            let code = self.held & ((1 << self.bits) - 1);
            self.held >>= self.bits;
            self.held_bits -= self.bits;
            self.is_broken = !self.code(code as usize);
            if self.is_broken {
                return false;
            }
        }
        if self.is_ended {
            (self.held, self.held_bits) = (0, 0);
        }
        true
    }

    fn code(&mut self, code: usize) -> bool {
        let clear = 1 << self.first_bits;
        if code == clear {
            self.clear();
            return true;
        }
        if code == clear + 1 {
            self.is_ended = true;
            return true;
        }
        let known = self.lengths.len();
        let Some(last) = self.last else {
            self.last = self.lengths.get(code).copied();
            self.pixels += 1;
            return code < clear;
        };
        let length = if code < known { self.lengths[code] } else { last + 1 };
        if code > known || (code == known && known >= 1 << CODE_BITS_MAX) {
            return false;
        }
        if known < 1 << CODE_BITS_MAX {
            self.lengths.push(last + 1);
            if self.lengths.len() == 1 << self.bits && self.bits < CODE_BITS_MAX {
                self.bits += 1;
            }
        }
        self.last = Some(length);
        self.pixels += u64::from(length);
        true
    }
}
