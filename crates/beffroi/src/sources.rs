//! What this machine calls its sources: `sources.json` in the vault's state folder.
//!
//! It keeps a name from meaning other paths by accident, and says what to expect of the next backup. Losing it costs
//! both, once.
#![cfg_attr(test, expect(clippy::disallowed_methods, reason = "tests damage the file"))]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::messages::text;
use crate::output::Output;
use crate::state_json;

/// The sources of this machine, by name.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Sources {
    sources: BTreeMap<String, Source>,
    #[serde(skip)]
    path: PathBuf,
}

/// What was last kept under a name.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Source {
    /// The paths, or the words of the command, in base64: names need not be text.
    pub paths: Vec<String>,
    /// Entries of the last snapshot.
    pub entries: u64,
    /// Bytes of content of the last snapshot.
    pub bytes: u64,
    /// When files looked hurt: seconds since 1970, and how many.
    #[serde(default)]
    pub hurt: Vec<(i64, u64)>,
}

impl Source {
    /// Files that looked hurt so many seconds ago are not counted any more.
    pub const HURT_SECONDS_MAX: i64 = 30 * 24 * 3600;

    /// Returns when files looked hurt lately, and how many.
    pub fn hurt_lately(&self, now: i64) -> Vec<(i64, u64)> {
        self.hurt.iter().filter(|(when, _)| now - *when <= Self::HURT_SECONDS_MAX).copied().collect()
    }
}

impl Sources {
    /// Reads the list; none, or one that is damaged, is empty.
    pub fn open(folder: &Path) -> Self {
        let path = folder.join("sources.json");
        let known: Option<Self> = state_json::read(&path);
        Self { path, ..known.unwrap_or_default() }
    }

    /// Returns what was last kept under a name.
    pub fn find(&self, name: &str) -> Option<&Source> {
        self.sources.get(name)
    }

    /// Returns the names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sources.keys().map(String::as_str)
    }

    /// Notes what was kept under a name, durably.
    pub fn save(&mut self, name: &str, source: Source) -> Result<(), Failure> {
        self.sources.insert(name.to_string(), source);
        state_json::write(&self.path, self)
            .map_err(|error| Failure::from(error).under(text("err-sources").show("path", self.path.display())))
    }
}

/// Spells paths so that a JSON file can hold them.
pub fn spell(paths: &[Vec<u8>]) -> Vec<String> {
    paths.iter().map(|path| data_encoding::BASE64.encode(path)).collect()
}

/// Refuses a name that could not be written in a selector (`NAME@latest`, `SNAP:PATH`) or would mangle a list.
pub fn check_name(name: &str) -> Result<(), Failure> {
    let sound = !name.is_empty() && name.len() <= 255 && !name.contains(['@', ':']) && !name.contains(char::is_control);
    if sound { Ok(()) } else { Err(Failure::usage(text("err-source-name").with("name", Output::safe(name)))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_remembered_and_damage_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let source = Source { paths: spell(&[b"/srv/\xff".to_vec()]), entries: 3, bytes: 4, hurt: vec![(5, 6)] };
        Sources::open(folder.path()).save("srv", source.clone()).unwrap();
        assert_eq!(Sources::open(folder.path()).find("srv"), Some(&source));
        std::fs::write(folder.path().join("sources.json"), "{").unwrap();
        assert_eq!(Sources::open(folder.path()).find("srv"), None);
    }

    #[test]
    fn names_that_break_selectors_are_refused() {
        for name in ["", "a@b", "a:b", "a\nb", &"x".repeat(256)] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
        assert!(check_name("état civil").is_ok());
    }
}
