//! Chunks that were opened: so many bytes of them, shared by all who read. Several who want one wait for one opening, and only a few
//! are opened at once, since each needs working space.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use vault::blob::BlobKind;
use vault::id::{BlobId, StrandId};
use vault::read::{ReadFault, SnapshotReader};
use vault::tree::ChunkRef;

use super::blocks::{Blocks, Spare};
use super::file_system::locked;

/// A bounded cache of chunks.
pub(super) struct OpenedBlobs {
    bytes_max: usize,
    held: Mutex<Held>,
    finished: Condvar,
    spare: Arc<Spare>,
    /// How many are being opened.
    openings: Mutex<usize>,
    turn: Condvar,
}

/// So many chunks are opened at once. More would find no processor in most machines, and wait for a disk that is slow anyway.
const OPENINGS_MAX: usize = 4;
/// Besides its bytes a chunk that is held takes about so many for itself.
const FIXED_BYTES: usize = 256;

/// Ids are made with a key of the strand.
type Key = (StrandId, BlobId);

#[derive(Default)]
struct Held {
    blobs: HashMap<Key, Slot>,
    /// From the one that was used least lately.
    order: BTreeMap<u64, Key>,
    used: u64,
    bytes: usize,
}

enum Slot {
    /// Somebody opens it.
    Opening,
    Open(Arc<Blocks>, u64),
}

impl OpenedBlobs {
    /// Begins with nothing.
    pub(super) fn new(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            held: Mutex::default(),
            finished: Condvar::new(),
            spare: Arc::default(),
            openings: Mutex::new(0),
            turn: Condvar::new(),
        }
    }

    /// Tells whether a chunk is there, or soon will be.
    pub(super) fn has(&self, reader: &SnapshotReader, chunk: &ChunkRef) -> bool {
        self.locked().blobs.contains_key(&(reader.strand().strand(), chunk.id))
    }

    /// Returns the bytes of a chunk: as many as it says.
    pub(super) fn chunk(&self, reader: &SnapshotReader, chunk: &ChunkRef) -> Result<Arc<Blocks>, ReadFault> {
        let key = (reader.strand().strand(), chunk.id);
        let plain = match self.held_or_mine(&key) {
            Some(plain) => plain,
            None => {
                let opening = Opening { blobs: self, key };
                let turn = self.wait_for_turn();
                let plain =
                    Arc::new(reader.with_blob(BlobKind::Chunk, &chunk.id, |plain| Blocks::new(&self.spare, plain))?);
                drop(turn);
                opening.done(&plain);
                plain
            }
        };
        // A list that is sound may still lie about lengths.
        if plain.len() as u64 == chunk.bytes { Ok(plain) } else { Err(ReadFault::Unlocated { id: chunk.id }) }
    }

    /// Returns what is held; `None` if the caller is the one who opens it.
    fn held_or_mine(&self, key: &Key) -> Option<Arc<Blocks>> {
        let mut held = self.locked();
        loop {
            match held.blobs.get(key) {
                Some(Slot::Open(..)) => return held.touch(key),
                Some(Slot::Opening) => held = self.finished.wait(held).unwrap_or_else(PoisonError::into_inner),
                None => {
                    held.blobs.insert(*key, Slot::Opening);
                    return None;
                }
            }
        }
    }

    fn wait_for_turn(&self) -> Turn<'_> {
        let openings = locked(&self.openings);
        let full = |openings: &mut usize| *openings >= OPENINGS_MAX;
        *self.turn.wait_while(openings, full).unwrap_or_else(PoisonError::into_inner) += 1;
        Turn(self)
    }

    fn locked(&self) -> MutexGuard<'_, Held> {
        locked(&self.held)
    }
}

/// One of the few openings at once.
struct Turn<'b>(&'b OpenedBlobs);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *locked(&self.0.openings) -= 1;
        self.0.turn.notify_one();
    }
}

/// A promise to open a blob. If it is not kept, whoever waits tries for himself.
struct Opening<'b> {
    blobs: &'b OpenedBlobs,
    key: Key,
}

impl Opening<'_> {
    fn done(self, plain: &Arc<Blocks>) {
        let mut held = self.blobs.locked();
        held.keep(self.key, plain);
        held.shrink(self.blobs.bytes_max);
    }
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        let mut held = self.blobs.locked();
        if matches!(held.blobs.get(&self.key), Some(Slot::Opening)) {
            held.blobs.remove(&self.key);
        }
        drop(held);
        self.blobs.finished.notify_all();
    }
}

impl Held {
    fn keep(&mut self, key: Key, plain: &Arc<Blocks>) {
        self.used += 1;
        self.bytes += plain.len() + FIXED_BYTES;
        self.order.insert(self.used, key);
        self.blobs.insert(key, Slot::Open(Arc::clone(plain), self.used));
    }

    fn touch(&mut self, key: &Key) -> Option<Arc<Blocks>> {
        let Some(Slot::Open(plain, used)) = self.blobs.get_mut(key) else { return None };
        self.used += 1;
        self.order.remove(used);
        self.order.insert(self.used, *key);
        *used = self.used;
        Some(Arc::clone(plain))
    }

    fn shrink(&mut self, bytes_max: usize) {
        while self.bytes > bytes_max {
            let Some((_, key)) = self.order.pop_first() else { return };
            if let Some(Slot::Open(plain, _)) = self.blobs.remove(&key) {
                self.bytes -= plain.len() + FIXED_BYTES;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u8) -> Key {
        (StrandId([0; 16]), BlobId([number; 32]))
    }

    #[test]
    fn what_was_used_least_lately_goes_first() {
        let blobs = OpenedBlobs::new(2 * (10 + FIXED_BYTES));
        for number in 1..=2 {
            assert!(blobs.held_or_mine(&key(number)).is_none());
            Opening { blobs: &blobs, key: key(number) }.done(&Arc::new(Blocks::new(&blobs.spare, &[number; 10])));
        }
        assert!(blobs.held_or_mine(&key(1)).is_some());
        assert!(blobs.held_or_mine(&key(3)).is_none());
        Opening { blobs: &blobs, key: key(3) }.done(&Arc::new(Blocks::new(&blobs.spare, &[3; 10])));
        let held = blobs.locked();
        let there = [1, 2, 3].map(|number| held.blobs.contains_key(&key(number)));
        assert_eq!((there, held.bytes, held.order.len()), ([true, false, true], blobs.bytes_max, 2));
    }

    #[test]
    fn an_opening_that_fails_lets_the_next_one_try() {
        let blobs = OpenedBlobs::new(2 * (10 + FIXED_BYTES));
        assert!(blobs.held_or_mine(&key(1)).is_none());
        let tried = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| blobs.held_or_mine(&key(1)).is_none());
            std::thread::sleep(std::time::Duration::from_millis(20));
            drop(Opening { blobs: &blobs, key: key(1) });
            waiting.join().unwrap()
        });
        assert!(tried);
    }
}
