//! `restore`: gives a snapshot, or a part of it, back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use restore::fill::{Fault, FaultError, RestoreMonitor, RestoreOptions, RestoreOutcome, restore};
use restore::target::{AttributeWarning, Overwrite, Owners};
use serde_json::{Value, json};
use vault::world::{Clock, Timestamp};

use crate::arguments::{OverwriteChoice, RestoreArguments};
use crate::catalogue::{Catalogue, Listed, find_entry};
use crate::context::Context;
use crate::failure::Failure;
use crate::formats;
use crate::messages::{Gap, text};
use crate::output::Output;
use crate::owner_names::MachineOwners;
use crate::progress::Progress;
use crate::selector::Selector;
use crate::world::SystemClock;

/// Restores into a folder.
pub fn run(context: &Context, arguments: &RestoreArguments) -> Result<(), Failure> {
    let (selector, path) = Selector::parse_with_path(&arguments.snapshot)?;
    let catalogue = Catalogue::open(context)?;
    let listed = catalogue.select(&selector)?;
    let reader = catalogue.reader(context, listed)?;
    let (path, _) = find_entry(&reader, &path)?;
    super::watch_interrupts(context)?;
    let started = SystemClock.now();
    let monitor = FillMonitor { context, progress: Progress::begin(context, 0), warnings: AtomicU64::new(0) };
    let done = restore(&reader, &path, &arguments.to, &options(arguments), &monitor);
    let warnings = monitor.warnings.load(Ordering::Relaxed);
    drop(monitor);
    let outcome =
        done.map_err(|error| Failure::from(error).under(text("err-at-target").show("path", arguments.to.display())))?;
    if warnings > WARNINGS_SHOWN {
        context.note(&text("say-more-warnings").with("count", warnings - WARNINGS_SHOWN));
    }
    summarize(context, arguments, listed, &outcome, started)
}

/// A share that takes no owners would warn of every file; the first ones say enough.
const WARNINGS_SHOWN: u64 = 20;

fn options(arguments: &RestoreArguments) -> RestoreOptions {
    let is_root = rustix::process::geteuid().is_root();
    RestoreOptions {
        overwrite: match arguments.overwrite {
            OverwriteChoice::Never => Overwrite::Never,
            OverwriteChoice::Always => Overwrite::Always,
        },
        verify: arguments.verify,
        jobs: super::jobs(arguments.jobs),
        owners: if is_root { Owners::ByName(Arc::new(MachineOwners::default())) } else { Owners::Keep },
    }
}

fn summarize(
    context: &Context,
    arguments: &RestoreArguments,
    listed: &Listed,
    outcome: &RestoreOutcome,
    started: Timestamp,
) -> Result<(), Failure> {
    let time = formats::between(started, SystemClock.now());
    let rate = (outcome.bytes as f64 / time.as_secs_f64().max(0.001)) as u64;
    if outcome.faults > 0 {
        context.note_incomplete();
    }
    context.tell(
        &text("say-restore-done")
            .with("snapshot", listed.short_id())
            .show("path", arguments.to.display())
            .with("entries", outcome.entries)
            .with("bytes", Gap::Bytes(outcome.bytes))
            .with("rate", Gap::Bytes(rate))
            .with("time", formats::duration(time, context.messages.language())),
    )?;
    if arguments.verify {
        context.tell(&text("say-restore-verified").with("count", outcome.verified))?;
    }
    if outcome.kept > 0 {
        context.note(&text("say-restore-kept").with("count", outcome.kept));
    }
    if outcome.faults > 0 {
        context.note(&text("say-restore-incomplete").with("count", outcome.faults));
    }
    let fields = json!({
        "snapshot": listed.snapshot.hash.to_hex(), "entries": outcome.entries, "bytes": outcome.bytes,
        "kept": outcome.kept, "faults": outcome.faults, "warnings": outcome.warnings, "verified": outcome.verified,
        "seconds": time.as_secs_f64(),
    });
    context.event("summary", fields)
}

struct FillMonitor<'c> {
    context: &'c Context,
    progress: Progress<'c>,
    warnings: AtomicU64,
}

impl RestoreMonitor for FillMonitor<'_> {
    fn total(&self, _entries: u64, bytes: u64) {
        self.progress.expect_bytes(bytes);
    }

    fn entry(&self, bytes: u64) {
        self.progress.add_entries(1);
        self.progress.add_bytes(bytes);
    }

    fn fault(&self, fault: Fault) {
        tell_fault(self.context, &fault);
    }

    fn warning(&self, warning: AttributeWarning) {
        let shown = self.warnings.fetch_add(1, Ordering::Relaxed) < WARNINGS_SHOWN;
        if shown || self.context.global.verbose || self.context.output.is_json() {
            let fields = Value::Object(Output::path_fields(warning.path.as_bytes()));
            self.context.warn("warning", fields, &warning);
        }
    }

    fn stopping(&self) -> bool {
        self.context.interrupt.is_set()
    }
}

/// Tells what is not restored, and notes what it means for the exit code.
pub fn tell_fault(context: &Context, fault: &Fault) {
    match fault.error {
        FaultError::Read(_) => context.note_damage(),
        FaultError::Write(_) | FaultError::Differs => context.note_incomplete(),
    }
    context.warn("fault", Value::Object(Output::path_fields(fault.path.as_bytes())), fault);
}
