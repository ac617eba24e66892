//! Where a person says whether it goes on.

use std::io::{BufRead, IsTerminal};

use crate::context::Context;
use crate::failure::Failure;
use crate::messages::{Text, text};

/// What somebody said at a gate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It goes on.
    Yes,
    /// Not now.
    Later,
    /// It does not work.
    No,
}

/// Asks; in an exercise the answer is yes.
pub fn ask(context: &Context, question: &Text, assume_yes: bool) -> Result<Answer, Failure> {
    if assume_yes {
        return Ok(Answer::Yes);
    }
    let mut lines = std::io::stdin().lock();
    loop {
        context.output.ask(&format!("{} {}", context.say(question), context.messages.word("ask-recover")))?;
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 || context.interrupt.is_set() {
            return Ok(Answer::Later);
        }
        match line.trim().to_lowercase().as_str() {
            "y" | "yes" | "o" | "oui" => return Ok(Answer::Yes),
            "l" | "later" | "p" | "plus tard" | "" => return Ok(Answer::Later),
            "n" | "no" | "non" => return Ok(Answer::No),
            _ => {}
        }
    }
}

/// Refuses to begin where nobody can answer.
pub fn require_somebody(assume_yes: bool) -> Result<(), Failure> {
    match assume_yes || std::io::stdin().is_terminal() {
        true => Ok(()),
        false => Err(Failure::usage(text("err-recover-nobody"))),
    }
}
