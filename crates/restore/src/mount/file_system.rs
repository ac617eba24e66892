//! What the kernel asks, and what it is answered.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use crossbeam_channel::Sender;
use fuser::{
    Errno, FileHandle, Filesystem, FopenFlags, Generation, INodeNo, InitFlags, KernelConfig, LockOwner, OpenAccMode,
    OpenFlags, ReplyAttr, ReplyData, ReplyDirectoryPlus, ReplyEmpty, ReplyEntry, ReplyLseek, ReplyOpen, ReplyStatfs,
    ReplyXattr, Request,
};
use vault::read::ReadFault;
use vault::tree::{Entry, EntryKind};

use super::MountFault;
use super::ahead::Ahead;
use super::attributes::{attributes, nothing};
use super::folder::OpenFolder;
use super::handles::{Handles, OpenFile};
use super::inodes::{Inodes, Stale};
use super::opened::OpenedBlobs;
use super::pieces::FilePieces;
use super::shelves::{Node, Shelves, Stored};

/// Nothing changes: the kernel need not ask twice.
const VALID: Duration = Duration::from_secs(24 * 3600);
/// Numbers are not used twice, so there is one generation of them.
const GENERATION: Generation = Generation(0);
/// Faults that were told are remembered up to so many, and then told again.
const TOLD_MAX: usize = 4096;
/// The first entry of a folder comes after `.` and `..`.
const DOTS: u64 = 2;
/// How large the newest snapshots are is told in blocks of so many bytes.
const BLOCK_BYTES: u32 = 4096;
/// Of so many entries that follow a file in its folder the content is opened ahead.
const NEIGHBOURS_MAX: u64 = 4;
/// A name has at most so many bytes.
const NAME_BYTES_MAX: u32 = 255;

/// The mounted folder.
pub(super) struct VaultFiles {
    pub(super) shelves: Shelves,
    pub(super) blobs: Arc<OpenedBlobs>,
    pub(super) ahead: Ahead,
    pub(super) inodes: Mutex<Inodes>,
    pub(super) stale: Sender<Stale>,
    pub(super) faults: mpsc::Sender<MountFault>,
    pub(super) open: Handles,
    /// The file that was begun last.
    pub(super) begun: AtomicU64,
    /// The kernel need not ask when somebody opens a file.
    pub(super) opens_alone: bool,
    /// The kernel lets others look as modes and access lists say.
    pub(super) others: bool,
    pub(super) told: Mutex<HashSet<String>>,
}

