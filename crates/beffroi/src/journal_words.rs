//! An entry of a journal in people's words.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use town::journal::{Confidence, Entry, Kind};
use town::state::Level;

use crate::formats;
use crate::messages::{Messages, text};
use crate::output::Output;

/// Returns the key of a kind.
pub fn kind_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Observation => "journal-kind-observation",
        Kind::Decision => "journal-kind-decision",
        Kind::Action => "journal-kind-action",
        Kind::Communication => "journal-kind-communication",
        Kind::Evidence => "journal-kind-evidence",
        Kind::Cost => "journal-kind-cost",
    }
}

/// Returns the key of a level.
pub fn level_key(level: Level) -> &'static str {
    match level {
        Level::Up => "crisis-level-up",
        Level::Degraded => "crisis-level-degraded",
        Level::Down => "crisis-level-down",
        Level::Unknown => "crisis-level-unknown",
    }
}

/// Writes a moment in a zone, with the zone.
pub fn moment(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
}

/// Writes an entry as a paragraph: a head, then what it says, indented.
pub fn paragraph(messages: &Messages, entry: &Entry, zone: &TimeZone) -> Vec<String> {
    let about = entry.about.as_ref().map(|about| format!("  [{}]", Output::safe(about.as_str()))).unwrap_or_default();
    let kind = messages.word(kind_key(entry.kind));
    let (time, author) = (moment(entry.time, zone), Output::safe(&entry.author));
    let mut lines = vec![format!("{:>4}  {time}  {kind}  {author}{about}", entry.number)];
    let mut below = |words: &str| lines.push(format!("      {words}"));
    entry.text.lines().for_each(|line| below(&Output::safe(line)));
    if let Some(happened) = entry.happened {
        below(&messages.say(&text("journal-happened").with("time", moment(happened, zone))));
    }
    if let Some(confidence) = entry.confidence {
        below(&messages.word(match confidence {
            Confidence::Certain => "journal-confidence-certain",
            Confidence::Likely => "journal-confidence-likely",
            Confidence::Guess => "journal-confidence-guess",
        }));
    }
    if let Some(number) = entry.corrects {
        below(&messages.say(&text("journal-corrects").show("number", number)));
    }
    for file in &entry.attachments {
        let size = formats::size(file.bytes, messages.language());
        let (name, sha256) = (Output::safe(&file.name), Output::safe(&file.sha256));
        below(&messages.say(
            &text("journal-attachment").with("name", name).with("size", size).with("sha", sha256),
        ));
    }
    lines
}
