//! What is compared with what: snapshots of a source with each other, or with a folder of the disk.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use restore::live::LiveTree;
use vault::read::SnapshotReader;
use vault::world::{Clock, Timestamp};

use crate::arguments::DamageArguments;
use crate::catalogue::{Catalogue, Listed, trim};
use crate::context::Context;
use crate::failure::Failure;
use crate::messages::text;
use crate::output::Output;
use crate::report::Stage;
use crate::selector::Selector;
use crate::world::SystemClock;

/// Snapshots of one source, oldest first, and the folder that they are compared with, if one was given.
pub struct Scope<'c> {
    pub listed: Vec<&'c Listed>,
    pub disk: Option<Disk>,
}

/// A folder of the disk.
pub struct Disk {
    pub tree: LiveTree,
    /// Which folder of the source it is.
    pub below: Vec<u8>,
    /// When it was looked at.
    pub time: Timestamp,
}

impl Scope<'_> {
    /// Returns what each place of the chain is called, and from when it is.
    pub fn stages(&self, context: &Context) -> Vec<Stage> {
        let kept = self.listed.iter().map(|listed| Stage { id: listed.short_id(), started: listed.sealed.started });
        let disk =
            self.disk.iter().map(|disk| Stage { id: context.messages.word("say-damage-disk"), started: disk.time });
        kept.chain(disk).collect()
    }
}

/// Chooses what is compared.
pub fn scopes<'c>(catalogue: &'c Catalogue, arguments: &DamageArguments) -> Result<Vec<Scope<'c>>, Failure> {
    let from = arguments.from.as_deref().map(Selector::parse_with_path).transpose()?;
    let below = from.as_ref().map(|(_, path)| trim(path)).filter(|path| !path.is_empty());
    let from = from.map(|(selector, _)| catalogue.select(&selector)).transpose()?;
    match arguments.to.as_deref().filter(|to| is_folder(to)) {
        Some(_) if arguments.facts_only => Err(Failure::usage(text("err-damage-disk-facts"))),
        Some(folder) => Ok(vec![disk_scope(catalogue, arguments, (from, below), Path::new(folder))?]),
        None if below.is_some() => Err(Failure::usage(text("err-damage-part"))),
        None => chains(catalogue, arguments, from),
    }
}

/// Refuses a folder that the snapshot does not have: all on the disk would be new, and all else would stay unmentioned.
pub fn check_folder(reader: &SnapshotReader, below: &[u8]) -> Result<(), Failure> {
    match reader.find(below)? {
        Some(entry) if entry.is_directory() => Ok(()),
        _ => Err(Failure::new(text("err-no-such-path").with("path", Output::safe_bytes(below)))),
    }
}

/// A path has a `/`, is `.` or `..`, or is nothing that names a snapshot.
fn is_folder(given: &OsStr) -> bool {
    let path = [&b"."[..], b".."].contains(&given.as_bytes()) || given.as_bytes().contains(&b'/');
    // `SOURCE@latest` may hold a `/`; a folder of that name is written with a `/` at its end.
    match Selector::parse(given) {
        Ok(_) => path && (given.as_bytes().ends_with(b"/") || !given.as_bytes().contains(&b'@')),
        Err(_) => true,
    }
}

/// All snapshots by machine and source, oldest first.
pub fn by_source(catalogue: &Catalogue) -> impl Iterator<Item = Vec<&Listed>> {
    let mut sources: BTreeMap<(String, String), Vec<&Listed>> = BTreeMap::new();
    for listed in &catalogue.snapshots {
        let key = (listed.snapshot.manifest.strand.to_hex(), listed.sealed.source.clone());
        sources.entry(key).or_default().push(listed);
    }
    sources.into_values()
}

fn is(one: &Listed, other: &Listed) -> bool {
    one.snapshot.hash == other.snapshot.hash
}

