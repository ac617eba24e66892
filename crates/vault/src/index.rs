//! Indexes: the directories of many packs in one object (`docs/format.md` §5). They save reads and hold nothing that
//! the packs do not hold too.

use crate::bytes::{Columns, FormatError, INDEX};
use crate::id::ObjectHash;
use crate::pack::{PackedBlob, compress_small, decompress_bounded, parse_directory, write_directory};
use crate::seal::{BoxKind, open_box, seal_box};
use crate::secret::SecretKey;

/// A manifest's packs beyond this many that are in no index make the writer merge an index.
pub const LOOSE_PACKS_MAX: usize = 64;

/// An index is at most this long, plain.
pub const INDEX_BYTES_MAX: usize = 64 << 20;

/// An index inflates to at most so many times its length, and [`INFLATION_FREE_BYTES`]: most of it are keyed hashes, which
/// do not compress.
const INFLATION_MAX: usize = 8;
const INFLATION_FREE_BYTES: usize = 64 << 10;

/// A writer closes an index beyond this many plain bytes.
pub const INDEX_BYTES_TARGET: usize = 8 << 20;

/// One pack, as an index tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IndexedPack {
    /// The pack.
    pub hash: ObjectHash,
    /// Its length in bytes.
    pub bytes: u64,
    /// Where its blobs begin.
    pub blobs_start: u32,
    /// What is in it.
    pub blobs: Vec<PackedBlob>,
}

/// Writes an index of packs.
pub fn write_index(index_key: &SecretKey, salt: &[u8; 32], packs: &mut [IndexedPack]) -> Vec<u8> {
    packs.sort_by_key(|pack| pack.hash);
    let mut plain = Vec::new();
    for pack in packs.iter() {
        let directory = write_directory(&pack.blobs);
        plain.extend(pack.hash.0);
        plain.extend(pack.bytes.to_le_bytes());
        let head = u16::try_from(pack.blobs_start - 44).expect("L fits sixteen bits");
        plain.extend(head.to_le_bytes());
        plain.extend((directory.len() as u32).to_le_bytes());
        plain.extend(directory);
    }
    let mut object = INDEX.begin();
    object.extend(salt);
    object.extend(seal_box(index_key, salt, BoxKind::Index, &compress_small(&plain)));
    object
}

/// Reads an index.
pub fn read_index(index_key: &SecretKey, object: &[u8]) -> Result<Vec<IndexedPack>, FormatError> {
    let what = INDEX.what;
    let mut columns = Columns::new(INDEX.strip(object)?, what);
    let salt = columns.fixed()?;
    let coded = open_box(index_key, &salt, BoxKind::Index, columns.rest(), what)?;
    let bytes_max = INDEX_BYTES_MAX.min(INFLATION_FREE_BYTES + INFLATION_MAX * coded.len());
    let plain = decompress_bounded(&coded, bytes_max, what)?;
    let mut columns = Columns::new(&plain, what);
    let mut packs: Vec<IndexedPack> = Vec::new();
    while !columns.is_empty() {
        let hash = ObjectHash(columns.fixed()?);
        let bytes = columns.u64()?;
        let blobs_start = 44 + u32::from(columns.u16()?);
        let length = columns.u32()? as usize;
        let blobs = parse_directory(columns.take(length)?, blobs_start)?;
        if packs.last().is_some_and(|last| last.hash >= hash) {
            return Err(FormatError::Malformed(what));
        }
        packs.push(IndexedPack { hash, bytes, blobs_start, blobs });
    }
    Ok(packs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob::{BlobKind, Coding};
    use crate::id::BlobId;

    #[test]
    fn an_index_is_read_as_it_was_written() {
        let blob = |n: u8, offset| PackedBlob {
            id: BlobId([n; 32]),
            kind: BlobKind::Node,
            offset,
            sealed_bytes: 100,
            coding: Coding { codec: 1, level: 3, plain_bytes: 300 },
        };
        let pack = |n: u8| IndexedPack {
            hash: ObjectHash([n; 32]),
            bytes: 5000,
            blobs_start: 244,
            blobs: vec![blob(n, 244), blob(n + 100, 344)],
        };
        let key = SecretKey::new([1; 32]);
        let object = write_index(&key, &[2; 32], &mut [pack(2), pack(1)]);
        assert_eq!(read_index(&key, &object).unwrap(), [pack(1), pack(2)]);
        assert!(read_index(&SecretKey::new([3; 32]), &object).is_err());
        for at in 0..object.len() {
            let mut changed = object.clone();
            changed[at] ^= 1;
            assert!(read_index(&key, &changed).is_err(), "byte {at}");
        }
    }
}
