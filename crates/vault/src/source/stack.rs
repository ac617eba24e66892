//! The directories between the root and where the walk is: few of them open, and few of their names in memory.

use std::collections::btree_map::IntoIter;
use std::sync::Arc;

use rustix::fs::{Mode, OFlags, openat};
use rustix::io::Errno;

use super::listing::scratch_error;
use super::walk::Entries;
use super::{DirectoryHandle, Identity, SourceError, TreePath};
use crate::scratch::ScratchFile;

/// The directories between the root and where the walk is.
#[derive(Debug)]
pub(super) struct Stack {
    frames: Vec<Frame>,
    open_max: usize,
    /// Memory of all listings, in bytes.
    names_bytes: usize,
    /// No frame below this one holds names that could be put aside.
    shed_below: usize,
}

/// One directory that was entered and not left.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) path: TreePath,
    /// Closed where too many others are open; never on top, unless it was moved away.
    pub(super) handle: Option<Arc<DirectoryHandle>>,
    pub(super) entries: Entries,
    identity: Identity,
    /// The file system to stay on.
    device: u64,
    /// What this frame has in [`Stack::names_bytes`].
    counted_bytes: usize,
}

impl Frame {
    pub(super) fn new(handle: Arc<DirectoryHandle>, entries: Entries, device: u64) -> Self {
        Self {
            path: handle.path().clone(),
            identity: handle.identity(),
            handle: Some(handle),
            entries,
            device,
            counted_bytes: 0,
        }
    }
}

impl Stack {
    pub(super) fn new(open_max: usize) -> Self {
        Self { frames: Vec::new(), open_max: open_max.max(2), names_bytes: 0, shed_below: 0 }
    }

    pub(super) fn depth(&self) -> usize {
        self.frames.len()
    }

    pub(super) fn top(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    /// The directory on top; `None` if it was moved away.
    pub(super) fn top_handle(&self) -> Option<Arc<DirectoryHandle>> {
        self.frames.last()?.handle.clone()
    }

    pub(super) fn top_identity(&self) -> Option<Identity> {
        self.frames.last().map(|frame| frame.identity)
    }

    /// The file system to stay on; 0 before the root.
    pub(super) fn top_device(&self) -> u64 {
        self.frames.last().map_or(0, |frame| frame.device)
    }

    /// Adds a directory, and closes the one which is too far up. The root stays open.
    pub(super) fn push(&mut self, frame: Frame) {
        self.frames.push(frame);
        let too_far = self.frames.len().saturating_sub(self.open_max);
        if too_far > 0 {
            self.frames[too_far].handle = None;
        }
    }

    /// Takes the directory on top away, and the space of its names.
    pub(super) fn pop(&mut self, scratch: &mut ScratchFile) -> Option<Frame> {
        let mut frame = self.frames.pop()?;
        self.names_bytes -= frame.counted_bytes;
        self.shed_below = self.shed_below.min(self.frames.len());
        frame.entries.clear(scratch);
        Some(frame)
    }

    /// Opens the directory on top again if it was closed, through the one just left or else from the root.
    ///
    /// Where it is no longer the same, the rest of its entries is given up; that is an error if there were any.
    pub(super) fn reopen_top(
        &mut self,
        child: Option<&DirectoryHandle>,
        scratch: &mut ScratchFile,
    ) -> Result<(), SourceError> {
        let Some(top) = self.frames.last() else {
            return Ok(());
        };
        if top.handle.is_some() {
            return Ok(());
        }
        let above = child.and_then(|child| child.open_parent(top.identity, top.path.clone()));
        let opened = above.or_else(|| self.descend());
        let Some(top) = self.frames.last_mut() else {
            return Ok(());
        };
        top.handle = opened.map(Arc::new);
        if top.handle.is_some() || top.entries.is_exhausted() {
            return Ok(());
        }
        top.entries.clear(scratch);
        Err(SourceError::Moved { path: top.path.to_path() })
    }

    /// Puts the names of the directories furthest up aside until the rest fits.
    pub(super) fn shed(&mut self, bytes_max: usize, scratch: &mut ScratchFile) -> Result<(), SourceError> {
        self.count_top();
        while self.names_bytes > bytes_max && self.shed_below < self.frames.len() {
            let frame = &mut self.frames[self.shed_below];
            self.shed_below += 1;
            self.names_bytes -= frame.counted_bytes;
            frame.counted_bytes = 0;
            if let Err(errno) = frame.entries.store(scratch) {
                frame.entries.clear(scratch);
                let path = frame.path.to_path();
                return Err(scratch_error(path, errno));
            }
        }
        Ok(())
    }

    /// What was put aside comes back to memory on top, and is counted when the next directory is pushed on it.
    fn count_top(&mut self) {
        let first = self.frames.len().saturating_sub(2);
        for (index, frame) in self.frames.iter_mut().enumerate().skip(first) {
            let bytes = frame.entries.memory_bytes();
            self.names_bytes = self.names_bytes - frame.counted_bytes + bytes;
            frame.counted_bytes = bytes;
            if bytes > 0 {
                self.shed_below = self.shed_below.min(index);
            }
        }
    }

    /// Goes down from the root again, name by name, to the directory on top.
    fn descend(&self) -> Option<DirectoryHandle> {
        let (top, above) = self.frames.split_last()?;
        let root = self.frames.first()?.handle.as_ref()?;
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut directory = None;
        for frame in above.iter().skip(1) {
            let name = frame.path.name();
            directory = Some(match &directory {
                None => openat(root, name, flags, Mode::empty()).ok()?,
                Some(parent) => openat(parent, name, flags, Mode::empty()).ok()?,
            });
        }
        let path = top.path.clone();
        match directory {
            None => DirectoryHandle::reopen(root, top.path.name(), top.identity, path),
            Some(parent) => DirectoryHandle::reopen(parent, top.path.name(), top.identity, path),
        }
    }
}

impl Entries {
    fn is_exhausted(&self) -> bool {
        match self {
            Self::Listed { listing, held } => held.is_none() && listing.is_exhausted(),
            Self::Chosen(chosen) => chosen.len() == 0,
        }
    }

    fn memory_bytes(&self) -> usize {
        match self {
            Self::Listed { listing, .. } => listing.memory_bytes(),
            Self::Chosen(_) => 0,
        }
    }

    fn store(&mut self, scratch: &mut ScratchFile) -> Result<(), Errno> {
        match self {
            Self::Listed { listing, .. } => listing.store(scratch),
            Self::Chosen(_) => Ok(()),
        }
    }

    fn clear(&mut self, scratch: &mut ScratchFile) {
        match self {
            Self::Listed { listing, held } => {
                *held = None;
                listing.clear(scratch);
            }
            Self::Chosen(chosen) => *chosen = IntoIter::default(),
        }
    }
}
