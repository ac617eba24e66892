//! Reading a strand with the owners' keys: where its blobs are, and what is in them.
//!
//! Of where the blobs are, no more is in memory than [`Scratch`] allows: the rest lies in a file without a name.
//!
//! Every blob is verified when it is opened. A fault is told with the name of the object that has it; it never stops
//! what does not need that object.

mod locator;
mod pieces;
mod walk;

use locator::LocatorBuilder;
pub use locator::{Copies, Located, Location, Locator, PackNumber, PackSet};
pub(crate) use pieces::read_node;
pub use pieces::{Chunks, Entries, LostStretch};
pub use walk::{TreeWalk, WalkItem};

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use thiserror::Error;

use crate::blob::{BlobKind, BlobOpener, BlobOrigin};
use crate::bytes::FormatError;
use crate::envelope::EnvelopeError;
use crate::id::{BlobId, ObjectHash, StrandId};
use crate::index::read_index;
use crate::list::Needed;
use crate::manifest::{ManifestError, SealedManifest};
use crate::name::{Folder, HashedKind, ObjectName};
use crate::pack::{PackError, open_session_key, read_directory, read_head};
use crate::scratch::{Scratch, ScratchError};
use crate::secret::SecretKey;
use crate::snapshots::{ListFault, Snapshot, needed};
use crate::store::{Store, StoreError};
use crate::strand::StrandSecrets;
use crate::tree::Entry;

