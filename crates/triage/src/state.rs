//! What an examination says of one version of a file.

use std::ops::Range;

use crate::kind::Kind;
use crate::limits::Limit;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// What the file is, by its content first, else by its name.
    pub kind: Kind,
    /// In which state it is.
    pub state: State,
    /// How much of it was really vouched for.
    pub coverage: Coverage,
    /// What else was seen, at most [`NOTES_MAX`].
    pub notes: Vec<Note>,
}

/// The most notes that an examination carries.
pub const NOTES_MAX: usize = 64;

/// The state of one version of a file. Whether it is *damage* is told by comparing two versions: many files were never right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It holds, as far as [`Coverage`] says.
    Valid,
    /// It holds, and a password keeps its content closed.
    Protected,
    /// It ends where more must follow.
    Truncated {
        /// Where the part begins that is not whole, or the end of the file.
        at: u64,
    },
    /// Its structure does not hold.
    Broken {
        /// Where that shows.
        offset: u64,
    },
    /// Its structure holds, and these ranges are not what they must be.
    Corrupt {
        /// In rising order, not empty.
        ranges: Vec<Range<u64>>,
    },
    /// One byte, over and over.
    Zeroed,
    /// Nothing of what its name promises, and no byte is more frequent than another.
    RandomLike,
    /// Letters and digits that hide random bytes.
    Encoded(Encoding),
    /// Nothing can be said, for this reason.
    Unknown(Unknown),
}

impl State {
    /// Tells whether the file is as a program left it.
    pub fn is_sound(&self) -> bool {
        matches!(self, Self::Valid | Self::Protected)
    }

    /// Tells whether something is wrong with the file, now or ever since.
    pub fn is_unsound(&self) -> bool {
        !self.is_sound() && !matches!(self, Self::Unknown(_))
    }
}

/// How bytes are written as letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// RFC 4648 §4 and §5.
    Base64,
    /// RFC 4648 §8.
    Hex,
    /// The 85 letters of Adobe or of ZeroMQ.
    Base85,
}

/// Why nothing can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unknown {
    /// Neither content nor name tell what it is.
    Unrecognised,
    /// What it is is known, but not how to prove it sound.
    NoValidator,
    /// It would cost too much.
    Limit(Limit),
    /// Something is not understood, and programs may write such.
    Doubtful {
        /// Where.
        at: u64,
    },
    /// Text with other bytes in it, and no name that says that it should be text.
    Mixed {
        /// The first of the other bytes.
        at: u64,
    },
}

/// How many bytes are vouched for, and by what. What neither sum counts may hold anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// The length of the file.
    pub bytes: u64,
    /// Under a checksum that was verified.
    pub summed_bytes: u64,
    /// Under a grammar that other bytes would hardly pass: text, tables of records, Huffman codes.
    pub parsed_bytes: u64,
}

impl Coverage {
    /// Returns the share that is vouched for, 0 to 1; 1 for an empty file.
    pub fn share(&self) -> f64 {
        if self.bytes == 0 { 1.0 } else { (self.summed_bytes + self.parsed_bytes) as f64 / self.bytes as f64 }
    }
}

/// Something worth telling that is no fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Note {
    /// The name promises another kind, as it often does.
    NameSays(Kind),
    /// Bytes before what the file is.
    Leading {
        /// How many.
        bytes: u64,
    },
    /// Bytes behind the end of what the file is.
    Trailing {
        /// Where they begin.
        at: u64,
        /// How many.
        bytes: u64,
    },
    /// Bytes inside that belong to nothing.
    Gap {
        /// Where they begin.
        at: u64,
        /// How many.
        bytes: u64,
    },
    /// A part that cannot be verified: compressed or coded in a way that is not known here.
    Opaque {
        /// Where it begins.
        at: u64,
        /// How many bytes it has.
        bytes: u64,
    },
    /// Not as the standard says, and accepted by real programs.
    Irregular {
        /// Where.
        at: u64,
    },
    /// How the letters of a text are written.
    Letters(Letters),
    /// No byte is more frequent than another.
    LooksRandom,
}

/// How the letters of a text are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Letters {
    /// Nothing above 0x7F.
    Ascii,
    /// Unicode in bytes (RFC 3629), every sequence sound.
    Utf8,
    /// Unicode in words of two bytes.
    Utf16,
    /// A Western code page: Windows-1252, ISO 8859-1, ISO 8859-15.
    Western,
    /// A Western code page of DOS: 850, 437.
    Dos,
    /// Some other code page, or several.
    Other,
}

/// What a walk gathers.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) summed_bytes: u64,
    pub(crate) parsed_bytes: u64,
    pub(crate) is_protected: bool,
    /// A kind that is more exact than what the head told.
    pub(crate) kind: Option<Kind>,
    corrupt: Vec<Range<u64>>,
    notes: Vec<Note>,
}

/// The most ranges that are told of one file; more are joined into the last.
const RANGES_MAX: usize = 4096;

impl Findings {
    pub(crate) fn note(&mut self, note: Note) {
        if self.notes.len() < NOTES_MAX && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Notes bytes between two places, if there are any.
    pub(crate) fn gap(&mut self, at: u64, end: u64) {
        if end > at {
            self.note(Note::Gap { at, bytes: end - at });
        }
    }

    /// Notes bytes behind the end, if there are any.
    pub(crate) fn trailing(&mut self, at: u64, end: u64) {
        if end > at {
            self.note(Note::Trailing { at, bytes: end - at });
        }
    }

    pub(crate) fn corrupt(&mut self, range: Range<u64>) {
        let is_full = self.corrupt.len() >= RANGES_MAX;
        match self.corrupt.last_mut() {
            Some(last) if last.start <= range.start && (is_full || range.start <= last.end) => {
                last.end = last.end.max(range.end);
            }
            Some(last) if is_full => last.start = last.start.min(range.start),
            _ => self.corrupt.push(range),
        }
    }

    pub(crate) fn is_corrupt(&self) -> bool {
        !self.corrupt.is_empty()
    }

    pub(crate) fn into_parts(mut self) -> (Vec<Range<u64>>, Vec<Note>) {
        self.corrupt.sort_by_key(|range| range.start);
        let mut joined: Vec<Range<u64>> = Vec::new();
        for range in self.corrupt {
            match joined.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        (joined, self.notes)
    }
}
