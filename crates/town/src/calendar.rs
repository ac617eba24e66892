//! Which days matter, and how close they are.

use jiff::civil::Date;

use crate::map::{Event, EventId, Wave, When};

/// An event that counts on a date.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pull {
    /// Which.
    pub event: EventId,
    /// On which day it is, or was.
    pub day: Date,
    /// In how many days; less than none, if it was missed.
    pub days: i32,
    /// To which wave it raises now: none as long as it is not close.
    pub wave: Option<Wave>,
}

impl Pull {
    /// Looks at an event from a date. `down_since` is the first day without the service: an event between that day and the date was
    /// missed, and counts on for as long as it says.
    ///
    /// It counts from `lead_days` before; in the second half of them it raises to its wave.
    pub fn of(event: &Event, date: Date, down_since: Option<Date>) -> Option<Self> {
        let make = |day, days, wave| Some(Self { event: event.id.clone(), day, days, wave });
        let missed = event.when.last_before(date).filter(|day| down_since.is_some_and(|since| since <= *day));
        if let Some(day) = missed {
            let days = days_between(date, day);
            if days.unsigned_abs() <= event.overdue_days {
                return make(day, days, Some(event.wave));
            }
        }
        let day = event.when.next_from(date)?;
        let days = days_between(date, day);
        let is_close = 2 * i64::from(days) <= i64::from(event.lead_days);
        match i64::from(days) <= i64::from(event.lead_days) {
            true => make(day, days, is_close.then_some(event.wave)),
            false => None,
        }
    }
}

impl When {
    /// Returns the first day on a date or after it.
    pub fn next_from(&self, date: Date) -> Option<Date> {
        match self {
            Self::Dates(dates) => dates.iter().copied().filter(|day| *day >= date).min(),
            Self::Monthly(day) => {
                months(date).find_map(|(year, month)| on(year, month, *day).filter(|day| *day >= date))
            }
            Self::Yearly(month, day) => {
                let years = date.year()..=date.year().saturating_add(1);
                years.filter_map(|year| on(year, *month, *day)).find(|day| *day >= date)
            }
            // As long as it lasts, every day is its day.
            Self::Season(from, to) if is_within(date, *from, *to) => Some(date),
            Self::Season((month, day), _) => Self::Yearly(*month, *day).next_from(date),
        }
    }

    /// Returns the last day before a date.
    pub fn last_before(&self, date: Date) -> Option<Date> {
        match self {
            Self::Dates(dates) => dates.iter().copied().filter(|day| *day < date).max(),
            Self::Monthly(day) => {
                let before = if date.month() == 1 { (date.year() - 1, 12) } else { (date.year(), date.month() - 1) };
                let this = on(date.year(), date.month(), *day).filter(|day| *day < date);
                this.or_else(|| on(before.0, before.1, *day))
            }
            Self::Yearly(month, day) => {
                let years = [date.year(), date.year().saturating_sub(1)];
                years.into_iter().filter_map(|year| on(year, *month, *day)).find(|day| *day < date)
            }
            // A season is no day that could be missed.
            Self::Season(..) => None,
        }
    }
}

/// Tells whether a date lies between two days of the year, both included.
fn is_within(date: Date, from: (i8, i8), to: (i8, i8)) -> bool {
    let day = (date.month(), date.day());
    if from <= to { from <= day && day <= to } else { from <= day || day <= to }
}

/// This month and the next.
fn months(date: Date) -> impl Iterator<Item = (i16, i8)> {
    let next = if date.month() == 12 { (date.year().saturating_add(1), 1) } else { (date.year(), date.month() + 1) };
    [(date.year(), date.month()), next].into_iter()
}

/// A day of a month, or its last one if it has fewer.
fn on(year: i16, month: i8, day: i8) -> Option<Date> {
    let first = Date::new(year, month, 1).ok()?;
    Date::new(year, month, day.clamp(1, first.days_in_month())).ok()
}

