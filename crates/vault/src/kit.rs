//! The recovery kit: what the owners keep on paper, and what opens a vault.

use std::fmt::Write as _;

use data_encoding::BASE32_NOPAD;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::bytes::SigningKey;
use crate::envelope::{EnvelopeError, Identity};
use crate::id::VaultId;
use crate::secret::SecretKey;

/// Keys of the owners: the age identities that open the vault and, if it is here, an owner's signing key.
#[derive(Clone, Debug)]
pub struct RecoveryKit {
    /// The vault that the kit was made for, if it says so.
    pub vault: Option<VaultId>,
    /// An owner's signing key.
    pub owner: Option<SigningKey>,
    /// What opens the strands' secrets; never empty.
    pub identities: Vec<Identity>,
}

/// Why a text is not a recovery kit.
#[derive(Debug, Error)]
pub enum KitError {
    /// No line holds an age identity.
    #[error("there is no age identity (AGE-SECRET-KEY-1…) in it")]
    NoIdentity,
    /// A line holds something that looks like an identity and is not.
    #[error("line {line} is not an age identity")]
    Identity {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        #[source]
        source: EnvelopeError,
    },
    /// A `#` line of ours is mistyped.
    #[error("line {line} is mistyped")]
    Mistyped {
        /// Counted from 1.
        line: usize,
    },
}

impl RecoveryKit {
    /// Reads the text of a kit, or any age identity file.
    pub fn parse(text: &str) -> Result<Self, KitError> {
        let mut kit = Self { vault: None, owner: None, identities: Vec::new() };
        for (index, line) in text.lines().map(str::trim).enumerate() {
            let mistyped = || KitError::Mistyped { line: index + 1 };
            if let Some(id) = line.strip_prefix("# vault:") {
                kit.vault = Some(VaultId::from_hex(id.trim()).ok_or_else(mistyped)?);
            } else if let Some(key) = line.strip_prefix("# owner-key:") {
                kit.owner = Some(parse_seed(key.trim()).ok_or_else(mistyped)?);
            } else if !line.is_empty() && !line.starts_with('#') {
                let identity =
                    Identity::parse(line).map_err(|source| KitError::Identity { line: index + 1, source })?;
                kit.identities.push(identity);
            }
        }
        if kit.identities.is_empty() { Err(KitError::NoIdentity) } else { Ok(kit) }
    }

    /// Writes the kit as the text that goes on paper, under the comment lines given.
    pub fn to_text(&self, comments: &[String]) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(1024));
        for comment in comments {
            let _ = writeln!(text, "# {comment}");
        }
        if let Some(vault) = &self.vault {
            let _ = writeln!(text, "# vault: {vault}");
        }
        if let Some(owner) = &self.owner {
            let seed = Zeroizing::new(BASE32_NOPAD.encode(owner.seed().expose()));
            let _ = writeln!(text, "# owner-key: {}", *seed);
        }
        for identity in &self.identities {
            let _ = writeln!(text, "{}", identity.expose());
        }
        text
    }
}

fn parse_seed(text: &str) -> Option<SigningKey> {
    let seed = Zeroizing::new(BASE32_NOPAD.decode(text.as_bytes()).ok()?);
    SecretKey::from_slice(&seed).map(SigningKey::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kit_is_read_as_it_was_written() {
        let kit = RecoveryKit {
            vault: Some(VaultId([1; 16])),
            owner: Some(SigningKey::new(SecretKey::new([2; 32]))),
            identities: vec![Identity::generate()],
        };
        let text = kit.to_text(&["Beffroi recovery kit".into()]);
        let read = RecoveryKit::parse(&text).unwrap();
        assert_eq!(read.vault, kit.vault);
        assert_eq!(read.owner.unwrap().public(), kit.owner.unwrap().public());
        assert_eq!(read.identities[0].expose(), kit.identities[0].expose());
        assert!(!format!("{:?}", read.identities).contains("AGE-SECRET"), "Debug shows no secret");
    }

    #[test]
    fn mistyped_kits_name_the_line() {
        assert!(matches!(RecoveryKit::parse("# nothing\n"), Err(KitError::NoIdentity)));
        assert!(matches!(RecoveryKit::parse("\nAGE-SECRET-KEY-1X\n"), Err(KitError::Identity { line: 2, .. })));
        assert!(matches!(RecoveryKit::parse("# owner-key: ABC\n"), Err(KitError::Mistyped { line: 1 })));
    }
}
