//! Pictures of presentations ([MS-PPT] §2.1.3, [MS-ODRAW] §2.2.23): records, each with one picture of a kind that has a check.

use std::ops::Range;

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
        match look_at(&mut records, &stream, number, body..end)? {
            Picture::Spoilt => pictures.places(at..end).into_iter().for_each(|range| findings.corrupt(range)),
            Picture::Sound | Picture::Other => findings.parsed_bytes += end - at,
        }
        at = end;
    }
    Ok(())
}

/// What a record's picture is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Picture {
    /// It decodes.
    Sound,
    /// It does not.
    Spoilt,
    /// It is of a kind without a check.
    Other,
}

/// Looks at the picture in a record's body.
pub(super) fn look_at(records: &mut Window, stream: &Stream, number: u16, body: Range<u64>) -> Walk<Picture> {
    let Range { start, end } = body;
    let head = records.peek(start, HEAD_BYTES_MAX.min((end - start) as usize))?.to_vec();
    let find = |mark: &[u8]| position(&head, mark).map(|found| start + found as u64);
    let mut inside = Findings::default();
    let outcome = match number {
        0xf01e => {
            let Some(at) = find(b"\x89PNG") else { return Ok(Picture::Spoilt) };
            let part = Part { stream, at, bytes: end - at };
            png::check(&mut Window::new(&part, records.budget()), &mut inside)
        }
        0xf01d | 0xf02a => {
            let Some(at) = find(b"\xff\xd8\xff") else { return Ok(Picture::Spoilt) };
            jpeg::walk(records, &mut inside, at..end).map(|_| ())
        }
        0xf01a..=0xf01c => return metafile(records, body),
        _ => return Ok(Picture::Other),
    };
    match outcome {
        Ok(()) if inside.is_corrupt() => Ok(Picture::Spoilt),
        Ok(()) => Ok(Picture::Sound),
        Err(Stop::Broken { .. } | Stop::Ended { .. }) => Ok(Picture::Spoilt),
        Err(Stop::Doubtful { .. }) => Ok(Picture::Other),
        Err(stop) => Err(stop),
    }
}

/// Metafiles: a head of 34 bytes behind one digest or two, then one zlib stream.
fn metafile(records: &mut Window, body: Range<u64>) -> Walk<Picture> {
    for at in [50, 66].map(|place| body.start + place).into_iter().filter(|&at| at < body.end) {
        if records.peek(at, 1)? == [0x78] {
            let found = Inflater::new(true).run(records, at, body.end, &mut |_| ())?;
            let is_whole = matches!(found, End::Complete { .. });
            return Ok(if is_whole { Picture::Sound } else { Picture::Spoilt });
        }
    }
    Ok(Picture::Other)
}

/// A part of a stream as content of its own.
pub(super) struct Part<'a> {
    pub(super) stream: &'a Stream<'a>,
    pub(super) at: u64,
    pub(super) bytes: u64,
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
