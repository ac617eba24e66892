//! Numbers of what the kernel asked for. It holds a number until it forgets it; if too much is held, it is asked to forget.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use vault::tree::{Content, Entry, EntryKind};

use super::shelves::{Node, Stored};

/// The number of the mounted folder.
pub(super) const ROOT: u64 = 1;

/// What has a number. A number never means anything else later.
pub(super) struct Inodes {
    by_number: HashMap<u64, Remembered>,
    by_name: HashMap<(u64, Arc<[u8]>), u64>,
    last: u64,
    bytes: usize,
    bytes_max: usize,
    /// From the one that came first; some may be forgotten since.
    files: VecDeque<u64>,
    folders: VecDeque<u64>,
}

/// A name in a folder that the kernel had better forget.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Stale {
    pub(super) parent: u64,
    pub(super) name: Arc<[u8]>,
}

struct Remembered {
    parent: u64,
    name: Arc<[u8]>,
    node: Node,
    lookups: u64,
    bytes: usize,
}

/// So many are asked to go when one comes and there is no room.
const STALE_MAX: usize = 2;
/// Queues may hold so many numbers of what was forgotten, besides as many as are held.
const FORGOTTEN_MAX: usize = 1024;

impl Inodes {
    /// Begins with the mounted folder. About so many bytes may be held before the kernel is asked to forget.
    pub(super) fn new(bytes_max: usize) -> Self {
        let root = Remembered { parent: ROOT, name: Arc::from(&b""[..]), node: Node::Root, lookups: 1, bytes: 0 };
        Self {
            by_number: HashMap::from([(ROOT, root)]),
            by_name: HashMap::new(),
            last: ROOT,
            bytes: 0,
            bytes_max,
            files: VecDeque::new(),
            folders: VecDeque::new(),
        }
    }

    /// Returns what has a number.
    pub(super) fn node(&self, number: u64) -> Option<Node> {
        self.by_number.get(&number).map(|remembered| remembered.node.clone())
    }

    /// Returns the number of the folder in which something is.
    pub(super) fn parent(&self, number: u64) -> u64 {
        self.by_number.get(&number).map_or(ROOT, |remembered| remembered.parent)
    }

    /// Returns the path of something from the mounted folder.
    pub(super) fn path(&self, number: u64) -> Vec<u8> {
        let mut names = Vec::new();
        let mut at = self.by_number.get(&number);
        while let Some(remembered) = at.filter(|remembered| !remembered.name.is_empty()) {
            names.push(Arc::clone(&remembered.name));
            at = self.by_number.get(&remembered.parent);
        }
        names.reverse();
        names.join(&b'/')
    }

    /// Returns what was found next in the same folder, among so many numbers.
    pub(super) fn following(&self, number: u64, count: u64) -> Vec<Node> {
        let parent = self.parent(number);
        let next = (number + 1..=number + count).filter_map(|number| self.by_number.get(&number));
        next.filter(|remembered| remembered.parent == parent).map(|remembered| remembered.node.clone()).collect()
    }

    /// Counts one more look-up of a name, and gives it a number if it has none.
    pub(super) fn look_up(&mut self, parent: u64, name: &[u8], node: Node) -> u64 {
        let name: Arc<[u8]> = Arc::from(name);
        let key = (parent, name);
        if let Some(number) = self.by_name.get(&key) {
            if let Some(remembered) = self.by_number.get_mut(number) {
                remembered.lookups += 1;
            }
            return *number;
        }
        self.last += 1;
        let number = self.last;
        let is_folder = node_is_folder(&node);
        let bytes = bytes_in_memory(&key.1, &node);
        self.bytes += bytes;
        let name = Arc::clone(&key.1);
        self.by_name.insert(key, number);
        self.by_number.insert(number, Remembered { parent, name, node, lookups: 1, bytes });
        if is_folder { &mut self.folders } else { &mut self.files }.push_back(number);
        number
    }

    /// Takes so many look-ups back.
    pub(super) fn forget(&mut self, number: u64, lookups: u64) {
        if number == ROOT {
            return;
        }
        let Some(remembered) = self.by_number.get_mut(&number) else { return };
        remembered.lookups = remembered.lookups.saturating_sub(lookups);
        if remembered.lookups == 0 {
            let gone = self.by_number.remove(&number).expect("it was just there");
            self.bytes -= gone.bytes;
            self.by_name.remove(&(gone.parent, gone.name));
            self.tidy();
        }
    }

