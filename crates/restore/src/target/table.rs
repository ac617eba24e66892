//! The directories that are known, and those of them that are open.
//!
//! A directory costs 16 bytes and its name. At most [`open_max`] descriptors stay open; the others are opened again
//! from their nearest open ancestor, one component at a time, so that neither depth nor PATH_MAX matters.

use std::collections::{BTreeMap, HashMap};
use std::os::fd::OwnedFd;
use std::sync::Arc;

use crate::TreePath;

/// A directory of a target.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DirectoryId(u32);

impl DirectoryId {
    /// The target's own directory.
    pub const ROOT: Self = Self(0);
}

/// The directories of a target.
pub(super) struct Table {
    nodes: Vec<Node>,
    names: Vec<u8>,
    open: HashMap<DirectoryId, Open>,
    /// The open ones by their last use.
    by_use: BTreeMap<u64, DirectoryId>,
    uses: u64,
    open_max: usize,
}

/// What is known of a directory besides its place.
#[derive(Clone, Copy)]
pub(super) struct Traits {
    /// It was made by us: nothing was in it before.
    pub created: bool,
    /// It has a default ACL, which the kernel gives to whatever is made in it.
    pub inherits: bool,
}

struct Node {
    name_start: usize,
    parent: DirectoryId,
    name_bytes: u8,
    traits: Traits,
}

struct Open {
    fd: Arc<OwnedFd>,
    last_use: u64,
}

impl Table {
    pub(super) fn new(created: bool, inherits: bool, open_max: usize) -> Self {
        let root =
            Node { name_start: 0, parent: DirectoryId::ROOT, name_bytes: 0, traits: Traits { created, inherits } };
        let (open, by_use) = (HashMap::new(), BTreeMap::new());
        Self { nodes: vec![root], names: Vec::new(), open, by_use, uses: 0, open_max }
    }

    /// Adds a directory whose name is a component; `None` if ids are exhausted.
    pub(super) fn add(
        &mut self,
        parent: DirectoryId,
        name: &[u8],
        created: bool,
        inherits: bool,
    ) -> Option<DirectoryId> {
        let id = DirectoryId(u32::try_from(self.nodes.len()).ok()?);
        let name_bytes = u8::try_from(name.len()).ok()?;
        self.nodes.push(Node {
            name_start: self.names.len(),
            parent,
            name_bytes,
            traits: Traits { created, inherits },
        });
        self.names.extend_from_slice(name);
        Some(id)
    }

    /// Returns the traits; those of an unknown id are the careful ones.
    pub(super) fn traits(&self, id: DirectoryId) -> Traits {
        self.nodes.get(id.0 as usize).map_or(Traits { created: false, inherits: true }, |node| node.traits)
    }

    pub(super) fn set_inherits(&mut self, id: DirectoryId) {
        if let Some(node) = self.nodes.get_mut(id.0 as usize) {
            node.traits.inherits = true;
        }
    }

    pub(super) fn name(&self, id: DirectoryId) -> &[u8] {
        self.nodes.get(id.0 as usize).map_or(&[], |node| &self.names[node.name_start..][..usize::from(node.name_bytes)])
    }

    pub(super) fn path(&self, id: DirectoryId) -> TreePath {
        let mut way = Vec::new();
        let mut at = id;
        while let Some(node) = self.nodes.get(at.0 as usize)
            && at != DirectoryId::ROOT
        {
            way.push(at);
            at = node.parent;
        }
        let names: Vec<&[u8]> = way.into_iter().rev().map(|step| self.name(step)).collect();
        TreePath::new(names.join(&b'/'))
    }

    /// Returns the nearest open ancestor, or `id` itself, and the ids from `id` up to below it; `None` if unknown.
    pub(super) fn nearest_open(
        &mut self,
        id: DirectoryId,
        root: &Arc<OwnedFd>,
    ) -> Option<(Arc<OwnedFd>, Vec<DirectoryId>)> {
        let mut way = Vec::new();
        let mut at = id;
        while at != DirectoryId::ROOT {
            let parent = self.nodes.get(at.0 as usize)?.parent;
            if let Some(open) = self.open.get_mut(&at) {
                self.uses += 1;
                self.by_use.remove(&open.last_use);
                self.by_use.insert(self.uses, at);
                open.last_use = self.uses;
                return Some((Arc::clone(&open.fd), way));
            }
            way.push(at);
            at = parent;
        }
        Some((Arc::clone(root), way))
    }

    /// Keeps a descriptor, letting go of the one that was not used for longest.
    pub(super) fn remember(&mut self, id: DirectoryId, fd: &Arc<OwnedFd>) {
        self.uses += 1;
        let (fd, last_use) = (Arc::clone(fd), self.uses);
        if let Some(before) = self.open.insert(id, Open { fd, last_use }) {
            self.by_use.remove(&before.last_use);
        }
        self.by_use.insert(last_use, id);
        if self.open.len() > self.open_max
            && let Some((_, oldest)) = self.by_use.pop_first()
        {
            self.open.remove(&oldest);
        }
    }

    /// Keeps at most so many descriptors from now on.
    #[cfg(test)]
    pub(super) fn keep_at_most(&mut self, open_max: usize) {
        self.open_max = open_max;
    }

    /// Returns how many descriptors are kept.
    #[cfg(test)]
    pub(super) fn open_count(&self) -> usize {
        self.open.len()
    }
}

/// Returns how many directories may stay open: half of the descriptors that this process may have.
///
/// Files that share content are written together, wherever they are: with 256 directories a tree of 18,775 opened each four times.
pub(super) fn open_max() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit.map_or(OPEN_MAX, |limit| usize::try_from(limit / 2).unwrap_or(OPEN_MAX)).clamp(OPEN_MIN, OPEN_MAX)
}

const OPEN_MIN: usize = 64;
const OPEN_MAX: usize = 8192;
