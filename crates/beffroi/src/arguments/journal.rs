//! What can be asked of `crisis` and `journal`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand, ValueEnum};
use town::journal::{Confidence, DEADLINES, Kind};
use town::state::Level;

#[derive(Debug, Args)]
#[command(subcommand_required = true, disable_help_subcommand = true)]
pub struct CrisisArguments {
    /// Who writes.
    #[arg(long, value_name = "NAME", global = true)]
    pub author: Option<String>,
    #[command(subcommand)]
    pub act: CrisisAct,
}

#[derive(Debug, Subcommand)]
pub enum CrisisAct {
    Open(CrisisOpenArguments),
    Certify,
    State(CrisisStateArguments),
    Note(CrisisNoteArguments),
    Decide(CrisisDecideArguments),
    Act(CrisisActArguments),
    Cost(CrisisCostArguments),
    Answer(CrisisAnswerArguments),
    Close(CrisisCloseArguments),
}

#[derive(Debug, Args)]
pub struct CrisisOpenArguments {
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    #[arg(long)]
    pub exercise: bool,
}

/// What every entry may have.
#[derive(Debug, Default, Args)]
pub struct EntryArguments {
    #[arg(long, value_name = "TIME")]
    pub happened: Option<String>,
    #[arg(long, value_name = "certain|likely|guess")]
    pub confidence: Option<ConfidenceChoice>,
    #[arg(long, value_name = "N")]
    pub corrects: Option<u64>,
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub attach: Vec<PathBuf>,
    #[arg(long, requires = "attach")]
    pub no_copy: bool,
}

#[derive(Debug, Args)]
pub struct CrisisStateArguments {
    /// Without a level: what is known is shown.
    #[arg(value_name = "NODE")]
    pub node: Option<String>,
    #[arg(value_name = "up|degraded|down|unknown")]
    pub level: Option<LevelChoice>,
    #[arg(long, value_name = "TEXT")]
    pub how: Option<String>,
    #[arg(long, value_name = "TEXT")]
    pub why: Option<String>,
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    #[arg(long, value_name = "TIME")]
    pub next: Option<String>,
    #[command(flatten)]
    pub entry: EntryArguments,
}

#[derive(Debug, Args)]
pub struct CrisisNoteArguments {
    #[arg(value_name = "TEXT")]
    pub text: String,
    #[arg(long, value_name = "NODE")]
    pub about: Option<String>,
    #[arg(long, value_name = "observation|communication|evidence", default_value = "observation")]
    pub kind: NoteKind,
    #[command(flatten)]
    pub entry: EntryArguments,
}

#[derive(Debug, Args)]
pub struct CrisisDecideArguments {
    #[arg(value_name = "TEXT")]
    pub text: String,
    /// The town knows since then; since now, if no time is given.
    #[arg(long, value_name = "TIME", num_args = 0..=1)]
    pub t0: Option<Option<String>>,
    #[arg(long, value_name = "NODE")]
    pub about: Option<String>,
    #[command(flatten)]
    pub entry: EntryArguments,
}

#[derive(Debug, Args)]
pub struct CrisisActArguments {
    #[arg(value_name = "TEXT")]
    pub text: String,
    #[arg(long, value_name = "DEADLINE", value_parser = PossibleValuesParser::new(DEADLINES))]
    pub met: Option<String>,
    #[arg(long, value_name = "ENTITY", requires = "met")]
    pub entity: Option<String>,
    #[arg(long, value_name = "NUMBER", requires = "met")]
    pub receipt: Option<String>,
    #[arg(long, value_name = "NODE")]
    pub about: Option<String>,
    #[command(flatten)]
    pub entry: EntryArguments,
}

