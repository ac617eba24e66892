//! Whatever stops the program in the middle — a kill, a full disk, a source that does not hold still — what was kept
//! before comes back whole, and the next run goes on.
//!
//! `cargo xtask soak --kills N --seed S` kills more often.

#[path = "interruptions/desk.rs"]
pub mod desk;
#[path = "interruptions/full.rs"]
mod full;
#[path = "interruptions/kills.rs"]
mod kills;
#[path = "interruptions/living.rs"]
mod living;
