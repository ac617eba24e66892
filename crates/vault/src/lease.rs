//! Leases: what a running backup may reuse, until when (`docs/format.md` §9).

use crate::bytes::{self, FormatError, LEASE, PublicKey, SigningKey, Writer, open_signed, sign_object};
use crate::id::{StrandId, VaultId};
use crate::world::Timestamp;

const WHAT: &str = LEASE.what;

/// How long a backup asks to be waited for, in seconds.
pub const LEASE_SECONDS: i64 = 2 * 24 * 3600;

/// An agent's word that it is preparing a snapshot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lease {
    /// The vault.
    pub vault: VaultId,
    /// The strand.
    pub strand: StrandId,
    /// Number of the snapshot that it prepares.
    pub seq: u64,
    /// Since when, by the agent's clock.
    pub from: Timestamp,
    /// Until when, by the agent's clock.
    pub until: Timestamp,
}

impl Lease {
    /// Writes and signs the lease.
    pub fn sign(&self, agent: &SigningKey) -> Vec<u8> {
        let mut out = Writer::default();
        out.map(5);
        out.unsigned(0).bytes(&self.vault.0);
        out.unsigned(1).bytes(&self.strand.0);
        out.unsigned(2).unsigned(self.seq);
        out.unsigned(3).signed(self.from.seconds());
        out.unsigned(4).signed(self.until.seconds());
        sign_object(LEASE, &out.finish(), &[agent])
    }

    /// Reads a lease and verifies that the agent signed it.
    pub fn open(object: &[u8], agent: &PublicKey) -> Result<Self, FormatError> {
        let (body, signers) = open_signed(LEASE, object)?;
        if !signers.contains(agent) {
            return Err(FormatError::Signature(WHAT));
        }
        let (mut vault, mut strand, mut seq) = (None, None, None);
        let (mut from, mut until) = (None, None);
        bytes::read_only_map(body, WHAT, |key, read| {
            match key {
                0 => vault = Some(VaultId(bytes::fixed(read, WHAT)?)),
                1 => strand = Some(StrandId(bytes::fixed(read, WHAT)?)),
                2 => seq = Some(bytes::unsigned(read, WHAT)?),
                3 => from = Some(Timestamp::from_seconds(bytes::signed(read, WHAT)?)),
                4 => until = Some(Timestamp::from_seconds(bytes::signed(read, WHAT)?)),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let missing = || FormatError::Malformed(WHAT);
        Ok(Self {
            vault: vault.ok_or_else(missing)?,
            strand: strand.ok_or_else(missing)?,
            seq: seq.ok_or_else(missing)?,
            from: from.ok_or_else(missing)?,
            until: until.ok_or_else(missing)?,
        })
    }
}
