//! Everything that the vault promises, tried from outside.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the suite makes sources and looks at states; a test that cannot go on says where"
)]

#[path = "suite/acts.rs"]
mod acts;
#[path = "suite/copy.rs"]
mod copy;
#[path = "suite/corpus.rs"]
mod corpus;
#[path = "suite/damage.rs"]
mod damage;
#[path = "suite/diff.rs"]
mod diff;
#[path = "suite/endings.rs"]
mod endings;
#[path = "suite/expire.rs"]
mod expire;
#[path = "suite/histories.rs"]
mod histories;
#[path = "suite/leases.rs"]
mod leases;
#[path = "suite/loss.rs"]
mod loss;
#[path = "suite/owners.rs"]
mod owners;
#[path = "suite/retention.rs"]
mod retention;
#[path = "suite/rig.rs"]
mod rig;
#[path = "suite/round_trip.rs"]
mod round_trip;
#[path = "suite/scratch.rs"]
mod scratch;
#[path = "suite/shelf.rs"]
mod shelf;
#[path = "suite/threats.rs"]
mod threats;
#[path = "suite/verify.rs"]
mod verify;
#[path = "suite/witness.rs"]
mod witness;
#[path = "suite/worn.rs"]
mod worn;
