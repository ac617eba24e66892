//! What can be asked of the order of return.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub struct OrderArguments {
    #[arg(long, value_name = "DAY")]
    pub date: Option<String>,
    #[arg(long = "state-file", value_name = "FILE")]
    pub state_file: Option<PathBuf>,
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub hands: u16,
}

#[derive(Debug, Args)]
pub struct CascadeArguments {
    #[arg(value_name = "NAME")]
    pub node: Option<String>,
    #[arg(long = "state-file", value_name = "FILE")]
    pub state_file: Option<PathBuf>,
}
