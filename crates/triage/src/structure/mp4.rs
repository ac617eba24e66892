//! Films, sounds and pictures in boxes: MP4, MOV, HEIC (ISO/IEC 14496-12; QuickTime File Format).
//!
//! The boxes must fill the file. The tables of samples must point into the data; where samples are of H.264 or H.265, each is a
//! row of units whose lengths add up, and these are followed.

mod samples;

use std::ops::Range;

use crate::state::{Findings, Note};
use crate::window::{Stop, Walk, Window};

use samples::Track;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let bytes = window.bytes();
    let mut film = Film::default();
    let mut at = 0;
    while at < bytes {
        if bytes - at < 8 {
            findings.trailing(at, bytes);
            break;
        }
        let part = match next_box(window, at, bytes) {
            Ok(part) => part,
            Err(Stop::Broken { .. }) if film.is_whole() && at > 0 => {
                // Cameras and editors hang their own things behind.
                findings.trailing(at, bytes);
                break;
            }
            Err(stop) => return Err(stop),
        };
        film.top_box(window, findings, &part)?;
        at = part.body.end;
    }
    film.finish(window, findings)
}

/// A box: its name and its body.
pub(super) struct Part {
    at: u64,
    pub(super) name: [u8; 4],
    pub(super) body: Range<u64>,
}

#[derive(Default)]
struct Film {
    has_kind: bool,
    has_index: bool,
    has_fragments: bool,
    data: Vec<Range<u64>>,
    tracks: Vec<Track>,
}

/// Reads the head of the box at `at`.
pub(super) fn next_box(window: &mut Window, at: u64, end: u64) -> Walk<Part> {
    let short = u64::from(window.u32_be(at)?);
    let name: [u8; 4] = window.array(at + 4)?;
    let (head, bytes) = match short {
        0 => (8, end - at),
        1 => (16, window.u64_be(at + 8)?),
        _ => (8, short),
    };
    // Names of QuickTime may begin with ©.
    let is_name = name.iter().all(|&byte| (b' '..0x7f).contains(&byte) || byte == 0xa9);
    if !is_name || bytes < head {
        return Err(Stop::Broken { at });
    }
    match at.checked_add(bytes) {
        Some(box_end) if box_end <= end => Ok(Part { at, name, body: at + head..box_end }),
        _ => Err(Stop::Ended { at }),
    }
}

/// Hands on the boxes of a range one after another.
pub(super) fn for_boxes(
    window: &mut Window,
    range: Range<u64>,
    each: &mut dyn FnMut(&mut Window, Part) -> Walk<()>,
) -> Walk<()> {
    let mut at = range.start;
    while at + 8 <= range.end {
        window.budget().entries(1)?;
        // A list may end with four zeros (QuickTime, user data).
        if window.u32_be(at)? == 0 && range.end - at < 16 {
            return Ok(());
        }
        let part = match next_box(window, at, range.end) {
            Err(Stop::Ended { .. }) => return Err(Stop::Broken { at }),
            part => part?,
        };
        let end = part.body.end;
        each(window, part)?;
        at = end;
    }
    Ok(())
}

impl Film {
    fn is_whole(&self) -> bool {
        self.has_index && !self.data.is_empty() || self.has_kind && self.has_fragments
    }

    fn top_box(&mut self, window: &mut Window, findings: &mut Findings, part: &Part) -> Walk<()> {
        findings.parsed_bytes += part.body.start - part.at;
        match &part.name {
            b"ftyp" | b"styp" => self.has_kind = true,
            b"mdat" | b"idat" => self.data.push(part.body.clone()),
            b"moof" => self.has_fragments = true,
            b"meta" => self.has_index = true,
            b"moov" => {
                self.has_index = true;
                let tracks = &mut self.tracks;
                for_boxes(window, part.body.clone(), &mut |window, inner| {
                    if &inner.name == b"trak" {
                        tracks.push(samples::track(window, inner.body)?);
                    }
                    Ok(())
                })?;
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(&self, window: &mut Window, findings: &mut Findings) -> Walk<()> {
        if !self.has_index {
            // What a camera leaves when its battery dies: the index is written last.
            return Err(Stop::Ended { at: window.bytes() });
        }
        if self.has_fragments {
            findings.note(Note::Opaque { at: self.data.first().map_or(0, |data| data.start), bytes: 0 });
            return Ok(());
        }
        for track in &self.tracks {
            track.check(window, findings, &self.data)?;
        }
        Ok(())
    }
}

/// Tells whether the boxes at the head hold, as far as they are there.
pub(crate) fn glance(head: &[u8], bytes: u64) -> Option<Stop> {
    let mut at = 0_usize;
    for _ in 0..64 {
        let Some(first) = head.get(at..at + 8) else { break };
        let short = u64::from(u32::from_be_bytes([first[0], first[1], first[2], first[3]]));
        let name = &first[4..8];
        if !name.iter().all(|&byte| (b' '..0x7f).contains(&byte) || byte == 0xa9) || matches!(short, 2..=7) {
            return (at == 0 || bytes == head.len() as u64).then_some(Stop::Broken { at: at as u64 });
        }
        if short < 8 {
            break;
        }
        if at as u64 + short > bytes {
            return Some(Stop::Ended { at: at as u64 });
        }
        at = at.checked_add(short as usize)?;
    }
    None
}
