//! The beginning and the end of a backup: where the strand stands, and the manifest.

use std::collections::{BTreeSet, HashSet};

use super::assemble::PackUse;
use super::run::Run;
use super::{Agent, BackupError, Monitor, Remark};
use crate::bytes::{FormatError, SigningKey};
use crate::envelope::Recipient;
use crate::expire::read_expiry_log;
use crate::id::ObjectHash;
use crate::index::{INDEX_BYTES_TARGET, IndexedPack, LOOSE_PACKS_MAX, write_index};
use crate::list::{Needed, write_lists};
use crate::manifest::{Counts, Manifest, NAMES_INLINE_MAX, SealedManifest};
use crate::name::{Folder, HashedKind, NumberedKind, ObjectName, SEQ_MAX};
use crate::pack::{PackError, read_directory};
use crate::snapshots::{SnapshotFault, read_snapshot};
use crate::state::{Newest, PackNumber};
use crate::store::StoreError;
use crate::strand::source_tag;
use crate::world::random;

/// Where a strand stands: its last snapshot.
pub(super) struct Head(Option<(u64, ObjectHash)>);

impl Head {
    pub fn next_seq(&self) -> u64 {
        self.0.map_or(1, |(seq, _)| seq + 1)
    }
}

/// Verifies that this machine may add to this vault.
pub(super) fn admit(agent: Agent<'_>) -> Result<(), BackupError> {
    if !agent.vault.log().founders.contains(&agent.keys.founder) {
        return Err(BackupError::OtherOwners);
    }
    let enrolment = agent.vault.enrolment(&agent.keys.strand)?;
    match &enrolment.retired {
        Some(end) => Err(BackupError::Retired { strand: agent.keys.strand, reason: end.reason.clone() }),
        None => Ok(()),
    }
}

/// Returns to whom session keys are sealed.
///
/// An owner log that was cut, or set back, is told. The backup goes on unless entries that this machine has seen named
/// another recipient: what is sealed to an older one opens for whoever the owners removed meanwhile.
pub(super) fn choose_recipient(
    agent: Agent<'_>,
    newest: Option<&Newest>,
    monitor: &dyn Monitor,
) -> Result<Recipient, BackupError> {
    let log = agent.vault.log();
    let recipient = agent.vault.strand_recipient(&agent.keys.strand)?;
    let is_set_back = newest.is_some_and(|newest| newest.owner_entries > log.next_seq);
    if is_set_back && newest.is_some_and(|newest| newest.recipient != recipient) {
        return Err(BackupError::OwnersSetBack);
    }
    if is_set_back || log.is_cut() {
        monitor.remark(Remark::OwnerLogCut { entries: log.next_seq });
    }
    Ok(recipient)
}

/// Finds the last snapshot of the strand; two with one number are a fork. If the vault shows less than this machine has
/// made, that is told unless the owners let it go, and no number is given twice. If it shows more, that is told too.
pub(super) fn read_head(agent: Agent<'_>, newest: Option<&Newest>, monitor: &dyn Monitor) -> Result<Head, BackupError> {
    let newest = newest.map(|newest| (newest.seq, newest.hash));
    let shown = read_shown_head(agent, newest)?;
    // A snapshot beyond would be written under a name that nobody lists.
    if newest.into_iter().chain(shown).any(|(seq, _)| seq >= SEQ_MAX) {
        return Err(BackupError::LastNumber { strand: agent.keys.strand });
    }
    match newest {
        Some((seq, hash)) if shown.is_none_or(|shown| shown.0 < seq || (shown.0 == seq && shown.1 != hash)) => {
            let is_replaced = shown.is_some_and(|shown| shown.0 == seq);
            if is_replaced || !was_let_go(agent, seq, hash)? {
                monitor.remark(Remark::VaultForgot { seq });
            }
            Ok(Head(newest))
        }
        _ => {
            if let (Some((remembered, _)), Some((seq, _))) = (newest, shown)
                && seq > remembered
            {
                monitor.remark(Remark::Unremembered { seq });
            }
            Ok(Head(shown))
        }
    }
}

