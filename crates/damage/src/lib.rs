//! What is hurt, told at the desk: two or more snapshots of one source are compared, or a snapshot with the disk, and what changed is
//! judged from its bytes.
//!
//! Cost follows what changed: equal subtrees are passed over by their hashes. Memory is that of a few hundred files and of the
//! changes of one folder.
//!
//! What survives a crash: nothing is written.
//!
//! What it never does: believe what the machine wrote down, unless it is asked to ([`Evidence::Facts`]); change a vault; call
//! sound what it could not read.

mod attestation;
mod chain;
mod clean;
mod content;
mod folder;
mod folders;
mod history;
mod hunt;
mod judge;
mod lines;
mod live;
mod repair;
mod strays;

pub use attestation::{Attestation, AttestationError, Counts, OTHERS_MAX, Other, Statement};
pub use chain::{Chain, Live};
pub use clean::{Action, CleanMonitor, Cleaned, Row, clean};
pub use content::StoredContent;
pub use folders::{AssessOptions, Monitor, assess};
pub use hunt::{HuntMonitor, Hunted, Sighting, Wanted, hunt};
pub use judge::{Evidence, Named, as_told, judge_versions};
pub use lines::{Line, Totals};
pub use repair::{AttributeDifference, Ground, RepairError, RepairMonitor, Repaired, repair};
