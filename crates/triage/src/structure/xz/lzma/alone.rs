//! LZMA in a file of its own, `.lzma` (the LZMA specification of Igor Pavlov, 2015): five bytes of properties, a length, and one stream of
//! codes. It has no checksum, but codes that end where and how they must.

use super::{Coded, Codes, Lzma2, Output};
use crate::limits::Limit;
use crate::state::Findings;
use crate::window::{Stop, Walk, Window};

const HEAD_BYTES: u64 = 13;
const LENGTH_UNKNOWN: u64 = u64::MAX;
/// No file is longer (256 GiB): so `xz` decides whether this is such a file.
const LENGTH_MAX: u64 = 1 << 38;
/// The distance that ends a stream of which the length is not known.
const END_DISTANCE: usize = u32::MAX as usize;

/// Tells whether a file begins so: usual properties, a size of the dictionary that encoders choose, a length that may be.
pub(crate) fn is_head(head: &[u8]) -> bool {
    let Some(&[properties, a, b, c, d, ref rest @ ..]) = head.first_chunk::<14>() else { return false };
    let dictionary = u32::from_le_bytes([a, b, c, d]);
    let length = u64::from_le_bytes([rest[0], rest[1], rest[2], rest[3], rest[4], rest[5], rest[6], rest[7]]);
    let is_chosen = dictionary == u32::MAX
        || dictionary.is_power_of_two()
        || dictionary.is_multiple_of(3) && (dictionary / 3).is_power_of_two();
    properties == 0x5d
        && is_chosen
        && dictionary >= 4096
        && (length == LENGTH_UNKNOWN || length < LENGTH_MAX)
        && rest[8] == 0
}

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let [properties, a, b, c, d] = window.array(0)?;
    let length = window.u64_le(5)?;
    let is_told = length != LENGTH_UNKNOWN;
    if is_told && length >= LENGTH_MAX {
        return Err(Stop::Broken { at: 5 });
    }
    let Some(mut codes) = Codes::new(properties) else { return Err(Stop::Broken { at: 0 }) };
    let dictionary_bytes = u64::from(u32::from_le_bytes([a, b, c, d])).min(length);
    window.budget().memory(dictionary_bytes)?;
    let data = window.copy(HEAD_BYTES, window.bytes() - HEAD_BYTES)?;
    let room = window.budget().inflated_left();
    let left = usize::try_from(length.min(room)).unwrap_or(usize::MAX);
    let mut dictionary = Lzma2::new(dictionary_bytes).dictionary;
    let handed_on = dictionary.at;
    let mut output = Output { dictionary: &mut dictionary, handed_on, sink: &mut |_| {}, left };
    let Some(mut coded) = Coded::new(&data) else {
        return Err(if data.len() < 5 { Stop::Ended { at: window.bytes() } } else { Stop::Broken { at: HEAD_BYTES } });
    };
    let decoded = codes.decode(&mut coded, &mut output);
    let written = (left - output.left) as u64;
    window.budget().inflated(written)?;
    // What fills the room and is not all may be anything.
    if length > room && output.left < LONGEST_COPY {
        return Err(Stop::Limit(Limit::Inflated));
    }
    let has_end = decoded.is_none() && codes.distances[0] == END_DISTANCE && coded.normalize().is_some();
    let is_whole = coded.code == 0 && if is_told { decoded.is_some() || has_end && written == length } else { has_end };
    let end = HEAD_BYTES + coded.at as u64;
    if is_whole {
        findings.summed_bytes += end;
        findings.trailing(end, window.bytes());
        return Ok(());
    }
    if end >= window.bytes() && !has_end {
        return Err(Stop::Ended { at: window.bytes() });
    }
    findings.corrupt(0..window.bytes());
    Ok(())
}

/// Codes copy no more at once.
const LONGEST_COPY: usize = 273;
