//! The story: copy, keep, give back, change, keep again, give back again, check.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use restore::compare::{CompareError, CompareOptions, Comparison, compare_trees};
use restore::fill::{RestoreError, RestoreMonitor, RestoreOptions, RestoreOutcome, restore};
use restore::target::{Overwrite, Owners};
use thiserror::Error;
use vault::backup::{Agent, BackupError, BackupOptions, Monitor, Outcome, backup_tree};
use vault::check::{CheckMonitor, CheckOptions, CheckReport, check};
use vault::chunk::ChunkSizes;
use vault::kit::RecoveryKit;
use vault::manifest::{Counts, ManifestError};
use vault::read::{ReadError, SnapshotReader, StrandReader};
use vault::scratch::Scratch;
use vault::snapshots::{Snapshot, read_snapshots};
use vault::source::{Exclusions, Names, RootPaths, SourceError, Walk, WalkOptions, is_rotational};
use vault::state::{AgentKeys, StateError, StateFolder};
use vault::store::{DirectoryAccess, DirectoryStore, StoreError};
use vault::vault::{Vault, VaultError};
use vault::world::{Clock, Entropy};

use crate::{Changes, CopyFault, Sandbox, SandboxError, change_some};

/// How to rehearse.
#[derive(Clone, Debug)]
pub struct ExerciseOptions {
    /// Where the temporary folder goes; it takes about three times the folder's size.
    pub place: PathBuf,
    /// Name of the machine.
    pub host: String,
    /// Which program this is.
    pub program: String,
    /// Threads.
    pub jobs: usize,
    /// Zstandard's level.
    pub level: i8,
    /// Chooses what is changed.
    pub seed: u64,
}

/// A part of the story.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Part {
    /// The folder is copied.
    Copy,
    /// The vault is made.
    Init,
    /// The copy is kept.
    FirstBackup,
    /// It is given back.
    FirstRestore,
    /// What came back is compared with the copy.
    FirstCompare,
    /// Some files are changed.
    Change,
    /// The changed copy is kept.
    SecondBackup,
    /// It is given back.
    SecondRestore,
    /// What came back is compared with the copy.
    SecondCompare,
    /// The whole vault is checked, every byte.
    Check,
}

/// What happened in a part.
#[derive(Clone, Debug)]
pub struct Happening {
    /// Which part.
    pub part: Part,
    /// How long it took, in nanoseconds.
    pub nanoseconds: u64,
    /// Entries dealt with.
    pub entries: u64,
    /// Bytes of content dealt with.
    pub bytes: u64,
    /// Things that went wrong.
    pub faults: u64,
}

/// The whole story.
#[derive(Clone, Debug)]
pub struct Story {
    /// The parts in their order.
    pub happenings: Vec<Happening>,
    /// What was changed.
    pub changes: Changes,
    /// Figures of the first backup.
    pub first: Counts,
    /// Figures of the second.
    pub second: Counts,
    /// Bytes of the vault in the end.
    pub vault_bytes: u64,
    /// Differences between what was kept and what came back.
    pub differences: u64,
}

impl Story {
    /// Tells whether everything came back, bit for bit.
    pub fn is_sound(&self) -> bool {
        self.differences == 0 && self.happenings.iter().all(|happening| happening.faults == 0)
    }
}

/// Listens to the story while it is told.
pub trait Narrator: Monitor + RestoreMonitor + CheckMonitor {
    /// A part begins.
    fn begin(&self, part: Part);
    /// A part ends.
    fn end(&self, happening: &Happening);
    /// Something of the folder could not be copied: it takes no part in the exercise.
    fn not_copied(&self, fault: CopyFault);
    /// A difference between what was kept and what came back.
    fn difference(&self, text: String);
}

