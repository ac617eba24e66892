//! What can be asked for. The help texts are in the catalogue: `help-<command>`, `arg-<argument>` or, where a command's
//! argument needs words of its own, `arg-<command>-<argument>`.

mod draft;
mod journal;
mod order;
mod recover;
mod town;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, StyledStr};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use exercise::attack::profiles;
use triage::alarm::Sensitivity;

use crate::messages::{Language, Messages};

pub use draft::{AudienceChoice, DraftArguments, DraftChoice, StageChoice};
pub use journal::*;
pub use order::{CascadeArguments, OrderArguments};
pub use recover::RecoverArguments;
pub use town::{
    TownAct, TownArguments, TownCheckArguments, TownGraphArguments, TownImportArguments, TownInitArguments, TownSize,
};

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "beffroi", version, disable_help_flag = true, disable_version_flag = true)]
#[command(disable_help_subcommand = true, subcommand_required = true, max_term_width = 100)]
pub struct Arguments {
    /// What holds for every command.
    #[command(flatten)]
    pub global: GlobalArguments,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// What holds for every command.
#[derive(Clone, Debug, Args)]
pub struct GlobalArguments {
    /// The vault's directory.
    #[arg(long, global = true, value_name = "DIR", env = "BEFFROI_VAULT")]
    pub vault: Option<PathBuf>,
    /// This machine's state.
    #[arg(long, global = true, value_name = "DIR", env = "BEFFROI_STATE")]
    pub state: Option<PathBuf>,
    /// The recovery kit, or any age identity file.
    #[arg(long, global = true, value_name = "FILE", env = "BEFFROI_IDENTITY")]
    pub identity: Option<PathBuf>,
    /// The map of the town.
    #[arg(long, global = true, value_name = "FILE", env = "BEFFROI_TOWN")]
    pub town: Option<PathBuf>,
    /// The folder of the journal.
    #[arg(long, global = true, value_name = "DIR", env = "BEFFROI_JOURNAL")]
    pub journal: Option<PathBuf>,
    /// Lines for programs.
    #[arg(long, global = true)]
    pub json: bool,
    /// The language. Taken before everything else is understood; here so that it is checked.
    #[arg(long, global = true, value_name = "LANG", env = "BEFFROI_LANG")]
    pub lang: Option<Language>,
    /// More is told.
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// No line that moves.
    #[arg(long, global = true)]
    pub no_progress: bool,
    #[arg(short, long, global = true, action = clap::ArgAction::Help)]
    help: Option<bool>,
    #[arg(short = 'V', long, action = clap::ArgAction::Version)]
    version: Option<bool>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    Init(InitArguments),
    Enrol,
    Backup(BackupArguments),
    Snapshots(SnapshotsArguments),
    Ls(LsArguments),
    Find(FindArguments),
    Diff(DiffArguments),
    Cat(CatArguments),
    Restore(RestoreArguments),
    Check(CheckArguments),
    VerifyNew(VerifyNewArguments),
    Copy(CopyArguments),
    Expire(ExpireArguments),
    Exercise(ExerciseArguments),
    Crisis(CrisisArguments),
    Journal(JournalArguments),
    Alarm(AlarmArguments),
    Notify(NotifyArguments),
    Damage(DamageArguments),
    Attest(AttestArguments),
    Hunt(HuntArguments),
    Clean(CleanArguments),
    Plan(PlanArguments),
    Prioritise(PrioritiseArguments),
    Mount(MountArguments),
    Order(OrderArguments),
    Cascade(CascadeArguments),
    Recover(RecoverArguments),

