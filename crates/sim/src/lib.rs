//! A town on a bad day: the real vault over a faulty disk and a wrong clock, all of it decided by one number.
//!
//! [`run()`] founds a vault, lets a town live for some steps ([`Deed`]), and after each of them asks whether what was
//! promised is there ([`verify`](oracles::verify)). What must be there is said by a [`Model`](model::Model) as plainly as it
//! can be said, and what expiry must do by the text of `docs/retention.md` ([`rule`], [`expectation`]), not by the vault.
//!
//! # What it never does
//!
//! - It never touches a file outside its own temporary folder, which lies in memory where there is such a place.
//! - It never asks the vault what the vault should do.
//! - It never leaves a step, a fault or its moment to chance but the seed's. Four things differ all the same from run to
//!   run, and with them, now and then, which object a fault meets, and whether it does: the order in which the threads of one
//!   backup fill packs, what the `age` library draws for identities and envelopes (so hashes of objects differ, and with
//!   them the order of names and which of several objects rots), the order in which hash maps are walked (the local
//!   numbers of adopted packs), and inode numbers (which unchanged files are read as a sample).

pub mod copying;
pub mod deeds;
pub mod dice;
pub mod era;
pub mod expectation;
pub mod failure;
pub mod folder;
pub mod harm;
pub mod machine;
pub mod model;
pub mod oracles;
pub mod owners;
pub mod place;
pub mod rule;
pub mod saving;
pub mod seals;
pub mod tally;
pub mod town;
pub mod years;

mod run;

pub use deeds::Deed;
pub use run::{Failure, Step, run, shrink, steps};
pub use tally::Tally;
