//! `enrol`: one more machine may add to the vault.

use serde_json::json;
use vault::state::{AgentKeys, StateError};
use vault::store::DirectoryAccess;
use vault::world::Clock;

use super::init::host_name;
use crate::context::Context;
use crate::failure::Failure;
use crate::messages::text;
use crate::world::{SystemClock, SystemEntropy};

/// Enrols this machine.
pub fn run(context: &Context) -> Result<(), Failure> {
    let kit = context.kit()?;
    let mut vault = context.open_vault(DirectoryAccess::ReadWrite)?;
    let folder = context.state()?.for_vault(vault.id())?;
    let _lock = folder.lock()?;
    match AgentKeys::open(&folder, vault.log()) {
        Err(StateError::NoAgent { .. }) => {}
        Err(error) => return Err(error.into()),
        // What was retired begins anew, with keys that nobody has.
        Ok(keys) if vault.enrolment(&keys.strand)?.retired.is_some() => {}
        Ok(keys) => return Err(Failure::new(text("err-already-enrolled").show("strand", keys.strand))),
    }
    let keys = vault.enrol(&kit, &host_name(), SystemClock.now(), &SystemEntropy)?;
    keys.save_new(&folder)?;
    context.tell(&text("say-enrolled").with("host", keys.label.as_str()).show("strand", keys.strand))?;
    context.event("summary", json!({ "vault": keys.vault.to_hex(), "strand": keys.strand.to_hex() }))
}
