//! PowerPoint presentations ([MS-PPT]): records in records.

use super::Pieces;
use super::pieces::Stream;
use crate::state::Findings;
use crate::window::{Stop, Walk, Window};

const HEADER_BYTES: u64 = 8;
const ENCRYPTION: u16 = 0x2f14;

/// Checks the stream `PowerPoint Document`.
pub(super) fn check(window: &mut Window, findings: &mut Findings, show: &Pieces) -> Walk<()> {
    let stream = Stream { content: window.content(), pieces: show };
    let mut records = Window::new(&stream, window.budget());
    let bytes = records.bytes();
    // Ends of the records that are open, the outermost first.
    let mut open = vec![bytes];
    let mut at = 0;
    while let Some(&end) = open.last() {
        if at >= end || (open.len() == 1 && end - at < HEADER_BYTES) {
            open.pop();
            continue;
        }
        records.budget().entries(1)?;
        records.budget().depth(open.len() as u32)?;
        let broken = Err(Stop::Broken { at: show.place(at) });
        if end - at < HEADER_BYTES {
            return broken;
        }
        let (version, number) = (records.u16_le(at)?, records.u16_le(at + 2)?);
        let length = u64::from(records.u32_le(at + 4)?);
        let body = at + HEADER_BYTES;
        // §2.13.24: numbers of PowerPoint, and those of drawings.
        let is_known = matches!(number, 0x03e8..=0x2fff | 0xf000..=0xf1ff);
        let is_padding = open.len() == 1 && version == 0 && number == 0;
        if is_padding {
            break;
        }
        if !is_known || length > end - body {
            return broken;
        }
        if number == ENCRYPTION {
            findings.is_protected = true;
        }
        findings.parsed_bytes += HEADER_BYTES;
        if version & 0x0f == 0x0f {
            open.push(body + length);
            at = body;
        } else {
            at = body + length;
        }
    }
    Ok(())
}
