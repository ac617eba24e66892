//! All objects that some snapshots of a strand need.

use std::collections::HashSet;

use crate::id::{ObjectHash, StrandId};
use crate::list::Record;
use crate::manifest::Manifest;
use crate::name::{HashedKind, ObjectName};
use crate::snapshots::{ListFault, read_list};
use crate::store::Store;

/// Names that are needed; lists that snapshots share are read once.
pub(super) struct Reach<'s> {
    store: &'s dyn Store,
    strand: StrandId,
    names: HashSet<(HashedKind, ObjectHash)>,
}

impl<'s> Reach<'s> {
    pub fn new(store: &'s dyn Store, strand: StrandId) -> Self {
        Self { store, strand, names: HashSet::new() }
    }

    /// Adds what a snapshot needs. After a fault some of it is missing.
    pub fn add(&mut self, manifest: &Manifest) -> Result<(), ListFault> {
        self.names.extend(manifest.packs.iter().map(|hash| (HashedKind::Pack, *hash)));
        self.names.extend(manifest.indexes.iter().map(|hash| (HashedKind::Index, *hash)));
        let mut waiting: Vec<(ObjectHash, Option<u8>)> = manifest.list.iter().map(|hash| (*hash, None)).collect();
        while let Some((hash, level)) = waiting.pop() {
            if !self.names.insert((HashedKind::List, hash)) {
                continue;
            }
            let name = ObjectName::Hashed(self.strand, HashedKind::List, hash);
            let list = read_list(self.store, name, hash, level)?;
            for record in &list.records {
                match record {
                    Record::Pack(hash) => drop(self.names.insert((HashedKind::Pack, *hash))),
                    Record::Index(hash) => drop(self.names.insert((HashedKind::Index, *hash))),
                    Record::List(hash) => waiting.push((*hash, list.level.checked_sub(1))),
                }
            }
        }
        Ok(())
    }

    /// Tells whether the object is needed.
    pub fn holds(&self, name: &ObjectName) -> bool {
        match name {
            ObjectName::Hashed(strand, kind, hash) => *strand == self.strand && self.names.contains(&(*kind, *hash)),
            _ => false,
        }
    }
}
