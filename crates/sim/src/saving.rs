//! Backups: what they promise, and that they send nothing twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vault::backup::{BackupError, Outcome, Remark};
use vault::id::{BlobId, ObjectHash};
use vault::manifest::Manifest;
use vault::name::{Folder, HashedKind, NumberedKind, ObjectName};
use vault::pack::parse_pack;
use vault::store::Store;
use vault::world::Clock;

use crate::dice::Dice;
use crate::expectation::needs;
use crate::failure::{Tell, Told, chain, ensure};
use crate::folder::read_folder;
use crate::machine::{Machine, Remarks};
use crate::model::Promise;
use crate::place::{Misread, Place, Visit};
use crate::town::{Disk, Town, locked};

/// One backup.
pub struct Saving {
    /// Place of the machine in the town.
    pub machine: usize,
    /// Which of its sources.
    pub source: u64,
    /// Zstandard's level.
    pub level: i8,
    /// Who else acts before which call.
    pub visits: Vec<(u64, Visit)>,
    /// Which read returns a flipped bit.
    pub flipped_read: Option<Misread>,
}

impl Saving {
    /// Chooses a machine, a source and a level.
    pub fn choose(town: &Town, dice: &mut Dice) -> Self {
        let machine = dice.place(town.machines.len());
        Self::of_machine(town, machine, dice)
    }

    /// Chooses a source and a level of a machine.
    pub fn of_machine(town: &Town, machine: usize, dice: &mut Dice) -> Self {
        let source = dice.below(locked(&town.machines[machine]).sources);
        Self::plain(machine, source, dice.pick(&[1, 3, 9]))
    }

    /// A backup in which nothing special happens.
    pub fn plain(machine: usize, source: u64, level: i8) -> Self {
        Self { machine, source, level, visits: Vec::new(), flipped_read: None }
    }

    /// What it is, in a few words.
    pub fn words(&self) -> String {
        format!("machine {} source {} level {}", self.machine + 1, self.source, self.level)
    }
}

/// Saves without any trouble: that must succeed.
pub fn save_well(town: &Arc<Town>, saving: Saving) -> Told<Outcome> {
    let words = saving.words();
    save(town, saving)?.map_err(|error| format!("an untroubled backup of {words} fails: {}", chain(&error)))
}

/// Saves, and notes what that promises. The inner error is the backup's own.
pub fn save(town: &Arc<Town>, saving: Saving) -> Told<Result<Outcome, BackupError>> {
    let machine = &mut *locked(&town.machines[saving.machine]);
    let place = town.place(Disk::Vault);
    let contents = read_folder(&machine.source(saving.source)).tell("reading a source")?;
    let strand = machine.keys.strand;
    let promise = Promise { strand, seq: 0, contents: Arc::new(contents) };
    locked(&town.model).begin(promise);
    let known = known_blobs(town, machine, &place)?;
    let before = town.archive.count();
    let mut store = place.handle(machine.origin());
    for (call, visit) in saving.visits {
        store = store.visited(call, visit);
    }
    if let Some(misread) = saving.flipped_read {
        store = store.flipping(misread);
    }
    let (store, remarks) = (Arc::new(store), Remarks::default());
    let handle = Arc::clone(&store) as Arc<dyn Store>;
    let begin = machine.clock().now();
    let result = machine.save(handle, saving.source, saving.level, &remarks);
    let flipped = store.has_flipped();
    let mine = town.archive.since(before).into_iter().filter(|attempt| attempt.name.strand() == Some(strand));
    let mine: Vec<_> = mine.map(|attempt| (attempt.name, attempt.bytes)).collect();
    machine.noted.extend(mine.iter().filter(|(name, _)| is_pack(name)).filter_map(|(name, _)| name.hash()));
    let manifests: Vec<_> = mine.iter().map(|(name, _)| *name).filter(is_manifest).collect();
    let told = result
        .as_ref()
        .ok()
        .map(|outcome| ObjectName::Numbered(strand, NumberedKind::Snapshot, outcome.seq, outcome.hash));
    locked(&town.model).end(strand, &manifests, told);
    locked(&town.tally).backups[usize::from(told.is_none())] += 1;
    if let Ok(outcome) = &result {
        town.is_done();
        let times = [begin, outcome.started, outcome.finished, machine.clock().now()];
        ensure(times.is_sorted(), || format!("a backup tells times that its clock never showed: {times:?}"))?;
    }
    if told.is_some_and(|name| !manifests.contains(&name)) {
        return Err("a backup told of a snapshot that it never put".into());
    }
    if !flipped {
        let complaint = remarks.complaint();
        ensure(complaint.is_none(), || format!("a backup remarks {}", complaint.unwrap_or_default()))?;
        if !remarks.any(|remark| matches!(remark, Remark::WornPacks { .. })) {
            let sent = mine.iter().filter(|(name, _)| is_pack(name));
            sends_nothing_twice(town, machine, &place, &known, sent)?;
        }
    }
    Ok(result)
}

