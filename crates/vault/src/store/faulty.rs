//! A store in memory that behaves like a disk on a bad day, the same way every time it is asked to.
//!
//! What is put is visible at once and survives a crash only once a commit has returned. A crash comes where the
//! [`FaultPlan`] says, or by [`FaultyStore::crash`]. What was put or erased since the last commit then survives or not,
//! change by change, as [`Survivors`] says. All handles refuse every call from then on, as the process that held them
//! is gone; [`FaultyStore::reopen`] gives a new handle to what survived.
//!
//! A put that does not survive leaves nothing, or a leftover: a prefix under no name, as `.tmp-` files are. Whole or not at
//! all holds on an honest [`Medium`] only; tests of what a liar does choose another one.
//!
//! A commit that fails loses like a crash does, but not before the store is opened again: until then the store refuses
//! writes and shows what it showed, as the page cache of a disk does.
//!
//! One thread gets the same answers for the same plan every time. Several threads share the count of operations in the order
//! in which they come.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use super::memory::{find, length, members, range};
use super::{Erase, Put, Store, StoreError, admit, lock};
use crate::name::{Folder, ObjectName};
use disk::{Change, Disk};

mod disk;
#[cfg(test)]
mod tests;

/// A handle of a store with faults. Clones are handles of the same store, and die with it.
#[derive(Clone, Debug)]
pub struct FaultyStore {
    disk: Arc<Mutex<Disk>>,
    /// Which opening of the disk this handle belongs to.
    opening: u64,
}

/// What goes wrong, and when. The default is a disk on which nothing does.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FaultPlan {
    /// Decides all that is left to chance.
    pub seed: u64,
    /// Faults and their moments. Of two at one moment the first strikes.
    pub faults: Vec<(Moment, Fault)>,
    /// How many bytes of objects the disk holds; `None` for any number.
    pub capacity_bytes: Option<u64>,
    /// What a crash keeps of what was not committed.
    pub survivors: Survivors,
    /// How far the disk is to be trusted.
    pub medium: Medium,
}

/// A call, counted from 1 since the store was opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// Among all calls.
    Operation(u64),
    /// Among calls of `put`, `commit` and `erase`.
    Write(u64),
}

/// What goes wrong at one call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The power goes before the call does anything.
    CrashBefore,
    /// The power goes after the call did everything, before it answers.
    CrashAfter,
    /// The call does nothing and fails; a commit fails for good.
    Error,
    /// The call does everything, but its answer is an error, as over a network.
    LostAnswer,
    /// A put finds the disk full; every other call is spared.
    Full,
    /// One bit of what a put writes, or of what a read returns, is wrong; every other call is spared.
    FlipBit,
    /// The end of what a put writes, or of what `get` returns, is missing, at least one byte; a `get_range`
    /// is [`StoreError::Short`]; every other call is spared.
    Truncate,
}

/// Which uncommitted changes survive a crash.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Survivors {
    /// None.
    #[default]
    Nothing,
    /// All.
    Everything,
    /// The first few, a number left to chance.
    InOrder,
    /// Each or not, left to chance: the disk wrote them in an order of its own.
    Scattered,
}

/// How far the disk keeps its promises.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Medium {
    /// Objects are whole or absent, and commits hold.
    #[default]
    Honest,
    /// Commits hold, but what was not committed and survives a crash may be torn: cut short, or zeros at its end.
    Tearing,
    /// Like [`Medium::Tearing`], and commits promise without keeping: nothing is ever safe from a crash.
    Deceiving,
}

impl FaultyStore {
    /// Makes an empty store.
    pub fn new(plan: FaultPlan) -> Self {
        let disk = Arc::new(Mutex::new(Disk::new(plan)));
        Self { disk, opening: 0 }
    }

    /// Takes the power away.
    pub fn crash(&self) {
        lock(&self.disk).crash();
    }

    /// Opens the disk again, under a new plan, with all counts at zero. All earlier handles are dead.
    ///
    /// After a crash it holds what survived; after a failed commit it loses what a crash would; otherwise it
    /// holds everything, and what was not committed still is not.
    pub fn reopen(&self, plan: FaultPlan) -> Self {
        let opening = lock(&self.disk).reopen(plan);
        let disk = Arc::clone(&self.disk);
        Self { disk, opening }
    }

    /// Returns the number of calls since the store was opened.
    pub fn operations(&self) -> u64 {
        lock(&self.disk).operations
    }

    /// Returns the number of calls of `put`, `commit` and `erase` since the store was opened.
    pub fn writes(&self) -> u64 {
        lock(&self.disk).writes
    }

    /// Returns how many faults struck since the store was opened: a test that waits for one asserts that it came.
    pub fn struck(&self) -> u64 {
        lock(&self.disk).struck
    }

    /// Tells whether the power is gone.
    pub fn is_crashed(&self) -> bool {
        lock(&self.disk).is_crashed
    }

    /// Returns how many unfinished writes crashes have left behind.
    pub fn leftovers(&self) -> u64 {
        lock(&self.disk).leftovers
    }

