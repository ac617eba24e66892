//! An entry of a journal in people's words.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use town::journal::{Confidence, Entry, Fact, Kind};
use town::map::EntityId;
use town::state::Level;

use crate::formats;
use crate::messages::{Language, Messages, Text, text};
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
    if let Some(words) = entry.fact.as_ref().and_then(|fact| fact_text(fact, zone, messages.language())) {
        below(&messages.say(&words));
    }
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
        below(&messages.say(&text("journal-attachment").with("name", name).with("size", size).with("sha", sha256)));
    }
    lines
}

/// Says what a fact adds to an entry's words, if it adds something.
fn fact_text(fact: &Fact, zone: &TimeZone, language: Language) -> Option<Text> {
    let word = |words: &Option<String>| words.as_deref().map_or_else(|| "-".to_string(), Output::safe);
    let time = |time: Option<Timestamp>| time.map_or_else(|| "-".to_string(), |time| moment(time, zone));
    let entity =
        |entity: &Option<EntityId>| entity.as_ref().map_or_else(|| "-".to_string(), |id| Output::safe(id.as_str()));
    match fact {
        Fact::Known { at } => Some(text("journal-known").with("time", moment(*at, zone))),
        Fact::State(value) if value.since.or(value.next_news).is_some() => {
            let known = match (value.since, value.next_news) {
                (Some(_), None) => "since",
                (None, _) => "next",
                _ => "both",
            };
            let said = text("journal-state").with("known", known);
            Some(said.with("since", time(value.since)).with("next", time(value.next_news)))
        }
        Fact::Cost { category, entity: who, cents, proof } => Some(
            text("journal-cost")
                .with("amount", euros(*cents, language))
                .with("category", Output::safe(category))
                .with("entity", entity(who))
                .with("proof", word(proof)),
        ),
        Fact::Met { deadline, entity: who, receipt } => Some(
            text("journal-met")
                .with("deadline", Output::safe(deadline))
                .with("entity", entity(who))
                .with("receipt", word(receipt)),
        ),
        _ => None,
    }
}

/// Writes an amount to the cent.
fn euros(cents: i64, language: Language) -> String {
    let (sign, amount) = (if cents < 0 { "-" } else { "" }, cents.unsigned_abs());
    let (whole, part) = (formats::number(amount / 100, language), amount % 100);
    match language {
        Language::Fr => format!("{sign}{whole},{part:02}\u{a0}€"),
        Language::En => format!("{sign}€{whole}.{part:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_to_the_cent() {
        assert_eq!(euros(123_456, Language::En), "€1,234.56");
        assert_eq!(euros(-7, Language::Fr), "-0,07\u{a0}€");
        assert_eq!(euros(i64::MIN, Language::En), "-€92,233,720,368,547,758.08");
    }
}