impl Filesystem for VaultFiles {
    fn init(&mut self, _: &Request, config: &mut KernelConfig) -> io::Result<()> {
        let refused = |_| io::Error::from(io::ErrorKind::Unsupported);
        // With the names come the attributes, which lie beside them in a vault.
        config.add_capabilities(InitFlags::FUSE_DO_READDIRPLUS).map_err(refused)?;
        // Older kernels are slower, and right all the same.
        let _ = config.add_capabilities(InitFlags::FUSE_PARALLEL_DIROPS);
        let _ = config.add_capabilities(InitFlags::FUSE_CACHE_SYMLINKS);
        self.opens_alone = config.add_capabilities(InitFlags::FUSE_NO_OPEN_SUPPORT).is_ok();
        if self.others {
            // A mode alone would let a group in that an access list keeps out.
            config.add_capabilities(InitFlags::FUSE_POSIX_ACL).map_err(refused)?;
        }
        Ok(())
    }

    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let name = name.as_bytes();
        let found = self.node(parent).and_then(|folder| {
            self.shelves.child(&folder, name).map_err(|fault| self.told_fault(parent.0, name, fault))
        });
        match found {
            Ok(None) => reply.entry(&VALID, &nothing(), GENERATION),
            Ok(Some(node)) => {
                let number = self.look_up(parent.0, name, node.clone());
                reply.entry(&VALID, &attributes(&self.shelves, number, &node), GENERATION);
            }
            Err(error) => reply.error(error),
        }
    }

    fn forget(&self, _: &Request, number: INodeNo, lookups: u64) {
        locked(&self.inodes).forget(number.0, lookups);
    }

    fn getattr(&self, _: &Request, number: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        match self.node(number) {
            Ok(node) => reply.attr(&VALID, &attributes(&self.shelves, number.0, &node)),
            Err(error) => reply.error(error),
        }
    }

    fn readlink(&self, _: &Request, number: INodeNo, reply: ReplyData) {
        match self.node(number) {
            Ok(Node::Latest(source)) => match self.shelves.sources[source].snapshots.last() {
                Some(newest) => reply.data(&newest.name),
                None => reply.error(Errno::ENOENT),
            },
            Ok(Node::Stored(Stored { entry, .. })) => match &entry.kind {
                EntryKind::Symlink { target } => reply.data(target),
                _ => reply.error(Errno::EINVAL),
            },
            Ok(_) => reply.error(Errno::EINVAL),
            Err(error) => reply.error(error),
        }
    }

    fn open(&self, _: &Request, number: INodeNo, flags: OpenFlags, reply: ReplyOpen) {
        if flags.acc_mode() != OpenAccMode::O_RDONLY {
            return reply.error(Errno::EROFS);
        }
        // The kernel opens from now on without asking; it is told what to do if it does not know how.
        match self.file(number) {
            Ok(_) if self.opens_alone => reply.error(Errno::ENOSYS),
            Ok(_) => reply.opened(FileHandle(0), FopenFlags::FOPEN_KEEP_CACHE),
            Err(error) => reply.error(error),
        }
    }

    fn read(
        &self,
        _: &Request,
        number: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let file = match self.file(number) {
            Ok(file) => file,
            Err(error) => return reply.error(error),
        };
        match file.pieces.read(&self.blobs, offset, size as usize) {
            Ok(bytes) => {
                reply.data(&bytes);
                let end = offset.saturating_add(bytes.len() as u64);
                self.ahead.after(&self.blobs, &file.pieces, &file.progress, (offset, end));
                if offset == 0 {
                    self.open_neighbours(number.0);
                }
            }
            Err(fault) => reply.error(self.told_fault(number.0, b"", fault)),
        }
    }

    fn lseek(&self, _: &Request, number: INodeNo, _: FileHandle, offset: i64, whence: i32, reply: ReplyLseek) {
        let file = match self.file(number) {
            Ok(file) => file,
            Err(error) => return reply.error(error),
        };
        let size = file.pieces.bytes().min(i64::MAX as u64);
        let (Ok(offset), true) = (u64::try_from(offset), [SEEK_DATA, SEEK_HOLE].contains(&whence)) else {
            return reply.error(Errno::EINVAL);
        };
        if offset >= size {
            return reply.error(Errno::ENXIO);
        }
        match file.pieces.next(offset, whence == SEEK_DATA) {
            Ok(found) if whence == SEEK_DATA && found >= size => reply.error(Errno::ENXIO),
            Ok(found) => reply.offset(i64::try_from(found.min(size)).unwrap_or(i64::MAX)),
            Err(fault) => reply.error(self.told_fault(number.0, b"", fault)),
        }
    }

    fn release(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        _: OpenFlags,
        _: Option<LockOwner>,
        _: bool,
        reply: ReplyEmpty,
    ) {
        reply.ok();
    }

    fn opendir(&self, _: &Request, number: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        match self.node(number) {
            Ok(node) => {
                let handle = self.open.open_folder(OpenFolder::new(&self.shelves, &node));
                reply.opened(FileHandle(handle), FopenFlags::FOPEN_KEEP_CACHE | FopenFlags::FOPEN_CACHE_DIR);
            }
            Err(error) => reply.error(error),
        }
    }

    fn readdirplus(
        &self,
        _: &Request,
        number: INodeNo,
        handle: FileHandle,
        offset: u64,
        mut reply: ReplyDirectoryPlus,
    ) {
        let Some(folder) = self.open.folder(handle.0) else { return reply.error(Errno::EBADF) };
        let mut folder = locked(&folder);
        if !self.add_dots(number, offset, &mut reply) {
            return reply.ok();
        }
        let mut fault = |fault: ReadFault| {
            self.told_fault(number.0, b"", fault);
        };
        folder.go_to(&self.shelves, offset.saturating_sub(DOTS), &mut fault);
        let mut added = offset < DOTS;
        while let Some((place, (name, node))) = folder.peek(&self.shelves, &mut fault) {
            let child = self.look_up(number.0, name, node.clone());
            let about = attributes(&self.shelves, child, node);
            let next = place + DOTS + 1;
            if reply.add(INodeNo(child), next, OsStr::from_bytes(name), &VALID, &about, GENERATION) {
                locked(&self.inodes).forget(child, 1);
                return reply.ok();
            }
            added = true;
            folder.take();
        }
        // What can be read was handed out; that this is not all must be known.
        if folder.is_damaged() && !added { reply.error(Errno::EIO) } else { reply.ok() }
    }

    fn releasedir(&self, _: &Request, _: INodeNo, handle: FileHandle, _: OpenFlags, reply: ReplyEmpty) {
        self.open.close_folder(handle.0);
        reply.ok();
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        let (entries, bytes) = self.shelves.newest();
        reply.statfs(bytes.div_ceil(BLOCK_BYTES.into()), 0, 0, entries, 0, BLOCK_BYTES, NAME_BYTES_MAX, BLOCK_BYTES);
    }

    fn getxattr(&self, _: &Request, number: INodeNo, name: &OsStr, size: u32, reply: ReplyXattr) {
        match self.entry(number) {
            Ok(entry) => match entry.xattrs.iter().find(|(known, _)| known == name.as_bytes()) {
                Some((_, value)) => attribute(value, size, reply),
                None => reply.error(Errno::NO_XATTR),
            },
            Err(error) => reply.error(error),
        }
    }

    fn listxattr(&self, _: &Request, number: INodeNo, size: u32, reply: ReplyXattr) {
        match self.entry(number) {
            Ok(entry) => {
                let mut names = Vec::new();
                // A name that the kernel could not take for one would spoil all others.
                let sound = entry.xattrs.iter().filter(|(name, _)| !name.is_empty() && !name.contains(&0));
                sound.for_each(|(name, _)| names.extend(name.iter().chain([&0])));
                attribute(&names, size, reply);
            }
            Err(error) => reply.error(error),
        }
    }
}

