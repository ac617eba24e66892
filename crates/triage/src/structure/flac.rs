//! FLAC (RFC 9639): blocks of metadata, then frames, each with a CRC-8 over its head and a CRC-16 over all of it.

use std::ops::Range;

use crate::state::Findings;
use crate::window::{Stop, Walk, Window};

/// A head is not longer: fixed part, coded number, block size, sample rate, CRC-8 (§9.1).
const HEAD_BYTES_MAX: usize = 16;

const PADDING: u32 = 1;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let frames_at = metadata(window, findings)?;
    let bytes = window.bytes();
    if frames_at == bytes {
        return Ok(());
    }
    if !is_head(window.peek(frames_at, HEAD_BYTES_MAX)?) {
        return Err(Stop::Broken { at: frames_at });
    }
    frames(window, findings, frames_at)
}

/// Passes over the blocks (§8), and returns where frames begin.
fn metadata(window: &mut Window, findings: &mut Findings) -> Walk<u64> {
    let mut at = 4;
    loop {
        window.budget().entries(1)?;
        let head = window.u32_be(at)?;
        let (kind, bytes) = (head >> 24 & 0x7f, u64::from(head & 0x00ff_ffff));
        if kind == 0x7f || (at == 4) != (kind == 0) {
            return Err(Stop::Broken { at });
        }
        if at + 4 + bytes > window.bytes() {
            return Err(Stop::Ended { at });
        }
        findings.parsed_bytes += 4;
        if kind == PADDING {
            blank(window, findings, at + 4..at + 4 + bytes)?;
        }
        at += 4 + bytes;
        if head >> 31 == 1 {
            return Ok(at);
        }
    }
}

/// Padding is zeros (§8.3).
fn blank(window: &mut Window, findings: &mut Findings, range: Range<u64>) -> Walk<()> {
    let mut at = range.start;
    while at < range.end {
        let part = window.some(at, range.end)?;
        let (bytes, is_blank) = (part.len() as u64, part.iter().all(|byte| *byte == 0));
        if is_blank {
            findings.parsed_bytes += bytes;
        } else {
            findings.corrupt(at..at + bytes);
        }
        at += bytes;
    }
    Ok(())
}

/// Goes through the frames. None tells its length: it ends where its sum holds and another head begins.
fn frames(window: &mut Window, findings: &mut Findings, mut start: u64) -> Walk<()> {
    let end = window.bytes();
    // The sum of a frame and of its own CRC-16 is 0.
    let (mut at, mut sum) = (start, 0_u16);
    while at < end {
        let part = window.some(at, end)?.to_vec();
        for (place, &byte) in part.iter().enumerate() {
            let here = at + place as u64;
            if byte == 0xff && sum == 0 && here > start && is_head(window.peek(here, HEAD_BYTES_MAX)?) {
                findings.summed_bytes += here - start;
                start = here;
            }
            sum = (sum << 8) ^ SUMS_16[((sum >> 8) as u8 ^ byte) as usize];
        }
        at += part.len() as u64;
    }
    if sum == 0 {
        findings.summed_bytes += end - start;
        return Ok(());
    }
    // Old players append tags.
    if end - start > 128 && window.peek(end - 128, 3)? == b"TAG" {
        return Ok(());
    }
    findings.corrupt(start..end);
    Ok(())
}

/// Tells whether a frame's head begins here (§9.1): its CRC-8 holds.
fn is_head(head: &[u8]) -> bool {
    let &[0xff, 0xf8 | 0xf9, sizes, channels, first, ..] = head else { return false };
    let number_bytes = match first.leading_ones() {
        0 => 1,
        ones @ 2..=7 => ones as usize,
        _ => return false,
    };
    let size_bytes = match sizes >> 4 {
        6 => 1,
        7 => 2,
        _ => 0,
    };
    let rate_bytes = match sizes & 0x0f {
        12 => 1,
        13 | 14 => 2,
        15 => return false,
        _ => 0,
    };
    let sum_at = 4 + number_bytes + size_bytes + rate_bytes;
    channels & 1 == 0 && head.get(..=sum_at).is_some_and(|head| sum_8(head) == 0)
}

/// The polynomial 0x07; over a head and its own sum it gives 0.
fn sum_8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, &byte| {
        (0..8).fold(sum ^ byte, |sum, _| if sum & 0x80 != 0 { (sum << 1) ^ 0x07 } else { sum << 1 })
    })
}

const SUMS_16: [u16; 256] = {
    let mut sums = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut sum, mut bit) = ((byte as u16) << 8, 0);
        while bit < 8 {
            sum = if sum >> 15 == 1 { (sum << 1) ^ 0x8005 } else { sum << 1 };
            bit += 1;
        }
        sums[byte] = sum;
        byte += 1;
    }
    sums
};
