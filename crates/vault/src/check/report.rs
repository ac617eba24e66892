//! What a check finds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use thiserror::Error;

use crate::bytes::FormatError;
use crate::envelope::EnvelopeError;
use crate::id::{BlobId, ObjectHash, StrandId};
use crate::name::{NumberedKind, ObjectName};
use crate::store::StoreError;
use crate::vault::VaultError;

/// At most so many paths of one snapshot are named; all are counted.
pub const PATHS_MAX: usize = 1000;

/// What a check found.
#[derive(Debug, Default)]
pub struct CheckReport {
    /// What is wrong, in the order in which it was found.
    pub faults: Vec<CheckFault>,
    /// The snapshots that lost something, with what they lost.
    pub hurt: Vec<HurtSnapshot>,
    /// Packs, indexes and lists that no snapshot names: what interrupted backups and expiry leave. No fault.
    pub orphans: Vec<ObjectName>,
    /// Strands that the owner log does not know and that hold no snapshot: an enrolment that was interrupted. No fault.
    pub foreign: Vec<StrandId>,
    /// Snapshots that others follow and that are not there: they expired or, where expiry records are lost, may have. No
    /// fault.
    pub gone: Vec<SnapshotName>,
    /// What was done.
    pub counts: CheckCounts,
    /// Somebody asked to stop: what is not reported may be damaged all the same.
    pub stopped: bool,
}

/// What a check did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CheckCounts {
    /// Objects that were listed.
    pub objects: u64,
    /// Packs among them.
    pub packs: u64,
    /// Bytes of objects that were read and verified.
    pub bytes_read: u64,
    /// Blobs that were opened and verified.
    pub blobs_verified: u64,
    /// Snapshots whose manifests can be believed.
    pub snapshots: u64,
    /// Entries of these snapshots that are no directories; known with a kit only.
    pub files: u64,
}

/// Which snapshot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SnapshotName {
    /// The strand.
    pub strand: StrandId,
    /// Its number.
    pub seq: u64,
    /// Hash of its manifest.
    pub hash: ObjectHash,
}

/// Place of a fault in [`CheckReport::faults`].
pub type FaultNumber = usize;

/// Something that is wrong.
#[derive(Debug)]
pub struct CheckFault {
    /// The object that has it, if one can be named.
    pub object: Option<ObjectName>,
    /// What is wrong.
    pub what: Damage,
    /// The snapshots that it touches: with a kit those that lost something, without those that need the object.
    pub snapshots: BTreeSet<SnapshotName>,
}

/// What can be wrong.
#[derive(Debug, Error)]
pub enum Damage {
    /// The object is not there.
    #[error("it is missing")]
    Missing,
    /// The store fails to give it.
    #[error("it cannot be read")]
    Unreadable(#[source] StoreError),
    /// The store failed to give it when the vault was opened.
    #[error("it cannot be read")]
    Unread(#[source] Arc<StoreError>),
    /// The bytes are not those that were written.
    #[error("its bytes were changed")]
    Changed,
    /// The bytes are not well formed.
    #[error("its bytes make no sense")]
    Malformed(#[source] FormatError),
    /// Its session key does not open.
    #[error("its session key does not open")]
    Key(#[source] EnvelopeError),
    /// The pack is as it was written; blobs in it are not what their ids say.
    #[error("it was written with blobs that are not what they should be")]
    Blobs {
        /// The first of them.
        first: BlobId,
        /// How many.
        count: u64,
        /// What is wrong with the first.
        #[source]
        source: FormatError,
    },
    /// The index says something else of a pack than the pack does. Whoever reads asks the packs, and loses nothing.
    #[error("it says of packs what they do not say themselves")]
    Misindexed,
    /// The strand's secrets do not open.
    #[error("the secrets of the strand do not open")]
    Secrets(#[source] VaultError),
    /// The owner log does not know the strand, which has snapshots: entries of the log were lost, or somebody made it up.
    #[error("it is of a strand that the owner log does not know")]
    NotEnrolled,
    /// Two snapshots claim one number: two machines use one key.
    #[error("another snapshot has the same number")]
    Fork,
    /// It was made after its strand was retired, and does not count: somebody uses a key that nobody should.
    #[error("it was made after its strand was retired")]
    AfterRetirement,
    /// The snapshot, expiry record or owner's entry does not follow the one before.
    #[error("it does not follow the one before")]
    Broken,
    /// The snapshot that was verified last is not the one with its number any more, or there are only older ones.
    #[error("snapshots that were verified earlier were replaced or taken back")]
    Rewound,
    /// A blob that the snapshot needs is in none of the packs that it names.
    #[error("it needs blob {first}, which is in none of the packs that it names")]
    Unlocated {
        /// The first such blob.
        first: BlobId,
    },
    /// An entry gives a blob another length than it has.
    #[error("an entry gives blob {blob} another length than it has")]
    WrongLength {
        /// The blob.
        blob: BlobId,
    },
    /// The tree holds another number than is told of it.
    #[error("it tells {told} {what}, its tree holds {found}")]
    Untrue {
        /// Of what.
        what: &'static str,
        /// As the agent says.
        told: u64,
        /// As the tree says.
        found: u64,
    },
    /// The names in a large directory are not in order, or not where its upper nodes say.
    #[error("the names in a directory are not in order")]
    Disordered,
}

/// A snapshot that lost something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HurtSnapshot {
    /// Which.
    pub snapshot: SnapshotName,
    /// What it lost.
    pub extent: Extent,
}

/// What a snapshot lost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Extent {
    /// All.
    Whole,
    /// It needs an object that is damaged; only a kit tells what that means for its files.
    Unknown,
    /// Some paths.
    Paths {
        /// The first [`PATHS_MAX`], in the order of the tree.
        paths: Vec<HurtPath>,
        /// How many there are.
        total: u64,
    },
}

/// A path that lost something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HurtPath {
    /// The path, from the root of the snapshot; empty for the root.
    pub path: Vec<u8>,
    /// What of it is lost.
    pub part: HurtPart,
    /// The faults behind it. Several, if it lost several parts, or if any of them may have held what is lost.
    pub causes: Vec<FaultNumber>,
}

/// What a path lost.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum HurtPart {
    /// Bytes of a file.
    Content,
    /// Entries of a directory, with all that is below them.
    Entries,
}

impl SnapshotName {
    /// The name of the manifest.
    pub fn object(&self) -> ObjectName {
        ObjectName::Numbered(self.strand, NumberedKind::Snapshot, self.seq, self.hash)
    }
}

impl CheckReport {
    /// Tells whether everything that was looked at is as it should be.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty() && !self.stopped
    }
}

