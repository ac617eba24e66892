//! A line: an entry's JSON, a tab, and the desk's signature over the JSON's bytes.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use data_encoding::{BASE64, HEXLOWER};
use thiserror::Error;

use super::Entry;

/// A longer line is no entry.
pub const LINE_BYTES_MAX: usize = 256 << 10;

/// What is signed begins so, before the JSON: no signature over a line is one over something else.
pub const SIGNED_PREFIX: &[u8] = b"beffroi statement v0\n";

/// An Ed25519 public key.
pub type PublicKey = [u8; 32];

/// SHA-256 of a line, signature included, without its line feed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LineHash(pub [u8; 32]);

/// A journal's name: the first half of the hash of its first line.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct JournalId(pub [u8; 16]);

/// Why a line is no entry that holds.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum LineError {
    /// It is longer than any entry.
    #[error("the line is too long")]
    TooLong,
    /// There is no signature behind a tab.
    #[error("the line has no signature")]
    Shape,
    /// The JSON is not an entry's.
    #[error("the line is no entry: {0}")]
    Json(String),
    /// The JSON does not begin with its number and the hash of the line before, as it is written.
    #[error("the line does not begin as entries do")]
    Beginning,
    /// The desk did not sign this.
    #[error("the signature does not fit")]
    Signature,
}

impl LineHash {
    /// What stands before the first line.
    pub const NONE: Self = Self([0; 32]);

    /// Computes the hash of a line.
    pub fn of(line: &[u8]) -> Self {
        Self(digest(&SHA256, line).as_ref().try_into().expect("SHA-256 has 32 bytes"))
    }

    /// Reads 64 hexadecimal digits.
    pub fn parse(digits: &str) -> Option<Self> {
        fixed(digits).map(Self)
    }
}

impl JournalId {
    /// Names the journal with this first line.
    pub fn of(first: LineHash) -> Self {
        let (id, _) = first.0.split_first_chunk().expect("a hash has 32 bytes");
        Self(*id)
    }

    /// Reads 32 hexadecimal digits.
    pub fn parse(digits: &str) -> Option<Self> {
        fixed(digits).map(Self)
    }
}

impl fmt::Display for LineHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Display for JournalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// Writes a line, without its line feed. `sign` signs the JSON, [`SIGNED_PREFIX`] before it.
///
/// # Errors
///
/// [`LineError::TooLong`].
pub fn write_line(entry: &Entry, sign: impl FnOnce(&[u8]) -> [u8; 64]) -> Result<Vec<u8>, LineError> {
    let mut line = serde_json::to_vec(entry).map_err(|error| LineError::Json(error.to_string()))?;
    let signature = BASE64.encode(&sign(&line));
    line.push(b'\t');
    line.extend(signature.as_bytes());
    if line.len() > LINE_BYTES_MAX { Err(LineError::TooLong) } else { Ok(line) }
}

/// Reads a line. Whether the signature holds, and whether the line is in its place, is another matter.
///
/// # Errors
///
/// All of [`LineError`] but [`LineError::Signature`].
pub fn read_line(line: &[u8]) -> Result<(Entry, Signed<'_>), LineError> {
    let signed = split(line)?;
    let entry: Entry = serde_json::from_slice(signed.json).map_err(|error| LineError::Json(error.to_string()))?;
    // Public tools find both by this beginning; JSON alone would allow others.
    let beginning = format!("{{\"number\":{},\"before\":\"{}\",", entry.number, entry.before);
    let is_hash = fixed::<32>(&entry.before).is_some();
    if is_hash && signed.json.starts_with(beginning.as_bytes()) { Ok((entry, signed)) } else { Err(LineError::Beginning) }
}

/// Reads the entries of a file that was examined; lines that are none are left out.
pub fn entries(file: &[u8]) -> impl Iterator<Item = Entry> {
    lines(file).filter_map(|line| read_line(line).ok()).map(|(entry, _)| entry)
}

/// What of a line is signed, and the signature.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'l> {
    json: &'l [u8],
    signature: [u8; 64],
}

impl Signed<'_> {
    /// Tells whether a key signed this.
    pub fn is_by(&self, key: &PublicKey) -> bool {
        is_signed(key, self.json, &self.signature)
    }
}

/// Returns the lines of a file that have their line feed.
pub(super) fn lines(file: &[u8]) -> impl Iterator<Item = &[u8]> {
    let whole = &file[..whole_bytes(file)];
    whole.split_inclusive(|byte| *byte == b'\n').map(|line| &line[..line.len() - 1])
}

/// Returns how many bytes of a file are whole lines.
pub(super) fn whole_bytes(file: &[u8]) -> usize {
    file.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
}

/// Tells whether a key signed a text.
pub(super) fn is_signed(key: &PublicKey, text: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, key).verify(&[SIGNED_PREFIX, text].concat(), signature).is_ok()
}

/// Reads hexadecimal digits of an exact length, in lower case.
pub(super) fn fixed<const N: usize>(digits: &str) -> Option<[u8; N]> {
    HEXLOWER.decode(digits.as_bytes()).ok()?.try_into().ok()
}

fn split(line: &[u8]) -> Result<Signed<'_>, LineError> {
    if line.len() > LINE_BYTES_MAX {
        return Err(LineError::TooLong);
    }
    let tab = line.iter().rposition(|byte| *byte == b'\t').ok_or(LineError::Shape)?;
    let signature = BASE64.decode(&line[tab + 1..]).ok().and_then(|bytes| bytes.try_into().ok());
    Ok(Signed { json: &line[..tab], signature: signature.ok_or(LineError::Shape)? })
}
