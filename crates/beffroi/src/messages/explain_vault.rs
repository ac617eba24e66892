//! What the vault's errors mean to people.

use vault::backup::BackupError;
use vault::bytes::FormatError;
use vault::envelope::EnvelopeError;
use vault::kit::KitError;
use vault::manifest::ManifestError;
use vault::owner_log::{OwnerLogError, OwnerLogFault};
use vault::read::{ReadError, ReadFault};
use vault::scratch::ScratchError;
use vault::snapshots::{ListFault, SnapshotFault};
use vault::state::{LostReason, StateError};
use vault::store::StoreError;
use vault::strand::SecretsError;
use vault::vault::VaultError;

use super::{Explain, Explanation, Gap, text};

impl Explain for StoreError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::NotFound { name } => to.damaged().say(text("err-object-missing").show("name", name)),
            Self::Short { name, .. } => to.damaged().say(text("err-object-short").show("name", name)),
            Self::TooLong { name, .. } => to.damaged().say(text("err-object-long").show("name", name)),
            Self::WrongHash { name } => to.say(text("err-object-hash").show("name", name)),
            Self::TooLarge { name } => to.say(text("err-object-number").show("name", name)),
            Self::NoFolder { place } => to.say(text("err-no-folder").with("place", place.as_str())),
            Self::NotEmpty { place } => to.say(text("err-not-empty").with("place", place.as_str())),
            Self::InTheWay { place } => to.say(text("err-in-the-way").with("place", place.as_str())),
            Self::NoSpace { name } => to.say(text("err-no-space").show("name", name)),
            Self::ReadOnly { place } => to.say(text("err-read-only").with("place", place.as_str())),
            Self::Denied { place } => to.say(text("err-denied").with("place", place.as_str())),
            Self::Poisoned { place } => to.say(text("err-poisoned").with("place", place.as_str())),
            Self::Io { place, source } => to.say(text("err-io").with("place", place.as_str())).because(source),
        };
    }
}

impl Explain for VaultError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::Missing => to.say(text("err-vault-missing")),
            Self::HalfMade => to.say(text("err-vault-half-made")),
            Self::Object(FormatError::Foreign(_)) => to.say(text("err-vault-foreign")),
            Self::Object(FormatError::Newer(_)) => to.say(text("err-vault-newer")),
            Self::Object(source) => to.damaged().say(text("err-vault-object")).because(source),
            Self::Replaced => to.damaged().say(text("err-vault-replaced")),
            Self::OwnerLog(source) => to.because(source),
            Self::WrongKit { kit, vault } => to.say(text("err-wrong-kit").show("kit", kit).show("vault", vault)),
            Self::NoOwnerKey => to.say(text("err-no-owner-key")),
            Self::NotAnOwner => to.say(text("err-not-an-owner")),
            Self::OtherFounder => to.say(text("err-other-founder")),
            Self::MoreOwners { signers_min } => to.say(text("err-more-owners").with("count", *signers_min)),
            Self::UnknownStrand { strand } => to.say(text("err-unknown-strand").show("strand", strand)),
            Self::Raced => to.say(text("err-raced")),
            Self::Recipients(_) => to.say(text("err-recipients")),
            Self::StrandReplaced { name } => to.damaged().say(text("err-strand-replaced").show("name", name)),
            Self::StrandNewer { source, .. } => to.because(source),
            Self::Secrets(source) => to.because(source),
            Self::Seal(source) => to.say(text("err-seal")).because(source),
            Self::Store(source) => to.because(source),
        };
    }
}

impl Explain for OwnerLogError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::Format { source: FormatError::Newer(_), .. } => to.say(text("err-vault-newer")),
            Self::Missing => to.damaged().say(text("err-log-missing")),
            Self::Format { seq, source } => to.damaged().say(text("err-log-entry").with("seq", *seq)).because(source),
            Self::Unfounded => to.damaged().say(text("err-vault-replaced")),
            Self::Broken { seq } => to.damaged().say(text("err-log-cut").with("seq", *seq)),
            Self::Fork { seq } => to.damaged().say(text("err-log-fork").with("seq", *seq)),
            Self::Absurd { seq, .. } => to.damaged().say(text("err-log-absurd").with("seq", *seq)),
        };
    }
}

impl Explain for OwnerLogFault {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::Unreadable { name, source } => {
                to.say(text("err-object-unreadable").show("name", name)).because(source.as_ref())
            }
            Self::Changed { name } => to.say(text("err-object-changed").show("name", name)),
            Self::Malformed { name, source } => to.say(text("err-object-damaged").show("name", name)).because(source),
            Self::Unsigned { .. } => to.say(text("err-log-unsigned").with("seq", self.seq())),
            Self::Broken { .. } => to.say(text("err-log-broken").with("seq", self.seq())),
        };
    }
}

