//! What is kept, and how: the format, saving, reading, checking, copying, expiring.
//!
//! A [`store::Store`] holds objects that are written once. A [`vault::Vault`] is a store whose owner log was read. An
//! agent saves with [`backup::backup_tree`]; whoever holds the [`kit::RecoveryKit`] reads with [`read::StrandReader`].
//! `docs/format.md` is the specification of the bytes, `docs/threat-model.md` of what an attacker gets.
//!
//! # What survives a crash
//!
//! - A snapshot exists once its manifest is durable; all that it needs was durable before. Nothing that comes later can
//!   change or break it.
//! - What a backup put before it died is found again by the next one, and not sent again.
//! - What an agent remembers ([`state`]) is a cache, but for its key file: lost, it costs reading and no sending.
//!
//! # What it never does
//!
//! - It never changes an object, and deletes only through [`store::Erase`], which only [`expire`] takes.
//! - It never seals two texts under one key: a key is derived from what it seals ([`seal`]).
//! - It never returns content that does not have the id, the length and the seal that it should.
//! - It never reads the clock, the environment or the network, and takes randomness from its caller (but for the `age`
//!   library, which has its own).
//! - It never stops for one bad object where others can be used: faults are told, and named.

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
pub mod scratch;
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
