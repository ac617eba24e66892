//! Blobs: runs of plain bytes, compressed or not, sealed one by one (`docs/format.md` §2.1 and §3).

use crate::bytes::FormatError;
use crate::id::BlobId;
use crate::seal::{BlobSeal, TAG_BYTES, open_blob, seal_blob};
use crate::secret::SecretKey;

/// The largest blob, plain, in bytes.
pub const BLOB_BYTES_MAX: usize = 16 << 20;

/// Below this many bytes compressing is tried without a probe.
const PROBE_BYTES_MIN: usize = 16 << 10;

/// What a blob holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BlobKind {
    /// A chunk of content.
    Chunk = 0,
    /// A node of a tree.
    Node = 1,
    /// A chunk list.
    List = 2,
}

/// Stored as it is.
pub const CODEC_PLAIN: u8 = 0;
/// A Zstandard frame.
pub const CODEC_ZSTD: u8 = 1;

/// How a blob was coded, as its pack's directory tells it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Coding {
    /// [`CODEC_PLAIN`] or [`CODEC_ZSTD`].
    pub codec: u8,
    /// Zstandard's level; 0 for plain.
    pub level: i8,
    /// Plain length in bytes.
    pub plain_bytes: u32,
}

impl BlobKind {
    /// Reads the number of a kind.
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::Chunk, Self::Node, Self::List].into_iter().find(|kind| *kind as u8 == number)
    }

    /// Returns the id of a blob of this kind: a keyed hash.
    pub fn id(self, id_key: &SecretKey, plain: &[u8]) -> BlobId {
        let mut hasher = blake3::Hasher::new_keyed(id_key.expose());
        hasher.update(&[self as u8]).update(plain);
        BlobId(*hasher.finalize().as_bytes())
    }
}

/// Compresses and seals blobs of one session; each thread has its own.
pub struct BlobSealer {
    session: SecretKey,
    salt: [u8; 32],
    level: i8,
    compressor: zstd::bulk::Compressor<'static>,
    sealed: Vec<u8>,
}

impl BlobSealer {
    /// Begins to seal under a session key and the salt of its packs. Levels run from 1 to 19.
    pub fn new(session: SecretKey, salt: [u8; 32], level: i8) -> Self {
        let compressor = zstd::bulk::Compressor::new(i32::from(level)).expect("memory for a compressor");
        Self { session, salt, level, compressor, sealed: Vec::new() }
    }

    /// Seals a blob; the sealed bytes stay valid until the next call.
    pub fn seal(&mut self, id: &BlobId, plain: &[u8]) -> (&[u8], Coding) {
        let codec = self.code(plain);
        let level = if codec == CODEC_ZSTD { self.level } else { 0 };
        let seal = BlobSeal { zstd_version: zstd_version(), salt: &self.salt, id, codec, level };
        seal_blob(&self.session, &seal, &mut self.sealed, 0);
        let plain_bytes = u32::try_from(plain.len()).expect("a blob is at most 16 MiB");
        (&self.sealed, Coding { codec, level, plain_bytes })
    }

    /// Fills `sealed` with the coded bytes and returns the codec.
    fn code(&mut self, plain: &[u8]) -> u8 {
        self.sealed.clear();
        self.sealed.reserve(zstd::zstd_safe::compress_bound(plain.len()) + TAG_BYTES);
        if looks_compressible(plain)
            && let Ok(coded) = self.compressor.compress_to_buffer(plain, &mut self.sealed)
            && coded + plain.len() / 64 < plain.len()
        {
            return CODEC_ZSTD;
        }
        self.sealed.clear();
        self.sealed.extend_from_slice(plain);
        CODEC_PLAIN
    }
}

/// Opens blobs; each thread has its own.
pub struct BlobOpener {
    decompressor: zstd::bulk::Decompressor<'static>,
    plain: Vec<u8>,
}

impl Default for BlobOpener {
    fn default() -> Self {
        Self { decompressor: zstd::bulk::Decompressor::new().expect("memory for a decompressor"), plain: Vec::new() }
    }
}

/// Where a blob comes from: what its pack's head says.
#[derive(Clone, Copy, Debug)]
pub struct BlobOrigin<'p> {
    /// The session key of the pack.
    pub session: &'p SecretKey,
    /// The salt of the pack.
    pub salt: &'p [u8; 32],
    /// The version of the Zstandard library that wrote the pack.
    pub zstd_version: u32,
}

