//! The order of return in words: waves, days, and the reason of every position in a sentence.

use jiff::civil::Date;
use town::calendar::Pull;
use town::map::{Map, NodeId, Wave, Words};
use town::order::{Decider, Position, Reason};

use crate::context::Context;
use crate::messages::{Language, Text, text};

/// Says names of a map in the user's language.
pub struct Names<'c> {
    context: &'c Context,
    map: &'c Map,
}

impl<'c> Names<'c> {
    /// Takes the names of a map.
    pub fn of(context: &'c Context, map: &'c Map) -> Self {
        Self { context, map }
    }

    /// Returns the name for people; the name of the map, if it has no other.
    pub fn name(&self, id: &NodeId) -> String {
        let map = self.map;
        let service = map.services.iter().find(|one| one.id == *id).map(|one| &one.name);
        let host = || map.hosts.iter().find(|one| one.id == *id).map(|one| &one.name);
        let provider = || map.providers.iter().find(|one| one.id == *id).map(|one| &one.name);
        let named = service.or_else(host).or_else(provider).map(|words| self.words(words));
        named.unwrap_or_else(|| safe(id.as_str()))
    }

    /// Returns several names, one after the other.
    pub fn list(&self, ids: &[NodeId]) -> String {
        ids.iter().map(|id| self.name(id)).collect::<Vec<_>>().join(", ")
    }

    /// Returns words of the map in the user's language.
    pub fn words(&self, words: &Words) -> String {
        safe(match self.context.messages.language() {
            Language::Fr => &words.fr,
            Language::En => &words.en,
        })
    }

    /// Says in one line, with its sentences, why a position is where it is.
    pub fn reason(&self, position: &Position) -> String {
        let before = position.reason.before_next.map(|decider| self.context.say(&text(before_next(decider))));
        let before = before.map_or_else(String::new, |before| format!(" {}.", capital(&before)));
        self.cause(position) + &before
    }

    /// Says in one line for what a position stands where it is, and with what it fell.
    pub fn cause(&self, position: &Position) -> String {
        let fell = position.reason.fell_with.as_ref();
        let fell = fell.map(|need| self.context.say(&text("order-fell").with("name", self.name(need))));
        let fell = fell.map_or_else(String::new, |fell| format!(" {}.", capital(&fell)));
        format!("{}.{fell}", capital(&self.place(position)))
    }

    /// Says for what it stands in which wave.
    fn place(&self, position: &Position) -> String {
        let reason = &position.reason;
        let Some(bears_hours) = reason.bears_hours else { return self.context.messages.word("order-nobody") };
        let core = self.context.say(&self.core(position.wave, reason));
        let core = text(match bears_hours {
            1.. if reason.is_shortened => "order-bears-day",
            1.. => "order-bears",
            0 => "order-bears-now",
            _ => "order-bears-over",
        })
        .with("core", core)
        .with("time", self.context.say(&hours(bears_hours.unsigned_abs())));
        match &reason.needed_by {
            None => self.context.say(&core),
            Some(other) => {
                let needed = text("order-needed").with("name", self.name(other));
                self.context.say(&needed.with("core", self.context.say(&core)))
            }
        }
    }

    fn core(&self, wave: Wave, reason: &Reason) -> Text {
        let wave_word = self.context.messages.word(wave_word(wave));
        let of_wave = |key| text(key).show("number", wave.number()).with("wave", wave_word.clone());
        match &reason.pull {
            None => of_wave("order-core-wave"),
            Some(pull) => {
                let (is_raised, own) =
                    (wave < reason.own_wave, self.context.messages.word(self::wave_word(reason.own_wave)));
                let said =
                    if is_raised { of_wave("order-core-raised").with("from", own) } else { of_wave("order-core-day") };
                let event = self.map.events.iter().find(|event| event.id == pull.event);
                let event = event.map_or_else(|| safe(pull.event.as_str()), |event| self.words(&event.name));
                said.with("event", event).with("day", self.context.say(&day(pull.day))).with("when", self.when(pull))
            }
        }
    }

    fn when(&self, pull: &Pull) -> String {
        let key = if pull.days < 0 { "order-when-missed" } else { "order-when-ahead" };
        self.context.say(&text(key).with("days", u64::from(pull.days.unsigned_abs())))
    }
}

/// Returns the key of a wave's name.
pub fn wave_word(wave: Wave) -> &'static str {
    match wave {
        Wave::SPEAK => "order-wave-speak",
        Wave::TRUST => "order-wave-trust",
        Wave::LIFE => "order-wave-life",
        Wave::MONEY => "order-wave-money",
        Wave::CONTACT => "order-wave-contact",
        Wave::FILES => "order-wave-files",
        _ => "order-wave-rest",
    }
}

/// Says a day.
pub fn day(day: Date) -> Text {
    let number = |part: i8| u64::from(part.unsigned_abs());
    text("order-day").with("day", number(day.day())).with("month", number(day.month())).show("year", day.year())
}

/// Says a number of hours, in days where that says as much.
pub fn hours(hours: u64) -> Text {
    match hours {
        48.. if hours.is_multiple_of(24) || hours > 240 => text("order-days").with("count", hours / 24),
        _ => text("order-hours").with("count", hours),
    }
}

/// Writes the first letter as a capital.
pub fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn before_next(decider: Decider) -> &'static str {
    match decider {
        Decider::Need => "order-before-need",
        Decider::SameCause => "order-before-same",
        Decider::Wave => "order-before-wave",
        Decider::Day => "order-before-day",
        Decider::Degraded => "order-before-degraded",
        Decider::TimeLeft => "order-before-time",
        Decider::Quicker => "order-before-quicker",
        Decider::Name => "order-before-name",
    }
}

fn safe(words: &str) -> String {
    crate::output::Output::safe(words)
}
