//! Packs, their directories, blobs, indexes, lists.

use vault::blob::{BLOB_BYTES_MAX, BlobKind, BlobOpener, BlobOrigin, Coding};
use vault::bytes::INDEX;
use vault::index::{read_index, write_index};
use vault::list::List;
use vault::pack::{PackHead, PackedBlob, parse_pack};
use vault::seal::{BlobSeal, BoxKind, open_box, seal_blob, seal_box};

use super::{BLOB_ID, SALT, secret};

const INDEX_KEY: u8 = 5;
const ID_KEY: u8 = 6;
const SESSION_KEY: u8 = 7;

/// The bytes of a pack as they are: its head, its foot, and what a directory that does not open does.
pub fn pack(data: &[u8]) {
    let _ = parse_pack(data, &secret(INDEX_KEY));
    let Ok((head, blobs_start)) = PackHead::read(data) else { return };
    let written = [
        &b"BFRP\0"[..],
        &[head.kind as u8],
        &(head.sealed_key.len() as u16).to_le_bytes(),
        &head.zstd_version.to_le_bytes(),
        &head.salt,
        &head.sealed_key,
    ];
    assert!(written.concat() == data[..blobs_start as usize], "a head is written as it was read");
}

/// The plain directory of a pack.
pub fn directory(data: &[u8]) {
    let blobs_bytes = claimed_blobs_bytes(data).unwrap_or(0);
    let frame = zstd::bulk::compress(data, 1).expect("memory for a compressor");
    let sealed = seal_box(&secret(INDEX_KEY), &SALT, BoxKind::Directory, &frame);
    let mut pack = b"BFRP\0\0\0\0\x0b\x29\0\0".to_vec();
    pack.extend(SALT);
    pack.resize(pack.len() + blobs_bytes, 0);
    pack.extend(&sealed);
    pack.extend((sealed.len() as u32).to_le_bytes());
    pack.extend(b"PRFB");
    let Ok((_, blobs)) = parse_pack(&pack, &secret(INDEX_KEY)) else { return };
    assert!(columns(&blobs) == data, "a directory is written as it was read");
    let ends = blobs.iter().map(|blob| blob.offset + blob.sealed_bytes);
    let starts = blobs.iter().skip(1).map(|blob| blob.offset);
    assert!(starts.zip(ends).all(|(start, end)| start == end), "blobs lie back to back");
}

/// How long the blobs of a directory say that they are, if that is little.
fn claimed_blobs_bytes(data: &[u8]) -> Option<usize> {
    let count = u32::from_le_bytes(*data.first_chunk()?) as usize;
    let lengths = data.get(4 + count.checked_mul(32)?..)?.get(..count.checked_mul(4)?)?;
    let lengths = lengths.as_chunks::<4>().0.iter().map(|length| u64::from(u32::from_le_bytes(*length)));
    usize::try_from(lengths.sum::<u64>()).ok().filter(|bytes| *bytes <= 1 << 20)
}

fn columns(blobs: &[PackedBlob]) -> Vec<u8> {
    let mut plain = (blobs.len() as u32).to_le_bytes().to_vec();
    blobs.iter().for_each(|blob| plain.extend(blob.id.0));
    blobs.iter().for_each(|blob| plain.extend(blob.sealed_bytes.to_le_bytes()));
    blobs.iter().for_each(|blob| plain.extend(blob.coding.plain_bytes.to_le_bytes()));
    plain.extend(blobs.iter().map(|blob| blob.coding.codec));
    plain.extend(blobs.iter().map(|blob| blob.coding.level as u8));
    plain.extend(blobs.iter().map(|blob| blob.kind as u8));
    plain
}

/// A sealed blob: codec, level, claimed plain length (u32), coded bytes.
pub fn blob(data: &[u8]) {
    let Some((&[codec, level, a, b, c, d], coded)) = data.split_first_chunk::<6>() else { return };
    let coding = Coding { codec, level: level as i8, plain_bytes: u32::from_le_bytes([a, b, c, d]) };
    // The id is that of what the codec should give, so that a sound blob is opened, and only a sound one.
    let plain_bytes = (coding.plain_bytes as usize).min(1 << 20);
    let plain = match codec {
        0 => Some(coded.to_vec()),
        1 => zstd::bulk::decompress(coded, plain_bytes).ok(),
        _ => None,
    };
    let id = plain.as_ref().map_or(BLOB_ID, |plain| BlobKind::Chunk.id(&secret(ID_KEY), plain));
    let session = secret(SESSION_KEY);
    let seal = BlobSeal { zstd_version: 10507, salt: &SALT, id: &id, codec, level: coding.level };
    let mut sealed = coded.to_vec();
    seal_blob(&session, &seal, &mut sealed, 0);
    let origin = BlobOrigin { session: &session, salt: &SALT, zstd_version: 10507 };
    let mut opener = BlobOpener::default();
    let opened = opener.open(&origin, &secret(ID_KEY), (BlobKind::Chunk, &id), &coding, &mut sealed);
    if let Ok(found) = opened {
        assert!(found.len() == coding.plain_bytes as usize && found.len() <= BLOB_BYTES_MAX);
        assert!(Some(found) == plain.as_deref(), "an opened blob is what was coded");
    }
}

/// What an index says, decompressed.
pub fn index(data: &[u8]) {
    let frame = zstd::bulk::compress(data, 1).expect("memory for a compressor");
    let Ok(mut packs) = read_index(&secret(INDEX_KEY), &index_object(&frame)) else { return };
    let written = write_index(&secret(INDEX_KEY), &SALT, &mut packs);
    let frame = open_box(&secret(INDEX_KEY), &SALT, BoxKind::Index, &written[37..], "index").expect("sealed so");
    let plain = zstd::bulk::decompress(&frame, data.len() + 1).expect("it was compressed");
    assert!(plain == data, "an index is written as it was read");
}

/// The Zstandard frame in an index: it must not grow beyond what an index may hold.
pub fn frame(data: &[u8]) {
    let _ = read_index(&secret(INDEX_KEY), &index_object(data));
}

fn index_object(frame: &[u8]) -> Vec<u8> {
    [&INDEX.begin(), &SALT[..], &seal_box(&secret(INDEX_KEY), &SALT, BoxKind::Index, frame)].concat()
}

/// A list of names, with its head.
pub fn list(data: &[u8]) {
    let Ok(list) = List::from_bytes(data) else { return };
    assert!(list.to_bytes() == data, "a list is written as it was read");
}
