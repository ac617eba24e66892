//! Doing what a plan says.

use std::collections::BTreeSet;

use super::ExpiryError;
use super::plan::{ExpiryPlan, listed};
use super::record::{ExpiryRecord, NAMES_MAX, is_manifest};
use crate::bytes::SigningKey;
use crate::id::{ObjectHash, StrandId};
use crate::kit::RecoveryKit;
use crate::name::{Folder, NumberedKind, ObjectName};
use crate::store::{Erase, StoreError};
use crate::vault::Vault;
use crate::world::Timestamp;

/// New leases and manifests are looked for after so many deletions.
const DELETIONS_UNWATCHED_MAX: usize = 64;

/// What was done.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Applied {
    /// How many names were condemned.
    pub condemned: u64,
    /// How many names were revived.
    pub revived: u64,
    /// How many objects were deleted.
    pub deleted: u64,
    /// Their length in bytes.
    pub deleted_bytes: u64,
    /// Strands that changed since the plan: of them nothing more was deleted.
    pub changed: BTreeSet<StrandId>,
    /// The records that were signed.
    pub records: Vec<ObjectName>,
}

/// Does what a plan says. `store` is the store of the vault, with the right to delete; `now` is not before the plan's.
///
/// Interrupted at any moment, the vault is whole, and the next plan goes on.
pub fn apply(
    vault: &Vault,
    kit: &RecoveryKit,
    plan: &ExpiryPlan,
    store: &dyn Erase,
    now: Timestamp,
) -> Result<Applied, ExpiryError> {
    let owner = vault.owner(kit)?;
    if plan.vault != vault.id() || now < plan.now {
        return Err(ExpiryError::Stale);
    }
    let mut applying = Applying {
        plan,
        store,
        owner,
        now,
        next_seq: plan.next_seq,
        head: plan.head,
        erased: BTreeSet::new(),
        applied: Applied::default(),
    };
    applying.verify_head()?;
    applying.record_condemned()?;
    applying.erase_manifests()?;
    applying.erase_others()?;
    applying.record_deleted()?;
    Ok(applying.applied)
}

struct Applying<'a> {
    plan: &'a ExpiryPlan,
    store: &'a dyn Erase,
    owner: &'a SigningKey,
    now: Timestamp,
    next_seq: u64,
    head: ObjectHash,
    erased: BTreeSet<ObjectName>,
    applied: Applied,
}

impl Applying<'_> {
    /// Refuses if somebody wrote a record since the plan.
    fn verify_head(&self) -> Result<(), ExpiryError> {
        let records = listed(self.store, &Folder::Expiry)?;
        let is_new = |name: &&ObjectName| matches!(name, ObjectName::Expiry(seq, _) if *seq == self.next_seq);
        if records.keys().any(|name| is_new(&name)) { Err(ExpiryError::Stale) } else { Ok(()) }
    }

    fn record_condemned(&mut self) -> Result<(), ExpiryError> {
        let condemned: Vec<_> = self.plan.condemn.keys().copied().collect();
        let revived: Vec<_> = self.plan.revive.iter().copied().collect();
        for part in condemned.chunks(NAMES_MAX) {
            self.put_record(part, &[], &[])?;
        }
        for part in revived.chunks(NAMES_MAX) {
            self.put_record(&[], &[], part)?;
        }
        self.applied.condemned = condemned.len() as u64;
        self.applied.revived = revived.len() as u64;
        Ok(())
    }

    /// Manifests go first: a pack that is gone while a manifest names it would be a loss.
    fn erase_manifests(&mut self) -> Result<(), ExpiryError> {
        for (strand, seen) in &self.plan.seen {
            if self.is_unchanged(*strand, seen)? {
                self.erase(*strand, is_manifest)?;
            }
        }
        Ok(self.store.commit()?)
    }

    fn erase_others(&mut self) -> Result<(), ExpiryError> {
        for (strand, seen) in &self.plan.seen {
            if self.is_unchanged(*strand, seen)? {
                self.erase(*strand, |name| !is_manifest(name))?;
            }
        }
        Ok(self.store.commit()?)
    }

    fn erase(&mut self, strand: StrandId, wanted: impl Fn(&ObjectName) -> bool) -> Result<(), ExpiryError> {
        let plan = self.plan;
        let objects = plan.delete.iter().filter(|(name, _)| name.strand() == Some(strand) && wanted(name));
        for (count, (name, bytes)) in objects.enumerate() {
            let is_time_to_look = count > 0 && count % DELETIONS_UNWATCHED_MAX == 0;
            if is_time_to_look && !self.is_unchanged(strand, &plan.seen[&strand])? {
                break;
            }
            self.store.erase(name)?;
            self.erased.insert(*name);
            self.applied.deleted += 1;
            self.applied.deleted_bytes += bytes;
        }
        Ok(())
    }

    fn record_deleted(&mut self) -> Result<(), ExpiryError> {
        let deleted: Vec<_> = self.erased.union(&self.plan.gone).copied().collect();
        for part in deleted.chunks(NAMES_MAX) {
            self.put_record(&[], part, &[])?;
        }
        Ok(())
    }

    /// Signs a record; it is durable when this returns.
    fn put_record(
        &mut self,
        condemned: &[ObjectName],
        deleted: &[ObjectName],
        revived: &[ObjectName],
    ) -> Result<(), StoreError> {
        let record = ExpiryRecord {
            vault: self.plan.vault,
            seq: self.next_seq,
            previous: self.head,
            time: self.now,
            condemned: condemned.to_vec(),
            deleted: deleted.to_vec(),
            revived: revived.to_vec(),
        };
        let object = record.sign(&[self.owner]);
        let hash = ObjectHash::of(&object);
        let name = ObjectName::Expiry(self.next_seq, hash);
        self.store.put(&name, &object)?;
        self.store.commit()?;
        self.next_seq += 1;
        self.head = hash;
        self.applied.records.push(name);
        Ok(())
    }

    /// Tells whether a strand has neither a manifest nor a lease that the plan does not know.
    fn is_unchanged(&mut self, strand: StrandId, seen: &BTreeSet<ObjectName>) -> Result<bool, StoreError> {
        for kind in [NumberedKind::Lease, NumberedKind::Snapshot] {
            let now = listed(self.store, &Folder::Numbered(strand, kind))?;
            if now.keys().any(|name| !seen.contains(name)) {
                self.applied.changed.insert(strand);
            }
        }
        Ok(!self.applied.changed.contains(&strand))
    }
}
