//! The lease of a running backup, put again before it ends.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::{Agent, BackupError};
use crate::bytes::SigningKey;
use crate::id::ObjectHash;
use crate::lease::{LEASE_SECONDS, Lease};
use crate::name::{NumberedKind, ObjectName};
use crate::world::Timestamp;

/// How often a backup that writes nothing looks whether its lease is to be put again.
pub(super) const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Says, for as long as a backup runs, that expiry must leave alone what it may reuse.
pub(super) struct HeldLease<'a> {
    agent: Agent<'a>,
    seq: u64,
    /// When the last one was put.
    from: Mutex<Timestamp>,
}

impl<'a> HeldLease<'a> {
    /// Puts the first lease for the snapshot of that number, durably.
    pub fn take(agent: Agent<'a>, seq: u64, now: Timestamp) -> Result<Self, BackupError> {
        put_lease(agent, seq, now)?;
        Ok(Self { agent, seq, from: Mutex::new(now) })
    }

    /// Puts another one if half of the last one's time is over, or if the clock was set back.
    pub fn renew(&self) -> Result<(), BackupError> {
        let now = self.agent.clock.now();
        let mut from = self.from.lock().unwrap_or_else(PoisonError::into_inner);
        let age_seconds = now.seconds().saturating_sub(from.seconds());
        if (0..LEASE_SECONDS / 2).contains(&age_seconds) {
            return Ok(());
        }
        put_lease(self.agent, self.seq, now)?;
        *from = now;
        Ok(())
    }
}

fn put_lease(agent: Agent<'_>, seq: u64, now: Timestamp) -> Result<(), BackupError> {
    let (vault, strand) = (agent.vault.id(), agent.keys.strand);
    let until = Timestamp::from_seconds(now.seconds() + LEASE_SECONDS);
    let signing = SigningKey::new(agent.keys.signing_seed.clone());
    let object = Lease { vault, strand, seq, from: now, until }.sign(&signing);
    let name = ObjectName::Numbered(strand, NumberedKind::Lease, seq, ObjectHash::of(&object));
    agent.vault.store().put(&name, &object)?;
    agent.vault.store().commit()?;
    Ok(())
}
