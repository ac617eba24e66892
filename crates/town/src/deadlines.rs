//! By when the town must tell whom: every clock that runs from the moment at which it knew (T0), or from another act.
//!
//! Where each length comes from is in docs/deadlines.md. Hours are counted as they pass, also through a night in which clocks are set
//! back; months as the calendar of the town's zone counts them. Nothing here ever concludes that nothing need be notified: what the map
//! leaves out is a remark, not an answer.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};

use crate::holding::{answers, holding, moment};
use crate::journal::{Entry, Fact};
use crate::map::{EntityId, Map, Nis2};

/// Hours within which a complaint is filed.
pub const COMPLAINT_HOURS_MAX: u32 = 72;
/// Hours within which the data protection authority is notified; the same again for what is told later.
pub const CNIL_HOURS_MAX: u32 = 72;
/// Hours to the early warning of NIS2.
pub const NIS2_WARNING_HOURS_MAX: u32 = 24;
/// Hours to the notification of NIS2.
pub const NIS2_NOTIFICATION_HOURS_MAX: u32 = 72;

/// The answer in the journal that says who looked up whether NIS2 binds the town.
pub const NIS2_ANSWER: &str = "nis2-scope";

/// What the law or a contract asks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Act {
    /// The early warning of NIS2.
    Nis2Warning,
    /// The complaint.
    Complaint,
    /// The first notification to the data protection authority.
    Cnil,
    /// The notification of NIS2.
    Nis2Notification,
    /// The insurer is told.
    Insurer,
    /// What was not known at the first notification to the data protection authority.
    CnilComplementary,
    /// The final report of NIS2.
    Nis2Final,
}

/// All clocks, at one moment.
#[derive(Clone, PartialEq, Debug)]
pub struct Panel {
    /// T0, if somebody decided it.
    pub known: Option<Known>,
    /// What was T0 before, oldest first.
    pub superseded: Vec<Known>,
    /// The clocks: what is due first comes first, what has no date last.
    pub clocks: Vec<Clock>,
    /// What the clocks cannot say.
    pub remarks: Vec<Remark>,
}

/// The moment from which the town knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    /// The moment.
    pub at: Timestamp,
    /// The entry that decides it.
    pub entry: u64,
}

/// One act, for one entity or for the town.
#[derive(Clone, PartialEq, Debug)]
pub struct Clock {
    /// What is asked for.
    pub act: Act,
    /// Of which entity; of the town as a whole, if none is named.
    pub entity: Option<EntityId>,
    /// By when, in the town's zone; nothing if that cannot be said.
    pub due: Option<Zoned>,
    /// What the date hangs on.
    pub basis: Basis,
    /// How it stands.
    pub state: ClockState,
}

/// What a date hangs on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Basis {
    /// T0.
    Known,
    /// Another act, which an entry tells of.
    Done(u64),
    /// Another act that was not done yet: the date holds if that is done at its last moment, and comes earlier otherwise.
    IfInTime,
    /// Nothing: no date can be said.
    Nothing,
}

/// How a clock stands.
#[derive(Clone, PartialEq, Debug)]
pub enum ClockState {
    /// Nobody decided T0.
    NotRunning,
    /// It runs, and nobody knows until when.
    Undated,
    /// So much is left.
    Running(SignedDuration),
    /// It is over since so long, and the journal tells of no act.
    Late(SignedDuration),
    /// It was done.
    Met(Met),
}

/// An act that was done.
#[derive(Clone, PartialEq, Debug)]
pub struct Met {
    /// The entry that tells of it.
    pub entry: u64,
    /// When it was done.
    pub at: Timestamp,
    /// Under which number it was received.
    pub receipt: Option<String>,
    /// It was done after it was due.
    pub is_late: bool,
}

