//! A real tree is kept in a real folder, given back, and compared to the last attribute.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the suite makes sources and looks at what came back; a test that cannot go on says where"
)]

#[path = "suite/mounting.rs"]
mod mounting;
#[path = "suite/oddities.rs"]
mod oddities;
#[path = "suite/ordering.rs"]
mod ordering;
#[path = "suite/round_trip.rs"]
mod round_trip;
#[path = "suite/scratch.rs"]
mod scratch;
#[path = "suite/town.rs"]
mod town;
