//! The .xz file format 1.2.1: streams of blocks under CRC-32 or CRC-64, an index, everything of the frame under CRC-32.

mod dictionary;
pub(crate) mod lzma;

use super::deflate::End;
use crate::state::{Findings, Note};
use crate::window::{Stop, Walk, Window};

use lzma::Lzma2;

const HEADER_BYTES: u64 = 12;
const FILTER_LZMA2: u64 = 0x21;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let mut at = 0;
    while at == 0 || window.peek(at, 6)? == b"\xfd7zXZ\0" {
        window.budget().entries(1)?;
        let start = at;
        at = stream(window, findings, start)?;
        findings.summed_bytes += at - start;
        // Zeros in fours may stand between streams (§2.2).
        while window.peek(at, 4)? == [0; 4] {
            at += 4;
        }
    }
    findings.trailing(at, window.bytes());
    Ok(())
}

/// What a block was.
struct Block {
    unpadded_bytes: u64,
    bytes: u64,
}

fn stream(window: &mut Window, findings: &mut Findings, at: u64) -> Walk<u64> {
    let header: [u8; HEADER_BYTES as usize] = window.array(at)?;
    let flags = &header[6..8];
    if !header.starts_with(b"\xfd7zXZ\0") || sum_of(flags) != header[8..] || flags[0] != 0 || flags[1] > 15 {
        return Err(Stop::Broken { at });
    }
    let check = flags[1];
    let mut blocks = Vec::new();
    let mut place = at + HEADER_BYTES;
    while window.u8(place)? != 0 {
        window.budget().entries(1)?;
        window.budget().memory(blocks.len() as u64 * 16)?;
        let (block, next) = block(window, findings, place, check)?;
        blocks.push(block);
        place = next;
    }
    let index_end = index(window, place, &blocks)?;
    let footer: [u8; HEADER_BYTES as usize] = window.array(index_end)?;
    let told = u64::from(u32::from_le_bytes([footer[4], footer[5], footer[6], footer[7]]));
    let is_sound = sum_of(&footer[4..10]) == footer[..4]
        && (told + 1) * 4 == index_end - place
        && footer[8..10] == *flags
        && footer[10..] == *b"YZ";
    if is_sound { Ok(index_end + HEADER_BYTES) } else { Err(Stop::Broken { at: index_end }) }
}

fn sum_of(bytes: &[u8]) -> [u8; 4] {
    crc32fast::hash(bytes).to_le_bytes()
}

fn block(window: &mut Window, findings: &mut Findings, at: u64, check: u8) -> Walk<(Block, u64)> {
    let header_bytes = (usize::from(window.u8(at)?) + 1) * 4;
    let header = window.take(at, header_bytes)?;
    let broken = Stop::Broken { at };
    let (body, sum) = header.split_at(header_bytes - 4);
    if sum_of(body) != sum {
        return Err(broken);
    }
    let Some((dictionary_bytes, is_alone)) = filters(body) else { return Err(broken) };
    let data_at = at + header_bytes as u64;
    let mut sums = Sums::new(check);
    window.budget().memory(dictionary_bytes)?;
    let (end, bytes) = Lzma2::new(dictionary_bytes).decode(window, data_at, &mut |part| sums.add(part))?;
    let end = match end {
        End::Complete { at } => at,
        End::Cut => return Err(Stop::Ended { at: window.bytes() }),
        End::Bad { at } => return Err(Stop::Broken { at }),
    };
    let padded = data_at + (end - data_at).next_multiple_of(4);
    let check_bytes = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64][usize::from(check)];
    let told = window.take(padded, check_bytes)?;
    match sums.finish() {
        Some(sum) if is_alone && sum != told => return Err(Stop::Broken { at: data_at }),
        Some(_) if is_alone => {}
        // Filters for programs, and SHA-256: the codes alone vouch.
        _ => findings.note(Note::Opaque { at: data_at, bytes: end - data_at }),
    }
    let unpadded_bytes = end - at + check_bytes as u64;
    Ok((Block { unpadded_bytes, bytes }, padded + check_bytes as u64))
}

