//! The random tests of the suites and simulated towns, with counts as large as you like.
//!
//! `cargo test` runs the same code for a few seconds. A test that fails prints its seed, and `--seed` runs it again.

use std::process::Command;

use crate::run::{cargo, succeed};

/// The tests that read [`Rounds`]: package, and the first words of their names.
const TESTS: [(&str, &str); 2] = [("beffroi-vault", "histories::"), ("beffroi", "interruptions::kills::")];

/// How much to run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rounds {
    /// Number of random histories.
    rounds: u64,
    /// Number of kills of backups, of restores, of copies and of `expire`, each.
    kills: u64,
    /// Number of simulated towns.
    sim: u64,
    /// So many years of one town hall, with a backup every day.
    years: u64,
    /// Only these steps of each town, with commas between them.
    steps: Option<String>,
    /// Where randomness begins; the round *n* has the seed `seed + n`.
    seed: u64,
}

impl Rounds {
    /// Reads `--rounds N`, `--kills N`, `--sim N`, `--years N`, `--seed N` and `--steps N,N,…`. If one of the first four is
    /// there, those that are not are 0.
    pub fn parse(words: &[&str]) -> Result<Self, String> {
        let named = words.iter().any(|word| ["--rounds", "--kills", "--sim", "--years"].contains(word));
        let usual = |count| if named { 0 } else { count };
        let mut rounds =
            Self { rounds: usual(1000), kills: usual(50), sim: usual(1000), years: 0, steps: None, seed: 1 };
        let mut words = words.iter();
        while let Some(option) = words.next() {
            let value = words.next().ok_or_else(|| format!("{option} wants a number"))?;
            let number = || value.parse().map_err(|_| format!("{option} wants a number"));
            match *option {
                "--rounds" => rounds.rounds = number()?,
                "--kills" => rounds.kills = number()?,
                "--sim" => rounds.sim = number()?,
                "--years" => rounds.years = number()?,
                "--seed" => rounds.seed = number()?,
                "--steps" => rounds.steps = Some(value.to_string()),
                _ => return Err(format!("soak does not know {option}")),
            }
        }
        Ok(rounds)
    }
}

/// Runs the tests, optimized.
pub fn run(rounds: &Rounds) -> Result<(), String> {
    for ((package, tests), count) in TESTS.into_iter().zip([rounds.rounds, rounds.kills]) {
        if count == 0 {
            continue;
        }
        let test = ["test", "--locked", "--release", "--package", package, "--", "--nocapture", tests];
        let counts = [
            ("BEFFROI_SOAK_ROUNDS", rounds.rounds),
            ("BEFFROI_SOAK_KILLS", rounds.kills),
            ("BEFFROI_SOAK_SEED", rounds.seed),
        ];
        succeed(cargo().args(test).envs(counts.map(|(name, count)| (name, count.to_string()))))?;
    }
    if rounds.sim > 0 {
        let mut towns = simulation(rounds);
        towns.args(["--seeds", &rounds.sim.to_string()]);
        if let Some(steps) = &rounds.steps {
            towns.args(["--steps", steps]);
        }
        succeed(&mut towns)?;
    }
    if rounds.years > 0 {
        succeed(simulation(rounds).args(["--years", &rounds.years.to_string()]))?;
    }
    Ok(())
}

fn simulation(rounds: &Rounds) -> Command {
    let mut simulation = cargo();
    simulation.args(["run", "--locked", "--release", "--package", "beffroi-sim", "--"]);
    simulation.args(["--seed", &rounds.seed.to_string()]);
    simulation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        let usual = Rounds { rounds: 1000, kills: 50, sim: 1000, years: 0, steps: None, seed: 7 };
        assert_eq!(Rounds::parse(&["--seed", "7"]), Ok(usual.clone()));
        let two = ["--rounds", "3", "--kills", "9", "--seed", "0"];
        assert_eq!(Rounds::parse(&two), Ok(Rounds { rounds: 3, kills: 9, sim: 0, seed: 0, ..usual.clone() }));
        let again = ["--sim", "1", "--seed", "7", "--steps", "2,14"];
        assert_eq!(
            Rounds::parse(&again),
            Ok(Rounds { rounds: 0, kills: 0, sim: 1, years: 0, steps: Some("2,14".into()), seed: 7 })
        );
        let years = Rounds { rounds: 0, kills: 0, sim: 0, years: 5, ..usual };
        assert_eq!(Rounds::parse(&["--years", "5", "--seed", "7"]), Ok(years));
        for wrong in [&["--rounds"][..], &["--rounds", "many"], &["--days", "3"], &["3"]] {
            assert!(Rounds::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
