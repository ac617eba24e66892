//! Fonts (OpenType, ISO/IEC 14496-22 §4): a table of tables, each with a sum of its words.

use crate::state::Findings;
use crate::window::{Stop, Walk, Window};

const HEADER_BYTES: u64 = 12;
const RECORD_BYTES: u64 = 16;
const SUM_AT: u64 = 8;

/// Checks a whole file. Makers of fonts are careless with sums, so one that does not hold leaves doubt and no more.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let tables = u64::from(window.u16_be(4)?);
    if tables == 0 {
        return Err(Stop::Broken { at: 4 });
    }
    let mut doubtful = None;
    for table in 0..tables {
        window.budget().entries(1)?;
        let at = HEADER_BYTES + RECORD_BYTES * table;
        let name: [u8; 4] = window.array(at)?;
        if !name.iter().all(|byte| (b' '..=b'~').contains(byte)) {
            return Err(Stop::Broken { at });
        }
        let (told, start, bytes) = (window.u32_be(at + 4)?, window.u32_be(at + 8)?, window.u32_be(at + 12)?);
        let (start, end) = (u64::from(start), u64::from(start) + u64::from(bytes));
        if end > window.bytes() {
            return Err(Stop::Ended { at });
        }
        if sum(window, start, end, &name == b"head")? == told {
            findings.summed_bytes += end - start;
        } else {
            doubtful.get_or_insert(start);
        }
    }
    doubtful.map_or(Ok(()), |at| Err(Stop::Doubtful { at }))
}

/// Adds up the words of a table; in `head`, the one that makes the whole font's sum is left out.
fn sum(window: &mut Window, start: u64, end: u64, is_head: bool) -> Walk<u32> {
    let (mut total, mut at) = (0_u32, start);
    while at < end {
        let bytes = window.peek(at, 4.min((end - at) as usize))?;
        let mut word = [0; 4];
        word[..bytes.len()].copy_from_slice(bytes);
        if !is_head || at != start + SUM_AT {
            total = total.wrapping_add(u32::from_be_bytes(word));
        }
        at += 4;
    }
    Ok(total)
}
