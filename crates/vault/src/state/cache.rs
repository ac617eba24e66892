//! The tree cache of a source: what its last walk found, in the order of the walk.
//!
//! A walk goes depth first, names sorted as bytes within a directory. The cache is written anew by each run ([`CacheWriter`]) and read by the
//! next one in lock-step with its walk ([`CacheReader`]): no search, no memory, one pass over one file.
//!
//! ```text
//! 5    magic, version
//! 16   series of the table of packs
//! …    blocks:  u32 length ‖ check (16) ‖ tokens, about 1 MiB of whole tokens
//!      footer:  u32 length ‖ check (16) ‖ u64 items ‖ check of the last block (16) ‖ what the caller keeps
//! 8    u64 offset of the footer
//! ```
//!
//! A check is the start of the BLAKE3 of the check before and the payload, so that no block can stand in for another, also not one of an earlier
//! cache that the disk gives by mistake. A block is checked before any item in it is used.
//!
//! A token is its sort (u8), the varint length of what follows, the varint length of a name, the name, and a body:
//!
//! | sort | name | body |
//! | --- | --- | --- |
//! | 1 item | its own | an item |
//! | 2 enter | of the directory | nothing |
//! | 3 leave | empty | the directory's item, or nothing |
//!
//! An item: varints of size, mtime (seconds, zigzag; nanoseconds), ctime (the same), inode; kind (u8); link (u8); the number of packs and,
//! of each, the difference to the number before, zigzag, and the bytes that lie in it; the entry, to the end.

mod reader;
mod writer;

use crate::state::file::Head;
use crate::state::packs::{PackNumber, Share};
use crate::tree::FileTime;

pub use reader::{CacheReader, Removed};
pub use writer::CacheWriter;

/// What tells whether a file changed: compared with that of the last walk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StatKey {
    /// Length in bytes.
    pub size: u64,
    /// When the content last changed.
    pub mtime: FileTime,
    /// When the inode last changed.
    pub ctime: FileTime,
    /// The inode.
    pub inode: u64,
    /// What it is (`docs/format.md` §7, key 1).
    pub kind: u8,
}

/// A file or directory as the last walk found it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CachedItem {
    /// Its name; empty in what [`CacheReader::leave`] returns.
    pub name: Vec<u8>,
    /// How it looked.
    pub stat: StatKey,
    /// Its entry, encoded; opaque here.
    pub entry: Vec<u8>,
    /// All packs that its content needs, and how much of it lies in each.
    pub shares: Vec<Share>,
    /// It is one of several links to its inode.
    pub link: bool,
}

/// What ends a cache: bytes of the caller, opaque here.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CacheFooter {
    /// The bytes, at most [`CacheFooter::BYTES_MAX`].
    pub bytes: Vec<u8>,
}

impl CacheFooter {
    /// The largest footer, in bytes.
    pub const BYTES_MAX: usize = 1 << 20;
}

const HEAD: Head = Head { magic: *b"BFSC", version: 1 };
const CHECK_BYTES: usize = 16;
const BLOCK_HEAD_BYTES: usize = 4 + CHECK_BYTES;
/// Where the first block begins.
const BLOCKS_OFFSET: usize = Head::BYTES + 16;
/// A block is closed when it has as many bytes.
const BLOCK_BYTES: usize = 1 << 20;
/// Items beyond are not kept: they are read again each time.
const ITEM_BYTES_MAX: usize = 1 << 24;
const BLOCK_BYTES_MAX: usize = BLOCK_BYTES + ITEM_BYTES_MAX + 64;

const ITEM: u8 = 1;
const ENTER: u8 = 2;
const LEAVE: u8 = 3;

type Check = [u8; CHECK_BYTES];

fn file_name(tag: &crate::id::SourceTag) -> String {
    format!("tree-{tag}")
}

fn next_check(before: &Check, payload: &[u8]) -> Check {
    let mut hasher = blake3::Hasher::new();
    hasher.update(before).update(payload);
    let mut check = [0; CHECK_BYTES];
    check.copy_from_slice(&hasher.finalize().as_bytes()[..CHECK_BYTES]);
    check
}

/// Appends the body of an item.
fn encode_item(item: &CachedItem, bytes: &mut Vec<u8>) {
    let stat = &item.stat;
    put_varint(bytes, stat.size);
    for time in [stat.mtime, stat.ctime] {
        put_varint(bytes, zigzag(time.seconds));
        put_varint(bytes, time.nanoseconds.into());
    }
    put_varint(bytes, stat.inode);
    bytes.extend_from_slice(&[stat.kind, u8::from(item.link)]);
    put_varint(bytes, item.shares.len() as u64);
    let mut before = 0;
    for share in &item.shares {
        let number = i64::from(share.pack.0);
        put_varint(bytes, zigzag(number - before));
        put_varint(bytes, share.bytes);
        before = number;
    }
    bytes.extend_from_slice(&item.entry);
}

/// Reads the body of an item into `item`, whose name is left alone.
fn decode_item(mut body: &[u8], item: &mut CachedItem) -> Option<()> {
    let bytes = &mut body;
    item.stat.size = take_varint(bytes)?;
    for time in [&mut item.stat.mtime, &mut item.stat.ctime] {
        time.seconds = unzigzag(take_varint(bytes)?);
        time.nanoseconds = u32::try_from(take_varint(bytes)?).ok()?;
    }
    item.stat.inode = take_varint(bytes)?;
    let (&[kind, link], rest) = bytes.split_first_chunk::<2>()?;
    *bytes = rest;
    item.stat.kind = kind;
    item.link = link != 0;
    item.shares.clear();
    let mut number = 0i64;
    for _ in 0..take_varint(bytes)? {
        number = number.checked_add(unzigzag(take_varint(bytes)?))?;
        let pack = PackNumber(u32::try_from(number).ok()?);
        item.shares.push(Share { pack, bytes: take_varint(bytes)? });
    }
    item.entry.clear();
    item.entry.extend_from_slice(bytes);
    Some(())
}

fn put_varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// Makes small numbers of small negative ones.
fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

#[cfg(test)]
mod tests;
