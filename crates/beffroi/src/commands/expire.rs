//! `expire`: lets old snapshots go, in two steps seven days apart. The plan is shown before anything is done.

use std::io::{self, IsTerminal};

use serde_json::json;
use vault::expire::{Applied, ExpiryPlan, Judged, Verdict, apply, plan};
use vault::store::{DirectoryAccess, DirectoryStore};
use vault::world::Clock;

use crate::arguments::ExpireArguments;
use crate::catalogue::short;
use crate::context::Context;
use crate::failure::Failure;
use crate::formats;
use crate::messages::{Gap, text};
use crate::output::Output;
use crate::table::{self, Align};
use crate::world::SystemClock;

/// Plans, shows the plan, asks, and applies it.
pub fn run(context: &Context, arguments: &ExpireArguments) -> Result<(), Failure> {
    let kit = context.kit()?;
    let access = if arguments.dry_run { DirectoryAccess::ReadOnly } else { DirectoryAccess::ReadWrite };
    let vault = context.open_vault(access)?;
    let planned = plan(&vault, &kit, SystemClock.now())?;
    show(context, &planned)?;
    if arguments.dry_run || planned.is_empty() {
        return Ok(());
    }
    if !arguments.yes && !confirm(context)? {
        return context.tell(&text("say-expire-nothing"));
    }
    let store = DirectoryStore::open(context.vault_path()?, DirectoryAccess::ReadWrite)?;
    // What runs that were killed left half written is no object; what cannot be removed only takes room.
    let _ = store.erase_abandoned();
    let applied = apply(&vault, &kit, &planned, &store, SystemClock.now())?;
    tell_applied(context, &applied)
}

fn show(context: &Context, plan: &ExpiryPlan) -> Result<(), Failure> {
    for fault in plan.record_faults() {
        context.note_damage();
        context.warn("fault", json!({}), fault);
    }
    for held in plan.held() {
        context.warn("held", json!({ "strand": held.strand.to_hex() }), held);
    }
    let going: Vec<_> = plan.snapshots().iter().filter(|judged| judged.verdict == Verdict::Condemn).collect();
    if context.output.is_json() {
        going.iter().try_for_each(|judged| context.event("expiring", fields(judged)))?;
    } else if !going.is_empty() {
        let heads = ["col-id", "col-time", "col-source", "col-fate"];
        let mut rows = vec![heads.map(|key| context.messages.word(key)).to_vec()];
        rows.extend(going.iter().map(|judged| row(context, judged)));
        table::set(&[Align::Left; 4], &rows).iter().try_for_each(|line| context.output.line(line))?;
    }
    let summary = text("say-expire-plan")
        .with("kept", (plan.snapshots().len() - going.len()) as u64)
        .with("condemned", plan.condemn().count() as u64)
        .with("later", Gap::Bytes(plan.condemned_bytes()))
        .with("deleted", plan.delete().count() as u64)
        .with("now", Gap::Bytes(plan.deleted_bytes()));
    context.tell(&summary)?;
    let fields = json!({
        "snapshots": plan.snapshots().len(), "expiring": going.len(), "condemn_objects": plan.condemn().count(),
        "condemn_bytes": plan.condemned_bytes(), "delete_objects": plan.delete().count(),
        "delete_bytes": plan.deleted_bytes(),
    });
    context.event("plan", fields)
}

fn row(context: &Context, judged: &Judged) -> Vec<String> {
    let fate = match (judged.is_deleted, judged.condemned_since) {
        (true, _) => text("say-expire-now"),
        (false, Some(since)) => text("say-expire-waiting").with("since", formats::moment(since)),
        (false, None) => text("say-expire-condemned"),
    };
    let id = judged.name.hash().map(|hash| short(&hash.to_hex())).unwrap_or_default();
    let time = judged.finished.map(formats::moment).unwrap_or_default();
    vec![id, time, Output::safe(&judged.source), context.say(&fate)]
}

fn fields(judged: &Judged) -> serde_json::Value {
    json!({
        "snapshot": judged.name.hash().map(|hash| hash.to_hex()), "strand": judged.strand.to_hex(),
        "sequence": judged.seq, "source": judged.source, "finished": judged.finished.map(formats::rfc3339),
        "condemned_since": judged.condemned_since.map(formats::rfc3339), "deleted": judged.is_deleted,
    })
}

fn confirm(context: &Context) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() || context.output.is_json() {
        return Err(Failure::usage(text("err-expire-yes")));
    }
    context.output.ask(&context.messages.word("ask-expire"))?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(Failure::from)?;
    Ok(["y", "yes", "o", "oui"].contains(&answer.trim().to_lowercase().as_str()))
}

fn tell_applied(context: &Context, applied: &Applied) -> Result<(), Failure> {
    context.tell(
        &text("say-expire-done")
            .with("condemned", applied.condemned)
            .with("deleted", applied.deleted)
            .with("bytes", Gap::Bytes(applied.deleted_bytes)),
    )?;
    if !applied.changed.is_empty() {
        context.note(&text("say-expire-changed").with("count", applied.changed.len() as u64));
    }
    let fields = json!({
        "condemned": applied.condemned, "revived": applied.revived, "deleted": applied.deleted,
        "deleted_bytes": applied.deleted_bytes, "changed_strands": applied.changed.len(),
    });
    context.event("summary", fields)
}
