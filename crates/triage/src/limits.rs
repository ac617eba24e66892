//! How much one examination may cost. Files are hostile: work is counted, not time, so that the same bytes give the same
//! verdict on every machine.

use std::cell::Cell;

use crate::window::{Stop, Walk};

/// Bounds of one examination. A file that passes one is [`Unknown`](crate::State::Unknown), never sound nor damaged for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes read, inflated and stepped over, in all.
    pub work_bytes_max: u64,
    /// Bytes that compressed parts inflate to, in all.
    pub inflated_bytes_max: u64,
    /// Inflated bytes for each byte of the file, once they are more than [`RATIO_FREE_BYTES`].
    pub ratio_max: u64,
    /// How deep parts may lie in one another.
    pub depth_max: u32,
    /// Entries, records, objects and tags, in all.
    pub entries_max: u64,
    /// Memory that one table may take; the fixed buffers (some 200 KiB) come on top.
    pub memory_bytes_max: u64,
}

/// What any file may inflate to, whatever its size: small office files hold much white.
pub const RATIO_FREE_BYTES: u64 = 256 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self {
            work_bytes_max: 64 << 30,
            inflated_bytes_max: 32 << 30,
            ratio_max: 200,
            depth_max: 64,
            entries_max: 20_000_000,
            memory_bytes_max: 64 << 20,
        }
    }
}

/// Which of the [`Limits`] was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// [`Limits::work_bytes_max`].
    Work,
    /// [`Limits::inflated_bytes_max`].
    Inflated,
    /// [`Limits::ratio_max`].
    Ratio,
    /// [`Limits::depth_max`].
    Depth,
    /// [`Limits::entries_max`].
    Entries,
    /// [`Limits::memory_bytes_max`].
    Memory,
}

/// What one examination has spent so far.
pub(crate) struct Budget {
    limits: Limits,
    content_bytes: u64,
    work: Cell<u64>,
    inflated: Cell<u64>,
    entries: Cell<u64>,
}

impl Budget {
    pub(crate) fn new(limits: &Limits, content_bytes: u64) -> Self {
        let zero = || Cell::new(0);
        Self { limits: limits.clone(), content_bytes, work: zero(), inflated: zero(), entries: zero() }
    }

    /// Spends work of `bytes` read or stepped over.
    pub(crate) fn work(&self, bytes: u64) -> Walk<()> {
        spend(&self.work, bytes, self.limits.work_bytes_max, Limit::Work)
    }

    /// Spends `bytes` that came out of a compressed part.
    pub(crate) fn inflated(&self, bytes: u64) -> Walk<()> {
        self.work(bytes)?;
        spend(&self.inflated, bytes, self.limits.inflated_bytes_max, Limit::Inflated)?;
        if self.inflated.get() > self.inflated_max() { Err(Stop::Limit(Limit::Ratio)) } else { Ok(()) }
    }

    /// What a file of this length may inflate to.
    fn inflated_max(&self) -> u64 {
        self.limits.ratio_max.saturating_mul(self.content_bytes).max(RATIO_FREE_BYTES)
    }

    /// Returns how many bytes may still come out of compressed parts.
    pub(crate) fn inflated_left(&self) -> u64 {
        let left = |spent: &Cell<u64>, max: u64| max.saturating_sub(spent.get());
        left(&self.inflated, self.limits.inflated_bytes_max.min(self.inflated_max()))
            .min(left(&self.work, self.limits.work_bytes_max))
    }

    /// Spends `count` entries of a table.
    pub(crate) fn entries(&self, count: u64) -> Walk<()> {
        spend(&self.entries, count, self.limits.entries_max, Limit::Entries)
    }

    /// Asks whether a table of `bytes` may be held.
    pub(crate) fn memory(&self, bytes: u64) -> Walk<()> {
        if bytes > self.limits.memory_bytes_max { Err(Stop::Limit(Limit::Memory)) } else { Ok(()) }
    }

    /// Asks whether something may lie `depth` deep.
    pub(crate) fn depth(&self, depth: u32) -> Walk<()> {
        if depth > self.limits.depth_max { Err(Stop::Limit(Limit::Depth)) } else { Ok(()) }
    }
}

fn spend(spent: &Cell<u64>, amount: u64, max: u64, limit: Limit) -> Walk<()> {
    let total = spent.get().saturating_add(amount);
    spent.set(total);
    if total > max { Err(Stop::Limit(limit)) } else { Ok(()) }
}
