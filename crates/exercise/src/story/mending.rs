//! What became of the harm: the plan, the repair, what differs after it, and what can be attested.

use damage::{Action, AttributeDifference, Cleaned, Line, Monitor, RepairMonitor, Repaired, Statement};
use restore::compare::Comparison;
use restore::evidence::EvidenceError;
use restore::fill::{Fault, RestoreMonitor};
use restore::live::LiveError;
use restore::target::AttributeWarning;
use vault::read::ReadFault;

use super::Narrator;

/// How the repair went.
#[derive(Clone, Debug, Default)]
pub struct Mending {
    /// Files that the plan gives back.
    pub planned: u64,
    /// Files that it takes away.
    pub dropped: u64,
    /// Files that it leaves for people to look at.
    pub open: u64,
    /// Files that were put back.
    pub back: u64,
    /// Bytes that were put back.
    pub bytes: u64,
    /// Files that were as they should be, and were not touched.
    pub untouched: u64,
    /// Differences between the repaired copy and what there was before the attack; the first are named to the narrator.
    pub differences: u64,
    /// Notes of the attack that are still there: in one folder or two, nothing tells them from other new files.
    pub notes_left: u64,
    /// Files that are attested to be bit by bit what was kept.
    pub attested: u64,
    /// Files that are not.
    pub not_attested: u64,
}

impl Mending {
    pub(super) fn of(cleaned: &Cleaned, repaired: &Repaired, comparison: &Comparison, statement: &Statement) -> Self {
        let planned = |action: Action| cleaned.rows.iter().filter(|row| row.action == action).count() as u64;
        Self {
            planned: planned(Action::Take),
            dropped: planned(Action::Remove),
            open: planned(Action::Leave),
            back: repaired.outcome.entries,
            bytes: repaired.outcome.bytes,
            untouched: repaired.totals.intact,
            differences: comparison.differences_total,
            notes_left: 0,
            attested: statement.counts.identical,
            not_attested: statement.counts.files - statement.counts.identical,
        }
    }

    /// Tells whether everything is as before the attack.
    pub fn is_whole(&self) -> bool {
        self.differences == 0 && self.not_attested == 0
    }
}

/// Tells a narrator how a repair goes on.
pub(super) struct Teller<'n>(pub &'n dyn Narrator);

impl damage::CleanMonitor for Teller<'_> {
    fn step(&mut self, _: usize) {}

    fn looked_at(&mut self, files: u64, bytes: u64) {
        tell_files(self.0, files, bytes);
    }

    fn fault(&mut self, _: &[u8], fault: &ReadFault) {
        self.0.difference(fault.to_string());
    }

    fn stopping(&self) -> bool {
        RestoreMonitor::stopping(self.0)
    }
}

impl RestoreMonitor for Teller<'_> {
    fn total(&self, entries: u64, bytes: u64) {
        RestoreMonitor::total(self.0, entries, bytes);
    }

    fn entry(&self, bytes: u64) {
        RestoreMonitor::entry(self.0, bytes);
    }

    fn fault(&self, fault: Fault) {
        RestoreMonitor::fault(self.0, fault);
    }

    fn warning(&self, warning: AttributeWarning) {
        RestoreMonitor::warning(self.0, warning);
    }

    fn stopping(&self) -> bool {
        RestoreMonitor::stopping(self.0)
    }
}

impl RepairMonitor for Teller<'_> {
    fn looked_at(&self, files: u64, bytes: u64) {
        tell_files(self.0, files, bytes);
    }

    fn open_question(&self, _: &Line) {}

    fn points_elsewhere(&self, _: &[u8], _: &[u8], _: &[u8]) {}

    fn other_attributes(&self, _: &[u8], _: &AttributeDifference) {}

    fn unread(&self, _: &[u8], fault: &ReadFault) {
        self.0.difference(fault.to_string());
    }

    fn unreadable(&self, _: &[u8], error: &LiveError) {
        self.0.difference(error.to_string());
    }

    fn stays(&self, _: &[u8], error: &EvidenceError) {
        self.0.difference(error.to_string());
    }
}

/// Gathers what an attestation names.
pub(super) struct Witnessing<'n> {
    pub narrator: &'n dyn Narrator,
    pub lines: Vec<Line>,
}

impl Monitor for Witnessing<'_> {
    fn looked_at(&mut self, files: u64, bytes: u64) {
        tell_files(self.narrator, files, bytes);
    }

    fn line(&mut self, line: Line) {
        self.lines.push(line);
    }

    fn fault(&mut self, _: &[u8], fault: &ReadFault) {
        self.narrator.difference(fault.to_string());
    }

    fn unreadable(&mut self, _: &[u8], error: &LiveError) {
        self.narrator.difference(error.to_string());
    }

    fn stopping(&self) -> bool {
        RestoreMonitor::stopping(self.narrator)
    }
}

fn tell_files(narrator: &dyn Narrator, files: u64, bytes: u64) {
    for _ in 0..files {
        vault::backup::Monitor::entry(narrator, bytes / files);
    }
}
