//! What verdicts are called, by people and by programs.

use damage::Totals;
use triage::verdict::{Class, Overwriting, Reason};

use crate::messages::{Text, text};

/// All classes, in the order in which they are told.
pub const CLASSES: [Class; 9] = [
    Class::Intact,
    Class::Edited,
    Class::Damaged,
    Class::RenamedDamaged,
    Class::Deleted,
    Class::Note,
    Class::New,
    Class::Suspect,
    Class::Unknown,
];

/// Returns how many files are of a class.
pub fn number_of(totals: &Totals, class: Class) -> u64 {
    match class {
        Class::Intact => totals.intact,
        Class::Edited => totals.edited,
        Class::New => totals.new,
        Class::Deleted => totals.deleted,
        Class::Damaged => totals.damaged,
        Class::RenamedDamaged => totals.renamed_damaged,
        Class::Note => totals.notes,
        Class::Suspect => totals.suspect,
        Class::Unknown => totals.unknown,
    }
}

/// Names a class, for programs.
pub fn class_word(class: Class) -> &'static str {
    match class {
        Class::Intact => "intact",
        Class::Edited => "edited",
        Class::New => "new",
        Class::Deleted => "deleted",
        Class::Damaged => "damaged",
        Class::RenamedDamaged => "renamed-damaged",
        Class::Note => "note",
        Class::Suspect => "suspect",
        Class::Unknown => "unknown",
    }
}

/// Returns the key of a class: many files.
pub fn class_key(class: Class) -> &'static str {
    match class {
        Class::Intact => "class-intact",
        Class::Edited => "class-edited",
        Class::New => "class-new",
        Class::Deleted => "class-deleted",
        Class::Damaged => "class-damaged",
        Class::RenamedDamaged => "class-renamed-damaged",
        Class::Note => "class-note",
        Class::Suspect => "class-suspect",
        Class::Unknown => "class-unknown",
    }
}

/// Returns the key of a class: one file.
pub fn one_key(class: Class) -> &'static str {
    match class {
        Class::Note => "one-note",
        Class::Suspect => "one-suspect",
        Class::Unknown => "one-unknown",
        Class::Intact => "one-intact",
        Class::Edited => "one-edited",
        Class::New => "one-new",
        Class::Deleted => "one-deleted",
        Class::Damaged | Class::RenamedDamaged => "one-damaged",
    }
}

/// Names a reason, for programs.
pub fn reason_word(reason: &Reason) -> &'static str {
    match reason {
        Reason::KindLost { .. } => "kind-lost",
        Reason::Truncated => "truncated",
        Reason::Broken => "broken",
        Reason::Corrupt => "corrupt",
        Reason::Zeroed => "zeroed",
        Reason::RandomLike => "random-like",
        Reason::Encoded => "encoded",
        Reason::Overwritten(Overwriting::Whole) => "overwritten-whole",
        Reason::Overwritten(Overwriting::Head) => "overwritten-head",
        Reason::Overwritten(Overwriting::Periodic) => "overwritten-periodic",
        Reason::Overwritten(Overwriting::Scattered) => "overwritten-scattered",
        Reason::TextureChanged => "texture-changed",
        Reason::NewlyProtected => "newly-protected",
        Reason::Emptied => "emptied",
        Reason::WrongBefore => "wrong-before",
        Reason::NoPast => "no-past",
        Reason::RenamedAlike => "renamed-alike",
        Reason::SameLength => "same-length",
        Reason::NotExamined => "not-examined",
    }
}

/// Says a reason, for people.
pub fn reason_text(reason: &Reason) -> Text {
    text(match reason {
        Reason::KindLost { .. } => "reason-kind-lost",
        Reason::Truncated => "reason-truncated",
        Reason::Broken => "reason-broken",
        Reason::Corrupt => "reason-corrupt",
        Reason::Zeroed => "reason-zeroed",
        Reason::RandomLike => "reason-random-like",
        Reason::Encoded => "reason-encoded",
        Reason::Overwritten(Overwriting::Whole) => "reason-overwritten-whole",
        Reason::Overwritten(Overwriting::Head) => "reason-overwritten-head",
        Reason::Overwritten(Overwriting::Periodic) => "reason-overwritten-periodic",
        Reason::Overwritten(Overwriting::Scattered) => "reason-overwritten-scattered",
        Reason::TextureChanged => "reason-texture-changed",
        Reason::NewlyProtected => "reason-newly-protected",
        Reason::Emptied => "reason-emptied",
        Reason::WrongBefore => "reason-wrong-before",
        Reason::NoPast => "reason-no-past",
        Reason::RenamedAlike => "reason-renamed-alike",
        Reason::SameLength => "reason-same-length",
        Reason::NotExamined => "reason-not-examined",
    })
}
