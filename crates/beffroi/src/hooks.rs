//! Commands of the user's around a backup. No shell reads them: what is in a path or a name cannot become a command.

use std::io;
use std::process::{Command, ExitStatus, Stdio};

use crate::failure::Failure;
use crate::messages::{Text, text};
use crate::words;

/// The moment at which a hook runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// Before the source is read.
    Before,
    /// After, whatever happened.
    After,
}

/// Runs a hook, if there is one, with variables; its failure is one of ours.
pub fn run(command: Option<&str>, moment: Moment, variables: &[(&str, String)]) -> Result<(), Failure> {
    let Some(command) = command else { return Ok(()) };
    let words = words::split(command).filter(|words| !words.is_empty());
    let Some(words) = words else {
        return Err(Failure::usage(text("err-hook-words").with("command", command)));
    };
    let mut process = Command::new(&words[0]);
    // What a hook prints is no result of ours.
    process.args(&words[1..]).stdin(Stdio::null()).stdout(io::stderr());
    process.env("BEFFROI_HOOK", moment.word()).envs(variables.iter().map(|(name, value)| (name, value)));
    let failed = || text(moment.failure_key()).with("command", command);
    match process.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::new(status_text(status)).under(failed())),
        Err(error) => Err(Failure::from(error).under(failed())),
    }
}

/// Refuses hooks that could not be run, before anything is done.
pub fn check(commands: [Option<&str>; 2]) -> Result<(), Failure> {
    for command in commands.into_iter().flatten() {
        if words::split(command).is_none_or(|words| words.is_empty()) {
            return Err(Failure::usage(text("err-hook-words").with("command", command)));
        }
    }
    Ok(())
}

impl Moment {
    fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }

    fn failure_key(self) -> &'static str {
        match self {
            Self::Before => "err-hook-before",
            Self::After => "err-hook-after",
        }
    }
}

/// Puts how a command ended into words.
pub fn status_text(status: ExitStatus) -> Text {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => text("err-exit-status").show("code", code),
        (None, signal) => text("err-exit-signal").show("signal", signal.unwrap_or(0)),
    }
}
