//! What packs say of themselves, where an index said something else.

use std::sync::{Arc, PoisonError};

use super::locator::LocatorBuilder;
use super::{Location, PackNumber, PackSet, StrandReader};
use crate::id::{BlobId, ObjectHash};
use crate::pack::{PackError, PackedBlob, read_directory, write_directory};
use crate::scratch::ScratchError;
use crate::store::StoreError;

/// Digest of all that a directory, or an index, says of a pack of a length.
pub(super) fn directory_digest(pack_bytes: u64, blobs: &[PackedBlob]) -> ObjectHash {
    let mut told = write_directory(blobs);
    told.extend(pack_bytes.to_le_bytes());
    told.extend(blobs.first().map_or(0, |first| first.offset).to_le_bytes());
    ObjectHash::of(&told)
}

impl StrandReader {
    /// Tells whether what is known of any of these packs is only the word of an index.
    pub(super) fn trusts_an_index(&self, packs: &PackSet) -> bool {
        let is_trusted = |pack: PackNumber| self.is_indexed(pack) && packs.contains(pack);
        self.own_places.get().is_none() && (0..self.pack_count()).any(is_trusted)
    }

    /// Tells whether an index placed a blob where the pack itself does not say that it is.
    pub(super) fn is_misplaced(&self, id: &BlobId, location: &Location) -> bool {
        if self.own_places.get().is_some() || !self.is_indexed(location.pack) {
            return false;
        }
        let Ok(blobs) = self.own_directory(location.pack) else { return true };
        let found = blobs.binary_search_by_key(&location.offset, |blob| blob.offset).map(|at| &blobs[at]);
        !found.is_ok_and(|blob| {
            let places = (blob.sealed_bytes, blob.coding, blob.kind);
            blob.id == *id && places == (location.sealed_bytes, location.coding, location.kind)
        })
    }

    /// Finds where blobs are by what the packs say of themselves. What an index says counts from then on only for packs
    /// whose own directory cannot be read.
    pub(super) fn ask_packs(&self) -> Result<(), ScratchError> {
        let _turn = self.finding_own_places.lock().unwrap_or_else(PoisonError::into_inner);
        if self.own_places.get().is_some() {
            return Ok(());
        }
        let mut places = LocatorBuilder::new(&self.scratch);
        let mut as_before = PackSet::none(self.packs.len());
        for pack in 0..self.pack_count() {
            let own = self.is_indexed(pack).then(|| self.read_own_directory(pack));
            match own {
                Some(Ok(blobs)) => places.add(pack, &blobs)?,
                Some(Err(_)) | None => as_before.insert(pack),
            }
        }
        for copy in self.locator.iter() {
            let (_, located) = copy?;
            if as_before.contains(located.location.pack) {
                places.add_one(located)?;
            }
        }
        let _ = self.own_places.set(places.finish()?);
        Ok(())
    }

    /// Reads the directory of a pack, unless it is the one that was read last.
    fn own_directory(&self, pack: PackNumber) -> Result<Arc<Vec<PackedBlob>>, PackError> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((last, blobs)) = asked.as_ref()
            && *last == pack
        {
            return Ok(Arc::clone(blobs));
        }
        let blobs = Arc::new(self.read_own_directory(pack)?);
        *asked = Some((pack, Arc::clone(&blobs)));
        Ok(blobs)
    }

    fn read_own_directory(&self, pack: PackNumber) -> Result<Vec<PackedBlob>, PackError> {
        let name = self.pack_name(pack);
        let bytes = self.store.head(&name)?.ok_or(StoreError::NotFound { name })?;
        let hash = self.pack_hash(pack);
        Ok(read_directory(self.store.as_ref(), self.strand(), hash, bytes, &self.secrets.index_key)?.1)
    }
}
