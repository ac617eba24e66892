//! How a run fails: in words, with the chain of causes.

use std::error::Error;
use std::fmt::{Debug, Display};

/// What went on, or the words for what is wrong.
pub type Told<T> = Result<T, String>;

/// Turns errors into words.
pub trait Tell<T> {
    /// Says what was being done when the error came.
    fn tell(self, what: impl Display) -> Told<T>;
}

impl<T, E: Error> Tell<T> for Result<T, E> {
    fn tell(self, what: impl Display) -> Told<T> {
        self.map_err(|error| format!("{what}: {}", chain(&error)))
    }
}

/// Fails unless two values are the same.
pub fn same<T: PartialEq + Debug>(found: &T, expected: &T, what: impl Display) -> Told<()> {
    if found == expected { Ok(()) } else { Err(format!("{what}: found {found:?}, expected {expected:?}")) }
}

/// Fails unless something holds.
pub fn ensure(holds: bool, what: impl FnOnce() -> String) -> Told<()> {
    if holds { Ok(()) } else { Err(what()) }
}

/// Tells an error with its causes.
pub fn chain(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words += &format!(": {cause}");
        source = cause.source();
    }
    words
}
