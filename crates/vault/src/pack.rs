//! Packs: sealed blobs back to back, between a head and a sealed directory (`docs/format.md` §4).

use std::ops::Range;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::blob::{BlobKind, BlobSealer, Coding, zstd_version};
use crate::bytes::{Columns, FormatError, PACK};
use crate::envelope::{EnvelopeError, Identity, Recipient, open_with, seal_to};
use crate::id::{BlobId, ObjectHash, StrandId};
use crate::name::{HashedKind, ObjectName};
use crate::seal::{BoxKind, TAG_BYTES, open_box, seal_box};
use crate::secret::SecretKey;
use crate::store::{Store, StoreError};
use crate::world::{Entropy, random};

/// A writer closes a pack when its blobs reach this many bytes.
pub const PACK_BYTES_TARGET: usize = 16 << 20;
/// A writer closes a pack that holds this many blobs.
pub const PACK_BLOBS_MAX: usize = 1 << 17;
/// A reader accepts no longer pack.
pub const PACK_BYTES_MAX: u64 = 64 << 20;
/// A reader accepts no frame that asks for a larger window: 64 MiB.
const WINDOW_LOG_MAX: u32 = 26;
/// A reader accepts no longer directory, plain.
const DIRECTORY_BYTES_MAX: usize = 64 << 20;

const FIXED_HEAD_BYTES: usize = 44;
const FOOT_BYTES: usize = 8;
const FOOT_MAGIC: &[u8; 4] = b"PRFB";
const ENTRY_BYTES: usize = 43;

/// What a pack holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PackKind {
    /// Chunks of content.
    Data = 0,
    /// Nodes and chunk lists.
    Tree = 1,
}

/// The keys of one backup: every pack that it writes carries them, sealed.
#[derive(Clone)]
pub struct Session {
    key: SecretKey,
    salt: [u8; 32],
    sealed_key: Arc<[u8]>,
}

/// A blob in a pack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PackedBlob {
    /// The blob.
    pub id: BlobId,
    /// What it holds.
    pub kind: BlobKind,
    /// Where its sealed bytes begin in the pack.
    pub offset: u32,
    /// How many they are.
    pub sealed_bytes: u32,
    /// How they were made.
    pub coding: Coding,
}

/// The head of a pack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PackHead {
    /// What it holds.
    pub kind: PackKind,
    /// The version of the Zstandard library that wrote it.
    pub zstd_version: u32,
    /// The salt of its seals.
    pub salt: [u8; 32],
    /// Its session key, an age file.
    pub sealed_key: Vec<u8>,
}

/// A pack that is being filled.
pub struct PackWriter {
    bytes: Vec<u8>,
    blobs: Vec<PackedBlob>,
    salt: [u8; 32],
}

/// A pack that is complete, and its name.
pub struct FinishedPack {
    /// Hash of the bytes.
    pub hash: ObjectHash,
    /// The object.
    pub bytes: Vec<u8>,
    /// What is in it.
    pub blobs: Vec<PackedBlob>,
}

/// Adds up how long blobs were before they were compressed, in bytes.
pub fn plain_bytes(blobs: &[PackedBlob]) -> u64 {
    blobs.iter().map(|blob| u64::from(blob.coding.plain_bytes)).sum()
}

impl PackKind {
    /// Reads the number of a kind.
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::Data, Self::Tree].into_iter().find(|kind| *kind as u8 == number)
    }
}

impl Session {
    /// Makes the keys of a new backup, sealed to the strand.
    pub fn begin(recipient: &Recipient, entropy: &dyn Entropy) -> Result<Self, EnvelopeError> {
        let key = SecretKey::random(entropy);
        let sealed_key = seal_to(std::slice::from_ref(recipient), key.expose())?.into();
        Ok(Self { key, salt: random(entropy), sealed_key })
    }

    /// Returns something that seals blobs for this session's packs.
    pub fn sealer(&self, level: i8) -> BlobSealer {
        BlobSealer::new(self.key.clone(), self.salt, level)
    }

    /// Seals a box of this session and returns its salt too.
    pub fn seal_box(&self, kind: BoxKind, plain: &[u8]) -> ([u8; 32], Vec<u8>) {
        (self.salt, seal_box(&self.key, &self.salt, kind, plain))
    }

    /// Returns the session key, sealed to the strand.
    pub fn sealed_key(&self) -> &[u8] {
        &self.sealed_key
    }
}

