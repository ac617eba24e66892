//! The clean tree: snapshots are followed one by one, and of every file the last version that is not hurt is kept in mind.
//!
//! Each version is judged against the last sound one, not against the one before: a file that is hurt twice is hurt, and one that
//! somebody mended is sound again.

mod others;

use std::collections::{BTreeMap, HashSet};

use restore::clean::{Choice, CleanTree};
use restore::live::LiveError;
use triage::verdict::{Class, Reason};
use vault::read::{ReadFault, SnapshotReader};
use vault::tree::EntryKind;

use others::Others;

use crate::chain::Chain;
use crate::folders::{AssessOptions, Assessor, Monitor};
use crate::lines::Line;

/// What is to be done about a path, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// The path, from the source's root.
    pub path: Vec<u8>,
    /// Where its wreck lies, if that is elsewhere.
    pub path_now: Option<Vec<u8>>,
    /// What became of it.
    pub class: Class,
    /// Why it is called so.
    pub reasons: Vec<Reason>,
    /// The snapshot in which it first shows.
    pub first_seen: usize,
    /// The snapshot that has its last sound version, if there is one.
    pub sound: Option<usize>,
    /// What is proposed.
    pub action: Action,
    /// Length of the sound version in bytes.
    pub bytes: u64,
}

/// What is proposed for a path.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Action {
    /// The last sound version is given back; what lies elsewhere in its place goes.
    Take,
    /// It goes.
    Remove,
    /// It stays as the newest snapshot has it, and a human looks at it.
    Leave,
}

/// A clean tree, and what in it is otherwise than in the newest snapshot.
pub struct Cleaned {
    /// The tree. Its base is the newest snapshot.
    pub tree: CleanTree,
    /// What is otherwise, and what a human should look at, in the order of paths.
    pub rows: Vec<Row>,
    /// Versions of files that were looked at.
    pub versions: u64,
    /// Changes that are sound: they stay.
    pub sound_changes: u64,
    /// Parts of folders that cannot be read.
    pub unread: u64,
}

/// Is told how the making of a clean tree goes on.
pub trait CleanMonitor {
    /// The changes of a snapshot are looked at next: a place in the list.
    fn step(&mut self, place: usize);
    /// So many files more were looked at, that have so many bytes.
    fn looked_at(&mut self, files: u64, bytes: u64);
    /// Part of a folder cannot be read.
    fn fault(&mut self, path: &[u8], fault: &ReadFault);
    /// Asks whether to stop.
    fn stopping(&self) -> bool;
}

/// Makes the clean tree of a source. `snapshots` are its snapshots, oldest first; what the first one holds is taken for sound.
///
/// A file that went in a snapshot in which files were hurt, or in which one in twenty of all went, is given back, unless its content is under another path now; one that went
/// in quiet times stays away. So it is with links, devices and empty folders. What was never sound and changed while others were hurt is unknown, and so is a small file
/// that changed then and is as long as before. Doubtful and unknown files stay as they are, and are listed. Returns nothing if it was stopped, or if
/// there are no snapshots.
pub fn clean(snapshots: &[SnapshotReader], options: &AssessOptions, monitor: &mut dyn CleanMonitor) -> Option<Cleaned> {
    snapshots.first()?;
    let tree = CleanTree::new(snapshots.to_vec(), 0);
    let mut cleaner =
        Cleaner { tree, rows: BTreeMap::new(), wrecks: HashSet::new(), versions: 0, sound_changes: 0, unread: 0 };
    for place in 1..snapshots.len() {
        monitor.step(place);
        let chain = Chain { snapshots: &snapshots[..=place], files_before: 0, live: None };
        let mut step = Step { monitor, lines: Vec::new() };
        let mut assessor = Assessor::new(chain, options, &mut step).with_clean(&cleaner.tree);
        assessor.run(place - 1)?;
        let (moved, totals) = (assessor.moved(), assessor.totals.clone());
        cleaner.unread += totals.unread_directories;
        let others = Others::between(&snapshots[place - 1], &snapshots[place]);
        cleaner.take_step(place, step.lines, &moved, &others);
    }
    Some(cleaner.finish())
}

/// So many files that go at once,
const MASS_FILES_MIN: u64 = 10;
/// and one in so many of all entries, are given back though nothing is hurt: people see them in the plan.
const MASS_SHARE: u64 = 20;