    /// Takes the turn of one call: refuses it, or returns the disk and the fault that the call itself must apply.
    fn begin(&self, kind: Kind) -> Result<(MutexGuard<'_, Disk>, Option<Fault>), StoreError> {
        let mut disk = lock(&self.disk);
        if disk.is_crashed || disk.opening != self.opening {
            return Err(power_is_gone());
        }
        if disk.is_poisoned && kind.writes() {
            return Err(StoreError::Poisoned { place: PLACE.into() });
        }
        let fault = disk.next_fault(kind);
        match fault {
            Some(Fault::CrashBefore) => {
                disk.crash();
                Err(power_is_gone())
            }
            Some(Fault::Error) => {
                disk.is_poisoned |= kind == Kind::Commit;
                Err(failed("the plan asks for an error"))
            }
            _ => Ok((disk, fault)),
        }
    }
}

impl Store for FaultyStore {
    fn put(&self, name: &ObjectName, bytes: &[u8]) -> Result<Put, StoreError> {
        admit(name, bytes)?;
        let (mut disk, fault) = self.begin(Kind::Put)?;
        let answer = if disk.visible.contains_key(name) {
            Put::Present
        } else if fault == Some(Fault::Full) || !disk.has_room(bytes.len() as u64) {
            return Err(StoreError::NoSpace { name: *name });
        } else {
            let object = disk.spoil(bytes.to_vec(), fault);
            disk.change(Change::Put(*name, object));
            Put::Written
        };
        end(&mut disk, fault, answer)
    }

    fn commit(&self) -> Result<(), StoreError> {
        let (mut disk, fault) = self.begin(Kind::Commit)?;
        disk.commit();
        end(&mut disk, fault, ())
    }

    fn get(&self, name: &ObjectName) -> Result<Vec<u8>, StoreError> {
        let (mut disk, fault) = self.begin(Kind::Read)?;
        let object = find(&disk.visible, name)?.clone();
        let object = disk.spoil(object, fault);
        end(&mut disk, fault, object)
    }

    fn get_range(&self, name: &ObjectName, offset: u64, bytes: usize) -> Result<Vec<u8>, StoreError> {
        let (mut disk, fault) = self.begin(Kind::Read)?;
        let part = range(find(&disk.visible, name)?, name, offset, bytes)?;
        if fault == Some(Fault::Truncate) {
            let length_bytes = offset;
            let name = *name;
            return Err(StoreError::Short { name, length_bytes });
        }
        let part = disk.spoil(part, fault);
        end(&mut disk, fault, part)
    }

    fn head(&self, name: &ObjectName) -> Result<Option<u64>, StoreError> {
        let (mut disk, fault) = self.begin(Kind::Question)?;
        let answer = length(&disk.visible, name);
        end(&mut disk, fault, answer)
    }

    fn list(&self, folder: &Folder, visit: &mut dyn FnMut(ObjectName, u64)) -> Result<(), StoreError> {
        let (mut disk, fault) = self.begin(Kind::Question)?;
        let listed = members(&disk.visible, folder);
        let answer = end(&mut disk, fault, ());
        // The lock is free again before the first visit: a visitor may use the store.
        drop(disk);
        for (name, length_bytes) in listed {
            visit(name, length_bytes);
        }
        answer
    }
}

impl Erase for FaultyStore {
    fn erase(&self, name: &ObjectName) -> Result<(), StoreError> {
        let (mut disk, fault) = self.begin(Kind::Erase)?;
        if disk.visible.contains_key(name) {
            disk.change(Change::Erase(*name));
        }
        end(&mut disk, fault, ())
    }
}

/// What a call is, to the faults that choose among calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Put,
    Commit,
    Erase,
    /// Returns bytes of an object.
    Read,
    /// Returns names or lengths.
    Question,
}

impl Kind {
    fn writes(self) -> bool {
        matches!(self, Self::Put | Self::Commit | Self::Erase)
    }

    /// Tells whether a fault means anything to such a call.
    fn suffers(self, fault: Fault) -> bool {
        match fault {
            Fault::CrashBefore | Fault::CrashAfter | Fault::Error | Fault::LostAnswer => true,
            Fault::Full => self == Self::Put,
            Fault::FlipBit | Fault::Truncate => matches!(self, Self::Put | Self::Read),
        }
    }
}

/// Answers a call that did its work, unless its answer is to be lost.
fn end<T>(disk: &mut Disk, fault: Option<Fault>, answer: T) -> Result<T, StoreError> {
    match fault {
        Some(Fault::CrashAfter) => {
            disk.crash();
            Err(power_is_gone())
        }
        Some(Fault::LostAnswer) => Err(failed("the plan loses this answer")),
        _ => Ok(answer),
    }
}

fn power_is_gone() -> StoreError {
    failed("the power is gone")
}

fn failed(message: &'static str) -> StoreError {
    StoreError::Io { place: PLACE.into(), source: io::Error::other(message) }
}

const PLACE: &str = "the faulty store";
