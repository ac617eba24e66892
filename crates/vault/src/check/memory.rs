//! What is remembered of subtrees, so that those which many snapshots share are walked once.

use std::collections::HashMap;
use std::sync::Arc;

use crate::blob::BlobKind;
use crate::id::BlobId;
use crate::read::{PackNumber, PackSet};

/// So many subtrees are remembered; then the small ones are forgotten, which costs time and nothing else. A hash table of 2^18
/// places holds them, in 31 MiB.
const SUBTREES_MAX: usize = 7 << 15;

/// What was found of a node or chunk list and all that is below.
#[derive(Clone, Default, Debug)]
pub(super) struct Summary {
    /// Its level.
    pub level: u64,
    /// Entries of the directory itself that it leads to.
    pub direct: u64,
    /// Entries below at any depth.
    pub entries: u64,
    /// Those of them that are no directories.
    pub files: u64,
    /// Bytes of content.
    pub bytes: u64,
    /// Paths that lost something.
    pub hurt: u64,
    /// Something that is told of it is not so.
    pub untrue: bool,
    /// First and last name that it leads to; kept where a node above tells of them.
    pub names: Option<Box<(Vec<u8>, Vec<u8>)>>,
    /// The packs that it needs: each sets one bit.
    pub packs: PackBits,
}

/// A coarse set of packs: none is left out, others may seem to be in it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct PackBits([u64; 2]);

impl PackBits {
    pub fn insert(&mut self, pack: PackNumber) {
        self.0[pack as usize / 64 % 2] |= 1 << (pack % 64);
    }

    pub fn join(&mut self, other: Self) {
        self.0[0] |= other.0[0];
        self.0[1] |= other.0[1];
    }

    pub fn meets(&self, other: Self) -> bool {
        self.0[0] & other.0[0] != 0 || self.0[1] & other.0[1] != 0
    }
}

impl Summary {
    /// Adds what is below a directory or a node.
    pub fn add_below(&mut self, below: &Self) {
        self.entries = self.entries.saturating_add(below.entries);
        self.files = self.files.saturating_add(below.files);
        self.bytes = self.bytes.saturating_add(below.bytes);
        self.hurt = self.hurt.saturating_add(below.hurt);
        self.untrue |= below.untrue;
        self.packs.join(below.packs);
    }

    /// What it costs to walk it again, in entries: a chunk list of one level leads to some 256 chunks of a MiB.
    fn weight(&self) -> u64 {
        self.entries.max(self.bytes >> 20)
    }

    /// Takes note of a name that follows; says whether it really does.
    pub fn follow(&mut self, first: &[u8], last: &[u8]) -> bool {
        match &mut self.names {
            None => {
                self.names = Some(Box::new((first.to_vec(), last.to_vec())));
                true
            }
            Some(names) => {
                let follows = names.1.as_slice() < first;
                last.clone_into(&mut names.1);
                follows
            }
        }
    }
}

/// Subtrees of a strand that were walked.
///
/// A sound subtree was walked for one snapshot, whose packs hold all of it. For another it is sound too, unless it may
/// need a pack that the other does not name.
#[derive(Default)]
pub(super) struct Memory {
    sound: HashMap<(BlobKind, BlobId), (Summary, u32)>,
    packs: Vec<Arc<PackSet>>,
    missing: HashMap<u32, PackBits>,
    unsound: HashMap<(BlobKind, BlobId), Summary>,
    lost_lists: HashMap<BlobId, Vec<usize>>,
    pack_count: PackNumber,
}

impl Memory {
    /// Begins another snapshot.
    pub fn begin(&mut self, packs: &Arc<PackSet>, pack_count: PackNumber) {
        self.packs.push(Arc::clone(packs));
        self.pack_count = pack_count;
        self.missing.clear();
        self.unsound.clear();
        self.lost_lists.clear();
    }

    /// Returns what was found of a subtree that is sound for this snapshot too.
    pub fn sound(&mut self, kind: BlobKind, id: &BlobId) -> Option<&Summary> {
        let (summary, walked_for) = self.sound.get(&(kind, *id))?;
        let missing = *self.missing.entry(*walked_for).or_insert_with(|| {
            let (then, now) = (&self.packs[*walked_for as usize], self.packs.last().expect("a snapshot was begun"));
            let mut bits = PackBits::default();
            let gone = (0..self.pack_count).filter(|pack| then.contains(*pack) && !now.contains(*pack));
            gone.for_each(|pack| bits.insert(pack));
            bits
        });
        (!summary.packs.meets(missing)).then_some(summary)
    }