/// What the clocks cannot say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Remark {
    /// Nobody decided T0: no clock runs.
    NotKnown,
    /// T0 lies after now.
    KnownLater,
    /// The map says that NIS2 does not bind the town; who looked it up last, if somebody did.
    Nis2None(Option<Checked>),
    /// The map names no insurer.
    NoInsurer,
    /// The map does not say by when the insurer wants to know.
    InsurerHours,
    /// The map names no entity.
    NoEntity,
    /// An entry tells that something was done that is no deadline.
    UnknownAct {
        /// The entry.
        entry: u64,
        /// What it names.
        name: String,
    },
    /// An entry tells that something was done for an entity that is not in the map.
    UnknownEntity {
        /// The entry.
        entry: u64,
        /// What it names.
        name: EntityId,
    },
}

/// An answer to whether NIS2 binds the town.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked {
    /// The entry.
    pub entry: u64,
    /// When it was written.
    pub time: Timestamp,
    /// What it says.
    pub words: String,
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Nis2Warning,
        Self::Complaint,
        Self::Cnil,
        Self::Nis2Notification,
        Self::Insurer,
        Self::CnilComplementary,
        Self::Nis2Final,
    ];

    /// Returns its name in a journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Complaint => "complaint",
            Self::Cnil => "cnil",
            Self::CnilComplementary => "cnil-complementary",
            Self::Nis2Warning => "nis2-warning",
            Self::Nis2Notification => "nis2-notification",
            Self::Nis2Final => "nis2-final",
            Self::Insurer => "insurer",
        }
    }

    /// Takes an act by its name in a journal.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.name() == name)
    }

    /// Tells whether each legal entity does it for itself.
    pub fn is_of_each_entity(self) -> bool {
        matches!(self, Self::Complaint | Self::Cnil | Self::CnilComplementary)
    }
}

/// Reads every clock of a town from its map and its journal.
pub fn deadlines(map: &Map, entries: &[Entry], now: Timestamp) -> Panel {
    let mut superseded = known(entries);
    let known = superseded.pop();
    let reader = Reader { map, known, done: done(entries), now };
    let mut remarks = Vec::new();
    match known {
        None => remarks.push(Remark::NotKnown),
        Some(known) if known.at > now => remarks.push(Remark::KnownLater),
        Some(_) => {}
    }
    remarks.extend(remarks_of_map(map, entries));
    remarks.extend(remarks_of_journal(map, entries));
    let mut clocks: Vec<_> = Act::ALL.into_iter().flat_map(|act| reader.clocks(act)).collect();
    // Sorting is stable: what is due at the same time keeps the order of acts, then that of the map.
    clocks.sort_by_key(|clock| clock.due.as_ref().map_or(Timestamp::MAX, Zoned::timestamp));
    Panel { known, superseded, clocks, remarks }
}

/// Returns every T0, the last of which counts. One that was put right without another in its place still counts: a clock that the law
/// started is not stopped by a note.
fn known(entries: &[Entry]) -> Vec<Known> {
    let known = entries.iter().filter_map(|entry| match entry.fact {
        Some(Fact::Known { at }) => Some(Known { at, entry: entry.number }),
        _ => None,
    });
    known.collect()
}

/// Something that an entry says was done.
struct Done<'e> {
    act: Act,
    entity: Option<&'e EntityId>,
    entry: u64,
    at: Timestamp,
    receipt: Option<&'e str>,
}

/// Returns what was done. What was put right was not: the clock runs again.
fn done(entries: &[Entry]) -> Vec<Done<'_>> {
    let done = holding(entries).filter_map(|entry| match &entry.fact {
        Some(Fact::Met { deadline, entity, receipt }) => Some(Done {
            act: Act::of_name(deadline)?,
            entity: entity.as_ref(),
            entry: entry.number,
            at: moment(entry),
            receipt: receipt.as_deref(),
        }),
        _ => None,
    });
    done.collect()
}

struct Reader<'e> {
    map: &'e Map,
    known: Option<Known>,
    done: Vec<Done<'e>>,
    now: Timestamp,
}

