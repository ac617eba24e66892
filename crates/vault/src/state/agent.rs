//! The key file of an agent: made once, at enrolment.

use minicbor::{Decoder, Encoder};
use zeroize::Zeroizing;

use crate::id::{StrandId, VaultId};
use crate::owner_log::OwnerLog;
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

    /// Reads this machine's key file from a vault's folder. A machine that was retired and enrolled again has several: that
    /// of the strand that was enrolled last counts; a retired one only if there is no other.
    pub fn open(folder: &StateFolder, log: &OwnerLog) -> Result<Self, StateError> {
        let mut strands = folder.strands()?;
        strands.retain(|strand| folder.path().join("strands").join(strand.to_hex()).join(NAME).exists());
        // Strands that the log does not know come first, then retired ones; the log has them in the order of enrolment.
        let rank = |strand: &StrandId| {
            let place = log.strands.iter().position(|enrolment| enrolment.strand == *strand);
            (place.is_some_and(|place| log.strands[place].retired.is_none()), place)
        };
        match strands.into_iter().max_by_key(rank) {
            Some(strand) => Self::open_strand(&folder.for_strand(strand)?),
            None => Err(StateError::NoAgent { path: folder.path().join(NAME) }),
        }
    }

    fn open_strand(folder: &StateFolder) -> Result<Self, StateError> {
        let path = folder.path().join(NAME);
        match read(folder) {
            Ok(keys) => Ok(keys),
            Err(Unread::Refused(error)) => Err(error),
            Err(Unread::Lost(LostReason::Absent)) => Err(StateError::NoAgent { path }),
            Err(Unread::Lost(source)) => Err(StateError::DamagedAgent { path, source }),
        }
    }

    /// Writes the key file below a vault's folder, durably; one that is there already is never overwritten.
    pub fn save_new(&self, folder: &StateFolder) -> Result<(), StateError> {
        if self.label.len() > Self::LABEL_BYTES_MAX {
            return Err(StateError::LongLabel {
                label_bytes: self.label.len(),
                label_bytes_max: Self::LABEL_BYTES_MAX,
            });
        }
        let content = self.encode();
        let mut writer = CheckedWriter::create(&folder.for_strand(self.strand)?, NAME, HEAD)?;
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
    use crate::id::ObjectHash;
    use crate::owner_log::{Enrolment, LastKept, Retirement};
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

    /// A log in which strands were enrolled in this order; those with `true` were retired.
    fn log(strands: &[(StrandId, bool)]) -> OwnerLog {
        let store = std::sync::Arc::new(crate::store::MemoryStore::new());
        let now = crate::world::Timestamp::from_seconds(1);
        let (vault, _) = crate::vault::Vault::found(store, &[], now, &Zeros).unwrap();
        let mut log = vault.log().clone();
        for (strand, is_retired) in strands {
            log.strands.push(Enrolment {
                strand: *strand,
                agent: [0; 32],
                object: ObjectHash([0; 32]),
                keys: None,
                keys_count: 0,
                retired: is_retired.then(|| Retirement { reason: String::new(), last: LastKept::default() }),
                enrolled: now,
            });
        }
        log
    }

    struct Zeros;

    impl crate::world::Entropy for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn keys_are_saved_once_and_read_again() {
        let (base, folder) = scratch();
        let log = log(&[]);
        assert!(matches!(AgentKeys::open(&folder, &log).unwrap_err(), StateError::NoAgent { .. }));
        keys().save_new(&folder).unwrap();
        let read = AgentKeys::open(&folder, &log).unwrap();
        assert_eq!(read.encode(), keys().encode());
        assert_eq!(read.label, "mairie-serveur");

        let other = AgentKeys { label: "other".into(), ..keys() };
        let refused = other.save_new(&folder).unwrap_err();
        assert!(matches!(refused, StateError::Exists { .. }));
        assert_eq!(AgentKeys::open(&folder, &log).unwrap().label, "mairie-serveur");
        let own = base.path().join("strands").join(keys().strand.to_hex());
        assert_eq!(std::fs::read_dir(own).unwrap().count(), 1);
    }

    #[test]
    fn of_several_strands_the_last_that_was_enrolled_and_not_retired_counts() {
        let (_base, folder) = scratch();
        let strands = [2, 9, 4].map(|byte| StrandId([byte; 16]));
        for strand in strands {
            AgentKeys { strand, ..keys() }.save_new(&folder).unwrap();
        }
        let chosen = |retired: [bool; 3]| {
            let strands: Vec<_> = strands.into_iter().zip(retired).collect();
            AgentKeys::open(&folder, &log(&strands)).unwrap().strand.0[0]
        };
        assert_eq!(chosen([false, false, false]), 4);
        assert_eq!(chosen([false, false, true]), 9);
        assert_eq!(chosen([false, true, true]), 2);
        assert_eq!(chosen([true, true, true]), 4);
        assert_eq!(AgentKeys::open(&folder, &log(&[(strands[0], true)])).unwrap().strand, strands[0]);
        // The file of a strand that ended may rot.
        std::fs::write(folder.path().join("strands").join(strands[0].to_hex()).join(NAME), b"rot").unwrap();
        assert_eq!(chosen([true, false, false]), 4);
    }

    #[test]
    fn a_damaged_or_loose_key_file_is_refused() {
        let (_base, folder) = scratch();
        let log = log(&[]);
        keys().save_new(&folder).unwrap();
        let path = folder.path().join("strands").join(keys().strand.to_hex()).join(NAME);
        let whole = std::fs::read(&path).unwrap();
        for place in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[place] ^= 0x10;
            std::fs::write(&path, &bytes).unwrap();
            let refused = AgentKeys::open(&folder, &log).unwrap_err();
            assert!(matches!(refused, StateError::DamagedAgent { .. }));
        }
        std::fs::write(&path, &whole).unwrap();
        set_permissions(&path, Permissions::from_mode(0o604)).unwrap();
        let refused = AgentKeys::open(&folder, &log).unwrap_err().to_string();
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
