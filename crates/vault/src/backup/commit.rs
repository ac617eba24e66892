//! The beginning and the end of a backup: where the strand stands, the lease, and the manifest.

use std::collections::{BTreeSet, HashSet};

use super::assemble::PackUse;
use super::run::Run;
use super::{Agent, BackupError};
use crate::bytes::SigningKey;
use crate::id::ObjectHash;
use crate::index::{INDEX_BYTES_TARGET, IndexedPack, LOOSE_PACKS_MAX, write_index};
use crate::lease::{LEASE_SECONDS, Lease};
use crate::list::{Needed, write_lists};
use crate::manifest::{Counts, Manifest, NAMES_INLINE_MAX, SealedManifest};
use crate::name::{Folder, HashedKind, NumberedKind, ObjectName};
use crate::pack::{PackError, read_directory};
use crate::state::PackNumber;
use crate::strand::source_tag;
use crate::world::{Timestamp, random};

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
        Some(reason) => Err(BackupError::Retired { strand: agent.keys.strand, reason: reason.clone() }),
        None => Ok(()),
    }
}

/// Finds the last snapshot of the strand; two with one number are a fork.
pub(super) fn read_head(agent: Agent<'_>) -> Result<Head, BackupError> {
    let strand = agent.keys.strand;
    let mut snapshots = Vec::new();
    agent.vault.store().list(&Folder::Numbered(strand, NumberedKind::Snapshot), &mut |name, _| {
        if let ObjectName::Numbered(_, NumberedKind::Snapshot, seq, hash) = name {
            snapshots.push((seq, hash));
        }
    })?;
    snapshots.sort();
    if let Some(fork) = snapshots.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(BackupError::Fork { strand, seq: fork[0].0 });
    }
    Ok(Head(snapshots.last().copied()))
}

/// Says that a backup is running: expiry leaves alone what it may reuse.
pub(super) fn put_lease(agent: Agent<'_>, seq: u64, now: Timestamp) -> Result<(), BackupError> {
    let (vault, strand) = (agent.vault.id(), agent.keys.strand);
    let until = Timestamp::from_seconds(now.seconds() + LEASE_SECONDS);
    let object = Lease { vault, strand, seq, from: now, until }.sign(&signing_key(agent));
    let name = ObjectName::Numbered(strand, NumberedKind::Lease, seq, ObjectHash::of(&object));
    agent.vault.store().put(&name, &object)?;
    agent.vault.store().commit()?;
    Ok(())
}

/// Writes what the manifest needs, then the manifest; each is durable before the next begins.
pub(super) fn commit(
    run: &Run<'_>,
    head: &Head,
    sealed: &SealedManifest,
    counts: Counts,
    used: &PackUse,
) -> Result<ObjectHash, BackupError> {
    let used: Vec<PackNumber> = used.iter().collect();
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
        let read = read_directory(run.store(), run.keys.strand, hash, record.bytes, &run.keys.index_key);
        let (head, blobs) = match read {
            Ok(read) => read,
            Err(PackError::Store(error)) => return Err(error.into()),
            // A pack that rotted stays out of the index, and is found by `check`.
            Err(PackError::Format(_)) => continue,
        };
        plain_bytes += 46 + 43 * blobs.len();
        let blobs_start = 44 + head.sealed_key.len() as u32;
        packs.push(IndexedPack { hash, bytes: record.bytes, blobs_start, blobs });
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

fn signing_key(agent: Agent<'_>) -> SigningKey {
    SigningKey::new(agent.keys.signing_seed.clone())
}
