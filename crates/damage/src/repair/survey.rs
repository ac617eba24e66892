//! What is to be done: the tree is looked at, and nothing changed.

use std::collections::BTreeMap;

use restore::clean::{CleanTree, Placed, below_of};
use restore::fill::RestoreError;
use restore::live::{LiveError, LiveFolder, LiveTree, Mark, Thing};
use restore::target::Owners;
use triage::verdict::Class;
use vault::read::ReadFault;
use vault::tree::{Entry, EntryKind};

use super::RepairMonitor;
use crate::chain::{Chain, Live};
use crate::folders::{AssessOptions, Monitor, assess};
use crate::lines::{Line, Totals};

/// How something that stays differs from what was kept, besides its content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttributeDifference {
    /// The twelve permission bits that were kept, and those that it has.
    pub mode: (u32, u32),
    /// Owner and group that it should have, and those that it has; nothing where owners are not compared.
    pub owner: Option<((u32, u32), (u32, u32))>,
}

/// Something that is put back.
#[derive(Clone)]
pub(super) struct Back {
    /// From the source's root.
    pub path: Vec<u8>,
    pub place: usize,
    pub bytes: u64,
    pub is_file: bool,
    pub is_folder: bool,
    /// What lies there, if anything.
    pub there: Seen,
}

/// What lies under a path, after it was judged.
#[derive(Clone, Copy)]
pub(super) enum Seen {
    Nothing,
    Something(Mark),
    /// It is no more what was judged.
    Changed,
}

/// A file that goes.
pub(super) struct Wreck {
    pub path: Vec<u8>,
    pub there: Seen,
    /// What it was made of, if that is known.
    pub was: Option<Back>,
}

/// What a look at the tree came to.
pub(super) struct Survey<'s> {
    monitor: &'s dyn RepairMonitor,
    tree: &'s LiveTree,
    below: &'s [u8],
    owners: &'s Owners,
    pub back: Vec<Back>,
    pub wrecks: Vec<Wreck>,
    /// By path from the source's root; of files also those that are put back.
    pub attributes: BTreeMap<Vec<u8>, AttributeDifference>,
    pub totals: Totals,
    pub open: u64,
    pub elsewhere: u64,
}

/// Looks at a tree, which is a folder of the source.
pub(super) fn survey<'s>(
    clean: &'s CleanTree,
    (tree, below): (&'s LiveTree, &'s [u8]),
    options: &AssessOptions,
    owners: &'s Owners,
    monitor: &'s dyn RepairMonitor,
) -> Result<Survey<'s>, RestoreError> {
    let chain = Chain { snapshots: clean.snapshots(), files_before: 0, live: Some(Live { tree, below, clean }) };
    let mut survey = Survey {
        monitor,
        tree,
        below,
        owners,
        back: Vec::new(),
        wrecks: Vec::new(),
        attributes: BTreeMap::new(),
        totals: Totals::default(),
        open: 0,
        elsewhere: 0,
    };
    survey.totals = assess(chain, options, &mut survey).ok_or(RestoreError::Stopped)?;
    Ok(survey)
}

