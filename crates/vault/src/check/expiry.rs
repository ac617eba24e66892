//! The expiry records: what they are worth, and which snapshots they let go.

use std::collections::BTreeSet;

use super::objects::check_bytes;
use super::report::{Damage, Findings};
use crate::bytes::FormatError;
use crate::expire::ExpiryRecord;
use crate::id::ObjectHash;
use crate::name::{Folder, NumberedKind, ObjectName};
use crate::store::StoreError;
use crate::vault::Vault;

/// The snapshots that owners let go.
pub(super) struct Departed {
    names: BTreeSet<ObjectName>,
    certain: bool,
}

impl Departed {
    /// Tells whether a snapshot went with the owners' word, or may have, where a record is lost.
    pub fn explains(&self, snapshot: &ObjectName) -> bool {
        !self.certain || self.names.contains(snapshot)
    }
}

/// Checks the expiry records and reads which snapshots they name.
pub(super) fn check_expiry(vault: &Vault, findings: &mut Findings) -> Result<Departed, StoreError> {
    let store = vault.store().as_ref();
    let mut records = BTreeSet::new();
    store.list(&Folder::Expiry, &mut |name, _| records.extend([name]))?;
    findings.report.counts.objects += records.len() as u64;
    let mut departed = Departed { names: BTreeSet::new(), certain: true };
    let mut last = (0, ObjectHash([0; 32]));
    for name in records {
        let ObjectName::Expiry(seq, hash) = name else { continue };
        let Ok(object) = check_bytes(store, name, &hash, findings) else {
            departed.certain = false;
            last = (seq + 1, hash);
            continue;
        };
        match ExpiryRecord::open(&object, &vault.log().owners_ever) {
            Ok(record) if record.vault == vault.id() && record.seq == seq => {
                if (seq, record.previous) != last {
                    departed.certain = false;
                    let lost = ObjectName::Expiry(seq.saturating_sub(1), record.previous);
                    // A record that is there, and not the one before this, is a fork of the log.
                    match store.head(&lost)? {
                        None => findings.fault(Some(lost), Damage::Missing),
                        Some(_) => findings.fault(Some(name), Damage::Broken),
                    };
                }
                let names = record.condemned.into_iter().chain(record.deleted);
                departed.names.extend(names.filter(is_snapshot));
            }
            Ok(_) => {
                departed.certain = false;
                findings.fault(Some(name), Damage::Malformed(FormatError::WrongContent("expiry record")));
            }
            Err(source) => {
                departed.certain = false;
                findings.fault(Some(name), Damage::Malformed(source));
            }
        }
        last = (seq + 1, hash);
    }
    Ok(departed)
}

fn is_snapshot(name: &ObjectName) -> bool {
    matches!(name, ObjectName::Numbered(_, NumberedKind::Snapshot, ..))
}
