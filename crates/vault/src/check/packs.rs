//! Reading packs and indexes whole or in samples, by several threads.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::objects::{StrandState, list_damage, store_damage};
use super::report::{Damage, FaultNumber, Findings};
use super::{Plan, Reading};
use crate::blob::BlobOpener;
use crate::bytes::{FormatError, PACK};
use crate::id::ObjectHash;
use crate::name::{HashedKind, ObjectName};
use crate::pack::{PackError, PackedBlob, parse_pack, read_directory};
use crate::read::{Location, PackNumber, ReadFault, StrandReader};
use crate::store::Store;

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
) -> BlobState {
    let tasks = tasks(plan, state, reader);
    plan.monitor.reading(state.strand, tasks.len() as u64);
    let copies = reader.map_or(0, |reader| reader.locator().len());
    let work = Work { plan, state, reader, places: reader.map(PlacesByPack::new) };
    let collected = Mutex::new((findings, BlobState::sound(copies), Vec::new()));
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..plan.jobs.clamp(1, tasks.len().max(1)) {
            scope.spawn(|| {
                let mut opener = BlobOpener::default();
                while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if plan.monitor.stopping() {
                        break;
                    }
                    let verdict = work.run(&mut opener, task);
                    plan.monitor.read(verdict.bytes);
                    let mut collected = collected.lock().unwrap_or_else(PoisonError::into_inner);
                    let (findings, blobs, faulty) = &mut *collected;
                    work.collect(task, verdict, findings, blobs, faulty);
                }
            });
        }
    });
    let (_, blobs, faulty) = collected.into_inner().unwrap_or_else(PoisonError::into_inner);
    state.faulty.extend(faulty);
    blobs
}

/// What a fault of reading says, and of which object.
pub(super) fn read_damage(fault: ReadFault) -> (Option<ObjectName>, Damage) {
    match fault {
        ReadFault::Store { name, source } => (Some(name), store_damage(source)),
        ReadFault::Damaged { name, source } => (Some(name), Damage::Malformed(source)),
        ReadFault::Key { name, source } => (Some(name), Damage::Key(source)),
        ReadFault::Unlocated { id } => (None, Damage::Unlocated { first: id }),
        ReadFault::List(list) => {
            let (name, what) = list_damage(list);
            (Some(name), what)
        }
    }
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
    /// Its head, and its directory if only an index was read so far.
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
    misindexed: bool,
    all_bad: bool,
    bad: Vec<u32>,
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

/// Places of a locator, by pack and offset.
struct PlacesByPack {
    places: Vec<u32>,
    starts: Vec<usize>,
}

impl PlacesByPack {
    fn new(reader: &StrandReader) -> Self {
        let locator = reader.locator();
        let location = |place: &u32| locator.at(*place as usize).1;
        let count = u32::try_from(locator.len()).expect("memory for four thousand million locations");
        let mut places: Vec<u32> = (0..count).collect();
        places.sort_unstable_by_key(|place| (location(place).pack, location(place).offset));
        let start = |pack| places.partition_point(|place| location(place).pack < pack);
        let starts = (0..=reader.pack_count()).map(start).collect();
        Self { places, starts }
    }

    fn of(&self, pack: PackNumber) -> &[u32] {
        let range: Range<usize> = self.starts[pack as usize]..self.starts[pack as usize + 1];
        &self.places[range]
    }
}

struct Work<'a> {
    plan: &'a Plan<'a>,
    state: &'a StrandState,
    reader: Option<&'a StrandReader>,
    places: Option<PlacesByPack>,
}

