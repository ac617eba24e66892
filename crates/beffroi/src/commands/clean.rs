//! `clean`: of every file its last clean version; a plan that people read and change before anything moves.

use std::collections::BTreeMap;
use std::path::Path;

use damage::{Action, AssessOptions, CleanMonitor, Cleaned, Evidence, Row, clean};
use jiff::Zoned;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use restore::plan::{Plan, PlanAction, PlanHead, PlanRow};
use serde_json::json;
use vault::read::{ReadFault, SnapshotReader};
use vault::world::{Clock, Entropy, Timestamp};

use super::damage::{by_source, last_healthy};
use crate::arguments::CleanArguments;
use crate::catalogue::{Catalogue, Listed, short, trim};
use crate::context::Context;
use crate::failure::Failure;
use crate::formats;
use crate::messages::text;
use crate::output::Output;
use crate::plan_file::{self, action_key, class_said, reasons_said};
use crate::progress::Progress;
use crate::selector::Selector;
use crate::table::{self, Align};
use crate::verdict_words::{class_word, reason_word};
use crate::world::{SystemClock, SystemEntropy};

/// So many paths are listed for people; the plan has all.
const ROWS_SHOWN: usize = 40;
const FOLDERS_SHOWN: usize = 20;

/// Makes a plan, or shows and changes one that is there; in a folder, one for each source.
pub fn run(context: &Context, arguments: &CleanArguments) -> Result<(), Failure> {
    let catalogue = Catalogue::open(context)?;
    super::watch_interrupts(context)?;
    if !arguments.plan.is_dir() {
        return plan_of_one(context, arguments, &catalogue);
    }
    if !(arguments.keep.is_empty() && arguments.drop.is_empty() && arguments.take.is_empty() && arguments.csv.is_none())
    {
        return Err(Failure::usage(text("err-clean-folder").show("path", arguments.plan.display())));
    }
    for (name, chain) in named_sources(&catalogue, arguments)? {
        let path = arguments.plan.join(format!("{name}.plan"));
        let plan = match plan_file::read(&path)? {
            Some(_) if arguments.since.is_some() => {
                return Err(Failure::usage(text("err-plan-there").show("path", path.display())));
            }
            Some(plan) => plan,
            None => make(context, arguments, &catalogue, &chain)?,
        };
        let listed = plan_file::snapshots(&catalogue, &plan)?;
        plan_file::write(&path, &plan)?;
        show(context, &path, &plan, &listed, later(&catalogue, &listed))?;
    }
    Ok(())
}

fn plan_of_one(context: &Context, arguments: &CleanArguments, catalogue: &Catalogue) -> Result<(), Failure> {
    let known = plan_file::read(&arguments.plan)?;
    let is_new = known.is_none();
    let mut plan = match known {
        Some(_) if arguments.since.is_some() => {
            return Err(Failure::usage(text("err-plan-there").show("path", arguments.plan.display())));
        }
        Some(plan) => plan,
        None => make(context, arguments, catalogue, &chain(catalogue, arguments)?)?,
    };
    let listed = plan_file::snapshots(catalogue, &plan)?;
    let decided = decide(&mut plan, arguments)?;
    if is_new || decided > 0 {
        plan_file::write(&arguments.plan, &plan)?;
    }
    if let Some(path) = &arguments.csv {
        plan_file::write_table(path, &plan, &listed, &context.messages)?;
        context.note(&text("say-plan-table").show("path", path.display()));
    }
    show(context, &arguments.plan, &plan, &listed, later(catalogue, &listed))
}

fn make(
    context: &Context,
    arguments: &CleanArguments,
    catalogue: &Catalogue,
    chain: &[&Listed],
) -> Result<Plan, Failure> {
    let opened = catalogue.readers(context, chain)?;
    let readers: Vec<SnapshotReader> = opened.into_iter().map(|(_, reader)| reader).collect();
    let mut key = [0; 32];
    SystemEntropy.fill(&mut key);
    let options =
        AssessOptions { evidence: Evidence::Content { key }, jobs: super::jobs(arguments.jobs), follows: false };
    let mut watch = Watch { context, progress: Progress::begin(context, 0) };
    let cleaned = clean(&readers, &options, &mut watch).ok_or_else(|| Failure::new(text("err-stopped")))?;
    drop(watch);
    if cleaned.unread > 0 {
        context.note(&text("say-damage-unread").with("count", cleaned.unread));
    }
    context.note(&text("say-clean-made").with("versions", cleaned.versions).with("sound", cleaned.sound_changes));
    Ok(plan_of(catalogue, chain, cleaned))
}

