//! Days, weeks, months and years in UTC, as integers that count up without a gap.

use crate::world::Timestamp;

const SECONDS_A_DAY: i64 = 24 * 3600;

/// Where a moment lies in the calendar. Each number counts from an origin of its own: only differences mean something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// Days since 1970-01-01.
    pub day: i64,
    /// Weeks that begin on Monday.
    pub week: i64,
    /// Months.
    pub month: i64,
    /// The year.
    pub year: i64,
}

impl Place {
    /// Finds a moment in the Gregorian calendar.
    pub fn of(moment: Timestamp) -> Self {
        let day = moment.seconds().div_euclid(SECONDS_A_DAY);
        let year = year_of(day);
        // 1970-01-01 was a Thursday, three days after a Monday.
        let week = (day + 3).div_euclid(7);
        Self { day, week, month: 12 * year + month_of(day - first_day_of(year), is_leap(year)), year }
    }
}

fn year_of(day: i64) -> i64 {
    // 400 years are 146,097 days; the guess misses by less than a year.
    let guess = 1970 + (day * 400).div_euclid(146_097);
    if first_day_of(guess) > day {
        guess - 1
    } else if first_day_of(guess + 1) <= day {
        guess + 1
    } else {
        guess
    }
}

/// Returns the first of January, in days since 1970.
fn first_day_of(year: i64) -> i64 {
    365 * (year - 1970) + leap_days_before(year) - leap_days_before(1970)
}

fn leap_days_before(year: i64) -> i64 {
    let last = year - 1;
    last.div_euclid(4) - last.div_euclid(100) + last.div_euclid(400)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Returns the month, from 0, of a day of the year, from 0.
fn month_of(day_of_year: i64, leap: bool) -> i64 {
    let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut days_left = day_of_year;
    let mut month = 0;
    for days in lengths {
        if days_left < days {
            break;
        }
        days_left -= days;
        month += 1;
    }
    month
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(seconds: i64) -> (i64, i64) {
        let place = Place::of(Timestamp::from_seconds(seconds));
        (place.month.div_euclid(12), place.month.rem_euclid(12) + 1)
    }

    #[test]
    fn known_dates_are_found() {
        for (seconds, year, month) in [
            (0, 1970, 1),
            (-1, 1969, 12),
            (951_782_400, 2000, 2),    // 2000-02-29
            (951_868_800, 2000, 3),    // 2000-03-01
            (1_709_164_800, 2024, 2),  // 2024-02-29
            (1_709_251_200, 2024, 3),  // 2024-03-01
            (1_767_225_599, 2025, 12), // the last second of 2025
            (1_767_225_600, 2026, 1),
            (4_107_542_400, 2100, 3), // 2100-03-01: 2100 has no 29th of February
            (4_107_542_399, 2100, 2),
            (-2_203_891_200, 1900, 3), // 1900-03-01
            (-2_203_891_201, 1900, 2),
        ] {
            assert_eq!(place(seconds), (year, month), "{seconds}");
        }
    }

    #[test]
    fn weeks_begin_on_monday() {
        // 2026-11-23 is a Monday.
        let monday = Timestamp::from_seconds(1_795_392_000);
        let before = Timestamp::from_seconds(1_795_391_999);
        assert_eq!(Place::of(monday).week, Place::of(before).week + 1);
        let sunday = Timestamp::from_seconds(1_795_392_000 + 7 * SECONDS_A_DAY - 1);
        assert_eq!(Place::of(monday).week, Place::of(sunday).week);
    }

    #[test]
    fn five_centuries_day_by_day() {
        let (mut year, mut month, mut day_of_month) = (1700, 1, 1);
        // 1700-01-01 lies 98,615 days before 1970.
        for day in -98_615..102_268 {
            let place = Place::of(Timestamp::from_seconds(day * SECONDS_A_DAY));
            assert_eq!((place.day, place.year, place.month), (day, year, 12 * year + month - 1));
            let length = match month {
                4 | 6 | 9 | 11 => 30,
                2 if is_leap(year) => 29,
                2 => 28,
                _ => 31,
            };
            day_of_month += 1;
            if day_of_month > length {
                (month, day_of_month) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
        assert_eq!((year, month, day_of_month), (2250, 1, 1));
    }
}
