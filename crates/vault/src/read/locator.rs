//! Where each blob is.

use crate::blob::{BlobKind, Coding};
use crate::bytes::{Columns, FormatError};
use crate::id::BlobId;
use crate::pack::PackedBlob;
use crate::scratch::{Record, Records, Scratch, ScratchError, Sorted, Sorter};

/// A pack among those that a reader knows.
pub type PackNumber = u32;

/// Where a blob lies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Location {
    /// The pack.
    pub pack: PackNumber,
    /// Where its sealed bytes begin.
    pub offset: u32,
    /// How many they are.
    pub sealed_bytes: u32,
    /// How they were made.
    pub coding: Coding,
    /// What the blob holds.
    pub kind: BlobKind,
}

/// A blob, and where it lies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Located {
    /// The blob.
    pub id: BlobId,
    /// One of its places.
    pub location: Location,
}

/// Blobs by id, in bounded memory. One blob may lie in several packs.
///
/// As many as fit are in memory, or none: then they lie in a scratch file, and to find one takes one read of it. A place
/// is the rank of a blob, copies counted, by id, pack and offset.
#[derive(Default)]
pub struct Locator(Sorted<Located>);

/// A locator to be, which takes blobs.
pub(super) struct LocatorBuilder(Sorter<Located>);

/// Copies of a blob, or all blobs, each with its place.
pub struct Copies<'l>(Records<'l, Located>);

/// Some of the packs that a reader knows.
#[derive(Clone, Debug)]
pub struct PackSet(Vec<bool>);

impl PackSet {
    /// None of so many packs.
    pub fn none(count: usize) -> Self {
        Self(vec![false; count])
    }

    /// All of so many packs.
    pub fn all(count: usize) -> Self {
        Self(vec![true; count])
    }

    /// Adds a pack.
    pub fn insert(&mut self, pack: PackNumber) {
        self.0[pack as usize] = true;
    }

    /// Tells whether a pack is in the set.
    pub fn contains(&self, pack: PackNumber) -> bool {
        self.0.get(pack as usize).copied().unwrap_or(false)
    }
}

impl LocatorBuilder {
    pub fn new(scratch: &Scratch) -> Self {
        Self(Sorter::new(scratch))
    }

    /// Adds the blobs of a pack.
    pub fn add(&mut self, pack: PackNumber, blobs: &[PackedBlob]) -> Result<(), ScratchError> {
        for blob in blobs {
            let location = Location {
                pack,
                offset: blob.offset,
                sealed_bytes: blob.sealed_bytes,
                coding: blob.coding,
                kind: blob.kind,
            };
            self.add_one(Located { id: blob.id, location })?;
        }
        Ok(())
    }

    /// Adds one blob.
    pub fn add_one(&mut self, located: Located) -> Result<(), ScratchError> {
        self.0.add(located)
    }

    pub fn finish(self) -> Result<Locator, ScratchError> {
        self.0.finish().map(Locator)
    }
}

impl Locator {
    /// Finds a blob in some of the packs.
    pub fn find(&self, id: &BlobId, allowed: &PackSet) -> Result<Option<Location>, ScratchError> {
        for copy in self.copies(id)? {
            let (_, Located { location, .. }) = copy?;
            if allowed.contains(location.pack) {
                return Ok(Some(location));
            }
        }
        Ok(None)
    }

    /// Returns all copies of a blob with their places.
    pub fn copies(&self, id: &BlobId) -> Result<Copies<'_>, ScratchError> {
        self.0.with_key(*id).map(Copies)
    }

    /// All blobs, sorted by id, with their places.
    pub fn iter(&self) -> Copies<'_> {
        Copies(self.0.all())
    }

    /// How many blobs there are, copies counted.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Iterator for Copies<'_> {
    type Item = Result<(usize, Located), ScratchError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

impl Record for Located {
    const BYTES: usize = BlobId::BYTES + 19;

    type Key = BlobId;

    fn key(&self) -> BlobId {
        self.id
    }

    fn spread(key: &BlobId) -> u16 {
        // Ids are keyed hashes.
        u16::from_be_bytes([key.0[0], key.0[1]])
    }