    /// Chooses what the kernel had better forget: the oldest files; folders, in which somebody may stand, only if there is no
    /// other way.
    pub(super) fn stale(&mut self) -> Vec<Stale> {
        let mut stale = Vec::new();
        for (queue, limit) in [(&mut self.files, self.bytes_max), (&mut self.folders, self.bytes_max.saturating_mul(2))]
        {
            let mut tries = queue.len().min(STALE_MAX * 2);
            while self.bytes > limit && stale.len() < STALE_MAX && tries > 0 {
                tries -= 1;
                let Some(number) = queue.pop_front() else { break };
                if let Some(remembered) = self.by_number.get(&number) {
                    stale.push(Stale { parent: remembered.parent, name: Arc::clone(&remembered.name) });
                    // It may be in use and stay.
                    queue.push_back(number);
                }
            }
        }
        stale
    }

    fn tidy(&mut self) {
        let held = &self.by_number;
        for queue in [&mut self.files, &mut self.folders] {
            if queue.len() > 2 * held.len() + FORGOTTEN_MAX {
                queue.retain(|number| held.contains_key(number));
            }
        }
    }
}

fn node_is_folder(node: &Node) -> bool {
    match node {
        Node::Root | Node::Source(_) | Node::Clean(..) => true,
        Node::Latest(_) => false,
        Node::Stored(Stored { entry, .. }) => entry.is_directory(),
    }
}

/// About how much memory a name and what it means take, in bytes.
fn bytes_in_memory(name: &[u8], node: &Node) -> usize {
    /// Two places in tables, two counted pointers, one place in a queue.
    const FIXED: usize = 300;
    let own = match node {
        Node::Root | Node::Source(_) | Node::Latest(_) => 0,
        Node::Stored(Stored { entry, .. }) => entry_bytes(entry),
        Node::Clean(_, path, entry) => path.len() + entry_bytes(entry),
    };
    FIXED + name.len() + own
}

fn entry_bytes(entry: &Entry) -> usize {
    let content = match &entry.kind {
        EntryKind::File { content: Content::Chunks(chunks), .. } => {
            chunks.capacity() * size_of::<vault::tree::ChunkRef>()
        }
        EntryKind::Symlink { target } => target.capacity(),
        _ => 0,
    };
    let attributes: usize = entry.xattrs.iter().map(|(name, value)| 64 + name.capacity() + value.capacity()).sum();
    size_of::<Entry>() + content + attributes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(inodes: &mut Inodes, count: u64) -> Vec<u64> {
        (0..count).map(|at| inodes.look_up(ROOT, format!("{at}").as_bytes(), Node::Latest(0))).collect()
    }

    #[test]
    fn a_name_keeps_its_number_while_it_is_held_and_paths_are_told() {
        let mut inodes = Inodes::new(1 << 20);
        let folder = inodes.look_up(ROOT, b"mairie", Node::Source(0));
        let file = inodes.look_up(folder, b"latest", Node::Latest(0));
        assert_eq!(inodes.look_up(folder, b"latest", Node::Latest(0)), file);
        assert_eq!((inodes.path(file), inodes.parent(file)), (b"mairie/latest".to_vec(), folder));
        inodes.forget(file, 1);
        assert!(inodes.node(file).is_some());
        inodes.forget(file, 1);
        assert!(inodes.node(file).is_none());
        assert_ne!(inodes.look_up(folder, b"latest", Node::Latest(0)), file, "numbers are not used twice");
        assert_eq!(inodes.following(ROOT, 5).len(), 1, "only what is in the same folder");
        inodes.forget(ROOT, u64::MAX);
        assert!(inodes.node(ROOT).is_some());
    }

    #[test]
    fn the_kernel_is_asked_to_forget_what_is_oldest() {
        let mut inodes = Inodes::new(10_000);
        assert!(inodes.stale().is_empty());
        let numbers = many(&mut inodes, 100);
        let name = |at: u64| Stale { parent: ROOT, name: Arc::from(format!("{at}").as_bytes()) };
        assert_eq!(inodes.stale(), [name(0), name(1)]);
        assert_eq!(inodes.stale(), [name(2), name(3)]);
        numbers.iter().for_each(|number| inodes.forget(*number, 1));
        assert!(inodes.stale().is_empty() && inodes.bytes == 0 && inodes.by_name.is_empty());
    }

    #[test]
    fn what_was_forgotten_leaves_nothing_behind() {
        let mut inodes = Inodes::new(usize::MAX);
        for _ in 0..100 {
            let numbers = many(&mut inodes, 100);
            numbers.iter().for_each(|number| inodes.forget(*number, 1));
        }
        assert!(inodes.files.len() <= 2 + FORGOTTEN_MAX, "{}", inodes.files.len());
    }
}