/// Why the story could not be told to its end.
#[derive(Debug, Error)]
pub enum ExerciseError {
    /// The copy.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// Changing the copy.
    #[error("the copy could not be changed")]
    Change(#[source] io::Error),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Opening snapshots.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The local state.
    #[error(transparent)]
    State(#[from] StateError),
    /// Saving.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// Reading a snapshot.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The last snapshot is not there.
    #[error("the snapshot that was just made is not in the vault")]
    NoSnapshot,
    /// Restoring.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// Comparing.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// The temporary folder cannot be tidied.
    #[error("{0} could not be removed")]
    Tidy(PathBuf, #[source] io::Error),
    /// Walking the copy.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// Tells the whole story of a folder.
pub fn tell(
    folder: &Path,
    options: &ExerciseOptions,
    world: (&dyn Clock, &dyn Entropy),
    narrator: &dyn Narrator,
) -> Result<Story, ExerciseError> {
    let mut teller = Teller { clock: world.0, narrator, happenings: Vec::new(), differences: 0 };
    let sandbox = teller.part(Part::Copy, || {
        let sandbox = Sandbox::copy(folder, &options.place, &mut |fault| narrator.not_copied(fault))?;
        let figures = Figures { entries: sandbox.entries, bytes: sandbox.bytes, faults: 0 };
        Ok((sandbox, figures))
    })?;
    let town = teller.part(Part::Init, || Ok((Town::found(&sandbox, options, world)?, Figures::default())))?;
    let first = teller.part(Part::FirstBackup, || town.backup(narrator))?;
    teller.give_back(&town, "first", [Part::FirstRestore, Part::FirstCompare])?;
    let changes = teller.part(Part::Change, || {
        let changes = change_some(&sandbox, options.seed).map_err(ExerciseError::Change)?;
        Ok((changes, Figures { entries: changes.total(), ..Figures::default() }))
    })?;
    let second = teller.part(Part::SecondBackup, || town.backup(narrator))?;
    teller.give_back(&town, "second", [Part::SecondRestore, Part::SecondCompare])?;
    teller.part(Part::Check, || town.check(narrator))?;
    Ok(Story {
        happenings: teller.happenings,
        changes,
        first: first.counts,
        second: second.counts,
        vault_bytes: town.vault_bytes()?,
        differences: teller.differences,
    })
}

#[derive(Clone, Copy, Default)]
struct Figures {
    entries: u64,
    bytes: u64,
    faults: u64,
}

struct Teller<'t> {
    clock: &'t dyn Clock,
    narrator: &'t dyn Narrator,
    happenings: Vec<Happening>,
    differences: u64,
}

impl Teller<'_> {
    fn part<T>(
        &mut self,
        part: Part,
        work: impl FnOnce() -> Result<(T, Figures), ExerciseError>,
    ) -> Result<T, ExerciseError> {
        self.narrator.begin(part);
        let began = self.clock.now();
        let (result, Figures { entries, bytes, faults }) = work()?;
        let nanoseconds = u64::try_from(self.clock.now().0 - began.0).unwrap_or(0);
        let happening = Happening { part, nanoseconds, entries, bytes, faults };
        self.narrator.end(&happening);
        self.happenings.push(happening);
        Ok(result)
    }

    fn give_back(&mut self, town: &Town<'_>, name: &str, parts: [Part; 2]) -> Result<(), ExerciseError> {
        let narrator = self.narrator;
        let back = town.sandbox.beside(name);
        self.part(parts[0], || town.restore(&back, narrator))?;
        let comparison = self.part(parts[1], || town.compare(&back, narrator))?;
        self.differences += comparison.differences_total;
        remove(back)
    }
}

#[expect(clippy::disallowed_methods, reason = "the exercise tidies its own temporary folder")]
fn remove(folder: PathBuf) -> Result<(), ExerciseError> {
    std::fs::remove_dir_all(&folder).map_err(|source| ExerciseError::Tidy(folder, source))
}

/// A vault beside the copy, and the machine that adds to it.
struct Town<'t> {
    sandbox: &'t Sandbox,
    options: &'t ExerciseOptions,
    clock: &'t dyn Clock,
    entropy: &'t dyn Entropy,
    kit: RecoveryKit,
    keys: AgentKeys,
}

impl<'t> Town<'t> {
    fn found(
        sandbox: &'t Sandbox,
        options: &'t ExerciseOptions,
        (clock, entropy): (&'t dyn Clock, &'t dyn Entropy),
    ) -> Result<Self, ExerciseError> {
        let store = Arc::new(DirectoryStore::create(sandbox.beside("vault"))?);
        let (mut vault, kit) = Vault::found(store, &[], clock.now(), entropy)?;
        let keys = vault.enrol(&kit, &options.host, clock.now(), entropy)?;
        Ok(Self { sandbox, options, clock, entropy, kit, keys })
    }

