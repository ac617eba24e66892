//! A vault in memory, an agent with its state in a temporary folder, and a source to keep.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use vault::backup::{Agent, BackupError, BackupOptions, Monitor, Outcome, Remark, backup_stream, backup_tree};
use vault::blob::{BlobKind, BlobOpener};
use vault::chunk::ChunkSizes;
use vault::kit::RecoveryKit;
use vault::read::{ReadFault, SnapshotReader, StrandReader, WalkItem};
use vault::scratch::Scratch;
use vault::snapshots::{Snapshot, read_snapshots};
use vault::source::{Exclusions, Names, RootPaths, Walk, WalkOptions};
use vault::state::{AgentKeys, StateFolder};
use vault::store::{MemoryStore, Store};
use vault::tree::{Entry, EntryKind};
use vault::vault::Vault;
use vault::world::{Clock, Entropy, Timestamp};

/// A vault, an agent and a source folder.
pub struct Rig {
    pub store: Arc<dyn Store>,
    pub kit: RecoveryKit,
    pub keys: AgentKeys,
    pub options: BackupOptions,
    clock: AtomicI64,
    folder: tempfile::TempDir,
}

/// What a snapshot holds: files by path with their content, other entries with `None`.
pub type Contents = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// A machine's clock, which may be set while a backup runs.
struct MachineClock<'r>(&'r AtomicI64);

impl Clock for MachineClock<'_> {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.load(Ordering::SeqCst))
    }
}

/// The system's randomness.
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the system has randomness");
    }
}

/// Keeps remarks.
#[derive(Default)]
pub struct Notes(pub Mutex<Vec<Remark>>);

impl Monitor for Notes {
    fn read(&self, _: u64) {}
    fn entry(&self, _: u64) {}
    fn directory(&self, _: &[u8]) {}
    fn remark(&self, remark: Remark) {
        self.0.lock().unwrap().push(remark);
    }
    fn stopping(&self) -> bool {
        false
    }
}

impl Rig {
    pub fn new() -> Self {
        Self::over(Arc::new(MemoryStore::new()))
    }

    pub fn over(store: Arc<dyn Store>) -> Self {
        let now = Timestamp::from_seconds(1_700_000_000);
        let (mut vault, kit) = Vault::found(Arc::clone(&store), &[], now, &SystemEntropy).unwrap();
        let keys = vault.enrol(&kit, "mairie", now, &SystemEntropy).unwrap();
        Self::with_keys(store, kit, keys)
    }

    /// A further machine of the same vault, with a source and a state of its own.
    pub fn enrol(&self, label: &str) -> Self {
        let keys = self.vault().enrol(&self.kit, label, Timestamp::from_seconds(self.now()), &SystemEntropy).unwrap();
        Self::with_keys(Arc::clone(&self.store), self.kit.clone(), keys)
    }

