//! What must hold whenever nobody is at work.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vault::blob::BlobKind;
use vault::check::{CheckMonitor, CheckOptions, CheckReport, SnapshotName, check};
use vault::id::{ObjectHash, StrandId};
use vault::name::ObjectName;
use vault::read::{SnapshotReader, StrandReader, WalkItem};
use vault::snapshots::{Snapshot, read_snapshots};
use vault::tree::EntryKind;
use vault::vault::Vault;

use crate::expectation::needs;
use crate::failure::{Tell, Told, ensure};
use crate::folder::{Contents, Thing};
use crate::town::{Disk, Town, locked};

/// Verifies everything that must hold of both disks.
pub fn verify(town: &Town) -> Told<()> {
    verify_vault(town)?;
    verify_copy(town)?;
    verify_seals(town)?;
    match town.archive.faults().first() {
        Some(fault) => Err(fault.clone()),
        None => Ok(()),
    }
}

/// Restores every snapshot of both disks once more, with nothing but the kit, and checks the vault.
pub fn verify_at_the_end(town: &Town) -> Told<()> {
    locked(&town.restored).clear();
    verify(town)?;
    check_is_sound(town)
}

/// Checks the vault, which must be sound.
pub fn check_is_sound(town: &Town) -> Told<()> {
    let report = check_vault(town, &town.open(Disk::Vault)?)?;
    let first = report.faults.first().map(|fault| format!("check: {:?} {}", fault.object, fault.what));
    ensure(report.is_sound() && report.hurt.is_empty(), || first.unwrap_or_else(|| "check: not sound".into()))
}

/// Checks a vault, reading everything.
pub fn check_vault(town: &Town, vault: &Vault) -> Told<CheckReport> {
    const ALL: CheckOptions = CheckOptions { read_data_percent: Some(100), seed: 1, jobs: 1 };
    locked(&town.tally).checks += 1;
    check(vault, Some(&town.kit), &ALL, &town.scratch(), &Quiet).tell("check")
}

/// The snapshots of the vault are those that were promised, whole, and give back what they must.
fn verify_vault(town: &Town) -> Told<()> {
    let vault = town.open(Disk::Vault)?;
    let snapshots = listed(&vault)?;
    let names: BTreeSet<ObjectName> = snapshots.iter().map(Snapshot::name).collect();
    {
        let mut model = locked(&town.model);
        if town.is_durable() {
            model.settle(&names);
        }
        let lost = model.present().keys().find(|name| !names.contains(name));
        ensure(lost.is_none(), || format!("{} was promised and is gone", lost.expect("found above")))?;
        let strange = names.iter().find(|name| !model.may_be(name));
        ensure(strange.is_none(), || format!("{} is there, and nobody promised it", strange.expect("found above")))?;
    }
    verify_whole(town, Disk::Vault, &vault, &snapshots)
}

/// The copy, if there is one, holds what was copied, whole.
fn verify_copy(town: &Town) -> Told<()> {
    if town.place(Disk::Copy).list(&vault::name::Folder::Owner).tell("the copy")?.is_empty() {
        return Ok(());
    }
    let vault = town.open(Disk::Copy)?;
    let snapshots = listed(&vault)?;
    let names: BTreeSet<ObjectName> = snapshots.iter().map(Snapshot::name).collect();
    let lost = locked(&town.copied).iter().find(|name| !names.contains(name)).copied();
    ensure(lost.is_none(), || format!("{lost:?} was copied and is gone"))?;
    verify_whole(town, Disk::Copy, &vault, &snapshots)
}

/// All that snapshots need is there and has its hash; those that were never restored from here are.
fn verify_whole(town: &Town, disk: Disk, vault: &Vault, snapshots: &[Snapshot]) -> Told<()> {
    let mut sound = BTreeMap::new();
    for snapshot in snapshots {
        let name = snapshot.name();
        for object in needs(vault.store().as_ref(), &snapshot.manifest).map_err(|why| format!("{name}: {why}"))? {
            let known = sound.entry(object).or_insert_with(|| match vault.store().get(&object) {
                Ok(bytes) => Some(ObjectHash::of(&bytes)) == object.hash(),
                Err(_) => false,
            });
            ensure(*known, || format!("{name} needs {object}, which is not there whole"))?;
        }
        if !locked(&town.restored).contains(&(disk, name)) {
            let promise = locked(&town.model).ever(&name).ok_or_else(|| format!("nobody ever put {name}"))?;
            let contents = restore(town, vault, snapshot).map_err(|why| format!("{name}: {why}"))?;
            compare(&contents, &promise.contents).map_err(|why| format!("{name}: {why}"))?;
            locked(&town.restored).insert((disk, name));
            locked(&town.tally).restored += 1;
        }
    }
    locked(&town.tally).objects += sound.len() as u64;
    Ok(())
}

