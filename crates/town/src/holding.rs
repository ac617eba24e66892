//! What holds in a journal: its entries, less those that later ones put right.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::journal::{Damage, Entry, Fact};
use crate::map::Map;
use crate::state::{Level, Origin, State, Value};

/// Returns the entries that no other puts right, in their order.
///
/// An entry that puts another right takes its place with all that it says, also where it says less. An entry never puts right what
/// comes after it, nor itself.
pub fn holding(entries: &[Entry]) -> impl Iterator<Item = &Entry> {
    let righted: BTreeSet<u64> =
        entries.iter().filter_map(|entry| entry.corrects.filter(|number| *number < entry.number)).collect();
    entries.iter().filter(move |entry| !righted.contains(&entry.number))
}

/// Returns what a journal says of services, hosts and providers.
pub fn state(entries: &[Entry]) -> State {
    State::of(values(entries).map(|(_, value)| value))
}

/// Returns every value that was said, with the number of its entry.
///
/// What was written later was said later, whatever the clock said: one that went wrong for an hour must not outvote all that follows.
pub fn values(entries: &[Entry]) -> impl Iterator<Item = (u64, Value)> {
    in_turn(entries).filter_map(|(entry, said)| match &entry.fact {
        Some(Fact::State(value)) => Some((entry.number, Value { said, ..value.clone() })),
        _ => None,
    })
}

/// Returns what says how something is, each with when it was said: never before what stands above it, whatever a clock showed.
fn in_turn(entries: &[Entry]) -> impl Iterator<Item = (&Entry, Timestamp)> {
    let mut latest = Timestamp::MIN;
    holding(entries).filter_map(move |entry| {
        let said = match &entry.fact {
            Some(Fact::State(value)) => value.said,
            Some(Fact::Damage(_)) => entry.time,
            _ => return None,
        };
        let next = latest.checked_add(SignedDuration::from_nanos(1)).unwrap_or(latest);
        latest = said.max(next);
        Some((entry, latest))
    })
}

/// Returns what is known of services, hosts and providers: what the journal says, and what the damage to its sources says of a service.
///
/// A service of which a tenth of the files are hurt or gone is held to be down, one with fewer to be degraded, as of when that was told. That
/// files are sound says nothing of the service.
pub fn known(map: &Map, entries: &[Entry]) -> State {
    let mut damages: BTreeMap<&str, (Timestamp, &Damage)> = BTreeMap::new();
    for (entry, said) in in_turn(entries) {
        if let Some(Fact::Damage(damage)) = &entry.fact {
            damages.insert(&damage.source, (said, damage));
        }
    }
    let mut state = state(entries);
    for service in &map.services {
        let of_service = service.sources.iter().filter_map(|source| damages.get(source.as_str()));
        let hurt: Vec<_> = of_service.filter(|(_, damage)| damage.hurt > 0 || damage.gone > 0).collect();
        let Some(said) = hurt.iter().map(|(said, _)| *said).max() else { continue };
        let sum =
            |of: &dyn Fn(&Damage) -> u64| hurt.iter().fold(0_u64, |sum, (_, damage)| sum.saturating_add(of(damage)));
        let (lost, files) = (sum(&|damage| damage.hurt.saturating_add(damage.gone)), sum(&|damage| damage.files));
        state.say(Value {
            of: service.id.clone(),
            is: if lost.saturating_mul(10) >= files { Level::Down } else { Level::Degraded },
            how: Some(format!("{lost}/{files}")),
            why: None,
            since: hurt.iter().filter_map(|(_, damage)| damage.hurt_since).min(),
            next_news: None,
            origin: Origin::Damage,
            said,
        });
    }
    state
}

/// Returns the last answer to each field, with its entry.
pub fn answers(entries: &[Entry]) -> BTreeMap<&str, (&Entry, &str)> {
    let given = holding(entries).filter_map(|entry| match &entry.fact {
        Some(Fact::Answer { field, words }) => Some((field.as_str(), (entry, words.as_str()))),
        _ => None,
    });
    given.collect()
}

/// Tells when what an entry tells of happened: when it was written, if it does not say.
pub fn moment(entry: &Entry) -> Timestamp {
    entry.happened.unwrap_or(entry.time)
}

