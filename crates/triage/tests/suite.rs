//! Real files: sound, cut, overwritten, hostile.
#![expect(clippy::disallowed_methods, reason = "these tests read the samples of the project")]

#[path = "suite/samples.rs"]
mod samples;

#[path = "suite/damage.rs"]
mod damage;

#[path = "suite/states.rs"]
mod states;

#[path = "suite/glances.rs"]
mod glances;

#[path = "suite/hostile.rs"]
mod hostile;

#[path = "suite/corpus.rs"]
mod corpus;

#[path = "suite/machines.rs"]
mod machines;
