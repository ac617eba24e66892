//! `mount`: the vault as a folder that can only be read, for as long as this runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use restore::clean::CleanTree;
use restore::mount::{MountFault, MountOptions, Mounted, MountedSnapshot, MountedSource};
use serde_json::{Value, json};
use vault::read::SnapshotReader;
use vault::tree::FileTime;
use vault::world::{Clock, Timestamp};

use super::restore::allow_descriptors;
use crate::arguments::MountArguments;
use crate::catalogue::{Catalogue, Listed};
use crate::context::Context;
use crate::failure::Failure;
use crate::formats;
use crate::messages::text;
use crate::output::Output;
use crate::plan_file;
use crate::world::SystemClock;

/// How often it is looked whether somebody asked to stop.
const LOOK: Duration = Duration::from_millis(50);
/// Whoever has a file open can read on for so long.
const LEAVING_MAX: Duration = Duration::from_secs(10);
/// A source's or a machine's name is shown in at most so many bytes: two of them fit in one name.
const NAME_BYTES_MAX: usize = 120;

/// A snapshot that is open.
type Opened<'l> = (&'l Listed, SnapshotReader);

/// Shows the vault until it is taken away.
pub fn run(context: &Context, arguments: &MountArguments) -> Result<(), Failure> {
    refuse_the_vault(context, arguments)?;
    let catalogue = Catalogue::read(context, context.open_returning_vault()?, &context.kit()?)?;
    let all: Vec<&Listed> = catalogue.snapshots.iter().collect();
    if all.is_empty() {
        return Err(Failure::new(text("err-no-snapshots")));
    }
    let opened = catalogue.readers(context, &all)?;
    let mut sources = sources(&opened);
    if let Some(path) = &arguments.plan {
        let plan = plan_file::read_named(path)?;
        let of_plan = plan_file::snapshots(&catalogue, &plan)?;
        let reader = |listed: &&Listed| opened.iter().find(|(one, _)| one.snapshot.hash == listed.snapshot.hash);
        let readers = of_plan.iter().filter_map(reader).map(|(_, reader)| reader.clone()).collect();
        let whose = of_plan.last().map(|listed| identity(listed));
        let tree = Arc::new(plan.tree(readers));
        attach(&mut sources, &opened, whose, &tree);
    }
    let (source_count, snapshot_count) = (sources.len() as u64, opened.len() as u64);
    drop(opened);
    super::watch_interrupts(context)?;
    allow_descriptors();
    let (faults, told) = channel();
    let options = MountOptions {
        cache_bytes_max: (arguments.cache_mib as usize) << 20,
        others: arguments.allow_other,
        ..MountOptions::default()
    };
    let mounted = Mounted::mount(sources, &arguments.folder, &options, faults)?;
    let folder = arguments.folder.display();
    context.tell(
        &text("say-mounted").show("path", folder).with("sources", source_count).with("snapshots", snapshot_count),
    )?;
    context.output.flush()?;
    context.event(
        "mounted",
        json!({ "path": arguments.folder.display().to_string(), "sources": source_count, "snapshots": snapshot_count }),
    )?;
    serve(context, arguments, mounted, &told)
}

/// A vault that appeared in itself could not be listed any more, nor copied.
fn refuse_the_vault(context: &Context, arguments: &MountArguments) -> Result<(), Failure> {
    let folders = (arguments.folder.canonicalize(), context.vault_path()?.canonicalize());
    // What cannot be found is told by whoever needs it.
    let (Ok(folder), Ok(vault)) = folders else { return Ok(()) };
    if folder.starts_with(vault) {
        return Err(Failure::usage(text("err-mount-in-vault").show("path", arguments.folder.display())));
    }
    Ok(())
}

/// Waits until it is over, and tells what goes wrong meanwhile.
fn serve(
    context: &Context,
    arguments: &MountArguments,
    mut mounted: Mounted,
    told: &Receiver<MountFault>,
) -> Result<(), Failure> {
    let mut leaving: Option<Timestamp> = None;
    while !mounted.is_over() {
        match told.recv_timeout(LOOK) {
            Ok(fault) => tell_fault(context, &fault),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(LOOK),
        }
        match leaving {
            None if context.interrupt.is_set() => {
                let away = || text("err-mount-away").show("path", arguments.folder.display());
                mounted.take_away().map_err(|error| Failure::from(error).under(away()))?;
                leaving = Some(SystemClock.now());
                // Usually nobody has anything open, and it is over at once.
                std::thread::sleep(LOOK);
                if !mounted.is_over() {
                    context.note(&text("say-mount-busy").with("seconds", LEAVING_MAX.as_secs()));
                }
            }
            Some(since) if formats::between(since, SystemClock.now()) > LEAVING_MAX => {
                context.note(&text("say-mount-cut"));
                break;
            }
            _ => {}
        }
    }
    told.try_iter().for_each(|fault| tell_fault(context, &fault));
    Ok(mounted.end()?)
}

fn tell_fault(context: &Context, MountFault { path, fault }: &MountFault) {
    context.note_fault(fault);
    context.warn("fault", Value::Object(Output::path_fields(path)), fault);
}

