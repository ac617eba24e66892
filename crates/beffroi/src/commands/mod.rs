//! The commands, one file each.

mod alarm;
mod attest;
mod backup;
mod cascade;
mod cat;
mod check;
mod clean;
mod completions;
mod copy;
mod crisis;
mod damage;
mod day;
mod deadlines;
mod diff;
mod draft;
mod enrol;
mod exercise;
mod expire;
mod find;
mod hunt;
mod init;
mod journal;
mod journalled;
mod ls;
mod man;
mod mount;
mod notify;
mod order;
mod plan;
mod recipient;
mod recover;
mod repair;
mod restore;
mod retire;
mod snapshots;
mod town;
mod verify_new;

pub use alarm::{ground_fields, ground_text};

use std::ffi::OsString;
use std::process::ExitCode;

use clap::FromArgMatches;
use clap::error::ErrorKind;

use crate::arguments::{Arguments, Command, GlobalArguments, command_line};
use crate::context::Context;
use crate::failure::{DONE, Failure, FailureKind};
use crate::messages::{Language, Messages, text};
use crate::output::Output;
use crate::usage::usage_failure;

/// Understands the command line, does what it asks, and returns the exit code.
pub fn main() -> ExitCode {
    let given: Vec<OsString> = std::env::args_os().collect();
    let messages = Messages::new(Language::choose(&given, environment));
    match parse(&given, &messages) {
        Ok(Parsed::Arguments(arguments)) => {
            let context = Context::new(messages, arguments.global);
            let journalled = journalled::begin(&context, &arguments.command, &given);
            let done = run(&context, arguments.command).and_then(|()| context.output.flush());
            let code = finish(&context, done);
            ExitCode::from(journalled.map_or(code, |journalled| journalled.end(&context, code)))
        }
        Ok(Parsed::Shown(words)) => {
            let output = Output::new(false);
            let shown = output.bytes(words.as_bytes()).and_then(|()| output.flush());
            ExitCode::from(shown.map_or_else(|failure| failure.exit_code(), |()| DONE))
        }
        Err(failure) => {
            let json = given.iter().any(|argument| argument == "--json");
            let context = Context::new(messages, GlobalArguments::bare(json));
            ExitCode::from(finish(&context, Err(failure)))
        }
    }
}

enum Parsed {
    Arguments(Box<Arguments>),
    /// Help or version was asked for.
    Shown(String),
}

fn parse(given: &[OsString], messages: &Messages) -> Result<Parsed, Failure> {
    let parsed = command_line(messages).try_get_matches_from(given);
    match parsed.and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(arguments) => Ok(Parsed::Arguments(Box::new(arguments))),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            Ok(Parsed::Shown(error.render().to_string()))
        }
        Err(error) => Err(usage_failure(&error, given)),
    }
}

fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Init(arguments) => init::run(context, &arguments),
        Command::Enrol => enrol::run(context),
        Command::Backup(arguments) => backup::run(context, &arguments),
        Command::Snapshots(arguments) => snapshots::run(context, &arguments),
        Command::Ls(arguments) => ls::run(context, &arguments),
        Command::Find(arguments) => find::run(context, &arguments),
        Command::Cat(arguments) => cat::run(context, &arguments),
        Command::Restore(arguments) => restore::run(context, &arguments),
        Command::Damage(arguments) => damage::run(context, &arguments),
        Command::Clean(arguments) => clean::run(context, &arguments),
        Command::Plan(arguments) => plan::run(context, &arguments),
        Command::Prioritise(arguments) => plan::prioritise(context, &arguments),
        Command::Town(arguments) => town::run(context, &arguments),
        Command::Mount(arguments) => mount::run(context, &arguments),
        Command::Order(arguments) => order::run(context, &arguments),
        Command::Cascade(arguments) => cascade::run(context, &arguments),
        Command::Recover(arguments) => recover::run(context, &arguments),
        Command::Attest(arguments) => attest::run(context, &arguments),
        Command::Hunt(arguments) => hunt::run(context, &arguments),
        Command::Alarm(arguments) => alarm::run(context, &arguments.act),
        Command::Notify(arguments) => notify::run(context, &arguments),
        Command::Recipient(arguments) => recipient::run(context, &arguments),
        Command::Retire(arguments) => retire::run(context, &arguments),
        Command::Deadlines => deadlines::run(context),
        Command::Draft(arguments) => draft::run(context, &arguments),
        Command::Completions(arguments) => completions::run(context, &arguments),
        Command::Man(arguments) => man::run(context, &arguments),
        Command::Diff(arguments) => diff::run(context, &arguments),
        Command::Check(arguments) => check::run(context, &arguments),
        Command::VerifyNew(arguments) => verify_new::run(context, &arguments),
        Command::Copy(arguments) => copy::run(context, &arguments),
        Command::Expire(arguments) => expire::run(context, &arguments),
        Command::Exercise(arguments) if arguments.folder.is_none() => day::run(context, &arguments),
        Command::Exercise(arguments) => exercise::run(context, &arguments),
        Command::Crisis(arguments) => crisis::run(context, &arguments),
        Command::Journal(arguments) => journal::run(context, &arguments),
    }
}

/// Returns how many threads to use.
pub fn jobs(asked: Option<u16>) -> usize {
    asked.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
}

/// Begins to listen to Ctrl-C: from here on, stopping is done in order.
fn watch_interrupts(context: &Context) -> Result<(), Failure> {
    context.interrupt.watch().map_err(|error| Failure::from(error).under(text("err-signals")))
}

fn finish(context: &Context, done: Result<(), Failure>) -> u8 {
    match done {
        Ok(()) => context.exit_code(),
        Err(failure) => {
            context.fail(&failure);
            // What was printed before the failure is a result all the same.
            if failure.kind != FailureKind::ClosedPipe {
                let _ = context.output.flush();
            }
            failure.exit_code()
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the command line is where the environment comes in")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