/// Tells whether a journal is that of an exercise.
pub fn is_exercise(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| matches!(entry.fact, Some(Fact::Opened { exercise: true, .. })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::Script;
    use crate::state::{Level, Origin};

    #[test]
    fn what_is_put_right_does_not_hold() {
        let answer = |words: &str| Fact::Answer { field: "nature".into(), words: words.into() };
        let mut script = Script::begin();
        let wrong = script.fact(1, "wrong", answer("a"));
        let right = script.fact(2, "right", answer("b"));
        script.entries[right as usize - 1].corrects = Some(wrong);
        assert_eq!(answers(&script.entries)["nature"].1, "b");
        let last = script.fact(3, "righter", answer("c"));
        script.entries[last as usize - 1].corrects = Some(right);
        let texts: Vec<_> = holding(&script.entries).map(|entry| entry.text.as_str()).collect();
        assert_eq!(texts, ["the journal begins", "righter"]);
    }

    #[test]
    fn a_service_is_known_by_the_damage_to_its_sources_until_somebody_looked() {
        use crate::map::{SourceName, Wave};
        use crate::sample::{empty, service};
        let mut map = empty();
        let mut of_two = service("etat-civil", Wave::LIFE, 24, &[]);
        of_two.sources = ["actes", "scans"].map(SourceName::from).into();
        map.services = vec![of_two, service("site", Wave::CONTACT, 24, &[])];
        let damage = |source: &str, files, hurt, gone| {
            Fact::Damage(Damage { source: source.into(), files, hurt, gone, ..Damage::default() })
        };
        let mut script = Script::begin();
        let level = |script: &Script| known(&map, &script.entries).level(&"etat-civil".into());
        script.fact(1, "sound", damage("actes", 100, 0, 0));
        assert_eq!(level(&script), None, "that files are sound says nothing of the service");
        script.fact(2, "a few", damage("actes", 100, 4, 5));
        assert_eq!(level(&script), Some(Level::Degraded));
        script.fact(3, "more", damage("scans", 100, 60, 0));
        let state = known(&map, &script.entries);
        let value = state.value(&"etat-civil".into()).unwrap();
        assert_eq!((value.is, value.how.as_deref(), value.origin), (Level::Down, Some("69/200"), Origin::Damage));
        assert_eq!(state.level(&"site".into()), None);
        let said = crate::holding::moment(script.entries.last().unwrap());
        let mended = Value {
            of: "etat-civil".into(),
            is: Level::Up,
            how: None,
            why: None,
            since: None,
            next_news: None,
            origin: Origin::Human,
            said,
        };
        script.fact(4, "looked at", Fact::State(mended));
        assert_eq!(level(&script), Some(Level::Up), "a person's word replaces what was told before");
    }

    #[test]
    fn a_clock_that_was_wrong_once_does_not_outvote_what_is_written_after() {
        let mut script = Script::begin();
        let said = |is, time: &str, origin| {
            let said = time.parse().unwrap();
            let (how, why) = (None, None);
            Fact::State(Value { of: "paie".into(), is, how, why, since: None, next_news: None, origin, said })
        };
        script.fact(1, "down", said(Level::Down, "2031-01-01T00:00:00Z", Origin::Human));
        script.fact(2, "up", said(Level::Up, "2026-11-22T09:00:00Z", Origin::Human));
        assert_eq!(state(&script.entries).level(&"paie".into()), Some(Level::Up));
        script.fact(3, "damage", said(Level::Down, "2026-11-22T09:30:00Z", Origin::Damage));
        assert_eq!(state(&script.entries).level(&"paie".into()), Some(Level::Down));
        script.fact(4, "the end of time", said(Level::Down, &Timestamp::MAX.to_string(), Origin::Human));
        script.fact(5, "up", said(Level::Up, "1969-01-01T00:00:00Z", Origin::Human));
        assert_eq!(state(&script.entries).level(&"paie".into()), Some(Level::Up));
    }

    #[test]
    fn nothing_puts_itself_or_the_future_right() {
        let mut script = Script::begin();
        let one = script.note(1, "one");
        let two = script.note(2, "two");
        script.entries[one as usize - 1].corrects = Some(two);
        script.entries[two as usize - 1].corrects = Some(two);
        assert_eq!(holding(&script.entries).count(), 3);
    }
}