    /// Remembers a subtree.
    pub fn remember(&mut self, kind: BlobKind, id: BlobId, summary: Summary) {
        let sound = summary.hurt == 0 && !summary.untrue;
        if !sound && self.unsound.len() >= SUBTREES_MAX {
            self.unsound.clear();
        }
        if sound && self.sound.len() >= SUBTREES_MAX {
            self.forget_small();
        }
        if sound {
            let walked_for = self.packs.len().saturating_sub(1) as u32;
            self.sound.insert((kind, id), (summary, walked_for));
        } else {
            self.unsound.insert((kind, id), summary);
        }
    }

    /// Makes room: what is quickly walked again goes first.
    fn forget_small(&mut self) {
        let mut weight_min = 2;
        while self.sound.len() > SUBTREES_MAX / 2 {
            self.sound.retain(|_, (summary, _)| summary.weight() >= weight_min);
            weight_min *= 2;
        }
    }

    /// Returns what was found of an unsound subtree in this snapshot.
    pub fn unsound(&self, kind: BlobKind, id: &BlobId) -> Option<&Summary> {
        self.unsound.get(&(kind, *id))
    }

    /// Remembers a chunk list that leads to lost bytes, and the causes.
    pub fn lose_list(&mut self, id: BlobId, causes: Vec<usize>) {
        if self.lost_lists.len() >= SUBTREES_MAX {
            self.lost_lists.clear();
        }
        self.lost_lists.insert(id, causes);
    }

    /// Returns why a chunk list leads to lost bytes in this snapshot, if it is known to.
    pub fn lost_list(&self, id: &BlobId) -> Option<&Vec<usize>> {
        self.lost_lists.get(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(packs: &[PackNumber]) -> Arc<PackSet> {
        let mut set = PackSet::none(300);
        packs.iter().for_each(|pack| set.insert(*pack));
        Arc::new(set)
    }

    #[test]
    fn small_subtrees_are_forgotten_first() {
        let mut memory = Memory::default();
        memory.begin(&set(&[]), 300);
        let id = |number: u64| {
            let mut id = BlobId([0; 32]);
            id.0[..8].copy_from_slice(&number.to_le_bytes());
            id
        };
        for number in 0..2 * SUBTREES_MAX as u64 {
            // Some lists of large files and nodes of large folders among many small ones.
            let (entries, bytes) = match number % 1000 {
                0 => (5000, 0),
                1 => (0, 300 << 20),
                _ => (number % 40, 0),
            };
            memory.remember(BlobKind::Node, id(number), Summary { entries, bytes, ..Summary::default() });
            assert!(memory.sound.len() <= SUBTREES_MAX);
        }
        assert!(
            (0..2 * SUBTREES_MAX as u64)
                .filter(|n| n % 1000 < 2)
                .all(|n| memory.sound(BlobKind::Node, &id(n)).is_some())
        );
        // Should all be as large, they are forgotten at once: memory stays what it is.
        for number in 0..2 * SUBTREES_MAX as u64 {
            memory.remember(BlobKind::Node, id(number + (1 << 40)), Summary { entries: 1 << 40, ..Summary::default() });
            assert!(memory.sound.len() <= SUBTREES_MAX);
        }
    }

    #[test]
    fn a_subtree_is_sound_only_where_its_packs_are_named() {
        let mut memory = Memory::default();
        let id = BlobId([1; 32]);
        let mut summary = Summary::default();
        summary.packs.insert(200);
        memory.begin(&set(&[1, 200]), 300);
        memory.remember(BlobKind::Node, id, summary);
        assert!(memory.sound(BlobKind::Node, &id).is_some());
        memory.begin(&set(&[2, 200]), 300);
        assert!(memory.sound(BlobKind::Node, &id).is_some(), "pack 1 has nothing of it");
        memory.begin(&set(&[1, 2]), 300);
        assert!(memory.sound(BlobKind::Node, &id).is_none(), "pack 200 is not named");
    }
}