/// `whence` of lseek(2) for the next data, and for the next hole, on Linux.
const SEEK_DATA: i32 = 3;
const SEEK_HOLE: i32 = 4;

impl VaultFiles {
    fn node(&self, number: INodeNo) -> Result<Node, Errno> {
        locked(&self.inodes).node(number.0).ok_or(Errno::ESTALE)
    }

    /// Returns a file that is read, one that was read lately if it can.
    fn file(&self, number: INodeNo) -> Result<Arc<OpenFile>, Errno> {
        if let Some(file) = self.open.file(number.0) {
            return Ok(file);
        }
        match self.node(number)? {
            Node::Stored(Stored { reader, entry }) if matches!(entry.kind, EntryKind::File { .. }) => {
                Ok(self.open.keep_file(number.0, FilePieces::new(&reader, &entry)))
            }
            _ => Err(Errno::EINVAL),
        }
    }

    /// Opens the beginnings of the next files, if files are read one after the other in the order of their folder.
    fn open_neighbours(&self, number: u64) {
        let before = self.begun.swap(number, Ordering::Relaxed);
        if !(1..=NEIGHBOURS_MAX).contains(&number.wrapping_sub(before)) {
            return;
        }
        let following = locked(&self.inodes).following(number, NEIGHBOURS_MAX);
        for node in following {
            if let Node::Stored(Stored { reader, entry }) = node {
                self.ahead.beginning(&self.blobs, &reader, &entry);
            }
        }
    }

    /// Returns the entry that stands behind a number; an empty one for what is made up.
    fn entry(&self, number: INodeNo) -> Result<Arc<Entry>, Errno> {
        Ok(match self.node(number)? {
            Node::Stored(Stored { entry, .. }) | Node::Clean(_, _, entry) => entry,
            Node::Root | Node::Source(_) | Node::Latest(_) => Arc::default(),
        })
    }

    fn look_up(&self, parent: u64, name: &[u8], node: Node) -> u64 {
        let mut inodes = locked(&self.inodes);
        let number = inodes.look_up(parent, name, node);
        for stale in inodes.stale() {
            // If many wait already, these come again.
            let _ = self.stale.try_send(stale);
        }
        number
    }

    /// Adds `.` and `..`, if they are wanted; tells whether there is room for more. The kernel does not count them as looked up.
    fn add_dots(&self, number: INodeNo, offset: u64, reply: &mut ReplyDirectoryPlus) -> bool {
        let parent = locked(&self.inodes).parent(number.0);
        let dots = [(".", number.0), ("..", parent)];
        for (place, (name, number)) in (0..).zip(dots) {
            if place < offset {
                continue;
            }
            let Ok(node) = self.node(INodeNo(number)) else { continue };
            let about = attributes(&self.shelves, number, &node);
            if reply.add(INodeNo(number), place + 1, name, &VALID, &about, GENERATION) {
                return false;
            }
        }
        true
    }

    /// Tells a fault, once for each object that has it, and what to answer for it.
    fn told_fault(&self, number: u64, name: &[u8], fault: ReadFault) -> Errno {
        let mut told = locked(&self.told);
        if told.len() >= TOLD_MAX {
            told.clear();
        }
        if told.insert(fault.to_string()) {
            let mut path = locked(&self.inodes).path(number);
            if !name.is_empty() {
                path.extend(path.first().map(|_| b'/'));
                path.extend_from_slice(name);
            }
            // If nobody listens any more, all is ending.
            let _ = self.faults.send(MountFault { path, fault });
        }
        Errno::EIO
    }
}

/// Answers with bytes, or with how many there are if none are wanted.
fn attribute(value: &[u8], size: u32, reply: ReplyXattr) {
    match u32::try_from(value.len()) {
        Ok(bytes) if size == 0 => reply.size(bytes),
        Ok(bytes) if bytes <= size => reply.data(value),
        Ok(_) => reply.error(Errno::ERANGE),
        Err(_) => reply.error(Errno::E2BIG),
    }
}

/// Locks. Whoever panicked left nothing half-done that matters: what is held can be read again.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