    fn vault(&self) -> Result<Vault, ExerciseError> {
        let store = DirectoryStore::open(self.sandbox.beside("vault"), DirectoryAccess::ReadWrite)?;
        Ok(Vault::open(Arc::new(store))?)
    }

    fn backup(&self, narrator: &dyn Narrator) -> Result<(Outcome, Figures), ExerciseError> {
        let vault = self.vault()?;
        let folder = StateFolder::open(&self.sandbox.beside("state"))?.for_vault(vault.id())?;
        let lock = folder.lock()?;
        let (clock, entropy) = (self.clock, self.entropy);
        let agent = Agent { vault: &vault, keys: &self.keys, folder: &folder, lock: &lock, clock, entropy };
        let roots = RootPaths::resolve(&[self.sandbox.path()])?;
        let walk = Walk::open(&roots, WalkOptions::everything(self.sandbox.beside("state")))?;
        let options = BackupOptions {
            source: "exercise".into(),
            host: self.options.host.clone(),
            program: self.options.program.clone(),
            paths: vec![b"copy".to_vec()],
            level: self.options.level,
            jobs: self.options.jobs,
            one_reader: is_rotational(&self.sandbox.path()),
            sizes: ChunkSizes::default(),
            fixed: Exclusions::none(),
            reread_one_in: 64,
            sha256: false,
        };
        let outcome = backup_tree(agent, walk, &Names::of_machine(), &options, narrator)?;
        let Counts { files, bytes, unreadable, .. } = outcome.counts;
        let figures = Figures { entries: files, bytes, faults: unreadable };
        Ok((outcome, figures))
    }

    fn newest(&self) -> Result<SnapshotReader, ExerciseError> {
        let vault = self.vault()?;
        let snapshot: Snapshot =
            read_snapshots(&vault, self.keys.strand, &mut |_| {})?.pop().ok_or(ExerciseError::NoSnapshot)?;
        let secrets = vault.secrets(&self.kit, &self.keys.strand)?;
        let strand =
            StrandReader::open(Arc::clone(vault.store()), secrets, &[&snapshot], &self.scratch(), &mut |_| {})?;
        Ok(Arc::new(strand).snapshot(&snapshot)?)
    }

    fn restore(&self, back: &Path, narrator: &dyn Narrator) -> Result<(RestoreOutcome, Figures), ExerciseError> {
        let owners = if rustix::process::geteuid().is_root() { Owners::ByNumber } else { Owners::Keep };
        let options = RestoreOptions { overwrite: Overwrite::Never, verify: false, jobs: self.options.jobs, owners };
        let outcome = restore(&self.newest()?, b"", back, &options, narrator)?;
        let figures = Figures { entries: outcome.entries, bytes: outcome.bytes, faults: outcome.faults };
        Ok((outcome, figures))
    }

    fn compare(&self, back: &Path, narrator: &dyn Narrator) -> Result<(Comparison, Figures), ExerciseError> {
        let comparison = compare_trees(&self.sandbox.path(), back, &CompareOptions::default())?;
        for difference in &comparison.differences {
            narrator.difference(difference.to_string());
        }
        let faults = comparison.differences_total;
        let figures = Figures { entries: comparison.entries, bytes: comparison.content_bytes, faults };
        Ok((comparison, figures))
    }

    fn scratch(&self) -> Scratch {
        Scratch::new(self.sandbox.beside("state"))
    }

    fn vault_bytes(&self) -> Result<u64, ExerciseError> {
        let vault = self.vault()?;
        let mut total = 0;
        for folder in vault.folders() {
            vault.store().list(&folder, &mut |_, bytes| total += bytes)?;
        }
        Ok(total)
    }

    fn check(&self, narrator: &dyn Narrator) -> Result<(CheckReport, Figures), ExerciseError> {
        let options = CheckOptions { read_data_percent: Some(100), seed: self.options.seed, jobs: self.options.jobs };
        let report = check(&self.vault()?, Some(&self.kit), &options, &self.scratch(), narrator)?;
        let counts = &report.counts;
        let figures = Figures { entries: counts.objects, bytes: counts.bytes_read, faults: report.faults.len() as u64 };
        Ok((report, figures))
    }
}