/// Opens a sealed session key.
pub fn open_session_key(identities: &[Identity], sealed: &[u8]) -> Result<SecretKey, EnvelopeError> {
    let plain: Zeroizing<Vec<u8>> = open_with(identities, sealed)?;
    SecretKey::from_slice(&plain).ok_or(EnvelopeError::Damaged)
}

impl PackWriter {
    /// Begins a pack of a session. The buffer's memory is used; what is in it is not.
    pub fn new(session: &Session, kind: PackKind, mut buffer: Vec<u8>) -> Self {
        buffer.clear();
        let mut bytes = buffer;
        bytes.extend(PACK.begin());
        bytes.push(kind as u8);
        let length = u16::try_from(session.sealed_key.len()).expect("an age file to one recipient is short");
        bytes.extend(length.to_le_bytes());
        bytes.extend(zstd_version().to_le_bytes());
        bytes.extend(session.salt);
        bytes.extend_from_slice(&session.sealed_key);
        Self { bytes, blobs: Vec::new(), salt: session.salt }
    }

    /// Adds a sealed blob.
    pub fn add(&mut self, kind: BlobKind, id: BlobId, sealed: &[u8], coding: Coding) {
        let offset = u32::try_from(self.bytes.len()).expect("a pack is below 64 MiB");
        let sealed_bytes = u32::try_from(sealed.len()).expect("a blob is below 17 MiB");
        self.bytes.extend_from_slice(sealed);
        self.blobs.push(PackedBlob { id, kind, offset, sealed_bytes, coding });
    }

    /// Tells whether the pack should be closed.
    pub fn is_full(&self) -> bool {
        self.bytes.len() >= PACK_BYTES_TARGET || self.blobs.len() >= PACK_BLOBS_MAX
    }

    /// Tells whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.blobs.is_empty()
    }

    /// Closes the pack with its directory.
    pub fn finish(mut self, index_key: &SecretKey) -> FinishedPack {
        let plain = compress_small(&write_directory(&self.blobs));
        let sealed = seal_box(index_key, &self.salt, BoxKind::Directory, &plain);
        self.bytes.extend_from_slice(&sealed);
        self.bytes.extend((sealed.len() as u32).to_le_bytes());
        self.bytes.extend(FOOT_MAGIC);
        FinishedPack { hash: ObjectHash::of(&self.bytes), bytes: self.bytes, blobs: self.blobs }
    }
}

impl PackHead {
    /// Reads the head of a pack from its first bytes, and returns where the blobs begin.
    pub fn read(bytes: &[u8]) -> Result<(Self, u32), FormatError> {
        let mut columns = Columns::new(PACK.strip(bytes)?, PACK.what);
        let kind = PackKind::from_number(columns.u8()?).ok_or(FormatError::Newer(PACK.what))?;
        let length = columns.u16()?;
        let zstd_version = columns.u32()?;
        let salt = columns.fixed()?;
        let sealed_key = columns.take(usize::from(length))?.to_vec();
        Ok((Self { kind, zstd_version, salt, sealed_key }, FIXED_HEAD_BYTES as u32 + u32::from(length)))
    }
}

/// The largest head, in bytes: what to read first.
const HEAD_BYTES_GUESS: usize = 1024;

/// Reads the head and the directory of a pack with two or three small reads.
pub fn read_directory(
    store: &dyn Store,
    strand: StrandId,
    pack: ObjectHash,
    pack_bytes: u64,
    index_key: &SecretKey,
) -> Result<(PackHead, Vec<PackedBlob>), PackError> {
    let name = ObjectName::Hashed(strand, HashedKind::Pack, pack);
    if pack_bytes > PACK_BYTES_MAX {
        return Err(FormatError::TooLarge(PACK.what).into());
    }
    let (head, blobs_start) = read_head(store, &name, pack_bytes)?;
    let foot_start = pack_bytes.checked_sub(FOOT_BYTES as u64).ok_or(FormatError::Truncated(PACK.what))?;
    let foot = store.get_range(&name, foot_start, FOOT_BYTES)?;
    let sealed_bytes = directory_bytes(&foot)?;
    let start = foot_start
        .checked_sub(u64::from(sealed_bytes))
        .filter(|start| *start >= u64::from(blobs_start))
        .ok_or(FormatError::Malformed(PACK.what))?;
    let sealed = store.get_range(&name, start, sealed_bytes as usize)?;
    let blobs = open_directory(index_key, &head.salt, &sealed, blobs_start..start as u32)?;
    Ok((head, blobs))
}

