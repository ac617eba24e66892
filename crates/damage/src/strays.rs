//! Files that went from one folder and came in another: an attacker's copies elsewhere, under names that tell nothing.

use std::collections::HashMap;

use triage::pairing::{Lone, pair_afar};
use triage::verdict::{Class, Reason, Verdict};

use crate::chain::FileVersion;
use crate::folder::{Folder, Task, join};
use crate::folders::Assessor;
use crate::lines::Line;

/// What has no counterpart in its own folder, as far as it fits in memory.
#[derive(Default)]
pub(crate) struct Strays {
    gone: Vec<Gone>,
    new: Vec<New>,
    /// What was put behind the names of hurt files, and how often.
    endings: HashMap<Vec<u8>, u64>,
}

struct Gone {
    folder: Vec<u8>,
    version: FileVersion,
    /// What is told of it if nothing is found.
    line: Line,
}

struct New {
    folder: Vec<u8>,
    version: FileVersion,
    /// What tells a note by, if it is small enough to be one: its content, and whether it lies beside hurt files.
    note: Option<(Vec<u8>, bool)>,
}

/// So many are kept in mind on each side; of more only their own folder is asked.
const STRAYS_MAX: usize = 1 << 16;
/// So many endings are counted.
const ENDINGS_MAX: usize = 1024;
/// An ending behind so many hurt files is the attacker's.
const ENDING_TIMES_MIN: u64 = 3;
/// So many pairs are judged at a time.
const PAIRS_AT_ONCE: usize = 256;

impl Strays {
    /// Keeps a file that went, or gives its line back.
    pub fn keep_gone(&mut self, folder: &[u8], version: &FileVersion, line: Line) -> Option<Line> {
        if self.gone.len() >= STRAYS_MAX {
            return Some(line);
        }
        self.gone.push(Gone { folder: folder.to_vec(), version: version.clone(), line });
        None
    }

    /// Takes note of how a hurt file was renamed.
    pub fn learn(&mut self, line: &Line) {
        let now = line.path_now.as_deref().filter(|_| line.class == Class::RenamedDamaged);
        let Some(ending) = now.and_then(|now| now.strip_prefix(&line.path[..])) else { return };
        if self.endings.len() < ENDINGS_MAX || self.endings.contains_key(ending) {
            *self.endings.entry(ending.to_vec()).or_default() += 1;
        }
    }

    /// Pairs what was renamed as many hurt files were, whatever became of its bytes: empty files, and those that were spared.
    fn pair_by_ending(&self, was: &[(Vec<u8>, u64)], is: &[(Vec<u8>, u64)]) -> Vec<(usize, usize)> {
        let endings: Vec<&Vec<u8>> =
            self.endings.iter().filter(|(_, times)| **times >= ENDING_TIMES_MIN).map(|(ending, _)| ending).collect();
        if endings.is_empty() {
            return Vec::new();
        }
        let there: HashMap<&[u8], usize> = is.iter().enumerate().map(|(at, (path, _))| (&path[..], at)).collect();
        let renamed = |path: &[u8]| endings.iter().find_map(|ending| there.get(&[path, ending].concat()[..]).copied());
        was.iter().enumerate().filter_map(|(at, (path, _))| Some((at, renamed(path)?))).collect()
    }

    /// Keeps a file that came, or gives back what tells a note by.
    pub fn keep_new(
        &mut self,
        folder: &[u8],
        version: &FileVersion,
        note: Option<(Vec<u8>, bool)>,
    ) -> Option<Option<(Vec<u8>, bool)>> {
        if self.new.len() >= STRAYS_MAX {
            return Some(note);
        }
        self.new.push(New { folder: folder.to_vec(), version: version.clone(), note });
        None
    }
}

