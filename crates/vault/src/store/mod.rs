//! Where objects lie: put if absent, get, list. Deleting is another trait, which only expiry receives.

use std::io;

use thiserror::Error;

use crate::name::{Folder, ObjectName};

/// Objects, written once and never changed.
///
/// Every method may be called from many threads at once.
pub trait Store: Send + Sync {
    /// Writes an object if its name is free, and says whether it was.
    ///
    /// The bytes are visible whole or not at all, at once. They are durable, together with their name, once a later
    /// [`Store::commit`] has returned. Where the name holds a hash, bytes of another hash are refused.
    fn put(&self, name: &ObjectName, bytes: &[u8]) -> Result<Put, StoreError>;

    /// Makes everything that was put before durable.
    ///
    /// After an error the store refuses writes until it is opened again: what a failed flush lost cannot be known.
    fn commit(&self) -> Result<(), StoreError>;

    /// Reads a whole object. The bytes are as the medium gave them: callers verify.
    fn get(&self, name: &ObjectName) -> Result<Vec<u8>, StoreError>;

    /// Reads exactly `bytes` from `offset`; an object that ends before is [`StoreError::Short`].
    fn get_range(&self, name: &ObjectName, offset: u64, bytes: usize) -> Result<Vec<u8>, StoreError>;

    /// Returns the object's length in bytes, or `None` where there is no such object.
    fn head(&self, name: &ObjectName) -> Result<Option<u64>, StoreError>;

    /// Calls `visit` with the name and length in bytes of every object of a folder, in no given order.
    ///
    /// Unfinished writes and foreign files are not objects. A folder that does not exist is empty.
    fn list(&self, folder: &Folder, visit: &mut dyn FnMut(ObjectName, u64)) -> Result<(), StoreError>;
}

/// The right to delete.
pub trait Erase: Store {
    /// Deletes an object; one that is not there is no error.
    fn erase(&self, name: &ObjectName) -> Result<(), StoreError>;
}

/// What became of a put.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Put {
    /// The object was written.
    Written,
    /// The name was taken: nothing was written.
    Present,
}

/// Why a store did not do what it was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// There is no such object.
    #[error("no object {name}")]
    NotFound {
        /// The name.
        name: ObjectName,
    },
    /// The object ends before the range that was asked for.
    #[error("object {name} is {length_bytes} bytes long, too short for what was asked")]
    Short {
        /// The name.
        name: ObjectName,
        /// Its length in bytes.
        length_bytes: u64,
    },
    /// The bytes do not have the hash of the name.
    #[error("the bytes given for {name} do not have its hash")]
    WrongHash {
        /// The name.
        name: ObjectName,
    },
    /// The medium is full.
    #[error("no space left for {name}")]
    NoSpace {
        /// The name.
        name: ObjectName,
    },
    /// The store was opened for reading, or its medium is read-only.
    #[error("{place} is read-only")]
    ReadOnly {
        /// The store, as a person knows it.
        place: String,
    },
    /// The right to do this is missing.
    #[error("permission denied on {place}")]
    Denied {
        /// The file or folder.
        place: String,
    },
    /// A flush failed earlier: what is durable cannot be known until the store is opened again.
    #[error("{place} failed to make earlier writes durable; open it again")]
    Poisoned {
        /// The store, as a person knows it.
        place: String,
    },
    /// Anything else that the medium says.
    #[error("input or output failed on {place}")]
    Io {
        /// The file, folder or object.
        place: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}
