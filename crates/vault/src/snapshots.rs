//! The snapshots of a vault: which manifests there are, and which of them can be believed.

use std::collections::BTreeSet;

use thiserror::Error;

use crate::bytes::FormatError;
use crate::id::{ObjectHash, StrandId};
use crate::list::{List, Needed, Record};
use crate::manifest::{Counts, Manifest};
use crate::name::{Folder, HashedKind, NumberedKind, ObjectName};
use crate::owner_log::OwnerLog;
use crate::store::{Store, StoreError};
use crate::vault::Vault;

/// A snapshot whose manifest was read and whose signature is valid.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// Hash of the manifest: the snapshot's id.
    pub hash: ObjectHash,
    /// The manifest.
    pub manifest: Manifest,
}

/// Something that is wrong with a manifest or with the chain of a strand.
#[derive(Debug, Error)]
pub enum SnapshotFault {
    /// The manifest cannot be read.
    #[error("manifest {name} cannot be read")]
    Unreadable {
        /// Its name.
        name: ObjectName,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// The bytes do not have the hash in the name.
    #[error("manifest {name} was changed")]
    Changed {
        /// Its name.
        name: ObjectName,
    },
    /// It is not well formed, or not signed by the strand's agent.
    #[error("manifest {name} cannot be believed")]
    Unbelievable {
        /// Its name.
        name: ObjectName,
        /// Why.
        #[source]
        source: FormatError,
    },
    /// It was made after the strand was retired: by whoever holds a key that nobody should use.
    #[error("manifest {name} was made after its strand was retired")]
    AfterRetirement {
        /// Its name.
        name: ObjectName,
    },
    /// Two manifests claim one place: two writers use one key.
    #[error("strand {strand} forks at snapshot {seq}")]
    Fork {
        /// The strand.
        strand: StrandId,
        /// The number.
        seq: u64,
    },
    /// A manifest does not name the one before.
    #[error("snapshot {seq} of strand {strand} does not follow the one before")]
    Broken {
        /// The strand.
        strand: StrandId,
        /// The number.
        seq: u64,
    },
}

impl Snapshot {
    /// The name of the manifest.
    pub fn name(&self) -> ObjectName {
        ObjectName::Numbered(self.manifest.strand, NumberedKind::Snapshot, self.manifest.seq, self.hash)
    }

    /// Tells whether its machine raised an alarm with it.
    pub fn raises_alarm(&self) -> bool {
        self.manifest.counts.alarm_level >= Counts::ALARM
    }

