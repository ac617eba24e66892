//! What is wrong with a journal, or worth a word.

use jiff::Timestamp;

use super::certificate::CertificateError;
use super::line::{JournalId, LineError};

/// Something is wrong with a journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// At which line, from 1.
    pub line: u64,
    /// What.
    pub wrong: Wrong,
}

/// What is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// There is no entry that opens a journal: nobody's key is known.
    NotOpened,
    /// A later program opened it.
    Later(u32),
    /// The line was changed after it was signed, or it never was an entry.
    Line(LineError),
    /// Entries are not there: from this number to that.
    Missing {
        /// The first of them.
        from: u64,
        /// The last of them.
        to: u64,
    },
    /// The entry with this number stands where it does not belong.
    Misplaced {
        /// Its number.
        number: u64,
    },
    /// The entry follows another line than the one that stands before it.
    Chain,
    /// The certificate in it does not hold.
    Certificate(CertificateError),
    /// The journal opens once more.
    OpenedAgain,
    /// There are more lines than this program examines.
    TooMany,
    /// A checkpoint is of another journal.
    OtherJournal {
        /// The one that the checkpoint names.
        journal: JournalId,
    },
    /// A checkpoint has seen more entries: the journal was cut short.
    Cut {
        /// So many had the checkpoint seen.
        entries: u64,
    },
    /// The entries up to this line are not those that the checkpoint has seen.
    Rewritten,
}

/// Something that is worth a word, and no fault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Remark {
    /// The clock was set back before this line.
    Backwards {
        /// At which line.
        line: u64,
        /// The time of the line before.
        before: Timestamp,
        /// Its own.
        time: Timestamp,
    },
    /// The last line is not finished: a crash.
    Torn {
        /// How many bytes it has.
        bytes: u64,
    },
    /// Entries were written after the journal was closed.
    AfterClosed {
        /// The first of them.
        line: u64,
    },
}
