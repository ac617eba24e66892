//! Which blob is in which pack: what needs no upload.
//!
//! New ids are in memory, in shards. When they are many they become a [run](super::run) on disk; when runs are many, the newest are
//! merged. Memory is bounded: some 2 bytes for each blob, and the new ids.
//!
//! ```text
//! known   series (16) ‖ u32 packs numbered ‖ u32 n, n × u32 packs whose blobs are not all here
//!         ‖ u32 n, n × [u32 number of a run, its checksum (32)], oldest first
//! ```
//!
//! **What survives a crash.** Saving writes the new ids as a run, then the table of packs, then the list `known`, and only then
//! deletes what the list no longer names. So every number in a listed run is in the saved table, and means its pack for ever; whether that
//! pack is durable is asked of the table at each find. Packs that the list does not vouch for are marked unread in the table, which
//! makes [`PackTable::retain_present`] ask for their directories again.
//!
//! | during | another thread | is safe because |
//! | --- | --- | --- |
//! | claim | claim of the same id | one shard lock is held over the search in memory and in runs |
//! | new ids become a run | find | ids leave memory after the run is visible |
//! | merge | find | it searches the old runs until the new one takes their place at once |
#![expect(clippy::disallowed_methods, reason = "the state is files; this module lists runs that nothing names")]

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock, TryLockError};

use crate::id::BlobId;
use crate::state::file::{CheckedReader, CheckedWriter, Head, Unread, remove};
use crate::state::folder::{StateFolder, StateLock};
use crate::state::run::{Record, Run, RunCursor, RunName, file_name, number_of};
use crate::state::{LostReason, Opening, PackNumber, PackTable, StateError, changing, locked, reading};

/// The known blobs of a strand. All methods may be called from many threads.
#[derive(Debug)]
pub struct KnownBlobs {
    folder: StateFolder,
    packs: Arc<PackTable>,
    limits: Limits,
    shards: Vec<Mutex<HashMap<BlobId, Slot>>>,
    placed: AtomicUsize,
    /// Oldest first.
    runs: RwLock<Vec<Arc<Run>>>,
    failed_reads: AtomicU64,
    /// Held by whoever writes runs.
    writing: Mutex<Writing>,
}

/// What becomes of a blob that somebody wants to send.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Claim {
    /// It is in a pack.
    Known(PackNumber),
    /// Another thread is packing it.
    Taken,
    /// The caller packs it, then calls [`KnownBlobs::place`] or [`KnownBlobs::release`].
    Mine,
}

impl KnownBlobs {
    /// Opens the known blobs of a vault's folder, whose lock the caller holds for as long as it uses them.
    ///
    /// If they are lost they start empty, and the table's packs are all unread.
    pub fn open(folder: &StateFolder, lock: &StateLock, packs: Arc<PackTable>) -> Result<(Self, Opening), StateError> {
        Self::open_within(folder, lock, packs, Limits::USUAL)
    }

    /// Returns a reusable pack that holds a blob.
    pub fn find(&self, id: &BlobId) -> Option<PackNumber> {
        let slot = locked(self.shard(id)).get(id).copied();
        match slot {
            Some(Slot::Placed(pack)) if self.packs.is_reusable(pack) => Some(pack),
            _ => self.find_in_runs(id),
        }
    }

    /// Finds a blob, or claims the right to pack it. Of many threads, one gets [`Claim::Mine`].
    pub fn claim(&self, id: &BlobId) -> Claim {
        let mut shard = locked(self.shard(id));
        match shard.get(id) {
            Some(Slot::Claimed) => return Claim::Taken,
            Some(Slot::Placed(pack)) if self.packs.is_reusable(*pack) => return Claim::Known(*pack),
            Some(Slot::Placed(_)) | None => {}
        }
        if let Some(pack) = self.find_in_runs(id) {
            return Claim::Known(pack);
        }
        if let Some(Slot::Placed(_)) = shard.insert(*id, Slot::Claimed) {
            self.placed.fetch_sub(1, Ordering::Relaxed);
        }
        Claim::Mine
    }

