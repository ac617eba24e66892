//! `exercise`: the whole story of a folder, rehearsed on a copy, with measured figures.

use std::time::Duration;

use exercise::attack::{Profile, ProfileKind, families, profiles};
use exercise::{CopyFault, ExerciseOptions, Happening, Missed, Narrator, Part, Reckoning, Story, tell};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use triage::alarm::{Level, Sensitivity};
use vault::backup::Witness;
use vault::world::Clock;

use super::alarm::{ground_fields, ground_text, level_word};
use super::init::host_name;
use crate::arguments::ExerciseArguments;
use crate::context::Context;
use crate::failure::Failure;
use crate::formats;
use crate::guard::{Guard, alarm_of};
use crate::messages::{Gap, Text, text};
use crate::output::Output;
use crate::rates::Rate;
use crate::report::{Rehearsal, rehearsal_page};
use crate::table::{self, Align};
use crate::verdict_words::{class_word, one_key};
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
        attack: profile(arguments),
    };
    let given = arguments.folder.clone().unwrap_or_default();
    let at = || text("err-at-path").show("path", given.display());
    let folder = std::path::absolute(&given).map_err(|error| Failure::from(error).under(at()))?;
    super::watch_interrupts(context)?;
    let page =
        arguments.html.as_deref().map(|path| super::damage::prepare(path).map(|page| (path, page))).transpose()?;
    let watch = Watch::begin(context, 0);
    let told = tell(&folder, &options, (&SystemClock, &SystemEntropy), &watch);
    let hidden_warnings = watch.close();
    let story = told?;
    tell_hidden_warnings(context, hidden_warnings);
    if let Some((path, page)) = page {
        let written = page.finish(&story_page(context, arguments, &story));
        written.map_err(|error| super::damage::report_failure(path, error))?;
        context.note(&text("say-report-written").show("path", path.display()));
    }
    if context.output.is_json() {
        let restored = story.happenings.iter().find(|happening| happening.part == Part::FirstRestore);
        if let Some(Happening { entries, bytes, nanoseconds, .. }) = restored {
            Rate::keep(context, SystemClock.now(), (*entries, *bytes), Duration::from_nanos(*nanoseconds));
        }
        summarize(context, &story)?;
    } else {
        show(context, &story)?;
        let said = reckoned(context, &story).into_iter().chain(mended(context, &story));
        said.into_iter().try_for_each(|said| context.tell(&said))?;
    }
    if !story.is_sound() {
        return Err(Failure::new(text("err-exercise-differs").with("count", story.differences)));
    }
    if !story.reckoning.is_right() {
        return Err(Failure::new(text("err-exercise-missed")));
    }
    if !story.mending.is_whole() && story.mending.open == 0 {
        return Err(Failure::new(text("err-exercise-mended").with("count", story.mending.differences)));
    }
    match context.output.is_json() {
        true => Ok(()),
        false => context.tell(&text("say-exercise-sound").with("changes", story.changes.total())),
    }
}

/// The attack that was asked for, else a family that the seed chooses.
fn profile(arguments: &ExerciseArguments) -> Profile {
    let named = arguments.attack.as_ref().and_then(|name| profiles().into_iter().find(|one| one.name == name));
    named.unwrap_or_else(|| {
        let mut families = families();
        let place = arguments.seed.wrapping_sub(1) % families.len() as u64;
        families.swap_remove(place as usize)
    })
}

/// The parts of the story with their figures, a head first.
fn figures(context: &Context, story: &Story) -> Vec<Vec<String>> {
    let heads = ["col-part", "col-duration", "col-entries", "col-size", "col-rate", "col-faults"];
    let mut rows = vec![heads.map(|key| context.messages.word(key)).to_vec()];
    rows.extend(story.happenings.iter().map(|happening| row(context, happening)));
    rows
}

fn kept(story: &Story) -> Text {
    text("say-exercise-vault")
        .with("kept", Gap::Bytes(story.first.bytes + story.second.bytes + story.third.bytes))
        .with("vault", Gap::Bytes(story.vault_bytes))
        .with("first", Gap::Bytes(story.first.stored_bytes))
        .with("second", Gap::Bytes(story.second.stored_bytes))
        .with("third", Gap::Bytes(story.third.stored_bytes))
}

