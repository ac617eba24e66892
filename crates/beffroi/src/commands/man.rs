//! `man`: the manual pages.

use crate::arguments::{ManArguments, command_line};
use crate::context::Context;
use crate::failure::Failure;
use crate::messages::text;

/// Prints the page of the whole program, or writes the pages of all commands into a folder.
pub fn run(context: &Context, arguments: &ManArguments) -> Result<(), Failure> {
    let command = command_line(&context.messages);
    match &arguments.to {
        Some(folder) => {
            let written = clap_mangen::generate_to(command, folder);
            written.map_err(|error| Failure::from(error).under(text("err-man").show("path", folder.display())))
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page).map_err(Failure::from)?;
            context.output.bytes(&page)
        }
    }
}
