//! Which directories must be flushed before what was put is durable.

use std::collections::{BTreeSet, HashSet};

use super::layout;

/// Directories that received names since they were last flushed.
#[derive(Default, Debug)]
pub(super) struct Ledger {
    dirty: BTreeSet<String>,
    /// Directories that were flushed once, with all above: their own names are durable.
    settled: HashSet<String>,
}

impl Ledger {
    /// Notes that a directory received or lost a name, or holds one that somebody else may not have flushed.
    ///
    /// The directories above are noted too until they were flushed once: another process may have made this one a
    /// moment ago and crash before its own commit.
    pub(super) fn record(&mut self, directory: &str) {
        if !self.settled.contains(directory) {
            for (above, _) in layout::steps(directory) {
                self.note(above);
            }
        }
        self.note(directory);
    }

    /// Returns what must be flushed and forgets it.
    pub(super) fn take(&mut self) -> BTreeSet<String> {
        std::mem::take(&mut self.dirty)
    }

    /// Notes that directories were flushed, each with all above it.
    pub(super) fn settle(&mut self, flushed: BTreeSet<String>) {
        self.settled.extend(flushed);
    }

    fn note(&mut self, directory: &str) {
        if !self.dirty.contains(directory) {
            self.dirty.insert(directory.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_above_are_flushed_once() {
        let mut ledger = Ledger::default();
        ledger.record("a/b");
        let first = ledger.take();
        assert_eq!(first, ["", "a", "a/b"].map(String::from).into());
        ledger.settle(first);
        ledger.record("a/b");
        assert_eq!(ledger.take(), ["a/b".to_string()].into());
        ledger.record("a/c");
        assert_eq!(ledger.take(), ["", "a", "a/c"].map(String::from).into());
    }

    #[test]
    fn what_was_not_flushed_is_not_settled() {
        let mut ledger = Ledger::default();
        ledger.record("a");
        ledger.take();
        ledger.record("a");
        assert_eq!(ledger.take(), ["", "a"].map(String::from).into());
    }
}
