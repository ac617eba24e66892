//! Short scenarios that die at every write in turn, whatever survives: not chance, but all of them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::sync::Arc;

use sim::copying::copy_vault;
use sim::dice::Dice;
use sim::failure::Told;
use sim::machine::SimEntropy;
use sim::oracles::{check_is_sound, verify, verify_at_the_end};
use sim::owners::{change_recipients, expire, look_at_recipients, retire_and_enrol};
use sim::place::{Archive, Origin, Place};
use sim::rule::DAY;
use sim::saving::{Saving, save, save_well};
use sim::town::{BEGIN, Disk, Town, locked};
use vault::store::{Fault, FaultPlan, Moment, Survivors};
use vault::vault::{Vault, VaultError};
use vault::world::Timestamp;

/// All crashes with everything that may survive them; what fails otherwise loses at most what a failed commit does.
const TROUBLES: [(Fault, Survivors); 12] = [
    (Fault::CrashBefore, Survivors::Nothing),
    (Fault::CrashBefore, Survivors::Everything),
    (Fault::CrashBefore, Survivors::InOrder),
    (Fault::CrashBefore, Survivors::Scattered),
    (Fault::CrashAfter, Survivors::Nothing),
    (Fault::CrashAfter, Survivors::Everything),
    (Fault::CrashAfter, Survivors::InOrder),
    (Fault::CrashAfter, Survivors::Scattered),
    (Fault::Error, Survivors::Nothing),
    (Fault::Error, Survivors::Scattered),
    (Fault::LostAnswer, Survivors::Nothing),
    (Fault::Full, Survivors::Nothing),
];

/// Lets an act fail at every write, and then succeed. Returns how often it failed.
fn interrupt_everywhere(
    disk: Disk,
    prepare: fn() -> Arc<Town>,
    // What is interrupted; the words of the failure, if it was.
    act: impl Fn(&Arc<Town>) -> Told<Option<String>>,
) -> u64 {
    let mut failures = 0;
    for (fault, survivors) in TROUBLES {
        for write in 1.. {
            let town = prepare();
            let faults = vec![(Moment::Write(write), fault)];
            town.reopen(disk, FaultPlan { seed: write, faults, survivors, ..FaultPlan::default() });
            let what = format!("{fault:?} at write {write}, {survivors:?}");
            let failure = act(&town).unwrap_or_else(|why| panic!("{what}: {why}"));
            let (writes, struck) = (town.place(disk).disk().writes(), town.calm(disk, "fault"));
            assert_eq!(failure.is_some(), struck, "{what}: {failure:?}");
            verify(&town).unwrap_or_else(|why| panic!("{what}: {why}"));
            assert_eq!(act(&town).unwrap_or_else(|why| panic!("{what}, again: {why}")), None, "{what}");
            let sound = verify(&town).and_then(|()| check_is_sound(&town));
            sound.unwrap_or_else(|why| panic!("{what}, again: {why}"));
            failures += u64::from(struck);
            if writes < write {
                break;
            }
        }
    }
    failures
}

/// A town whose first machine has something to keep.
fn begun() -> Arc<Town> {
    let town = Town::found(5).unwrap();
    work(&town, 1);
    town
}

fn work(town: &Town, seed: u64) {
    let mut machine = locked(&town.machines[0]);
    let folder = machine.source(0);
    let mut dice = Dice::new(seed);
    for number in 0..4 {
        machine.desk(0).write(&folder.join(format!("file{number}")), &dice.content(3000)).unwrap();
    }
    machine.desk(0).write(&folder.join("same"), b"always the same").unwrap();
}

/// A town with a snapshot, and something new.
fn kept_once() -> Arc<Town> {
    let town = begun();
    save_well(&town, Saving::plain(0, 0, 3)).unwrap();
    work(&town, 2);
    town
}

/// A town in which an expiry has something to condemn.
fn old() -> Arc<Town> {
    let town = begun();
    for day in 0..5 {
        work(&town, day);
        save_well(&town, Saving::plain(0, 0, 3)).unwrap();
        town.pass(600);
    }
    town.pass(DAY);
    town
}

/// A town in which an expiry has something to delete, and to condemn besides.
fn ripe() -> Arc<Town> {
    let town = old();
    assert_eq!(expire(&town, 0), Ok(None));
    town.pass(8 * DAY);
    work(&town, 77);
    for _ in 0..4 {
        save_well(&town, Saving::plain(0, 0, 3)).unwrap();
    }
    town
}

fn save_once(town: &Arc<Town>) -> Told<Option<String>> {
    Ok(save(town, Saving::plain(0, 0, 3))?.err().map(|error| error.to_string()))
}

