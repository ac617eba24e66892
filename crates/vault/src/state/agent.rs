//! The key file of an agent: made once, at enrolment.

use minicbor::{Decoder, Encoder};
use zeroize::Zeroizing;

use crate::id::{StrandId, VaultId};
use crate::secret::SecretKey;
use crate::state::file::{CheckedReader, CheckedWriter, Head, Unread};
use crate::state::folder::StateFolder;
use crate::state::{LostReason, StateError};

/// What an agent keeps for itself (`docs/format.md` §2).
#[derive(Debug)]
pub struct AgentKeys {
    /// The vault that it saves to.
    pub vault: VaultId,
    /// The strand that it writes.
    pub strand: StrandId,
    /// Ed25519 seed: signs manifests and leases.
    pub signing_seed: SecretKey,
    /// Names blobs.
    pub id_key: SecretKey,
    /// Cuts content and directories.
    pub chunk_seed: SecretKey,
    /// Seals directories of packs and indexes.
    pub index_key: SecretKey,
    /// The public key of the vault's first owner: whatever the store says of owners must descend from it.
    pub founder: [u8; 32],
    /// How people call this agent: its host name.
    pub label: String,
}

impl AgentKeys {
    /// The largest label, in bytes.
    pub const LABEL_BYTES_MAX: usize = 1024;

    /// Reads the key file of a vault's folder.
    pub fn open(folder: &StateFolder) -> Result<Self, StateError> {
        let path = folder.path().join(NAME);
        match read(folder) {
            Ok(keys) => Ok(keys),
            Err(Unread::Refused(error)) => Err(error),
            Err(Unread::Lost(LostReason::Absent)) => Err(StateError::NoAgent { path }),
            Err(Unread::Lost(source)) => Err(StateError::DamagedAgent { path, source }),
        }
    }

    /// Writes the key file, durably; one that is there already is never overwritten.
    pub fn save_new(&self, folder: &StateFolder) -> Result<(), StateError> {
        if self.label.len() > Self::LABEL_BYTES_MAX {
            return Err(StateError::LongLabel {
                label_bytes: self.label.len(),
                label_bytes_max: Self::LABEL_BYTES_MAX,
            });
        }
        let content = self.encode();
        let mut writer = CheckedWriter::create(folder, NAME, HEAD)?;
        writer.write(&content)?;
        let (draft, _) = writer.close()?;
        draft.settle_new()
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        // With room for everything, the vector never moves and leaves no copy behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(CONTENT_BYTES_MAX));
        let fields: [&[u8]; 7] = [
            &self.vault.0,
            &self.strand.0,
            self.signing_seed.expose(),
            self.id_key.expose(),
            self.chunk_seed.expose(),
            self.index_key.expose(),
            &self.founder,
        ];
        let mut encoder = Encoder::new(&mut *bytes);
        let mut encode = || -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
            encoder.map(8)?;
            for (key, field) in (0u8..).zip(fields) {
                encoder.u8(key)?.bytes(field)?;
            }
            encoder.u8(7)?.str(&self.label)?;
            Ok(())
        };
        encode().expect("a vector takes all bytes");
        bytes
    }
}

const NAME: &str = "agent";
const HEAD: Head = Head { magic: *b"BFSA", version: 0 };
const CONTENT_BYTES_MAX: usize = AgentKeys::LABEL_BYTES_MAX + 512;

fn read(folder: &StateFolder) -> Result<AgentKeys, Unread> {
    let mut reader = CheckedReader::open(folder, NAME, HEAD)?;
    if reader.content_bytes_left() > CONTENT_BYTES_MAX as u64 {
        return Err(LostReason::Damaged.into());
    }
    let mut content = Zeroizing::new(vec![0; reader.content_bytes_left() as usize]);
    reader.read(&mut content)?;
    reader.finish()?;
    decode(&content).ok_or(Unread::Lost(LostReason::Damaged))
}

fn decode(content: &[u8]) -> Option<AgentKeys> {
    let mut decoder = Decoder::new(content);
    if decoder.map().ok()? != Some(8) {
        return None;
    }
    let mut field = |key: u8| -> Option<&[u8]> {
        (decoder.u8().ok()? == key).then_some(())?;
        decoder.bytes().ok()
    };
    let vault = VaultId::from_slice(field(0)?)?;
    let strand = StrandId::from_slice(field(1)?)?;
    let signing_seed = SecretKey::from_slice(field(2)?)?;
    let id_key = SecretKey::from_slice(field(3)?)?;
    let chunk_seed = SecretKey::from_slice(field(4)?)?;
    let index_key = SecretKey::from_slice(field(5)?)?;
    let founder = field(6)?.try_into().ok()?;
    if decoder.u8().ok()? != 7 {
        return None;
    }
    let label = decoder.str().ok()?.to_string();
    (decoder.position() == content.len()).then_some(AgentKeys {
        vault,
        strand,
        signing_seed,
        id_key,
        chunk_seed,
        index_key,
        founder,
        label,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests look at the files and damage them")]

    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::state::folder::scratch;

    fn keys() -> AgentKeys {
        let key = |byte| SecretKey::take(&mut [byte; 32]);
        AgentKeys {
            vault: VaultId([1; 16]),
            strand: StrandId([2; 16]),
            signing_seed: key(3),
            id_key: key(4),
            chunk_seed: key(5),
            index_key: key(6),
            founder: [7; 32],
            label: "mairie-serveur".into(),
        }
    }

    #[test]
    fn keys_are_saved_once_and_read_again() {
        let (base, folder) = scratch();
        assert!(matches!(AgentKeys::open(&folder).unwrap_err(), StateError::NoAgent { .. }));
        keys().save_new(&folder).unwrap();
        let read = AgentKeys::open(&folder).unwrap();
        assert_eq!(read.encode(), keys().encode());
        assert_eq!(read.label, "mairie-serveur");

        let other = AgentKeys { label: "other".into(), ..keys() };
        let refused = other.save_new(&folder).unwrap_err();
        assert!(matches!(refused, StateError::Exists { .. }));
        assert_eq!(AgentKeys::open(&folder).unwrap().label, "mairie-serveur");
        assert_eq!(std::fs::read_dir(base.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_damaged_or_loose_key_file_is_refused() {
        let (base, folder) = scratch();
        keys().save_new(&folder).unwrap();
        let path = base.path().join(NAME);
        let whole = std::fs::read(&path).unwrap();
        for place in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[place] ^= 0x10;
            std::fs::write(&path, &bytes).unwrap();
            let refused = AgentKeys::open(&folder).unwrap_err();
            assert!(matches!(refused, StateError::DamagedAgent { .. }));
        }
        std::fs::write(&path, &whole).unwrap();
        set_permissions(&path, Permissions::from_mode(0o604)).unwrap();
        let refused = AgentKeys::open(&folder).unwrap_err().to_string();
        assert!(refused.contains("chmod 600"), "{refused}");
    }

    #[test]
    fn nothing_secret_is_shown() {
        let shown = format!("{:?}", keys());
        assert!(!shown.contains("3, 3") && !shown.contains("0303"), "{shown}");
    }

    #[test]
    fn malformed_content_is_no_key() {
        let content = keys().encode();
        assert!(decode(&content).is_some());
        for end in 0..content.len() {
            assert!(decode(&content[..end]).is_none(), "cut at {end}");
        }
        assert!(decode(&[&content[..], &[0]].concat()).is_none());
    }
}
