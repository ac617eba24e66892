//! Word before OLE 2, on Windows: versions 2 and 6 without a container (Microsoft's "Word for Windows Binary File Format", 1992: the file
//! information block).

use crate::randomness::looks_random;
use crate::state::{Findings, Note};
use crate::window::{Stop, Walk, Window};

const MARK_AND_VERSION: u64 = 4;
const FLAGS_AT: u64 = 10;
const ENCRYPTED: u16 = 0x0100;
/// Where the text begins, where it ends, where the file ends.
const PLACES_AT: u64 = 24;
const HEAD_BYTES_MIN: u64 = 128;
/// Text of this length that looks drawn by lot is none.
const SAMPLE_BYTES: usize = 256;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    if !matches!(window.array(0)?, [0xdb | 0xdc, 0xa5, _, 0]) {
        return Err(Stop::Doubtful { at: 0 });
    }
    let (text_at, text_end, end) = places(window)?;
    if text_at < HEAD_BYTES_MIN || text_at > text_end || text_end > end {
        return Err(Stop::Broken { at: PLACES_AT });
    }
    if end > window.bytes() {
        return Err(Stop::Ended { at: window.bytes() });
    }
    findings.parsed_bytes += MARK_AND_VERSION + 12;
    findings.trailing(end, window.bytes());
    if window.u16_le(FLAGS_AT)? & ENCRYPTED != 0 {
        findings.is_protected = true;
        return Ok(());
    }
    let mut at = text_at;
    while at < text_end {
        let part = window.peek(at, SAMPLE_BYTES.min((text_end - at) as usize))?;
        let bytes = part.len() as u64;
        if looks_random(part) {
            findings.corrupt(at..at + bytes);
        }
        at += bytes.max(1);
    }
    findings.note(Note::Opaque { at: text_end, bytes: end - text_end });
    Ok(())
}

fn places(window: &mut Window) -> Walk<(u64, u64, u64)> {
    let mut place = |at| window.u32_le(PLACES_AT + at).map(u64::from);
    Ok((place(0)?, place(4)?, place(8)?))
}
