//! How much each phase of an order is.

use std::collections::{BTreeMap, HashSet};

use vault::id::BlobId;
use vault::read::WalkItem;
use vault::tree::{Entry, EntryKind};

use super::{Order, Phase};
use crate::clean::{Choice, CleanTree};

/// How much comes back in a phase.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Amount {
    /// Entries that are no directories.
    pub files: u64,
    /// Bytes of content.
    pub bytes: u64,
    /// Bytes that are read from the vault. What several files share is counted once, with the first of them in the order of paths;
    /// what cannot be found is not counted.
    pub stored_bytes: u64,
}

impl Amount {
    /// Adds another amount.
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            files: self.files + other.files,
            bytes: self.bytes + other.bytes,
            stored_bytes: self.stored_bytes + other.stored_bytes,
        }
    }
}

/// So many contents are told apart; of more, some are counted twice.
const CONTENTS_MAX: usize = 1 << 23;

/// Counts what each phase of an order gives back. Returns nothing if it was stopped; `looked_at` hears of so many files more, and says
/// whether to stop.
pub fn survey(
    tree: &CleanTree,
    order: &Order,
    looked_at: &mut dyn FnMut(u64) -> bool,
) -> Option<BTreeMap<Phase, Amount>> {
    let mut surveyor = Surveyor { tree, order, amounts: BTreeMap::new(), seen: HashSet::new() };
    let base = &tree.snapshots()[tree.base()];
    for item in base.walk(base.root()) {
        if let WalkItem::Entry(path, entry) = item
            && !entry.is_directory()
            && tree.choice(&path).is_none()
        {
            surveyor.count(tree.base(), &path, &entry);
            if looked_at(1) {
                return None;
            }
        }
    }
    for (path, choice) in tree.choices() {
        if let Choice::From(place) = choice
            && let Ok(Some(entry)) = tree.snapshots()[place].find(&path)
            && !entry.is_directory()
        {
            surveyor.count(place, &path, &entry);
            if looked_at(1) {
                return None;
            }
        }
    }
    Some(surveyor.amounts)
}

struct Surveyor<'s> {
    tree: &'s CleanTree,
    order: &'s Order,
    amounts: BTreeMap<Phase, Amount>,
    seen: HashSet<u64>,
}

impl Surveyor<'_> {
    fn count(&mut self, place: usize, path: &[u8], entry: &Entry) {
        let amount = self.amounts.entry(self.order.phase(path, entry)).or_default();
        amount.files += 1;
        // A further name has no content of its own.
        if entry.hard_link.is_some() || !matches!(entry.kind, EntryKind::File { .. }) {
            return;
        }
        amount.bytes += entry.size();
        let reader = &self.tree.snapshots()[place];
        for chunk in reader.chunks(entry).filter_map(Result::ok).filter(|chunk| !chunk.is_zeros()) {
            let is_new = self.seen.len() >= CONTENTS_MAX || self.seen.insert(number(&chunk.id));
            if is_new && let Ok(location) = reader.locate(&chunk) {
                amount.stored_bytes += u64::from(location.sealed_bytes);
            }
        }
    }
}

fn number(id: &BlobId) -> u64 {
    u64::from_le_bytes(*id.0.first_chunk().expect("an id has 32 bytes"))
}