fn show(context: &Context, story: &Story) -> Result<(), Failure> {
    let right = [Align::Left, Align::Right, Align::Right, Align::Right, Align::Right, Align::Right];
    context.output.line("")?;
    table::set(&right, &figures(context, story)).iter().try_for_each(|line| context.output.line(line))?;
    context.output.line("")?;
    context.tell(&text("say-exercise-entries"))?;
    context.tell(&kept(story))
}

/// Tells the same on a page.
fn story_page(context: &Context, arguments: &ExerciseArguments, story: &Story) -> String {
    let made = SystemClock.now();
    let time =
        formats::spoken(made, &TimeZone::system()).map_or_else(|| formats::moment(made), |said| context.say(&said));
    let is_right = story.is_sound() && story.reckoning.is_right() && story.mending.is_whole();
    let verdict = if is_right { "rehearsal-passed" } else { "rehearsal-failed" };
    let say = |texts: Vec<Text>| texts.iter().map(|text| context.say(text)).collect::<Vec<_>>();
    rehearsal_page(
        &context.messages,
        &Rehearsal {
            lead: context.say(
                &text("rehearsal-lead")
                    .show("folder", arguments.folder.clone().unwrap_or_default().display())
                    .with("host", host_name())
                    .with("time", time)
                    .with("program", env!("CARGO_PKG_VERSION"))
                    .with("seed", arguments.seed),
            ),
            is_right,
            verdict: context.messages.word(verdict),
            told: say(reckoned(context, story)),
            mended: say(mended(context, story)),
            kept: context.say(&kept(story)),
            figures: figures(context, story),
        },
    )
}

/// Says what the attack did, what rang, and what of the harm was told.
fn reckoned(context: &Context, story: &Story) -> Vec<Text> {
    let reckoning = &story.reckoning;
    let quiet = match Level::of_number(reckoning.quiet_level) {
        Level::Calm => "say-exercise-quiet-calm",
        Level::Watch => "say-exercise-quiet-watch",
        Level::Alarm => "say-exercise-quiet-alarm",
    };
    let profile = profiles().into_iter().find(|profile| profile.name == reckoning.profile);
    let known = profile.filter(|profile| profile.kind != ProfileKind::Evasion);
    let said = match &known {
        Some(profile) => text("say-exercise-attack").with("resembles", profile.resembles),
        None => text("say-exercise-evasion"),
    };
    let attack = said.with("name", reckoning.profile.as_str()).with("harmed", reckoning.harmed);
    let alarm = alarm_of(reckoning.alarm_level, reckoning.alarm.as_deref());
    let rang = match alarm.level {
        Level::Alarm => "say-exercise-rang",
        Level::Watch => "say-exercise-watched",
        Level::Calm => "say-exercise-silent",
    };
    let time = |part| formats::duration(time_of(story, part), context.messages.language());
    let mut said = vec![text(quiet), attack, text(rang).with("time", time(Part::ThirdBackup))];
    said.extend(alarm.grounds.iter().map(|ground| text("say-ground").with("words", context.say(&ground_text(ground)))));
    said.push(
        text("say-exercise-found")
            .with("time", time(Part::Damage))
            .with("found", reckoning.found)
            .with("harmed", reckoning.harmed)
            .with("clean", reckoning.clean)
            .with("accused", reckoning.accused_total)
            .with("unknown", reckoning.totals.unknown),
    );
    said.extend(reckoning.missed.iter().map(|missed| missed_text(context, missed)));
    said.extend(
        reckoning
            .accused
            .iter()
            .map(|path| text("say-exercise-accused").with("path", Output::safe(&String::from_utf8_lossy(path)))),
    );
    said
}

