//! Entries that wait until everything else is there, in bounded memory.
//!
//! What is usual of an entry is a few hundred bytes. More of it, extended attributes or a long path, is kept as long as
//! there is room; then it is read from the vault again when its turn comes.

use std::borrow::Cow;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use vault::id::BlobId;
use vault::read::{ReadFault, SnapshotReader};
use vault::tree::{Content, Entry, EntryKind};

use crate::target::DirectoryId;

/// How much there is room for, in bytes, beyond what every entry takes.
pub(super) struct Room(usize);

/// What files that are planned and not done hold, all together, beyond what is usual.
#[derive(Default)]
pub(super) struct Window {
    bytes: Mutex<usize>,
    given_back: Condvar,
}

/// A part of a window, given back when it is dropped.
pub(super) struct Share {
    window: Arc<Window>,
    bytes: usize,
}

/// A directory that gets its attributes when all that is below it is there.
pub(super) struct WaitingDirectory {
    pub id: DirectoryId,
    /// Directories above it.
    pub depth: usize,
    /// Whether it is counted when it has its attributes.
    pub is_counted: bool,
    entry: Entry,
    /// The node that has the whole entry, if only a part is here.
    whole_in: Option<BlobId>,
}

/// A further name of a file.
pub(super) struct WaitingLink {
    pub directory: DirectoryId,
    pub name: Vec<u8>,
    /// Where the first member is, unless that takes too much room.
    first: Option<Vec<u8>>,
    /// The node that has the entry.
    node: BlobId,
}

const ROOM_BYTES: usize = 16 << 20;
const WINDOW_BYTES: usize = 32 << 20;
/// A share may be given back between a look and the wait for it.
const WAIT: Duration = Duration::from_millis(10);
/// Entries up to so many bytes are kept whatever there are of them.
const USUAL_BYTES: usize = 512;

impl Room {
    pub fn new() -> Self {
        Self(ROOM_BYTES)
    }

    /// Takes room for so many bytes, if there is.
    fn take(&mut self, bytes: usize) -> bool {
        if bytes <= USUAL_BYTES {
            return true;
        }
        let left = self.0.checked_sub(bytes);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }
}

impl Window {
    /// Takes a share, if there is room. Whoever is alone may take any.
    pub fn share(self: &Arc<Self>, bytes: usize) -> Option<Share> {
        let bytes = if bytes <= USUAL_BYTES { 0 } else { bytes };
        let mut taken = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = bytes == 0 || *taken == 0 || *taken + bytes <= WINDOW_BYTES;
        fits.then(|| {
            *taken += bytes;
            Share { window: Arc::clone(self), bytes }
        })
    }

    /// Waits until there is room. Whoever waits must hold no share that others cannot give back.
    pub fn wait_for_share(self: &Arc<Self>, bytes: usize) -> Share {
        loop {
            if let Some(share) = self.share(bytes) {
                return share;
            }
            let taken = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
            if *taken > 0 {
                drop(self.given_back.wait_timeout(taken, WAIT));
            }
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.bytes > 0 {
            *self.window.bytes.lock().unwrap_or_else(PoisonError::into_inner) -= self.bytes;
            self.window.given_back.notify_all();
        }
    }
}

impl WaitingDirectory {
    /// Keeps a directory. `node` is that of the directory it is in, which the root of a restore has not.
    pub fn new((id, depth): (DirectoryId, usize), entry: Entry, node: Option<BlobId>, room: &mut Room) -> Self {
        let whole_in = node.filter(|_| !room.take(bytes_of(&entry)));
        let entry = match whole_in {
            Some(_) => Entry { name: entry.name, kind: entry.kind, ..Entry::default() },
            None => entry,
        };
        Self { id, depth, is_counted: true, entry, whole_in }
    }

    /// Returns the whole entry.
    pub fn entry(&self, reader: &SnapshotReader) -> Result<Cow<'_, Entry>, ReadFault> {
        match &self.whole_in {
            Some(node) => reader.entry_in(node, &self.entry.name).map(Cow::Owned),
            None => Ok(Cow::Borrowed(&self.entry)),
        }
    }
}

impl WaitingLink {
    /// Keeps a link that is in a directory with such a node.
    pub fn new(directory: DirectoryId, entry: Entry, node: BlobId, room: &mut Room) -> Self {
        let first = entry.hard_link.filter(|first| room.take(first.len()));
        Self { directory, name: entry.name, first, node }
    }

    /// Returns the path of the first member.
    pub fn first(&self, reader: &SnapshotReader) -> Result<Cow<'_, [u8]>, ReadFault> {
        match &self.first {
            Some(first) => Ok(Cow::Borrowed(first)),
            None => self.entry(reader).map(|entry| Cow::Owned(entry.hard_link.unwrap_or_default())),
        }
    }

    /// Returns the whole entry.
    pub fn entry(&self, reader: &SnapshotReader) -> Result<Entry, ReadFault> {
        reader.entry_in(&self.node, &self.name)
    }
}

/// Returns the node of a directory.
pub(super) fn node_of(entry: &Entry) -> Option<BlobId> {
    match entry.kind {
        EntryKind::Directory { node, .. } => node,
        _ => None,
    }
}

/// About how much memory an entry takes beyond itself, in bytes.
pub(super) fn bytes_of(entry: &Entry) -> usize {
    let names = entry.name.len()
        + [&entry.user, &entry.group].map(|name| name.as_ref().map_or(0, Vec::len)).iter().sum::<usize>();
    let xattrs = entry.xattrs.iter().map(|(name, value)| size_of::<(Vec<u8>, Vec<u8>)>() + name.len() + value.len());
    let content = match &entry.kind {
        EntryKind::File { content: Content::Chunks(chunks), .. } => size_of_val(chunks.as_slice()),
        EntryKind::Symlink { target } => target.len(),
        _ => 0,
    };
    names + xattrs.sum::<usize>() + content + entry.hard_link.as_ref().map_or(0, Vec::len)
}
