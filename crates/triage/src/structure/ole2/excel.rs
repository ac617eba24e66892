//! Excel workbooks ([MS-XLS]): records that begin with their number and length, in sub-streams that open and close.

use super::Pieces;
use super::pieces::Stream;
use crate::state::Findings;
use crate::window::{Stop, Walk, Window};

const OPENING: u16 = 0x0809;
const CLOSING: u16 = 0x000a;
const PASSWORD: u16 = 0x002f;
/// [MS-XLS] §2.1.4.
const RECORD_BYTES_MAX: u16 = 8224;
/// Numbers of records go up to here ([MS-XLS] §2.3).
const NUMBER_MAX: u16 = 0x10ff;

/// Checks the stream `Workbook` or `Book`.
pub(super) fn check(window: &mut Window, findings: &mut Findings, book: &Pieces) -> Walk<()> {
    let stream = Stream { content: window.content(), pieces: book };
    let mut records = Window::new(&stream, window.budget());
    let bytes = records.bytes();
    let (mut at, mut depth, mut count) = (0, 0_u32, 0_u64);
    while at + 4 <= bytes {
        records.budget().entries(1)?;
        let (number, length) = (records.u16_le(at)?, records.u16_le(at + 2)?);
        if count == 0 && number & 0xff != OPENING & 0xff {
            return Err(Stop::Broken { at: book.place(0) });
        }
        // What lies behind the last sub-stream is padding, or what an older version left there.
        if depth == 0 && count > 0 && number != OPENING {
            break;
        }
        if number > NUMBER_MAX || length > RECORD_BYTES_MAX || (number == 0 && length == 0) {
            return Err(Stop::Broken { at: book.place(at) });
        }
        match number {
            OPENING => depth += 1,
            CLOSING => depth = depth.saturating_sub(1),
            PASSWORD => findings.is_protected = true,
            // Workbooks before version 5 are single sheets with other numbers.
            0x0009 | 0x0209 | 0x0409 if count == 0 => depth += 1,
            _ => {}
        }
        records.budget().depth(depth)?;
        at += 4 + u64::from(length);
        count += 1;
    }
    if at > bytes || depth > 0 {
        return Err(Stop::Broken { at: book.place(at.min(bytes.saturating_sub(1))) });
    }
    findings.parsed_bytes += count * 4;
    Ok(())
}
