//! What goes wrong with a source or a target, in people's words.

use damage::{AttestationError, RepairError};
use restore::evidence::EvidenceError;
use restore::fill::{Fault, FaultError, RestoreError};
use restore::live::LiveError;
use restore::mount::MountError;
use restore::plan::PlanError;
use restore::target::{Attribute, AttributeWarning, TargetError};
use vault::source::{Operation, SourceError};

use super::{Explain, Explanation, Gap, Text, text};

impl Explain for SourceError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::NoRoots => to.usage().say(text("err-no-roots")),
            Self::RelativeRoot { path } => to.usage().say(text("err-relative-root").show("path", path)),
            Self::MissingRoot { path } => to.say(text("err-missing-root").show("path", path)),
            Self::Exclusion { text: pattern, source } => {
                to.usage().say(text("err-exclusion").with("pattern", pattern.as_str())).quote(source)
            }
            Self::Vanished { path } => to.say(text("err-vanished").show("path", path)),
            Self::Denied { path } => to.say(text("err-unreadable-denied").show("path", path)),
            Self::Changed { path } => to.say(text("err-became-another").show("path", path)),
            Self::Moved { path } => to.say(text("err-moved").show("path", path)),
            Self::TooDeep { path, depth_max } => {
                to.say(text("err-too-deep").show("path", path).with("max", *depth_max as u64))
            }
            Self::Leased { path } => to.say(text("err-leased").show("path", path)),
            Self::AttributesTooLarge { path, bytes_max } => {
                let max = Gap::Bytes(*bytes_max as u64);
                to.say(text("err-attributes-too-large").show("path", path).with("max", max))
            }
            Self::NoProc { path } => to.say(text("err-no-proc").show("path", path)),
            Self::Scratch { path, source } => to.say(text("err-scratch").show("path", path)).because(source),
            Self::Thread { source } => to.say(text("err-thread")).because(source),
            Self::Io { operation, path, source } => {
                to.say(operation_text(*operation).show("path", path)).because(source)
            }
        };
    }
}

fn operation_text(operation: Operation) -> Text {
    match operation {
        Operation::List => text("err-cannot-list"),
        Operation::Inspect => text("err-cannot-inspect"),
        Operation::Open => text("err-cannot-open"),
        Operation::Read { offset } => text("err-cannot-read").with("offset", offset),
        Operation::Attributes => text("err-cannot-read-attributes"),
        Operation::Link => text("err-cannot-read-link"),
    }
}

impl Explain for TargetError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::NoSpace { path, .. } => to.say(text("err-target-full").show("path", path)),
            Self::ReadOnly(path) => to.say(text("err-read-only").show("place", path)),
            Self::Denied { path, .. } => to.say(text("err-target-denied").show("path", path)),
            Self::InTheWay(path) => to.say(text("err-target-in-the-way").show("path", path)),
            Self::UnsafeName { directory, name } => {
                to.say(text("err-unsafe-name").show("directory", directory).show("name", name))
            }
            Self::Vanished(path) => to.say(text("err-target-vanished").show("path", path)),
            Self::Changed(path) => to.say(text("err-target-changed").show("path", path)),
            Self::NotLinkable { path, source } => to.say(text("err-not-linkable").show("path", path)).because(source),
            Self::WrongKind(path) => to.say(text("err-wrong-kind").show("path", path)),
            Self::UnknownDirectory => to.say(text("err-unknown-directory")),
            Self::TooManyDirectories(path) => to.say(text("err-too-many-directories").show("path", path)),
            Self::Io { path, source } => to.say(text("err-io").show("place", path)).because(source),
        };
    }
}

impl Explain for AttributeWarning {
    fn explain(&self, to: &mut Explanation) {
        let attribute = match &self.attribute {
            Attribute::Owner => text("attribute-owner").into(),
            Attribute::Mode => text("attribute-mode").into(),
            Attribute::SpecialBits => text("attribute-special-bits").into(),
            Attribute::Xattr(name) => Gap::Words(restore::TreePath::new(&name[..]).to_string()),
            Attribute::Times => text("attribute-times").into(),
            Attribute::Device => text("attribute-device").into(),
        };
        to.say(text("say-not-set").show("path", &self.path).with("attribute", attribute));
        if let Some(reason) = &self.reason {
            to.because(reason);
        }
    }
}

impl Explain for EvidenceError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::Live(source) => to.because(source),
            Self::Target(source) => to.because(source),
            Self::Move { path, source } => to.say(text("err-evidence-move").show("path", path)).because(source),
            Self::Changed(path) => to.say(text("err-target-changed").show("path", path)),
            Self::Folder(path) => to.say(text("err-evidence-full-folder").show("path", path)),
            Self::File(path) => to.say(text("err-evidence-file").show("path", path)),
        };
    }
}

impl Explain for RepairError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::Live(source) => to.because(source),
            Self::Evidence(source) => to.say(text("err-evidence-folder")).because(source),
            Self::EvidenceInside => to.usage().say(text("err-evidence-inside")),
            Self::Restore(source) => to.because(source),
        };
    }
}

impl Explain for AttestationError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::NotOne => to.say(text("err-attest-none")),
            Self::Later(version) => to.say(text("err-attest-later").with("version", u64::from(*version))),
            Self::Forged => to.say(text("err-attest-forged")),
        };
    }
}

impl Explain for PlanError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::NotAPlan => to.say(text("err-plan-none")),
            Self::Later(version) => to.say(text("err-plan-later").with("version", u64::from(*version))),
            Self::Line(line) => to.say(text("err-plan-line").with("line", *line)),
            Self::Incomplete { told, found } => {
                to.say(text("err-plan-incomplete").with("told", *told).with("found", *found))
            }
            Self::System(source) => to.because(source),
        };
    }
}

impl Explain for LiveError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::Root { path, source } => to.say(text("err-live-folder").show("path", path.display())).because(source),
            Self::Folder { path, source } => to.say(text("err-live-folder").show("path", path)).because(source),
        };
    }
}

impl Explain for MountError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::NotEmpty { path } => to.usage().say(text("err-mount-taken").show("path", path.display())),
            Self::LeftBehind { path } => to.say(text("err-mount-left").show("path", path.display())),
            Self::Folder { path, source } => {
                to.say(text("err-mount-folder").show("path", path.display())).because(source)
            }
            Self::Ended { path, source } => {
                to.say(text("err-mount-ended").show("path", path.display())).because(source)
            }
            Self::Others { path } => to.say(text("err-mount-others").show("path", path.display())),
            Self::System { path, source } => {
                to.say(text("err-mount-refused").show("path", path.display())).because(source)
            }
        };
    }
}

impl Explain for Fault {
    fn explain(&self, to: &mut Explanation) {
        let at = text("err-at-path").show("path", &self.path);
        match &self.error {
            FaultError::Read(source) => to.say(at).because(source),
            FaultError::Write(source) => to.because(source),
            FaultError::Differs => to.say(at).say(text("err-differs")),
        };
    }
}

impl Explain for RestoreError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::NoSuchPath(path) => to.say(text("err-no-such-path").show("path", path)),
            Self::Read(source) => to.because(source),
            Self::Target(source) => to.because(source),
            Self::Stopped => to.say(text("err-stopped")),
        };
    }
}
