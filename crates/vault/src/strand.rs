//! Strands: the `strand` and `keys` objects, and the secrets sealed in them (`docs/format.md` §2 and §9).

use std::fmt;

use minicbor::Decoder;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::bytes::{self, FormatError, Head, KEYS, PublicKey, STRAND, Writer};
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
    /// What a later program added: the pairs of the map from key 64 on, as they were written.
    pub additions: Additions,
}

/// Pairs of a map that this program does not know: CBOR, in the order of their keys. They are secret where the map is.
#[derive(Clone, Default)]
pub struct Additions {
    count: usize,
    pairs: Zeroizing<Vec<u8>>,
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
        out.map(6 + self.additions.count);
        out.unsigned(0).bytes(&self.strand.0);
        out.unsigned(1).bytes(self.id_key.expose());
        out.unsigned(2).bytes(self.chunk_seed.expose());
        out.unsigned(3).bytes(self.index_key.expose());
        out.unsigned(4).array(self.identities.len());
        for identity in &self.identities {
            out.text(identity.expose());
        }
        out.unsigned(5).text(&self.label);
        out.raw(&self.additions.pairs);
        Zeroizing::new(out.finish())
    }

    fn from_bytes(plain: &[u8]) -> Result<Self, FormatError> {
        const WHAT: &str = "strand secrets";
        let (mut strand, mut label) = (None, String::new());
        let mut keys: [Option<SecretKey>; 3] = [None, None, None];
        let mut identities = Vec::new();
        // With room for everything, the vector never moves and leaves no copy behind.
        let mut additions = Additions { count: 0, pairs: Zeroizing::new(Vec::with_capacity(plain.len())) };
        bytes::read_only_map(plain, WHAT, |key, read| {
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
                64.. => additions.take(key, read, WHAT)?,
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
            additions,
        })
    }
}

impl Additions {
    /// Takes the value of a key as it stands.
    fn take(&mut self, key: u64, read: &mut Decoder<'_>, what: &'static str) -> Result<(), FormatError> {
        let start = read.position();
        bytes::skip(read, what)?;
        let mut pair = Writer::default();
        pair.unsigned(key).raw(&read.input()[start..read.position()]);
        self.pairs.extend(Zeroizing::new(pair.finish()).iter());
        self.count += 1;
        Ok(())
    }
}

impl fmt::Debug for Additions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Additions({} …)", self.count)
    }
}

impl StrandObject {
    /// Writes the object.
    pub fn to_bytes(&self) -> Vec<u8> {
        write_holder(STRAND, (&self.strand, &self.vault), (&self.recipient, &self.sealed), |out| {
            out.bytes(&self.agent);
        })
    }

    /// Reads the object.
    pub fn from_bytes(object: &[u8]) -> Result<Self, FormatError> {
        let Holder { strand, vault, second, recipient, sealed } = read_holder(STRAND, object, bytes::fixed)?;
        Ok(Self { strand, vault, agent: second, recipient, sealed })
    }
}

impl KeysObject {
    /// Writes the object.
    pub fn to_bytes(&self) -> Vec<u8> {
        write_holder(KEYS, (&self.strand, &self.vault), (&self.recipient, &self.sealed), |out| {
            out.unsigned(self.seq);
        })
    }

    /// Reads the object.
    pub fn from_bytes(object: &[u8]) -> Result<Self, FormatError> {
        let Holder { strand, vault, second, recipient, sealed } = read_holder(KEYS, object, bytes::unsigned)?;
        Ok(Self { strand, vault, seq: second, recipient, sealed })
    }
}

/// What both kinds of objects that hold a strand's secrets say. They differ in one field, the one of key 2.
struct Holder<T> {
    strand: StrandId,
    vault: VaultId,
    second: T,
    recipient: Recipient,
    sealed: Vec<u8>,
}

