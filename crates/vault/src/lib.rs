//! What is kept: format, chunking, sealing, stores, snapshots, owner log, check.
#![allow(missing_docs)]

pub mod backup;
pub mod blob;
pub mod bytes;
pub mod check;
pub mod chunk;
pub mod content;
pub mod copy;
pub mod diff;
pub mod envelope;
pub mod expire;
pub mod id;
pub mod index;
pub mod kit;
pub mod lease;
pub mod list;
pub mod manifest;
pub mod name;
pub mod owner_log;
pub mod pack;
pub mod read;
pub mod seal;
pub mod secret;
pub mod snapshots;
pub mod source;
pub mod state;
pub mod store;
pub mod strand;
pub mod tree;
pub mod vault;
pub mod world;
