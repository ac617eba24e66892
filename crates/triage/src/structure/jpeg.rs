//! JPEG (ITU-T T.81): markers, tables, and a walk through all Huffman codes that counts the blocks.
//!
//! The walk computes no picture. Other bytes in its way soon give an impossible marker, a code that is in no table, a
//! coefficient behind the 64th, or a number of blocks that does not fit the size of the picture.

mod bits;
mod huffman;
mod scan;

use std::ops::Range;

use crate::state::{Findings, Note};
use crate::window::{Stop, Walk, Window};

use huffman::Table;

/// What the segments before a scan say.
#[derive(Default)]
pub(super) struct Frame {
    width: u32,
    height: u32,
    is_progressive: bool,
    /// Baseline or progressive Huffman with 8 bits a sample, or 12: what the walk understands.
    is_walked: bool,
    components: Vec<Component>,
    restart_blocks: u32,
    dc: [Option<Table>; 4],
    ac: [Option<Table>; 4],
    /// For each component, which coefficients of its blocks are not zero: what later scans of a progressive picture need.
    seen: Vec<Vec<u64>>,
}

/// One colour of the picture.
#[derive(Clone, Copy)]
pub(super) struct Component {
    id: u8,
    across: u32,
    down: u32,
}

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let bytes = window.bytes();
    let end = walk(window, findings, 0..bytes)?;
    findings.trailing(end, bytes);
    Ok(())
}

/// Walks through the picture that begins a range, and returns where it ends.
pub(crate) fn walk(window: &mut Window, findings: &mut Findings, range: Range<u64>) -> Walk<u64> {
    if window.take(range.start, 2)? != [0xff, 0xd8] {
        return Err(Stop::Broken { at: range.start });
    }
    findings.parsed_bytes += 2;
    let mut frame = Frame::default();
    let mut at = range.start + 2;
    let mut has_scan = false;
    loop {
        window.budget().entries(1)?;
        let (marker, after) = marker(window, at, range.end)?;
        match marker {
            0xd9 if has_scan => return Ok(after),
            0xd9 => return Err(Stop::Broken { at }),
            0x01 | 0xd0..=0xd8 => return Err(Stop::Broken { at }),
            _ => {}
        }
        let bytes = u64::from(window.u16_be(after)?);
        let body = after + 2..after + bytes.max(2);
        if bytes < 2 {
            return Err(Stop::Broken { at });
        }
        if body.end > range.end {
            return Err(Stop::Ended { at });
        }
        segment(window, findings, &mut frame, marker, body.clone())?;
        at = body.end;
        if marker == 0xda {
            at = scan::walk(window, findings, &mut frame, body, range.end)?;
            has_scan = true;
        }
    }
}

/// Reads a marker, with the bytes 0xFF that may fill before it (§B.1.1.2).
fn marker(window: &mut Window, at: u64, end: u64) -> Walk<(u8, u64)> {
    let mut place = at;
    if place >= end {
        return Err(Stop::Ended { at: end });
    }
    if window.u8(place)? != 0xff {
        return Err(Stop::Broken { at });
    }
    while place < end {
        let byte = window.u8(place)?;
        place += 1;
        match byte {
            0xff => {}
            0 => return Err(Stop::Broken { at }),
            marker => return Ok((marker, place)),
        }
    }
    Err(Stop::Ended { at: end })
}

