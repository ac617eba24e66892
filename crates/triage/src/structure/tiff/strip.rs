//! Strips and tiles: that they are there, and that they decode where that is cheap.

use super::{Directory, lzw};
use crate::state::{Findings, Note};
use crate::structure::deflate::{End, Inflater};
use crate::structure::jpeg;
use crate::window::{Stop, Walk, Window};

const NONE: u64 = 1;
const LZW: u64 = 5;
const JPEG: u64 = 7;
const DEFLATE: u64 = 8;
const PACK_BITS: u64 = 32_773;
const OLD_DEFLATE: u64 = 32_946;

/// Checks the pictures of a directory; `spans` gathers where they end.
pub(super) fn check(
    window: &mut Window,
    findings: &mut Findings,
    directory: &Directory,
    spans: &mut Vec<u64>,
) -> Walk<()> {
    if directory.places.len() != directory.lengths.len() {
        // The oldest files tell no lengths when nothing is compressed.
        return if directory.lengths.is_empty() { Ok(()) } else { Err(Stop::Broken { at: directory.at }) };
    }
    let mut inflater = None;
    for (place, (&at, &bytes)) in directory.places.iter().zip(&directory.lengths).enumerate() {
        // Tiles that are not there are empty, by a custom of maps.
        if bytes == 0 {
            continue;
        }
        let end = at.checked_add(bytes).ok_or(Stop::Broken { at: directory.at })?;
        if end > window.bytes() {
            return Err(Stop::Ended { at: window.bytes() });
        }
        spans.push(end);
        one(window, findings, directory, &mut inflater, (place as u64, at, end))?;
    }
    if spans.len() > 1 {
        let most = spans.iter().copied().max();
        spans.clear();
        spans.extend(most);
    }
    Ok(())
}

fn one(
    window: &mut Window,
    findings: &mut Findings,
    directory: &Directory,
    inflater: &mut Option<Inflater>,
    (place, at, end): (u64, u64, u64),
) -> Walk<()> {
    match directory.compression {
        DEFLATE | OLD_DEFLATE => {
            let inflater = inflater.get_or_insert_with(|| Inflater::new(true));
            inflater.begin(true);
            match inflater.run(window, at, end, &mut |_| ())? {
                End::Complete { .. } => findings.summed_bytes += end - at,
                // Some programs leave the checksum away.
                End::Cut if is_whole_without_sum(window, inflater, at, end)? => findings.note(Note::Irregular { at }),
                End::Cut => findings.corrupt(at..end),
                End::Bad { .. } => findings.corrupt(at..end),
            }
        }
        JPEG => {
            let mut inside = Findings::default();
            match jpeg::walk(window, &mut inside, at..end) {
                Ok(_) => findings.parsed_bytes += inside.parsed_bytes,
                Err(Stop::Broken { .. }) => findings.corrupt(at..end),
                Err(Stop::Ended { at } | Stop::Doubtful { at }) => findings.note(Note::Irregular { at }),
                Err(stop) => return Err(stop),
            }
        }
        PACK_BITS => match unpacked_bytes(window, at, end)? {
            // The last run may go on behind the end.
            Some(bytes)
                if strip_bytes(directory, place).is_none_or(|wanted| (wanted..=wanted + 128).contains(&bytes)) =>
            {
                findings.parsed_bytes += end - at;
            }
            _ => findings.corrupt(at..end),
        },
        LZW if window.peek(at, 2)?.first() == Some(&0x80) => {
            let bytes = lzw::decoded_bytes(window, at, end)?;
            if bytes.is_some_and(|bytes| strip_bytes(directory, place).is_none_or(|wanted| bytes >= wanted)) {
                findings.parsed_bytes += end - at;
            } else {
                findings.corrupt(at..end);
            }
        }
        NONE => {
            if strip_bytes(directory, place).is_some_and(|wanted| end - at < wanted) {
                findings.note(Note::Irregular { at });
            }
        }
        _ => findings.note(Note::Opaque { at, bytes: end - at }),
    }
    Ok(())
}

fn is_whole_without_sum(window: &mut Window, inflater: &mut Inflater, at: u64, end: u64) -> Walk<bool> {
    const HEAD_BYTES: u64 = 2;
    inflater.begin(false);
    Ok(inflater.run(window, at + HEAD_BYTES, end, &mut |_| ())? == End::Complete { at: end })
}

/// Returns how many bytes a strip has when nothing is compressed; `None` for tiles and what is not plain.
fn strip_bytes(directory: &Directory, place: u64) -> Option<u64> {
    let bits: u64 = match &directory.bits[..] {
        [] => directory.samples,
        [one] => one * directory.samples,
        all => all.iter().sum(),
    };
    if directory.is_tiled || directory.planes_apart || bits == 0 {
        return None;
    }
    let rows_before = directory.rows_per_strip.saturating_mul(place);
    let rows = directory.height.checked_sub(rows_before)?.min(directory.rows_per_strip);
    directory.width.checked_mul(bits)?.div_ceil(8).checked_mul(rows)
}

/// Follows the runs of PackBits (TIFF 6.0 §9), and returns how much they unpack to; `None` if they do not end where they must.
fn unpacked_bytes(window: &mut Window, at: u64, end: u64) -> Walk<Option<u64>> {
    let (mut at, mut bytes) = (at, 0);
    while at < end {
        let count = window.u8(at)?;
        match count {
            0..=127 => {
                bytes += u64::from(count) + 1;
                at += u64::from(count) + 2;
            }
            128 => at += 1,
            129.. => {
                bytes += 257 - u64::from(count);
                at += 2;
            }
        }
    }
    Ok((at == end).then_some(bytes))
}
