//! Where objects lie: put if absent, get, list. Deleting is another trait, which only expiry receives.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use thiserror::Error;

use crate::id::ObjectHash;
use crate::name::{Folder, ObjectName};

pub mod conformance;
mod directory;
mod faulty;
mod memory;
mod recording;
mod returning;

pub use directory::{DirectoryAccess, DirectoryStore};
pub use faulty::{Fault, FaultPlan, FaultyStore, Medium, Moment, Survivors};
pub use memory::MemoryStore;
pub use recording::{Operation, RecordingStore, Tally};
pub use returning::ReturningStore;

/// The longest object that a store writes or reads, in bytes: a pack is at most 64 MiB, an index little more.
///
/// It bounds what a forged file can make a reader allocate.
pub const OBJECT_BYTES_MAX: u64 = 128 << 20;

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

    /// Reads the same into a buffer. What was in it is lost, also by an error; its memory is used where the store can.
    fn read_range(&self, name: &ObjectName, offset: u64, bytes: usize, buffer: &mut Vec<u8>) -> Result<(), StoreError> {
        *buffer = self.get_range(name, offset, bytes)?;
        Ok(())
    }

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
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
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
    /// The object is longer than [`OBJECT_BYTES_MAX`].
    #[error("{name} is {length_bytes} bytes long: no object is that long")]
    TooLong {
        /// The name.
        name: ObjectName,
        /// Its length in bytes.
        length_bytes: u64,
    },
    /// The number in the name has more than ten digits: it could be written but never found.
    #[error("the number in {name} is too large")]
    TooLarge {
        /// The name.
        name: ObjectName,
    },
    /// There is no folder to open, or it is not a folder.
    #[error("there is no folder {place}")]
    NoFolder {
        /// The folder.
        place: String,
    },
    /// A store is created in an empty folder only.
    #[error("the folder {place} is not empty")]
    NotEmpty {
        /// The folder.
        place: String,
    },
    /// A symbolic link, or something else that is neither file nor folder, lies where one of them should.
    #[error("{place} is not a plain file or folder")]
    InTheWay {
        /// What is in the way.
        place: String,
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

/// Refuses what no store takes: a name that cannot be read back, bytes too many or of another hash.
fn admit(name: &ObjectName, bytes: &[u8]) -> Result<(), StoreError> {
    let name = *name;
    if ObjectName::parse(&name.to_string()) != Some(name) {
        return Err(StoreError::TooLarge { name });
    }
    check_length(&name, bytes.len() as u64)?;
    match name.hash() {
        Some(hash) if hash != ObjectHash::of(bytes) => Err(StoreError::WrongHash { name }),
        _ => Ok(()),
    }
}

/// Refuses a length that no object has.
fn check_length(name: &ObjectName, length_bytes: u64) -> Result<(), StoreError> {
    if length_bytes > OBJECT_BYTES_MAX {
        let name = *name;
        return Err(StoreError::TooLong { name, length_bytes });
    }
    Ok(())
}

/// Tells whether an object of this length holds the whole range.
fn holds(length_bytes: u64, offset: u64, bytes: usize) -> bool {
    offset.checked_add(bytes as u64).is_some_and(|end| end <= length_bytes)
}

/// Locks. A thread that panicked while holding a lock of this module left nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
