//! The walk: changes are gathered folder by folder, judged by several threads, and told in order.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use triage::pairing::{Lone, pair};
use triage::verdict::{Class, Reason, Verdict};
use vault::diff::{Change, ChangeKind, DiffItem, diff};
use vault::read::SnapshotReader;
use vault::tree::{Content, Entry, EntryKind};

use crate::history::History;
use crate::judge::{Evidence, Kept, judge_kept};
use crate::lines::{Line, Totals};

/// How to assess.
#[derive(Clone, Copy, Debug)]
pub struct AssessOptions {
    /// What verdicts come from.
    pub evidence: Evidence,
    /// Threads.
    pub jobs: usize,
}

/// Is told how an assessment goes on.
pub trait Monitor {
    /// A path was judged.
    fn line(&mut self, line: Line);
    /// Part of a directory cannot be read: what changed there is not known.
    fn fault(&mut self, path: &[u8], fault: &vault::read::ReadFault);
    /// Asks whether to stop.
    fn stopping(&self) -> bool;
}

/// Compares the first snapshot of a chain with the last, and says where each damage first shows and which version is clean.
///
/// `chain` holds at least two snapshots of one source, oldest first; `files_before` is how many files the first one has. Notes are told at
/// the end, since they are known by being everywhere. Returns nothing if it was stopped.
pub fn assess(
    chain: &[SnapshotReader],
    files_before: u64,
    options: &AssessOptions,
    monitor: &mut dyn Monitor,
) -> Option<Totals> {
    let totals = Totals { files_before, ..Totals::default() };
    let mut assessor = Assessor {
        chain,
        options,
        monitor,
        totals,
        open: Vec::new(),
        ready: Vec::new(),
        tasks: 0,
        small: HashMap::new(),
    };
    assessor.run()?;
    let totals = assessor.totals;
    Some(Totals { intact: files_before.saturating_sub(totals.not_intact()), ..totals })
}

/// An assessment in progress.
pub struct Assessor<'a> {
    chain: &'a [SnapshotReader],
    options: &'a AssessOptions,
    monitor: &'a mut dyn Monitor,
    totals: Totals,
    open: Vec<Folder>,
    ready: Vec<Folder>,
    tasks: usize,
    /// Small new files that lie beside hurt ones, by content.
    small: HashMap<Vec<u8>, Vec<(Vec<u8>, u64)>>,
}

/// The changes of one folder.
struct Folder {
    path: Vec<u8>,
    changed: Vec<(Entry, Entry)>,
    gone: Vec<Entry>,
    new: Vec<Entry>,
}

/// Two versions to judge: places in a folder's `changed`, or in `gone` and `new`.
enum Task {
    Changed(usize),
    Pair(usize, usize),
}

/// So many comparisons are gathered before threads share them.
const TASKS_MIN: usize = 256;
/// A note is not larger, in bytes.
const NOTE_BYTES_MAX: u64 = 64 << 10;
/// A note lies in so many folders.
const NOTE_FOLDERS_MIN: usize = 3;
/// So many small contents are remembered.
const SMALL_MAX: usize = 1 << 16;

