//! A real tree is kept in a real folder, given back, and compared to the last attribute.

#[path = "suite/oddities.rs"]
mod oddities;
#[path = "suite/round_trip.rs"]
mod round_trip;
#[path = "suite/town.rs"]
mod town;
