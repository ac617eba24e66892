//! Learning where the blobs of some snapshots are.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock};

use super::directories::directory_digest;
use super::locator::LocatorBuilder;
use super::{Locator, Pack, PackKeys, PackNumber, ReadError, ReadFault, StrandReader, pack_fault};
use crate::id::ObjectHash;
use crate::index::{IndexedPack, read_index};
use crate::list::Needed;
use crate::name::{Folder, HashedKind};
use crate::pack::read_directory;
use crate::scratch::{Scratch, ScratchError};
use crate::snapshots::{ListFault, Snapshot, needed};
use crate::store::{Store, StoreError};
use crate::strand::StrandSecrets;

/// Who is asked first where blobs are.
enum First<'l> {
    /// Indexes: each saves reading many packs.
    Indexes,
    /// The packs; indexes that tell something else of them are named.
    Packs(&'l mut dyn FnMut(ObjectHash)),
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
        Self::open_by(First::Indexes, store, secrets, (snapshots, scratch), fault)
    }

    /// Learns the same from the packs' own directories, as whoever judges must; tells the indexes that say something else
    /// to `lies`. What an index says counts only for packs that do not speak for themselves.
    pub(crate) fn open_by_packs(
        store: Arc<dyn Store>,
        secrets: StrandSecrets,
        (snapshots, scratch): (&[&Snapshot], &Scratch),
        fault: &mut dyn FnMut(ReadFault),
        lies: &mut dyn FnMut(ObjectHash),
    ) -> Result<Self, ReadError> {
        Self::open_by(First::Packs(lies), store, secrets, (snapshots, scratch), fault)
    }

    fn open_by(
        first: First<'_>,
        store: Arc<dyn Store>,
        secrets: StrandSecrets,
        (snapshots, scratch): (&[&Snapshot], &Scratch),
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
        let mut reader = Self::knowing_nothing(store, secrets, scratch);
        let lengths = reader.pack_lengths()?;
        let mut packs: BTreeSet<_> = names.iter().filter_map(Needed::pack).collect();
        // Where a list is lost, any pack of the strand may be meant. Blobs prove themselves, whatever pack they are in.
        packs.extend(lengths.keys().filter(|_| lost_names));
        let indexes = names.iter().filter_map(Needed::index);
        let mut blobs = LocatorBuilder::new(scratch);
        match first {
            First::Indexes => {
                for index in indexes {
                    reader.learn_index(index, &packs, &mut blobs, fault)?;
                }
                for pack in &packs {
                    reader.learn_pack(*pack, lengths.get(pack).copied(), &mut blobs, fault)?;
                }
            }
            First::Packs(lies) => {
                for pack in &packs {
                    reader.learn_pack(*pack, lengths.get(pack).copied(), &mut blobs, fault)?;
                }
                for index in indexes {
                    if reader.learn_index(index, &packs, &mut blobs, fault)? {
                        lies(index);
                    }
                }
            }
        }
        reader.locator = blobs.finish()?;
        Ok(reader)
    }

    fn knowing_nothing(store: Arc<dyn Store>, secrets: StrandSecrets, scratch: &Scratch) -> Self {
        Self {
            store,
            secrets,
            packs: Vec::new(),
            numbers: HashMap::new(),
            locator: Locator::default(),
            own_places: OnceLock::new(),
            finding_own_places: Mutex::default(),
            asked: Mutex::default(),
            scratch: scratch.clone(),
            sessions: Mutex::default(),
            spaces: Mutex::default(),
        }
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

    /// Takes what an index says of packs that are not known yet. Says whether it contradicts one that was read itself.
    fn learn_index(
        &mut self,
        hash: ObjectHash,
        wanted: &BTreeSet<ObjectHash>,
        blobs: &mut LocatorBuilder,
        fault: &mut dyn FnMut(ReadFault),
    ) -> Result<bool, ScratchError> {
        let name = self.object(HashedKind::Index, hash);
        let read = self.store.get(&name).map_err(|source| ReadFault::Store { name, source }).and_then(|object| {
            read_index(&self.secrets.index_key, &object).map_err(|source| ReadFault::Damaged { name, source })
        });
        let packs = match read {
            Ok(packs) => packs,
            Err(why) => {
                fault(why);
                return Ok(false);
            }
        };
        let mut lies = false;
        for IndexedPack { hash, bytes, blobs: told, .. } in packs.iter().filter(|pack| wanted.contains(&pack.hash)) {
            match self.numbers.get(hash) {
                Some(number) => {
                    let own = self.packs[*number as usize].directory;
                    lies |= own.is_some_and(|own| own != directory_digest(*bytes, told));
                }
                None => {
                    let number = self.number(*hash, true, None);
                    blobs.add(number, told)?;
                }
            }
        }
        Ok(lies)
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
                let number = self.number(hash, false, Some(directory_digest(bytes, &directory)));
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

    fn number(&mut self, hash: ObjectHash, indexed: bool, directory: Option<ObjectHash>) -> PackNumber {
        let next = self.packs.len() as PackNumber;
        *self.numbers.entry(hash).or_insert_with(|| {
            self.packs.push(Pack { hash, indexed, directory, keys: OnceLock::new() });
            next
        })
    }
}
