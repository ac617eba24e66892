//! The owner log: the signed, hash-chained acts of the owners.

use minicbor::Decoder;
use thiserror::Error;

use crate::bytes::{self, FormatError, OWNER, PublicKey, SigningKey, Writer, open_signed, sign_object};
use crate::envelope::Recipient;
use crate::id::{ObjectHash, StrandId, VaultId};
use crate::world::Timestamp;

const WHAT: &str = "owner log entry";

/// An act of the owners.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    /// The vault was made.
    Founded {
        /// Hash of the `vault` object.
        vault: ObjectHash,
        /// The owners' public keys.
        owners: Vec<PublicKey>,
        /// How many of them must sign an act.
        signers_min: u64,
        /// To whom strands' secrets are sealed.
        recipients: Vec<Recipient>,
    },
    /// A machine may add.
    Enrolled {
        /// Its strand.
        strand: StrandId,
        /// What verifies its signatures.
        agent: PublicKey,
        /// Hash of its `strand` object.
        object: ObjectHash,
    },
    /// A machine may add no more.
    Retired {
        /// Its strand.
        strand: StrandId,
        /// Why, in words.
        reason: String,
    },
    /// The recipients changed, and every strand's secrets were sealed again.
    Recipients {
        /// All recipients from now on.
        recipients: Vec<Recipient>,
        /// Each strand's new `keys` object and recipient.
        strands: Vec<(StrandId, ObjectHash, Recipient)>,
    },
    /// The owners changed.
    Owners {
        /// The owners' public keys from now on.
        owners: Vec<PublicKey>,
        /// How many of them must sign an act.
        signers_min: u64,
    },
    /// An alarm was answered.
    Answered {
        /// The alarm.
        alarm: Vec<u8>,
        /// Why, in words.
        reason: String,
    },
    /// A policy was set; opaque here.
    Policy {
        /// A CBOR map.
        map: Vec<u8>,
    },
    /// An act of a later program that may be ignored.
    Unknown {
        /// Its number, 64 or more.
        number: u64,
    },
}

/// One entry of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnerEntry {
    /// The vault.
    pub vault: VaultId,
    /// Its number, from 0.
    pub seq: u64,
    /// Hash of the entry before.
    pub previous: ObjectHash,
    /// When it was signed, by the desk's clock.
    pub time: Timestamp,
    /// When the act ends, if it does.
    pub expiry: Option<Timestamp>,
    /// What was done.
    pub act: Act,
}

/// A strand, as the owner log tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Enrolment {
    /// The strand.
    pub strand: StrandId,
    /// What verifies its signatures.
    pub agent: PublicKey,
    /// Hash of its `strand` object.
    pub object: ObjectHash,
    /// Its newest `keys` object and the recipient in it, if recipients ever changed since.
    pub keys: Option<(ObjectHash, Recipient)>,
    /// How many `keys` objects it has.
    pub keys_count: u64,
    /// Why it was retired, if it was.
    pub retired: Option<String>,
    /// When it was enrolled, by the desk's clock.
    pub enrolled: Timestamp,
}

/// The state that the log leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnerLog {
    /// The vault.
    pub vault: VaultId,
    /// Hash of the `vault` object.
    pub vault_object: ObjectHash,
    /// The owners who signed the founding: what agents and kits pin. Whoever is only named in it proves nothing.
    pub founders: Vec<PublicKey>,
    /// The owners now.
    pub owners: Vec<PublicKey>,
    /// Everybody who is or was an owner.
    pub owners_ever: Vec<PublicKey>,
    /// How many of them must sign.
    pub signers_min: u64,
    /// To whom strands' secrets are sealed.
    pub recipients: Vec<Recipient>,
    /// Every strand ever enrolled.
    pub strands: Vec<Enrolment>,
    /// The latest time that an entry tells, by the desk's clock.
    pub latest: Timestamp,
    /// Number of the next entry.
    pub next_seq: u64,
    /// Hash of the last entry.
    pub head: ObjectHash,
}

