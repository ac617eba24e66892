//! A checkpoint: one line that is given away, and that holds a journal to what it said then.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use thiserror::Error;

use super::line::{JournalId, LineHash};

/// What a journal was at some time. `beffroi-journal-1 ID ENTRIES HASH CHECK`: the check is there so that a digit that was typed wrong is not
/// taken for a journal that was changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// The journal.
    pub journal: JournalId,
    /// How many entries it had.
    pub entries: u64,
    /// The hash of the last of them.
    pub last: LineHash,
}

/// Why a line is no checkpoint.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum CheckpointError {
    /// It does not read as one.
    #[error("this is no checkpoint")]
    NotOne,
    /// Its digits do not fit its check.
    #[error("the checkpoint was mistyped")]
    Mistyped,
}

const HEAD: &str = "beffroi-journal-1";

impl Checkpoint {
    fn words(&self) -> String {
        format!("{HEAD} {} {} {}", self.journal, self.entries, self.last)
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.words();
        write!(f, "{words} {}", check(&words))
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(line: &str) -> Result<Self, CheckpointError> {
        let line = line.to_ascii_lowercase();
        let words: Vec<&str> = line.split_whitespace().take(6).collect();
        let [HEAD, journal, entries, last, given] = words[..] else { return Err(CheckpointError::NotOne) };
        let entries: u64 = entries.parse().map_err(|_| CheckpointError::Mistyped)?;
        let journal = JournalId::parse(journal).ok_or(CheckpointError::Mistyped)?;
        let last = LineHash::parse(last).ok_or(CheckpointError::Mistyped)?;
        let read = Self { journal, entries, last };
        if entries == 0 || check(&read.words()) != given { Err(CheckpointError::Mistyped) } else { Ok(read) }
    }
}

fn check(words: &str) -> String {
    HEXLOWER.encode(&digest(&SHA256, words.as_bytes()).as_ref()[..2])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        Checkpoint { journal: JournalId([0xab; 16]), entries: 128, last: LineHash([0x5c; 32]) }
    }

    #[test]
    fn a_checkpoint_is_read_as_it_was_written_and_as_people_type_it() {
        let line = checkpoint().to_string();
        assert_eq!(line.parse(), Ok(checkpoint()));
        assert_eq!(format!("  {}\n", line.to_uppercase().replace(' ', "   ")).parse(), Ok(checkpoint()));
    }

    #[test]
    fn every_wrong_digit_is_called_a_slip() {
        let line = checkpoint().to_string();
        for (at, letter) in line.char_indices().filter(|(at, letter)| *at > HEAD.len() && *letter != ' ') {
            let other = if letter == '1' { "2" } else { "1" };
            let wrong = format!("{}{other}{}", &line[..at], &line[at + 1..]);
            assert_eq!(wrong.parse::<Checkpoint>(), Err(CheckpointError::Mistyped), "{wrong}");
        }
        for wrong in ["", "beffroi-journal-1", "beffroi-journal-2 a 1 b c", &format!("{line} more")] {
            assert_eq!(wrong.parse::<Checkpoint>(), Err(CheckpointError::NotOne), "{wrong}");
        }
    }
}
