//! An attestation: an owner's signed word that the files of a folder are, bit by bit, what was kept; with those that are not.
//!
//! The file is a JSON object: `statement`, which is itself JSON in a string, so that its bytes are signed as they stand; `owner`, the
//! public key; `signature`. It can be verified without this program (`docs/attestation.md`).

use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use triage::verdict::Class;
use vault::bytes::{PublicKey, SigningKey, verify_statement};

use crate::lines::{Line, Totals};

/// What is attested.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Statement {
    /// Version of the statement's form.
    pub beffroi_attestation: u32,
    /// The vault's id, in hexadecimal.
    pub vault: String,
    /// The source's name.
    pub source: String,
    /// The machine that kept it.
    pub host: String,
    /// The snapshot that the folder was compared with, in hexadecimal: its id pins every byte.
    pub snapshot: String,
    /// When the snapshot was begun, by the machine's clock, in RFC 3339.
    pub snapshot_time: String,
    /// SHA-256 of the plan by which some files stand otherwise than in the snapshot, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// The folder that was read.
    pub folder: String,
    /// When the reading began and when it ended, by the desk's clock, in RFC 3339.
    pub began: String,
    /// See `began`.
    pub ended: String,
    /// The program and its version.
    pub program: String,
    /// Who declares that the machine was started from a clean medium. Nobody: what it showed of its disk is not proved.
    pub clean_boot: Option<String>,
    /// How many files are what.
    pub counts: Counts,
    /// The files that are not identical.
    pub others: Vec<Other>,
    /// How many more there are: not zero, and the statement does not name all.
    pub unlisted: u64,
}

/// How many files are what.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Counts {
    /// Files that should be there.
    pub files: u64,
    /// Bit by bit what was kept.
    pub identical: u64,
    /// Other bytes, and nothing is wrong with them that was not before.
    pub edited: u64,
    /// Hurt, under their own or another name.
    pub damaged: u64,
    /// Not there.
    pub missing: u64,
    /// There, and not kept.
    pub new: u64,
    /// Doubtful or unknown.
    pub unknown: u64,
    /// Folders of which a part could not be read: what is in them is not counted.
    pub unread_folders: u64,
}

/// A file that is not identical.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Other {
    /// Its path from the source's root.
    pub path: String,
    /// The path's bytes in base64, if it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_b64: Option<String>,
    /// What became of it: a word of the damage report.
    pub class: String,
}

/// A signed statement.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attestation {
    /// The statement, as JSON.
    pub statement: String,
    /// The owner's public key, in hexadecimal.
    pub owner: String,
    /// The signature, in base64.
    pub signature: String,
}

/// Why a file is no attestation that holds.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum AttestationError {
    /// It does not read as one.
    #[error("this is no attestation")]
    NotOne,
    /// It is of a later program.
    #[error("the attestation has version {0}")]
    Later(u32),
    /// It is not what was signed.
    #[error("the signature does not fit")]
    Forged,
}

/// The version that this program writes, and the latest that it reads.
const VERSION: u32 = 1;
/// So many files that are not identical are named.
pub const OTHERS_MAX: usize = 100_000;

impl Statement {
    /// Begins the version that this program writes.
    pub const VERSION: u32 = VERSION;

    /// Tells whether everything that should be there is, and nothing is hurt or unknown.
    pub fn is_sound(&self) -> bool {
        let Counts { damaged, missing, unknown, unread_folders, .. } = self.counts;
        damaged + missing + unknown + unread_folders == 0
    }

    /// Signs it.
    pub fn sign(&self, key: &SigningKey) -> Result<Attestation, serde_json::Error> {
        let statement = serde_json::to_string(self)?;
        let signature = BASE64.encode(&key.sign_statement(statement.as_bytes()));
        Ok(Attestation { statement, owner: HEXLOWER.encode(&key.public()), signature })
    }
}