/// In a small file, a few bytes in the place of others may be all that an attacker changed, and too few to show.
const SMALL_BYTES_MAX: u64 = 4096;

/// Tells whether a small file was changed and kept its length, as hardly any work does.
fn is_small_and_as_long(line: &Line) -> bool {
    line.bytes_now.is_some_and(|bytes| bytes <= SMALL_BYTES_MAX) && line.bytes_before == line.bytes_now
}

/// Tells whether a row is there because a change proves nothing.
fn is_doubted(row: &Row) -> bool {
    let is_doubt = |reason: &Reason| matches!(reason, Reason::SameLength | Reason::WrongBefore);
    row.class == Class::Unknown && row.reasons.iter().any(is_doubt)
}

/// Gathers the lines of one step.
struct Step<'m> {
    monitor: &'m mut dyn CleanMonitor,
    lines: Vec<Line>,
}

impl Monitor for Step<'_> {
    fn looked_at(&mut self, files: u64, bytes: u64) {
        self.monitor.looked_at(files, bytes);
    }

    fn line(&mut self, line: Line) {
        self.lines.push(line);
    }

    fn fault(&mut self, path: &[u8], fault: &ReadFault) {
        self.monitor.fault(path, fault);
    }

    fn unreadable(&mut self, _: &[u8], _: &LiveError) {}

    fn stopping(&self) -> bool {
        self.monitor.stopping()
    }
}

struct Cleaner {
    tree: CleanTree,
    rows: BTreeMap<Vec<u8>, Row>,
    /// Where wrecks lie that have other names.
    wrecks: HashSet<Vec<u8>>,
    versions: u64,
    sound_changes: u64,
    unread: u64,
}

impl Cleaner {
    fn take_step(&mut self, place: usize, lines: Vec<Line>, moved: &HashSet<Vec<u8>>, others: &Others) {
        let is_attacked = self.is_attacked(place, &lines, moved);
        let is_hurting = lines.iter().any(|line| line.class.is_hurt());
        for line in lines {
            self.versions += 1;
            match line.class {
                // They prove nothing in quiet times; among files that are hurt, a human looks at them.
                Class::Edited if is_hurting && line.reasons.contains(&Reason::WrongBefore) => {
                    self.doubt(place, line);
                }
                Class::Edited if is_hurting && is_small_and_as_long(&line) => {
                    self.doubt(place, Line { reasons: vec![Reason::SameLength], ..line });
                }
                Class::Intact | Class::Edited => self.accept(&line),
                Class::New => self.arrive(&line),
                Class::Damaged | Class::RenamedDamaged | Class::Suspect | Class::Unknown => self.hold_back(place, line),
                Class::Note => {
                    self.tree.choose(&line.path, Choice::Nothing);
                    self.add(place, line, Action::Remove);
                }
                Class::Deleted => self.go(place, line, is_attacked, moved),
            }
        }
        self.take_others(place, others, is_attacked);
        self.tree.set_base(place);
    }

    /// What is no file comes back if it went while files were taken or hurt.
    fn take_others(&mut self, place: usize, others: &Others, is_attacked: bool) {
        for path in &others.there {
            if self.rows.get(path).is_some_and(|row| row.class == Class::Deleted) {
                self.tree.accept(path);
                self.rows.remove(path);
            }
        }
        for path in others.lost().filter(|_| is_attacked) {
            let sound = self.sound_place(path, place);
            if let Some(sound) = sound.filter(|_| !self.rows.contains_key(path)) {
                self.tree.choose(path, Choice::From(sound));
                let (class, action) = (Class::Deleted, Action::Take);
                let (path, first_seen, sound) = (path.to_vec(), place, Some(sound));
                let row = Row {
                    path: path.clone(),
                    path_now: None,
                    class,
                    reasons: Vec::new(),
                    first_seen,
                    sound,
                    action,
                    bytes: 0,
                };
                self.rows.insert(path, row);
            }
        }
    }

    /// Tells whether what went in a step may have been taken: files were hurt, or too many went at once.
    fn is_attacked(&self, place: usize, lines: &[Line], moved: &HashSet<Vec<u8>>) -> bool {
        let gone =
            lines.iter().filter(|line| line.class == Class::Deleted && !moved.contains(&line.path)).count() as u64;
        let before = match self.tree.snapshots()[place - 1].root().kind {
            EntryKind::Directory { entries_below, .. } => entries_below,
            _ => 0,
        };
        let is_mass = gone >= MASS_FILES_MIN && gone * MASS_SHARE >= before;
        is_mass || lines.iter().any(|line| line.class.is_hurt())
    }