/// Tells whether the owners' records explain why a snapshot of this machine is not there. Only owners can sign them.
fn was_let_go(agent: Agent<'_>, seq: u64, hash: ObjectHash) -> Result<bool, StoreError> {
    let name = ObjectName::Numbered(agent.keys.strand, NumberedKind::Snapshot, seq, hash);
    // What is wrong with the records, `check` and `expire` tell; one that does not count explains nothing.
    let log = read_expiry_log(agent.vault, &mut |_| {})?;
    Ok(log.explains(&name, agent.clock.now()))
}

/// Finds the newest manifest that counts. Anybody may put some that do not.
fn read_shown_head(
    agent: Agent<'_>,
    newest: Option<(u64, ObjectHash)>,
) -> Result<Option<(u64, ObjectHash)>, BackupError> {
    let strand = agent.keys.strand;
    let mut listed = Vec::new();
    agent.vault.store().list(&Folder::Numbered(strand, NumberedKind::Snapshot), &mut |name, _| {
        if let ObjectName::Numbered(_, NumberedKind::Snapshot, seq, hash) = name {
            listed.push((seq, hash));
        }
    })?;
    listed.sort();
    let is_twin = |at: usize| {
        let seq = listed[at].0;
        (at > 0 && listed[at - 1].0 == seq) || listed.get(at + 1).is_some_and(|next| next.0 == seq)
    };
    let mut shown: Option<(u64, ObjectHash)> = None;
    let mut last_seq = None;
    for (at, (seq, hash)) in listed.iter().copied().enumerate().rev() {
        // Below the newest, only those that claim one number with another are read.
        if shown.is_some() && !is_twin(at) {
            continue;
        }
        if newest == Some((seq, hash)) || counts(agent, seq, hash)? {
            if last_seq == Some(seq) {
                return Err(BackupError::Fork { strand, seq });
            }
            last_seq = Some(seq);
            shown = shown.or(Some((seq, hash)));
        }
    }
    Ok(shown)
}

/// Tells whether a manifest is this strand's. One that the medium fails to give may be: then nothing is known.
fn counts(agent: Agent<'_>, seq: u64, hash: ObjectHash) -> Result<bool, BackupError> {
    let name = ObjectName::Numbered(agent.keys.strand, NumberedKind::Snapshot, seq, hash);
    let read = match read_snapshot(agent.vault, &name) {
        // A bit that was wrong on its way only must not make this machine give the number again.
        Err(SnapshotFault::Changed { .. }) => read_snapshot(agent.vault, &name),
        other => other,
    };
    match read {
        // A newer program's manifest has its place too: another of its number would make a fork.
        Ok(_) | Err(SnapshotFault::Unbelievable { source: FormatError::Newer(_), .. }) => Ok(true),
        Err(SnapshotFault::Unreadable { source, .. }) => match source {
            StoreError::Io { .. } | StoreError::Denied { .. } | StoreError::Poisoned { .. } => Err(source.into()),
            _ => Ok(false),
        },
        Err(_) => Ok(false),
    }
}

/// Writes what the manifest needs, then the manifest; each is durable before the next begins.
pub(super) fn commit(
    run: &Run<'_>,
    head: &Head,
    sealed: &SealedManifest,
    counts: Counts,
    used: &PackUse,
) -> Result<ObjectHash, BackupError> {
    run.lease.renew()?;
    let used: Vec<PackNumber> = used.packs().collect();
    index_loose_packs(run, &used)?;
    let mut needed = BTreeSet::new();
    for number in &used {
        let record = run.packs.record(*number).ok_or(BackupError::Aborted)?;
        needed.insert(Needed::Pack(record.hash.ok_or(BackupError::Aborted)?));
        needed.extend(record.index.map(Needed::Index));
    }
    let lists = put_lists(run, &needed)?;
    let manifest = write_manifest(run, head, sealed, counts, &needed, lists.last().copied());
    verify_presence(run, HashedKind::Pack, needed.iter().filter_map(Needed::pack).collect())?;
    verify_presence(run, HashedKind::List, lists.into_iter().collect())?;
    run.store().commit()?;
    let object = manifest.sign(&SigningKey::new(run.keys.signing_seed.clone()));
    let hash = ObjectHash::of(&object);
    let name = ObjectName::Numbered(run.keys.strand, NumberedKind::Snapshot, run.seq, hash);
    run.store().put(&name, &object)?;
    run.store().commit()?;
    run.known.save()?;
    Ok(hash)
}

