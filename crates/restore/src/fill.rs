//! Filling a directory with (a part of) a snapshot.
//!
//! One thread walks the tree, makes directories and plans which stretch of which pack goes where; a crew reads the
//! stretches, opens the blobs and writes files. Reading goes pack by pack within a window of some ten thousand blobs,
//! and of 32 MiB, so that memory stays the same whatever the size. Attributes of directories come last, deepest first.
//!
//! A blob that cannot be read costs the files that need it: each is named, the rest goes on.

mod crew;
mod layout;
mod links;
mod plan;
mod verify;
mod waiting;

use std::cmp::Reverse;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;
use vault::read::{ReadFault, SnapshotReader};
use vault::tree::{Entry, EntryKind};

use crate::TreePath;
use crate::target::{AttributeWarning, DirectoryId, Expected, Outcome, Overwrite, Owners, Target, TargetError};

use links::Links;
use plan::Planner;
use waiting::WaitingDirectory;

/// So many directories get their attributes before another thread is worth it.
const DIRECTORIES_FEW: usize = 64;

/// How to restore.
#[derive(Clone)]
pub struct RestoreOptions {
    /// What happens to files that are there.
    pub overwrite: Overwrite,
    /// Read every file again afterwards and compare it with the vault.
    pub verify: bool,
    /// Threads that read, open and write, at least 1.
    pub jobs: usize,
    /// Whose files they become.
    pub owners: Owners,
}

/// Is told how a restore goes on. Called from several threads.
pub trait RestoreMonitor: Send + Sync {
    /// What is to be done: entries, and bytes of content.
    fn total(&self, entries: u64, bytes: u64);
    /// An entry is in its place, with so many bytes of content.
    fn entry(&self, bytes: u64);
    /// Something is not restored.
    fn fault(&self, fault: Fault);
    /// Something is restored, but for an attribute.
    fn warning(&self, warning: AttributeWarning);
    /// Asks whether to stop.
    fn stopping(&self) -> bool;
}

/// Something that is not restored.
#[derive(Debug)]
pub struct Fault {
    /// Where it should be, from the target's root.
    pub path: TreePath,
    /// Why it is not.
    pub error: FaultError,
}

/// Why something is not restored.
#[derive(Debug, Error)]
pub enum FaultError {
    /// The vault does not give it.
    #[error(transparent)]
    Read(#[from] ReadFault),
    /// The target does not take it.
    #[error(transparent)]
    Write(#[from] TargetError),
    /// What is on the disk is not what was written.
    #[error("the file on the disk differs from the vault")]
    Differs,
}

/// What a restore did.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct RestoreOutcome {
    /// Entries in their place.
    pub entries: u64,
    /// Bytes of content written, holes counted.
    pub bytes: u64,
    /// Entries that were there and were not touched.
    pub kept: u64,
    /// Things that are not restored.
    pub faults: u64,
    /// Attributes that could not be given.
    pub warnings: u64,
    /// Files read again and found right.
    pub verified: u64,
}

impl RestoreOutcome {
    /// Adds what another part did.
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            entries: self.entries + other.entries,
            bytes: self.bytes + other.bytes,
            kept: self.kept + other.kept,
            faults: self.faults + other.faults,
            warnings: self.warnings + other.warnings,
            verified: self.verified + other.verified,
        }
    }
}

