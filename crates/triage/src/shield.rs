//! What looks at a hostile file may fail; whoever asked it to look must not.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs what looks at one file. If it panics, that costs this file alone: nothing is known of it.
///
/// A validator that panics is a bug, and the panic is told on the error output as any other. What it looked at is thrown away,
/// so nothing half done is seen.
pub fn shielded<T>(look: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(look)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_costs_one_answer() {
        assert_eq!(shielded(|| 7), Some(7));
        let short = [1, 2, 3];
        let place = short.len();
        assert_eq!(shielded(|| short[place]), None);
    }
}