impl Gone {
    /// Says that it is hurt under another path.
    fn renamed(&self, (path_now, bytes_now): &(Vec<u8>, u64), reasons: Vec<Reason>) -> Line {
        let (path_now, bytes_now) = (Some(path_now.clone()), Some(*bytes_now));
        Line { class: Class::RenamedDamaged, reasons, path_now, bytes_now, ..self.line.clone() }
    }
}

impl Assessor<'_> {
    /// Pairs what is left of all folders, judges the pairs, and tells the rest as gone and as new.
    pub(crate) fn tell_strays(&mut self) {
        let strays = std::mem::take(&mut self.strays);
        let (gone, new) = (&strays.gone, &strays.new);
        let paths = |folder: &[u8], version: &FileVersion| join(folder, &version.entry.name);
        let was: Vec<(Vec<u8>, u64)> =
            gone.iter().map(|one| (paths(&one.folder, &one.version), one.version.entry.size())).collect();
        let is: Vec<(Vec<u8>, u64)> =
            new.iter().map(|one| (paths(&one.folder, &one.version), one.version.entry.size())).collect();
        let lone = |(name, bytes)| Lone { name, bytes };
        let was_lone: Vec<Lone<'_>> = was.iter().map(|(name, bytes)| lone((name, *bytes))).collect();
        let is_lone: Vec<Lone<'_>> = is.iter().map(|(name, bytes)| lone((name, *bytes))).collect();
        // The same content elsewhere was moved, and is no matter for a verdict.
        let moved = |one: usize, other: usize| gone[one].version.entry.kind == new[other].version.entry.kind;
        let mut pairs: Vec<(usize, usize)> =
            pair_afar(&was_lone, &is_lone).into_iter().map(|pair| (pair.gone, pair.new)).collect();
        pairs.retain(|(one, other)| !moved(*one, *other) && new[*other].version.wreck.is_none());
        let (mut gone_told, mut new_told) = (vec![false; gone.len()], vec![false; new.len()]);
        for (one, other) in strays.pair_by_ending(&was, &is) {
            (gone_told[one], new_told[other]) = (true, true);
            self.push(gone[one].renamed(&is[other], vec![Reason::RenamedAlike]));
        }
        pairs.retain(|(one, other)| !gone_told[*one] && !new_told[*other]);
        for pairs in pairs.chunks(PAIRS_AT_ONCE) {
            let verdicts = self.judge_afar(pairs, gone, new);
            for ((one, other), verdict) in pairs.iter().zip(verdicts) {
                if verdict.class.is_hurt() {
                    (gone_told[*one], new_told[*other]) = (true, true);
                    self.push(gone[*one].renamed(&is[*other], verdict.reasons));
                }
            }
        }
        for (gone, _) in strays.gone.into_iter().zip(gone_told).filter(|(_, told)| !told) {
            self.push(gone.line);
        }
        for ((new, (path, bytes)), _) in strays.new.into_iter().zip(is).zip(new_told).filter(|(_, told)| !told) {
            self.tell_new(path, bytes, new.note);
        }
    }

    fn judge_afar(&self, pairs: &[(usize, usize)], gone: &[Gone], new: &[New]) -> Vec<Verdict> {
        let folders: Vec<Folder> = pairs.iter().map(|(one, other)| self.folder_of(&gone[*one], &new[*other])).collect();
        let tasks: Vec<(usize, Task)> = (0..folders.len()).map(|at| (at, Task::Pair(0, 0))).collect();
        self.judge_all(&folders, &tasks)
    }

    /// Puts two files side by side, as if they lay in one folder: that of the new one.
    fn folder_of(&self, gone: &Gone, new: &New) -> Folder {
        let live = self.chain.live.and_then(|live| {
            let below = new.folder.strip_prefix(live.below).unwrap_or(&new.folder);
            live.tree.folder(below).ok().flatten()
        });
        let (path, gone, new) = (new.folder.clone(), vec![gone.version.clone()], vec![new.version.clone()]);
        Folder { path, gone, new, live, ..Folder::default() }
    }
}
