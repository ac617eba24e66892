//! 7z archives (7zFormat.txt of the LZMA SDK): a head under a CRC-32, which tells where the table is and its CRC-32. The packed
//! streams lie between and vouch for nothing before they are unpacked.

use crate::state::{Findings, Note};
use crate::window::{Stop, Walk, Window};

const HEAD_BYTES: u64 = 32;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let head: [u8; HEAD_BYTES as usize] = window.array(0)?;
    if !head.starts_with(b"7z\xbc\xaf\x27\x1c") || crc32fast::hash(&head[12..]).to_le_bytes() != head[8..12] {
        return Err(Stop::Broken { at: 0 });
    }
    let (place, bytes) = (window.u64_le(12)?, window.u64_le(20)?);
    let told = window.u32_le(28)?;
    let table_at = HEAD_BYTES.checked_add(place).ok_or(Stop::Broken { at: 12 })?;
    let end = table_at.checked_add(bytes).ok_or(Stop::Broken { at: 20 })?;
    if end > window.bytes() {
        return Err(Stop::Ended { at: window.bytes() });
    }
    let mut sum = crc32fast::Hasher::new();
    let mut at = table_at;
    while at < end {
        let part = window.some(at, end)?;
        if part.is_empty() {
            return Err(Stop::Ended { at });
        }
        sum.update(part);
        at += part.len() as u64;
    }
    if sum.finalize() != told {
        findings.corrupt(table_at..end);
    }
    findings.summed_bytes += HEAD_BYTES + bytes;
    findings.note(Note::Opaque { at: HEAD_BYTES, bytes: place });
    findings.trailing(end, window.bytes());
    Ok(())
}
