//! Texts that were emptied together with files of which an empty one is none.
//!
//! An empty text says nothing by itself: programs and people empty logs every day, many at once (`copytruncate` of logrotate, `: >
//! file`), and mail boxes when the mail is fetched. No program empties documents, pictures and archives. Where several of these were
//! emptied in one run, whoever did it is the likely one who emptied the texts.

use crate::verdict::{Class, Reason};

/// So many files of which an empty one is none prove that nobody tidied up. A disk that is full empties those few that are being saved.
pub const PROOFS_MIN: u64 = 10;

/// What was emptied between two versions of a tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Emptying {
    proofs: u64,
}

impl Emptying {
    /// Takes what was told of one file. All are taken before any is raised.
    pub fn note(&mut self, class: Class, reasons: &[Reason]) {
        self.proofs += u64::from(class.is_hurt() && reasons.contains(&Reason::Emptied));
    }

    /// Tells whether texts that were emptied are lost.
    pub fn is_proved(self) -> bool {
        self.proofs >= PROOFS_MIN
    }

    /// Tells whether what was told waits for what is told of others: a text that was emptied.
    pub fn is_waiting(class: Class, reasons: &[Reason]) -> bool {
        class == Class::Suspect && reasons.contains(&Reason::Emptied)
    }

    /// Returns what a file is in the end: an emptied text is damaged where the emptying is proved.
    pub fn raise(self, class: Class, reasons: &[Reason]) -> Class {
        if Self::is_waiting(class, reasons) && self.is_proved() { Class::Damaged } else { class }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTIED: [Reason; 1] = [Reason::Emptied];

    #[test]
    fn texts_are_lost_where_ten_documents_were_emptied() {
        let mut run = Emptying::default();
        (0..9).for_each(|_| run.note(Class::Damaged, &EMPTIED));
        assert_eq!(run.raise(Class::Suspect, &EMPTIED), Class::Suspect);
        run.note(Class::Damaged, &[Reason::RandomLike]);
        run.note(Class::Suspect, &EMPTIED);
        assert_eq!(run.raise(Class::Suspect, &EMPTIED), Class::Suspect, "only what was emptied counts, and no text");
        run.note(Class::Damaged, &EMPTIED);
        assert_eq!(run.raise(Class::Suspect, &EMPTIED), Class::Damaged);
        assert_eq!(run.raise(Class::Suspect, &[Reason::Broken]), Class::Suspect);
    }

    #[test]
    fn logs_that_are_emptied_every_day_stay_suspect() {
        let mut run = Emptying::default();
        (0..10_000).for_each(|_| run.note(Class::Suspect, &EMPTIED));
        assert_eq!(run.raise(Class::Suspect, &EMPTIED), Class::Suspect);
    }
}
