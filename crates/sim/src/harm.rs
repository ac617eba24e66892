//! What others do to a vault: bits that rot on its disk, and packs of a thief who has a machine's keys.

use std::collections::BTreeSet;
use std::sync::Arc;

use vault::blob::{BlobKind, Coding};
use vault::name::{Folder, HashedKind, ObjectName};
use vault::pack::{PackKind, PackWriter, Session};
use vault::snapshots::Snapshot;
use vault::store::{Erase, Fault, FaultPlan, Moment, Store};
use vault::vault::Vault;

use crate::dice::Dice;
use crate::expectation::needs;
use crate::failure::{Tell, Told, ensure};
use crate::oracles::{check_is_sound, check_vault, compare, listed, restore};
use crate::saving::{Saving, save_well};
use crate::town::{Disk, Town, locked};

/// Lets a bit of an object rot: `check` names it, snapshots give back what they must or a fault, and once the object is put
/// back all is well.
pub fn rot(town: &Arc<Town>, dice: &mut Dice) -> Told<()> {
    let vault = town.open(Disk::Vault)?;
    let mut needed: BTreeSet<ObjectName> = BTreeSet::from([ObjectName::Vault]);
    for snapshot in listed(&vault)? {
        needed.insert(snapshot.name());
        needed.extend(needs(vault.store().as_ref(), &snapshot.manifest)?);
    }
    needed.extend(town.place(Disk::Vault).list(&Folder::Owner).tell("the owner log")?.into_keys());
    // In the order in which they were put, which is the same in every run of a seed; that of their names is not.
    let put = town.archive.since(0).into_iter().map(|attempt| attempt.name);
    let needed: Vec<_> = put.filter(|name| needed.remove(name)).collect();
    let victim = needed[dice.place(needed.len())];
    town.tell(format!("a bit of {victim} rots"));
    locked(&town.tally).fault("bit that rots on the disk", 1);
    let bytes = town.place(Disk::Vault).disk().get(&victim).tell(victim)?;
    overwrite(town, &victim, &bytes, Some(dice.draw()))?;
    let judged = judge_rotten(town, &victim);
    overwrite(town, &victim, &bytes, None)?;
    judged?;
    check_is_sound(town)
}

fn judge_rotten(town: &Town, victim: &ObjectName) -> Told<()> {
    let Ok(vault) = Vault::open(town.owners_handle(Disk::Vault)) else {
        return ensure(matches!(victim, ObjectName::Vault | ObjectName::Owner(..)), || {
            format!("a vault does not open because of {victim}")
        });
    };
    let report = check_vault(town, &vault)?;
    ensure(report.faults.iter().any(|fault| fault.object == Some(*victim)), || {
        format!("check does not find that {victim} is rotten")
    })?;
    let snapshots: Vec<Snapshot> = vault::snapshots::read_all_snapshots(&vault, &mut |_| {}).tell("snapshots")?;
    for snapshot in snapshots {
        let promise = locked(&town.model).ever(&snapshot.name()).ok_or("a snapshot that nobody made")?;
        let restored = restore(town, &vault, &snapshot);
        let hurt = report.hurt.iter().any(|hurt| hurt.snapshot.object() == snapshot.name());
        match restored {
            Ok(contents) => compare(&contents, &promise.contents)?,
            // A lost index or list is told too, and costs nothing: only what is lost for good must be in the report.
            Err(why) if !hurt && !is_map(victim) => {
                return Err(format!("{} is hurt, and check does not say so: {why}", snapshot.name()));
            }
            Err(_) => {}
        }
    }
    Ok(())
}

/// Puts an object in the place of itself, with a bit flipped or whole. No handle of the vault can do that.
fn overwrite(town: &Town, name: &ObjectName, bytes: &[u8], flip: Option<u64>) -> Told<()> {
    let faults = flip.map(|_| (Moment::Write(2), Fault::FlipBit)).into_iter().collect();
    town.reopen(Disk::Vault, FaultPlan { seed: flip.unwrap_or(0), faults, ..FaultPlan::default() });
    let place = town.place(Disk::Vault);
    place.disk().erase(name).tell("rot")?;
    place.disk().put(name, bytes).tell("rot")?;
    place.disk().commit().tell("rot")?;
    town.reopen(Disk::Vault, FaultPlan::default());
    Ok(())
}

/// A thief puts a pack that promises what a machine is about to keep, and does not hold it. The machine sends it itself.
pub fn strange_pack(town: &Arc<Town>, dice: &mut Dice) -> Told<()> {
    let saving = Saving::choose(town, dice);
    let content = dice.content(900);
    {
        let mut machine = locked(&town.machines[saving.machine]);
        let vault = town.open(Disk::Vault)?;
        let recipient = vault.strand_recipient(&machine.keys.strand).tell("the recipient")?;
        let session = Session::begin(&recipient, &town.entropy).tell("a session")?;
        let mut pack = PackWriter::new(&session, PackKind::Data, Vec::new());
        let id = BlobKind::Chunk.id(&machine.keys.id_key, &content);
        pack.add(BlobKind::Chunk, id, &[7; 99], Coding { codec: 0, level: 0, plain_bytes: 900 });
        let pack = pack.finish(&machine.keys.index_key);
        let name = ObjectName::Hashed(machine.keys.strand, HashedKind::Pack, pack.hash);
        locked(&town.seals).0.leave_out(name);
        let place = town.place(Disk::Vault);
        place.disk().put(&name, &pack.bytes).and_then(|_| place.disk().commit()).tell("a strange pack")?;
        let path = machine.source(saving.source).join("wanted");
        machine.desk(saving.source).write(&path, &content).tell("a file")?;
    }
    locked(&town.tally).fault("pack of a thief", 1);
    town.tell(format!("a strange pack promises a file of {}", saving.words()));
    save_well(town, saving).map(drop)
}

/// Tells whether an object only says where others are.
fn is_map(name: &ObjectName) -> bool {
    matches!(name, ObjectName::Hashed(_, HashedKind::Index | HashedKind::List, _))
}
