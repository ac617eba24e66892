//! Formats of which only the frame can be proved: bitmaps of Windows, and what RIFF holds (WAV, WebP).

use crate::state::{Findings, Note};
use crate::window::{Stop, Walk, Window};

/// Checks a bitmap of Windows: its head, and that its pixels are there.
pub(crate) fn check_bitmap(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let bytes = window.bytes();
    let (pixels_at, header) = (u64::from(window.u32_le(10)?), window.u32_le(14)?);
    if !matches!(header, 12 | 40 | 52 | 56 | 64 | 108 | 124) || pixels_at < 14 + u64::from(header) {
        return Err(Stop::Broken { at: 10 });
    }
    if pixels_at > bytes {
        return Err(Stop::Ended { at: bytes });
    }
    findings.parsed_bytes += 14 + u64::from(header);
    if header == 12 {
        return Ok(());
    }
    let (width, height) = (window.u32_le(18)? as i32, window.u32_le(22)? as i32);
    let (bits, compression) = (u64::from(window.u16_le(28)?), window.u32_le(30)?);
    if width <= 0 || height == 0 || !matches!(bits, 0 | 1 | 2 | 4 | 8 | 16 | 24 | 32 | 64) || compression > 13 {
        return Err(Stop::Broken { at: 18 });
    }
    // Runs and pictures of other kinds inside tell no length.
    if !matches!(compression, 0 | 3 | 6) {
        return Ok(());
    }
    let row = (u64::from(width.unsigned_abs()) * bits).div_ceil(32) * 4;
    let end = pixels_at.saturating_add(row.saturating_mul(u64::from(height.unsigned_abs())));
    if end > bytes {
        return Err(Stop::Ended { at: bytes });
    }
    findings.note(Note::Opaque { at: pixels_at, bytes: end - pixels_at });
    findings.trailing(end, bytes);
    Ok(())
}

/// Checks the chunks of a RIFF file.
pub(crate) fn check_chunks(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let bytes = window.bytes();
    let told = u64::from(window.u32_le(4)?);
    // Recorders that were switched off, and files beyond 4 GiB, tell no length.
    let end = if matches!(told, 0 | 0xffff_ffff) { bytes } else { 8 + told };
    let mut at = 12;
    while at + 8 <= end.min(bytes) {
        window.budget().entries(1)?;
        let name = window.take(at, 4)?;
        if !name.iter().all(|byte| (b' '..0x7f).contains(byte)) {
            return Err(Stop::Broken { at });
        }
        findings.parsed_bytes += 8;
        let length = u64::from(window.u32_le(at + 4)?);
        let next = at + 8 + length + length % 2;
        if next > bytes + 1 && length != 0xffff_ffff {
            return Err(Stop::Ended { at });
        }
        at = next;
    }
    if end > bytes + 1 {
        return Err(Stop::Ended { at: bytes });
    }
    findings.trailing(end + end % 2, bytes);
    Ok(())
}
