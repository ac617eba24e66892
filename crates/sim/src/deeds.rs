//! What can happen in the town. Each deed decides all by its own dice, and can be done at any time, or does nothing.

use std::sync::{Arc, Mutex};

use vault::name::{HashedKind, NumberedKind, ObjectName};
use vault::store::{Fault, FaultPlan, Moment, Survivors};

use crate::copying::copy_vault;
use crate::dice::Dice;
use crate::era::era;
use crate::failure::{Tell, Told, chain};
use crate::harm::{rot, strange_pack};
use crate::machine::Memory;
use crate::oracles::check_is_sound;
use crate::owners::{change_recipients, expire, look_at_recipients, retire_and_enrol};
use crate::place::{Misread, Visit};
use crate::rule::DAY;
use crate::saving::{Saving, save, save_again, save_well};
use crate::town::{Disk, Town, locked};

/// Something that happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    /// People work.
    Work,
    /// A backup.
    Save,
    /// A backup on a disk that fails.
    SaveInTrouble,
    /// A backup that is read a wrong bit.
    SaveMisread,
    /// A machine is set back to what it was before or during a backup, which dies or not.
    SetBack,
    /// A machine loses all that it remembers.
    Forget,
    /// A copy of what a machine remembers is made, or put back.
    Recall,
    /// A machine's clock goes wrong, or right.
    Clock,
    /// Time passes.
    Time,
    /// A backup while another machine saves too.
    SaveTogether,
    /// A backup while the owners let snapshots go.
    SaveWhileExpiring,
    /// The owners let snapshots go.
    Expire,
    /// They do, on a disk that fails.
    ExpireInTrouble,
    /// The vault is copied.
    Copy,
    /// It is, to a disk that fails.
    CopyInTrouble,
    /// It is, while a machine saves or the owners let snapshots go.
    CopyWhileOthersWork,
    /// A machine is retired, and enrolled again.
    Retire,
    /// A recipient more or less.
    Recipients,
    /// A bit rots.
    Rot,
    /// A thief puts a pack.
    StrangePack,
    /// Many backups, and years.
    Era,
}

/// How often each deed is chosen, among all of them together.
const SHARES: [(Deed, u64); 20] = [
    (Deed::Work, 12),
    (Deed::Save, 10),
    (Deed::SaveInTrouble, 18),
    (Deed::SaveMisread, 3),
    (Deed::SetBack, 7),
    (Deed::Forget, 4),
    (Deed::Recall, 5),
    (Deed::Clock, 4),
    (Deed::Time, 9),
    (Deed::SaveTogether, 3),
    (Deed::SaveWhileExpiring, 6),
    (Deed::Expire, 9),
    (Deed::ExpireInTrouble, 7),
    (Deed::Copy, 3),
    (Deed::CopyInTrouble, 5),
    (Deed::CopyWhileOthersWork, 4),
    (Deed::Retire, 2),
    (Deed::Recipients, 4),
    (Deed::Rot, 3),
    (Deed::StrangePack, 2),
];

impl Deed {
    /// Chooses one.
    pub fn choose(dice: &mut Dice) -> Self {
        let mut left = dice.below(SHARES.iter().map(|(_, share)| share).sum());
        for (deed, share) in SHARES {
            if left < share {
                return deed;
            }
            left -= share;
        }
        Self::Save
    }

    /// Does it.
    pub fn happen(self, town: &Arc<Town>, dice: &mut Dice) -> Told<()> {
        match self {
            Self::Work => work(town, dice),
            Self::Save => save_and_look(town, dice),
            Self::SaveInTrouble => save_in_trouble(town, dice),
            Self::SaveMisread => save_misread(town, dice),
            Self::SetBack => set_back(town, dice),
            Self::Forget => forget(town, dice),
            Self::Recall => recall(town, dice),
            Self::Clock => set_clock(town, dice),
            Self::Time => {
                let days = dice.pick(&[1, 1, 2, 8, 8, 40, 400]);
                town.pass(days * DAY + dice.below(7200) as i64);
                town.tell(format!("{days} days"));
                Ok(())
            }
            Self::SaveTogether => save_together(town, dice),
            Self::SaveWhileExpiring => save_while_expiring(town, dice),
            Self::Expire => expire_well(town, dice),
            Self::ExpireInTrouble => expire_in_trouble(town, dice),
            Self::Copy => well(copy_vault(town, Vec::new())?, "copying"),
            Self::CopyInTrouble => copy_in_trouble(town, dice),
            Self::CopyWhileOthersWork => copy_while_others_work(town, dice),
            Self::Retire => retire(town, dice),
            Self::Recipients => recipients(town, dice),
            Self::Rot => rot(town, dice),
            Self::StrangePack => strange_pack(town, dice),
            Self::Era => era(town, dice),
        }
    }
}

