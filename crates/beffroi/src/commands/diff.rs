//! `diff`: what changed between two snapshots.

use serde_json::Value;
use vault::diff::{Change, ChangeKind, DiffItem, diff};

use crate::arguments::DiffArguments;
use crate::catalogue::Catalogue;
use crate::context::Context;
use crate::failure::Failure;
use crate::messages::{Gap, text};
use crate::output::Output;
use crate::selector::Selector;

/// Lists the paths that are not the same in both.
pub fn run(context: &Context, arguments: &DiffArguments) -> Result<(), Failure> {
    let selectors = [Selector::parse(&arguments.first)?, Selector::parse(&arguments.second)?];
    let catalogue = Catalogue::open(context)?;
    let chosen = [catalogue.select(&selectors[0])?, catalogue.select(&selectors[1])?];
    let readers = catalogue.readers(context, &chosen)?;
    let mut counts = [0; 3];
    for item in diff(&readers[0].1, &readers[1].1) {
        match item {
            DiffItem::Change(change) => {
                counts[column(change.kind)] += 1;
                print(context, &change)?;
            }
            DiffItem::Fault { path, fault, .. } => {
                context.note_fault(&fault);
                context.warn("fault", Value::Object(Output::path_fields(&path)), &fault);
            }
        }
    }
    let [added, removed, changed] = counts;
    context.note(&text("say-diff-done").with("added", added).with("removed", removed).with("changed", changed));
    let fields = serde_json::json!({ "added": added, "removed": removed, "changed": changed });
    context.event("summary", fields)
}

fn print(context: &Context, change: &Change) -> Result<(), Failure> {
    let sizes = [&change.before, &change.after].map(|entry| entry.as_ref().map(|entry| entry.size()));
    if context.output.is_json() {
        let mut fields = Output::path_fields(&change.path);
        fields.insert("kind".into(), word(change.kind).into());
        fields.insert("size_before".into(), sizes[0].into());
        fields.insert("size_after".into(), sizes[1].into());
        return context.output.item("change", fields);
    }
    let is_directory = [&change.before, &change.after].into_iter().flatten().all(|entry| entry.is_directory());
    let path = match change.path.as_slice() {
        b"" => "./".to_string(),
        path => format!("{}{}", Output::safe_bytes(path), if is_directory { "/" } else { "" }),
    };
    let size = match (change.kind, sizes) {
        (ChangeKind::Content, [Some(before), Some(after)]) => {
            let sizes = text("say-diff-sizes").with("before", Gap::Bytes(before)).with("after", Gap::Bytes(after));
            context.say(&sizes)
        }
        _ => String::new(),
    };
    context.output.line(&format!("{} {path}{size}", mark(change.kind)))
}

fn mark(kind: ChangeKind) -> char {
    match kind {
        ChangeKind::Added => '+',
        ChangeKind::Removed => '-',
        ChangeKind::Replaced => '!',
        ChangeKind::Content => 'M',
        ChangeKind::Attributes => 'a',
    }
}

fn word(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Added => "added",
        ChangeKind::Removed => "removed",
        ChangeKind::Replaced => "replaced",
        ChangeKind::Content => "content",
        ChangeKind::Attributes => "attributes",
    }
}

fn column(kind: ChangeKind) -> usize {
    match kind {
        ChangeKind::Added => 0,
        ChangeKind::Removed => 1,
        ChangeKind::Replaced | ChangeKind::Content | ChangeKind::Attributes => 2,
    }
}
