//! Sealing under symmetric keys: boxes and blobs (`docs/format.md` §2.1).
//!
//! Invariant: a key seals one plain text only. It is derived from a digest of that text, so even a machine that is
//! rolled back and repeats its random numbers can only seal the same bytes again.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroize;

use crate::bytes::FormatError;
use crate::id::BlobId;
use crate::secret::SecretKey;

/// Bytes that sealing adds to a blob.
pub const TAG_BYTES: usize = 16;

/// Bytes that sealing adds to a box.
pub const BOX_EXTRA_BYTES: usize = 32 + TAG_BYTES;

/// What a box holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BoxKind {
    /// The directory of a pack.
    Directory = 1,
    /// An index.
    Index = 2,
    /// The sealed part of a manifest.
    Manifest = 3,
}

/// What a blob's key depends on besides the session key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BlobSeal<'p> {
    /// The version number of the Zstandard library that made the coded bytes.
    pub zstd_version: u32,
    /// The salt of the pack.
    pub salt: &'p [u8; 32],
    /// The blob.
    pub id: &'p BlobId,
    /// How the coded bytes were made: 0 as they were, 1 Zstandard.
    pub codec: u8,
    /// Zstandard's level.
    pub level: i8,
}

/// Seals a box.
pub fn seal_box(secret: &SecretKey, salt: &[u8; 32], kind: BoxKind, plain: &[u8]) -> Vec<u8> {
    let digest = box_digest(secret, kind, plain);
    let mut sealed = Vec::with_capacity(plain.len() + BOX_EXTRA_BYTES);
    sealed.extend(digest);
    sealed.extend(plain);
    let tag = encrypt(box_key(secret, salt, kind, &digest), &mut sealed[32..]);
    sealed.extend(tag);
    sealed
}

/// Opens a box; `what` is the word for errors.
pub fn open_box(
    secret: &SecretKey,
    salt: &[u8; 32],
    kind: BoxKind,
    sealed: &[u8],
    what: &'static str,
) -> Result<Vec<u8>, FormatError> {
    let (digest, coded) = sealed.split_at_checked(32).ok_or(FormatError::Truncated(what))?;
    let digest: [u8; 32] = digest.try_into().expect("split at 32");
    let mut plain = coded.to_vec();
    let length = decrypt(box_key(secret, salt, kind, &digest), &mut plain).ok_or(FormatError::Sealed(what))?;
    plain.truncate(length);
    if box_digest(secret, kind, &plain) != digest {
        return Err(FormatError::Sealed(what));
    }
    Ok(plain)
}

/// Seals the coded bytes of a blob in place, from `start` to the end, and appends the tag.
pub fn seal_blob(session: &SecretKey, seal: &BlobSeal<'_>, buffer: &mut Vec<u8>, start: usize) {
    let tag = encrypt(blob_key(session, seal), &mut buffer[start..]);
    buffer.extend(tag);
}

/// Opens a blob in place and returns the length of its coded bytes.
pub fn open_blob(session: &SecretKey, seal: &BlobSeal<'_>, sealed: &mut [u8]) -> Result<usize, FormatError> {
    decrypt(blob_key(session, seal), sealed).ok_or(FormatError::Sealed("blob"))
}

fn box_digest(secret: &SecretKey, kind: BoxKind, plain: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_keyed(secret.expose());
    hasher.update(b"beffroi box digest v0").update(&[kind as u8]).update(plain);
    *hasher.finalize().as_bytes()
}

fn box_key(secret: &SecretKey, salt: &[u8; 32], kind: BoxKind, digest: &[u8; 32]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_keyed(secret.expose());
    hasher.update(b"beffroi box key v0").update(&[kind as u8]).update(salt).update(digest);
    *hasher.finalize().as_bytes()
}

fn blob_key(session: &SecretKey, seal: &BlobSeal<'_>) -> [u8; 32] {
    // One message on the stack: a hasher fed in pieces costs twice as much, and this runs once a blob.
    let mut message = [0; 89];
    message[..19].copy_from_slice(b"beffroi blob key v0");
    message[19..23].copy_from_slice(&seal.zstd_version.to_le_bytes());
    message[23..55].copy_from_slice(seal.salt);
    message[55..87].copy_from_slice(&seal.id.0);
    message[87] = seal.codec;
    message[88] = seal.level as u8;
    *blake3::keyed_hash(session.expose(), &message).as_bytes()
}

fn cipher(mut key: [u8; 32]) -> LessSafeKey {
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).expect("the key has 32 bytes"));
    key.zeroize();
    cipher
}

/// The nonce of every seal: its key is used once.
fn zero_nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

fn encrypt(key: [u8; 32], plain: &mut [u8]) -> [u8; TAG_BYTES] {
    let tag = cipher(key)
        .seal_in_place_separate_tag(zero_nonce(), Aad::empty(), plain)
        .expect("AES-256-GCM seals up to 64 GiB, objects are smaller");
    tag.as_ref().try_into().expect("the tag has 16 bytes")
}

fn decrypt(key: [u8; 32], sealed: &mut [u8]) -> Option<usize> {
    cipher(key).open_in_place(zero_nonce(), Aad::empty(), sealed).ok().map(|plain| plain.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_opens_only_as_it_was_sealed() {
        let secret = SecretKey::new([1; 32]);
        let salt = [2; 32];
        let sealed = seal_box(&secret, &salt, BoxKind::Index, b"plain");
        assert_eq!(sealed.len(), 5 + BOX_EXTRA_BYTES);
        let open =
            |secret: &SecretKey, salt: &[u8; 32], kind, sealed: &[u8]| open_box(secret, salt, kind, sealed, "box");
        assert_eq!(open(&secret, &salt, BoxKind::Index, &sealed), Ok(b"plain".to_vec()));
        assert!(open(&secret, &salt, BoxKind::Directory, &sealed).is_err());
        assert!(open(&secret, &[3; 32], BoxKind::Index, &sealed).is_err());
        assert!(open(&SecretKey::new([9; 32]), &salt, BoxKind::Index, &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 0x80;
            assert!(open(&secret, &salt, BoxKind::Index, &changed).is_err(), "byte {at}");
        }
    }

    #[test]
    fn every_part_of_a_blobs_seal_counts() {
        let session = SecretKey::new([1; 32]);
        let (salt, id) = ([2; 32], BlobId([4; 32]));
        let seal = BlobSeal { zstd_version: 10507, salt: &salt, id: &id, codec: 1, level: 3 };
        let mut sealed = b"head".to_vec();
        sealed.extend(b"coded bytes");
        seal_blob(&session, &seal, &mut sealed, 4);
        let open = |seal: &BlobSeal<'_>| open_blob(&session, seal, &mut sealed[4..].to_vec());
        assert_eq!(open(&seal), Ok(11));
        assert!(open(&BlobSeal { zstd_version: 10506, ..seal }).is_err());
        assert!(open(&BlobSeal { salt: &[3; 32], ..seal }).is_err());
        assert!(open(&BlobSeal { id: &BlobId([5; 32]), ..seal }).is_err());
        assert!(open(&BlobSeal { codec: 0, ..seal }).is_err());
        assert!(open(&BlobSeal { level: 4, ..seal }).is_err());
    }
}
