//! `exercise`: the whole story of a folder, rehearsed on a copy, with measured figures.

use std::time::Duration;

use exercise::{CopyFault, ExerciseOptions, Happening, Narrator, Part, Story, tell};
use serde_json::json;

use super::init::host_name;
use crate::arguments::ExerciseArguments;
use crate::context::Context;
use crate::failure::Failure;
use crate::formats;
use crate::messages::{Gap, text};
use crate::table::{self, Align};
use crate::watch::{Watch, tell_hidden_warnings};
use crate::world::{SystemClock, SystemEntropy};

/// Rehearses.
pub fn run(context: &Context, arguments: &ExerciseArguments) -> Result<(), Failure> {
    let options = ExerciseOptions {
        place: arguments.place.clone().unwrap_or_else(std::env::temp_dir),
        host: host_name(),
        program: concat!("beffroi ", env!("CARGO_PKG_VERSION")).to_string(),
        jobs: super::jobs(arguments.jobs),
        level: arguments.level,
        seed: arguments.seed,
    };
    let at = || text("err-at-path").show("path", arguments.folder.display());
    let folder = std::path::absolute(&arguments.folder).map_err(|error| Failure::from(error).under(at()))?;
    super::watch_interrupts(context)?;
    let watch = Watch::begin(context, 0);
    let told = tell(&folder, &options, (&SystemClock, &SystemEntropy), &watch);
    let hidden_warnings = watch.close();
    let story = told?;
    tell_hidden_warnings(context, hidden_warnings);
    if context.output.is_json() {
        return summarize(context, &story);
    }
    show(context, &story)?;
    if story.is_sound() {
        context.tell(&text("say-exercise-sound").with("changes", story.changes.total()))
    } else {
        Err(Failure::new(text("err-exercise-differs").with("count", story.differences)))
    }
}

fn show(context: &Context, story: &Story) -> Result<(), Failure> {
    let heads = ["col-part", "col-duration", "col-entries", "col-size", "col-rate", "col-faults"];
    let mut rows = vec![heads.map(|key| context.messages.word(key)).to_vec()];
    rows.extend(story.happenings.iter().map(|happening| row(context, happening)));
    let right = [Align::Left, Align::Right, Align::Right, Align::Right, Align::Right, Align::Right];
    context.output.line("")?;
    table::set(&right, &rows).iter().try_for_each(|line| context.output.line(line))?;
    context.output.line("")?;
    context.tell(
        &text("say-exercise-vault")
            .with("kept", Gap::Bytes(story.first.bytes + story.second.bytes))
            .with("vault", Gap::Bytes(story.vault_bytes))
            .with("first", Gap::Bytes(story.first.stored_bytes))
            .with("second", Gap::Bytes(story.second.stored_bytes)),
    )
}

fn row(context: &Context, happening: &Happening) -> Vec<String> {
    let language = context.messages.language();
    let time = Duration::from_nanos(happening.nanoseconds);
    let unless_none = |number: u64, words: String| if number == 0 { String::new() } else { words };
    let rate = (happening.bytes as f64 / time.as_secs_f64().max(0.001)) as u64;
    vec![
        context.messages.word(part_key(happening.part)),
        formats::duration(time, language),
        unless_none(happening.entries, formats::number(happening.entries, language)),
        unless_none(happening.bytes, formats::size(happening.bytes, language)),
        unless_none(happening.bytes, format!("{}/s", formats::size(rate, language))),
        formats::number(happening.faults, language),
    ]
}

fn summarize(context: &Context, story: &Story) -> Result<(), Failure> {
    let fields = json!({
        "sound": story.is_sound(), "differences": story.differences, "changes": story.changes.total(),
        "vault_bytes": story.vault_bytes, "first_stored_bytes": story.first.stored_bytes,
        "second_stored_bytes": story.second.stored_bytes,
    });
    context.event("summary", fields)?;
    if story.is_sound() {
        return Ok(());
    }
    Err(Failure::new(text("err-exercise-differs").with("count", story.differences)))
}

fn part_key(part: Part) -> &'static str {
    match part {
        Part::Copy => "say-part-copy",
        Part::Init => "say-part-init",
        Part::FirstBackup => "say-part-first-backup",
        Part::FirstRestore => "say-part-first-restore",
        Part::FirstCompare => "say-part-first-compare",
        Part::Change => "say-part-change",
        Part::SecondBackup => "say-part-second-backup",
        Part::SecondRestore => "say-part-second-restore",
        Part::SecondCompare => "say-part-second-compare",
        Part::Check => "say-part-check",
    }
}

/// The story is told while it happens.
impl Narrator for Watch<'_> {
    fn begin(&self, part: Part) {
        self.progress().restart(&self.context().messages.word(part_key(part)));
    }

    fn end(&self, happening: &Happening) {
        let seconds = Duration::from_nanos(happening.nanoseconds).as_secs_f64();
        let fields = json!({
            "part": part_key(happening.part).trim_start_matches("say-part-"), "seconds": seconds,
            "entries": happening.entries, "bytes": happening.bytes, "faults": happening.faults,
        });
        let _ = self.context().event("part", fields);
    }

    fn not_copied(&self, fault: CopyFault) {
        self.context().note_incomplete();
        self.context().warn("not_copied", json!({}), &fault);
    }

    fn difference(&self, words: String) {
        let said = text("say-difference").with("words", words.as_str());
        self.context().note(&said);
        let _ = self.context().event("difference", json!({ "message": words }));
    }
}
