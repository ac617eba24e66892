//! Shapes of maps and their index (ESRI Shapefile Technical Description, July 1998).

use crate::randomness::looks_random;
use crate::state::Findings;
use crate::window::{Stop, Walk, Window};

const HEADER_BYTES: u64 = 100;
const RECORD_HEADER_BYTES: u64 = 8;
/// A shape of nothing.
const RECORD_BYTES_MIN: u64 = 12;
/// A longer hole is none.
const HOLE_BYTES_MAX: u64 = 64 << 10;
/// Numbers with a point fill fewer bytes with chance than this many would show.
const SAMPLE_BYTES: usize = 128;
/// A box that is wider than told by this share is taken for rounding.
const SLACK: f64 = 1e-6;

/// Checks a `.shp`.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let header = Header::read(window)?;
    findings.parsed_bytes += HEADER_BYTES;
    let mut at = HEADER_BYTES;
    while at < header.end {
        let Some(end) = record_end(window, &header, at)? else {
            at = behind_hole(window, findings, &header, at)?;
            continue;
        };
        if shape(window, &header, at + RECORD_HEADER_BYTES, end)? {
            findings.parsed_bytes += end - at;
        } else {
            findings.corrupt(at..end);
        }
        at = end;
    }
    findings.trailing(header.end, window.bytes());
    Ok(())
}

/// Returns where the record that begins here ends, if one can begin here.
///
/// Its number says little: programs count from 0 or 1, and lay a record that has grown at the end, with the number that it had.
fn record_end(window: &mut Window, header: &Header, at: u64) -> Walk<Option<u64>> {
    window.budget().entries(1)?;
    if at + RECORD_HEADER_BYTES + 4 > header.end {
        return Ok(None);
    }
    let (number, words) = (u64::from(window.u32_be(at)?), u64::from(window.u32_be(at + 4)?));
    let end = at + RECORD_HEADER_BYTES + 2 * words;
    let is_record = number <= header.end / RECORD_BYTES_MIN && end <= header.end && words >= 2;
    Ok(is_record.then_some(end))
}

/// Passes over the hole that a record leaves which was written anew and shorter: it holds what the older one held. What looks drawn by
/// lot was never a shape.
fn behind_hole(window: &mut Window, findings: &mut Findings, header: &Header, at: u64) -> Walk<u64> {
    let most = header.end.min(at + HOLE_BYTES_MAX);
    let mut next = None;
    for place in (at + 2..most).step_by(2) {
        if let Some(end) = record_end(window, header, place)?
            && shape(window, header, place + RECORD_HEADER_BYTES, end)?
        {
            next = Some(place);
            break;
        }
    }
    let next = next.or((most == header.end).then_some(most)).ok_or(Stop::Broken { at })?;
    // The first bytes of a file that is no shapefile behind its header are no hole.
    if at == HEADER_BYTES {
        return Err(Stop::Broken { at });
    }
    for place in (at..next).step_by(SAMPLE_BYTES / 2) {
        let sample = window.peek(place, SAMPLE_BYTES.min((next - place) as usize))?;
        if looks_random(sample) {
            findings.corrupt(place..place + sample.len() as u64);
        }
    }
    findings.gap(at, next);
    Ok(next)
}

/// Checks a `.shx`.
pub(crate) fn check_index(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let header = Header::read(window)?;
    findings.parsed_bytes += HEADER_BYTES;
    let mut at = HEADER_BYTES;
    let mut least = HEADER_BYTES;
    while at + 8 <= header.end {
        let (place, bytes) = (2 * u64::from(window.u32_be(at)?), 2 * u64::from(window.u32_be(at + 4)?));
        // Records that were edited may lie in any order; a place is told in words and has room for what went before or comes.
        if place < HEADER_BYTES || bytes < 4 || place > least.saturating_mul(64).max(1 << 20) {
            findings.corrupt(at..at + 8);
        } else {
            least = least.max(place + bytes);
            findings.parsed_bytes += 8;
        }
        at += 8;
    }
    findings.trailing(header.end, window.bytes());
    Ok(())
}

struct Header {
    end: u64,
    kind: u32,
    /// Least x and y, greatest x and y.
    bounds: [f64; 4],
}

impl Header {
    fn read(window: &mut Window) -> Walk<Self> {
        if window.u32_be(0)? != 9994 || window.u32_le(28)? != 1000 {
            return Err(Stop::Broken { at: 0 });
        }
        let end = 2 * u64::from(window.u32_be(24)?);
        let kind = window.u32_le(32)?;
        if end < HEADER_BYTES || !is_kind(kind) {
            return Err(Stop::Broken { at: 24 });
        }
        if end > window.bytes() {
            return Err(Stop::Ended { at: window.bytes() });
        }
        let mut bounds = [0.0; 4];
        for (place, bound) in bounds.iter_mut().enumerate() {
            *bound = number(window, 36 + 8 * place as u64)?;
        }
        Ok(Self { end, kind, bounds })
    }

