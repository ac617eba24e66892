//! Sound in frames (ISO/IEC 11172-3, ISO/IEC 13818-3): each tells its length, and the next one follows. Tags (ID3, APE) stand
//! before and behind.

use crate::state::{Findings, Note};
use crate::window::{Stop, Walk, Window};

const HEAD_BYTES: u64 = 4;
const FRAME_BYTES_MAX: u64 = 2881;
/// What encoders and cutters leave between frames.
const GAP_BYTES_MAX: u64 = 4096;
/// Gaps that sound files have.
const GAPS_MAX: u32 = 4;

/// Kilobits a second: version 1 of layers I, II and III, then version 2 of layer I, and of the others.
const RATES: [[u64; 15]; 5] = [
    [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let bytes = window.bytes();
    let mut at = tag_end(window)?;
    let (mut frames, mut gaps) = (0_u64, 0);
    while at + HEAD_BYTES <= bytes {
        window.budget().entries(1)?;
        if let Some(length) = frame_bytes(window.array(at)?) {
            at += length;
            frames += 1;
            findings.parsed_bytes += HEAD_BYTES;
            continue;
        }
        match next_frames(window, at)? {
            // Cut out of a broadcast, a file may begin within a frame.
            Some(next) if frames == 0 && next - at <= FRAME_BYTES_MAX => return Err(Stop::Doubtful { at }),
            _ if frames == 0 && bytes - at > FRAME_BYTES_MAX => return Err(Stop::Broken { at }),
            Some(next) if gaps < GAPS_MAX => {
                findings.gap(at, next);
                gaps += 1;
                at = next;
            }
            Some(_) => return Err(Stop::Broken { at }),
            // Tags and pictures of players hang behind.
            None => break,
        }
    }
    if frames < 2 {
        // What has a tag and less than two frames was cut off by hand, or is all that is left of a test.
        return if frames == 1 && tag_holds(window)? { Ok(()) } else { Err(Stop::Doubtful { at }) };
    }
    let is_tagged = matches!(window.peek(at, 3)?, b"TAG" | b"APE" | b"ID3" | b"LYR") || at >= bytes;
    if !is_tagged && bytes - at > GAP_BYTES_MAX {
        return Err(Stop::Broken { at });
    }
    findings.note(Note::Opaque { at: 0, bytes });
    findings.trailing(at.min(bytes), bytes);
    Ok(())
}

/// Returns where the tag at the head ends (ID3v2 §3.1), with the zeros behind it.
fn tag_end(window: &mut Window) -> Walk<u64> {
    let mut at = 0;
    while let [b'I', b'D', b'3', _, _, _, a, b, c, d] = *window.peek(at, 10)? {
        let bytes = [a, b, c, d].iter().fold(0, |sum, &byte| sum << 7 | u64::from(byte & 0x7f));
        at += 10 + bytes;
        if at > window.bytes() {
            return Err(Stop::Ended { at: window.bytes() });
        }
    }
    while window.peek(at, 1)? == [0] {
        window.budget().work(1)?;
        at += 1;
    }
    Ok(at)
}

/// Tells whether there is a tag at the head of which the fields follow one another (ID3v2.2 §3.2, ID3v2.3 §3.3) to its end.
fn tag_holds(window: &mut Window) -> Walk<bool> {
    let [b'I', b'D', b'3', version, _, 0, a, b, c, d] = *window.peek(0, 10)? else { return Ok(false) };
    let end = 10 + [a, b, c, d].iter().fold(0, |sum, &byte| sum << 7 | u64::from(byte & 0x7f));
    let (name_bytes, head_bytes) = if version == 2 { (3, 6) } else { (4, 10) };
    let mut at = 10;
    while at + head_bytes <= end {
        window.budget().entries(1)?;
        let head = window.take(at, head_bytes as usize)?;
        if head.iter().all(|byte| *byte == 0) {
            return Ok(true);
        }
        let bits = if version == 4 { 7 } else { 8 };
        let length = head[name_bytes..].iter().take(name_bytes).fold(0, |sum, &byte| sum << bits | u64::from(byte));
        if !head[..name_bytes].iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) || length == 0 {
            return Ok(false);
        }
        at += head_bytes + length;
    }
    Ok(at <= end)
}

/// Returns the length of a frame by its head.
fn frame_bytes(head: [u8; 4]) -> Option<u64> {
    let [0xff, second, third, _] = head else { return None };
    let (version, layer) = (second >> 3 & 3, second >> 1 & 3);
    let (rate, sampling, padding) = (usize::from(third >> 4), usize::from(third >> 2 & 3), u64::from(third >> 1 & 1));
    if second & 0xe0 != 0xe0 || version == 1 || layer == 0 || rate == 0 || rate == 15 || sampling == 3 {
        return None;
    }
    let table = match (version, layer) {
        (3, layer) => usize::from(3 - layer),
        (_, 3) => 3,
        _ => 4,
    };
    let hertz = [44_100, 48_000, 32_000][sampling] >> [2, 0, 1, 0][usize::from(version)];
    let bits = RATES[table][rate] * 1000;
    Some(match layer {
        3 => (12 * bits / hertz + padding) * 4,
        1 if version != 3 => 72 * bits / hertz + padding,
        _ => 144 * bits / hertz + padding,
    })
}

/// Finds two frames, one right behind the other, not far from a place.
fn next_frames(window: &mut Window, from: u64) -> Walk<Option<u64>> {
    for at in from..(from + GAP_BYTES_MAX).min(window.bytes().saturating_sub(HEAD_BYTES)) {
        window.budget().work(1)?;
        if let Some(length) = frame_bytes(window.array(at)?)
            && at + length + HEAD_BYTES <= window.bytes()
            && frame_bytes(window.array(at + length)?).is_some()
        {
            return Ok(Some(at));
        }
    }
    Ok(None)
}
