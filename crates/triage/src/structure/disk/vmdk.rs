//! Disks of VMware ("Virtual Disk Format 5.0", 2011): the head of a sparse disk, the tables of its grains, and the text that describes it.

use crate::randomness::looks_random;
use crate::state::{Findings, Note};
use crate::window::{Stop, WINDOW_BYTES, Walk, Window};

const SECTOR_BYTES: u64 = 512;
/// What transfer as text would change.
const LINE_ENDS_AT: u64 = 73;
const LINE_ENDS: [u8; 4] = *b"\n \r\n";
const DESCRIPTION: [u8; 21] = *b"# Disk DescriptorFile";
/// The tables stand at the end of a disk that was written in one go.
const AT_THE_END: u64 = u64::MAX;
/// Grains are not smaller than 4 KiB.
const GRAIN_SECTORS_MIN: u64 = 8;
const FLAG_SECOND_TABLES: u32 = 2;
const FLAG_COMPRESSED: u32 = 1 << 16;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    if window.peek(0, DESCRIPTION.len())? == DESCRIPTION {
        return letters(window, findings);
    }
    // The plain form is the disk itself, without any mark; the oldest one has another.
    let head = window.peek(0, SECTOR_BYTES as usize)?;
    if !head.starts_with(b"KDMV") {
        return Err(if looks_random(head) { Stop::Broken { at: 0 } } else { Stop::Doubtful { at: 0 } });
    }
    let (version, flags) = (window.u32_le(4)?, window.u32_le(8)?);
    let (sectors, grain_sectors) = (window.u64_le(12)?, window.u64_le(20)?);
    if !(1..=3).contains(&version) || window.array(LINE_ENDS_AT)? != LINE_ENDS {
        return Err(Stop::Broken { at: 4 });
    }
    if !grain_sectors.is_power_of_two() || grain_sectors < GRAIN_SECTORS_MIN {
        return Err(Stop::Broken { at: 20 });
    }
    findings.parsed_bytes += LINE_ENDS_AT + LINE_ENDS.len() as u64;
    description(window, findings)?;
    findings.note(Note::Opaque { at: 0, bytes: window.bytes() });
    let (second_at, first_at) = (window.u64_le(48)?, window.u64_le(56)?);
    if first_at == AT_THE_END || flags & FLAG_COMPRESSED != 0 {
        return Ok(());
    }
    let table_entries = u64::from(window.u32_le(44)?);
    if table_entries == 0 || table_entries > 1 << 16 {
        return Err(Stop::Broken { at: 44 });
    }
    let tables = sectors.div_ceil(grain_sectors).div_ceil(table_entries);
    let has_second = flags & FLAG_SECOND_TABLES != 0;
    for directory in [first_at].into_iter().chain(has_second.then_some(second_at)) {
        grains(window, findings, directory, (tables, table_entries))?;
    }
    Ok(())
}

/// Checks a description that is a file of its own: text, with nothing else in it.
fn letters(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let text = window.peek(0, WINDOW_BYTES)?;
    match text.iter().position(|byte| *byte < b' ' && !matches!(byte, b'\n' | b'\r' | b'\t' | 0)) {
        Some(at) => Err(Stop::Broken { at: at as u64 }),
        None => {
            findings.parsed_bytes += text.len() as u64;
            Ok(())
        }
    }
}

/// Checks that the text that describes the disk is there, if the head says so.
fn description(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let (at, bytes) = (bytes_of(window.u64_le(28)?), bytes_of(window.u64_le(36)?));
    if at == 0 {
        return Ok(());
    }
    if at.saturating_add(bytes) > window.bytes() {
        return Err(Stop::Ended { at: window.bytes() });
    }
    if window.array(at)? != DESCRIPTION {
        findings.corrupt(at..at + DESCRIPTION.len() as u64);
    }
    findings.parsed_bytes += DESCRIPTION.len() as u64;
    Ok(())
}

/// Checks a directory of tables, and the tables: all that they name begins in the file.
fn grains(window: &mut Window, findings: &mut Findings, directory: u64, (tables, entries): (u64, u64)) -> Walk<()> {
    let (start, mut doubt) = (bytes_of(directory), None);
    for table in 0..tables {
        window.budget().entries(1)?;
        let at = start + 4 * table;
        let place = bytes_of(u64::from(window.u32_le(at)?));
        findings.parsed_bytes += 4;
        if place == 0 {
            continue;
        }
        if place + 4 * entries > window.bytes() {
            findings.corrupt(at..at + 4);
            continue;
        }
        for entry in (place..place + 4 * entries).step_by(4) {
            window.budget().entries(1)?;
            let grain = bytes_of(u64::from(window.u32_le(entry)?));
            findings.parsed_bytes += 4;
            // A disk that is in use grows while it is read.
            doubt = doubt.or((grain >= window.bytes()).then_some(entry));
        }
    }
    doubt.map_or(Ok(()), |at| Err(Stop::Doubtful { at }))
}

/// Returns the place of a sector; far behind every end where no file reaches.
fn bytes_of(sectors: u64) -> u64 {
    sectors.saturating_mul(SECTOR_BYTES).min(1 << 62)
}
