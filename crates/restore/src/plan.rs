//! A plan: what stands otherwise than in the newest snapshot, path by path, with reasons. A value, and a file that people approve.
//!
//! The file is JSON lines: a head that says of which snapshots the plan speaks, then a line for each path. It says how many there
//! are, so that half a plan is never taken for one.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use vault::read::SnapshotReader;

use crate::clean::{Choice, CleanTree};
use crate::order::{Order, Sorting};

/// What is to be done about some paths of a source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// What it speaks of.
    pub head: PlanHead,
    /// The paths, in order; each once.
    pub rows: BTreeMap<Vec<u8>, PlanRow>,
}

/// What a plan speaks of.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PlanHead {
    /// Version of the file's form.
    pub beffroi_plan: u32,
    /// The vault's id, in hexadecimal.
    pub vault: String,
    /// The source's name.
    pub source: String,
    /// The machine's name.
    pub host: String,
    /// When it was made, in RFC 3339.
    pub made: String,
    /// Ids of the snapshots, oldest first, in hexadecimal. The last is the base: what the plan does not name stands as it has it.
    pub snapshots: Vec<String>,
    /// Paths that come back before all others, the first first.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "spelt")]
    pub first: Vec<Vec<u8>>,
    /// How many lines follow.
    pub rows: u64,
}

/// What is to be done about a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlanRow {
    /// Where its wreck lies, if that is elsewhere.
    pub path_now: Option<Vec<u8>>,
    /// What became of it: a word of the damage report.
    pub class: String,
    /// Why, in words of the damage report.
    pub reasons: Vec<String>,
    /// The snapshot in which it first shows: a place in the head's list.
    pub first_seen: usize,
    /// The snapshot that has its last sound version.
    pub sound: Option<usize>,
    /// What is to be done.
    pub action: PlanAction,
    /// A person said so, against what was proposed or in agreement with it.
    pub by_hand: bool,
    /// Length of the sound version in bytes.
    pub bytes: u64,
}

/// What is to be done about a path.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlanAction {
    /// The sound version is given back; a wreck that lies elsewhere goes.
    Take,
    /// It goes.
    Drop,
    /// It stays as it is.
    Keep,
}

/// Why a file is no plan that can be used.
#[derive(Debug, Error)]
pub enum PlanError {
    /// It does not begin as a plan does.
    #[error("this is no plan")]
    NotAPlan,
    /// It is of a later program.
    #[error("the plan has version {0}")]
    Later(u32),
    /// A line makes no sense.
    #[error("line {0} makes no sense")]
    Line(u64),
    /// Lines are missing, or there are too many.
    #[error("the plan has {found} lines and should have {told}")]
    Incomplete {
        /// How many its head tells.
        told: u64,
        /// How many there are.
        found: u64,
    },
    /// It cannot be read or written.
    #[error(transparent)]
    System(#[from] io::Error),
}

/// The version that this program writes, and the latest that it reads.
const VERSION: u32 = 1;
/// Most of an office's files are small, and all of them together are little.
pub const SMALL_BYTES_MAX: u64 = 1 << 20;
/// What was worked on in the last year, and a month of grace.
pub const RECENT_SECONDS: i64 = 400 * 24 * 3600;
/// A longer line is none of a plan.
const LINE_BYTES_MAX: u64 = 1 << 20;

impl Plan {
    /// Reads a plan.
    pub fn read(from: impl BufRead) -> Result<Self, PlanError> {
        let mut lines = Lines { from, number: 0 };
        let first = lines.next()?.ok_or(PlanError::NotAPlan)?;
        let head: PlanHead = serde_json::from_slice(&first).map_err(|_| PlanError::NotAPlan)?;
        if head.beffroi_plan > VERSION {
            return Err(PlanError::Later(head.beffroi_plan));
        }
        if head.snapshots.is_empty() {
            return Err(PlanError::NotAPlan);
        }
        let mut rows = BTreeMap::new();
        let mut found = 0;
        while let Some(line) = lines.next()? {
            let wrong = || PlanError::Line(lines.number);
            let written: WrittenRow = serde_json::from_slice(&line).map_err(|_| wrong())?;
            let (path, row) = written.understood(head.snapshots.len()).ok_or_else(wrong)?;
            if rows.insert(path, row).is_some() {
                return Err(wrong());
            }
            found += 1;
        }
        if found != head.rows {
            return Err(PlanError::Incomplete { told: head.rows, found });
        }
        Ok(Self { head, rows })
    }

