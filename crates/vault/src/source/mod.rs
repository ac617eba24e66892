//! What is to be kept, read from a Linux file system: the tree, the attributes, the content.
//!
//! [`RootPaths`] are the paths somebody gave, [`Walk`] tells what lies there in the order in which directories are built,
//! [`FileReader`] reads one file, [`Attributes`] the rest of what is kept of it. Nothing here knows of chunks or packs,
//! and nothing of the source is ever written to.
//!
//! A tree that lives changes while it is read. What disappears, moves or becomes unreadable is told as an event, and
//! never ends the walk.

mod attributes;
mod cache_tag;
mod directory;
mod disk;
mod error;
mod event;
mod exclude;
mod listing;
mod names;
mod names_in_memory;
mod path;
mod read_ahead;
mod reader;
mod roots;
mod stack;
mod stat;
mod walk;

#[cfg(test)]
mod tests;

pub use attributes::{ATTRIBUTES_BYTES_MAX, Attributes, read_attributes};
pub use cache_tag::CACHE_SIGNATURE;
pub use directory::DirectoryHandle;
pub use disk::is_rotational;
pub use error::{Operation, SourceError, SourcePath};
pub use event::{Directory, Event, Item, LeftOut};
pub use exclude::{Exclusions, ExclusionsBuilder};
pub use names::Names;
pub use path::TreePath;
pub use read_ahead::ReadAhead;
pub use reader::{Extent, FileReader, Outcome};
pub use roots::RootPaths;
pub use stat::{FileKind, Identity, Stat};
pub use walk::{DEPTH_MAX, Walk, WalkOptions};
