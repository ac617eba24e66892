//! How easily this machine's alarms ring: what it asks for itself (`sensitivity.json` in the vault's state folder), and what owners signed.
//!
//! The more sensitive of the two counts. The state is in the hands of whoever has the machine: so it can ask for more than owners
//! said, and never for less. Losing it costs what was asked for here, and nothing of what owners signed.
#![cfg_attr(test, expect(clippy::disallowed_methods, reason = "tests damage the file"))]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use triage::alarm::Sensitivity;
use vault::owner_log::{AlarmPolicy, OwnerLog};
use vault::state::{AgentKeys, StateFolder};
use vault::strand::source_tag;

use crate::failure::Failure;
use crate::messages::text;
use crate::state_json;

/// What this machine asks for. The last word about a source counts, and a word about all is one about each.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Wishes {
    /// For sources of which nothing special is said.
    #[serde(default)]
    all: Wish,
    #[serde(default)]
    sources: BTreeMap<String, Wish>,
    #[serde(skip)]
    path: PathBuf,
}

/// A word for a sensitivity, or nothing.
type Wish = Option<String>;

/// How easily the alarms of a source ring, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InForce {
    /// What this machine asks for, if it asks.
    pub machine: Option<Sensitivity>,
    /// The owners' last word, if they said any.
    pub owners: Option<AlarmPolicy>,
}

impl Wishes {
    /// Reads them; none, or a file that is damaged, asks for nothing.
    pub fn open(folder: &Path) -> Self {
        let path = folder.join("sensitivity.json");
        let known: Option<Self> = state_json::read(&path);
        Self { path, ..known.unwrap_or_default() }
    }

    /// Returns what is asked for a source, or for all others. `low` asks for nothing: a machine cannot.
    pub fn find(&self, source: Option<&str>) -> Option<Sensitivity> {
        let wish = source.and_then(|source| self.sources.get(source)).unwrap_or(&self.all);
        let asked = wish.as_deref().and_then(Sensitivity::of_word);
        asked.filter(|sensitivity| *sensitivity > Sensitivity::Low)
    }

    /// Returns the sources of which something special is said.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        self.sources.keys().map(String::as_str)
    }

    /// Asks for a source, or for all, from now on; durably.
    pub fn ask(&mut self, source: Option<&str>, wish: Option<Sensitivity>) -> Result<(), Failure> {
        let wish = wish.map(|sensitivity| sensitivity.word().to_string());
        match source {
            Some(source) => {
                self.sources.insert(source.to_string(), wish);
            }
            None => {
                self.sources.clear();
                self.all = wish;
            }
        }
        let failed = |error| Failure::from(error).under(text("err-wishes").show("path", self.path.display()));
        state_json::write(&self.path, self).map_err(failed)
    }
}

impl InForce {
    /// Looks up what holds for a source of this machine, or for all others.
    ///
    /// The log counts only if it descends from the owner whom this machine knows since it was enrolled.
    pub fn find(log: &OwnerLog, keys: &AgentKeys, folder: &StateFolder, source: Option<&str>) -> Self {
        let tag = source.map(|source| source_tag(&keys.id_key, source));
        let is_known = log.founders.contains(&keys.founder);
        let owners = is_known.then(|| log.alarm_policy(tag.as_ref())).flatten().cloned();
        Self { machine: Wishes::open(folder.path()).find(source), owners }
    }

    /// Returns what holds: the more sensitive.
    pub fn sensitivity(&self) -> Sensitivity {
        let owners = self.owners.as_ref().map(|policy| Sensitivity::of_number(policy.level)).unwrap_or_default();
        owners.max(self.machine.unwrap_or(Sensitivity::Low))
    }
}

#[cfg(test)]
mod tests {
    use vault::world::Timestamp;

    use super::*;

    fn holds(machine: Option<Sensitivity>, owners: Option<u64>) -> Sensitivity {
        let owners = owners.map(|level| AlarmPolicy { level, sources: None, time: Timestamp::from_seconds(0) });
        InForce { machine, owners }.sensitivity()
    }

    #[test]
    fn the_more_sensitive_counts_and_a_machine_lowers_nothing() {
        assert_eq!(holds(None, None), Sensitivity::Usual);
        assert_eq!(holds(None, Some(0)), Sensitivity::Low);
        for machine in [None, Some(Sensitivity::Usual), Some(Sensitivity::High)] {
            for (level, owners) in (0..).zip(Sensitivity::ALL) {
                assert!(holds(machine, Some(level)) >= owners);
                assert!(machine.is_none_or(|machine| holds(machine.into(), Some(level)) >= machine));
            }
            assert!(holds(machine, None) >= Sensitivity::Usual);
        }
    }

    #[test]
    fn the_last_word_about_a_source_counts() {
        let folder = tempfile::tempdir().unwrap();
        let mut wishes = Wishes::open(folder.path());
        wishes.ask(Some("compta"), Some(Sensitivity::High)).unwrap();
        wishes.ask(Some("cantine"), None).unwrap();
        let wishes = Wishes::open(folder.path());
        assert_eq!(wishes.find(Some("compta")), Some(Sensitivity::High));
        assert_eq!((wishes.find(Some("cantine")), wishes.find(None)), (None, None));
        let mut wishes = wishes;
        wishes.ask(None, Some(Sensitivity::Usual)).unwrap();
        wishes.ask(Some("cantine"), None).unwrap();
        let wishes = Wishes::open(folder.path());
        assert_eq!(wishes.find(Some("compta")), Some(Sensitivity::Usual));
        assert_eq!(wishes.find(Some("cantine")), None);
    }

    #[test]
    fn what_makes_no_sense_asks_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        for content in ["", "{", "[]", r#"{"all":"low"}"#, r#"{"all":"deaf","sources":{"a":"low"}}"#, r#"{"all":7}"#] {
            std::fs::write(folder.path().join("sensitivity.json"), content).unwrap();
            let wishes = Wishes::open(folder.path());
            assert_eq!((wishes.find(None), wishes.find(Some("a"))), (None, None), "{content}");
        }
    }
}
