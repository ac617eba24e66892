//! Messages of OpenPGP (RFC 9580): keys of the session, each closed by a password or to somebody, and what they close.
//!
//! All of it looks drawn by lot, and is as an office leaves it. Only the frames can be seen from outside.

use crate::state::{Findings, Note};
use crate::window::{Stop, Walk, Window};

const KEY_TO_SOMEBODY: u8 = 1;
const KEY_BY_PASSWORD: u8 = 3;
const CLOSED: u8 = 9;
const CLOSED_WITH_SUM: u8 = 18;
const CLOSED_2020: u8 = 20;
/// A key of a session is short: the longest are those of RSA with 16,384 bits.
const KEY_BYTES_MAX: u64 = 2200;
/// A header has no more (§4.2).
const HEADER_BYTES_MAX: usize = 6;

/// Tells whether bytes begin with the key of a session, and go on with another or with what it closes.
pub(crate) fn is_head(head: &[u8]) -> bool {
    let Some(first) = Header::read(head) else { return false };
    let Some(Length::Whole(bytes @ 1..=KEY_BYTES_MAX)) = first.length else { return false };
    let Some(body) = head.get(first.bytes..first.bytes + bytes as usize) else { return false };
    let is_key = match first.tag {
        KEY_TO_SOMEBODY => is_key_to_somebody(body),
        KEY_BY_PASSWORD => is_key_by_password(body),
        _ => false,
    };
    is_key && is_next(&head[first.bytes + bytes as usize..])
}

/// A key to somebody (§5.1): version, whose, algorithm, numbers with their length in bits.
fn is_key_to_somebody(body: &[u8]) -> bool {
    let &[version, _, _, _, _, _, _, _, _, algorithm, high, low, ref number @ ..] = body else { return false };
    let bits = usize::from(high) << 8 | usize::from(low);
    match (version, algorithm) {
        (3, 1 | 2) => bits.div_ceil(8) == number.len(),
        (3, 16) => (512..=16_384).contains(&bits) && bits.div_ceil(8) < number.len(),
        (3, 18) => (255..=1100).contains(&bits) && bits.div_ceil(8) < number.len(),
        _ => false,
    }
}

/// A key that a password closes (§5.3): version, cipher, how the password becomes a key (§3.7).
fn is_key_by_password(body: &[u8]) -> bool {
    match *body {
        [4, 1..=13, 3, 1..=3 | 8..=14, ..] => (13..=64).contains(&body.len()),
        [4, 1..=13, 4, ..] => (22..=80).contains(&body.len()),
        _ => false,
    }
}

/// Tells whether what follows a key is another key, or what they close.
fn is_next(rest: &[u8]) -> bool {
    let Some(next) = Header::read(rest) else { return false };
    matches!(
        (next.tag, rest.get(next.bytes)),
        (KEY_TO_SOMEBODY, Some(3))
            | (KEY_BY_PASSWORD, Some(4))
            | (CLOSED_WITH_SUM, Some(1 | 2))
            | (CLOSED_2020, Some(1))
    )
}

/// Checks a whole file: packets, one behind the other, to the end.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    // Keys, signatures and newer forms are called so, too.
    if !is_head(window.peek(0, 4096)?) {
        return Err(Stop::Doubtful { at: 0 });
    }
    let (mut at, end) = (0, window.bytes());
    let mut is_closed = false;
    while at < end {
        window.budget().entries(1)?;
        let header = Header::read(window.peek(at, HEADER_BYTES_MAX)?).filter(|header| is_part(header.tag));
        let Some(header) = header else { return Err(Stop::Broken { at }) };
        is_closed |= !matches!(header.tag, KEY_TO_SOMEBODY | KEY_BY_PASSWORD);
        let start = at;
        at += header.bytes as u64;
        let mut length = header.length;
        while let Some(Length::Part(bytes)) = length {
            at += bytes;
            let (next, bytes) = length_of(window.peek(at, 5)?).ok_or(Stop::Ended { at })?;
            at += bytes as u64;
            length = Some(next);
        }
        at = match length {
            Some(Length::Whole(bytes)) => at + bytes,
            _ => end,
        };
        if at > end {
            return Err(Stop::Ended { at: start });
        }
        findings.parsed_bytes += header.bytes as u64;
        findings.note(Note::Opaque { at: start, bytes: at - start });
    }
    if !is_closed {
        return Err(Stop::Ended { at: end });
    }
    findings.is_protected = true;
    Ok(())
}

