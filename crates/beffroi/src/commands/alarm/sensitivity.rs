//! `alarm sensitivity`: how easily alarms ring. Anybody makes his machine's louder; only owners make them quieter.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use triage::alarm::Sensitivity;
use vault::id::SourceTag;
use vault::owner_log::AlarmPolicy;
use vault::state::{AgentKeys, StateError, StateFolder};
use vault::store::DirectoryAccess;
use vault::vault::Vault;
use vault::world::Clock;

use crate::arguments::AlarmSensitivityArguments;
use crate::catalogue::Catalogue;
use crate::commands::init::host_name;
use crate::context::{Context, object};
use crate::failure::Failure;
use crate::formats;
use crate::messages::text;
use crate::output::Output;
use crate::sensitivity::{InForce, Wishes};
use crate::sources::{Sources, check_name};
use crate::table::{self, Align};
use crate::world::SystemClock;

/// Shows what holds and why; says it anew before, if a level is given.
pub fn run(context: &Context, arguments: &AlarmSensitivityArguments) -> Result<(), Failure> {
    let source = arguments.source.as_deref();
    source.map_or(Ok(()), check_name)?;
    let level = arguments.level.as_deref().and_then(Sensitivity::of_word);
    match level {
        Some(level) if arguments.owners || level == Sensitivity::Low => say_as_owners(context, level, source)?,
        Some(level) => ask_here(context, level, source)?,
        None => {}
    }
    show(context, source)
}

/// This machine, if it is enrolled.
struct Machine {
    keys: AgentKeys,
    folder: StateFolder,
}

/// What holds for a source.
struct Row {
    /// `None`: all others.
    source: Option<String>,
    /// The machine that keeps it.
    host: Option<String>,
    holds: InForce,
}

/// Writes down what this machine asks for.
fn ask_here(context: &Context, level: Sensitivity, source: Option<&str>) -> Result<(), Failure> {
    let vault = context.open_vault(DirectoryAccess::ReadOnly)?;
    let folder = context.state()?.for_vault(vault.id())?;
    AgentKeys::open(&folder, vault.log())?;
    Wishes::open(folder.path()).ask(source, Some(level))?;
    if let Some(source) = source.filter(|source| Sources::open(folder.path()).find(source).is_none()) {
        context.note(&text("say-sensitivity-not-yet").with("source", Output::safe(source)));
    }
    context.tell(&text("say-sensitivity-machine").with("level", word(context, level)))
}

/// Signs what owners say. A wish of this very machine for the same is withdrawn: who has the owner's key speaks for it too.
fn say_as_owners(context: &Context, level: Sensitivity, source: Option<&str>) -> Result<(), Failure> {
    let kit = context.kit().map_err(|failure| failure.under(text("err-sensitivity-owner")))?;
    let mut vault = context.open_vault(DirectoryAccess::ReadWrite)?;
    let sources = match source {
        Some(source) => {
            let catalogue = Catalogue::read(context, context.open_vault(DirectoryAccess::ReadOnly)?, &kit)?;
            Some(catalogue.source_tags(source)?)
        }
        None => None,
    };
    let now = SystemClock.now();
    let policy = AlarmPolicy { level: level.number(), sources, time: now };
    vault.act(&kit, now, policy.act())?;
    if let Some(machine) = machine(context, &vault)? {
        Wishes::open(machine.folder.path()).ask(source, None)?;
    }
    context.tell(&text("say-sensitivity-owners").with("level", word(context, level)))
}

fn show(context: &Context, source: Option<&str>) -> Result<(), Failure> {
    let vault = context.open_vault(DirectoryAccess::ReadOnly)?;
    let machine = machine(context, &vault)?;
    let mut rows = match &machine {
        Some(machine) => rows_here(&vault, machine, source),
        None => vec![Row { source: None, host: None, holds: of_owners(&vault, None) }],
    };
    if let Some(kit) = context.kit_if_given()? {
        let catalogue = Catalogue::read(context, vault, &kit)?;
        rows.extend(rows_elsewhere(&catalogue, machine.as_ref(), source));
    }
    rows.retain(|row| {
        source.is_none() || row.source.as_deref() == source || (row.source.is_none() && machine.is_none())
    });
    if context.output.is_json() {
        return rows.iter().try_for_each(|row| context.output.item("sensitivity", object(fields(row))));
    }
    let heads = ["col-source", "col-host", "col-sensitivity", "col-this-machine", "col-owners"];
    let mut cells = vec![heads.map(|key| context.messages.word(key)).to_vec()];
    cells.extend(rows.iter().map(|row| row_cells(context, row)));
    table::set(&[Align::Left; 5], &cells).iter().try_for_each(|line| context.output.line(line))?;
    let levels: BTreeSet<Sensitivity> = rows.iter().map(|row| row.holds.sensitivity()).collect();
    levels.into_iter().try_for_each(|level| tell_meaning(context, level))
}

