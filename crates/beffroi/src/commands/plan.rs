//! `plan` and `prioritise`: what comes back, in which order, and how long it takes.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use restore::clean::CleanTree;
use restore::order::{Amount, Phase, survey};
use restore::plan::{Plan, PlanAction, PlanHead};
use serde_json::{Value, json};
use vault::world::Clock;

use crate::arguments::{PlanArguments, PrioritiseArguments};
use crate::catalogue::{Catalogue, Listed, trim};
use crate::context::Context;
use crate::failure::Failure;
use crate::formats;
use crate::messages::{Gap, Text, text};
use crate::output::Output;
use crate::plan_file;
use crate::progress::Progress;
use crate::rates::Rate;
use crate::selector::Selector;
use crate::table::{self, Align};
use crate::world::SystemClock;

/// Shows a plan; makes one of a whole snapshot first, if one is named.
pub fn run(context: &Context, arguments: &PlanArguments) -> Result<(), Failure> {
    let catalogue = Catalogue::open(context)?;
    let known = plan_file::read(&arguments.file)?;
    let plan = match (known, &arguments.snapshot) {
        (Some(_), Some(_)) => return Err(Failure::usage(text("err-plan-file").show("path", arguments.file.display()))),
        (Some(plan), None) => plan,
        (None, None) => plan_file::read_named(&arguments.file)?,
        (None, Some(given)) => {
            let plan = of_snapshot(&catalogue, catalogue.select(&Selector::parse(given)?)?);
            plan_file::write(&arguments.file, &plan)?;
            plan
        }
    };
    super::watch_interrupts(context)?;
    let tree = plan_file::tree(context, &catalogue, &plan)?;
    show(context, &arguments.file, &plan, &tree, &plan_file::snapshots(&catalogue, &plan)?)
}

/// Says what comes back first.
pub fn prioritise(context: &Context, arguments: &PrioritiseArguments) -> Result<(), Failure> {
    let catalogue = Catalogue::open(context)?;
    let mut plan = plan_file::read_named(&arguments.file)?;
    let tree = plan_file::tree(context, &catalogue, &plan)?;
    let listed = plan_file::snapshots(&catalogue, &plan)?;
    let mut order = plan.order(0);
    if arguments.clear {
        order.first.clear();
    }
    let paths: Result<Vec<_>, _> = arguments.paths.iter().map(|path| known_path(&tree, path)).collect();
    order.put_first(paths?);
    plan.head.first = order.first;
    plan_file::write(&arguments.file, &plan)?;
    super::watch_interrupts(context)?;
    show(context, &arguments.file, &plan, &tree, &listed)
}

/// Names a phase.
fn phase_said(phase: Phase, plan: &Plan) -> Text {
    match phase {
        Phase::Named(at) => text("say-phase-named").with("path", Output::safe_bytes(&plan.head.first[at])),
        Phase::Rest => text("say-phase-rest"),
        Phase::SmallRecent => text("say-phase-small-recent"),
        Phase::SmallOlder => text("say-phase-small-older"),
        Phase::LargeRecent => text("say-phase-large-recent"),
        Phase::LargeOlder => text("say-phase-large-older"),
    }
}

fn of_snapshot(catalogue: &Catalogue, listed: &Listed) -> Plan {
    let head = PlanHead {
        beffroi_plan: 1,
        vault: catalogue.vault.id().to_hex(),
        source: listed.sealed.source.clone(),
        host: listed.sealed.host.clone(),
        made: formats::rfc3339(SystemClock.now()),
        snapshots: vec![listed.snapshot.hash.to_hex()],
        first: Vec::new(),
        rows: 0,
    };
    Plan { head, rows: BTreeMap::new() }
}

/// A name that is written wrongly would put nothing first, on a day on which nobody looks twice.
fn known_path(tree: &CleanTree, path: &Path) -> Result<Vec<u8>, Failure> {
    let given = path.as_os_str().as_bytes();
    let path = trim(given);
    match tree.find(&path)? {
        Some(_) if !path.is_empty() => Ok(path),
        _ => Err(Failure::usage(text("err-prioritise-path").with("path", Output::safe_bytes(given)))),
    }
}

/// A phase, how much it is, and when it is over.
type Row = (Phase, Amount, Option<Duration>);