impl Survey<'_> {
    fn give_back(&mut self, path: &[u8], should: &Placed, there: Seen) {
        let entry = &should.entry;
        let is_folder = entry.is_directory();
        let (path, place) = (path.to_vec(), should.place);
        self.back.push(Back { path, place, bytes: entry.size(), is_file: false, is_folder, there });
    }

    /// Looks at a file that was judged; `line` says how it was then.
    fn seen(&self, path: &[u8], line: &Line) -> Seen {
        let below = below_of(path, self.below).unwrap_or(path);
        let was_there =
            line.class != Class::Deleted && (line.path_now.is_none() || line.path_now.as_deref() == Some(path));
        match self.tree.mark(below) {
            Ok(None) => Seen::Nothing,
            Ok(Some(mark)) if was_there => {
                let is_same = mark.is_file()
                    && line.bytes_now.is_none_or(|bytes| bytes == mark.bytes)
                    && line.mtime_now.is_none_or(|mtime| mtime == mark.mtime);
                if is_same { Seen::Something(mark) } else { Seen::Changed }
            }
            // A file that was not there came since.
            Ok(Some(mark)) if mark.is_file() => Seen::Changed,
            Ok(Some(mark)) => Seen::Something(mark),
            Err(_) => Seen::Changed,
        }
    }

    fn look_at_link(&mut self, path: &[u8], kept: &Entry, is: &Thing, folder: Option<&LiveFolder>) {
        let numbers = |(major, minor): (u32, u32)| format!("{major}:{minor}").into_bytes();
        let (kept, now) = match kept.kind {
            EntryKind::Symlink { ref target } => {
                let Some(Ok(now)) = folder.map(|folder| folder.link_target(&is.name)) else { return };
                (target.clone(), now)
            }
            EntryKind::CharDevice { major, minor } | EntryKind::BlockDevice { major, minor } => {
                (numbers((major, minor)), numbers(is.device))
            }
            _ => return,
        };
        if kept != now {
            self.elsewhere += 1;
            self.monitor.points_elsewhere(path, &kept, &now);
        }
    }

    fn look_at_attributes(&mut self, path: &[u8], kept: &Entry, is: &Thing) {
        let mode = (kept.mode & 0o7777, is.mode);
        let owner = self.owners.wanted(kept).map(|wanted| (wanted, is.owner));
        if mode.0 != mode.1 || owner.is_some_and(|(wanted, has)| wanted != has) {
            self.attributes.insert(path.to_vec(), AttributeDifference { mode, owner });
        }
    }
}

impl Monitor for Survey<'_> {
    fn looked_at(&mut self, files: u64, bytes: u64) {
        self.monitor.looked_at(files, bytes);
    }

    fn line(&mut self, line: Line) {
        match (line.class, line.should) {
            (Class::Damaged | Class::RenamedDamaged | Class::Deleted, Some(place)) => {
                let (path, bytes) = (line.path.clone(), line.bytes_before.unwrap_or(0));
                let there = self.seen(&path, &line);
                let back = Back { path, place, bytes, is_file: true, is_folder: false, there };
                if let Some(path) = &line.path_now {
                    let there = self.seen(path, &line);
                    self.wrecks.push(Wreck { path: path.clone(), there, was: Some(back.clone()) });
                }
                self.back.push(back);
            }
            // A plan says so, and the bytes are those that it speaks of.
            (Class::Note, _) if line.is_known => {
                let there = self.seen(&line.path, &line);
                self.wrecks.push(Wreck { path: line.path, there, was: None });
            }
            (Class::Intact | Class::Edited | Class::New, _) => {}
            _ => {
                self.open += 1;
                self.monitor.open_question(&line);
            }
        }
    }

    fn fault(&mut self, path: &[u8], fault: &ReadFault) {
        self.monitor.unread(path, fault);
    }

    fn unreadable(&mut self, path: &[u8], error: &LiveError) {
        self.monitor.unreadable(path, error);
    }

    fn entering(&mut self, folder: &LiveFolder) {
        folder.sweep();
    }

    fn compared(&mut self, path: &[u8], should: &Placed, is: Option<&Thing>, folder: Option<&LiveFolder>) {
        // A socket is made by whoever listens on it. Files are told as lines.
        let comes_back = !should.is_file() && should.entry.kind != EntryKind::Socket;
        match is {
            None if comes_back => self.give_back(path, should, Seen::Nothing),
            None => {}
            Some(is) if !is.is_kind_of(&should.entry) && comes_back => {
                let mark = folder.and_then(|folder| folder.mark(&is.name).ok().flatten());
                self.give_back(path, should, mark.map_or(Seen::Nothing, Seen::Something));
            }
            Some(is) if !is.is_kind_of(&should.entry) => {}
            Some(is) if should.is_file() || is.is_folder() => self.look_at_attributes(path, &should.entry, is),
            Some(is) => self.look_at_link(path, &should.entry, is, folder),
        }
    }

    fn stopping(&self) -> bool {
        self.monitor.stopping()
    }
}
