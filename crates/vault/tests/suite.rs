//! Everything that the vault promises, tried from outside.

#[path = "suite/rig.rs"]
mod rig;
#[path = "suite/round_trip.rs"]
mod round_trip;
