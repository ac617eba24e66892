//! The end of a journal, and what is put behind it.

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use thiserror::Error;

use super::line::{JournalId, LineError, LineHash, PublicKey, fixed, read_line};
use super::{Attachment, Checkpoint, Confidence, Entry, Fact, Kind, VERSION};
use crate::map::NodeId;

/// The end of a journal: what the next entry must know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct End {
    /// The journal.
    pub journal: JournalId,
    /// The key with which its desk signs.
    pub desk: PublicKey,
    /// The town's name, as the first entry has it.
    pub town: String,
    /// How many entries it has.
    pub number: u64,
    /// The hash of the last of them.
    pub last: LineHash,
    /// Whether the last entry closes it.
    pub is_closed: bool,
}

/// Why nothing can be put behind the end of a journal.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum EndError {
    /// The first line opens no journal.
    #[error("the first line opens no journal")]
    NotOpened,
    /// A later program opened it.
    #[error("the journal has version {0}")]
    Later(u32),
    /// The first line is not sound.
    #[error("the first line does not hold")]
    First(#[source] LineError),
    /// The last line is not sound.
    #[error("the last line does not hold")]
    Last(#[source] LineError),
    /// The last line does not follow on from the one before.
    #[error("the last line does not follow on from the one before")]
    Chain,
}

/// Who writes, and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// By the desk's clock.
    pub time: Timestamp,
    /// Where that has its time from.
    pub clock: String,
    /// Who writes.
    pub author: String,
}

/// What an entry says, before it has its place.
#[derive(Clone, PartialEq, Debug)]
pub struct Draft {
    /// What it is.
    pub kind: Kind,
    /// What people read.
    pub text: String,
    /// What it is about.
    pub about: Option<NodeId>,
    /// Files that belong to it.
    pub attachments: Vec<Attachment>,
    /// How sure the author is.
    pub confidence: Option<Confidence>,
    /// The entry that this one puts right.
    pub corrects: Option<u64>,
    /// When it happened.
    pub happened: Option<Timestamp>,
    /// What programs read.
    pub fact: Option<Fact>,
}

impl Draft {
    /// Begins with what every entry has.
    pub fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            about: None,
            attachments: Vec::new(),
            confidence: None,
            corrects: None,
            happened: None,
            fact: None,
        }
    }

    /// Adds what programs read.
    pub fn with(self, fact: Fact) -> Self {
        Self { fact: Some(fact), ..self }
    }

    /// Makes the first entry of a journal of this.
    pub fn first(self, stamp: &Stamp) -> Entry {
        self.entry(1, LineHash::NONE, stamp)
    }

    /// Makes the entry that comes after an end.
    pub fn after(self, end: &End, stamp: &Stamp) -> Entry {
        self.entry(end.number + 1, end.last, stamp)
    }

    fn entry(self, number: u64, before: LineHash, stamp: &Stamp) -> Entry {
        let Stamp { time, clock, author } = stamp.clone();
        let Self { kind, text, about, attachments, confidence, corrects, happened, fact } = self;
        let before = before.to_string();
        Entry {
            number,
            before,
            time,
            clock,
            author,
            kind,
            about,
            text,
            attachments,
            confidence,
            corrects,
            happened,
            fact,
        }
    }
}

impl End {
    /// Reads the end of a journal from its first line and its last two; where there is but one, that is all three.
    ///
    /// What lies between is not looked at: a journal is examined as a whole by [`super::examine()`].
    ///
    /// # Errors
    ///
    /// All of [`EndError`].
    pub fn read(first: &[u8], before_last: &[u8], last: &[u8]) -> Result<Self, EndError> {
        let (opening, signed) = read_line(first).map_err(EndError::First)?;
        let (desk, town) = opened(&opening)?;
        if !signed.is_by(&desk) {
            return Err(EndError::First(LineError::Signature));
        }
        let (entry, signed) = read_line(last).map_err(EndError::Last)?;
        if !signed.is_by(&desk) {
            return Err(EndError::Last(LineError::Signature));
        }
        let before = if entry.number == 1 { LineHash::NONE } else { LineHash::of(before_last) };
        if entry.before != before.to_string() || (entry.number == 1) != (first == last) {
            return Err(EndError::Chain);
        }
        let is_closed = entry.fact == Some(Fact::Closed);
        let journal = JournalId::of(LineHash::of(first));
        Ok(Self { journal, desk, town, number: entry.number, last: LineHash::of(last), is_closed })
    }

    /// Goes on to a line that was just written.
    pub fn follow(&mut self, entry: &Entry, line: &[u8]) {
        self.number = entry.number;
        self.last = LineHash::of(line);
        self.is_closed = entry.fact == Some(Fact::Closed);
    }

    /// Returns the line that is given away.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint { journal: self.journal, entries: self.number, last: self.last }
    }

    /// Returns the desk's key in hexadecimal.
    pub fn desk_hex(&self) -> String {
        HEXLOWER.encode(&self.desk)
    }
}

/// Returns the desk's key and the town that a first entry names.
pub(super) fn opened(entry: &Entry) -> Result<(PublicKey, String), EndError> {
    match &entry.fact {
        Some(Fact::Opened { version, .. }) if *version > VERSION => Err(EndError::Later(*version)),
        Some(Fact::Opened { desk, town, .. }) if entry.number == 1 && entry.before == LineHash::NONE.to_string() => {
            Ok((fixed(desk).ok_or(EndError::NotOpened)?, town.clone()))
        }
        _ => Err(EndError::NotOpened),
    }
}