/// Why a restore could not go on.
#[derive(Debug, Error)]
pub enum RestoreError {
    /// The snapshot has no such path.
    #[error("the snapshot does not have {0}")]
    NoSuchPath(TreePath),
    /// The way to the path cannot be read.
    #[error(transparent)]
    Read(#[from] ReadFault),
    /// The target as a whole.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// Somebody asked to stop.
    #[error("stopped; the same command goes on where it stopped")]
    Stopped,
}

/// Restores a directory with all that is below into `to`, or anything else as an entry of `to`.
///
/// `from` is a path in the snapshot; empty for its root.
pub fn restore(
    reader: &SnapshotReader,
    from: &[u8],
    to: &Path,
    options: &RestoreOptions,
    monitor: &dyn RestoreMonitor,
) -> Result<RestoreOutcome, RestoreError> {
    let entry = reader.find(from)?.ok_or_else(|| RestoreError::NoSuchPath(TreePath::new(from)))?;
    announce(&entry, monitor);
    restore_entry(reader, (from, &entry), &Everything, to, options, monitor)
}

/// Restores of a folder of a snapshot what is selected, each under its path from there; totals are not announced.
pub fn restore_selected(
    reader: &SnapshotReader,
    from: &[u8],
    selection: &dyn Selection,
    to: &Path,
    options: &RestoreOptions,
    monitor: &dyn RestoreMonitor,
) -> Result<RestoreOutcome, RestoreError> {
    let entry = reader.find(from)?.ok_or_else(|| RestoreError::NoSuchPath(TreePath::new(from)))?;
    restore_entry(reader, (from, &entry), selection, to, options, monitor)
}

/// Says what of a snapshot is restored.
pub trait Selection: Sync {
    /// Decides about a path, from the root of what is restored.
    fn decide(&self, path: &[u8], is_directory: bool) -> Decision;
    /// Decides about an entry.
    fn decide_entry(&self, path: &[u8], entry: &Entry) -> Decision {
        self.decide(path, entry.is_directory())
    }
    /// Tells whether this is the last part of a restore, or all of it: then what of the tree cannot be read is told.
    fn is_final(&self) -> bool {
        true
    }
    /// Tells whether a directory is made though nothing may go into it.
    fn wants_directory(&self, _path: &[u8]) -> bool {
        true
    }
    /// Tells whether a directory that gets its attributes is counted; asked once for each.
    fn counts_directory(&self, _path: &[u8]) -> bool {
        true
    }
    /// Tells whether a directory gets the snapshot's attributes; `is_new` says that it was made by this restore.
    fn finishes(&self, path: &[u8], is_new: bool) -> bool;
    /// Returns what may be replaced, if this is a repair: then directories have their attributes from the start, and replace nothing.
    fn expected(&self) -> Option<Arc<Expected>> {
        None
    }
}

/// What becomes of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// It is restored; of a directory it and what is decided below.
    Take,
    /// It is passed over, with all that is below.
    Skip,
}

/// All there is.
struct Everything;

impl Selection for Everything {
    fn decide(&self, _: &[u8], _: bool) -> Decision {
        Decision::Take
    }

    fn finishes(&self, _: &[u8], _: bool) -> bool {
        true
    }
}

fn restore_entry(
    reader: &SnapshotReader,
    (from, entry): (&[u8], &Entry),
    selection: &dyn Selection,
    to: &Path,
    options: &RestoreOptions,
    monitor: &dyn RestoreMonitor,
) -> Result<RestoreOutcome, RestoreError> {
    let expected = selection.expected();
    let repairs = expected.is_some();
    let target = match expected {
        Some(expected) => Target::open_for_repair(to, options.owners.clone(), expected)?,
        None => Target::open_with_owners(to, options.overwrite, options.owners.clone())?,
    };
    let run = Run {
        reader,
        selection,
        target,
        monitor,
        repairs,
        resuming: options.overwrite == Overwrite::Never && has_entries(to),
        counts: Counts::default(),
        fatal: Mutex::new(None),
        over: AtomicBool::new(false),
    };
    let mut links = Links::new(from);
    let directories = crew::with_crew(&run, options.jobs, |spans| layout::lay_out(&run, entry, &mut links, spans))?;
    run.check()?;
    // Files whose first link failed are written with their own content.
    let lonely = links.make(&run);
    crew::with_crew(&run, options.jobs, |spans| {
        let mut planner = Planner::new(&run, spans);
        for link in lonely {
            match link.entry(reader) {
                Ok(entry) => planner.file(link.directory, entry),
                Err(fault) => run.fault(link.directory, Some(&link.name), fault.into()),
            }
        }
        planner.finish();
        Ok::<(), RestoreError>(())
    })?;
    run.check()?;
    finish_directories(&run, directories, options.jobs);
    if options.verify {
        verify::verify(&run, entry, to);
    }
    run.check()?;
    run.target.sync()?;
    Ok(run.counts.outcome())
}

/// What all threads of a restore share.
struct Run<'r> {
    reader: &'r SnapshotReader,
    selection: &'r dyn Selection,
    target: Target,
    monitor: &'r dyn RestoreMonitor,
    /// What is there is somebody's.
    repairs: bool,
    /// Files may be there from an earlier, interrupted restore.
    resuming: bool,
    counts: Counts,
    fatal: Mutex<Option<RestoreError>>,
    over: AtomicBool,
}

#[derive(Default)]
struct Counts {
    entries: AtomicU64,
    bytes: AtomicU64,
    kept: AtomicU64,
    faults: AtomicU64,
    warnings: AtomicU64,
    verified: AtomicU64,
}

