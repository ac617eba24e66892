//! What is kept: format, chunking, sealing, stores, snapshots, owner log, check.
#![allow(missing_docs)]

pub mod id;
pub mod name;
pub mod secret;
pub mod state;
pub mod store;
pub mod tree;
pub mod world;
