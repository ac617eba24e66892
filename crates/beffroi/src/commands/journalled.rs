//! Commands that act write into the open journal by themselves: that they began, if they are long, and how they ended.
//!
//! A journal that cannot be written to never stops a command: that is told, and makes code 0 a code 3.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use clap::CommandFactory;
use serde_json::{Map, json};
use town::journal::{Draft, Fact, Kind};

use crate::arguments::{AlarmAct, Arguments, Command, NotifyAct, OverwriteChoice};
use crate::context::Context;
use crate::failure::{DONE, FAILED, Failure, INCOMPLETE, USAGE};
use crate::journal_file::{JournalFolder, digest_of};
use crate::messages::text;
use crate::output::Output;

/// A command that is written down.
pub struct Journalled {
    journal: Option<JournalFolder>,
    /// Whether somebody was told already that the journal cannot be written to.
    has_failed: bool,
    name: &'static str,
    words: String,
    files: Vec<PathBuf>,
}

/// So much of a command line is written down.
const WORDS_MAX: usize = 1000;
/// Larger files are not hashed: that would keep people waiting.
const HASHED_BYTES_MAX: u64 = 256 << 20;

/// Finds out whether a command is written down, and writes that it begins, if it is a long one.
pub fn begin(context: &Context, command: &Command, given: &[OsString]) -> Option<Journalled> {
    let Acting { name, is_long, files } = acting(command)?;
    let found = context.journal_if_open().and_then(|journal| match journal {
        // One that is closed is no open one: only what is said to be is asked for.
        Some(journal) => Ok(Some(journal.end()).transpose()?.filter(|end| !end.is_closed).map(|_| journal)),
        None => Ok(None),
    });
    let mut this = Journalled { journal: None, has_failed: false, name, words: words(given), files };
    match found {
        Ok(None) => return None,
        Ok(Some(journal)) => this.journal = Some(journal),
        Err(failure) => this.warn(context, &failure),
    }
    if is_long {
        let key = text("journal-began").with("command", this.words.as_str());
        let draft = Draft::new(Kind::Action, context.say(&key)).with(this.fact(Map::new(), None));
        this.write(context, vec![draft]);
    }
    Some(this)
}

impl Journalled {
    /// Writes how it ended, and returns the code with which the program ends.
    pub fn end(mut self, context: &Context, code: u8) -> u8 {
        let recorded = context.record.recorded();
        let key = text("journal-ended").with("command", self.words.as_str()).show("code", code);
        let kind = if self.name == "notify" { Kind::Communication } else { Kind::Action };
        let mut draft = Draft::new(kind, context.say(&key)).with(self.fact(recorded.figures, Some(code)));
        if !matches!(code, FAILED | USAGE) {
            draft.attachments = self.written_files();
        }
        let damage = recorded.damage.into_iter().map(|damage| {
            let words = text("journal-damage")
                .with("source", damage.source.as_str())
                .with("files", damage.files)
                .with("hurt", damage.hurt)
                .with("gone", damage.gone)
                .with("sound", damage.sound)
                .with("unknown", damage.unknown);
            Draft::new(Kind::Observation, context.say(&words)).with(Fact::Damage(damage))
        });
        let drafts = damage.collect::<Vec<_>>().into_iter().chain([draft]).collect();
        self.write(context, drafts);
        match (self.has_failed, code) {
            (true, DONE) => {
                // Who started this program can tell it from an end that is not complete.
                let _ = context.event("done", json!({ "unwritten": true }));
                INCOMPLETE
            }
            _ => code,
        }
    }

    fn fact(&self, figures: Map<String, serde_json::Value>, code: Option<u8>) -> Fact {
        Fact::Command { name: self.name.to_string(), figures, code }
    }

    fn write(&mut self, context: &Context, drafts: Vec<Draft>) {
        let Some(journal) = &self.journal else { return };
        if let Err(error) = context.append(journal, &context.author(None), drafts) {
            self.warn(context, &error.into());
        }
    }

