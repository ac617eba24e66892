//! Drawings of AutoCAD (Open Design Alliance, "Specification for .dwg files", version 5.4.1). Since release 2004 all lies in pages under
//! checksums (chapter 4); before, a list tells where the parts are, and a mark ends it (§3.2).

mod packed;

use crate::state::{Findings, Note};
use crate::window::{Stop, Walk, Window};

const HEADER_AT: u64 = 0x80;
const HEADER_BYTES: usize = 0x6c;
/// Behind it the pages begin.
const PAGES_AT: u64 = 0x100;
const PAGE_HEADER_BYTES: u64 = 32;
const MAP_HEADER_BYTES: u64 = 20;
const MARK_DATA: u32 = 0x4163_043b;
const MARK_PAGE_MAP: u32 = 0x4163_0e3b;
const MARK_SECTION_MAP: u32 = 0x4163_003b;
/// Heads of pages are masked with this and with their place.
const MASK: u32 = 0x4164_536b;
/// Each page has 8 bytes in the map, and no drawing has a gigabyte of them.
const MAP_BYTES_MAX: u64 = 16 << 20;
/// Ends the list of the parts of drawings before release 2004.
const LIST_END: [u8; 16] =
    [0x95, 0xa0, 0x4e, 0x28, 0x99, 0x82, 0x1a, 0xe5, 0x5e, 0x41, 0xe0, 0x5f, 0x9d, 0x3a, 0x4d, 0x00];

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    match &window.array(0)? {
        b"AC1012" | b"AC1014" | b"AC1015" => parts(window, findings),
        b"AC1018" | b"AC1024" | b"AC1027" | b"AC1032" => pages(window, findings),
        // Release 2007 has codes that mend themselves, and those before 13 no marks.
        [b'A', b'C', b'1', b'0', b'0'..=b'9', b'0'..=b'9'] => Err(Stop::Doubtful { at: 0 }),
        _ => Err(Stop::Broken { at: 0 }),
    }
}

/// Checks the list of parts: each lies in the file, and the mark follows.
fn parts(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let count = u64::from(window.u32_le(0x15)?);
    if !(3..=6).contains(&count) {
        return Err(Stop::Doubtful { at: 0x15 });
    }
    let list_end = 0x19 + 9 * count;
    if window.array(list_end + 2)? != LIST_END {
        return Err(Stop::Broken { at: list_end + 2 });
    }
    for part in 0..count {
        let at = 0x19 + 9 * part;
        let end = u64::from(window.u32_le(at + 1)?) + u64::from(window.u32_le(at + 5)?);
        if end > window.bytes() {
            return Err(Stop::Ended { at: window.bytes() });
        }
    }
    findings.parsed_bytes += list_end + 18;
    findings.note(Note::Opaque { at: list_end + 18, bytes: window.bytes() - list_end - 18 });
    Ok(())
}

/// Checks the pages: the map tells which there are, and each tells the checksum of its data.
fn pages(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let map_at = header(window)?;
    findings.summed_bytes += HEADER_BYTES as u64;
    let map = page_map(window, map_at)?;
    let (mut at, mut sound, mut unlike) = (PAGES_AT, 0_u64, Vec::new());
    let mut entries = map.chunks_exact(8);
    while let Some(entry) = entries.next() {
        window.budget().entries(1)?;
        let (number, bytes) = (i32_at(entry, 0), u64::from(i32_at(entry, 4).cast_unsigned()));
        if number < 0 {
            // A gap; where it stood in a tree takes 16 bytes more.
            findings.gap(at, (at + bytes).min(window.bytes()));
            entries.nth(1);
        } else if bytes < PAGE_HEADER_BYTES {
            return Err(Stop::Broken { at: map_at });
        } else if at + bytes > window.bytes() {
            return Err(Stop::Ended { at: window.bytes() });
        } else if let Some(summed_bytes) = page(window, at, bytes)? {
            findings.summed_bytes += summed_bytes;
            sound += 1;
        } else {
            unlike.push(at..at + bytes);
        }
        at += bytes;
    }
    // A program that sums in another way does so everywhere.
    match unlike.first() {
        Some(first) if sound == 0 => Err(Stop::Doubtful { at: first.start }),
        _ => {
            unlike.into_iter().for_each(|range| findings.corrupt(range));
            Ok(())
        }
    }
}