    Town(TownArguments),
    Recipient(RecipientArguments),
    Retire(RetireArguments),
    Deadlines,
    Draft(DraftArguments),
    Completions(CompletionsArguments),
    Man(ManArguments),
}

#[derive(Debug, Args)]
pub struct InitArguments {
    /// The directory of the new vault.
    #[arg(value_name = "VAULT")]
    pub new_vault: PathBuf,
    /// Who else may open it.
    #[arg(long, value_name = "AGE")]
    pub recipient: Vec<String>,
    /// Where the recovery kit is written.
    #[arg(long, value_name = "FILE")]
    pub recovery_out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct BackupArguments {
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    #[arg(long, value_name = "GLOB", conflicts_with = "command")]
    pub exclude: Vec<String>,
    #[arg(long, value_name = "FILE", conflicts_with = "command")]
    pub exclude_from: Vec<PathBuf>,
    #[arg(long, value_name = "GLOB", conflicts_with = "command")]
    pub fixed: Vec<String>,
    #[arg(long, conflicts_with = "command")]
    pub one_file_system: bool,
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(i8).range(1..=19))]
    pub level: i8,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    #[arg(long, value_name = "CMD")]
    pub before: Option<String>,
    #[arg(long, value_name = "CMD")]
    pub after: Option<String>,
    #[arg(long, value_name = "FILE", env = "BEFFROI_NOTIFY")]
    pub notify: Option<PathBuf>,
    /// The words that follow are a command whose output is kept.
    #[arg(long, requires = "source")]
    pub command: bool,
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<OsString>,
}

#[derive(Debug, Args)]
pub struct SnapshotsArguments {
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
}

#[derive(Debug, Args)]
pub struct LsArguments {
    #[arg(value_name = "SNAP[:PATH]")]
    pub snapshot: OsString,
    #[arg(short, long)]
    pub long: bool,
    #[arg(short = 'R', long)]
    pub recursive: bool,
}

#[derive(Debug, Args)]
pub struct FindArguments {
    #[arg(value_name = "GLOB")]
    pub glob: String,
    #[arg(long, value_name = "SNAP")]
    pub snapshot: Option<OsString>,
}

#[derive(Debug, Args)]
pub struct DiffArguments {
    #[arg(value_name = "A")]
    pub first: OsString,
    #[arg(value_name = "B")]
    pub second: OsString,
}

#[derive(Debug, Args)]
pub struct CatArguments {
    #[arg(value_name = "SNAP:PATH")]
    pub file: OsString,
}

#[derive(Debug, Args)]
pub struct RestoreArguments {
    #[arg(value_name = "SNAP[:PATH]", required_unless_present = "plan", conflicts_with = "plan")]
    pub snapshot: Option<OsString>,
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    #[arg(long, value_name = "never|always|if-damaged", default_value = "never")]
    pub overwrite: OverwriteChoice,
    #[arg(long, value_name = "DIR")]
    pub evidence: Option<PathBuf>,
    #[arg(long)]
    pub verify: bool,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

#[derive(Debug, Args)]
pub struct CheckArguments {
    #[arg(long, value_name = "PERCENT", num_args = 0..=1, require_equals = true, default_missing_value = "100")]
    #[arg(value_parser = clap::value_parser!(u8).range(0..=100))]
    pub read_data: Option<u8>,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

#[derive(Debug, Args)]
pub struct VerifyNewArguments {
    #[arg(long, value_name = "PERCENT", default_value_t = 10, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub new: u8,
    #[arg(long, value_name = "PERCENT", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub known: u8,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

#[derive(Debug, Args)]
pub struct CopyArguments {
    #[arg(long, value_name = "VAULT")]
    pub to: PathBuf,
    #[arg(long)]
    pub verify: bool,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

#[derive(Debug, Args)]
pub struct ExpireArguments {
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    #[arg(long)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub struct ExerciseArguments {
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Where the page of the whole day stays.
    #[arg(long, value_name = "DIR", conflicts_with = "folder")]
    pub to: Option<PathBuf>,
    #[arg(long, value_name = "DIR")]
    pub place: Option<PathBuf>,
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(i8).range(1..=19))]
    pub level: i8,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    #[arg(long, value_name = "NAME", hide_possible_values = true, value_parser = attack_names())]
    pub attack: Option<String>,
}

/// The names of all attacks that can be rehearsed.
fn attack_names() -> PossibleValuesParser {
    PossibleValuesParser::new(profiles().into_iter().map(|profile| profile.name))
}

/// What happens to files that are there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum OverwriteChoice {
    /// They stay.
    Never,
    /// They are replaced.
    Always,
    /// Those that are hurt are replaced.
    IfDamaged,
}

#[derive(Debug, Args)]
pub struct DamageArguments {
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    #[arg(long, value_name = "SNAP")]
    pub from: Option<OsString>,
    #[arg(long, value_name = "SNAP")]
    pub to: Option<OsString>,
    #[arg(long, value_name = "WHAT", default_value = "dir")]
    pub by: Grouping,
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    #[arg(long)]
    pub facts_only: bool,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, disable_help_subcommand = true)]
