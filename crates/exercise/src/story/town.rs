//! A vault beside the copy, and the machine that adds to it.

use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::sync::Arc;

use damage::{
    AssessOptions, Attestation, Chain, Cleaned, Evidence, Ground, Live, Other, Repaired, Statement, Totals, assess,
    clean, repair,
};
use restore::clean::CleanTree;
use restore::compare::{Aspect, CompareOptions, Comparison, Difference, Side, compare_trees};
use restore::fill::{RestoreOptions, RestoreOutcome, restore};
use restore::live::LiveTree;
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
use vault::world::{Clock, Entropy, Timestamp};

use super::mending::{Teller, Witnessing};
use super::{ExerciseError, ExerciseOptions, Figures, Narrator};
use crate::Sandbox;
use crate::attack::{Deed, Truth};

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

    /// Gives back the last snapshot.
    pub(super) fn restore(
        &self,
        back: &Path,
        narrator: &dyn Narrator,
    ) -> Result<(RestoreOutcome, Figures), ExerciseError> {
        let snapshot = self.last(1)?.swap_remove(0);
        let outcome = restore(&snapshot, b"", back, &self.restoring(), narrator)?;
        let figures = Figures { entries: outcome.entries, bytes: outcome.bytes, faults: outcome.faults };
        Ok((outcome, figures))
    }

    /// Assesses what happened to `files` files between the last two snapshots, from content.
    pub(super) fn assess(
        &self,
        files: u64,
        monitor: &mut dyn damage::Monitor,
    ) -> Result<(Totals, Figures), ExerciseError> {
        let snapshots = self.last(2)?;
        let chain = Chain { snapshots: &snapshots, files_before: files, live: None };
        let options = AssessOptions { follows: true, ..self.assessing() };
        let totals = assess(chain, &options, monitor).ok_or(ExerciseError::Stopped)?;
        let figures = Figures { entries: files, bytes: 0, faults: totals.unread_directories };
        Ok((totals, figures))
    }

    /// Makes the clean tree from what was kept before the attack and after it.
    pub(super) fn clean(&self, narrator: &dyn Narrator) -> Result<(Cleaned, Figures), ExerciseError> {
        let cleaned = clean(&self.last(2)?, &self.assessing(), &mut Teller(narrator)).ok_or(ExerciseError::Stopped)?;
        let figures = Figures { entries: cleaned.rows.len() as u64, bytes: 0, faults: cleaned.unread };
        Ok((cleaned, figures))
    }

    /// Repairs the copy in place.
    pub(super) fn repair(
        &self,
        tree: &CleanTree,
        narrator: &dyn Narrator,
    ) -> Result<(Repaired, Figures), ExerciseError> {
        let options = (&self.assessing(), &self.restoring());
        let copy = self.sandbox.path();
        let ground = Ground { to: &copy, below: b"", evidence: None };
        let repaired = repair(tree, &ground, options, &Teller(narrator))?;
        let outcome = &repaired.outcome;
        let figures =
            Figures { entries: outcome.entries, bytes: outcome.bytes, faults: outcome.faults + repaired.stayed };
        Ok((repaired, figures))
    }

    /// Reads the repaired copy again and signs what is bit by bit what was kept.
    pub(super) fn attest(
        &self,
        tree: &CleanTree,
        narrator: &dyn Narrator,
    ) -> Result<(Statement, Figures), ExerciseError> {
        let began = self.clock.now();
        let vault = self.vault()?;
        let folder = LiveTree::open(&self.sandbox.path())?;
        let live = Live { tree: &folder, below: b"", clean: tree };
        let chain = Chain { snapshots: tree.snapshots(), files_before: 0, live: Some(live) };
        let mut witnessing = Witnessing { narrator, lines: Vec::new() };
        let totals = assess(chain, &self.assessing(), &mut witnessing).ok_or(ExerciseError::Stopped)?;
        let last = read_snapshots(&vault, self.keys.strand, &mut |_| {})?.pop().ok_or(ExerciseError::NoSnapshot)?;
        let seconds = |time: Timestamp| format!("{} s after 1970", time.0 / 1_000_000_000);
        let statement = Statement {
            beffroi_attestation: Statement::VERSION,
            vault: vault.id().to_hex(),
            source: "exercise".into(),
            host: self.options.host.clone(),
            snapshot: last.hash.to_hex(),
            snapshot_time: seconds(began),
            plan: None,
            folder: "copy".into(),
            began: seconds(began),
            ended: seconds(self.clock.now()),
            program: self.options.program.clone(),
            clean_boot: None,
            counts: damage::Counts::of(&totals),
            others: witnessing.lines.iter().map(|line| Other::of(line, |_| "other")).collect(),
            unlisted: 0,
        };
        let attestation = statement.sign(vault.owner(&self.kit)?).map_err(|error| ExerciseError::Sign(error.into()))?;
        let written = serde_json::to_vec(&attestation).map_err(|error| ExerciseError::Sign(error.into()))?;
        // Whoever gets it verifies it: so does the rehearsal.
        let verified = Attestation::verify(&written).map_err(|error| ExerciseError::Sign(io::Error::other(error)))?.0;
        let faults = totals.unread_directories;
        Ok((verified, Figures { entries: totals.intact, bytes: 0, faults }))
    }

    fn assessing(&self) -> AssessOptions {
        let mut key = [0; 32];
        self.entropy.fill(&mut key);
        AssessOptions { evidence: Evidence::Content { key }, jobs: self.options.jobs, follows: false }
    }

    fn restoring(&self) -> RestoreOptions {
        let owners = if rustix::process::geteuid().is_root() { Owners::ByNumber } else { Owners::Keep };
        RestoreOptions { overwrite: Overwrite::Never, verify: false, jobs: self.options.jobs, owners }
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

    /// Compares the repaired copy with what there was; says too how many notes of the attack are left. Whoever repairs in a folder
    /// changes its time.
    pub(super) fn compare_repaired(
        &self,
        before: &Path,
        truth: &Truth,
        narrator: &dyn Narrator,
    ) -> Result<((Comparison, u64), Figures), ExerciseError> {
        let options = CompareOptions { directory_times: false, ..CompareOptions::default() };
        let notes: HashSet<&[u8]> = truth
            .records
            .iter()
            .filter(|record| record.deed == Deed::Note)
            .filter_map(|record| Some(record.after.as_ref()?.as_bytes()))
            .collect();
        let mut comparison = compare_trees(&self.sandbox.path(), before, &options)?;
        let listed = comparison.differences.len();
        // A note that lies in one folder or two is a new file like others, and people are not deprived of those.
        let is_note = |difference: &Difference| {
            difference.aspect == Aspect::OnlyOn(Side::First) && notes.contains(difference.path.as_bytes())
        };
        comparison.differences.retain(|difference| !is_note(difference));
        let left = (listed - comparison.differences.len()) as u64;
        comparison.differences_total -= left;
        comparison.differences.iter().for_each(|difference| narrator.difference(difference.to_string()));
        // What was missed stays hurt: that is no fault of the repair, and is told as what it is.
        let figures = Figures { entries: comparison.entries, bytes: comparison.content_bytes, faults: 0 };
        Ok(((comparison, left), figures))
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
