//! `backup`: keeps paths, or what a command prints.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, StatxFlags, makedev, statx};
use serde_json::{Value, json};
use triage::alarm::{Level, Sensitivity};
use triage::ledger::{Account, Hurt};
use vault::backup::{Agent, BackupError, BackupOptions, Outcome, backup_stream, backup_tree};
use vault::chunk::ChunkSizes;
use vault::name::{Folder, HashedKind, NumberedKind};
use vault::source::{Exclusions, Identity, Names, RootPaths, SourceError, Walk, WalkOptions, is_rotational};
use vault::state::{AgentKeys, StateFolder};
use vault::store::{DirectoryAccess, DirectoryStore};
use vault::vault::Vault;
use vault::world::Clock;

use super::alarm::{ground_fields, ground_text, level_word};
use super::init::host_name;
use crate::arguments::BackupArguments;
use crate::catalogue::short;
use crate::context::Context;
use crate::failure::Failure;
use crate::formats;
use crate::guard::{Guard, alarm_of};
use crate::hooks::{self, Moment};
use crate::messages::{Gap, Text, text};
use crate::notices::{self, Finding};
use crate::output::Output;
use crate::sensitivity::InForce;
use crate::sources::{Source, Sources, check_name, spell};
use crate::stream::StreamSource;
use crate::watch::Watch;
use crate::world::{SystemClock, SystemEntropy};

/// Makes a snapshot.
pub fn run(context: &Context, arguments: &BackupArguments) -> Result<(), Failure> {
    hooks::check([arguments.before.as_deref(), arguments.after.as_deref()])?;
    let wanted = Wanted::of(arguments)?;
    let vault = context.open_vault(DirectoryAccess::ReadWrite)?;
    let folder = context.state()?.for_vault(vault.id())?;
    let keys = AgentKeys::open(&folder, vault.log())?;
    let lock = folder.lock()?;
    sweep(context, &keys);
    let mut sources = Sources::open(folder.path());
    wanted.check_against(&sources, arguments)?;
    super::watch_interrupts(context)?;
    let agent = Agent {
        vault: &vault,
        keys: &keys,
        folder: &folder,
        lock: &lock,
        clock: &SystemClock,
        entropy: &SystemEntropy,
    };
    let before = sources.find(&wanted.source).cloned();
    let mut finding = None;
    let kept = with_hooks(context, arguments, &wanted, || {
        let outcome = keep(context, arguments, &wanted, agent, before.as_ref())?;
        finding = find(&vault, &wanted, &outcome);
        Ok(outcome)
    })
    .and_then(|outcome| remember(&mut sources, &wanted, before, &outcome));
    drop(lock);
    // At the very end: whoever is hard to reach delays nothing, and whatever failed after the snapshot was made, people are told.
    notices::after_backup(context, arguments.notify.as_deref(), finding.as_ref());
    kept
}

/// Notes what was kept, for the next time.
fn remember(sources: &mut Sources, wanted: &Wanted, before: Option<Source>, outcome: &Outcome) -> Result<(), Failure> {
    let (counts, now) = (outcome.counts, SystemClock.now().seconds());
    let mut hurt = before.map(|before| before.hurt_lately(now)).unwrap_or_default();
    hurt.extend((outcome.conclusion.damage_hint > 0).then_some((now, outcome.conclusion.damage_hint)));
    let source = Source { paths: spell(&wanted.paths), entries: counts.files, bytes: counts.bytes, hurt };
    sources.save(&wanted.source, source)
}

/// Returns what people outside are told, if there is anything.
fn find(vault: &Vault, wanted: &Wanted, outcome: &Outcome) -> Option<Finding> {
    let alarm = alarm_of(outcome.conclusion.alarm_level, outcome.conclusion.alarm.as_deref());
    (alarm.level > Level::Calm).then(|| Finding {
        level: alarm.level,
        grounds: alarm.grounds,
        source: wanted.source.clone(),
        host: host_name(),
        vault: vault.id().to_hex(),
        snapshot: outcome.hash.to_hex(),
        started: outcome.started,
    })
}

