//! Manifests: the signed word that a snapshot exists, and all that it needs (`docs/format.md` §9).

use minicbor::Decoder;
use thiserror::Error;

use crate::bytes::{
    self, FORMAT_VERSION, FormatError, MANIFEST, PublicKey, SigningKey, Writer, open_signed_of_any_version, sign_object,
};
use crate::envelope::EnvelopeError;
use crate::id::{ObjectHash, SourceTag, StrandId, VaultId};
use crate::pack::{Session, open_session_key};
use crate::seal::{BoxKind, open_box};
use crate::strand::StrandSecrets;
use crate::tree::{Entry, read_root, write_entry};
use crate::world::Timestamp;

const WHAT: &str = MANIFEST.what;

/// A manifest is at most this long.
pub const MANIFEST_BYTES_MAX: usize = 1 << 20;

/// Names of packs and indexes beyond this many go into lists.
pub const NAMES_INLINE_MAX: usize = 512;

/// What everybody can read of a snapshot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Manifest {
    /// The vault.
    pub vault: VaultId,
    /// The strand.
    pub strand: StrandId,
    /// Its number, from 1.
    pub seq: u64,
    /// Hash of the manifest before.
    pub previous: Option<ObjectHash>,
    /// Indexes that cover some of its packs, sorted.
    pub indexes: Vec<ObjectHash>,
    /// All packs that it needs, sorted.
    pub packs: Vec<ObjectHash>,
    /// The top list that holds both instead.
    pub list: Option<ObjectHash>,
    /// What changed.
    pub counts: Counts,
    /// Which source it is of, keyed.
    pub source_tag: SourceTag,
    /// Salt of the box.
    pub salt: [u8; 32],
    /// The session key, an age file.
    pub sealed_key: Vec<u8>,
    /// [`SealedManifest`] in a box.
    pub sealed: Vec<u8>,
}

/// Figures of a backup, in clear: what the agent says of its own work.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// Files and other entries kept.
    pub files: u64,
    /// Bytes of content.
    pub bytes: u64,
    /// Entries that the snapshot before did not have.
    pub added: u64,
    /// Entries whose content or attributes changed.
    pub changed: u64,
    /// Entries that are gone.
    pub removed: u64,
    /// Entries that could not be read.
    pub unreadable: u64,
    /// Bytes of new blobs before compression.
    pub new_bytes: u64,
    /// Bytes that were stored for them.
    pub stored_bytes: u64,
    /// Plain bytes of new blobs that did not compress.
    pub incompressible_bytes: u64,
    /// Hint of damage, as the agent sees it.
    pub damage_hint: u64,
    /// Whether the agent raises an alarm: 0 calm, 1 watch, 2 alarm. Anybody can read this much without a key.
    pub alarm_level: u64,
}

/// What only the owners can read of a snapshot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealedManifest {
    /// Name of the source.
    pub source: String,
    /// Name of the machine.
    pub host: String,
    /// What was kept, as it was asked for.
    pub paths: Vec<Vec<u8>>,
    /// When the backup began, by the client's clock.
    pub started: Timestamp,
    /// When it ended, by the client's clock.
    pub finished: Timestamp,
    /// The root of the tree.
    pub root: Entry,
    /// Which program wrote it.
    pub program: String,
    /// Why the agent raises an alarm; opaque here.
    pub alarm: Option<Vec<u8>>,
}

/// Why a manifest cannot be believed or read.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// Its bytes are wrong.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// Its session key does not open.
    #[error("the session key of the manifest does not open")]
    Key(#[source] EnvelopeError),
}

impl Manifest {
    /// Writes and signs the manifest.
    pub fn sign(&self, agent: &SigningKey) -> Vec<u8> {
        let mut out = Writer::default();
        out.map(12);
        out.unsigned(0).bytes(&self.vault.0);
        out.unsigned(1).bytes(&self.strand.0);
        out.unsigned(2).unsigned(self.seq);
        write_hash(&mut out, 3, self.previous.as_ref());
        write_hashes(&mut out, 4, &self.indexes);
        write_hashes(&mut out, 5, &self.packs);
        write_hash(&mut out, 6, self.list.as_ref());
        out.unsigned(7);
        self.counts.write(&mut out);
        out.unsigned(8).bytes(&self.source_tag.0);
        out.unsigned(9).bytes(&self.salt);
        out.unsigned(10).bytes(&self.sealed_key);
        out.unsigned(11).bytes(&self.sealed);
        sign_object(MANIFEST, &out.finish(), &[agent])
    }

