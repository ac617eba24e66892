//! Reading and writing the bytes of objects: heads, CBOR maps, signatures, columns of integers.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use minicbor::data::Type;
use minicbor::{Decoder, Encoder};
use thiserror::Error;

use crate::secret::SecretKey;

/// The format version that this program writes.
pub const FORMAT_VERSION: u8 = 0;

/// Why the bytes of an object cannot be used.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum FormatError {
    /// The first bytes are not those of such an object.
    #[error("these are not the bytes of a {0}")]
    Foreign(&'static str),
    /// A later program wrote this.
    #[error("a newer program wrote this {0}; update beffroi to read it")]
    Newer(&'static str),
    /// The bytes end too early.
    #[error("the {0} is cut short")]
    Truncated(&'static str),
    /// The bytes do not follow the format.
    #[error("the {0} is malformed")]
    Malformed(&'static str),
    /// A length or count is beyond what the format allows.
    #[error("the {0} is larger than the format allows")]
    TooLarge(&'static str),
    /// The seal does not open: other key, or changed bytes.
    #[error("the seal of the {0} does not open")]
    Sealed(&'static str),
    /// No signature that counts.
    #[error("the signature of the {0} is not valid")]
    Signature(&'static str),
    /// The bytes are sound, and not what their name says.
    #[error("the {0} holds other content than its id says")]
    WrongContent(&'static str),
}

/// What kind of object a head announces.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    /// Four bytes of ASCII.
    pub magic: &'static [u8; 4],
    /// The word for errors.
    pub what: &'static str,
}

macro_rules! heads {
    ($($name:ident $magic:literal $what:literal)*) => {
        $(
            #[doc = concat!("The head of a ", $what, ".")]
            pub const $name: Head = Head { magic: $magic, what: $what };
        )*
    };
}

heads! {
    VAULT b"BFRV" "vault object"
    OWNER b"BFRO" "owner log entry"
    STRAND b"BFRK" "strand object"
    KEYS b"BFRY" "keys object"
    PACK b"BFRP" "pack"
    INDEX b"BFRI" "index"
    LIST b"BFRL" "list"
    LEASE b"BFRE" "lease"
    MANIFEST b"BFRM" "manifest"
    EXPIRY b"BFRX" "expiry record"
}

impl Head {
    /// Begins an object.
    pub fn begin(&self) -> Vec<u8> {
        let mut bytes = self.magic.to_vec();
        bytes.push(FORMAT_VERSION);
        bytes
    }

    /// Checks the head and returns what follows.
    pub fn strip<'b>(&self, bytes: &'b [u8]) -> Result<&'b [u8], FormatError> {
        let (head, rest) = bytes.split_at_checked(5).ok_or(FormatError::Truncated(self.what))?;
        if &head[..4] != self.magic {
            return Err(FormatError::Foreign(self.what));
        }
        if head[4] != FORMAT_VERSION {
            return Err(FormatError::Newer(self.what));
        }
        Ok(rest)
    }
}

/// An Ed25519 key pair, kept as its seed.
#[derive(Clone, Debug)]
pub struct SigningKey(SecretKey);

/// An Ed25519 public key.
pub type PublicKey = [u8; 32];

impl SigningKey {
    /// Takes the seed of a key pair.
    pub fn new(seed: SecretKey) -> Self {
        Self(seed)
    }

    /// Returns the seed.
    pub fn seed(&self) -> &SecretKey {
        &self.0
    }

    /// Returns the public half.
    pub fn public(&self) -> PublicKey {
        self.pair().public_key().as_ref().try_into().expect("an Ed25519 public key has 32 bytes")
    }

    /// Signs a text that is no object of a vault: an attestation (`docs/format.md` §1.2).
    pub fn sign_statement(&self, text: &[u8]) -> [u8; 64] {
        self.sign(&statement_message(text))
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.pair().sign(message).as_ref().try_into().expect("an Ed25519 signature has 64 bytes")
    }

    fn pair(&self) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(self.0.expose()).expect("any 32 bytes are a seed")
    }
}

/// Wraps a body into a signed object (`docs/format.md` §1.1).
pub fn sign_object(head: Head, body: &[u8], keys: &[&SigningKey]) -> Vec<u8> {
    let message = signed_message(head, FORMAT_VERSION, body);
    let mut object = head.begin();
    object.extend((body.len() as u32).to_le_bytes());
    object.extend(body);
    let mut out = Encoder::new(&mut object);
    let _ = out.array(keys.len() as u64);
    for key in keys {
        let _ = out.array(2).and_then(|o| o.bytes(&key.public())).and_then(|o| o.bytes(&key.sign(&message)));
    }
    object
}

/// Splits a signed object into its body and the keys whose signatures are valid, each once.
pub fn open_signed(head: Head, object: &[u8]) -> Result<(&[u8], Vec<PublicKey>), FormatError> {
    head.strip(object)?;
    open_signed_of_any_version(head, object).map(|(_, body, signers)| (body, signers))
}

/// As [`open_signed`], whatever format version the object has; returns that too. What the body says is another matter.
pub fn open_signed_of_any_version(head: Head, object: &[u8]) -> Result<(u8, &[u8], Vec<PublicKey>), FormatError> {
    let malformed = FormatError::Malformed(head.what);
    let (begin, rest) = object.split_first_chunk::<5>().ok_or(FormatError::Truncated(head.what))?;
    let [magic @ .., version] = begin;
    if magic != head.magic {
        return Err(FormatError::Foreign(head.what));
    }
    let (length, rest) = rest.split_at_checked(4).ok_or(FormatError::Truncated(head.what))?;
    let length = u32::from_le_bytes(length.try_into().expect("four bytes")) as usize;
    let (body, signatures) = rest.split_at_checked(length).ok_or(FormatError::Truncated(head.what))?;
    let message = signed_message(head, *version, body);
    let mut read = Decoder::new(signatures);
    let count = array(&mut read, head.what)?;
    if count > 64 {
        return Err(FormatError::TooLarge(head.what));
    }
    let mut signers: Vec<PublicKey> = Vec::new();
    for _ in 0..count {
        if array(&mut read, head.what)? != 2 {
            return Err(malformed);
        }
        let key: PublicKey = fixed(&mut read, head.what)?;
        let signature: [u8; 64] = fixed(&mut read, head.what)?;
        UnparsedPublicKey::new(&ED25519, key)
            .verify(&message, &signature)
            .map_err(|_| FormatError::Signature(head.what))?;
        if !signers.contains(&key) {
            signers.push(key);
        }
    }
    if read.position() != signatures.len() {
        return Err(malformed);
    }
    Ok((*version, body, signers))
}

/// Verifies a signature over a text that is no object of a vault.
///
/// # Errors
///
/// [`FormatError::Signature`] if the key did not sign this text.
pub fn verify_statement(key: &PublicKey, text: &[u8], signature: &[u8]) -> Result<(), FormatError> {
    let verified = UnparsedPublicKey::new(&ED25519, key).verify(&statement_message(text), signature);
    verified.map_err(|_| FormatError::Signature("statement"))
}

fn statement_message(text: &[u8]) -> Vec<u8> {
    [STATEMENT_PREFIX, text].concat()
}

/// No object's signed message begins so.
const STATEMENT_PREFIX: &[u8] = b"beffroi statement v0\n";

fn signed_message(head: Head, version: u8, body: &[u8]) -> Vec<u8> {
    let mut message = b"beffroi signed v0".to_vec();
    message.extend(head.magic);
    message.push(version);
    message.extend(body);
    message
}

/// A growing CBOR item; writing to memory cannot fail.
pub struct Writer(Encoder<Vec<u8>>);

impl Default for Writer {
    fn default() -> Self {
        Self(Encoder::new(Vec::new()))
    }
}

/// Passes on the encoder after a write that cannot fail.
macro_rules! infallible {
    ($call:expr) => {
        match $call {
            Ok(_) => {}
            Err(never) => unreachable!("writing to a Vec fails: {never}"),
        }
    };
}

impl Writer {
    /// Begins a map of `entries` pairs.
    pub fn map(&mut self, entries: usize) -> &mut Self {
        infallible!(self.0.map(entries as u64));
        self
    }

    /// Begins an array of `items`.
    pub fn array(&mut self, items: usize) -> &mut Self {
        infallible!(self.0.array(items as u64));
        self
    }

    /// Writes an unsigned integer (also a map's key).
    pub fn unsigned(&mut self, value: u64) -> &mut Self {
        infallible!(self.0.u64(value));
        self
    }

    /// Writes a signed integer.
    pub fn signed(&mut self, value: i64) -> &mut Self {
        infallible!(self.0.i64(value));
        self
    }

    /// Writes a byte string.
    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        infallible!(self.0.bytes(value));
        self
    }

    /// Writes a text string.
    pub fn text(&mut self, value: &str) -> &mut Self {
        infallible!(self.0.str(value));
        self
    }

    /// Writes null.
    pub fn null(&mut self) -> &mut Self {
        infallible!(self.0.null());
        self
    }

    /// Writes an item that is CBOR already.
    pub fn raw(&mut self, item: &[u8]) -> &mut Self {
        self.0.writer_mut().extend_from_slice(item);
        self
    }

    /// Returns what was written.
    pub fn finish(self) -> Vec<u8> {
        self.0.into_writer()
    }
}

/// Reads a map whose keys are integers in ascending order.
///
/// `field` reads the value of the keys that it knows and returns `false`, having read nothing, for the others: below 64
/// these mean a newer program, above they are skipped.
pub fn read_map<'b>(
    read: &mut Decoder<'b>,
    what: &'static str,
    mut field: impl FnMut(u64, &mut Decoder<'b>) -> Result<bool, FormatError>,
) -> Result<(), FormatError> {
    let malformed = || FormatError::Malformed(what);
    let pairs = read.map().ok().flatten().ok_or_else(malformed)?;
    let mut previous = None;
    for _ in 0..pairs {
        let key = unsigned(read, what)?;
        if previous.is_some_and(|p| p >= key) {
            return Err(malformed());
        }
        previous = Some(key);
        if !field(key, read)? {
            if key < 64 {
                return Err(FormatError::Newer(what));
            }
            skip(read, what)?;
        }
    }
    Ok(())
}

/// Reads bytes that are one map, as [`read_map`] does, and nothing after it.
pub fn read_only_map<'b>(
    item: &'b [u8],
    what: &'static str,
    field: impl FnMut(u64, &mut Decoder<'b>) -> Result<bool, FormatError>,
) -> Result<(), FormatError> {
    let mut read = Decoder::new(item);
    read_map(&mut read, what, field)?;
    end(&read, what)
}

/// Passes over one item. Lengths must be definite here too, so that no depth costs memory.
pub fn skip(read: &mut Decoder<'_>, what: &'static str) -> Result<(), FormatError> {
    let malformed = |_| FormatError::Malformed(what);
    let mut items_left = 1u64;
    while items_left > 0 {
        let items_below = match read.datatype().map_err(malformed)? {
            Type::Array => array(read, what)?,
            Type::Map => read.map().map_err(malformed)?.and_then(|pairs| pairs.checked_mul(2)).unwrap_or(u64::MAX),
            Type::Tag => read.tag().map(|_| 1).map_err(malformed)?,
            Type::ArrayIndef | Type::MapIndef | Type::BytesIndef | Type::StringIndef | Type::Break => {
                return Err(FormatError::Malformed(what));
            }
            _ => read.skip().map(|()| 0).map_err(malformed)?,
        };
        items_left = (items_left - 1).checked_add(items_below).ok_or(FormatError::Malformed(what))?;
    }
    Ok(())
}

/// Reads the length of a definite array.
pub fn array(read: &mut Decoder<'_>, what: &'static str) -> Result<u64, FormatError> {
    read.array().ok().flatten().ok_or(FormatError::Malformed(what))
}

/// Reads an unsigned integer.
pub fn unsigned(read: &mut Decoder<'_>, what: &'static str) -> Result<u64, FormatError> {
    read.u64().map_err(|_| FormatError::Malformed(what))
}

/// Reads an unsigned integer of 32 bits.
pub fn small(read: &mut Decoder<'_>, what: &'static str) -> Result<u32, FormatError> {
    read.u32().map_err(|_| FormatError::Malformed(what))
}

/// Reads a signed integer.
pub fn signed(read: &mut Decoder<'_>, what: &'static str) -> Result<i64, FormatError> {
    read.i64().map_err(|_| FormatError::Malformed(what))
}

/// Reads a byte string.
pub fn bytes<'b>(read: &mut Decoder<'b>, what: &'static str) -> Result<&'b [u8], FormatError> {
    read.bytes().map_err(|_| FormatError::Malformed(what))
}

/// Reads a byte string of an exact length.
pub fn fixed<const N: usize>(read: &mut Decoder<'_>, what: &'static str) -> Result<[u8; N], FormatError> {
    bytes(read, what)?.try_into().map_err(|_| FormatError::Malformed(what))
}

/// Reads a text string.
pub fn text(read: &mut Decoder<'_>, what: &'static str) -> Result<String, FormatError> {
    read.str().map(str::to_string).map_err(|_| FormatError::Malformed(what))
}

/// Reads null, or a value through `value`.
pub fn optional<'b, T>(
    read: &mut Decoder<'b>,
    what: &'static str,
    value: impl FnOnce(&mut Decoder<'b>) -> Result<T, FormatError>,
) -> Result<Option<T>, FormatError> {
    if matches!(read.datatype(), Ok(Type::Null)) {
        read.null().map_err(|_| FormatError::Malformed(what))?;
        return Ok(None);
    }
    value(read).map(Some)
}

/// Refuses bytes after the last item.
pub fn end(read: &Decoder<'_>, what: &'static str) -> Result<(), FormatError> {
    if read.position() == read.input().len() { Ok(()) } else { Err(FormatError::Malformed(what)) }
}

/// Takes integers and byte runs off the front of a slice.
pub struct Columns<'b> {
    rest: &'b [u8],
    what: &'static str,
}

impl<'b> Columns<'b> {
    /// Begins to read `bytes`; `what` is the word for errors.
    pub fn new(bytes: &'b [u8], what: &'static str) -> Self {
        Self { rest: bytes, what }
    }

    /// Takes `count` bytes.
    pub fn take(&mut self, count: usize) -> Result<&'b [u8], FormatError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(FormatError::Truncated(self.what))?;
        self.rest = rest;
        Ok(taken)
    }

    /// Takes a fixed number of bytes.
    pub fn fixed<const N: usize>(&mut self) -> Result<[u8; N], FormatError> {
        Ok(self.take(N)?.try_into().expect("taken as many"))
    }

    /// Takes a byte.
    pub fn u8(&mut self) -> Result<u8, FormatError> {
        Ok(self.take(1)?[0])
    }

    /// Takes a 16-bit integer.
    pub fn u16(&mut self) -> Result<u16, FormatError> {
        self.fixed().map(u16::from_le_bytes)
    }

    /// Takes a 32-bit integer.
    pub fn u32(&mut self) -> Result<u32, FormatError> {
        self.fixed().map(u32::from_le_bytes)
    }

    /// Takes a 64-bit integer.
    pub fn u64(&mut self) -> Result<u64, FormatError> {
        self.fixed().map(u64::from_le_bytes)
    }

    /// Tells whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Returns what is left.
    pub fn rest(self) -> &'b [u8] {
        self.rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_byte_breaks_the_signature() {
        let key = SigningKey::new(SecretKey::new([3; 32]));
        let object = sign_object(LEASE, b"body", &[&key]);
        assert_eq!(open_signed(LEASE, &object), Ok((&b"body"[..], vec![key.public()])));
        for at in 0..object.len() {
            let mut changed = object.clone();
            changed[at] ^= 1;
            let opened = open_signed(LEASE, &changed);
            assert!(!matches!(opened, Ok((_, ref keys)) if !keys.is_empty()), "byte {at}: {opened:?}");
        }
        assert!(open_signed(MANIFEST, &object).is_err(), "one kind is not taken for another");
    }

    #[test]
    fn unknown_keys_stop_a_reader_or_not() {
        let known = |key: u64, read: &mut Decoder<'_>| Ok(if key == 0 { unsigned(read, "test")? > 0 } else { false });
        let map = |keys: &[u64]| {
            let mut out = Writer::default();
            out.map(keys.len());
            for key in keys {
                out.unsigned(*key).unsigned(1);
            }
            read_map(&mut Decoder::new(&out.finish()), "test", known)
        };
        assert_eq!(map(&[0, 64, 1000]), Ok(()));
        assert_eq!(map(&[0, 63]), Err(FormatError::Newer("test")));
        assert_eq!(map(&[0, 0]), Err(FormatError::Malformed("test")), "keys twice");
        assert_eq!(map(&[70, 65]), Err(FormatError::Malformed("test")), "keys out of order");
    }

    #[test]
    fn additions_are_passed_over_whatever_they_hold_but_what_has_no_length() {
        let read = |item: &[u8]| read_only_map(&[&[0xa1, 0x18, 64], item].concat(), "test", |_, _| Ok(false));
        let deep = [&[0x81; 100_000][..], &[0xf6]].concat();
        let sound: [&[u8]; 7] = [
            &[0x20],
            &[0x42, 1, 2],
            b"\x62ab",
            &[0x82, 1, 0xa1, 2, 0xf5],
            &[0xc1, 0x1a, 1, 2, 3, 4],
            &[0xf9, 1, 2],
            &deep,
        ];
        for item in sound {
            assert_eq!(read(item), Ok(()), "{:?}", &item[..item.len().min(8)]);
            assert_eq!(read(&[item, &[0]].concat()), Err(FormatError::Malformed("test")), "bytes behind it");
            assert!(read(&item[..item.len() - 1]).is_err(), "cut short");
        }
        let endless = [0x9f; 100_000];
        let refused: [&[u8]; 6] = [&[0x9f, 0xff], &[0xbf, 0xff], &[0x5f, 0xff], &[0x81, 0x9f, 0xff], &[0xff], &endless];
        for item in refused {
            assert_eq!(read(item), Err(FormatError::Malformed("test")), "{:?}", &item[..item.len().min(8)]);
        }
        let huge = [&[0x9b][..], &[0xff; 8]].concat();
        assert!(read(&huge).is_err() && read(&[&[0x82][..], &huge].concat()).is_err(), "more items than there can be");
    }
}