fn show(context: &Context, file: &Path, plan: &Plan, tree: &CleanTree, listed: &[&Listed]) -> Result<(), Failure> {
    let order = plan_file::order(plan, tree);
    let progress = Progress::begin(context, 0);
    let amounts = survey(tree, &order, &mut |files| {
        progress.add_entries(files);
        context.interrupt.is_set()
    });
    drop(progress);
    let amounts = amounts.ok_or_else(|| Failure::new(text("err-stopped")))?;
    let rate = Rate::last(context);
    let (mut files, mut bytes) = (0, 0);
    let mut rows: Vec<Row> = Vec::new();
    for phase in order.phases() {
        let amount = amounts.get(&phase).copied().unwrap_or_default();
        (files, bytes) = (files + amount.files, bytes + amount.bytes);
        rows.push((phase, amount, rate.map(|rate| rate.time_for(files, bytes))));
    }
    rows.retain(|(phase, amount, _)| amount.files > 0 || matches!(phase, Phase::Named(_)));
    if context.output.is_json() {
        return tell_json(context, file, plan, &rows, rate);
    }
    let base = listed[listed.len() - 1];
    let count = |action| plan.rows.values().filter(|row| row.action == action).count() as u64;
    context.tell(
        &text("say-plan-of")
            .with("source", Output::safe(&plan.head.source))
            .with("snapshot", base.short_id())
            .with("time", formats::moment(base.sealed.started))
            .with("take", count(PlanAction::Take))
            .with("drop", count(PlanAction::Drop)),
    )?;
    show_rows(context, plan, &rows)?;
    context.note(&text("say-plan-run").show("path", file.display()));
    match rate {
        Some(rate) => context.note(
            &text("say-plan-rate")
                .with("when", formats::moment(vault::world::Timestamp::from_seconds(rate.when)))
                .with("entries", rate.entries)
                .with("rate", Gap::Bytes(rate.bytes_per_second()))
                .with("time", formats::duration(Duration::from_secs_f64(rate.seconds), context.messages.language())),
        ),
        None => context.note(&text("say-plan-no-rate")),
    }
    Ok(())
}

fn show_rows(context: &Context, plan: &Plan, rows: &[Row]) -> Result<(), Failure> {
    let language = context.messages.language();
    let heads = ["col-phase", "col-phase-files", "col-size", "col-phase-read", "col-phase-after"];
    let mut cells = vec![heads.iter().map(|head| context.messages.word(head)).collect::<Vec<_>>()];
    let total = rows.iter().fold(Amount::default(), |all, (_, amount, _)| all.plus(amount));
    let line = |said: String, amount: &Amount, after: Option<Duration>| {
        vec![
            said,
            formats::number(amount.files, language),
            formats::size(amount.bytes, language),
            formats::size(amount.stored_bytes, language),
            after.map(|after| formats::duration(after, language)).unwrap_or_default(),
        ]
    };
    cells
        .extend(rows.iter().map(|(phase, amount, after)| line(context.say(&phase_said(*phase, plan)), amount, *after)));
    cells.push(line(context.messages.word("say-phase-total"), &total, rows.last().and_then(|row| row.2)));
    let columns = [Align::Left, Align::Right, Align::Right, Align::Right, Align::Right];
    table::set(&columns, &cells).iter().try_for_each(|line| context.output.line(line))
}

fn tell_json(context: &Context, file: &Path, plan: &Plan, rows: &[Row], rate: Option<Rate>) -> Result<(), Failure> {
    let phase_json = |(phase, amount, after): &Row| -> Value {
        let (word, path) = match phase {
            Phase::Named(at) => ("named", Some(String::from_utf8_lossy(&plan.head.first[*at]))),
            Phase::Rest => ("rest", None),
            Phase::SmallRecent => ("small-recent", None),
            Phase::SmallOlder => ("small-older", None),
            Phase::LargeRecent => ("large-recent", None),
            Phase::LargeOlder => ("large-older", None),
        };
        json!({
            "phase": word, "path": path, "files": amount.files, "bytes": amount.bytes,
            "stored_bytes": amount.stored_bytes, "seconds": after.map(|after| after.as_secs_f64()),
        })
    };
    context.event(
        "summary",
        json!({
            "plan": file.display().to_string(), "source": plan.head.source, "snapshots": plan.head.snapshots,
            "phases": rows.iter().map(phase_json).collect::<Vec<_>>(), "rate": rate,
        }),
    )
}
