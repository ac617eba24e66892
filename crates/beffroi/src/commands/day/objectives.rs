//! What is measured on the day, by when it should be done, and what towns needed.
//!
//! The objectives are those of docs/exercise.md, with where the figures of towns come from.

use std::time::Duration;

use crate::messages::{Text, text};

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Measured {
    /// From the beginning of the backup that finds it to the alarm.
    Told,
    /// Until a journal is open and T0 is sealed.
    Decided,
    /// Until it is known what is hurt.
    Extent,
    /// How long the order of return takes.
    Ordered,
    /// Until there is something to publish.
    Spoken,
    /// Until complaint and notification are drafted.
    Written,
    /// Until the civil registry is back.
    Registry,
    /// Until people can be paid.
    Pay,
    /// Until every service is back.
    All,
    /// Until it is signed what is sound.
    Proved,
}

/// By when something should be done.
pub struct Objective {
    /// What.
    pub what: Measured,
    /// In words.
    pub key: &'static str,
    /// Within which time.
    pub within: Duration,
    /// What real towns needed.
    pub towns: &'static str,
}

const MINUTES: u64 = 60;
const HOURS: u64 = 3_600;

/// In the order of the day.
pub const OBJECTIVES: [Objective; 10] = [
    objective(Measured::Told, "day-what-told", 15 * MINUTES, "day-towns-told"),
    objective(Measured::Decided, "day-what-decided", 30 * MINUTES, "day-towns-decided"),
    objective(Measured::Extent, "day-what-extent", HOURS, "day-towns-extent"),
    objective(Measured::Ordered, "day-what-ordered", MINUTES, "day-towns-ordered"),
    objective(Measured::Spoken, "day-what-spoken", HOURS, "day-towns-spoken"),
    objective(Measured::Written, "day-what-written", HOURS, "day-towns-written"),
    objective(Measured::Registry, "day-what-registry", 24 * HOURS, "day-towns-registry"),
    objective(Measured::Pay, "day-what-pay", 24 * HOURS, "day-towns-pay"),
    objective(Measured::All, "day-what-all", 120 * HOURS, "day-towns-all"),
    objective(Measured::Proved, "day-what-proved", 24 * HOURS, "day-towns-proved"),
];

impl Objective {
    /// Says within which time.
    pub fn text(&self) -> Text {
        match self.within.as_secs() {
            seconds if seconds < HOURS => text("order-minutes").with("count", seconds / MINUTES),
            seconds => crate::order_words::hours(seconds / HOURS),
        }
    }
}

impl Measured {
    /// Names it for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::Decided => "decided",
            Self::Extent => "extent",
            Self::Ordered => "ordered",
            Self::Spoken => "spoken",
            Self::Written => "written",
            Self::Registry => "registry",
            Self::Pay => "pay",
            Self::All => "all",
            Self::Proved => "proved",
        }
    }
}

const fn objective(what: Measured, key: &'static str, seconds: u64, towns: &'static str) -> Objective {
    Objective { what, key, within: Duration::from_secs(seconds), towns }
}
