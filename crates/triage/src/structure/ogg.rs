//! Ogg (RFC 3533): pages, each with a CRC-32 over all of it. Vorbis, Opus, FLAC and Theora lie in it.

use crate::state::Findings;
use crate::window::{Stop, Walk, Window};

const MARK: &[u8] = b"OggS";
const HEADER_BYTES: u64 = 27;
const SUM_AT: usize = 22;
const PAGE_BYTES_MAX: usize = 27 + 255 + 255 * 255;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let bytes = window.bytes();
    let mut at = 0;
    while at < bytes {
        window.budget().entries(1)?;
        let head = window.peek(at, HEADER_BYTES as usize)?;
        if !head.starts_with(MARK) || head.get(4) != Some(&0) {
            // Players append tags of their own.
            if at > 0 && head.starts_with(b"TAG") {
                findings.trailing(at, bytes);
                return Ok(());
            }
            return Err(if MARK.starts_with(head) { Stop::Ended { at } } else { Stop::Broken { at } });
        }
        let segments = u64::from(window.u8(at + 26)?);
        let body = window.copy(at + HEADER_BYTES, segments)?.iter().map(|&bytes| u64::from(bytes)).sum::<u64>();
        let page_bytes = HEADER_BYTES + segments + body;
        if at + page_bytes > bytes {
            return Err(Stop::Ended { at });
        }
        window.budget().memory(PAGE_BYTES_MAX as u64)?;
        let mut page = window.copy(at, page_bytes)?;
        let told = u32::from_le_bytes([page[SUM_AT], page[SUM_AT + 1], page[SUM_AT + 2], page[SUM_AT + 3]]);
        page[SUM_AT..SUM_AT + 4].fill(0);
        if sum(&page) == told {
            findings.summed_bytes += page_bytes;
        } else {
            findings.corrupt(at..at + page_bytes);
        }
        at += page_bytes;
    }
    Ok(())
}

/// The polynomial 0x04c11db7, the highest bit first, from 0 and without a last turn (RFC 3533 §6).
fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, &byte| (sum << 8) ^ SUMS[((sum >> 24) as u8 ^ byte) as usize])
}

const SUMS: [u32; 256] = {
    let mut sums = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut sum, mut bit) = ((byte as u32) << 24, 0);
        while bit < 8 {
            sum = if sum >> 31 == 1 { (sum << 1) ^ 0x04c1_1db7 } else { sum << 1 };
            bit += 1;
        }
        sums[byte] = sum;
        byte += 1;
    }
    sums
};
