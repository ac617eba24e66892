//! LZW as TIFF has it (TIFF 6.0 §13): the highest bit first, and each code grows one code early.

use crate::structure::bits::Bits;
use crate::window::{Walk, Window};

const CLEAR: usize = 256;
const END: usize = 257;
const CODES_MAX: usize = 4096;

/// Follows the codes of a strip, and returns how many bytes they stand for; `None` if a code comes that is not known yet.
pub(super) fn decoded_bytes(window: &mut Window, at: u64, end: u64) -> Walk<Option<u64>> {
    let budget = window.budget();
    let mut bits = Bits::new(window, at, end);
    let mut lengths: Vec<u32> = Vec::with_capacity(CODES_MAX);
    let mut last: Option<u32> = None;
    let mut bytes = 0;
    loop {
        let width = match lengths.len() {
            0..=510 => 9,
            511..=1022 => 10,
            1023..=2046 => 11,
            _ => 12,
        };
        let code = bits.take(width)? as usize;
        // Some programs leave the last code away.
        if code == END || bits.is_past_end() {
            return Ok(Some(bytes));
        }
        if code == CLEAR {
            lengths.clear();
            lengths.resize(END + 1, 1);
            last = None;
            budget.work(1)?;
            continue;
        }
        let known = lengths.len();
        let length = match last {
            None if code < CLEAR => 1,
            Some(before) if code == known && known < CODES_MAX => before + 1,
            Some(_) if code < known => lengths[code],
            _ => return Ok(None),
        };
        if let Some(before) = last
            && known < CODES_MAX
        {
            lengths.push(before + 1);
        }
        last = Some(length);
        bytes += u64::from(length);
    }
}
