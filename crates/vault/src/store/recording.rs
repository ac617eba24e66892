//! A store that counts what is asked of another: tests assert operations and bytes, never milliseconds.

use std::sync::{Arc, Mutex};

use super::{Erase, Put, Store, StoreError, lock};
use crate::name::{Folder, ObjectName};

/// Passes every call on and keeps a log of it, failed calls included. Clones share the log.
#[derive(Clone, Debug)]
pub struct RecordingStore<S> {
    store: S,
    log: Arc<Mutex<Vec<Operation>>>,
}

/// One call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Operation {
    /// An object was put.
    Put {
        /// Its name.
        name: ObjectName,
        /// Length of what was to be written, in bytes.
        bytes: u64,
        /// What became of it; `None` after an error.
        outcome: Option<Put>,
    },
    /// Earlier puts were made durable.
    Commit,
    /// A whole object was read.
    Get {
        /// Its name.
        name: ObjectName,
        /// Bytes read; 0 after an error.
        bytes: u64,
    },
    /// A part of an object was read.
    GetRange {
        /// Its name.
        name: ObjectName,
        /// Where the part begins, in bytes.
        offset: u64,
        /// Bytes read; 0 after an error.
        bytes: u64,
    },
    /// A length was asked for.
    Head {
        /// The object's name.
        name: ObjectName,
    },
    /// A folder was listed.
    List {
        /// The folder.
        folder: Folder,
        /// Number of objects that were visited.
        objects: u64,
    },
    /// An object was deleted.
    Erase {
        /// Its name.
        name: ObjectName,
    },
}

/// Numbers of calls, and bytes that went through them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Calls of `put`.
    pub puts: u64,
    /// Calls of `put` that wrote.
    pub written: u64,
    /// Calls of `commit`.
    pub commits: u64,
    /// Calls of `get`.
    pub gets: u64,
    /// Calls of `get_range`.
    pub ranges: u64,
    /// Calls of `head`.
    pub heads: u64,
    /// Calls of `list`.
    pub lists: u64,
    /// Calls of `erase`.
    pub erasures: u64,
    /// Bytes of the objects that were written.
    pub bytes_written: u64,
    /// Bytes that `get` and `get_range` returned.
    pub bytes_read: u64,
}

impl<S> RecordingStore<S> {
    /// Begins an empty log of what is asked of `store`.
    pub fn new(store: S) -> Self {
        let log = Arc::default();
        Self { store, log }
    }

    /// Returns the store behind.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Returns all calls since the beginning or the last [`Self::clear`], in the order in which they ended.
    pub fn operations(&self) -> Vec<Operation> {
        lock(&self.log).clone()
    }

    /// Returns the numbers of the same calls.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for operation in lock(&self.log).iter() {
            tally.add(operation);
        }
        tally
    }

    /// Empties the log.
    pub fn clear(&self) {
        lock(&self.log).clear();
    }

    fn record(&self, operation: Operation) {
        lock(&self.log).push(operation);
    }
}

impl Tally {
    fn add(&mut self, operation: &Operation) {
        match *operation {
            Operation::Put { bytes, outcome, .. } => {
                self.puts += 1;
                if outcome == Some(Put::Written) {
                    self.written += 1;
                    self.bytes_written += bytes;
                }
            }
            Operation::Commit => self.commits += 1,
            Operation::Get { bytes, .. } => {
                self.gets += 1;
                self.bytes_read += bytes;
            }
            Operation::GetRange { bytes, .. } => {
                self.ranges += 1;
                self.bytes_read += bytes;
            }
            Operation::Head { .. } => self.heads += 1,
            Operation::List { .. } => self.lists += 1,
            Operation::Erase { .. } => self.erasures += 1,
        }
    }
}

impl<S: Store> Store for RecordingStore<S> {
    fn put(&self, name: &ObjectName, bytes: &[u8]) -> Result<Put, StoreError> {
        let answer = self.store.put(name, bytes);
        self.record(Operation::Put { name: *name, bytes: bytes.len() as u64, outcome: answer.as_ref().ok().copied() });
        answer
    }

    fn commit(&self) -> Result<(), StoreError> {
        let answer = self.store.commit();
        self.record(Operation::Commit);
        answer
    }

    fn get(&self, name: &ObjectName) -> Result<Vec<u8>, StoreError> {
        let answer = self.store.get(name);
        self.record(Operation::Get { name: *name, bytes: bytes_in(&answer) });
        answer
    }

    fn get_range(&self, name: &ObjectName, offset: u64, bytes: usize) -> Result<Vec<u8>, StoreError> {
        let answer = self.store.get_range(name, offset, bytes);
        self.record(Operation::GetRange { name: *name, offset, bytes: bytes_in(&answer) });
        answer
    }

    fn head(&self, name: &ObjectName) -> Result<Option<u64>, StoreError> {
        let answer = self.store.head(name);
        self.record(Operation::Head { name: *name });
        answer
    }

    fn list(&self, folder: &Folder, visit: &mut dyn FnMut(ObjectName, u64)) -> Result<(), StoreError> {
        let mut objects = 0;
        let answer = self.store.list(folder, &mut |name, length_bytes| {
            objects += 1;
            visit(name, length_bytes);
        });
        let folder = *folder;
        self.record(Operation::List { folder, objects });
        answer
    }
}

impl<S: Erase> Erase for RecordingStore<S> {
    fn erase(&self, name: &ObjectName) -> Result<(), StoreError> {
        let answer = self.store.erase(name);
        self.record(Operation::Erase { name: *name });
        answer
    }
}

fn bytes_in(answer: &Result<Vec<u8>, StoreError>) -> u64 {
    answer.as_ref().map_or(0, |bytes| bytes.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;
    use crate::store::conformance::{check_erase, check_store};

    #[test]
    fn conforms() {
        check_store(&mut || Box::new(RecordingStore::new(MemoryStore::new())));
        check_erase(&mut || Box::new(RecordingStore::new(MemoryStore::new())));
    }

    #[test]
    fn calls_and_bytes_are_counted() {
        let store = RecordingStore::new(MemoryStore::new());
        let name = ObjectName::Vault;
        store.put(&name, b"12345").unwrap();
        store.put(&name, b"12345").unwrap();
        store.get(&name).unwrap();
        store.get_range(&name, 1, 2).unwrap();
        store.get_range(&name, 4, 2).unwrap_err();
        store.head(&name).unwrap();
        store.list(&Folder::Owner, &mut |_, _| ()).unwrap();
        store.commit().unwrap();
        store.erase(&name).unwrap();
        let expected = Tally {
            puts: 2,
            written: 1,
            commits: 1,
            gets: 1,
            ranges: 2,
            heads: 1,
            lists: 1,
            erasures: 1,
            bytes_written: 5,
            bytes_read: 7,
        };
        assert_eq!(store.tally(), expected);
        assert_eq!(store.operations()[4], Operation::GetRange { name, offset: 4, bytes: 0 });
        store.clear();
        assert_eq!(store.tally(), Tally::default());
        assert_eq!(store.store().names(), []);
    }
}
