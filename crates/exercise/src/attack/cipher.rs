//! What becomes of the bytes that a pattern chooses.
//!
//! A stream from one key, mixed in by exclusive or: who has the key has the bytes, and the key lies in the truth. There
//! is no exchange of keys, and no key that is not written down.

use blake3::OutputReader;
use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::chance::AttackKey;

/// The form that changed bytes take.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub enum Form {
    /// Mixed with a stream of random bytes.
    Stream,
    /// Only some bits of each byte are mixed, so that the bytes keep most of what they look like.
    Masked {
        /// Which bits.
        mask: u8,
    },
    /// Mixed, then in base64 (RFC 4648 §4).
    Base64 {
        /// In lines of 76 characters (RFC 2045 §6.8).
        lines: bool,
    },
    /// Mixed, then in hexadecimal digits.
    Hex,
    /// Mixed, then four bytes as five characters from `!` to `u`, the last ones fewer (ASCII85, without `z`).
    Ascii85,
    /// Mixed, and each byte followed by bytes of one value: the entropy is shared with them.
    Shared {
        /// How many follow.
        fillers: u8,
    },
    /// Replaced by zeros. No key brings it back; the truth keeps what was there.
    Zeros,
    /// Replaced by one byte.
    Fixed {
        /// Which.
        byte: u8,
    },
    /// Replaced by random bytes.
    Noise,
}

/// Coded bytes that are not what this key and form write.
#[derive(Clone, Copy, PartialEq, Eq, Error, Debug)]
#[error("the bytes at {offset} are not what the exercise wrote")]
pub struct NotOurs {
    /// Where, in the plain file.
    pub offset: u64,
}

impl Form {
    /// Tells whether as many bytes come out as went in.
    pub fn keeps_size(self) -> bool {
        !matches!(self, Self::Base64 { .. } | Self::Hex | Self::Ascii85 | Self::Shared { .. })
    }

    /// Tells whether the key alone brings the bytes back.
    pub fn is_reversible(self) -> bool {
        !matches!(self, Self::Zeros | Self::Fixed { .. } | Self::Noise)
    }

    /// Returns how many bytes come out of a piece of at most [`PIECE_BYTES`].
    pub(super) fn coded_bytes(self, plain_bytes: usize) -> usize {
        match self {
            Self::Base64 { lines } => {
                let coded = plain_bytes.div_ceil(3) * 4;
                if lines { coded + coded.div_ceil(LINE_BYTES) } else { coded }
            }
            Self::Hex => plain_bytes * 2,
            Self::Ascii85 => plain_bytes / 4 * 5 + if plain_bytes.is_multiple_of(4) { 0 } else { plain_bytes % 4 + 1 },
            Self::Shared { fillers } => plain_bytes * (usize::from(fillers) + 1),
            _ => plain_bytes,
        }
    }
}

/// Changes the bytes of one file.
pub(super) struct Cipher {
    form: Form,
    stream: OutputReader,
    mixing: Vec<u8>,
}

/// Bytes are coded in pieces of this length: a whole number of lines, of threes and of fours.
pub(super) const PIECE_BYTES: usize = 57 * 4 * 4096;

impl Cipher {
    pub(super) fn new(key: &AttackKey, path: &[u8], form: Form) -> Self {
        Self { form, stream: key.stream(path, b"content"), mixing: Vec::new() }
    }

    pub(super) fn form(&self) -> Form {
        self.form
    }

    /// Changes bytes that lie at `offset` and keep their number. A reversible form changes them back, too.
    pub(super) fn change(&mut self, offset: u64, bytes: &mut [u8]) {
        match self.form {
            Form::Zeros => bytes.fill(0),
            Form::Fixed { byte } => bytes.fill(byte),
            Form::Noise => {
                self.stream.set_position(offset);
                self.stream.fill(bytes);
            }
            Form::Masked { mask } => self.mix(offset, bytes, mask),
            _ => self.mix(offset, bytes, 0xff),
        }
    }

    /// Changes a piece that lies at `offset` into its coded form.
    pub(super) fn encode(&mut self, offset: u64, plain: &[u8]) -> Vec<u8> {
        let mut bytes = plain.to_vec();
        self.change(offset, &mut bytes);
        match self.form {
            Form::Base64 { lines: false } => BASE64.encode(&bytes).into_bytes(),
            Form::Base64 { lines: true } => {
                let coded = BASE64.encode(&bytes);
                coded.as_bytes().chunks(LINE_BYTES).flat_map(|line| [line, b"\n"].concat()).collect()
            }
            Form::Hex => HEXLOWER.encode(&bytes).into_bytes(),
            Form::Ascii85 => {
                let mut coded = Vec::with_capacity(self.form.coded_bytes(bytes.len()));
                bytes.chunks(4).for_each(|four| coded.extend_from_slice(&five_of_four(four)[..=four.len()]));
                coded
            }
            Form::Shared { fillers } => {
                let spread = |byte: u8| std::iter::once(byte).chain(std::iter::repeat_n(FILLER, usize::from(fillers)));
                bytes.into_iter().flat_map(spread).collect()
            }
            _ => bytes,
        }
    }