/// Reads the filters of a block: how large its dictionary is, and whether LZMA2 is the only one.
fn filters(header: &[u8]) -> Option<(u64, bool)> {
    let flags = header[1];
    let mut rest = &header[2..];
    for _ in 0..(flags >> 6).count_ones() {
        number(&mut rest)?;
    }
    let count = flags & 3;
    for filter in 0..=count {
        let id = number(&mut rest)?;
        let bytes = usize::try_from(number(&mut rest)?).ok()?;
        let properties = rest.get(..bytes)?;
        rest = &rest[bytes..];
        if filter == count {
            let [bits @ 0..=40] = properties else { return None };
            let dictionary_bytes =
                if *bits == 40 { u64::from(u32::MAX) } else { (2 | u64::from(bits & 1)) << (bits / 2 + 11) };
            return (id == FILTER_LZMA2).then_some((dictionary_bytes, count == 0));
        }
    }
    None
}

/// Reads a number of seven bits a byte (§1.2).
fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for place in 0..9 {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// Compares the index with the blocks, and returns where it ends.
fn index(window: &mut Window, at: u64, blocks: &[Block]) -> Walk<u64> {
    let mut told = vec![0];
    write_number(&mut told, blocks.len() as u64);
    for block in blocks {
        write_number(&mut told, block.unpadded_bytes);
        write_number(&mut told, block.bytes);
    }
    told.resize(told.len().next_multiple_of(4), 0);
    told.extend(sum_of(&told));
    for (place, part) in told.chunks(4096).enumerate() {
        let place = at + 4096 * place as u64;
        if window.take(place, part.len())? != part {
            return Err(Stop::Broken { at: place });
        }
    }
    Ok(at + told.len() as u64)
}

fn write_number(into: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        into.push(value as u8 | 0x80);
        value >>= 7;
    }
    into.push(value as u8);
}

/// The checksum of a block.
enum Sums {
    Crc32(crc32fast::Hasher),
    Crc64(u64),
    Other,
}

impl Sums {
    fn new(check: u8) -> Self {
        match check {
            1 => Self::Crc32(crc32fast::Hasher::new()),
            4 => Self::Crc64(!0),
            _ => Self::Other,
        }
    }

    fn add(&mut self, part: &[u8]) {
        match self {
            Self::Crc32(sum) => sum.update(part),
            Self::Crc64(sum) => {
                *sum = add_to_sum(*sum, part);
            }
            Self::Other => {}
        }
    }

    fn finish(self) -> Option<Vec<u8>> {
        match self {
            Self::Crc32(sum) => Some(sum.finalize().to_le_bytes().to_vec()),
            Self::Crc64(sum) => Some((!sum).to_le_bytes().to_vec()),
            Self::Other => None,
        }
    }
}

/// CRC-64 of ECMA-182, the lowest bit first: eight bytes at a time, each through the table of its place.
fn add_to_sum(sum: u64, bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let sum = words.iter().fold(sum, |sum, word| {
        let mixed = (sum ^ u64::from_le_bytes(*word)).to_le_bytes();
        mixed.iter().zip(SUMS.iter().rev()).fold(0, |sum, (&byte, sums)| sum ^ sums[usize::from(byte)])
    });
    rest.iter().fold(sum, |sum, &byte| sum >> 8 ^ SUMS[0][usize::from(sum as u8 ^ byte)])
}

/// For each byte its sum, with none to seven zeros behind it.
static SUMS: [[u64; 256]; 8] = {
    let mut sums = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = byte as u64;
        let mut place = 0;
        while place < 8 {
            let mut bit = 0;
            while bit < 8 {
                sum = if sum & 1 == 0 { sum >> 1 } else { sum >> 1 ^ 0xc96c_5795_d787_0f42 };
                bit += 1;
            }
            sums[place][byte] = sum;
            place += 1;
        }
        byte += 1;
    }
    sums
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_the_format() {
        // The check value of CRC-64/XZ in the catalogue of Greg Cook.
        assert_eq!(!add_to_sum(!0, b"123456789"), 0x995d_c9bb_df19_39fa);
        let bytes: Vec<u8> = (0..200).map(|byte| byte ^ 0x5a).collect();
        for middle in 0..bytes.len() {
            let parts = add_to_sum(add_to_sum(!0, &bytes[..middle]), &bytes[middle..]);
            assert_eq!(parts, add_to_sum(!0, &bytes), "in two parts, at {middle}");
        }
    }
}
