//! The walk: changes are gathered folder by folder, judged by several threads, and told in order.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use restore::clean::{CleanTree, Placed};
use restore::live::{LiveError, LiveFolder, Thing};
use triage::Content as _;
use triage::emptying::Emptying;
use triage::verdict::{Class, Reason, Verdict};
use vault::blob::BlobKind;
use vault::diff::{Change, ChangeKind, DiffItem, diff};
use vault::tree::{Entry, EntryKind};

use crate::chain::{Chain, FileVersion};
use crate::folder::{Folder, Task, content_key, join};
use crate::history::History;
use crate::judge::{Evidence, fill};
use crate::lines::{Line, Totals};
use crate::strays::Strays;

/// How to assess.
#[derive(Clone, Copy, Debug)]
pub struct AssessOptions {
    /// What verdicts come from.
    pub evidence: Evidence,
    /// Threads.
    pub jobs: usize,
    /// Ask the snapshots between since when a file is hurt, and which version of it is the last sound one.
    pub follows: bool,
}

/// Is told how an assessment goes on.
pub trait Monitor {
    /// So many files more were looked at, that have so many bytes now.
    fn looked_at(&mut self, files: u64, bytes: u64);
    /// A path was judged, and is not intact.
    fn line(&mut self, line: Line);
    /// Part of a directory cannot be read: what changed there is not known.
    fn fault(&mut self, path: &[u8], fault: &vault::read::ReadFault);
    /// A folder of the disk cannot be read: what is in it is not known.
    fn unreadable(&mut self, path: &[u8], error: &LiveError);
    /// A folder of the disk is about to be listed.
    fn entering(&mut self, _folder: &LiveFolder) {}
    /// Whatever should lie at a path was compared with what lies there, but for the bytes of files, which are told as lines. The folder
    /// is none where there is none.
    fn compared(&mut self, _path: &[u8], _should: &Placed, _is: Option<&Thing>, _folder: Option<&LiveFolder>) {}
    /// Asks whether to stop.
    fn stopping(&self) -> bool;
}

/// Compares the first snapshot of a chain with the last, or what should be on the disk with what is there; says where each damage first
/// shows and which version is clean.
///
/// Notes are told at the end, since they are known by being everywhere. Returns nothing if it was stopped.
pub fn assess(chain: Chain<'_>, options: &AssessOptions, monitor: &mut dyn Monitor) -> Option<Totals> {
    let mut assessor = Assessor::new(chain, options, monitor);
    match chain.live {
        Some(live) => assessor.run_live(live)?,
        None => assessor.run(0)?,
    }
    let totals = assessor.totals;
    Some(Totals { intact: totals.files_before.saturating_sub(totals.not_intact()), ..totals })
}

/// An assessment in progress.
pub(crate) struct Assessor<'a> {
    pub(crate) chain: Chain<'a>,
    options: &'a AssessOptions,
    pub(crate) monitor: &'a mut dyn Monitor,
    pub(crate) totals: Totals,
    open: Vec<Folder>,
    ready: Vec<Folder>,
    tasks: usize,
    /// Small new files, by content.
    small: HashMap<Vec<u8>, Vec<Small>>,
    /// Texts that were emptied, and what else was.
    emptied: Vec<Line>,
    emptying: Emptying,
    /// Files without a counterpart in their folder: they may have one elsewhere.
    pub(crate) strays: Strays,
    /// What should be there, if that is not what the snapshot before has.
    should: Option<&'a CleanTree>,
    /// Contents that are new under some path, and under how many, and those that are gone from one: what is both was moved.
    arrived: HashMap<Vec<u8>, u64>,
    departed: Vec<(Vec<u8>, Vec<u8>)>,
}

/// A small new file.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Small {
    path: Vec<u8>,
    bytes: u64,
    beside_hurt: bool,
}

/// So many comparisons are gathered before threads share them.
const TASKS_MIN: usize = 256;
/// A note is not larger, in bytes.
const NOTE_BYTES_MAX: u64 = 64 << 10;
/// A note lies in so many folders.
const NOTE_FOLDERS_MIN: usize = 3;
/// So many texts that were emptied wait for the end.
const EMPTIED_MAX: usize = 1 << 16;
/// So many small contents are remembered.
const SMALL_MAX: usize = 1 << 16;