/// Opens this machine's state, if it has one for the vault; makes none.
fn machine(context: &Context, vault: &Vault) -> Result<Option<Machine>, Failure> {
    let Ok(path) = context.state_path() else { return Ok(None) };
    if !path.join("vaults").join(vault.id().to_hex()).is_dir() {
        return Ok(None);
    }
    let folder = context.state()?.for_vault(vault.id())?;
    match AgentKeys::open(&folder, vault.log()) {
        Ok(keys) => Ok(Some(Machine { keys, folder })),
        Err(StateError::NoAgent { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What holds on this machine: for all sources that it knows, and all others.
fn rows_here(vault: &Vault, machine: &Machine, asked: Option<&str>) -> Vec<Row> {
    let (known, wishes) = (Sources::open(machine.folder.path()), Wishes::open(machine.folder.path()));
    let named: BTreeSet<&str> = known.names().chain(wishes.sources()).chain(asked).collect();
    let sources = named.into_iter().map(Some).chain([None]);
    let row = |source: Option<&str>| Row {
        source: source.map(str::to_string),
        host: Some(host_name()),
        holds: InForce::find(vault.log(), &machine.keys, &machine.folder, source),
    };
    sources.map(row).collect()
}

/// What owners said of the sources of other machines; what those ask for themselves only they know.
fn rows_elsewhere(catalogue: &Catalogue, machine: Option<&Machine>, asked: Option<&str>) -> Vec<Row> {
    let mut seen = BTreeSet::new();
    let mut rows = Vec::new();
    for listed in catalogue.snapshots.iter().rev() {
        let (strand, source) = (listed.snapshot.manifest.strand, &listed.sealed.source);
        let is_here = machine.is_some_and(|machine| machine.keys.strand == strand);
        let is_asked = asked.is_none_or(|asked| asked == source);
        if is_here || !is_asked || !seen.insert((strand, source)) {
            continue;
        }
        let tag = catalogue.source_tag(&strand, source);
        let holds = of_owners(&catalogue.vault, Some(&tag));
        rows.push(Row { source: Some(source.clone()), host: Some(listed.sealed.host.clone()), holds });
    }
    rows
}

fn of_owners(vault: &Vault, tag: Option<&SourceTag>) -> InForce {
    InForce { machine: None, owners: vault.log().alarm_policy(tag).cloned() }
}

fn row_cells(context: &Context, row: &Row) -> Vec<String> {
    let source = row.source.as_deref().map_or_else(|| context.messages.word("say-all-others"), Output::safe);
    let host = row.host.as_deref().map_or_else(String::new, Output::safe);
    let machine = row.holds.machine.map_or_else(String::new, |level| word(context, level));
    let owners = row.holds.owners.as_ref().map_or_else(String::new, |policy| {
        let level = Sensitivity::of_number(policy.level);
        format!("{} ({})", word(context, level), formats::moment(policy.time))
    });
    vec![source, host, word(context, row.holds.sensitivity()), machine, owners]
}

fn fields(row: &Row) -> Value {
    let (level, owners) = (row.holds.sensitivity(), row.holds.owners.as_ref());
    let thresholds = level.thresholds();
    json!({
        "source": row.source, "host": row.host, "level": level.word(), "machine": row.holds.machine.map(Sensitivity::word),
        "owners": owners.map(|policy| Sensitivity::of_number(policy.level).word()),
        "owners_time": owners.map(|policy| formats::rfc3339(policy.time)),
        "hurt_min": thresholds.hurt.files, "hurt_few_min": thresholds.hurt.files_of_few,
        "suspect_min": thresholds.suspect.files, "emptied_min": thresholds.emptied.files,
        "deleted_min": thresholds.deleted_min, "deleted_percent_min": thresholds.deleted_percent_min,
    })
}

fn tell_meaning(context: &Context, level: Sensitivity) -> Result<(), Failure> {
    let thresholds = level.thresholds();
    let key = match level {
        Sensitivity::Low => "say-sensitivity-means-low",
        Sensitivity::Usual => "say-sensitivity-means-usual",
        Sensitivity::High => "say-sensitivity-means-high",
    };
    let said = text(key).with("hurt", thresholds.hurt.files).with("few", thresholds.hurt.files_of_few);
    let said = said.with("emptied", thresholds.emptied.files).with("percent", thresholds.deleted_percent_min);
    context.tell(&said)
}

fn word(context: &Context, level: Sensitivity) -> String {
    context.messages.word(match level {
        Sensitivity::Low => "level-low",
        Sensitivity::Usual => "level-usual",
        Sensitivity::High => "level-high",
    })
}
