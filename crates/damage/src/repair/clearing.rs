//! Making room for what comes back, and taking away what the attacker left.

use std::collections::HashSet;
use std::sync::Arc;

use restore::TreePath;
use restore::clean::below_of;
use restore::evidence::{Evidence, EvidenceError, remove};
use restore::fill::RestoreError;
use restore::live::{LiveTree, Mark};
use restore::target::{Expected, TargetError};

use super::survey::{Back, Seen, Wreck};
use super::{RepairError, RepairMonitor};

/// The tree, and where what goes is kept.
pub(super) struct Clearing<'c> {
    tree: &'c LiveTree,
    below: &'c [u8],
    evidence: Option<&'c Evidence>,
    monitor: &'c dyn RepairMonitor,
    expected: Arc<Expected>,
    /// Paths from the source's root at which something stays.
    stayed: HashSet<Vec<u8>>,
}

impl<'c> Clearing<'c> {
    pub fn new(
        tree: &'c LiveTree,
        below: &'c [u8],
        evidence: Option<&'c Evidence>,
        monitor: &'c dyn RepairMonitor,
    ) -> Self {
        Self { tree, below, evidence, monitor, expected: Arc::default(), stayed: HashSet::new() }
    }

    /// Keeps what is to be replaced, and removes what no new version can replace. Returns what can be put back: the others stay, and all
    /// that would lie below them.
    pub fn make_room(&mut self, back: Vec<Back>) -> Result<Vec<(Vec<u8>, usize)>, RepairError> {
        let (mut paths, mut expected) = (Vec::new(), Expected::new());
        for back in back {
            self.check_stopping()?;
            if self.is_below_what_stays(&back.path) {
                continue;
            }
            let room = self.room_for(&back);
            if let Some(there) = self.told(&back.path, room)? {
                expected.insert(self.path_below(&back.path).to_vec(), there);
                paths.push((back.path, back.place));
            }
        }
        self.sync()?;
        self.expected = Arc::new(expected);
        Ok(paths)
    }

    /// Tells whether a path is put back.
    pub fn is_given(&self, path: &[u8]) -> bool {
        self.expected.contains_key(self.path_below(path))
    }

    /// Returns what lies where something is put back.
    pub fn expected(&self) -> Arc<Expected> {
        Arc::clone(&self.expected)
    }

    /// Returns how much stays that should not.
    pub fn stayed(&self) -> u64 {
        self.stayed.len() as u64
    }

    /// Takes wrecks and notes away, each if what it was made of is there again. Returns how many went.
    pub fn take_away(&mut self, wrecks: Vec<Wreck>) -> Result<u64, RepairError> {
        let mut kept = Vec::new();
        for Wreck { path, there, was } in wrecks {
            self.check_stopping()?;
            if was.is_some_and(|was| !self.is_there(&was)) {
                continue;
            }
            let may_go = self.keep(&path, there);
            if let Some(Some(mark)) = self.told(&path, may_go)? {
                kept.push((path, mark));
            }
        }
        self.sync()?;
        let mut gone = 0;
        for (path, mark) in kept {
            self.check_stopping()?;
            let removed = remove(self.tree, self.path_below(&path), &mark);
            gone += u64::from(self.told(&path, removed)?.is_some());
        }
        Ok(gone)
    }

    /// Makes room for one thing; returns what it replaces.
    fn room_for(&self, back: &Back) -> Result<Option<Mark>, EvidenceError> {
        let path = self.path_below(&back.path);
        if let Seen::Something(mark) = back.there {
            if mark.is_folder() {
                remove(self.tree, path, &mark)?;
                return Ok(None);
            }
            if mark.is_file() && !back.is_file && self.evidence.is_none() {
                return Err(EvidenceError::File(TreePath::new(path)));
            }
        }
        let there = self.keep(&back.path, back.there)?;
        match there {
            // A folder takes nobody's place by itself.
            Some(mark) if back.is_folder => {
                self.evidence.map_or(Ok(()), Evidence::sync)?;
                remove(self.tree, path, &mark)?;
                Ok(None)
            }
            there => Ok(there),
        }
    }

    /// Keeps what lies at a path among the evidence, if there is any.
    fn keep(&self, path: &[u8], there: Seen) -> Result<Option<Mark>, EvidenceError> {
        let path = self.path_below(path);
        match (there, self.evidence) {
            (Seen::Nothing, _) => Ok(None),
            (Seen::Changed, _) => Err(EvidenceError::Changed(TreePath::new(path))),
            (Seen::Something(mark), None) => Ok(Some(mark)),
            (Seen::Something(mark), Some(evidence)) => evidence.keep(self.tree, path, &mark).map(|()| Some(mark)),
        }
    }

    /// Tells of what stays, and returns nothing for it. Evidence that takes nothing more ends the repair: it would fail for every file.
    fn told<T>(&mut self, path: &[u8], done: Result<T, EvidenceError>) -> Result<Option<T>, RepairError> {
        match done {
            Ok(done) => Ok(Some(done)),
            Err(EvidenceError::Target(error @ (TargetError::NoSpace { .. } | TargetError::ReadOnly(_)))) => {
                Err(error.into())
            }
            Err(error) => {
                self.monitor.stays(path, &error);
                self.stayed.insert(path.to_vec());
                Ok(None)
            }
        }
    }

    fn sync(&self) -> Result<(), RepairError> {
        Ok(self.evidence.map_or(Ok(()), Evidence::sync)?)
    }

    fn check_stopping(&self) -> Result<(), RepairError> {
        if self.monitor.stopping() { Err(RestoreError::Stopped.into()) } else { Ok(()) }
    }

    fn path_below<'p>(&self, path: &'p [u8]) -> &'p [u8] {
        below_of(path, self.below).unwrap_or(path)
    }

    fn is_below_what_stays(&self, path: &[u8]) -> bool {
        let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        !self.stayed.is_empty() && ends.into_iter().any(|end| self.stayed.contains(&path[..end]))
    }

    fn is_there(&self, back: &Back) -> bool {
        let mark = self.tree.mark(self.path_below(&back.path)).ok().flatten();
        mark.is_some_and(|mark| mark.is_file() && mark.bytes == back.bytes)
    }
}
