//! Reading a strand with the owners' keys: where its blobs are, and what is in them.
//!
//! Of where the blobs are, no more is in memory than [`Scratch`] allows: the rest lies in a file without a name.
//!
//! An index is a shortcut, and whoever has an agent's keys can write one that lies. A blob that is not where an index says
//! makes the reader ask the packs themselves, whose directories are the truth.
//!
//! Every blob is verified when it is opened. A fault is told with the name of the object that has it; it never stops
//! what does not need that object.

mod directories;
mod learn;
mod locator;
mod pieces;
mod walk;

pub use locator::{Copies, Located, Location, Locator, PackNumber, PackSet};
pub(crate) use pieces::read_sized_node;
pub use pieces::{Chunks, Entries, LostStretch};
pub use walk::{TreeWalk, WalkItem};

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use thiserror::Error;

use crate::blob::{BlobKind, BlobOpener, BlobOrigin};
use crate::bytes::FormatError;
use crate::envelope::EnvelopeError;
use crate::id::{BlobId, ObjectHash, StrandId};
use crate::list::Needed;
use crate::manifest::{ManifestError, SealedManifest};
use crate::name::{HashedKind, ObjectName};
use crate::pack::{PackError, PackedBlob, open_session_key, read_head};
use crate::scratch::{Scratch, ScratchError};
use crate::secret::SecretKey;
use crate::snapshots::{ListFault, Snapshot, needed};
use crate::store::{Store, StoreError};
use crate::strand::StrandSecrets;
use crate::tree::{ChunkRef, Entry, EntryKind, Node};

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
    /// The same without what indexes say, once one was found to lie.
    own_places: OnceLock<Locator>,
    finding_own_places: Mutex<()>,
    /// The pack whose own directory was read last, to see whether an index lies.
    asked: Mutex<Option<(PackNumber, Arc<Vec<PackedBlob>>)>>,
    scratch: Scratch,
    sessions: Mutex<HashMap<ObjectHash, Arc<SecretKey>>>,
    spaces: Mutex<Vec<WorkingSpace>>,
}

/// What reading a blob takes besides its result.
#[derive(Default)]
struct WorkingSpace {
    opener: BlobOpener,
    sealed: Vec<u8>,
}

/// A working space that grew beyond so many bytes is let go: four times the largest chunk that is written.
const WORKING_BYTES_MAX: usize = 8 << 20;

