//! The journal: what was seen, decided and done in a crisis, in one chain that can only grow. docs/journal.md has the form.
//!
//! A line is an entry's JSON, a tab, and the desk's signature over the JSON's bytes ([`mod@line`]); it names the hash of the line before.
//! So the last line stands for all, and whoever was given a [`Checkpoint`] finds whatever became of the lines before it
//! ([`examine()`]).
//!
//! Nothing is held here, so nothing is lost here in a crash. Whoever writes lines to a disk must hold a lock from reading the [`End`]
//! until the new line is durable, must say that an entry is written only then, and must move a last line without a line feed aside: it
//! is what a crash left of an entry that nobody was told of.

mod certificate;
mod checkpoint;
mod end;
mod examine;
mod faults;
mod line;

pub use certificate::{Certificate, CertificateError};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use end::{Draft, End, EndError, Stamp};
pub use examine::{Certified, Examination, examine, signed_entries};
pub use faults::{Fault, Remark, Wrong};
pub use line::{
    JournalId, LINE_BYTES_MAX, LineError, LineHash, PublicKey, SIGNED_PREFIX, entries, read_line, write_line,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::map::{EntityId, NodeId};
use crate::state::Value;

/// An entry. What is wrong in one is put right by another that names it: none is ever changed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Its place, from 1.
    pub number: u64,
    /// SHA-256 of the line before, signature included, in hexadecimal; of nothing for the first: 64 zeros.
    pub before: String,
    /// When it was written, by the desk's clock.
    pub time: Timestamp,
    /// Where the desk's clock has its time from, as far as the desk knows.
    pub clock: String,
    /// Who writes.
    pub author: String,
    /// What it is.
    pub kind: Kind,
    /// What it is about, if it is about one service, host or provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<NodeId>,
    /// What people read.
    pub text: String,
    /// Files that belong to it, by their hashes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// How sure the author is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// The entry that this one puts right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<u64>,
    /// When it happened, if that was not when it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened: Option<Timestamp>,
    /// What programs read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fact: Option<Fact>,
}

/// The version of the form that this program writes, and the latest that it reads.
pub const VERSION: u32 = 1;

/// The deadlines that can be met ([`Fact::Met`]).
pub const DEADLINES: [&str; 7] =
    ["complaint", "cnil", "cnil-complementary", "nis2-warning", "nis2-notification", "nis2-final", "insurer"];

/// What an entry is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Something was seen.
    Observation,
    /// Something was decided.
    Decision,
    /// Something was done.
    Action,
    /// Somebody was told.
    Communication,
    /// Something was put aside for those who investigate.
    Evidence,
    /// Something costs.
    Cost,
}

/// How sure an author is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Seen, or measured.
    Certain,
    /// More likely than not.
    Likely,
    /// A guess.
    Guess,
}

/// A file that belongs to an entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attachment {
    /// Its name, without folders.
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
}

/// What programs read in an entry.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Fact {
    /// The journal begins.
    Opened {
        /// Version of the journal's form.
        version: u32,
        /// The town's name.
        town: String,
        /// SHA-256 of the map's bytes, in hexadecimal, if there is a map.
        map_sha256: Option<String>,
        /// The public key with which the desk signs, in hexadecimal.
        desk: String,
        /// The program and its version.
        program: String,
        /// Whether this is an exercise.
        exercise: bool,
    },
    /// The owner of a vault vouches for the desk's key.
    Certified {
        /// The vault's id, in hexadecimal.
        vault: String,
        /// The owner's public key, in hexadecimal.
        owner: String,
        /// What the owner signed: JSON in a string, so that its bytes are signed as they stand.
        statement: String,
        /// The owner's signature of the statement, in base64.
        signature: String,
    },
    /// T0: from when on the town knows. Every deadline counts from the last of these.
    Known {
        /// The moment.
        at: Timestamp,
    },
    /// Something is up, degraded, down or unknown.
    State(Value),
    /// Something costs.
    Cost {
        /// For what: external help, hardware, overtime…
        category: String,
        /// Who bears it.
        entity: Option<EntityId>,
        /// How much, in cents of a euro.
        cents: i64,
        /// What proves it: number of an invoice, of an order.
        proof: Option<String>,
    },
    /// Something that the law or a contract asks for was done.
    Met {
        /// Which deadline: `complaint`, `cnil`, `cnil-complementary`, `nis2-warning`, `nis2-notification`, `nis2-final`, `insurer`.
        deadline: String,
        /// For which entity; for all, if none is named.
        entity: Option<EntityId>,
        /// Under which number it was received.
        receipt: Option<String>,
    },
    /// A command of this program ran.
    Command {
        /// Its name: `restore`.
        name: String,
        /// Its figures, as `--json` tells them.
        figures: serde_json::Map<String, serde_json::Value>,
        /// The code with which it ended; none: it began.
        code: Option<u8>,
    },
    /// What is hurt in a source, as the last assessment tells.
    Damage(Damage),
    /// An answer for a draft that nobody else can give: `nature`, `consequences`, `measures`…
    Answer {
        /// Which field of which draft.
        field: String,
        /// The answer.
        words: String,
    },
    /// The journal ends.
    Closed,
}

/// What is hurt in a source.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Damage {
    /// The source's name.
    pub source: String,
    /// Files that were there before.
    pub files: u64,
    /// Hurt: encrypted, overwritten, truncated, wiped.
    pub hurt: u64,
    /// Gone.
    pub gone: u64,
    /// Proved sound.
    pub sound: u64,
    /// Not known.
    pub unknown: u64,
    /// The last moment at which all was sound, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound_until: Option<Timestamp>,
    /// The moment at which the first harm was seen, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hurt_since: Option<Timestamp>,
}