/// Says what the repair did, and whether all is as before.
fn mended(context: &Context, story: &Story) -> Vec<Text> {
    let (mending, language) = (&story.mending, context.messages.language());
    let time = |part| formats::duration(time_of(story, part), language);
    let key = if mending.differences == 0 { "say-exercise-mended" } else { "say-exercise-unmended" };
    let mut said = vec![
        text("say-exercise-repair")
            .with("plan_time", time(Part::Clean))
            .with("time", time(Part::Repair))
            .with("back", mending.back)
            .with("bytes", Gap::Bytes(mending.bytes))
            .with("dropped", mending.dropped)
            .with("untouched", mending.untouched)
            .with("open", mending.open),
        text(key).with("count", mending.differences),
        text("say-exercise-attested")
            .with("time", time(Part::Attest))
            .with("attested", mending.attested)
            .with("others", mending.not_attested),
    ];
    if mending.notes_left > 0 {
        said.insert(2, text("say-exercise-notes").with("count", mending.notes_left));
    }
    said
}

fn missed_text(context: &Context, missed: &Missed) -> Text {
    let told = missed.told.map_or("class-intact", one_key);
    text("say-exercise-missed")
        .with("path", Output::safe(&String::from_utf8_lossy(&missed.path)))
        .with("bytes", missed.changed_bytes)
        .with("told", context.messages.word(told))
}

fn time_of(story: &Story, part: Part) -> Duration {
    let found = story.happenings.iter().find(|happening| happening.part == part);
    Duration::from_nanos(found.map_or(0, |happening| happening.nanoseconds))
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
    context.event("reckoning", reckoning_fields(&story.reckoning))?;
    let mending = &story.mending;
    context.event(
        "mending",
        json!({
            "planned": mending.planned, "dropped": mending.dropped, "open": mending.open, "back": mending.back,
            "bytes": mending.bytes, "untouched": mending.untouched, "differences": mending.differences, "notes_left": mending.notes_left,
            "attested": mending.attested, "not_attested": mending.not_attested, "whole": mending.is_whole(),
        }),
    )?;
    let fields = json!({
        "sound": story.is_sound(), "right": story.reckoning.is_right(), "differences": story.differences,
        "changes": story.changes.total(), "vault_bytes": story.vault_bytes,
        "first_stored_bytes": story.first.stored_bytes, "second_stored_bytes": story.second.stored_bytes,
        "third_stored_bytes": story.third.stored_bytes,
    });
    context.event("summary", fields)
}

fn reckoning_fields(reckoning: &Reckoning) -> Value {
    let alarm = alarm_of(reckoning.alarm_level, reckoning.alarm.as_deref());
    let missed = reckoning.missed.iter().map(|missed| {
        let mut fields = Output::path_fields(&missed.path);
        fields.insert("changed_bytes".into(), missed.changed_bytes.into());
        fields.insert("told".into(), missed.told.map(class_word).into());
        Value::Object(fields)
    });
    let accused = reckoning.accused.iter().map(|path| Value::Object(Output::path_fields(path)));
    json!({
        "attack": reckoning.profile, "harmed": reckoning.harmed, "found": reckoning.found, "clean": reckoning.clean,
        "missed": reckoning.missed_total, "missed_paths": missed.collect::<Vec<_>>(),
        "accused": reckoning.accused_total, "accused_paths": accused.collect::<Vec<_>>(),
        "unknown": reckoning.totals.unknown, "quiet_level": level_word(Level::of_number(reckoning.quiet_level)),
        "alarm_level": level_word(alarm.level), "grounds": alarm.grounds.iter().map(ground_fields).collect::<Vec<_>>(),
    })
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
        Part::Attack => "say-part-attack",
        Part::ThirdBackup => "say-part-third-backup",
        Part::Damage => "say-part-damage",
        Part::Clean => "say-part-clean",
        Part::Repair => "say-part-repair",
        Part::RepairCompare => "say-part-repair-compare",
        Part::Attest => "say-part-attest",
        Part::SecondRestore => "say-part-second-restore",
        Part::SecondCompare => "say-part-second-compare",
        Part::Check => "say-part-check",
    }
}

/// The story is told while it happens.
impl Narrator for Watch<'_> {
    fn guard(&self, is_first: bool) -> Box<dyn Witness> {
        Box::new(Guard::new(&SystemEntropy, is_first, 0, Sensitivity::Usual))
    }

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
