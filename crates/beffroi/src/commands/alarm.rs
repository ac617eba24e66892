//! `alarm`: what rang, why, and what the owners say to it.

mod sensitivity;

use serde_json::{Value, json};
use triage::alarm::{Alarm, Ground, Level};
use vault::owner_log::{Act, Answer, OwnerLog};
use vault::store::DirectoryAccess;
use vault::world::Clock;

use crate::arguments::{AlarmAct, AlarmAnswerArguments, AlarmExplainArguments};
use crate::catalogue::{Catalogue, Listed};
use crate::context::{Context, object};
use crate::failure::Failure;
use crate::formats;
use crate::guard::alarm_of;
use crate::messages::{Text, text};
use crate::output::Output;
use crate::selector::Selector;
use crate::table::{self, Align};
use crate::world::SystemClock;

/// Does what is asked.
pub fn run(context: &Context, act: &AlarmAct) -> Result<(), Failure> {
    match act {
        AlarmAct::List => list(context),
        AlarmAct::Explain(arguments) => explain(context, arguments),
        AlarmAct::Answer(arguments) => answer(context, arguments),
        AlarmAct::Sensitivity(arguments) => sensitivity::run(context, arguments),
    }
}

/// Says why an alarm rang: one sentence for each ground.
pub fn ground_text(ground: &Ground) -> Text {
    match *ground {
        Ground::Damaged { files, renamed } => {
            text("alarm-damaged").with("files", files + renamed).with("renamed", renamed)
        }
        Ground::Trickle { files, lately } => text("alarm-trickle").with("files", files).with("lately", lately),
        Ground::Suspect { files } => text("alarm-suspect").with("files", files),
        Ground::Deleted { files, of } => text("alarm-deleted").with("files", files).with("of", of),
        Ground::Emptied { files } => text("alarm-emptied").with("files", files),
        Ground::Protected { files } => text("alarm-protected").with("files", files),
        Ground::Notes { folders } => text("alarm-notes").with("folders", folders),
    }
}

/// The same for programs.
pub fn ground_fields(ground: &Ground) -> Value {
    match *ground {
        Ground::Damaged { files, renamed } => json!({ "ground": "damaged", "files": files, "renamed": renamed }),
        Ground::Trickle { files, lately } => json!({ "ground": "trickle", "files": files, "lately": lately }),
        Ground::Suspect { files } => json!({ "ground": "suspect", "files": files }),
        Ground::Deleted { files, of } => json!({ "ground": "deleted", "files": files, "of": of }),
        Ground::Emptied { files } => json!({ "ground": "emptied", "files": files }),
        Ground::Protected { files } => json!({ "ground": "protected", "files": files }),
        Ground::Notes { folders } => json!({ "ground": "notes", "folders": folders }),
    }
}

/// Names a level, for programs.
pub fn level_word(level: Level) -> &'static str {
    match level {
        Level::Calm => "calm",
        Level::Watch => "watch",
        Level::Alarm => "alarm",
    }
}

fn list(context: &Context) -> Result<(), Failure> {
    let kit = context.kit()?;
    let vault = context.open_vault(DirectoryAccess::ReadOnly)?;
    let log = vault.log().clone();
    let catalogue = Catalogue::read(context, vault, &kit)?;
    let told: Vec<&Listed> = catalogue.snapshots.iter().filter(|listed| level_of(listed) > Level::Calm).collect();
    if context.output.is_json() {
        return told.iter().try_for_each(|listed| context.output.item("alarm", object(fields(listed, &log))));
    }
    if told.is_empty() {
        context.note(&text("say-no-alarms"));
        return Ok(());
    }
    let heads = ["col-id", "col-time", "col-source", "col-host", "col-level", "col-answer"];
    let mut rows = vec![heads.map(|key| context.messages.word(key)).to_vec()];
    rows.extend(told.iter().map(|listed| row(context, listed, &log)));
    table::set(&[Align::Left; 6], &rows).iter().try_for_each(|line| context.output.line(line))
}

