//! Tables of samples (ISO/IEC 14496-12 §8.7), and the units of H.264 and H.265 in them (ISO/IEC 14496-15 §5.3.3).

use std::ops::Range;

use super::for_boxes;
use crate::state::Findings;
use crate::window::{Stop, Walk, Window};

/// Samples that are followed unit by unit; of longer films, the first ones.
const SAMPLES_MAX: u64 = 2_000_000;

/// What is known of one track.
#[derive(Default)]
pub(super) struct Track {
    /// Bytes of the length before each unit; 0 where samples have no units.
    length_bytes: u64,
    /// One size for all, or where the table of sizes begins.
    size: u32,
    samples: u64,
    sizes_at: u64,
    /// Where the table of chunks begins, how many, how many bytes each.
    chunks: Option<(u64, u64, u64)>,
    /// First chunk and samples a chunk, from there on.
    runs: Vec<(u64, u64)>,
}

/// Reads the tables of a track.
pub(super) fn track(window: &mut Window, body: Range<u64>) -> Walk<Track> {
    let mut track = Track::default();
    read(window, body, &mut track, 0)?;
    Ok(track)
}

fn read(window: &mut Window, body: Range<u64>, track: &mut Track, depth: u32) -> Walk<()> {
    window.budget().depth(depth)?;
    for_boxes(window, body, &mut |window, part| {
        let at = part.body.start;
        let bytes = part.body.end - at;
        match &part.name {
            b"mdia" | b"minf" | b"stbl" => read(window, part.body, track, depth + 1)?,
            b"stsd" if bytes >= 16 => track.length_bytes = unit_length_bytes(window, part.body)?,
            b"stsz" if bytes >= 12 => {
                (track.size, track.samples) = (window.u32_be(at + 4)?, u64::from(window.u32_be(at + 8)?));
                track.sizes_at = at + 12;
                if track.size == 0 && track.samples * 4 > bytes - 12 {
                    return Err(Stop::Broken { at });
                }
            }
            b"stco" | b"co64" if bytes >= 8 => {
                let each = if &part.name == b"stco" { 4 } else { 8 };
                let count = u64::from(window.u32_be(at + 4)?);
                if count * each > bytes - 8 {
                    return Err(Stop::Broken { at });
                }
                track.chunks = Some((at + 8, count, each));
            }
            b"stsc" if bytes >= 8 => track.runs = runs(window, at, bytes)?,
            _ => {}
        }
        Ok(())
    })
}

fn runs(window: &mut Window, at: u64, bytes: u64) -> Walk<Vec<(u64, u64)>> {
    let count = u64::from(window.u32_be(at + 4)?);
    if count * 12 > bytes - 8 {
        return Err(Stop::Broken { at });
    }
    window.budget().memory(count * 16)?;
    let mut runs = Vec::new();
    for run in 0..count {
        let place = at + 8 + 12 * run;
        runs.push((u64::from(window.u32_be(place)?), u64::from(window.u32_be(place + 4)?)));
    }
    Ok(runs)
}

/// Looks in the description of the samples for how their units tell their length.
fn unit_length_bytes(window: &mut Window, body: Range<u64>) -> Walk<u64> {
    let entry = window.peek(body.start + 8, (body.end - body.start - 8).min(4096) as usize)?;
    let is_units = matches!(entry.get(4..8), Some(b"avc1" | b"avc3" | b"hvc1" | b"hev1"));
    if !is_units {
        return Ok(0);
    }
    let length = |name: &[u8], place: usize| {
        let found = crate::window::position(entry, name)?;
        entry.get(found + 4 + place).map(|byte| u64::from(byte & 3) + 1)
    };
    Ok(length(b"avcC", 4).or_else(|| length(b"hvcC", 21)).unwrap_or(0))
}

impl Track {
    /// All samples must lie in the data, and their units must fill them.
    pub(super) fn check(&self, window: &mut Window, findings: &mut Findings, data: &[Range<u64>]) -> Walk<()> {
        let Some((chunks_at, count, each)) = self.chunks else { return Ok(()) };
        if self.runs.is_empty() {
            return Ok(());
        }
        let chunks = window.copy(chunks_at, count * each)?;
        let sizes = if self.size == 0 { window.copy(self.sizes_at, 4 * self.samples)? } else { Vec::new() };
        let mut sample = 0;
        let mut run = 0;
        for chunk in 0..count {
            window.budget().entries(1)?;
            while self.runs.get(run + 1).is_some_and(|next| next.0 <= chunk + 1) {
                run += 1;
            }
            let place_at = chunks_at + chunk * each;
            let place = number(&chunks, chunk, each as usize);
            let is_in = |range: &Range<u64>| range.contains(&place) || range.end == place;
            if !data.iter().any(is_in) {
                return Err(if place >= window.bytes() {
                    Stop::Ended { at: window.bytes() }
                } else {
                    Stop::Broken { at: place_at }
                });
            }
            let mut at = place;
            for _ in 0..self.runs[run].1 {
                if sample >= self.samples.min(SAMPLES_MAX) {
                    return Ok(());
                }
                let bytes = if self.size > 0 { u64::from(self.size) } else { number(&sizes, sample, 4) };
                self.sample(window, findings, at, at + bytes)?;
                at += bytes;
                sample += 1;
            }
        }
        Ok(())
    }

    fn sample(&self, window: &mut Window, findings: &mut Findings, at: u64, end: u64) -> Walk<()> {
        window.budget().entries(1)?;
        if end > window.bytes() {
            return Err(Stop::Ended { at: window.bytes() });
        }
        if self.length_bytes == 0 {
            return Ok(());
        }
        let mut place = at;
        while place < end {
            if end - place <= self.length_bytes {
                break;
            }
            let head = window.take(place, self.length_bytes as usize)?;
            let unit = head.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte));
            place += self.length_bytes + unit;
            findings.parsed_bytes += self.length_bytes;
        }
        if place != end && !(place < end && end - place <= self.length_bytes) {
            findings.corrupt(at..end);
        }
        Ok(())
    }
}

/// Returns the `place`th number of a table.
fn number(table: &[u8], place: u64, each: usize) -> u64 {
    table
        .chunks_exact(each)
        .nth(place as usize)
        .unwrap_or_default()
        .iter()
        .fold(0, |sum, &byte| sum << 8 | u64::from(byte))
}
