//! The story: copy, keep, give back, an ordinary day, keep, give back, an attack, keep and ring, tell the damage, plan, repair, attest, check.

mod mending;
mod reckoning;
mod town;

use std::io;
use std::path::{Path, PathBuf};

use damage::RepairError;
use restore::compare::CompareError;
use restore::fill::{RestoreError, RestoreMonitor};
use restore::live::LiveError;
use thiserror::Error;
use vault::backup::{BackupError, Monitor, Witness};
use vault::check::CheckMonitor;
use vault::manifest::{Counts, ManifestError};
use vault::read::ReadError;
use vault::source::SourceError;
use vault::state::StateError;
use vault::store::StoreError;
use vault::vault::VaultError;
use vault::world::{Clock, Entropy};

use crate::attack::{Attack, AttackError, Disguise, Profile, Truth, TruthError};
use crate::{Changes, CopyFault, Sandbox, SandboxError, change_some};

pub use mending::Mending;
pub use reckoning::{Missed, Reckoning};

use reckoning::Listener;
use town::Town;

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
    /// Chooses what is changed, and what is attacked.
    pub seed: u64,
    /// How the copy is attacked.
    pub attack: Profile,
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
    /// The changed copy is given back.
    SecondRestore,
    /// What came back is compared with the copy: from here on it is the truth.
    SecondCompare,
    /// The copy is attacked.
    Attack,
    /// What is left is kept, and the machine rings.
    ThirdBackup,
    /// What is hurt is told, and held against the truth.
    Damage,
    /// Of every file the last clean version is looked for.
    Clean,
    /// What is hurt is put back, in place.
    Repair,
    /// The repaired copy is compared with what there was before the attack.
    RepairCompare,
    /// What is bit by bit what was kept is attested.
    Attest,
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
    /// Figures of the third, after the attack.
    pub third: Counts,
    /// What was told of the attack, held against the truth.
    pub reckoning: Reckoning,
    /// What became of the harm.
    pub mending: Mending,
    /// Bytes of the vault in the end.
    pub vault_bytes: u64,
    /// Differences between what was kept and what came back.
    pub differences: u64,
}

impl Story {
    /// Tells whether everything came back, to the last byte and attribute.
    pub fn is_sound(&self) -> bool {
        self.differences == 0 && self.happenings.iter().all(|happening| happening.faults == 0)
    }
}

/// Listens to the story while it is told.
pub trait Narrator: Monitor + RestoreMonitor + CheckMonitor {
    /// Returns who looks at what the next backup keeps.
    fn guard(&self, is_first: bool) -> Box<dyn Witness>;
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
    /// Attacking the copy.
    #[error(transparent)]
    Attack(#[from] AttackError),
    /// What the attack wrote down.
    #[error(transparent)]
    Truth(#[from] TruthError),
    /// Repairing the copy.
    #[error(transparent)]
    Repair(#[from] RepairError),
    /// Opening the copy to read it again.
    #[error(transparent)]
    Live(#[from] LiveError),
    /// Signing what was found.
    #[error("the attestation could not be written")]
    Sign(#[source] io::Error),
    /// Somebody stopped it.
    #[error("the exercise was stopped")]
    Stopped,
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
    let first = teller.part(Part::FirstBackup, || town.backup(true, narrator))?;
    let first_back = sandbox.beside("first");
    teller.give_back(&town, &first_back, [Part::FirstRestore, Part::FirstCompare])?;
    remove(first_back)?;
    let changes = teller.part(Part::Change, || {
        let changes = change_some(&sandbox, options.seed).map_err(ExerciseError::Change)?;
        Ok((changes, Figures { entries: changes.total(), ..Figures::default() }))
    })?;
    let second = teller.part(Part::SecondBackup, || town.backup(false, narrator))?;
    let before = sandbox.beside("before");
    teller.give_back(&town, &before, [Part::SecondRestore, Part::SecondCompare])?;
    let truth = teller.part(Part::Attack, || strike(&sandbox, options, narrator))?;
    let third = teller.part(Part::ThirdBackup, || town.backup(false, narrator))?;
    let reckoning = teller.part(Part::Damage, || {
        let mut listener = Listener::new(&truth, narrator);
        let (totals, figures) = town.assess(second.counts.files, &mut listener)?;
        Ok((listener.finish(&truth.profile, totals), figures))
    })?;
    let mending = teller.mend(&town, &before, &truth)?;
    remove(before)?;
    teller.part(Part::Check, || town.check(narrator))?;
    Ok(Story {
        happenings: teller.happenings,
        changes,
        vault_bytes: town.vault_bytes()?,
        differences: teller.differences,
        mending,
        reckoning: Reckoning {
            quiet_level: second.conclusion.alarm_level,
            alarm_level: third.conclusion.alarm_level,
            alarm: third.conclusion.alarm,
            ..reckoning
        },
        first: first.counts,
        second: second.counts,
        third: third.counts,
    })
}

/// Attacks the copy, step by step so that it can be stopped between two files.
fn strike(
    sandbox: &Sandbox,
    options: &ExerciseOptions,
    narrator: &dyn Narrator,
) -> Result<(Truth, Figures), ExerciseError> {
    let disguise = Disguise::of_seed(options.seed);
    let mut attack = Attack::begin(sandbox, options.attack.clone(), disguise, options.seed)?;
    while attack.strike()? > 0 {
        if Monitor::stopping(narrator) {
            return Err(ExerciseError::Stopped);
        }
    }
    let truth = attack.end()?;
    let harmed = truth.records.iter().filter(|record| record.is_harm());
    let (entries, bytes) = harmed.fold((0, 0), |(entries, bytes), record| (entries + 1, bytes + record.bytes_before));
    Ok((truth, Figures { entries, bytes, faults: 0 }))
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

    /// Gives back the last snapshot, and compares it with the copy.
    fn give_back(&mut self, town: &Town<'_>, back: &Path, parts: [Part; 2]) -> Result<(), ExerciseError> {
        let narrator = self.narrator;
        self.part(parts[0], || town.restore(back, narrator))?;
        let comparison = self.part(parts[1], || town.compare(back, narrator))?;
        self.differences += comparison.differences_total;
        Ok(())
    }

    /// Plans, repairs in place, compares with what there was before, attests.
    fn mend(&mut self, town: &Town<'_>, before: &Path, truth: &Truth) -> Result<Mending, ExerciseError> {
        let narrator = self.narrator;
        let cleaned = self.part(Part::Clean, || town.clean(narrator))?;
        let repaired = self.part(Part::Repair, || town.repair(&cleaned.tree, narrator))?;
        let (comparison, notes_left) =
            self.part(Part::RepairCompare, || town.compare_repaired(before, truth, narrator))?;
        let statement = self.part(Part::Attest, || town.attest(&cleaned.tree, narrator))?;
        Ok(Mending { notes_left, ..Mending::of(&cleaned, &repaired, &comparison, &statement) })
    }
}

#[expect(clippy::disallowed_methods, reason = "the exercise tidies its own temporary folder")]
fn remove(folder: PathBuf) -> Result<(), ExerciseError> {
    std::fs::remove_dir_all(&folder).map_err(|source| ExerciseError::Tidy(folder, source))
}
