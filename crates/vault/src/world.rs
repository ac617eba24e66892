//! What the vault asks of the world outside: time and randomness, always as arguments.

/// A moment: nanoseconds since 1970-01-01T00:00:00Z. Clients' clocks are hints, never proofs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Makes a moment of whole seconds, clamped to what nanoseconds can hold (1677 to 2262).
    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000_000))
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