impl<'a> Assessor<'a> {
    pub(crate) fn new(chain: Chain<'a>, options: &'a AssessOptions, monitor: &'a mut dyn Monitor) -> Self {
        Self {
            chain,
            options,
            monitor,
            totals: Totals::default(),
            open: Vec::new(),
            ready: Vec::new(),
            tasks: 0,
            small: HashMap::new(),
            emptied: Vec::new(),
            emptying: Emptying::default(),
            strays: Strays::default(),
            should: None,
            arrived: HashMap::new(),
            departed: Vec::new(),
        }
    }

    /// Judges by what should be there.
    pub(crate) fn with_clean(self, should: &'a CleanTree) -> Self {
        Self { should: Some(should), ..self }
    }

    /// Compares the snapshot at a place with the last one.
    pub(crate) fn run(&mut self, first: usize) -> Option<()> {
        let (Some(before), Some(after)) = (self.chain.snapshots.get(first), self.chain.snapshots.last()) else {
            return Some(());
        };
        let last = self.chain.last_place();
        self.totals.files_before = self.chain.files_before;
        for item in diff(before, after) {
            match item {
                DiffItem::Change(change) => self.take(*change, (first, last)),
                DiffItem::Fault { path, fault, .. } => {
                    self.totals.unread_directories += 1;
                    self.monitor.fault(&path, &fault);
                }
            }
            if self.monitor.stopping() {
                return None;
            }
            if self.tasks >= TASKS_MIN {
                self.settle();
            }
        }
        while let Some(folder) = self.open.pop() {
            self.close_folder(folder);
        }
        self.finish();
        Some(())
    }

    /// Takes a folder whose files are all known.
    pub(crate) fn take_folder(&mut self, folder: Folder) {
        self.tasks += folder.changed.len().max(1);
        self.ready.push(folder);
        if self.tasks >= TASKS_MIN {
            self.settle();
        }
    }

    /// Returns the paths from which content went to another path, after a step is judged. If more went than came, nobody knows which of
    /// them was moved: none is said to be.
    pub(crate) fn moved(&self) -> HashSet<Vec<u8>> {
        let mut went: HashMap<&[u8], u64> = HashMap::new();
        for (_, key) in &self.departed {
            *went.entry(key).or_default() += 1;
        }
        let came = |key: &[u8]| self.arrived.get(key).copied().unwrap_or(0) >= went.get(key).copied().unwrap_or(0);
        self.departed.iter().filter(|(_, key)| came(key)).map(|(path, _)| path.clone()).collect()
    }

    /// Judges what is left, and tells what is known when all is.
    pub(crate) fn finish(&mut self) {
        self.settle();
        self.tell_strays();
        self.tell_emptied();
        self.tell_notes();
    }

    fn take(&mut self, change: Change, (first, last): (usize, usize)) {
        let Change { path, before, after, kind } = change;
        let parent = &path[..path.iter().rposition(|byte| *byte == b'/').unwrap_or(0)];
        self.open_folder(parent);
        let Some(folder) = self.open.last_mut() else { return };
        let before = before.filter(is_file).map(|entry| FileVersion::new(first, entry));
        let after = after.filter(is_file).map(|entry| FileVersion::new(last, entry));
        match (before, after) {
            (Some(before), Some(after)) if kind == ChangeKind::Content => {
                folder.changed.push((before, after));
                self.tasks += 1;
            }
            (Some(_), Some(_)) | (None, None) => {}
            (Some(before), None) => folder.gone.push(before),
            (None, Some(after)) => folder.new.push(after),
        }
    }

    /// Makes a folder the innermost open one; those that the walk has left are ready.
    fn open_folder(&mut self, path: &[u8]) {
        while let Some(last) = self.open.last() {
            if last.path == path {
                return;
            }
            if is_below(path, &last.path) {
                break;
            }
            if let Some(left) = self.open.pop() {
                self.close_folder(left);
            }
        }
        self.open.push(Folder { path: path.to_vec(), ..Folder::default() });
    }

    /// Takes a folder whose changes are all known.
    fn close_folder(&mut self, folder: Folder) {
        let folder = match self.should {
            Some(should) => {
                let known = should.folder(&folder.path);
                for fault in &known.faults {
                    self.totals.unread_directories += 1;
                    self.monitor.fault(&folder.path, fault);
                }
                let after = self.chain.snapshots.last();
                folder.held_against(known.entries, should.base(), after)
            }
            None => folder,
        };
        self.ready.push(folder);
    }

