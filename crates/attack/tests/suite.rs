//! An attacker who has all that an agent's disk yields and may add to the vault, and what the owners get back after him.
//!
//! Three parties, and no process has what two of them know: the attacker and the owner are programs of their own, the town
//! between them is the test. It hands the attacker a copy of what he stole, moves into the vault what he made and what
//! was not there before, as the keeper would, and asks the owner what is left.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the suite makes towns in temporary folders; a test that cannot go on says where"
)]

#[path = "awaited.rs"]
mod awaited;
#[path = "suite/bombs.rs"]
mod bombs;
#[path = "suite/poisons.rs"]
mod poisons;
#[path = "suite/reads.rs"]
mod reads;
#[path = "suite/town.rs"]
mod town;
#[path = "suite/trees.rs"]
mod trees;
