//! What a command did, for the journal: its figures, and the damage that it found.

use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value};
use town::journal::Damage;

use crate::output::Output;

/// What a command did.
#[derive(Debug, Default)]
pub struct Record(Mutex<Recorded>);

/// See [`Record`].
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// Its figures, as `--json` tells them: numbers and short words.
    pub figures: Map<String, Value>,
    /// What it found hurt, source by source.
    pub damage: Vec<Damage>,
}

/// Figures are a few numbers; what is more is not for the journal.
const FIGURES_MAX: usize = 64;
const WORDS_MAX: usize = 200;

impl Record {
    /// Takes an event, if it has the figures of a command.
    pub fn event(&self, event: &str, fields: &Value) {
        if let ("summary" | "mounted", Value::Object(fields)) = (event, fields) {
            self.with(|recorded| recorded.figures = figures(fields, 2));
        }
    }

    /// Takes what was found hurt in a source.
    pub fn damage(&self, damage: Damage) {
        self.with(|recorded| recorded.damage.push(damage));
    }

    /// Returns what was taken.
    pub fn recorded(&self) -> Recorded {
        self.with(|recorded| recorded.clone())
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Recorded) -> T) -> T {
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn figures(fields: &Map<String, Value>, depth: usize) -> Map<String, Value> {
    let figure = |value: &Value| match value {
        Value::String(words) => Some(Value::String(Output::safe(words).chars().take(WORDS_MAX).collect())),
        // Lists name files; how long they are is enough.
        Value::Array(items) => Some(items.len().into()),
        Value::Object(fields) if depth > 1 => Some(Value::Object(figures(fields, depth - 1))),
        Value::Object(_) => None,
        plain => Some(plain.clone()),
    };
    let kept = fields.iter().filter_map(|(name, value)| Some((name.clone(), figure(value)?)));
    kept.take(FIGURES_MAX).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn figures_are_few_and_short() {
        let record = Record::default();
        record.event("fault", &json!({ "path": "x" }));
        assert!(record.recorded().figures.is_empty());
        let words = "é".repeat(1000);
        let fields =
            json!({ "files": 3, "counts": { "a": 1, "deep": { "b": 2 } }, "paths": ["x", "y"], "words": words });
        record.event("summary", &fields);
        let figures = Value::Object(record.recorded().figures);
        let words = "é".repeat(200);
        assert_eq!(figures, json!({ "files": 3, "counts": { "a": 1 }, "paths": 2, "words": words }));
    }
}
