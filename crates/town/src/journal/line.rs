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
    /// What is to be written would be read as something else.
    #[error("the entry cannot be written")]
    Unwritable,
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
/// [`LineError::TooLong`], [`LineError::Unwritable`].
pub fn write_line(entry: &Entry, sign: impl FnOnce(&[u8]) -> [u8; 64]) -> Result<Vec<u8>, LineError> {
    let mut line = serde_json::to_vec(entry).map_err(|error| LineError::Json(error.to_string()))?;
    let signature = BASE64.encode(&sign(&line));
    line.push(b'\t');
    line.extend(signature.as_bytes());
    match read_line(&line) {
        Ok((read, _)) if read == *entry => Ok(line),
        Err(LineError::TooLong) => Err(LineError::TooLong),
        // A line that nobody can read would end the journal for good.
        _ => Err(LineError::Unwritable),
    }
}

/// Reads a line. Whether the signature holds, and whether the line is in its place, is another matter.
///
/// # Errors
///
/// All of [`LineError`] but [`LineError::Signature`] and [`LineError::Unwritable`].
pub fn read_line(line: &[u8]) -> Result<(Entry, Signed<'_>), LineError> {
    let signed = split(line)?;
    let entry: Entry = serde_json::from_slice(signed.json).map_err(|error| LineError::Json(error.to_string()))?;
    // Public tools find both by this beginning; JSON alone would allow others.
    let beginning = format!("{{\"number\":{},\"before\":\"{}\",", entry.number, entry.before);
    let is_hash = fixed::<32>(&entry.before).is_some();
    if is_hash && signed.json.starts_with(beginning.as_bytes()) {
        Ok((entry, signed))
    } else {
        Err(LineError::Beginning)
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::journal::{Attachment, Confidence, Damage, Draft, Fact, Kind, Stamp};
    use crate::state::{Level, Origin, Value};

    fn time() -> jiff::Timestamp {
        "2026-11-22T14:30:00.123Z".parse().unwrap()
    }

    fn facts() -> Vec<Fact> {
        let words = || "dit\t\"cela\"\n\u{1}é\u{2028}".to_string();
        let figures =
            json!({ "files": 3, "seconds": 1.25, "deep": { "is": null, "what": [] } }).as_object().unwrap().clone();
        let of = Value {
            of: "messagerie".into(),
            is: Level::Degraded,
            how: Some(words()),
            why: None,
            since: Some(time()),
            next_news: None,
            origin: Origin::Human,
            said: time(),
        };
        let damage = Damage { source: words(), files: u64::MAX, sound_until: Some(time()), ..Damage::default() };
        vec![
            Fact::Opened {
                version: 1,
                town: words(),
                map_sha256: None,
                desk: "00".into(),
                program: words(),
                exercise: true,
            },
            Fact::Certified { vault: "00".into(), owner: "00".into(), statement: words(), signature: words() },
            Fact::Known { at: time() },
            Fact::State(of),
            Fact::Cost { category: words(), entity: Some("mairie".into()), cents: i64::MIN, proof: None },
            Fact::Met { deadline: "cnil".into(), entity: None, receipt: Some(words()) },
            Fact::Command { name: "restore".into(), figures, code: Some(3) },
            Fact::Damage(damage),
            Fact::Answer { field: "nature".into(), words: words() },
            Fact::Closed,
        ]
    }

    #[test]
    fn every_fact_is_read_as_it_was_written() {
        let stamp = Stamp { time: time(), clock: "system".into(), author: "É".into() };
        for fact in facts() {
            let mut draft = Draft::new(Kind::Evidence, "Deux\nlignes\tet plus.").with(fact);
            draft.attachments = vec![Attachment { name: "a\tb".into(), sha256: "00".into(), bytes: 1 }];
            (draft.confidence, draft.corrects, draft.happened) = (Some(Confidence::Guess), Some(1), Some(time()));
            let entry = draft.first(&stamp);
            let line = write_line(&entry, |_| [7; 64]).unwrap();
            assert!(!line.contains(&b'\n') && line.iter().filter(|byte| **byte == b'\t').count() == 1);
            assert_eq!(read_line(&line).unwrap().0, entry);
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_written() {
        let stamp = Stamp { time: time(), clock: "system".into(), author: "É".into() };
        let long = Draft::new(Kind::Action, "x".repeat(LINE_BYTES_MAX)).first(&stamp);
        assert_eq!(write_line(&long, |_| [7; 64]), Err(LineError::TooLong));
        let mut deep = json!(1);
        (0..200).for_each(|_| deep = json!([deep]));
        let figures = json!({ "deep": deep }).as_object().unwrap().clone();
        let fact = Fact::Command { name: "x".into(), figures, code: None };
        let deep = Draft::new(Kind::Action, "x").with(fact).first(&stamp);
        assert_eq!(write_line(&deep, |_| [7; 64]), Err(LineError::Unwritable));
    }
}
