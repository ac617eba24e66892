//! Drafts in people's words: the same lines for a text, a page and programs.

mod keys;
mod plain;
mod speech;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use town::drafts::{
    AmountOf, Content, Counted, Draft, Field, FieldName, Fill, Line, Provenance, ServiceLine, Sum, Value, What,
};
use town::journal::{Damage, Kind};
use town::map::{Map, Words};
use town::state::Level;

use crate::formats;
use crate::messages::{Language, Messages, Text, text};
use crate::output::Output;

pub use keys::{act_key, field_key, heading_key};
pub use plain::plain;
pub use speech::speech;

/// Puts a draft into a language.
pub struct Speaker<'m> {
    /// The catalogue of the draft's language.
    pub messages: &'m Messages,
    /// The map, for roles and for the zone.
    pub map: &'m Map,
}

impl Speaker<'_> {
    /// Puts a message into the language.
    pub fn say(&self, text: &Text) -> String {
        self.messages.say(text)
    }

    /// Puts a message without gaps into the language.
    pub fn word(&self, key: &'static str) -> String {
        self.messages.word(key)
    }

    /// Takes the words of the language; the other's, if there are none.
    pub fn words(&self, words: &Words) -> String {
        let (wanted, other) = match self.messages.language() {
            Language::Fr => (&words.fr, &words.en),
            Language::En => (&words.en, &words.fr),
        };
        on_one_line(if wanted.is_empty() { other } else { wanted })
    }

    /// Says a moment in the town's zone.
    pub fn moment(&self, time: Timestamp) -> String {
        self.moment_in(time, &self.map.town.zone)
    }

    fn moment_in(&self, time: Timestamp, zone: &TimeZone) -> String {
        spoken(time, zone).map_or_else(|| time.to_string(), |moment| self.say(&moment))
    }

    /// Says the title of a draft.
    pub fn title(&self, draft: &Draft) -> String {
        let key = match draft.what {
            What::Cnil { .. } => "draft-title-cnil",
            What::Complaint => "draft-title-complaint",
            What::Nis2(_) => "draft-title-nis2",
            What::Insurer => "draft-title-insurer",
            What::Statement(town::drafts::Audience::Public) => "draft-title-statement",
            What::Statement(town::drafts::Audience::Staff) => "draft-title-staff",
            What::Telephone => "draft-title-telephone",
            What::Poster => "draft-title-poster",
            What::Ledger => "draft-title-ledger",
        };
        self.say(&text(key).with("who", self.who(draft)))
    }

    /// Names who speaks: an entity, or the town.
    pub fn who(&self, draft: &Draft) -> String {
        let entity = draft.entity.as_ref().and_then(|id| self.map.entity(id));
        entity.map_or_else(|| on_one_line(&self.map.town.name), |entity| self.words(&entity.name))
    }

    /// Says as of when a draft is, and that it may change.
    pub fn as_of(&self, draft: &Draft) -> String {
        let key = if draft.what.is_public() { "draft-as-of-public" } else { "draft-as-of" };
        self.say(&text(key).with("time", self.moment(draft.made)))
    }

    /// Names a field; to people outside, in their words.
    pub fn label(&self, name: FieldName, is_public: bool) -> String {
        match (name, is_public) {
            (FieldName::Discovered, true) => self.word("draft-field-discovered-public"),
            _ => self.word(field_key(name)),
        }
    }

    /// Says what a field says when it is not filled.
    pub fn unfilled(&self, field: &Field, is_public: bool) -> String {
        // Advice that is not given yet is nothing that could be known.
        let is_advice = matches!(field.name, FieldName::PublicAdvice | FieldName::StaffRules | FieldName::WhoWorks);
        match &field.content {
            Content::Missing { .. } if is_public && is_advice => self.word("draft-to-come"),
            Content::Missing { who, .. } if !is_public => {
                let roles: Vec<_> = self.map.people_for(*who).map(|person| self.words(&person.role)).collect();
                match roles.is_empty() {
                    true => self.word("draft-missing"),
                    false => self.say(&text("draft-missing-who").with("who", roles.join(", "))),
                }
            }
            _ => self.word("draft-not-known"),
        }
    }

    /// Says from where a line is known; nothing, if from nowhere.
    pub fn provenance(&self, line: &Line) -> Option<String> {
        const SHOWN_MAX: usize = 6;
        let said = |from: &Provenance| match from {
            Provenance::Entry(number) => self.say(&text("draft-from-entry").show("number", number)),
            Provenance::Map(number) => self.say(&text("draft-from-map").show("number", number)),
            Provenance::Town => self.word("draft-from-town"),
        };
        let mut from: Vec<_> = line.from.iter().take(SHOWN_MAX).map(said).collect();
        if line.from.len() > SHOWN_MAX {
            from.push("…".to_string());
        }
        (!from.is_empty()).then(|| from.join(" · "))
    }

    /// Says what fills a field: what to type, or which line of the map to write.
    pub fn fill(&self, fill: Fill) -> String {
        match fill {
            Fill::Answer(field) => self.say(&text("draft-fill-answer").with("field", field.name())),
            Fill::Map(field) => self.say(&text("draft-fill-map").with("field", field)),
            Fill::Journal => self.word("draft-fill-journal"),
            Fill::Known => self.word("draft-fill-known"),
            Fill::State => self.word("draft-fill-state"),
            Fill::Damage => self.word("draft-fill-damage"),
            Fill::Evidence => self.word("draft-fill-evidence"),
            Fill::Cost => self.word("draft-fill-cost"),
            Fill::Met(act) => self.say(&text("draft-fill-met").with("act", act.name())),
        }
    }

    /// Says a line.
    pub fn line(&self, line: &Line) -> String {
        match &line.value {
            Value::Said(words) => on_one_line(words),
            Value::Words(words) => self.words(words),
            Value::OfEntity { entity, words } => {
                let words = words.as_deref().map_or_else(|| self.word("draft-not-known"), on_one_line);
                self.say(&text("draft-pair").with("name", self.words(entity)).with("value", words))
            }
            Value::Moment(time) => self.moment(*time),
            Value::MomentUtc(time) => self.moment_in(*time, &TimeZone::UTC),
            Value::Phrase(phrase) => self.word(keys::phrase_key(*phrase)),
            Value::Late { hours } => self.say(&text("draft-late").with("count", *hours)),
            Value::Person { role, name, phone } => self.joined([
                name.as_deref().map(on_one_line),
                Some(self.words(role)),
                phone.as_deref().map(on_one_line),
            ]),
            Value::Service(service) => self.service(service),
            Value::Sum(sum) => self.sum(sum),
            Value::Files(damage) => self.files(damage),
            Value::Machine { name, level, place } => {
                let place = place.as_deref().map_or_else(|| self.word("draft-no-place"), on_one_line);
                self.joined([Some(self.words(name)), Some(self.word(level_key(*level))), Some(place)])
            }
            Value::System { name, system } => {
                let system = system.as_deref().map_or_else(|| self.word("draft-not-known"), on_one_line);
                self.say(&text("draft-pair").with("name", self.words(name)).with("value", system))
            }
            Value::Category { name, services } => {
                let services: Vec<_> = services.iter().map(|words| self.words(words)).collect();
                self.say(&text("draft-of").with("name", on_one_line(name)).with("of", services.join(", ")))
            }
            Value::Provider { name, phone, contract } => {
                let contract = contract.as_deref().map(on_one_line);
                let contract = contract.map(|contract| self.say(&text("draft-contract").with("number", contract)));
                self.joined([Some(self.words(name)), phone.as_deref().map(on_one_line), contract])
            }
            other => self.noted(other),
        }
    }

    /// Says what is in the journal: events, pieces, costs, acts.
    fn noted(&self, value: &Value) -> String {
        match value {
            Value::Event { time, kind, author, text: words } => self.say(
                &text("draft-event")
                    .with("time", self.moment(*time))
                    .with("kind", text(kind_key(*kind)))
                    .with("author", on_one_line(author))
                    .with("words", on_one_line(words)),
            ),
            Value::More(count) => self.say(&text("draft-more").with("count", *count)),
            Value::Piece { file, text: words, time, author } => self.say(
                &text("draft-piece")
                    .with("name", on_one_line(&file.name))
                    .with("size", crate::messages::Gap::Bytes(file.bytes))
                    .with("hash", on_one_line(&file.sha256))
                    .with("words", on_one_line(words))
                    .with("time", self.moment(*time))
                    .with("author", on_one_line(author)),
            ),
            Value::JournalEnd { time } => self.say(&text("draft-journal-end").with("time", self.moment(*time))),
            Value::Cost { time, category, text: words, entity, cents, proof } => {
                let proof =
                    proof.as_deref().map(|proof| self.say(&text("draft-proof").with("number", on_one_line(proof))));
                let said = [
                    Some(self.moment(*time)),
                    Some(on_one_line(category)),
                    Some(on_one_line(words)),
                    entity.as_ref().map(|e| self.words(e)),
                    proof,
                ];
                self.say(&text("draft-pair").with("name", self.joined(said)).with("value", self.euros(*cents)))
            }
            Value::Amount { of, cents } => {
                let name = match of {
                    AmountOf::Category(name) => on_one_line(name),
                    AmountOf::Entity(Some(words)) => self.words(words),
                    AmountOf::Entity(None) => self.word("draft-no-entity"),
                    AmountOf::Total => self.word("draft-total"),
                };
                self.say(&text("draft-pair").with("name", name).with("value", self.euros(*cents)))
            }
            Value::Counts(share) => self.say(
                &text("draft-counts")
                    .with("services", share.services)
                    .with("up", share.up)
                    .with("degraded", share.degraded)
                    .with("down", share.down)
                    .with("unknown", share.unknown),
            ),
            Value::Met { act, entity, at, receipt } => {
                let receipt = receipt
                    .as_deref()
                    .map(|number| self.say(&text("draft-receipt").with("number", on_one_line(number))));
                let said = [
                    Some(self.word(act_key(*act))),
                    entity.as_ref().map(|e| self.words(e)),
                    Some(self.moment(*at)),
                    receipt,
                ];
                self.joined(said)
            }
            // All others are said by `line`.
            _ => String::new(),
        }
    }

    fn euros(&self, cents: i128) -> String {
        formats::euros(cents, self.messages.language())
    }

    fn joined<const N: usize>(&self, parts: [Option<String>; N]) -> String {
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// Says how a service is: its level in a word, then how and why.
    pub fn level(&self, service: &ServiceLine) -> String {
        let level = match (service.level, service.is_hurt) {
            (Level::Unknown, true) => self.word("draft-level-hurt"),
            (level, _) => self.word(level_key(level)),
        };
        self.joined([Some(level), service.how.as_deref().map(on_one_line)])
    }

    fn service(&self, service: &ServiceLine) -> String {
        let mut said = text_of(&[self.words(&service.name), self.level(service)], &self.word("draft-colon"));
        let mut add = |words: String| said.push_str(&format!(". {words}"));
        if let Some(through) = &service.through {
            add(self.say(&text("draft-through").with("name", self.words(through))));
        }
        if let Some(since) = service.since {
            add(self.say(&text("draft-since").with("time", self.moment(since))));
        }
        if let Some(instead) = &service.instead {
            // The sentence ends below.
            add(self.say(&text("draft-instead").with("words", self.words(instead).trim_end_matches('.'))));
        }
        if let Some(next) = service.next_news {
            add(self.say(&text("draft-next").with("time", self.moment(next))));
        }
        said.push('.');
        said
    }

    fn sum(&self, sum: &Sum) -> String {
        let key = match sum.of {
            Counted::Persons => "draft-sum-persons",
            Counted::Records => "draft-sum-records",
        };
        let number = |number| formats::number(number, self.messages.language());
        let parts = sum
            .parts
            .iter()
            .map(|(name, part)| self.say(&text("draft-of").with("name", number(*part)).with("of", self.words(name))));
        let mut said = self.say(&text(key).with("count", sum.total));
        said.push_str(&format!(" = {}", parts.collect::<Vec<_>>().join(" + ")));
        let names = |names: &[Words]| names.iter().map(|name| self.words(name)).collect::<Vec<_>>().join(", ");
        for (key, services) in [("draft-sum-without", &sum.without), ("draft-sum-unknown", &sum.unknown)] {
            if !services.is_empty() {
                said.push_str(&format!(
                    "{} {}",
                    if said.ends_with('.') { "" } else { "." },
                    self.say(&text(key).with("services", names(services)))
                ));
            }
        }
        said
    }

    fn files(&self, damage: &Damage) -> String {
        self.say(
            &text("draft-files")
                .with("source", on_one_line(&damage.source))
                .with("files", damage.files)
                .with("hurt", damage.hurt)
                .with("gone", damage.gone)
                .with("sound", damage.sound)
                .with("unknown", damage.unknown),
        )
    }
}

