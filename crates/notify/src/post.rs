//! What comes from outside, and what can go wrong on the way.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::notice::Notice;
use crate::settings::{Recipient, SecretPlace};

/// Carries a notice to a recipient. The real one is [`crate::Network`].
pub trait Post: Send + Sync {
    /// Carries it; success means that the other side took it.
    fn carry(&self, recipient: &Recipient, notice: &Notice, world: &dyn World) -> Result<(), SendError>;
}

/// What the library does not reach for by itself.
pub trait World: Send + Sync {
    /// Reads a secret; it wipes itself.
    fn secret(&self, place: &SecretPlace) -> Result<Zeroizing<String>, SecretError>;

    /// Reads a file of certificates.
    fn certificates(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Returns the time: seconds since 1970.
    fn now_seconds(&self) -> u64;

    /// Waits.
    fn pause(&self, time: Duration);
}

/// A secret cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The system refuses.
    #[error("{path} cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others may read it.
    #[error("{path} may be read by others (mode {mode:04o})")]
    Loose {
        /// The file.
        path: PathBuf,
        /// The permission bits.
        mode: u32,
    },
    /// It is empty, too long, or no text of one line.
    #[error("{path} holds no secret of one line")]
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// There is no folder of credentials (systemd.exec(5), LoadCredential=).
    #[error("the service manager gave no credential {name}")]
    NoCredential {
        /// Its name.
        name: String,
    },
}

/// A notice was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// A secret cannot be read.
    #[error("a secret cannot be read")]
    Secret(#[from] SecretError),
    /// A file of certificates cannot be used.
    #[error("the certificates in {path} cannot be used")]
    Authority {
        /// The file.
        path: PathBuf,
        /// Why, if the system said so.
        source: Option<io::Error>,
    },
    /// Nobody answers there.
    #[error("{place} cannot be reached: {reason}")]
    Unreachable {
        /// The server.
        place: String,
        /// What the system said.
        reason: String,
    },
    /// It answered too slowly.
    #[error("{place} did not answer in time")]
    Timeout {
        /// The server.
        place: String,
    },
    /// Whoever answers does not prove to be who he should be.
    #[error("the certificate of {place} is not believed: {reason}")]
    Certificate {
        /// The server.
        place: String,
        /// Why.
        reason: String,
    },
    /// The server offers no encryption.
    #[error("{place} offers no encryption")]
    NoEncryption {
        /// The server.
        place: String,
    },
    /// Name and password, or the token, are not accepted.
    #[error("{place} refuses the login ({code})")]
    LoginRefused {
        /// The server.
        place: String,
        /// Its code (RFC 5321 §4.2, RFC 9110 §15).
        code: u16,
    },
    /// The server refuses this notice.
    #[error("{place} refuses ({code})")]
    Refused {
        /// The server.
        place: String,
        /// Its code (RFC 5321 §4.2, RFC 9110 §15).
        code: u16,
        /// Whether it may take it later.
        is_transient: bool,
    },
    /// The server wants the notice to go elsewhere.
    #[error("{place} redirects ({code}), which is not followed")]
    Redirected {
        /// The server.
        place: String,
        /// Its code.
        code: u16,
    },
    /// The other side does not speak as it should.
    #[error("{place}: {reason}")]
    Protocol {
        /// The server.
        place: String,
        /// What was wrong.
        reason: String,
    },
    /// The command cannot be started.
    #[error("the command {program} cannot be started")]
    CommandStart {
        /// The command.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// The command ended without success.
    #[error("the command {program} failed ({status})")]
    CommandFailed {
        /// The command.
        program: String,
        /// How it ended.
        status: String,
    },
    /// The command took too long and was ended.
    #[error("the command {program} took too long")]
    CommandSlow {
        /// The command.
        program: String,
    },
}

impl SendError {
    /// Tells whether the same may succeed some seconds later, with nobody having changed anything.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Timeout { .. } | Self::Protocol { .. } => true,
            Self::CommandFailed { .. } | Self::CommandSlow { .. } => true,
            Self::Refused { is_transient, .. } => *is_transient,
            _ => false,
        }
    }
}

/// Reads the certificates that are believed beside the system's.
pub(crate) fn authorities(path: &Path, world: &dyn World) -> Result<Vec<u8>, SendError> {
    world.certificates(path).map_err(|source| SendError::Authority { path: path.to_path_buf(), source: Some(source) })
}

/// Shortens what another program said: it is shown to people.
pub(crate) fn quoted(words: &dyn std::fmt::Display) -> String {
    words.to_string().chars().map(|sign| if sign.is_control() { ' ' } else { sign }).take(200).collect()
}