fn explain(context: &Context, arguments: &AlarmExplainArguments) -> Result<(), Failure> {
    let kit = context.kit()?;
    let vault = context.open_vault(DirectoryAccess::ReadOnly)?;
    let log = vault.log().clone();
    let catalogue = Catalogue::read(context, vault, &kit)?;
    let listed = catalogue.select(&Selector::parse(&arguments.snapshot)?)?;
    if context.output.is_json() {
        return context.event("alarm", fields(listed, &log));
    }
    let alarm = alarm(listed);
    let head = text(level_key(alarm.level))
        .with("snapshot", listed.short_id())
        .with("source", Output::safe(&listed.sealed.source))
        .with("time", formats::moment(listed.sealed.started));
    context.tell(&head)?;
    for ground in &alarm.grounds {
        context.tell(&text("say-ground").with("words", context.say(&ground_text(ground))))?;
    }
    match answer_to(listed, &log) {
        Some(answer) => context.tell(&said(answer)),
        None if alarm.level == Level::Alarm => {
            context.tell(&text("say-alarm-open").with("snapshot", listed.short_id()))
        }
        None => Ok(()),
    }
}

fn answer(context: &Context, arguments: &AlarmAnswerArguments) -> Result<(), Failure> {
    let kit = context.kit()?;
    let mut vault = context.open_vault(DirectoryAccess::ReadWrite)?;
    let log = vault.log().clone();
    let catalogue = Catalogue::read(context, context.open_vault(DirectoryAccess::ReadOnly)?, &kit)?;
    let listed = catalogue.select(&Selector::parse(&arguments.snapshot)?)?;
    if !listed.snapshot.raises_alarm() {
        return Err(Failure::new(text("err-no-alarm").with("snapshot", listed.short_id())));
    }
    if let Some(answer) = answer_to(listed, &log) {
        return Err(Failure::new(text("err-alarm-was-answered").with("reason", Output::safe(&answer.reason))));
    }
    let act = Act::Answered { alarm: listed.snapshot.hash.0.to_vec(), reason: arguments.reason.clone() };
    vault.act(&kit, SystemClock.now(), act)?;
    context.tell(&text("say-alarm-answered").with("snapshot", listed.short_id()))?;
    context.event("summary", json!({ "snapshot": listed.snapshot.hash.to_hex(), "reason": arguments.reason }))
}

fn alarm(listed: &Listed) -> Alarm {
    alarm_of(listed.snapshot.manifest.counts.alarm_level, listed.sealed.alarm.as_deref())
}

fn level_of(listed: &Listed) -> Level {
    Level::of_number(listed.snapshot.manifest.counts.alarm_level)
}

fn level_key(level: Level) -> &'static str {
    match level {
        Level::Calm => "say-alarm-calm",
        Level::Watch => "say-alarm-watch",
        Level::Alarm => "say-alarm-alarm",
    }
}

fn answer_to<'l>(listed: &Listed, log: &'l OwnerLog) -> Option<&'l Answer> {
    log.answers.iter().find(|answer| answer.alarm == listed.snapshot.hash.0)
}

fn said(answer: &Answer) -> Text {
    text("say-alarm-was-answered")
        .with("time", formats::moment(answer.time))
        .with("reason", Output::safe(&answer.reason))
}

fn row(context: &Context, listed: &Listed, log: &OwnerLog) -> Vec<String> {
    let level = context.messages.word(match level_of(listed) {
        Level::Calm => "level-calm",
        Level::Watch => "level-watch",
        Level::Alarm => "level-alarm",
    });
    let answer = answer_to(listed, log).map_or_else(String::new, |answer| Output::safe(&answer.reason));
    let (source, host) = (Output::safe(&listed.sealed.source), Output::safe(&listed.sealed.host));
    vec![listed.short_id(), formats::moment(listed.sealed.started), source, host, level, answer]
}

fn fields(listed: &Listed, log: &OwnerLog) -> Value {
    let alarm = alarm(listed);
    let grounds: Vec<_> = alarm.grounds.iter().map(ground_fields).collect();
    let answer = answer_to(listed, log);
    json!({
        "snapshot": listed.snapshot.hash.to_hex(), "source": listed.sealed.source, "host": listed.sealed.host,
        "started": formats::rfc3339(listed.sealed.started), "level": level_word(alarm.level), "grounds": grounds,
        "answered": answer.map(|answer| formats::rfc3339(answer.time)), "reason": answer.map(|answer| answer.reason.as_str()),
    })
}