    /// Tells whether it raised an alarm that no owner answered.
    pub fn is_unanswered(&self, log: &OwnerLog) -> bool {
        self.raises_alarm() && !log.answers.iter().any(|answer| answer.alarm == self.hash.0)
    }
}

/// Reads all manifests of a strand, by number. What cannot be believed is left out and told to `fault`.
pub fn read_snapshots(
    vault: &Vault,
    strand: StrandId,
    fault: &mut dyn FnMut(SnapshotFault),
) -> Result<Vec<Snapshot>, StoreError> {
    if vault.log().strand(&strand).is_none() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    vault.store().list(&Folder::Numbered(strand, NumberedKind::Snapshot), &mut |name, _| names.push(name))?;
    names.sort();
    let mut snapshots: Vec<Snapshot> = Vec::with_capacity(names.len());
    for name in names {
        match read_snapshot(vault, &name) {
            Ok((snapshot, _)) => snapshots.push(snapshot),
            Err(why) => fault(why),
        }
    }
    report_chain(strand, &snapshots, fault);
    Ok(snapshots)
}

/// Reads one manifest and verifies that its strand's agent signed it, and may have. Returns the object's bytes too.
pub fn read_snapshot(vault: &Vault, name: &ObjectName) -> Result<(Snapshot, Vec<u8>), SnapshotFault> {
    let object = vault.store().get(name).map_err(|source| SnapshotFault::Unreadable { name: *name, source })?;
    let unknown = SnapshotFault::Unbelievable { name: *name, source: FormatError::Signature("manifest") };
    let enrolment = name.strand().and_then(|strand| vault.log().strand(&strand)).ok_or(unknown)?;
    let snapshot = believe(vault, name, &object, &enrolment.agent)?;
    match &enrolment.retired {
        Some(end) if !end.last.holds(snapshot.manifest.seq, &snapshot.hash) => {
            Err(SnapshotFault::AfterRetirement { name: *name })
        }
        _ => Ok((snapshot, object)),
    }
}

/// Reads all manifests of all strands; within a strand by number.
pub fn read_all_snapshots(vault: &Vault, fault: &mut dyn FnMut(SnapshotFault)) -> Result<Vec<Snapshot>, StoreError> {
    let mut all = Vec::new();
    for enrolment in &vault.log().strands {
        all.extend(read_snapshots(vault, enrolment.strand, fault)?);
    }
    Ok(all)
}

/// Why the set of names that a manifest needs could not be read whole.
#[derive(Debug, Error)]
pub enum ListFault {
    /// A list cannot be read.
    #[error("list {name} cannot be read")]
    Unreadable {
        /// Its name.
        name: ObjectName,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// A list was changed.
    #[error("list {name} was changed")]
    Changed {
        /// Its name.
        name: ObjectName,
    },
    /// A list is not well formed.
    #[error("list {name} is malformed")]
    Malformed {
        /// Its name.
        name: ObjectName,
        /// Why.
        #[source]
        source: FormatError,
    },
}

/// Returns the packs and indexes that a manifest names, itself or through lists, and the lists; faults are told.
pub fn needed(
    store: &dyn Store,
    manifest: &Manifest,
    fault: &mut dyn FnMut(ListFault),
) -> (BTreeSet<Needed>, BTreeSet<ObjectHash>) {
    let mut needed: BTreeSet<Needed> = manifest.packs.iter().map(|hash| Needed::Pack(*hash)).collect();
    needed.extend(manifest.indexes.iter().map(|hash| Needed::Index(*hash)));
    let mut lists = BTreeSet::new();
    let mut waiting: Vec<(ObjectHash, Option<u8>)> = manifest.list.iter().map(|hash| (*hash, None)).collect();
    while let Some((hash, level)) = waiting.pop() {
        if !lists.insert(hash) {
            continue;
        }
        let name = ObjectName::Hashed(manifest.strand, HashedKind::List, hash);
        match read_list(store, name, hash, level) {
            Ok(list) => {
                for record in list.records {
                    match record {
                        Record::Pack(hash) => drop(needed.insert(Needed::Pack(hash))),
                        Record::Index(hash) => drop(needed.insert(Needed::Index(hash))),
                        Record::List(hash) => waiting.push((hash, list.level.checked_sub(1))),
                    }
                }
            }
            Err(why) => fault(why),
        }
    }
    (needed, lists)
}

/// Reads and verifies a list, which must be of the level given, if one is.
pub(crate) fn read_list(
    store: &dyn Store,
    name: ObjectName,
    hash: ObjectHash,
    level: Option<u8>,
) -> Result<List, ListFault> {
    let object = store.get(&name).map_err(|source| ListFault::Unreadable { name, source })?;
    if ObjectHash::of(&object) != hash {
        return Err(ListFault::Changed { name });
    }
    let list = List::from_bytes(&object).map_err(|source| ListFault::Malformed { name, source })?;
    // Levels descend, so that lists which name each other cannot lead a reader in circles.
    if level.is_some_and(|level| level != list.level) {
        return Err(ListFault::Malformed { name, source: FormatError::Malformed("list") });
    }
    Ok(list)
}

fn believe(
    vault: &Vault,
    name: &ObjectName,
    object: &[u8],
    agent: &crate::bytes::PublicKey,
) -> Result<Snapshot, SnapshotFault> {
    let ObjectName::Numbered(strand, NumberedKind::Snapshot, seq, hash) = *name else {
        return Err(SnapshotFault::Changed { name: *name });
    };
    if ObjectHash::of(object) != hash {
        return Err(SnapshotFault::Changed { name: *name });
    }
    let unbelievable = |source| SnapshotFault::Unbelievable { name: *name, source };
    let manifest = Manifest::open(object, agent).map_err(unbelievable)?;
    if manifest.vault != vault.id() || manifest.strand != strand || manifest.seq != seq {
        return Err(unbelievable(FormatError::WrongContent("manifest")));
    }
    Ok(Snapshot { hash, manifest })
}

/// Tells forks and breaks. A gap is no fault: expiry makes them.
fn report_chain(strand: StrandId, snapshots: &[Snapshot], fault: &mut dyn FnMut(SnapshotFault)) {
    for pair in snapshots.windows(2) {
        let (before, after) = (&pair[0], &pair[1]);
        let seq = after.manifest.seq;
        if seq == before.manifest.seq {
            fault(SnapshotFault::Fork { strand, seq });
        } else if seq == before.manifest.seq + 1 && after.manifest.previous != Some(before.hash) {
            fault(SnapshotFault::Broken { strand, seq });
        }
    }
}