pub struct AttestArguments {
    #[command(subcommand)]
    pub act: Option<AttestAct>,
    /// A snapshot and a folder; with a plan, a folder.
    #[arg(value_name = "SNAP[:PATH] DIR", required = true, num_args = 1..=2)]
    pub of: Vec<OsString>,
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    #[arg(long, value_name = "NAME")]
    pub clean_boot: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

#[derive(Debug, Subcommand)]
pub enum AttestAct {
    Verify(AttestVerifyArguments),
}

#[derive(Debug, Args)]
pub struct AttestVerifyArguments {
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[arg(long, value_name = "HEX")]
    pub owner: Option<String>,
}

#[derive(Debug, Args)]
pub struct CleanArguments {
    #[arg(long, value_name = "FILE")]
    pub plan: PathBuf,
    #[arg(long, value_name = "SNAP|TIME")]
    pub since: Option<OsString>,
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    #[arg(long, value_name = "PATH")]
    pub keep: Vec<PathBuf>,
    #[arg(long, value_name = "PATH")]
    pub drop: Vec<PathBuf>,
    #[arg(long, value_name = "PATH")]
    pub take: Vec<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

#[derive(Debug, Args)]
pub struct PlanArguments {
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[arg(value_name = "SNAP")]
    pub snapshot: Option<OsString>,
}

#[derive(Debug, Args)]
pub struct PrioritiseArguments {
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[arg(value_name = "PATH", required_unless_present = "clear")]
    pub paths: Vec<PathBuf>,
    #[arg(long)]
    pub clear: bool,
}

#[derive(Debug, Args)]
pub struct MountArguments {
    /// Where the vault appears.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Others may look too.
    #[arg(long)]
    pub allow_other: bool,
    /// How much memory caches take.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(16..=1 << 20))]
    pub cache_mib: u32,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("wanted").args(["sha256", "name", "list"]).required(true).multiple(true)))]
pub struct HuntArguments {
    #[arg(long, value_name = "HEX")]
    pub sha256: Vec<String>,
    #[arg(long, value_name = "GLOB")]
    pub name: Vec<String>,
    #[arg(long, value_name = "FILE")]
    pub list: Vec<PathBuf>,
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

/// What damage is counted by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Grouping {
    /// Folders.
    Dir,
    /// The source as a whole.
    Source,
}

#[derive(Debug, Args)]
#[command(subcommand_required = true, disable_help_subcommand = true)]
pub struct AlarmArguments {
    #[command(subcommand)]
    pub act: AlarmAct,
}

#[derive(Debug, Subcommand)]
pub enum AlarmAct {
    List,
    Explain(AlarmExplainArguments),
    Answer(AlarmAnswerArguments),
    Sensitivity(AlarmSensitivityArguments),
}

#[derive(Debug, Args)]
pub struct AlarmExplainArguments {
    #[arg(value_name = "SNAP")]
    pub snapshot: OsString,
}

