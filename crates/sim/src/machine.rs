//! A machine of the town: its sources, its state, its clock and its randomness.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use vault::backup::{Agent, BackupError, BackupOptions, Monitor, Outcome, Remark, backup_tree};
use vault::chunk::ChunkSizes;
use vault::id::ObjectHash;
use vault::source::{Exclusions, Names, RootPaths, Walk, WalkOptions};
use vault::state::{AgentKeys, StateFolder};
use vault::store::Store;
use vault::vault::Vault;
use vault::world::{Clock, Entropy, Timestamp};

use crate::failure::{Tell, Told};
use crate::folder::{Desk, copy_folder, make_private_folder, remove_folder};
use crate::place::Origin;

/// Randomness that can be set back.
pub struct SimEntropy {
    seed: u64,
    position: AtomicU64,
}

/// The clock of a machine: the town's time, and how far it is off.
pub struct SimClock {
    time: Arc<AtomicI64>,
    error_seconds: i64,
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.time.load(Ordering::SeqCst).saturating_add(self.error_seconds))
    }
}

impl SimEntropy {
    /// Makes the randomness of a seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, position: AtomicU64::new(0) }
    }

    /// How many bytes were taken.
    pub fn position(&self) -> u64 {
        self.position.load(Ordering::SeqCst)
    }

    fn set_back(&self, position: u64) {
        self.position.store(position, Ordering::SeqCst);
    }
}

impl Entropy for SimEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let position = self.position.fetch_add(bytes.len() as u64, Ordering::SeqCst);
        let mut hasher = blake3::Hasher::new();
        let mut stream = hasher.update(b"beffroi sim entropy").update(&self.seed.to_le_bytes()).finalize_xof();
        stream.set_position(position);
        stream.fill(bytes);
    }
}

/// What a backup remarked.
#[derive(Default)]
pub struct Remarks(Mutex<Vec<Remark>>);

impl Remarks {
    /// Tells whether some remark is of a kind.
    pub fn any(&self, kind: impl Fn(&Remark) -> bool) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().any(kind)
    }

    /// Returns how much was used in packs that were said to be worn, in bytes.
    pub fn worn_bytes(&self) -> u64 {
        let remarks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let worn = |remark: &Remark| if let Remark::WornPacks { bytes, .. } = remark { *bytes } else { 0 };
        remarks.iter().map(worn).sum()
    }

    /// Returns the first remark that says something is wrong with what is read or kept.
    pub fn complaint(&self) -> Option<String> {
        let remarks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_expected = |remark: &&Remark| {
            // Machines are set back here, and die when they have just saved.
            matches!(remark, Remark::WornPacks { .. } | Remark::LostPacks { .. } | Remark::Unremembered { .. })
        };
        remarks.iter().find(|remark| !is_expected(remark)).map(|remark| format!("{remark:?}"))
    }
}

impl Monitor for Remarks {
    fn read(&self, _: u64) {}
    fn entry(&self, _: u64) {}
    fn directory(&self, _: &[u8]) {}
    fn remark(&self, remark: Remark) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(remark);
    }
    fn stopping(&self) -> bool {
        false
    }
}

/// A machine that saves its sources.
pub struct Machine {
    /// Its number, from 1; 0 is the owners' desk.
    pub number: u64,
    /// Its keys.
    pub keys: AgentKeys,
    /// Its randomness.
    pub entropy: SimEntropy,
    /// How far its clock is off, in seconds.
    pub clock_error: i64,
    /// Packs that its state knows of: put, or about to be.
    pub noted: BTreeSet<ObjectHash>,
    /// How many sources it has.
    pub sources: u64,
    /// Counts changes of files.
    pub ticks: u64,
    sizes: ChunkSizes,
    time: Arc<AtomicI64>,
    folder: PathBuf,
    copy: Option<Arc<Memory>>,
}

/// What a machine remembers, as it was at one moment.
pub struct Memory {
    folder: PathBuf,
    noted: BTreeSet<ObjectHash>,
    position: u64,
}

impl Machine {
    /// Makes a machine with empty sources.
    pub fn new(
        (number, seed): (u64, u64),
        keys: AgentKeys,
        sources: u64,
        time: &Arc<AtomicI64>,
        town: &Path,
    ) -> Told<Self> {
        let folder = town.join(format!("machine{number}"));
        for source in 0..sources {
            make_private_folder(&folder.join(format!("source{source}"))).tell("a source")?;
        }
        make_private_folder(&folder.join("state")).tell("the state")?;
        let entropy = SimEntropy::new(seed ^ number.wrapping_mul(0x9e37_79b9));
        let (noted, time) = (BTreeSet::new(), Arc::clone(time));
        let sizes = ChunkSizes { bytes_min: 1024, bytes_average: 4096, bytes_max: 16384 };
        Ok(Self { number, keys, entropy, clock_error: 0, noted, sources, ticks: 0, sizes, time, folder, copy: None })
    }

