//! ZIP and what is built on it: OOXML, ODF, EPUB, JAR. PKWARE APPNOTE.TXT 6.3.10; OpenDocument 1.3 part 2.
//!
//! Every entry of the central directory is compared with its local header, decompressed, and its CRC-32 verified. What
//! belongs to no entry is noted as a gap.

mod directory;
mod entry;

use std::ops::Range;

use crate::kind::Kind;
use crate::state::{Findings, Note};
use crate::structure::deflate::Inflater;
use crate::window::{Stop, Walk, Window};

use directory::{Directory, Member};

pub(crate) const LOCAL_HEADER: &[u8] = b"PK\x03\x04";
pub(crate) const CENTRAL_HEADER: &[u8] = b"PK\x01\x02";
const DIRECTORY_END: &[u8] = b"PK\x05\x06";

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let Some(directory) = directory::find(window)? else {
        return without_directory(window);
    };
    let mut members = directory::members(window, &directory)?;
    refine_kind(&members, findings);
    members.sort_by_key(|member| member.local_at);
    let mut inflater = Inflater::new(false);
    let mut end = members.first().map_or(directory.at, |first| first.local_at);
    if end > 0 {
        findings.note(Note::Leading { bytes: end });
    }
    let mut last_at = None;
    for member in &members {
        if last_at.replace(member.local_at) == Some(member.local_at) {
            continue;
        }
        if member.local_at < end {
            return Err(Stop::Doubtful { at: member.local_at });
        }
        findings.gap(end, member.local_at);
        end = entry::check(window, findings, &mut inflater, member, directory.at)?;
    }
    if end > directory.at {
        return Err(Stop::Broken { at: directory.at });
    }
    findings.gap(end, directory.at);
    findings.parsed_bytes += directory.end - directory.at;
    findings.trailing(directory.file_end, window.bytes());
    seek_encryption(window, findings, &members)
}

/// Tells office documents apart by the names of their parts.
fn refine_kind(members: &[Member], findings: &mut Findings) {
    let has = |name: &[u8]| members.iter().any(|member| member.name == name);
    findings.kind = if has(b"[Content_Types].xml") {
        Some(Kind::Ooxml)
    } else if has(b"META-INF/container.xml") {
        Some(Kind::Epub)
    } else if has(b"META-INF/manifest.xml") && has(b"mimetype") {
        Some(Kind::Odf)
    } else {
        None
    };
}

/// Documents of OpenDocument keep their ZIP open and encrypt the parts; the manifest says so.
fn seek_encryption(window: &mut Window, findings: &mut Findings, members: &[Member]) -> Walk<()> {
    const MANIFEST_BYTES_MAX: usize = 4 << 20;
    let Some(manifest) = members.iter().find(|member| member.name == b"META-INF/manifest.xml") else {
        return Ok(());
    };
    let data = entry::data_range(window, manifest)?;
    let text = if manifest.method == 8 {
        super::deflate::inflate_small(window, data.start, data.end, false, MANIFEST_BYTES_MAX)?
    } else {
        window.copy(data.start, (data.end - data.start).min(MANIFEST_BYTES_MAX as u64))?
    };
    if crate::window::position(&text, b"encryption-data").is_some() {
        findings.is_protected = true;
    }
    Ok(())
}

/// Follows local headers from the start, to tell where a file without directory ends or breaks.
fn without_directory(window: &mut Window) -> Walk<()> {
    let mut at = 0;
    let mut inflater = Inflater::new(false);
    loop {
        window.budget().entries(1)?;
        let mark = window.peek(at, 4)?;
        if mark.len() < 4 || mark == CENTRAL_HEADER {
            return Err(whole_or_cut(window, at)?);
        }
        if mark != LOCAL_HEADER {
            return Err(Stop::Broken { at });
        }
        match entry::follow(window, &mut inflater, at)? {
            Some(next) => at = next,
            None => return Err(Stop::Ended { at }),
        }
    }
}

/// Where the directory begins and its end is missing: walks its headers.
fn whole_or_cut(window: &mut Window, at: u64) -> Walk<Stop> {
    let mut at = at;
    loop {
        window.budget().entries(1)?;
        let header = window.peek(at, 46)?;
        if header.len() < 46 {
            return Ok(Stop::Ended { at });
        }
        if !header.starts_with(CENTRAL_HEADER) {
            return Ok(Stop::Broken { at });
        }
        let u16_at = |place: usize| u64::from(u16::from_le_bytes([header[place], header[place + 1]]));
        at += 46 + u16_at(28) + u16_at(30) + u16_at(32);
    }
}

/// The part of a file where the end of the directory must lie.
fn tail(bytes: u64) -> Range<u64> {
    // A comment of 64 KiB, and what mail programs and boot loaders hang behind.
    bytes.saturating_sub(22 + 0xffff + (64 << 10))..bytes
}

/// Tells whether the head and the tail of a file agree, without the middle.
pub(crate) fn glance(head: &[u8], tail: &[u8], bytes: u64) -> Option<Stop> {
    if !head.starts_with(LOCAL_HEADER) && !head.starts_with(DIRECTORY_END) {
        return None;
    }
    let found = (0..=tail.len().checked_sub(22)?).rev().find(|&at| tail[at..].starts_with(DIRECTORY_END));
    let tail_at = bytes - tail.len() as u64;
    let Some(at) = found else {
        let may_hide = bytes > tail.len() as u64 && tail.len() < 22 + 0xffff;
        return (!may_hide || tail.len() >= 1024).then_some(Stop::Broken { at: tail_at });
    };
    let end = &tail[at..];
    let u32_at = |place: usize| u32::from_le_bytes([end[place], end[place + 1], end[place + 2], end[place + 3]]);
    let (directory_bytes, directory_at) = (u64::from(u32_at(12)), u64::from(u32_at(16)));
    let end_at = tail_at + at as u64;
    if directory_at == u64::from(u32::MAX) || directory_bytes == u64::from(u32::MAX) {
        return None;
    }
    if directory_at + directory_bytes > end_at {
        return Some(Stop::Broken { at: end_at });
    }
    let first = usize::try_from((end_at - directory_bytes).checked_sub(tail_at)?).ok()?;
    let is_sound = directory_bytes == 0 || tail[first..].starts_with(CENTRAL_HEADER);
    (!is_sound).then_some(Stop::Broken { at: tail_at + first as u64 })
}

impl Directory {
    /// Turns an offset that the file tells into one of the file, behind whatever was put before it.
    fn place(&self, told: u64) -> Walk<u64> {
        told.checked_add(self.base).filter(|&at| at < self.at).ok_or(Stop::Broken { at: self.at })
    }
}
