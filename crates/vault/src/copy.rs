//! Copying a vault to another store: the disk that is unplugged again, the second site.
//!
//! No key is needed: every object is verified, by the hash in its name or by what the owners signed, while it passes.
//! Nothing is ever overwritten or deleted. What is written first counts for nothing until what names it is there:
//!
//! | written | after these are durable |
//! | --- | --- |
//! | `vault`, strands, keys | – |
//! | an entry of the owner log | what it signs, and the entry before |
//! | packs, indexes, lists | the owner log |
//! | a manifest | all that it needs |
//! | expiry records | the manifests |
//!
//! So a copy that was interrupted, at any moment, is a vault that lacks some snapshots; the next run goes on.
//! Of packs, memory holds the names of one strand and `jobs` objects.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use thiserror::Error;

use crate::id::{ObjectHash, StrandId};
use crate::list::Record;
use crate::manifest::Manifest;
use crate::name::{Folder, HashedKind, NumberedKind, ObjectName};
use crate::owner_log::{Enrolment, OwnerLogError, OwnerLogFault};
use crate::snapshots::{SnapshotFault, read_list, read_snapshot};
use crate::store::{Put, Store, StoreError};
use crate::vault::{Vault, VaultError, read_owner_log, read_vault_object};

/// How to copy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CopyOptions {
    /// Objects that pass at a time, at least 1.
    pub jobs: usize,
    /// Read and verify what the target already has; otherwise its name and length are believed.
    pub verify: bool,
}

/// Is told how a copy goes on. Called from several threads.
pub trait CopyMonitor: Send + Sync {
    /// So many more objects and bytes are to be copied or looked at.
    fn planned(&self, objects: u64, bytes: u64);
    /// An object was copied.
    fn copied(&self, bytes: u64);
    /// An object was there already.
    fn present(&self, bytes: u64);
    /// Something is wrong; the copy goes on.
    fn fault(&self, fault: CopyFault);
    /// Asks whether to stop.
    fn stopping(&self) -> bool;
}

/// Something that is wrong in one of the two vaults.
#[derive(Debug, Error)]
pub enum CopyFault {
    /// The source fails to give an object.
    #[error("{name} cannot be read from the vault")]
    SourceUnreadable {
        /// Its name.
        name: ObjectName,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// An object of the source was changed. It is not copied.
    #[error("{name} is damaged in the vault")]
    SourceDamaged {
        /// Its name.
        name: ObjectName,
    },
    /// The copy fails to give an object that it has.
    #[error("{name} cannot be read from the copy")]
    TargetUnreadable {
        /// Its name.
        name: ObjectName,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// An object of the copy was changed. Objects are never overwritten: somebody must move it aside first.
    #[error("{name} is damaged in the copy; move it aside and copy again")]
    TargetDamaged {
        /// Its name.
        name: ObjectName,
    },
    /// A manifest of the source cannot be believed. It is not copied.
    #[error(transparent)]
    Manifest(SnapshotFault),
    /// A manifest needs an object that the copy does not have. If the copy lacks the manifest, it stays so.
    #[error("{manifest} is incomplete in the copy: {missing} is missing")]
    Incomplete {
        /// The manifest.
        manifest: ObjectName,
        /// The first object that is missing.
        missing: ObjectName,
    },
}

/// Objects and their bytes.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct CopyTally {
    /// How many.
    pub objects: u64,
    /// Their length in bytes.
    pub bytes: u64,
}

/// What a copy did.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct CopyReport {
    /// What was copied.
    pub copied: CopyTally,
    /// What was there already.
    pub present: CopyTally,
    /// Snapshots of the source that the copy does not hold whole.
    pub incomplete_snapshots: u64,
    /// How many faults were told.
    pub faults: u64,
    /// The copy expires by records of its own: those of the source were left out.
    pub expires_apart: bool,
}

