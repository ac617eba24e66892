//! Years in a few moments: so many backups that indexes are written, snapshots that go by the dozen after weeks and after
//! years, files that come back.

use std::sync::Arc;

use crate::dice::Dice;
use crate::failure::{Tell, Told, ensure};
use crate::oracles::check_is_sound;
use crate::owners::expire;
use crate::rule::DAY;
use crate::saving::{Saving, save_well};
use crate::town::{Town, locked};

/// So many backups leave more packs than a manifest names without an index.
const BACKUPS: u64 = 68;

/// One file more a day; then half of them go, and years later they come back.
pub fn era(town: &Arc<Town>, dice: &mut Dice) -> Told<()> {
    let machine = dice.place(town.machines.len());
    locked(&town.machines[machine]).clock_error = 0;
    let contents: Vec<_> = (0..BACKUPS).map(|_| dice.content(700)).collect();
    for number in 0..BACKUPS {
        put_file(town, machine, number, Some(&contents[number as usize]))?;
        town.pass(DAY);
        save_well(town, Saving::plain(machine, 0, 3))?;
    }
    for number in (0..BACKUPS).step_by(2) {
        put_file(town, machine, number, None)?;
    }
    for _ in 0..3 {
        town.pass(DAY);
        save_well(town, Saving::plain(machine, 0, 3))?;
    }
    // First when some of them are weeks old and others months: each step of the rule has something to decide.
    for days in [50, 8 * 366, 8] {
        town.pass(days * DAY);
        let failure = expire(town, 0)?;
        ensure(failure.is_none(), || format!("expiry fails without trouble: {}", failure.unwrap_or_default()))?;
    }
    for number in (0..BACKUPS).step_by(2) {
        put_file(town, machine, number, Some(&contents[number as usize]))?;
    }
    save_well(town, Saving::plain(machine, 0, 3))?;
    check_is_sound(town)
}

fn put_file(town: &Town, machine: usize, number: u64, content: Option<&[u8]>) -> Told<()> {
    let mut machine = locked(&town.machines[machine]);
    let path = machine.source(0).join(format!("era/{number}"));
    match content {
        Some(content) => machine.desk(0).write(&path, content).tell("a file"),
        None => machine.desk(0).remove(&path).tell("a file"),
    }
}
