//! Letting go of old snapshots, by an owner's act and in two phases (`docs/retention.md`).
//!
//! [`plan()`] decides and changes nothing. [`apply()`] first signs what is condemned into an expiry record; what a record
//! condemned at least [`GRACE_SECONDS`] ago, and nothing needs since, it deletes.
//!
//! Crash table:
//!
//! | dies | is left | the next run |
//! | --- | --- | --- |
//! | before the record is durable | nothing happened | condemns again |
//! | while manifests are deleted | some snapshots more, each whole | deletes the others |
//! | after, before packs are deleted | packs that nothing names, condemned long ago | deletes them |
//! | before the deletions are recorded | condemned names without objects | records them as deleted |
//!
//! While a backup of the same strand begins: its lease is durable before it looks which packs there are, and every few
//! deletions look for new leases and manifests first. A backup looks again for all packs that it names before its manifest
//! is written.

mod apply;
mod calendar;
mod plan;
mod reach;
mod record;
mod rule;

use thiserror::Error;

use crate::bytes::FormatError;
use crate::id::StrandId;
use crate::name::ObjectName;
use crate::snapshots::{ListFault, SnapshotFault};
use crate::store::StoreError;
use crate::vault::VaultError;
use crate::world::Timestamp;

pub use apply::{Applied, apply};
pub use plan::{ExpiryPlan, Judged, plan};
pub use record::{ExpiryLog, ExpiryRecord, read_expiry_log};
pub use rule::{Dated, Reason, Retention, Verdict, judge};

/// What was condemned is deleted this many seconds later at the earliest: seven days.
pub const GRACE_SECONDS: i64 = 7 * 24 * 3600;

/// Why nothing of a strand is deleted now.
#[derive(Debug, Error)]
pub enum Hold {
    /// A backup is running, or was interrupted less than seven days ago.
    #[error("a backup of snapshot {seq} is running or was interrupted")]
    Lease {
        /// The number that it prepares.
        seq: u64,
    },
    /// A manifest cannot be read: what it needs is not known.
    #[error("what a snapshot needs is not known")]
    Manifest(#[source] SnapshotFault),
    /// A list of a snapshot cannot be read: what it needs is not known.
    #[error("what a snapshot needs is not known")]
    List(#[source] ListFault),
}

/// A strand of which nothing is deleted now, and why.
#[derive(Debug)]
pub struct Held {
    /// The strand.
    pub strand: StrandId,
    /// Why.
    pub hold: Hold,
}

/// An expiry record that does not count. What older records condemned is condemned afresh.
#[derive(Debug, Error)]
pub enum RecordFault {
    /// It cannot be read.
    #[error("expiry record {name} cannot be read")]
    Unreadable {
        /// Its name.
        name: ObjectName,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// It is not well formed, or not signed by an owner.
    #[error("expiry record {name} cannot be believed")]
    Unbelievable {
        /// Its name.
        name: ObjectName,
        /// Why.
        #[source]
        source: FormatError,
    },
    /// It does not follow the one before; it counts, those before do not.
    #[error("expiry record {name} does not follow the one before")]
    Broken {
        /// Its name.
        name: ObjectName,
    },
}

/// Why nothing can be planned or done.
#[derive(Debug, Error)]
pub enum ExpiryError {
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The desk's clock is earlier than what the owners signed.
    #[error("the clock of this machine is behind what the owners signed: one of the two is wrong")]
    ClockBehind {
        /// The latest time that was signed.
        signed: Timestamp,
        /// What the clock shows.
        now: Timestamp,
    },
    /// The plan is of another vault, or somebody else let snapshots go since.
    #[error("the plan is out of date; plan again")]
    Stale,
}
