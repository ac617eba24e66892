//! What is known of services, hosts and providers now: each value with its origin and its age, and what holds when they disagree.

mod read;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::map::NodeId;

pub use read::StateFileError;

/// How something is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It works.
    Up,
    /// It works in part.
    Degraded,
    /// Nobody knows.
    Unknown,
    /// It does not work.
    Down,
}

/// Who says so.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A command that asked it.
    Probe,
    /// What triage found in its sources.
    Damage,
    /// A person.
    Human,
}

/// What somebody said of something at one time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Value {
    /// Of what.
    pub of: NodeId,
    /// How it is.
    pub is: Level,
    /// How it is degraded, or what is known of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// When there will be news.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_news: Option<Timestamp>,
    /// Who says so.
    pub origin: Origin,
    /// When it was said.
    pub said: Timestamp,
}

/// All that was said.
///
/// What a person says replaces what was said before; what probes and damage say after that counts again; of what stands, the worst holds.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct State {
    values: BTreeMap<NodeId, BTreeMap<Origin, Value>>,
}

impl State {
    /// Takes values in any order; of one origin the latest counts.
    pub fn of(values: impl IntoIterator<Item = Value>) -> Self {
        let mut state = Self::default();
        values.into_iter().for_each(|value| state.say(value));
        state
    }

    /// Adds a value.
    pub fn say(&mut self, value: Value) {
        let of = self.values.entry(value.of.clone()).or_default();
        match of.get(&value.origin) {
            Some(known) if known.said > value.said => {}
            _ => {
                of.insert(value.origin, value);
            }
        }
    }

    /// Returns the value that holds; nothing if nobody said anything.
    pub fn value(&self, of: &NodeId) -> Option<&Value> {
        let values = self.values.get(of)?;
        let human = values.get(&Origin::Human).map(|value| value.said);
        let stands = |value: &&Value| value.origin == Origin::Human || human.is_none_or(|said| value.said > said);
        // Of what is equally bad, the latest: it tells most.
        values.values().filter(stands).max_by_key(|value| (value.is, value.said, value.origin))
    }

    /// Returns how something is.
    pub fn level(&self, of: &NodeId) -> Option<Level> {
        self.value(of).map(|value| value.is)
    }

    /// Returns every value that was said of something, one for each origin: what holds, and what it was weighed against.
    pub fn all(&self, of: &NodeId) -> impl Iterator<Item = &Value> {
        self.values.get(of).into_iter().flat_map(BTreeMap::values)
    }

    /// Tells whether nothing was said of anything.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(origin: Origin, is: Level, said: i64) -> Value {
        let said = Timestamp::from_second(said).unwrap();
        Value { of: "paie".into(), is, how: None, why: None, since: None, next_news: None, origin, said }
    }

    #[test]
    fn a_persons_word_replaces_what_was_said_before_and_the_worst_of_what_stands_holds() {
        let check = |values: &[(Origin, Level, i64)], expected: Option<Level>| {
            let values = values.iter().map(|(origin, is, said)| value(*origin, *is, *said));
            let (forward, back) = (State::of(values.clone()), State::of(values.rev()));
            assert_eq!((forward.level(&"paie".into()), back.level(&"paie".into())), (expected, expected));
        };
        use Level::{Degraded, Down, Up};
        use Origin::{Damage, Human, Probe};
        check(&[], None);
        check(&[(Probe, Up, 1), (Damage, Down, 1)], Some(Down));
        check(&[(Probe, Up, 1), (Damage, Down, 1), (Human, Degraded, 2)], Some(Degraded));
        check(&[(Probe, Up, 3), (Human, Degraded, 2)], Some(Degraded));
        check(&[(Probe, Down, 3), (Human, Up, 2)], Some(Down));
        check(&[(Probe, Down, 1), (Human, Up, 2), (Probe, Up, 3)], Some(Up));
        check(&[(Human, Down, 5), (Human, Up, 6)], Some(Up));
    }
}
