//! What holds in a journal: its entries, less those that later ones put right.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::journal::{Entry, Fact};
use crate::state::State;

/// Returns the entries that no other puts right, in their order.
///
/// An entry that puts another right takes its place with all that it says, also where it says less. An entry never puts right what
/// comes after it, nor itself.
pub fn holding(entries: &[Entry]) -> impl Iterator<Item = &Entry> {
    let righted: BTreeSet<u64> =
        entries.iter().filter_map(|entry| entry.corrects.filter(|number| *number < entry.number)).collect();
    entries.iter().filter(move |entry| !righted.contains(&entry.number))
}

/// Returns what a journal says of services, hosts and providers.
pub fn state(entries: &[Entry]) -> State {
    State::of(holding(entries).filter_map(|entry| match &entry.fact {
        Some(Fact::State(value)) => Some(value.clone()),
        _ => None,
    }))
}

/// Returns the last answer to each field, with its entry.
pub fn answers(entries: &[Entry]) -> BTreeMap<&str, (&Entry, &str)> {
    let given = holding(entries).filter_map(|entry| match &entry.fact {
        Some(Fact::Answer { field, words }) => Some((field.as_str(), (entry, words.as_str()))),
        _ => None,
    });
    given.collect()
}

/// Tells when what an entry tells of happened: when it was written, if it does not say.
pub fn moment(entry: &Entry) -> Timestamp {
    entry.happened.unwrap_or(entry.time)
}

/// Tells whether a journal is that of an exercise.
pub fn is_exercise(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| matches!(entry.fact, Some(Fact::Opened { exercise: true, .. })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::Script;

    #[test]
    fn what_is_put_right_does_not_hold() {
        let answer = |words: &str| Fact::Answer { field: "nature".into(), words: words.into() };
        let mut script = Script::begin();
        let wrong = script.fact(1, "wrong", answer("a"));
        let right = script.fact(2, "right", answer("b"));
        script.entries[right as usize - 1].corrects = Some(wrong);
        assert_eq!(answers(&script.entries)["nature"].1, "b");
        let last = script.fact(3, "righter", answer("c"));
        script.entries[last as usize - 1].corrects = Some(right);
        let texts: Vec<_> = holding(&script.entries).map(|entry| entry.text.as_str()).collect();
        assert_eq!(texts, ["the journal begins", "righter"]);
    }

    #[test]
    fn nothing_puts_itself_or_the_future_right() {
        let mut script = Script::begin();
        let one = script.note(1, "one");
        let two = script.note(2, "two");
        script.entries[one as usize - 1].corrects = Some(two);
        script.entries[two as usize - 1].corrects = Some(two);
        assert_eq!(holding(&script.entries).count(), 3);
    }
}
