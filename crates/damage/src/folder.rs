//! One folder: its changes, and what must be judged of them.

use std::collections::{HashMap, HashSet};

use restore::clean::Placed;
use restore::live::LiveFolder;
use triage::pairing::{Lone, pair};
use triage::verdict::{Class, Verdict};
use vault::read::SnapshotReader;
use vault::tree::{Content, Entry, EntryKind};

use crate::chain::{Chain, FileVersion};
use crate::judge::{Evidence, judge_kept};

/// The changes of one folder.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    pub path: Vec<u8>,
    pub changed: Vec<(FileVersion, FileVersion)>,
    pub gone: Vec<FileVersion>,
    pub new: Vec<FileVersion>,
    /// Where the files of the disk lie.
    pub live: Option<LiveFolder>,
}

/// Two versions to judge: places in a folder's `changed`, or in `gone` and `new`.
pub(crate) enum Task {
    Changed(usize),
    Pair(usize, usize),
    /// A new file that may be a wreck that is known: a place in `new`.
    Wreck(usize),
}

impl Folder {
    pub fn judge(&self, task: &Task, chain: &Chain<'_>, evidence: Evidence) -> Verdict {
        let (before, after) = match task {
            Task::Changed(at) => (&self.changed[*at].0, &self.changed[*at].1),
            Task::Pair(gone, new) => (&self.gone[*gone], &self.new[*new]),
            Task::Wreck(new) => {
                let new = &self.new[*new];
                let known = chain.is_wreck(new.wreck.as_deref(), new, self.live.as_ref()).unwrap_or(false);
                return Verdict { class: if known { Class::Note } else { Class::New }, reasons: Vec::new() };
            }
        };
        judge_kept(chain, before, after, self.live.as_ref(), evidence)
    }

    /// Takes what should be there for what was there. What was there and should not be is nobody's loss.
    ///
    /// What stands otherwise than in the base was hurt earlier: its wreck may have got another name since.
    pub fn held_against(self, should: Vec<Placed>, base: usize, after: Option<&SnapshotReader>) -> Self {
        let mut should: HashMap<Vec<u8>, FileVersion> = should
            .into_iter()
            .filter(Placed::is_file)
            .map(|Placed { place, entry, .. }| (entry.name.clone(), FileVersion::new(place, entry)))
            .collect();
        let Self { path, changed, gone, new, live } = self;
        let mut held = Self { path, live, ..Self::default() };
        held.gone = gone.into_iter().filter_map(|gone| should.remove(&gone.entry.name)).collect();
        for after in changed.into_iter().map(|(_, after)| after).chain(new) {
            match should.remove(&after.entry.name) {
                Some(before) => held.changed.push((before, after)),
                None => held.new.push(after),
            }
        }
        if !held.new.is_empty()
            && should.values().any(|kept| kept.place != base)
            && let Some(after) = after
        {
            let there: HashSet<Vec<u8>> = names_in(after, &held.path).collect();
            let lost = should.into_values().filter(|kept| kept.place != base && !there.contains(&kept.entry.name));
            held.gone.extend(lost);
            held.gone.sort_by(|one, other| one.entry.name.cmp(&other.entry.name));
        }
        held
    }

    pub fn bytes_now(&self, task: &Task) -> u64 {
        match task {
            Task::Changed(at) => self.changed[*at].1.entry.size(),
            Task::Pair(_, new) | Task::Wreck(new) => self.new[*new].entry.size(),
        }
    }

    /// Returns what must be judged here: what changed, and what may have got another name.
    pub fn tasks(&self) -> impl Iterator<Item = Task> {
        // A wreck that is known need not be paired with what it was: that would read both.
        // Nor what has the bytes of a file that went: it is a copy, or that file itself, moved.
        let went: HashSet<Vec<u8>> = self.gone.iter().filter_map(|gone| content_key(&gone.entry)).collect();
        let is_copy = |new: &FileVersion| content_key(&new.entry).is_some_and(|key| went.contains(&key));
        let may_be_wreck = |at: &usize| self.new[*at].wreck.is_none() && !is_copy(&self.new[*at]);
        let unknown: Vec<usize> = (0..self.new.len()).filter(may_be_wreck).collect();
        let mut pairs = match (self.gone.is_empty(), unknown.is_empty()) {
            (false, false) => pair(&as_lone(self.gone.iter()), &as_lone(unknown.iter().map(|at| &self.new[*at]))),
            _ => Vec::new(),
        };
        pairs.iter_mut().for_each(|pair| pair.new = unknown[pair.new]);
        let pairs = pairs.into_iter().map(|pair| Task::Pair(pair.gone, pair.new));
        let wrecks = self.new.iter().enumerate().filter(|(_, new)| new.wreck.is_some()).map(|(at, _)| Task::Wreck(at));
        (0..self.changed.len()).map(Task::Changed).chain(wrecks).chain(pairs)
    }
}

/// Returns the names in a folder of a snapshot; what cannot be read is not there.
fn names_in(reader: &SnapshotReader, path: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let folder = reader.find(path).ok().flatten();
    folder.into_iter().flat_map(|folder| reader.entries(&folder).filter_map(Result::ok)).map(|entry| entry.name)
}

fn as_lone<'f>(files: impl Iterator<Item = &'f FileVersion>) -> Vec<Lone<'f>> {
    files.map(|file| Lone { name: &file.entry.name, bytes: file.entry.size() }).collect()
}

/// Joins a folder's path and a name.
pub(crate) fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}

/// Returns what tells contents apart; nothing for an empty file.
pub(crate) fn content_key(entry: &Entry) -> Option<Vec<u8>> {
    match &entry.kind {
        EntryKind::File { content: Content::Chunks(chunks), .. } if !chunks.is_empty() => {
            Some(chunks.iter().flat_map(|chunk| chunk.id.0).collect())
        }
        EntryKind::File { content: Content::List(id, _), .. } => Some(id.0.to_vec()),
        _ => None,
    }
}
