//! What goes wrong with a journal, in people's words.

use jiff::tz::TimeZone;
use town::journal::{CertificateError, CheckpointError, EndError, Fault, LINE_BYTES_MAX, LineError, Remark, Wrong};

use super::{Explain, Explanation, Gap, Text, text};
use crate::journal_file::JournalError;
use crate::journal_words::moment;

impl Explain for JournalError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::Missing { path } => to.say(text("err-journal-missing").show("path", path.display())),
            Self::Taken { path } => to.usage().say(text("err-journal-taken").show("path", path.display())),
            Self::Closed { path } => to.say(text("err-journal-closed").show("path", path.display())),
            Self::Busy { path } => to.say(text("err-journal-busy").show("path", path.display())),
            Self::End { path, source } => {
                to.damaged().say(text("err-journal-end").show("path", path.display())).because(source)
            }
            Self::KeyLoose { path, mode } => {
                let mode = format!("{mode:04o}");
                to.say(text("err-journal-key-loose").show("path", path.display()).with("mode", mode))
            }
            Self::KeyOther { path } => to.say(text("err-journal-key").show("path", path.display())),
            Self::Entry(source) => to.usage().because(source),
            Self::NoEntry { number } => to.usage().say(text("err-journal-no-entry").show("number", number)),
            Self::NoFile { path } => to.say(text("err-journal-no-file").show("path", path.display())),
            Self::TooLong { path } => to.say(text("err-journal-too-long").show("path", path.display())),
            Self::System { path, source } => to.say(text("err-at-path").show("path", path.display())).because(source),
        };
    }
}

impl Explain for EndError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::NotOpened => to.say(text("err-journal-not-opened")),
            Self::Later(version) => to.say(text("err-journal-later").show("version", version)),
            Self::First(source) => to.say(text("err-journal-first")).because(source),
            Self::Last(source) => to.say(text("err-journal-last")).because(source),
            Self::Chain => to.say(text("err-journal-chain")),
        };
    }
}

impl Explain for LineError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::TooLong => to.say(text("err-journal-line-long").with("max", Gap::Bytes(LINE_BYTES_MAX as u64))),
            Self::Shape => to.say(text("err-journal-line-shape")),
            Self::Json(why) => to.say(text("err-journal-line-json")).quote(why),
            Self::Unwritable => to.say(text("err-journal-line-unwritable")),
            Self::Beginning => to.say(text("err-journal-line-beginning")),
            Self::Signature => to.say(text("err-journal-line-signature")),
        };
    }
}

impl Explain for CertificateError {
    fn explain(&self, to: &mut Explanation) {
        to.say(text(match self {
            Self::Signature => "err-certificate-signature",
            Self::Form => "err-certificate-form",
            Self::Other => "err-certificate-other",
        }));
    }
}

impl Explain for CheckpointError {
    fn explain(&self, to: &mut Explanation) {
        to.usage().say(text(match self {
            Self::NotOne => "err-checkpoint-form",
            Self::Mistyped => "err-checkpoint-mistyped",
        }));
    }
}

impl Explain for Fault {
    fn explain(&self, to: &mut Explanation) {
        to.damaged().say(text("err-journal-line").show("line", self.line));
        match &self.wrong {
            Wrong::NotOpened => to.say(text("err-journal-not-opened")),
            Wrong::Later(version) => to.say(text("err-journal-later").show("version", version)),
            Wrong::Line(source) => to.because(source),
            Wrong::Missing { from, to: last } if from == last => to.say(text("err-journal-gone").show("number", from)),
            Wrong::Missing { from, to: last } => {
                to.say(text("err-journal-gone-many").show("first", from).show("last", last))
            }
            Wrong::Misplaced { number } => to.say(text("err-journal-misplaced").show("number", number)),
            Wrong::Chain => to.say(text("err-journal-chain")),
            Wrong::Certificate(source) => to.say(text("err-certificate")).because(source),
            Wrong::OpenedAgain => to.say(text("err-journal-opened-again")),
            Wrong::TooMany => to.say(text("err-journal-too-many")),
            Wrong::OtherJournal { journal } => to.say(text("err-journal-other").show("journal", journal)),
            Wrong::Cut { entries } => to.say(text("err-journal-cut").show("entries", entries)),
            Wrong::Rewritten => to.say(text("err-journal-rewritten")),
        };
    }
}

/// Says what is worth a word.
pub fn remark_of_journal(remark: &Remark) -> Text {
    let zone = TimeZone::system();
    match remark {
        Remark::Backwards { line, before, time } => text("journal-remark-backwards")
            .show("line", line)
            .with("before", moment(*before, &zone))
            .with("time", moment(*time, &zone)),
        Remark::Torn { bytes } => text("journal-remark-torn").with("size", Gap::Bytes(*bytes)),
        Remark::AfterClosed { line } => text("journal-remark-after").show("line", line),
    }
}
