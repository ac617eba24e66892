//! Directories as content-addressed nodes.

mod entry;

pub use entry::{ChunkRef, Content, Entry, EntryKind, FileTime};
