//! The harmless attacker: it changes files as known attackers do, on a sandbox's copy, and tells the truth about it.
//!
//! It exists to prove that damage is found. [`attack`] takes a [`Sandbox`](crate::Sandbox), which can only be made by
//! copying, and a [`Profile`]; what it did is a [`Truth`], beside the copy, with the key; [`undo()`] brings everything back.
//!
//! # What it never does
//!
//! - It takes no path: it reaches the copy through the sandbox's own descriptor, step by step, follows no link, enters no
//!   mount, and leaves alone whatever has names outside the copy.
//! - It knows no network and no key but the one it writes down, and its notes say that they are an exercise.
//! - It is slow: one thread, and every changed byte is compared with what was there.

mod chance;
mod cipher;
mod deeds;
mod disguise;
mod mechanics;
mod pattern;
mod profile;
mod rewrite;
mod spans;
mod strike;
mod truth;
mod undo;

pub use chance::AttackKey;
pub(crate) use chance::Dice;
pub use cipher::{Form, NotOurs};
pub use disguise::{Disguise, Note};
pub use mechanics::{Extension, Mechanics, Notes, Order, Renaming, Selection, Times, Way};
pub use pattern::{Pattern, Ranges, Rule};
pub use profile::{Profile, ProfileKind, evasions, families, profiles, wipers};
pub use spans::Spans;
pub use strike::{Attack, AttackError, attack};
pub use truth::{Deed, Record, Truth, TruthError};
pub use undo::{UndoError, undo};
