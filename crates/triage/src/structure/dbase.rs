//! dBase tables: a head that tells the fields, then records of one length (dBase III+ to Visual FoxPro; no standard).

use crate::state::Findings;
use crate::window::{Stop, Walk, Window};

const HEADER_BYTES: u64 = 32;
const FIELD_BYTES: u64 = 32;
const FIELDS_END: u8 = 0x0d;
const RECORDS_AT_ONCE_BYTES: usize = 32 << 10;

struct Field {
    kind: u8,
    at: usize,
    bytes: usize,
}

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let header: [u8; HEADER_BYTES as usize] = window.array(0)?;
    let records = u64::from(u32::from_le_bytes([header[4], header[5], header[6], header[7]]));
    let start = u64::from(u16::from_le_bytes([header[8], header[9]]));
    let record_bytes = usize::from(u16::from_le_bytes([header[10], header[11]]));
    if header[2] > 12 || header[3] > 31 || start <= HEADER_BYTES || record_bytes == 0 {
        return Err(Stop::Broken { at: 0 });
    }
    let fields = fields(window, start, header[0])?;
    let told: usize = 1 + fields.iter().map(|field| field.bytes).sum::<usize>();
    if told > record_bytes {
        return Err(Stop::Broken { at: HEADER_BYTES });
    }
    findings.parsed_bytes += start;
    let mut at = start;
    let end = start + records * record_bytes as u64;
    let at_once = (RECORDS_AT_ONCE_BYTES / record_bytes).max(1);
    while at < end {
        let there = (window.bytes().saturating_sub(at) / record_bytes as u64).min((end - at) / record_bytes as u64);
        if there == 0 {
            return Err(Stop::Ended { at });
        }
        let count = there.min(at_once as u64) as usize;
        let part = window.take(at, count * record_bytes)?;
        for (place, record) in part.chunks_exact(record_bytes).enumerate() {
            let record_at = at + (place * record_bytes) as u64;
            if record_holds(record, &fields) {
                findings.parsed_bytes += record_bytes as u64;
            } else {
                findings.corrupt(record_at..record_at + record_bytes as u64);
            }
        }
        at += part_bytes(count, record_bytes);
    }
    let end_mark = u64::from(window.peek(end, 1)?.first() == Some(&0x1a));
    findings.trailing(end + end_mark, window.bytes());
    Ok(())
}

fn part_bytes(count: usize, record_bytes: usize) -> u64 {
    (count * record_bytes) as u64
}

fn fields(window: &mut Window, start: u64, version: u8) -> Walk<Vec<Field>> {
    let mut fields = Vec::new();
    let (mut at, mut place) = (HEADER_BYTES, 1);
    // dBase 7 has fields of 48 bytes behind a longer head.
    let (field_bytes, first) = if version & 7 == 4 { (48, 68) } else { (FIELD_BYTES, HEADER_BYTES) };
    at = at.max(first);
    while at + field_bytes <= start && window.u8(at)? != FIELDS_END {
        let field = window.take(at, field_bytes as usize)?;
        let (kind, bytes, decimals) =
            if field_bytes == 48 { (field[32], field[33], 0) } else { (field[11], field[16], field[17]) };
        if field[0] < b' ' || !kind.is_ascii_graphic() {
            return Err(Stop::Broken { at });
        }
        // Long texts of FoxPro and Clipper use the byte of the decimals as a second one of the length.
        let bytes = if kind == b'C' { usize::from(bytes) + 256 * usize::from(decimals) } else { usize::from(bytes) };
        fields.push(Field { kind, at: place, bytes });
        place += bytes;
        at += field_bytes;
    }
    if at < start && window.u8(at)? != FIELDS_END {
        return Err(Stop::Broken { at });
    }
    Ok(fields)
}

fn record_holds(record: &[u8], fields: &[Field]) -> bool {
    matches!(record[0], b' ' | b'*')
        && fields.iter().all(|field| field_holds(field, &record[field.at..field.at + field.bytes]))
}

/// Digits and dates are letters of ASCII; text has no control codes but zeros, with which some programs fill.
fn field_holds(field: &Field, bytes: &[u8]) -> bool {
    match field.kind {
        b'N' | b'F' | b'D' | b'L' | b'M' if bytes.len() != 4 => {
            bytes.iter().all(|&byte| byte == 0 || byte == b'\t' || (b' '..0x7f).contains(&byte))
        }
        b'C' => {
            let text = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
            !text.iter().any(|&byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x1a))
        }
        _ => true,
    }
}
