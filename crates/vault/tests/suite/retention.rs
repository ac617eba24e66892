//! The rule of retention against a model of it, and what follows from it.

use std::collections::BTreeSet;

use proptest::prelude::*;
use vault::expire::{Dated, Reason, Retention, Verdict, judge};

use crate::shelf::{DAY, START, at};

fn dated(seconds: i64) -> Dated {
    Dated { finished: Some(at(seconds)), protected: false }
}

/// The rule of `docs/retention.md` again, as slowly as it can be said.
fn naive(snapshots: &[Dated], enrolled: i64, now: i64, retention: &Retention) -> Vec<bool> {
    let day = |seconds: i64| seconds.div_euclid(DAY);
    let said = |snapshot: &Dated| {
        let seconds = snapshot.finished?.seconds();
        (day(seconds) >= day(enrolled) && snapshot.finished? <= at(now)).then_some(seconds)
    };
    let buckets = |seconds: i64| {
        let (year, month) = walk_to(day(seconds));
        [day(seconds), (day(seconds) + 3).div_euclid(7), year * 12 + month, year]
    };
    let horizons = [retention.days, retention.weeks, retention.months, retention.years];
    let mut kept = Vec::new();
    for (index, snapshot) in snapshots.iter().enumerate() {
        let unprotected_after = snapshots[index + 1..].iter().filter(|s| !s.protected).count();
        let mut keep = snapshot.protected || snapshot.finished.is_none() || unprotected_after < retention.last;
        keep |= snapshot
            .finished
            .is_some_and(|finished| finished > at(now) && day(finished.seconds()) - day(now) < retention.days);
        if let Some(seconds) = said(snapshot) {
            // Those of the same run: going back from this one until time was later than what came after it.
            let mut run = Vec::new();
            let mut bound = day(seconds);
            for before in snapshots[..index].iter().rev().filter_map(said) {
                if day(before) > bound {
                    break;
                }
                bound = day(before);
                run.push(before);
            }
            for (class, horizon) in horizons.into_iter().enumerate() {
                let number = buckets(seconds)[class];
                let is_first = run.iter().all(|before| buckets(*before)[class] != number);
                keep |= is_first && buckets(now)[class] - number < horizon;
            }
        }
        kept.push(keep);
    }
    kept
}

/// Finds year and month (from 0) of a day since 1970 by counting months from there.
fn walk_to(day: i64) -> (i64, i64) {
    let (mut year, mut month, mut left) = (1970, 0, day);
    loop {
        let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let length = [31, 28 + i64::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month as usize];
        if left < length {
            return (year, month);
        }
        left -= length;
        month += 1;
        if month == 12 {
            (year, month) = (year + 1, 0);
        }
    }
}

/// A history of a machine whose clock is mostly right.
fn history() -> impl Strategy<Value = Vec<Dated>> {
    let snapshot = (0..4 * DAY, 0..20u8, -400 * DAY..400 * DAY, 0..12u8);
    prop::collection::vec(snapshot, 0..60).prop_map(|snapshots| {
        let mut time = START;
        let one = |(step, kind, error, protected): (i64, u8, i64, u8)| {
            time += step;
            let finished = match kind {
                0 => Some(0),
                1 => Some(4_102_444_800),
                2 | 3 => Some(time + error),
                4 => None,
                _ => Some(time),
            };
            Dated { finished: finished.map(at), protected: protected == 0 }
        };
        snapshots.into_iter().map(one).collect()
    })
}

proptest! {
    #[test]
    fn the_rule_is_what_the_document_says(history in history(), age in 0..3000 * DAY) {
        let retention = Retention::default();
        let now = START + age;
        let judged = judge(&history, at(START), at(now), &retention);
        let kept: Vec<bool> = judged.iter().map(|verdict| *verdict != Verdict::Condemn).collect();
        prop_assert_eq!(kept, naive(&history, START, now, &retention));
    }

    #[test]
    fn no_later_snapshot_makes_an_older_one_go(history in history(), cut in 0..60usize, age in 0..900 * DAY) {
        let now = at(START + age);
        let whole = judge(&history, at(START), now, &Retention::default());
        let cut = cut.min(history.len());
        let part = judge(&history[..cut], at(START), now, &Retention::default());
        for (before, after) in part.iter().zip(&whole) {
            prop_assert!(before == after || *before == Verdict::Keep(Reason::Last), "{:?} {:?}", before, after);
        }
    }

    #[test]
    fn one_wrong_clock_makes_no_other_snapshot_go(days in 5..500usize, wrong in 0..500usize, error in -9000..30_000i64) {
        let mut history: Vec<_> = (0..days as i64).map(|day| dated(START + day * DAY)).collect();
        let now = at(START + days as i64 * DAY);
        let honest = judge(&history, at(START), now, &Retention::default());
        let wrong = wrong % days;
        history[wrong] = dated(START + wrong as i64 * DAY + error * DAY);
        let judged = judge(&history, at(START), now, &Retention::default());
        let kept = |verdicts: &[Verdict]| -> BTreeSet<usize> {
            (0..days).filter(|n| *n != wrong && verdicts[*n] != Verdict::Condemn).collect()
        };
        prop_assert!(kept(&judged).is_superset(&kept(&honest)));
        // Nor does it keep others for long: the next of its week, month and year, and what begins the run after it.
        prop_assert!(kept(&judged).len() <= kept(&honest).len() + 8);
    }
}

#[test]
fn five_years_of_days_keep_what_the_classes_say() {
    let history: Vec<_> = (0..5 * 365).map(|day| dated(START + day * DAY)).collect();
    let now = START + (5 * 365 - 1) * DAY + 60;
    let verdicts = judge(&history, at(START), at(now), &Retention::default());
    let count = |reason| verdicts.iter().filter(|verdict| **verdict == Verdict::Keep(reason)).count();
    // 2023 to 2027; months and weeks whose first is also the first of something longer count there.
    assert_eq!(count(Reason::Yearly), 5);
    assert_eq!(count(Reason::Monthly), 12);
    assert!((11..=13).contains(&count(Reason::Weekly)), "{}", count(Reason::Weekly));
    assert!((27..=31).contains(&count(Reason::Daily)), "{}", count(Reason::Daily));
}