    /// Judges what is ready.
    fn settle(&mut self) {
        self.tasks = 0;
        let folders = std::mem::take(&mut self.ready);
        let tasks: Vec<(usize, Task)> =
            folders.iter().enumerate().flat_map(|(at, folder)| folder.tasks().map(move |task| (at, task))).collect();
        let mut verdicts = self.judge_all(&folders, &tasks).into_iter();
        let bytes = tasks.iter().map(|(at, task)| folders[*at].bytes_now(task)).sum();
        self.monitor.looked_at(tasks.len() as u64, bytes);
        let mut tasks = tasks.into_iter().peekable();
        for (at, folder) in folders.into_iter().enumerate() {
            let mut judged = Vec::new();
            while let Some((_, task)) = tasks.next_if(|(of, _)| *of == at) {
                judged.push((task, verdicts.next().expect("a verdict for each task")));
            }
            self.tell(&folder, judged);
        }
    }

    pub(crate) fn judge_all(&self, folders: &[Folder], tasks: &[(usize, Task)]) -> Vec<Verdict> {
        let (chain, evidence) = (self.chain, self.options.evidence);
        let next = AtomicUsize::new(0);
        let verdicts: Mutex<Vec<(usize, Verdict)>> = Mutex::new(Vec::with_capacity(tasks.len()));
        let work = || {
            let mut done = Vec::new();
            while let Some((at, task)) = {
                let place = next.fetch_add(1, Ordering::Relaxed);
                tasks.get(place).map(|task| (place, task))
            } {
                done.push((at, folders[task.0].judge(&task.1, &chain, evidence)));
            }
            verdicts.lock().expect("no thread panics with it").append(&mut done);
        };
        if tasks.len() < 2 || self.options.jobs < 2 {
            work();
        } else {
            std::thread::scope(|scope| (0..self.options.jobs).for_each(|_| drop(scope.spawn(work))));
        }
        let mut verdicts = verdicts.into_inner().expect("no thread panics with it");
        verdicts.sort_by_key(|(at, _)| *at);
        verdicts.into_iter().map(|(_, verdict)| verdict).collect()
    }

    /// Tells what became of a folder's files.
    fn tell(&mut self, folder: &Folder, judged: Vec<(Task, Verdict)>) {
        let mut history = History::new(self.chain, folder, self.options.evidence, self.options.follows);
        let (mut gone_left, mut new_left) = (vec![true; folder.gone.len()], vec![true; folder.new.len()]);
        let mut hurt = false;
        for (task, verdict) in judged {
            match task {
                Task::Changed(at) if verdict.class == Class::Intact => {
                    if self.should.is_some() {
                        let (before, after) = &folder.changed[at];
                        let line = history.of_changed(before, after, verdict);
                        self.monitor.line(line);
                    }
                }
                Task::Changed(at) => {
                    let (before, after) = &folder.changed[at];
                    hurt |= verdict.class.is_hurt();
                    let line = history.of_changed(before, after, verdict);
                    self.push(line);
                }
                Task::Pair(gone, new) if self.is_lost(&folder.gone[gone]) && !is_named_after(folder, gone, new) => {}
                Task::Pair(gone, new) if verdict.class.is_hurt() => {
                    (gone_left[gone], new_left[new]) = (false, false);
                    hurt = true;
                    let line = history.of_renamed(&folder.gone[gone], &folder.new[new], verdict);
                    self.push(line);
                }
                Task::Pair(..) => {}
                Task::Wreck(new) if verdict.class == Class::Note => {
                    (new_left[new], hurt) = (false, true);
                    let (path, bytes) = (join(&folder.path, &folder.new[new].entry.name), folder.new[new].entry.size());
                    let line = new_line(path, bytes, Class::Note, self.chain.last_place());
                    let mtime_now = Some(folder.new[new].entry.mtime);
                    self.push(Line { is_known: true, mtime_now, ..line });
                }
                Task::Wreck(_) => {}
            }
        }
        if self.should.is_some() {
            for key in folder.new.iter().filter_map(|new| content_key(&new.entry)) {
                *self.arrived.entry(key).or_default() += 1;
            }
        }
        for gone in folder.gone.iter().zip(gone_left).filter(|(_, left)| *left).map(|(entry, _)| entry) {
            if let (Some(_), Some(key)) = (self.should, content_key(&gone.entry)) {
                self.departed.push((join(&folder.path, &gone.entry.name), key));
            }
            let line = history.of_deleted(gone);
            let told = if self.is_lost(gone) { Some(line) } else { self.strays.keep_gone(&folder.path, gone, line) };
            if let Some(line) = told {
                self.push(line);
            }
        }
        for new in folder.new.iter().zip(new_left).filter(|(_, left)| *left).map(|(entry, _)| entry) {
            let bytes = new.entry.size();
            let may_be_note = (1..=NOTE_BYTES_MAX).contains(&bytes);
            let key = may_be_note.then(|| self.content_key(folder, new)).flatten();
            let note = key.map(|key| (key, hurt));
            if let Some(note) = self.strays.keep_new(&folder.path, new, note) {
                self.tell_new(join(&folder.path, &new.entry.name), bytes, note);
            }
        }
    }

