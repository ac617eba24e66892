//! What was given back already: a return that was interrupted goes on where it was.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use town::map::{NodeId, SourceName};

use crate::state_json;

/// What was done below a folder, with what it took.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Record {
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
    /// Reads the record of a folder; an empty one, if it has none.
    pub fn open(folder: &Path) -> Self {
        let path = folder.join("record.json");
        Self { path: path.clone(), ..state_json::read(&path).unwrap_or_default() }
    }

    /// Writes it down, durably.
    pub fn keep(&self) -> io::Result<()> {
        state_json::write(&self.path, self)
    }
}
