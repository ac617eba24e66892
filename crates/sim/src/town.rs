//! The town: its vault and the copy of it, its owners, its machines, and what all of them were promised.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;
use vault::envelope::Recipient;
use vault::id::{BlobId, ObjectHash};
use vault::kit::RecoveryKit;
use vault::name::ObjectName;
use vault::scratch::Scratch;
use vault::store::FaultPlan;
use vault::vault::Vault;
use vault::world::Timestamp;

use crate::dice::Dice;
use crate::expectation::Claims;
use crate::failure::{Tell, Told};
use crate::machine::{Machine, SimEntropy};
use crate::model::Model;
use crate::place::{Archive, Origin, Place, Watched};
use crate::seals::SealBook;
use crate::tally::Tally;

/// When a town begins: 2023-11-14, in seconds.
pub const BEGIN: i64 = 1_700_000_000;

/// A town. Everybody in it may act between two calls of somebody else, so each part has a lock of its own, and none is
/// held while the vault works.
pub struct Town {
    /// All that anybody ever put, anywhere.
    pub archive: Arc<Archive>,
    /// The owners' kit, as it came back from paper.
    pub kit: RecoveryKit,
    /// The randomness of the owners' desk.
    pub entropy: SimEntropy,
    /// The machines.
    pub machines: Vec<Mutex<Machine>>,
    /// What must be in the vault.
    pub model: Mutex<Model>,
    /// Snapshots that must be in the copy.
    pub copied: Mutex<BTreeSet<ObjectName>>,
    /// Recipients besides the kit.
    pub recipients: Mutex<Vec<Recipient>>,
    /// Snapshots that were restored from each disk once.
    pub restored: Mutex<BTreeSet<(Disk, ObjectName)>>,
    /// Every key that ever sealed something, and how far the archive was looked through.
    pub seals: Mutex<(SealBook, usize)>,
    /// What is in packs, by their hashes.
    pub blobs: Mutex<HashMap<ObjectHash, Arc<BTreeSet<BlobId>>>>,
    /// Sources and sealed ends of snapshots, by their manifests.
    pub claims: Claims,
    /// What was done.
    pub tally: Mutex<Tally>,
    places: [Mutex<Place>; 2],
    now: Arc<AtomicI64>,
    /// Whether a crash could still take or bring back something of what the vault shows.
    unsure: AtomicBool,
    /// What is told of the step that runs.
    story: Mutex<Vec<String>>,
    /// Removed with all sources and states at the end.
    folder: TempDir,
}

/// One of the two disks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Disk {
    /// That of the vault.
    Vault,
    /// That of the copy.
    Copy,
}

impl Town {
    /// Founds a vault, and enrols one or two machines.
    pub fn found(seed: u64) -> Told<Arc<Self>> {
        let mut dice = Dice::new(seed ^ 0xf0_4d);
        let archive = Arc::new(Archive::default());
        let place = Place::new(&archive);
        let entropy = SimEntropy::new(seed);
        let store = Arc::new(place.handle(Origin { machine: 0, position: 0 }));
        let now = Timestamp::from_seconds(BEGIN);
        let (mut vault, kit) = Vault::found(store, &[], now, &entropy).tell("founding")?;
        let folder = temporary_folder().tell("a temporary folder")?;
        let (mut machines, time) = (Vec::new(), Arc::new(AtomicI64::new(BEGIN + 100)));
        for number in 1..=1 + dice.below(2) {
            let keys = vault.enrol(&kit, &format!("machine{number}"), now, &entropy).tell("enrolling")?;
            let sources = 1 + dice.below(2);
            machines.push(Mutex::new(Machine::new((number, seed), keys, sources, &time, folder.path())?));
        }
        let kit = RecoveryKit::parse(&kit.to_text(&[])).tell("the kit, typed in again")?;
        Ok(Arc::new(Self {
            places: [Mutex::new(place), Mutex::new(Place::new(&archive))],
            archive,
            kit,
            entropy,
            machines,
            model: Mutex::default(),
            copied: Mutex::default(),
            recipients: Mutex::default(),
            restored: Mutex::default(),
            seals: Mutex::default(),
            blobs: Mutex::default(),
            claims: Mutex::default(),
            tally: Mutex::default(),
            now: time,
            unsure: AtomicBool::new(false),
            story: Mutex::default(),
            folder,
        }))
    }

    /// A disk as it is now.
    pub fn place(&self, disk: Disk) -> Place {
        locked(&self.places[disk as usize]).clone()
    }

    /// Opens a disk again under a plan, and counts what struck before.
    pub fn reopen(&self, disk: Disk, plan: FaultPlan) {
        let mut place = locked(&self.places[disk as usize]);
        place.reopen(plan);
    }

    /// Ends all trouble of a disk. Returns whether something struck.
    pub fn calm(&self, disk: Disk, what: &str) -> bool {
        let place = self.place(disk);
        let struck = place.disk().struck();
        locked(&self.tally).fault(what, struck);
        if disk == Disk::Vault {
            self.unsure.store(!place.disk().is_crashed(), Ordering::SeqCst);
        }
        self.reopen(disk, FaultPlan::default());
        struck > 0
    }

    /// Somebody was told that what he did is done, and with it all that was done before.
    pub fn is_done(&self) {
        self.unsure.store(false, Ordering::SeqCst);
    }

    /// Tells whether what the vault shows is there for good.
    pub fn is_durable(&self) -> bool {
        !self.unsure.load(Ordering::SeqCst)
    }

    /// Opens the vault, as the owners do.
    pub fn open(&self, disk: Disk) -> Told<Vault> {
        Vault::open(self.owners_handle(disk)).tell("the vault cannot be opened")
    }

    /// A handle of a disk for the owners.
    pub fn owners_handle(&self, disk: Disk) -> Arc<Watched> {
        Arc::new(self.place(disk).handle(Origin { machine: 0, position: self.entropy.position() }))
    }

    /// The true time, in seconds.
    pub fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    /// The true time, for those whose clocks are right.
    pub fn moment(&self) -> Timestamp {
        Timestamp::from_seconds(self.now())
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Tells something of the step that runs.
    pub fn tell(&self, what: impl Into<String>) {
        locked(&self.story).push(what.into());
    }

    /// Takes what was told since the last call.
    pub fn story(&self) -> String {
        std::mem::take(&mut *locked(&self.story)).join("; ")
    }

    /// Where sources and states are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Memory for a few dozen blobs: what is read is found on the scratch file.
    pub fn scratch(&self) -> Scratch {
        Scratch { memory_bytes_max: 4096, ..Scratch::new(self.folder()) }
    }
}

/// Takes a lock, whoever died holding it.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes a folder in memory, where there is such a place: a machine flushes its state often.
pub fn temporary_folder() -> std::io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix("beffroi-sim-");
    builder.tempdir_in("/dev/shm").or_else(|_| builder.tempdir())
}