impl Explain for SecretsError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::Envelope { source: EnvelopeError::WrongKey, .. } => to.say(text("err-kit-does-not-open")),
            Self::Envelope { strand, source } => {
                to.damaged().say(text("err-secrets").show("strand", strand)).because(source)
            }
            Self::Format { strand, source } => {
                to.damaged().say(text("err-secrets").show("strand", strand)).because(source)
            }
        };
    }
}

impl Explain for EnvelopeError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::Recipient(given) => to.usage().say(text("err-recipient").with("recipient", given.as_str())),
            Self::Identity => to.say(text("err-identity")),
            Self::Plugin(name) => to.say(text("err-plugin").with("plugin", name.as_str())),
            Self::Nobody => to.say(text("err-nobody")),
            Self::TooMany => to.say(text("err-too-many-recipients")),
            Self::WrongKey => to.say(text("err-wrong-key")),
            Self::Damaged => to.say(text("err-sealed-damaged")),
        };
    }
}

impl Explain for KitError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::NoIdentity => to.say(text("err-kit-empty")),
            Self::Identity { line, .. } => to.say(text("err-kit-identity").with("line", *line as u64)),
            Self::Mistyped { line } => to.say(text("err-kit-mistyped").with("line", *line as u64)),
        };
    }
}

impl Explain for FormatError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::Foreign(what) => to.say(text("err-format-foreign").with("what", noun(what))),
            Self::Newer(what) => to.say(text("err-format-newer").with("what", noun(what))),
            Self::Truncated(what) => to.say(text("err-format-truncated").with("what", noun(what))),
            Self::Malformed(what) => to.say(text("err-format-malformed").with("what", noun(what))),
            Self::TooLarge(what) => to.say(text("err-format-too-large").with("what", noun(what))),
            Self::Sealed(what) => to.say(text("err-format-sealed").with("what", noun(what))),
            Self::Signature(what) => to.say(text("err-format-signature").with("what", noun(what))),
            Self::WrongContent(what) => to.say(text("err-format-content").with("what", noun(what))),
        };
    }
}

impl Explain for ManifestError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::Format(source) => to.damaged().say(text("err-manifest")).because(source),
            Self::Key(source) => to.damaged().say(text("err-manifest-key")).because(source),
        };
    }
}

impl Explain for SnapshotFault {
    fn explain(&self, to: &mut Explanation) {
        to.damaged();
        match self {
            Self::Unreadable { name, source } => {
                to.say(text("err-manifest-unreadable").show("name", name)).because(source)
            }
            Self::Changed { name } => to.say(text("err-object-changed").show("name", name)),
            Self::Unbelievable { name, source } => {
                to.say(text("err-manifest-unbelievable").show("name", name)).because(source)
            }
            Self::AfterRetirement { name } => to.say(text("err-after-retirement").show("name", name)),
            Self::Fork { strand, seq } => to.say(text("err-strand-fork").show("strand", strand).with("seq", *seq)),
            Self::Broken { strand, seq } => to.say(text("err-strand-broken").show("strand", strand).with("seq", *seq)),
        };
    }
}

impl Explain for ReadFault {
    fn explain(&self, to: &mut Explanation) {
        if !matches!(self, Self::Scratch(_)) {
            to.damaged();
        }
        match self {
            Self::Store { source: StoreError::NotFound { name }, .. } => {
                to.say(text("err-object-missing").show("name", name))
            }
            Self::Store { name, source } => to.say(text("err-object-unreadable").show("name", name)).because(source),
            Self::Damaged { name, source } => to.say(text("err-object-damaged").show("name", name)).because(source),
            Self::Key { name, source } => to.say(text("err-object-key").show("name", name)).because(source),
            Self::Unlocated { id } => to.say(text("err-blob-nowhere").show("id", id)),
            Self::List(source) => to.because(source),
            Self::Scratch(source) => to.because(source),
        };
    }
}

impl Explain for ReadError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::Store(source) => to.because(source),
            Self::Scratch(source) => to.because(source),
        };
    }
}

impl Explain for ScratchError {
    fn explain(&self, to: &mut Explanation) {
        let Self { folder, source } = self;
        to.say(text("err-scratch-folder").show("path", folder.display())).because(source);
    }
}

