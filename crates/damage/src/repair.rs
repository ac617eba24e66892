//! Repair in place: a tree on the disk is held against what should be there, and only what is hurt is put back.
//!
//! Files that are as they should be, and those that somebody worked on since, are not touched: neither bytes nor inode nor times. What is
//! hurt as the newest snapshot has it is known by its bytes, and nothing of it is read from the vault but the version that is put back.
//! What is no regular file comes back if it is missing, or if something of another kind lies in its place. A link that points elsewhere
//! stays, and so do owners and modes of what is there: people are told.
//!
//! What survives a crash: every file is whole, the old one or the new one; the same command goes on where it stopped. A wreck under
//! another name goes last, once what it was made of is back.
//!
//! Whoever works on meanwhile loses nothing: what is no more what was looked at stays, and is told.

mod clearing;
mod survey;

use std::path::Path;

use restore::clean::{CleanTree, Repairs, restore_paths};
use restore::evidence::{Evidence, EvidenceError, is_inside};
use restore::fill::{RestoreError, RestoreMonitor, RestoreOptions, RestoreOutcome};
use restore::live::{LiveError, LiveTree};
use restore::target::{Overwrite, TargetError};
use thiserror::Error;
use vault::read::ReadFault;

use crate::folders::AssessOptions;
use crate::lines::{Line, Totals};

use clearing::Clearing;
pub use survey::AttributeDifference;
use survey::{Survey, survey};

/// What is told while a repair goes on.
pub trait RepairMonitor: RestoreMonitor {
    /// So many files of the disk more were looked at, that have so many bytes.
    fn looked_at(&self, files: u64, bytes: u64);
    /// Something that people should look at, or that stays though it was hurt.
    fn open_question(&self, line: &Line);
    /// A symbolic link points elsewhere than the one that was kept, and stays. Of a device, both are its numbers.
    fn points_elsewhere(&self, path: &[u8], kept: &[u8], now: &[u8]);
    /// Something that stays has another owner or another mode than what was kept.
    fn other_attributes(&self, path: &[u8], difference: &AttributeDifference);
    /// Part of a folder cannot be read in the vault.
    fn unread(&self, path: &[u8], fault: &ReadFault);
    /// A folder of the disk cannot be read.
    fn unreadable(&self, path: &[u8], error: &LiveError);
    /// Something that should be replaced or go stays as it is.
    fn stays(&self, path: &[u8], error: &EvidenceError);
}

/// Where to repair.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'g> {
    /// The folder on the disk.
    pub to: &'g Path,
    /// Which folder of the source it is; empty for all of it.
    pub below: &'g [u8],
    /// Where damaged files go; without it they are replaced.
    pub evidence: Option<&'g Path>,
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
    /// Links and devices that lead elsewhere than those that were kept, and stay.
    pub elsewhere: u64,
    /// Files and folders that stay and have another owner or mode than what was kept.
    pub attributes: u64,
    /// What should have been replaced or have gone, and stays.
    pub stayed: u64,
}

/// Why a repair could not go on.
#[derive(Debug, Error)]
pub enum RepairError {
    /// The tree cannot be opened.
    #[error(transparent)]
    Live(#[from] LiveError),
    /// The folder of evidence cannot be opened, or takes nothing more.
    #[error(transparent)]
    Evidence(#[from] TargetError),
    /// The folder of evidence would lie in the tree that is repaired.
    #[error("the folder of evidence lies in the folder that is repaired")]
    EvidenceInside,
    /// Putting back ended.
    #[error(transparent)]
    Restore(#[from] RestoreError),
}

/// Repairs a tree.
pub fn repair(
    clean: &CleanTree,
    ground: &Ground<'_>,
    (assessing, restoring): (&AssessOptions, &RestoreOptions),
    monitor: &dyn RepairMonitor,
) -> Result<Repaired, RepairError> {
    let tree = LiveTree::open(ground.to)?;
    let evidence = open_evidence(&tree, ground)?;
    let found = survey(clean, (&tree, ground.below), assessing, &restoring.owners, monitor)?;
    let Survey { back, wrecks, attributes, totals, open, elsewhere, .. } = found;
    monitor.total(back.len() as u64, back.iter().map(|back| back.bytes).sum());
    let mut repaired = Repaired { totals, open, elsewhere, ..Repaired::default() };
    let mut clearing = Clearing::new(&tree, ground.below, evidence.as_ref(), monitor);
    let back = clearing.make_room(back)?;
    for (path, difference) in attributes.iter().filter(|(path, _)| !clearing.is_given(path)) {
        repaired.attributes += 1;
        monitor.other_attributes(path, difference);
    }
    let repairs = Repairs { below: ground.below, paths: back, expected: clearing.expected() };
    let options = RestoreOptions { overwrite: Overwrite::Always, ..restoring.clone() };
    repaired.outcome = restore_paths(clean, repairs, ground.to, &options, monitor)?;
    repaired.cleared = clearing.take_away(wrecks)?;
    repaired.stayed = clearing.stayed();
    Ok(repaired)
}

fn open_evidence(tree: &LiveTree, ground: &Ground<'_>) -> Result<Option<Evidence>, RepairError> {
    let Some(path) = ground.evidence else { return Ok(None) };
    // Where it cannot be told, opening it says why.
    if is_inside(path, tree).unwrap_or(false) {
        return Err(RepairError::EvidenceInside);
    }
    Ok(Some(Evidence::open(path)?))
}
