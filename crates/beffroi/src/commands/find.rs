//! `find`: where a name is, in all snapshots, newest first; each version of each path once.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;
use vault::read::{SnapshotReader, WalkItem};
use vault::source::Exclusions;
use vault::tree::{Entry, EntryKind, write_entry};

use super::ls::{entry_fields, long_line};
use crate::arguments::FindArguments;
use crate::catalogue::{Catalogue, Listed};
use crate::context::Context;
use crate::failure::Failure;
use crate::messages::text;
use crate::output::Output;
use crate::selector::Selector;

/// Finds entries by name or path.
pub fn run(context: &Context, arguments: &FindArguments) -> Result<(), Failure> {
    let selector = arguments.snapshot.as_deref().map(Selector::parse).transpose()?;
    let pattern = Exclusions::builder().pattern(&arguments.glob)?.build()?;
    let catalogue = Catalogue::open(context)?;
    let chosen: Vec<&Listed> = match &selector {
        Some(selector) => vec![catalogue.select(selector)?],
        None => catalogue.snapshots.iter().rev().collect(),
    };
    let mut search = Search { context, pattern, seen: HashSet::new(), found: 0 };
    for (listed, reader) in catalogue.readers(context, &chosen)? {
        search.snapshot(listed, &reader)?;
    }
    if search.found == 0 {
        context.note(&text("say-nothing-found").with("glob", Output::safe(&arguments.glob)));
    }
    Ok(())
}

struct Search<'c> {
    context: &'c Context,
    /// In the syntax of `.gitignore`: a name anywhere, or a path from the root if it holds a `/`.
    pattern: Exclusions,
    /// Digests of versions that were told, and of directories that were walked with all that is below.
    seen: HashSet<u128>,
    found: u64,
}

impl Search<'_> {
    fn snapshot(&mut self, listed: &Listed, reader: &SnapshotReader) -> Result<(), Failure> {
        let mut walk = reader.walk(reader.root());
        while let Some(item) = walk.next() {
            match item {
                WalkItem::Entry(path, entry) => {
                    self.entry(listed, &path, &entry)?;
                    if self.walked_before(listed, &path, &entry) {
                        walk.skip_below();
                    }
                }
                WalkItem::Leave(_) => {}
                WalkItem::Fault(path, fault) => {
                    self.context.note_fault(&fault);
                    self.context.warn("fault", Value::Object(Output::path_fields(&path)), &fault);
                }
            }
        }
        Ok(())
    }

    fn entry(&mut self, listed: &Listed, path: &[u8], entry: &Entry) -> Result<(), Failure> {
        if !self.pattern.excludes(path, entry.is_directory()) {
            return Ok(());
        }
        // What is below a directory is no version of the directory itself.
        let own = match &entry.kind {
            EntryKind::Directory { .. } => Entry { kind: EntryKind::default(), ..entry.clone() },
            _ => entry.clone(),
        };
        if !self.seen.insert(digest(listed, path, b"entry", &write_entry(&own))) {
            return Ok(());
        }
        self.found += 1;
        if self.context.output.is_json() {
            let mut fields = entry_fields(path, entry);
            fields.insert("snapshot".into(), listed.snapshot.hash.to_hex().into());
            fields.insert("source".into(), listed.sealed.source.as_str().into());
            return self.context.output.item("entry", fields);
        }
        let line = long_line(self.context, &Output::safe_bytes(path), entry);
        self.context.output.line(&format!("{}  {line}", listed.short_id()))
    }

    fn walked_before(&mut self, listed: &Listed, path: &[u8], entry: &Entry) -> bool {
        match &entry.kind {
            EntryKind::Directory { node: Some(node), .. } => !self.seen.insert(digest(listed, path, b"below", &node.0)),
            _ => false,
        }
    }
}

/// Two digests of 64 bits are enough that no version is ever taken for another.
fn digest(listed: &Listed, path: &[u8], kind: &[u8], content: &[u8]) -> u128 {
    let half = |half: u8| {
        let mut hasher = DefaultHasher::new();
        (half, listed.snapshot.manifest.strand, &listed.sealed.source, path, kind, content).hash(&mut hasher);
        hasher.finish()
    };
    u128::from(half(0)) << 64 | u128::from(half(1))
}
