//! Reading packs and indexes whole or in samples, by several threads.

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::objects::{StrandState, list_damage, store_damage};
use super::report::{Damage, FaultNumber, Findings};
use super::{Plan, Reading};
use crate::blob::BlobOpener;
use crate::bytes::{FormatError, PACK};
use crate::id::{BlobId, ObjectHash};
use crate::name::{HashedKind, ObjectName};
use crate::pack::parse_pack;
use crate::read::{Located, Location, PackNumber, ReadFault, StrandReader};
use crate::scratch::{Record, Scratch, ScratchError, Sorted, Sorter};

/// Which copies of blobs cannot be opened, and why.
pub(super) struct BlobState {
    bad: Vec<u64>,
    causes: HashMap<PackNumber, FaultNumber>,
}

impl BlobState {
    /// All sound, of so many copies.
    pub fn sound(copies: usize) -> Self {
        Self { bad: vec![0; copies.div_ceil(64)], causes: HashMap::new() }
    }

    /// Tells whether the copy at a place of the locator is known to be bad.
    pub fn is_bad(&self, place: usize) -> bool {
        self.bad[place / 64] & (1 << (place % 64)) != 0
    }

    /// Notes that a copy is bad.
    pub fn mark(&mut self, place: usize) {
        self.bad[place / 64] |= 1 << (place % 64);
    }

    /// The fault of a pack that has bad copies.
    pub fn cause(&self, pack: PackNumber) -> Option<FaultNumber> {
        self.causes.get(&pack).copied()
    }

    /// Notes why copies in a pack are bad.
    pub fn blame(&mut self, pack: PackNumber, fault: FaultNumber) {
        self.causes.insert(pack, fault);
    }
}

/// Reads what the plan asks for of a strand's packs and indexes. Without a reader, hashes only.
pub(super) fn check_packs(
    plan: &Plan<'_>,
    state: &mut StrandState,
    reader: Option<&StrandReader>,
    findings: &mut Findings,
) -> Result<BlobState, ScratchError> {
    let tasks = tasks(plan, state, reader);
    plan.monitor.reading(state.strand, tasks.len() as u64);
    let copies = reader.map_or(0, |reader| reader.locator().len());
    let blobs = reader.map(|reader| BlobsByPack::sort(reader, plan.scratch)).transpose()?;
    let work = Work { plan, state, reader, blobs };
    let collected = Mutex::new((findings, BlobState::sound(copies), Vec::new()));
    let next = AtomicUsize::new(0);
    let take = || tasks.get(next.fetch_add(1, Ordering::Relaxed)).filter(|_| !plan.monitor.stopping());
    let one_reads = || {
        let mut opener = BlobOpener::default();
        while let Some(task) = take() {
            let verdict = work.run(&mut opener, task).inspect_err(|_| next.store(tasks.len(), Ordering::Relaxed))?;
            plan.monitor.read(verdict.bytes);
            let mut collected = collected.lock().unwrap_or_else(PoisonError::into_inner);
            let (findings, blobs, faulty) = &mut *collected;
            work.collect(task, verdict, findings, blobs, faulty)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let jobs = plan.jobs.clamp(1, tasks.len().max(1));
        let crew: Vec<_> = (0..jobs).map(|_| scope.spawn(one_reads)).collect();
        crew.into_iter().try_for_each(|one| one.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })?;
    let (_, blobs, faulty) = collected.into_inner().unwrap_or_else(PoisonError::into_inner);
    state.faulty.extend(faulty);
    Ok(blobs)
}

/// What a fault of reading says, and of which object; an error if the vault is not at fault.
pub(super) fn read_damage(fault: ReadFault) -> Result<(Option<ObjectName>, Damage), ScratchError> {
    Ok(match fault {
        ReadFault::Store { name, source } => (Some(name), store_damage(source)),
        ReadFault::Damaged { name, source } => (Some(name), Damage::Malformed(source)),
        ReadFault::Key { name, source } => (Some(name), Damage::Key(source)),
        ReadFault::Unlocated { id } => (None, Damage::Unlocated { first: id }),
        ReadFault::List(list) => {
            let (name, what) = list_damage(list);
            (Some(name), what)
        }
        ReadFault::Scratch(error) => return Err(error),
    })
}

/// An object to read, and how.
struct Task {
    kind: HashedKind,
    hash: ObjectHash,
    pack: Option<PackNumber>,
    depth: Depth,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// An index that is still there names the pack, which is not.
    Gone,
    /// Its head; its directory was read before.
    Structure,
    /// Some of its blobs too.
    Blobs(u8),
    /// All its bytes.
    Whole,
}

/// What came out of a task.
#[derive(Default)]
struct Verdict {
    damage: Option<Damage>,
    all_bad: bool,
    bad: Vec<usize>,
    verified: u64,
    bytes: u64,
}

fn tasks(plan: &Plan<'_>, state: &StrandState, reader: Option<&StrandReader>) -> Vec<Task> {
    let mut tasks = Vec::new();
    for hash in state.packs.keys() {
        let pack = reader.and_then(|reader| reader.pack_number(hash));
        let depth = match plan.reading {
            Reading::Objects { percent } if plan.is_sampled(&hash.0, percent) => Depth::Whole,
            Reading::Blobs { known_percent, .. } if state.known_packs.contains(hash) => Depth::Blobs(known_percent),
            Reading::Blobs { new_percent, .. } => Depth::Blobs(new_percent),
            Reading::Objects { .. } | Reading::Nothing => Depth::Structure,
        };
        if pack.is_some() || depth == Depth::Whole {
            tasks.push(Task { kind: HashedKind::Pack, hash: *hash, pack, depth });
        }
    }
    for pack in reader.into_iter().flat_map(|reader| 0..reader.pack_count()) {
        let hash = reader.map(|reader| reader.pack_hash(pack)).filter(|hash| !state.packs.contains_key(hash));
        let gone = |hash| Task { kind: HashedKind::Pack, hash, pack: Some(pack), depth: Depth::Gone };
        tasks.extend(hash.map(gone));
    }
    if let Reading::Objects { percent } = plan.reading {
        let sampled = state.indexes.keys().filter(|hash| plan.is_sampled(&hash.0, percent));
        let index = |hash: &ObjectHash| Task { kind: HashedKind::Index, hash: *hash, pack: None, depth: Depth::Whole };
        tasks.extend(sampled.map(index));
    }
    tasks
}

/// A copy of a blob, and its place in the locator.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Placed {
    location: Location,
    id: BlobId,
    place: usize,
}

