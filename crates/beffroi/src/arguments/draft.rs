//! What can be asked of `draft`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::messages::Language;

#[derive(Debug, Args)]
pub struct DraftArguments {
    /// What is to be drafted.
    #[arg(value_name = "WHAT")]
    pub what: DraftChoice,
    /// The legal entity that speaks.
    #[arg(long, value_name = "ENTITY")]
    pub entity: Option<String>,
    /// Which report of NIS2.
    #[arg(long, value_name = "STAGE")]
    pub stage: Option<StageChoice>,
    /// What was not known at the first notification.
    #[arg(long)]
    pub complementary: bool,
    /// Who reads a statement.
    #[arg(long = "for", value_name = "WHO")]
    pub audience: Option<AudienceChoice>,
    /// The language of the draft; French for authorities, whatever people at the desk read.
    #[arg(long = "in", value_name = "LANG")]
    pub language: Option<Language>,
    /// Where the text goes.
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
    /// Where a page goes.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// What can be drafted, by the names that French town halls use.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum DraftChoice {
    /// The notification of a breach of personal data.
    Cnil,
    /// The complaint.
    #[value(alias = "complaint")]
    Plainte,
    /// The reports of NIS2.
    Nis2,
    /// What the insurer is told.
    #[value(alias = "insurer")]
    Assureur,
    /// A statement.
    #[value(alias = "statement")]
    Communique,
    /// What the telephone says.
    #[value(alias = "telephone")]
    Standard,
    /// What hangs on the door.
    #[value(alias = "poster")]
    Affiche,
    /// What it costs.
    #[value(alias = "costs")]
    Couts,
}

/// A report of NIS2.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum StageChoice {
    /// The early warning.
    Warning,
    /// The notification.
    Notification,
    /// The final report.
    Final,
}

/// Who reads a statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum AudienceChoice {
    /// People and press.
    Public,
    /// Those who work for the town.
    Staff,
}
