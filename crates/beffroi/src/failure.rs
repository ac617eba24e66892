//! Why a command did not do what it was asked: a kind, which gives the exit code, and causes in people's words.

use crate::messages::Text;

/// Exit code: done.
pub const DONE: u8 = 0;
/// Exit code: failed.
pub const FAILED: u8 = 1;
/// Exit code: wrong usage.
pub const USAGE: u8 = 2;
/// Exit code: done, but some items could not be read or written.
pub const INCOMPLETE: u8 = 3;
/// Exit code: what was kept looks hurt, and somebody must answer.
pub const ALARM: u8 = 4;
/// Exit code: the vault is damaged.
pub const DAMAGED: u8 = 5;

/// What sort of failure it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum FailureKind {
    /// What was asked could not be done.
    Failed,
    /// What was asked makes no sense.
    Usage,
    /// The vault is not as it was written.
    Damaged,
    /// Whoever read the output went away: nobody is left to tell.
    ClosedPipe,
}

/// A failure: what happened first, then its causes, down to what the system said.
#[derive(Debug)]
pub struct Failure {
    /// What sort of failure it is.
    pub kind: FailureKind,
    /// What happened, and why.
    pub causes: Vec<Cause>,
}

/// One step of why.
#[derive(Clone, Debug)]
pub enum Cause {
    /// A message of ours.
    Text(Text),
    /// What the system or another program said, in its own words.
    Foreign(String),
}

impl Failure {
    /// Makes a plain failure of a message.
    pub fn new(text: Text) -> Self {
        Self { kind: FailureKind::Failed, causes: vec![Cause::Text(text)] }
    }

    /// Makes a wrong usage of a message.
    pub fn usage(text: Text) -> Self {
        Self { kind: FailureKind::Usage, causes: vec![Cause::Text(text)] }
    }

    /// Says that nobody reads the output any more.
    pub fn closed_pipe() -> Self {
        Self { kind: FailureKind::ClosedPipe, causes: Vec::new() }
    }

    /// Puts a message before what is told already.
    pub fn under(mut self, text: Text) -> Self {
        self.causes.insert(0, Cause::Text(text));
        self
    }

    /// Returns the exit code.
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            FailureKind::Failed | FailureKind::ClosedPipe => FAILED,
            FailureKind::Usage => USAGE,
            FailureKind::Damaged => DAMAGED,
        }
    }
}
