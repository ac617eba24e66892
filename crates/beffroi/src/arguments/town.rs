//! What can be asked of the map of the town.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Args)]
#[command(subcommand_required = true, disable_help_subcommand = true)]
pub struct TownArguments {
    #[command(subcommand)]
    pub act: TownAct,
}

#[derive(Debug, Subcommand)]
pub enum TownAct {
    Init(TownInitArguments),
    Check(TownCheckArguments),
    Import(TownImportArguments),
    Graph(TownGraphArguments),
}

/// A size of towns for which there is a model.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum TownSize {
    /// About 1,000 people and one secretary.
    Village,
    /// About 8,000 people and one person for the machines.
    Town,
    /// About 150,000 people and a department for the machines.
    City,
}

#[derive(Debug, Args)]
pub struct TownInitArguments {
    #[arg(long, value_name = "village|town|city")]
    pub size: TownSize,
    #[arg(long, value_name = "FILE", default_value = "town.toml")]
    pub to: PathBuf,
}

#[derive(Debug, Args)]
pub struct TownCheckArguments {
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct TownImportArguments {
    #[arg(value_name = "CSV")]
    pub csv: PathBuf,
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct TownGraphArguments {
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
    #[arg(long, value_name = "NAME")]
    pub fallen: Vec<String>,
}