/// No key sealed two texts, in anything that was ever put.
fn verify_seals(town: &Town) -> Told<()> {
    let vault = town.open(Disk::Vault)?;
    let mut secrets = BTreeMap::new();
    let mut seals = locked(&town.seals);
    let (book, seen) = &mut *seals;
    let before = book.count;
    for attempt in town.archive.since(*seen) {
        *seen += 1;
        let Some(strand) = attempt.name.strand().filter(|strand| vault.log().strand(strand).is_some()) else {
            continue;
        };
        if let std::collections::btree_map::Entry::Vacant(free) = secrets.entry(strand) {
            free.insert(vault.secrets(&town.kit, &strand).tell("the secrets of a strand")?);
        }
        book.enter(&attempt, &secrets[&strand])?;
    }
    locked(&town.tally).seals += book.count - before;
    Ok(())
}

/// Returns all snapshots of a vault; none may be doubtful.
pub fn listed(vault: &Vault) -> Told<Vec<Snapshot>> {
    let mut snapshots = Vec::new();
    for enrolment in &vault.log().strands {
        let mut faults = Vec::new();
        let read = read_snapshots(vault, enrolment.strand, &mut |fault| faults.push(fault));
        snapshots.extend(read.tell("the snapshots of a strand")?);
        if let Some(fault) = faults.first() {
            return Err(crate::failure::chain(fault));
        }
    }
    Ok(snapshots)
}

/// Reads all that a snapshot holds, with nothing but the kit.
pub fn restore(town: &Town, vault: &Vault, snapshot: &Snapshot) -> Told<Contents> {
    let secrets = vault.secrets(&town.kit, &snapshot.manifest.strand).tell("the secrets")?;
    let mut faults = Vec::new();
    let store = Arc::clone(vault.store());
    let reader = StrandReader::open(store, secrets, &[snapshot], &town.scratch(), &mut |fault| faults.push(fault));
    let reader = Arc::new(reader.tell("the strand")?);
    if let Some(fault) = faults.first() {
        return Err(crate::failure::chain(fault));
    }
    let reader = reader.snapshot(snapshot).tell("the manifest")?;
    let mut contents = Contents::new();
    for item in reader.walk(reader.root()) {
        match item {
            WalkItem::Entry(path, entry) => {
                let thing = match &entry.kind {
                    EntryKind::Directory { .. } => Thing::Directory,
                    EntryKind::Symlink { target } => Thing::Link(target.clone()),
                    _ => Thing::File(content(&reader, &entry)?),
                };
                contents.insert(path, thing);
            }
            WalkItem::Leave(_) => {}
            WalkItem::Fault(_, fault) => return Err(crate::failure::chain(&fault)),
        }
    }
    Ok(contents)
}

fn content(reader: &SnapshotReader, entry: &vault::tree::Entry) -> Told<Vec<u8>> {
    let mut content = Vec::new();
    for chunk in reader.chunks(entry) {
        let chunk = chunk.map_err(|lost| crate::failure::chain(&lost.fault))?;
        if chunk.is_zeros() {
            content.resize(content.len() + chunk.bytes as usize, 0);
        } else {
            content.extend(reader.blob(BlobKind::Chunk, &chunk.id).tell("a chunk")?);
        }
    }
    Ok(content)
}

/// Compares what came back with what was there.
pub fn compare(found: &Contents, expected: &Contents) -> Told<()> {
    if found == expected {
        return Ok(());
    }
    let name = |path: &[u8]| String::from_utf8_lossy(path).into_owned();
    for (path, thing) in expected {
        match found.get(path) {
            None => return Err(format!("{} does not come back", name(path))),
            Some(other) if other != thing => return Err(format!("{} comes back as something else", name(path))),
            Some(_) => {}
        }
    }
    let more = found.keys().find(|path| !expected.contains_key(*path));
    Err(format!("{} comes back and was not there", more.map(|path| name(path)).unwrap_or_default()))
}

/// Watches nothing.
struct Quiet;

impl CheckMonitor for Quiet {
    fn reading(&self, _: StrandId, _: u64) {}
    fn read(&self, _: u64) {}
    fn walking(&self, _: &SnapshotName) {}
    fn stopping(&self) -> bool {
        false
    }
}