/// Chooses the snapshots of the only source: from the one that is taken for sound to the newest.
fn chain<'c>(catalogue: &'c Catalogue, arguments: &CleanArguments) -> Result<Vec<&'c Listed>, Failure> {
    let mut chains = chains(catalogue, arguments)?;
    match chains.len() {
        0 => Err(Failure::new(text("err-no-snapshots"))),
        1 => Ok(chains.swap_remove(0)),
        _ => {
            let names = chains.iter().map(|chain| Output::safe(&chain[0].sealed.source)).collect::<Vec<_>>();
            Err(Failure::usage(text("err-clean-source").with("sources", names.join(", "))))
        }
    }
}

/// Chooses the snapshots of each source, and a name for the file of its plan.
fn named_sources<'c>(
    catalogue: &'c Catalogue,
    arguments: &CleanArguments,
) -> Result<Vec<(String, Vec<&'c Listed>)>, Failure> {
    let chains = chains(catalogue, arguments)?;
    if chains.is_empty() {
        return Err(Failure::new(text("err-no-snapshots")));
    }
    let mut named: Vec<(String, Vec<&Listed>)> = Vec::new();
    for chain in chains {
        let sealed = &chain[0].sealed;
        let as_name = |words: &str| words.replace(|letter: char| letter == '/' || letter.is_control(), "_");
        let mut name = as_name(&sealed.source);
        if named.iter().any(|(known, _)| *known == name) {
            name =
                format!("{name} ({}, {})", as_name(&sealed.host), short(&chain[0].snapshot.manifest.strand.to_hex()));
        }
        named.push((name, chain));
    }
    Ok(named)
}

/// Chooses the snapshots of each source that is meant.
fn chains<'c>(catalogue: &'c Catalogue, arguments: &CleanArguments) -> Result<Vec<Vec<&'c Listed>>, Failure> {
    let since = arguments.since.as_deref().map(Since::parse).transpose()?;
    let since_listed = match &since {
        Some(Since::Snapshot(selector)) => Some(catalogue.select(selector)?),
        _ => None,
    };
    let is_since = |one: &&Listed| since_listed.is_some_and(|since| one.snapshot.hash == since.snapshot.hash);
    let mut sources: Vec<Vec<&Listed>> = by_source(catalogue).collect();
    sources.retain(|snapshots| {
        arguments.source.as_ref().is_none_or(|name| *name == snapshots[0].sealed.source)
            && (since_listed.is_none() || snapshots.iter().any(is_since))
    });
    let from = |snapshots: Vec<&'c Listed>| {
        let first = match &since {
            Some(Since::Snapshot(_)) => snapshots.iter().position(is_since).unwrap_or(0),
            Some(Since::Time(time)) => {
                let after = snapshots.iter().position(|listed| listed.sealed.started > *time);
                let oldest = formats::moment(snapshots[0].sealed.started);
                let before = after.unwrap_or(snapshots.len()).checked_sub(1);
                before.ok_or_else(|| Failure::usage(text("err-clean-since").with("oldest", oldest)))?
            }
            None => last_healthy(catalogue, &snapshots, 1),
        };
        Ok(snapshots[first..].to_vec())
    };
    sources.into_iter().map(from).collect()
}

/// From when on.
enum Since {
    Snapshot(Selector),
    Time(Timestamp),
}

impl Since {
    /// Reads a snapshot, or a time: `2026-11-20`, `2026-11-20T14:00`, with a zone or in that of this machine.
    fn parse(given: &std::ffi::OsStr) -> Result<Self, Failure> {
        let of_nanoseconds = |time: jiff::Timestamp| i64::try_from(time.as_nanosecond()).ok().map(Timestamp);
        let words = given.to_str().unwrap_or_default();
        let zoned = || words.parse::<Zoned>().ok().map(|zoned| zoned.timestamp());
        let instant = || words.parse::<jiff::Timestamp>().ok();
        let civil = || Some(words.parse::<DateTime>().ok()?.to_zoned(TimeZone::system()).ok()?.timestamp());
        match zoned().or_else(instant).or_else(civil).and_then(of_nanoseconds) {
            Some(time) => Ok(Self::Time(time)),
            None => Ok(Self::Snapshot(Selector::parse(given)?)),
        }
    }
}

