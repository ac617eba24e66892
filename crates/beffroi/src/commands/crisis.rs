//! `crisis`: what people see, decide and do, written into the open journal.
#![expect(clippy::disallowed_methods, reason = "a journal is a folder in this machine's state")]

mod board;
mod entries;

use std::path::PathBuf;

use data_encoding::HEXLOWER;
use serde_json::json;
use town::deadlines::NIS2_ANSWER;
use town::drafts::{ANSWERED, UnknownAnswer};
use town::journal::{Certificate, Draft, End, Fact, Kind};
use vault::kit::RecoveryKit;
use vault::world::Clock;

use crate::arguments::{CrisisAct, CrisisArguments, CrisisCloseArguments, CrisisOpenArguments};
use crate::context::Context;
use crate::failure::Failure;
use crate::formats;
use crate::journal_file::{self, JournalError, JournalFolder, Opening};
use crate::messages::text;
use crate::world::SystemClock;

/// Does what is asked.
pub fn run(context: &Context, arguments: &CrisisArguments) -> Result<(), Failure> {
    let author = context.author(arguments.author.as_deref());
    let draft = match &arguments.act {
        CrisisAct::Open(arguments) => return open(context, arguments, &author),
        CrisisAct::Certify => return certify(context, &author),
        CrisisAct::Close(arguments) => return close(context, arguments, &author),
        CrisisAct::State(arguments) => match (&arguments.node, arguments.level) {
            (Some(node), Some(level)) => entries::state(context, arguments, (node, level))?,
            (node, _) => return board::show(context, node.as_deref()),
        },
        CrisisAct::Note(arguments) => entries::note(context, arguments)?,
        CrisisAct::Decide(arguments) => entries::decide(context, arguments)?,
        CrisisAct::Act(arguments) => entries::act(context, arguments)?,
        CrisisAct::Cost(arguments) => entries::cost(context, arguments)?,
        CrisisAct::Answer(arguments) => entries::answer(context, arguments)?,
    };
    let journal = context.open_journal()?;
    let written = context.append(&journal, &author, vec![draft])?;
    if let CrisisAct::Answer(arguments) = &arguments.act {
        tell_if_unasked(context, &arguments.field, written.number);
    }
    context.tell_entry(&written.end)
}

/// Says at once that nothing asks for an answer. It is written all the same: what somebody said stays said.
fn tell_if_unasked(context: &Context, field: &str, entry: u64) {
    let name = field.split_once('@').map_or(field, |(name, _)| name);
    if name != NIS2_ANSWER && !ANSWERED.iter().any(|asked| asked.name() == name) {
        super::draft::tell_unknown(context, &UnknownAnswer { entry, field: field.to_string() });
    }
}

fn open(context: &Context, arguments: &CrisisOpenArguments, author: &str) -> Result<(), Failure> {
    let named = context.named_journal()?;
    let before = named.read()?.filter(|journal| goes_on(context, journal));
    let path = match (&context.global.journal, &before) {
        (Some(path), _) => path.clone(),
        (None, Some(before)) => {
            return Err(Failure::usage(text("err-crisis-open").show("path", before.path().display())));
        }
        (None, None) => free_folder(named.folder()),
    };
    let key = if arguments.exercise { "crisis-opened-exercise" } else { "crisis-opened" };
    let words = arguments.title.clone().unwrap_or_else(|| context.messages.word(key));
    let known = context.town_if_known();
    let map_sha256 = known.as_ref().and_then(|town| town.sha256.clone());
    let town = known.as_ref().and_then(|town| Some(town.map.as_ref()?.town.name.clone())).unwrap_or_default();
    if known.is_some_and(|town| town.map.is_none()) {
        context.note(&text("say-crisis-map"));
    }
    let opening = Opening { town, map_sha256, exercise: arguments.exercise, text: words };
    let (journal, mut end) = JournalFolder::create(&path, opening, author)?;
    context.tell(&text("say-crisis-open").show("path", path.display()))?;
    match before {
        // One was given a place of its own beside the one that is open: commands go on writing there.
        Some(before) => context.note(&text("say-crisis-beside").show("path", before.path().display())),
        None => named.write(&journal)?,
    }
    // A kit that cannot be used must not keep a crisis from being opened.
    let certified = match context.kit_if_given() {
        Ok(None) => Ok(None),
        Ok(Some(kit)) => certify_with(context, &journal, &end, &kit, author).map(Some),
        Err(failure) => Err(failure),
    };
    match certified {
        Ok(Some(after)) => end = after,
        Ok(None) => context.note(&text("say-crisis-uncertified")),
        Err(failure) => {
            context.note(&text("say-warning").with("words", context.chain(&failure.causes)));
            context.advise(&failure);
            context.note(&text("say-crisis-uncertified"));
            context.note_incomplete();
        }
    }
    context.tell(&text("say-journal-checkpoint").show("checkpoint", end.checkpoint()))?;
    let fields = json!({
        "path": path.display().to_string(), "journal": end.journal.to_string(), "desk": end.desk_hex(),
        "certified": end.number > 1, "checkpoint": end.checkpoint().to_string(),
    });
    context.event("opened", fields)
}

