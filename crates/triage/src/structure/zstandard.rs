//! Zstandard frames (RFC 8878). Most carry a checksum of their content; the rest is held by the codes alone.

use std::ops::Range;

use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

use super::deflate::End;
use crate::limits::Limit;
use crate::state::Findings;
use crate::window::{Stop, Walk, Window};

const OUTPUT_BYTES: usize = 64 << 10;
/// 64 MiB: what `zstd -19` uses is 8 MiB, `--ultra -22` and `--long` go beyond.
const WINDOW_LOG_MAX: u32 = 26;
const HAS_CHECKSUM: u8 = 4;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let bytes = window.bytes();
    let is_summed = window.peek(4, 1)?.first().is_some_and(|flags| flags & HAS_CHECKSUM != 0);
    match decode(window, 0..bytes, &mut |_| ())? {
        End::Complete { at } => {
            let covered = if is_summed { &mut findings.summed_bytes } else { &mut findings.parsed_bytes };
            *covered += at;
            findings.trailing(at, bytes);
            Ok(())
        }
        End::Cut => Err(Stop::Ended { at: bytes }),
        End::Bad { at } => Err(Stop::Broken { at }),
    }
}

/// Decodes all frames of a range.
pub(crate) fn decode(window: &mut Window, range: Range<u64>, sink: &mut dyn FnMut(&[u8])) -> Walk<End> {
    let Ok(mut decoder) = Decoder::new() else { return Err(Stop::Limit(Limit::Memory)) };
    if decoder.set_parameter(DParameter::WindowLogMax(WINDOW_LOG_MAX)).is_err() {
        return Err(Stop::Limit(Limit::Memory));
    }
    let budget = window.budget();
    let mut output = vec![0; OUTPUT_BYTES];
    let mut at = range.start;
    let mut frame_is_open = false;
    loop {
        if !frame_is_open && at > range.start && !begins_frame(window.peek(at, 4)?) {
            return Ok(End::Complete { at });
        }
        let input = window.some(at, range.end)?;
        if input.is_empty() {
            return Ok(if frame_is_open { End::Cut } else { End::Complete { at } });
        }
        let mut source = InBuffer::around(input);
        let mut target = OutBuffer::around(&mut output[..]);
        let outcome = decoder.run(&mut source, &mut target);
        let (used, produced) = (source.pos(), target.pos());
        match outcome {
            Err(error) if error.to_string().contains("memory") => return Err(Stop::Limit(Limit::Memory)),
            Err(_) => return Ok(End::Bad { at: at + used as u64 }),
            Ok(hint) => frame_is_open = hint != 0,
        }
        budget.inflated(produced as u64)?;
        sink(&output[..produced]);
        at += used as u64;
        if used == 0 && produced == 0 && frame_is_open {
            return Ok(End::Bad { at });
        }
        if !frame_is_open && decoder.reinit().is_err() {
            return Err(Stop::Limit(Limit::Memory));
        }
    }
}

fn begins_frame(mark: &[u8]) -> bool {
    matches!(mark, [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18])
}
