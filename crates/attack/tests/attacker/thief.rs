//! What the thief has: the agent's keys, a copy of the vault, and a folder for what he adds.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vault::bytes::SigningKey;
use vault::id::ObjectHash;
use vault::manifest::{Counts, Manifest, SealedManifest};
use vault::name::{HashedKind, NumberedKind, ObjectName};
use vault::pack::Session;
use vault::snapshots::{Snapshot, read_snapshots};
use vault::state::{AgentKeys, StateFolder};
use vault::store::{DirectoryAccess, DirectoryStore, Store};
use vault::strand::source_tag;
use vault::tree::Entry;
use vault::vault::Vault;
use vault::world::{Entropy, Timestamp};

pub struct Thief {
    pub keys: AgentKeys,
    pub vault: Vault,
    given: PathBuf,
    drop: DirectoryStore,
}

pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the system has randomness");
    }
}

impl Thief {
    pub fn of(given: &Path) -> Self {
        let store = DirectoryStore::open(given.join("vault"), DirectoryAccess::ReadOnly).unwrap();
        let vault = Vault::open(Arc::new(store)).unwrap();
        let folder = StateFolder::open(&given.join("state")).unwrap().for_vault(vault.id()).unwrap();
        let keys = AgentKeys::open(&folder, vault.log()).unwrap();
        let drop = DirectoryStore::create(given.join("drop")).unwrap();
        Self { keys, vault, given: given.to_owned(), drop }
    }

    /// All bytes of the agent's key files.
    pub fn key_files(&self) -> Vec<u8> {
        let vault = self.given.join("state/vaults").join(self.keys.vault.to_string());
        let strand = vault.join("strands").join(self.keys.strand.to_hex());
        let files = fs::read_dir(strand).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
        files.flat_map(|path| fs::read(path).unwrap()).collect()
    }

    pub fn signing_key(&self) -> SigningKey {
        SigningKey::new(self.keys.signing_seed.clone())
    }

    /// The snapshots of the agent's strand.
    pub fn snapshots(&self) -> Vec<Snapshot> {
        read_snapshots(&self.vault, self.keys.strand, &mut |_| {}).unwrap()
    }

    /// Adds an object.
    pub fn put(&self, name: ObjectName, object: &[u8]) {
        self.drop.put(&name, object).unwrap();
    }

    /// Adds an object under the hash of its bytes.
    pub fn put_hashed(&self, kind: HashedKind, object: &[u8]) -> ObjectHash {
        let hash = ObjectHash::of(object);
        self.put(ObjectName::Hashed(self.keys.strand, kind, hash), object);
        hash
    }

    /// Adds a file that need not be named like an object.
    pub fn put_file(&self, path: &str, bytes: &[u8]) {
        let path = self.given.join("drop").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Adds a file of a length, all zeros, that takes no room.
    pub fn put_hole(&self, path: &str, bytes: u64) {
        self.put_file(path, b"");
        let file = fs::File::options().write(true).open(self.given.join("drop").join(path)).unwrap();
        file.set_len(bytes).unwrap();
    }

    /// The manifest that would follow the last, of a tree that nobody kept.
    pub fn manifest(&self, root: Entry, packs: Vec<ObjectHash>, counts: Counts) -> Manifest {
        let recipient = self.vault.strand_recipient(&self.keys.strand).unwrap();
        let session = Session::begin(&recipient, &SystemEntropy).unwrap();
        let moment = Timestamp(1_700_000_300_000_000_000);
        let sealed = SealedManifest {
            source: "files".into(),
            host: "mairie".into(),
            paths: vec![b"/source".to_vec()],
            started: moment,
            finished: moment,
            root,
            program: "attacker".into(),
            alarm: None,
        };
        let (salt, sealed) = sealed.seal(&session);
        let last = self.snapshots().pop().unwrap();
        Manifest {
            vault: self.keys.vault,
            strand: self.keys.strand,
            seq: last.manifest.seq + 1,
            previous: Some(last.hash),
            indexes: Vec::new(),
            packs,
            list: None,
            counts,
            source_tag: source_tag(&self.keys.id_key, "files"),
            salt,
            sealed_key: session.sealed_key().to_vec(),
            sealed,
        }
    }

    /// Signs a manifest with the stolen key and adds it.
    pub fn put_manifest(&self, manifest: &Manifest) {
        self.put_signed(manifest, &self.signing_key());
    }

    pub fn put_signed(&self, manifest: &Manifest, key: &SigningKey) {
        let object = manifest.sign(key);
        let hash = ObjectHash::of(&object);
        self.put(ObjectName::Numbered(self.keys.strand, NumberedKind::Snapshot, manifest.seq, hash), &object);
    }
}