/// Reads the head of a pack, and returns where the blobs begin.
pub fn read_head(store: &dyn Store, name: &ObjectName, pack_bytes: u64) -> Result<(PackHead, u32), PackError> {
    let guess = pack_bytes.min(HEAD_BYTES_GUESS as u64) as usize;
    let bytes = store.get_range(name, 0, guess)?;
    match PackHead::read(&bytes) {
        Err(FormatError::Truncated(_)) if pack_bytes > guess as u64 => {
            let longer = pack_bytes.min(1 << 17) as usize;
            Ok(PackHead::read(&store.get_range(name, 0, longer)?)?)
        }
        other => Ok(other?),
    }
}

/// Reads the head and the directory of a pack that is in memory.
pub fn parse_pack(bytes: &[u8], index_key: &SecretKey) -> Result<(PackHead, Vec<PackedBlob>), FormatError> {
    if bytes.len() as u64 > PACK_BYTES_MAX {
        return Err(FormatError::TooLarge(PACK.what));
    }
    let (head, blobs_start) = PackHead::read(bytes)?;
    let foot_start = bytes.len().checked_sub(FOOT_BYTES).ok_or(FormatError::Truncated(PACK.what))?;
    let start = foot_start
        .checked_sub(directory_bytes(&bytes[foot_start..])? as usize)
        .filter(|start| *start >= blobs_start as usize)
        .ok_or(FormatError::Malformed(PACK.what))?;
    let blobs = open_directory(index_key, &head.salt, &bytes[start..foot_start], blobs_start..start as u32)?;
    Ok((head, blobs))
}

/// Why a pack could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The store did not give it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its bytes are wrong.
    #[error(transparent)]
    Format(#[from] FormatError),
}

/// Writes a directory as columns.
pub(crate) fn write_directory(blobs: &[PackedBlob]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(4 + blobs.len() * ENTRY_BYTES);
    plain.extend((blobs.len() as u32).to_le_bytes());
    blobs.iter().for_each(|blob| plain.extend(blob.id.0));
    blobs.iter().for_each(|blob| plain.extend(blob.sealed_bytes.to_le_bytes()));
    blobs.iter().for_each(|blob| plain.extend(blob.coding.plain_bytes.to_le_bytes()));
    plain.extend(blobs.iter().map(|blob| blob.coding.codec));
    plain.extend(blobs.iter().map(|blob| blob.coding.level as u8));
    plain.extend(blobs.iter().map(|blob| blob.kind as u8));
    plain
}

/// Reads a directory; blobs begin at `blobs_start`.
pub(crate) fn parse_directory(plain: &[u8], blobs_start: u32) -> Result<Vec<PackedBlob>, FormatError> {
    const WHAT: &str = "pack directory";
    let mut columns = Columns::new(plain, WHAT);
    let count = columns.u32()? as usize;
    if plain.len() - 4 != count.saturating_mul(ENTRY_BYTES) {
        return Err(FormatError::Malformed(WHAT));
    }
    let ids = columns.take(count * 32)?;
    let sealed = columns.take(count * 4)?;
    let lengths = columns.take(count * 4)?;
    let codecs = columns.take(count)?;
    let levels = columns.take(count)?;
    let kinds = columns.take(count)?;
    let word = |column: &[u8], at: usize| u32::from_le_bytes(column[at * 4..][..4].try_into().expect("four bytes"));
    let mut offset = blobs_start;
    let mut blobs = Vec::with_capacity(count);
    for at in 0..count {
        let sealed_bytes = word(sealed, at);
        let coding = Coding { codec: codecs[at], level: levels[at] as i8, plain_bytes: word(lengths, at) };
        let kind = BlobKind::from_number(kinds[at]).ok_or(FormatError::Newer(WHAT))?;
        let id = BlobId(ids[at * 32..][..32].try_into().expect("32 bytes"));
        blobs.push(PackedBlob { id, kind, offset, sealed_bytes, coding });
        let next = offset.checked_add(sealed_bytes).filter(|_| sealed_bytes as usize > TAG_BYTES);
        offset = next.ok_or(FormatError::Malformed(WHAT))?;
    }
    Ok(blobs)
}

