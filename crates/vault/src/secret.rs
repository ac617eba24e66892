//! Secrets of 32 bytes: never shown, zeroed when dropped.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::world::{Entropy, random};

/// A secret of 32 bytes.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// Takes the bytes of a secret.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Takes the bytes of a secret, and wipes the place where the caller had them.
    pub fn take(bytes: &mut [u8; 32]) -> Self {
        let secret = Self(*bytes);
        bytes.zeroize();
        secret
    }

    /// Takes exactly 32 bytes; anything else is `None`.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Makes a fresh secret.
    pub fn random(entropy: &dyn Entropy) -> Self {
        Self(random(entropy))
    }

    /// Shows the bytes to code that computes with them.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_taken_and_never_shown() {
        let mut bytes = [0x5a; 32];
        let secret = SecretKey::take(&mut bytes);
        assert_eq!((bytes, secret.expose()), ([0; 32], &[0x5a; 32]));
        assert_eq!(format!("{secret:?}"), "SecretKey(…)");
        assert!(SecretKey::from_slice(&[1; 31]).is_none());
    }
}