/// The blobs of a locator, by pack and offset, in bounded memory.
struct BlobsByPack(Sorted<Placed>);

impl BlobsByPack {
    fn sort(reader: &StrandReader, scratch: &Scratch) -> Result<Self, ScratchError> {
        let mut sorter = Sorter::new(scratch);
        for copy in reader.locator().iter() {
            let (place, Located { id, location }) = copy?;
            sorter.add(Placed { location, id, place })?;
        }
        sorter.finish().map(Self)
    }

    fn of(&self, pack: PackNumber) -> Result<impl Iterator<Item = Result<Placed, ScratchError>>, ScratchError> {
        Ok(self.0.with_key(pack)?.map(|placed| Ok(placed?.1)))
    }
}

impl Record for Placed {
    const BYTES: usize = Located::BYTES + 8;

    type Key = PackNumber;

    fn key(&self) -> PackNumber {
        self.location.pack
    }

    fn spread(key: &PackNumber) -> u16 {
        u16::try_from(*key).unwrap_or(u16::MAX)
    }

    fn write(&self, to: &mut Vec<u8>) {
        Located { id: self.id, location: self.location }.write(to);
        to.extend((self.place as u64).to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (located, place) = bytes.split_at_checked(Located::BYTES)?;
        let Located { id, location } = Located::read(located)?;
        Some(Self { location, id, place: u64::from_le_bytes(place.try_into().ok()?) as usize })
    }
}

struct Work<'a> {
    plan: &'a Plan<'a>,
    state: &'a StrandState,
    reader: Option<&'a StrandReader>,
    blobs: Option<BlobsByPack>,
}