    /// Writes it.
    pub fn write(&self, mut to: impl Write) -> Result<(), PlanError> {
        let head = PlanHead { beffroi_plan: VERSION, rows: self.rows.len() as u64, ..self.head.clone() };
        let mut line = |value: Result<Vec<u8>, serde_json::Error>| {
            to.write_all(&value.map_err(io::Error::from)?)?;
            to.write_all(b"\n")
        };
        line(serde_json::to_vec(&head))?;
        for (path, row) in &self.rows {
            line(serde_json::to_vec(&WrittenRow::of(path, row)))?;
        }
        Ok(to.flush()?)
    }

    /// Changes what is to be done about a path, or about all that the plan names below it. Returns how many paths that were.
    ///
    /// A path without a sound version cannot be taken; it is passed over.
    pub fn decide(&mut self, path: &[u8], action: PlanAction) -> u64 {
        let below = [path, b"/"].concat();
        let mut decided = 0;
        for (named, row) in &mut self.rows {
            let is_meant = named == path || path.is_empty() || named.starts_with(&below);
            if is_meant && (action != PlanAction::Take || row.sound.is_some()) {
                (row.action, row.by_hand) = (action, true);
                decided += 1;
            }
        }
        decided
    }

    /// Returns the order in which it gives back. `started` is when the base was taken, in seconds since 1970.
    pub fn order(&self, started: i64) -> Order {
        let sorting = Sorting { small_bytes_max: SMALL_BYTES_MAX, recent_since: started - RECENT_SECONDS };
        Order { first: self.head.first.clone(), rest: Some(sorting) }
    }

    /// Returns the tree that it means. `snapshots` are those of the head, in its order.
    pub fn tree(&self, snapshots: Vec<SnapshotReader>) -> CleanTree {
        let base = snapshots.len() - 1;
        let mut tree = CleanTree::new(snapshots, base);
        for (path, row) in &self.rows {
            match (row.action, row.sound) {
                (PlanAction::Take, Some(sound)) => {
                    tree.choose(path, Choice::From(sound));
                    row.path_now.iter().for_each(|now| tree.choose(now, Choice::Nothing));
                }
                (PlanAction::Drop, _) => {
                    tree.choose(path, Choice::Nothing);
                    row.path_now.iter().for_each(|now| tree.choose(now, Choice::Nothing));
                }
                (PlanAction::Take, None) | (PlanAction::Keep, _) => {}
            }
        }
        tree
    }
}

struct Lines<R> {
    from: R,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<Vec<u8>>, PlanError> {
        let mut line = Vec::new();
        self.number += 1;
        let read = io::Read::take(&mut self.from, LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
        if read as u64 == LINE_BYTES_MAX {
            return Err(PlanError::Line(self.number));
        }
        Ok((read > 0).then_some(line))
    }
}

/// A row as the file has it. A path that is not UTF-8 is there in base64 too.
#[derive(Serialize, Deserialize)]
struct WrittenRow {
    action: PlanAction,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    by_hand: bool,
    path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path_b64: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path_now: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path_now_b64: Option<String>,
    class: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<String>,
    first_seen: usize,
    sound: Option<usize>,
    bytes: u64,
}

impl WrittenRow {
    fn of(path: &[u8], row: &PlanRow) -> Self {
        let (path, path_b64) = spell(path);
        let now = row.path_now.as_deref().map(spell);
        let (path_now, path_now_b64) = now.map_or((None, None), |(now, now_b64)| (Some(now), now_b64));
        Self {
            action: row.action,
            by_hand: row.by_hand,
            path,
            path_b64,
            path_now,
            path_now_b64,
            class: row.class.clone(),
            reasons: row.reasons.clone(),
            first_seen: row.first_seen,
            sound: row.sound,
            bytes: row.bytes,
        }
    }

    /// Returns nothing for a row that leads nowhere, or out of the source.
    fn understood(self, snapshots: usize) -> Option<(Vec<u8>, PlanRow)> {
        let path = unspell(self.path, self.path_b64)?;
        let path_now = match (self.path_now, self.path_now_b64) {
            (Some(now), now_b64) => Some(unspell(now, now_b64)?),
            (None, _) => None,
        };
        let places = self.first_seen < snapshots && self.sound.is_none_or(|sound| sound < snapshots);
        let row = PlanRow {
            path_now,
            class: self.class,
            reasons: self.reasons,
            first_seen: self.first_seen,
            sound: self.sound,
            action: self.action,
            by_hand: self.by_hand,
            bytes: self.bytes,
        };
        places.then_some((path, row))
    }
}

fn spell(path: &[u8]) -> (String, Option<String>) {
    match std::str::from_utf8(path) {
        Ok(path) => (path.to_string(), None),
        Err(_) => (String::from_utf8_lossy(path).into_owned(), Some(BASE64.encode(path))),
    }
}

/// Paths in the head.
mod spelt {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{spell, unspell};

