//! Where damage first shows, and which version is clean: the snapshots between the first and the last are asked, one folder at a time.

use std::collections::HashMap;

use triage::verdict::{Class, Verdict};
use vault::read::SnapshotReader;
use vault::tree::{Entry, EntryKind};

use crate::folders::join;
use crate::judge::{Evidence, Kept, judge_kept};
use crate::lines::Line;

/// One folder in all snapshots of a chain.
pub(crate) struct History<'a> {
    chain: &'a [SnapshotReader],
    path: &'a [u8],
    evidence: Evidence,
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
    pub fn new(chain: &'a [SnapshotReader], path: &'a [u8], evidence: Evidence) -> Self {
        Self { chain, path, evidence, between: None }
    }

    /// Tells of a file with other bytes.
    pub fn of_changed(&mut self, before: &Entry, after: &Entry, verdict: Verdict) -> Line {
        let path = join(self.path, &after.name);
        let bytes = (Some(before.size()), Some(after.size()));
        if !matches!(verdict.class, Class::Damaged | Class::Suspect) {
            return line((path, None), verdict, (None, None), bytes);
        }
        let past = self.past(before, after, verdict);
        line((path, None), past.verdict, (Some(past.first_seen), past.clean), bytes)
    }

    /// Tells of a file that is hurt under another name.
    pub fn of_renamed(&mut self, gone: &Entry, new: &Entry, verdict: Verdict) -> Line {
        let last = self.chain.len() - 1;
        let (was, is) = (gone.name.clone(), new.name.clone());
        let versions = self.versions(&was);
        let clean = versions.iter().rposition(Option::is_some).map(|between| between + 1).unwrap_or(0);
        let first_seen = self.versions(&is).iter().position(Option::is_some).map_or(last, |between| between + 1);
        let verdict = Verdict { class: Class::RenamedDamaged, ..verdict };
        let paths = (join(self.path, &was), Some(join(self.path, &is)));
        line(paths, verdict, (Some(first_seen), Some(clean)), (Some(gone.size()), Some(new.size())))
    }

    /// Tells of a file that is not there any more.
    pub fn of_deleted(&mut self, gone: &Entry) -> Line {
        let name = gone.name.clone();
        let clean = self.versions(&name).iter().rposition(Option::is_some).map_or(0, |between| between + 1);
        let verdict = Verdict { class: Class::Deleted, reasons: Vec::new() };
        line((join(self.path, &name), None), verdict, (Some(clean + 1), Some(clean)), (Some(gone.size()), None))
    }

    /// Follows a name through the chain: an edit between is a new sound version, and the damage is judged against it.
    fn past(&mut self, before: &Entry, after: &Entry, verdict: Verdict) -> Past {
        let last = self.chain.len() - 1;
        let versions: Vec<Option<Entry>> = self.versions(&after.name).into_iter().map(|entry| entry.cloned()).collect();
        let (mut sound, mut sound_at, mut clean) = (before.clone(), 0, 0);
        let mut first_hurt: Option<usize> = None;
        let mut judged = verdict;
        let following = versions.into_iter().enumerate().map(|(at, entry)| (at + 1, entry));
        for (at, entry) in following.chain([(last, Some(after.clone()))]) {
            let Some(entry) = entry else { continue };
            if entry.kind == sound.kind {
                (clean, first_hurt) = (at, None);
                continue;
            }
            let known = at == last && sound_at == 0;
            let found = if known { judged.clone() } else { self.judge((sound_at, &sound), (at, &entry)) };
            if matches!(found.class, Class::Damaged | Class::Suspect | Class::Unknown) {
                first_hurt.get_or_insert(at);
                judged = found;
            } else {
                (sound, sound_at, clean, first_hurt) = (entry, at, at, None);
                judged = found;
            }
        }
        Past { clean: Some(clean), first_seen: first_hurt.unwrap_or(last), verdict: judged }
    }

    fn judge(&self, before: (usize, &Entry), after: (usize, &Entry)) -> Verdict {
        let (reader, entry) = (&self.chain[before.0], before.1);
        let was = Kept { reader, entry };
        let (reader, entry) = (&self.chain[after.0], after.1);
        judge_kept(was, Kept { reader, entry }, self.evidence)
    }

    /// Returns the versions of a name in the snapshots between.
    fn versions(&mut self, name: &[u8]) -> Vec<Option<&Entry>> {
        let (chain, path) = (self.chain, self.path);
        let between = self.between.get_or_insert_with(|| {
            let inner = chain.get(1..chain.len().saturating_sub(1)).unwrap_or_default();
            inner.iter().map(|reader| files_in(reader, path)).collect()
        });
        between.iter().map(|files| files.get(name)).collect()
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
    Line { path, path_now, class: verdict.class, reasons: verdict.reasons, first_seen, clean, bytes_before, bytes_now }
}
