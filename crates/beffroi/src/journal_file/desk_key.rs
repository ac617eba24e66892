//! The desk's key: 64 hexadecimal digits in a file that is its owner's alone.

use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use data_encoding::HEXLOWER;
use vault::bytes::{PublicKey, SigningKey};
use vault::secret::SecretKey;
use zeroize::Zeroizing;

use super::{JournalError, system};
use crate::plain_file;

const NAME: &str = "desk.key";
const DIGITS: usize = 64;

/// Writes a new key into a journal's folder.
pub fn write(folder: &Path, key: &SigningKey) -> Result<(), JournalError> {
    let path = folder.join(NAME);
    let mut text = Zeroizing::new(vec![b'\n'; DIGITS + 1]);
    HEXLOWER.encode_mut(key.seed().expose(), &mut text[..DIGITS]);
    crate::secret_file::write_new(&path, &text).map_err(|source| system(&path, source))
}

/// Reads the key whose public half the journal names.
pub fn read(folder: &Path, public: &PublicKey) -> Result<SigningKey, JournalError> {
    let path = folder.join(NAME);
    let mut text = Zeroizing::new(Vec::with_capacity(DIGITS + 2));
    let file = plain_file::open(&path).map_err(|source| system(&path, source))?;
    let mode = file.metadata().map_err(|source| system(&path, source))?.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(JournalError::KeyLoose { path, mode });
    }
    file.take(DIGITS as u64 + 2).read_to_end(&mut text).map_err(|source| system(&path, source))?;
    let mut seed = Zeroizing::new([0; 32]);
    let digits = text.strip_suffix(b"\n").unwrap_or(&text);
    let is_seed = digits.len() == DIGITS && HEXLOWER.decode_mut(digits, &mut *seed).is_ok();
    let key = SigningKey::new(SecretKey::take(&mut seed));
    if is_seed && key.public() == *public { Ok(key) } else { Err(JournalError::KeyOther { path }) }
}
