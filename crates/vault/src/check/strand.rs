//! The contents of a strand: with a kit its packs and trees, without one who needs what is damaged.

use std::sync::Arc;

use super::memory::Memory;
use super::objects::{StrandState, name_of, store_damage};
use super::packs::{BlobState, check_packs, read_damage};
use super::report::{Damage, FaultNumber, Findings};
use super::tree::check_tree;
use super::{Plan, Reading};
use crate::id::ObjectHash;
use crate::kit::RecoveryKit;
use crate::list::Needed;
use crate::manifest::ManifestError;
use crate::name::{HashedKind, ObjectName};
use crate::read::{ReadError, ReadFault, SnapshotReader, StrandReader};
use crate::snapshots::{Snapshot, needed};
use crate::strand::StrandSecrets;
use crate::vault::VaultError;

/// Opens a strand and checks what its snapshots hold.
pub(super) fn check_contents(
    plan: &Plan<'_>,
    kit: &RecoveryKit,
    state: &mut StrandState,
    findings: &mut Findings,
) -> Result<(), ReadError> {
    let secrets = match plan.vault.secrets(kit, &state.strand) {
        Ok(secrets) => secrets,
        Err(error) => {
            lose_strand(state, error, findings);
            check_packs(plan, state, None, findings)?;
            return Ok(());
        }
    };
    let reader = Arc::new(open(plan, secrets, state, findings)?);
    let mut blobs = check_packs(plan, state, Some(&reader), findings)?;
    let mut memory = Memory::default();
    for snapshot in &state.snapshots {
        if plan.monitor.stopping() {
            break;
        }
        let name = name_of(snapshot);
        plan.monitor.walking(&name);
        match reader.snapshot(snapshot) {
            Ok(opened) => {
                let scene = Scene { plan, state, snapshot, opened, name };
                check_tree(&scene, &mut memory, &mut blobs, findings)?;
            }
            Err(error) => {
                let what = match error {
                    ManifestError::Format(source) => Damage::Malformed(source),
                    ManifestError::Key(source) => Damage::Key(source),
                };
                let fault = findings.fault(Some(snapshot.name()), what);
                findings.hurt_whole(name, fault);
            }
        }
    }
    Ok(())
}

/// Reads what needs no kit, and says which snapshots need what is damaged.
pub(super) fn touch_without_kit(
    plan: &Plan<'_>,
    state: &mut StrandState,
    findings: &mut Findings,
) -> Result<(), ReadError> {
    if matches!(plan.reading, Reading::Objects { .. }) {
        let _: BlobState = check_packs(plan, state, None, findings)?;
    }
    for snapshot in &state.snapshots {
        let name = name_of(snapshot);
        if let Some(fault) = state.secrets_lost {
            findings.hurt_somehow(name, fault);
        }
        if state.faulty.is_empty() {
            continue;
        }
        let causes = lost_names(plan, state, snapshot, |_| true);
        causes.into_iter().for_each(|fault| findings.hurt_somehow(name, fault));
    }
    Ok(())
}

/// One snapshot that is looked at.
pub(super) struct Scene<'a> {
    pub plan: &'a Plan<'a>,
    pub state: &'a StrandState,
    pub snapshot: &'a Snapshot,
    pub opened: SnapshotReader,
    pub name: super::SnapshotName,
}

impl Scene<'_> {
    /// The faults that may have taken a blob that no pack has: those of packs of which nothing is known, and of lists;
    /// if there are none, of packs that were changed, and now may tell of other blobs than they held.
    pub fn blind_spots(&self) -> Vec<FaultNumber> {
        let reader = self.opened.strand();
        let lost = lost_names(self.plan, self.state, self.snapshot, |pack| reader.pack_number(&pack).is_none());
        if lost.is_empty() { lost_names(self.plan, self.state, self.snapshot, |_| true) } else { lost }
    }
}

/// Returns the faults of the packs and lists that a snapshot names, of packs only where `counts` says so.
fn lost_names(
    plan: &Plan<'_>,
    state: &StrandState,
    snapshot: &Snapshot,
    counts: impl Fn(ObjectHash) -> bool,
) -> Vec<FaultNumber> {
    let (names, lists) = needed(plan.vault.store().as_ref(), &snapshot.manifest, &mut |_| {});
    let packs = names.iter().filter_map(Needed::pack).filter(|hash| counts(*hash));
    let mut faults: Vec<_> = packs.chain(lists).filter_map(|hash| state.faulty.get(&hash).copied()).collect();
    faults.sort_unstable();
    faults.dedup();
    faults
}

fn open(
    plan: &Plan<'_>,
    secrets: StrandSecrets,
    state: &mut StrandState,
    findings: &mut Findings,
) -> Result<StrandReader, ReadError> {
    let snapshots: Vec<&Snapshot> = state.snapshots.iter().collect();
    let faulty = &mut state.faulty;
    let mut failed = None;
    let mut note = |fault: ReadFault| match read_damage(fault) {
        Ok((object, what)) => {
            let number = findings.fault(object, what);
            faulty.extend(object.as_ref().and_then(ObjectName::hash).map(|hash| (hash, number)));
        }
        Err(error) => drop(failed.get_or_insert(error)),
    };
    let (store, strand, mut liars) = (Arc::clone(plan.vault.store()), state.strand, Vec::new());
    // The packs themselves are asked: what an index says must accuse nobody.
    let what = (&snapshots[..], plan.scratch);
    let reader = StrandReader::open_by_packs(store, secrets, what, &mut note, &mut |index| liars.push(index))?;
    for index in liars {
        findings.fault(Some(ObjectName::Hashed(strand, HashedKind::Index, index)), Damage::Misindexed);
    }
    failed.map_or(Ok(reader), |error| Err(error.into()))
}

/// Notes that nothing of a strand can be opened.
fn lose_strand(state: &StrandState, error: VaultError, findings: &mut Findings) {
    let fault = state.secrets_lost.unwrap_or_else(|| match error {
        VaultError::Store(source) => findings.fault(Some(ObjectName::Strand(state.strand)), store_damage(source)),
        other => findings.fault(Some(ObjectName::Strand(state.strand)), Damage::Secrets(other)),
    });
    state.snapshots.iter().for_each(|snapshot| findings.hurt_whole(name_of(snapshot), fault));
}
