//! One run: a seed, its steps, and if it fails the fewest steps that still fail.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::deeds::Deed;
use crate::dice::Dice;
use crate::failure::Told;
use crate::oracles::{verify, verify_at_the_end};
use crate::tally::Tally;
use crate::town::{Town, locked};

/// One step of a run, with a seed of its own: it stays the same when others are left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// Its place in the run.
    pub number: usize,
    /// What happens.
    pub deed: Deed,
    /// Decides how.
    pub seed: u64,
}

/// Why a run failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// What was done, one line a step; the last one failed.
    pub story: Vec<String>,
    /// The numbers of these steps.
    pub steps: Vec<usize>,
    /// What is wrong.
    pub why: String,
}

/// Returns the steps of a seed.
pub fn steps(seed: u64) -> Vec<Step> {
    let mut dice = Dice::new(seed);
    let count = 8 + dice.below(13) as usize;
    let era = dice.once_in(40).then(|| dice.place(count));
    (0..count)
        .map(|number| {
            let (deed, seed) = (Deed::choose(&mut dice), dice.draw());
            Step { number, deed: if era == Some(number) { Deed::Era } else { deed }, seed }
        })
        .collect()
}

/// Runs the steps of a seed, or those of them that are wanted.
pub fn run(seed: u64, wanted: Option<&[usize]>) -> Result<Tally, Failure> {
    let mut steps = steps(seed);
    steps.retain(|step| wanted.is_none_or(|wanted| wanted.contains(&step.number)));
    live(seed, &steps)
}

/// Leaves out steps, one by one, as long as the run still fails. Returns the failure of what is left.
pub fn shrink(failure: Failure) -> Failure {
    let mut smallest = failure;
    let mut place = 0;
    while place < smallest.steps.len() {
        let mut fewer = smallest.steps.clone();
        fewer.remove(place);
        match run(smallest.seed, Some(&fewer)) {
            Err(failure) => smallest = failure,
            Ok(_) => place += 1,
        }
    }
    smallest
}

fn live(seed: u64, steps: &[Step]) -> Result<Tally, Failure> {
    let mut failure = Failure { seed, story: Vec::new(), steps: Vec::new(), why: String::new() };
    let found = caught(|| Town::found(seed)).and_then(|town| caught(|| verify(&town)).map(|()| town));
    let town = found.map_err(|why| Failure { why, ..failure.clone() })?;
    for step in steps {
        let mut dice = Dice::new(step.seed);
        town.pass(60 + dice.below(20_000) as i64);
        let done = caught(|| step.deed.happen(&town, &mut dice)).and_then(|()| caught(|| verify(&town)));
        failure.story.push(format!("{:2} {:?}: {}", step.number, step.deed, town.story()));
        failure.steps.push(step.number);
        if let Err(why) = done {
            return Err(Failure { why, ..failure });
        }
    }
    caught(|| verify_at_the_end(&town)).map_err(|why| Failure { why, ..failure.clone() })?;
    let mut tally = locked(&town.tally).clone();
    tally.seeds += 1;
    tally.steps += steps.len() as u64;
    Ok(tally)
}

/// Turns a panic of the vault into words.
fn caught<T>(work: impl FnOnce() -> Told<T>) -> Told<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("panic: {}", words.unwrap_or("without words")))
    })
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {} fails: {}", self.seed, self.why)?;
        self.story.iter().try_for_each(|line| writeln!(f, "  {line}"))
    }
}
