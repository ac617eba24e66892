//! A state that somebody wrote into a file: what is down, by hand, before there is a journal.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use thiserror::Error;
use toml::Spanned;

use super::{Level, Origin, State, Value};
use crate::map::NodeId;

/// Why a file is no state.
#[derive(Debug, Error)]
pub enum StateFileError {
    /// It is no TOML, or something is missing in it or too much.
    #[error("line {line}: {reason}")]
    Form {
        /// Where, from 1.
        line: usize,
        /// What the parser says.
        reason: String,
    },
    /// The map has no such name.
    #[error("line {line}: there is no {name} in the map")]
    Unknown {
        /// Where, from 1.
        line: usize,
        /// What is written.
        name: String,
    },
    /// A time is none.
    #[error("line {line}: {time} is no time")]
    Time {
        /// Where, from 1.
        line: usize,
        /// What is written.
        time: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    value: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    of: Spanned<String>,
    is: Level,
    how: Option<String>,
    why: Option<String>,
    since: Option<Spanned<Time>>,
    next_news: Option<Spanned<Time>>,
    origin: Option<Origin>,
    said: Option<Spanned<Time>>,
}

/// As TOML has times, or in quotes.
#[derive(Deserialize)]
#[serde(untagged)]
enum Time {
    Plain(toml::value::Datetime),
    Quoted(String),
}

impl State {
    /// Reads `[[value]]` tables with the fields of [`Value`]. Times without a zone are the town's; what has no origin, a person said; what
    /// has no time was said now. `knows` tells whether the map has a name.
    pub fn read(
        text: &str,
        zone: &TimeZone,
        now: Timestamp,
        knows: impl Fn(&NodeId) -> bool,
    ) -> Result<Self, StateFileError> {
        let file: File = toml::from_str(text).map_err(|error| StateFileError::Form {
            line: error.span().map_or(1, |span| line(text, span.start)),
            reason: error.message().to_string(),
        })?;
        let time = |time: Option<Spanned<Time>>| {
            let Some(time) = time else { return Ok(None) };
            let at = line(text, time.span().start);
            let written = match time.into_inner() {
                Time::Plain(time) => time.to_string(),
                Time::Quoted(time) => time,
            };
            let moment = written.parse::<Timestamp>().ok().or_else(|| {
                let civil: DateTime = written.parse().ok()?;
                Some(civil.to_zoned(zone.clone()).ok()?.timestamp())
            });
            moment.map(Some).ok_or(StateFileError::Time { line: at, time: written })
        };
        let mut state = Self::default();
        for value in file.value {
            let at = line(text, value.of.span().start);
            let of = NodeId(value.of.into_inner());
            if !knows(&of) {
                return Err(StateFileError::Unknown { line: at, name: of.0 });
            }
            state.say(Value {
                of,
                is: value.is,
                how: value.how,
                why: value.why,
                since: time(value.since)?,
                next_news: time(value.next_news)?,
                origin: value.origin.unwrap_or(Origin::Human),
                said: time(value.said)?.unwrap_or(now),
            });
        }
        Ok(state)
    }
}

fn line(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<State, StateFileError> {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        State::read(text, &zone, Timestamp::from_second(1_000).unwrap(), |name| name.as_str() == "paie")
    }

    #[test]
    fn a_state_is_read_with_the_towns_times() {
        let state = read(
            "[[value]]\nof = \"paie\"\nis = \"degraded\"\nsince = 2026-11-22T03:00:00\nnext_news = \"2026-11-22T09:00:00Z\"\n",
        );
        let state = state.unwrap();
        let value = state.value(&"paie".into()).unwrap();
        assert_eq!((value.is, value.origin, value.said.as_second()), (Level::Degraded, Origin::Human, 1_000));
        assert_eq!(value.since.unwrap().to_string(), "2026-11-22T02:00:00Z");
        assert_eq!(value.next_news.unwrap().to_string(), "2026-11-22T09:00:00Z");
        assert!(read("").unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let check = |text: &str, expected: &str| assert_eq!(read(text).unwrap_err().to_string(), expected, "{text}");
        check("[[value]]\nof = \"pai\"\nis = \"up\"\n", "line 2: there is no pai in the map");
        check("[[value]]\nof = \"paie\"\nis = \"up\"\nsince = \"soon\"\n", "line 4: soon is no time");
        for text in
            ["[[value]\n", "[[value]]\nof = \"paie\"\nis = \"fine\"\n", "[[value]]\nof = \"paie\"\n", "[[values]]\n"]
        {
            assert!(matches!(read(text), Err(StateFileError::Form { .. })), "{text}");
        }
    }
}