    #[derive(Serialize, Deserialize)]
    struct Written {
        path: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        path_b64: Option<String>,
    }

    pub fn serialize<S: Serializer>(paths: &[Vec<u8>], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(paths.iter().map(|path| {
            let (path, path_b64) = spell(path);
            Written { path, path_b64 }
        }))
    }

    pub fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Vec<Vec<u8>>, D::Error> {
        let written: Vec<Written> = Vec::deserialize(from)?;
        let paths = written.into_iter().map(|Written { path, path_b64 }| unspell(path, path_b64));
        paths
            .map(|path| path.ok_or_else(|| D::Error::custom("a path that leads nowhere, or out of the source")))
            .collect()
    }
}

fn unspell(path: String, path_b64: Option<String>) -> Option<Vec<u8>> {
    let path = match path_b64 {
        Some(spelt) => BASE64.decode(spelt.as_bytes()).ok()?,
        None => path.into_bytes(),
    };
    path.split(|byte| *byte == b'/').all(crate::target::is_component).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        let head = PlanHead {
            beffroi_plan: VERSION,
            vault: "ab".repeat(32),
            source: "partage".into(),
            host: "mairie".into(),
            made: "2026-11-22T13:00:00Z".into(),
            snapshots: vec!["0a".repeat(32), "1b".repeat(32)],
            first: vec![b"a/b\xff.odt".to_vec(), b"zz".to_vec()],
            rows: 3,
        };
        let row = |action, path_now: Option<&[u8]>, sound| PlanRow {
            path_now: path_now.map(<[u8]>::to_vec),
            class: "damaged".into(),
            reasons: vec!["random-like".into()],
            first_seen: 1,
            sound,
            action,
            by_hand: false,
            bytes: 12,
        };
        let rows = [
            (b"a/b\xff.odt".to_vec(), row(PlanAction::Take, Some(b"a/b\xff.odt.x7"), Some(0))),
            (b"a/note\n.txt".to_vec(), row(PlanAction::Drop, None, None)),
            (b"ab".to_vec(), row(PlanAction::Keep, None, None)),
        ];
        Plan { head, rows: rows.into() }
    }

    fn written(plan: &Plan) -> Vec<u8> {
        let mut bytes = Vec::new();
        plan.write(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_plan_is_read_as_it_was_written() {
        let bytes = written(&plan());
        assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 4, "names cannot break lines");
        assert_eq!(Plan::read(&bytes[..]).unwrap(), plan());
    }

    #[test]
    fn half_a_plan_is_none() {
        let bytes = written(&plan());
        for end in 0..bytes.len() - 1 {
            assert!(Plan::read(&bytes[..end]).is_err(), "{end}");
        }
        let twice = [&bytes[..], &bytes[bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1..]].concat();
        assert!(matches!(Plan::read(&twice[..]), Err(PlanError::Line(5))));
    }

    #[test]
    fn a_path_that_leads_out_is_refused() {
        for path in ["..", "a/../../etc", "/etc/passwd", "", "a//b", "a/"] {
            let bytes = String::from_utf8(written(&plan())).unwrap().replace("\"ab\"", &format!("\"{path}\""));
            assert!(matches!(Plan::read(bytes.as_bytes()), Err(PlanError::Line(4))), "{path}");
            let first = String::from_utf8(written(&plan())).unwrap().replace("\"zz\"", &format!("\"{path}\""));
            assert!(matches!(Plan::read(first.as_bytes()), Err(PlanError::NotAPlan)), "{path}");
        }
        let later = String::from_utf8(written(&plan())).unwrap().replace("\"beffroi_plan\":1", "\"beffroi_plan\":2");
        assert!(matches!(Plan::read(later.as_bytes()), Err(PlanError::Later(2))));
        let place = String::from_utf8(written(&plan())).unwrap().replace("\"sound\":0", "\"sound\":2");
        assert!(matches!(Plan::read(place.as_bytes()), Err(PlanError::Line(2))));
    }

    #[test]
    fn a_folder_decides_for_what_is_below_and_not_beside() {
        let mut plan = plan();
        assert_eq!(plan.decide(b"a", PlanAction::Keep), 2);
        assert_eq!(plan.decide(b"a", PlanAction::Take), 1, "one has no sound version");
        assert_eq!(plan.rows[&b"a/note\n.txt"[..]].action, PlanAction::Keep);
        assert!(!plan.rows[&b"ab"[..]].by_hand);
        assert_eq!(plan.decide(b"nothing", PlanAction::Drop), 0);
        assert_eq!(plan.decide(b"", PlanAction::Drop), 3);
    }
}
