//! The town: who needs what, in which order, by when, and what was decided.
//!
//! Three things carry the rest. A [`map::Map`] is what a town wrote down on a quiet day: entities, services, hosts, providers, sources,
//! people, calendar. A [`state::State`] is what is known of them now, each value with its origin and its age. A journal
//! ([`journal::Entry`], one after the other) is what was seen, decided and done. From the first two comes the [`order`] of return, with a
//! reason for every position; from all three come deadlines and drafts.
//!
//! Everything here is pure: text and time in, decisions with reasons out. Nothing here reads a file, a clock or the network, prints, or
//! puts a sentence into a language: reasons and findings are values, which `beffroi` says in French and English. Nothing survives a crash
//! here because nothing is held here; what a journal needs so that a crash loses nothing is said at [`journal`].
//!
//! What it never does: conclude that nothing need be notified; change an entry of a journal.

pub mod calendar;
pub mod cascade;
pub mod costs;
pub mod deadlines;
pub mod drafts;
pub mod graph;
pub mod holding;
pub mod journal;
pub mod map;
pub mod order;
pub mod picture;
pub mod recovery;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod scripted;
pub mod standing;
pub mod state;
