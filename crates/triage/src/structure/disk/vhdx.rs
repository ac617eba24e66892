//! Disks of Hyper-V ([MS-VHDX], version 9.0): two heads and two lists of regions, all under CRC-32C, and a table of blocks.

use std::ops::Range;

use crate::state::{Findings, Note};
use crate::window::{Stop, Walk, Window};

const HEADS_AT: [u64; 2] = [64 << 10, 128 << 10];
const HEAD_BYTES: u64 = 4 << 10;
const LISTS_AT: [u64; 2] = [192 << 10, 256 << 10];
const LIST_BYTES: u64 = 64 << 10;
const REGIONS_MAX: u64 = 2047;
const MEGABYTE: u64 = 1 << 20;
const TABLE_OF_BLOCKS: [u8; 16] =
    [0x66, 0x77, 0xc2, 0x2d, 0x23, 0xf6, 0x00, 0x42, 0x9d, 0x64, 0x11, 0x5e, 0x9b, 0xfd, 0x4a, 0x08];

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    if window.array(0)? != *b"vhdxfile" {
        return Err(Stop::Broken { at: 0 });
    }
    let heads =
        [sum_holds(window, b"head", HEADS_AT[0], HEAD_BYTES)?, sum_holds(window, b"head", HEADS_AT[1], HEAD_BYTES)?];
    let lists =
        [sum_holds(window, b"regi", LISTS_AT[0], LIST_BYTES)?, sum_holds(window, b"regi", LISTS_AT[1], LIST_BYTES)?];
    findings.summed_bytes += heads.iter().filter(|holds| **holds).count() as u64 * HEAD_BYTES;
    findings.summed_bytes += lists.iter().filter(|holds| **holds).count() as u64 * LIST_BYTES;
    // A machine that fell may leave one of the heads half written (§2.2.2); the lists are written once.
    match heads {
        [true, true] => {}
        [false, false] => return Err(Stop::Broken { at: HEADS_AT[0] }),
        [first, _] => findings.note(Note::Irregular { at: HEADS_AT[usize::from(first)] }),
    }
    for (at, _) in LISTS_AT.iter().zip(lists).filter(|(_, holds)| !holds) {
        findings.corrupt(*at..*at + LIST_BYTES);
    }
    let Some(list) = lists.iter().position(|holds| *holds) else { return Ok(()) };
    regions(window, findings, LISTS_AT[list])
}

/// Checks that the regions lie in the file, and the table of blocks.
fn regions(window: &mut Window, findings: &mut Findings, list_at: u64) -> Walk<()> {
    let count = u64::from(window.u32_le(list_at + 8)?);
    if count > REGIONS_MAX {
        return Err(Stop::Broken { at: list_at });
    }
    for region in 0..count {
        let entry = list_at + 16 + 32 * region;
        let (name, at) = (window.array(entry)?, window.u64_le(entry + 16)?);
        let bytes = u64::from(window.u32_le(entry + 24)?);
        let Some(end) = at.checked_add(bytes).filter(|end| *end <= window.bytes()) else {
            return Err(Stop::Ended { at: window.bytes() });
        };
        if name == TABLE_OF_BLOCKS {
            blocks(window, findings, at..end)?;
        } else if window.array(at)? != *b"metadata" && window.u32_le(entry + 28)? & 1 != 0 {
            findings.corrupt(at..at + 8);
        }
    }
    Ok(())
}

/// Checks the table of blocks: states that exist, nothing where nothing may be, places that lie in the file.
fn blocks(window: &mut Window, findings: &mut Findings, table: Range<u64>) -> Walk<()> {
    let mut doubt = None;
    for at in table.step_by(8) {
        window.budget().entries(1)?;
        let entry = window.u64_le(at)?;
        let (state, reserved, place) = (entry & 7, entry >> 3 & 0x1_ffff, (entry >> 20).saturating_mul(MEGABYTE));
        if reserved != 0 || matches!(state, 4 | 5) {
            findings.corrupt(at..at + 8);
        } else if matches!(state, 6 | 7) && place >= window.bytes() {
            // A disk that is in use grows while it is read.
            doubt = doubt.or(Some(at));
        } else {
            findings.parsed_bytes += 8;
        }
    }
    doubt.map_or(Ok(()), |at| Err(Stop::Doubtful { at }))
}

/// Tells whether a part begins with its mark and has its checksum, which stands behind the mark and counts as zero.
fn sum_holds(window: &mut Window, mark: &[u8; 4], at: u64, bytes: u64) -> Walk<bool> {
    let part = window.take(at, bytes as usize)?;
    let told = u32::from_le_bytes([part[4], part[5], part[6], part[7]]);
    Ok(part.starts_with(mark) && castagnoli(&[&part[..4], &[0; 4], &part[8..]]) == told)
}

/// Returns the CRC-32C (RFC 3720, appendix B.4) of some parts.
fn castagnoli(parts: &[&[u8]]) -> u32 {
    const POLYNOMIAL: u32 = 0x82f6_3b78;
    let table: [u32; 256] = std::array::from_fn(|byte| {
        (0..8).fold(byte as u32, |sum, _| sum >> 1 ^ if sum & 1 == 1 { POLYNOMIAL } else { 0 })
    });
    !parts
        .iter()
        .flat_map(|part| part.iter())
        .fold(u32::MAX, |sum, byte| table[usize::from(sum as u8 ^ byte)] ^ sum >> 8)
}
