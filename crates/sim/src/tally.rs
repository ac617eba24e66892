//! What a run did, in figures.

use std::collections::BTreeMap;
use std::fmt;

/// Counts of one or many runs.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Tally {
    /// Runs.
    pub seeds: u64,
    /// Steps of runs.
    pub steps: u64,
    /// Backups that told of a snapshot, and those that failed.
    pub backups: [u64; 2],
    /// Faults that struck, by kind.
    pub faults: BTreeMap<String, u64>,
    /// Snapshots that were restored and compared, byte for byte.
    pub restored: u64,
    /// Objects that were read and hashed.
    pub objects: u64,
    /// Expiries that did exactly what the rule says.
    pub expiries: u64,
    /// Checks of the whole vault.
    pub checks: u64,
    /// Seals whose keys were compared.
    pub seals: u64,
}

impl Tally {
    /// Counts a fault.
    pub fn fault(&mut self, kind: impl Into<String>, count: u64) {
        if count > 0 {
            *self.faults.entry(kind.into()).or_default() += count;
        }
    }

    /// Adds the counts of another.
    pub fn add(&mut self, other: &Self) {
        self.seeds += other.seeds;
        self.steps += other.steps;
        self.backups[0] += other.backups[0];
        self.backups[1] += other.backups[1];
        other.faults.iter().for_each(|(kind, count)| self.fault(kind.as_str(), *count));
        self.restored += other.restored;
        self.objects += other.objects;
        self.expiries += other.expiries;
        self.checks += other.checks;
        self.seals += other.seals;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [made, failed] = self.backups;
        writeln!(f, "seeds                {:>10}", self.seeds)?;
        writeln!(f, "steps                {:>10}", self.steps)?;
        writeln!(f, "backups made         {made:>10}")?;
        writeln!(f, "backups failed       {failed:>10}")?;
        writeln!(f, "snapshots restored   {:>10}", self.restored)?;
        writeln!(f, "objects verified     {:>10}", self.objects)?;
        writeln!(f, "expiries compared    {:>10}", self.expiries)?;
        writeln!(f, "checks of the vault  {:>10}", self.checks)?;
        writeln!(f, "seals compared       {:>10}", self.seals)?;
        writeln!(f, "faults that struck   {:>10}", self.faults.values().sum::<u64>())?;
        self.faults.iter().try_for_each(|(kind, count)| writeln!(f, "  {kind:<30} {count:>8}"))
    }
}