/// Collects faults and what they touch, while a check goes on.
#[derive(Default)]
pub(super) struct Findings {
    pub report: CheckReport,
    by_object: BTreeMap<(Option<ObjectName>, Class), FaultNumber>,
    hurt: BTreeMap<SnapshotName, Extent>,
}

/// Of faults of one class an object has one: the first that was found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Class {
    Bytes,
    Index,
    Secrets,
    History,
    Blob,
    Number(&'static str),
    Order,
}

impl Findings {
    /// Notes what is wrong with an object, unless something of the kind is known already.
    pub fn fault(&mut self, object: Option<ObjectName>, what: Damage) -> FaultNumber {
        let faults = &mut self.report.faults;
        *self.by_object.entry((object, class(&what))).or_insert_with(|| {
            faults.push(CheckFault { object, what, snapshots: BTreeSet::new() });
            faults.len() - 1
        })
    }

    /// Notes that a snapshot is lost.
    pub fn hurt_whole(&mut self, snapshot: SnapshotName, cause: FaultNumber) {
        self.touch(snapshot, cause);
        self.hurt.insert(snapshot, Extent::Whole);
    }

    /// Notes that a snapshot needs something that is damaged.
    pub fn hurt_somehow(&mut self, snapshot: SnapshotName, cause: FaultNumber) {
        self.touch(snapshot, cause);
        self.hurt.entry(snapshot).or_insert(Extent::Unknown);
    }

    /// Notes that a path of a snapshot lost something.
    pub fn hurt_path(&mut self, snapshot: SnapshotName, path: &[u8], part: HurtPart, causes: Vec<FaultNumber>) {
        causes.iter().for_each(|cause| self.touch(snapshot, *cause));
        let first = || Extent::Paths { paths: Vec::new(), total: 0 };
        let extent = self.hurt.entry(snapshot).or_insert_with(first);
        if let Extent::Paths { paths, total } = extent {
            *total = total.saturating_add(1);
            if paths.len() < PATHS_MAX {
                paths.push(HurtPath { path: path.to_vec(), part, causes });
            }
        }
    }

    /// Adds to the number of paths that a snapshot lost and that are not named.
    pub fn hurt_more(&mut self, snapshot: SnapshotName, more: u64) {
        if let Some(Extent::Paths { total, .. }) = self.hurt.get_mut(&snapshot) {
            *total = total.saturating_add(more);
        }
    }

    /// Tells whether no further path of a snapshot is named.
    pub fn names_enough(&self, snapshot: &SnapshotName) -> bool {
        matches!(self.hurt.get(snapshot), Some(Extent::Paths { paths, .. }) if paths.len() >= PATHS_MAX)
    }

    /// Notes that a fault touches a snapshot.
    pub fn touch(&mut self, snapshot: SnapshotName, fault: FaultNumber) {
        self.report.faults[fault].snapshots.insert(snapshot);
    }

    /// Ends the report.
    pub fn finish(mut self) -> CheckReport {
        let hurt = self.hurt.into_iter().map(|(snapshot, extent)| HurtSnapshot { snapshot, extent });
        self.report.hurt = hurt.collect();
        self.report
    }
}

fn class(what: &Damage) -> Class {
    match what {
        Damage::Missing
        | Damage::Unreadable(_)
        | Damage::Unread(_)
        | Damage::Changed
        | Damage::Malformed(_)
        | Damage::Key(_)
        | Damage::Blobs { .. } => Class::Bytes,
        Damage::Misindexed => Class::Index,
        Damage::Secrets(_) => Class::Secrets,
        Damage::NotEnrolled | Damage::AfterRetirement | Damage::Fork | Damage::Broken | Damage::Rewound => {
            Class::History
        }
        Damage::Unlocated { .. } | Damage::WrongLength { .. } => Class::Blob,
        Damage::Untrue { what, .. } => Class::Number(what),
        Damage::Disordered => Class::Order,
    }
}
