//! One entry of a ZIP file: its local header, its data, its descriptor (APPNOTE §4.3.7 to §4.3.9).

use std::ops::Range;

use super::directory::{Member, widen};
use super::{CENTRAL_HEADER, LOCAL_HEADER};
use crate::state::{Findings, Note};
use crate::structure::deflate::{End, Inflater};
use crate::structure::{bzip2, zstandard};
use crate::window::{Stop, Walk, Window};

const HEADER_BYTES: u64 = 30;
const DESCRIPTOR: &[u8] = b"PK\x07\x08";
const ENCRYPTED: u16 = 1;
const SIZES_FOLLOW: u16 = 8;
const HEADER_IS_MASKED: u16 = 1 << 13;
const METHOD_AES: u16 = 99;

/// Checks an entry, and returns where the next may begin.
pub(super) fn check(
    window: &mut Window,
    findings: &mut Findings,
    inflater: &mut Inflater,
    member: &Member,
    end_max: u64,
) -> Walk<u64> {
    compare_headers(window, member)?;
    let data = data_range(window, member)?;
    if data.end > end_max {
        return Err(Stop::Broken { at: member.local_at });
    }
    findings.parsed_bytes += data.start - member.local_at;
    if member.flags & ENCRYPTED != 0 || member.method == METHOD_AES {
        findings.is_protected = true;
    } else if !holds(window, findings, inflater, member, data.clone())? {
        findings.corrupt(data.clone());
    }
    if member.flags & SIZES_FOLLOW == 0 {
        return Ok(data.end);
    }
    descriptor_end(window, findings, member, data.end, end_max)
}

/// Returns where the data of an entry lie.
pub(super) fn data_range(window: &mut Window, member: &Member) -> Walk<Range<u64>> {
    let name_bytes = u64::from(window.u16_le(member.local_at + 26)?);
    let extra_bytes = u64::from(window.u16_le(member.local_at + 28)?);
    let start = member.local_at + HEADER_BYTES + name_bytes + extra_bytes;
    let end = start.checked_add(member.stored_bytes).ok_or(Stop::Broken { at: member.local_at })?;
    Ok(start..end)
}

/// The header before the data must say what the directory says.
fn compare_headers(window: &mut Window, member: &Member) -> Walk<()> {
    let at = member.local_at;
    let broken = Err(Stop::Broken { at });
    let header: [u8; 30] = window.array(at)?;
    let u16_at = |place: usize| u16::from_le_bytes([header[place], header[place + 1]]);
    let u32_at =
        |place: usize| u32::from_le_bytes([header[place], header[place + 1], header[place + 2], header[place + 3]]);
    if !header.starts_with(LOCAL_HEADER) || u16_at(8) != member.method {
        return broken;
    }
    let name_bytes = usize::from(u16_at(26));
    let is_masked = member.flags & HEADER_IS_MASKED != 0;
    // Some programs write the name in another code page or with other slashes: its length is what data depend on.
    if !is_masked && name_bytes == member.name.len() {
        let name = window.take(at + HEADER_BYTES, name_bytes)?;
        let equal = name.iter().zip(&member.name).filter(|(one, other)| one == other).count();
        if equal * 2 < name_bytes {
            return broken;
        }
    }
    let mut sizes = [u64::from(u32_at(22)), u64::from(u32_at(18))];
    let extra_at = at + HEADER_BYTES + name_bytes as u64;
    widen(&mut sizes, window.take(extra_at, usize::from(u16_at(28)))?);
    let crc = u32_at(14);
    let agree = |told: u64, known: u64| told == known || told == 0 || told == 0xffff_ffff;
    let sums_agree = agree(u64::from(crc), u64::from(member.crc));
    let sizes_agree = agree(sizes[0], member.bytes) && agree(sizes[1], member.stored_bytes);
    // Only with both a strange time and strange flags is the header taken for overwritten: either alone is seen in the wild.
    let rest_differs = u32_at(10) != member.time && (u16_at(6) ^ member.flags) & !0x080e != 0;
    if is_masked || (sums_agree && sizes_agree && !rest_differs) { Ok(()) } else { broken }
}