/// How many days after `from` is `to`.
fn days_between(from: Date, to: Date) -> i32 {
    // Both are days of the calendar from -9999 to 9999, of which there are some seven million.
    from.until(to).map_or(i32::MAX, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::map::{EventKind, Words};

    fn event(when: When, lead_days: u32) -> Event {
        Event {
            id: "paie".into(),
            kind: EventKind::Payday,
            name: Words::default(),
            when,
            services: vec![],
            lead_days,
            wave: Wave::LIFE,
            overdue_days: 10,
            line: 1,
        }
    }

    #[test]
    fn days_come_round_and_short_months_end_early() {
        let check = |when: &When, at: Date, last: Option<Date>, next: Option<Date>| {
            assert_eq!((when.last_before(at), when.next_from(at)), (last, next), "{when:?} at {at}");
        };
        let monthly = When::Monthly(31);
        check(&monthly, date(2027, 2, 1), Some(date(2027, 1, 31)), Some(date(2027, 2, 28)));
        check(&monthly, date(2027, 2, 28), Some(date(2027, 1, 31)), Some(date(2027, 2, 28)));
        check(&monthly, date(2027, 3, 1), Some(date(2027, 2, 28)), Some(date(2027, 3, 31)));
        check(&When::Monthly(5), date(2026, 12, 6), Some(date(2026, 12, 5)), Some(date(2027, 1, 5)));
        check(&When::Monthly(5), date(2026, 1, 3), Some(date(2025, 12, 5)), Some(date(2026, 1, 5)));
        let yearly = When::Yearly(2, 29);
        check(&yearly, date(2028, 3, 1), Some(date(2028, 2, 29)), Some(date(2029, 2, 28)));
        check(&yearly, date(2027, 2, 28), Some(date(2026, 2, 28)), Some(date(2027, 2, 28)));
        let dates = When::Dates(vec![date(2027, 3, 21), date(2027, 3, 14)]);
        check(&dates, date(2027, 3, 14), None, Some(date(2027, 3, 14)));
        check(&dates, date(2027, 3, 15), Some(date(2027, 3, 14)), Some(date(2027, 3, 21)));
        check(&dates, date(2027, 3, 22), Some(date(2027, 3, 21)), None);
        let winter = When::Season((11, 1), (3, 31));
        check(&winter, date(2026, 10, 31), None, Some(date(2026, 11, 1)));
        check(&winter, date(2026, 12, 31), None, Some(date(2026, 12, 31)));
        check(&winter, date(2027, 3, 31), None, Some(date(2027, 3, 31)));
        check(&winter, date(2027, 4, 1), None, Some(date(2027, 11, 1)));
        let summer = When::Season((6, 1), (9, 15));
        check(&summer, date(2027, 5, 31), None, Some(date(2027, 6, 1)));
        check(&summer, date(2027, 9, 15), None, Some(date(2027, 9, 15)));
        check(&summer, date(2027, 9, 16), None, Some(date(2028, 6, 1)));
    }

    #[test]
    fn an_event_counts_raises_and_stays_when_it_was_missed() {
        let payday = event(When::Dates(vec![date(2026, 11, 25)]), 10);
        let check = |at: Date, since: Option<Date>, expected: Option<(i32, bool)>| {
            let pull = Pull::of(&payday, at, since).map(|pull| (pull.days, pull.wave.is_some()));
            assert_eq!(pull, expected, "{at}, down since {since:?}");
        };
        check(date(2026, 11, 14), None, None);
        check(date(2026, 11, 15), None, Some((10, false)));
        check(date(2026, 11, 19), None, Some((6, false)));
        check(date(2026, 11, 20), None, Some((5, true)));
        check(date(2026, 11, 25), None, Some((0, true)));
        check(date(2026, 11, 26), None, None);
        check(date(2026, 11, 26), Some(date(2026, 11, 26)), None);
        check(date(2026, 11, 26), Some(date(2026, 11, 25)), Some((-1, true)));
        check(date(2026, 12, 5), Some(date(2026, 11, 1)), Some((-10, true)));
        check(date(2026, 12, 6), Some(date(2026, 11, 1)), None);
    }
}