fn is_part(tag: u8) -> bool {
    matches!(tag, KEY_TO_SOMEBODY | KEY_BY_PASSWORD | CLOSED | CLOSED_WITH_SUM | CLOSED_2020)
}

/// The header of a packet.
struct Header {
    tag: u8,
    /// Its own length.
    bytes: usize,
    /// That of the body; nothing if it goes to the end of the file.
    length: Option<Length>,
}

enum Length {
    Whole(u64),
    /// Another length follows behind so many bytes.
    Part(u64),
}

impl Header {
    fn read(head: &[u8]) -> Option<Self> {
        let (&first, rest) = head.split_first()?;
        if first & 0xc0 == 0xc0 {
            let (length, bytes) = length_of(rest)?;
            return Some(Self { tag: first & 0x3f, bytes: 1 + bytes, length: Some(length) });
        }
        if first & 0x80 == 0 {
            return None;
        }
        let tag = first >> 2 & 0x0f;
        let bytes = match first & 3 {
            3 => return Some(Self { tag, bytes: 1, length: None }),
            power => 1 << power,
        };
        let length = rest.get(..bytes)?.iter().fold(0, |length, byte| length << 8 | u64::from(*byte));
        Some(Self { tag, bytes: 1 + bytes, length: Some(Length::Whole(length)) })
    }
}

/// Reads a length (§4.2.1), and tells how many bytes it takes itself.
fn length_of(bytes: &[u8]) -> Option<(Length, usize)> {
    Some(match *bytes.first()? {
        short @ 0..=191 => (Length::Whole(u64::from(short)), 1),
        high @ 192..=223 => (Length::Whole((u64::from(high) - 192) * 256 + u64::from(*bytes.get(1)?) + 192), 2),
        power @ 224..=254 => (Length::Part(1 << (power & 0x1f)), 1),
        255 => (Length::Whole(u64::from(u32::from_be_bytes(bytes.get(1..5)?.try_into().ok()?))), 5),
    })
}

#[cfg(test)]
mod tests {
    use super::is_head;
    use crate::{Kind, Limits, State, examine};

    const MESSAGE: &[u8] = include_bytes!("../../../../testdata/triage/closed-password.gpg");

    fn state(bytes: &[u8], name: &str) -> State {
        let found = examine(&bytes.to_vec(), name.as_bytes(), &Limits::default()).expect("memory can be read");
        assert!(found.kind == Kind::OpenPgp || !matches!(found.state, State::Protected));
        found.state
    }

    #[test]
    fn what_gpg_closes_is_closed_and_not_hurt() {
        for name in ["budget.csv.gpg", "budget.csv", "budget"] {
            assert_eq!(state(MESSAGE, name), State::Protected, "{name}");
        }
    }

    #[test]
    fn a_message_that_was_cut_or_hurt_at_its_head_is_none() {
        assert!(state(&MESSAGE[..MESSAGE.len() - 20], "budget.csv.gpg").is_unsound());
        let mut hurt = MESSAGE.to_vec();
        hurt[..64].iter_mut().for_each(|byte| *byte ^= 0x5a);
        assert_ne!(state(&hurt, "budget.csv.gpg"), State::Protected);
    }

    #[test]
    fn random_bytes_are_no_message() {
        let mut random = vec![0; 1 << 20];
        blake3::Hasher::new().finalize_xof().fill(&mut random);
        assert_eq!(random.windows(512).filter(|part| is_head(part)).count(), 0);
    }
}