impl Work<'_> {
    fn run(&self, opener: &mut BlobOpener, task: &Task) -> Verdict {
        let mut verdict = Verdict::default();
        match (task.depth, task.pack.zip(self.reader)) {
            (Depth::Gone, _) => verdict.lose(Damage::Missing),
            (Depth::Whole, _) => self.read_whole(opener, task, &mut verdict),
            (Depth::Structure, Some((pack, reader))) => self.read_structure(reader, pack, &mut verdict),
            (Depth::Blobs(percent), Some((pack, reader))) => {
                self.read_structure(reader, pack, &mut verdict);
                if !verdict.all_bad && self.has_bad_blob(opener, (reader, pack), percent, &mut verdict) {
                    // Read whole, the pack tells whether it rotted or was written so.
                    verdict = Verdict { verified: verdict.verified, ..Verdict::default() };
                    self.read_whole(opener, task, &mut verdict);
                }
            }
            (Depth::Structure | Depth::Blobs(_), None) => {}
        }
        verdict
    }

    fn collect(
        &self,
        task: &Task,
        verdict: Verdict,
        findings: &mut Findings,
        blobs: &mut BlobState,
        faulty: &mut Vec<(ObjectHash, FaultNumber)>,
    ) {
        let name = Some(ObjectName::Hashed(self.state.strand, task.kind, task.hash));
        findings.report.counts.bytes_read += verdict.bytes;
        findings.report.counts.blobs_verified += verdict.verified;
        let misindexed = verdict.misindexed.then(|| findings.fault(name, Damage::Misindexed));
        let damaged = verdict.damage.map(|what| findings.fault(name, what));
        faulty.extend(damaged.map(|fault| (task.hash, fault)));
        let Some((pack, places)) = task.pack.zip(self.places.as_ref()) else { return };
        if let Some(cause) = damaged.or(misindexed) {
            blobs.blame(pack, cause);
        }
        let bad = if verdict.all_bad { places.of(pack) } else { &verdict.bad };
        bad.iter().for_each(|place| blobs.mark(*place as usize));
    }

    fn read_whole(&self, opener: &mut BlobOpener, task: &Task, verdict: &mut Verdict) {
        let name = ObjectName::Hashed(self.state.strand, task.kind, task.hash);
        let object = match self.plan.vault.store().get(&name) {
            Ok(object) => object,
            Err(error) => return verdict.lose(store_damage(error)),
        };
        verdict.bytes += object.len() as u64;
        let intact = ObjectHash::of(&object) == task.hash;
        if !intact {
            verdict.damage = Some(Damage::Changed);
        }
        if let Some((pack, reader)) = task.pack.zip(self.reader) {
            self.open_all(opener, (reader, pack), &object, verdict);
            self.compare_with_directory((reader, pack), &object, verdict);
        }
    }

    /// Opens every blob that is said to be in a pack.
    fn open_all(
        &self,
        opener: &mut BlobOpener,
        (reader, pack): (&StrandReader, PackNumber),
        object: &[u8],
        verdict: &mut Verdict,
    ) {
        if let Err(fault) = reader.keys(pack) {
            return verdict.lose(read_damage(fault).1);
        }
        let mut first = None;
        let mut sealed = Vec::new();
        for place in self.places_of(pack) {
            let (id, location) = reader.locator().at(*place as usize);
            let start = location.offset as usize;
            let opened = match object.get(start..start.saturating_add(location.sealed_bytes as usize)) {
                None => Err(FormatError::Truncated(PACK.what)),
                Some(bytes) => {
                    sealed.clear();
                    sealed.extend_from_slice(bytes);
                    match reader.open_blob(opener, (location.kind, id), location, &mut sealed) {
                        Ok(_) => Ok(()),
                        Err(ReadFault::Damaged { source, .. }) => Err(source),
                        Err(_) => Err(FormatError::Sealed("blob")),
                    }
                }
            };
            verdict.verified += 1;
            if let Err(source) = opened {
                verdict.bad.push(*place);
                first.get_or_insert((*id, source));
            }
        }
        let count = verdict.bad.len() as u64;
        if let Some((first, source)) = first {
            verdict.damage.get_or_insert(Damage::Blobs { first, count, source });
        }
    }

    /// Compares a pack's own directory with what an index may have told of it.
    fn compare_with_directory(
        &self,
        (reader, pack): (&StrandReader, PackNumber),
        object: &[u8],
        verdict: &mut Verdict,
    ) {
        match parse_pack(object, &reader.secrets().index_key) {
            Ok((_, blobs)) => verdict.misindexed = self.disagreeing(reader, pack, &blobs).is_some(),
            Err(source) => drop(verdict.damage.get_or_insert(Damage::Malformed(source))),
        }
    }

    /// Reads the head of a pack; if only an index told what is in it, its directory too.
    fn read_structure(&self, reader: &StrandReader, pack: PackNumber, verdict: &mut Verdict) {
        if let Err(fault) = reader.keys(pack) {
            return verdict.lose(read_damage(fault).1);
        }
        let hash = reader.pack_hash(pack);
        let Some(bytes) = self.state.packs.get(&hash).filter(|_| reader.is_indexed(pack)) else { return };
        let store: &dyn Store = self.plan.vault.store().as_ref();
        match read_directory(store, self.state.strand, hash, *bytes, &reader.secrets().index_key) {
            Ok((_, blobs)) => {
                if let Some(bad) = self.disagreeing(reader, pack, &blobs) {
                    verdict.misindexed = true;
                    verdict.bad = bad;
                }
            }
            Err(PackError::Store(error)) => verdict.damage = Some(store_damage(error)),
            Err(PackError::Format(source)) => verdict.damage = Some(Damage::Malformed(source)),
        }
    }

    /// Opens a sample of a pack's blobs, and tells whether one of them is bad.
    fn has_bad_blob(
        &self,
        opener: &mut BlobOpener,
        (reader, pack): (&StrandReader, PackNumber),
        percent: u8,
        verdict: &mut Verdict,
    ) -> bool {
        for place in self.places_of(pack) {
            let (id, location) = reader.locator().at(*place as usize);
            if !self.plan.is_sampled(&id.0, percent) {
                continue;
            }
            verdict.verified += 1;
            verdict.bytes += u64::from(location.sealed_bytes);
            let opened = match reader.pack_range(pack, u64::from(location.offset), location.sealed_bytes as usize) {
                Ok(mut sealed) => reader.open_blob(opener, (location.kind, id), location, &mut sealed).map(drop),
                Err(fault) => Err(fault),
            };
            if opened.is_err() {
                return true;
            }
        }
        false
    }

    /// Returns the places that a directory does not confirm; `None` if both say the same.
    fn disagreeing(&self, reader: &StrandReader, pack: PackNumber, blobs: &[PackedBlob]) -> Option<Vec<u32>> {
        let places = self.places_of(pack);
        let confirms = |place: &u32| {
            let (id, location) = reader.locator().at(*place as usize);
            let found = blobs.binary_search_by_key(&location.offset, |blob| blob.offset);
            found.is_ok_and(|at| blobs[at].id == *id && is_at(&blobs[at], location))
        };
        let bad: Vec<u32> = places.iter().filter(|place| !confirms(place)).copied().collect();
        (!bad.is_empty() || places.len() != blobs.len()).then_some(bad)
    }

    fn places_of(&self, pack: PackNumber) -> &[u32] {
        self.places.as_ref().map_or(&[], |places| places.of(pack))
    }
}

fn is_at(blob: &PackedBlob, location: &Location) -> bool {
    blob.sealed_bytes == location.sealed_bytes && blob.coding == location.coding && blob.kind == location.kind
}

impl Verdict {
    /// Nothing in the pack can be opened.
    fn lose(&mut self, damage: Damage) {
        self.damage.get_or_insert(damage);
        self.all_bad = true;
    }
}
