//! The owner log: the signed, hash-chained acts of the owners.

mod error;
mod policy;
mod replay;

use minicbor::Decoder;

use crate::bytes::{self, FormatError, OWNER, PublicKey, SigningKey, Writer, open_signed, sign_object};
use crate::envelope::Recipient;
use crate::id::{ObjectHash, StrandId, VaultId};
use crate::world::Timestamp;

pub use error::{OwnerLogError, OwnerLogFault};
pub use policy::AlarmPolicy;
pub use replay::Founding;

const WHAT: &str = "owner log entry";

/// An entry is at most so long, in bytes: anybody may put some, and all are read.
pub const ENTRY_BYTES_MAX: u64 = 1 << 20;

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
        /// What of it counts.
        last: LastKept,
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
    /// A policy was set: an [`AlarmPolicy`], or what this program does not know.
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

/// Where a retired strand ended: what came later was signed with a key that nobody should have used.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct LastKept {
    /// All its snapshots with lower numbers count.
    pub seq: u64,
    /// Of this number and higher ones, the manifests with these hashes count.
    pub hashes: Vec<ObjectHash>,
}

/// The end of a strand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Retirement {
    /// Why, in words.
    pub reason: String,
    /// What of it counts.
    pub last: LastKept,
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
    /// Its end, if it was retired.
    pub retired: Option<Retirement>,
    /// When it was enrolled, by the desk's clock.
    pub enrolled: Timestamp,
}

/// What owners said to an alarm.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The alarm: the snapshot that raised it.
    pub alarm: Vec<u8>,
    /// What they said, in words.
    pub reason: String,
    /// When, by the desk's clock.
    pub time: Timestamp,
}

/// The state that the log leads to.
#[derive(Clone, Debug)]
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
    /// The answers to alarms, in their order.
    pub answers: Vec<Answer>,
    /// What they said of how easily alarms ring, in order.
    pub alarm_policies: Vec<AlarmPolicy>,
    /// The latest time that an entry tells, by the desk's clock.
    pub latest: Timestamp,
    /// Number of the next entry.
    pub next_seq: u64,
    /// Hash of the last entry.
    pub head: ObjectHash,
    /// Hashes of all entries, by number.
    pub entries: Vec<ObjectHash>,
    /// What lies in the log's folder and does not count: the first [`OwnerLog::FAULTS_MAX`].
    pub faults: Vec<OwnerLogFault>,
    /// How many more there are.
    pub faults_unnamed: u64,
    /// The last entry under all its hashes: anybody may sign what owners signed once more, and make another object of it.
    heads: Vec<ObjectHash>,
    /// The highest number of an entry that does not count and that owners may have signed.
    stray: Option<u64>,
}

impl LastKept {
    /// At most so many hashes are kept.
    pub const HASHES_MAX: usize = 64;

    /// Tells whether a snapshot counts.
    pub fn holds(&self, seq: u64, hash: &ObjectHash) -> bool {
        seq < self.seq || self.hashes.contains(hash)
    }
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
        Ok((Self::read(body)?, signers))
    }

    /// Reads the signed part.
    fn read(body: &[u8]) -> Result<Self, FormatError> {
        let (mut vault, mut seq, mut previous) = (None, None, None);
        let (mut time, mut expiry, mut act) = (None, None, None);
        bytes::read_only_map(body, WHAT, |key, read| {
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
        Ok(Self {
            vault: vault.ok_or_else(missing)?,
            seq: seq.ok_or_else(missing)?,
            previous: previous.ok_or_else(missing)?,
            time: time.ok_or_else(missing)?,
            expiry,
            act: act.ok_or_else(missing)?,
        })
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
        Act::Retired { strand, reason, last } => {
            out.array(5).unsigned(2).bytes(&strand.0).text(reason).unsigned(last.seq).array(last.hashes.len());
            for hash in &last.hashes {
                out.bytes(&hash.0);
            }
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
        2 => 5,
        3..=5 => 3,
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
        2 => Act::Retired {
            strand: StrandId(bytes::fixed(read, WHAT)?),
            reason: bytes::text(read, WHAT)?,
            last: read_last_kept(read)?,
        },
        3 => Act::Recipients { recipients: read_recipients(read)?, strands: read_resealed(read)? },
        4 => Act::Owners { owners: read_keys(read)?, signers_min: bytes::unsigned(read, WHAT)? },
        5 => Act::Answered { alarm: bytes::bytes(read, WHAT)?.to_vec(), reason: bytes::text(read, WHAT)? },
        6 => {
            let start = read.position();
            bytes::skip(read, WHAT)?;
            Act::Policy { map: read.input()[start..read.position()].to_vec() }
        }
        _ => {
            for _ in 1..items {
                bytes::skip(read, WHAT)?;
            }
            Act::Unknown { number }
        }
    })
}

fn read_last_kept(read: &mut Decoder<'_>) -> Result<LastKept, FormatError> {
    let seq = bytes::unsigned(read, WHAT)?;
    let count = bytes::array(read, WHAT)?;
    let hashes = (0..count).map(|_| Ok(ObjectHash(bytes::fixed(read, WHAT)?))).collect::<Result<_, FormatError>>()?;
    Ok(LastKept { seq, hashes })
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