    /// Tells whether a file was hurt in an earlier step, and is only kept in mind since.
    fn is_lost(&self, gone: &FileVersion) -> bool {
        self.should.is_some_and(|should| gone.place != should.base())
    }

    /// A small new file may be a note: it waits until all folders are known.
    pub(crate) fn tell_new(&mut self, path: Vec<u8>, bytes: u64, note: Option<(Vec<u8>, bool)>) {
        match note {
            Some((key, beside_hurt)) if self.small.len() < SMALL_MAX || self.small.contains_key(&key) => {
                self.small.entry(key).or_default().push(Small { path, bytes, beside_hurt });
            }
            _ => self.push(new_line(path, bytes, Class::New, self.chain.last_place())),
        }
    }

    /// Returns what tells contents apart; nothing for an empty file and for what cannot be read.
    fn content_key(&self, folder: &Folder, file: &FileVersion) -> Option<Vec<u8>> {
        if !self.chain.is_live(file.place) {
            return content_key(&file.entry);
        }
        let content = self.chain.open(file, folder.live.as_ref()).ok()?;
        let mut bytes = vec![0; content.bytes() as usize];
        fill(&content, 0, &mut bytes).ok()?;
        let secrets = self.chain.snapshots.first()?.strand().secrets();
        Some(BlobKind::Chunk.id(&secrets.id_key, &bytes).0.to_vec())
    }

    fn tell_notes(&mut self) {
        let mut small: Vec<_> = std::mem::take(&mut self.small).into_values().collect();
        small.sort();
        for places in small {
            // Beside hurt files in many folders it is a note, and then it is one everywhere.
            let beside_hurt = places.iter().filter(|place| place.beside_hurt).count();
            let class = if beside_hurt >= NOTE_FOLDERS_MIN { Class::Note } else { Class::New };
            for Small { path, bytes, .. } in places {
                self.push(new_line(path, bytes, class, self.chain.last_place()));
            }
        }
    }

    /// Tells of texts that were emptied, now that it is known what else was.
    fn tell_emptied(&mut self) {
        for line in std::mem::take(&mut self.emptied) {
            let class = self.emptying.raise(line.class, &line.reasons);
            self.tell_line(Line { class, ..line });
        }
    }

    pub(crate) fn push(&mut self, line: Line) {
        self.emptying.note(line.class, &line.reasons);
        if Emptying::is_waiting(line.class, &line.reasons) && self.emptied.len() < EMPTIED_MAX {
            return self.emptied.push(line);
        }
        self.tell_line(line);
    }

    fn tell_line(&mut self, line: Line) {
        self.totals.count(line.class);
        self.strays.learn(&line);
        self.monitor.line(line);
    }
}

/// Tells whether a wreck has the name of what it was, with something behind it. Of a file that was hurt long ago only this shows its
/// wreck: whatever else is new may be somebody's work.
fn is_named_after(folder: &Folder, gone: usize, new: usize) -> bool {
    folder.new[new].entry.name.starts_with(&folder.gone[gone].entry.name)
}

fn new_line(path: Vec<u8>, bytes: u64, class: Class, last: usize) -> Line {
    let first_seen = (class == Class::Note).then_some(last);
    let reasons: Vec<Reason> = Vec::new();
    Line {
        path,
        path_now: None,
        class,
        reasons,
        first_seen,
        clean: None,
        should: None,
        is_known: false,
        bytes_before: None,
        bytes_now: Some(bytes),
        mtime_now: None,
    }
}

fn is_file(entry: &Entry) -> bool {
    matches!(entry.kind, EntryKind::File { .. })
}

/// Tells whether a path is below a folder.
fn is_below(path: &[u8], folder: &[u8]) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.first() == Some(&b'/'))
}
