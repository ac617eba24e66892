//! `restore --plan` and `restore --overwrite if-damaged`: a clean tree, into a new folder or over what is hurt.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use damage::{
    AssessOptions, AttributeDifference, Evidence, Ground, Line, RepairError, RepairMonitor, Repaired, repair,
};
use restore::clean::CleanTree;
use restore::evidence::EvidenceError;
use restore::fill::{Fault, RestoreMonitor};
use restore::live::LiveError;
use restore::order::restore_in_order;
use restore::target::AttributeWarning;
use serde_json::{Value, json};
use vault::read::ReadFault;
use vault::world::{Clock, Entropy, Timestamp};

use super::restore::{allow_descriptors, options, summarize};
use crate::arguments::{OverwriteChoice, RestoreArguments};
use crate::catalogue::{Catalogue, find_entry, trim};
use crate::context::Context;
use crate::failure::Failure;
use crate::formats;
use crate::listening::Listening;
use crate::messages::{Gap, text};
use crate::output::Output;
use crate::plan_file;
use crate::selector::Selector;
use crate::verdict_words::{class_word, one_key};
use crate::watch::{Watch, tell_hidden_warnings};
use crate::world::{SystemClock, SystemEntropy};

/// Restores a clean tree, or repairs with it.
pub fn run(context: &Context, arguments: &RestoreArguments) -> Result<(), Failure> {
    let repairs = arguments.overwrite == OverwriteChoice::IfDamaged;
    if arguments.evidence.is_some() && !repairs {
        return Err(Failure::usage(text("err-evidence-alone")));
    }
    let catalogue = Catalogue::open(context)?;
    let (tree, below) = tree(context, arguments, &catalogue)?;
    super::watch_interrupts(context)?;
    allow_descriptors();
    let started = SystemClock.now();
    let monitor = Mender { watch: Watch::begin(context, 0) };
    let at_target = |failure: Failure| failure.under(text("err-at-target").show("path", arguments.to.display()));
    if repairs {
        let done = mend(arguments, (&tree, &below), &monitor);
        tell_hidden_warnings(context, monitor.watch.close());
        return tell(context, arguments, &done.map_err(|error| at_target(error.into()))?, started);
    }
    let listening = Listening::new(context, arguments.plan.as_deref(), &tree)?;
    let (order, changed) = (listening.order(), || listening.changed());
    let done = restore_in_order(&tree, &arguments.to, &options(arguments), (&order, &changed), &monitor);
    tell_hidden_warnings(context, monitor.watch.close());
    summarize(context, arguments, None, &done.map_err(|error| at_target(error.into()))?, started)
}

/// Opens what should be there: what a plan means, or one snapshot; and says which folder of it.
fn tree(
    context: &Context,
    arguments: &RestoreArguments,
    catalogue: &Catalogue,
) -> Result<(CleanTree, Vec<u8>), Failure> {
    if let Some(path) = &arguments.plan {
        let plan = plan_file::read_named(path)?;
        let tree = plan_file::tree(context, catalogue, &plan)?;
        refuse_inner(arguments, &plan_file::snapshots(catalogue, &plan)?[tree.base()].sealed.paths)?;
        return Ok((tree, Vec::new()));
    }
    let given = arguments.snapshot.as_deref().unwrap_or_default();
    let (selector, path) = Selector::parse_with_path(given)?;
    let listed = catalogue.select(&selector)?;
    if path.is_empty() {
        refuse_inner(arguments, &listed.sealed.paths)?;
    }
    let reader = catalogue.reader(context, listed)?;
    let (path, entry) = find_entry(&reader, &path)?;
    if !entry.is_directory() {
        return Err(Failure::usage(text("err-repair-part").with("path", Output::safe_bytes(&path))));
    }
    Ok((CleanTree::new(vec![reader], 0), trim(&path)))
}

/// Refuses to repair one of several folders that were kept together with what was kept of them all.
///
/// All would come back one folder too deep, and what is hurt would lie there as if the attacker had left it.
fn refuse_inner(arguments: &RestoreArguments, kept: &[Vec<u8>]) -> Result<(), Failure> {
    if kept.len() < 2 || arguments.overwrite != OverwriteChoice::IfDamaged {
        return Ok(());
    }
    let to = arguments.to.canonicalize().unwrap_or_else(|_| arguments.to.clone());
    for path in kept.iter().map(|path| trim(path)) {
        let inner = Path::new(OsStr::from_bytes(&path));
        if to.ends_with(inner) && to.join(inner).symlink_metadata().is_err() {
            let above = to.ancestors().nth(inner.components().count()).unwrap_or(Path::new("/"));
            let said = text("err-repair-inner").show("path", arguments.to.display());
            return Err(Failure::usage(said.show("above", above.display())));
        }
    }
    Ok(())
}

