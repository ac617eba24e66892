//! Where each blob is.

use std::ops::Range;

use crate::blob::{BlobKind, Coding};
use crate::id::BlobId;
use crate::pack::PackedBlob;

/// A pack among those that a reader knows.
pub type PackNumber = u32;

/// Where a blob lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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

/// Blobs by id. One blob may lie in several packs.
#[derive(Default)]
pub struct Locator {
    blobs: Vec<(BlobId, Location)>,
}

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

impl Locator {
    /// Adds the blobs of a pack; [`Locator::sort`] must follow before anything is found.
    pub(super) fn add(&mut self, pack: PackNumber, blobs: &[PackedBlob]) {
        self.blobs.reserve(blobs.len());
        for blob in blobs {
            let location = Location {
                pack,
                offset: blob.offset,
                sealed_bytes: blob.sealed_bytes,
                coding: blob.coding,
                kind: blob.kind,
            };
            self.blobs.push((blob.id, location));
        }
    }

    pub(super) fn sort(&mut self) {
        self.blobs.sort_unstable_by_key(|(id, location)| (*id, location.pack, location.offset));
    }

    /// Finds a blob in some of the packs.
    pub fn find(&self, id: &BlobId, allowed: &PackSet) -> Option<Location> {
        self.copies(id).map(|place| self.blobs[place].1).find(|location| allowed.contains(location.pack))
    }

    /// Returns the places of all copies of a blob, for [`Locator::at`].
    pub fn copies(&self, id: &BlobId) -> Range<usize> {
        let start = self.blobs.partition_point(|(other, _)| other < id);
        let count = self.blobs[start..].iter().take_while(|(other, _)| other == id).count();
        start..start + count
    }

    /// Returns the blob at a place, below [`Locator::len`].
    pub fn at(&self, place: usize) -> &(BlobId, Location) {
        &self.blobs[place]
    }

    /// All blobs, sorted by id.
    pub fn iter(&self) -> impl Iterator<Item = &(BlobId, Location)> {
        self.blobs.iter()
    }

    /// How many blobs there are, copies counted.
    pub fn len(&self) -> usize {
        self.blobs.len()
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.blobs.is_empty()
    }
}
