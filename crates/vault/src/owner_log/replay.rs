//! Following the log: which entries count, and what they lead to.
//!
//! Whoever can put objects into a vault can put any number of them here. What makes an entry count is owners'
//! signatures and its place in the chain, never that it is there: all else is named and passed over.

use std::sync::Arc;

use super::{
    Act, AlarmPolicy, Answer, Enrolment, OwnerEntry, OwnerLog, OwnerLogError, OwnerLogFault, Retirement, WHAT,
};
use crate::bytes::{FORMAT_VERSION, FormatError, OWNER, PublicKey, open_signed_of_any_version};
use crate::id::{ObjectHash, StrandId, VaultId};
use crate::name::ObjectName;
use crate::store::StoreError;
use crate::world::Timestamp;

/// What the `vault` object says of the founding. It was put first, and no object is put twice: who can only add to the
/// vault cannot say otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Founding {
    /// The vault.
    pub vault: VaultId,
    /// Hash of the `vault` object.
    pub object: ObjectHash,
    /// Who signs the founding.
    pub founder: PublicKey,
}

impl OwnerLog {
    /// At most so many faults are named.
    pub const FAULTS_MAX: usize = 1000;

    /// Replays entries, which must be sorted by name.
    ///
    /// Whatever does not count is in [`OwnerLog::faults`]. An error is only what needs an owner's key: a fork, an entry
    /// of a newer program, an act that makes no sense; or that there is no founding.
    pub fn replay(
        founding: &Founding,
        entries: impl IntoIterator<Item = (ObjectName, Result<Vec<u8>, StoreError>)>,
    ) -> Result<Self, OwnerLogError> {
        let mut log = Self::before(founding);
        let mut candidate: Option<Candidate> = None;
        for (name, object) in entries {
            let ObjectName::Owner(seq, hash) = name else { continue };
            if candidate.as_ref().is_some_and(|candidate| candidate.entry.seq != seq) {
                log.follow(candidate.take())?;
            }
            match log.weigh(name, object)? {
                Ok(found) => log.join(&mut candidate, found, hash)?,
                Err(fault) => log.note(fault),
            }
        }
        log.follow(candidate)?;
        match log.next_seq {
            0 if log.faults.is_empty() => Err(OwnerLogError::Missing),
            0 => Err(OwnerLogError::Unfounded),
            _ => Ok(log),
        }
    }

    /// Makes the entry that would come next.
    pub fn next(&self, time: Timestamp, act: Act) -> OwnerEntry {
        OwnerEntry { vault: self.vault, seq: self.next_seq, previous: self.head, time, expiry: None, act }
    }

    /// Says what would be wrong with an act, if it came next.
    pub fn try_next(&self, act: Act, time: Timestamp) -> Result<(), OwnerLogError> {
        self.clone().apply(act, time, self.next_seq)
    }

    /// Tells whether owners signed, or may have signed, entries that come after one that is missing: the log was cut.
    pub fn is_cut(&self) -> bool {
        self.stray.is_some_and(|seq| seq >= self.next_seq)
    }

    /// Returns a strand's enrolment.
    pub fn strand(&self, strand: &StrandId) -> Option<&Enrolment> {
        self.strands.iter().find(|enrolment| enrolment.strand == *strand)
    }

    /// The state before the founding, which its founder alone may sign.
    fn before(founding: &Founding) -> Self {
        let none = ObjectHash([0; 32]);
        Self {
            vault: founding.vault,
            vault_object: founding.object,
            founders: Vec::new(),
            owners: vec![founding.founder],
            owners_ever: vec![founding.founder],
            signers_min: 1,
            recipients: Vec::new(),
            strands: Vec::new(),
            answers: Vec::new(),
            alarm_policies: Vec::new(),
            latest: Timestamp::from_seconds(0),
            next_seq: 0,
            head: none,
            entries: Vec::new(),
            faults: Vec::new(),
            faults_unnamed: 0,
            heads: vec![none],
            stray: None,
        }
    }

    fn note(&mut self, fault: OwnerLogFault) {
        if fault.may_be_of_owners() {
            self.stray = self.stray.max(Some(fault.seq()));
        }
        if self.faults.len() < Self::FAULTS_MAX {
            self.faults.push(fault);
        } else {
            self.faults_unnamed += 1;
        }
    }

    /// Decides whether an object may be the next entry.
    fn weigh(
        &self,
        name: ObjectName,
        object: Result<Vec<u8>, StoreError>,
    ) -> Result<Result<Candidate, OwnerLogFault>, OwnerLogError> {
        let object = match object {
            Ok(object) => object,
            Err(source) => return Ok(Err(OwnerLogFault::Unreadable { name, source: Arc::new(source) })),
        };
        let ObjectName::Owner(seq, hash) = name else { return Ok(Err(OwnerLogFault::Changed { name })) };
        if ObjectHash::of(&object) != hash {
            return Ok(Err(OwnerLogFault::Changed { name }));
        }
        let (version, body, signers) = match open_signed_of_any_version(OWNER, &object) {
            Ok(opened) => opened,
            Err(source) => return Ok(Err(OwnerLogFault::Malformed { name, source })),
        };
        if !signers.iter().any(|signer| self.owners_ever.contains(signer)) {
            return Ok(Err(OwnerLogFault::Unsigned { name }));
        }
        if seq != self.next_seq {
            return Ok(Err(OwnerLogFault::Broken { name }));
        }
        let entry = match OwnerEntry::read(body) {
            _ if version != FORMAT_VERSION => Err(FormatError::Newer(WHAT)),
            read => read,
        };
        match entry {
            Ok(entry) if !self.fits(&entry) => Ok(Err(OwnerLogFault::Broken { name })),
            Ok(entry) if !self.is_signed(&entry, &signers) => Ok(Err(OwnerLogFault::Unsigned { name })),
            Ok(entry) => Ok(Ok(Candidate {
                entry,
                body: body.to_vec(),
                founders: signers.clone(),
                head: hash,
                heads: vec![hash],
                strangers: self.strangers(&signers),
            })),
            // What the owners of now say in a newer format may be anything: it cannot be passed over.
            Err(source @ FormatError::Newer(_)) if is_enough(&signers, &self.owners, self.signers_min) => {
                Err(OwnerLogError::Format { seq, source })
            }
            Err(source) => Ok(Err(OwnerLogFault::Malformed { name, source })),
        }
    }