    /// Cuts chunks of other sizes.
    pub fn with_sizes(self, sizes: ChunkSizes) -> Self {
        Self { sizes, ..self }
    }

    /// The folder of a source.
    pub fn source(&self, source: u64) -> PathBuf {
        self.folder.join(format!("source{source}"))
    }

    /// Lets somebody change a source.
    pub fn desk(&mut self, source: u64) -> Desk<'_> {
        let folder = self.source(source);
        Desk::new(&folder, &mut self.ticks)
    }

    /// Returns how a source is called.
    pub fn source_name(source: u64) -> String {
        format!("files{source}")
    }

    /// Its clock.
    pub fn clock(&self) -> SimClock {
        SimClock { time: Arc::clone(&self.time), error_seconds: self.clock_error }
    }

    /// Where its randomness stands.
    pub fn origin(&self) -> Origin {
        Origin { machine: self.number, position: self.entropy.position() }
    }

    /// Saves a source.
    pub fn save(
        &self,
        store: Arc<dyn Store>,
        source: u64,
        level: i8,
        remarks: &Remarks,
    ) -> Result<Outcome, BackupError> {
        let vault = Vault::open(store)?;
        let folder = StateFolder::open(&self.state())?.for_vault(vault.id())?;
        let lock = folder.lock()?;
        let agent = Agent {
            vault: &vault,
            keys: &self.keys,
            folder: &folder,
            lock: &lock,
            clock: &self.clock(),
            entropy: &self.entropy,
        };
        let roots = RootPaths::resolve(&[self.source(source)])?;
        let walk = Walk::open(&roots, WalkOptions::everything(self.folder.clone()))?;
        let names = Names::with(|_| None, |_| None);
        backup_tree(agent, walk, &names, &options(source, level, self.sizes), remarks)
    }

    /// Forgets all that the machine remembers, but its keys.
    pub fn lose_state(&mut self) -> Told<()> {
        self.noted.clear();
        remove_folder(&self.state().join("vaults")).tell("the state")
    }

    /// Copies what the machine remembers.
    pub fn remember(&self, name: &str) -> Told<Memory> {
        let folder = self.folder.join(name);
        copy_folder(&self.state(), &folder).tell("a copy of the state")?;
        Ok(Memory { folder, noted: self.noted.clone(), position: self.entropy.position() })
    }

    /// Returns what copies the machine's memory while it is at work; it is told which packs were put meanwhile.
    pub fn copier(&self) -> impl FnOnce(BTreeSet<ObjectHash>) -> Told<Memory> + Send + 'static {
        let (state, folder) = (self.state(), self.folder.join("midway"));
        let (noted, position) = (self.noted.clone(), self.entropy.position());
        move |put| {
            copy_folder(&state, &folder).tell("a copy of the state")?;
            Ok(Memory { folder, noted: noted.union(&put).copied().collect(), position })
        }
    }

    /// Keeps a copy of what it remembers for later.
    pub fn keep_copy(&mut self) -> Told<()> {
        self.copy = Some(Arc::new(self.remember("copy")?));
        Ok(())
    }

    /// Puts the copy back that was kept, if there is one.
    pub fn put_copy_back(&mut self, with_randomness: bool) -> Told<bool> {
        match self.copy.clone() {
            Some(copy) => self.put_back(&copy, with_randomness).map(|()| true),
            None => Ok(false),
        }
    }

    /// Sets the machine back to what it remembered. As a whole machine that is set back it repeats its random numbers too.
    pub fn put_back(&mut self, memory: &Memory, with_randomness: bool) -> Told<()> {
        copy_folder(&memory.folder, &self.state()).tell("the state, put back")?;
        self.noted.clone_from(&memory.noted);
        if with_randomness {
            self.entropy.set_back(memory.position);
        }
        Ok(())
    }

    /// Gets the keys of a new strand.
    pub fn take_keys(&mut self, keys: AgentKeys) {
        self.keys = keys;
        self.noted.clear();
        self.copy = None;
    }

    /// Where its state is.
    pub fn state(&self) -> PathBuf {
        self.folder.join("state")
    }
}

fn options(source: u64, level: i8, sizes: ChunkSizes) -> BackupOptions {
    BackupOptions {
        source: Machine::source_name(source),
        host: "mairie".into(),
        program: "sim".into(),
        paths: vec![b"/source".to_vec()],
        level,
        jobs: 1,
        one_reader: false,
        sizes,
        fixed: Exclusions::none(),
        reread_one_in: 64,
        sha256: false,
    }
}
