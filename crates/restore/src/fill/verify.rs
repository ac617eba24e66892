//! Reading restored files again, and comparing them with the vault by their blobs' ids.

use std::collections::VecDeque;
use std::fs::File;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, fstat, openat};
use rustix::io::Errno;
use vault::read::{ReadFault, WalkItem};
use vault::tree::{Entry, EntryKind};

use super::{Decision, FaultError, Run};
use crate::TreePath;
use crate::live::{self, SameError};

/// Compares every file below `to`; what differs is told as a fault.
pub(super) fn verify(run: &Run<'_>, entry: &Entry, to: &Path) {
    let Ok(root) = openat(CWD, to, OFlags::DIRECTORY | OFlags::PATH | OFlags::CLOEXEC, Mode::empty()) else { return };
    let mut buffer = Vec::new();
    if !entry.is_directory() {
        return verify_file(run, &File::from(root), entry.name.clone(), entry, &mut buffer);
    }
    let mut folders = Folders::new(File::from(root));
    let mut walk = run.reader.walk(entry);
    while let Some(item) = walk.next() {
        if run.is_over() {
            return;
        }
        match item {
            WalkItem::Entry(path, entry) if run.selection.decide_entry(&path, &entry) == Decision::Skip => {
                walk.skip_below()
            }
            WalkItem::Entry(path, entry) if entry.is_directory() => {
                if folders.enter(&entry.name).is_err() {
                    // Before the last part, folders are there only if something went into them.
                    if run.selection.is_final() {
                        run.fault_at(TreePath::new(path), FaultError::Differs);
                    }
                    walk.skip_below();
                }
            }
            WalkItem::Entry(path, entry) => verify_file(run, folders.last(), path, &entry, &mut buffer),
            WalkItem::Leave(path) => {
                if folders.leave().is_err() {
                    return run.fault_at(TreePath::new(path), FaultError::Differs);
                }
            }
            WalkItem::Fault(_, fault @ ReadFault::Scratch(_)) => run.end(fault.into()),
            // Told when it was to be restored.
            WalkItem::Fault(..) => {}
        }
    }
}

/// The folders from the root to where a walk stands. They are reached through descriptors, since paths may be longer than
/// the system takes; few are open at a time, since trees may be deeper than a process may open folders.
struct Folders {
    /// The innermost; never empty.
    open: VecDeque<File>,
    /// Device and inode of those above.
    closed: Vec<(u64, u64)>,
}

const FOLDERS_OPEN_MAX: usize = 64;
const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::PATH).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

impl Folders {
    fn new(root: File) -> Self {
        Self { open: VecDeque::from([root]), closed: Vec::new() }
    }

    fn last(&self) -> &File {
        self.open.back().expect("the root stays, and whoever leaves a folder enters the one above")
    }

    fn enter(&mut self, name: &[u8]) -> Result<(), Errno> {
        let opened = openat(self.last(), name, FOLDER, Mode::empty())?;
        if self.open.len() == FOLDERS_OPEN_MAX {
            self.closed.push(identity(&self.open[0])?);
            self.open.pop_front();
        }
        self.open.push_back(File::from(opened));
        Ok(())
    }

    fn leave(&mut self) -> Result<(), Errno> {
        if self.open.len() == 1
            && let Some(above) = self.closed.pop()
        {
            let opened = File::from(openat(self.last(), "..", FOLDER, Mode::empty())?);
            // Somebody may have moved what is below.
            if identity(&opened)? != above {
                return Err(Errno::STALE);
            }
            self.open.push_front(opened);
        }
        self.open.pop_back();
        Ok(())
    }
}

fn identity(folder: &File) -> Result<(u64, u64), Errno> {
    fstat(folder).map(|stat| (stat.st_dev, stat.st_ino))
}

fn verify_file(run: &Run<'_>, folder: &File, path: Vec<u8>, entry: &Entry, buffer: &mut Vec<u8>) {
    if !matches!(entry.kind, EntryKind::File { .. }) {
        return;
    }
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = openat(folder, entry.name.as_slice(), flags, Mode::empty()).map(File::from);
    if file.is_ok_and(|file| is_same(run, &file, entry, buffer)) {
        run.counts.verified.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    } else if !run.is_over() {
        run.fault_at(TreePath::new(path), FaultError::Differs);
    }
}

fn is_same(run: &Run<'_>, file: &File, entry: &Entry, buffer: &mut Vec<u8>) -> bool {
    match live::is_same(file, run.reader, entry, buffer) {
        Ok(same) => same,
        Err(SameError::Read(fault @ ReadFault::Scratch(_))) => {
            run.end(fault.into());
            false
        }
        Err(_) => false,
    }
}
