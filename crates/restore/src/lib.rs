//! What is put back: the fill engine's hand on the disk.
//!
//! [`target::Target`] is a directory that is being filled. It makes directories ([`target::DirectoryId`]), files
//! ([`target::FileInProgress`]), links and all the rest below itself, and gives each its owner, mode, ACLs, extended
//! attributes and times. [`compare::compare_trees`] then tells whether two directories are the same, to the last byte
//! and attribute.
//!
//! # What survives a crash
//!
//! - A killed process leaves whole files under their names, and unfinished ones under temporary names
//!   (`.beffroi-` and sixteen hexadecimal digits) beside them. Directories that were not finished still belong to
//!   whoever runs this, with mode 0700.
//! - After a power loss, what was there at the last [`target::Target::sync`] is there. What came later may be absent
//!   or, on some file systems, empty under its name: whoever resumes after a power loss checks what came after the
//!   last sync.
//!
//! # What it never does
//!
//! - It never writes outside the target's directory, whatever the tree or another process on the same disk says: each
//!   step goes through an open directory and one name that is checked, and no symbolic link is ever followed.
//! - It never deletes a directory with something in it, nor an empty one but under a temporary name or where a repair puts something else;
//!   and it replaces a file only when told to, by a rename that is all or nothing.
//! - It never keeps a set-user-id or set-group-id bit on a file whose owner could not be set.
//! - It never lets an attribute that cannot be set stand between a town and its bytes: that is a warning in a list.
//!
//! ```
//! use restore::target::{DirectoryId, Outcome, Overwrite, Target};
//! use vault::tree::{Content, Entry, EntryKind};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("back");
//! let target = Target::open(&path, Overwrite::Never)?;
//! let minutes = target.add_directory(DirectoryId::ROOT, b"minutes")?;
//! let kind = EntryKind::File { size: 7, content: Content::EMPTY, sha256: None };
//! let entry = Entry { name: b"2024.txt".to_vec(), kind, mode: 0o640, ..Entry::default() };
//! let outcome = target.write_whole(minutes, &entry, b"Adopted")?;
//! assert!(matches!(outcome, Outcome::Written(_)));
//! target.finish_directory(minutes, &Entry { mode: 0o755, ..Entry::default() })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod clean;
pub mod compare;
pub mod evidence;
pub mod fill;
pub mod live;
pub mod mount;
pub mod order;
pub mod plan;
pub mod target;
mod tree_path;

pub use tree_path::TreePath;
