//! What is damaged in a vault, and what that touches.
//!
//! Without a kit: everything that hashes and signatures prove. With one: every tree and, if data is read, every blob.
//! A blob is opened once, however many files refer to it; a tree that many snapshots share is walked once, unless it
//! lost something: then it is walked for each of them, to name what each lost.

mod expiry;
mod memory;
mod objects;
mod packs;
mod report;
mod strand;
mod tree;

pub use report::{
    CheckCounts, CheckFault, CheckReport, Damage, Extent, FaultNumber, HurtPart, HurtPath, HurtSnapshot, PATHS_MAX,
    SnapshotName,
};

use std::collections::BTreeMap;

use crate::id::{ObjectHash, StrandId};
use crate::kit::RecoveryKit;
use crate::read::ReadError;
use crate::scratch::Scratch;
use crate::vault::Vault;

use expiry::{Departed, check_expiry};
use objects::{check_owner_log, check_strand_objects, check_unknown_strands};
use report::Findings;
use strand::{check_contents, touch_without_kit};

/// What is wanted of a check.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CheckOptions {
    /// Of 100 packs and indexes so many are read whole; `None` for none.
    pub read_data_percent: Option<u8>,
    /// Chooses which, if not all.
    pub seed: u64,
    /// Threads that read, at least 1. Each holds one pack in memory.
    pub jobs: usize,
}

/// What is wanted of a verification of new snapshots.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VerifyOptions {
    /// Of 100 blobs in new packs so many are opened.
    pub new_percent: u8,
    /// Of 100 blobs in packs that the last verified snapshot needed too, so many are opened.
    pub known_percent: u8,
    /// Chooses which; agents must not be able to foresee it.
    pub seed: u64,
    /// Threads that read, at least 1.
    pub jobs: usize,
}

/// The last snapshot of each strand that was verified.
pub type Verified = BTreeMap<StrandId, (u64, ObjectHash)>;

/// Is told how a check goes on. Called from several threads.
pub trait CheckMonitor: Send + Sync {
    /// So many packs and indexes of a strand will be read.
    fn reading(&self, strand: StrandId, objects: u64);
    /// Another object was read, of so many bytes.
    fn read(&self, bytes: u64);
    /// The tree of a snapshot is walked.
    fn walking(&self, snapshot: &SnapshotName);
    /// Asks whether to stop.
    fn stopping(&self) -> bool;
}

/// Checks a vault: objects and signatures; with a kit, what is in them too.
///
/// Damage is in the report. An error is only a store that cannot even list its objects, or a scratch folder that cannot
/// be used although there are more blobs than fit in memory.
pub fn check(
    vault: &Vault,
    kit: Option<&RecoveryKit>,
    options: &CheckOptions,
    scratch: &Scratch,
    monitor: &dyn CheckMonitor,
) -> Result<CheckReport, ReadError> {
    let reading = match options.read_data_percent {
        Some(percent) => Reading::Objects { percent },
        None => Reading::Nothing,
    };
    let mut findings = Findings::default();
    let departed = check_expiry(vault, &mut findings)?;
    let plan = Plan { vault, departed, reading, seed: options.seed, jobs: options.jobs, scratch, monitor };
    check_owner_log(&plan, &mut findings);
    for enrolment in &vault.log().strands {
        let mut state = check_strand_objects(&plan, enrolment, None, &mut findings)?;
        match kit {
            Some(kit) => check_contents(&plan, kit, &mut state, &mut findings)?,
            None => touch_without_kit(&plan, &mut state, &mut findings)?,
        }
    }
    check_unknown_strands(&plan, &mut findings)?;
    findings.report.stopped = monitor.stopping();
    Ok(findings.finish())
}

/// Verifies the snapshots that came after those that were verified before; returns what to remember for the next time.
///
/// Opens a random share of the blobs that they need, whether new or not, and compares what the agent says of its tree
/// with the tree. An agent that lies is found with the probability that its lies are sampled; about numbers, always.
pub fn verify_new(
    vault: &Vault,
    kit: &RecoveryKit,
    options: &VerifyOptions,
    since: &Verified,
    scratch: &Scratch,
    monitor: &dyn CheckMonitor,
) -> Result<(CheckReport, Verified), ReadError> {
    let (new_percent, known_percent) = (options.new_percent, options.known_percent);
    let reading = Reading::Blobs { new_percent, known_percent };
    let mut findings = Findings::default();
    let departed = check_expiry(vault, &mut findings)?;
    let plan = Plan { vault, departed, reading, seed: options.seed, jobs: options.jobs, scratch, monitor };
    check_owner_log(&plan, &mut findings);
    let mut verified = since.clone();
    for enrolment in &vault.log().strands {
        let mut state = check_strand_objects(&plan, enrolment, since.get(&enrolment.strand), &mut findings)?;
        check_contents(&plan, kit, &mut state, &mut findings)?;
        if let Some(last) = state.snapshots.last().filter(|_| !monitor.stopping()) {
            verified.insert(enrolment.strand, (last.manifest.seq, last.hash));
        }
    }
    findings.report.stopped = monitor.stopping();
    Ok((findings.finish(), verified))
}

/// What one check does, and where.
struct Plan<'a> {
    vault: &'a Vault,
    departed: Departed,
    reading: Reading,
    seed: u64,
    jobs: usize,
    scratch: &'a Scratch,
    monitor: &'a dyn CheckMonitor,
}

/// What is read beyond what proves the structure.
#[derive(Clone, Copy)]
enum Reading {
    Nothing,
    /// Whole packs and indexes.
    Objects {
        percent: u8,
    },
    /// Single blobs.
    Blobs {
        new_percent: u8,
        known_percent: u8,
    },
}

impl Plan<'_> {
    /// Tells whether something is among the sampled.
    fn is_sampled(&self, id: &[u8; 32], percent: u8) -> bool {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.seed.to_le_bytes()).update(id);
        let draw = u64::from_le_bytes(hasher.finalize().as_bytes()[..8].try_into().expect("eight of 32 bytes"));
        draw % 100 < u64::from(percent)
    }
}
