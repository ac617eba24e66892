//! `damage`: what is hurt since when, what is not, and what nobody knows.

mod scope;
mod teller;

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use damage::{AssessOptions, Chain, Evidence, Live, Totals, assess};
use jiff::tz::TimeZone;
use restore::clean::CleanTree;
use serde_json::Value;
use vault::read::SnapshotReader;
use vault::world::{Clock, Entropy};

use crate::arguments::DamageArguments;
use crate::catalogue::Catalogue;
use crate::context::Context;
use crate::failure::Failure;
use crate::messages::text;
use crate::output::Output;
use crate::report::{Chapter, Gathered, Report, ReportFile, ReportFileError, page, survey};
use crate::world::{SystemClock, SystemEntropy};

use scope::Scope;
pub use scope::{by_source, check_folder, last_healthy};
use teller::Teller;

/// Assesses one source, or all; or a folder of the disk.
pub fn run(context: &Context, arguments: &DamageArguments) -> Result<(), Failure> {
    let catalogue = Catalogue::open(context)?;
    let scopes = scope::scopes(&catalogue, arguments)?;
    if scopes.is_empty() {
        context.note(&text("say-damage-nothing"));
        return Ok(());
    }
    super::watch_interrupts(context)?;
    // A place that cannot be written to is told before hours of reading, not after.
    let file = arguments.html.as_deref().map(|path| prepare(path).map(|file| (path, file))).transpose()?;
    let mut key = [0; 32];
    SystemEntropy.fill(&mut key);
    let evidence = if arguments.facts_only { Evidence::Facts } else { Evidence::Content { key } };
    let options = AssessOptions { evidence, jobs: super::jobs(arguments.jobs), follows: true };
    let mut chapters = Vec::new();
    for scope in &scopes {
        let opened = catalogue.readers(context, &scope.listed)?;
        let readers: Vec<SnapshotReader> = opened.into_iter().map(|(_, reader)| reader).collect();
        let mut teller = Teller::new(context, scope, arguments);
        let totals = assess_scope(scope, &readers, &options, &mut teller)?;
        if let Some(gathered) = teller.gathered.take() {
            chapters.push(chapter(context, scope, &readers[0], totals.clone(), gathered));
        }
        teller.finish(&totals)?;
    }
    file.map_or(Ok(()), |(path, file)| write_report(context, path, file, chapters, !arguments.facts_only))
}

fn assess_scope(
    scope: &Scope<'_>,
    readers: &[SnapshotReader],
    options: &AssessOptions,
    teller: &mut Teller<'_>,
) -> Result<Totals, Failure> {
    let files_before = scope.listed[0].snapshot.manifest.counts.files;
    let clean;
    let live = match &scope.disk {
        Some(disk) => {
            scope::check_folder(&readers[0], &disk.below)?;
            clean = CleanTree::new(readers.to_vec(), 0);
            Some(Live { tree: &disk.tree, below: &disk.below, clean: &clean })
        }
        None => None,
    };
    let chain = Chain { snapshots: readers, files_before, live };
    assess(chain, options, teller).ok_or_else(|| Failure::new(text("err-stopped")))
}

pub fn prepare(path: &Path) -> Result<ReportFile, Failure> {
    ReportFile::prepare(path).map_err(|error| report_failure(path, error))
}

fn write_report(
    context: &Context,
    path: &Path,
    file: ReportFile,
    chapters: Vec<Chapter>,
    is_proved: bool,
) -> Result<(), Failure> {
    let (made, zone) = (SystemClock.now(), TimeZone::system());
    let report = Report { messages: &context.messages, made, zone, is_proved, chapters };
    file.finish(&page(&report)).map_err(|error| report_failure(path, error))?;
    context.note(&text("say-report-written").show("path", path.display()));
    context.event("report", Value::Object(Output::path_fields(path.as_os_str().as_bytes())))
}

pub fn report_failure(path: &Path, error: ReportFileError) -> Failure {
    match error {
        ReportFileError::Taken => Failure::usage(text("err-report-taken").show("path", path.display())),
        ReportFileError::System(error) => Failure::from(error).under(text("err-at-path").show("path", path.display())),
    }
}

fn chapter(
    context: &Context,
    scope: &Scope<'_>,
    before: &SnapshotReader,
    totals: Totals,
    gathered: Gathered,
) -> Chapter {
    let sealed = &scope.listed[scope.listed.len() - 1].sealed;
    Chapter {
        source: sealed.source.clone(),
        host: sealed.host.clone(),
        stages: scope.stages(context),
        disk: scope.disk.as_ref().map(|disk| disk.tree.path().display().to_string()),
        totals,
        places: survey(before, &gathered),
        gathered,
    }
}
