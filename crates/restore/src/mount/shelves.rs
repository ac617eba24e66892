//! What there is to see: sources, their snapshots by date, clean trees, and all that is in them.

use std::sync::Arc;

use vault::read::{Entries, ReadFault, SnapshotReader};
use vault::tree::{Entry, EntryKind};

use super::MountedSource;
use super::nodes::Nodes;
use crate::clean::{CleanEntries, CleanTree, Placed};

/// The name of the link to a source's newest snapshot.
pub(super) const LATEST: &[u8] = b"latest";
/// The name of a source's clean tree.
pub(super) const CLEAN: &[u8] = b"clean";

/// Something that has a name in the mounted folder.
#[derive(Clone)]
pub(super) enum Node {
    /// The mounted folder itself.
    Root,
    /// The folder of a source.
    Source(usize),
    /// The link to a source's newest snapshot.
    Latest(usize),
    /// What a snapshot has.
    Stored(Stored),
    /// A folder of a source's clean tree, by its path from the root.
    Clean(usize, Arc<[u8]>, Arc<Entry>),
}

/// An entry and the snapshot that has it.
#[derive(Clone)]
pub(super) struct Stored {
    pub(super) reader: SnapshotReader,
    pub(super) entry: Arc<Entry>,
}

/// All that is shown.
pub(super) struct Shelves {
    pub(super) sources: Vec<MountedSource>,
    pub(super) nodes: Nodes,
}

/// What is in a folder, one after the other.
pub(super) enum Listing {
    /// Few names, all made up here.
    Few(std::vec::IntoIter<(Vec<u8>, Node)>),
    /// A folder of a snapshot.
    Stored(SnapshotReader, Box<Entries>),
    /// A folder of a clean tree: the source, the path, the entries.
    Clean(usize, Arc<[u8]>, Box<CleanEntries>),
}

impl Shelves {
    /// Finds a name in a folder.
    pub(super) fn child(&self, folder: &Node, name: &[u8]) -> Result<Option<Node>, ReadFault> {
        match folder {
            Node::Root | Node::Source(_) => {
                Ok(self.few(folder).into_iter().find(|(shown, _)| shown == name).map(second))
            }
            Node::Stored(Stored { reader, entry }) => {
                let child = self.nodes.child(reader, entry, name)?;
                Ok(child.map(|child| Node::Stored(Stored { reader: reader.clone(), entry: slim(child) })))
            }
            Node::Clean(source, path, _) => {
                let Some(tree) = self.clean(*source) else { return Ok(None) };
                let below = join(path, name);
                Ok(tree.find(&below)?.map(|placed| placed_node(*source, tree, &below, placed)))
            }
            Node::Latest(_) => Ok(None),
        }
    }

    /// Lists a folder.
    pub(super) fn list(&self, folder: &Node) -> Listing {
        match folder {
            Node::Stored(Stored { reader, entry }) => Listing::Stored(reader.clone(), Box::new(reader.entries(entry))),
            Node::Clean(source, path, _) => match self.clean(*source) {
                Some(tree) => Listing::Clean(*source, Arc::clone(path), Box::new(tree.entries(path))),
                None => Listing::Few(Vec::new().into_iter()),
            },
            _ => Listing::Few(self.few(folder).into_iter()),
        }
    }

    /// Returns the next name of a listing.
    pub(super) fn next(&self, listing: &mut Listing) -> Option<Result<(Vec<u8>, Node), ReadFault>> {
        match listing {
            Listing::Few(few) => few.next().map(Ok),
            Listing::Stored(reader, entries) => Some(entries.next()?.map(|entry| {
                let name = entry.name.clone();
                (name, Node::Stored(Stored { reader: reader.clone(), entry: slim(entry) }))
            })),
            Listing::Clean(source, path, entries) => {
                let tree = self.clean(*source)?;
                Some(entries.next()?.map(|placed| {
                    let name = placed.entry.name.clone();
                    let node = placed_node(*source, tree, &join(path, &name), placed);
                    (name, node)
                }))
            }
        }
    }

    /// Adds up how many entries, and bytes of content, the newest snapshots of all sources have.
    pub(super) fn newest(&self) -> (u64, u64) {
        let newest = self.sources.iter().filter_map(|source| source.snapshots.last());
        newest.fold((0, 0), |(entries, bytes), newest| match newest.reader.root().kind {
            EntryKind::Directory { entries_below, bytes_below, .. } => {
                (entries.saturating_add(entries_below), bytes.saturating_add(bytes_below))
            }
            _ => (entries, bytes),
        })
    }

    fn few(&self, folder: &Node) -> Vec<(Vec<u8>, Node)> {
        match folder {
            Node::Root => {
                let names = self.sources.iter().map(|source| source.name.clone());
                names.enumerate().map(|(at, name)| (name, Node::Source(at))).collect()
            }
            Node::Source(at) => self.of_source(*at),
            _ => Vec::new(),
        }
    }

    fn of_source(&self, at: usize) -> Vec<(Vec<u8>, Node)> {
        let source = &self.sources[at];
        let mut shown: Vec<(Vec<u8>, Node)> = Vec::new();
        for snapshot in &source.snapshots {
            let entry = root_entry(snapshot.reader.root(), snapshot.started);
            shown.push((snapshot.name.clone(), Node::Stored(Stored { reader: snapshot.reader.clone(), entry })));
        }
        if !source.snapshots.is_empty() {
            shown.push((LATEST.to_vec(), Node::Latest(at)));
        }
        if let (Some(tree), Some(newest)) = (&source.clean, source.snapshots.last()) {
            let root = root_entry(tree.snapshots()[tree.base()].root(), newest.started);
            shown.push((CLEAN.to_vec(), Node::Clean(at, Arc::from(&b""[..]), root)));
        }
        shown
    }

    fn clean(&self, source: usize) -> Option<&Arc<CleanTree>> {
        self.sources[source].clean.as_ref()
    }
}

fn second<A, B>((_, second): (A, B)) -> B {
    second
}

fn placed_node(source: usize, tree: &CleanTree, path: &[u8], placed: Placed) -> Node {
    if placed.entry.is_directory() {
        return Node::Clean(source, Arc::from(path), slim(placed.entry));
    }
    Node::Stored(Stored { reader: tree.snapshots()[placed.place].clone(), entry: slim(placed.entry) })
}

/// Returns the entry of a tree's root; one that stands for no folder is given an ordinary folder's attributes.
fn root_entry(root: &Entry, started: vault::tree::FileTime) -> Arc<Entry> {
    let mut entry = root.clone();
    if entry.made_up {
        entry = Entry { kind: entry.kind, mode: 0o755, mtime: started, ctime: started, ..Entry::default() };
    }
    slim(entry)
}

/// Keeps of an entry what is shown of it.
fn slim(entry: Entry) -> Arc<Entry> {
    let mut slim = Entry { name: Vec::new(), user: None, group: None, facts: None, hard_link: None, ..entry };
    slim.xattrs.shrink_to_fit();
    if let EntryKind::File { sha256, .. } = &mut slim.kind {
        *sha256 = None;
    }
    Arc::new(slim)
}

fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}