/// An object that cannot be used, and why.
#[derive(Debug, Error)]
pub enum ReadFault {
    /// The object is not there, or the store fails to give it.
    #[error("{name} cannot be read")]
    Store {
        /// Its name.
        name: ObjectName,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// The bytes of the object are wrong.
    #[error("{name} is damaged")]
    Damaged {
        /// Its name.
        name: ObjectName,
        /// Why.
        #[source]
        source: FormatError,
    },
    /// The session key of a pack does not open.
    #[error("the session key of {name} does not open")]
    Key {
        /// The pack.
        name: ObjectName,
        /// Why.
        #[source]
        source: EnvelopeError,
    },
    /// No pack of the snapshot holds the blob.
    #[error("blob {id} is in none of the packs that the snapshot names")]
    Unlocated {
        /// The blob.
        id: BlobId,
    },
    /// A list of names cannot be used.
    #[error(transparent)]
    List(#[from] ListFault),
    /// Where the blobs are cannot be looked up: no fault of the vault's.
    #[error(transparent)]
    Scratch(#[from] ScratchError),
}

/// Why nothing can be read, which no object is at fault for.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The store does not even list its objects.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no room for what does not fit in memory.
    #[error(transparent)]
    Scratch(#[from] ScratchError),
}

/// The packs of one or many snapshots of a strand, and the keys to them.
pub struct StrandReader {
    store: Arc<dyn Store>,
    secrets: StrandSecrets,
    packs: Vec<Pack>,
    numbers: HashMap<ObjectHash, PackNumber>,
    locator: Locator,
    sessions: Mutex<HashMap<ObjectHash, Arc<SecretKey>>>,
    openers: Mutex<Vec<BlobOpener>>,
}

struct Pack {
    hash: ObjectHash,
    indexed: bool,
    keys: OnceLock<Arc<PackKeys>>,
}

/// What opens the blobs of a pack.
pub struct PackKeys {
    session: Arc<SecretKey>,
    salt: [u8; 32],
    zstd_version: u32,
}

/// One snapshot, opened for reading. Cheap to clone.
#[derive(Clone)]
pub struct SnapshotReader {
    strand: Arc<StrandReader>,
    allowed: Arc<PackSet>,
    sealed: Arc<SealedManifest>,
}

impl StrandReader {
    /// Learns where the blobs of some snapshots are, all of one strand. What cannot be read is told to `fault`.
    ///
    /// An index that is lost costs the reading of its packs' directories instead. The scratch folder is used only if there
    /// are more blobs than fit in memory.
    pub fn open(
        store: Arc<dyn Store>,
        secrets: StrandSecrets,
        snapshots: &[&Snapshot],
        scratch: &Scratch,
        fault: &mut dyn FnMut(ReadFault),
    ) -> Result<Self, ReadError> {
        let mut names = BTreeSet::new();
        let mut lost_names = false;
        for snapshot in snapshots {
            let mut lost = |list: ListFault| {
                lost_names = true;
                fault(list.into());
            };
            names.extend(needed(store.as_ref(), &snapshot.manifest, &mut lost).0);
        }
        let mut reader = Self {
            store,
            secrets,
            packs: Vec::new(),
            numbers: HashMap::new(),
            locator: Locator::default(),
            sessions: Mutex::default(),
            openers: Mutex::default(),
        };
        let lengths = reader.pack_lengths()?;
        let mut packs: BTreeSet<_> = names.iter().filter_map(Needed::pack).collect();
        // Where a list is lost, any pack of the strand may be meant. Blobs prove themselves, whatever pack they are in.
        packs.extend(lengths.keys().filter(|_| lost_names));
        let mut blobs = LocatorBuilder::new(scratch);
        for index in names.iter().filter_map(Needed::index) {
            reader.learn_index(index, &packs, &mut blobs, fault)?;
        }
        for pack in packs {
            reader.learn_pack(pack, lengths.get(&pack).copied(), &mut blobs, fault)?;
        }
        reader.locator = blobs.finish()?;
        Ok(reader)
    }

    /// The strand's secrets.
    pub fn secrets(&self) -> &StrandSecrets {
        &self.secrets
    }

    /// The strand.
    pub fn strand(&self) -> StrandId {
        self.secrets.strand
    }

    /// How many packs the reader knows; their numbers are below.
    pub fn pack_count(&self) -> PackNumber {
        self.packs.len() as PackNumber
    }

    /// Returns the number of a pack; `None` if nothing is known of what is in it.
    pub fn pack_number(&self, hash: &ObjectHash) -> Option<PackNumber> {
        self.numbers.get(hash).copied()
    }

    /// Tells whether an index says what is in a pack, and its own directory was not read.
    pub fn is_indexed(&self, pack: PackNumber) -> bool {
        self.packs[pack as usize].indexed
    }

    /// The hash of a pack.
    pub fn pack_hash(&self, pack: PackNumber) -> ObjectHash {
        self.packs[pack as usize].hash
    }

    /// The name of a pack.
    pub fn pack_name(&self, pack: PackNumber) -> ObjectName {
        self.object(HashedKind::Pack, self.pack_hash(pack))
    }

    /// Every blob that the reader knows.
    pub fn locator(&self) -> &Locator {
        &self.locator
    }

    /// Opens one of the snapshots.
    pub fn snapshot(self: &Arc<Self>, snapshot: &Snapshot) -> Result<SnapshotReader, ManifestError> {
        let sealed = Arc::new(snapshot.manifest.unseal(&self.secrets)?);
        let allowed = Arc::new(self.allowed(snapshot));
        Ok(SnapshotReader { strand: Arc::clone(self), allowed, sealed })
    }

    /// Returns the keys of a pack.
    pub fn keys(&self, pack: PackNumber) -> Result<Arc<PackKeys>, ReadFault> {
        let state = &self.packs[pack as usize];
        if let Some(keys) = state.keys.get() {
            return Ok(Arc::clone(keys));
        }
        let name = self.pack_name(pack);
        let bytes = self.store.head(&name).and_then(|bytes| bytes.ok_or(StoreError::NotFound { name }));
        let bytes = bytes.map_err(|source| ReadFault::Store { name, source })?;
        let (head, _) = read_head(self.store.as_ref(), &name, bytes).map_err(|error| pack_fault(name, error))?;
        let session = self.session(&name, &head.sealed_key)?;
        let keys = Arc::new(PackKeys { session, salt: head.salt, zstd_version: head.zstd_version });
        Ok(Arc::clone(state.keys.get_or_init(|| keys)))
    }

    /// Reads bytes of a pack.
    pub fn pack_range(&self, pack: PackNumber, offset: u64, bytes: usize) -> Result<Vec<u8>, ReadFault> {
        let name = self.pack_name(pack);
        self.store.get_range(&name, offset, bytes).map_err(|source| ReadFault::Store { name, source })
    }

    /// Opens a blob whose sealed bytes were read; they are used as working space.
    pub fn open_blob<'o>(
        &self,
        opener: &'o mut BlobOpener,
        (kind, id): (BlobKind, &BlobId),
        location: &Location,
        sealed: &'o mut [u8],
    ) -> Result<&'o [u8], ReadFault> {
        let keys = self.keys(location.pack)?;
        let origin = BlobOrigin { session: &keys.session, salt: &keys.salt, zstd_version: keys.zstd_version };
        opener
            .open(&origin, &self.secrets.id_key, (kind, id), &location.coding, sealed)
            .map_err(|source| ReadFault::Damaged { name: self.pack_name(location.pack), source })
    }

    /// Reads and verifies a blob at one place.
    pub fn read_blob(&self, kind: BlobKind, id: &BlobId, location: &Location) -> Result<Vec<u8>, ReadFault> {
        let offset = u64::from(location.offset);
        let mut sealed = self.pack_range(location.pack, offset, location.sealed_bytes as usize)?;
        let mut opener = self.lend_opener();
        let plain = self.open_blob(&mut opener, (kind, id), location, &mut sealed).map(<[u8]>::to_vec);
        self.take_back(opener);
        plain
    }

    fn object(&self, kind: HashedKind, hash: ObjectHash) -> ObjectName {
        ObjectName::Hashed(self.strand(), kind, hash)
    }

    fn pack_lengths(&self) -> Result<HashMap<ObjectHash, u64>, StoreError> {
        let mut lengths = HashMap::new();
        self.store.list(&Folder::Hashed(self.strand(), HashedKind::Pack), &mut |name, bytes| {
            if let Some(hash) = name.hash() {
                lengths.insert(hash, bytes);
            }
        })?;
        Ok(lengths)
    }

    fn learn_index(
        &mut self,
        hash: ObjectHash,
        wanted: &BTreeSet<ObjectHash>,
        blobs: &mut LocatorBuilder,
        fault: &mut dyn FnMut(ReadFault),
    ) -> Result<(), ScratchError> {
        let name = self.object(HashedKind::Index, hash);
        let read = self.store.get(&name).map_err(|source| ReadFault::Store { name, source }).and_then(|object| {
            read_index(&self.secrets.index_key, &object).map_err(|source| ReadFault::Damaged { name, source })
        });
        match read {
            Ok(packs) => {
                for pack in packs.iter().filter(|pack| wanted.contains(&pack.hash)) {
                    if !self.numbers.contains_key(&pack.hash) {
                        let number = self.number(pack.hash, true);
                        blobs.add(number, &pack.blobs)?;
                    }
                }
            }
            Err(why) => fault(why),
        }
        Ok(())
    }

    fn learn_pack(
        &mut self,
        hash: ObjectHash,
        bytes: Option<u64>,
        blobs: &mut LocatorBuilder,
        fault: &mut dyn FnMut(ReadFault),
    ) -> Result<(), ScratchError> {
        if self.numbers.contains_key(&hash) {
            return Ok(());
        }
        let name = self.object(HashedKind::Pack, hash);
        let Some(bytes) = bytes else {
            fault(ReadFault::Store { name, source: StoreError::NotFound { name } });
            return Ok(());
        };
        match read_directory(self.store.as_ref(), self.strand(), hash, bytes, &self.secrets.index_key) {
            Ok((head, directory)) => {
                let number = self.number(hash, false);
                blobs.add(number, &directory)?;
                if let Ok(session) = self.session(&name, &head.sealed_key) {
                    let keys = PackKeys { session, salt: head.salt, zstd_version: head.zstd_version };
                    let _ = self.packs[number as usize].keys.set(Arc::new(keys));
                }
            }
            Err(error) => fault(pack_fault(name, error)),
        }
        Ok(())
    }

    fn number(&mut self, hash: ObjectHash, indexed: bool) -> PackNumber {
        let next = self.packs.len() as PackNumber;
        *self.numbers.entry(hash).or_insert_with(|| {
            self.packs.push(Pack { hash, indexed, keys: OnceLock::new() });
            next
        })
    }

    fn allowed(&self, snapshot: &Snapshot) -> PackSet {
        let mut allowed = PackSet::none(self.packs.len());
        let mut lost_names = false;
        let (names, _) = needed(self.store.as_ref(), &snapshot.manifest, &mut |_| lost_names = true);
        if lost_names {
            return PackSet::all(self.packs.len());
        }
        let numbers = names.iter().filter_map(Needed::pack).filter_map(|hash| self.numbers.get(&hash));
        numbers.for_each(|number| allowed.insert(*number));
        allowed
    }

    /// Lends one of a few decompressors: a walk may have thousands of directories open at once.
    fn lend_opener(&self) -> BlobOpener {
        self.openers.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn take_back(&self, opener: BlobOpener) {
        self.openers.lock().unwrap_or_else(PoisonError::into_inner).push(opener);
    }

    /// Opens a session key, once however many packs carry it.
    fn session(&self, name: &ObjectName, sealed: &[u8]) -> Result<Arc<SecretKey>, ReadFault> {
        let digest = ObjectHash::of(sealed);
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = sessions.get(&digest) {
            return Ok(Arc::clone(session));
        }
        let key = open_session_key(&self.secrets.identities, sealed)
            .map_err(|source| ReadFault::Key { name: *name, source })?;
        Ok(Arc::clone(sessions.entry(digest).or_insert(Arc::new(key))))
    }
}

impl SnapshotReader {
    /// What only the owners can read of the manifest.
    pub fn manifest(&self) -> &SealedManifest {
        &self.sealed
    }

    /// The root of the tree.
    pub fn root(&self) -> &Entry {
        &self.sealed.root
    }

    /// The strand that the snapshot is of.
    pub fn strand(&self) -> &Arc<StrandReader> {
        &self.strand
    }

    /// The packs that the snapshot names, or all if that cannot be known.
    pub fn packs(&self) -> &Arc<PackSet> {
        &self.allowed
    }

    /// Finds a blob in the packs that the snapshot names.
    pub fn locate(&self, id: &BlobId) -> Result<Location, ReadFault> {
        self.strand.locator.find(id, &self.allowed)?.ok_or(ReadFault::Unlocated { id: *id })
    }

    /// Reads and verifies a blob. Of several copies one that is sound is enough.
    pub fn blob(&self, kind: BlobKind, id: &BlobId) -> Result<Vec<u8>, ReadFault> {
        let mut first_fault = None;
        for copy in self.strand.locator.copies(id)? {
            let (_, Located { location, .. }) = copy?;
            if location.kind != kind || !self.allowed.contains(location.pack) {
                continue;
            }
            match self.strand.read_blob(kind, id, &location) {
                Ok(plain) => return Ok(plain),
                Err(fault) => drop(first_fault.get_or_insert(fault)),
            }
        }
        Err(first_fault.unwrap_or(ReadFault::Unlocated { id: *id }))
    }

    /// Returns the entries of a directory, in the order of their names.
    pub fn entries(&self, directory: &Entry) -> Entries {
        Entries::new(self.clone(), directory)
    }

    /// Returns the chunks of a file, in order.
    pub fn chunks(&self, file: &Entry) -> Chunks {
        Chunks::new(self.clone(), file)
    }

    /// Walks a directory and all that is below.
    pub fn walk(&self, directory: &Entry) -> TreeWalk {
        TreeWalk::new(self.clone(), directory)
    }

    /// Finds the entry at a path from the root; an empty path is the root.
    pub fn find(&self, path: &[u8]) -> Result<Option<Entry>, ReadFault> {
        let mut entry = self.root().clone();
        for name in path.split(|byte| *byte == b'/').filter(|name| !name.is_empty() && *name != b".") {
            match Entries::find(self, &entry, name)? {
                Some(child) => entry = child,
                None => return Ok(None),
            }
        }
        Ok(Some(entry))
    }
}

fn pack_fault(name: ObjectName, error: PackError) -> ReadFault {
    match error {
        PackError::Store(source) => ReadFault::Store { name, source },
        PackError::Format(source) => ReadFault::Damaged { name, source },
    }
}
