//! A stream that lies in pieces all over a file.

use std::ops::Range;

use crate::content::{Content, ContentError};

/// Where the bytes of a stream lie.
#[derive(Debug, Clone)]
pub(crate) struct Pieces {
    places: Vec<u64>,
    piece_bytes: u64,
    bytes: u64,
}

/// A stream as content of its own.
pub(crate) struct Stream<'a> {
    pub(crate) content: &'a dyn Content,
    pub(crate) pieces: &'a Pieces,
}

impl Pieces {
    pub(crate) fn new(places: Vec<u64>, piece_bytes: u64, bytes: u64) -> Self {
        Self { places, piece_bytes, bytes }
    }

    /// Returns where a byte of the stream lies in the file.
    pub(crate) fn place(&self, at: u64) -> u64 {
        let piece = self.places.get((at / self.piece_bytes) as usize).or(self.places.last());
        piece.map_or(0, |place| place + at % self.piece_bytes)
    }

    /// Returns where a range of the stream lies in the file, joined where it goes on.
    pub(crate) fn places(&self, range: Range<u64>) -> Vec<Range<u64>> {
        let mut places: Vec<Range<u64>> = Vec::new();
        let mut at = range.start;
        while at < range.end.min(self.bytes) {
            let bytes = (self.piece_bytes - at % self.piece_bytes).min(range.end - at);
            let place = self.place(at);
            match places.last_mut() {
                Some(last) if last.end == place => last.end += bytes,
                _ => places.push(place..place + bytes),
            }
            at += bytes;
        }
        places
    }
}

impl Content for Stream<'_> {
    fn bytes(&self) -> u64 {
        self.pieces.bytes
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, ContentError> {
        let end = offset.saturating_add(into.len() as u64).min(self.pieces.bytes);
        let mut filled = 0;
        for place in self.pieces.places(offset..end) {
            let bytes = (place.end - place.start) as usize;
            let mut part = 0;
            while part < bytes {
                match self.content.read_at(place.start + part as u64, &mut into[filled + part..filled + bytes])? {
                    0 => return Ok(filled + part),
                    read => part += read,
                }
            }
            filled += bytes;
        }
        Ok(filled)
    }
}
