//! The rule of `docs/retention.md` once more, from its text alone and as slowly as it can be said.

use vault::world::Timestamp;

/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// Tells which snapshots of one source are kept. `finished` are their sealed ends, in the order of their numbers.
pub fn kept(finished: &[Timestamp], enrolled: Timestamp, now: Timestamp) -> Vec<bool> {
    let is_dated = |end: Timestamp| end <= now && day(end) >= day(enrolled);
    let runs = runs(finished, &is_dated);
    let count = finished.len();
    let one = |place: usize| {
        let end = finished[place];
        let is_last = place + 3 >= count;
        let is_waited_for = end > now && day(end) - day(now) < 35;
        let earlier_of_run = || (0..place).filter(|before| runs[*before].is_some() && runs[*before] == runs[place]);
        let is_first_of = |period: fn(Timestamp) -> i64, last: i64| {
            period(now) - period(end) < last && earlier_of_run().all(|before| period(finished[before]) != period(end))
        };
        let is_first = is_first_of(day, 35) || is_first_of(week, 13) || is_first_of(month, 13) || is_first_of(year, 7);
        is_last || is_waited_for || (is_dated(end) && is_first)
    };
    (0..count).map(one).collect()
}

/// Gives each dated snapshot the number of its run.
fn runs(finished: &[Timestamp], is_dated: &dyn Fn(Timestamp) -> bool) -> Vec<Option<u64>> {
    let (mut run, mut last_day) = (0, i64::MIN);
    let mut runs = Vec::new();
    for end in finished {
        if !is_dated(*end) {
            runs.push(None);
            continue;
        }
        run += u64::from(day(*end) < last_day);
        last_day = day(*end);
        runs.push(Some(run));
    }
    runs
}

fn day(moment: Timestamp) -> i64 {
    moment.seconds().div_euclid(DAY)
}

/// Weeks begin on Mondays; 1970 began on a Thursday.
fn week(moment: Timestamp) -> i64 {
    (day(moment) + 3).div_euclid(7)
}

fn month(moment: Timestamp) -> i64 {
    let (year, month) = calendar(day(moment));
    year * 12 + month
}

fn year(moment: Timestamp) -> i64 {
    calendar(day(moment)).0
}

/// Finds year and month (from 0) by taking away whole years, then whole months. Days before 1970 are of no use here.
fn calendar(day: i64) -> (i64, i64) {
    let (mut year, mut left) = (1970, day.max(0));
    let is_leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days_of = |year: i64| 365 + i64::from(is_leap(year));
    while left >= days_of(year) {
        left -= days_of(year);
        year += 1;
    }
    let february = 28 + i64::from(is_leap(year));
    let mut month = 0;
    for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if left < days {
            break;
        }
        left -= days;
        month += 1;
    }
    (year, month)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn days_are_found_in_the_calendar() {
        assert_eq!(calendar(0), (1970, 0));
        assert_eq!(calendar(19_782), (2024, 1), "2024-02-29");
        assert_eq!(calendar(19_783), (2024, 2), "2024-03-01");
        assert_eq!(week(at(4 * DAY)) - week(at(3 * DAY)), 1, "1970-01-05 was a Monday");
    }

    #[test]
    fn of_two_of_one_day_the_first_stays_and_the_last_three() {
        let start = 1_700_000_000;
        let ends: Vec<_> = [0, 60, 120, DAY, 2 * DAY, 3 * DAY].iter().map(|more| at(start + more)).collect();
        assert_eq!(kept(&ends, at(start), at(start + 4 * DAY)), [true, false, false, true, true, true]);
    }
}
