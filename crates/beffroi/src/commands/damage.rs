//! `damage`: what is hurt since when, what is not, and what nobody knows.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use damage::{AssessOptions, Evidence, Line, Monitor, Totals, assess};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use triage::verdict::Class;
use vault::read::{ReadFault, SnapshotReader};
use vault::world::{Clock, Entropy};

use crate::arguments::{DamageArguments, Grouping};
use crate::catalogue::{Catalogue, Listed};
use crate::context::{Context, object};
use crate::failure::Failure;
use crate::formats;
use crate::messages::text;
use crate::output::Output;
use crate::report::{Chapter, Gathered, Report, ReportFile, ReportFileError, Stage, page, survey};
use crate::selector::Selector;
use crate::table::{self, Align};
use crate::verdict_words::{CLASSES, class_key, class_word, number_of, one_key, reason_text, reason_word};
use crate::world::{SystemClock, SystemEntropy};

/// Assesses one source, or all.
pub fn run(context: &Context, arguments: &DamageArguments) -> Result<(), Failure> {
    let catalogue = Catalogue::open(context)?;
    let chains = chains(&catalogue, arguments)?;
    if chains.is_empty() {
        context.note(&text("say-damage-nothing"));
        return Ok(());
    }
    super::watch_interrupts(context)?;
    // A place that cannot be written to is told before hours of reading, not after.
    let file = arguments.html.as_deref().map(|path| prepare(path).map(|file| (path, file))).transpose()?;
    let mut chapters = Vec::new();
    let mut key = [0; 32];
    SystemEntropy.fill(&mut key);
    let evidence = if arguments.facts_only { Evidence::Facts } else { Evidence::Content { key } };
    let options = AssessOptions { evidence, jobs: super::jobs(arguments.jobs) };
    for chain in &chains {
        let opened = catalogue.readers(context, chain)?;
        let readers: Vec<SnapshotReader> = opened.into_iter().map(|(_, reader)| reader).collect();
        let mut teller = Teller::new(context, chain, arguments);
        let files = chain[0].snapshot.manifest.counts.files;
        let totals = assess(&readers, files, &options, &mut teller);
        let totals = totals.ok_or_else(|| Failure::new(text("err-stopped")))?;
        if let Some(gathered) = teller.gathered.take() {
            chapters.push(chapter(chain, &readers[0], totals.clone(), gathered));
        }
        teller.finish(&totals)?;
    }
    file.map_or(Ok(()), |(path, file)| write_report(context, path, file, chapters, !arguments.facts_only))
}

fn prepare(path: &Path) -> Result<ReportFile, Failure> {
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

fn report_failure(path: &Path, error: ReportFileError) -> Failure {
    match error {
        ReportFileError::Taken => Failure::usage(text("err-report-taken").show("path", path.display())),
        ReportFileError::System(error) => Failure::from(error).under(text("err-at-path").show("path", path.display())),
    }
}

fn chapter(chain: &[&Listed], before: &SnapshotReader, totals: Totals, gathered: Gathered) -> Chapter {
    let sealed = &chain[chain.len() - 1].sealed;
    let stages = chain.iter().map(|listed| Stage { id: listed.short_id(), started: listed.sealed.started });
    Chapter {
        source: sealed.source.clone(),
        host: sealed.host.clone(),
        stages: stages.collect(),
        totals,
        places: survey(before, &gathered),
        gathered,
    }
}

/// Chooses which snapshots are compared: from a healthy one to the newest, with all between.
fn chains<'c>(catalogue: &'c Catalogue, arguments: &DamageArguments) -> Result<Vec<Vec<&'c Listed>>, Failure> {
    let parse = |given: &Option<std::ffi::OsString>| -> Result<Option<&'c Listed>, Failure> {
        given.as_deref().map(|given| catalogue.select(&Selector::parse(given)?)).transpose()
    };
    let (from, to) = (parse(&arguments.from)?, parse(&arguments.to)?);
    let mut sources: BTreeMap<(String, String), Vec<&Listed>> = BTreeMap::new();
    for listed in &catalogue.snapshots {
        let key = (listed.snapshot.manifest.strand.to_hex(), listed.sealed.source.clone());
        sources.entry(key).or_default().push(listed);
    }
    let is = |one: &Listed, other: &Listed| one.snapshot.hash == other.snapshot.hash;
    let mut chains = Vec::new();
    for snapshots in sources.into_values() {
        let place = |wanted: Option<&Listed>| wanted.map(|wanted| snapshots.iter().position(|one| is(one, wanted)));
        let named = arguments.source.as_ref().is_none_or(|name| *name == snapshots[0].sealed.source);
        let (first, last) = match (place(from), place(to)) {
            (Some(None), _) | (_, Some(None)) => continue,
            (first, last) => (first.flatten(), last.flatten().unwrap_or(snapshots.len() - 1)),
        };
        let first = first.unwrap_or_else(|| last_healthy(catalogue, &snapshots[..=last]));
        if named && first < last {
            chains.push(snapshots[first..=last].to_vec());
        }
    }
    match (from, to) {
        (Some(from), Some(to)) if chains.is_empty() => {
            Err(Failure::usage(text("err-damage-chain").with("from", from.short_id()).with("to", to.short_id())))
        }
        _ => Ok(chains),
    }
}

