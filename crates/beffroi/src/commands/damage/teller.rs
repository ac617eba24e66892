//! Telling what became of a source's files: to people at the end, to programs line by line.

use std::collections::BTreeMap;

use damage::{Line, Monitor, Totals};
use restore::live::LiveError;
use serde_json::{Value, json};
use triage::verdict::Class;
use vault::read::ReadFault;

use super::scope::Scope;
use crate::arguments::{DamageArguments, Grouping};
use crate::context::{Context, object};
use crate::failure::Failure;
use crate::formats;
use crate::messages::text;
use crate::output::Output;
use crate::progress::Progress;
use crate::report::{Gathered, Stage};
use crate::table::{self, Align};
use crate::verdict_words::{CLASSES, class_key, class_word, number_of, one_key, reason_text, reason_word};

/// Tells lines as they come, or gathers them for people.
pub struct Teller<'t> {
    context: &'t Context,
    scope: &'t Scope<'t>,
    stages: Vec<Stage>,
    grouping: Grouping,
    folders: BTreeMap<Vec<u8>, Totals>,
    hurt: Vec<Line>,
    untold: u64,
    first_seen: Option<usize>,
    failure: Option<Failure>,
    progress: Option<Progress<'t>>,
    /// Whether content was read, not only what machines wrote down.
    is_proved: bool,
    /// For a report, if one is wanted.
    pub gathered: Option<Gathered>,
}

/// So many hurt paths are listed for people; programs get all.
const HURT_SHOWN: usize = 40;
/// So many folders are listed.
const FOLDERS_SHOWN: usize = 20;

impl<'t> Teller<'t> {
    pub fn new(context: &'t Context, scope: &'t Scope<'t>, arguments: &DamageArguments) -> Self {
        let stages = scope.stages(context);
        Self {
            context,
            scope,
            grouping: arguments.by,
            folders: BTreeMap::new(),
            hurt: Vec::new(),
            untold: 0,
            first_seen: None,
            failure: None,
            progress: Some(Progress::begin(context, 0)),
            is_proved: !arguments.facts_only,
            gathered: arguments.html.as_ref().map(|_| Gathered::new(stages.len())),
            stages,
        }
    }

    pub fn finish(mut self, totals: &Totals) -> Result<(), Failure> {
        drop(self.progress.take());
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let (context, source) = (self.context, self.scope.listed[0].sealed.source.as_str());
        context.record.damage(self.for_journal(source, totals));
        if context.output.is_json() {
            let mut fields = totals_fields(totals);
            fields["source"] = source.into();
            fields["from"] = self.snapshot_at(Some(0));
            fields["to"] = self.snapshot_at(Some(self.stages.len() - 1));
            fields["first_seen"] = self.snapshot_at(self.first_seen);
            return context.event("summary", fields);
        }
        self.tell_head(source)?;
        self.tell_totals(totals)?;
        if let Some(at) = self.first_seen {
            let key = if self.is_disk(at) { "say-damage-began-disk" } else { "say-damage-began" };
            let Stage { id, started } = &self.stages[at];
            context.tell(&text(key).with("snapshot", id.as_str()).with("time", formats::moment(*started)))?;
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

    /// What the journal keeps of this. Nothing is sound by the word of a machine alone.
    fn for_journal(&self, source: &str, totals: &Totals) -> town::journal::Damage {
        let sound = totals.intact + totals.edited;
        let unknown = totals.suspect + totals.unknown;
        let moment = |at: usize| {
            let started = self.stages.get(at)?.started;
            jiff::Timestamp::from_nanosecond(i128::from(started.0)).ok()
        };
        let sound_until = match self.first_seen {
            Some(at) => at.checked_sub(1).and_then(moment),
            None if unknown == 0 && totals.unread_directories == 0 => moment(self.stages.len() - 1),
            None => None,
        };
        town::journal::Damage {
            source: Output::safe(source),
            files: totals.files_before,
            hurt: hurt_of(totals),
            gone: totals.deleted,
            sound: if self.is_proved { sound } else { 0 },
            unknown: if self.is_proved { unknown } else { unknown + sound },
            sound_until: sound_until.filter(|_| self.is_proved),
            hurt_since: self.first_seen.and_then(moment),
        }
    }

    fn tell_head(&self, source: &str) -> Result<(), Failure> {
        let (first, last) = (&self.stages[0], &self.stages[self.stages.len() - 1]);
        let head = match &self.scope.disk {
            Some(disk) => text("say-damage-head-disk").show("path", disk.tree.path().display()),
            None => text("say-damage-head").with("to", last.id.as_str()),
        };
        self.context.tell(
            &head
                .with("source", Output::safe(source))
                .with("from", first.id.as_str())
                .with("from_time", formats::moment(first.started))
                .with("to_time", formats::moment(last.started)),
        )
    }

    /// Tells whether a place is the disk.
    fn is_disk(&self, at: usize) -> bool {
        at == self.scope.listed.len()
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
        let clean = line.clean.map_or("-", |at| self.stages[at].id.as_str());
        let now = line.path_now.as_ref().map(|now| format!(" → {}", Output::safe_bytes(now))).unwrap_or_default();
        let class = context.messages.word(one_key(line.class));
        format!("{class}  {}{now}  ({})  [{clean}]", Output::safe_bytes(&line.path), reasons.join(", "))
    }

    fn snapshot_at(&self, at: Option<usize>) -> Value {
        match at {
            Some(at) if self.is_disk(at) => "disk".into(),
            Some(at) => self.scope.listed[at].snapshot.hash.to_hex().into(),
            None => Value::Null,
        }
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
        fields["source"] = self.scope.listed[0].sealed.source.as_str().into();
        fields
    }
}

impl Monitor for Teller<'_> {
    fn looked_at(&mut self, files: u64, bytes: u64) {
        if let Some(progress) = &self.progress {
            progress.add_entries(files);
            progress.add_bytes(bytes);
        }
    }

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
        self.context.warn_unread(path, fault);
    }

    fn unreadable(&mut self, path: &[u8], error: &LiveError) {
        self.context.note_incomplete();
        self.context.warn("fault", Value::Object(Output::path_fields(path)), error);
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
