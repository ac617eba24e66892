//! Repair in place: a tree on the disk is held against what should be there, and only what is hurt is put back.
//!
//! Files that are as they should be, and those that somebody worked on since, are not touched: neither bytes nor inode nor times. What is
//! hurt as the newest snapshot has it is known by its bytes, and nothing of it is read from the vault but the version that is put back.
//!
//! What survives a crash: every file is whole, the old one or the new one; the same command goes on where it stopped. A wreck under
//! another name goes last, once what it was made of is back.

use std::collections::HashSet;
use std::path::Path;

use restore::clean::{CleanTree, restore_paths};
use restore::evidence::{Evidence, EvidenceError, remove};
use restore::fill::{RestoreError, RestoreMonitor, RestoreOptions, RestoreOutcome};
use restore::live::{LiveError, LiveTree};
use restore::target::Overwrite;
use thiserror::Error;
use triage::verdict::Class;
use vault::read::ReadFault;

use crate::chain::{Chain, Live};
use crate::folders::{AssessOptions, Monitor, assess};
use crate::lines::{Line, Totals};

/// What is told while a repair goes on.
pub trait RepairMonitor: RestoreMonitor {
    /// So many files of the disk more were looked at, that have so many bytes.
    fn looked_at(&self, files: u64, bytes: u64);
    /// Something that people should look at, or that stays though it was hurt.
    fn open_question(&self, line: &Line);
    /// Part of a folder cannot be read in the vault.
    fn unread(&self, path: &[u8], fault: &ReadFault);
    /// A folder of the disk cannot be read.
    fn unreadable(&self, path: &[u8], error: &LiveError);
    /// A damaged file cannot be moved away.
    fn stays(&self, path: &[u8], error: &EvidenceError);
}

/// What a repair did.
#[derive(Clone, Debug, Default)]
pub struct Repaired {
    /// What was found on the disk.
    pub totals: Totals,
    /// What was put back.
    pub outcome: RestoreOutcome,
    /// Wrecks and notes that went.
    pub cleared: u64,
    /// Doubtful and unknown files, which stay.
    pub open: u64,
    /// Damaged files that could not be moved away.
    pub stayed: u64,
}

/// Why a repair could not go on.
#[derive(Debug, Error)]
pub enum RepairError {
    /// The tree cannot be opened.
    #[error(transparent)]
    Live(#[from] LiveError),
    /// The folder of evidence cannot be opened.
    #[error(transparent)]
    Evidence(#[from] restore::target::TargetError),
    /// Putting back ended.
    #[error(transparent)]
    Restore(#[from] RestoreError),
}

/// Repairs the tree below `to`. `evidence` is where damaged files go; without it they are replaced.
pub fn repair(
    clean: &CleanTree,
    to: &Path,
    evidence: Option<&Path>,
    (assessing, restoring): (&AssessOptions, &RestoreOptions),
    monitor: &dyn RepairMonitor,
) -> Result<Repaired, RepairError> {
    let tree = LiveTree::open(to)?;
    let evidence = evidence.map(Evidence::open).transpose()?;
    let live = Live { tree: &tree, below: b"", clean };
    let chain = Chain { snapshots: clean.snapshots(), files_before: 0, live: Some(live) };
    let mut survey = Survey { monitor, hurt: Vec::new(), wrecks: Vec::new(), back: Vec::new(), bytes: 0, open: 0 };
    let totals = assess(chain, assessing, &mut survey).ok_or(RestoreError::Stopped)?;
    let Survey { hurt, wrecks, back, bytes, open, .. } = survey;
    monitor.total(back.len() as u64, bytes);
    let mut repaired = Repaired { totals, open, ..Repaired::default() };
    // Evidence that cannot be moved away is not written over either: somebody asked for it.
    let mut stayed = HashSet::new();
    if let Some(evidence) = &evidence {
        for path in hurt {
            if monitor.stopping() {
                return Err(RestoreError::Stopped.into());
            }
            if !is_done(monitor, &path, evidence.take(&tree, &path)) {
                stayed.insert(path);
            }
        }
    }
    repaired.stayed = stayed.len() as u64;
    let taken = back.into_iter().filter(|back| !stayed.contains(&back.path));
    let places: Vec<(Vec<u8>, usize)> = taken.map(|back| (back.path, back.place)).collect();
    let options = RestoreOptions { overwrite: Overwrite::Always, ..restoring.clone() };
    repaired.outcome = restore_paths(clean, places, to, &options, monitor)?;
    for wreck in wrecks {
        if monitor.stopping() {
            return Err(RestoreError::Stopped.into());
        }
        if wreck.was.as_ref().is_some_and(|was| !is_there(&tree, was)) {
            continue;
        }
        let gone = match &evidence {
            Some(evidence) => evidence.take(&tree, &wreck.path),
            None => remove(&tree, &wreck.path),
        };
        match is_done(monitor, &wreck.path, gone) {
            true => repaired.cleared += 1,
            false => repaired.stayed += 1,
        }
    }
    Ok(repaired)
}

fn is_done(monitor: &dyn RepairMonitor, path: &[u8], done: Result<(), EvidenceError>) -> bool {
    done.inspect_err(|error| monitor.stays(path, error)).is_ok()
}

fn is_there(tree: &LiveTree, back: &Back) -> bool {
    let split = back.path.iter().rposition(|byte| *byte == b'/');
    let (folder, name) = split.map_or((&b""[..], &back.path[..]), |at| (&back.path[..at], &back.path[at + 1..]));
    let folder = tree.folder(folder).ok().flatten();
    folder.and_then(|folder| folder.file(name).ok()).is_some_and(|file| file.bytes() == back.bytes)
}

/// A file that is put back.
#[derive(Clone)]
struct Back {
    path: Vec<u8>,
    place: usize,
    bytes: u64,
}

/// A file that goes.
struct Wreck {
    path: Vec<u8>,
    /// What it was made of, if that is known.
    was: Option<Back>,
}

/// Gathers what is to be done.
struct Survey<'s> {
    monitor: &'s dyn RepairMonitor,
    /// Under their own names.
    hurt: Vec<Vec<u8>>,
    wrecks: Vec<Wreck>,
    back: Vec<Back>,
    bytes: u64,
    open: u64,
}

impl Monitor for Survey<'_> {
    fn looked_at(&mut self, files: u64, bytes: u64) {
        self.monitor.looked_at(files, bytes);
    }

    fn line(&mut self, line: Line) {
        match (line.class, line.should) {
            (Class::Damaged | Class::RenamedDamaged | Class::Deleted, Some(place)) => {
                let bytes = line.bytes_before.unwrap_or(0);
                let back = Back { path: line.path, place, bytes };
                self.bytes += bytes;
                match line.path_now {
                    Some(path) => self.wrecks.push(Wreck { path, was: Some(back.clone()) }),
                    None if line.class == Class::Damaged => self.hurt.push(back.path.clone()),
                    None => {}
                }
                self.back.push(back);
            }
            // A plan says so, and the bytes are those that it speaks of.
            (Class::Note, _) if line.is_known => self.wrecks.push(Wreck { path: line.path, was: None }),
            (Class::Intact | Class::Edited | Class::New, _) => {}
            _ => {
                self.open += 1;
                self.monitor.open_question(&line);
            }
        }
    }

    fn fault(&mut self, path: &[u8], fault: &ReadFault) {
        self.monitor.unread(path, fault);
    }

    fn unreadable(&mut self, path: &[u8], error: &LiveError) {
        self.monitor.unreadable(path, error);
    }

    fn stopping(&self) -> bool {
        self.monitor.stopping()
    }
}
