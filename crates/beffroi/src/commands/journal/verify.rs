//! `journal verify`: whether a journal is what a desk wrote, who vouches for the desk, and whether it holds what was given away.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use serde_json::json;
use town::journal::{Certified, Checkpoint, Examination, entries, examine};

use crate::arguments::JournalVerifyArguments;
use crate::context::Context;
use crate::failure::{Failure, FailureKind};
use crate::journal_file::{JournalFolder, digest_of, read_file, stored_name};
use crate::journal_words::moment;
use crate::messages::{remark_of_journal, text};
use crate::output::Output;

/// Examines a journal, and says what was found.
pub fn run(context: &Context, arguments: &JournalVerifyArguments) -> Result<(), Failure> {
    let checkpoints = arguments.checkpoint.iter().map(|line| checkpoint(line)).collect::<Result<Vec<_>, _>>()?;
    let path = match &arguments.place {
        Some(place) if place.is_dir() => JournalFolder::at(place).file(),
        Some(place) => place.clone(),
        None => context.open_journal()?.file(),
    };
    let file = read_file(&path)?;
    let found = examine(&file, &checkpoints, crate::commands::jobs(None));
    let attachments = attachments(context, &path, &file);
    tell_faults(context, &found)?;
    let faults = found.faults.len() as u64 + found.faults_untold + attachments.changed;
    if faults > 0 {
        let words = text("err-journal-unsound").show("path", path.display()).with("count", faults);
        return Err(Failure { kind: FailureKind::Damaged, ..Failure::new(words) });
    }
    let known = known_owner(context, arguments, &found).map_err(|failure| failure.under(at(&path)))?;
    tell(context, &found, known, (checkpoints.len(), &attachments))
}

fn at(path: &Path) -> crate::messages::Text {
    text("err-at-path").show("path", path.display())
}

/// Reads a checkpoint.
fn checkpoint(line: &str) -> Result<Checkpoint, Failure> {
    line.parse().map_err(|error| Failure::from(error).under(text("err-checkpoint").with("line", Output::safe(line))))
}

fn tell_faults(context: &Context, found: &Examination) -> Result<(), Failure> {
    for fault in &found.faults {
        context.warn("fault", json!({ "line": fault.line }), fault);
    }
    if found.faults_untold > 0 {
        context.note(&text("say-journal-faults-more").with("count", found.faults_untold));
    }
    for remark in &found.remarks {
        let words = remark_of_journal(remark);
        context.note(&words);
        context.event("remark", json!({ "key": words.key(), "message": context.say(&words) }))?;
    }
    Ok(())
}

/// What became of the files that entries name.
#[derive(Default)]
struct Attachments {
    sound: u64,
    changed: u64,
    absent: u64,
}

/// Hashes the copies beside a journal. That one is not there is no fault: some were only hashed.
fn attachments(context: &Context, journal: &Path, file: &[u8]) -> Attachments {
    let mut all = Attachments::default();
    let folder =
        journal.parent().map(|folder| folder.join("attachments")).unwrap_or_else(|| PathBuf::from("attachments"));
    let mut looked_at = BTreeSet::new();
    for attachment in entries(file).flat_map(|entry| entry.attachments) {
        let name = stored_name(&attachment);
        // Many entries may name one file: it is read once.
        if !looked_at.insert((name.clone(), attachment.sha256.clone())) {
            continue;
        }
        let path = folder.join(name);
        match digest_of(&path) {
            Ok(there) if there.sha256 == attachment.sha256 => all.sound += 1,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => all.absent += 1,
            Ok(_) | Err(_) => {
                all.changed += 1;
                let words = text("err-journal-attachment").show("path", path.display());
                context.note(&text("say-warning").with("words", words.clone()));
                let _ = context.event("fault", json!({ "attachment": attachment.name, "key": words.key() }));
            }
        }
    }
    all
}

/// Returns the owner who vouches for the desk and is known to be one: by `--owner`, or by the vault.
fn known_owner<'f>(
    context: &Context,
    arguments: &JournalVerifyArguments,
    found: &'f Examination,
) -> Result<Option<&'f Certified>, Failure> {
    let certified = &found.certified;
    if let Some(wanted) = &arguments.owner {
        let owner = certified.iter().find(|certified| certified.owner.eq_ignore_ascii_case(wanted));
        return owner
            .map(Some)
            .ok_or_else(|| Failure::new(text("err-journal-owner").with("owner", Output::safe(wanted))));
    }
    if context.global.vault.is_none() || certified.is_empty() {
        return Ok(None);
    }
    let vault = context.open_vault(vault::store::DirectoryAccess::ReadOnly)?;
    if let Some(kit) = context.kit_if_given()? {
        vault.accept(&kit)?;
    }
    let owners: Vec<String> = vault.log().owners.iter().map(|owner| HEXLOWER.encode(owner)).collect();
    let id = vault.id().to_hex();
    let known = certified.iter().find(|certified| certified.vault == id && owners.contains(&certified.owner));
    known.map(Some).ok_or_else(|| Failure::new(text("err-journal-vault").with("vault", id)))
}

fn tell(
    context: &Context,
    found: &Examination,
    known: Option<&Certified>,
    (checkpoints, attachments): (usize, &Attachments),
) -> Result<(), Failure> {
    // Without faults, there is a first entry, with a key.
    let (Some(checkpoint), Some(desk), Some((first, last))) = (found.checkpoint(), found.desk, found.times) else {
        return Ok(());
    };
    let (zone, desk) = (context.zone(), HEXLOWER.encode(&desk));
    context.tell(
        &text("say-journal-sound")
            .with("entries", found.entries)
            .show("journal", checkpoint.journal)
            .with("first", moment(first, &zone))
            .with("last", moment(last, &zone)),
    )?;
    context.tell(&text("say-journal-desk").with("desk", desk.as_str()))?;
    for certified in &found.certified {
        let is_known = known == Some(certified);
        let key = if is_known { "say-journal-owner-known" } else { "say-journal-owner" };
        context.tell(
            &text(key)
                .with("owner", certified.owner.as_str())
                .with("vault", Output::safe(&certified.vault))
                .show("entry", certified.line),
        )?;
    }
    if found.certified.is_empty() {
        context.tell(&text("say-journal-no-owner"))?;
    }
    match checkpoints {
        0 => context.tell(&text("say-journal-no-checkpoint"))?,
        count => context.tell(&text("say-journal-held").with("count", count as u64))?,
    }
    if attachments.sound + attachments.absent > 0 {
        let words = text("say-journal-attachments").with("sound", attachments.sound).with("absent", attachments.absent);
        context.tell(&words)?;
    }
    context.tell(&text("say-journal-checkpoint").show("checkpoint", checkpoint))?;
    let certified = found.certified.iter().map(|certified| {
        json!({ "owner": certified.owner, "vault": certified.vault, "entry": certified.line, "known": known == Some(certified) })
    });
    let fields = json!({
        "journal": checkpoint.journal.to_string(), "entries": found.entries, "desk": desk, "closed": found.is_closed,
        "first": first.to_string(), "last": last.to_string(), "checkpoint": checkpoint.to_string(),
        "checkpoints_held": checkpoints, "certified": certified.collect::<Vec<_>>(),
        "attachments": attachments.sound, "attachments_absent": attachments.absent, "remarks": found.remarks.len(),
    });
    context.event("summary", fields)
}
