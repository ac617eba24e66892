//! Where damage first shows, and which version is clean: the snapshots between the first and the last are asked, one folder at a time.

use std::collections::HashMap;

use triage::verdict::{Class, Verdict};
use vault::read::SnapshotReader;
use vault::tree::{Entry, EntryKind};

use crate::chain::{Chain, FileVersion};
use crate::folder::{Folder, join};
use crate::judge::{Evidence, judge_kept};
use crate::lines::Line;

/// One folder in all places of a chain.
pub(crate) struct History<'a> {
    chain: Chain<'a>,
    folder: &'a Folder,
    evidence: Evidence,
    /// Whether the snapshots between are asked.
    follows: bool,
    /// The folder's files in the snapshots between the first and the last, by name; read when they are first wanted.
    between: Option<Vec<HashMap<Vec<u8>, Entry>>>,
}

/// What the chain says of one name.
struct Past {
    /// The newest version that is not hurt, and the last snapshot that has it.
    clean: Option<usize>,
    /// Where the version that is hurt first shows.
    first_seen: usize,
    verdict: Verdict,
}

impl<'a> History<'a> {
    pub fn new(chain: Chain<'a>, folder: &'a Folder, evidence: Evidence, follows: bool) -> Self {
        Self { chain, folder, evidence, follows, between: None }
    }

    /// Tells of a file with other bytes.
    pub fn of_changed(&mut self, before: &FileVersion, after: &FileVersion, verdict: Verdict) -> Line {
        let path = join(&self.folder.path, &after.entry.name);
        let bytes = (Some(before.entry.size()), Some(after.entry.size()));
        let told = if !matches!(verdict.class, Class::Damaged | Class::Suspect) {
            line((path, None), verdict, (None, None), bytes)
        } else {
            let past = self.past(before, after, verdict);
            line((path, None), past.verdict, (Some(past.first_seen), past.clean), bytes)
        };
        Line { should: Some(before.place), mtime_now: Some(after.entry.mtime), ..told }
    }

    /// Tells of a file that is hurt under another name.
    pub fn of_renamed(&mut self, gone: &FileVersion, new: &FileVersion, verdict: Verdict) -> Line {
        let clean = self.last_with(gone);
        let last = self.chain.last_place();
        let between = self.versions(gone.place, &new.entry.name);
        let first_seen = between.iter().find(|(_, entry)| entry.is_some()).map_or(last, |(at, _)| *at);
        let verdict = Verdict { class: Class::RenamedDamaged, ..verdict };
        let paths = (join(&self.folder.path, &gone.entry.name), Some(join(&self.folder.path, &new.entry.name)));
        let bytes = (Some(gone.entry.size()), Some(new.entry.size()));
        let told = line(paths, verdict, (Some(first_seen), Some(clean)), bytes);
        Line { should: Some(gone.place), mtime_now: Some(new.entry.mtime), ..told }
    }

    /// Tells of a file that is not there any more.
    pub fn of_deleted(&mut self, gone: &FileVersion) -> Line {
        let clean = self.last_with(gone);
        let verdict = Verdict { class: Class::Deleted, reasons: Vec::new() };
        let path = join(&self.folder.path, &gone.entry.name);
        let told = line((path, None), verdict, (Some(clean + 1), Some(clean)), (Some(gone.entry.size()), None));
        Line { should: Some(gone.place), ..told }
    }

    /// Returns the last place before the end that has a name.
    fn last_with(&mut self, gone: &FileVersion) -> usize {
        let between = self.versions(gone.place, &gone.entry.name);
        between.iter().rev().find(|(_, entry)| entry.is_some()).map_or(gone.place, |(at, _)| *at)
    }

    /// Follows a name through the chain: an edit between is a new sound version, and the damage is judged against it.
    fn past(&mut self, before: &FileVersion, after: &FileVersion, verdict: Verdict) -> Past {
        let first = before.place;
        let last = self.chain.last_place();
        let between = self.versions(first, &after.entry.name).into_iter();
        let between = between.filter_map(|(place, entry)| Some(FileVersion::new(place, entry?.clone())));
        let following: Vec<FileVersion> = between.chain([after.clone()]).collect();
        let (mut sound, mut clean) = (before.clone(), first);
        let mut first_hurt: Option<usize> = None;
        let mut judged = verdict;
        for version in following {
            let at = version.place;
            if version.entry.kind == sound.entry.kind {
                (clean, first_hurt) = (at, None);
                continue;
            }
            let known = at == last && sound.place == first;
            let found = if known { judged.clone() } else { self.judge(&sound, &version) };
            if matches!(found.class, Class::Damaged | Class::Suspect | Class::Unknown) {
                first_hurt.get_or_insert(at);
            } else {
                (clean, first_hurt) = (at, None);
                sound = version;
            }
            judged = found;
        }
        // What lies on the disk may be a version that the first one of the chain is not.
        if judged.class == Class::Intact {
            judged.class = Class::Edited;
        }
        Past { clean: Some(clean), first_seen: first_hurt.unwrap_or(last), verdict: judged }
    }

    fn judge(&self, before: &FileVersion, after: &FileVersion) -> Verdict {
        judge_kept(&self.chain, before, after, self.folder.live.as_ref(), self.evidence)
    }

    /// Returns the versions of a name in the snapshots between a place and the end, each with its place.
    fn versions(&mut self, first: usize, name: &[u8]) -> Vec<(usize, Option<&Entry>)> {
        if !self.follows {
            return Vec::new();
        }
        let (chain, path) = (self.chain, &self.folder.path);
        let between = self.between.get_or_insert_with(|| {
            let inner = chain.snapshots.get(1..chain.last_place()).unwrap_or_default();
            inner.iter().map(|reader| files_in(reader, path)).collect()
        });
        let places = between.iter().enumerate().map(|(at, files)| (at + 1, files.get(name)));
        places.filter(|(place, _)| *place > first).collect()
    }
}

/// Returns the files of a folder in a snapshot; what cannot be read is not there.
fn files_in(reader: &SnapshotReader, path: &[u8]) -> HashMap<Vec<u8>, Entry> {
    let Ok(Some(folder)) = reader.find(path) else { return HashMap::new() };
    let entries = reader.entries(&folder).filter_map(Result::ok);
    let files = entries.filter(|entry| matches!(entry.kind, EntryKind::File { .. }));
    files.map(|entry| (entry.name.clone(), entry)).collect()
}

fn line(
    (path, path_now): (Vec<u8>, Option<Vec<u8>>),
    verdict: Verdict,
    (first_seen, clean): (Option<usize>, Option<usize>),
    (bytes_before, bytes_now): (Option<u64>, Option<u64>),
) -> Line {
    let (class, reasons) = (verdict.class, verdict.reasons);
    let (should, is_known, mtime_now) = (None, false, None);
    Line { path, path_now, class, reasons, first_seen, clean, should, is_known, bytes_before, bytes_now, mtime_now }
}
