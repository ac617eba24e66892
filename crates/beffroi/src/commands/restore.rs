//! `restore`: gives a snapshot, or a part of it, back.

use std::sync::Arc;

use restore::fill::{RestoreOptions, RestoreOutcome, restore};
use restore::target::{Overwrite, Owners};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use vault::world::{Clock, Timestamp};

use crate::arguments::{OverwriteChoice, RestoreArguments};
use crate::catalogue::{Catalogue, Listed, find_entry};
use crate::context::Context;
use crate::failure::Failure;
use crate::formats;
use crate::messages::{Gap, text};
use crate::owner_names::MachineOwners;
use crate::rates::Rate;
use crate::selector::Selector;
use crate::watch::{Watch, tell_hidden_warnings};
use crate::world::SystemClock;

/// Restores into a folder.
pub fn run(context: &Context, arguments: &RestoreArguments) -> Result<(), Failure> {
    if arguments.plan.is_some() || arguments.overwrite == OverwriteChoice::IfDamaged {
        return super::repair::run(context, arguments);
    }
    if arguments.evidence.is_some() {
        return Err(Failure::usage(text("err-evidence-alone")));
    }
    let given = arguments.snapshot.as_deref().unwrap_or_default();
    let (selector, path) = Selector::parse_with_path(given)?;
    let catalogue = Catalogue::open(context)?;
    let listed = catalogue.select(&selector)?;
    let reader = catalogue.reader(context, listed)?;
    let (path, _) = find_entry(&reader, &path)?;
    super::watch_interrupts(context)?;
    allow_descriptors();
    let started = SystemClock.now();
    let monitor = Watch::begin(context, 0);
    let done = restore(&reader, &path, &arguments.to, &options(arguments), &monitor);
    let hidden_warnings = monitor.close();
    let outcome =
        done.map_err(|error| Failure::from(error).under(text("err-at-target").show("path", arguments.to.display())))?;
    tell_hidden_warnings(context, hidden_warnings);
    summarize(context, arguments, Some(listed), &outcome, started)
}

/// Takes as many descriptors as the system allows this process: folders that stay open need not be opened again. It usually
/// gives 1024 to whoever does not ask.
pub fn allow_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    // A refusal costs time only.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

pub fn options(arguments: &RestoreArguments) -> RestoreOptions {
    let is_root = rustix::process::geteuid().is_root();
    RestoreOptions {
        overwrite: match arguments.overwrite {
            OverwriteChoice::Never => Overwrite::Never,
            OverwriteChoice::Always | OverwriteChoice::IfDamaged => Overwrite::Always,
        },
        verify: arguments.verify,
        jobs: super::jobs(arguments.jobs),
        owners: if is_root { Owners::ByName(Arc::new(MachineOwners::default())) } else { Owners::Keep },
    }
}

/// Says what was restored; of one snapshot, or by a plan.
pub fn summarize(
    context: &Context,
    arguments: &RestoreArguments,
    listed: Option<&Listed>,
    outcome: &RestoreOutcome,
    started: Timestamp,
) -> Result<(), Failure> {
    let time = formats::between(started, SystemClock.now());
    let rate = (outcome.bytes as f64 / time.as_secs_f64().max(0.001)) as u64;
    if outcome.faults > 0 {
        context.note_incomplete();
    }
    context.tell(
        &listed
            .map_or_else(
                || text("say-restore-done-plan"),
                |listed| text("say-restore-done").with("snapshot", listed.short_id()),
            )
            .show("path", arguments.to.display())
            .with("entries", outcome.entries)
            .with("bytes", Gap::Bytes(outcome.bytes))
            .with("rate", Gap::Bytes(rate))
            .with("time", formats::duration(time, context.messages.language())),
    )?;
    if arguments.verify {
        context.tell(&text("say-restore-verified").with("count", outcome.verified))?;
    }
    if outcome.kept == 0 && outcome.faults == 0 {
        Rate::keep(context, started, (outcome.entries, outcome.bytes), time);
    }
    if outcome.kept > 0 {
        context.note(&text("say-restore-kept").with("count", outcome.kept));
    }
    if outcome.faults > 0 {
        context.note(&text("say-restore-incomplete").with("count", outcome.faults));
    }
    let fields = json!({
        "snapshot": listed.map(|listed| listed.snapshot.hash.to_hex()), "entries": outcome.entries, "bytes": outcome.bytes,
        "kept": outcome.kept, "faults": outcome.faults, "warnings": outcome.warnings, "verified": outcome.verified,
        "seconds": time.as_secs_f64(),
    });
    context.event("summary", fields)
}
