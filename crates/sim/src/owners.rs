//! What the owners do: let snapshots go, change recipients, retire and enrol.

use std::collections::BTreeSet;
use std::sync::Arc;

use vault::envelope::Identity;
use vault::expire::{ExpiryError, ExpiryPlan, Verdict, apply, plan};
use vault::name::{NumberedKind, ObjectName};
use vault::store::{Erase, Store};
use vault::vault::{Vault, VaultError};

use crate::dice::Dice;
use crate::expectation::{Expectation, expect};
use crate::failure::{Tell, Told, chain, ensure};
use crate::town::{Disk, Town, locked};

/// Lets go of what may go, at the town's time and `clock_error` seconds: exactly what the written rule says.
///
/// Returns the words of the failure, if it was interrupted.
pub fn expire(town: &Town, clock_error: i64) -> Told<Option<String>> {
    let store = town.owners_handle(Disk::Vault);
    let vault = match Vault::open(Arc::clone(&store) as Arc<dyn Store>) {
        Ok(vault) => vault,
        // The power may be gone already.
        Err(error) if town.place(Disk::Vault).disk().is_crashed() => return Ok(Some(chain(&error))),
        Err(error) => return Err(chain(&error)),
    };
    let now = vault::world::Timestamp::from_seconds(town.now() + clock_error);
    let expected = expect((&town.kit, &town.claims), &vault, now)?;
    let plan = match plan(&vault, &town.kit, now) {
        Ok(plan) => plan,
        Err(ExpiryError::ClockBehind { .. }) if now < expected.signed => {
            town.tell("the desk's clock is behind");
            return Ok(None);
        }
        Err(error) => return Err(format!("no plan of expiry: {}", chain(&error))),
    };
    ensure(now >= expected.signed, || "expiry decides with a clock that is behind".into())?;
    compare(&plan, &expected)?;
    town.tell(format!("condemns {}, deletes {}", expected.condemned.len(), expected.deleted.len()));
    let applied = apply(&vault, &town.kit, &plan, store.as_ref() as &dyn Erase, now);
    let manifests: Vec<_> = expected.deleted.iter().filter(|name| is_manifest(name)).collect();
    let place = town.place(Disk::Vault);
    let gone = |name: &ObjectName| !matches!(place.disk().head(name), Ok(Some(_)));
    match applied {
        Ok(applied) => {
            ensure(applied.deleted == expected.deleted.len() as u64 && applied.changed.is_empty(), || {
                format!("expiry deleted {} of {} objects", applied.deleted, expected.deleted.len())
            })?;
            ensure(expected.deleted.iter().all(gone), || "what expiry deleted is still there".into())?;
            manifests.iter().for_each(|name| locked(&town.model).release(name, true));
            locked(&town.tally).expiries += 1;
            // Where nothing is to be done, nothing is flushed.
            if !plan.is_empty() {
                town.is_done();
            }
            Ok(None)
        }
        Err(error) => {
            manifests.iter().for_each(|name| locked(&town.model).release(name, false));
            Ok(Some(chain(&error)))
        }
    }
}

/// Compares a plan of expiry with what the written rule says.
pub fn compare(plan: &ExpiryPlan, expected: &Expectation) -> Told<()> {
    let kept = plan.snapshots().iter().filter(|judged| judged.verdict != Verdict::Condemn).map(|judged| judged.name);
    same_names("keeps", kept.collect(), &expected.kept)?;
    same_names("condemns", plan.condemn().map(|(name, _)| *name).collect(), &expected.condemned)?;
    same_names("revives", plan.revive().copied().collect(), &expected.revived)?;
    same_names("deletes", plan.delete().map(|(name, _)| *name).collect(), &expected.deleted)?;
    ensure(plan.record_faults().is_empty(), || "expiry finds fault with records that nobody touched".into())
}

fn same_names(what: &str, found: BTreeSet<ObjectName>, expected: &BTreeSet<ObjectName>) -> Told<()> {
    let more = found.difference(expected).next();
    ensure(more.is_none(), || format!("expiry {what} {}, against the rule", more.expect("found above")))?;
    let less = expected.difference(&found).next();
    ensure(less.is_none(), || format!("expiry {what} not {}, against the rule", less.expect("found above")))
}

/// Adds a recipient, or removes one that was added. Returns the words of the failure, if it was interrupted.
pub fn change_recipients(town: &Town, dice: &mut Dice) -> Told<Option<String>> {
    let known = locked(&town.recipients).clone();
    let mut vault = match Vault::open(town.owners_handle(Disk::Vault)) {
        Ok(vault) => vault,
        Err(error) => return Ok(Some(chain(&error))),
    };
    let result = if known.is_empty() || dice.once_in(2) {
        let recipient = Identity::generate().recipient().ok_or("an identity knows its recipient")?;
        locked(&town.recipients).push(recipient.clone());
        town.tell("a recipient more");
        vault.add_recipient(&town.kit, recipient, town.moment())
    } else {
        let recipient = known[dice.place(known.len())].clone();
        town.tell("a recipient less");
        vault.remove_recipient(&town.kit, &recipient, town.moment())
    };
    Ok(result.err().map(|error| chain(&error)))
}

/// Brings what is known of the recipients in line with the vault, after an act that may have happened or not.
pub fn look_at_recipients(town: &Town) -> Told<()> {
    let vault = town.open(Disk::Vault)?;
    locked(&town.recipients).retain(|recipient| vault.log().recipients.contains(recipient));
    for enrolment in &vault.log().strands {
        vault.secrets(&town.kit, &enrolment.strand).tell("the kit opens a strand no more")?;
    }
    Ok(())
}

/// Retires the strand of a machine, if it is not yet, and enrols the machine again. Returns the words of the failure, if it
/// was interrupted.
pub fn retire_and_enrol(town: &Town, machine: usize) -> Told<Option<String>> {
    let mut machine = locked(&town.machines[machine]);
    let strand = machine.keys.strand;
    let act = || -> Result<vault::state::AgentKeys, VaultError> {
        let mut vault = Vault::open(town.owners_handle(Disk::Vault))?;
        if vault.enrolment(&strand)?.retired.is_none() {
            vault.retire(&town.kit, strand, "moved", town.moment())?;
        }
        vault.enrol(&town.kit, &machine.keys.label, town.moment(), &town.entropy)
    };
    match act() {
        Ok(keys) => {
            machine.take_keys(keys);
            Ok(None)
        }
        Err(error) => Ok(Some(chain(&error))),
    }
}

fn is_manifest(name: &ObjectName) -> bool {
    matches!(name, ObjectName::Numbered(_, NumberedKind::Snapshot, ..))
}