#[derive(Debug, Args)]
pub struct AlarmAnswerArguments {
    #[arg(value_name = "SNAP")]
    pub snapshot: OsString,
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

#[derive(Debug, Args)]
pub struct AlarmSensitivityArguments {
    #[arg(value_name = "LEVEL", value_parser = PossibleValuesParser::new(Sensitivity::ALL.map(Sensitivity::word)))]
    pub level: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    #[arg(long, requires = "level")]
    pub owners: bool,
}

#[derive(Debug, Args)]
#[command(subcommand_required = true, disable_help_subcommand = true)]
pub struct NotifyArguments {
    #[arg(long, value_name = "FILE", env = "BEFFROI_NOTIFY", global = true)]
    pub notify: Option<PathBuf>,
    #[command(subcommand)]
    pub act: NotifyAct,
}

#[derive(Debug, Subcommand)]
pub enum NotifyAct {
    Test(NotifyTestArguments),
    Send,
}

#[derive(Debug, Args)]
pub struct NotifyTestArguments {
    #[arg(long, value_name = "NAME")]
    pub to: Option<String>,
}

#[derive(Debug, Args)]
#[command(subcommand_required = true, disable_help_subcommand = true)]
pub struct RecipientArguments {
    #[command(subcommand)]
    pub act: RecipientAct,
}

#[derive(Debug, Subcommand)]
pub enum RecipientAct {
    Add(RecipientArgument),
    Remove(RecipientArgument),
}

#[derive(Debug, Args)]
pub struct RecipientArgument {
    #[arg(value_name = "AGE")]
    pub recipient: String,
}

#[derive(Debug, Args)]
pub struct RetireArguments {
    #[arg(value_name = "STRAND")]
    pub strand: String,
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

#[derive(Debug, Args)]
pub struct CompletionsArguments {
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub struct ManArguments {
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,
}

impl GlobalArguments {
    /// Stands for arguments that could not be understood.
    pub fn bare(json: bool) -> Self {
        Self {
            vault: None,
            state: None,
            identity: None,
            town: None,
            journal: None,
            json,
            lang: None,
            verbose: false,
            no_progress: true,
            help: None,
            version: None,
        }
    }
}

/// Returns the command line with its help in the language of `messages`.
pub fn command_line(messages: &Messages) -> clap::Command {
    let mut command = Arguments::command();
    // What clap adds by itself, it adds when it builds; only then is everything there to be given words.
    command.build();
    localized(Arguments::command(), messages, None)
}

fn localized(command: clap::Command, messages: &Messages, path: Option<&str>) -> clap::Command {
    let key = path.unwrap_or("beffroi").to_string();
    let mut command = command
        .about(messages.lookup(&format!("help-{key}")).unwrap_or_default())
        .help_template(help_template(messages))
        .subcommand_help_heading(messages.word("help-heading-commands"))
        .subcommand_value_name(messages.word("help-value-command"))
        .mut_args(|argument| {
            let id = argument.get_id().to_string().replace('_', "-");
            let own = messages.lookup(&format!("arg-{key}-{id}"));
            let words = own.or_else(|| messages.lookup(&format!("arg-{id}"))).unwrap_or_default();
            let heading = if argument.is_positional() { "help-heading-arguments" } else { "help-heading-options" };
            let argument = argument.help(StyledStr::from(words)).help_heading(messages.word(heading));
            // What holds for every command comes after what is the command's own.
            let argument = if is_global(&argument) { argument.display_order(GLOBAL_ORDER) } else { argument };
            let takes_value = argument.get_action().takes_values();
            argument.hide_env(true).hide_default_value(takes_value).hide_possible_values(takes_value)
        });
    if path.is_none() {
        command = command.after_help(messages.word("help-exit-codes"));
    }
    let names: Vec<String> = command.get_subcommands().map(|below| below.get_name().to_string()).collect();
    for name in names {
        let below = path.map_or_else(|| name.clone(), |path| format!("{path}-{name}"));
        command = command.mut_subcommand(name, |command| localized(command, messages, Some(&below)));
    }
    command
}

const GLOBAL_ORDER: usize = 900;

fn is_global(argument: &clap::Arg) -> bool {
    argument.is_global_set() || ["help", "version"].contains(&argument.get_id().as_str())
}

fn help_template(messages: &Messages) -> String {
    let usage = messages.word("help-heading-usage");
    format!("{{about-with-newline}}\n{usage} {{usage}}\n\n{{all-args}}{{after-help}}")
}
