//! What goes wrong with a copy or with expiry, in people's words.

use vault::copy::{CopyError, CopyFault};
use vault::expire::{ExpiryError, Held, Hold, RecordFault};

use super::{Explain, Explanation, text};
use crate::formats;

impl Explain for CopyError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::OtherVault => to.say(text("err-copy-other")),
            Self::Ahead { name } => to.damaged().say(text("err-copy-ahead").show("name", name)),
            Self::Foundation { name } => to.damaged().say(text("err-object-damaged").show("name", name)),
            Self::Source(source) => to.say(text("err-copy-source")).because(source),
            Self::Target(source) => to.say(text("err-copy-target")).because(source),
            Self::TargetLog(source) => to.say(text("err-copy-target")).because(source),
            Self::Stopped => to.say(text("err-stopped")),
        };
    }
}

impl Explain for CopyFault {
    fn explain(&self, to: &mut Explanation) {
        to.damaged();
        match self {
            Self::SourceUnreadable { name, source } => {
                to.say(text("err-object-unreadable").show("name", name)).because(source)
            }
            Self::SourceDamaged { name } => to.say(text("err-object-damaged").show("name", name)),
            Self::TargetUnreadable { name, source } => {
                to.say(text("err-copy-unreadable").show("name", name)).because(source)
            }
            Self::TargetDamaged { name } => to.say(text("err-copy-damaged").show("name", name)),
            Self::Manifest(source) => to.because(source),
            Self::Incomplete { manifest, missing } => {
                to.say(text("err-copy-incomplete").show("manifest", manifest).show("missing", missing))
            }
        };
    }
}

impl Explain for ExpiryError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::Vault(source) => to.because(source),
            Self::Store(source) => to.because(source),
            Self::ClockBehind { signed, now } => to.say(
                text("err-clock-behind").with("signed", formats::moment(*signed)).with("now", formats::moment(*now)),
            ),
            Self::Stale => to.say(text("err-expire-stale")),
        };
    }
}

impl Explain for Held {
    fn explain(&self, to: &mut Explanation) {
        to.say(text("err-expire-held").show("strand", self.strand));
        match &self.hold {
            Hold::Lease { seq } => to.say(text("err-expire-lease").with("seq", *seq)),
            Hold::Manifest(source) => to.because(source),
            Hold::List(source) => to.because(source),
        };
    }
}

impl Explain for RecordFault {
    fn explain(&self, to: &mut Explanation) {
        to.damaged();
        match self {
            Self::Unreadable { name, source } => {
                to.say(text("err-object-unreadable").show("name", name)).because(source)
            }
            Self::Unbelievable { name, source } => {
                to.say(text("err-record-unbelievable").show("name", name)).because(source)
            }
            Self::Broken { name } => to.say(text("err-record-broken").show("name", name)),
        };
    }
}