    fn holds(&self, x: f64, y: f64) -> bool {
        let [x_min, y_min, x_max, y_max] = self.bounds;
        let slack = SLACK * (1.0 + x_min.abs().max(x_max.abs()).max(y_min.abs()).max(y_max.abs()));
        let within = |value: f64, min: f64, max: f64| value >= min - slack && value <= max + slack;
        // Empty layers and lazy programs leave the box empty or strange; then numbers need only be numbers.
        let is_box = x_min < x_max || y_min < y_max;
        if is_box { within(x, x_min, x_max) && within(y, y_min, y_max) } else { x.is_finite() && y.is_finite() }
    }
}

fn is_kind(kind: u32) -> bool {
    matches!(kind, 0 | 1 | 3 | 5 | 8 | 11 | 13 | 15 | 18 | 21 | 23 | 25 | 28 | 31)
}

fn number(window: &mut Window, at: u64) -> Walk<f64> {
    window.array(at).map(f64::from_le_bytes)
}

/// Tells whether a shape is one of its file: its kind, its counts, its points in the box.
fn shape(window: &mut Window, header: &Header, at: u64, end: u64) -> Walk<bool> {
    let kind = window.u32_le(at)?;
    if kind == 0 {
        return Ok(true);
    }
    if kind != header.kind {
        return Ok(false);
    }
    let bytes = end - at;
    let (points_at, points) = match kind {
        1 | 11 | 21 => (at + 4, 1),
        8 | 18 | 28 if bytes >= 40 => (at + 40, u64::from(window.u32_le(at + 36)?)),
        3 | 5 | 13 | 15 | 23 | 25 if bytes >= 44 => {
            let (parts, points) = (u64::from(window.u32_le(at + 36)?), u64::from(window.u32_le(at + 40)?));
            if !parts_hold(window, at + 44, parts, points, end)? {
                return Ok(false);
            }
            (at + 44 + 4 * parts, points)
        }
        // Patches of surfaces are rare, and left alone.
        31 => return Ok(true),
        _ => return Ok(false),
    };
    if points.saturating_mul(16) > end.saturating_sub(points_at) {
        return Ok(false);
    }
    for point in 0..points {
        let place = points_at + 16 * point;
        if !header.holds(number(window, place)?, number(window, place + 8)?) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The parts of a shape begin at rising numbers of points.
fn parts_hold(window: &mut Window, at: u64, parts: u64, points: u64, end: u64) -> Walk<bool> {
    if parts.saturating_mul(4) > end.saturating_sub(at) {
        return Ok(false);
    }
    let mut last = 0;
    for part in 0..parts {
        let first = u64::from(window.u32_le(at + 4 * part)?);
        if first < last || first > points {
            return Ok(false);
        }
        last = first;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use crate::{Limits, State, examine};

    const LAYER: &[u8] = include_bytes!("../../../../testdata/triage/parcelles.shp");

    fn state(bytes: &[u8]) -> State {
        examine(&bytes.to_vec(), b"parcelles.shp", &Limits::default()).expect("memory can be read").state
    }

    /// Where each record begins.
    fn records() -> Vec<usize> {
        let (mut at, mut starts) = (100, Vec::new());
        while at < LAYER.len() {
            starts.push(at);
            at += 8 + 2 * u32::from_be_bytes(LAYER[at + 4..at + 8].try_into().unwrap()) as usize;
        }
        starts
    }

    /// Lays bytes before a record, and tells the head of the file how long it is now.
    fn with_hole(at: usize, hole: &[u8]) -> Vec<u8> {
        let mut bytes = [&LAYER[..at], hole, &LAYER[at..]].concat();
        let words = u32::try_from(bytes.len() / 2).unwrap();
        bytes[24..28].copy_from_slice(&words.to_be_bytes());
        bytes
    }

    #[test]
    fn a_record_that_was_written_anew_and_shorter_leaves_a_hole() {
        let starts = records();
        let old_points = &LAYER[starts[1] + 60..starts[1] + 60 + 32];
        assert_eq!(state(&with_hole(starts[2], old_points)), State::Valid);
        assert_eq!(state(&with_hole(LAYER.len(), old_points)), State::Valid);
    }

    #[test]
    fn a_record_that_has_grown_lies_at_the_end_with_its_number() {
        let mut bytes = LAYER.to_vec();
        let starts = records();
        let last = *starts.last().unwrap();
        bytes[last..last + 4].copy_from_slice(&1_u32.to_be_bytes());
        assert_eq!(state(&bytes), State::Valid);
    }

    #[test]
    fn random_bytes_are_no_hole() {
        let mut random = [0; 1024];
        blake3::Hasher::new().finalize_xof().fill(&mut random);
        let starts = records();
        assert!(state(&with_hole(starts[2], &random)).is_unsound());
        assert!(state(&with_hole(starts[0], &random[..40])).is_unsound());
    }
}