impl Counts {
    fn outcome(&self) -> RestoreOutcome {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        RestoreOutcome {
            entries: read(&self.entries),
            bytes: read(&self.bytes),
            kept: read(&self.kept),
            faults: read(&self.faults),
            warnings: read(&self.warnings),
            verified: read(&self.verified),
        }
    }
}

impl Run<'_> {
    /// Notes what became of an entry; a name is that of an entry in the directory, none is the directory itself.
    fn settle(&self, directory: DirectoryId, name: Option<&[u8]>, result: Result<Outcome, TargetError>, bytes: u64) {
        let add = |count: &AtomicU64, by: u64| count.fetch_add(by, Ordering::Relaxed);
        match result {
            Ok(Outcome::Written(warnings)) => {
                add(&self.counts.entries, 1);
                add(&self.counts.bytes, bytes);
                warnings.into_iter().for_each(|warning| self.warn(warning));
                self.monitor.entry(bytes);
            }
            Ok(Outcome::Kept) => {
                add(&self.counts.kept, 1);
                self.monitor.entry(bytes);
            }
            Ok(Outcome::Refused(warning)) => self.warn(warning),
            Err(error) => self.fault(directory, name, error.into()),
        }
    }

    fn warn(&self, warning: AttributeWarning) {
        self.counts.warnings.fetch_add(1, Ordering::Relaxed);
        self.monitor.warning(warning);
    }

    fn fault(&self, directory: DirectoryId, name: Option<&[u8]>, error: FaultError) {
        let path = self.target.path(directory);
        let path = name.map_or_else(|| path.clone(), |name| path.join(name));
        // A full or read-only disk would fail every file: once is enough.
        match error {
            FaultError::Write(error @ (TargetError::NoSpace { .. } | TargetError::ReadOnly(_))) => {
                self.end(error.into())
            }
            error => self.fault_at(path, error),
        }
    }

    fn fault_at(&self, path: TreePath, error: FaultError) {
        // Where blobs are cannot be looked up: it would fail every file, and says nothing of any.
        if let FaultError::Read(error @ ReadFault::Scratch(_)) = error {
            return self.end(error.into());
        }
        self.counts.faults.fetch_add(1, Ordering::Relaxed);
        self.monitor.fault(Fault { path, error });
    }

    fn end(&self, error: RestoreError) {
        self.fatal.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.over.store(true, Ordering::Release);
    }

    fn is_taken(&self, path: &[u8]) -> bool {
        self.selection.decide(path, false) == Decision::Take
    }

    fn is_over(&self) -> bool {
        if !self.over.load(Ordering::Acquire) && self.monitor.stopping() {
            self.end(RestoreError::Stopped);
        }
        self.over.load(Ordering::Acquire)
    }

    fn check(&self) -> Result<(), RestoreError> {
        self.is_over();
        self.fatal.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }
}

/// Gives directories their attributes, the deepest first: what is above may let nobody in any more.
fn finish_directories(run: &Run<'_>, mut directories: Vec<WaitingDirectory>, jobs: usize) {
    directories.sort_by_key(|directory| Reverse(directory.depth));
    for level in directories.chunk_by(|one, next| one.depth == next.depth) {
        let share = level.len().div_ceil(jobs.max(1)).max(DIRECTORIES_FEW);
        let finish = |share: &[WaitingDirectory]| share.iter().for_each(|directory| finish_directory(run, directory));
        std::thread::scope(|scope| {
            let mut shares = level.chunks(share);
            let own = shares.next();
            shares.for_each(|share| drop(scope.spawn(move || finish(share))));
            own.into_iter().for_each(finish);
        });
    }
}

fn finish_directory(run: &Run<'_>, directory: &WaitingDirectory) {
    match directory.entry(run.reader) {
        Ok(entry) => match run.target.finish_directory(directory.id, &entry) {
            Ok(_) if !directory.is_counted => {}
            finished => run.settle(directory.id, None, finished, 0),
        },
        Err(fault) => run.fault(directory.id, None, fault.into()),
    }
}

fn announce(entry: &Entry, monitor: &dyn RestoreMonitor) {
    match entry.kind {
        EntryKind::Directory { entries_below, bytes_below, .. } => monitor.total(entries_below, bytes_below),
        _ => monitor.total(1, entry.size()),
    }
}

#[expect(clippy::disallowed_methods, reason = "restore touches files; this looks into the user's own target")]
pub(crate) fn has_entries(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}