    /// Reads a manifest and verifies that the agent signed it. [`FormatError::Newer`] says that the agent did, with a
    /// newer program.
    pub fn open(object: &[u8], agent: &PublicKey) -> Result<Self, FormatError> {
        if object.len() > MANIFEST_BYTES_MAX {
            return Err(FormatError::TooLarge(WHAT));
        }
        // The signature first: only what the agent signed may say that a newer program wrote it.
        let (version, body, signers) = open_signed_of_any_version(MANIFEST, object)?;
        if !signers.contains(agent) {
            return Err(FormatError::Signature(WHAT));
        }
        if version != FORMAT_VERSION {
            return Err(FormatError::Newer(WHAT));
        }
        Self::parse(body)
    }

    /// Opens the part that only the owners can read.
    pub fn unseal(&self, secrets: &StrandSecrets) -> Result<SealedManifest, ManifestError> {
        let session = open_session_key(&secrets.identities, &self.sealed_key).map_err(ManifestError::Key)?;
        let plain = open_box(&session, &self.salt, BoxKind::Manifest, &self.sealed, WHAT)?;
        Ok(SealedManifest::from_bytes(&plain)?)
    }

    fn parse(body: &[u8]) -> Result<Self, FormatError> {
        let (mut vault, mut strand, mut seq, mut source_tag) = (None, None, None, None);
        let (mut salt, mut sealed_key, mut sealed) = (None, None, None);
        let (mut previous, mut list) = (None, None);
        let (mut indexes, mut packs) = (Vec::new(), Vec::new());
        let mut counts = Counts::default();
        bytes::read_only_map(body, WHAT, |key, read| {
            match key {
                0 => vault = Some(VaultId(bytes::fixed(read, WHAT)?)),
                1 => strand = Some(StrandId(bytes::fixed(read, WHAT)?)),
                2 => seq = Some(bytes::unsigned(read, WHAT)?),
                3 => previous = bytes::optional(read, WHAT, read_hash)?,
                4 => indexes = read_hashes(read)?,
                5 => packs = read_hashes(read)?,
                6 => list = bytes::optional(read, WHAT, read_hash)?,
                7 => counts = Counts::read(read)?,
                8 => source_tag = Some(SourceTag(bytes::fixed(read, WHAT)?)),
                9 => salt = Some(bytes::fixed(read, WHAT)?),
                10 => sealed_key = Some(read_sealed_key(read)?),
                11 => sealed = Some(bytes::bytes(read, WHAT)?.to_vec()),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let missing = || FormatError::Malformed(WHAT);
        Ok(Self {
            vault: vault.ok_or_else(missing)?,
            strand: strand.ok_or_else(missing)?,
            seq: seq.ok_or_else(missing)?,
            previous,
            indexes,
            packs,
            list,
            counts,
            source_tag: source_tag.ok_or_else(missing)?,
            salt: salt.ok_or_else(missing)?,
            sealed_key: sealed_key.ok_or_else(missing)?,
            sealed: sealed.ok_or_else(missing)?,
        })
    }
}

impl Counts {
    /// From this level on, an alarm must be answered.
    pub const ALARM: u64 = 2;

    fn fields(&self) -> [u64; 11] {
        [
            self.files,
            self.bytes,
            self.added,
            self.changed,
            self.removed,
            self.unreadable,
            self.new_bytes,
            self.stored_bytes,
            self.incompressible_bytes,
            self.damage_hint,
            self.alarm_level,
        ]
    }

    fn write(&self, out: &mut Writer) {
        out.map(11);
        for (key, value) in self.fields().into_iter().enumerate() {
            out.unsigned(key as u64).unsigned(value);
        }
    }

    fn read(read: &mut Decoder<'_>) -> Result<Self, FormatError> {
        let mut counts = Self::default();
        bytes::read_map(read, WHAT, |key, read| {
            let field = match key {
                0 => &mut counts.files,
                1 => &mut counts.bytes,
                2 => &mut counts.added,
                3 => &mut counts.changed,
                4 => &mut counts.removed,
                5 => &mut counts.unreadable,
                6 => &mut counts.new_bytes,
                7 => &mut counts.stored_bytes,
                8 => &mut counts.incompressible_bytes,
                9 => &mut counts.damage_hint,
                10 => &mut counts.alarm_level,
                _ => return Ok(false),
            };
            *field = bytes::unsigned(read, WHAT)?;
            Ok(true)
        })?;
        Ok(counts)
    }
}

impl SealedManifest {
    /// Seals this part under a session's key; returns the salt and the box.
    pub fn seal(&self, session: &Session) -> ([u8; 32], Vec<u8>) {
        session.seal_box(BoxKind::Manifest, &self.to_bytes())
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.map(7 + usize::from(self.alarm.is_some()));
        out.unsigned(0).text(&self.source);
        out.unsigned(1).text(&self.host);
        out.unsigned(2).array(self.paths.len());
        for path in &self.paths {
            out.bytes(path);
        }
        out.unsigned(3).signed(self.started.0);
        out.unsigned(4).signed(self.finished.0);
        out.unsigned(5).raw(&write_entry(&self.root));
        out.unsigned(6).text(&self.program);
        if let Some(alarm) = &self.alarm {
            out.unsigned(7).bytes(alarm);
        }
        out.finish()
    }

    fn from_bytes(plain: &[u8]) -> Result<Self, FormatError> {
        let (mut source, mut host, mut program, mut alarm) = (None, String::new(), String::new(), None);
        let mut paths = Vec::new();
        let (mut started, mut finished, mut root) = (None, None, None);
        bytes::read_only_map(plain, WHAT, |key, read| {
            match key {
                0 => source = Some(bytes::text(read, WHAT)?),
                1 => host = bytes::text(read, WHAT)?,
                2 => {
                    for _ in 0..bytes::array(read, WHAT)? {
                        paths.push(bytes::bytes(read, WHAT)?.to_vec());
                    }
                }
                3 => started = Some(Timestamp(bytes::signed(read, WHAT)?)),
                4 => finished = Some(Timestamp(bytes::signed(read, WHAT)?)),
                5 => root = Some(read_root(read)?),
                6 => program = bytes::text(read, WHAT)?,
                7 => alarm = Some(bytes::bytes(read, WHAT)?.to_vec()),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let missing = || FormatError::Malformed(WHAT);
        Ok(Self {
            source: source.ok_or_else(missing)?,
            host,
            paths,
            started: started.ok_or_else(missing)?,
            finished: finished.ok_or_else(missing)?,
            root: root.ok_or_else(missing)?,
            program,
            alarm,
        })
    }
}

fn write_hash(out: &mut Writer, key: u64, hash: Option<&ObjectHash>) {
    out.unsigned(key);
    match hash {
        Some(hash) => out.bytes(&hash.0),
        None => out.null(),
    };
}

fn write_hashes(out: &mut Writer, key: u64, hashes: &[ObjectHash]) {
    out.unsigned(key).array(hashes.len());
    for hash in hashes {
        out.bytes(&hash.0);
    }
}

fn read_sealed_key(read: &mut Decoder<'_>) -> Result<Vec<u8>, FormatError> {
    let sealed = bytes::bytes(read, WHAT)?;
    if sealed.len() > usize::from(u16::MAX) { Err(FormatError::TooLarge(WHAT)) } else { Ok(sealed.to_vec()) }
}

fn read_hash(read: &mut Decoder<'_>) -> Result<ObjectHash, FormatError> {
    bytes::fixed(read, WHAT).map(ObjectHash)
}

fn read_hashes(read: &mut Decoder<'_>) -> Result<Vec<ObjectHash>, FormatError> {
    let hashes = (0..bytes::array(read, WHAT)?).map(|_| read_hash(read)).collect::<Result<Vec<_>, _>>()?;
    let sorted = hashes.windows(2).all(|pair| pair[0] < pair[1]);
    if sorted { Ok(hashes) } else { Err(FormatError::Malformed(WHAT)) }
}
