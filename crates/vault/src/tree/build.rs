//! Building the nodes of a directory, entry by entry (`docs/format.md` §7, *Splitting*).

use crate::blob::BlobKind;
use crate::bytes::Writer;
use crate::id::BlobId;
use crate::secret::SecretKey;

/// A node is closed at this many items; a reader accepts no more.
pub(super) const ITEMS_MAX: usize = 512;
/// A node is closed at this many bytes.
const BYTES_MAX: usize = 128 << 10;
/// A node is never closed before this many items, so that every level is smaller than the one below.
const ITEMS_MIN: usize = 2;

/// Takes finished blobs of a tree and names them.
pub trait BlobSink {
    /// What can go wrong.
    type Error;

    /// Keeps a blob and returns its id.
    fn keep(&mut self, kind: BlobKind, plain: &[u8]) -> Result<BlobId, Self::Error>;
}

/// Decides where nodes end.
#[derive(Clone)]
pub struct Splitter(SecretKey);

impl Splitter {
    /// Makes the splitter of a strand.
    pub fn new(chunk_seed: &SecretKey) -> Self {
        Self(chunk_seed.clone())
    }

    fn ends_after(&self, name: &[u8], level: usize) -> bool {
        let mut hasher = blake3::Hasher::new_keyed(self.0.expose());
        hasher.update(b"beffroi split v0").update(name);
        let hash = u64::from_le_bytes(hasher.finalize().as_bytes()[..8].try_into().expect("eight bytes"));
        // Beyond ten levels (64^10 entries) the bits are used up; nodes then end at their maximum only.
        level < 10 && (hash >> (6 * level)).is_multiple_of(64)
    }
}

/// Builds the nodes of one directory from its entries, sorted by name.
pub struct DirectoryBuilder {
    levels: Vec<OpenNode>,
}

#[derive(Default)]
struct OpenNode {
    items: Vec<u8>,
    count: usize,
    first: Vec<u8>,
    entries: u64,
    only_child: Option<BlobId>,
}

impl Default for DirectoryBuilder {
    fn default() -> Self {
        Self { levels: vec![OpenNode::default()] }
    }
}

impl DirectoryBuilder {
    /// Adds an entry, already written; names must ascend.
    pub fn add<S: BlobSink>(
        &mut self,
        name: &[u8],
        entry: &[u8],
        splitter: &Splitter,
        sink: &mut S,
    ) -> Result<(), S::Error> {
        self.push(0, name, entry, 1, None, splitter, sink)
    }

    /// Closes the directory and returns its top node; `None` if it is empty.
    pub fn finish<S: BlobSink>(mut self, splitter: &Splitter, sink: &mut S) -> Result<Option<BlobId>, S::Error> {
        let mut level = 0;
        loop {
            let top = level + 1 == self.levels.len();
            let open = &self.levels[level];
            if top && level > 0 && open.count == 1 {
                return Ok(open.only_child);
            }
            if top {
                return if open.count == 0 { Ok(None) } else { self.close(level, sink).map(|node| Some(node.0)) };
            }
            if open.count > 0 {
                self.close_into_next(level, splitter, sink)?;
            }
            level += 1;
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one place in the tree, one item, and where blobs go")]
    fn push<S: BlobSink>(
        &mut self,
        level: usize,
        name: &[u8],
        item: &[u8],
        entries: u64,
        child: Option<BlobId>,
        splitter: &Splitter,
        sink: &mut S,
    ) -> Result<(), S::Error> {
        if self.levels.len() == level {
            self.levels.push(OpenNode::default());
        }
        let open = &mut self.levels[level];
        if open.count == 0 {
            open.first = name.to_vec();
        }
        open.items.extend_from_slice(item);
        open.count += 1;
        open.entries += entries;
        open.only_child = child;
        let full = open.count >= ITEMS_MAX || open.items.len() >= BYTES_MAX;
        let natural = open.count >= ITEMS_MIN && splitter.ends_after(name, level);
        if full || natural { self.close_into_next(level, splitter, sink) } else { Ok(()) }
    }

    fn close_into_next<S: BlobSink>(
        &mut self,
        level: usize,
        splitter: &Splitter,
        sink: &mut S,
    ) -> Result<(), S::Error> {
        let (id, first, entries) = self.close(level, sink)?;
        let mut item = Writer::default();
        item.array(3).bytes(&first).bytes(&id.0).unsigned(entries);
        self.push(level + 1, &first, &item.finish(), entries, Some(id), splitter, sink)
    }

    /// Writes the open node of a level; returns its id, first name and number of entries.
    fn close<S: BlobSink>(&mut self, level: usize, sink: &mut S) -> Result<(BlobId, Vec<u8>, u64), S::Error> {
        let open = std::mem::take(&mut self.levels[level]);
        let mut node = Writer::default();
        node.map(2).unsigned(0).unsigned(level as u64).unsigned(1).array(open.count).raw(&open.items);
        let id = sink.keep(BlobKind::Node, &node.finish())?;
        Ok((id, open.first, open.entries))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use super::*;
    use crate::tree::{Entry, EntryKind, Node, parse_node, write_entry};

    #[derive(Default)]
    struct Kept(BTreeMap<BlobId, Vec<u8>>);

    impl BlobSink for Kept {
        type Error = Infallible;
        fn keep(&mut self, kind: BlobKind, plain: &[u8]) -> Result<BlobId, Infallible> {
            let id = kind.id(&SecretKey::new([8; 32]), plain);
            self.0.insert(id, plain.to_vec());
            Ok(id)
        }
    }

    fn build(names: impl IntoIterator<Item = String>, kept: &mut Kept) -> Option<BlobId> {
        let splitter = Splitter::new(&SecretKey::new([7; 32]));
        let mut builder = DirectoryBuilder::default();
        for name in names {
            let entry = Entry { name: name.into_bytes(), kind: EntryKind::Fifo, ..Entry::default() };
            let Ok(()) = builder.add(&entry.name, &write_entry(&entry), &splitter, kept);
        }
        let Ok(top) = builder.finish(&splitter, kept);
        top
    }

    fn read(kept: &Kept, id: &BlobId, names: &mut Vec<Vec<u8>>) {
        match parse_node(&kept.0[id]).unwrap() {
            Node::Leaf(entries) => names.extend(entries.into_iter().map(|entry| entry.name)),
            Node::Branch(_, children) => children.iter().for_each(|child| {
                let before = names.len();
                read(kept, &child.id, names);
                assert_eq!(names[before], child.first);
                assert_eq!((names.len() - before) as u64, child.entries);
            }),
        }
    }

    #[test]
    fn directories_of_any_size_are_read_back_in_order() {
        for count in [0, 1, 2, 63, 600, 40_000] {
            let names: Vec<_> = (0..count).map(|n| format!("{n:08}.eml")).collect();
            let mut kept = Kept::default();
            let top = build(names.clone(), &mut kept);
            let mut found = Vec::new();
            if let Some(top) = top {
                read(&kept, &top, &mut found);
            }
            assert_eq!(found, names.iter().map(|n| n.as_bytes().to_vec()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn one_name_more_rewrites_a_few_kilobytes() {
        let names: Vec<_> = (0..100_000).map(|n| format!("{n:08}.eml")).collect();
        let mut kept = Kept::default();
        build(names.clone(), &mut kept);
        let before = kept.0.len();
        let mut more = names;
        more.insert(50_000, "00049999.eml:2,S".into());
        build(more, &mut kept);
        let added: Vec<_> = kept.0.len().checked_sub(before).into_iter().collect();
        assert!(added[0] <= 4, "{added:?} nodes written");
    }
}