/// Chooses which snapshots are compared: from a healthy one to the newest, with all between.
fn chains<'c>(
    catalogue: &'c Catalogue,
    arguments: &DamageArguments,
    from: Option<&'c Listed>,
) -> Result<Vec<Scope<'c>>, Failure> {
    let to = arguments.to.as_deref().map(|given| catalogue.select(&Selector::parse(given)?)).transpose()?;
    let mut chains = Vec::new();
    for snapshots in by_source(catalogue) {
        let place = |wanted: Option<&Listed>| wanted.map(|wanted| snapshots.iter().position(|one| is(one, wanted)));
        let named = arguments.source.as_ref().is_none_or(|name| *name == snapshots[0].sealed.source);
        let (first, last) = match (place(from), place(to)) {
            (Some(None), _) | (_, Some(None)) => continue,
            (first, last) => (first.flatten(), last.flatten().unwrap_or(snapshots.len() - 1)),
        };
        let first = first.unwrap_or_else(|| last_healthy(catalogue, &snapshots[..=last], 1));
        if named && first < last {
            chains.push(Scope { listed: snapshots[first..=last].to_vec(), disk: None });
        }
    }
    if let Some(name) = &arguments.source
        && catalogue.snapshots.iter().all(|listed| *name != listed.sealed.source)
    {
        return Err(catalogue.no_source(name));
    }
    match (from, to) {
        (Some(from), Some(to)) if chains.is_empty() => {
            Err(Failure::usage(text("err-damage-chain").with("from", from.short_id()).with("to", to.short_id())))
        }
        _ => Ok(chains),
    }
}

/// Returns the place of the snapshot before the first alarm that nobody answered; without one, `back` places before the last.
pub fn last_healthy(catalogue: &Catalogue, snapshots: &[&Listed], back: usize) -> usize {
    let rings = |listed: &&Listed| listed.snapshot.is_unanswered(catalogue.vault.log());
    let first = snapshots.iter().position(rings);
    first.map_or(snapshots.len().saturating_sub(1 + back), |first| first.saturating_sub(1))
}

/// Finds what a folder of the disk is to be compared with: what was asked for, else the source that was made of it.
fn disk_scope<'c>(
    catalogue: &'c Catalogue,
    arguments: &DamageArguments,
    (from, below): (Option<&'c Listed>, Option<Vec<u8>>),
    folder: &Path,
) -> Result<Scope<'c>, Failure> {
    let tree = LiveTree::open(folder)?;
    let at_path = |error| Failure::from(error).under(text("err-at-path").show("path", folder.display()));
    let place = canonical(folder).map_err(at_path)?;
    let wanted = |snapshots: &Vec<&Listed>| {
        arguments.source.as_ref().is_none_or(|name| *name == snapshots[0].sealed.source)
            && from.is_none_or(|from| snapshots.iter().any(|one| is(one, from)))
    };
    let mut sources: Vec<Vec<&Listed>> = by_source(catalogue).filter(wanted).collect();
    let newest = |snapshots: &[&'c Listed]| snapshots[snapshots.len() - 1];
    if sources.len() > 1 && below.is_none() {
        let made_of_it = |snapshots: &Vec<&'c Listed>| within(newest(snapshots), &place).is_some();
        if sources.iter().any(made_of_it) {
            sources.retain(made_of_it);
        }
    }
    let [snapshots] = sources.as_slice() else {
        let names = sources.iter().map(|snapshots| Output::safe(&snapshots[0].sealed.source)).collect::<Vec<_>>();
        return Err(match names.len() {
            0 => Failure::new(text("err-no-snapshots")),
            _ => Failure::usage(text("err-damage-source").with("sources", names.join(", "))),
        });
    };
    let first = match from {
        Some(from) => snapshots.iter().position(|one| is(one, from)).unwrap_or(0),
        None => last_healthy(catalogue, snapshots, 0),
    };
    let below = below.or_else(|| within(newest(snapshots), &place)).unwrap_or_default();
    let disk = Disk { tree, below, time: SystemClock.now() };
    Ok(Scope { listed: snapshots[first..].to_vec(), disk: Some(disk) })
}

/// Returns which folder of a snapshot was made of a folder of the disk.
fn within(listed: &Listed, folder: &Path) -> Option<Vec<u8>> {
    let path = folder.as_os_str().as_bytes();
    let below = |kept: &[u8]| {
        let rest = path.strip_prefix(kept)?;
        (kept == b"/" || rest.is_empty() || rest.starts_with(b"/")).then(|| trim(rest))
    };
    match listed.sealed.paths.as_slice() {
        [kept] => below(kept),
        // Of several, each lies in the snapshot under its whole path.
        several => several.iter().any(|kept| below(kept).is_some()).then(|| trim(path)),
    }
}

fn canonical(folder: &Path) -> std::io::Result<PathBuf> {
    std::fs::canonicalize(folder)
}
