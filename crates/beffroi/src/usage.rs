//! What is wrong with a command line, in the user's language.

use std::ffi::OsString;

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::messages::{Text, text};

/// Puts what clap says of a command line into the catalogue's words.
pub fn usage_failure(error: &clap::Error, given: &[OsString]) -> Failure {
    let argument = context(error, ContextKind::InvalidArg);
    let value = context(error, ContextKind::InvalidValue);
    let said = match error.kind() {
        ErrorKind::UnknownArgument => text("err-usage-unknown").with("argument", argument),
        ErrorKind::InvalidSubcommand => {
            text("err-usage-command").with("command", context(error, ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => text("err-usage-missing").with("argument", argument),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            text("err-usage-no-command")
        }
        ErrorKind::ArgumentConflict => {
            text("err-usage-conflict").with("argument", argument).with("other", context(error, ContextKind::PriorArg))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if value.is_empty() => {
            text("err-usage-no-value").with("argument", argument)
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let valid = context(error, ContextKind::ValidValue);
            let said = text("err-usage-value").with("argument", argument).with("value", value);
            return Failure::usage(said_with_choices(said, &valid));
        }
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            text("err-usage-count").with("argument", argument)
        }
        ErrorKind::NoEquals => text("err-usage-no-equals").with("argument", argument),
        ErrorKind::InvalidUtf8 => text("err-usage-utf8"),
        _ => text("err-usage-other").with("words", error.to_string()),
    };
    Failure::usage(said.with("help", help(given)))
}

/// Returns the command line that shows the help of the command that was typed, as far as there is such a command.
fn help(given: &[OsString]) -> String {
    let (mut command, mut words) = (Arguments::command(), String::from("beffroi "));
    for word in given.iter().skip(1) {
        if let Some(known) = command.find_subcommand(word).cloned() {
            words.push_str(known.get_name());
            words.push(' ');
            command = known;
        }
    }
    words + "--help"
}

fn said_with_choices(said: Text, choices: &str) -> Text {
    if choices.is_empty() { said } else { text("err-usage-choice").with("problem", said).with("choices", choices) }
}

fn context(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(one)) => one.clone(),
        Some(ContextValue::Strings(many)) => many.join(", "),
        Some(ContextValue::StyledStr(one)) => one.to_string(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}