fn segment(window: &mut Window, findings: &mut Findings, frame: &mut Frame, marker: u8, body: Range<u64>) -> Walk<()> {
    let broken = Err(Stop::Broken { at: body.start });
    let bytes = (body.end - body.start) as usize;
    findings.parsed_bytes += 4;
    match marker {
        0xdb => {
            findings.parsed_bytes += bytes as u64;
            if quantization_holds(window.take(body.start, bytes)?) { Ok(()) } else { broken }
        }
        0xc4 => {
            findings.parsed_bytes += bytes as u64;
            let part = window.take(body.start, bytes)?;
            if huffman::read_tables(part, &mut frame.dc, &mut frame.ac) { Ok(()) } else { broken }
        }
        0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
            let part = window.take(body.start, bytes)?;
            read_frame(part, marker, frame).ok_or(Stop::Broken { at: body.start })?;
            if !frame.is_walked {
                findings.note(Note::Opaque { at: body.start, bytes: 0 });
            }
            findings.parsed_bytes += bytes as u64;
            Ok(())
        }
        0xdd if bytes == 2 => {
            frame.restart_blocks = u32::from(window.u16_be(body.start)?);
            Ok(())
        }
        0xdd => broken,
        // Text for people, tables of arithmetic coding, what programs hang on.
        0xda | 0xcc | 0xdc | 0xde | 0xdf | 0xe0..=0xef | 0xfe | 0xf0..=0xfd => Ok(()),
        _ => broken,
    }
}

fn quantization_holds(mut part: &[u8]) -> bool {
    while let [first, rest @ ..] = part {
        let bytes = if first >> 4 == 0 { 64 } else { 128 };
        if first >> 4 > 1 || first & 15 > 3 || rest.len() < bytes {
            return false;
        }
        part = &rest[bytes..];
    }
    true
}

fn read_frame(part: &[u8], marker: u8, frame: &mut Frame) -> Option<()> {
    let [precision, h1, h0, w1, w0, count, rest @ ..] = part else { return None };
    if !matches!(precision, 2..=16) || rest.len() != 3 * usize::from(*count) || !(1..=4).contains(count) {
        return None;
    }
    frame.height = u32::from(u16::from_be_bytes([*h1, *h0]));
    frame.width = u32::from(u16::from_be_bytes([*w1, *w0]));
    frame.is_progressive = marker == 0xc2;
    // A height of zero is told after the first scan (§B.2.5): rare, and then nothing is counted.
    frame.is_walked = matches!(marker, 0xc0..=0xc2) && frame.height > 0 && frame.width > 0;
    frame.components = rest
        .chunks_exact(3)
        .map(|part| Component { id: part[0], across: u32::from(part[1] >> 4), down: u32::from(part[1] & 15) })
        .collect();
    frame.seen = Vec::new();
    let is_sampled = |component: &Component| (1..=4).contains(&component.across) && (1..=4).contains(&component.down);
    frame.components.iter().all(is_sampled).then_some(())
}

impl Frame {
    /// How many blocks a component has, across and down, when it is scanned alone (§A.2.2).
    fn blocks_alone(&self, component: &Component) -> (u32, u32) {
        let (across, down) = self.sampling();
        let blocks = |pixels: u32, own: u32, most: u32| (pixels * own).div_ceil(most).div_ceil(8);
        (blocks(self.width, component.across, across), blocks(self.height, component.down, down))
    }

    /// How many units of all components there are, across and down (§A.2.3).
    fn units(&self) -> (u32, u32) {
        let (across, down) = self.sampling();
        (self.width.div_ceil(8 * across), self.height.div_ceil(8 * down))
    }

    fn sampling(&self) -> (u32, u32) {
        let most = |of: fn(&Component) -> u32| self.components.iter().map(of).max().unwrap_or(1).max(1);
        (most(|component| component.across), most(|component| component.down))
    }
}

/// Tells whether the segments at the head hold, as far as they are there.
pub(crate) fn glance(head: &[u8], bytes: u64) -> Option<Stop> {
    let mut at = 2_usize;
    loop {
        let rest = head.get(at..at + 4)?;
        if rest[0] != 0xff || matches!(rest[1], 0..=0xbf | 0xd0..=0xd8) {
            return Some(Stop::Broken { at: at as u64 });
        }
        let length = usize::from(u16::from_be_bytes([rest[2], rest[3]]));
        match rest[1] {
            0xff => at += 1,
            0xd9 | 0xda => return None,
            _ if length < 2 => return Some(Stop::Broken { at: at as u64 }),
            _ if (at + 2 + length) as u64 > bytes => return Some(Stop::Ended { at: bytes }),
            _ => at += 2 + length,
        }
    }
}