/// Removes what runs of this machine that were killed left half written in its strand, while the lock is held.
///
/// They are no objects; what cannot be removed only takes room. Whether the vault can be written to, the backup tells.
fn sweep(context: &Context, keys: &AgentKeys) {
    let numbered = [NumberedKind::Lease, NumberedKind::Snapshot].map(|kind| Folder::Numbered(keys.strand, kind));
    let hashed = [HashedKind::Pack, HashedKind::Index, HashedKind::List].map(|kind| Folder::Hashed(keys.strand, kind));
    let store = context.vault_path().map(|path| DirectoryStore::open(path, DirectoryAccess::ReadWrite));
    if let Ok(Ok(store)) = store {
        for folder in numbered.iter().chain(&hashed) {
            let _ = store.erase_leftovers(folder);
        }
    }
}

/// What is to be kept, under which name.
struct Wanted {
    source: String,
    /// Absolute paths, or the words of the command.
    paths: Vec<Vec<u8>>,
}

impl Wanted {
    fn of(arguments: &BackupArguments) -> Result<Self, Failure> {
        let paths = if arguments.command {
            arguments.paths.iter().map(|word| word.as_bytes().to_vec()).collect()
        } else {
            arguments.paths.iter().map(absolute).collect::<Result<Vec<_>, _>>()?
        };
        let source = match &arguments.source {
            Some(name) => name.clone(),
            None if paths.len() > 1 => return Err(Failure::usage(text("err-source-needed"))),
            None => default_name(&paths[0])?,
        };
        check_name(&source)?;
        Ok(Self { source, paths })
    }

    /// Tells whether heads would have to fly between several readers.
    fn is_on_spinning_disk(&self, arguments: &BackupArguments) -> bool {
        !arguments.command && self.paths.iter().any(|path| is_rotational(Path::new(OsStr::from_bytes(path))))
    }

    /// Refuses a name taken by default that meant other paths before.
    fn check_against(&self, sources: &Sources, arguments: &BackupArguments) -> Result<(), Failure> {
        let taken = sources.find(&self.source).is_some_and(|known| known.paths != spell(&self.paths));
        if taken && arguments.source.is_none() {
            return Err(Failure::usage(text("err-source-taken").with("source", self.source.as_str())));
        }
        Ok(())
    }
}

fn absolute(path: &OsString) -> Result<Vec<u8>, Failure> {
    let absolute = std::path::absolute(path);
    let failed =
        |error| Failure::from(error).under(text("err-at-path").with("path", Output::safe_bytes(path.as_bytes())));
    Ok(absolute.map_err(failed)?.as_os_str().as_bytes().to_vec())
}

fn default_name(path: &[u8]) -> Result<String, Failure> {
    let path = PathBuf::from(OsStr::from_bytes(path));
    let resolved = if path.file_name().is_none() { path.canonicalize().unwrap_or(path) } else { path };
    let name = resolved.file_name().and_then(|name| name.to_str()).filter(|name| check_name(name).is_ok());
    name.map(str::to_string).ok_or_else(|| Failure::usage(text("err-source-needed")))
}

/// Runs the user's commands around the work: the second whatever happened to the first or to the work.
fn with_hooks(
    context: &Context,
    arguments: &BackupArguments,
    wanted: &Wanted,
    work: impl FnOnce() -> Result<Outcome, Failure>,
) -> Result<Outcome, Failure> {
    let variables =
        vec![("BEFFROI_SOURCE", wanted.source.clone()), ("BEFFROI_VAULT", context.vault_path()?.display().to_string())];
    let made = hooks::run(arguments.before.as_deref(), Moment::Before, &variables).and_then(|()| work());
    let result = match &made {
        Ok(_) if context.exit_code() == 0 => "done",
        Ok(_) => "incomplete",
        Err(_) => "failed",
    };
    let snapshot = made.as_ref().map(|outcome| outcome.hash.to_hex()).unwrap_or_default();
    let after = [variables, vec![("BEFFROI_RESULT", result.into()), ("BEFFROI_SNAPSHOT", snapshot)]].concat();
    match (made, hooks::run(arguments.after.as_deref(), Moment::After, &after)) {
        (Ok(outcome), hook) => hook.map(|()| outcome),
        (Err(failure), Ok(())) => Err(failure),
        (Err(failure), Err(hook)) => {
            context.fail(&hook);
            Err(failure)
        }
    }
}

