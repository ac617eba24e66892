//! `journal`: shows the journal, verifies it, hands it out.

mod export;
mod verify;

use std::path::Path;

use serde_json::Value;
use town::journal::{Entry, entries, examine};

use crate::arguments::{JournalAct, JournalArguments, JournalShowArguments};
use crate::context::{Context, object};
use crate::failure::Failure;
use crate::journal_file::now;
use crate::journal_words::paragraph;
use crate::messages::text;
use crate::times::parse_time;

/// Does what is asked.
pub fn run(context: &Context, arguments: &JournalArguments) -> Result<(), Failure> {
    match &arguments.act {
        JournalAct::Show(arguments) => show(context, arguments),
        JournalAct::Verify(arguments) => verify::run(context, arguments),
        JournalAct::Export(arguments) => export::run(context, arguments),
        JournalAct::Checkpoint => checkpoint(context),
    }
}

fn show(context: &Context, arguments: &JournalShowArguments) -> Result<(), Failure> {
    let since = arguments.since.as_deref().map(|words| parse_time(words, now(), &context.zone())).transpose()?;
    let journal = context.open_journal()?;
    let file = journal.read()?;
    let is_wanted = |entry: &Entry| {
        arguments.about.as_ref().is_none_or(|about| entry.about.as_ref().is_some_and(|id| id.as_str() == about))
            && arguments.kind.is_none_or(|kind| entry.kind == kind.kind())
            && since.is_none_or(|since| entry.happened.unwrap_or(entry.time) >= since)
    };
    let zone = context.zone();
    for entry in entries(&file).filter(is_wanted) {
        if context.output.is_json() {
            let fields = serde_json::to_value(&entry).map_err(|error| Failure::from(std::io::Error::from(error)))?;
            context.output.item("entry", object(fields))?;
        } else {
            paragraph(&context.messages, &entry, &zone).iter().try_for_each(|line| context.output.line(line))?;
        }
    }
    warn_unless_sound(context, &file, &journal.file());
    Ok(())
}

/// What is shown of a journal that does not verify may be what somebody put there.
fn warn_unless_sound(context: &Context, file: &[u8], path: &Path) {
    if !examine(file, &[], super::jobs(None)).is_sound() {
        context.note_damage();
        context.note(&text("say-journal-unsound").show("path", path.display()));
        let _ = context.event("unsound", Value::Object(serde_json::Map::new()));
    }
}

fn checkpoint(context: &Context) -> Result<(), Failure> {
    let end = context.open_journal()?.end()?;
    let checkpoint = end.checkpoint().to_string();
    if !context.output.is_json() {
        context.output.line(&checkpoint)?;
    }
    context.note(&text("say-checkpoint-use"));
    let fields = serde_json::json!({
        "checkpoint": checkpoint, "journal": end.journal.to_string(), "entries": end.number, "last": end.last.to_string(),
    });
    context.event("checkpoint", fields)
}
