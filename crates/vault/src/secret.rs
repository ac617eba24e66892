//! Secrets in memory: wiped when dropped, never shown.

use std::fmt;

use zeroize::Zeroize;

use crate::world::{Entropy, random};

/// A secret of 32 bytes. It is wiped when dropped, and nothing prints it.
#[derive(Clone)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// Length in bytes.
    pub const BYTES: usize = 32;

    /// Takes the bytes, and wipes the place where the caller had them.
    pub fn take(bytes: &mut [u8; 32]) -> Self {
        let key = Self(*bytes);
        bytes.zeroize();
        key
    }

    /// Copies bytes of the exact length; anything else is `None`.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Makes a new secret.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self::take(&mut random(entropy))
    }

    /// Returns the secret itself, to compute with.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Drop for SecretKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_taken_and_never_shown() {
        let mut bytes = [0x5a; 32];
        let key = SecretKey::take(&mut bytes);
        assert_eq!(bytes, [0; 32]);
        assert_eq!(key.bytes(), &[0x5a; 32]);
        assert_eq!(format!("{key:?}"), "SecretKey(hidden)");
        assert!(SecretKey::from_slice(&[1; 31]).is_none());
    }
}
