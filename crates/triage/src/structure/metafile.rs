//! Metafiles of Windows: EMF ([MS-EMF]) and WMF ([MS-WMF]), chains of records.

use crate::state::Findings;
use crate::window::{Stop, Walk, Window};

const EMF_END: u32 = 14;
const EMF_LAST: u32 = 0x7a;
const PLACEABLE: u32 = 0x9ac6_cdd7;
const PLACEABLE_BYTES: u64 = 22;
const WMF_HEADER_BYTES: u64 = 18;

/// Checks an EMF (§2.3).
pub(crate) fn check_enhanced(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let mut at = 0;
    loop {
        window.budget().entries(1)?;
        let (number, bytes) = (window.u32_le(at)?, u64::from(window.u32_le(at + 4)?));
        if !(1..=EMF_LAST).contains(&number) || bytes < 8 || bytes % 4 != 0 || (at == 0) != (number == 1) {
            return Err(Stop::Broken { at });
        }
        if at + bytes > window.bytes() {
            return Err(Stop::Ended { at });
        }
        findings.parsed_bytes += 8;
        at += bytes;
        if number == EMF_END {
            findings.trailing(at, window.bytes());
            return Ok(());
        }
    }
}

/// Checks a WMF (§2.3), with the head that makes it placeable or without.
pub(crate) fn check_old(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let mut at = 0;
    if window.u32_le(0)? == PLACEABLE {
        let sum = (0..10).try_fold(0, |sum, word| window.u16_le(2 * word).map(|word| sum ^ word))?;
        if sum == window.u16_le(20)? {
            findings.summed_bytes += PLACEABLE_BYTES;
        }
        at = PLACEABLE_BYTES;
    }
    if !matches!(window.u16_le(at)?, 1 | 2) || window.u16_le(at + 2)? != 9 {
        return Err(Stop::Broken { at });
    }
    at += WMF_HEADER_BYTES;
    loop {
        window.budget().entries(1)?;
        // Programs that leave the last record away are known.
        if at == window.bytes() {
            return Ok(());
        }
        let (words, number) = (u64::from(window.u32_le(at)?), window.u16_le(at + 4)?);
        if words < 3 {
            return Err(Stop::Broken { at });
        }
        if at + 2 * words > window.bytes() {
            return Err(Stop::Ended { at });
        }
        findings.parsed_bytes += 6;
        at += 2 * words;
        if number == 0 {
            findings.trailing(at, window.bytes());
            return Ok(());
        }
    }
}