/// Why a copy was given up. What was copied so far stays.
#[derive(Debug, Error)]
pub enum CopyError {
    /// The target holds another vault.
    #[error("the target holds another vault")]
    OtherVault,
    /// The owner log of the target goes on where that of the source ends, or says something else.
    #[error("the target has {name}, which this vault does not have: it is newer, or this vault was set back")]
    Ahead {
        /// The entry of the owner log.
        name: ObjectName,
    },
    /// The owner log of the target cannot be believed.
    #[error("the owner log of the target cannot be believed")]
    TargetLog(#[source] VaultError),
    /// The objects that say whose vault this is are damaged: a copy could not be opened.
    #[error("{name} is damaged, and a copy without it could not be opened")]
    Foundation {
        /// Its name.
        name: ObjectName,
    },
    /// The source fails.
    #[error("the vault cannot be read")]
    Source(#[source] StoreError),
    /// The target fails.
    #[error("the copy cannot be written")]
    Target(#[source] StoreError),
    /// Somebody asked to stop.
    #[error("stopped; the next run goes on from here")]
    Stopped,
}

/// Adds to another store what it lacks of a vault.
///
/// The target may be empty or hold an older copy. Leases are not copied: they speak of one store.
pub fn copy(
    from: &Vault,
    to: Arc<dyn Store>,
    options: &CopyOptions,
    monitor: &dyn CopyMonitor,
) -> Result<CopyReport, CopyError> {
    let report = Mutex::new(CopyReport::default());
    let copying = Copying { from, to: to.as_ref(), options, monitor, report };
    let made = copying.run();
    if matches!(made, Err(CopyError::Stopped)) {
        copying.commit()?;
    }
    made.map(|()| *copying.report())
}

struct Copying<'c> {
    from: &'c Vault,
    to: &'c dyn Store,
    options: &'c CopyOptions,
    monitor: &'c dyn CopyMonitor,
    report: Mutex<CopyReport>,
}

/// An object of the source, and what the target has of it.
#[derive(Clone, Copy)]
struct Passing {
    name: ObjectName,
    hash: ObjectHash,
    source_bytes: u64,
    target_bytes: Option<u64>,
}

/// What the target has of one strand.
#[derive(Default)]
struct Presence {
    hashes: HashMap<HashedKind, HashSet<ObjectHash>>,
    /// What each list that was looked through lacks first.
    lists: HashMap<ObjectHash, Option<ObjectName>>,
}

impl Copying<'_> {
    fn run(&self) -> Result<(), CopyError> {
        let entries = self.compare_owner_logs()?;
        self.copy_foundation()?;
        for entry in entries {
            self.require(entry)?;
            self.commit()?;
        }
        for enrolment in &self.from.log().strands {
            self.copy_strand(enrolment.strand)?;
        }
        self.copy_expiry()
    }

    /// Refuses a target of another vault, or with entries that the source lacks. Returns the entries of the source.
    fn compare_owner_logs(&self) -> Result<Vec<Passing>, CopyError> {
        match self.to.get(&ObjectName::Vault) {
            Ok(object) if ObjectHash::of(&object) != self.from.log().vault_object => return Err(CopyError::OtherVault),
            Ok(object) => self.refuse_ahead(&object)?,
            Err(StoreError::NotFound { .. }) => {}
            Err(error) => return Err(CopyError::Target(error)),
        }
        self.passing(&Folder::Owner, |name| self.is_believed(name))
    }

    /// Refuses a target whose owners said something that the source does not know. What does not count is left alone.
    fn refuse_ahead(&self, vault_object: &[u8]) -> Result<(), CopyError> {
        let founding = read_vault_object(vault_object).map_err(|why| CopyError::TargetLog(VaultError::Object(why)))?;
        let (entries, strays) = match read_owner_log(self.to, &founding) {
            Ok(log) => (log.entries, log.faults),
            Err(VaultError::OwnerLog(OwnerLogError::Missing | OwnerLogError::Unfounded)) => return Ok(()),
            Err(VaultError::Store(error)) => return Err(CopyError::Target(error)),
            Err(error) => return Err(CopyError::TargetLog(error)),
        };
        let entries = (0..).zip(entries).map(|(seq, hash)| ObjectName::Owner(seq, hash));
        let strays = strays.iter().filter(|fault| matches!(fault, OwnerLogFault::Broken { .. }));
        match entries.chain(strays.map(OwnerLogFault::name)).find(|name| !self.is_believed(name)) {
            Some(name) => Err(CopyError::Ahead { name }),
            None => Ok(()),
        }
    }

    fn is_believed(&self, name: &ObjectName) -> bool {
        let ObjectName::Owner(seq, hash) = name else { return false };
        self.from.log().entries.get(*seq as usize) == Some(hash)
    }

    /// Copies what the owner log signs.
    fn copy_foundation(&self) -> Result<(), CopyError> {
        let log = self.from.log();
        self.require(self.signed(ObjectName::Vault, log.vault_object)?)?;
        for enrolment in &log.strands {
            let strand = self.signed(ObjectName::Strand(enrolment.strand), enrolment.object)?;
            self.pass(&strand)?;
            let folder = Folder::Numbered(enrolment.strand, NumberedKind::Keys);
            let keys = self.passing(&folder, |name| is_signed_keys(name, enrolment))?;
            self.pass_all(&keys)?;
        }
        self.commit()
    }

    fn copy_strand(&self, strand: StrandId) -> Result<(), CopyError> {
        // The manifests come first: one that is added while the copy runs may need packs that were not listed.
        let manifests = self.passing(&Folder::Numbered(strand, NumberedKind::Snapshot), |_| true)?;
        let mut presence = Presence::default();
        for kind in HashedKind::ALL {
            let folder = Folder::Hashed(strand, kind);
            let objects = self.passing(&folder, |_| true)?;
            let absent = self.pass_all(&objects)?;
            let mut hashes: HashSet<_> = objects.iter().map(|object| object.hash).collect();
            drop(objects);
            let target = self.list(self.to, &folder).map_err(CopyError::Target)?;
            hashes.extend(target.keys().filter_map(ObjectName::hash));
            hashes.retain(|hash| !absent.contains(hash));
            presence.hashes.insert(kind, hashes);
        }
        self.commit()?;
        for manifest in &manifests {
            self.stop_if_asked()?;
            self.copy_manifest(manifest, &mut presence)?;
        }
        self.commit()
    }

    fn copy_manifest(&self, passing: &Passing, presence: &mut Presence) -> Result<(), CopyError> {
        let (snapshot, object) = match read_snapshot(self.from, &passing.name) {
            Ok(read) => read,
            Err(fault) => {
                self.report().incomplete_snapshots += 1;
                self.fault(CopyFault::Manifest(fault));
                return Ok(());
            }
        };
        if let Some(missing) = presence.first_missing(self.to, &snapshot.manifest) {
            self.report().incomplete_snapshots += 1;
            self.fault(CopyFault::Incomplete { manifest: passing.name, missing });
            return Ok(());
        }
        match passing.target_bytes {
            Some(bytes) => drop(self.check_present(passing, bytes)?),
            None => self.put(passing, &object)?,
        }
        Ok(())
    }

    /// Copies the expiry records, unless the target has some of its own: two chains cannot be joined.
    fn copy_expiry(&self) -> Result<(), CopyError> {
        let source = self.list(self.from.store().as_ref(), &Folder::Expiry).map_err(CopyError::Source)?;
        let target = self.list(self.to, &Folder::Expiry).map_err(CopyError::Target)?;
        if target.keys().any(|name| !source.contains_key(name)) {
            self.report().expires_apart = true;
            return Ok(());
        }
        let records = self.passing(&Folder::Expiry, |_| true)?;
        for record in &records {
            self.stop_if_asked()?;
            self.pass(record)?;
            self.commit()?;
        }
        Ok(())
    }

    /// Lets an object pass, without which the copy would be no vault.
    fn require(&self, passing: Passing) -> Result<(), CopyError> {
        if self.pass(&passing)? { Ok(()) } else { Err(CopyError::Foundation { name: passing.name }) }
    }

    /// Lets many objects pass, several at a time. Returns the hashes of those that the target does not have whole.
    fn pass_all(&self, objects: &[Passing]) -> Result<HashSet<ObjectHash>, CopyError> {
        let next = AtomicUsize::new(0);
        let failed = AtomicBool::new(false);
        let (absent, failure) = (Mutex::new(HashSet::new()), Mutex::new(None));
        let work = || {
            while let Some(object) = objects.get(next.fetch_add(1, Ordering::Relaxed)) {
                if failed.load(Ordering::Relaxed) {
                    break;
                }
                match self.stop_if_asked().and_then(|()| self.pass(object)) {
                    Ok(true) => {}
                    Ok(false) => drop(locked(&absent).insert(object.hash)),
                    Err(error) => {
                        failed.store(true, Ordering::Relaxed);
                        locked(&failure).get_or_insert(error);
                    }
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.options.jobs.min(objects.len()) {
                scope.spawn(work);
            }
            work();
        });
        let failure = locked(&failure).take();
        failure.map_or_else(|| Ok(std::mem::take(&mut *locked(&absent))), Err)
    }

    /// Copies an object or looks at the one that is there. Returns whether the target has it whole, as far as is known.
    fn pass(&self, passing: &Passing) -> Result<bool, CopyError> {
        if let Some(bytes) = passing.target_bytes {
            return self.check_present(passing, bytes);
        }
        let object = match self.from.store().get(&passing.name) {
            Ok(object) => object,
            Err(source) => {
                self.fault(CopyFault::SourceUnreadable { name: passing.name, source });
                return Ok(false);
            }
        };
        if ObjectHash::of(&object) != passing.hash {
            self.fault(CopyFault::SourceDamaged { name: passing.name });
            return Ok(false);
        }
        self.put(passing, &object)?;
        Ok(true)
    }

    fn put(&self, passing: &Passing, object: &[u8]) -> Result<(), CopyError> {
        let bytes = object.len() as u64;
        match self.to.put(&passing.name, object).map_err(CopyError::Target)? {
            Put::Written => {
                self.report().copied.add(bytes);
                self.monitor.copied(bytes);
            }
            Put::Present => self.count_present(bytes),
        }
        Ok(())
    }

    fn check_present(&self, passing: &Passing, target_bytes: u64) -> Result<bool, CopyError> {
        let name = passing.name;
        let is_named_by_hash = name.hash().is_some();
        let has_same_length = target_bytes == passing.source_bytes;
        if is_named_by_hash && has_same_length && !self.options.verify {
            self.count_present(target_bytes);
            return Ok(true);
        }
        match self.to.get(&name) {
            Ok(object) if ObjectHash::of(&object) == passing.hash => {
                if !has_same_length {
                    self.fault(CopyFault::SourceDamaged { name });
                }
                self.count_present(target_bytes);
                Ok(true)
            }
            Ok(_) => {
                self.fault(CopyFault::TargetDamaged { name });
                Ok(false)
            }
            Err(source) => {
                self.fault(CopyFault::TargetUnreadable { name, source });
                Ok(false)
            }
        }
    }

    /// Lists a folder of the source, with what the target has of it, by name.
    fn passing(&self, folder: &Folder, wanted: impl Fn(&ObjectName) -> bool) -> Result<Vec<Passing>, CopyError> {
        let target = self.list(self.to, folder).map_err(CopyError::Target)?;
        let source = self.list(self.from.store().as_ref(), folder).map_err(CopyError::Source)?;
        let mut passing: Vec<_> = source
            .into_iter()
            .filter(|(name, _)| wanted(name))
            .filter_map(|(name, source_bytes)| {
                let (hash, target_bytes) = (name.hash()?, target.get(&name).copied());
                Some(Passing { name, hash, source_bytes, target_bytes })
            })
            .collect();
        passing.sort_by_key(|object| object.name);
        self.monitor.planned(passing.len() as u64, passing.iter().map(|object| object.source_bytes).sum());
        Ok(passing)
    }

    /// Describes an object whose hash the owner log tells.
    fn signed(&self, name: ObjectName, hash: ObjectHash) -> Result<Passing, CopyError> {
        let source_bytes = self.from.store().head(&name).map_err(CopyError::Source)?.unwrap_or(0);
        let target_bytes = self.to.head(&name).map_err(CopyError::Target)?;
        self.monitor.planned(1, source_bytes);
        Ok(Passing { name, hash, source_bytes, target_bytes })
    }

    fn list(&self, store: &dyn Store, folder: &Folder) -> Result<BTreeMap<ObjectName, u64>, StoreError> {
        let mut listed = BTreeMap::new();
        store.list(folder, &mut |name, bytes| listed.extend([(name, bytes)]))?;
        Ok(listed)
    }

    fn commit(&self) -> Result<(), CopyError> {
        self.to.commit().map_err(CopyError::Target)
    }

    fn stop_if_asked(&self) -> Result<(), CopyError> {
        if self.monitor.stopping() { Err(CopyError::Stopped) } else { Ok(()) }
    }

    fn count_present(&self, bytes: u64) {
        self.report().present.add(bytes);
        self.monitor.present(bytes);
    }

    fn fault(&self, fault: CopyFault) {
        self.report().faults += 1;
        self.monitor.fault(fault);
    }

    fn report(&self) -> MutexGuard<'_, CopyReport> {
        locked(&self.report)
    }
}

impl CopyTally {
    fn add(&mut self, bytes: u64) {
        self.objects += 1;
        self.bytes += bytes;
    }
}

impl Presence {
    fn first_missing(&mut self, store: &dyn Store, manifest: &Manifest) -> Option<ObjectName> {
        let named = |kind, hashes: &[ObjectHash]| hashes.iter().map(|hash| (kind, *hash)).collect::<Vec<_>>();
        let names = [named(HashedKind::Pack, &manifest.packs), named(HashedKind::Index, &manifest.indexes)].concat();
        let missing = names.into_iter().find(|(kind, hash)| !self.has(*kind, hash));
        let missing = missing.map(|(kind, hash)| ObjectName::Hashed(manifest.strand, kind, hash));
        let list = manifest.list;
        missing.or_else(|| list.and_then(|list| self.first_missing_below(store, manifest.strand, list, None)))
    }

