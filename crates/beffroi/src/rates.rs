//! How fast this machine gives back: what the last restores and exercises came to, in `rates.json` of the state folder.
//!
//! It says how long a plan takes. Losing it costs that answer, until the next restore.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use vault::world::Timestamp;

use crate::context::Context;
use crate::state_json;

/// How much came back in how long.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Rate {
    /// When that was, in seconds since 1970.
    pub when: i64,
    /// Entries.
    pub entries: u64,
    /// Bytes of content.
    pub bytes: u64,
    /// Seconds that it took.
    pub seconds: f64,
}

/// Less says nothing of a machine.
const SECONDS_MIN: f64 = 0.05;
const ENTRIES_MIN: u64 = 100;

impl Rate {
    /// Returns the last rate that was measured here, if there is one.
    pub fn last(context: &Context) -> Option<Self> {
        let rate: Self = state_json::read(&context.state_path().ok()?.join(NAME))?;
        rate.tells().then_some(rate)
    }

    /// Keeps what was measured, unless it is too little to say anything. That it cannot be kept is no matter.
    pub fn keep(context: &Context, when: Timestamp, (entries, bytes): (u64, u64), time: Duration) {
        let rate = Self { when: when.seconds(), entries, bytes, seconds: time.as_secs_f64() };
        // The folder may be new, and secrets lie in it one day: it is made as all state is, for its owner alone.
        if rate.tells()
            && let Ok(folder) = context.state()
        {
            let _ = state_json::write(&folder.path().join(NAME), &rate);
        }
    }

    /// Returns how long so much takes: small files take as long as there are many, large ones as they are long.
    pub fn time_for(&self, entries: u64, bytes: u64) -> Duration {
        let by_entries = entries as f64 / self.entries as f64;
        let by_bytes = if self.bytes == 0 { 0.0 } else { bytes as f64 / self.bytes as f64 };
        Duration::try_from_secs_f64(self.seconds * by_entries.max(by_bytes)).unwrap_or(Duration::MAX)
    }

    /// Returns bytes a second.
    pub fn bytes_per_second(&self) -> u64 {
        (self.bytes as f64 / self.seconds) as u64
    }

    fn tells(&self) -> bool {
        self.entries >= ENTRIES_MIN && self.seconds >= SECONDS_MIN && self.seconds.is_finite()
    }
}

const NAME: &str = "rates.json";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_small_files_and_few_large_ones_take_their_time() {
        let rate = Rate { when: 0, entries: 1000, bytes: 100 << 20, seconds: 2.0 };
        assert_eq!(rate.time_for(10_000, 1 << 20), Duration::from_secs(20));
        assert_eq!(rate.time_for(10, 1000 << 20), Duration::from_secs(20));
        assert_eq!(rate.bytes_per_second(), 50 << 20);
        assert_eq!(Rate { bytes: 0, ..rate }.time_for(500, 1 << 40), Duration::from_secs(1));
        assert!(!Rate { seconds: f64::NAN, ..rate }.tells() && !Rate { entries: 1, ..rate }.tells());
    }
}
