//! What a report tells of one source, gathered line by line in bounded memory however much is hurt.

use std::collections::BTreeMap;

use damage::{Line, Totals};
use triage::verdict::Class;

/// What was gathered of one source.
#[derive(Debug, Default)]
pub struct Gathered {
    /// How many paths of each folder are what; folders that did not fit are counted in one above.
    pub folders: BTreeMap<Vec<u8>, Totals>,
    /// Tells whether some folders did not fit.
    pub is_coarse: bool,
    /// By snapshot of the chain: how many files are first seen hurt, and gone, there.
    pub began: Vec<Began>,
    /// By snapshot of the chain: of how many hurt files it is the last that has a clean version.
    pub clean: Vec<u64>,
    /// Hurt files of which no clean version is kept.
    pub without_clean: u64,
    /// The first paths that are hurt, doubtful or unknown.
    pub listed: Vec<Line>,
    /// How many more there are.
    pub unlisted: u64,
}

/// What is first seen in a snapshot.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Began {
    /// Files that are hurt.
    pub hurt: u64,
    /// Files that are gone.
    pub gone: u64,
}

/// What matters of a part of a source.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Harm {
    /// Files that are hurt.
    pub hurt: u64,
    /// Files that are gone.
    pub gone: u64,
    /// Files that are doubtful or unknown.
    pub open: u64,
}

/// So many folders are counted by themselves: some 20 MB.
const FOLDERS_MAX: usize = 100_000;
/// So many paths are listed for each source.
const LISTED_MAX: usize = 300;

impl Gathered {
    /// Begins, for a chain of so many snapshots.
    pub fn new(snapshots: usize) -> Self {
        Self { began: vec![Began::default(); snapshots], clean: vec![0; snapshots], ..Self::default() }
    }

    /// Takes a line.
    pub fn take(&mut self, line: &Line) {
        let folder = &line.path[..line.path.iter().rposition(|byte| *byte == b'/').unwrap_or(0)];
        self.folder(folder).count(line.class);
        let is_hurt = line.class.is_hurt();
        if let Some(began) = line.first_seen.and_then(|at| self.began.get_mut(at)) {
            began.hurt += u64::from(is_hurt);
            began.gone += u64::from(line.class == Class::Deleted);
        }
        if is_hurt {
            match line.clean.and_then(|at| self.clean.get_mut(at)) {
                Some(count) => *count += 1,
                None => self.without_clean += 1,
            }
        }
        if is_hurt || matches!(line.class, Class::Suspect | Class::Unknown | Class::Note) {
            if self.listed.len() < LISTED_MAX {
                self.listed.push(line.clone());
            } else {
                self.unlisted += 1;
            }
        }
    }

    /// Sums up a folder and all that is below; an empty path is the whole source.
    pub fn below(&self, path: &[u8]) -> Harm {
        if path.is_empty() {
            return self.folders.values().map(Harm::of).fold(Harm::default(), Harm::plus);
        }
        // All that begins with “path/”, and nothing else: “0” is the sign after “/”.
        let (from, to) = ([path, b"/"].concat(), [path, b"0"].concat());
        let below = self.folders.range(from..to).map(|(_, totals)| Harm::of(totals));
        below.fold(self.here(path), Harm::plus)
    }

    /// Returns what is in a folder itself.
    pub fn here(&self, path: &[u8]) -> Harm {
        self.folders.get(path).map(Harm::of).unwrap_or_default()
    }

    fn folder(&mut self, path: &[u8]) -> &mut Totals {
        let mut path = path;
        if self.folders.len() >= FOLDERS_MAX {
            while !path.is_empty() && !self.folders.contains_key(path) {
                self.is_coarse = true;
                path = &path[..path.iter().rposition(|byte| *byte == b'/').unwrap_or(0)];
            }
        }
        self.folders.entry(path.to_vec()).or_default()
    }
}

impl Harm {
    /// Takes what matters out of all figures.
    pub fn of(totals: &Totals) -> Self {
        Self {
            hurt: totals.damaged + totals.renamed_damaged,
            gone: totals.deleted,
            open: totals.suspect + totals.unknown,
        }
    }

    /// Adds.
    pub fn plus(self, other: Self) -> Self {
        Self { hurt: self.hurt + other.hurt, gone: self.gone + other.gone, open: self.open + other.open }
    }

    /// Returns what is left without a part.
    pub fn without(self, part: Self) -> Self {
        Self {
            hurt: self.hurt.saturating_sub(part.hurt),
            gone: self.gone.saturating_sub(part.gone),
            open: self.open.saturating_sub(part.open),
        }
    }

    /// Tells whether there is nothing to say.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(path: String, class: Class) -> Line {
        let path = path.into_bytes();
        let (first_seen, clean) = (Some(1), Some(0));
        Line {
            path,
            path_now: None,
            class,
            reasons: vec![],
            first_seen,
            clean,
            should: None,
            is_known: false,
            bytes_before: None,
            bytes_now: None,
            mtime_now: None,
        }
    }

    #[test]
    fn a_folder_counts_what_is_below_and_not_what_is_beside() {
        let mut gathered = Gathered::new(2);
        for path in ["a/x", "a/b/x", "a/b/c/x", "a-b/x", "a0/x", "x"] {
            gathered.take(&line(path.to_string(), Class::Damaged));
        }
        assert_eq!(gathered.below(b"a").hurt, 3);
        assert_eq!(gathered.below(b"a/b").hurt, 2);
        assert_eq!(gathered.below(b"").hurt, 6);
        assert_eq!((gathered.began[1].hurt, gathered.clean[0], gathered.without_clean), (6, 6, 0));
    }

    #[test]
    fn a_million_hurt_files_in_as_many_folders_are_counted_in_bounded_memory() {
        let mut gathered = Gathered::new(2);
        for number in 0..1_000_000 {
            gathered.take(&line(format!("service {}/dossier {number}/lettre.odt", number % 7), Class::RenamedDamaged));
        }
        assert_eq!(gathered.below(b"").hurt, 1_000_000);
        assert!(gathered.is_coarse && gathered.folders.len() <= FOLDERS_MAX + 1);
        assert_eq!((gathered.listed.len(), gathered.unlisted), (LISTED_MAX, 1_000_000 - LISTED_MAX as u64));
    }
}
