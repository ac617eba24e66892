//! What is remembered of subtrees, so that those which many snapshots share are walked once.

use std::collections::HashMap;
use std::sync::Arc;

use crate::blob::BlobKind;
use crate::id::BlobId;
use crate::read::{PackNumber, PackSet};

/// So many sound subtrees are remembered; then all are forgotten, which costs time and nothing else.
const SUBTREES_MAX: usize = 1 << 20;

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
    pub names: Option<(Vec<u8>, Vec<u8>)>,
    /// The packs that it needs: each sets one bit.
    pub packs: PackBits,
}

/// A coarse set of packs: none is left out, others may seem to be in it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct PackBits(u128);

impl PackBits {
    pub fn insert(&mut self, pack: PackNumber) {
        self.0 |= 1 << (pack % 128);
    }

    pub fn join(&mut self, other: Self) {
        self.0 |= other.0;
    }

    pub fn meets(&self, other: Self) -> bool {
        self.0 & other.0 != 0
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

    /// Takes note of a name that follows; says whether it really does.
    pub fn follow(&mut self, first: &[u8], last: &[u8]) -> bool {
        match &mut self.names {
            None => {
                self.names = Some((first.to_vec(), last.to_vec()));
                true
            }
            Some((_, before)) => {
                let follows = before.as_slice() < first;
                last.clone_into(before);
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
        let room = if sound { self.sound.len() } else { self.unsound.len() };
        match (sound, room >= SUBTREES_MAX) {
            (true, true) => self.sound.clear(),
            (false, true) => self.unsound.clear(),
            _ => {}
        }
        if sound {
            let walked_for = self.packs.len().saturating_sub(1) as u32;
            self.sound.insert((kind, id), (summary, walked_for));
        } else {
            self.unsound.insert((kind, id), summary);
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
