//! What can be asked of the return of services.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub struct RecoverArguments {
    /// Services; all, if none is named.
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
    /// Below which folder sources are given back.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    #[arg(long = "state-file", value_name = "FILE")]
    pub state_file: Option<PathBuf>,
    /// After how many minutes a command of the map is ended.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1440))]
    pub command_minutes: u16,
    /// Every gate is open: for exercises.
    #[arg(long)]
    pub assume_yes: bool,
}