/// Why the owner log cannot be believed.
#[derive(Debug, Error)]
pub enum OwnerLogError {
    /// There is no log.
    #[error("the owner log is missing")]
    Missing,
    /// An entry is not well formed.
    #[error("entry {seq} of the owner log cannot be read")]
    Format {
        /// Its number.
        seq: u64,
        /// Why.
        #[source]
        source: FormatError,
    },
    /// An entry does not follow the one before.
    #[error("entry {seq} of the owner log does not follow the one before")]
    Broken {
        /// Its number.
        seq: u64,
    },
    /// Two entries have one number.
    #[error("the owner log forks at entry {seq}: two entries claim this place")]
    Fork {
        /// The number.
        seq: u64,
    },
    /// Too few owners signed.
    #[error("entry {seq} of the owner log is not signed by the owners")]
    Unsigned {
        /// Its number.
        seq: u64,
    },
    /// An entry says something impossible.
    #[error("entry {seq} of the owner log makes no sense: {why}")]
    Absurd {
        /// Its number.
        seq: u64,
        /// Why.
        why: &'static str,
    },
}

impl OwnerEntry {
    /// Writes and signs the entry.
    pub fn sign(&self, owners: &[&SigningKey]) -> Vec<u8> {
        let mut out = Writer::default();
        out.map(6);
        out.unsigned(0).bytes(&self.vault.0);
        out.unsigned(1).unsigned(self.seq);
        out.unsigned(2).bytes(&self.previous.0);
        out.unsigned(3).signed(self.time.seconds());
        out.unsigned(4);
        match self.expiry {
            Some(time) => out.signed(time.seconds()),
            None => out.null(),
        };
        out.unsigned(5);
        write_act(&self.act, &mut out);
        sign_object(OWNER, &out.finish(), owners)
    }

