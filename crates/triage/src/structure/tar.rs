//! Tape archives (POSIX.1-2017 pax, `ustar` and GNU): heads of 512 bytes with a sum of their bytes, each before its file.

use crate::state::Findings;
use crate::window::{Stop, WINDOW_BYTES, Walk, Window, position};

const BLOCK_BYTES: u64 = 512;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let bytes = window.bytes();
    let mut at = 0;
    let mut told_size = None;
    loop {
        window.budget().entries(1)?;
        // Archives end with two empty blocks; some programs leave them away.
        if at == bytes && at > 0 {
            return Ok(());
        }
        let head = window.take(at, BLOCK_BYTES as usize)?;
        if head.iter().all(|&byte| byte == 0) {
            findings.trailing(at + BLOCK_BYTES, bytes);
            return Ok(());
        }
        if !number(&head[148..156]).is_some_and(|told| sums(head).contains(&told)) {
            return Err(Stop::Broken { at });
        }
        let kind = head[156];
        // Directories, links and devices may tell a size that nothing follows.
        let has_data = !matches!(kind, b'1'..=b'6');
        let size = number(&head[124..136]).ok_or(Stop::Broken { at })?;
        let has_map = kind == b'S' && head[482] == 1;
        findings.parsed_bytes += BLOCK_BYTES;
        if has_map {
            at = map_end(window, at)?;
        }
        let size = if is_about_next(kind) { size } else { told_size.take().unwrap_or(size) };
        let data_bytes = if has_data { size } else { 0 };
        let end = (at + BLOCK_BYTES).checked_add(data_bytes).ok_or(Stop::Broken { at })?;
        if end > bytes {
            return Err(Stop::Ended { at });
        }
        if kind == b'x' {
            told_size = pax_size(window, at + BLOCK_BYTES, end)?;
        }
        at = end.next_multiple_of(BLOCK_BYTES).min(bytes);
    }
}

/// Tells whether an entry only says something of the one that follows.
fn is_about_next(kind: u8) -> bool {
    matches!(kind, b'x' | b'g' | b'X' | b'L' | b'K')
}

/// Reads the size that records of pax tell of the next entry: it counts instead of the one in its head.
fn pax_size(window: &mut Window, at: u64, end: u64) -> Walk<Option<u64>> {
    const MARK: &[u8] = b" size=";
    let text = window.peek(at, (end - at).min(WINDOW_BYTES as u64) as usize)?;
    let Some(found) = position(text, MARK) else { return Ok(None) };
    let digits = text[found + MARK.len()..].split(|&byte| byte == b'\n').next().unwrap_or_default();
    Ok(std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()))
}

/// Passes the blocks that go on telling where a file with holes has its bytes (GNU tar, `oldgnu_header`), and returns the last.
fn map_end(window: &mut Window, mut at: u64) -> Walk<u64> {
    const GOES_ON_AT: u64 = 504;
    loop {
        window.budget().entries(1)?;
        at += BLOCK_BYTES;
        if window.u8(at + GOES_ON_AT)? == 0 {
            return Ok(at);
        }
    }
}

/// The sum of the head with its own field taken for spaces; old programs added signed bytes.
fn sums(head: &[u8]) -> [u64; 2] {
    let byte_at = |(place, byte): (usize, &u8)| if (148..156).contains(&place) { b' ' } else { *byte };
    let bytes = || head.iter().enumerate().map(byte_at);
    let signed: i64 = bytes().map(|byte| i64::from(byte as i8)).sum();
    [bytes().map(u64::from).sum(), signed.unsigned_abs()]
}

/// Reads a number in octal digits, or in base 256 as GNU writes large ones.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let low = &field[field.len().saturating_sub(8)..];
        return Some(low.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)) & (u64::MAX >> 1));
    }
    let is_space = |byte: &u8| *byte == b' ' || *byte == 0;
    let digits: Vec<u8> = field.iter().copied().skip_while(is_space).take_while(|byte| !is_space(byte)).collect();
    let is_octal = |byte: &u8| (b'0'..=b'7').contains(byte);
    let rest_is_blank = field.iter().skip_while(|byte| is_space(byte)).skip(digits.len()).all(is_space);
    let value = digits.iter().fold(0_u64, |sum, digit| sum.saturating_mul(8) + u64::from(digit & 7));
    (digits.iter().all(is_octal) && rest_is_blank).then_some(value)
}
