//! A store in memory, for tests and for looking at what another store would hold.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::{Erase, Put, Store, StoreError, admit, holds, lock};
use crate::name::{Folder, ObjectName};

/// Objects in memory. Clones are handles of the same store.
#[derive(Clone, Default, Debug)]
pub struct MemoryStore {
    objects: Arc<Mutex<Objects>>,
}

/// Names and their bytes.
pub(super) type Objects = BTreeMap<ObjectName, Vec<u8>>;

impl MemoryStore {
    /// Makes an empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an object's bytes, whatever was there and whatever hash the name holds: tampering, for tests.
    pub fn overwrite(&self, name: ObjectName, bytes: Vec<u8>) {
        lock(&self.objects).insert(name, bytes);
    }

    /// Returns the names of all objects, in ascending order.
    pub fn names(&self) -> Vec<ObjectName> {
        lock(&self.objects).keys().copied().collect()
    }
}

impl Store for MemoryStore {
    fn put(&self, name: &ObjectName, bytes: &[u8]) -> Result<Put, StoreError> {
        admit(name, bytes)?;
        let mut objects = lock(&self.objects);
        if objects.contains_key(name) {
            return Ok(Put::Present);
        }
        objects.insert(*name, bytes.to_vec());
        Ok(Put::Written)
    }

    fn commit(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn get(&self, name: &ObjectName) -> Result<Vec<u8>, StoreError> {
        Ok(find(&lock(&self.objects), name)?.clone())
    }

    fn get_range(&self, name: &ObjectName, offset: u64, bytes: usize) -> Result<Vec<u8>, StoreError> {
        range(find(&lock(&self.objects), name)?, name, offset, bytes)
    }

    fn head(&self, name: &ObjectName) -> Result<Option<u64>, StoreError> {
        Ok(length(&lock(&self.objects), name))
    }

    fn list(&self, folder: &Folder, visit: &mut dyn FnMut(ObjectName, u64)) -> Result<(), StoreError> {
        // The lock is free again before the first visit: a visitor may use the store.
        let listed = members(&lock(&self.objects), folder);
        for (name, length_bytes) in listed {
            visit(name, length_bytes);
        }
        Ok(())
    }
}

impl Erase for MemoryStore {
    fn erase(&self, name: &ObjectName) -> Result<(), StoreError> {
        lock(&self.objects).remove(name);
        Ok(())
    }
}

/// Returns an object's bytes.
pub(super) fn find<'a>(objects: &'a Objects, name: &ObjectName) -> Result<&'a Vec<u8>, StoreError> {
    objects.get(name).ok_or(StoreError::NotFound { name: *name })
}

/// Returns an object's length in bytes, if it is there.
pub(super) fn length(objects: &Objects, name: &ObjectName) -> Option<u64> {
    objects.get(name).map(|object| object.len() as u64)
}

/// Copies a range, or says that the object is too short for it.
pub(super) fn range(object: &[u8], name: &ObjectName, offset: u64, bytes: usize) -> Result<Vec<u8>, StoreError> {
    let length_bytes = object.len() as u64;
    if !holds(length_bytes, offset, bytes) {
        let name = *name;
        return Err(StoreError::Short { name, length_bytes });
    }
    // The range ends inside the object, whose length is a `usize`.
    let start = offset as usize;
    Ok(object[start..start + bytes].to_vec())
}

/// Returns names and lengths of the objects of a folder.
pub(super) fn members(objects: &Objects, folder: &Folder) -> Vec<(ObjectName, u64)> {
    objects
        .iter()
        .filter(|(name, _)| name.folder() == Some(*folder))
        .map(|(name, object)| (*name, object.len() as u64))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance::{check_erase, check_store};

    #[test]
    fn conforms() {
        check_store(&mut || Box::new(MemoryStore::new()));
        check_erase(&mut || Box::new(MemoryStore::new()));
    }

    #[test]
    fn tampering_reaches_every_handle() {
        let store = MemoryStore::new();
        store.put(&ObjectName::Vault, b"true").unwrap();
        store.clone().overwrite(ObjectName::Vault, b"false".into());
        assert_eq!(store.get(&ObjectName::Vault).unwrap(), b"false");
        assert_eq!(store.names(), [ObjectName::Vault]);
    }
}
