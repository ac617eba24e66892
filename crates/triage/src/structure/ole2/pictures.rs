//! Pictures of presentations ([MS-PPT] §2.1.3, [MS-ODRAW] §2.2.23): records, each with one picture of a kind that has a check.

use super::Pieces;
use super::pieces::Stream;
use crate::content::{Content, ContentError};
use crate::state::Findings;
use crate::structure::deflate::{End, Inflater};
use crate::structure::{jpeg, png};
use crate::window::{Stop, Walk, Window, position};

const HEADER_BYTES: u64 = 8;
/// Digests and sizes stand before the data.
const HEAD_BYTES_MAX: usize = 80;

/// Checks the stream `Pictures`.
pub(super) fn check(window: &mut Window, findings: &mut Findings, pictures: &Pieces) -> Walk<()> {
    let stream = Stream { content: window.content(), pieces: pictures };
    let mut records = Window::new(&stream, window.budget());
    let bytes = records.bytes();
    let mut at = 0;
    while at + HEADER_BYTES <= bytes {
        records.budget().entries(1)?;
        let (number, length) = (records.u16_le(at + 2)?, u64::from(records.u32_le(at + 4)?));
        let (body, end) = (at + HEADER_BYTES, at + HEADER_BYTES + length);
        if !matches!(number, 0xf007 | 0xf018..=0xf117) || end > bytes {
            // What an older version left may follow.
            return if at > 0 { Ok(()) } else { Err(Stop::Broken { at: pictures.place(at) }) };
        }
        if holds(&mut records, &stream, number, body, end)? {
            findings.parsed_bytes += end - at;
        } else {
            pictures.places(at..end).into_iter().for_each(|range| findings.corrupt(range));
        }
        at = end;
    }
    Ok(())
}

/// Tells whether a picture decodes; one of another kind does.
fn holds(records: &mut Window, stream: &Stream, number: u16, body: u64, end: u64) -> Walk<bool> {
    let head = records.peek(body, HEAD_BYTES_MAX.min((end - body) as usize))?.to_vec();
    let find = |mark: &[u8]| position(&head, mark).map(|found| body + found as u64);
    let mut inside = Findings::default();
    let outcome = match number {
        0xf01e => {
            let Some(at) = find(b"\x89PNG") else { return Ok(false) };
            let part = Part { stream, at, bytes: end - at };
            png::check(&mut Window::new(&part, records.budget()), &mut inside)
        }
        0xf01d | 0xf02a => {
            let Some(at) = find(b"\xff\xd8\xff") else { return Ok(false) };
            jpeg::walk(records, &mut inside, at..end).map(|_| ())
        }
        // Metafiles: a head of 34 bytes behind one digest or two, then one zlib stream.
        0xf01a..=0xf01c => {
            let starts = [50, 66].map(|place| body + place).into_iter().filter(|&at| at < end);
            for at in starts {
                if records.peek(at, 1)? == [0x78] {
                    let found = Inflater::new(true).run(records, at, end, &mut |_| ())?;
                    return Ok(matches!(found, End::Complete { .. }));
                }
            }
            return Ok(true);
        }
        _ => return Ok(true),
    };
    match outcome {
        Ok(()) => Ok(!inside.is_corrupt()),
        Err(Stop::Broken { .. } | Stop::Ended { .. }) => Ok(false),
        Err(Stop::Doubtful { .. }) => Ok(true),
        Err(stop) => Err(stop),
    }
}

/// A part of a stream as content of its own.
struct Part<'a> {
    stream: &'a Stream<'a>,
    at: u64,
    bytes: u64,
}

impl Content for Part<'_> {
    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, ContentError> {
        let rest = self.bytes.saturating_sub(offset).min(into.len() as u64) as usize;
        self.stream.read_at(self.at + offset, &mut into[..rest])
    }
}
