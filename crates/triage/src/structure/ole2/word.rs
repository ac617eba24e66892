//! Word documents ([MS-DOC]): the head, the table of pieces, and the letters that the pieces hold.

use super::Pieces;
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
    let text = Stream { content: window.content(), pieces: document };
    let mut text = Window::new(&text, budget);
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
    nothing_is_random(&mut text, findings, document)?;
    nothing_is_random(&mut table_window, findings, table)
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

/// Neither letters nor tables are random, and pictures lie in a stream of their own.
fn nothing_is_random(stream: &mut Window, findings: &mut Findings, pieces: &Pieces) -> Walk<()> {
    let mut at = 0;
    let mut was_random = false;
    while at < stream.bytes() {
        let sample = stream.peek(at, SAMPLE_BYTES as usize)?;
        let next = at + sample.len() as u64;
        let is_random = sample.len() as u64 * 2 >= SAMPLE_BYTES && crate::randomness::looks_random(sample);
        // One part alone may be chance.
        if is_random && was_random {
            let start = at.saturating_sub(SAMPLE_BYTES);
            pieces.places(start..next).into_iter().for_each(|range| findings.corrupt(range));
        }
        was_random = is_random;
        at = next;
    }
    Ok(())
}
