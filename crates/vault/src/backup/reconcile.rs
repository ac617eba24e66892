//! Bringing what the agent remembers in line with what the store has.

use std::collections::{HashMap, HashSet};
use std::sync::PoisonError;

use super::run::Run;
use super::{BackupError, Remark};
use crate::id::ObjectHash;
use crate::list::Record;
use crate::name::{Folder, HashedKind, NumberedKind, ObjectName};
use crate::pack::{PackError, PackedBlob, plain_bytes, read_directory};
use crate::snapshots::{read_list, read_snapshot};
use crate::state::PackSize;
use crate::store::StoreError;

/// Forgets packs that the store lost, and learns those that an interrupted backup left. Returns how many were learned.
pub(super) fn reconcile(run: &Run<'_>) -> Result<u64, BackupError> {
    let mut listed = HashMap::new();
    let folder = Folder::Hashed(run.keys.strand, HashedKind::Pack);
    run.store().list(&folder, &mut |name, bytes| {
        if let Some(hash) = name.hash() {
            listed.insert(hash, bytes);
        }
    })?;
    let before = run.packs.durable().len();
    let whole = listed.iter().filter(|(hash, bytes)| !is_cut(run, hash, **bytes));
    let mut unknown = run.packs.retain_present(whole.map(|(hash, _)| *hash).collect::<Vec<_>>());
    // They get their numbers in this order, which is that of their hashes and not of a table in memory.
    unknown.sort_unstable();
    let lost = before - run.packs.durable().len();
    if lost > 0 {
        run.monitor.remark(Remark::LostPacks { count: lost as u64 });
    }
    let strange = find_strange(run, &unknown)?;
    let mut adopted = 0;
    for hash in unknown.into_iter().filter(|hash| !strange.contains(hash)) {
        if run.monitor.stopping() {
            return Err(BackupError::Stopped);
        }
        adopted += u64::from(adopt(run, hash, listed[&hash])?);
    }
    let mut indexes = Vec::new();
    let folder = Folder::Hashed(run.keys.strand, HashedKind::Index);
    run.store().list(&folder, &mut |name, _| indexes.extend(name.hash()))?;
    run.packs.retain_indexes_present(indexes);
    Ok(adopted)
}

/// Tells whether a pack that is known has another length now: then it is as good as lost.
fn is_cut(run: &Run<'_>, hash: &ObjectHash, bytes: u64) -> bool {
    let record = run.packs.find_by_hash(hash).and_then(|number| run.packs.record(number));
    record.is_some_and(|record| record.size.bytes != bytes)
}

/// Finds, of packs whose blobs are not known, those of which nothing proves that this machine made them.
///
/// A directory is sealed with a key that a thief may have, and may promise what is not in the pack. So a pack counts if
/// the table has it, if it was noted when it was begun, or if a manifest names it: that is signed, and shows in the list.
fn find_strange(run: &Run<'_>, unknown: &[ObjectHash]) -> Result<HashSet<ObjectHash>, BackupError> {
    let begun = run.begun.lock().unwrap_or_else(PoisonError::into_inner);
    let is_own = |hash: &&ObjectHash| run.packs.find_by_hash(hash).is_some() || begun.holds(hash);
    let mut strange: HashSet<_> = unknown.iter().filter(|hash| !is_own(hash)).copied().collect();
    let mut manifests = Vec::new();
    if !strange.is_empty() {
        let folder = Folder::Numbered(run.keys.strand, NumberedKind::Snapshot);
        run.store().list(&folder, &mut |name, _| manifests.push(name))?;
    }
    // The newest names most of them.
    manifests.sort();
    let mut lists = HashSet::new();
    while let Some(name) = manifests.pop().filter(|_| !strange.is_empty()) {
        if run.monitor.stopping() {
            return Err(BackupError::Stopped);
        }
        if let Ok((snapshot, _)) = read_snapshot(run.vault, &name) {
            strange.retain(|pack| snapshot.manifest.packs.binary_search(pack).is_err());
            strike_listed(run, snapshot.manifest.list, &mut lists, &mut strange);
        }
    }
    Ok(strange)
}

/// Strikes out the packs that lists name. `seen` holds the lists that were read already.
fn strike_listed(
    run: &Run<'_>,
    top: Option<ObjectHash>,
    seen: &mut HashSet<ObjectHash>,
    strange: &mut HashSet<ObjectHash>,
) {
    let mut waiting: Vec<_> = top.into_iter().collect();
    while let Some(hash) = waiting.pop() {
        let name = ObjectName::Hashed(run.keys.strand, HashedKind::List, hash);
        if !seen.insert(hash) {
            continue;
        }
        let Ok(list) = read_list(run.store(), name, hash, None) else { continue };
        for record in list.records {
            match record {
                Record::Pack(pack) => drop(strange.remove(&pack)),
                Record::List(below) => waiting.push(below),
                Record::Index(_) => {}
            }
        }
    }
}

/// Learns what is in a pack. One that cannot be read is told and left alone; the next backup tries again.
fn adopt(run: &Run<'_>, hash: ObjectHash, pack_bytes: u64) -> Result<bool, BackupError> {
    let read = read_directory(run.store(), run.keys.strand, hash, pack_bytes, &run.keys.index_key);
    let (head, blobs): (_, Vec<PackedBlob>) = match read {
        Ok(read) => read,
        // It was there when the store was listed: owners let it go meanwhile. Its blobs are not known, and are sent again.
        Err(PackError::Store(StoreError::NotFound { .. })) => return Ok(false),
        Err(PackError::Store(_) | PackError::Format(_)) => {
            run.monitor.remark(Remark::DamagedPack { pack: hash });
            run.begun.lock().unwrap_or_else(PoisonError::into_inner).keep_unread(hash);
            return Ok(false);
        }
    };
    let count = u32::try_from(blobs.len()).unwrap_or(u32::MAX);
    let size = PackSize { blobs: count, bytes: pack_bytes, plain_bytes: plain_bytes(&blobs) };
    let number = run.packs.adopt(head.kind as u8, hash, size)?;
    run.known.insert_pack(number, blobs.into_iter().map(|blob| blob.id))?;
    Ok(true)
}
