//! The command line of Beffroi.
//!
//! `arguments` says what can be asked for, `commands` do it, one file each. What people read is in `locales`, in French
//! and English; only `output` prints. The time, randomness and the environment come in here, and nowhere below.

mod arguments;
mod case_files;
mod catalogue;
mod child;
mod commands;
mod context;
mod drafting;
mod failure;
mod formats;
mod guard;
mod hooks;
mod interrupt;
mod journal_file;
mod journal_words;
mod kit_file;
mod listening;
mod messages;
mod notices;
mod open_journal;
mod order_words;
mod output;
mod owner_names;
mod plain_file;
mod plan_file;
mod progress;
mod rates;
mod record;
mod report;
mod secret_file;
mod selector;
mod sensitivity;
mod sources;
mod state_json;
mod stream;
mod table;
mod times;
mod town_file;
mod town_state;
mod usage;
mod verdict_words;
mod watch;
mod words;
mod world;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::main()
}
