//! `town`: the map of the town, from the first model to the picture.

mod check;
mod graph;
mod import;
mod init;

use crate::arguments::{TownAct, TownArguments};
use crate::context::Context;
use crate::failure::Failure;

/// Does what is asked of the map.
pub fn run(context: &Context, arguments: &TownArguments) -> Result<(), Failure> {
    match &arguments.act {
        TownAct::Init(arguments) => init::run(context, arguments),
        TownAct::Check(arguments) => check::run(context, arguments),
        TownAct::Import(arguments) => import::run(context, arguments),
        TownAct::Graph(arguments) => graph::run(context, arguments),
    }
}
