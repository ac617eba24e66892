//! Where a vault lies: a faulty disk, everybody's handles of it, and an archive of all that anybody ever put.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vault::name::{Folder, ObjectName};
use vault::store::{Erase, FaultPlan, FaultyStore, Put, Store, StoreError};

/// Which randomness made an object: whose, and from where on. Two backups that begin at one origin repeat their random
/// numbers, as a machine does that was set back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Origin {
    /// Number of the machine; owners have one too.
    pub machine: u64,
    /// How many random bytes it had taken before.
    pub position: u64,
}

impl Origin {
    /// A backup takes at least so many random bytes: its session's key and salt.
    const BACKUP_BYTES_MIN: u64 = 64;

    /// Tells whether two backups may have the same random numbers. A machine that is set back to the middle of a backup begins
    /// some bytes behind where that one began.
    pub fn repeats(&self, other: &Self) -> bool {
        self.machine == other.machine && self.position.abs_diff(other.position) < Self::BACKUP_BYTES_MIN
    }
}

/// All objects that anybody ever put, also those that crashes took.
#[derive(Default)]
pub struct Archive(Mutex<Attempts>);

#[derive(Default)]
struct Attempts {
    puts: Vec<Attempt>,
    faults: Vec<String>,
}

/// An object that somebody put.
#[derive(Clone)]
pub struct Attempt {
    /// Its name.
    pub name: ObjectName,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// Which randomness made it.
    pub origin: Origin,
}

impl Archive {
    /// Returns how many puts there were.
    pub fn count(&self) -> usize {
        self.attempts().puts.len()
    }

    /// Returns the puts from a number on.
    pub fn since(&self, number: usize) -> Vec<Attempt> {
        self.attempts().puts[number..].to_vec()
    }

    /// Returns what was wrong with puts.
    pub fn faults(&self) -> Vec<String> {
        self.attempts().faults.clone()
    }

    fn note(&self, attempt: Attempt) {
        self.attempts().puts.push(attempt);
    }

    fn fault(&self, fault: String) {
        self.attempts().faults.push(fault);
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A disk that holds a vault or a copy of one.
#[derive(Clone)]
pub struct Place {
    disk: FaultyStore,
    archive: Arc<Archive>,
}

impl Place {
    /// Makes an empty one.
    pub fn new(archive: &Arc<Archive>) -> Self {
        Self { disk: FaultyStore::new(FaultPlan::default()), archive: Arc::clone(archive) }
    }

    /// Opens the disk again: what a crash or a failed commit lost is gone, and from now on a new plan holds.
    pub fn reopen(&mut self, plan: FaultPlan) {
        self.disk = self.disk.reopen(plan);
    }

    /// The disk.
    pub fn disk(&self) -> &FaultyStore {
        &self.disk
    }

    /// Returns a handle for somebody.
    pub fn handle(&self, origin: Origin) -> Watched {
        Watched {
            disk: self.disk.clone(),
            archive: Arc::clone(&self.archive),
            origin,
            calls: AtomicU64::new(0),
            reads: AtomicU64::new(0),
            flipped_read: None,
            visits: Mutex::default(),
        }
    }

    /// Lists the objects of a folder.
    pub fn list(&self, folder: &Folder) -> Result<BTreeMap<ObjectName, u64>, StoreError> {
        let mut objects = BTreeMap::new();
        self.disk.list(folder, &mut |name, bytes| objects.extend([(name, bytes)]))?;
        Ok(objects)
    }
}

/// What somebody else does between two calls.
pub type Visit = Box<dyn FnOnce() + Send>;

/// A read that returns a wrong bit. Reads are counted for each sort of objects apart: in which order objects of one sort
/// are read, their random names decide, but how many of each sort are read does not change.
#[derive(Clone, Copy, Debug)]
pub struct Misread {
    /// Which objects.
    pub of: fn(&ObjectName) -> bool,
    /// Which read of them, counted from 1.
    pub read: u64,
    /// Decides which bit.
    pub place: u64,
}

/// A handle that archives what is put, and may let others in between two calls.
pub struct Watched {
    disk: FaultyStore,
    archive: Arc<Archive>,
    origin: Origin,
    calls: AtomicU64,
    reads: AtomicU64,
    flipped_read: Option<Misread>,
    visits: Mutex<Vec<(u64, Visit)>>,
}

impl Watched {
    /// Lets somebody else in before a call, counted from 1.
    pub fn visited(mut self, call: u64, visit: Visit) -> Self {
        self.visits.get_mut().unwrap_or_else(PoisonError::into_inner).push((call, visit));
        self
    }

    /// Flips a bit in what one read returns.
    pub fn flipping(mut self, misread: Misread) -> Self {
        self.flipped_read = Some(misread);
        self
    }

    /// Tells whether a read returned a flipped bit.
    pub fn has_flipped(&self) -> bool {
        self.flipped_read.is_some_and(|misread| self.reads.load(Ordering::SeqCst) >= misread.read)
    }

    fn begin(&self) {
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let due: Vec<Visit> = {
            let mut visits = self.visits.lock().unwrap_or_else(PoisonError::into_inner);
            let (due, later) = std::mem::take(&mut *visits).into_iter().partition(|(at, _)| *at <= call);
            *visits = later;
            due.into_iter().map(|(_, visit)| visit).collect()
        };
        due.into_iter().for_each(|visit| visit());
    }

    fn spoil(&self, name: &ObjectName, mut bytes: Vec<u8>) -> Vec<u8> {
        if let Some(misread) = self.flipped_read.filter(|misread| (misread.of)(name)) {
            let read = self.reads.fetch_add(1, Ordering::SeqCst) + 1;
            if read == misread.read && !bytes.is_empty() {
                let place = misread.place as usize % bytes.len();
                bytes[place] ^= 1 << (misread.place % 8);
            }
        }
        bytes
    }
}

impl Store for Watched {
    fn put(&self, name: &ObjectName, bytes: &[u8]) -> Result<Put, StoreError> {
        self.begin();
        self.archive.note(Attempt { name: *name, bytes: bytes.into(), origin: self.origin });
        let was_there = matches!(self.disk.head(name), Ok(Some(_)));
        let answer = self.disk.put(name, bytes);
        if was_there && matches!(answer, Ok(Put::Written)) {
            self.archive.fault(format!("{name} was there, and was written again"));
        }
        answer
    }

    fn commit(&self) -> Result<(), StoreError> {
        self.begin();
        self.disk.commit()
    }

    fn get(&self, name: &ObjectName) -> Result<Vec<u8>, StoreError> {
        self.begin();
        self.disk.get(name).map(|bytes| self.spoil(name, bytes))
    }

    fn get_range(&self, name: &ObjectName, offset: u64, bytes: usize) -> Result<Vec<u8>, StoreError> {
        self.begin();
        self.disk.get_range(name, offset, bytes).map(|bytes| self.spoil(name, bytes))
    }

    fn head(&self, name: &ObjectName) -> Result<Option<u64>, StoreError> {
        self.begin();
        self.disk.head(name)
    }

    fn list(&self, folder: &Folder, visit: &mut dyn FnMut(ObjectName, u64)) -> Result<(), StoreError> {
        self.begin();
        self.disk.list(folder, visit)
    }
}

impl Erase for Watched {
    fn erase(&self, name: &ObjectName) -> Result<(), StoreError> {
        self.begin();
        self.disk.erase(name)
    }
}
