//! Sealing to people and strands: age files (age-encryption.org/v1), so that public tools open them.

use std::fmt;
use std::io::{Read, Write};
use std::str::FromStr;

use age::secrecy::ExposeSecret;
use age::{NoCallbacks, plugin, x25519};
use thiserror::Error;
use zeroize::Zeroizing;

/// Someone to whom secrets can be sealed: an age X25519 recipient or one of a plugin (a hardware token).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Recipient(String);

/// A key that opens what is sealed to its recipient: an age X25519 identity or one of a plugin.
#[derive(Clone)]
pub struct Identity(Zeroizing<String>);

/// Why an age file could not be made or opened.
#[derive(Debug, Error)]
pub enum EnvelopeError {
    /// The text is not a recipient that this program can seal to.
    #[error("“{0}” is not an age recipient (age1…)")]
    Recipient(String),
    /// The text is not an identity that this program can use.
    #[error("this is not an age identity (AGE-SECRET-KEY-1… or AGE-PLUGIN-…)")]
    Identity,
    /// A plugin's program is missing or fails.
    #[error("the age plugin “{0}” cannot be used")]
    Plugin(String),
    /// There is nobody to seal to.
    #[error("there is no recipient to seal to")]
    Nobody,
    /// There are more recipients than the header of an age file may hold here.
    #[error("there are too many recipients to seal to: some 500 are allowed")]
    TooMany,
    /// None of the identities opens the file.
    #[error("none of the keys given opens this")]
    WrongKey,
    /// The age file is damaged.
    #[error("the sealed secret is damaged")]
    Damaged,
}

