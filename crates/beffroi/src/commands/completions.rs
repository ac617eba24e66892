//! `completions`: what a shell should know of this command line.

use crate::arguments::{CompletionsArguments, command_line};
use crate::context::Context;
use crate::failure::Failure;

/// Prints the script for a shell.
pub fn run(context: &Context, arguments: &CompletionsArguments) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command_line(&context.messages), "beffroi", &mut script);
    context.output.bytes(&script)
}