    /// Tells whether an entry follows what is believed so far.
    fn fits(&self, entry: &OwnerEntry) -> bool {
        let founds = match &entry.act {
            Act::Founded { vault, .. } => entry.seq == 0 && *vault == self.vault_object,
            _ => entry.seq != 0,
        };
        founds && entry.vault == self.vault && entry.seq == self.next_seq && self.heads.contains(&entry.previous)
    }

    fn is_signed(&self, entry: &OwnerEntry, signers: &[PublicKey]) -> bool {
        let by_named = match &entry.act {
            Act::Founded { owners, signers_min, .. } => is_enough(signers, owners, *signers_min),
            _ => true,
        };
        by_named && is_enough(signers, &self.owners, self.signers_min)
    }

    fn strangers(&self, signers: &[PublicKey]) -> usize {
        signers.iter().filter(|signer| !self.owners.contains(signer)).count()
    }

    /// Adds to the candidate for a number. One body under several hashes is one entry: whoever signs it too, or leaves a
    /// signature away that is not needed, makes another object of it, and says nothing else.
    fn join(&self, to: &mut Option<Candidate>, found: Candidate, hash: ObjectHash) -> Result<(), OwnerLogError> {
        let Some(first) = to else {
            *to = Some(found);
            return Ok(());
        };
        if first.body != found.body {
            return Err(OwnerLogError::Fork { seq: found.entry.seq });
        }
        first.founders.extend(found.founders);
        if found.strangers < first.strangers {
            (first.head, first.strangers) = (hash, found.strangers);
        }
        first.heads.push(hash);
        Ok(())
    }

    fn follow(&mut self, candidate: Option<Candidate>) -> Result<(), OwnerLogError> {
        let Some(Candidate { entry, founders, head, heads, .. }) = candidate else { return Ok(()) };
        let is_founding = entry.seq == 0;
        if let Some(last) = self.entries.last_mut() {
            *last = entry.previous;
        }
        self.apply(entry.act, entry.time, entry.seq)?;
        if is_founding {
            self.founders = self.owners.iter().filter(|owner| founders.contains(owner)).copied().collect();
            self.latest = entry.time;
        }
        self.latest = self.latest.max(entry.time);
        self.next_seq += 1;
        self.entries.push(head);
        (self.head, self.heads) = (head, heads);
        Ok(())
    }

    fn apply(&mut self, act: Act, time: Timestamp, seq: u64) -> Result<(), OwnerLogError> {
        let absurd = |why| Err(OwnerLogError::Absurd { seq, why });
        match act {
            Act::Founded { owners, signers_min, recipients, .. } => {
                if seq != 0 {
                    return absurd("a vault is founded once");
                }
                self.owners_ever = owners.clone();
                (self.owners, self.signers_min, self.recipients) = (owners, signers_min, recipients);
            }
            Act::Enrolled { strand, agent, object } => {
                if self.strand(&strand).is_some() {
                    return absurd("the strand is enrolled already");
                }
                let (keys, keys_count, retired) = (None, 0, None);
                self.strands.push(Enrolment { strand, agent, object, keys, keys_count, retired, enrolled: time });
            }
            Act::Retired { strand, reason, last } => match self.find(&strand) {
                Some(enrolment) => enrolment.retired = Some(Retirement { reason, last }),
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
                (self.owners, self.signers_min) = (owners, signers_min);
            }
            Act::Answered { alarm, reason } => self.answers.push(Answer { alarm, reason, time }),
            Act::Policy { map } => self.alarm_policies.extend(AlarmPolicy::of_map(&map, time)),
            Act::Unknown { .. } => {}
        }
        Ok(())
    }

    fn find(&mut self, strand: &StrandId) -> Option<&mut Enrolment> {
        self.strands.iter_mut().find(|enrolment| enrolment.strand == *strand)
    }
}

/// What may be the next entry.
struct Candidate {
    entry: OwnerEntry,
    /// The signed part.
    body: Vec<u8>,
    founders: Vec<PublicKey>,
    /// The hash that the next entry should name: that of the object with the fewest strangers' signatures.
    head: ObjectHash,
    heads: Vec<ObjectHash>,
    strangers: usize,
}

/// Tells whether enough owners signed. `signers` holds each key once: an owner who is named twice still counts once.
fn is_enough(signers: &[PublicKey], owners: &[PublicKey], signers_min: u64) -> bool {
    let count = signers.iter().filter(|signer| owners.contains(signer)).count() as u64;
    let sane = signers_min >= 1 && signers_min <= owners.len() as u64;
    sane && count >= signers_min
}
