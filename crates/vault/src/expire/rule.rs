//! Which snapshots of a source are kept: a pure rule over times that clients claim (`docs/retention.md`).
//!
//! What is decided of a snapshot depends on those before it and on the desk's clock, never on later ones: whoever can
//! add snapshots cannot make an older one go.

use super::calendar::Place;
use crate::world::Timestamp;

/// How long the first snapshot of each day, week, month and year is kept. This day, week, month or year counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retention {
    /// Days.
    pub days: i64,
    /// Weeks from Monday to Sunday.
    pub weeks: i64,
    /// Months.
    pub months: i64,
    /// Years.
    pub years: i64,
    /// The last snapshots that are kept whatever their age.
    pub last: usize,
}

impl Default for Retention {
    fn default() -> Self {
        Self { days: 35, weeks: 13, months: 13, years: 7, last: 3 }
    }
}

/// A snapshot, as the rule sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Dated {
    /// When the client says that it was finished; `None` where that does not open.
    pub finished: Option<Timestamp>,
    /// It is not to go, whatever its age.
    pub protected: bool,
}

/// What is decided of a snapshot.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Verdict {
    /// It stays.
    Keep(Reason),
    /// Nothing asks for it any more.
    Condemn,
}

/// Why a snapshot stays; of several reasons the first here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reason {
    /// An alarm is not answered.
    Protected,
    /// Its time cannot be read.
    Undated,
    /// Its time is still to come: the client's clock is ahead.
    Ahead,
    /// The first of its year.
    Yearly,
    /// The first of its month.
    Monthly,
    /// The first of its week.
    Weekly,
    /// The first of its day.
    Daily,
    /// Among the last of its source.
    Last,
}

/// Decides over the snapshots of one source, which come in the order of their numbers.
pub fn judge(snapshots: &[Dated], enrolled: Timestamp, now: Timestamp, retention: &Retention) -> Vec<Verdict> {
    let mut run: Option<Place> = None;
    let mut verdicts: Vec<_> =
        snapshots.iter().map(|snapshot| judge_one(snapshot, enrolled, now, retention, &mut run)).collect();
    // Protected ones come on top: they may be the damage that the others are needed against.
    let unprotected = snapshots.iter().zip(&mut verdicts).rev().filter(|(snapshot, _)| !snapshot.protected);
    for (_, verdict) in unprotected.take(retention.last) {
        if *verdict == Verdict::Condemn {
            *verdict = Verdict::Keep(Reason::Last);
        }
    }
    verdicts
}

/// `run` holds the place of the last snapshot that said something, for as long as time goes forward.
fn judge_one(
    snapshot: &Dated,
    enrolled: Timestamp,
    now: Timestamp,
    retention: &Retention,
    run: &mut Option<Place>,
) -> Verdict {
    let today = Place::of(now);
    let Some(finished) = snapshot.finished else {
        return Verdict::Keep(if snapshot.protected { Reason::Protected } else { Reason::Undated });
    };
    let place = Place::of(finished);
    let mut reason = None;
    if finished > now {
        reason = (place.day - today.day < retention.days).then_some(Reason::Ahead);
    } else if place.day >= Place::of(enrolled).day {
        // Where time goes back, a new run begins, so that a clock that was wrong displaces no other snapshot.
        let before = run.filter(|before| before.day <= place.day);
        let is_first = |number: fn(&Place) -> i64| before.is_none_or(|before| number(&before) != number(&place));
        let is_kept =
            |number: fn(&Place) -> i64, horizon| is_first(number) && number(&today) - number(&place) < horizon;
        let classes = [
            (Reason::Yearly, is_kept(|place| place.year, retention.years)),
            (Reason::Monthly, is_kept(|place| place.month, retention.months)),
            (Reason::Weekly, is_kept(|place| place.week, retention.weeks)),
            (Reason::Daily, is_kept(|place| place.day, retention.days)),
        ];
        reason = classes.into_iter().find(|(_, kept)| *kept).map(|(reason, _)| reason);
        *run = Some(place);
    }
    match reason {
        _ if snapshot.protected => Verdict::Keep(Reason::Protected),
        Some(reason) => Verdict::Keep(reason),
        None => Verdict::Condemn,
    }
}
