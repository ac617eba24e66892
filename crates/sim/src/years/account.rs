//! What years cost, in tables.

use std::collections::BTreeMap;
use std::fmt;

use super::ledger::Holding;
use super::mail_bag::{Sent, Sort};

/// What a span cost.
#[derive(Clone, Default, Debug)]
pub struct Account {
    /// Each year, or the part of it that was lived through.
    pub years: Vec<Year>,
    /// Files that were restored and compared.
    pub restored_files: u64,
    /// Snapshots that were restored whole.
    pub restored_snapshots: u64,
    open: Year,
}

/// What a year cost.
#[derive(Clone, Default, Debug)]
pub struct Year {
    /// How many days were over at its end.
    pub days: u64,
    /// What was there after its last expiry.
    pub holding: Holding,
    /// The largest ratio of stored to needed after one of its expiries.
    pub ratio_max: f64,
    /// The most packs smaller than 2 MiB after one of its expiries.
    pub small_packs_max: usize,
    /// What was sent by backups: objects and bytes, by sort.
    pub sent: Sent,
    /// Backups.
    pub backups: u64,
    /// Length of the source at its end.
    pub source_bytes: u64,
    /// Content that was sent again because its packs were worn, before compression.
    pub worn_bytes: u64,
}

impl Account {
    /// A backup sent so much.
    pub fn sent(&mut self, sent: Sent, worn_bytes: u64, source_bytes: u64) {
        let year = &mut self.open;
        for (sort, (objects, bytes)) in sent {
            let sum = year.sent.entry(sort).or_default();
            *sum = (sum.0 + objects, sum.1 + bytes);
        }
        year.backups += 1;
        year.worn_bytes += worn_bytes;
        year.source_bytes = source_bytes;
    }

    /// An expiry left so much.
    pub fn weigh(&mut self, holding: Holding) {
        let year = &mut self.open;
        year.ratio_max = year.ratio_max.max(holding.ratio());
        year.small_packs_max = year.small_packs_max.max(holding.small_packs());
        year.holding = holding;
    }

    /// A year is over after so many days of all.
    pub fn close_year(&mut self, days: u64) -> &Year {
        let mut year = std::mem::take(&mut self.open);
        if year.holding.stored == 0 {
            // No expiry fell into what is left of a year.
            year.holding = self.years.last().map(|last| last.holding.clone()).unwrap_or_default();
        }
        year.days = days;
        self.years.push(year);
        self.years.last().expect("pushed above")
    }

    /// What all backups sent, as objects and bytes of each sort for one backup.
    pub fn daily(&self) -> BTreeMap<Sort, (f64, f64)> {
        let backups: u64 = self.years.iter().map(|year| year.backups).sum();
        let mut daily: BTreeMap<Sort, (f64, f64)> = BTreeMap::new();
        for (sort, (objects, bytes)) in self.years.iter().flat_map(|year| &year.sent) {
            let sum = daily.entry(*sort).or_default();
            *sum = (sum.0 + *objects as f64 / backups as f64, sum.1 + *bytes as f64 / backups as f64);
        }
        daily
    }
}

impl Year {
    fn sent_bytes(&self) -> u64 {
        self.sent.values().map(|(_, bytes)| bytes).sum()
    }

    fn sent_objects(&self) -> u64 {
        self.sent.values().map(|(objects, _)| objects).sum()
    }
}

const HEAD: &str = "\
| days | source MB | kept | live MB | stored MB | ratio | largest | dead MB | twice | frames | indexes | waiting | other \
| sent KB a day | objects a day | sent again MB | packs | below 2 MiB, most | median KB |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |";

fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

impl fmt::Display for Year {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = &self.holding;
        let backups = self.backups.max(1) as f64;
        write!(f, "| {} | {:.0} | {} ", self.days, mega(self.source_bytes), held.kept)?;
        write!(
            f,
            "| {:.1} | {:.1} | {:.3} | {:.3} ",
            mega(held.live),
            mega(held.stored),
            held.ratio(),
            self.ratio_max
        )?;
        for part in [held.dead, held.twice, held.frames, held.indexes, held.waiting, held.other] {
            write!(f, "| {:.2} ", mega(part))?;
        }
        let (kilobytes, objects) = (self.sent_bytes() as f64 / 1e3 / backups, self.sent_objects() as f64 / backups);
        write!(f, "| {kilobytes:.0} | {objects:.1} | {:.1} ", mega(self.worn_bytes))?;
        write!(f, "| {} | {} | {:.0} |", held.packs.len(), self.small_packs_max, held.median_pack() as f64 / 1e3)
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        self.years.iter().try_for_each(|year| writeln!(f, "{year}"))?;
        writeln!(f, "\n| sent by one backup | objects | bytes |\n| --- | --- | --- |")?;
        for (sort, (objects, bytes)) in self.daily() {
            writeln!(f, "| {sort:?} | {objects:.2} | {bytes:.0} |")?;
        }
        let (snapshots, files) = (self.restored_snapshots, self.restored_files);
        writeln!(f, "\nrestored and compared: {snapshots} whole snapshots, {files} files")
    }
}