    /// Changes a coded piece, whose plain bytes lay at `offset`, back.
    pub(super) fn decode(&mut self, offset: u64, mut coded: Vec<u8>) -> Result<Vec<u8>, NotOurs> {
        let not_ours = |_| NotOurs { offset };
        let mut bytes = match self.form {
            Form::Base64 { .. } => {
                coded.retain(|byte| *byte != b'\n');
                BASE64.decode(&coded).map_err(not_ours)?
            }
            Form::Hex => HEXLOWER.decode(&coded).map_err(not_ours)?,
            Form::Ascii85 => {
                let mut plain = Vec::with_capacity(coded.len());
                for five in coded.chunks(5) {
                    let four = four_of_five(five).ok_or(NotOurs { offset })?;
                    plain.extend_from_slice(&four[..five.len() - 1]);
                }
                plain
            }
            Form::Shared { fillers } => coded.iter().copied().step_by(usize::from(fillers) + 1).collect(),
            _ => coded,
        };
        self.change(offset, &mut bytes);
        Ok(bytes)
    }

    fn mix(&mut self, offset: u64, bytes: &mut [u8], mask: u8) {
        self.mixing.resize(bytes.len(), 0);
        self.stream.set_position(offset);
        self.stream.fill(&mut self.mixing);
        for (byte, mixing) in bytes.iter_mut().zip(&self.mixing) {
            *byte ^= mixing & mask;
        }
    }
}

const LINE_BYTES: usize = 76;
const FILLER: u8 = b' ';
const ASCII85_FIRST: u8 = b'!';

/// Returns five characters for one to four bytes; of fewer bytes only one character more than bytes counts.
fn five_of_four(four: &[u8]) -> [u8; 5] {
    let mut padded = [0; 4];
    padded[..four.len()].copy_from_slice(four);
    let mut number = u32::from_be_bytes(padded);
    let mut five = [0; 5];
    for digit in five.iter_mut().rev() {
        *digit = ASCII85_FIRST + u8::try_from(number % 85).expect("it is below 85");
        number /= 85;
    }
    five
}

/// Returns four bytes for one to five characters; of fewer characters one byte less than characters counts.
fn four_of_five(five: &[u8]) -> Option<[u8; 4]> {
    let mut number = 0_u32;
    for at in 0..5 {
        // What was left out reads as the last digit, so that nothing borrows from the digits that are there.
        let digit = five.get(at).map_or(Some(84), |digit| digit.checked_sub(ASCII85_FIRST))?;
        number = number.checked_mul(85)?.checked_add(u32::from(digit))?;
    }
    Some(number.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMS: [Form; 8] = [
        Form::Stream,
        Form::Masked { mask: 0x0f },
        Form::Base64 { lines: false },
        Form::Base64 { lines: true },
        Form::Hex,
        Form::Ascii85,
        Form::Shared { fillers: 3 },
        Form::Shared { fillers: 0 },
    ];

    fn cipher(form: Form) -> Cipher {
        Cipher::new(&AttackKey::of_seed(1), b"a/b", form)
    }

    #[test]
    fn what_is_encoded_is_decoded_again_at_every_length_and_offset() {
        let plain: Vec<u8> = (0..500_u32).map(|n| (n * 7 % 256) as u8).collect();
        for form in FORMS {
            for length in (0..130).chain([228, 499]) {
                for offset in [0, 1, 63, 64, 65, 1 << 40] {
                    let coded = cipher(form).encode(offset, &plain[..length]);
                    assert_eq!(coded.len(), form.coded_bytes(length), "{form:?} {length}");
                    let decoded = cipher(form).decode(offset, coded);
                    assert_eq!(decoded.as_deref(), Ok(&plain[..length]), "{form:?} {length} {offset}");
                }
            }
        }
    }

    #[test]
    fn a_stream_is_the_same_in_one_piece_and_in_many() {
        let mut whole = vec![0; 1000];
        cipher(Form::Stream).change(0, &mut whole);
        let mut parts = vec![0; 1000];
        let mut cipher = cipher(Form::Stream);
        for (at, part) in parts.chunks_mut(37).enumerate().collect::<Vec<_>>().into_iter().rev() {
            cipher.change(at as u64 * 37, part);
        }
        assert_eq!(whole, parts);
        let other = Cipher::new(&AttackKey::of_seed(1), b"a/c", Form::Stream).encode(0, &[0; 1000]);
        assert_ne!(whole, other, "each path has a stream of its own");
    }

    #[test]
    fn a_mask_leaves_the_other_bits() {
        let text = b"Le conseil municipal, apr\xe8s en avoir d\xe9lib\xe9r\xe9";
        let coded = cipher(Form::Masked { mask: 0x0f }).encode(0, text);
        assert!(text.iter().zip(&coded).all(|(before, after)| before & 0xf0 == after & 0xf0));
        assert_ne!(&coded[..], text);
    }

    #[test]
    fn what_others_wrote_is_not_decoded() {
        for form in [Form::Base64 { lines: false }, Form::Hex, Form::Ascii85] {
            let found = cipher(form).decode(9, b"~~~~~".to_vec());
            assert_eq!(found, Err(NotOurs { offset: 9 }), "{form:?}");
        }
    }

    #[test]
    fn ascii85_agrees_with_a_published_example() {
        assert_eq!(&five_of_four(b"Man "), b"9jqo^");
        assert_eq!(&five_of_four(b"is")[..3], b"Bla");
    }
}