    /// A version is sound: it stands, whatever was before. A doubt of the version that it was judged by is none less.
    fn accept(&mut self, line: &Line) {
        self.sound_changes += u64::from(line.class == Class::Edited);
        self.tree.accept(&line.path);
        if !self.rows.get(&line.path).is_some_and(is_doubted) {
            self.rows.remove(&line.path);
        }
    }

    /// Nothing shows that a version is hurt, and nothing that it is not: it stands, what comes is judged by it, and a human looks at it.
    fn doubt(&mut self, place: usize, line: Line) {
        let sound = match self.rows.get(&line.path) {
            Some(row) if is_doubted(row) => row.sound,
            _ => self.sound_place(&line.path, place),
        };
        self.tree.accept(&line.path);
        let path = line.path.clone();
        self.add(place, Line { class: Class::Unknown, ..line }, Action::Leave);
        if let Some(row) = self.rows.get_mut(&path) {
            row.sound = sound;
        }
    }

    fn arrive(&mut self, line: &Line) {
        // A wreck that is written anew under its name is a wreck.
        if self.wrecks.contains(&line.path) {
            return;
        }
        self.accept(line);
        self.sound_changes += 1;
    }

    /// A version is hurt, or may be: the last sound one is kept in mind, and what comes is judged by it.
    fn hold_back(&mut self, place: usize, line: Line) {
        if let Some(sound) = line.clean.or_else(|| self.sound_place(&line.path, place)) {
            self.tree.choose(&line.path, Choice::From(sound));
        }
        if let Some(now) = &line.path_now {
            self.tree.choose(now, Choice::Nothing);
            self.rows.remove(now);
            self.wrecks.insert(now.clone());
        }
        let action = if line.class.is_hurt() { Action::Take } else { Action::Leave };
        self.add(place, line, action);
    }

    /// A path is empty now.
    fn go(&mut self, place: usize, line: Line, is_attacked: bool, moved: &HashSet<Vec<u8>>) {
        match self.rows.get(&line.path) {
            // Somebody cleared a wreck away.
            Some(row) if row.class.is_hurt() => return,
            _ => {}
        }
        if moved.contains(&line.path) {
            self.tree.accept(&line.path);
            self.rows.remove(&line.path);
        } else if is_attacked {
            if let Some(sound) = self.sound_place(&line.path, place) {
                self.tree.choose(&line.path, Choice::From(sound));
            }
            self.add(place, line, Action::Take);
        } else {
            self.tree.accept(&line.path);
            self.add(place, line, Action::Leave);
        }
    }

    /// Returns which snapshot has what stands under a path, before the step to `place`.
    fn sound_place(&self, path: &[u8], place: usize) -> Option<usize> {
        match self.tree.choice(path) {
            Some(Choice::From(sound)) => Some(sound),
            Some(Choice::Nothing) => None,
            None => place.checked_sub(1),
        }
    }

    fn add(&mut self, place: usize, line: Line, action: Action) {
        let Line { path, path_now, class, reasons, bytes_before, bytes_now, .. } = line;
        let sound = match class {
            Class::Note => None,
            Class::Deleted if action == Action::Leave => place.checked_sub(1),
            _ => self.tree.choice(&path).and_then(Choice::place),
        };
        let bytes = bytes_before.or(bytes_now).unwrap_or(0);
        let first_seen = self.rows.get(&path).filter(|row| row.class.is_hurt()).map_or(place, |row| row.first_seen);
        let row = Row { path: path.clone(), path_now, class, reasons, first_seen, sound, action, bytes };
        self.rows.insert(path, row);
    }

    /// What is not proved to be hurt stays as it is.
    fn finish(mut self) -> Cleaned {
        for row in self.rows.values() {
            if row.action == Action::Leave {
                self.tree.accept(&row.path);
            }
        }
        let rows = self.rows.into_values().collect();
        let Self { tree, versions, sound_changes, unread, .. } = self;
        Cleaned { tree, rows, versions, sound_changes, unread }
    }
}