fn plan_of(catalogue: &Catalogue, chain: &[&Listed], cleaned: Cleaned) -> Plan {
    let newest = chain[chain.len() - 1];
    let rows: BTreeMap<Vec<u8>, PlanRow> = cleaned.rows.into_iter().map(plan_row).collect();
    let head = PlanHead {
        beffroi_plan: 1,
        vault: catalogue.vault.id().to_hex(),
        source: newest.sealed.source.clone(),
        host: newest.sealed.host.clone(),
        made: formats::rfc3339(SystemClock.now()),
        snapshots: chain.iter().map(|listed| listed.snapshot.hash.to_hex()).collect(),
        first: Vec::new(),
        rows: rows.len() as u64,
    };
    Plan { head, rows }
}

fn plan_row(row: Row) -> (Vec<u8>, PlanRow) {
    let action = match row.action {
        Action::Take => PlanAction::Take,
        Action::Remove => PlanAction::Drop,
        Action::Leave => PlanAction::Keep,
    };
    let written = PlanRow {
        path_now: row.path_now,
        class: class_word(row.class).to_string(),
        reasons: row.reasons.iter().map(|reason| reason_word(reason).to_string()).collect(),
        first_seen: row.first_seen,
        sound: row.sound,
        action,
        by_hand: false,
        bytes: row.bytes,
    };
    (row.path, written)
}

/// Takes what people decide. A path that the plan does not name is a mistake worth telling.
fn decide(plan: &mut Plan, arguments: &CleanArguments) -> Result<u64, Failure> {
    let decisions =
        [(&arguments.keep, PlanAction::Keep), (&arguments.drop, PlanAction::Drop), (&arguments.take, PlanAction::Take)];
    let mut all = 0;
    for (paths, action) in decisions {
        for path in paths {
            let wanted = std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str());
            let decided = plan.decide(&trim(wanted), action);
            if decided == 0 {
                return Err(Failure::usage(text("err-plan-path").with("path", Output::safe_bytes(wanted))));
            }
            all += decided;
        }
    }
    Ok(all)
}

/// Counts the snapshots of a source that were taken after a plan was made: it knows nothing of them.
fn later(catalogue: &Catalogue, listed: &[&Listed]) -> u64 {
    let Some(last) = listed.last() else { return 0 };
    let is_last = |one: &&Listed| one.snapshot.hash == last.snapshot.hash;
    let after = |chain: Vec<&Listed>| Some(chain.len() - 1 - chain.iter().position(is_last)?);
    by_source(catalogue).find_map(after).unwrap_or(0) as u64
}

fn show(context: &Context, path: &Path, plan: &Plan, listed: &[&Listed], later: u64) -> Result<(), Failure> {
    let mut counts: BTreeMap<(PlanAction, String), (u64, u64)> = BTreeMap::new();
    for row in plan.rows.values() {
        let (files, bytes) = counts.entry((row.action, row.class.clone())).or_default();
        (*files, *bytes) = (*files + 1, *bytes + row.bytes);
    }
    let count = |((action, class), (files, bytes)): (&(PlanAction, String), &(u64, u64))| json!({ "action": action, "class": class, "files": files, "bytes": bytes });
    context.event(
        "summary",
        json!({
            "plan": path.display().to_string(), "source": plan.head.source,
            "from": plan.head.snapshots[0], "to": plan.head.snapshots[listed.len() - 1],
            "from_time": formats::rfc3339(listed[0].sealed.started),
            "to_time": formats::rfc3339(listed[listed.len() - 1].sealed.started),
            "later": later, "rows": plan.rows.len(), "counts": counts.iter().map(count).collect::<Vec<_>>(),
        }),
    )?;
    if context.output.is_json() {
        return Ok(());
    }
    let (first, last) = (listed[0], listed[listed.len() - 1]);
    context.tell(
        &text("say-plan-head")
            .with("source", Output::safe(&plan.head.source))
            .with("from", first.short_id())
            .with("from_time", formats::moment(first.sealed.started))
            .with("to", last.short_id())
            .with("to_time", formats::moment(last.sealed.started)),
    )?;
    if later > 0 {
        context.note(&text("say-plan-later").with("count", later).show("path", path.display()));
    }
    show_counts(context, &counts)?;
    show_folders(context, plan)?;
    show_rows(context, plan, listed)?;
    context.note(&text("say-plan-next").show("path", path.display()));
    Ok(())
}