impl Assessor<'_> {
    fn run(&mut self) -> Option<()> {
        let (Some(before), Some(after)) = (self.chain.first(), self.chain.last()) else { return Some(()) };
        for item in diff(before, after) {
            match item {
                DiffItem::Change(change) => self.take(*change),
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
            self.ready.push(folder);
        }
        self.settle();
        self.tell_notes();
        Some(())
    }

    fn take(&mut self, change: Change) {
        let Change { path, before, after, kind } = change;
        let parent = &path[..path.iter().rposition(|byte| *byte == b'/').unwrap_or(0)];
        self.open_folder(parent);
        let Some(folder) = self.open.last_mut() else { return };
        let (before, after) = (before.filter(is_file), after.filter(is_file));
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
            self.ready.extend(self.open.pop());
        }
        self.open.push(Folder { path: path.to_vec(), changed: Vec::new(), gone: Vec::new(), new: Vec::new() });
    }

    /// Judges what is ready.
    fn settle(&mut self) {
        self.tasks = 0;
        let folders = std::mem::take(&mut self.ready);
        let tasks: Vec<(usize, Task)> =
            folders.iter().enumerate().flat_map(|(at, folder)| folder.tasks().map(move |task| (at, task))).collect();
        let mut verdicts = self.judge_all(&folders, &tasks).into_iter();
        let mut tasks = tasks.into_iter().peekable();
        for (at, folder) in folders.into_iter().enumerate() {
            let mut judged = Vec::new();
            while let Some((_, task)) = tasks.next_if(|(of, _)| *of == at) {
                judged.push((task, verdicts.next().expect("a verdict for each task")));
            }
            self.tell(&folder, judged);
        }
    }

    fn judge_all(&self, folders: &[Folder], tasks: &[(usize, Task)]) -> Vec<Verdict> {
        let ends = Ends { chain: self.chain, evidence: self.options.evidence };
        let next = AtomicUsize::new(0);
        let verdicts: Mutex<Vec<(usize, Verdict)>> = Mutex::new(Vec::with_capacity(tasks.len()));
        let work = || {
            let mut done = Vec::new();
            while let Some((at, task)) = {
                let place = next.fetch_add(1, Ordering::Relaxed);
                tasks.get(place).map(|task| (place, task))
            } {
                done.push((at, ends.judge(&folders[task.0], &task.1)));
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
        let mut history = History::new(self.chain, &folder.path, self.options.evidence);
        let (mut gone_left, mut new_left) = (vec![true; folder.gone.len()], vec![true; folder.new.len()]);
        let mut hurt = false;
        for (task, verdict) in judged {
            match task {
                Task::Changed(at) => {
                    let (before, after) = &folder.changed[at];
                    hurt |= verdict.class.is_hurt();
                    let line = history.of_changed(before, after, verdict);
                    self.push(line);
                }
                Task::Pair(gone, new) if verdict.class.is_hurt() => {
                    (gone_left[gone], new_left[new]) = (false, false);
                    hurt = true;
                    let line = history.of_renamed(&folder.gone[gone], &folder.new[new], verdict);
                    self.push(line);
                }
                Task::Pair(..) => {}
            }
        }
        for gone in folder.gone.iter().zip(gone_left).filter(|(_, left)| *left).map(|(entry, _)| entry) {
            let line = history.of_deleted(gone);
            self.push(line);
        }
        for new in folder.new.iter().zip(new_left).filter(|(_, left)| *left).map(|(entry, _)| entry) {
            self.tell_new(folder, new, hurt);
        }
    }

    /// A small new file beside hurt ones may be a note: it waits until all folders are known.
    fn tell_new(&mut self, folder: &Folder, new: &Entry, beside_hurt: bool) {
        let path = join(&folder.path, &new.name);
        let small = (1..=NOTE_BYTES_MAX).contains(&new.size());
        match content_key(new).filter(|_| small && beside_hurt) {
            Some(key) if self.small.len() < SMALL_MAX || self.small.contains_key(&key) => {
                self.small.entry(key).or_default().push((path, new.size()));
            }
            _ => self.push(new_line(path, new.size(), Class::New, self.chain.len())),
        }
    }

    fn tell_notes(&mut self) {
        let mut small: Vec<_> = std::mem::take(&mut self.small).into_values().collect();
        small.sort();
        for places in small {
            let class = if places.len() >= NOTE_FOLDERS_MIN { Class::Note } else { Class::New };
            for (path, bytes) in places {
                self.push(new_line(path, bytes, class, self.chain.len()));
            }
        }
    }

    fn push(&mut self, line: Line) {
        self.totals.count(line.class);
        self.monitor.line(line);
    }
}

/// The first and the last snapshot, for threads that judge.
#[derive(Clone, Copy)]
struct Ends<'a> {
    chain: &'a [SnapshotReader],
    evidence: Evidence,
}

impl Ends<'_> {
    fn judge(&self, folder: &Folder, task: &Task) -> Verdict {
        let (before, after) = match task {
            Task::Changed(at) => (&folder.changed[*at].0, &folder.changed[*at].1),
            Task::Pair(gone, new) => (&folder.gone[*gone], &folder.new[*new]),
        };
        let (first, last) = (&self.chain[0], &self.chain[self.chain.len() - 1]);
        let (before, after) = (Kept { reader: first, entry: before }, Kept { reader: last, entry: after });
        judge_kept(before, after, self.evidence)
    }
}

impl Folder {
    /// Returns what must be judged here: what changed, and what may have got another name.
    fn tasks(&self) -> impl Iterator<Item = Task> {
        let pairs = match (self.gone.is_empty(), self.new.is_empty()) {
            (false, false) => pair(&as_lone(&self.gone), &as_lone(&self.new)),
            _ => Vec::new(),
        };
        let moved = |gone: usize, new: usize| self.gone[gone].kind == self.new[new].kind;
        let pairs: Vec<_> = pairs.into_iter().filter(|pair| !moved(pair.gone, pair.new)).collect();
        (0..self.changed.len()).map(Task::Changed).chain(pairs.into_iter().map(|pair| Task::Pair(pair.gone, pair.new)))
    }
}

fn as_lone(files: &[Entry]) -> Vec<Lone<'_>> {
    files.iter().map(|file| Lone { name: &file.name, bytes: file.size() }).collect()
}

fn new_line(path: Vec<u8>, bytes: u64, class: Class, chain: usize) -> Line {
    let first_seen = (class == Class::Note).then_some(chain - 1);
    let reasons: Vec<Reason> = Vec::new();
    Line { path, path_now: None, class, reasons, first_seen, clean: None, bytes_before: None, bytes_now: Some(bytes) }
}

fn is_file(entry: &Entry) -> bool {
    matches!(entry.kind, EntryKind::File { .. })
}

/// Tells whether a path is below a folder.
fn is_below(path: &[u8], folder: &[u8]) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.first() == Some(&b'/'))
}

/// Joins a folder's path and a name.
pub(crate) fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}

/// Returns what tells contents apart; nothing for an empty file.
fn content_key(entry: &Entry) -> Option<Vec<u8>> {
    match &entry.kind {
        EntryKind::File { content: Content::Chunks(chunks), .. } if !chunks.is_empty() => {
            Some(chunks.iter().flat_map(|chunk| chunk.id.0).collect())
        }
        EntryKind::File { content: Content::List(id, _), .. } => Some(id.0.to_vec()),
        _ => None,
    }
}
