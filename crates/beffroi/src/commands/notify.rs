//! `notify`: tries whether people are told, and sends what waits.

use serde_json::json;

use crate::arguments::{NotifyAct, NotifyArguments};
use crate::context::Context;
use crate::failure::Failure;
use crate::messages::text;
use crate::notices;

/// Does what is asked; who was not told is an item that could not be done (code 3).
pub fn run(context: &Context, arguments: &NotifyArguments) -> Result<(), Failure> {
    let settings = arguments.notify.as_deref();
    let untold = match &arguments.act {
        NotifyAct::Test(trial) => notices::send_trial(context, settings, trial.to.as_deref())?,
        NotifyAct::Send => notices::send_waiting(context, settings)?,
    };
    if untold > 0 {
        context.note_incomplete();
        context.note(&text("say-notices-untold").with("count", untold as u64));
    }
    context.event("summary", json!({ "untold": untold }))
}