fn write_holder(
    head: Head,
    (strand, vault): (&StrandId, &VaultId),
    (recipient, sealed): (&Recipient, &[u8]),
    write_second: impl FnOnce(&mut Writer),
) -> Vec<u8> {
    let mut out = Writer::default();
    out.map(5);
    out.unsigned(0).bytes(&strand.0);
    out.unsigned(1).bytes(&vault.0);
    write_second(out.unsigned(2));
    out.unsigned(3).text(recipient.as_str());
    out.unsigned(4).bytes(sealed);
    [head.begin(), out.finish()].concat()
}

fn read_holder<T>(
    head: Head,
    object: &[u8],
    read_second: impl Fn(&mut Decoder<'_>, &'static str) -> Result<T, FormatError>,
) -> Result<Holder<T>, FormatError> {
    let what = head.what;
    let (mut strand, mut vault, mut second) = (None, None, None);
    let (mut recipient, mut sealed) = (None, None);
    bytes::read_only_map(head.strip(object)?, what, |key, read| {
        match key {
            0 => strand = Some(StrandId(bytes::fixed(read, what)?)),
            1 => vault = Some(VaultId(bytes::fixed(read, what)?)),
            2 => second = Some(read_second(read, what)?),
            3 => recipient = Some(read_recipient(read, what)?),
            4 => sealed = Some(bytes::bytes(read, what)?.to_vec()),
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let missing = || FormatError::Malformed(what);
    Ok(Holder {
        strand: strand.ok_or_else(missing)?,
        vault: vault.ok_or_else(missing)?,
        second: second.ok_or_else(missing)?,
        recipient: recipient.ok_or_else(missing)?,
        sealed: sealed.ok_or_else(missing)?,
    })
}

fn read_recipient(read: &mut Decoder<'_>, what: &'static str) -> Result<Recipient, FormatError> {
    Recipient::parse(&bytes::text(read, what)?).map_err(|_| FormatError::Malformed(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRAND_ID: StrandId = StrandId([1; 16]);
    const VAULT_ID: VaultId = VaultId([2; 16]);

    #[test]
    fn both_objects_are_read_as_they_were_written_and_not_as_each_other() {
        let recipient = Identity::generate().recipient().unwrap();
        let sealed = b"sealed".to_vec();
        let strand = StrandObject {
            strand: STRAND_ID,
            vault: VAULT_ID,
            agent: [3; 32],
            recipient: recipient.clone(),
            sealed: sealed.clone(),
        };
        let keys = KeysObject { strand: STRAND_ID, vault: VAULT_ID, seq: 7, recipient, sealed };
        let (strand_bytes, keys_bytes) = (strand.to_bytes(), keys.to_bytes());
        assert_eq!(StrandObject::from_bytes(&strand_bytes), Ok(strand));
        assert_eq!(KeysObject::from_bytes(&keys_bytes), Ok(keys));
        assert_eq!(StrandObject::from_bytes(&keys_bytes), Err(FormatError::Foreign(STRAND.what)));
        assert_eq!(KeysObject::from_bytes(&strand_bytes), Err(FormatError::Foreign(KEYS.what)));
        // The field of key 2 is of another type in each.
        let under = |head: Head, object: &[u8]| [&head.begin(), &object[5..]].concat();
        let malformed = FormatError::Malformed(STRAND.what);
        assert_eq!(StrandObject::from_bytes(&under(STRAND, &keys_bytes)), Err(malformed));
        let malformed = FormatError::Malformed(KEYS.what);
        assert_eq!(KeysObject::from_bytes(&under(KEYS, &strand_bytes)), Err(malformed));
    }

    #[test]
    fn an_object_that_lacks_a_field_is_not_well_formed() {
        for absent in 0..5 {
            let mut out = Writer::default();
            out.map(4);
            for key in (0..5).filter(|key| *key != absent) {
                match key {
                    0 | 1 => out.unsigned(key).bytes(&[1; 16]),
                    2 => out.unsigned(key).unsigned(1),
                    3 => out.unsigned(key).text(Identity::generate().recipient().unwrap().as_str()),
                    _ => out.unsigned(key).bytes(b"sealed"),
                };
            }
            let object = [KEYS.begin(), out.finish()].concat();
            assert_eq!(KeysObject::from_bytes(&object), Err(FormatError::Malformed(KEYS.what)), "field {absent}");
        }
    }
}
