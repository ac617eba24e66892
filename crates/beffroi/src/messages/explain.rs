//! What the libraries' errors mean to people.

use std::io;

use rustix::io::Errno;

use super::{Text, text};
use crate::failure::{Cause, Failure, FailureKind};

/// An error that can be told to people.
pub trait Explain {
    /// Tells what happened, then why.
    fn explain(&self, to: &mut Explanation);
}

/// What is told of an error.
#[derive(Debug)]
pub struct Explanation {
    kind: FailureKind,
    causes: Vec<Cause>,
}

impl Explanation {
    /// Explains an error.
    pub fn of(error: &(impl Explain + ?Sized)) -> Self {
        let mut explanation = Self { kind: FailureKind::Failed, causes: Vec::new() };
        error.explain(&mut explanation);
        explanation
    }

    /// Adds a message.
    pub fn say(&mut self, text: Text) -> &mut Self {
        self.causes.push(Cause::Text(text));
        self
    }

    /// Adds what another program said.
    pub fn quote(&mut self, words: impl ToString) -> &mut Self {
        self.causes.push(Cause::Foreign(words.to_string()));
        self
    }

    /// Adds why.
    pub fn because(&mut self, source: &(impl Explain + ?Sized)) -> &mut Self {
        source.explain(self);
        self
    }

    /// Notes that the vault is not as it was written.
    pub fn damaged(&mut self) -> &mut Self {
        self.kind = FailureKind::Damaged;
        self
    }

    /// Notes that what was asked makes no sense.
    pub fn usage(&mut self) -> &mut Self {
        self.kind = FailureKind::Usage;
        self
    }

    /// Returns what was told.
    pub fn causes(&self) -> &[Cause] {
        &self.causes
    }
}

impl<E: Explain> From<E> for Failure {
    fn from(error: E) -> Self {
        let Explanation { kind, causes } = Explanation::of(&error);
        Self { kind, causes }
    }
}

impl Explain for io::Error {
    fn explain(&self, to: &mut Explanation) {
        match Errno::from_io_error(self) {
            Some(errno) => errno.explain(to),
            None => {
                to.quote(self);
            }
        }
    }
}

impl Explain for Errno {
    fn explain(&self, to: &mut Explanation) {
        let key = match *self {
            Errno::NOSPC | Errno::DQUOT => "err-system-full",
            Errno::ROFS => "err-system-read-only",
            Errno::ACCESS | Errno::PERM => "err-system-denied",
            Errno::NOENT => "err-system-missing",
            Errno::EXIST => "err-system-exists",
            Errno::IO => "err-system-medium",
            Errno::NOTDIR => "err-system-no-folder",
            Errno::ISDIR => "err-system-folder",
            Errno::MFILE | Errno::NFILE => "err-system-open-files",
            Errno::NOMEM => "err-system-memory",
            Errno::FBIG => "err-system-too-big",
            Errno::STALE | Errno::TIMEDOUT | Errno::HOSTDOWN | Errno::NOTCONN => "err-system-share",
            other => {
                to.quote(io::Error::from(other));
                return;
            }
        };
        to.say(text(key));
    }
}