fn mend(
    arguments: &RestoreArguments,
    (tree, below): (&CleanTree, &[u8]),
    monitor: &Mender<'_>,
) -> Result<Repaired, RepairError> {
    let mut key = [0; 32];
    SystemEntropy.fill(&mut key);
    let jobs = super::jobs(arguments.jobs);
    let assessing = AssessOptions { evidence: Evidence::Content { key }, jobs, follows: false };
    let options = (&assessing, &options(arguments));
    let ground = Ground { to: &arguments.to, below, evidence: arguments.evidence.as_deref() };
    repair(tree, &ground, options, monitor)
}

fn tell(
    context: &Context,
    arguments: &RestoreArguments,
    repaired: &Repaired,
    started: Timestamp,
) -> Result<(), Failure> {
    let time = formats::between(started, SystemClock.now());
    let Repaired { totals, outcome, cleared, open, elsewhere, attributes, stayed } = repaired;
    if outcome.faults + stayed + totals.unread_directories > 0 {
        context.note_incomplete();
    }
    context.tell(
        &text("say-repair-done")
            .show("path", arguments.to.display())
            .with("left", outcome.faults + stayed + totals.unread_directories)
            .with("back", outcome.entries)
            .with("bytes", Gap::Bytes(outcome.bytes))
            .with("cleared", *cleared)
            .with("intact", totals.intact)
            .with("edited", totals.edited + totals.new)
            .with("time", formats::duration(time, context.messages.language())),
    )?;
    if arguments.verify {
        context.tell(&text("say-restore-verified").with("count", outcome.verified))?;
    }
    if *attributes > 0 {
        context.note(&text("say-repair-attributes").with("count", *attributes));
    }
    if *open > 0 {
        context.note(&text("say-repair-open").with("count", *open));
    }
    if outcome.faults + stayed > 0 {
        context.note(&text("say-restore-incomplete").with("count", outcome.faults + stayed));
    }
    context.event(
        "summary",
        json!({
            "back": outcome.entries, "bytes": outcome.bytes, "cleared": cleared, "intact": totals.intact,
            "edited": totals.edited, "new": totals.new, "open": open, "faults": outcome.faults, "stayed": stayed,
            "elsewhere": elsewhere, "attributes": attributes, "warnings": outcome.warnings, "verified": outcome.verified,
            "unread_directories": totals.unread_directories, "seconds": time.as_secs_f64(),
        }),
    )
}

/// Shows how a repair goes on.
struct Mender<'c> {
    watch: Watch<'c>,
}

impl RestoreMonitor for Mender<'_> {
    fn total(&self, entries: u64, bytes: u64) {
        RestoreMonitor::total(&self.watch, entries, bytes);
    }

    fn entry(&self, bytes: u64) {
        RestoreMonitor::entry(&self.watch, bytes);
    }

    fn fault(&self, fault: Fault) {
        RestoreMonitor::fault(&self.watch, fault);
    }

    fn warning(&self, warning: AttributeWarning) {
        RestoreMonitor::warning(&self.watch, warning);
    }

    fn stopping(&self) -> bool {
        RestoreMonitor::stopping(&self.watch)
    }
}

impl RepairMonitor for Mender<'_> {
    fn looked_at(&self, files: u64, bytes: u64) {
        self.watch.progress().add_entries(files);
        self.watch.progress().add_bytes(bytes);
    }

    fn open_question(&self, line: &Line) {
        let context = self.watch.context();
        let class = context.messages.word(one_key(line.class));
        context.note(&text("say-repair-question").with("class", class).with("path", Output::safe_bytes(&line.path)));
        let mut fields = Output::path_fields(&line.path);
        fields.insert("class".into(), class_word(line.class).into());
        let _ = context.event("question", Value::Object(fields));
    }

    fn points_elsewhere(&self, path: &[u8], kept: &[u8], now: &[u8]) {
        let (context, safe) = (self.watch.context(), Output::safe_bytes);
        let words = text("say-repair-elsewhere").with("path", safe(path));
        context.note(&words.with("kept", safe(kept)).with("now", safe(now)));
        let mut fields = Output::path_fields(path);
        fields.insert("kept".into(), safe(kept).into());
        fields.insert("now".into(), safe(now).into());
        let _ = context.event("elsewhere", Value::Object(fields));
    }

    fn other_attributes(&self, path: &[u8], difference: &AttributeDifference) {
        let mut fields = Output::path_fields(path);
        let (kept, now) = difference.mode;
        fields.insert("mode_kept".into(), format!("{kept:o}").into());
        fields.insert("mode".into(), format!("{now:o}").into());
        if let Some((kept, now)) = difference.owner {
            fields.insert("owner_kept".into(), json!([kept.0, kept.1]));
            fields.insert("owner".into(), json!([now.0, now.1]));
        }
        let _ = self.watch.context().event("attributes", Value::Object(fields));
    }

    fn unread(&self, path: &[u8], fault: &ReadFault) {
        self.watch.context().warn_unread(path, fault);
    }

    fn unreadable(&self, path: &[u8], error: &LiveError) {
        self.watch.context().warn("fault", Value::Object(Output::path_fields(path)), error);
    }

    fn stays(&self, path: &[u8], error: &EvidenceError) {
        self.watch.context().warn("fault", Value::Object(Output::path_fields(path)), error);
    }
}