    /// Says that a blob was appended to a pack. An error means that a full memory could not be written out: the blob is known all the same.
    pub fn place(&self, id: &BlobId, pack: PackNumber) -> Result<(), StateError> {
        let before = locked(self.shard(id)).insert(*id, Slot::Placed(pack));
        if matches!(before, Some(Slot::Placed(_))) {
            return Ok(());
        }
        let placed = self.placed.fetch_add(1, Ordering::Relaxed) + 1;
        if placed < self.limits.placed_max {
            return Ok(());
        }
        let mut writing = match self.writing.try_lock() {
            Ok(writing) => writing,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // Somebody is writing them out; wait only if it takes too long.
            Err(TryLockError::WouldBlock) if placed < 2 * self.limits.placed_max => return Ok(()),
            Err(TryLockError::WouldBlock) => locked(&self.writing),
        };
        if self.placed.load(Ordering::Relaxed) >= self.limits.placed_max {
            self.write_placed(&mut writing)?;
        }
        Ok(())
    }

    /// Gives a claim back: the blob was not packed.
    pub fn release(&self, id: &BlobId) {
        if let Entry::Occupied(slot) = locked(self.shard(id)).entry(*id)
            && matches!(slot.get(), Slot::Claimed)
        {
            slot.remove();
        }
    }

    /// Learns all ids of a pack that was adopted, which is then read. Ids that somebody is packing right now stay claimed.
    pub fn insert_pack(&self, pack: PackNumber, ids: impl IntoIterator<Item = BlobId>) -> Result<(), StateError> {
        for id in ids {
            let slot = locked(self.shard(&id)).get(&id).copied();
            if !matches!(slot, Some(Slot::Claimed)) {
                self.place(&id, pack)?;
            }
        }
        self.packs.mark_read(pack);
        Ok(())
    }

    /// Makes durable what is known now, and the table of packs with it. Costs as much as is new.
    pub fn save(&self) -> Result<(), StateError> {
        let mut writing = locked(&self.writing);
        // Asked first: a pack that is finished by now has all its blobs in what is written next.
        let (numbered, unread) = self.packs.reading_left();
        self.write_placed(&mut writing)?;
        self.packs.save()?;
        let names: Vec<RunName> = reading(&self.runs).iter().map(|run| run.name()).collect();
        self.write_list(numbered, &unread, &names)?;
        while let Some(number) = writing.obsolete.pop() {
            remove(&self.folder.path().join(file_name(number)))?;
        }
        Ok(())
    }

    /// Returns how often the disk did not give a part of a run. Blobs in it were taken for unknown.
    pub fn failed_reads(&self) -> u64 {
        self.failed_reads.load(Ordering::Relaxed)
    }

    fn open_within(
        folder: &StateFolder,
        _lock: &StateLock,
        packs: Arc<PackTable>,
        limits: Limits,
    ) -> Result<(Self, Opening), StateError> {
        let (list, runs, opening) = match read(folder, &packs, &limits) {
            Ok((list, runs)) => (list, runs, Opening::Loaded),
            Err(Unread::Refused(error)) => return Err(error),
            Err(Unread::Lost(reason)) => (List::default(), vec![], Opening::Lost { reason }),
        };
        packs.mark_unread(PackNumber(list.numbered), &list.unread);
        remove_unnamed(folder, &list.names)?;
        let next_run = list.names.iter().map(|name| name.number.saturating_add(1)).max();
        let known = Self {
            folder: folder.clone(),
            packs,
            limits,
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            placed: AtomicUsize::new(0),
            runs: RwLock::new(runs),
            failed_reads: AtomicU64::new(0),
            writing: Mutex::new(Writing { next_run: next_run.unwrap_or(0), obsolete: Vec::new() }),
        };
        Ok((known, opening))
    }

    fn shard(&self, id: &BlobId) -> &Mutex<HashMap<BlobId, Slot>> {
        &self.shards[id.0[31] as usize % SHARDS]
    }