#[test]
fn a_first_backup_dies_at_every_write() {
    let failures = interrupt_everywhere(Disk::Vault, begun, save_once);
    assert!(failures > 60, "{failures}");
}

#[test]
fn a_second_backup_dies_at_every_write() {
    let failures = interrupt_everywhere(Disk::Vault, kept_once, save_once);
    assert!(failures > 60, "{failures}");
}

#[test]
fn condemning_dies_at_every_write() {
    let failures = interrupt_everywhere(Disk::Vault, old, |town| expire(town, 0));
    assert!(failures > 20, "{failures}");
}

#[test]
fn deleting_dies_at_every_write() {
    let failures = interrupt_everywhere(Disk::Vault, ripe, |town| expire(town, 0));
    assert!(failures > 60, "{failures}");
}

#[test]
fn a_copy_dies_at_every_write() {
    let prepare = || {
        let town = kept_once();
        save_well(&town, Saving::plain(0, 0, 3)).unwrap();
        town
    };
    let failures = interrupt_everywhere(Disk::Copy, prepare, |town| copy_vault(town, Vec::new()));
    assert!(failures > 90, "{failures}");
}

#[test]
fn enrolling_dies_at_every_write() {
    let failures = interrupt_everywhere(Disk::Vault, kept_once, |town| retire_and_enrol(town, 0));
    assert!(failures > 30, "{failures}");
}

#[test]
fn recipients_change_at_every_write() {
    /// A vault with two recipients more, so that one can be removed.
    fn shared() -> Arc<Town> {
        let town = kept_once();
        while locked(&town.recipients).len() < 2 {
            assert_eq!(change_recipients(&town, &mut Dice::new(town.archive.count() as u64)), Ok(None));
        }
        town
    }
    let add_or_remove = |seed: u64| {
        let act = move |town: &Arc<Town>| {
            look_at_recipients(town)?;
            change_recipients(town, &mut Dice::new(seed))
        };
        interrupt_everywhere(Disk::Vault, shared, act)
    };
    // One of two seeds adds, the other removes.
    let is_addition = |seed: &u64| Dice::new(*seed).once_in(2);
    let seeds = [(0..99).find(is_addition).unwrap(), (0..99).find(|seed| !is_addition(seed)).unwrap()];
    for failures in seeds.map(add_or_remove) {
        assert!(failures > 30, "{failures}");
    }
}

#[test]
fn founding_dies_at_every_write() {
    let (kit_seed, now) = (3, Timestamp::from_seconds(BEGIN));
    let mut failures = 0;
    for (fault, survivors) in TROUBLES {
        for write in 1.. {
            let mut place = Place::new(&Arc::new(Archive::default()));
            let faults = vec![(Moment::Write(write), fault)];
            place.reopen(FaultPlan { seed: write, faults, survivors, ..FaultPlan::default() });
            let store = Arc::new(place.handle(Origin { machine: 0, position: 0 }));
            let result = Vault::found(store, &[], now, &SimEntropy::new(kit_seed));
            let (struck, writes) = (place.disk().struck() > 0, place.disk().writes());
            assert_eq!(result.is_err(), struck);
            place.reopen(FaultPlan::default());
            let opened = Vault::open(Arc::new(place.handle(Origin { machine: 0, position: 0 })));
            match (&result, &opened) {
                (Ok((_, kit)), Ok(vault)) => vault.accept(kit).unwrap(),
                (Err(_), Ok(_) | Err(VaultError::Missing | VaultError::HalfMade)) => {}
                other => panic!("{fault:?} at write {write}, {survivors:?}: {:?}", other.1.as_ref().err()),
            }
            failures += u64::from(struck);
            if writes < write {
                break;
            }
        }
    }
    assert!(failures > 15, "{failures}");
}

#[test]
fn a_machine_that_is_set_back_repeats_its_numbers_and_no_key() {
    for level in [1, 3] {
        let town = kept_once();
        let memory = locked(&town.machines[0]).remember("before").unwrap();
        save_well(&town, Saving::plain(0, 0, 3)).unwrap();
        work(&town, 9);
        locked(&town.machines[0]).put_back(&memory, true).unwrap();
        save_well(&town, Saving::plain(0, 0, level)).unwrap();
        let manifests: Vec<_> = town.archive.since(0).into_iter().map(|attempt| attempt.origin).collect();
        assert!(manifests.iter().filter(|origin| origin.machine == 1).count() > 8);
        verify_at_the_end(&town).unwrap();
        check_is_sound(&town).unwrap();
    }
}
