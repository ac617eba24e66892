//! A certificate: the owner of a vault vouches for the key with which a desk signs.

use data_encoding::{BASE64, HEXLOWER};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Fact;
use super::line::{JournalId, PublicKey, fixed, is_signed};

/// What the owner signs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Certificate {
    /// Version of the statement's form; no other statement has this field.
    pub beffroi_desk: u32,
    /// The journal, in hexadecimal.
    pub journal: String,
    /// The desk's public key, in hexadecimal.
    pub desk: String,
    /// The town's name, as the journal has it.
    pub town: String,
    /// The vault's id, in hexadecimal.
    pub vault: String,
    /// When, by the desk's clock.
    pub time: Timestamp,
}

/// Why an entry certifies nothing.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum CertificateError {
    /// The owner that it names did not sign it.
    #[error("the owner's signature does not fit")]
    Signature,
    /// It is no statement of this form.
    #[error("the statement is no certificate")]
    Form,
    /// It is about another journal, desk or vault.
    #[error("the certificate is about something else")]
    Other,
}

impl Certificate {
    /// Begins a certificate of the version that this program writes.
    pub fn new(journal: JournalId, desk: &PublicKey, town: &str, vault: &str, time: Timestamp) -> Self {
        let (town, vault) = (town.to_string(), vault.to_string());
        Self { beffroi_desk: 1, journal: journal.to_string(), desk: HEXLOWER.encode(desk), town, vault, time }
    }

    /// Makes the fact of a signed certificate. `sign` signs the statement, [`super::SIGNED_PREFIX`] before it.
    pub fn sign(&self, owner: &PublicKey, sign: impl FnOnce(&[u8]) -> [u8; 64]) -> Result<Fact, CertificateError> {
        let statement = serde_json::to_string(self).map_err(|_| CertificateError::Form)?;
        let signature = BASE64.encode(&sign(statement.as_bytes()));
        Ok(Fact::Certified { vault: self.vault.clone(), owner: HEXLOWER.encode(owner), statement, signature })
    }

    /// Verifies what [`Fact::Certified`] says about a journal and its desk.
    ///
    /// # Errors
    ///
    /// All of [`CertificateError`].
    pub fn verify(
        (vault, owner): (&str, &str),
        (statement, signature): (&str, &str),
        (journal, desk): (JournalId, &PublicKey),
    ) -> Result<Self, CertificateError> {
        let owner = fixed(owner).ok_or(CertificateError::Signature)?;
        let signature = BASE64.decode(signature.as_bytes()).map_err(|_| CertificateError::Signature)?;
        if !is_signed(&owner, statement.as_bytes(), &signature) {
            return Err(CertificateError::Signature);
        }
        let read: Self = serde_json::from_str(statement).map_err(|_| CertificateError::Form)?;
        if read.beffroi_desk != 1 {
            return Err(CertificateError::Form);
        }
        let is_this = read.journal == journal.to_string() && read.desk == HEXLOWER.encode(desk) && read.vault == vault;
        if is_this { Ok(read) } else { Err(CertificateError::Other) }
    }
}
