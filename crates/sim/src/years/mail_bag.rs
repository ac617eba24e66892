//! A store that counts what is sent to it.

use std::collections::BTreeMap;
use std::sync::Mutex;

use vault::name::{Folder, HashedKind, NumberedKind, ObjectName};
use vault::pack::{PackHead, PackKind};
use vault::store::{Erase, MemoryStore, Put, Store, StoreError};

use crate::town::locked;

/// A store in memory that counts what is put.
pub struct MailBag {
    store: MemoryStore,
    sent: Mutex<Sent>,
}

/// Objects and bytes, by sort.
pub type Sent = BTreeMap<Sort, (u64, u64)>;

/// What an object is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Sort {
    /// A pack of content.
    DataPack,
    /// A pack of nodes and chunk lists.
    TreePack,
    /// An index.
    Index,
    /// A list of names.
    List,
    /// A manifest.
    Manifest,
    /// A lease.
    Lease,
    /// Anything else: keys, the owner log, records of expiry.
    Other,
}

impl Sort {
    /// Tells what an object is. Of a pack the first bytes are looked at.
    pub fn of(name: &ObjectName, bytes: &[u8]) -> Self {
        match name {
            ObjectName::Hashed(_, HashedKind::Pack, _) => match PackHead::read(bytes) {
                Ok((head, _)) if head.kind == PackKind::Tree => Self::TreePack,
                _ => Self::DataPack,
            },
            ObjectName::Hashed(_, HashedKind::Index, _) => Self::Index,
            ObjectName::Hashed(_, HashedKind::List, _) => Self::List,
            ObjectName::Numbered(_, NumberedKind::Snapshot, ..) => Self::Manifest,
            ObjectName::Numbered(_, NumberedKind::Lease, ..) => Self::Lease,
            _ => Self::Other,
        }
    }
}

impl MailBag {
    /// Makes one over a store.
    pub fn new(store: MemoryStore) -> Self {
        Self { store, sent: Mutex::default() }
    }

    /// Takes the counts since the last call.
    pub fn empty(&self) -> Sent {
        std::mem::take(&mut *locked(&self.sent))
    }

    /// Returns the names of all objects.
    pub fn names(&self) -> Vec<ObjectName> {
        self.store.names()
    }
}

impl Store for MailBag {
    fn put(&self, name: &ObjectName, bytes: &[u8]) -> Result<Put, StoreError> {
        let answer = self.store.put(name, bytes)?;
        if answer == Put::Written {
            let mut sent = locked(&self.sent);
            let (objects, sum) = sent.entry(Sort::of(name, bytes)).or_default();
            *objects += 1;
            *sum += bytes.len() as u64;
        }
        Ok(answer)
    }

    fn commit(&self) -> Result<(), StoreError> {
        self.store.commit()
    }

    fn get(&self, name: &ObjectName) -> Result<Vec<u8>, StoreError> {
        self.store.get(name)
    }

    fn get_range(&self, name: &ObjectName, offset: u64, bytes: usize) -> Result<Vec<u8>, StoreError> {
        self.store.get_range(name, offset, bytes)
    }

    fn head(&self, name: &ObjectName) -> Result<Option<u64>, StoreError> {
        self.store.head(name)
    }

    fn list(&self, folder: &Folder, visit: &mut dyn FnMut(ObjectName, u64)) -> Result<(), StoreError> {
        self.store.list(folder, visit)
    }
}

impl Erase for MailBag {
    fn erase(&self, name: &ObjectName) -> Result<(), StoreError> {
        self.store.erase(name)
    }
}