    /// Returns what is missing first of a list and all that it names. Lists that manifests share are read once.
    fn first_missing_below(
        &mut self,
        store: &dyn Store,
        strand: StrandId,
        hash: ObjectHash,
        level: Option<u8>,
    ) -> Option<ObjectName> {
        if let Some(known) = self.lists.get(&hash) {
            return *known;
        }
        let name = ObjectName::Hashed(strand, HashedKind::List, hash);
        let missing = match read_list(store, name, hash, level) {
            Err(_) => Some(name),
            Ok(_) if !self.has(HashedKind::List, &hash) => Some(name),
            Ok(list) => list.records.iter().find_map(|record| match record {
                Record::List(below) => self.first_missing_below(store, strand, *below, list.level.checked_sub(1)),
                Record::Pack(pack) => self.missing(strand, HashedKind::Pack, pack),
                Record::Index(index) => self.missing(strand, HashedKind::Index, index),
            }),
        };
        self.lists.insert(hash, missing);
        missing
    }

    fn missing(&self, strand: StrandId, kind: HashedKind, hash: &ObjectHash) -> Option<ObjectName> {
        (!self.has(kind, hash)).then_some(ObjectName::Hashed(strand, kind, *hash))
    }

    fn has(&self, kind: HashedKind, hash: &ObjectHash) -> bool {
        self.hashes.get(&kind).is_some_and(|hashes| hashes.contains(hash))
    }
}

/// Tells whether the owners' log speaks of such an object; leftovers of an act that did not happen are not copied.
fn is_signed_keys(name: &ObjectName, enrolment: &Enrolment) -> bool {
    match (name, &enrolment.keys) {
        (ObjectName::Numbered(_, NumberedKind::Keys, seq, hash), Some((newest, _))) => {
            *seq < enrolment.keys_count || hash == newest
        }
        _ => false,
    }
}

/// Locks. No thread leaves what these locks guard half changed.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
