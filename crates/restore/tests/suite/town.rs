//! A vault on disk, a machine that adds to it, and a folder to keep.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use restore::compare::{CompareOptions, compare_trees};
use restore::fill::{Fault, RestoreError, RestoreMonitor, RestoreOptions, RestoreOutcome, restore};
use restore::target::{AttributeWarning, Overwrite, Owners};
use vault::backup::{Agent, BackupOptions, Monitor, Remark, backup_tree};
use vault::chunk::ChunkSizes;
use vault::kit::RecoveryKit;
use vault::read::{ReadError, SnapshotReader, StrandReader};
use vault::scratch::Scratch;
use vault::snapshots::read_snapshots;
use vault::source::{Exclusions, Names, RootPaths, Walk, WalkOptions};
use vault::state::{AgentKeys, StateFolder};
use vault::store::DirectoryStore;
use vault::vault::Vault;
use vault::world::{Clock, Entropy, Timestamp};

struct World;

impl Clock for World {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000)
    }
}

impl Entropy for World {
    fn fill(&self, bytes: &mut [u8]) {
        use std::io::Read;
        fs::File::open("/dev/urandom").unwrap().read_exact(bytes).unwrap();
    }
}

struct Quiet;

impl Monitor for Quiet {
    fn read(&self, _: u64) {}
    fn entry(&self, _: u64) {}
    fn directory(&self, _: &[u8]) {}
    fn remark(&self, remark: Remark) {
        panic!("{remark:?}");
    }
    fn stopping(&self) -> bool {
        false
    }
}

#[derive(Default)]
pub struct Notes {
    pub faults: Mutex<Vec<String>>,
    pub warnings: Mutex<Vec<AttributeWarning>>,
}

impl RestoreMonitor for Notes {
    fn total(&self, _: u64, _: u64) {}
    fn entry(&self, _: u64) {}
    fn fault(&self, fault: Fault) {
        self.faults.lock().unwrap().push(format!("{:?}: {}", fault.path, fault.error));
    }
    fn warning(&self, warning: AttributeWarning) {
        self.warnings.lock().unwrap().push(warning);
    }
    fn stopping(&self) -> bool {
        false
    }
}

/// A vault on disk and an agent for it.
pub struct Town {
    folder: tempfile::TempDir,
    kit: RecoveryKit,
    keys: AgentKeys,
}

impl Town {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["source", "state"] {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(0o700)).unwrap();
        }
        let store = Arc::new(DirectoryStore::create(folder.path().join("vault")).unwrap());
        let (mut vault, kit) = Vault::found(store, &[], World.now(), &World).unwrap();
        let keys = vault.enrol(&kit, "mairie", World.now(), &World).unwrap();
        Self { folder, kit, keys }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn vault(&self) -> Vault {
        let access = vault::store::DirectoryAccess::ReadWrite;
        Vault::open(Arc::new(DirectoryStore::open(self.path("vault"), access).unwrap())).unwrap()
    }

    pub fn backup(&self) {
        let vault = self.vault();
        let folder = StateFolder::open(&self.path("state")).unwrap().for_vault(vault.id()).unwrap();
        let lock = folder.lock().unwrap();
        let agent =
            Agent { vault: &vault, keys: &self.keys, folder: &folder, lock: &lock, clock: &World, entropy: &World };
        let walk = Walk::open(
            &RootPaths::resolve(&[self.path("source")]).unwrap(),
            WalkOptions::everything(self.path("state")),
        );
        let options = BackupOptions {
            source: "files".into(),
            host: "mairie".into(),
            program: "test".into(),
            paths: vec![b"/source".to_vec()],
            level: 3,
            jobs: 3,
            one_reader: false,
            sizes: ChunkSizes { bytes_min: 1024, bytes_average: 4096, bytes_max: 16384 },
            fixed: Exclusions::none(),
            reread_one_in: 64,
            sha256: false,
        };
        backup_tree(agent, walk.unwrap(), &Names::of_machine(), &options, &Quiet).unwrap();
    }

    fn newest(&self) -> SnapshotReader {
        self.newest_with(&Scratch::new("/nowhere: all fits in memory")).unwrap()
    }

    /// Opens all snapshots, oldest first.
    pub fn snapshots(&self) -> Vec<SnapshotReader> {
        let vault = self.vault();
        let snapshots = read_snapshots(&vault, self.keys.strand, &mut |fault| panic!("{fault}")).unwrap();
        let secrets = vault.secrets(&self.kit, &self.keys.strand).unwrap();
        let (all, scratch) = (snapshots.iter().collect::<Vec<_>>(), Scratch::new("/nowhere: all fits in memory"));
        let mut fault = |fault| panic!("{fault}");
        let strand =
            Arc::new(StrandReader::open(Arc::clone(vault.store()), secrets, &all, &scratch, &mut fault).unwrap());
        snapshots.iter().map(|snapshot| strand.snapshot(snapshot).unwrap()).collect()
    }

    pub fn newest_with(&self, scratch: &Scratch) -> Result<SnapshotReader, ReadError> {
        let vault = self.vault();
        let snapshot = read_snapshots(&vault, self.keys.strand, &mut |fault| panic!("{fault}")).unwrap().pop().unwrap();
        let secrets = vault.secrets(&self.kit, &self.keys.strand).unwrap();
        let mut fault = |fault| panic!("{fault}");
        let strand = StrandReader::open(Arc::clone(vault.store()), secrets, &[&snapshot], scratch, &mut fault)?;
        Ok(Arc::new(strand).snapshot(&snapshot).unwrap())
    }

    pub fn restore(&self, from: &str, to: &str, overwrite: Overwrite) -> (RestoreOutcome, Notes) {
        let (outcome, notes) = self.try_restore(&self.newest(), (from, to), overwrite);
        (outcome.unwrap(), notes)
    }

    pub fn try_restore(
        &self,
        reader: &SnapshotReader,
        (from, to): (&str, &str),
        overwrite: Overwrite,
    ) -> (Result<RestoreOutcome, RestoreError>, Notes) {
        let options = RestoreOptions { overwrite, verify: true, jobs: 3, owners: Owners::ByNumber };
        let notes = Notes::default();
        let outcome = restore(reader, from.as_bytes(), &self.path(to), &options, &notes);
        (outcome, notes)
    }
}

pub fn assert_same(a: &Path, b: &Path) {
    let comparison = compare_trees(a, b, &CompareOptions::default()).unwrap();
    assert!(comparison.is_same(), "{:#?}", comparison.differences);
}

pub fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    })
    .flatten()
    .take(bytes)
    .collect()
}
