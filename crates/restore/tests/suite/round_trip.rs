//! Keep, change, restore, compare.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use restore::compare::{CompareOptions, compare_trees};
use restore::fill::{Fault, RestoreMonitor, RestoreOptions, RestoreOutcome, restore};
use restore::target::{AttributeWarning, Overwrite, Owners};
use vault::backup::{Agent, BackupOptions, Monitor, Remark, backup_tree};
use vault::chunk::ChunkSizes;
use vault::kit::RecoveryKit;
use vault::read::{SnapshotReader, StrandReader};
use vault::snapshots::read_snapshots;
use vault::source::{Names, RootPaths, Walk, WalkOptions};
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
struct Notes {
    faults: Mutex<Vec<String>>,
    warnings: Mutex<Vec<AttributeWarning>>,
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
struct Town {
    folder: tempfile::TempDir,
    kit: RecoveryKit,
    keys: AgentKeys,
}

impl Town {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["source", "state"] {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(0o700)).unwrap();
        }
        let store = Arc::new(DirectoryStore::create(&folder.path().join("vault")).unwrap());
        let (mut vault, kit) = Vault::found(store, &[], World.now(), &World).unwrap();
        let keys = vault.enrol(&kit, "mairie", World.now(), &World).unwrap();
        Self { folder, kit, keys }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn vault(&self) -> Vault {
        let access = vault::store::DirectoryAccess::ReadWrite;
        Vault::open(Arc::new(DirectoryStore::open(&self.path("vault"), access).unwrap())).unwrap()
    }

    fn backup(&self) {
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
            sizes: ChunkSizes { bytes_min: 1024, bytes_average: 4096, bytes_max: 16384 },
            reread_one_in: 64,
            sha256: false,
        };
        backup_tree(agent, walk.unwrap(), &Names::of_machine(), &options, &Quiet).unwrap();
    }

    fn newest(&self) -> SnapshotReader {
        let vault = self.vault();
        let snapshot = read_snapshots(&vault, self.keys.strand, &mut |fault| panic!("{fault}")).unwrap().pop().unwrap();
        let secrets = vault.secrets(&self.kit, &self.keys.strand).unwrap();
        let strand =
            StrandReader::open(Arc::clone(vault.store()), secrets, &[&snapshot], &mut |fault| panic!("{fault}"));
        Arc::new(strand.unwrap()).snapshot(&snapshot).unwrap()
    }

    fn restore(&self, from: &str, to: &str, overwrite: Overwrite) -> (RestoreOutcome, Notes) {
        let options = RestoreOptions { overwrite, verify: true, jobs: 3, owners: Owners::ByNumber };
        let notes = Notes::default();
        let outcome = restore(&self.newest(), from.as_bytes(), &self.path(to), &options, &notes).unwrap();
        (outcome, notes)
    }
}

fn assert_same(a: &Path, b: &Path) {
    let comparison = compare_trees(a, b, &CompareOptions::default()).unwrap();
    assert!(comparison.is_same(), "{:#?}", comparison.differences);
}

fn noise(seed: u64, bytes: usize) -> Vec<u8> {
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

fn make_tree(source: &Path) {
    for n in 0..300u64 {
        let folder = source.join(format!("service {}", n % 7));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{n}.dat")), noise(n, (n * n % 9000) as usize)).unwrap();
    }
    fs::write(source.join("large"), noise(7, 3_000_000)).unwrap();
    fs::write(source.join("text"), "la mairie\n".repeat(100_000)).unwrap();
    let sparse = fs::File::create(source.join("sparse")).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&sparse, b"middle", 5 << 30).unwrap();
    sparse.set_len(100 << 30).unwrap();
    fs::hard_link(source.join("large"), source.join("service 1/also large")).unwrap();
    fs::hard_link(source.join("service 2/2.dat"), source.join("service 3/linked.dat")).unwrap();
    std::os::unix::fs::symlink("../text", source.join("service 4/link")).unwrap();
    fs::set_permissions(source.join("service 5"), fs::Permissions::from_mode(0o1711)).unwrap();
    fs::set_permissions(source.join("text"), fs::Permissions::from_mode(0o4755)).unwrap();
}

#[test]
fn a_tree_is_the_same_after_it_was_restored() {
    let town = Town::new();
    make_tree(&town.path("source"));
    town.backup();
    let (outcome, notes) = town.restore("", "back", Overwrite::Never);
    assert_eq!((outcome.faults, outcome.warnings, outcome.kept), (0, 0, 0), "{:?}", notes.faults.lock().unwrap());
    assert!(outcome.verified >= 300);
    assert_same(&town.path("source"), &town.path("back"));
}

#[test]
fn a_restore_goes_on_where_it_stopped_and_mends_what_it_may() {
    let town = Town::new();
    make_tree(&town.path("source"));
    town.backup();
    town.restore("", "back", Overwrite::Never);
    fs::remove_file(town.path("back/service 1/1.dat")).unwrap();
    fs::remove_dir_all(town.path("back/service 6")).unwrap();
    let (outcome, _) = town.restore("", "back", Overwrite::Never);
    assert_eq!(outcome.faults, 0);
    assert!(outcome.kept > 200, "{outcome:?}");
    assert_same(&town.path("source"), &town.path("back"));
    fs::write(town.path("back/service 2/9.dat"), b"changed since").unwrap();
    let (outcome, _) = town.restore("", "back", Overwrite::Always);
    assert_eq!((outcome.faults, outcome.kept), (0, 0));
    assert_same(&town.path("source"), &town.path("back"));
}

#[test]
fn parts_restore_alone() {
    let town = Town::new();
    make_tree(&town.path("source"));
    town.backup();
    // Its hard link's first member lies outside.
    town.restore("service 3", "part", Overwrite::Never);
    assert_eq!(
        fs::read(town.path("part/linked.dat")).unwrap(),
        fs::read(town.path("source/service 3/linked.dat")).unwrap()
    );
    town.restore("service 1/also large", "file", Overwrite::Never);
    assert_eq!(fs::read(town.path("file/also large")).unwrap(), noise(7, 3_000_000));
}