    /// A machine with the keys of another, or a restored one.
    pub fn with_keys(store: Arc<dyn Store>, kit: RecoveryKit, keys: AgentKeys) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("source")).unwrap();
        fs::create_dir(folder.path().join("state")).unwrap();
        fs::set_permissions(folder.path().join("state"), fs::Permissions::from_mode(0o700)).unwrap();
        let options = BackupOptions {
            source: "files".into(),
            host: "mairie".into(),
            program: "test".into(),
            paths: vec![b"/source".to_vec()],
            level: 3,
            jobs: 2,
            one_reader: false,
            sizes: ChunkSizes { bytes_min: 1024, bytes_average: 4096, bytes_max: 16384 },
            fixed: Exclusions::none(),
            reread_one_in: 64,
            sha256: true,
        };
        Self { store, kit, keys, options, clock: AtomicI64::new(1_700_000_100), folder }
    }

    /// What the machine's clock shows, in seconds.
    pub fn now(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    pub fn set_clock(&self, seconds: i64) {
        self.clock.store(seconds, Ordering::SeqCst);
    }

    pub fn source(&self) -> PathBuf {
        self.folder.path().join("source")
    }

    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Memory for a few dozen blobs: nearly all that is read is found on the scratch file.
    pub fn scratch(&self) -> Scratch {
        Scratch { folder: self.folder.path().to_owned(), memory_bytes_max: 2000 }
    }

    pub fn write(&self, path: &str, content: &[u8]) {
        let path = self.source().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn vault(&self) -> Vault {
        Vault::open(Arc::clone(&self.store)).unwrap()
    }

    pub fn backup(&self) -> Outcome {
        self.try_backup(&Notes::default()).unwrap()
    }

    pub fn try_backup(&self, monitor: &dyn Monitor) -> Result<Outcome, BackupError> {
        self.with_agent(|agent| {
            let roots = RootPaths::resolve(&[self.source()])?;
            let walk = Walk::open(&roots, WalkOptions::everything(self.state()))?;
            backup_tree(agent, walk, &Names::of_machine(), &self.options, monitor)
        })
    }

    pub fn try_stream(&self, stream: &[u8], succeed: bool) -> Result<Outcome, BackupError> {
        self.try_stream_with(stream, succeed, &Notes::default())
    }

    pub fn try_stream_with(
        &self,
        mut stream: &[u8],
        succeed: bool,
        monitor: &dyn Monitor,
    ) -> Result<Outcome, BackupError> {
        self.with_agent(|agent| {
            let mut confirm = || if succeed { Ok(()) } else { Err(std::io::Error::other("the command ended with 1")) };
            let names = Names::of_machine();
            backup_stream(agent, &mut stream, &mut confirm, &names, &self.options, monitor)
        })
    }

    fn with_agent<T>(&self, work: impl FnOnce(Agent<'_>) -> Result<T, BackupError>) -> Result<T, BackupError> {
        let vault = Vault::open(Arc::clone(&self.store))?;
        let folder = StateFolder::open(&self.state())?.for_vault(vault.id())?;
        let lock = folder.lock()?;
        work(Agent {
            vault: &vault,
            keys: &self.keys,
            folder: &folder,
            lock: &lock,
            clock: &MachineClock(&self.clock),
            entropy: &SystemEntropy,
        })
    }

    pub fn snapshots(&self) -> Vec<Snapshot> {
        let mut faults = Vec::new();
        let snapshots = read_snapshots(&self.vault(), self.keys.strand, &mut |fault| faults.push(fault)).unwrap();
        assert!(faults.is_empty(), "{faults:?}");
        snapshots
    }

    pub fn open(&self, snapshot: &Snapshot) -> (SnapshotReader, Vec<ReadFault>) {
        let secrets = self.vault().secrets(&self.kit, &self.keys.strand).unwrap();
        let mut faults = Vec::new();
        let store = Arc::clone(&self.store);
        let strand =
            StrandReader::open(store, secrets, &[snapshot], &self.scratch(), &mut |fault| faults.push(fault)).unwrap();
        (Arc::new(strand).snapshot(snapshot).unwrap(), faults)
    }

    /// Reads all that a snapshot holds; fails on any fault.
    pub fn contents(&self, snapshot: &Snapshot) -> Contents {
        let (reader, faults) = self.open(snapshot);
        assert!(faults.is_empty(), "{faults:?}");
        let mut contents = Contents::new();
        for item in reader.walk(reader.root()) {
            match item {
                WalkItem::Entry(path, entry) => {
                    contents.insert(path, content(&reader, &entry));
                }
                WalkItem::Leave(_) => {}
                WalkItem::Fault(path, fault) => panic!("{path:?}: {fault}"),
            }
        }
        contents
    }
}

/// Reads the content of a file.
fn content(reader: &SnapshotReader, entry: &Entry) -> Option<Vec<u8>> {
    let EntryKind::File { size, .. } = entry.kind else { return None };
    let _ = BlobOpener::default();
    let mut content = Vec::new();
    for chunk in reader.chunks(entry) {
        let chunk = chunk.unwrap();
        if chunk.is_zeros() {
            content.resize(content.len() + chunk.bytes as usize, 0);
        } else {
            content.extend(reader.blob(BlobKind::Chunk, &chunk.id).unwrap());
        }
    }
    assert_eq!(content.len() as u64, size);
    Some(content)
}

/// Reads a folder as [`Rig::contents`] reads a snapshot of it.
pub fn read_folder(folder: &Path) -> Contents {
    fn walk(folder: &Path, prefix: &[u8], contents: &mut Contents) {
        use std::os::unix::ffi::OsStrExt;
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let mut path = prefix.to_vec();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(entry.file_name().as_bytes());
            let kind = entry.file_type().unwrap();
            let content = kind.is_file().then(|| fs::read(entry.path()).unwrap());
            contents.insert(path.clone(), content);
            if kind.is_dir() {
                walk(&entry.path(), &path, contents);
            }
        }
    }
    let mut contents = Contents::new();
    walk(folder, b"", &mut contents);
    contents
}

/// The same keys again, as a copy of a machine has them.
pub fn same_keys(keys: &AgentKeys) -> AgentKeys {
    AgentKeys {
        vault: keys.vault,
        strand: keys.strand,
        signing_seed: keys.signing_seed.clone(),
        id_key: keys.id_key.clone(),
        chunk_seed: keys.chunk_seed.clone(),
        index_key: keys.index_key.clone(),
        founder: keys.founder,
        label: keys.label.clone(),
    }
}

/// Bytes that do not compress, the same for the same seed.
pub fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut noise = vec![0; bytes];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut noise);
    noise
}
