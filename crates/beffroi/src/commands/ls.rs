//! `ls`: what a snapshot holds at a path.

use serde_json::{Map, Value};
use vault::read::{ReadFault, SnapshotReader, WalkItem};
use vault::tree::{Entry, EntryKind};

use crate::arguments::LsArguments;
use crate::catalogue::{Catalogue, find_entry};
use crate::context::Context;
use crate::failure::Failure;
use crate::formats;
use crate::output::Output;
use crate::selector::Selector;

/// Lists a directory, or one entry.
pub fn run(context: &Context, arguments: &LsArguments) -> Result<(), Failure> {
    let (selector, path) = Selector::parse_with_path(&arguments.snapshot)?;
    let catalogue = Catalogue::open(context)?;
    let reader = catalogue.reader(context, catalogue.select(&selector)?)?;
    let (path, entry) = find_entry(&reader, &path)?;
    let listing = Listing { context, long: arguments.long };
    match (entry.is_directory(), arguments.recursive) {
        (false, _) => listing.print(&path, &entry),
        (true, true) => listing.walk(&reader, &path, &entry),
        (true, false) => listing.children(&reader, &path, &entry),
    }
}

struct Listing<'c> {
    context: &'c Context,
    long: bool,
}

impl Listing<'_> {
    fn children(&self, reader: &SnapshotReader, path: &[u8], directory: &Entry) -> Result<(), Failure> {
        for entry in reader.entries(directory) {
            match entry {
                // For people the path is known; programs get whole paths.
                Ok(entry) if !self.context.output.is_json() => self.print(&entry.name, &entry)?,
                Ok(entry) => self.print(&join(path, &entry.name), &entry)?,
                Err(fault) => self.fault(path, &fault),
            }
        }
        Ok(())
    }

    fn walk(&self, reader: &SnapshotReader, path: &[u8], directory: &Entry) -> Result<(), Failure> {
        for item in reader.walk(directory) {
            match item {
                WalkItem::Entry(below, entry) => self.print(&join(path, &below), &entry)?,
                WalkItem::Leave(_) => {}
                WalkItem::Fault(below, fault) => self.fault(&join(path, &below), &fault),
            }
        }
        Ok(())
    }

    fn print(&self, path: &[u8], entry: &Entry) -> Result<(), Failure> {
        if self.context.output.is_json() {
            return self.context.output.item("entry", entry_fields(path, entry));
        }
        let name = Output::safe_bytes(path);
        let mark = if entry.is_directory() { "/" } else { "" };
        let line = if self.long { long_line(self.context, &name, entry) } else { format!("{name}{mark}") };
        self.context.output.line(&line)
    }

    fn fault(&self, path: &[u8], fault: &ReadFault) {
        self.context.note_fault(fault);
        self.context.warn("fault", Value::Object(Output::path_fields(path)), fault);
    }
}

/// Joins a directory's path and a path below it.
pub fn join(path: &[u8], below: &[u8]) -> Vec<u8> {
    match (path.is_empty(), below.is_empty()) {
        (true, _) => below.to_vec(),
        (_, true) => path.to_vec(),
        _ => [path, b"/", below].concat(),
    }
}

/// Returns what programs are told of an entry.
pub fn entry_fields(path: &[u8], entry: &Entry) -> Map<String, Value> {
    let mut fields = Output::path_fields(path);
    fields.insert("type".into(), type_word(&entry.kind).into());
    fields.insert("mode".into(), format!("{:04o}", entry.mode).into());
    fields.insert("uid".into(), entry.uid.into());
    fields.insert("gid".into(), entry.gid.into());
    for (key, name) in [("user", &entry.user), ("group", &entry.group)] {
        if let Some(name) = name {
            fields.insert(key.into(), String::from_utf8_lossy(name).into());
        }
    }
    fields.insert("mtime".into(), entry.mtime.seconds.into());
    fields.insert("mtime_nanoseconds".into(), entry.mtime.nanoseconds.into());
    if let EntryKind::File { size, .. } = entry.kind {
        fields.insert("size".into(), size.into());
    }
    if let EntryKind::Symlink { target } = &entry.kind {
        fields.insert("target".into(), Value::Object(Output::path_fields(target)));
    }
    if entry.torn {
        fields.insert("torn".into(), true.into());
    }
    fields
}

/// Writes an entry as `ls -l` does.
pub fn long_line(context: &Context, name: &str, entry: &Entry) -> String {
    let owner = |name: &Option<Vec<u8>>, number: u32| match name {
        Some(name) => Output::safe_bytes(name),
        None => number.to_string(),
    };
    let target = match &entry.kind {
        EntryKind::Symlink { target } => format!(" -> {}", Output::safe_bytes(target)),
        _ => String::new(),
    };
    format!(
        "{} {:8} {:8} {:>10} {} {name}{target}",
        mode_word(entry),
        owner(&entry.user, entry.uid),
        owner(&entry.group, entry.gid),
        formats::size(entry.size(), context.messages.language()),
        formats::file_time(entry.mtime.seconds),
    )
}

fn type_word(kind: &EntryKind) -> &'static str {
    match kind {
        EntryKind::File { .. } => "file",
        EntryKind::Directory { .. } => "directory",
        EntryKind::Symlink { .. } => "symlink",
        EntryKind::Fifo => "fifo",
        EntryKind::Socket => "socket",
        EntryKind::CharDevice { .. } => "char_device",
        EntryKind::BlockDevice { .. } => "block_device",
    }
}

fn mode_word(entry: &Entry) -> String {
    let kind = match entry.kind {
        EntryKind::File { .. } => '-',
        EntryKind::Directory { .. } => 'd',
        EntryKind::Symlink { .. } => 'l',
        EntryKind::Fifo => 'p',
        EntryKind::Socket => 's',
        EntryKind::CharDevice { .. } => 'c',
        EntryKind::BlockDevice { .. } => 'b',
    };
    let mut word = String::from(kind);
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = entry.mode >> shift;
        word.push(if bits & 4 != 0 { 'r' } else { '-' });
        word.push(if bits & 2 != 0 { 'w' } else { '-' });
        word.push(match (entry.mode & special != 0, bits & 1 != 0) {
            (true, true) => letter,
            (true, false) => letter.to_ascii_uppercase(),
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_written_as_ls_does() {
        let check = |mode, expected: &str| assert_eq!(mode_word(&Entry { mode, ..Entry::default() }), expected);
        check(0o755, "drwxr-xr-x");
        check(0o1777, "drwxrwxrwt");
        check(0o6644, "drwSr-Sr--");
        check(0o4711, "drws--x--x");
    }
}