/// Tells whether a journal is still written to. One that was lost or spoilt must not keep another from being opened.
fn goes_on(context: &Context, journal: &JournalFolder) -> bool {
    match journal.end() {
        Ok(end) => !end.is_closed,
        Err(JournalError::Busy { .. }) => true,
        Err(error) => {
            let words = context.chain(&Failure::from(error).causes);
            context.note(&text("say-crisis-lost").show("path", journal.path().display()).with("words", words));
            false
        }
    }
}

/// Returns a folder that is not there yet.
fn free_folder(above: &std::path::Path) -> PathBuf {
    let name = formats::folder_time(SystemClock.now());
    let tries = (1..).map(|copy| if copy == 1 { above.join(&name) } else { above.join(format!("{name}-{copy}")) });
    let is_free = |path: &PathBuf| std::fs::symlink_metadata(path).is_err();
    tries.into_iter().find(is_free).expect("there are fewer folders than numbers")
}

fn certify(context: &Context, author: &str) -> Result<(), Failure> {
    let kit = context.kit()?;
    let journal = context.open_journal()?;
    let end = certify_with(context, &journal, &journal.end()?, &kit, author)?;
    context.tell_entry(&end)
}

fn certify_with(
    context: &Context,
    journal: &JournalFolder,
    end: &End,
    kit: &RecoveryKit,
    author: &str,
) -> Result<End, Failure> {
    let (Some(owner), Some(vault)) = (&kit.owner, &kit.vault) else {
        return Err(Failure::new(text("err-crisis-kit")));
    };
    let vault = vault.to_hex();
    let certificate = Certificate::new(end.journal, &end.desk, &end.town, &vault, journal_file::now());
    let public = owner.public();
    let fact = certificate.sign(&public, |statement| owner.sign_statement(statement))?;
    let owner = HEXLOWER.encode(&public);
    let words = context.say(&text("crisis-certified").with("owner", owner.as_str()).with("vault", vault.as_str()));
    let written = context.append(journal, author, vec![Draft::new(Kind::Action, words).with(fact)])?;
    context.tell(&text("say-crisis-certified").with("owner", owner))?;
    Ok(written.end)
}

fn close(context: &Context, arguments: &CrisisCloseArguments, author: &str) -> Result<(), Failure> {
    let journal = context.open_journal()?;
    let words = arguments.text.clone().unwrap_or_else(|| context.messages.word("crisis-closed"));
    let draft = Draft::new(Kind::Decision, words).with(Fact::Closed);
    let written = context.append(&journal, author, vec![draft])?;
    if let Ok(named) = context.named_journal()
        && named.read()?.is_some_and(|named| is_same(&named, &journal))
    {
        named.clear()?;
    }
    context.tell_entry(&written.end)?;
    if entries::known_since(&journal)?.is_some() {
        context.note(&text("say-crisis-closed").show("path", journal.path().display()));
    }
    context.tell(&text("say-journal-checkpoint").show("checkpoint", written.end.checkpoint()))
}

fn is_same(one: &JournalFolder, other: &JournalFolder) -> bool {
    let real = |journal: &JournalFolder| journal.path().canonicalize().ok();
    one == other || real(one).is_some_and(|path| Some(path) == real(other))
}