/// Returns the place of the snapshot before the first alarm that nobody answered; without one, of the last but one.
fn last_healthy(catalogue: &Catalogue, snapshots: &[&Listed]) -> usize {
    let rings = |listed: &&Listed| listed.snapshot.is_unanswered(catalogue.vault.log());
    let first = snapshots.iter().position(rings);
    first.unwrap_or(snapshots.len() - 1).saturating_sub(1)
}

/// Tells lines as they come, or gathers them for people.
struct Teller<'t> {
    context: &'t Context,
    chain: &'t [&'t Listed],
    grouping: Grouping,
    folders: BTreeMap<Vec<u8>, Totals>,
    hurt: Vec<Line>,
    untold: u64,
    first_seen: Option<usize>,
    failure: Option<Failure>,
    /// For a report, if one is wanted.
    gathered: Option<Gathered>,
}

/// So many hurt paths are listed for people; programs get all.
const HURT_SHOWN: usize = 40;
/// So many folders are listed.
const FOLDERS_SHOWN: usize = 20;

impl<'t> Teller<'t> {
    fn new(context: &'t Context, chain: &'t [&'t Listed], arguments: &DamageArguments) -> Self {
        Self {
            context,
            chain,
            grouping: arguments.by,
            folders: BTreeMap::new(),
            hurt: Vec::new(),
            untold: 0,
            first_seen: None,
            failure: None,
            gathered: arguments.html.as_ref().map(|_| Gathered::new(chain.len())),
        }
    }

    fn finish(mut self, totals: &Totals) -> Result<(), Failure> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let (first, last) = (self.chain[0], self.chain[self.chain.len() - 1]);
        let (context, source) = (self.context, last.sealed.source.as_str());
        if context.output.is_json() {
            let mut fields = totals_fields(totals);
            fields["source"] = source.into();
            fields["from"] = first.snapshot.hash.to_hex().into();
            fields["to"] = last.snapshot.hash.to_hex().into();
            fields["first_seen"] = self.snapshot_at(self.first_seen);
            return context.event("summary", fields);
        }
        context.tell(
            &text("say-damage-head")
                .with("source", Output::safe(source))
                .with("from", first.short_id())
                .with("from_time", formats::moment(first.sealed.started))
                .with("to", last.short_id())
                .with("to_time", formats::moment(last.sealed.started)),
        )?;
        self.tell_totals(totals)?;
        if let Some(at) = self.first_seen {
            let listed = self.chain[at];
            let time = formats::moment(listed.sealed.started);
            context.tell(&text("say-damage-began").with("snapshot", listed.short_id()).with("time", time))?;
        }
        if self.grouping == Grouping::Dir {
            self.tell_folders()?;
        }
        if !self.hurt.is_empty() {
            context.tell(&text("say-damage-lines"))?;
        }
        self.hurt.iter().try_for_each(|line| context.output.line(&self.describe(line)))?;
        if self.untold > 0 {
            context.tell(&text("say-hurt-more").with("count", self.untold))?;
        }
        Ok(())
    }

    fn tell_totals(&self, totals: &Totals) -> Result<(), Failure> {
        let language = self.context.messages.language();
        let rows: Vec<Vec<String>> = CLASSES
            .iter()
            .map(|class| {
                vec![
                    formats::number(number_of(totals, *class), language),
                    self.context.messages.word(class_key(*class)),
                ]
            })
            .collect();
        table::set(&[Align::Right, Align::Left], &rows).iter().try_for_each(|line| self.context.output.line(line))?;
        if totals.unread_directories > 0 {
            self.context.note(&text("say-damage-unread").with("count", totals.unread_directories));
        }
        Ok(())
    }