    fn write(&self, to: &mut Vec<u8>) {
        let Location { pack, offset, sealed_bytes, coding, kind } = self.location;
        to.extend(self.id.0);
        to.extend([pack, offset, sealed_bytes, coding.plain_bytes].map(u32::to_le_bytes).as_flattened());
        // Not zero: a stretch that the disk lost is no record.
        to.extend([coding.codec, coding.level.cast_unsigned(), kind as u8 + 1]);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut columns = Columns::new(bytes, "scratch file");
        let mut read = || -> Result<_, FormatError> {
            let id = BlobId(columns.fixed()?);
            let [pack, offset, sealed_bytes, plain_bytes] =
                [columns.u32()?, columns.u32()?, columns.u32()?, columns.u32()?];
            let coding = Coding { codec: columns.u8()?, level: columns.u8()?.cast_signed(), plain_bytes };
            Ok((id, pack, offset, sealed_bytes, coding, columns.u8()?))
        };
        let (id, pack, offset, sealed_bytes, coding, kind) = read().ok()?;
        let kind = BlobKind::from_number(kind.checked_sub(1)?)?;
        Some(Self { id, location: Location { pack, offset, sealed_bytes, coding, kind } })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(n: u16) -> BlobId {
        let mut id = [0xcd; 32];
        // In the order of bytes, and far from that of numbers.
        id[..2].copy_from_slice(&n.to_le_bytes());
        BlobId(id)
    }

    fn blob(n: u16, offset: u32) -> PackedBlob {
        let kind = [BlobKind::Chunk, BlobKind::Node, BlobKind::List][usize::from(n % 3)];
        let coding = Coding { codec: (n % 2) as u8, level: 3 - (n % 7) as i8, plain_bytes: u32::from(n) << 8 };
        PackedBlob { id: id(n), kind, offset, sealed_bytes: offset ^ 0xfeed, coding }
    }

    fn locator(packs: &[Vec<u16>], folder: &std::path::Path, memory_bytes_max: usize) -> Locator {
        let mut builder = LocatorBuilder::new(&Scratch { folder: folder.to_owned(), memory_bytes_max });
        for (number, ids) in packs.iter().enumerate() {
            let blobs: Vec<_> = ids.iter().enumerate().map(|(at, n)| blob(*n, 244 + 1000 * at as u32)).collect();
            builder.add(number as PackNumber, &blobs).unwrap();
        }
        builder.finish().unwrap()
    }

    fn copies(locator: &Locator, n: u16) -> Vec<(usize, Located)> {
        locator.copies(&id(n)).unwrap().map(Result::unwrap).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn what_is_found_is_the_same_in_memory_and_on_file(
            packs in prop::collection::vec(prop::collection::vec(0..300_u16, 0..200), 0..12),
            memory_bytes_max in 0..20_000_usize,
            allowed in prop::collection::vec(any::<bool>(), 12),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let in_memory = locator(&packs, folder.path(), Scratch::MEMORY_BYTES_MAX);
            let on_file = locator(&packs, folder.path(), memory_bytes_max);
            prop_assert_eq!(in_memory.len(), packs.iter().map(Vec::len).sum::<usize>());
            prop_assert_eq!((in_memory.len(), in_memory.is_empty()), (on_file.len(), on_file.is_empty()));
            let (all, same): (Vec<_>, Vec<_>) =
                (in_memory.iter().map(Result::unwrap).collect(), on_file.iter().map(Result::unwrap).collect());
            prop_assert_eq!(all, same);
            let mut set = PackSet::none(packs.len());
            (0..packs.len()).filter(|pack| allowed[*pack]).for_each(|pack| set.insert(pack as PackNumber));
            for n in 0..301 {
                let found = copies(&in_memory, n);
                prop_assert_eq!(found.len(), packs.iter().flatten().filter(|other| **other == n).count());
                prop_assert_eq!(&found, &copies(&on_file, n));
                let first = found.iter().map(|(_, located)| located.location).find(|found| set.contains(found.pack));
                prop_assert_eq!(first, in_memory.find(&id(n), &set).unwrap());
                prop_assert_eq!(first, on_file.find(&id(n), &set).unwrap());
            }
        }
    }
}