impl Attestation {
    /// Reads a file, and verifies that the key it names signed it. Whose key that is, is another question.
    pub fn verify(file: &[u8]) -> Result<(Statement, PublicKey), AttestationError> {
        let read: Self = serde_json::from_slice(file).map_err(|_| AttestationError::NotOne)?;
        let owner = HEXLOWER.decode(read.owner.as_bytes()).ok().and_then(|key| PublicKey::try_from(key).ok());
        let signature = BASE64.decode(read.signature.as_bytes()).ok();
        let (Some(owner), Some(signature)) = (owner, signature) else { return Err(AttestationError::NotOne) };
        verify_statement(&owner, read.statement.as_bytes(), &signature).map_err(|_| AttestationError::Forged)?;
        let statement: Statement = serde_json::from_str(&read.statement).map_err(|_| AttestationError::NotOne)?;
        match statement.beffroi_attestation {
            later if later > VERSION => Err(AttestationError::Later(later)),
            _ => Ok((statement, owner)),
        }
    }
}

impl Counts {
    /// Takes what an assessment of the disk found.
    pub fn of(totals: &Totals) -> Self {
        Self {
            files: totals.files_before,
            identical: totals.intact,
            edited: totals.edited,
            damaged: totals.damaged + totals.renamed_damaged,
            missing: totals.deleted,
            new: totals.new + totals.notes,
            unknown: totals.suspect + totals.unknown,
            unread_folders: totals.unread_directories,
        }
    }
}

impl Other {
    /// Names a file that is not identical.
    pub fn of(line: &Line, word: impl Fn(Class) -> &'static str) -> Self {
        let spelt = std::str::from_utf8(&line.path).is_err().then(|| BASE64.encode(&line.path));
        let path = String::from_utf8_lossy(&line.path).into_owned();
        Self { path, path_b64: spelt, class: word(line.class).to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vault::secret::SecretKey;

    fn statement() -> Statement {
        Statement {
            beffroi_attestation: VERSION,
            vault: "ab".repeat(16),
            source: "partage".into(),
            host: "mairie".into(),
            snapshot: "0a".repeat(32),
            snapshot_time: "2026-11-22T01:00:00Z".into(),
            plan: None,
            folder: "/srv/partage".into(),
            began: "2026-11-22T13:00:00Z".into(),
            ended: "2026-11-22T13:05:00Z".into(),
            program: "beffroi 0.1.0".into(),
            clean_boot: Some("Élodie Martin".into()),
            counts: Counts { files: 3, identical: 2, damaged: 1, ..Counts::default() },
            others: vec![Other { path: "a\u{fffd}".into(), path_b64: Some("Yf8=".into()), class: "damaged".into() }],
            unlisted: 0,
        }
    }

    #[test]
    fn what_was_signed_is_read_and_any_change_is_seen() {
        let key = SigningKey::new(SecretKey::new([7; 32]));
        let attestation = statement().sign(&key).unwrap();
        let file = serde_json::to_vec_pretty(&attestation).unwrap();
        assert_eq!(Attestation::verify(&file), Ok((statement(), key.public())));
        assert!(!statement().is_sound());
        let inside: Vec<usize> = (0..file.len()).filter(|at| file[*at].is_ascii_alphanumeric()).collect();
        let mut refused = 0;
        for at in inside {
            let mut changed = file.clone();
            changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
            match Attestation::verify(&changed) {
                Err(_) => refused += 1,
                // Base64 has bits at its end that mean nothing.
                Ok((read, owner)) => assert_eq!((read, owner), (statement(), key.public()), "byte {at}"),
            }
        }
        assert!(refused > 500, "{refused}");
    }

    #[test]
    fn another_key_signs_another_attestation() {
        let (one, other) = (SigningKey::new(SecretKey::new([7; 32])), SigningKey::new(SecretKey::new([8; 32])));
        let mut attestation = statement().sign(&one).unwrap();
        attestation.owner = statement().sign(&other).unwrap().owner;
        let file = serde_json::to_vec(&attestation).unwrap();
        assert_eq!(Attestation::verify(&file), Err(AttestationError::Forged));
        let later = Statement { beffroi_attestation: 2, ..statement() }.sign(&one).unwrap();
        assert_eq!(Attestation::verify(&serde_json::to_vec(&later).unwrap()), Err(AttestationError::Later(2)));
    }
}