impl Work<'_> {
    fn run(&self, opener: &mut BlobOpener, task: &Task) -> Result<Verdict, ScratchError> {
        let mut verdict = Verdict::default();
        match (task.depth, task.pack.zip(self.reader)) {
            (Depth::Gone, _) => verdict.lose(Damage::Missing),
            (Depth::Whole, _) => self.read_whole(opener, task, &mut verdict)?,
            (Depth::Structure, Some((pack, reader))) => self.read_structure(reader, pack, &mut verdict)?,
            (Depth::Blobs(percent), Some((pack, reader))) => {
                self.read_structure(reader, pack, &mut verdict)?;
                if !verdict.all_bad && self.has_bad_blob(opener, (reader, pack), percent, &mut verdict)? {
                    // Read whole, the pack tells whether it rotted or was written so.
                    verdict = Verdict { verified: verdict.verified, ..Verdict::default() };
                    self.read_whole(opener, task, &mut verdict)?;
                }
            }
            (Depth::Structure | Depth::Blobs(_), None) => {}
        }
        Ok(verdict)
    }

    fn collect(
        &self,
        task: &Task,
        verdict: Verdict,
        findings: &mut Findings,
        blobs: &mut BlobState,
        faulty: &mut Vec<(ObjectHash, FaultNumber)>,
    ) -> Result<(), ScratchError> {
        let name = Some(ObjectName::Hashed(self.state.strand, task.kind, task.hash));
        findings.report.counts.bytes_read += verdict.bytes;
        findings.report.counts.blobs_verified += verdict.verified;
        let damaged = verdict.damage.map(|what| findings.fault(name, what));
        faulty.extend(damaged.map(|fault| (task.hash, fault)));
        let Some(pack) = task.pack else { return Ok(()) };
        if let Some(cause) = damaged {
            blobs.blame(pack, cause);
        }
        if verdict.all_bad {
            for blob in self.blobs_of(pack)? {
                blobs.mark(blob?.place);
            }
        }
        verdict.bad.into_iter().for_each(|place| blobs.mark(place));
        Ok(())
    }

    fn read_whole(&self, opener: &mut BlobOpener, task: &Task, verdict: &mut Verdict) -> Result<(), ScratchError> {
        let name = ObjectName::Hashed(self.state.strand, task.kind, task.hash);
        let object = match self.plan.vault.store().get(&name) {
            Ok(object) => object,
            Err(error) => {
                verdict.lose(store_damage(error));
                return Ok(());
            }
        };
        verdict.bytes += object.len() as u64;
        let intact = ObjectHash::of(&object) == task.hash;
        if !intact {
            verdict.damage = Some(Damage::Changed);
        }
        if let Some((pack, reader)) = task.pack.zip(self.reader) {
            self.open_all(opener, (reader, pack), &object, verdict)?;
            if let Err(source) = parse_pack(&object, &reader.secrets().index_key) {
                verdict.damage.get_or_insert(Damage::Malformed(source));
            }
        }
        Ok(())
    }

    /// Opens every blob that is said to be in a pack.
    fn open_all(
        &self,
        opener: &mut BlobOpener,
        (reader, pack): (&StrandReader, PackNumber),
        object: &[u8],
        verdict: &mut Verdict,
    ) -> Result<(), ScratchError> {
        if let Err(fault) = reader.keys(pack) {
            verdict.lose(read_damage(fault)?.1);
            return Ok(());
        }
        let mut first = None;
        let mut sealed = Vec::new();
        for blob in self.blobs_of(pack)? {
            let Placed { location, id, place } = blob?;
            let start = location.offset as usize;
            let opened = match object.get(start..start.saturating_add(location.sealed_bytes as usize)) {
                None => Err(FormatError::Truncated(PACK.what)),
                Some(bytes) => {
                    sealed.clear();
                    sealed.extend_from_slice(bytes);
                    match reader.open_blob(opener, (location.kind, &id), &location, &mut sealed) {
                        Ok(_) => Ok(()),
                        Err(ReadFault::Damaged { source, .. }) => Err(source),
                        Err(_) => Err(FormatError::Sealed("blob")),
                    }
                }
            };
            verdict.verified += 1;
            if let Err(source) = opened {
                verdict.bad.push(place);
                first.get_or_insert((id, source));
            }
        }
        let count = verdict.bad.len() as u64;
        if let Some((first, source)) = first {
            verdict.damage.get_or_insert(Damage::Blobs { first, count, source });
        }
        Ok(())
    }

    /// Opens the head of a pack. If only an index tells what is in it, its own directory failed, and that was told.
    fn read_structure(
        &self,
        reader: &StrandReader,
        pack: PackNumber,
        verdict: &mut Verdict,
    ) -> Result<(), ScratchError> {
        if let Err(fault) = reader.keys(pack) {
            verdict.lose(read_damage(fault)?.1);
        }
        Ok(())
    }

    /// Opens a sample of a pack's blobs, and tells whether one of them is bad.
    fn has_bad_blob(
        &self,
        opener: &mut BlobOpener,
        (reader, pack): (&StrandReader, PackNumber),
        percent: u8,
        verdict: &mut Verdict,
    ) -> Result<bool, ScratchError> {
        for blob in self.blobs_of(pack)? {
            let Placed { location, id, .. } = blob?;
            if !self.plan.is_sampled(&id.0, percent) {
                continue;
            }
            verdict.verified += 1;
            verdict.bytes += u64::from(location.sealed_bytes);
            let opened = match reader.pack_range(pack, u64::from(location.offset), location.sealed_bytes as usize) {
                Ok(mut sealed) => reader.open_blob(opener, (location.kind, &id), &location, &mut sealed).map(drop),
                Err(fault) => Err(fault),
            };
            if opened.is_err() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn blobs_of(&self, pack: PackNumber) -> Result<impl Iterator<Item = Result<Placed, ScratchError>>, ScratchError> {
        let of_pack = self.blobs.as_ref().map(|blobs| blobs.of(pack)).transpose()?;
        Ok(of_pack.into_iter().flatten())
    }
}

impl Verdict {
    /// Nothing in the pack can be opened.
    fn lose(&mut self, damage: Damage) {
        self.damage.get_or_insert(damage);
        self.all_bad = true;
    }
}
