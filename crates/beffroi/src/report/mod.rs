//! The report of damage that a mayor can read: one file, without script, that fetches nothing.
//!
//! `gather` takes what the assessment says, in bounded memory; `places` looks at what there was; `page` and the files beside it write.
//! All words are in the catalogue; all that is not ours is escaped (`html`).

mod attested;
mod chart;
mod day;
mod drafted;
mod file;
mod gather;
mod html;
mod map;
mod page;
mod places;
mod rehearsed;
mod tables;
#[cfg(test)]
mod tests;

use damage::Totals;
use jiff::tz::TimeZone;
use vault::world::Timestamp;

use crate::messages::Messages;

pub use attested::{Moments, attestation_page};
pub use day::{DayPage, ServiceRow, TimeRow, day_page};
pub use drafted::draft_page;
pub use file::{ReportFile, ReportFileError};
pub use gather::Gathered;
pub use html::Html;
pub use page::page;
pub use places::{Place, survey};
pub use rehearsed::{Rehearsal, rehearsal_page};

/// All that a report tells.
pub struct Report<'m> {
    /// The language.
    pub messages: &'m Messages,
    /// When it is made.
    pub made: Timestamp,
    /// The zone in which times are told.
    pub zone: TimeZone,
    /// Whether it comes from content, or from what the machines wrote down.
    pub is_proved: bool,
    /// One for each source.
    pub chapters: Vec<Chapter>,
}

/// What a report tells of one source.
pub struct Chapter {
    /// The source's name.
    pub source: String,
    /// The machine's name.
    pub host: String,
    /// What was compared, oldest first: snapshots, and the disk if it is one of both; at least two.
    pub stages: Vec<Stage>,
    /// The folder of the disk that was looked at, if it was one.
    pub disk: Option<String>,
    /// How many paths are what.
    pub totals: Totals,
    /// The rest, line by line.
    pub gathered: Gathered,
    /// The parts of the source.
    pub places: Vec<Place>,
}

/// A snapshot of the chain, or the disk at its end.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Its id, as lists show it.
    pub id: String,
    /// When it was begun.
    pub started: Timestamp,
}
