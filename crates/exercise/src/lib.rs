//! The day, rehearsed: a real folder is copied, kept, changed, kept again, given back and compared.
//!
//! Everything happens in a temporary folder that this crate makes and removes. The folder that is given is only read.
//!
//! What survives a crash: nothing but the temporary folder, which says in its name what it is.
//!
//! What it never does: write outside the folder that it made. [`Sandbox`] cannot be built from a path of somebody else,
//! and whatever changes files takes a `Sandbox`.

mod changes;
mod sandbox;
mod story;

pub use changes::{Changes, change_some};
pub use sandbox::{CopyFault, Sandbox, SandboxError};
pub use story::{ExerciseError, ExerciseOptions, Happening, Narrator, Part, Story, tell};
