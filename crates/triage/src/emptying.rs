//! Texts that were emptied together with files of which an empty one is none.
//!
//! An empty text says nothing by itself: programs and people empty logs every day, many at once (`copytruncate` of logrotate, `: >
//! file`), and mail boxes when the mail is fetched. No program empties documents, pictures and archives. Where several of these were
//! emptied in one run, whoever did it is the likely one who emptied the texts.

use crate::verdict::{Class, Reason, Verdict};

/// So many files of which an empty one is none prove that nobody tidied up. A disk that is full empties those few that are being saved.
pub const PROOFS_MIN: u64 = 10;

/// What was emptied between two versions of a tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Emptying {
    proofs: u64,
}

impl Emptying {
    /// Takes what was told of one file. All are taken before any is raised.
    pub fn note(&mut self, told: &Verdict) {
        self.proofs += u64::from(told.class.is_hurt() && told.reasons.contains(&Reason::Emptied));
    }

    /// Tells whether texts that were emptied are lost.
    pub fn is_proved(self) -> bool {
        self.proofs >= PROOFS_MIN
    }

    /// Returns what is told of a file in the end: an emptied text is damaged where the emptying is proved.
    pub fn raise(self, told: Verdict) -> Verdict {
        let is_doubt = told.class == Class::Suspect && told.reasons.contains(&Reason::Emptied);
        if is_doubt && self.is_proved() { Verdict { class: Class::Damaged, ..told } } else { told }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(class: Class, reason: Reason) -> Verdict {
        Verdict { class, reasons: vec![reason] }
    }

    #[test]
    fn texts_are_lost_where_ten_documents_were_emptied() {
        let (document, text) = (told(Class::Damaged, Reason::Emptied), told(Class::Suspect, Reason::Emptied));
        let mut run = Emptying::default();
        (0..9).for_each(|_| run.note(&document));
        assert_eq!(run.raise(text.clone()), text);
        run.note(&told(Class::Damaged, Reason::RandomLike));
        run.note(&text);
        assert_eq!(run.raise(text.clone()), text, "only what was emptied counts, and no text");
        run.note(&document);
        assert_eq!(run.raise(text), document);
        let other = told(Class::Suspect, Reason::Broken);
        assert_eq!(run.raise(other.clone()), other);
    }

    #[test]
    fn logs_that_are_emptied_every_day_stay_suspect() {
        let text = told(Class::Suspect, Reason::Emptied);
        let mut run = Emptying::default();
        (0..10_000).for_each(|_| run.note(&text));
        assert_eq!(run.raise(text.clone()), text);
    }
}
