//! The random tests of the suites, with counts as large as you like.
//!
//! `cargo test` runs the same code for a few seconds. A test that fails prints its seed, and `--seed` runs it again.

use crate::run::{cargo, succeed};

/// The tests that read [`Rounds`]: package, and the first words of their names.
const TESTS: [(&str, &str); 2] = [("beffroi-vault", "histories::"), ("beffroi", "interruptions::kills::")];

/// How much to run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rounds {
    /// Number of random histories.
    rounds: u64,
    /// Number of kills: of backups so many, of restores and of copies half as many each.
    kills: u64,
    /// Where randomness begins; the round *n* has the seed `seed + n`.
    seed: u64,
}

impl Rounds {
    /// Reads `--rounds N`, `--kills N` and `--seed N`; what is not wanted at all is 0.
    pub fn parse(words: &[&str]) -> Result<Self, String> {
        let mut rounds = Self { rounds: 1000, kills: 50, seed: 1 };
        let mut words = words.iter();
        while let Some(option) = words.next() {
            let value = words.next().and_then(|value| value.parse().ok());
            let value = value.ok_or_else(|| format!("{option} wants a number"))?;
            match *option {
                "--rounds" => rounds.rounds = value,
                "--kills" => rounds.kills = value,
                "--seed" => rounds.seed = value,
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
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        assert_eq!(Rounds::parse(&["--seed", "7"]), Ok(Rounds { rounds: 1000, kills: 50, seed: 7 }));
        let all = ["--rounds", "3", "--kills", "9", "--seed", "0"];
        assert_eq!(Rounds::parse(&all), Ok(Rounds { rounds: 3, kills: 9, seed: 0 }));
        for wrong in [&["--rounds"][..], &["--rounds", "many"], &["--days", "3"], &["3"]] {
            assert!(Rounds::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