#[derive(Debug, Args)]
pub struct CrisisCostArguments {
    #[arg(value_name = "EUROS", allow_hyphen_values = true)]
    pub euros: String,
    #[arg(value_name = "TEXT")]
    pub text: String,
    #[arg(long, value_name = "NAME", default_value = "other")]
    pub category: String,
    #[arg(long, value_name = "ENTITY")]
    pub entity: Option<String>,
    #[arg(long, value_name = "NUMBER")]
    pub proof: Option<String>,
    #[command(flatten)]
    pub entry: EntryArguments,
}

#[derive(Debug, Args)]
pub struct CrisisAnswerArguments {
    #[arg(value_name = "FIELD")]
    pub field: String,
    #[arg(value_name = "TEXT")]
    pub text: String,
    #[command(flatten)]
    pub entry: EntryArguments,
}

#[derive(Debug, Args)]
pub struct CrisisCloseArguments {
    #[arg(value_name = "TEXT")]
    pub text: Option<String>,
}

/// What a note can be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum NoteKind {
    /// Something was seen.
    Observation,
    /// Somebody was told.
    Communication,
    /// Something was put aside.
    Evidence,
}

/// How sure an author is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum ConfidenceChoice {
    /// Seen, or measured.
    Certain,
    /// More likely than not.
    Likely,
    /// A guess.
    Guess,
}

/// How something is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum LevelChoice {
    /// It works.
    Up,
    /// It works in part.
    Degraded,
    /// It does not work.
    Down,
    /// Nobody knows.
    Unknown,
}

/// What an entry can be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum KindChoice {
    /// Something was seen.
    Observation,
    /// Something was decided.
    Decision,
    /// Something was done.
    Action,
    /// Somebody was told.
    Communication,
    /// Something was put aside.
    Evidence,
    /// Something costs.
    Cost,
}

#[derive(Debug, Args)]
#[command(subcommand_required = true, disable_help_subcommand = true)]
pub struct JournalArguments {
    #[command(subcommand)]
    pub act: JournalAct,
}

#[derive(Debug, Subcommand)]
pub enum JournalAct {
    Show(JournalShowArguments),
    Verify(JournalVerifyArguments),
    Export(JournalExportArguments),
    Checkpoint,
}

#[derive(Debug, Args)]
pub struct JournalShowArguments {
    #[arg(long, value_name = "NODE")]
    pub about: Option<String>,
    #[arg(long, value_name = "KIND")]
    pub kind: Option<KindChoice>,
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
}

#[derive(Debug, Args)]
pub struct JournalVerifyArguments {
    /// A journal's file or folder; else the open one.
    #[arg(value_name = "FILE|DIR")]
    pub place: Option<PathBuf>,
    #[arg(long, value_name = "LINE")]
    pub checkpoint: Vec<String>,
    #[arg(long, value_name = "HEX")]
    pub owner: Option<String>,
}

#[derive(Debug, Args)]
pub struct JournalExportArguments {
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

impl NoteKind {
    /// Returns what the entry will be.
    pub fn kind(self) -> Kind {
        match self {
            Self::Observation => Kind::Observation,
            Self::Communication => Kind::Communication,
            Self::Evidence => Kind::Evidence,
        }
    }
}

impl ConfidenceChoice {
    /// Returns what the entry will say.
    pub fn confidence(self) -> Confidence {
        match self {
            Self::Certain => Confidence::Certain,
            Self::Likely => Confidence::Likely,
            Self::Guess => Confidence::Guess,
        }
    }
}

impl LevelChoice {
    /// Returns what the state will be.
    pub fn level(self) -> Level {
        match self {
            Self::Up => Level::Up,
            Self::Degraded => Level::Degraded,
            Self::Down => Level::Down,
            Self::Unknown => Level::Unknown,
        }
    }
}

impl KindChoice {
    /// Returns what is looked for.
    pub fn kind(self) -> Kind {
        match self {
            Self::Observation => Kind::Observation,
            Self::Decision => Kind::Decision,
            Self::Action => Kind::Action,
            Self::Communication => Kind::Communication,
            Self::Evidence => Kind::Evidence,
            Self::Cost => Kind::Cost,
        }
    }
}
