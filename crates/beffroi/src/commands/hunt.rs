//! `hunt`: where something known to be bad lies, or lay, in all that is kept.
#![expect(clippy::disallowed_methods, reason = "a list of digests is a file that the user names")]

use std::collections::HashSet;
use std::path::Path;

use damage::{HuntMonitor, Hunted, Sighting, Wanted, hunt};
use data_encoding::HEXLOWER_PERMISSIVE;
use serde_json::{Value, json};
use vault::read::{ReadFault, SnapshotReader};
use vault::source::Exclusions;

use super::damage::by_source;
use crate::arguments::HuntArguments;
use crate::catalogue::{Catalogue, Listed};
use crate::context::{Context, object};
use crate::failure::Failure;
use crate::formats;
use crate::messages::{Gap, text};
use crate::output::Output;
use crate::progress::Progress;

/// A longer file is no list of digests.
const LIST_BYTES_MAX: u64 = 64 << 20;

/// Hunts through every version of every file.
pub fn run(context: &Context, arguments: &HuntArguments) -> Result<(), Failure> {
    let digests = digests(arguments)?;
    let mut names = Exclusions::builder();
    for name in &arguments.name {
        names = names.pattern(name)?;
    }
    let names = names.build()?;
    let catalogue = Catalogue::open(context)?;
    super::watch_interrupts(context)?;
    let (mut all, mut found) = (Hunted::default(), 0);
    for chain in by_source(&catalogue) {
        if arguments.source.as_ref().is_some_and(|name| *name != chain[0].sealed.source) {
            continue;
        }
        let opened = catalogue.readers(context, &chain)?;
        let readers: Vec<SnapshotReader> = opened.into_iter().map(|(_, reader)| reader).collect();
        let progress = Progress::begin(context, 0);
        let mut teller = Teller { context, chain: &chain, progress, found: 0, failure: None };
        let wanted = Wanted { names: &names, digests: &digests };
        let hunted = hunt(&readers, wanted, super::jobs(arguments.jobs), &mut teller);
        if let Some(failure) = teller.failure {
            return Err(failure);
        }
        let hunted = hunted.ok_or_else(|| Failure::new(text("err-stopped")))?;
        found += teller.found;
        (all.files, all.bytes, all.unread) =
            (all.files + hunted.files, all.bytes + hunted.bytes, all.unread + hunted.unread);
    }
    summarize(context, &all, found)
}

fn summarize(context: &Context, all: &Hunted, found: u64) -> Result<(), Failure> {
    context.tell(
        &text("say-hunt-done").with("found", found).with("files", all.files).with("bytes", Gap::Bytes(all.bytes)),
    )?;
    if all.unread > 0 {
        context.note(&text("say-hunt-unread").with("count", all.unread));
    }
    context.event("summary", json!({ "found": found, "files": all.files, "bytes": all.bytes, "unread": all.unread }))
}

/// Gathers the digests from the command line and from lists.
fn digests(arguments: &HuntArguments) -> Result<HashSet<[u8; 32]>, Failure> {
    let mut digests = HashSet::new();
    for given in &arguments.sha256 {
        let digest = parse_digest(given);
        digests
            .insert(digest.ok_or_else(|| Failure::usage(text("err-hunt-digest").with("digest", Output::safe(given))))?);
    }
    for path in &arguments.list {
        let at_path = |failure: Failure| failure.under(text("err-at-path").show("path", path.display()));
        read_list(path, &mut digests).map_err(at_path)?;
    }
    Ok(digests)
}

/// Reads a list: a digest at the beginning of each line, as `sha256sum` writes it; what follows a `#` is no part of it.
fn read_list(path: &Path, digests: &mut HashSet<[u8; 32]>) -> Result<(), Failure> {
    if std::fs::metadata(path)?.len() > LIST_BYTES_MAX {
        return Err(Failure::new(text("err-hunt-list-long")));
    }
    let content = std::fs::read(path)?;
    let content = String::from_utf8_lossy(&content);
    for (number, line) in (1_u64..).zip(content.lines()) {
        let Some(word) = line.split('#').next().and_then(|line| line.split_whitespace().next()) else { continue };
        // `sha256sum` puts a backslash before a line whose name has odd signs.
        let digest = parse_digest(word.trim_start_matches('\\'));
        digests.insert(digest.ok_or_else(|| Failure::new(text("err-hunt-list").with("line", number)))?);
    }
    Ok(())
}

fn parse_digest(word: &str) -> Option<[u8; 32]> {
    HEXLOWER_PERMISSIVE.decode(word.as_bytes()).ok()?.try_into().ok()
}

struct Teller<'t> {
    context: &'t Context,
    chain: &'t [&'t Listed],
    progress: Progress<'t>,
    found: u64,
    failure: Option<Failure>,
}

impl Teller<'_> {
    fn tell(&self, sighting: &Sighting) -> Result<(), Failure> {
        let (first, last) = (self.chain[sighting.first_seen], self.chain[sighting.last_seen]);
        let is_there_now = sighting.last_seen == self.chain.len() - 1;
        let sealed = &last.sealed;
        if self.context.output.is_json() {
            let mut fields = Value::Object(Output::path_fields(&sighting.path));
            fields["source"] = sealed.source.as_str().into();
            fields["host"] = sealed.host.as_str().into();
            fields["bytes"] = sighting.bytes.into();
            fields["by_name"] = sighting.by_name.into();
            fields["sha256"] = sighting.digest.map_or(Value::Null, |digest| HEXLOWER_PERMISSIVE.encode(&digest).into());
            fields["first_seen"] = first.snapshot.hash.to_hex().into();
            fields["last_seen"] = last.snapshot.hash.to_hex().into();
            fields["is_there_now"] = is_there_now.into();
            return self.context.output.item("sighting", object(fields));
        }
        let key = match (is_there_now, sighting.digest.is_some()) {
            (true, true) => "say-hunt-content-there",
            (true, false) => "say-hunt-name-there",
            (false, true) => "say-hunt-content-gone",
            (false, false) => "say-hunt-name-gone",
        };
        self.context.tell(
            &text(key)
                .with("path", Output::safe_bytes(&sighting.path))
                .with("source", Output::safe(&sealed.source))
                .with("host", Output::safe(&sealed.host))
                .with("first", first.short_id())
                .with("first_time", formats::moment(first.sealed.started))
                .with("last", last.short_id())
                .with("last_time", formats::moment(last.sealed.started)),
        )
    }
}

impl HuntMonitor for Teller<'_> {
    fn sighting(&mut self, sighting: Sighting) {
        self.found += 1;
        if let Err(failure) = self.tell(&sighting) {
            self.failure.get_or_insert(failure);
        }
    }

    fn looked_at(&mut self, files: u64, bytes: u64) {
        self.progress.add_entries(files);
        self.progress.add_bytes(bytes);
    }

    fn fault(&mut self, path: &[u8], fault: &ReadFault) {
        self.context.warn_unread(path, fault);
    }

    fn stopping(&self) -> bool {
        self.context.interrupt.is_set() || self.failure.is_some()
    }
}
