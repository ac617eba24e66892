//! The day, rehearsed: a real folder is copied, kept, changed, kept again, attacked, and what is told of it held against the truth.
//!
//! [`tell`] rehearses an ordinary day and a bad one. For the bad one there is [`attack`]: a harmless attacker that does to the
//! copy what known attackers do, tells the truth about it to the byte, and undoes it. [`benign`] is the ordinary work that must
//! not be taken for an attack. Both exist to measure whether damage is found, and nothing else.
//!
//! Everything happens in a temporary folder that this crate makes and removes. The folder that is given is only read.
//!
//! What survives a crash: nothing but the temporary folder, which says in its name what it is.
//!
//! What it never does: write outside the folder that it made. [`Sandbox`] cannot be built from a path of somebody else,
//! and whatever changes files takes a `Sandbox`. The attacker reaches files through the sandbox's own descriptor only.
//!
//! ```
//! use exercise::Sandbox;
//! use exercise::attack::{Disguise, attack, families, undo};
//!
//! # let place = tempfile::tempdir()?;
//! # let folder = place.path().join("town hall");
//! # std::fs::create_dir(&folder)?;
//! # std::fs::write(folder.join("budget.csv"), "1;stamps;12\n".repeat(1000))?;
//! let sandbox = Sandbox::copy(&folder, place.path(), &mut |fault| panic!("{fault}"))?;
//! let truth = attack(&sandbox, families().swap_remove(0), Disguise::of_seed(1), 1)?;
//! assert!(truth.records.iter().any(|record| record.is_harm()));
//! undo(&sandbox, &truth)?;
//! assert_eq!(std::fs::read(sandbox.path().join("budget.csv"))?, std::fs::read(folder.join("budget.csv"))?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod attack;
pub mod benign;
mod changes;
mod ground;
mod sandbox;
mod story;
pub mod village;

pub use changes::{Changes, change_some};
pub use ground::GroundError;
pub use sandbox::{CopyFault, Sandbox, SandboxError};
pub use story::{ExerciseError, ExerciseOptions, Happening, Mending, Missed, Narrator, Part, Reckoning, Story, tell};