    /// Reads an entry and the keys that signed it.
    pub fn open(object: &[u8]) -> Result<(Self, Vec<PublicKey>), FormatError> {
        let (body, signers) = open_signed(OWNER, object)?;
        let (mut vault, mut seq, mut previous) = (None, None, None);
        let (mut time, mut expiry, mut act) = (None, None, None);
        bytes::read_map(&mut Decoder::new(body), WHAT, |key, read| {
            match key {
                0 => vault = Some(VaultId(bytes::fixed(read, WHAT)?)),
                1 => seq = Some(bytes::unsigned(read, WHAT)?),
                2 => previous = Some(ObjectHash(bytes::fixed(read, WHAT)?)),
                3 => time = Some(Timestamp::from_seconds(bytes::signed(read, WHAT)?)),
                4 => {
                    expiry =
                        bytes::optional(read, WHAT, |read| Ok(Timestamp::from_seconds(bytes::signed(read, WHAT)?)))?;
                }
                5 => act = Some(read_act(read)?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let missing = || FormatError::Malformed(WHAT);
        let entry = Self {
            vault: vault.ok_or_else(missing)?,
            seq: seq.ok_or_else(missing)?,
            previous: previous.ok_or_else(missing)?,
            time: time.ok_or_else(missing)?,
            expiry,
            act: act.ok_or_else(missing)?,
        };
        Ok((entry, signers))
    }
}

impl OwnerLog {
    /// Replays entries, which must be sorted by number; `objects` gives each number with the object's bytes.
    pub fn replay(objects: impl IntoIterator<Item = (u64, Vec<u8>)>) -> Result<Self, OwnerLogError> {
        let mut log: Option<Self> = None;
        for (seq, object) in objects {
            let (entry, signers) = OwnerEntry::open(&object).map_err(|source| OwnerLogError::Format { seq, source })?;
            if entry.seq != seq {
                return Err(OwnerLogError::Broken { seq });
            }
            let hash = ObjectHash::of(&object);
            match &mut log {
                None => log = Some(Self::found(entry, &signers, hash)?),
                Some(log) => log.follow(entry, &signers, hash)?,
            }
        }
        log.ok_or(OwnerLogError::Missing)
    }

    /// Makes the entry that would come next.
    pub fn next(&self, time: Timestamp, act: Act) -> OwnerEntry {
        OwnerEntry { vault: self.vault, seq: self.next_seq, previous: self.head, time, expiry: None, act }
    }

    /// Returns a strand's enrolment.
    pub fn strand(&self, strand: &StrandId) -> Option<&Enrolment> {
        self.strands.iter().find(|enrolment| enrolment.strand == *strand)
    }

    fn found(entry: OwnerEntry, signers: &[PublicKey], hash: ObjectHash) -> Result<Self, OwnerLogError> {
        let seq = entry.seq;
        if seq != 0 || entry.previous != ObjectHash([0; 32]) {
            return Err(OwnerLogError::Broken { seq });
        }
        let Act::Founded { vault, owners, signers_min, recipients } = entry.act else {
            return Err(OwnerLogError::Absurd { seq, why: "it does not begin with the founding" });
        };
        let log = Self {
            vault: entry.vault,
            vault_object: vault,
            founders: owners.iter().filter(|owner| signers.contains(owner)).copied().collect(),
            owners_ever: owners.clone(),
            owners,
            signers_min,
            recipients,
            strands: Vec::new(),
            latest: entry.time,
            next_seq: 1,
            head: hash,
        };
        log.require(signers, seq)?;
        Ok(log)
    }

    fn follow(&mut self, entry: OwnerEntry, signers: &[PublicKey], hash: ObjectHash) -> Result<(), OwnerLogError> {
        let seq = entry.seq;
        if seq < self.next_seq {
            return Err(OwnerLogError::Fork { seq });
        }
        if seq != self.next_seq || entry.previous != self.head || entry.vault != self.vault {
            return Err(OwnerLogError::Broken { seq });
        }
        self.require(signers, seq)?;
        self.apply(entry.act, entry.time, seq)?;
        self.latest = self.latest.max(entry.time);
        self.next_seq += 1;
        self.head = hash;
        Ok(())
    }

    fn require(&self, signers: &[PublicKey], seq: u64) -> Result<(), OwnerLogError> {
        // `signers` holds each key once: an owner who is named twice still counts once.
        let count = signers.iter().filter(|signer| self.owners.contains(signer)).count() as u64;
        let sane = self.signers_min >= 1 && self.signers_min <= self.owners.len() as u64;
        if sane && count >= self.signers_min { Ok(()) } else { Err(OwnerLogError::Unsigned { seq }) }
    }

    fn apply(&mut self, act: Act, time: Timestamp, seq: u64) -> Result<(), OwnerLogError> {
        let absurd = |why| Err(OwnerLogError::Absurd { seq, why });
        match act {
            Act::Founded { .. } => return absurd("a vault is founded once"),
            Act::Enrolled { strand, agent, object } => {
                if self.strand(&strand).is_some() {
                    return absurd("the strand is enrolled already");
                }
                let (keys, keys_count, retired) = (None, 0, None);
                self.strands.push(Enrolment { strand, agent, object, keys, keys_count, retired, enrolled: time });
            }
            Act::Retired { strand, reason } => match self.find(&strand) {
                Some(enrolment) => enrolment.retired = Some(reason),
                None => return absurd("the strand is unknown"),
            },
            Act::Recipients { recipients, strands } => {
                if recipients.is_empty() {
                    return absurd("no recipient is left");
                }
                self.recipients = recipients;
                for (strand, object, recipient) in strands {
                    match self.find(&strand) {
                        Some(enrolment) => {
                            enrolment.keys = Some((object, recipient));
                            enrolment.keys_count += 1;
                        }
                        None => return absurd("the strand is unknown"),
                    }
                }
            }
            Act::Owners { owners, signers_min } => {
                if signers_min == 0 || signers_min > owners.len() as u64 {
                    return absurd("more owners must sign than there are");
                }
                if (1..owners.len()).any(|n| owners[..n].contains(&owners[n])) {
                    return absurd("an owner is named twice");
                }
                let new = owners.iter().filter(|owner| !self.owners_ever.contains(owner)).copied().collect::<Vec<_>>();
                self.owners_ever.extend(new);
                self.owners = owners;
                self.signers_min = signers_min;
            }
            Act::Answered { .. } | Act::Policy { .. } | Act::Unknown { .. } => {}
        }
        Ok(())
    }

    fn find(&mut self, strand: &StrandId) -> Option<&mut Enrolment> {
        self.strands.iter_mut().find(|enrolment| enrolment.strand == *strand)
    }
}

fn write_act(act: &Act, out: &mut Writer) {
    match act {
        Act::Founded { vault, owners, signers_min, recipients } => {
            out.array(5).unsigned(0).bytes(&vault.0);
            write_keys(owners, out);
            out.unsigned(*signers_min);
            write_recipients(recipients, out);
        }
        Act::Enrolled { strand, agent, object } => {
            out.array(4).unsigned(1).bytes(&strand.0).bytes(agent).bytes(&object.0);
        }
        Act::Retired { strand, reason } => {
            out.array(3).unsigned(2).bytes(&strand.0).text(reason);
        }
        Act::Recipients { recipients, strands } => {
            out.array(3).unsigned(3);
            write_recipients(recipients, out);
            out.array(strands.len());
            for (strand, object, recipient) in strands {
                out.array(3).bytes(&strand.0).bytes(&object.0).text(recipient.as_str());
            }
        }
        Act::Owners { owners, signers_min } => {
            out.array(3).unsigned(4);
            write_keys(owners, out);
            out.unsigned(*signers_min);
        }
        Act::Answered { alarm, reason } => {
            out.array(3).unsigned(5).bytes(alarm).text(reason);
        }
        Act::Policy { map } => {
            out.array(2).unsigned(6).raw(map);
        }
        Act::Unknown { number } => {
            out.array(1).unsigned(*number);
        }
    }
}

fn write_keys(keys: &[PublicKey], out: &mut Writer) {
    out.array(keys.len());
    for key in keys {
        out.bytes(key);
    }
}

fn write_recipients(recipients: &[Recipient], out: &mut Writer) {
    out.array(recipients.len());
    for recipient in recipients {
        out.text(recipient.as_str());
    }
}

fn read_act(read: &mut Decoder<'_>) -> Result<Act, FormatError> {
    let items = bytes::array(read, WHAT)?;
    let number = bytes::unsigned(read, WHAT)?;
    let expected = match number {
        0 => 5,
        1 => 4,
        2..=5 => 3,
        6 => 2,
        7..64 => return Err(FormatError::Newer(WHAT)),
        _ => items,
    };
    if items != expected {
        return Err(FormatError::Malformed(WHAT));
    }
    Ok(match number {
        0 => Act::Founded {
            vault: ObjectHash(bytes::fixed(read, WHAT)?),
            owners: read_keys(read)?,
            signers_min: bytes::unsigned(read, WHAT)?,
            recipients: read_recipients(read)?,
        },
        1 => Act::Enrolled {
            strand: StrandId(bytes::fixed(read, WHAT)?),
            agent: bytes::fixed(read, WHAT)?,
            object: ObjectHash(bytes::fixed(read, WHAT)?),
        },
        2 => Act::Retired { strand: StrandId(bytes::fixed(read, WHAT)?), reason: bytes::text(read, WHAT)? },
        3 => Act::Recipients { recipients: read_recipients(read)?, strands: read_resealed(read)? },
        4 => Act::Owners { owners: read_keys(read)?, signers_min: bytes::unsigned(read, WHAT)? },
        5 => Act::Answered { alarm: bytes::bytes(read, WHAT)?.to_vec(), reason: bytes::text(read, WHAT)? },
        6 => {
            let start = read.position();
            read.skip().map_err(|_| FormatError::Malformed(WHAT))?;
            Act::Policy { map: read.input()[start..read.position()].to_vec() }
        }
        _ => {
            for _ in 1..items {
                read.skip().map_err(|_| FormatError::Malformed(WHAT))?;
            }
            Act::Unknown { number }
        }
    })
}

fn read_keys(read: &mut Decoder<'_>) -> Result<Vec<PublicKey>, FormatError> {
    (0..bytes::array(read, WHAT)?).map(|_| bytes::fixed(read, WHAT)).collect()
}

fn read_recipients(read: &mut Decoder<'_>) -> Result<Vec<Recipient>, FormatError> {
    (0..bytes::array(read, WHAT)?).map(|_| read_recipient(read)).collect()
}

fn read_recipient(read: &mut Decoder<'_>) -> Result<Recipient, FormatError> {
    Recipient::parse(&bytes::text(read, WHAT)?).map_err(|_| FormatError::Malformed(WHAT))
}

fn read_resealed(read: &mut Decoder<'_>) -> Result<Vec<(StrandId, ObjectHash, Recipient)>, FormatError> {
    (0..bytes::array(read, WHAT)?)
        .map(|_| {
            if bytes::array(read, WHAT)? != 3 {
                return Err(FormatError::Malformed(WHAT));
            }
            let strand = StrandId(bytes::fixed(read, WHAT)?);
            let object = ObjectHash(bytes::fixed(read, WHAT)?);
            Ok((strand, object, read_recipient(read)?))
        })
        .collect()
}