fn identity(listed: &Listed) -> (&str, &str) {
    (&listed.sealed.source, &listed.sealed.host)
}

/// Returns the sources, in the order of their names.
fn identities<'l>(opened: &[Opened<'l>]) -> Vec<(&'l str, &'l str)> {
    opened.iter().map(|(listed, _)| identity(listed)).collect::<BTreeSet<_>>().into_iter().collect()
}

fn sources(opened: &[Opened<'_>]) -> Vec<MountedSource> {
    let mut by_identity: BTreeMap<_, Vec<&Opened<'_>>> = BTreeMap::new();
    for one in opened {
        by_identity.entry(identity(one.0)).or_default().push(one);
    }
    let names = source_names(&by_identity.keys().copied().collect::<Vec<_>>());
    let of = |own: &[&Opened<'_>]| {
        let times: Vec<Timestamp> = own.iter().map(|(listed, _)| listed.sealed.started).collect();
        let named = own.iter().zip(snapshot_names(&times));
        named.map(|((listed, reader), name)| shown(listed, reader, name)).collect::<Vec<_>>()
    };
    let named = by_identity.values().zip(names);
    named.map(|(own, name)| MountedSource { name: name.into_bytes(), snapshots: of(own), clean: None }).collect()
}

fn shown(listed: &Listed, reader: &SnapshotReader, name: String) -> MountedSnapshot {
    let started = listed.sealed.started;
    let nanoseconds = started.0.rem_euclid(1_000_000_000) as u32;
    let started = FileTime { seconds: started.seconds(), nanoseconds };
    MountedSnapshot { name: name.into_bytes(), started, reader: reader.clone() }
}

/// Puts a clean tree into the folder of its source.
fn attach(sources: &mut [MountedSource], opened: &[Opened<'_>], whose: Option<(&str, &str)>, tree: &Arc<CleanTree>) {
    let at = identities(opened).into_iter().position(|identity| Some(identity) == whose);
    if let Some(source) = at.and_then(|at| sources.get_mut(at)) {
        source.clean = Some(Arc::clone(tree));
    }
}

/// Names folders for sources, each another: the source's name, and the machine's where several have one of that name.
fn source_names(identities: &[(&str, &str)]) -> Vec<String> {
    let mut bearers: BTreeMap<String, usize> = BTreeMap::new();
    for (source, _) in identities {
        *bearers.entry(component(source)).or_default() += 1;
    }
    let mut taken = BTreeMap::new();
    let mut names = Vec::new();
    for (source, host) in identities {
        let own = component(source);
        let name = if bearers[&own] > 1 { format!("{own} ({})", component(host)) } else { own };
        names.push(unique(&name, " ", &mut taken));
    }
    names
}

/// Names folders for snapshots by when they began, each another.
fn snapshot_names(times: &[Timestamp]) -> Vec<String> {
    let mut taken = BTreeMap::new();
    times.iter().map(|time| unique(&formats::folder_time(*time), "-", &mut taken)).collect()
}

/// Adds a number to a name that is taken; `taken` holds how often each was wanted.
fn unique(name: &str, before_number: &str, taken: &mut BTreeMap<String, u64>) -> String {
    let mut free = name.to_string();
    while let Some(wanted) = taken.get_mut(&free) {
        *wanted += 1;
        free = format!("{free}{before_number}{wanted}");
    }
    taken.insert(free.clone(), 1);
    free
}

/// Makes of any words one component of a path.
fn component(words: &str) -> String {
    let mut safe = String::new();
    for letter in words.chars() {
        let letter = if letter == '/' || letter.is_control() { '_' } else { letter };
        if safe.len() + letter.len_utf8() > NAME_BYTES_MAX {
            break;
        }
        safe.push(letter);
    }
    if matches!(safe.as_str(), "" | "." | "..") { format!("_{safe}") } else { safe }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_get_names_that_are_safe_and_their_own() {
        let check = |identities: &[(&str, &str)], names: &[&str]| assert_eq!(source_names(identities), names);
        check(&[("état civil", "a")], &["état civil"]);
        check(&[("compta", "a"), ("compta", "b"), ("mail", "a")], &["compta (a)", "compta (b)", "mail"]);
        check(&[("a/b", "x"), ("a_b", "x"), ("..", "y")], &["a_b (x)", "a_b (x) 2", "_.."]);
        check(&[("", "x"), ("a\0\n\u{1b}", "../")], &["_", "a___"]);
        let long = "é".repeat(400);
        let names = source_names(&[(&long, &long), (&long, "b")]);
        assert!(names.iter().all(|name| name.len() <= 255), "{names:?}");
    }

    #[test]
    fn snapshots_of_one_second_have_names_of_their_own() {
        let time = Timestamp::from_seconds(1_795_311_000);
        assert_eq!(snapshot_names(&[time, time]), ["2026-11-22T013000Z", "2026-11-22T013000Z-2"]);
        assert!(!snapshot_names(&[Timestamp(i64::MIN)])[0].contains('/'));
    }
}
