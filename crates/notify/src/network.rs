//! The real way out.

use crate::notice::Notice;
use crate::post::{Post, SendError, World};
use crate::settings::{Recipient, Way};
use crate::{command, smtp, web};

/// Carries notices over the network, or by a command.
#[derive(Clone, Copy, Debug)]
pub struct Network;

impl Post for Network {
    fn carry(&self, recipient: &Recipient, notice: &Notice, world: &dyn World) -> Result<(), SendError> {
        match &recipient.way {
            Way::Smtp(way) => smtp::carry(way, notice, world),
            Way::Webhook(way) => web::carry_webhook(way, notice, world),
            Way::Ntfy(way) => web::carry_ntfy(way, notice, world),
            Way::Command(way) => command::carry(way, notice, world),
        }
    }
}
