//! Directories as content-addressed nodes.

mod build;
mod codec;
mod entry;

pub use build::{BlobSink, DirectoryBuilder, Splitter};
pub use codec::{Child, Node, is_safe_name, parse_entry, parse_node, read_root, write_entry};
pub use entry::{ChunkRef, Content, Entry, EntryKind, FileTime};