impl Reader<'_> {
    fn clocks(&self, act: Act) -> Vec<Clock> {
        // What was done is shown, whatever the map says.
        let was_done = self.done.iter().any(|done| done.act == act);
        let is_asked = was_done
            || match act {
                Act::Nis2Warning | Act::Nis2Notification | Act::Nis2Final => self.map.town.nis2 != Nis2::None,
                Act::Insurer => self.map.town.insurer.is_some(),
                Act::Complaint | Act::Cnil | Act::CnilComplementary => true,
            };
        match (is_asked, act.is_of_each_entity() && !self.map.entities.is_empty()) {
            (false, _) => Vec::new(),
            (true, true) => self.map.entities.iter().map(|entity| self.clock(act, Some(&entity.id))).collect(),
            (true, false) => vec![self.clock(act, None)],
        }
    }

    fn clock(&self, act: Act, entity: Option<&EntityId>) -> Clock {
        let (due, basis) = self.due(act, entity);
        let state = match (self.first_done(act, entity), &due) {
            (Some(done), due) => ClockState::Met(Met {
                entry: done.entry,
                at: done.at,
                receipt: done.receipt.map(str::to_string),
                is_late: due.as_ref().is_some_and(|due| done.at > due.timestamp()),
            }),
            (None, _) if self.known.is_none() && basis == Basis::Nothing => ClockState::NotRunning,
            (None, None) => ClockState::Undated,
            (None, Some(due)) => match due.timestamp().duration_since(self.now) {
                left if left.is_negative() => ClockState::Late(-left),
                left => ClockState::Running(left),
            },
        };
        Clock { act, entity: entity.cloned(), due, basis, state }
    }

    /// Returns the first entry that tells of an act. Done for all counts for each; where the town acts as a whole, any counts.
    fn first_done(&self, act: Act, entity: Option<&EntityId>) -> Option<&Done<'_>> {
        let counts =
            |done: &&Done<'_>| done.act == act && (entity.is_none() || done.entity.is_none() || done.entity == entity);
        self.done.iter().filter(counts).min_by_key(|done| (done.at, done.entry))
    }

    fn due(&self, act: Act, entity: Option<&EntityId>) -> (Option<Zoned>, Basis) {
        let zone = &self.map.town.zone;
        match act {
            Act::Complaint => self.hours_after_known(COMPLAINT_HOURS_MAX),
            Act::Cnil => self.hours_after_known(CNIL_HOURS_MAX),
            Act::Nis2Warning => self.hours_after_known(NIS2_WARNING_HOURS_MAX),
            Act::Nis2Notification => self.hours_after_known(NIS2_NOTIFICATION_HOURS_MAX),
            Act::Insurer => match self.map.town.insurer.as_ref().and_then(|insurer| insurer.hours_max) {
                Some(hours) => self.hours_after_known(hours),
                None => (None, Basis::Nothing),
            },
            Act::CnilComplementary => self.after(Act::Cnil, entity, |at| hours_later(at, CNIL_HOURS_MAX, zone)),
            Act::Nis2Final => self.after(Act::Nis2Notification, entity, |at| month_later(at, zone)),
        }
    }

    fn hours_after_known(&self, hours: u32) -> (Option<Zoned>, Basis) {
        match self.known {
            Some(known) => (hours_later(known.at, hours, &self.map.town.zone), Basis::Known),
            None => (None, Basis::Nothing),
        }
    }

    /// Counts from an act that was done, or else from the last moment at which it may be.
    fn after(
        &self,
        act: Act,
        entity: Option<&EntityId>,
        later: impl Fn(Timestamp) -> Option<Zoned>,
    ) -> (Option<Zoned>, Basis) {
        match (self.first_done(act, entity), self.due(act, entity).0) {
            (Some(done), _) => (later(done.at), Basis::Done(done.entry)),
            (None, Some(due)) => (later(due.timestamp()), Basis::IfInTime),
            (None, None) => (None, Basis::Nothing),
        }
    }
}

fn hours_later(at: Timestamp, hours: u32, zone: &TimeZone) -> Option<Zoned> {
    let due = at.checked_add(SignedDuration::from_hours(i64::from(hours))).ok()?;
    Some(due.to_zoned(zone.clone()))
}

/// The same day and time of the next month; its last day, if it has fewer.
fn month_later(at: Timestamp, zone: &TimeZone) -> Option<Zoned> {
    at.to_zoned(zone.clone()).checked_add(1.month()).ok()
}

