//! What was told of the damage, held against the truth.

use std::collections::HashMap;

use damage::{Line, Monitor, Totals};
use restore::live::LiveError;
use triage::verdict::Class;
use vault::read::ReadFault;

use super::Narrator;
use crate::attack::{Deed, Truth};

/// How the attack went, and how much of it was told.
#[derive(Clone, Debug, Default)]
pub struct Reckoning {
    /// Name of the profile.
    pub profile: String,
    /// Files that the attack hurt, renamed or deleted.
    pub harmed: u64,
    /// Of them, those that were told as such.
    pub found: u64,
    /// Of those that were found, those whose version from before the attack was named as the clean one.
    pub clean: u64,
    /// Harmed files that were told as something else, or not at all; the first [`NAMED_MAX`].
    pub missed: Vec<Missed>,
    /// How many were missed.
    pub missed_total: u64,
    /// Files that the attack left alone and that were called hurt; the first [`NAMED_MAX`].
    pub accused: Vec<Vec<u8>>,
    /// How many were wrongly accused.
    pub accused_total: u64,
    /// What the report counted.
    pub totals: Totals,
    /// What the backup after an ordinary day said: 0 calm, 1 watch, 2 alarm.
    pub quiet_level: u64,
    /// What the backup after the attack said.
    pub alarm_level: u64,
    /// Why, as the machine wrote it down.
    pub alarm: Option<Vec<u8>>,
}

/// A file that was hurt and not told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Missed {
    /// Its path before the attack.
    pub path: Vec<u8>,
    /// What was done to it.
    pub deed: Deed,
    /// How many of its bytes are others.
    pub changed_bytes: u64,
    /// What it was told as.
    pub told: Option<Class>,
}

/// So many paths are named; all are counted.
pub const NAMED_MAX: usize = 20;

/// Alarms ring at this level.
const ALARM: u64 = 2;

impl Reckoning {
    /// Tells whether all was as it must be: the ordinary day was quiet, the attack rang, everything that was hurt was told, with
    /// a clean version, and nothing else.
    pub fn is_right(&self) -> bool {
        self.quiet_level < ALARM
            && (self.alarm_level == ALARM || self.harmed == 0)
            && self.missed_total == 0
            && self.accused_total == 0
            && self.clean == self.found
    }
}

/// Hears the report, and holds it against the truth.
pub(super) struct Listener<'l> {
    truth: HashMap<&'l [u8], Harm>,
    narrator: &'l dyn Narrator,
    accused: Vec<Vec<u8>>,
    accused_total: u64,
}

struct Harm {
    deed: Deed,
    changed_bytes: u64,
    told: Option<Class>,
    /// The version from before the attack was named.
    is_clean: bool,
}

impl<'l> Listener<'l> {
    pub(super) fn new(truth: &'l Truth, narrator: &'l dyn Narrator) -> Self {
        let harms = truth.records.iter().filter(|record| record.is_harm()).filter_map(|record| {
            let changed_bytes = record.changed.ranges().iter().map(|range| range.end - range.start).sum();
            let harm = Harm { deed: record.deed, changed_bytes, told: None, is_clean: false };
            Some((record.before.as_ref()?.as_bytes(), harm))
        });
        Self { truth: harms.collect(), narrator, accused: Vec::new(), accused_total: 0 }
    }

    pub(super) fn finish(self, profile: &str, totals: Totals) -> Reckoning {
        let mut reckoning = Reckoning {
            profile: profile.into(),
            harmed: self.truth.len() as u64,
            accused: self.accused,
            accused_total: self.accused_total,
            totals,
            ..Reckoning::default()
        };
        let mut missed = Vec::new();
        for (path, harm) in self.truth {
            if harm.told.is_some_and(is_hurt) {
                reckoning.found += 1;
                reckoning.clean += u64::from(harm.is_clean);
            } else {
                let Harm { deed, changed_bytes, told, .. } = harm;
                missed.push(Missed { path: path.to_vec(), deed, changed_bytes, told });
            }
        }
        missed.sort_by(|one, other| one.path.cmp(&other.path));
        reckoning.missed_total = missed.len() as u64;
        missed.truncate(NAMED_MAX);
        Reckoning { missed, ..reckoning }
    }
}

/// Tells whether a class says that a file is not what it must be.
fn is_hurt(class: Class) -> bool {
    matches!(class, Class::Damaged | Class::RenamedDamaged | Class::Deleted | Class::Suspect)
}

impl Monitor for Listener<'_> {
    fn line(&mut self, line: Line) {
        if let Some(harm) = self.truth.get_mut(&line.path[..]) {
            // A file whose name another one has now is told twice: once as gone.
            if harm.told.is_none_or(|told| !is_hurt(told)) {
                harm.told = Some(line.class);
                harm.is_clean = line.clean == Some(0);
            }
        } else if matches!(line.class, Class::Damaged | Class::RenamedDamaged | Class::Deleted) {
            self.accused_total += 1;
            if self.accused.len() < NAMED_MAX {
                self.accused.push(line.path);
            }
        }
    }

    fn fault(&mut self, _: &[u8], fault: &ReadFault) {
        self.narrator.difference(fault.to_string());
    }

    fn looked_at(&mut self, files: u64, bytes: u64) {
        for _ in 0..files {
            vault::backup::Monitor::entry(self.narrator, bytes / files);
        }
    }

    fn unreadable(&mut self, _: &[u8], error: &LiveError) {
        self.narrator.difference(error.to_string());
    }

    fn stopping(&self) -> bool {
        vault::backup::Monitor::stopping(self.narrator)
    }
}