fn open_directory(
    index_key: &SecretKey,
    salt: &[u8; 32],
    sealed: &[u8],
    extent: Range<u32>,
) -> Result<Vec<PackedBlob>, FormatError> {
    let coded = open_box(index_key, salt, BoxKind::Directory, sealed, "pack directory")?;
    // A pack tells of no more blobs than fit in it, however small its directory is before it inflates.
    let blobs_max = (extent.end - extent.start) as usize / (TAG_BYTES + 1);
    let bytes_max = DIRECTORY_BYTES_MAX.min(4 + blobs_max * ENTRY_BYTES);
    let plain = decompress_bounded(&coded, bytes_max, "pack directory")?;
    let blobs = parse_directory(&plain, extent.start)?;
    check_extent(&blobs, extent.start, extent.end)?;
    Ok(blobs)
}

fn directory_bytes(foot: &[u8]) -> Result<u32, FormatError> {
    let mut columns = Columns::new(foot, PACK.what);
    let bytes = columns.u32()?;
    if columns.rest() == FOOT_MAGIC { Ok(bytes) } else { Err(FormatError::Truncated(PACK.what)) }
}

fn check_extent(blobs: &[PackedBlob], start: u32, end: u32) -> Result<(), FormatError> {
    let reached = blobs.last().map_or(start, |blob| blob.offset + blob.sealed_bytes);
    if reached == end { Ok(()) } else { Err(FormatError::Malformed(PACK.what)) }
}

/// Compresses bytes that are small and rarely written.
pub(crate) fn compress_small(plain: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(plain, 3).expect("memory for a compressor")
}

/// Decompresses a frame that must not grow beyond `bytes_max`.
pub(crate) fn decompress_bounded(coded: &[u8], bytes_max: usize, what: &'static str) -> Result<Vec<u8>, FormatError> {
    use std::io::Read as _;
    let mut decoder = zstd::stream::read::Decoder::with_buffer(coded).map_err(|_| FormatError::Malformed(what))?;
    // The window that a frame asks for is memory too, before any byte of content.
    decoder.window_log_max(WINDOW_LOG_MAX).map_err(|_| FormatError::Malformed(what))?;
    let mut plain = Vec::new();
    decoder.take(bytes_max as u64 + 1).read_to_end(&mut plain).map_err(|_| FormatError::Malformed(what))?;
    if plain.len() > bytes_max { Err(FormatError::TooLarge(what)) } else { Ok(plain) }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;
    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for (at, byte) in bytes.iter_mut().enumerate() {
                *byte = at as u8;
            }
        }
    }

    fn sample() -> (Identity, SecretKey, SecretKey, FinishedPack) {
        let strand = Identity::generate();
        let session = Session::begin(&strand.recipient().unwrap(), &Counting).unwrap();
        let (index_key, id_key) = (SecretKey::new([5; 32]), SecretKey::new([6; 32]));
        let mut writer = PackWriter::new(&session, PackKind::Data, Vec::new());
        let mut sealer = session.sealer(3);
        for plain in [&b"first blob"[..], &[7; 5000]] {
            let id = BlobKind::Chunk.id(&id_key, plain);
            let (sealed, coding) = sealer.seal(&id, plain);
            writer.add(BlobKind::Chunk, id, sealed, coding);
        }
        let pack = writer.finish(&index_key);
        (strand, index_key, id_key, pack)
    }

    #[test]
    fn everything_is_found_from_the_pack_alone() {
        let (strand, index_key, id_key, pack) = sample();
        let (head, blobs) = parse_pack(&pack.bytes, &index_key).unwrap();
        assert_eq!(blobs, pack.blobs);
        let session = open_session_key(&[strand], &head.sealed_key).unwrap();
        let origin = crate::blob::BlobOrigin { session: &session, salt: &head.salt, zstd_version: head.zstd_version };
        let blob = &blobs[1];
        let mut sealed = pack.bytes[blob.offset as usize..][..blob.sealed_bytes as usize].to_vec();
        let mut opener = crate::blob::BlobOpener::default();
        let plain = opener.open(&origin, &id_key, (blob.kind, &blob.id), &blob.coding, &mut sealed).unwrap();
        assert_eq!(plain, [7; 5000]);
    }

    #[test]
    fn a_cut_or_changed_pack_is_refused() {
        let (_, index_key, _, pack) = sample();
        for length in 0..pack.bytes.len() {
            assert!(parse_pack(&pack.bytes[..length], &index_key).is_err(), "{length} bytes");
        }
        let tail = pack.blobs.last().map(|b| b.offset + b.sealed_bytes).unwrap() as usize;
        for at in tail..pack.bytes.len() {
            let mut changed = pack.bytes.clone();
            changed[at] ^= 4;
            assert!(parse_pack(&changed, &index_key).is_err(), "byte {at}");
        }
    }
}