/// Decompresses the data and compares length and checksum.
fn holds(
    window: &mut Window,
    findings: &mut Findings,
    inflater: &mut Inflater,
    member: &Member,
    data: Range<u64>,
) -> Walk<bool> {
    let mut sum = Sum::default();
    let is_whole = match member.method {
        0 => sum_range(window, &mut sum, data.clone())?,
        8 => {
            inflater.begin(false);
            let end = inflater.run(window, data.start, data.end, &mut |part| sum.add(part))?;
            end == End::Complete { at: data.end }
        }
        12 => bzip2::decode(window, data.clone(), &mut |part| sum.add(part))? == End::Complete { at: data.end },
        93 => zstandard::decode(window, data.clone(), &mut |part| sum.add(part))? == End::Complete { at: data.end },
        // Shrunk, imploded, Deflate64, LZMA, PPMd, XZ, WavPack: rare, and left to the checks around them.
        1 | 6 | 9 | 10 | 14 | 19 | 95..=98 => {
            findings.note(Note::Opaque { at: data.start, bytes: data.end - data.start });
            return Ok(true);
        }
        _ => return Err(Stop::Broken { at: member.local_at }),
    };
    let holds = is_whole && sum.bytes == member.bytes && sum.crc.finalize() == member.crc;
    if holds {
        findings.summed_bytes += data.end - data.start;
    }
    Ok(holds)
}

#[derive(Default)]
struct Sum {
    bytes: u64,
    crc: crc32fast::Hasher,
}

impl Sum {
    fn add(&mut self, part: &[u8]) {
        self.bytes += part.len() as u64;
        self.crc.update(part);
    }
}

fn sum_range(window: &mut Window, sum: &mut Sum, range: Range<u64>) -> Walk<bool> {
    let mut at = range.start;
    while at < range.end {
        let part = window.some(at, range.end)?;
        if part.is_empty() {
            return Ok(false);
        }
        sum.add(part);
        at += part.len() as u64;
    }
    Ok(true)
}

/// Behind data whose size was not known beforehand, checksum and sizes follow, with or without a mark, of four or eight bytes.
fn descriptor_end(window: &mut Window, findings: &mut Findings, member: &Member, at: u64, end_max: u64) -> Walk<u64> {
    let rest = window.peek(at, 24)?;
    let marked = rest.starts_with(DESCRIPTOR);
    let body = if marked { &rest[4..] } else { rest };
    let mut narrow = member.crc.to_le_bytes().to_vec();
    let mut wide = narrow.clone();
    for size in [member.stored_bytes, member.bytes] {
        narrow.extend_from_slice(&(size as u32).to_le_bytes());
        wide.extend_from_slice(&size.to_le_bytes());
    }
    let mark_bytes = if marked { 4 } else { 0 };
    let descriptor_bytes = if body.starts_with(&wide) {
        mark_bytes + wide.len() as u64
    } else if body.starts_with(&narrow) {
        mark_bytes + narrow.len() as u64
    } else if at == end_max || rest.starts_with(LOCAL_HEADER) || rest.starts_with(CENTRAL_HEADER) {
        0
    } else if member.flags & ENCRYPTED != 0 || marked {
        // Encrypted entries may leave the checksum away.
        findings.note(Note::Irregular { at });
        if marked { 16 } else { 0 }
    } else {
        findings.corrupt(at..at + 16);
        16
    };
    findings.parsed_bytes += descriptor_bytes;
    Ok((at + descriptor_bytes).min(end_max))
}

/// Follows one local header without a directory; `None` if the file ends inside.
pub(super) fn follow(window: &mut Window, inflater: &mut Inflater, at: u64) -> Walk<Option<u64>> {
    let header = window.peek(at, HEADER_BYTES as usize)?;
    if header.len() < HEADER_BYTES as usize {
        return Ok(None);
    }
    let u16_at = |place: usize| u16::from_le_bytes([header[place], header[place + 1]]);
    let (flags, method) = (u16_at(6), u16_at(8));
    let stored_bytes = u64::from(u32::from_le_bytes([header[18], header[19], header[20], header[21]]));
    let start = at + HEADER_BYTES + u64::from(u16_at(26)) + u64::from(u16_at(28));
    if stored_bytes > 0 && stored_bytes < 0xffff_ffff {
        return Ok(Some(start + stored_bytes).filter(|&end| end <= window.bytes()));
    }
    if flags & SIZES_FOLLOW == 0 {
        return if stored_bytes == 0 { Ok(Some(start).filter(|&end| end <= window.bytes())) } else { Ok(None) };
    }
    if method != 8 || flags & ENCRYPTED != 0 {
        return Ok(None);
    }
    inflater.begin(false);
    let bytes = window.bytes();
    match inflater.run(window, start, bytes, &mut |_| ())? {
        End::Complete { at } => behind_descriptor(window, at),
        End::Cut => Ok(None),
        End::Bad { at } => Err(Stop::Broken { at }),
    }
}

/// Looks for the next header behind a descriptor of unknown form.
fn behind_descriptor(window: &mut Window, at: u64) -> Walk<Option<u64>> {
    for bytes in [16, 24, 12, 20, 0] {
        let mark = window.peek(at + bytes, 4)?;
        if mark == LOCAL_HEADER || mark == CENTRAL_HEADER {
            return Ok(Some(at + bytes));
        }
    }
    if at + 24 >= window.bytes() { Ok(None) } else { Err(Stop::Broken { at }) }
}