impl BlobOpener {
    /// Opens a blob and verifies that its content has its id. `sealed` is used as working space.
    ///
    /// The plain bytes stay valid until the next call.
    pub fn open<'o>(
        &'o mut self,
        origin: &BlobOrigin<'_>,
        id_key: &SecretKey,
        (kind, id): (BlobKind, &BlobId),
        coding: &Coding,
        sealed: &'o mut [u8],
    ) -> Result<&'o [u8], FormatError> {
        let plain_bytes = coding.plain_bytes as usize;
        if plain_bytes > BLOB_BYTES_MAX {
            return Err(FormatError::TooLarge("blob"));
        }
        let seal = BlobSeal {
            zstd_version: origin.zstd_version,
            salt: origin.salt,
            id,
            codec: coding.codec,
            level: coding.level,
        };
        let coded = open_blob(origin.session, &seal, sealed)?;
        let plain = match coding.codec {
            CODEC_PLAIN => &sealed[..coded],
            CODEC_ZSTD => self.decompress(&sealed[..coded], plain_bytes)?,
            _ => return Err(FormatError::Newer("blob")),
        };
        if plain.len() != plain_bytes || kind.id(id_key, plain) != *id {
            return Err(FormatError::WrongContent("blob"));
        }
        Ok(plain)
    }

    /// About how much memory this holds, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.plain.capacity()
    }

    fn decompress(&mut self, coded: &[u8], plain_bytes: usize) -> Result<&[u8], FormatError> {
        self.plain.clear();
        self.plain.reserve(plain_bytes);
        // The reserve may have given more room than the directory promises: the length is checked by the caller.
        self.decompressor.decompress_to_buffer(coded, &mut self.plain).map_err(|_| FormatError::Malformed("blob"))?;
        Ok(&self.plain)
    }
}

/// Returns the version number of the Zstandard library in this program.
pub fn zstd_version() -> u32 {
    zstd::zstd_safe::version_number()
}

/// Samples a large blob: bytes spread as evenly as in random or compressed data are not worth compressing.
///
/// Repeats of such bytes would compress, but content-defined chunks already find them.
fn looks_compressible(plain: &[u8]) -> bool {
    const WINDOWS: usize = 16;
    const WINDOW_BYTES: usize = 512;
    if plain.len() < PROBE_BYTES_MIN {
        return true;
    }
    let mut counts = [0u32; 256];
    let stride = (plain.len() - WINDOW_BYTES) / (WINDOWS - 1);
    for window in 0..WINDOWS {
        for byte in &plain[window * stride..][..WINDOW_BYTES] {
            counts[usize::from(*byte)] += 1;
        }
    }
    let total = (WINDOWS * WINDOW_BYTES) as f32;
    let bits: f32 =
        counts.iter().filter(|n| **n > 0).map(|n| *n as f32).map(|n| n * (total / n).log2()).sum::<f32>() / total;
    // 8 KiB of random bytes measure 7.977 ± 0.002 bits a byte; deflated data 7.96 and more.
    bits < 7.94
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(plain: &[u8]) -> u8 {
        let (session, id_key, salt) = (SecretKey::new([1; 32]), SecretKey::new([2; 32]), [3; 32]);
        let id = BlobKind::Chunk.id(&id_key, plain);
        let mut sealer = BlobSealer::new(session.clone(), salt, 3);
        let (sealed, coding) = sealer.seal(&id, plain);
        let mut sealed = sealed.to_vec();
        let origin = BlobOrigin { session: &session, salt: &salt, zstd_version: zstd_version() };
        let mut opener = BlobOpener::default();
        let mut copy = sealed.clone();
        let opened = opener.open(&origin, &id_key, (BlobKind::Chunk, &id), &coding, &mut copy).unwrap();
        assert_eq!(opened, plain);
        assert!(opener.open(&origin, &id_key, (BlobKind::Node, &id), &coding, &mut sealed).is_err(), "other kind");
        coding.codec
    }

    fn noise(bytes: usize) -> Vec<u8> {
        let mut noise = vec![0; bytes];
        blake3::Hasher::new().finalize_xof().fill(&mut noise);
        noise
    }

    #[test]
    fn text_is_compressed_and_noise_is_not() {
        let text = "La mairie est ouverte du lundi au vendredi. ".repeat(4000);
        assert_eq!(round_trip(text.as_bytes()), CODEC_ZSTD);
        assert_eq!(round_trip(&noise(1 << 20)), CODEC_PLAIN);
        assert_eq!(round_trip(&noise(1000)), CODEC_PLAIN);
        assert_eq!(round_trip(b"x"), CODEC_PLAIN);
    }

    #[test]
    fn a_frame_that_inflates_beyond_its_word_is_refused() {
        let (session, id_key, salt) = (SecretKey::new([1; 32]), SecretKey::new([2; 32]), [3; 32]);
        let plain = vec![7; 1 << 20];
        let id = BlobKind::Chunk.id(&id_key, &plain);
        let mut sealer = BlobSealer::new(session.clone(), salt, 3);
        let (sealed, coding) = sealer.seal(&id, &plain);
        let mut sealed = sealed.to_vec();
        let lying = Coding { plain_bytes: 10, ..coding };
        let origin = BlobOrigin { session: &session, salt: &salt, zstd_version: zstd_version() };
        let opened =
            BlobOpener::default().open(&origin, &id_key, (BlobKind::Chunk, &id), &lying, &mut sealed).map(<[u8]>::len);
        assert!(opened.is_err());
    }
}