fn keep(
    context: &Context,
    arguments: &BackupArguments,
    wanted: &Wanted,
    agent: Agent<'_>,
    before: Option<&Source>,
) -> Result<Outcome, Failure> {
    let options = options(arguments, wanted)?;
    let hurt = before.map(|before| before.hurt_lately(SystemClock.now().seconds())).unwrap_or_default();
    let sensitivity = sensitivity(context, wanted, agent);
    let hurt_lately = hurt.iter().map(|(_, files)| files).sum();
    let guard = Guard::new(&SystemEntropy, before.is_none(), hurt_lately, sensitivity);
    let monitor = Watch::begin(context, before.map_or(0, |before| before.bytes)).guarded(guard);
    let names = Names::of_machine();
    let made = if arguments.command {
        keep_stream((context, &arguments.paths), agent, &names, &options, &monitor)
    } else {
        keep_tree(context, arguments, wanted, agent, &names, &options, &monitor)
    };
    let account = monitor.account();
    monitor.close();
    if context.interrupt.is_set() && made.is_err() {
        return Err(Failure::new(text("err-stopped")));
    }
    let outcome = made?;
    if outcome.counts.unreadable > 0 {
        context.note_incomplete();
    }
    tell_alarm(context, wanted, &outcome, &account)?;
    summarize(context, wanted, &outcome)?;
    Ok(outcome)
}

/// Returns how easily the alarm rings. That it was made less sensitive is told each time: silence should not surprise anybody.
fn sensitivity(context: &Context, wanted: &Wanted, agent: Agent<'_>) -> Sensitivity {
    let holds = InForce::find(agent.vault.log(), agent.keys, agent.folder, Some(&wanted.source)).sensitivity();
    if holds < Sensitivity::Usual {
        context.note(&text("say-backup-low").with("source", wanted.source.as_str()));
    }
    holds
}

fn keep_tree(
    context: &Context,
    arguments: &BackupArguments,
    wanted: &Wanted,
    agent: Agent<'_>,
    names: &Names,
    options: &BackupOptions,
    monitor: &Watch<'_>,
) -> Result<Outcome, Failure> {
    let paths = wanted.paths.iter().map(|path| Path::new(OsStr::from_bytes(path)).to_path_buf());
    let roots = RootPaths::resolve(&paths.collect::<Vec<_>>())?;
    let walk = WalkOptions {
        exclusions: exclusions(arguments)?,
        one_file_system: arguments.one_file_system,
        never_enter: never_enter(context, agent.folder)?,
        ..WalkOptions::everything(agent.folder.path().to_path_buf())
    };
    Ok(backup_tree(agent, Walk::open(&roots, walk)?, names, options, monitor)?)
}

fn keep_stream(
    (context, words): (&Context, &[OsString]),
    agent: Agent<'_>,
    names: &Names,
    options: &BackupOptions,
    monitor: &Watch<'_>,
) -> Result<Outcome, Failure> {
    let (mut command, mut output) = StreamSource::start(words, &context.interrupt)?;
    let made = backup_stream(agent, &mut output, &mut || command.confirm(), names, options, monitor);
    made.map_err(|error| match (&error, command.failure()) {
        (BackupError::Command(_), Some(status)) => Failure::new(status).under(text("err-command")),
        _ => error.into(),
    })
}

fn options(arguments: &BackupArguments, wanted: &Wanted) -> Result<BackupOptions, Failure> {
    let fixed =
        arguments.fixed.iter().try_fold(Exclusions::builder(), |builder, glob| builder.pattern(glob))?.build()?;
    Ok(BackupOptions {
        source: wanted.source.clone(),
        host: host_name(),
        program: concat!("beffroi ", env!("CARGO_PKG_VERSION")).to_string(),
        paths: wanted.paths.clone(),
        level: arguments.level,
        jobs: super::jobs(arguments.jobs),
        one_reader: wanted.is_on_spinning_disk(arguments),
        sizes: ChunkSizes::default(),
        fixed,
        reread_one_in: REREAD_ONE_IN,
        sha256: false,
    })
}

/// One unchanged file in so many is read again: what changes behind its times is found within some weeks of nights.
const REREAD_ONE_IN: u64 = 64;

fn exclusions(arguments: &BackupArguments) -> Result<Exclusions, SourceError> {
    let mut builder = Exclusions::builder();
    for path in &arguments.exclude_from {
        builder = builder.file(path)?;
    }
    for pattern in &arguments.exclude {
        builder = builder.pattern(pattern)?;
    }
    builder.build()
}