fn show_counts(context: &Context, counts: &BTreeMap<(PlanAction, String), (u64, u64)>) -> Result<(), Failure> {
    let language = context.messages.language();
    let mut rows = Vec::new();
    for ((action, class), (files, bytes)) in counts {
        let class = context.messages.lookup(&format!("class-{class}")).unwrap_or_else(|| class.clone());
        rows.push(vec![
            formats::number(*files, language),
            class,
            context.say(&text(action_key(*action))),
            formats::size(*bytes, language),
        ]);
    }
    let columns = [Align::Right, Align::Left, Align::Left, Align::Right];
    table::set(&columns, &rows).iter().try_for_each(|line| context.output.line(line))
}

fn show_folders(context: &Context, plan: &Plan) -> Result<(), Failure> {
    let mut folders: BTreeMap<&[u8], [u64; 2]> = BTreeMap::new();
    for (path, row) in &plan.rows {
        let folder = &path[..path.iter().rposition(|byte| *byte == b'/').unwrap_or(0)];
        folders.entry(folder).or_default()[usize::from(row.action == PlanAction::Keep)] += 1;
    }
    let mut folders: Vec<_> = folders.into_iter().collect();
    folders.sort_by_key(|(_, counts)| std::cmp::Reverse(*counts));
    if folders.len() < 2 {
        return Ok(());
    }
    let language = context.messages.language();
    let heads = ["col-mended", "col-kept", "col-folder"];
    let mut rows = vec![heads.map(|key| context.messages.word(key)).to_vec()];
    for (folder, [mended, kept]) in folders.into_iter().take(FOLDERS_SHOWN) {
        let numbers = [mended, kept].map(|number| formats::number(number, language));
        let [mended, kept] = numbers;
        rows.push(vec![mended, kept, format!("{}/", Output::safe_bytes(folder))]);
    }
    let columns = [Align::Right, Align::Right, Align::Left];
    table::set(&columns, &rows).iter().try_for_each(|line| context.output.line(line))
}

/// Shows first what a person has to decide.
fn show_rows(context: &Context, plan: &Plan, listed: &[&Listed]) -> Result<(), Failure> {
    let mut rows: Vec<_> = plan.rows.iter().collect();
    rows.sort_by_key(|(_, row)| std::cmp::Reverse(row.action));
    let all = context.global.verbose;
    let shown = if all { rows.len() } else { rows.len().min(ROWS_SHOWN) };
    for (path, row) in &rows[..shown] {
        let now = row.path_now.as_ref().map(|now| format!(" → {}", Output::safe_bytes(now))).unwrap_or_default();
        let sound = row.sound.map_or_else(|| "-".to_string(), |at| listed[at].short_id());
        let (messages, mut why) = (&context.messages, class_said(row, &context.messages));
        let reasons = reasons_said(row, messages);
        if !reasons.is_empty() {
            why = format!("{why}{}{reasons}", messages.word("say-because"));
        }
        let action = messages.word(action_key(row.action));
        context.output.line(&format!("{action}  {}{now}  ({why})  [{sound}]", Output::safe_bytes(path)))?;
    }
    if shown < rows.len() {
        context.tell(&text("say-hurt-more").with("count", (rows.len() - shown) as u64))?;
    }
    Ok(())
}

struct Watch<'w> {
    context: &'w Context,
    progress: Progress<'w>,
}

impl CleanMonitor for Watch<'_> {
    fn step(&mut self, _place: usize) {}

    fn looked_at(&mut self, files: u64, bytes: u64) {
        self.progress.add_entries(files);
        self.progress.add_bytes(bytes);
    }

    fn fault(&mut self, path: &[u8], fault: &ReadFault) {
        self.context.warn_unread(path, fault);
    }

    fn stopping(&self) -> bool {
        self.context.interrupt.is_set()
    }
}
