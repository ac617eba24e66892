//! The order in which content comes back: what people name first, then small before large, and recent before old.
//!
//! A restore in order is a restore in parts, one behind the other: each part is the files of one phase, and the folders that they need.
//! Within a part content is read as it lies in the packs. Who can wait for nothing else gets what was named after the time that this
//! takes, whatever else there is. Another order may come while files come back: what is there stays, and the rest goes on in it.

mod parts;
mod survey;

use vault::tree::Entry;

pub(crate) use parts::Turn;
pub use parts::restore_in_order;
pub use survey::{Amount, survey};

/// In which order content comes back.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Order {
    /// Paths that come before all others, with all below them, the first first.
    pub first: Vec<Vec<u8>>,
    /// How the rest is sorted; not at all, where that would be for nothing.
    pub rest: Option<Sorting>,
}

/// How files are sorted that nobody named.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sorting {
    /// Files up to so many bytes are small.
    pub small_bytes_max: u64,
    /// Files that were changed since then are recent: seconds since 1970.
    pub recent_since: i64,
}

/// Files that come back together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Phase {
    /// What was named: a place in [`Order::first`].
    Named(usize),
    /// All the rest, unsorted.
    Rest,
    /// Small and recent.
    SmallRecent,
    /// Small and older.
    SmallOlder,
    /// Large and recent.
    LargeRecent,
    /// Large and older.
    LargeOlder,
}

impl Order {
    /// Returns the phases, the first first.
    pub fn phases(&self) -> Vec<Phase> {
        let named = (0..self.first.len()).map(Phase::Named);
        let rest: &[Phase] = match self.rest {
            None => &[Phase::Rest],
            Some(_) => &[Phase::SmallRecent, Phase::SmallOlder, Phase::LargeRecent, Phase::LargeOlder],
        };
        named.chain(rest.iter().copied()).collect()
    }

    /// Returns the phase of what is not a directory. A further name of a file waits for the first: they are one.
    pub fn phase(&self, path: &[u8], entry: &Entry) -> Phase {
        let own = self.phase_of_path(path);
        let named = match &entry.hard_link {
            Some(first) => own.zip(self.phase_of_path(first)).map(|(own, first)| own.max(first)),
            None => own,
        };
        named.unwrap_or_else(|| self.phase_of_rest(entry))
    }

    /// Puts paths before all others. What was named before stays, behind them.
    pub fn put_first(&mut self, paths: Vec<Vec<u8>>) {
        let before = std::mem::take(&mut self.first);
        for path in paths.into_iter().chain(before) {
            if !self.first.contains(&path) {
                self.first.push(path);
            }
        }
    }

    fn phase_of_path(&self, path: &[u8]) -> Option<Phase> {
        self.first.iter().position(|first| is_within(path, first)).map(Phase::Named)
    }

    fn phase_of_rest(&self, entry: &Entry) -> Phase {
        let Some(Sorting { small_bytes_max, recent_since }) = self.rest else { return Phase::Rest };
        match (entry.size() <= small_bytes_max, entry.mtime.seconds >= recent_since) {
            (true, true) => Phase::SmallRecent,
            (true, false) => Phase::SmallOlder,
            (false, true) => Phase::LargeRecent,
            (false, false) => Phase::LargeOlder,
        }
    }
}

/// Tells whether a path is another one or lies below it.
fn is_within(path: &[u8], above: &[u8]) -> bool {
    above.is_empty() || path == above || path.strip_prefix(above).is_some_and(|rest| rest.first() == Some(&b'/'))
}

#[cfg(test)]
mod tests {
    use vault::tree::{Content, EntryKind, FileTime};

    use super::*;

    fn file(size: u64, seconds: i64, hard_link: Option<&str>) -> Entry {
        let kind = EntryKind::File { size, content: Content::EMPTY, sha256: None };
        let mtime = FileTime { seconds, ..FileTime::default() };
        Entry { kind, mtime, hard_link: hard_link.map(|path| path.as_bytes().to_vec()), ..Entry::default() }
    }

    fn order() -> Order {
        let first = vec![b"etat civil".to_vec(), b"paie/2026.ods".to_vec()];
        Order { first, rest: Some(Sorting { small_bytes_max: 1000, recent_since: 500 }) }
    }

    #[test]
    fn what_is_named_comes_first_and_then_small_and_recent() {
        let phase = |path: &str, size, seconds| order().phase(path.as_bytes(), &file(size, seconds, None));
        assert_eq!(phase("etat civil/a/b.odt", 5000, 0), Phase::Named(0));
        assert_eq!(phase("etat civil 2", 1000, 500), Phase::SmallRecent);
        assert_eq!(phase("paie/2026.ods", 5000, 0), Phase::Named(1));
        assert_eq!(phase("paie/2025.ods", 1000, 499), Phase::SmallOlder);
        assert_eq!(phase("a", 1001, 500), Phase::LargeRecent);
        assert_eq!(phase("a", 1001, 499), Phase::LargeOlder);
        assert_eq!(order().phases().len(), 6);
        assert_eq!(Order::default().phases(), [Phase::Rest]);
    }

    #[test]
    fn a_further_name_of_a_file_waits_for_the_first() {
        let phase = |path: &str, first: &str| order().phase(path.as_bytes(), &file(10, 900, Some(first)));
        assert_eq!(phase("etat civil/b", "etat civil/a"), Phase::Named(0));
        assert_eq!(phase("etat civil/b", "paie/2026.ods"), Phase::Named(1));
        assert_eq!(phase("etat civil/b", "z"), Phase::SmallRecent);
        assert_eq!(phase("z", "etat civil/a"), Phase::SmallRecent);
    }

    #[test]
    fn what_is_said_last_comes_first() {
        let mut order = order();
        order.put_first(vec![b"paie/2026.ods".to_vec(), b"ecole".to_vec(), b"ecole".to_vec()]);
        assert_eq!(order.first, [&b"paie/2026.ods"[..], b"ecole", b"etat civil"]);
    }
}
