//! Expiry records: what was condemned, since when, and what was deleted (`docs/format.md` §9).

use std::collections::{BTreeMap, BTreeSet};

use minicbor::Decoder;

use super::{GRACE_SECONDS, RecordFault};
use crate::bytes::{self, EXPIRY, FormatError, PublicKey, SigningKey, Writer, open_signed, sign_object};
use crate::id::{ObjectHash, VaultId};
use crate::name::{Folder, NumberedKind, ObjectName};
use crate::store::StoreError;
use crate::vault::Vault;
use crate::world::Timestamp;

const WHAT: &str = EXPIRY.what;

/// A record holds at most this many names, so that it stays far below the longest object.
pub(super) const NAMES_MAX: usize = 100_000;

/// One record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExpiryRecord {
    /// The vault.
    pub vault: VaultId,
    /// Its number, from 0.
    pub seq: u64,
    /// Hash of the record before, or zeros.
    pub previous: ObjectHash,
    /// When it was signed, by the desk's clock.
    pub time: Timestamp,
    /// What may go in seven days if nothing needs it then.
    pub condemned: Vec<ObjectName>,
    /// What is gone.
    pub deleted: Vec<ObjectName>,
    /// What was condemned and is needed again.
    pub revived: Vec<ObjectName>,
}

/// What all records together say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExpiryLog {
    /// Names that are condemned, and since when.
    pub condemned: BTreeMap<ObjectName, Timestamp>,
    /// Manifests that were deleted.
    pub deleted_manifests: BTreeSet<ObjectName>,
    /// The latest time that a record tells.
    pub latest: Option<Timestamp>,
    /// Number of the next record.
    pub next_seq: u64,
    /// Hash of the last record, or zeros.
    pub head: ObjectHash,
}

/// Reads the records of a vault. Those that do not count are told to `fault`.
pub fn read_expiry_log(vault: &Vault, fault: &mut dyn FnMut(RecordFault)) -> Result<ExpiryLog, StoreError> {
    let mut names = Vec::new();
    vault.store().list(&Folder::Expiry, &mut |name, _| names.push(name))?;
    names.sort();
    let mut log = ExpiryLog {
        condemned: BTreeMap::new(),
        deleted_manifests: BTreeSet::new(),
        latest: None,
        next_seq: 0,
        head: ObjectHash([0; 32]),
    };
    for name in names {
        match read_record(vault, name) {
            Ok((record, hash)) => {
                if !log.follow(record, hash) {
                    fault(RecordFault::Broken { name });
                }
            }
            Err(why) => {
                // It may have revived something: what came before is forgotten, which only makes expiry later.
                log.condemned.clear();
                fault(why);
            }
        }
    }
    Ok(log)
}

impl ExpiryRecord {
    /// Writes and signs the record.
    pub fn sign(&self, owners: &[&SigningKey]) -> Vec<u8> {
        let mut out = Writer::default();
        out.map(7);
        out.unsigned(0).bytes(&self.vault.0);
        out.unsigned(1).unsigned(self.seq);
        out.unsigned(2).bytes(&self.previous.0);
        out.unsigned(3).signed(self.time.seconds());
        for (key, names) in [(4, &self.condemned), (5, &self.deleted), (6, &self.revived)] {
            out.unsigned(key).array(names.len());
            for name in names {
                out.text(&name.to_string());
            }
        }
        sign_object(EXPIRY, &out.finish(), owners)
    }

