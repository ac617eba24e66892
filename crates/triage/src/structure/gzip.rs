//! gzip members, one behind the other (RFC 1952).

use super::deflate::{End, Inflater};
use crate::state::Findings;
use crate::window::{Stop, Walk, Window};

const HAS_HEADER_SUM: u8 = 2;
const HAS_EXTRA: u8 = 4;
const HAS_NAME: u8 = 8;
const HAS_COMMENT: u8 = 16;
const TEXT_BYTES_MAX: u64 = 64 << 10;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let mut inflater = Inflater::new(false);
    let mut at = 0;
    while at == 0 || window.peek(at, 3)? == [0x1f, 0x8b, 8] {
        window.budget().entries(1)?;
        let end = member(window, &mut inflater, at)?;
        findings.summed_bytes += end - at;
        at = end;
    }
    // Tapes and some web servers pad; `gzip` itself ignores what follows.
    findings.trailing(at, window.bytes());
    Ok(())
}

fn member(window: &mut Window, inflater: &mut Inflater, at: u64) -> Walk<u64> {
    let header: [u8; 10] = window.array(at)?;
    if header[..3] != [0x1f, 0x8b, 8] || header[3] & 0xe0 != 0 {
        return Err(Stop::Broken { at });
    }
    let start = header_end(window, at, header[3])?;
    let mut sum = crc32fast::Hasher::new();
    let mut bytes = 0_u64;
    inflater.begin(false);
    let file_bytes = window.bytes();
    let end = inflater.run(window, start, file_bytes, &mut |part| {
        sum.update(part);
        bytes += part.len() as u64;
    })?;
    match end {
        End::Complete { at: end } => {
            let told = [window.u32_le(end)?, window.u32_le(end + 4)?];
            if told == [sum.finalize(), bytes as u32] { Ok(end + 8) } else { Err(Stop::Broken { at: end }) }
        }
        End::Cut => Err(Stop::Ended { at: window.bytes() }),
        End::Bad { at } => Err(Stop::Broken { at }),
    }
}

fn header_end(window: &mut Window, member_at: u64, flags: u8) -> Walk<u64> {
    let mut at = member_at + 10;
    if flags & HAS_EXTRA != 0 {
        at += 2 + u64::from(window.u16_le(at)?);
    }
    for text in [HAS_NAME, HAS_COMMENT] {
        if flags & text != 0 {
            let end = window.find(&[0], at, at + TEXT_BYTES_MAX)?;
            at = 1 + end.ok_or(Stop::Broken { at })?;
        }
    }
    Ok(if flags & HAS_HEADER_SUM != 0 { at + 2 } else { at })
}
