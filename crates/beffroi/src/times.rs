//! Moments as people type them: `14:30` (today), `2026-11-22T14:30`, RFC 3339 with a zone.

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;

use crate::failure::Failure;
use crate::messages::text;
use crate::output::Output;

/// Reads a moment; without a zone, it is one of `zone`.
pub fn parse_time(words: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, Failure> {
    let words = words.trim();
    let with_zone = || words.parse::<jiff::Zoned>().map(|zoned| zoned.timestamp()).or_else(|_| words.parse()).ok();
    let here = |civil: DateTime| civil.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp());
    // French clocks say 14h30. A day alone would be midnight, which nobody means.
    let civil = words.replacen(['h', 'H'], ":", 1);
    let is_clock = civil.len() <= 8 && civil.contains(':');
    let today =
        || civil.parse::<Time>().ok().and_then(|time| here(now.to_zoned(zone.clone()).date().to_datetime(time)));
    let dated = || civil.parse::<DateTime>().ok().and_then(here);
    let read = match (is_clock, civil.contains(':')) {
        (true, _) => today(),
        (false, true) => with_zone().or_else(dated),
        (false, false) => None,
    };
    read.ok_or_else(|| Failure::usage(text("err-time").with("time", Output::safe(words))))
}

/// Reads a moment that is over. One that is to come was mistyped: what happens then, nobody knows yet.
pub fn parse_past_time(words: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, Failure> {
    let time = parse_time(words, now, zone)?;
    if time <= now { Ok(time) } else { Err(Failure::usage(text("err-time-future").with("time", Output::safe(words)))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> Option<String> {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        let now: Timestamp = "2026-11-22T20:00:00Z".parse().unwrap();
        parse_time(words, now, &zone).ok().map(|time| time.to_string())
    }

    #[test]
    fn people_type_times_in_many_ways() {
        for words in ["14:30", "14h30", "2026-11-22T14:30", "2026-11-22 14:30", "2026-11-22T14:30:00+01:00", " 14:30 "]
        {
            assert_eq!(read(words).as_deref(), Some("2026-11-22T13:30:00Z"), "{words}");
        }
        assert_eq!(read("2026-11-22T14:30:05Z").as_deref(), Some("2026-11-22T14:30:05Z"));
        assert_eq!(read("2026-11-22T14:30Z").as_deref(), Some("2026-11-22T14:30:00Z"));
        for words in ["", "14", "25:00", "2026-11-22", "2026-13-01T10:00", "hier", "14:30 hier", "h", ":"] {
            assert_eq!(read(words), None, "{words}");
        }
    }

    #[test]
    fn what_is_over_is_not_to_come() {
        let now: Timestamp = "2026-11-22T20:00:00Z".parse().unwrap();
        assert!(parse_past_time("20:00", now, &TimeZone::UTC).is_ok());
        assert!(parse_past_time("20:01", now, &TimeZone::UTC).is_err());
    }
}