fn remarks_of_map(map: &Map, entries: &[Entry]) -> Vec<Remark> {
    let mut remarks = Vec::new();
    if map.town.nis2 == Nis2::None {
        let checked = answers(entries).remove(NIS2_ANSWER);
        let checked =
            checked.map(|(entry, words)| Checked { entry: entry.number, time: entry.time, words: words.into() });
        remarks.push(Remark::Nis2None(checked));
    }
    match &map.town.insurer {
        None => remarks.push(Remark::NoInsurer),
        Some(insurer) if insurer.hours_max.is_none() => remarks.push(Remark::InsurerHours),
        Some(_) => {}
    }
    if map.entities.is_empty() {
        remarks.push(Remark::NoEntity);
    }
    remarks
}

fn remarks_of_journal(map: &Map, entries: &[Entry]) -> Vec<Remark> {
    let remark = |entry: &Entry| match &entry.fact {
        Some(Fact::Met { deadline, .. }) if Act::of_name(deadline).is_none() => {
            Some(Remark::UnknownAct { entry: entry.number, name: deadline.clone() })
        }
        Some(Fact::Met { entity: Some(entity), .. }) if map.entity(entity).is_none() => {
            Some(Remark::UnknownEntity { entry: entry.number, name: entity.clone() })
        }
        _ => None,
    };
    holding(entries).filter_map(remark).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::map::Insurer;
    use crate::scripted::{Script, paris, town};

    fn met(deadline: &str, entity: Option<&str>, receipt: Option<&str>) -> Fact {
        let (deadline, receipt) = (deadline.to_string(), receipt.map(str::to_string));
        Fact::Met { deadline, entity: entity.map(EntityId::from), receipt }
    }

    fn rows(panel: &Panel) -> Vec<String> {
        let row = |clock: &Clock| {
            let due = clock.due.as_ref().map_or("-".to_string(), |due| due.strftime("%m-%d %H:%M %z").to_string());
            format!("{} {} {due}", clock.act.name(), clock.entity.as_ref().map_or("-", EntityId::as_str))
        };
        panel.clocks.iter().map(row).collect()
    }

    fn clock<'p>(panel: &'p Panel, act: Act, entity: Option<&str>) -> &'p Clock {
        let is = |clock: &&Clock| clock.act == act && clock.entity.as_ref().map(EntityId::as_str) == entity;
        panel.clocks.iter().find(is).unwrap()
    }

    fn hours(hours: i64) -> SignedDuration {
        SignedDuration::from_hours(hours)
    }

    #[test]
    fn every_clock_of_two_entities_in_the_order_of_their_dates() {
        let mut map = town();
        map.town.nis2 = Nis2::Essential;
        let mut script = Script::begin();
        script.known(0);
        let panel = deadlines(&map, &script.entries, script.at(1));
        assert_eq!(
            rows(&panel),
            [
                "nis2-warning - 11-22 08:30 +0100",
                "insurer - 11-23 08:30 +0100",
                "complaint mairie 11-24 08:30 +0100",
                "complaint ccas 11-24 08:30 +0100",
                "cnil mairie 11-24 08:30 +0100",
                "cnil ccas 11-24 08:30 +0100",
                "nis2-notification - 11-24 08:30 +0100",
                "cnil-complementary mairie 11-27 08:30 +0100",
                "cnil-complementary ccas 11-27 08:30 +0100",
                "nis2-final - 12-24 08:30 +0100",
            ]
        );
        assert_eq!(clock(&panel, Act::Complaint, Some("ccas")).state, ClockState::Running(hours(71)));
        assert_eq!(clock(&panel, Act::Nis2Final, None).basis, Basis::IfInTime);
        assert_eq!(panel.remarks, []);
    }

    #[test]
    fn without_t0_no_clock_runs_and_that_is_said() {
        let panel = deadlines(&town(), &Script::begin().entries, Timestamp::UNIX_EPOCH);
        assert!(panel.known.is_none() && panel.remarks.contains(&Remark::NotKnown));
        assert_eq!(panel.clocks.len(), 7, "what will be asked for is listed all the same");
        assert!(panel.clocks.iter().all(|clock| clock.due.is_none() && clock.state == ClockState::NotRunning));
    }

    #[test]
    fn the_last_t0_counts_and_a_note_does_not_stop_the_clocks() {
        let mut script = Script::begin();
        let first = script.known(0);
        let second = script.known(-5);
        let note = script.note(2, "the hour of entry 3 is being verified");
        script.entries[note as usize - 1].corrects = Some(second);
        let panel = deadlines(&town(), &script.entries, script.at(1));
        assert_eq!(panel.superseded, [Known { at: script.at(0), entry: first }]);
        assert_eq!(panel.known, Some(Known { at: script.at(-5), entry: second }));
        assert_eq!(clock(&panel, Act::Cnil, Some("mairie")).state, ClockState::Running(hours(66)));
    }

    #[test]
    fn what_was_done_is_met_for_whom_it_was_done() {
        let mut script = Script::begin();
        script.known(0);
        let complaint = script.fact(5, "complaint", met("complaint", Some("mairie"), Some("2026/1234")));
        script.fact(75, "told", met("insurer", None, None));
        let cnil = script.fact(80, "notified", met("cnil", None, Some("N-1")));
        let panel = deadlines(&town(), &script.entries, script.at(90));
        let ClockState::Met(met) = &clock(&panel, Act::Complaint, Some("mairie")).state else { panic!() };
        assert_eq!((met.entry, met.receipt.as_deref(), met.is_late), (complaint, Some("2026/1234"), false));
        assert_eq!(clock(&panel, Act::Complaint, Some("ccas")).state, ClockState::Late(hours(18)));
        for entity in ["mairie", "ccas"] {
            let ClockState::Met(met) = &clock(&panel, Act::Cnil, Some(entity)).state else { panic!() };
            assert!(met.is_late);
            let complementary = clock(&panel, Act::CnilComplementary, Some(entity));
            assert_eq!(
                (&complementary.basis, &complementary.state),
                (&Basis::Done(cnil), &ClockState::Running(hours(62)))
            );
        }
    }

    #[test]
    fn an_act_that_was_put_right_was_not_done() {
        let mut script = Script::begin();
        script.known(0);
        let wrong = script.fact(5, "complaint", met("complaint", None, None));
        let note = script.note(6, "the gendarmerie took no complaint yet");
        script.entries[note as usize - 1].corrects = Some(wrong);
        let panel = deadlines(&town(), &script.entries, script.at(10));
        assert_eq!(clock(&panel, Act::Complaint, Some("mairie")).state, ClockState::Running(hours(62)));
    }

    #[test]
    fn the_nights_on_which_clocks_are_set_have_as_many_hours_as_pass() {
        let check = |known: &str, due: &str| {
            let mut script = Script::begin();
            script.start = known.parse().unwrap();
            script.known(0);
            let panel = deadlines(&town(), &script.entries, script.at(0));
            let clock = clock(&panel, Act::Complaint, Some("mairie"));
            assert_eq!(clock.due.as_ref().unwrap().strftime("%Y-%m-%dT%H:%M%:z").to_string(), due);
            assert_eq!(clock.state, ClockState::Running(hours(72)));
        };
        check("2026-10-23T12:00:00+02:00", "2026-10-26T11:00+01:00");
        check("2026-03-27T12:00:00+01:00", "2026-03-30T13:00+02:00");
    }

    #[test]
    fn a_month_ends_on_its_last_day_and_counts_from_the_notification() {
        let check = |sent: &str, due: &str| {
            let mut map = town();
            map.town.nis2 = Nis2::Important;
            let mut script = Script::begin();
            script.start = sent.parse().unwrap();
            script.known(-10);
            script.fact(0, "notified", met("nis2-notification", None, None));
            let panel = deadlines(&map, &script.entries, script.at(1));
            let clock = clock(&panel, Act::Nis2Final, None);
            assert_eq!(clock.due.as_ref().unwrap().strftime("%Y-%m-%dT%H:%M%:z").to_string(), due);
        };
        check("2027-01-31T10:00:00+01:00", "2027-02-28T10:00+01:00");
        check("2026-09-30T10:00:00+02:00", "2026-10-30T10:00+01:00");
        check("2026-12-15T23:30:00+01:00", "2027-01-15T23:30+01:00");
    }

    #[test]
    fn what_the_map_leaves_out_is_said_and_never_an_answer() {
        let mut map = town();
        (map.town.insurer, map.entities) = (None, Vec::new());
        let mut script = Script::begin();
        script.known(2);
        script.fact(1, "sent", met("cnli", None, None));
        script.fact(1, "sent", met("cnil", Some("ville"), None));
        let remarks = deadlines(&map, &script.entries, script.at(1)).remarks;
        let unknown = [
            Remark::UnknownAct { entry: 3, name: "cnli".into() },
            Remark::UnknownEntity { entry: 4, name: "ville".into() },
        ];
        let map_says = [Remark::KnownLater, Remark::Nis2None(None), Remark::NoInsurer, Remark::NoEntity];
        assert_eq!(remarks, [&map_says[..], &unknown].concat());
        map.town.insurer = Some(Insurer { name: "A".into(), contract: None, phone: None, hours_max: None });
        let answer = Fact::Answer { field: NIS2_ANSWER.into(), words: "prefecture asked".into() };
        let entry = script.fact(3, "asked", answer);
        let panel = deadlines(&map, &script.entries, script.at(4));
        let checked = Checked { entry, time: script.at(3), words: "prefecture asked".into() };
        assert!(panel.remarks.contains(&Remark::Nis2None(Some(checked))));
        assert!(panel.remarks.contains(&Remark::InsurerHours));
        assert_eq!(clock(&panel, Act::Insurer, None).state, ClockState::Undated);
        assert_eq!(clock(&panel, Act::Complaint, None).due.as_ref().unwrap().time_zone(), &paris());
    }

    #[test]
    fn dates_at_the_end_of_time_are_not_said() {
        let mut script = Script::begin();
        script.start = Timestamp::MAX;
        script.known(0);
        let panel = deadlines(&town(), &script.entries, Timestamp::UNIX_EPOCH);
        assert!(panel.clocks.iter().all(|clock| clock.state == ClockState::Undated));
    }

    proptest! {
        #[test]
        fn hours_left_and_hours_late_add_up(at in 0_i64..4_000_000_000, passed in -1_000_000_i64..1_000_000, hours_max in 0_u32..2000) {
            let mut map = town();
            map.town.nis2 = Nis2::Essential;
            map.town.insurer.as_mut().unwrap().hours_max = Some(hours_max);
            let mut script = Script::begin();
            script.start = Timestamp::from_second(at).unwrap();
            script.known(0);
            let now = Timestamp::from_second(at + passed).unwrap();
            let panel = deadlines(&map, &script.entries, now);
            for clock in &panel.clocks {
                let due = clock.due.as_ref().unwrap().timestamp();
                match &clock.state {
                    ClockState::Running(left) => prop_assert_eq!(now.checked_add(*left).unwrap(), due),
                    ClockState::Late(late) => prop_assert_eq!(due.checked_add(*late).unwrap(), now),
                    other => prop_assert!(false, "{:?}", other),
                }
                if clock.basis == Basis::Known {
                    let whole = due.duration_since(script.start);
                    let expected = match clock.act {
                        Act::Insurer => hours_max,
                        Act::Nis2Warning => 24,
                        _ => 72,
                    };
                    prop_assert_eq!(whole, SignedDuration::from_hours(i64::from(expected)));
                }
            }
            prop_assert!(panel.clocks.windows(2).all(|pair| pair[0].due.as_ref().unwrap() <= pair[1].due.as_ref().unwrap()));
        }

        #[test]
        fn an_act_never_reopens_as_time_passes(done in 0_i64..500, now in 0_i64..1000) {
            let mut script = Script::begin();
            script.known(0);
            script.fact(done, "done", met("complaint", None, None));
            let panel = deadlines(&town(), &script.entries, script.at(now));
            for entity in ["mairie", "ccas"] {
                let ClockState::Met(met) = &clock(&panel, Act::Complaint, Some(entity)).state else { panic!() };
                prop_assert_eq!(met.is_late, done > 72);
            }
        }
    }
}
