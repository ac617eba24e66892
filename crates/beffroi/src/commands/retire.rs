//! `retire`: a strand takes nothing more.

use serde_json::json;
use vault::id::StrandId;
use vault::store::DirectoryAccess;
use vault::vault::Vault;
use vault::world::Clock;

use crate::arguments::RetireArguments;
use crate::context::Context;
use crate::failure::Failure;
use crate::messages::text;
use crate::world::SystemClock;

/// Closes a strand; what it kept stays.
pub fn run(context: &Context, arguments: &RetireArguments) -> Result<(), Failure> {
    let kit = context.kit()?;
    let mut vault = context.open_vault(DirectoryAccess::ReadWrite)?;
    let strand = find_strand(&vault, &arguments.strand)?;
    if let Some(end) = &vault.enrolment(&strand)?.retired {
        let said = text("err-retired-already").show("strand", strand).with("reason", end.reason.as_str());
        return Err(Failure::new(said));
    }
    vault.retire(&kit, strand, &arguments.reason, SystemClock.now())?;
    context.tell(&text("say-retired").show("strand", strand))?;
    context.event("summary", json!({ "strand": strand.to_hex(), "reason": arguments.reason }))
}

/// Finds the strand whose id begins so.
fn find_strand(vault: &Vault, digits: &str) -> Result<StrandId, Failure> {
    let strands = &vault.log().strands;
    let known = || strands.iter().map(|enrolment| enrolment.strand.to_hex()).collect::<Vec<_>>().join(", ");
    let begins = |strand: &StrandId| digits.len() >= 4 && strand.to_hex().starts_with(&digits.to_ascii_lowercase());
    let found: Vec<_> = strands.iter().map(|enrolment| enrolment.strand).filter(begins).collect();
    match found.as_slice() {
        [one] => Ok(*one),
        _ => Err(Failure::usage(text("err-which-strand").with("given", digits).with("strands", known()))),
    }
}