/// Chooses what goes wrong with a disk, and says it.
pub fn trouble(town: &Town, disk: Disk, dice: &mut Dice) -> (FaultPlan, String) {
    const FAULTS: [Fault; 8] = [
        Fault::CrashBefore,
        Fault::CrashAfter,
        Fault::CrashBefore,
        Fault::CrashAfter,
        Fault::CrashAfter,
        Fault::Error,
        Fault::LostAnswer,
        Fault::Full,
    ];
    const SURVIVORS: [Survivors; 4] =
        [Survivors::Nothing, Survivors::Everything, Survivors::InOrder, Survivors::Scattered];
    let survivors = dice.pick(&SURVIVORS);
    let (fault, write) = (dice.pick(&FAULTS), 1 + dice.below(9));
    let seed = dice.draw();
    if dice.once_in(12) {
        let room = dice.below(12_000);
        let capacity_bytes = Some(bytes_on(town, disk) + room);
        return (FaultPlan { seed, survivors, capacity_bytes, ..FaultPlan::default() }, format!("{room} bytes free"));
    }
    let words = format!("{fault:?} at write {write}, survives {survivors:?}");
    (FaultPlan { seed, survivors, faults: vec![(Moment::Write(write), fault)], ..FaultPlan::default() }, words)
}

/// What a plan does, as a kind that can be counted.
pub fn kind_of(plan: &FaultPlan) -> String {
    match plan.faults.first() {
        Some((_, fault @ (Fault::CrashBefore | Fault::CrashAfter))) => format!("{fault:?}, {:?}", plan.survivors),
        Some((_, fault)) => format!("{fault:?}"),
        None => "disk with little room".into(),
    }
}

fn bytes_on(town: &Town, disk: Disk) -> u64 {
    let place = town.place(disk);
    let folders = town.open(disk).map(|vault| vault.folders()).unwrap_or_default();
    folders.iter().filter_map(|folder| place.list(folder).ok()).flat_map(|list| list.into_values()).sum()
}

/// Fails if something that nothing stood in the way of was interrupted.
fn well(failure: Option<String>, what: &str) -> Told<()> {
    failure.map_or(Ok(()), |failure| Err(format!("{what} fails without trouble: {failure}")))
}

fn work(town: &Town, dice: &mut Dice) -> Told<()> {
    let place = dice.place(town.machines.len());
    let mut machine = locked(&town.machines[place]);
    let source = dice.below(machine.sources);
    let mut words = Vec::new();
    for _ in 0..=dice.below(6) {
        let big = dice.once_in(400).then_some(17 << 20);
        words.push(machine.desk(source).change(dice, big).tell("a change of a source")?);
    }
    town.tell(format!("machine {} source {source}: {}", place + 1, words.join(", ")));
    Ok(())
}

fn save_and_look(town: &Arc<Town>, dice: &mut Dice) -> Told<()> {
    let saving = Saving::choose(town, dice);
    let again = Saving::plain(saving.machine, saving.source, saving.level);
    town.tell(saving.words());
    save_well(town, saving)?;
    if dice.once_in(4) {
        save_again(town, again)?;
    }
    if dice.once_in(4) { check_is_sound(town) } else { Ok(()) }
}

fn save_in_trouble(town: &Arc<Town>, dice: &mut Dice) -> Told<()> {
    let (plan, words) = trouble(town, Disk::Vault, dice);
    let saving = Saving::choose(town, dice);
    let (machine, source) = (saving.machine, saving.source);
    town.tell(format!("{}: {words}", saving.words()));
    if dice.once_in(2) {
        let mut machine = locked(&town.machines[machine]);
        town.tell(machine.desk(source).change(dice, None).tell("a change of a source")?);
    }
    troubled_save(town, saving, plan)?;
    // Sometimes the next that happens is something else.
    if dice.once_in(2) {
        return Ok(());
    }
    let saving = Saving { source, ..Saving::of_machine(town, machine, dice) };
    save_well(town, saving).map(drop)
}