    fn find_in_runs(&self, id: &BlobId) -> Option<PackNumber> {
        for run in reading(&self.runs).iter().rev() {
            match run.find(id) {
                Ok(Some(pack)) if self.packs.is_reusable(pack) => return Some(pack),
                Ok(_) => {}
                Err(_) => {
                    self.failed_reads.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        None
    }

    /// Makes a run of the placed ids, then takes them out of memory.
    fn write_placed(&self, writing: &mut Writing) -> Result<(), StateError> {
        let mut records = Vec::with_capacity(self.placed.load(Ordering::Relaxed));
        for shard in &self.shards {
            records.extend(locked(shard).iter().filter_map(|(id, slot)| match slot {
                Slot::Placed(pack) => Some(Record { id: id.0, pack: *pack }),
                Slot::Claimed => None,
            }));
        }
        if records.is_empty() {
            return Ok(());
        }
        records.sort_unstable_by_key(|record| record.id);
        let mut rest = records.iter();
        let next = || Ok(rest.next().copied());
        let run = self.write_run(writing, records.len() as u64, next)?;
        changing(&self.runs).push(Arc::new(run));
        for record in &records {
            self.forget_placed(record);
        }
        self.merge(writing)
    }

    /// Takes an id out of memory, unless it was placed again meanwhile.
    fn forget_placed(&self, record: &Record) {
        let id = BlobId(record.id);
        if let Entry::Occupied(slot) = locked(self.shard(&id)).entry(id)
            && *slot.get() == Slot::Placed(record.pack)
        {
            slot.remove();
            self.placed.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn write_run(
        &self,
        writing: &mut Writing,
        records_max: u64,
        next: impl FnMut() -> Result<Option<Record>, StateError>,
    ) -> Result<Run, StateError> {
        let number = writing.next_run;
        writing.next_run += 1;
        let memory_records_max = self.limits.memory_records_max;
        Run::write(&self.folder, number, records_max, memory_records_max, next)
    }

    /// Merges the newest runs when there are too many: as many as it takes that each run is larger than all after it.
    fn merge(&self, writing: &mut Writing) -> Result<(), StateError> {
        let runs: Vec<Arc<Run>> = reading(&self.runs).clone();
        if runs.len() <= self.limits.runs_max {
            return Ok(());
        }
        let mut start = runs.len() - 1;
        let mut records_max = runs[start].records();
        while start > 0 && (start + 1 > self.limits.runs_max || runs[start - 1].records() <= 2 * records_max) {
            start -= 1;
            records_max += runs[start].records();
        }
        let mut merged = Merge::new(&runs[start..], &self.packs);
        let next = || {
            merged.next().map_err(|reason| StateError::Io {
                path: self.folder.path().join(LIST),
                source: std::io::Error::other(reason),
            })
        };
        let run = self.write_run(writing, records_max, next)?;
        let name = |run: Arc<Run>| run.name().number;
        let mut runs = changing(&self.runs);
        writing.obsolete.extend(runs.drain(start..).map(name));
        runs.push(Arc::new(run));
        Ok(())
    }

    fn write_list(&self, numbered: u32, unread: &[PackNumber], names: &[RunName]) -> Result<(), StateError> {
        let mut writer = CheckedWriter::create(&self.folder, LIST, HEAD)?;
        writer.write(&self.packs.series().0)?;
        writer.write(&numbered.to_le_bytes())?;
        writer.write(&(unread.len() as u32).to_le_bytes())?;
        for number in unread {
            writer.write(&number.0.to_le_bytes())?;
        }
        writer.write(&(names.len() as u32).to_le_bytes())?;
        for name in names {
            writer.write(&name.number.to_le_bytes())?;
            writer.write(&name.digest)?;
        }
        writer.close()?.0.replace()?;
        Ok(())
    }
}

const LIST: &str = "known";
const HEAD: Head = Head { magic: *b"BFSK", version: 0 };
const SHARDS: usize = 64;

#[derive(Clone, Copy, Debug)]
struct Limits {
    /// New ids in memory before they become a run.
    placed_max: usize,
    /// Runs before some are merged.
    runs_max: usize,
    /// Records of a run that stays in memory whole.
    memory_records_max: u64,
}

impl Limits {
    const USUAL: Self = Self { placed_max: 1 << 18, runs_max: 8, memory_records_max: 1 << 16 };
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Slot {
    Claimed,
    Placed(PackNumber),
}

#[derive(Debug)]
struct Writing {
    next_run: u32,
    /// Runs that were merged, while the list on disk still names them.
    obsolete: Vec<u32>,
}

#[derive(Default, Debug)]
struct List {
    numbered: u32,
    unread: Vec<PackNumber>,
    names: Vec<RunName>,
}

/// Joins runs in order of their ids. Of records of one id the newest in a pack that is not worn stays, or the newest in a
/// live one; records of packs that are gone do not.
struct Merge<'a> {
    cursors: Vec<RunCursor<'a>>,
    /// The next record of each cursor.
    heads: Vec<Option<Record>>,
    packs: &'a PackTable,
    started: bool,
}

impl<'a> Merge<'a> {
    fn new(runs: &'a [Arc<Run>], packs: &'a PackTable) -> Self {
        Self {
            cursors: runs.iter().rev().map(|run| run.cursor()).collect(),
            heads: vec![None; runs.len()],
            packs,
            started: false,
        }
    }

    fn next(&mut self) -> Result<Option<Record>, LostReason> {
        if !self.started {
            self.started = true;
            self.advance(|_| true)?;
        }
        while let Some(id) = self.heads.iter().flatten().map(|record| record.id).min() {
            let same = |head: &Option<Record>| head.is_some_and(|record| record.id == id);
            let found = || self.heads.iter().filter(|head| same(head)).flatten();
            let reusable = found().find(|record| self.packs.is_reusable(record.pack));
            let live = reusable.or_else(|| found().find(|record| self.packs.is_live(record.pack))).copied();
            self.advance(same)?;
            if live.is_some() {
                return Ok(live);
            }
        }
        Ok(None)
    }

    fn advance(&mut self, wanted: impl Fn(&Option<Record>) -> bool) -> Result<(), LostReason> {
        for (head, cursor) in self.heads.iter_mut().zip(&mut self.cursors) {
            if wanted(head) {
                *head = cursor.next()?;
            }
        }
        Ok(())
    }
}

fn read(folder: &StateFolder, packs: &PackTable, limits: &Limits) -> Result<(List, Vec<Arc<Run>>), Unread> {
    let mut reader = CheckedReader::open(folder, LIST, HEAD)?;
    if reader.array()? != packs.series().0 {
        return Err(LostReason::Stale.into());
    }
    let mut list = List { numbered: reader.u32()?, ..List::default() };
    for _ in 0..reader.u32()? {
        list.unread.push(PackNumber(reader.u32()?));
    }
    for _ in 0..reader.u32()? {
        let number = reader.u32()?;
        let digest = reader.array()?;
        list.names.push(RunName { number, digest });
    }
    reader.finish()?;
    let open = |name: &RunName| Run::open(folder, *name, limits.memory_records_max).map(Arc::new);
    let runs = list.names.iter().map(open).collect::<Result<_, _>>()?;
    Ok((list, runs))
}

/// Removes the runs that the list does not name, finished or not: a crash left them.
fn remove_unnamed(folder: &StateFolder, names: &[RunName]) -> Result<(), StateError> {
    let failed = |source| StateError::Io { path: folder.path().to_path_buf(), source };
    let mut unnamed: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder.path()).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let draft = name.strip_prefix(".tmp-");
        let Some(number) = number_of(draft.unwrap_or(name)) else {
            continue;
        };
        if draft.is_some() || !names.iter().any(|name| name.number == number) {
            unnamed.push(entry.path());
        }
    }
    unnamed.iter().try_for_each(|path| remove(path))
}

#[cfg(test)]
mod tests;