impl Explain for ListFault {
    fn explain(&self, to: &mut Explanation) {
        to.damaged();
        match self {
            Self::Unreadable { source: StoreError::NotFound { name }, .. } => {
                to.say(text("err-object-missing").show("name", name))
            }
            Self::Unreadable { name, source } => {
                to.say(text("err-object-unreadable").show("name", name)).because(source)
            }
            Self::Changed { name } => to.say(text("err-object-changed").show("name", name)),
            Self::Malformed { name, source } => to.say(text("err-object-damaged").show("name", name)).because(source),
        };
    }
}

impl Explain for StateError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::Loose { path, mode, wanted } => to.say(
                text("err-state-loose")
                    .show("path", path.display())
                    .with("mode", format!("{mode:04o}"))
                    .with("wanted", format!("{wanted:o}")),
            ),
            Self::Foreign { path, owner, user, .. } => {
                to.say(text("err-state-foreign").show("path", path.display()).show("owner", owner).show("user", user))
            }
            Self::Odd { path } => to.say(text("err-in-the-way").show("place", path.display())),
            Self::Busy { path, pid } => {
                let pid = pid.map_or_else(|| "?".to_string(), |pid| pid.to_string());
                to.say(text("err-state-busy").show("path", path.display()).with("pid", pid))
            }
            Self::Exists { path } => to.say(text("err-state-exists").show("path", path.display())),
            Self::NoAgent { .. } => to.say(text("err-not-enrolled")),
            Self::DamagedAgent { path, source } => {
                to.say(text("err-agent-damaged").show("path", path.display())).because(source)
            }
            Self::LongLabel { label_bytes_max, .. } => {
                to.say(text("err-long-label").with("max", *label_bytes_max as u64))
            }
            Self::NumbersUsed { path } => to.say(text("err-numbers-used").show("path", path.display())),
            Self::OutOfOrder { path } => to.say(text("err-out-of-order").show("path", path.display())),
            Self::LongFooter { path, .. } => to.say(text("err-long-footer").show("path", path.display())),
            Self::Io { path, source } => to.say(text("err-io").show("place", path.display())).because(source),
        };
    }
}

impl Explain for LostReason {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::Absent => to.say(text("err-lost-absent")),
            Self::Foreign => to.say(text("err-lost-foreign")),
            Self::Version { version } => to.say(text("err-lost-version").with("version", u64::from(*version))),
            Self::Damaged => to.say(text("err-lost-damaged")),
            Self::Stale => to.say(text("err-lost-stale")),
            Self::Unreadable { kind } => to.quote(kind),
        };
    }
}

impl Explain for BackupError {
    fn explain(&self, to: &mut Explanation) {
        match self {
            Self::Vault(source) => to.because(source),
            Self::Store(source) => to.because(source),
            Self::State(source) => to.because(source),
            Self::Source(source) => to.because(source),
            Self::Seal(source) => to.say(text("err-session-seal")).because(source),
            Self::Retired { strand, reason } => {
                to.say(text("err-retired").show("strand", strand).with("reason", reason.as_str()))
            }
            Self::OtherOwners => to.damaged().say(text("err-other-owners")),
            Self::Fork { strand, seq } => {
                to.damaged().say(text("err-strand-fork").show("strand", strand).with("seq", *seq))
            }
            Self::LastNumber { strand } => to.damaged().say(text("err-last-number").show("strand", strand)),
            Self::OwnersSetBack => to.damaged().say(text("err-owners-set-back")),
            Self::Vanished { count } => to.say(text("err-objects-vanished").with("count", *count)),
            Self::Stream(source) => to.say(text("err-stream")).because(source),
            Self::Command(source) => to.say(text("err-command")).because(source),
            Self::Stopped => to.say(text("err-stopped")),
            Self::Aborted => to.say(text("err-aborted")),
        };
    }
}

/// Returns the word for an object, as the format calls it.
fn noun(what: &str) -> Gap {
    let key = match what {
        "vault object" => "noun-vault",
        "owner log entry" => "noun-owner-entry",
        "strand object" => "noun-strand",
        "keys object" => "noun-keys",
        "pack" => "noun-pack",
        "pack directory" => "noun-pack-directory",
        "index" => "noun-index",
        "list" => "noun-list",
        "lease" => "noun-lease",
        "manifest" => "noun-manifest",
        "expiry record" => "noun-expiry",
        "strand secrets" => "noun-secrets",
        "blob" => "noun-blob",
        "chunk list" => "noun-chunk-list",
        "tree node" => "noun-node",
        other => return Gap::from(other),
    };
    text(key).into()
}
