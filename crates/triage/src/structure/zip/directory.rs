//! The central directory of a ZIP file (APPNOTE §4.3.12 to §4.3.16).

use super::{CENTRAL_HEADER, DIRECTORY_END, tail};
use crate::window::{Stop, Walk, Window};

const END_BYTES: u64 = 22;
const LOCATOR: &[u8] = b"PK\x06\x07";
const LOCATOR_BYTES: u64 = 20;
const LONG_END: &[u8] = b"PK\x06\x06";
const NONE_16: u64 = 0xffff;
const NONE_32: u64 = 0xffff_ffff;

/// Where the central directory lies.
#[derive(Debug, Clone)]
pub(super) struct Directory {
    /// Its first byte in the file.
    pub(super) at: u64,
    /// Behind its last header.
    pub(super) end: u64,
    pub(super) entries: u64,
    /// What lies before the archive: told offsets count from here.
    pub(super) base: u64,
    /// Behind the last byte that belongs to the archive.
    pub(super) file_end: u64,
}

/// What the directory says of one entry.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) name: Vec<u8>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) time: u32,
    pub(super) crc: u32,
    pub(super) stored_bytes: u64,
    pub(super) bytes: u64,
    pub(super) local_at: u64,
}

/// Finds the directory by the record at the end of the file.
pub(super) fn find(window: &mut Window) -> Walk<Option<Directory>> {
    let range = tail(window.bytes());
    let mut end = range.end;
    while let Some(at) = window.find_last(DIRECTORY_END, range.start, end)? {
        if let Some(directory) = read_end(window, at)? {
            return Ok(Some(directory));
        }
        end = at + DIRECTORY_END.len() as u64 - 1;
    }
    Ok(None)
}

/// Reads the record at the end; `None` where the mark stands by chance.
fn read_end(window: &mut Window, at: u64) -> Walk<Option<Directory>> {
    if at + END_BYTES > window.bytes() {
        return Ok(None);
    }
    let [disk, first_disk, here, entries] = [4, 6, 8, 10].map(|place| at + place);
    let [disk, first_disk] = [window.u16_le(disk)?, window.u16_le(first_disk)?];
    let [here, entries] = [u64::from(window.u16_le(here)?), u64::from(window.u16_le(entries)?)];
    let told_bytes = u64::from(window.u32_le(at + 12)?);
    let told_at = u64::from(window.u32_le(at + 16)?);
    let comment_bytes = u64::from(window.u16_le(at + 20)?);
    let file_end = (at + END_BYTES + comment_bytes).min(window.bytes());
    if disk != first_disk && disk != 0xffff || here != entries {
        return Ok(None);
    }
    let is_long = entries == NONE_16 || told_bytes == NONE_32 || told_at == NONE_32;
    if is_long && let Some(found) = read_long_end(window, at, file_end)? {
        return Ok(Some(found));
    }
    let Some(start) = at.checked_sub(told_bytes) else { return Ok(None) };
    let Some(base) = start.checked_sub(told_at) else { return Ok(None) };
    Ok(Some(Directory { at: start, end: at, entries, base, file_end }))
}

/// Reads the record of files that are longer than 4 GiB or have more than 65,534 entries.
fn read_long_end(window: &mut Window, end_at: u64, file_end: u64) -> Walk<Option<Directory>> {
    let Some(locator_at) = end_at.checked_sub(LOCATOR_BYTES) else { return Ok(None) };
    if window.take(locator_at, 4)? != LOCATOR {
        return Ok(None);
    }
    let told_end_at = window.u64_le(locator_at + 8)?;
    let Some(at) = find_long_end(window, locator_at, told_end_at)? else {
        return Err(Stop::Broken { at: locator_at });
    };
    let entries = window.u64_le(at + 32)?;
    let told_bytes = window.u64_le(at + 40)?;
    let told_at = window.u64_le(at + 48)?;
    let start = at.checked_sub(told_bytes).ok_or(Stop::Broken { at })?;
    let base = start.checked_sub(told_at).ok_or(Stop::Broken { at })?;
    Ok(Some(Directory { at: start, end: at, entries, base, file_end }))
}

/// The record lies where it is told, or right before its locator if something was put before the archive.
fn find_long_end(window: &mut Window, locator_at: u64, told: u64) -> Walk<Option<u64>> {
    for at in [Some(told), locator_at.checked_sub(56)].into_iter().flatten() {
        if at.checked_add(56).is_some_and(|end| end <= locator_at) && window.take(at, 4)? == LONG_END {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// Reads all headers of the directory.
pub(super) fn members(window: &mut Window, directory: &Directory) -> Walk<Vec<Member>> {
    let mut members = Vec::new();
    let mut at = directory.at;
    let mut held_bytes = 0;
    while (members.len() as u64) < directory.entries {
        window.budget().entries(1)?;
        if at + 46 > directory.end || window.take(at, 4)? != CENTRAL_HEADER {
            return Err(Stop::Broken { at });
        }
        let (member, next) = member(window, directory, at)?;
        if next > directory.end {
            return Err(Stop::Broken { at });
        }
        held_bytes += member.name.len() as u64 + 96;
        window.budget().memory(held_bytes)?;
        members.push(member);
        at = next;
    }
    // A signature of the directory may follow (§4.3.13); other bytes may not.
    if at != directory.end && window.peek(at, 4)? != b"PK\x05\x05" {
        return Err(Stop::Broken { at });
    }
    Ok(members)
}

fn member(window: &mut Window, directory: &Directory, at: u64) -> Walk<(Member, u64)> {
    let header: [u8; 46] = window.array(at)?;
    let u16_at = |place: usize| u16::from_le_bytes([header[place], header[place + 1]]);
    let u32_at =
        |place: usize| u32::from_le_bytes([header[place], header[place + 1], header[place + 2], header[place + 3]]);
    let [name_bytes, extra_bytes, comment_bytes] = [28, 30, 32].map(u16_at);
    let name = window.take(at + 46, usize::from(name_bytes))?.to_vec();
    let extra_at = at + 46 + u64::from(name_bytes);
    let extra = window.take(extra_at, usize::from(extra_bytes))?;
    let mut sizes = [u32_at(24), u32_at(20), u32_at(42)].map(u64::from);
    widen(&mut sizes, extra);
    let [bytes, stored_bytes, told_at] = sizes;
    let local_at = directory.place(told_at).map_err(|_| Stop::Broken { at })?;
    let member = Member {
        name,
        flags: u16_at(8),
        method: u16_at(10),
        time: u32_at(12),
        crc: u32_at(16),
        stored_bytes,
        bytes,
        local_at,
    };
    Ok((member, extra_at + u64::from(extra_bytes) + u64::from(comment_bytes)))
}

/// Puts the wide values of the extra field 0x0001 where the narrow ones say that they do not fit (§4.5.3).
pub(super) fn widen(values: &mut [u64], extra: &[u8]) {
    let Some(mut wide) = extra_field(extra, 1) else { return };
    for value in values.iter_mut().filter(|value| **value == NONE_32) {
        let Some((first, rest)) = wide.split_first_chunk::<8>() else { return };
        *value = u64::from_le_bytes(*first);
        wide = rest;
    }
}

fn extra_field(extra: &[u8], wanted: u16) -> Option<&[u8]> {
    let mut rest = extra;
    while let [id_low, id_high, low, high, after @ ..] = rest {
        let bytes = usize::from(u16::from_le_bytes([*low, *high]));
        if u16::from_le_bytes([*id_low, *id_high]) == wanted {
            return after.get(..bytes);
        }
        rest = after.get(bytes..)?;
    }
    None
}
