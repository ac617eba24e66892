//! A vault as a whole: made, opened, its owner log read, its strands enrolled.

use std::sync::Arc;

use thiserror::Error;

use crate::bytes::{self, FormatError, PublicKey, SigningKey, VAULT, Writer};
use crate::envelope::{EnvelopeError, Identity, Recipient};
use crate::id::{ObjectHash, StrandId, VaultId};
use crate::kit::RecoveryKit;
use crate::name::{Folder, HashedKind, NumberedKind, ObjectName};
use crate::owner_log::{Act, ENTRY_BYTES_MAX, Enrolment, Founding, LastKept, OwnerEntry, OwnerLog, OwnerLogError};
use crate::secret::SecretKey;
use crate::snapshots::{SnapshotFault, read_snapshots};
use crate::state::AgentKeys;
use crate::store::{Put, Store, StoreError};
use crate::strand::{Additions, KeysObject, SecretsError, StrandObject, StrandSecrets, strand_id};
use crate::world::{Entropy, Timestamp, random};

/// A vault that was opened: its store, and what its owners said.
#[derive(Clone)]
pub struct Vault {
    store: Arc<dyn Store>,
    founding: Founding,
    log: OwnerLog,
}

/// Why a vault could not be made, opened or changed.
#[derive(Debug, Error)]
pub enum VaultError {
    /// There is nothing that looks like a vault.
    #[error("there is no vault here")]
    Missing,
    /// Making the vault was interrupted.
    #[error("this vault is half made: its owner log never began")]
    HalfMade,
    /// The vault object cannot be read.
    #[error("the vault object cannot be read")]
    Object(#[source] FormatError),
    /// The vault object is not the one that the owners signed.
    #[error("the vault object is not the one that its owners signed")]
    Replaced,
    /// The owner log cannot be believed.
    #[error(transparent)]
    OwnerLog(#[from] OwnerLogError),
    /// The kit was made for another vault.
    #[error("the recovery kit is of vault {kit}, this is vault {vault}")]
    WrongKit {
        /// The vault of the kit.
        kit: VaultId,
        /// This vault.
        vault: VaultId,
    },
    /// The kit's signing key did not sign the founding: another vault lies in the place of the kit's, or the kit is a
    /// later owner's.
    #[error("the owner's key of the identity file did not found this vault")]
    OtherFounder,
    /// An act needs an owner's signing key.
    #[error("this needs an owner's key, and the identity file holds none")]
    NoOwnerKey,
    /// The kit's signing key is not an owner's.
    #[error("the signing key of the identity file is not an owner's of this vault")]
    NotAnOwner,
    /// More owners must sign than one.
    #[error("{signers_min} owners must sign; one key is not enough")]
    MoreOwners {
        /// How many.
        signers_min: u64,
    },
    /// The strand is not in the owner log.
    #[error("strand {strand} is not enrolled in this vault")]
    UnknownStrand {
        /// The strand.
        strand: StrandId,
    },
    /// Someone else changed the owner log at the same time.
    #[error("the owner log was changed by someone else at the same time; try again")]
    Raced,
    /// A recipient is there already, is not there, or is the last.
    #[error("{0}")]
    Recipients(&'static str),
    /// A strand's object is not the one that the owner log signs, or is not well formed.
    #[error("the object {name} is not the one that the owners signed")]
    StrandReplaced {
        /// Its name.
        name: ObjectName,
    },
    /// A newer program wrote a strand's object, and the owners signed it.
    #[error("{name} cannot be read")]
    StrandNewer {
        /// Its name.
        name: ObjectName,
        /// Which kind of object it is.
        #[source]
        source: FormatError,
    },
    /// A strand's secrets do not open.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// A secret cannot be sealed.
    #[error("the strand's secrets cannot be sealed to the recipients")]
    Seal(#[from] EnvelopeError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Vault {
    /// Makes a vault in an empty store, with a recovery kit of its own. Further recipients may be named.
    pub fn found(
        store: Arc<dyn Store>,
        further: &[Recipient],
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Result<(Self, RecoveryKit), VaultError> {
        let owner = SigningKey::new(SecretKey::random(entropy));
        let identity = Identity::generate();
        let vault = VaultId(random(entropy));
        let mut recipients = vec![identity.recipient().expect("a new X25519 identity knows its recipient")];
        recipients.extend(further.iter().filter(|r| !recipients.contains(r)).cloned().collect::<Vec<_>>());
        let object = write_vault_object(&vault, &owner.public(), &recipients);
        if store.put(&ObjectName::Vault, &object)? == Put::Present {
            return Err(VaultError::Raced);
        }
        store.commit()?;
        let act =
            Act::Founded { vault: ObjectHash::of(&object), owners: vec![owner.public()], signers_min: 1, recipients };
        let entry = OwnerEntry { vault, seq: 0, previous: ObjectHash([0; 32]), time: now, expiry: None, act };
        let signed = entry.sign(&[&owner]);
        store.put(&ObjectName::Owner(0, ObjectHash::of(&signed)), &signed)?;
        store.commit()?;
        let founding = read_vault_object(&object).map_err(VaultError::Object)?;
        let log = read_owner_log(store.as_ref(), &founding)?;
        let kit = RecoveryKit { vault: Some(vault), owner: Some(owner), identities: vec![identity] };
        Ok((Self { store, founding, log }, kit))
    }

    /// Opens a vault and replays its owner log. What does not count there is named in [`OwnerLog::faults`].
    pub fn open(store: Arc<dyn Store>) -> Result<Self, VaultError> {
        let object = match store.get(&ObjectName::Vault) {
            Err(StoreError::NotFound { .. }) => return Err(VaultError::Missing),
            other => other?,
        };
        let founding = read_vault_object(&object).map_err(VaultError::Object)?;
        let log = match read_owner_log(store.as_ref(), &founding) {
            Err(VaultError::OwnerLog(OwnerLogError::Missing)) => return Err(VaultError::HalfMade),
            Err(VaultError::OwnerLog(OwnerLogError::Unfounded)) => return Err(VaultError::Replaced),
            other => other?,
        };
        Ok(Self { store, founding, log })
    }

    /// The vault's identity.
    pub fn id(&self) -> VaultId {
        self.log.vault
    }

    /// All folders that objects of this vault may be in.
    pub fn folders(&self) -> Vec<Folder> {
        let of_strands = self.log.strands.iter().flat_map(|enrolment| {
            let hashed = HashedKind::ALL.map(|kind| Folder::Hashed(enrolment.strand, kind));
            let numbered = NumberedKind::ALL.map(|kind| Folder::Numbered(enrolment.strand, kind));
            hashed.into_iter().chain(numbered)
        });
        [Folder::Owner, Folder::Strands, Folder::Expiry].into_iter().chain(of_strands).collect()
    }

    /// What the owners said.
    pub fn log(&self) -> &OwnerLog {
        &self.log
    }

    /// Where the objects are.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Verifies that a kit belongs to this vault, as far as it says: that its owner founded it.
    pub fn accept(&self, kit: &RecoveryKit) -> Result<(), VaultError> {
        self.accept_id(kit)?;
        match &kit.owner {
            Some(owner) if !self.log.founders.contains(&owner.public()) => Err(VaultError::OtherFounder),
            _ => Ok(()),
        }
    }

    /// Enrols a machine: makes its keys, seals them to the recipients, and signs its strand into the owner log.
    pub fn enrol(
        &mut self,
        kit: &RecoveryKit,
        label: &str,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Result<AgentKeys, VaultError> {
        self.owner(kit)?;
        let signing = SigningKey::new(SecretKey::random(entropy));
        let strand = strand_id(&self.id(), &signing.public());
        let identity = Identity::generate();
        let recipient = identity.recipient().expect("a new X25519 identity knows its recipient");
        let secrets = StrandSecrets {
            strand,
            id_key: SecretKey::random(entropy),
            chunk_seed: SecretKey::random(entropy),
            index_key: SecretKey::random(entropy),
            identities: vec![identity],
            label: label.to_string(),
            additions: Additions::default(),
        };
        let sealed = secrets.seal(&self.log.recipients)?;
        let agent = signing.public();
        let object = StrandObject { strand, vault: self.id(), agent, recipient, sealed }.to_bytes();
        self.store.put(&ObjectName::Strand(strand), &object)?;
        self.act(kit, now, Act::Enrolled { strand, agent, object: ObjectHash::of(&object) })?;
        Ok(AgentKeys {
            vault: self.id(),
            strand,
            signing_seed: signing.seed().clone(),
            id_key: secrets.id_key.clone(),
            chunk_seed: secrets.chunk_seed.clone(),
            index_key: secrets.index_key.clone(),
            founder: self.log.founders[0],
            label: label.to_string(),
        })
    }

    /// Closes a strand: what it kept stays, nothing more is accepted.
    pub fn retire(
        &mut self,
        kit: &RecoveryKit,
        strand: StrandId,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        self.enrolment(&strand)?;
        let last = self.last_kept(strand)?;
        self.act(kit, now, Act::Retired { strand, reason: reason.to_string(), last })
    }

    /// Finds where a strand ends. A manifest that cannot be read, or was changed, may be whole in another copy of the
    /// vault: it counts by its hash. So does one that the agent signed with a newer program.
    fn last_kept(&self, strand: StrandId) -> Result<LastKept, VaultError> {
        let mut doubtful = Vec::new();
        let snapshots = read_snapshots(self, strand, &mut |fault| match fault {
            SnapshotFault::Unreadable { name, .. }
            | SnapshotFault::Changed { name }
            | SnapshotFault::Unbelievable { name, source: FormatError::Newer(_) } => doubtful.push(name),
            _ => {}
        })?;
        let seq = snapshots.last().map_or(0, |last| last.manifest.seq);
        let newest = snapshots.iter().filter(|snapshot| snapshot.manifest.seq == seq).map(|snapshot| snapshot.hash);
        let doubtful = doubtful.iter().filter_map(|name| match name {
            ObjectName::Numbered(_, _, number, hash) if *number >= seq => Some(*hash),
            _ => None,
        });
        Ok(LastKept { seq, hashes: newest.chain(doubtful).take(LastKept::HASHES_MAX).collect() })
    }

    /// Adds a recipient: every strand's secrets are sealed again, to it too.
    pub fn add_recipient(&mut self, kit: &RecoveryKit, recipient: Recipient, now: Timestamp) -> Result<(), VaultError> {
        if self.log.recipients.contains(&recipient) {
            return Err(VaultError::Recipients("this recipient is there already"));
        }
        let recipients = [self.log.recipients.clone(), vec![recipient]].concat();
        self.reseal(kit, recipients, false, now)
    }

    /// Removes a recipient: what is kept from now on is sealed to new strand identities that it does not get.
    ///
    /// What was kept before stays readable to it.
    pub fn remove_recipient(
        &mut self,
        kit: &RecoveryKit,
        recipient: &Recipient,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        let recipients: Vec<_> = self.log.recipients.iter().filter(|r| *r != recipient).cloned().collect();
        if recipients.len() == self.log.recipients.len() {
            return Err(VaultError::Recipients("this recipient is not among the vault's"));
        }
        if recipients.is_empty() {
            return Err(VaultError::Recipients("this is the last recipient; add another first"));
        }
        self.reseal(kit, recipients, true, now)
    }

    /// Opens a strand's secrets, with a kit that this vault [accepts](Self::accept).
    ///
    /// If its newest `keys` object is lost, the `strand` object serves: it opens all that was kept before a recipient
    /// was removed.
    pub fn secrets(&self, kit: &RecoveryKit, strand: &StrandId) -> Result<StrandSecrets, VaultError> {
        self.accept(kit)?;
        self.open_secrets(kit, strand)
    }

    fn open_secrets(&self, kit: &RecoveryKit, strand: &StrandId) -> Result<StrandSecrets, VaultError> {
        let enrolment = self.enrolment(strand)?;
        let first = || Ok(StrandSecrets::open(kit, *strand, &self.strand_object(enrolment)?.sealed)?);
        let Some((hash, _)) = &enrolment.keys else { return first() };
        let name = ObjectName::Numbered(*strand, NumberedKind::Keys, enrolment.keys_count, *hash);
        let keys = self
            .signed_object(&name, hash)
            .and_then(|object| KeysObject::from_bytes(&object).map_err(|source| unlike_signed(name, source)));
        match keys {
            Ok(keys) => Ok(StrandSecrets::open(kit, *strand, &keys.sealed)?),
            // Older secrets would open less than is there, and not say why.
            Err(newer @ VaultError::StrandNewer { .. }) => Err(newer),
            Err(lost) => first().map_err(|_| lost),
        }
    }

    /// Returns to whom a strand's session keys are sealed now.
    pub fn strand_recipient(&self, strand: &StrandId) -> Result<Recipient, VaultError> {
        let enrolment = self.enrolment(strand)?;
        match &enrolment.keys {
            Some((_, recipient)) => Ok(recipient.clone()),
            None => Ok(self.strand_object(enrolment)?.recipient),
        }
    }

    /// Returns a strand's enrolment.
    pub fn enrolment(&self, strand: &StrandId) -> Result<&Enrolment, VaultError> {
        self.log.strand(strand).ok_or(VaultError::UnknownStrand { strand: *strand })
    }

    /// Signs an act into the owner log.
    ///
    /// Refused where owners' entries come after one that is missing: another in its place would make a fork of it.
    pub fn act(&mut self, kit: &RecoveryKit, now: Timestamp, act: Act) -> Result<(), VaultError> {
        let owner = self.owner(kit)?;
        let log = read_owner_log(self.store.as_ref(), &self.founding)?;
        if log.head != self.log.head {
            return Err(VaultError::Raced);
        }
        if log.is_cut() {
            return Err(OwnerLogError::Broken { seq: log.next_seq }.into());
        }
        // An act that makes no sense would close the vault for good: it is tried before it is written.
        log.try_next(act.clone(), now)?;
        let signed = log.next(now, act).sign(&[owner]);
        let seq = log.next_seq;
        if signed.len() as u64 > ENTRY_BYTES_MAX {
            return Err(OwnerLogError::Absurd { seq, why: "it is longer than an entry may be" }.into());
        }
        let hash = ObjectHash::of(&signed);
        // What the entry signs is durable before it: nothing else holds the identities in a keys object.
        self.store.commit()?;
        self.store.put(&ObjectName::Owner(seq, hash), &signed)?;
        self.store.commit()?;
        let log = read_owner_log(self.store.as_ref(), &self.founding)?;
        if log.entries.get(seq as usize) != Some(&hash) {
            return Err(VaultError::Raced);
        }
        self.log = log;
        Ok(())
    }

    /// Returns the owner's key of a kit, if it may sign alone.
    pub fn owner<'k>(&self, kit: &'k RecoveryKit) -> Result<&'k SigningKey, VaultError> {
        self.accept_id(kit)?;
        let owner = kit.owner.as_ref().ok_or(VaultError::NoOwnerKey)?;
        if !self.log.owners.contains(&owner.public()) {
            return Err(VaultError::NotAnOwner);
        }
        match self.log.signers_min {
            1 => Ok(owner),
            signers_min => Err(VaultError::MoreOwners { signers_min }),
        }
    }

    fn accept_id(&self, kit: &RecoveryKit) -> Result<(), VaultError> {
        match kit.vault {
            Some(vault) if vault != self.id() => Err(VaultError::WrongKit { kit: vault, vault: self.id() }),
            _ => Ok(()),
        }
    }

    fn reseal(
        &mut self,
        kit: &RecoveryKit,
        recipients: Vec<Recipient>,
        fresh: bool,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        self.owner(kit)?;
        let mut strands = Vec::new();
        for enrolment in &self.log.strands {
            let strand = enrolment.strand;
            let mut secrets = self.open_secrets(kit, &strand)?;
            if fresh {
                secrets.identities.push(Identity::generate());
            }
            let newest = secrets.identities.last().and_then(Identity::recipient);
            let recipient = newest.ok_or(EnvelopeError::Identity)?;
            let (seq, sealed) = (enrolment.keys_count + 1, secrets.seal(&recipients)?);
            let keys = KeysObject { strand, vault: self.id(), seq, recipient: recipient.clone(), sealed };
            let object = keys.to_bytes();
            let hash = ObjectHash::of(&object);
            self.store.put(&ObjectName::Numbered(strand, NumberedKind::Keys, seq, hash), &object)?;
            strands.push((strand, hash, recipient));
        }
        self.act(kit, now, Act::Recipients { recipients, strands })
    }

    fn strand_object(&self, enrolment: &Enrolment) -> Result<StrandObject, VaultError> {
        let name = ObjectName::Strand(enrolment.strand);
        let object = StrandObject::from_bytes(&self.signed_object(&name, &enrolment.object)?);
        object.map_err(|source| unlike_signed(name, source))
    }

    fn signed_object(&self, name: &ObjectName, hash: &ObjectHash) -> Result<Vec<u8>, VaultError> {
        let object = self.store.get(name)?;
        if ObjectHash::of(&object) == *hash { Ok(object) } else { Err(VaultError::StrandReplaced { name: *name }) }
    }
}

/// Says what is wrong with an object of a strand whose hash the owners signed.
fn unlike_signed(name: ObjectName, source: FormatError) -> VaultError {
    match source {
        FormatError::Newer(_) => VaultError::StrandNewer { name, source },
        _ => VaultError::StrandReplaced { name },
    }
}

/// Replays the owner log of a store, one entry at a time.
pub(crate) fn read_owner_log(store: &dyn Store, founding: &Founding) -> Result<OwnerLog, VaultError> {
    let mut names = Vec::new();
    store.list(&Folder::Owner, &mut |name, length_bytes| names.push((name, length_bytes)))?;
    names.sort();
    let entries = names.into_iter().map(|(name, length_bytes)| match length_bytes {
        ..=ENTRY_BYTES_MAX => (name, store.get(&name)),
        _ => (name, Err(StoreError::TooLong { name, length_bytes })),
    });
    Ok(OwnerLog::replay(founding, entries)?)
}

fn write_vault_object(vault: &VaultId, owner: &PublicKey, recipients: &[Recipient]) -> Vec<u8> {
    let mut out = Writer::default();
    out.map(3).unsigned(0).bytes(&vault.0).unsigned(1).bytes(owner).unsigned(2).array(recipients.len());
    for recipient in recipients {
        out.text(recipient.as_str());
    }
    [VAULT.begin(), out.finish()].concat()
}

/// Reads what the `vault` object says of the founding.
pub(crate) fn read_vault_object(object: &[u8]) -> Result<Founding, FormatError> {
    let what = VAULT.what;
    let (mut vault, mut founder) = (None, None);
    bytes::read_only_map(VAULT.strip(object)?, what, |key, read| {
        match key {
            0 => vault = Some(VaultId(bytes::fixed(read, what)?)),
            1 => founder = Some(bytes::fixed(read, what)?),
            // The founding's recipients are in the owner log too, which is what counts.
            2 => bytes::skip(read, what)?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let missing = || FormatError::Malformed(what);
    Ok(Founding {
        vault: vault.ok_or_else(missing)?,
        object: ObjectHash::of(object),
        founder: founder.ok_or_else(missing)?,
    })
}