/// The vault and the state: keeping them would keep what was just kept, for ever.
fn never_enter(context: &Context, folder: &StateFolder) -> Result<HashSet<Identity>, Failure> {
    let mut never = HashSet::new();
    for path in [context.vault_path()?, &context.state_path()?, folder.path()] {
        let status = statx(CWD, path, AtFlags::empty(), StatxFlags::BASIC_STATS);
        let failed = |errno| Failure::from(errno).under(text("err-at-path").show("path", path.display()));
        let status = status.map_err(failed)?;
        never.insert(Identity { device: makedev(status.stx_dev_major, status.stx_dev_minor), inode: status.stx_ino });
    }
    Ok(never)
}

/// Tells what rings, why, and where; the snapshot is there whatever it says.
fn tell_alarm(context: &Context, wanted: &Wanted, outcome: &Outcome, account: &Account) -> Result<(), Failure> {
    let alarm = alarm_of(outcome.conclusion.alarm_level, outcome.conclusion.alarm.as_deref());
    if alarm.level == Level::Calm {
        return Ok(());
    }
    if alarm.level == Level::Alarm {
        context.note_alarm();
    }
    let id = outcome.hash.to_hex();
    let key = if alarm.level == Level::Alarm { "say-backup-alarm" } else { "say-backup-watch" };
    context.note(&text(key).with("source", wanted.source.as_str()).with("snapshot", short(&id)));
    for ground in &alarm.grounds {
        context.note(&text("say-ground").with("words", context.say(&ground_text(ground))));
    }
    for hurt in account.hurt.iter().take(HURT_SHOWN) {
        context.note(&hurt_text(hurt));
    }
    if let Some(more) = account.hurt.len().checked_sub(HURT_SHOWN).filter(|more| *more > 0) {
        context.note(&text("say-hurt-more").with("count", more as u64));
    }
    if alarm.level == Level::Alarm {
        context.note(&text("say-backup-alarm-next").with("snapshot", short(&id)));
    }
    let grounds: Vec<_> = alarm.grounds.iter().map(ground_fields).collect();
    let hurt: Vec<_> = account.hurt.iter().map(hurt_fields).collect();
    let level = level_word(alarm.level);
    context.event("alarm", json!({ "snapshot": id, "level": level, "grounds": grounds, "hurt": hurt }))
}

/// The first ones say enough; the alarm and the desk tell all.
const HURT_SHOWN: usize = 10;

fn hurt_text(hurt: &Hurt) -> Text {
    let now = Output::safe_bytes(&hurt.path);
    match &hurt.path_before {
        Some(before) => text("say-hurt-renamed").with("before", Output::safe_bytes(before)).with("path", now),
        None => text("say-hurt").with("path", now),
    }
}

fn hurt_fields(hurt: &Hurt) -> Value {
    let mut fields = Value::Object(Output::path_fields(&hurt.path));
    if let Some(before) = &hurt.path_before {
        fields["path_before"] = Value::Object(Output::path_fields(before));
    }
    fields
}

fn summarize(context: &Context, wanted: &Wanted, outcome: &Outcome) -> Result<(), Failure> {
    let counts = outcome.counts;
    let time = formats::between(outcome.started, outcome.finished);
    let id = outcome.hash.to_hex();
    context.tell(
        &text("say-backup-done")
            .with("snapshot", short(&id))
            .with("source", wanted.source.as_str())
            .with("entries", counts.files)
            .with("bytes", Gap::Bytes(counts.bytes))
            .with("changes", counts.added + counts.changed + counts.removed)
            .with("stored", Gap::Bytes(counts.stored_bytes))
            .with("time", formats::duration(time, context.messages.language())),
    )?;
    if counts.unreadable > 0 {
        context.note(&text("say-backup-incomplete").with("count", counts.unreadable));
    }
    let fields = json!({
        "snapshot": id, "source": wanted.source, "sequence": outcome.seq,
        "started": formats::rfc3339(outcome.started), "finished": formats::rfc3339(outcome.finished),
        "seconds": time.as_secs_f64(), "entries": counts.files, "bytes": counts.bytes, "added": counts.added,
        "changed": counts.changed, "removed": counts.removed, "unreadable": counts.unreadable,
        "new_bytes": counts.new_bytes, "stored_bytes": counts.stored_bytes, "adopted_packs": outcome.adopted_packs,
        "alarm": level_word(Level::of_number(outcome.conclusion.alarm_level)),
    });
    context.event("summary", fields)
}
