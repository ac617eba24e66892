//! Strands: the `strand` and `keys` objects, and the secrets sealed in them (`docs/format.md` §2 and §9).

use minicbor::Decoder;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::bytes::{self, FormatError, KEYS, PublicKey, STRAND, Writer};
use crate::envelope::{EnvelopeError, Identity, Recipient, open_with, seal_to};
use crate::id::{SourceTag, StrandId, VaultId};
use crate::kit::RecoveryKit;
use crate::secret::SecretKey;

/// What only the owners can open of a strand.
#[derive(Clone, Debug)]
pub struct StrandSecrets {
    /// The strand.
    pub strand: StrandId,
    /// Keys the hash that names blobs.
    pub id_key: SecretKey,
    /// Makes the chunker's table and splits nodes.
    pub chunk_seed: SecretKey,
    /// Seals directories of packs and indexes.
    pub index_key: SecretKey,
    /// Opens session keys; oldest first.
    pub identities: Vec<Identity>,
    /// The agent's host name when it was enrolled.
    pub label: String,
}

/// The `strand` object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StrandObject {
    /// The strand.
    pub strand: StrandId,
    /// The vault.
    pub vault: VaultId,
    /// What verifies the agent's signatures.
    pub agent: PublicKey,
    /// To whom session keys are sealed.
    pub recipient: Recipient,
    /// [`StrandSecrets`], an age file.
    pub sealed: Vec<u8>,
}

/// A `keys` object: the secrets sealed again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeysObject {
    /// The strand.
    pub strand: StrandId,
    /// The vault.
    pub vault: VaultId,
    /// Its number, from 1.
    pub seq: u64,
    /// To whom session keys are sealed from now on.
    pub recipient: Recipient,
    /// [`StrandSecrets`], an age file.
    pub sealed: Vec<u8>,
}

/// Why a strand's secrets could not be opened.
#[derive(Debug, Error)]
pub enum SecretsError {
    /// The envelope does not open.
    #[error("the secrets of strand {strand} do not open")]
    Envelope {
        /// The strand.
        strand: StrandId,
        /// Why.
        #[source]
        source: EnvelopeError,
    },
    /// What was in it is not a strand's secrets.
    #[error("the secrets of strand {strand} are not well formed")]
    Format {
        /// The strand.
        strand: StrandId,
        /// Why.
        #[source]
        source: FormatError,
    },
}

/// Derives the id of a strand from its vault and its agent's public key.
pub fn strand_id(vault: &VaultId, agent: &PublicKey) -> StrandId {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"beffroi strand v0").update(&vault.0).update(agent);
    StrandId(hasher.finalize().as_bytes()[..16].try_into().expect("half of 32 bytes"))
}

/// Returns the tag that manifests show of a source's name.
pub fn source_tag(id_key: &SecretKey, source: &str) -> SourceTag {
    let mut hasher = blake3::Hasher::new_keyed(id_key.expose());
    hasher.update(b"beffroi source v0").update(source.as_bytes());
    SourceTag(hasher.finalize().as_bytes()[..16].try_into().expect("half of 32 bytes"))
}

impl StrandSecrets {
    /// Seals the secrets to the recipients of the vault.
    pub fn seal(&self, recipients: &[Recipient]) -> Result<Vec<u8>, EnvelopeError> {
        seal_to(recipients, &self.to_bytes())
    }

    /// Opens the secrets with a recovery kit.
    pub fn open(kit: &RecoveryKit, strand: StrandId, sealed: &[u8]) -> Result<Self, SecretsError> {
        let plain = open_with(&kit.identities, sealed).map_err(|source| SecretsError::Envelope { strand, source })?;
        let secrets = Self::from_bytes(&plain).map_err(|source| SecretsError::Format { strand, source })?;
        if secrets.strand != strand {
            let source = FormatError::WrongContent("strand secrets");
            return Err(SecretsError::Format { strand, source });
        }
        Ok(secrets)
    }

    fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Writer::default();
        out.map(6);
        out.unsigned(0).bytes(&self.strand.0);
        out.unsigned(1).bytes(self.id_key.expose());
        out.unsigned(2).bytes(self.chunk_seed.expose());
        out.unsigned(3).bytes(self.index_key.expose());
        out.unsigned(4).array(self.identities.len());
        for identity in &self.identities {
            out.text(identity.expose());
        }
        out.unsigned(5).text(&self.label);
        Zeroizing::new(out.finish())
    }

    fn from_bytes(plain: &[u8]) -> Result<Self, FormatError> {
        const WHAT: &str = "strand secrets";
        let (mut strand, mut label) = (None, String::new());
        let mut keys: [Option<SecretKey>; 3] = [None, None, None];
        let mut identities = Vec::new();
        bytes::read_map(&mut Decoder::new(plain), WHAT, |key, read| {
            match key {
                0 => strand = Some(StrandId(bytes::fixed(read, WHAT)?)),
                1..=3 => keys[key as usize - 1] = Some(SecretKey::new(bytes::fixed(read, WHAT)?)),
                4 => {
                    for _ in 0..bytes::array(read, WHAT)? {
                        let text = Zeroizing::new(bytes::text(read, WHAT)?);
                        identities.push(Identity::parse(&text).map_err(|_| FormatError::Malformed(WHAT))?);
                    }
                }
                5 => label = bytes::text(read, WHAT)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let missing = || FormatError::Malformed(WHAT);
        let [id_key, chunk_seed, index_key] = keys;
        Ok(Self {
            strand: strand.ok_or_else(missing)?,
            id_key: id_key.ok_or_else(missing)?,
            chunk_seed: chunk_seed.ok_or_else(missing)?,
            index_key: index_key.ok_or_else(missing)?,
            identities,
            label,
        })
    }
}

impl StrandObject {
    /// Writes the object.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.map(5);
        out.unsigned(0).bytes(&self.strand.0);
        out.unsigned(1).bytes(&self.vault.0);
        out.unsigned(2).bytes(&self.agent);
        out.unsigned(3).text(self.recipient.as_str());
        out.unsigned(4).bytes(&self.sealed);
        [STRAND.begin(), out.finish()].concat()
    }

    /// Reads the object.
    pub fn from_bytes(object: &[u8]) -> Result<Self, FormatError> {
        let what = STRAND.what;
        let body = STRAND.strip(object)?;
        let (mut strand, mut vault, mut agent) = (None, None, None);
        let (mut recipient, mut sealed) = (None, None);
        bytes::read_map(&mut Decoder::new(body), what, |key, read| {
            match key {
                0 => strand = Some(StrandId(bytes::fixed(read, what)?)),
                1 => vault = Some(VaultId(bytes::fixed(read, what)?)),
                2 => agent = Some(bytes::fixed(read, what)?),
                3 => recipient = Some(read_recipient(read, what)?),
                4 => sealed = Some(bytes::bytes(read, what)?.to_vec()),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let missing = || FormatError::Malformed(what);
        Ok(Self {
            strand: strand.ok_or_else(missing)?,
            vault: vault.ok_or_else(missing)?,
            agent: agent.ok_or_else(missing)?,
            recipient: recipient.ok_or_else(missing)?,
            sealed: sealed.ok_or_else(missing)?,
        })
    }
}

impl KeysObject {
    /// Writes the object.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.map(5);
        out.unsigned(0).bytes(&self.strand.0);
        out.unsigned(1).bytes(&self.vault.0);
        out.unsigned(2).unsigned(self.seq);
        out.unsigned(3).text(self.recipient.as_str());
        out.unsigned(4).bytes(&self.sealed);
        [KEYS.begin(), out.finish()].concat()
    }

    /// Reads the object.
    pub fn from_bytes(object: &[u8]) -> Result<Self, FormatError> {
        let what = KEYS.what;
        let body = KEYS.strip(object)?;
        let (mut strand, mut vault, mut seq) = (None, None, None);
        let (mut recipient, mut sealed) = (None, None);
        bytes::read_map(&mut Decoder::new(body), what, |key, read| {
            match key {
                0 => strand = Some(StrandId(bytes::fixed(read, what)?)),
                1 => vault = Some(VaultId(bytes::fixed(read, what)?)),
                2 => seq = Some(bytes::unsigned(read, what)?),
                3 => recipient = Some(read_recipient(read, what)?),
                4 => sealed = Some(bytes::bytes(read, what)?.to_vec()),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let missing = || FormatError::Malformed(what);
        Ok(Self {
            strand: strand.ok_or_else(missing)?,
            vault: vault.ok_or_else(missing)?,
            seq: seq.ok_or_else(missing)?,
            recipient: recipient.ok_or_else(missing)?,
            sealed: sealed.ok_or_else(missing)?,
        })
    }
}

fn read_recipient(read: &mut Decoder<'_>, what: &'static str) -> Result<Recipient, FormatError> {
    Recipient::parse(&bytes::text(read, what)?).map_err(|_| FormatError::Malformed(what))
}