/// Saves a source that did not change since it was saved: nothing is sent.
pub fn save_again(town: &Arc<Town>, saving: Saving) -> Told<()> {
    let outcome = save_well(town, saving)?;
    let bytes = outcome.counts.new_bytes;
    ensure(bytes == 0, || format!("nothing changed, and {bytes} bytes are sent"))
}

/// The blobs that the machine can know of, with a pack that holds each: of packs that a manifest names, or that it put
/// itself since its state began.
fn known_blobs(town: &Town, machine: &Machine, place: &Place) -> Told<BTreeMap<BlobId, Vec<ObjectName>>> {
    let strand = machine.keys.strand;
    let packs = place.list(&Folder::Hashed(strand, HashedKind::Pack));
    // A disk whose power is gone shows nothing: then nothing can be expected of the backup.
    let Ok(packs) = packs else { return Ok(BTreeMap::new()) };
    let mut named = BTreeSet::new();
    for name in place.list(&Folder::Numbered(strand, NumberedKind::Snapshot)).tell("manifests")?.into_keys() {
        let object = place.disk().get(&name).tell(name)?;
        let agent = vault::bytes::SigningKey::new(machine.keys.signing_seed.clone()).public();
        named.extend(needs(place.disk(), &Manifest::open(&object, &agent).tell(name)?)?);
    }
    let mut known: BTreeMap<BlobId, Vec<ObjectName>> = BTreeMap::new();
    for name in packs.keys() {
        let noted = name.hash().is_some_and(|hash| machine.noted.contains(&hash));
        if noted || named.contains(name) {
            let bytes = place.disk().get(name).tell(name)?;
            for id in blobs_of(town, machine, *name, &bytes)?.iter() {
                known.entry(*id).or_default().push(*name);
            }
        }
    }
    Ok(known)
}

fn sends_nothing_twice<'a>(
    town: &Town,
    machine: &Machine,
    place: &Place,
    known: &BTreeMap<BlobId, Vec<ObjectName>>,
    sent: impl Iterator<Item = &'a (ObjectName, Arc<[u8]>)>,
) -> Told<()> {
    for (pack, bytes) in sent {
        for id in blobs_of(town, machine, *pack, bytes)?.iter() {
            let holder =
                known.get(id).into_iter().flatten().find(|name| matches!(place.disk().head(name), Ok(Some(_))));
            ensure(holder.is_none(), || {
                format!("blob {id} is in {}, and is sent again", holder.expect("found above"))
            })?;
        }
    }
    Ok(())
}

fn blobs_of(town: &Town, machine: &Machine, name: ObjectName, bytes: &[u8]) -> Told<Arc<BTreeSet<BlobId>>> {
    let hash = name.hash().unwrap_or(ObjectHash([0; 32]));
    if let Some(blobs) = locked(&town.blobs).get(&hash) {
        return Ok(Arc::clone(blobs));
    }
    let (_, blobs) = parse_pack(bytes, &machine.keys.index_key).tell(name)?;
    let blobs = Arc::new(blobs.iter().map(|blob| blob.id).collect::<BTreeSet<_>>());
    locked(&town.blobs).insert(hash, Arc::clone(&blobs));
    Ok(blobs)
}

fn is_pack(name: &ObjectName) -> bool {
    matches!(name, ObjectName::Hashed(_, HashedKind::Pack, _))
}

fn is_manifest(name: &ObjectName) -> bool {
    matches!(name, ObjectName::Numbered(_, NumberedKind::Snapshot, ..))
}