    /// Reads a record and verifies that one of the owners signed it.
    pub fn open(object: &[u8], owners: &[PublicKey]) -> Result<Self, FormatError> {
        let (body, signers) = open_signed(EXPIRY, object)?;
        if !signers.iter().any(|signer| owners.contains(signer)) {
            return Err(FormatError::Signature(WHAT));
        }
        let (mut vault, mut seq, mut previous, mut time) = (None, None, None, None);
        let mut names = [None, None, None];
        bytes::read_only_map(body, WHAT, |key, read| {
            match key {
                0 => vault = Some(VaultId(bytes::fixed(read, WHAT)?)),
                1 => seq = Some(bytes::unsigned(read, WHAT)?),
                2 => previous = Some(ObjectHash(bytes::fixed(read, WHAT)?)),
                3 => time = Some(Timestamp::from_seconds(bytes::signed(read, WHAT)?)),
                4..=6 => names[key as usize - 4] = Some(read_names(read)?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let missing = || FormatError::Malformed(WHAT);
        let [condemned, deleted, revived] = names;
        Ok(Self {
            vault: vault.ok_or_else(missing)?,
            seq: seq.ok_or_else(missing)?,
            previous: previous.ok_or_else(missing)?,
            time: time.ok_or_else(missing)?,
            condemned: condemned.ok_or_else(missing)?,
            deleted: deleted.ok_or_else(missing)?,
            revived: revived.ok_or_else(missing)?,
        })
    }
}

impl ExpiryLog {
    /// Tells whether owners let a manifest go: a record says that it was deleted, or it is condemned for so long that a
    /// run which deleted it may have died before it said so.
    pub fn explains(&self, manifest: &ObjectName, now: Timestamp) -> bool {
        self.deleted_manifests.contains(manifest) || self.is_due(manifest, now)
    }

    /// Tells whether a name is condemned since at least [`GRACE_SECONDS`].
    pub(super) fn is_due(&self, name: &ObjectName, now: Timestamp) -> bool {
        let since = self.condemned.get(name);
        since.is_some_and(|since| now.seconds().saturating_sub(since.seconds()) >= GRACE_SECONDS)
    }

    /// Takes the next record, and tells whether it follows the one before. If not, what came before is forgotten.
    fn follow(&mut self, record: ExpiryRecord, hash: ObjectHash) -> bool {
        let follows = record.seq == self.next_seq && record.previous == self.head;
        if !follows {
            self.condemned.clear();
        }
        // Never earlier than an earlier record: no clock that was set back makes a name older than it is.
        let time = self.latest.map_or(record.time, |latest| latest.max(record.time));
        for name in record.condemned {
            self.condemned.entry(name).or_insert(time);
        }
        for name in record.deleted.iter().chain(&record.revived) {
            self.condemned.remove(name);
        }
        self.deleted_manifests.extend(record.deleted.into_iter().filter(is_manifest));
        self.latest = Some(time);
        self.next_seq = record.seq.saturating_add(1);
        self.head = hash;
        follows
    }
}

fn read_record(vault: &Vault, name: ObjectName) -> Result<(ExpiryRecord, ObjectHash), RecordFault> {
    let object = vault.store().get(&name).map_err(|source| RecordFault::Unreadable { name, source })?;
    let unbelievable = |source| RecordFault::Unbelievable { name, source };
    let ObjectName::Expiry(seq, hash) = name else { return Err(unbelievable(FormatError::WrongContent(WHAT))) };
    if ObjectHash::of(&object) != hash {
        return Err(unbelievable(FormatError::WrongContent(WHAT)));
    }
    let record = ExpiryRecord::open(&object, &vault.log().owners_ever).map_err(unbelievable)?;
    if record.vault != vault.id() || record.seq != seq {
        return Err(unbelievable(FormatError::WrongContent(WHAT)));
    }
    Ok((record, hash))
}

fn read_names(read: &mut Decoder<'_>) -> Result<Vec<ObjectName>, FormatError> {
    (0..bytes::array(read, WHAT)?)
        .map(|_| {
            let name = ObjectName::parse(&bytes::text(read, WHAT)?).filter(may_expire);
            name.ok_or(FormatError::Malformed(WHAT))
        })
        .collect()
}

pub(super) fn is_manifest(name: &ObjectName) -> bool {
    matches!(name, ObjectName::Numbered(_, NumberedKind::Snapshot, ..))
}

/// What says whose the vault is never goes, whatever a record says.
fn may_expire(name: &ObjectName) -> bool {
    match name {
        ObjectName::Hashed(..) => true,
        ObjectName::Numbered(_, kind, ..) => matches!(kind, NumberedKind::Snapshot | NumberedKind::Lease),
        ObjectName::Vault | ObjectName::Owner(..) | ObjectName::Strand(_) | ObjectName::Expiry(..) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::StrandId;
    use crate::name::HashedKind;
    use crate::secret::SecretKey;

    fn record(condemned: Vec<ObjectName>) -> ExpiryRecord {
        ExpiryRecord {
            vault: VaultId([1; 16]),
            seq: 7,
            previous: ObjectHash([2; 32]),
            time: Timestamp::from_seconds(1_700_000_000),
            condemned,
            deleted: vec![ObjectName::Numbered(StrandId([3; 16]), NumberedKind::Snapshot, 4, ObjectHash([5; 32]))],
            revived: vec![ObjectName::Hashed(StrandId([3; 16]), HashedKind::List, ObjectHash([6; 32]))],
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let owner = SigningKey::new(SecretKey::new([9; 32]));
        let pack = ObjectName::Hashed(StrandId([3; 16]), HashedKind::Pack, ObjectHash([7; 32]));
        let object = record(vec![pack]).sign(&[&owner]);
        assert_eq!(ExpiryRecord::open(&object, &[owner.public()]), Ok(record(vec![pack])));
        assert_eq!(ExpiryRecord::open(&object, &[[0; 32]]), Err(FormatError::Signature(WHAT)));
        for at in 0..object.len() {
            let mut changed = object.clone();
            changed[at] ^= 1;
            assert!(ExpiryRecord::open(&changed, &[owner.public()]).is_err(), "byte {at}");
        }
    }

    #[test]
    fn what_says_whose_the_vault_is_cannot_be_condemned() {
        let owner = SigningKey::new(SecretKey::new([9; 32]));
        let (strand, hash) = (StrandId([3; 16]), ObjectHash([7; 32]));
        for name in [
            ObjectName::Vault,
            ObjectName::Owner(0, hash),
            ObjectName::Strand(strand),
            ObjectName::Numbered(strand, NumberedKind::Keys, 1, hash),
            ObjectName::Expiry(0, hash),
        ] {
            let object = record(vec![name]).sign(&[&owner]);
            assert_eq!(ExpiryRecord::open(&object, &[owner.public()]), Err(FormatError::Malformed(WHAT)), "{name}");
        }
    }
}
