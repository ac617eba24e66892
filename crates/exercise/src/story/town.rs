//! A vault beside the copy, and the machine that adds to it.

use std::path::Path;
use std::sync::Arc;

use damage::{AssessOptions, Chain, Evidence, Totals, assess};
use restore::compare::{CompareOptions, Comparison, compare_trees};
use restore::fill::{RestoreOptions, RestoreOutcome, restore};
use restore::target::{Overwrite, Owners};
use vault::backup::{Agent, BackupOptions, Monitor, Outcome, Remark, Witness, backup_tree};
use vault::check::{CheckOptions, CheckReport, check};
use vault::chunk::ChunkSizes;
use vault::kit::RecoveryKit;
use vault::manifest::Counts;
use vault::read::{SnapshotReader, StrandReader};
use vault::scratch::Scratch;
use vault::snapshots::read_snapshots;
use vault::source::{Exclusions, Names, RootPaths, Walk, WalkOptions, is_rotational};
use vault::state::{AgentKeys, StateFolder};
use vault::store::{DirectoryAccess, DirectoryStore};
use vault::vault::Vault;
use vault::world::{Clock, Entropy};

use super::{ExerciseError, ExerciseOptions, Figures, Narrator};
use crate::Sandbox;

/// Who keeps the copy, and gives it back.
pub(super) struct Town<'t> {
    pub(super) sandbox: &'t Sandbox,
    options: &'t ExerciseOptions,
    clock: &'t dyn Clock,
    entropy: &'t dyn Entropy,
    kit: RecoveryKit,
    keys: AgentKeys,
}

impl<'t> Town<'t> {
    pub(super) fn found(
        sandbox: &'t Sandbox,
        options: &'t ExerciseOptions,
        (clock, entropy): (&'t dyn Clock, &'t dyn Entropy),
    ) -> Result<Self, ExerciseError> {
        let store = Arc::new(DirectoryStore::create(sandbox.beside("vault"))?);
        let (mut vault, kit) = Vault::found(store, &[], clock.now(), entropy)?;
        let keys = vault.enrol(&kit, &options.host, clock.now(), entropy)?;
        Ok(Self { sandbox, options, clock, entropy, kit, keys })
    }

    /// Keeps the copy as it is, under the eyes of a guard.
    pub(super) fn backup(&self, is_first: bool, narrator: &dyn Narrator) -> Result<(Outcome, Figures), ExerciseError> {
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
        let monitor = Guarded { narrator, witness: narrator.guard(is_first) };
        let outcome = backup_tree(agent, walk, &Names::of_machine(), &options, &monitor)?;
        let Counts { files, bytes, unreadable, .. } = outcome.counts;
        let figures = Figures { entries: files, bytes, faults: unreadable };
        Ok((outcome, figures))
    }

    /// Opens the last `count` snapshots, oldest first.
    fn last(&self, count: usize) -> Result<Vec<SnapshotReader>, ExerciseError> {
        let vault = self.vault()?;
        let snapshots = read_snapshots(&vault, self.keys.strand, &mut |_| {})?;
        let last = snapshots.len().checked_sub(count).map(|from| &snapshots[from..]);
        let last: Vec<_> = last.ok_or(ExerciseError::NoSnapshot)?.iter().collect();
        let secrets = vault.secrets(&self.kit, &self.keys.strand)?;
        let strand = StrandReader::open(Arc::clone(vault.store()), secrets, &last, &self.scratch(), &mut |_| {})?;
        let strand = Arc::new(strand);
        last.into_iter().map(|snapshot| Ok(Arc::clone(&strand).snapshot(snapshot)?)).collect()
    }

    /// Gives back the last snapshot but `later`.
    pub(super) fn restore(
        &self,
        later: usize,
        back: &Path,
        narrator: &dyn Narrator,
    ) -> Result<(RestoreOutcome, Figures), ExerciseError> {
        let owners = if rustix::process::geteuid().is_root() { Owners::ByNumber } else { Owners::Keep };
        let options = RestoreOptions { overwrite: Overwrite::Never, verify: false, jobs: self.options.jobs, owners };
        let snapshot = self.last(later + 1)?.swap_remove(0);
        let outcome = restore(&snapshot, b"", back, &options, narrator)?;
        let figures = Figures { entries: outcome.entries, bytes: outcome.bytes, faults: outcome.faults };
        Ok((outcome, figures))
    }

    /// Assesses what happened to `files` files between the last two snapshots, from content.
    pub(super) fn assess(
        &self,
        files: u64,
        monitor: &mut dyn damage::Monitor,
    ) -> Result<(Totals, Figures), ExerciseError> {
        let mut key = [0; 32];
        self.entropy.fill(&mut key);
        let snapshots = self.last(2)?;
        let chain = Chain { snapshots: &snapshots, files_before: files, live: None };
        let options = AssessOptions { evidence: Evidence::Content { key }, jobs: self.options.jobs, follows: true };
        let totals = assess(chain, &options, monitor).ok_or(ExerciseError::Stopped)?;
        let figures = Figures { entries: files, bytes: 0, faults: totals.unread_directories };
        Ok((totals, figures))
    }

    pub(super) fn compare(&self, back: &Path, narrator: &dyn Narrator) -> Result<(Comparison, Figures), ExerciseError> {
        let comparison = compare_trees(&self.sandbox.path(), back, &CompareOptions::default())?;
        for difference in &comparison.differences {
            narrator.difference(difference.to_string());
        }
        let faults = comparison.differences_total;
        let figures = Figures { entries: comparison.entries, bytes: comparison.content_bytes, faults };
        Ok((comparison, figures))
    }

    pub(super) fn vault_bytes(&self) -> Result<u64, ExerciseError> {
        let vault = self.vault()?;
        let mut total = 0;
        for folder in vault.folders() {
            vault.store().list(&folder, &mut |_, bytes| total += bytes)?;
        }
        Ok(total)
    }

    pub(super) fn check(&self, narrator: &dyn Narrator) -> Result<(CheckReport, Figures), ExerciseError> {
        let options = CheckOptions { read_data_percent: Some(100), seed: self.options.seed, jobs: self.options.jobs };
        let report = check(&self.vault()?, Some(&self.kit), &options, &self.scratch(), narrator)?;
        let counts = &report.counts;
        let figures = Figures { entries: counts.objects, bytes: counts.bytes_read, faults: report.faults.len() as u64 };
        Ok((report, figures))
    }

    fn vault(&self) -> Result<Vault, ExerciseError> {
        let store = DirectoryStore::open(self.sandbox.beside("vault"), DirectoryAccess::ReadWrite)?;
        Ok(Vault::open(Arc::new(store))?)
    }

    fn scratch(&self) -> Scratch {
        Scratch::new(self.sandbox.beside("state"))
    }
}

/// Tells the narrator all, and lets a guard of its own look at one backup.
struct Guarded<'n> {
    narrator: &'n dyn Narrator,
    witness: Box<dyn Witness>,
}

impl Monitor for Guarded<'_> {
    fn read(&self, bytes: u64) {
        Monitor::read(self.narrator, bytes);
    }

    fn entry(&self, bytes: u64) {
        Monitor::entry(self.narrator, bytes);
    }

    fn directory(&self, path: &[u8]) {
        self.narrator.directory(path);
    }

    fn remark(&self, remark: Remark) {
        self.narrator.remark(remark);
    }

    fn stopping(&self) -> bool {
        Monitor::stopping(self.narrator)
    }

    fn witness(&self) -> Option<&dyn Witness> {
        Some(self.witness.as_ref())
    }
}
