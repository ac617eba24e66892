//! What is hurt, what is proved sound, what is unknown: bytes in, verdicts out.
//!
//! [`examine()`] reads a whole file through [`Content`] and tells its [`Kind`] and its [`State`], with the [`Coverage`]: how
//! many bytes a checksum or a grammar really vouches for. [`glance()`] looks at head and tail only, at the moment of saving.
//! [`Limits`] bound what a hostile file may cost.
//!
//! ```
//! use triage::{Kind, Limits, State, examine};
//!
//! let sound = "nom;commune\nÉlodie;Saint-Dié\n".repeat(20).into_bytes();
//! let examination = examine(&sound, b"electeurs.csv", &Limits::default())?;
//! assert_eq!((examination.kind, examination.state), (Kind::Csv, State::Valid));
//!
//! let mut hurt = sound.clone();
//! hurt[100..116].copy_from_slice(b"\x8c\x11\xf0\x03\x9e\xd4\x77\x00\xe9\x1f\x88\xc2\x05\xab\x61\xfe");
//! let examination = examine(&hurt, b"electeurs.csv", &Limits::default())?;
//! assert!(examination.state.is_unsound());
//! # Ok::<(), triage::ContentError>(())
//! ```
//!
//! What it is *not*: it opens no file, knows no vault, repairs nothing, and finds no virus. A state is no verdict: many files
//! of a town were never right, and only a change for the worse between two versions is damage.

pub mod alarm;
mod content;
pub mod delta;
pub mod emptying;
mod examine;
pub mod facts;
mod glance;
mod kind;
pub mod ledger;
mod limits;
pub mod look;
pub mod pairing;
mod randomness;
pub mod recoded;
pub mod shield;
mod state;
mod structure;
pub mod texture;
pub mod verdict;
mod window;

pub use content::{Content, ContentError};
pub use examine::{examine, examine_after};
pub use glance::{GLANCE_BYTES, Glance, glance};
pub use kind::{Family, Kind};
pub use limits::{Limit, Limits, RATIO_FREE_BYTES};
pub use state::{Coverage, Encoding, Examination, Letters, NOTES_MAX, Note, State, Unknown};
