//! What was given back already: a return that was interrupted goes on where it was.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use town::map::{Map, NodeId, SourceName};
use town::state::{Level, State};

use super::ground::Ground;
use crate::failure::Failure;
use crate::messages::text;
use crate::state_json;

/// What was done below a folder, with what it took.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Record {
    /// The vault from which it was given back, in hexadecimal.
    #[serde(default)]
    vault: String,
    /// Sources whose return was begun, with the SHA-256 of the plan.
    #[serde(default)]
    pub begun: BTreeMap<SourceName, String>,
    /// Sources that were given back.
    pub sources: BTreeMap<SourceName, Given>,
    /// What is back, and since when.
    pub back: BTreeMap<NodeId, Back>,
    #[serde(skip)]
    path: PathBuf,
}

/// A source that was given back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Given {
    /// How many bytes.
    pub bytes: u64,
    /// How many entries.
    pub entries: u64,
    /// In how many seconds, the plan included.
    pub seconds: f64,
    /// How many files stand otherwise than in the last snapshot: their last clean version was given back, or none.
    pub mended: u64,
    /// When the last snapshot was begun that is given back: what was done later is lost.
    pub kept: Option<String>,
}

/// Something that is back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Back {
    /// When it was said, in RFC 3339.
    pub at: String,
    /// In how many seconds from the beginning of its first step.
    pub seconds: f64,
}

impl Record {
    /// Reads the record of a folder; an empty one, if it has none. One of another vault tells nothing of this one.
    pub fn open(folder: &Path, vault: &str) -> Result<Self, Failure> {
        let path = folder.join("record.json");
        match state_json::read::<Self>(&path) {
            Some(known) if known.vault != vault => {
                Err(Failure::new(text("err-recover-vault")).under(text("err-at-path").show("path", path.display())))
            }
            known => Ok(Self { path, vault: vault.to_string(), ..known.unwrap_or_default() }),
        }
    }

    /// Tells whether a source was given back, and is still there.
    pub fn has(&self, ground: &Ground, source: &SourceName) -> bool {
        self.sources.contains_key(source) && ground.is_there(source)
    }

    /// Forgets what was back and fell again since: somebody, a probe or triage said so later.
    pub fn forget_fallen(&mut self, state: &State) {
        self.back.retain(|node, back| {
            let at = back.at.parse::<Timestamp>().unwrap_or(Timestamp::MIN);
            state.value(node).is_none_or(|value| value.is == Level::Up || value.said <= at)
        });
    }

    /// Forgets what is said to be back without the sources that it needs: a word alone brings nothing back.
    pub fn believe(&mut self, map: &Map, ground: &Ground) {
        let mut back = std::mem::take(&mut self.back);
        back.retain(|node, _| {
            map.service(node).is_none_or(|service| service.sources.iter().all(|source| self.has(ground, source)))
        });
        self.back = back;
    }

    /// Writes it down, durably.
    pub fn keep(&self) -> io::Result<()> {
        state_json::write(&self.path, self)
    }
}
