//! What a check or an exercise finds, in people's words.

use exercise::{CopyFault, ExerciseError, SandboxError};
use restore::compare::CompareError;
use vault::check::Damage;

use super::{Explain, Explanation, text};

impl Explain for Damage {
    fn explain(&self, to: &mut Explanation) {
        to.damaged();
        match self {
            Self::Missing => to.say(text("err-damage-missing")),
            Self::Unreadable(source) => to.say(text("err-damage-unreadable")).because(source),
            Self::Unread(source) => to.say(text("err-damage-unreadable")).because(source.as_ref()),
            Self::Changed => to.say(text("err-damage-changed")),
            Self::Malformed(source) => to.say(text("err-damage-malformed")).because(source),
            Self::Key(source) => to.say(text("err-damage-key")).because(source),
            Self::Blobs { first, count, source } => {
                to.say(text("err-damage-blobs").show("first", first).with("count", *count)).because(source)
            }
            Self::Misindexed => to.say(text("err-damage-misindexed")),
            Self::Secrets(source) => to.say(text("err-damage-secrets")).because(source),
            Self::NotEnrolled => to.say(text("err-damage-not-enrolled")),
            Self::AfterRetirement => to.say(text("err-damage-after-retirement")),
            Self::Fork => to.say(text("err-damage-fork")),
            Self::Broken => to.say(text("err-damage-broken")),
            Self::Rewound => to.say(text("err-damage-rewound")),
            Self::Unlocated { first } => to.say(text("err-damage-unlocated").show("first", first)),
            Self::WrongLength { blob } => to.say(text("err-damage-length").show("blob", blob)),
            Self::Untrue { what, told, found } => {
                to.say(text("err-damage-untrue").with("what", *what).with("told", *told).with("found", *found))
            }
            Self::Disordered => to.say(text("err-damage-disordered")),
        };
    }
}

impl Explain for ExerciseError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::Sandbox(source) => to.because(source),
            Self::Change(source) => to.say(text("err-exercise-change")).because(source),
            Self::Attack(source) => to.say(text("err-exercise-attack").show("error", source)),
            Self::Truth(source) => to.say(text("err-exercise-attack").show("error", source)),
            Self::Repair(source) => to.because(source),
            Self::Live(source) => to.because(source),
            Self::Sign(source) => to.because(source),
            Self::Stopped => to.say(text("err-stopped")),
            Self::Vault(source) => to.because(source),
            Self::Store(source) => to.because(source),
            Self::Read(source) => to.because(source),
            Self::State(source) => to.because(source),
            Self::Backup(source) => to.because(source),
            Self::Manifest(source) => to.because(source),
            Self::NoSnapshot => to.damaged().say(text("err-exercise-no-snapshot")),
            Self::Restore(source) => to.because(source),
            Self::Compare(source) => to.because(source),
            Self::Tidy(path, source) => to.say(text("err-exercise-tidy").show("path", path.display())).because(source),
            Self::Source(source) => to.because(source),
        };
    }
}

impl Explain for SandboxError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::Folder { place, source } => {
                to.say(text("err-exercise-place").show("path", place.display())).because(source)
            }
            Self::Source(source) => to.because(source),
            Self::Target(source) => to.because(source),
        };
    }
}

impl Explain for CopyFault {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::Source(source) => to.because(source),
            Self::Target(source) => to.because(source),
        };
    }
}

impl Explain for CompareError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::Root { path, source } => to.say(text("err-cannot-open").show("path", path.display())).because(source),
            Self::Moved(path) => to.say(text("err-moved").show("path", path)),
        };
    }
}
