//! `recipient`: who may open the vault.

use serde_json::json;
use vault::envelope::Recipient;
use vault::store::DirectoryAccess;
use vault::world::Clock;

use crate::arguments::{RecipientAct, RecipientArguments};
use crate::context::Context;
use crate::failure::Failure;
use crate::messages::text;
use crate::world::SystemClock;

/// Adds or removes a recipient, and seals every strand's secrets again.
pub fn run(context: &Context, arguments: &RecipientArguments) -> Result<(), Failure> {
    let (words, added) = match &arguments.act {
        RecipientAct::Add(argument) => (&argument.recipient, true),
        RecipientAct::Remove(argument) => (&argument.recipient, false),
    };
    let recipient = Recipient::parse(words)?;
    let kit = context.kit()?;
    let mut vault = context.open_vault(DirectoryAccess::ReadWrite)?;
    let is_there = vault.log().recipients.contains(&recipient);
    let now = SystemClock.now();
    match (added, is_there, vault.log().recipients.len()) {
        (true, true, _) => return Err(Failure::new(text("err-recipient-there"))),
        (false, false, _) => return Err(Failure::new(text("err-recipient-not-there"))),
        (false, true, 1) => return Err(Failure::new(text("err-recipient-last"))),
        (true, false, _) => vault.add_recipient(&kit, recipient, now)?,
        (false, true, _) => vault.remove_recipient(&kit, &recipient, now)?,
    }
    let key = if added { "say-recipient-added" } else { "say-recipient-removed" };
    context.tell(&text(key).with("recipient", words.as_str()))?;
    let recipients: Vec<_> = vault.log().recipients.iter().map(|recipient| recipient.as_str().to_string()).collect();
    context.event("summary", json!({ "recipients": recipients }))
}