/// Reads the head, which is masked and has a CRC-32, and returns where the map of the pages is.
fn header(window: &mut Window) -> Walk<u64> {
    let mut header: [u8; HEADER_BYTES] = window.array(HEADER_AT)?;
    let mut seed = 1_u32;
    for byte in &mut header {
        seed = seed.wrapping_mul(0x343fd).wrapping_add(0x26_9ec3);
        *byte ^= (seed >> 16) as u8;
    }
    let told = u32_at(&header, 0x68);
    header[0x68..].fill(0);
    if !header.starts_with(b"AcFssFcAJMB\0") || crc32fast::hash(&header) != told {
        return Err(Stop::Broken { at: HEADER_AT });
    }
    let place = u64::from(u32_at(&header, 0x54)) | u64::from(u32_at(&header, 0x58)) << 32;
    Ok(place.saturating_add(PAGES_AT))
}

fn page_map(window: &mut Window, at: u64) -> Walk<Vec<u8>> {
    let header: [u8; MAP_HEADER_BYTES as usize] = window.array(at)?;
    let (bytes, packed_bytes) = (u64::from(u32_at(&header, 4)), u64::from(u32_at(&header, 8)));
    if u32_at(&header, 0) != MARK_PAGE_MAP || bytes > MAP_BYTES_MAX || packed_bytes > MAP_BYTES_MAX {
        return Err(Stop::Broken { at });
    }
    if map_sum(window, at, &header)? != Some(u32_at(&header, 16)) {
        return Err(Stop::Broken { at });
    }
    let packed = window.copy(at + MAP_HEADER_BYTES, packed_bytes)?;
    window.budget().memory(bytes)?;
    window.budget().inflated(bytes)?;
    packed::unpack(&packed, bytes as usize).ok_or(Stop::Broken { at })
}

/// Returns the checksum that a map should have; nothing if its data are not there.
fn map_sum(window: &mut Window, at: u64, header: &[u8; MAP_HEADER_BYTES as usize]) -> Walk<Option<u32>> {
    let seed = sum(0, &[&header[..16], &[0; 4]].concat());
    sum_of(window, seed, at + MAP_HEADER_BYTES, u64::from(u32_at(header, 8)))
}

/// Returns how many bytes of a page have the checksum that it tells; nothing if one has not.
fn page(window: &mut Window, at: u64, bytes: u64) -> Walk<Option<u64>> {
    let mut header: [u8; PAGE_HEADER_BYTES as usize] = window.array(at)?;
    if matches!(u32_at(&header, 0), MARK_PAGE_MAP | MARK_SECTION_MAP) {
        let [first @ .., _, _, _, _, _, _, _, _, _, _, _, _] = header;
        let data_bytes = u64::from(u32_at(&header, 8));
        let is_sound =
            data_bytes + MAP_HEADER_BYTES <= bytes && map_sum(window, at, &first)? == Some(u32_at(&header, 16));
        return Ok(is_sound.then_some(MAP_HEADER_BYTES + data_bytes));
    }
    let mask = (MASK ^ at as u32).to_le_bytes();
    header.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
    let (data_bytes, header_sum, data_sum) = (u64::from(u32_at(&header, 8)), u32_at(&header, 24), u32_at(&header, 28));
    if u32_at(&header, 0) != MARK_DATA || data_bytes + PAGE_HEADER_BYTES > bytes {
        return Ok(None);
    }
    header[24..28].fill(0);
    let is_sound = sum(data_sum, &header) == header_sum
        && sum_of(window, 0, at + PAGE_HEADER_BYTES, data_bytes)? == Some(data_sum);
    Ok(is_sound.then_some(PAGE_HEADER_BYTES + data_bytes))
}

fn sum_of(window: &mut Window, seed: u32, at: u64, bytes: u64) -> Walk<Option<u32>> {
    let (mut at, end, mut seed) = (at, at + bytes, seed);
    while at < end {
        let part = window.some(at, end)?;
        if part.is_empty() {
            return Ok(None);
        }
        seed = sum(seed, part);
        at += part.len() as u64;
    }
    Ok(Some(seed))
}

/// Goes on with a sum (§4.2): that of Adler (RFC 1950), which begins with 0 here.
fn sum(seed: u32, bytes: &[u8]) -> u32 {
    const MODULUS: u32 = 0xfff1;
    let (mut low, mut high) = (seed & 0xffff, seed >> 16);
    for part in bytes.chunks(0x15b0) {
        for byte in part {
            low += u32::from(*byte);
            high += low;
        }
        (low, high) = (low % MODULUS, high % MODULUS);
    }
    high << 16 | low
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn i32_at(bytes: &[u8], at: usize) -> i32 {
    u32_at(bytes, at).cast_signed()
}