/// Writes lists of names, if there are too many for the manifest. Returns their hashes, the top one last.
fn put_lists(run: &Run<'_>, needed: &BTreeSet<Needed>) -> Result<Vec<ObjectHash>, BackupError> {
    let mut lists = Vec::new();
    if needed.len() > NAMES_INLINE_MAX {
        for (hash, object) in write_lists(needed) {
            run.store().put(&ObjectName::Hashed(run.keys.strand, HashedKind::List, hash), &object)?;
            lists.push(hash);
        }
    }
    Ok(lists)
}

fn write_manifest(
    run: &Run<'_>,
    head: &Head,
    sealed: &SealedManifest,
    counts: Counts,
    needed: &BTreeSet<Needed>,
    list: Option<ObjectHash>,
) -> Manifest {
    let (mut indexes, mut packs) = (Vec::new(), Vec::new());
    if list.is_none() {
        indexes = needed.iter().filter_map(Needed::index).collect();
        packs = needed.iter().filter_map(Needed::pack).collect();
    }
    let (salt, sealed_body) = sealed.seal(&run.session);
    Manifest {
        vault: run.vault.id(),
        strand: run.keys.strand,
        seq: run.seq,
        previous: head.0.map(|(_, hash)| hash),
        indexes,
        packs,
        list,
        counts,
        source_tag: source_tag(&run.keys.id_key, &run.options.source),
        salt,
        sealed_key: run.session.sealed_key().to_vec(),
        sealed: sealed_body,
    }
}

/// Verifies that objects are still there: whoever lets old snapshots go may have taken one that this backup reuses.
fn verify_presence(run: &Run<'_>, kind: HashedKind, mut missing: HashSet<ObjectHash>) -> Result<(), BackupError> {
    if missing.is_empty() {
        return Ok(());
    }
    run.store().list(&Folder::Hashed(run.keys.strand, kind), &mut |name, _| {
        if let Some(hash) = name.hash() {
            missing.remove(&hash);
        }
    })?;
    match missing.len() as u64 {
        0 => Ok(()),
        count => Err(BackupError::Vanished { count }),
    }
}

/// Covers the packs that are in no index by new ones, if there are many.
fn index_loose_packs(run: &Run<'_>, used: &[PackNumber]) -> Result<(), BackupError> {
    let loose: Vec<_> = used
        .iter()
        .filter_map(|number| run.packs.record(*number).filter(|record| record.index.is_none()).map(|r| (*number, r)))
        .collect();
    if loose.len() <= LOOSE_PACKS_MAX {
        return Ok(());
    }
    let (mut packs, mut numbers, mut plain_bytes) = (Vec::new(), Vec::new(), 0);
    for (number, record) in loose {
        let hash = record.hash.ok_or(BackupError::Aborted)?;
        let read = read_directory(run.store(), run.keys.strand, hash, record.size.bytes, &run.keys.index_key);
        let (head, blobs) = match read {
            Ok(read) => read,
            // A pack that rotted stays out of the index, and is found by `check`.
            Err(PackError::Store(_) | PackError::Format(_)) => continue,
        };
        plain_bytes += 46 + 43 * blobs.len();
        let blobs_start = 44 + head.sealed_key.len() as u32;
        packs.push(IndexedPack { hash, bytes: record.size.bytes, blobs_start, blobs });
        numbers.push(number);
        if plain_bytes >= INDEX_BYTES_TARGET {
            put_index(run, &mut packs, &mut numbers)?;
            plain_bytes = 0;
        }
    }
    put_index(run, &mut packs, &mut numbers)
}

fn put_index(run: &Run<'_>, packs: &mut Vec<IndexedPack>, numbers: &mut Vec<PackNumber>) -> Result<(), BackupError> {
    if packs.is_empty() {
        return Ok(());
    }
    let object = write_index(&run.keys.index_key, &random(run.entropy), packs);
    let hash = ObjectHash::of(&object);
    run.store().put(&ObjectName::Hashed(run.keys.strand, HashedKind::Index, hash), &object)?;
    run.packs.cover(hash, numbers);
    packs.clear();
    numbers.clear();
    Ok(())
}