    fn tell_folders(&self) -> Result<(), Failure> {
        let mut folders: Vec<_> = self.folders.iter().filter(|(_, totals)| hurt_of(totals) > 0).collect();
        folders.sort_by_key(|(_, totals)| std::cmp::Reverse(hurt_of(totals)));
        if folders.is_empty() {
            return Ok(());
        }
        let language = self.context.messages.language();
        let heads = ["col-damaged", "col-unknown", "col-folder"];
        let mut rows = vec![heads.map(|key| self.context.messages.word(key)).to_vec()];
        for (path, totals) in folders.iter().take(FOLDERS_SHOWN) {
            let numbers =
                [hurt_of(totals), totals.unknown + totals.suspect].map(|number| formats::number(number, language));
            let [hurt, unknown] = numbers;
            rows.push(vec![hurt, unknown, format!("{}/", Output::safe_bytes(path))]);
        }
        let columns = [Align::Right, Align::Right, Align::Left];
        table::set(&columns, &rows).iter().try_for_each(|line| self.context.output.line(line))
    }

    fn describe(&self, line: &Line) -> String {
        let context = self.context;
        let reasons: Vec<_> = line.reasons.iter().map(|reason| context.say(&reason_text(reason))).collect();
        let clean = line.clean.map_or_else(|| "-".to_string(), |at| self.chain[at].short_id());
        let now = line.path_now.as_ref().map(|now| format!(" → {}", Output::safe_bytes(now))).unwrap_or_default();
        let class = context.messages.word(one_key(line.class));
        format!("{class}  {}{now}  ({})  [{clean}]", Output::safe_bytes(&line.path), reasons.join(", "))
    }

    fn snapshot_at(&self, at: Option<usize>) -> Value {
        at.map_or(Value::Null, |at| self.chain[at].snapshot.hash.to_hex().into())
    }

    fn fields(&self, line: &Line) -> Value {
        let mut fields = Value::Object(Output::path_fields(&line.path));
        if let Some(now) = &line.path_now {
            fields["path_now"] = Output::safe_bytes(now).into();
        }
        fields["class"] = class_word(line.class).into();
        fields["reasons"] = line.reasons.iter().map(reason_word).collect::<Vec<_>>().into();
        fields["first_seen"] = self.snapshot_at(line.first_seen);
        fields["clean"] = self.snapshot_at(line.clean);
        fields["bytes_before"] = json!(line.bytes_before);
        fields["bytes_now"] = json!(line.bytes_now);
        fields["source"] = self.chain[0].sealed.source.as_str().into();
        fields
    }
}

impl Monitor for Teller<'_> {
    fn line(&mut self, line: Line) {
        if let Some(gathered) = &mut self.gathered {
            gathered.take(&line);
        }
        if line.class.is_hurt() {
            self.first_seen = match (self.first_seen, line.first_seen) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
        if self.context.output.is_json() {
            if let Err(failure) = self.context.output.item("damage", object(self.fields(&line))) {
                self.failure.get_or_insert(failure);
            }
            return;
        }
        let folder = &line.path[..line.path.iter().rposition(|byte| *byte == b'/').unwrap_or(0)];
        self.folders.entry(folder.to_vec()).or_default().count(line.class);
        if line.class.is_hurt() || matches!(line.class, Class::Suspect | Class::Unknown | Class::Note) {
            if self.hurt.len() < HURT_SHOWN || self.context.global.verbose {
                self.hurt.push(line);
            } else {
                self.untold += 1;
            }
        }
    }

    fn fault(&mut self, path: &[u8], fault: &ReadFault) {
        self.context.note_fault(fault);
        self.context.warn("fault", Value::Object(Output::path_fields(path)), fault);
    }

    fn stopping(&self) -> bool {
        self.context.interrupt.is_set() || self.failure.is_some()
    }
}

fn hurt_of(totals: &Totals) -> u64 {
    totals.damaged + totals.renamed_damaged
}

fn totals_fields(totals: &Totals) -> Value {
    let mut fields = json!({ "files_before": totals.files_before, "unread_directories": totals.unread_directories });
    for class in CLASSES {
        fields[class_word(class)] = number_of(totals, class).into();
    }
    fields
}
