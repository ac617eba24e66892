//! What people read, in French and English: one catalogue, `locales/*.ftl` (Fluent syntax).
//!
//! A key that begins with `err-` says what happened; the key with `rec-` instead, if there is one, what to do next.

mod explain;
mod explain_check;
mod explain_journal;
mod explain_keep;
mod explain_notify;
mod explain_source;
mod explain_vault;
pub mod finding;
mod remarks;

use std::borrow::Cow;
use std::fmt;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::formats;

pub use explain::{Explain, Explanation};
pub use explain_journal::remark_of_journal;
pub use remarks::remark_text;

/// A language that people can choose.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Language {
    /// French.
    Fr,
    /// English.
    En,
}

/// A message that is not in a language yet: its key and what fills its gaps.
#[derive(Clone, PartialEq, Debug)]
pub struct Text {
    key: &'static str,
    gaps: Vec<(&'static str, Gap)>,
}

/// What fills a gap of a message.
#[derive(Clone, PartialEq, Debug)]
pub enum Gap {
    /// Words.
    Words(String),
    /// A number; the message may depend on it being one or many.
    Number(u64),
    /// A number of bytes.
    Bytes(u64),
    /// Another message.
    Text(Box<Text>),
}

/// The catalogue in one language.
pub struct Messages {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

/// Begins a message.
pub fn text(key: &'static str) -> Text {
    Text { key, gaps: Vec::new() }
}

impl Language {
    /// Takes the language from what is on the command line, else from the environment; else English.
    ///
    /// It is wanted before the command line is understood, because what is wrong with that must be told in it.
    pub fn choose(arguments: &[std::ffi::OsString], environment: impl Fn(&str) -> Option<String>) -> Self {
        let mut asked = None;
        for (index, argument) in arguments.iter().enumerate() {
            match argument.to_str() {
                Some("--") => break,
                Some("--lang") => asked = arguments.get(index + 1).and_then(|value| value.to_str()),
                Some(text) => asked = text.strip_prefix("--lang=").or(asked),
                None => {}
            }
        }
        let locale = ["BEFFROI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"];
        let set = || locale.iter().filter_map(|name| environment(name)).find(|value| !value.is_empty());
        let wanted = asked.map(str::to_string).or_else(set).unwrap_or_default();
        if wanted.to_ascii_lowercase().starts_with("fr") { Self::Fr } else { Self::En }
    }

    fn catalogue(self) -> &'static str {
        macro_rules! catalogue {
            ($language:literal: $($part:literal)*) => {
                concat!(
                    include_str!(concat!("../../locales/", $language, ".ftl")),
                    $("\n", include_str!(concat!("../../locales/", $language, "-", $part, ".ftl"))),*
                )
            };
        }
        match self {
            Self::Fr => catalogue!("fr": "told" "town" "order" "journal" "draft" "day"),
            Self::En => catalogue!("en": "told" "town" "order" "journal" "draft" "day"),
        }
    }
}

impl Text {
    /// Fills a gap.
    pub fn with(mut self, name: &'static str, gap: impl Into<Gap>) -> Self {
        self.gaps.push((name, gap.into()));
        self
    }

    /// Fills a gap with anything that can be shown.
    pub fn show(self, name: &'static str, value: impl fmt::Display) -> Self {
        self.with(name, value.to_string())
    }

    /// Returns the key, which is the same in all languages.
    pub fn key(&self) -> &'static str {
        self.key
    }
}

impl Messages {
    /// Reads the catalogue of a language.
    pub fn new(language: Language) -> Self {
        let (id, formatter): (_, fn(&FluentValue<'_>, &_) -> Option<String>) = match language {
            Language::Fr => ("fr", |value, _| grouped(value, Language::Fr)),
            Language::En => ("en", |value, _| grouped(value, Language::En)),
        };
        let resource = FluentResource::try_new(language.catalogue().to_string());
        let id: LanguageIdentifier = id.parse().expect("both are language identifiers");
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Marks of writing direction would end up in what people copy from the terminal.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(formatter));
        let resource = resource.expect("a test reads both catalogues");
        bundle.add_resource(resource).expect("a test finds keys that are there twice");
        Self { language, bundle }
    }

    /// Returns the language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Puts a message into the language.
    pub fn say(&self, text: &Text) -> String {
        self.find(text.key, text).unwrap_or_else(|| text.key.to_string())
    }

    /// Puts a message without gaps into the language.
    pub fn word(&self, key: &'static str) -> String {
        self.say(&text(key))
    }

    /// Returns the message of a key that is made up from parts, if there is one.
    pub fn lookup(&self, key: &str) -> Option<String> {
        self.find(key, &text(""))
    }

    /// Returns what to do about a message that says what happened.
    pub fn advice(&self, text: &Text) -> Option<String> {
        let key = format!("rec-{}", text.key.strip_prefix("err-")?);
        self.find(&key, text)
    }

    fn find(&self, key: &str, text: &Text) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let mut gaps = FluentArgs::new();
        for (name, gap) in &text.gaps {
            gaps.set(Cow::Borrowed(*name), self.fill(gap));
        }
        let mut errors = Vec::new();
        Some(self.bundle.format_pattern(pattern, Some(&gaps), &mut errors).into_owned())
    }

    fn fill(&self, gap: &Gap) -> FluentValue<'static> {
        match gap {
            Gap::Words(words) => FluentValue::from(words.clone()),
            Gap::Number(number) => FluentValue::from(*number),
            Gap::Bytes(bytes) => FluentValue::from(formats::size(*bytes, self.language)),
            Gap::Text(text) => FluentValue::from(self.say(text)),
        }
    }
}

impl fmt::Debug for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Messages({:?})", self.language)
    }
}

impl From<String> for Gap {
    fn from(words: String) -> Self {
        Self::Words(words)
    }
}

impl From<&str> for Gap {
    fn from(words: &str) -> Self {
        Self::Words(words.to_string())
    }
}

impl From<u64> for Gap {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<Text> for Gap {
    fn from(text: Text) -> Self {
        Self::Text(Box::new(text))
    }
}

fn grouped(value: &FluentValue<'_>, language: Language) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(formats::number(number.value as u64, language)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
