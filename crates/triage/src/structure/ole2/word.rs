//! Word documents ([MS-DOC]): the head, the table of pieces, and the letters that the pieces hold.

use std::ops::Range;

use super::Pieces;
use super::embedded::embedded;
use super::pieces::Stream;
use crate::state::Findings;
use crate::window::{Stop, Walk, Window};

const WORD_97: u16 = 0xa5ec;
const IS_ENCRYPTED: u16 = 0x0100;
const TABLE_IS_1: u16 = 0x0200;
const CLX_AT: u64 = 0x01a2;
/// Letters are looked at in parts of this size.
const SAMPLE_BYTES: u64 = 512;

/// Checks the stream of the text with its tables (`0Table`, `1Table`).
pub(super) fn check(
    window: &mut Window,
    findings: &mut Findings,
    document: &Pieces,
    tables: [Option<&Pieces>; 2],
) -> Walk<()> {
    let budget = window.budget();
    let text_stream = Stream { content: window.content(), pieces: document };
    let mut text = Window::new(&text_stream, budget);
    // Versions before 97 have another head, which is left alone.
    let (mark, version) = (text.u16_le(0)?, text.u16_le(2)?);
    if mark != WORD_97 {
        return if matches!(mark, 0xa5dc | 0xa5db | 0xa697..=0xa699) || version < 0x69 {
            Ok(())
        } else {
            Err(Stop::Broken { at: document.place(0) })
        };
    }
    let flags = text.u16_le(10)?;
    if flags & IS_ENCRYPTED != 0 {
        findings.is_protected = true;
        return Ok(());
    }
    let Some(table) = tables[usize::from(flags & TABLE_IS_1 != 0)] else {
        return Err(Stop::Broken { at: document.place(10) });
    };
    let (clx_at, clx_bytes) = (u64::from(text.u32_le(CLX_AT)?), u64::from(text.u32_le(CLX_AT + 4)?));
    let stream = Stream { content: window.content(), pieces: table };
    let mut table_window = Window::new(&stream, budget);
    let Ok(clx) = table_window.copy(clx_at, clx_bytes) else {
        return Err(Stop::Broken { at: document.place(CLX_AT) });
    };
    let pieces = pieces(&clx).ok_or(Stop::Broken { at: table.place(clx_at) })?;
    findings.parsed_bytes += clx_bytes;
    for (at, bytes) in pieces {
        if at + bytes > text.bytes() {
            return Err(Stop::Broken { at: document.place(CLX_AT) });
        }
        findings.parsed_bytes += bytes;
    }
    nothing_is_random(&mut text, findings, &text_stream)?;
    nothing_is_random(&mut table_window, findings, &stream)
}

/// Reads where the letters lie ([MS-DOC] §2.9.38, §2.8.35): place and bytes of each piece.
fn pieces(mut clx: &[u8]) -> Option<Vec<(u64, u64)>> {
    while let [1, low, high, rest @ ..] = clx {
        clx = rest.get(usize::from(u16::from_le_bytes([*low, *high]))..)?;
    }
    let [2, a, b, c, d, plc @ ..] = clx else { return None };
    let plc = plc.get(..u32::from_le_bytes([*a, *b, *c, *d]) as usize)?;
    let count = plc.len().checked_sub(4)? / 12;
    let u32_at = |at: usize| u32::from_le_bytes([plc[at], plc[at + 1], plc[at + 2], plc[at + 3]]);
    let mut pieces = Vec::with_capacity(count);
    for place in 0..count {
        let letters = u64::from(u32_at(4 * place + 4).checked_sub(u32_at(4 * place))?);
        let told = u32_at(4 * (count + 1) + 8 * place + 2);
        let is_narrow = told & 0x4000_0000 != 0;
        let at = u64::from(told & 0x3fff_ffff);
        pieces.push(if is_narrow { (at / 2, letters) } else { (at, 2 * letters) });
    }
    Some(pieces)
}

/// Neither letters nor tables are random; what is embedded there may be, and has checks of its own.
fn nothing_is_random(window: &mut Window, findings: &mut Findings, stream: &Stream) -> Walk<()> {
    let random = random_parts(window)?;
    if random.is_empty() {
        return Ok(());
    }
    let embedded = embedded(window, stream)?;
    for part in random {
        // Parts are a grid, and what is embedded begins and ends anywhere: what is left must be random by itself.
        for rest in outside(part, &embedded) {
            let bytes = window.copy(rest.start, rest.end - rest.start)?;
            if crate::randomness::looks_random(&bytes) {
                stream.pieces.places(rest).into_iter().for_each(|range| findings.corrupt(range));
            }
        }
    }
    Ok(())
}

/// Finds parts that look random; one alone may be chance.
fn random_parts(window: &mut Window) -> Walk<Vec<Range<u64>>> {
    let mut found: Vec<Range<u64>> = Vec::new();
    let (mut at, mut was_random) = (0, false);
    while at < window.bytes() {
        let sample = window.peek(at, SAMPLE_BYTES as usize)?;
        let next = at + sample.len() as u64;
        let is_random = sample.len() as u64 * 2 >= SAMPLE_BYTES && crate::randomness::looks_random(sample);
        if is_random && was_random {
            found.push(at.saturating_sub(SAMPLE_BYTES)..next);
        }
        was_random = is_random;
        at = next;
    }
    Ok(found)
}

/// Returns what of a range lies outside of all others.
fn outside(range: Range<u64>, others: &[Range<u64>]) -> Vec<Range<u64>> {
    let mut left = vec![range];
    for other in others {
        let cut = |part: Range<u64>| {
            let before = part.start..part.end.min(other.start);
            let after = part.start.max(other.end)..part.end;
            [before, after].into_iter().filter(|part| part.start < part.end)
        };
        left = left.into_iter().flat_map(cut).collect();
    }
    left
}

#[cfg(test)]
mod tests {
    use super::outside;

    #[test]
    fn what_lies_outside_is_cut_out() {
        assert_eq!(outside(0..10, &[2..4, 6..20]), [0..2, 4..6]);
        assert_eq!(outside(0..10, &[0..3, 3..10]), []);
        assert_eq!(outside(5..10, &[0..2, 7..8]), [5..7, 8..10]);
    }
}