impl Recipient {
    /// Reads `age1…`, an X25519 recipient or one of a plugin.
    pub fn parse(text: &str) -> Result<Self, EnvelopeError> {
        let text = text.trim();
        let known = x25519::Recipient::from_str(text).is_ok() || plugin::Recipient::from_str(text).is_ok();
        if known { Ok(Self(text.to_string())) } else { Err(EnvelopeError::Recipient(text.to_string())) }
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn to_age(&self) -> Result<Box<dyn age::Recipient + Send>, EnvelopeError> {
        if let Ok(recipient) = x25519::Recipient::from_str(&self.0) {
            return Ok(Box::new(recipient));
        }
        let recipient = plugin::Recipient::from_str(&self.0).map_err(|_| EnvelopeError::Recipient(self.0.clone()))?;
        let name = recipient.plugin().to_string();
        let plugin = plugin::RecipientPluginV1::new(&name, &[recipient], &[], NoCallbacks)
            .map_err(|_| EnvelopeError::Plugin(name))?;
        Ok(Box::new(plugin))
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Identity {
    /// Makes a new X25519 identity from the system's randomness (the age library takes no other).
    pub fn generate() -> Self {
        Self(Zeroizing::new(x25519::Identity::generate().to_string().expose_secret().to_string()))
    }

    /// Reads `AGE-SECRET-KEY-1…` or `AGE-PLUGIN-…`.
    pub fn parse(text: &str) -> Result<Self, EnvelopeError> {
        let text = text.trim();
        let known = x25519::Identity::from_str(text).is_ok() || plugin::Identity::from_str(text).is_ok();
        if known { Ok(Self(Zeroizing::new(text.to_string()))) } else { Err(EnvelopeError::Identity) }
    }

    /// Shows the text to code that writes it down.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns the recipient of an X25519 identity; a plugin's identity does not tell its own.
    pub fn recipient(&self) -> Option<Recipient> {
        let identity = x25519::Identity::from_str(&self.0).ok()?;
        Some(Recipient(identity.to_public().to_string()))
    }

    fn to_age(&self) -> Result<Box<dyn age::Identity>, EnvelopeError> {
        if let Ok(identity) = x25519::Identity::from_str(&self.0) {
            return Ok(Box::new(identity));
        }
        let identity = plugin::Identity::from_str(&self.0).map_err(|_| EnvelopeError::Identity)?;
        let name = identity.plugin().to_string();
        let plugin =
            plugin::IdentityPluginV1::new(&name, &[identity], NoCallbacks).map_err(|_| EnvelopeError::Plugin(name))?;
        Ok(Box::new(plugin))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(…)")
    }
}

/// Seals bytes to every one of the recipients.
pub fn seal_to(recipients: &[Recipient], plain: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    let recipients = recipients.iter().map(Recipient::to_age).collect::<Result<Vec<_>, _>>()?;
    let borrowed = recipients.iter().map(|r| r.as_ref() as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(borrowed).map_err(|error| match error {
        age::EncryptError::MissingRecipients => EnvelopeError::Nobody,
        other => EnvelopeError::Plugin(other.to_string()),
    })?;
    let mut sealed = Vec::new();
    let mut writer = encryptor.wrap_output(&mut sealed).map_err(|error| EnvelopeError::Plugin(error.to_string()))?;
    writer.write_all(plain).and_then(|()| writer.finish()).expect("writing to a Vec does not fail");
    // What nobody would open again is not written.
    if is_short_header(&sealed) { Ok(sealed) } else { Err(EnvelopeError::TooMany) }
}

/// Opens an age file with whichever of the identities fits. At most 1 MiB of plain text is taken.
pub fn open_with(identities: &[Identity], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
    let identities = identities.iter().map(Identity::to_age).collect::<Result<Vec<_>, _>>()?;
    if !is_short_header(sealed) {
        return Err(EnvelopeError::Damaged);
    }
    let decryptor = age::Decryptor::new_buffered(sealed).map_err(|_| EnvelopeError::Damaged)?;
    let reader = decryptor.decrypt(identities.iter().map(AsRef::as_ref)).map_err(|error| match error {
        age::DecryptError::NoMatchingKeys => EnvelopeError::WrongKey,
        _ => EnvelopeError::Damaged,
    })?;
    // The plain text is shorter than the file: a vector that never grows leaves no copy behind.
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len().min(1 << 20)));
    reader.take(1 << 20).read_to_end(&mut plain).map_err(|_| EnvelopeError::Damaged)?;
    Ok(plain)
}

/// The header of an age file is at most so long, in bytes and in lines; a recipient takes two lines, or a few.
const HEADER_BYTES_MAX: usize = 64 << 10;
const HEADER_LINES_MAX: usize = 1024;

/// Tells whether the header ends soon. The age library reads it anew for each line that it has: a long one takes hours.
fn is_short_header(sealed: &[u8]) -> bool {
    let begin = &sealed[..sealed.len().min(HEADER_BYTES_MAX)];
    begin.split(|byte| *byte == b'\n').take(HEADER_LINES_MAX).any(|line| line.starts_with(b"---"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_recipient_opens_and_nobody_else() {
        let (one, two, other) = (Identity::generate(), Identity::generate(), Identity::generate());
        let recipients = [one.recipient().unwrap(), two.recipient().unwrap()];
        let sealed = seal_to(&recipients, b"secret").unwrap();
        for identity in [one, two] {
            assert_eq!(open_with(&[other.clone(), identity], &sealed).unwrap().as_slice(), b"secret");
        }
        assert!(matches!(open_with(&[other], &sealed), Err(EnvelopeError::WrongKey)));
        assert!(matches!(seal_to(&[], b"secret"), Err(EnvelopeError::Nobody)));
    }

    #[test]
    fn a_header_that_does_not_end_is_refused_at_once() {
        let stanzas = b"-> X25519 A\n\n".repeat(80_000);
        let endless = [&b"age-encryption.org/v1\n"[..], &stanzas].concat();
        let identity = Identity::generate();
        assert!(matches!(open_with(std::slice::from_ref(&identity), &endless), Err(EnvelopeError::Damaged)));
        let recipient = identity.recipient().unwrap();
        let many = |count| seal_to(&vec![recipient.clone(); count], b"secret");
        assert_eq!(open_with(&[identity], &many(500).unwrap()).unwrap().as_slice(), b"secret");
        assert!(matches!(many(520), Err(EnvelopeError::TooMany)), "nobody would open it");
    }

    #[test]
    fn a_changed_envelope_does_not_open() {
        let identity = Identity::generate();
        let sealed = seal_to(&[identity.recipient().unwrap()], b"secret").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open_with(std::slice::from_ref(&identity), &changed).is_err(), "byte {at}");
        }
    }
}
