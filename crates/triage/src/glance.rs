//! The cheap check at the moment of saving: the head, the tail, the length and the name.

use crate::kind::Kind;
use crate::randomness::looks_random;
use crate::state::{State, Unknown};
use crate::structure::{jpeg, mp4, pdf, text, zip};
use crate::window::Stop;

/// What a first look tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance {
    /// What the file is, by its head first, else by its name.
    pub kind: Kind,
    /// [`State::Valid`] says only that nothing was seen.
    pub state: State,
}

/// The most of a head or a tail that is looked at.
pub const GLANCE_BYTES: usize = 64 << 10;
const SAMPLE_BYTES: usize = 4096;
/// Of a text with other bytes than letters of UTF-8, so many are looked at one by one at each end.
const ODD_BYTES: usize = 512;
/// Where formats have numbers and names, whatever follows.
const HEAD_BYTES: usize = 512;

/// Tells the kind and what head and tail betray: an encrypted, overwritten or zeroed head or tail, a missing end.
///
/// `head` and `tail` are up to [`GLANCE_BYTES`] each, and may overlap; `bytes` is the length of the file. Nothing is inflated.
/// It takes well under a millisecond.
pub fn glance(head: &[u8], tail: &[u8], bytes: u64, name: &[u8]) -> Glance {
    let head = &head[..head.len().min(GLANCE_BYTES)];
    let tail = &tail[tail.len().saturating_sub(GLANCE_BYTES)..];
    let expected = Kind::expected(name);
    let (kind, is_marked) = Kind::seen(head, expected);
    let state = if head.is_empty() {
        if expected.is_none_or(Kind::is_text) { State::Valid } else { State::Truncated { at: 0 } }
    } else if is_blank(head) && is_blank(tail) && head[0] == tail[0] {
        State::Zeroed
    } else if !is_marked {
        without_mark(head, tail, bytes, (kind, expected))
    } else {
        with_mark(head, tail, bytes, kind)
    };
    Glance { kind, state }
}

fn without_mark(head: &[u8], tail: &[u8], bytes: u64, (kind, expected): (Kind, Option<Kind>)) -> State {
    let sample = |part: &[u8]| looks_random(&part[..part.len().min(SAMPLE_BYTES)]);
    match expected {
        None => State::Unknown(Unknown::Unrecognised),
        Some(expected)
            if expected != Kind::OpenPgp
                && sample(head)
                && sample(&tail[tail.len().saturating_sub(SAMPLE_BYTES)..]) =>
        {
            State::RandomLike
        }
        Some(_) if kind.is_text() => text_pieces(head, tail, bytes),
        // Kinds without a mark of their own, or whose mark is gone.
        Some(Kind::Dbase | Kind::Mp3 | Kind::Vmdk | Kind::Tar | Kind::DrawnPage)
            if !looks_random(&head[..head.len().min(HEAD_BYTES)]) =>
        {
            State::Unknown(Unknown::NoValidator)
        }
        Some(Kind::OpenPgp) => State::Unknown(Unknown::NoValidator),
        Some(_) => State::Broken { offset: 0 },
    }
}

fn with_mark(head: &[u8], tail: &[u8], bytes: u64, kind: Kind) -> State {
    if kind.is_text() {
        return text_pieces(head, tail, bytes);
    }
    if kind == Kind::OpenPgp {
        return State::Protected;
    }
    let found = match kind {
        Kind::Zip | Kind::Ooxml | Kind::Odf | Kind::Epub | Kind::Jar => zip::glance(head, tail, bytes),
        Kind::Pdf => pdf::glance(head, tail, bytes),
        Kind::Png => png_end(tail, bytes),
        Kind::Jpeg => jpeg::glance(head, bytes),
        Kind::Mp4 => mp4::glance(head, bytes),
        _ => None,
    };
    match found {
        Some(Stop::Broken { at }) => State::Broken { offset: at },
        Some(Stop::Ended { at }) => State::Truncated { at },
        Some(_) => State::Unknown(Unknown::NoValidator),
        None => State::Valid,
    }
}

/// Looks for bytes that no text has; the pieces may cut a letter.
fn text_pieces(head: &[u8], tail: &[u8], bytes: u64) -> State {
    // Most files of an office are small texts: more would cost more than all else that is done with them while they are saved.
    let (head, tail) = (&head[..head.len().min(SAMPLE_BYTES)], &tail[tail.len().saturating_sub(SAMPLE_BYTES)..]);
    let skipped = tail.iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count();
    // Of a short file head and tail are one.
    let is_short = bytes <= head.len() as u64;
    if text::is_sound_piece(head) && (is_short || text::is_sound_piece(&tail[skipped..])) {
        return State::Valid;
    }
    let (head, tail) = (&head[..head.len().min(ODD_BYTES)], &tail[tail.len().saturating_sub(ODD_BYTES)..]);
    let mut ranges = text::foreign_in(head);
    if bytes > head.len() as u64 {
        // The first letter of the tail may have begun before it.
        let skipped = tail.iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count();
        let at = bytes - (tail.len() - skipped) as u64;
        ranges.extend(text::foreign_in(&tail[skipped..]).into_iter().map(|range| range.start + at..range.end + at));
    }
    if ranges.is_empty() { State::Valid } else { State::Corrupt { ranges } }
}

fn png_end(tail: &[u8], bytes: u64) -> Option<Stop> {
    crate::window::position(tail, b"IEND\xae\x42\x60\x82").is_none().then_some(Stop::Ended { at: bytes })
}

fn is_blank(part: &[u8]) -> bool {
    part.first().is_some_and(|first| part.iter().all(|byte| byte == first)) && !part[0].is_ascii_graphic()
}
