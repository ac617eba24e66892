//! Bringing what the agent remembers in line with what the store has.

use std::collections::HashMap;

use super::run::Run;
use super::{BackupError, Remark};
use crate::id::ObjectHash;
use crate::name::{Folder, HashedKind};
use crate::pack::{PackError, PackedBlob, read_directory};

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
    let unknown = run.packs.retain_present(whole.map(|(hash, _)| *hash).collect::<Vec<_>>());
    let lost = before - run.packs.durable().len();
    if lost > 0 {
        run.monitor.remark(Remark::LostPacks { count: lost as u64 });
    }
    let mut adopted = 0;
    for hash in unknown {
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
    record.is_some_and(|record| record.bytes != bytes)
}

/// Learns what is in a pack. One that cannot be read is told and left alone.
fn adopt(run: &Run<'_>, hash: ObjectHash, pack_bytes: u64) -> Result<bool, BackupError> {
    let read = read_directory(run.store(), run.keys.strand, hash, pack_bytes, &run.keys.index_key);
    let (head, blobs): (_, Vec<PackedBlob>) = match read {
        Ok(read) => read,
        Err(PackError::Store(error)) => return Err(error.into()),
        Err(PackError::Format(_)) => {
            run.monitor.remark(Remark::DamagedPack { pack: hash });
            return Ok(false);
        }
    };
    let count = u32::try_from(blobs.len()).unwrap_or(u32::MAX);
    let number = run.packs.adopt(head.kind as u8, hash, count, pack_bytes)?;
    run.known.insert_pack(number, blobs.into_iter().map(|blob| blob.id))?;
    Ok(true)
}
