//! Tables and indexes of PostgreSQL (its manual, chapter "Database Page Layout"): pages of 8 KiB, each with a head that tells what is free,
//! and in tables a list of rows.

use crate::state::Findings;
use crate::window::{Stop, Walk, Window};

const PAGE_BYTES: u64 = 8192;
const HEAD_BYTES: usize = 24;
const ROW_HEAD_BYTES: usize = 23;
const POINTER_BYTES: usize = 4;
/// Copies of a running server hold pages that were half written.
const TORN_PAGES_MAX: u64 = 2;
/// One more for so many pages.
const PAGES_A_TORN: u64 = 256;

/// Tells whether a page begins so: room told in rising order, the size of a page, version 4.
pub(crate) fn is_head(head: &[u8]) -> bool {
    let Some(head) = head.first_chunk::<HEAD_BYTES>() else { return false };
    let (lower, upper, special) = (u16_at(head, 12), u16_at(head, 14), u16_at(head, 16));
    let is_even = special % 8 == 0 && u64::from(special) <= PAGE_BYTES;
    usize::from(lower) >= HEAD_BYTES
        && lower <= upper
        && upper <= special
        && is_even
        && u16_at(head, 10) <= 7
        && u64::from(u16_at(head, 18) & 0xff00) == PAGE_BYTES
        && head[18] == 4
}

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let pages = window.bytes() / PAGE_BYTES;
    if pages == 0 {
        return Err(Stop::Ended { at: window.bytes() });
    }
    let mut torn = Vec::new();
    for place in (0..pages).map(|page| page * PAGE_BYTES) {
        window.budget().entries(1)?;
        let page = window.take(place, PAGE_BYTES as usize)?;
        if !is_head(page) {
            // A file grows by pages that nobody wrote yet.
            if page.iter().any(|byte| *byte != 0) {
                findings.corrupt(place..place + PAGE_BYTES);
            }
        } else if let Some(parsed_bytes) = rows(page) {
            findings.parsed_bytes += parsed_bytes;
        } else {
            torn.push(place);
            window.budget().memory(8 * torn.len() as u64)?;
        }
    }
    findings.trailing(pages * PAGE_BYTES, window.bytes());
    let is_live = torn.len() as u64 <= TORN_PAGES_MAX + pages / PAGES_A_TORN;
    match torn.first() {
        Some(at) if is_live => Err(Stop::Doubtful { at: *at }),
        _ => {
            torn.into_iter().for_each(|at| findings.corrupt(at..at + PAGE_BYTES));
            Ok(())
        }
    }
}

/// Returns how many bytes of a page follow the rules; nothing if one does not. Only pages of tables have no room of their own at the end.
fn rows(page: &[u8]) -> Option<u64> {
    let (lower, upper, special) = (u16_at(page, 12), u16_at(page, 14), u16_at(page, 16));
    if u64::from(special) < PAGE_BYTES {
        return Some(HEAD_BYTES as u64);
    }
    let pointers = page.get(HEAD_BYTES..usize::from(lower))?.chunks_exact(POINTER_BYTES);
    let mut parsed_bytes = u64::from(lower);
    for pointer in pointers {
        let pointer = u32::from_le_bytes([pointer[0], pointer[1], pointer[2], pointer[3]]);
        let (at, state, bytes) = ((pointer & 0x7fff) as usize, pointer >> 15 & 3, (pointer >> 17) as usize);
        // Unused, led on to another, or dead: such have no row, or one that is left alone.
        if state != 1 {
            continue;
        }
        let row = page.get(at..at + bytes).filter(|_| at >= usize::from(upper))?;
        let data_at = usize::from(*row.get(ROW_HEAD_BYTES - 1)?);
        if data_at < ROW_HEAD_BYTES || data_at % 8 != 0 || data_at > bytes {
            return None;
        }
        parsed_bytes += ROW_HEAD_BYTES as u64;
    }
    Some(parsed_bytes)
}

fn u16_at(page: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([page[at], page[at + 1]])
}
