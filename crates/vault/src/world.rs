//! What the vault asks of the world outside: time and randomness, always as arguments.

/// A moment: nanoseconds since 1970-01-01T00:00:00Z. Clients' clocks are hints, never proofs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Makes a moment of whole seconds, clamped to those that nanoseconds can hold (1677 to 2262).
    pub fn from_seconds(seconds: i64) -> Self {
        const SECONDS_MAX: i64 = i64::MAX / 1_000_000_000;
        Self(seconds.clamp(-SECONDS_MAX, SECONDS_MAX) * 1_000_000_000)
    }

    /// Returns the whole seconds, rounded down.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000_000)
    }
}

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Returns the moment that the clock shows.
    fn now(&self) -> Timestamp;
}

/// Gives random bytes that nobody can foresee.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// Takes a fixed number of random bytes.
pub fn random<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_beyond_all_calendars_stay_what_they_became() {
        for seconds in [i64::MIN, -9_223_372_037, -1, 0, 1_700_000_000, 9_223_372_037, i64::MAX] {
            let time = Timestamp::from_seconds(seconds);
            assert_eq!(Timestamp::from_seconds(time.seconds()), time, "{seconds}");
        }
    }
}