struct Pack {
    hash: ObjectHash,
    /// What is known of it, an index said; its own directory was not read.
    indexed: bool,
    /// Digest of its own directory, where that was read.
    directory: Option<ObjectHash>,
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
        self.own_places.get().unwrap_or(&self.locator)
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
        self.with_blob_at((kind, id), location, &<[u8]>::to_vec)
    }

    fn with_blob_at<T>(
        &self,
        (kind, id): (BlobKind, &BlobId),
        location: &Location,
        take: &impl Fn(&[u8]) -> T,
    ) -> Result<T, ReadFault> {
        let name = self.pack_name(location.pack);
        let mut space = self.lend_space();
        let read =
            self.store.read_range(&name, location.offset.into(), location.sealed_bytes as usize, &mut space.sealed);
        let taken = read.map_err(|source| ReadFault::Store { name, source }).and_then(|()| {
            let plain = self.open_blob(&mut space.opener, (kind, id), location, &mut space.sealed)?;
            Ok(take(plain))
        });
        self.take_back(space);
        taken
    }

    fn object(&self, kind: HashedKind, hash: ObjectHash) -> ObjectName {
        ObjectName::Hashed(self.strand(), kind, hash)
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

    /// Lends one of a few working spaces: a walk may have thousands of directories open at once.
    fn lend_space(&self) -> WorkingSpace {
        self.spaces.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn take_back(&self, space: WorkingSpace) {
        if space.opener.bytes() + space.sealed.capacity() <= WORKING_BYTES_MAX {
            self.spaces.lock().unwrap_or_else(PoisonError::into_inner).push(space);
        }
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

    /// Finds a chunk in the packs that the snapshot names; one of the length that is told, if there is such a copy.
    pub fn locate(&self, chunk: &ChunkRef) -> Result<Location, ReadFault> {
        let fits = |location: &Location| u64::from(location.coding.plain_bytes) == chunk.bytes;
        let mut copies = self.copies(BlobKind::Chunk, &chunk.id)?;
        if !copies.iter().any(fits) && self.is_misled(&chunk.id, &copies) {
            self.strand.ask_packs()?;
            copies = self.copies(BlobKind::Chunk, &chunk.id)?;
        }
        let found = copies.iter().find(|location| fits(location)).or(copies.first());
        found.copied().ok_or(ReadFault::Unlocated { id: chunk.id })
    }

    /// Reads and verifies a blob. Of several copies one that is sound is enough.
    pub fn blob(&self, kind: BlobKind, id: &BlobId) -> Result<Vec<u8>, ReadFault> {
        self.with_blob(kind, id, <[u8]>::to_vec)
    }

    /// Reads and verifies a blob as [`SnapshotReader::blob`], and returns what is made of its bytes. They lie in memory that is
    /// used again for the next blob.
    pub fn with_blob<T>(&self, kind: BlobKind, id: &BlobId, take: impl Fn(&[u8]) -> T) -> Result<T, ReadFault> {
        let copies = self.copies(kind, id)?;
        match self.with_one_of((kind, id), &copies, &take) {
            Err(_) if self.is_misled(id, &copies) => {
                self.strand.ask_packs()?;
                self.with_one_of((kind, id), &self.copies(kind, id)?, &take)
            }
            taken => taken,
        }
    }

    /// Returns where the copies of a blob are, in the packs that the snapshot names.
    fn copies(&self, kind: BlobKind, id: &BlobId) -> Result<Vec<Location>, ReadFault> {
        let mut copies = Vec::new();
        for copy in self.strand.locator().copies(id)? {
            let (_, Located { location, .. }) = copy?;
            if location.kind == kind && self.allowed.contains(location.pack) {
                copies.push(location);
            }
        }
        Ok(copies)
    }

    fn with_one_of<T>(
        &self,
        (kind, id): (BlobKind, &BlobId),
        copies: &[Location],
        take: &impl Fn(&[u8]) -> T,
    ) -> Result<T, ReadFault> {
        let mut first_fault = None;
        for location in copies {
            match self.strand.with_blob_at((kind, id), location, take) {
                Ok(taken) => return Ok(taken),
                Err(fault) => drop(first_fault.get_or_insert(fault)),
            }
        }
        Err(first_fault.unwrap_or(ReadFault::Unlocated { id: *id }))
    }

    /// Tells whether an index may be why a blob is nowhere, or not where it should be.
    fn is_misled(&self, id: &BlobId, copies: &[Location]) -> bool {
        if copies.is_empty() {
            return self.strand.trusts_an_index(&self.allowed);
        }
        copies.iter().any(|location| self.strand.is_misplaced(id, location))
    }

    /// Returns the entries of a directory, in the order of their names.
    pub fn entries(&self, directory: &Entry) -> Entries {
        Entries::new(self.clone(), directory)
    }

    /// Reads an entry of a directory again, by the directory's node and the entry's name.
    pub fn entry_in(&self, node: &BlobId, name: &[u8]) -> Result<Entry, ReadFault> {
        let kind = EntryKind::Directory { node: Some(*node), entries_below: 0, bytes_below: 0 };
        let directory = Entry { kind, ..Entry::default() };
        Entries::find(self, &directory, name)?.ok_or(ReadFault::Unlocated { id: *node })
    }

    /// Finds the entry of a name in a directory, reading one node a level.
    pub fn child(&self, directory: &Entry, name: &[u8]) -> Result<Option<Entry>, ReadFault> {
        Entries::find(self, directory, name)
    }

    /// Reads one node of a directory, and tells about how much memory it takes, in bytes. `level` is what the node above says of it;
    /// `None` for the top.
    pub fn node(&self, id: &BlobId, level: Option<u64>) -> Result<(Node, usize), ReadFault> {
        read_sized_node(self, id, level)
    }

    /// Reads one list of a large file: chunks at level 0, else lists of the level below. `list` is what the level above, or
    /// the file itself, says of it.
    pub fn chunk_list(&self, list: &ChunkRef, level: u8) -> Result<Vec<ChunkRef>, ReadFault> {
        Chunks::read(self, list, level)
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