    fn warn(&mut self, context: &Context, failure: &Failure) {
        if !std::mem::replace(&mut self.has_failed, true) {
            let words = context.chain(&failure.causes);
            context.note(&text("say-journal-unwritten").with("words", words.as_str()));
            context.advise(failure);
            let _ = context.event("unwritten", json!({ "message": words }));
        }
    }

    fn written_files(&self) -> Vec<town::journal::Attachment> {
        let is_small =
            |path: &&PathBuf| path.metadata().is_ok_and(|status| status.is_file() && status.len() <= HASHED_BYTES_MAX);
        self.files.iter().filter(is_small).filter_map(|path| digest_of(path).ok()).collect()
    }
}

/// What is written down of a command.
struct Acting {
    name: &'static str,
    is_long: bool,
    /// Files that it writes.
    files: Vec<PathBuf>,
}

/// Says which commands act. Those that only read, and those that write entries themselves, are not here.
fn acting(command: &Command) -> Option<Acting> {
    let files = |files: &[&Option<PathBuf>]| files.iter().filter_map(|path| (*path).clone()).collect::<Vec<_>>();
    let (name, is_long, files) = match command {
        Command::Restore(arguments)
            if arguments.plan.is_some() || arguments.overwrite == OverwriteChoice::IfDamaged =>
        {
            ("repair", true, Vec::new())
        }
        Command::Restore(_) => ("restore", true, Vec::new()),
        Command::Damage(arguments) => ("damage", true, files(&[&arguments.html])),
        Command::Clean(arguments) => ("clean", true, files(&[&Some(arguments.plan.clone()), &arguments.csv])),
        Command::Plan(arguments) if arguments.snapshot.is_some() => ("plan", false, vec![arguments.file.clone()]),
        Command::Prioritise(arguments) => ("prioritise", false, vec![arguments.file.clone()]),
        Command::Attest(arguments) if arguments.act.is_none() => {
            ("attest", true, files(&[&arguments.out, &arguments.html]))
        }
        Command::Mount(_) => ("mount", true, Vec::new()),
        Command::Hunt(_) => ("hunt", true, Vec::new()),
        Command::Check(_) => ("check", true, Vec::new()),
        Command::Copy(_) => ("copy", true, Vec::new()),
        Command::Expire(arguments) if !arguments.dry_run => ("expire", true, Vec::new()),
        Command::Recover(_) => ("recover", true, Vec::new()),
        Command::Enrol => ("enrol", false, Vec::new()),
        Command::Retire(_) => ("retire", false, Vec::new()),
        Command::Recipient(_) => ("recipient", false, Vec::new()),
        Command::Notify(arguments) if matches!(arguments.act, NotifyAct::Test(_) | NotifyAct::Send) => {
            ("notify", false, Vec::new())
        }
        Command::Alarm(arguments) => match &arguments.act {
            AlarmAct::Answer(_) => ("alarm answer", false, Vec::new()),
            AlarmAct::Sensitivity(arguments) if arguments.level.is_some() => ("alarm sensitivity", false, Vec::new()),
            _ => return None,
        },
        _ => return None,
    };
    Some(Acting { name, is_long, files })
}

/// Returns the command line as it was typed, fit to be shown. No argument of a command that acts is a secret: those are in files.
fn words(given: &[OsString]) -> String {
    // What holds for every command stands before it when this program starts itself, and says nothing to a reader.
    let commands = Arguments::command();
    let is_command = |word: &OsString| commands.get_subcommands().any(|known| word == known.get_name());
    let named = given.iter().skip(1).position(is_command).map_or(1, |at| at + 1);
    let word = |argument: &OsString| {
        let safe = Output::safe_bytes(argument.as_bytes());
        let is_plain = |letter: char| letter.is_alphanumeric() || "-_./:@~=+,%".contains(letter);
        if !safe.is_empty() && safe.chars().all(is_plain) { safe } else { format!("'{safe}'") }
    };
    let words: Vec<String> = given.iter().skip(named).map(word).collect();
    let words = format!("beffroi {}", words.join(" "));
    match words.char_indices().nth(WORDS_MAX) {
        Some((at, _)) => format!("{}…", &words[..at]),
        None => words,
    }
}
