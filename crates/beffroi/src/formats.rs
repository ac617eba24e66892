//! Numbers, sizes, lengths of time and moments, as people of each language write them.

use std::time::Duration;

use jiff::tz::TimeZone;
use vault::world::Timestamp;

use crate::messages::{Language, Text, text};

/// Writes a number in groups of three digits.
pub fn number(number: u64, language: Language) -> String {
    let digits = number.to_string();
    let separator = match language {
        Language::Fr => '\u{202f}',
        Language::En => ',',
    };
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    grouped
}

/// Writes a number of bytes with three digits and a unit.
pub fn size(bytes: u64, language: Language) -> String {
    let units = match language {
        Language::Fr => ["o", "Kio", "Mio", "Gio", "Tio", "Pio", "Eio"],
        Language::En => ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"],
    };
    let (mut value, mut unit) = (bytes as f64, 0);
    // 999.5 would be shown with four digits.
    while value >= 999.5 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    let decimals = if unit == 0 || value >= 99.95 { 0 } else { 1 };
    let shown = format!("{value:.decimals$}");
    match language {
        Language::Fr => format!("{}\u{a0}{}", shown.replace('.', ","), units[unit]),
        Language::En => format!("{shown} {}", units[unit]),
    }
}

/// Writes an amount of money in euros.
pub fn euros(cents: i128, language: Language) -> String {
    let magnitude = cents.unsigned_abs();
    let sign = if cents < 0 { "−" } else { "" };
    let whole = number(u64::try_from(magnitude / 100).unwrap_or(u64::MAX), language);
    let rest = magnitude % 100;
    match language {
        Language::Fr => format!("{sign}{whole},{rest:02}\u{a0}€"),
        Language::En => format!("{sign}€{whole}.{rest:02}"),
    }
}

/// Writes how long something took or will take.
pub fn duration(duration: Duration, language: Language) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, _) if seconds < 10 => {
            let shown = format!("{:.1} s", duration.as_secs_f64());
            if language == Language::Fr { shown.replace('.', ",") } else { shown }
        }
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds:02} s"),
        (hours, minutes, _) => format!("{hours} h {minutes:02} min"),
    }
}

/// Writes a moment in the machine's time zone, with the zone.
pub fn moment(time: Timestamp) -> String {
    let exact = jiff::Timestamp::from_nanosecond(i128::from(time.0));
    match exact {
        Ok(exact) => exact.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string(),
        Err(_) => format!("@{}", time.seconds()),
    }
}

/// Says a moment in a time zone, with the zone, as people write it; nothing if it is too far away.
pub fn spoken(time: Timestamp, zone: &TimeZone) -> Option<Text> {
    let exact = jiff::Timestamp::from_nanosecond(i128::from(time.0)).ok()?.to_zoned(zone.clone());
    let spoken = text("report-moment")
        .with("month", u64::try_from(exact.month()).ok()?)
        .show("day", exact.day())
        .show("year", exact.year())
        .show("hour", format!("{:02}", exact.hour()))
        .show("minute", format!("{:02}", exact.minute()));
    Some(spoken.show("zone", exact.strftime("%Z")))
}

/// Writes a share in percent.
pub fn share(part: u64, whole: u64, language: Language) -> String {
    let percent = part as f64 * 100.0 / whole.max(1) as f64;
    let shown = match percent {
        _ if part == 0 => "0".to_string(),
        percent if percent < 0.1 => "< 0.1".to_string(),
        percent if percent < 10.0 => format!("{percent:.1}"),
        percent => format!("{percent:.0}"),
    };
    match language {
        Language::Fr => format!("{}\u{a0}%", shown.replace('.', ",").replace(' ', "\u{a0}")),
        Language::En => format!("{shown}%"),
    }
}

/// Writes the time of a file, which may be any number of seconds.
pub fn file_time(seconds: i64) -> String {
    match jiff::Timestamp::from_second(seconds) {
        Ok(exact) => exact.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => format!("@{seconds}"),
    }
}

/// Writes a moment for programs: RFC 3339 in UTC.
pub fn rfc3339(time: Timestamp) -> String {
    let exact = jiff::Timestamp::from_nanosecond(i128::from(time.0));
    exact.map_or_else(|_| format!("@{}", time.seconds()), |exact| exact.to_string())
}

/// Writes a moment as the name of a folder, in UTC.
pub fn folder_time(time: Timestamp) -> String {
    let exact = jiff::Timestamp::from_nanosecond(i128::from(time.0));
    exact.map_or_else(|_| format!("@{}", time.seconds()), |exact| exact.strftime("%Y-%m-%dT%H%M%SZ").to_string())
}

/// Returns the day of a moment in the machine's time zone.
pub fn local_day(time: Timestamp) -> Option<jiff::civil::Date> {
    let exact = jiff::Timestamp::from_nanosecond(i128::from(time.0)).ok()?;
    Some(exact.to_zoned(TimeZone::system()).date())
}

/// Returns how much time lies between two moments; none if the clock was set back.
pub fn between(started: Timestamp, finished: Timestamp) -> Duration {
    Duration::from_nanos(u64::try_from(finished.0.saturating_sub(started.0)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_at_most_three_digits() {
        let check = |bytes, en: &str, fr: &str| {
            assert_eq!(size(bytes, Language::En), en);
            assert_eq!(size(bytes, Language::Fr), fr);
        };
        check(0, "0 B", "0\u{a0}o");
        check(999, "999 B", "999\u{a0}o");
        check(1000, "1.0 KiB", "1,0\u{a0}Kio");
        check(1023 << 10, "1.0 MiB", "1,0\u{a0}Mio");
        check(150 << 20, "150 MiB", "150\u{a0}Mio");
        check(u64::MAX, "16.0 EiB", "16,0\u{a0}Eio");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(number(0, Language::En), "0");
        assert_eq!(number(999, Language::En), "999");
        assert_eq!(number(1_234_567, Language::En), "1,234,567");
        assert_eq!(number(1000, Language::Fr), "1\u{202f}000");
    }

    #[test]
    fn euros_are_written_as_each_language_does() {
        assert_eq!(euros(123_456_705, Language::Fr), "1\u{202f}234\u{202f}567,05\u{a0}€");
        assert_eq!(euros(123_456_705, Language::En), "€1,234,567.05");
        assert_eq!(euros(-5, Language::Fr), "−0,05\u{a0}€");
    }

    #[test]
    fn moments_far_away_are_written_all_the_same() {
        assert_eq!(file_time(i64::MAX), format!("@{}", i64::MAX));
        assert_eq!(rfc3339(Timestamp(0)), "1970-01-01T00:00:00Z");
        assert!(!moment(Timestamp(i64::MAX)).is_empty());
        assert_eq!(between(Timestamp(5), Timestamp(3)), Duration::ZERO);
    }

    #[test]
    fn shares_are_short_and_something_is_never_nothing() {
        assert_eq!(share(0, 0, Language::En), "0%");
        assert_eq!(share(1, 1_000_000, Language::Fr), "<\u{a0}0,1\u{a0}%");
        assert_eq!(share(1, 30, Language::En), "3.3%");
        assert_eq!(share(1, 3, Language::Fr), "33\u{a0}%");
    }

    #[test]
    fn lengths_of_time_are_short() {
        assert_eq!(duration(Duration::from_millis(1240), Language::Fr), "1,2 s");
        assert_eq!(duration(Duration::from_secs(61), Language::En), "1 min 01 s");
        assert_eq!(duration(Duration::from_secs(3 * 3600 + 59), Language::En), "3 h 00 min");
    }
}