/// Says a moment in a zone, as people write it; nothing if it is too far away.
pub fn spoken(time: Timestamp, zone: &TimeZone) -> Option<Text> {
    formats::spoken(vault::world::Timestamp(i64::try_from(time.as_nanosecond()).ok()?), zone)
}

/// Returns the key of a level.
pub fn level_key(level: Level) -> &'static str {
    match level {
        Level::Up => "draft-level-up",
        Level::Degraded => "draft-level-degraded",
        Level::Unknown => "draft-level-unknown",
        Level::Down => "draft-level-down",
    }
}

fn kind_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Observation => "draft-kind-observation",
        Kind::Decision => "draft-kind-decision",
        Kind::Action => "draft-kind-action",
        Kind::Communication => "draft-kind-communication",
        Kind::Evidence => "draft-kind-evidence",
        Kind::Cost => "draft-kind-cost",
    }
}

/// Puts foreign words on one line, in characters that steer nothing.
fn on_one_line(words: &str) -> String {
    let lines: Vec<_> = words.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect();
    let safe = Output::safe(&lines.join(" "));
    // Whoever opens the text in an office program sees the order in which it was written.
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    safe.chars().map(|c| if turns(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}

fn text_of(parts: &[String], between: &str) -> String {
    parts.join(between)
}