/// Saves under a plan, and calms the disk.
pub fn troubled_save(town: &Arc<Town>, saving: Saving, plan: FaultPlan) -> Told<()> {
    let (kind, may_fail) = (kind_of(&plan), plan.capacity_bytes.is_some());
    town.reopen(Disk::Vault, plan);
    let result = save(town, saving)?;
    let struck = town.calm(Disk::Vault, &kind);
    match result {
        Ok(_) => Ok(()),
        Err(error) if struck || may_fail => {
            town.tell(chain(&error));
            Ok(())
        }
        Err(error) => Err(format!("a backup fails though nothing struck: {}", chain(&error))),
    }
}

fn save_misread(town: &Arc<Town>, dice: &mut Dice) -> Told<()> {
    type Sort = (&'static str, fn(&ObjectName) -> bool, u64);
    const SORTS: [Sort; 4] = [
        ("manifests", |name| matches!(name, ObjectName::Numbered(_, NumberedKind::Snapshot, ..)), 2),
        ("packs", |name| matches!(name, ObjectName::Hashed(_, HashedKind::Pack, _)), 9),
        ("owners' entries", |name| matches!(name, ObjectName::Owner(..)), 3),
        ("keys", |name| matches!(name, ObjectName::Strand(_) | ObjectName::Numbered(_, NumberedKind::Keys, ..)), 2),
    ];
    let (words, of, reads) = dice.pick(&SORTS);
    let misread = Misread { of, read: 1 + dice.below(reads), place: dice.draw() };
    let saving = Saving { flipped_read: Some(misread), ..Saving::choose(town, dice) };
    town.tell(format!("{}: a wrong bit in read {} of {words}", saving.words(), misread.read));
    locked(&town.tally).fault("wrong bit in what is read", 1);
    if let Err(error) = save(town, saving)? {
        town.tell(chain(&error));
    }
    Ok(())
}

fn set_back(town: &Arc<Town>, dice: &mut Dice) -> Told<()> {
    let mut saving = Saving::choose(town, dice);
    let place = saving.machine;
    let before = locked(&town.machines[place]).remember("before")?;
    let midway: Arc<Mutex<Option<Told<Memory>>>> = Arc::default();
    let is_midway = dice.once_in(2);
    if is_midway {
        let (call, from) = (1 + dice.below(30), town.archive.count());
        let visit = midway_visit(town, place, from, Arc::clone(&midway));
        saving.visits.push((call, visit));
        town.tell(format!("before call {call}"));
    }
    let (plan, words) =
        if dice.once_in(3) { (FaultPlan::default(), "well".into()) } else { trouble(town, Disk::Vault, dice) };
    town.tell(format!("{}: {words}", saving.words()));
    troubled_save(town, saving, plan)?;
    locked(&town.tally).fault("machine set back", 1);
    let memory = match locked(&midway).take() {
        Some(memory) => memory?,
        None => before,
    };
    let mut machine = locked(&town.machines[place]);
    machine.put_back(&memory, dice.once_in(2))?;
    if dice.once_in(2) {
        let source = dice.below(machine.sources);
        town.tell(machine.desk(source).change(dice, None).tell("a change of a source")?);
    }
    Ok(())
}

/// Makes the visit that copies what a machine remembers while it saves.
fn midway_visit(town: &Arc<Town>, machine: usize, from: usize, midway: Arc<Mutex<Option<Told<Memory>>>>) -> Visit {
    let (copy, strand) = {
        let machine = locked(&town.machines[machine]);
        (machine.copier(), machine.keys.strand)
    };
    let archive = Arc::clone(&town.archive);
    Box::new(move || {
        let put = archive.since(from).into_iter().filter(|attempt| attempt.name.strand() == Some(strand));
        let noted = put.filter_map(|attempt| attempt.name.hash()).collect();
        *locked(&midway) = Some(copy(noted));
    })
}

fn forget(town: &Town, dice: &mut Dice) -> Told<()> {
    let place = dice.place(town.machines.len());
    town.tell(format!("machine {}", place + 1));
    locked(&town.tally).fault("local state lost", 1);
    locked(&town.machines[place]).lose_state()
}

fn recall(town: &Town, dice: &mut Dice) -> Told<()> {
    let place = dice.place(town.machines.len());
    let mut machine = locked(&town.machines[place]);
    let with_randomness = dice.once_in(2);
    if dice.once_in(2) && machine.put_copy_back(with_randomness)? {
        town.tell(format!(
            "machine {} is set back, its randomness {}",
            place + 1,
            if with_randomness { "too" } else { "not" }
        ));
        locked(&town.tally).fault("machine set back", 1);
        return Ok(());
    }
    town.tell(format!("machine {} is copied", place + 1));
    machine.keep_copy()
}

fn set_clock(town: &Town, dice: &mut Dice) -> Told<()> {
    let place = dice.place(town.machines.len());
    let mut machine = locked(&town.machines[place]);
    let (now, noise) = (town.now(), dice.below(2 * DAY as u64) as i64);
    let shows = match dice.below(7) {
        0 => noise,
        1 => 4_102_444_800 + noise,
        2 => now - DAY,
        3 => now + 40 * DAY,
        4 => now + 34 * DAY + noise,
        _ => now,
    };
    machine.clock_error = shows - now;
    town.tell(format!("machine {} is off by {} days", place + 1, machine.clock_error / DAY));
    locked(&town.tally).fault("clock set wrong", u64::from(shows != now));
    Ok(())
}

fn save_together(town: &Arc<Town>, dice: &mut Dice) -> Told<()> {
    if town.machines.len() < 2 {
        return Ok(());
    }
    let first = dice.place(2);
    let mut saving = Saving::of_machine(town, first, dice);
    let other = Saving::of_machine(town, 1 - first, dice);
    let (call, failure) = (1 + dice.below(30), Arc::new(Mutex::new(None)));
    town.tell(format!("{}, and before call {call} {}", saving.words(), other.words()));
    saving.visits.push((call, guest(town, &failure, move |town| save_well(town, other).map(drop))));
    save_well(town, saving)?;
    verdict(&failure)
}

fn save_while_expiring(town: &Arc<Town>, dice: &mut Dice) -> Told<()> {
    let mut saving = Saving::choose(town, dice);
    let failure = Arc::new(Mutex::new(None));
    for _ in 0..=dice.below(2) {
        let (call, days) = (1 + dice.below(36), dice.pick(&[0, 1, 3, 8]));
        town.tell(format!("before call {call}, {days} days later, the owners"));
        let visit = move |town: &Arc<Town>| {
            town.pass(days * DAY);
            well(expire(town, 0)?, "expiry")
        };
        saving.visits.push((call, guest(town, &failure, visit)));
    }
    town.tell(saving.words());
    let (machine, source) = (saving.machine, saving.source);
    let result = save(town, saving)?;
    verdict(&failure)?;
    if let Err(error) = result {
        // What it meant to reuse may have gone before it could say so.
        if !matches!(error, vault::backup::BackupError::Vanished { .. }) {
            return Err(format!("a backup beside expiry fails: {}", chain(&error)));
        }
        town.tell(chain(&error));
        save_well(town, Saving { source, ..Saving::of_machine(town, machine, dice) })?;
    }
    Ok(())
}

/// Makes a visit whose failure is told after.
fn guest(
    town: &Arc<Town>,
    failure: &Arc<Mutex<Option<String>>>,
    act: impl FnOnce(&Arc<Town>) -> Told<()> + Send + 'static,
) -> Visit {
    let (town, failure) = (Arc::clone(town), Arc::clone(failure));
    Box::new(move || {
        if let Err(why) = act(&town) {
            locked(&failure).get_or_insert(why);
        }
    })
}

fn verdict(failure: &Mutex<Option<String>>) -> Told<()> {
    locked(failure).take().map_or(Ok(()), Err)
}

fn expire_well(town: &Arc<Town>, dice: &mut Dice) -> Told<()> {
    let error = if dice.once_in(5) { -DAY } else { 0 };
    well(expire(town, error)?, "expiry")?;
    if dice.once_in(2) { check_is_sound(town) } else { Ok(()) }
}

fn expire_in_trouble(town: &Arc<Town>, dice: &mut Dice) -> Told<()> {
    let is_ripe = dice.once_in(2);
    if is_ripe {
        ripen(town, dice)?;
    }
    let (mut plan, words) = trouble(town, Disk::Vault, dice);
    let (kind, may_fail) = (kind_of(&plan), plan.capacity_bytes.is_some());
    if is_ripe && !may_fail {
        // An expiry that deletes writes more.
        plan.faults.iter_mut().for_each(|(moment, _)| *moment = Moment::Write(1 + dice.below(20)));
    }
    town.tell(format!("{words}{}", if is_ripe { " or later" } else { "" }));
    town.reopen(Disk::Vault, plan);
    let failure = expire(town, 0)?;
    let struck = town.calm(Disk::Vault, &kind);
    if struck || may_fail {
        town.tell(failure.unwrap_or_default());
        return Ok(());
    }
    well(failure, "expiry")
}

/// Snapshots of one day, of which all but the first and the last three are condemned, and may be deleted now.
fn ripen(town: &Arc<Town>, dice: &mut Dice) -> Told<()> {
    let place = dice.place(town.machines.len());
    let source = {
        let mut machine = locked(&town.machines[place]);
        machine.clock_error = 0;
        dice.below(machine.sources)
    };
    for _ in 0..5 + dice.below(3) {
        locked(&town.machines[place]).desk(source).change(dice, None).tell("a change of a source")?;
        save_well(town, Saving::plain(place, source, 3))?;
        town.pass(60);
    }
    well(expire(town, 0)?, "expiry")?;
    town.pass(8 * DAY);
    Ok(())
}

fn copy_in_trouble(town: &Arc<Town>, dice: &mut Dice) -> Told<()> {
    let (mut plan, words) = trouble(town, Disk::Copy, dice);
    if plan.capacity_bytes.is_none() {
        // A copy writes more than a backup.
        plan.faults.iter_mut().for_each(|(moment, _)| *moment = Moment::Write(1 + dice.below(40)));
    }
    let (kind, may_fail) = (kind_of(&plan), plan.capacity_bytes.is_some());
    town.tell(format!("{words} or later"));
    town.reopen(Disk::Copy, plan);
    let failure = copy_vault(town, Vec::new())?;
    let struck = town.calm(Disk::Copy, &kind);
    if !struck && !may_fail {
        well(failure, "copying")?;
    } else {
        town.tell(failure.unwrap_or_default());
    }
    if dice.once_in(2) { well(copy_vault(town, Vec::new())?, "copying") } else { Ok(()) }
}

fn copy_while_others_work(town: &Arc<Town>, dice: &mut Dice) -> Told<()> {
    let failure = Arc::new(Mutex::new(None));
    let call = 1 + dice.below(60);
    let saving = Saving::choose(town, dice);
    let visit = if dice.once_in(3) {
        town.tell(format!("before call {call} the owners let go"));
        guest(town, &failure, |town| well(expire(town, 0)?, "expiry"))
    } else {
        town.tell(format!("before call {call} a backup"));
        guest(town, &failure, move |town| save_well(town, saving).map(drop))
    };
    well(copy_vault(town, vec![(call, visit)])?, "copying")?;
    verdict(&failure)?;
    well(copy_vault(town, Vec::new())?, "copying")
}

fn retire(town: &Arc<Town>, dice: &mut Dice) -> Told<()> {
    let place = dice.place(town.machines.len());
    town.tell(format!("machine {}", place + 1));
    if dice.once_in(2) {
        let (plan, words) = trouble(town, Disk::Vault, dice);
        let kind = kind_of(&plan);
        town.tell(words);
        town.reopen(Disk::Vault, plan);
        let failure = retire_and_enrol(town, place)?;
        town.calm(Disk::Vault, &kind);
        if failure.is_none() {
            return Ok(());
        }
    }
    well(retire_and_enrol(town, place)?, "enrolling again")
}

fn recipients(town: &Arc<Town>, dice: &mut Dice) -> Told<()> {
    let (plan, words) =
        if dice.once_in(2) { (FaultPlan::default(), "well".into()) } else { trouble(town, Disk::Vault, dice) };
    let (kind, may_fail) = (kind_of(&plan), plan.capacity_bytes.is_some());
    town.tell(words);
    town.reopen(Disk::Vault, plan);
    let failure = change_recipients(town, dice)?;
    if !town.calm(Disk::Vault, &kind) && !may_fail {
        well(failure, "a change of recipients")?;
    }
    look_at_recipients(town)
}
