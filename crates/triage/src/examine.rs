//! The full check of one version of a file.

use crate::content::{Content, ContentError};
use crate::kind::Kind;
use crate::limits::{Budget, Limits};
use crate::randomness::looks_random;
use crate::state::{Coverage, Examination, Findings, Note, State, Unknown};
use crate::structure;
use crate::window::{Stop, WINDOW_BYTES, Walk, Window};

/// How many places are looked at to tell whether a file is random, beside its head and its tail.
const SAMPLES: u64 = 14;
const SAMPLE_BYTES: usize = 4096;

/// Reads a whole file and tells its kind and its state.
///
/// `name` is its path or its last part, in the bytes that the file system holds; only the extension counts. The answer depends
/// on nothing else than the bytes, the name and the limits.
///
/// # Errors
///
/// Only what `content` fails with: this says nothing about the file.
pub fn examine<C: Content + ?Sized>(content: &C, name: &[u8], limits: &Limits) -> Result<Examination, ContentError> {
    examine_after(content, name, None, limits)
}

/// Like [`examine`], for a file of which an older version was of kind `was`: a text whose name promises nothing may be nothing but
/// letters that hide random bytes, which is a key of somebody else and the end of a text.
///
/// # Errors
///
/// Only what `content` fails with.
pub fn examine_after<C: Content + ?Sized>(
    content: &C,
    name: &[u8],
    was: Option<Kind>,
    limits: &Limits,
) -> Result<Examination, ContentError> {
    let budget = Budget::new(limits, content.bytes());
    let mut findings = Findings::default();
    let mut kind = Kind::expected(name).unwrap_or(Kind::Unknown);
    let mut window = Window::new(&content, &budget);
    let was_text = was.is_some_and(Kind::is_text);
    let outcome = look(&mut window, &mut findings, &mut kind, (name, was_text));
    let kind = findings.kind.unwrap_or(kind);
    let bytes = window.bytes();
    let summed_bytes = findings.summed_bytes.min(bytes);
    let parsed_bytes = findings.parsed_bytes.min(bytes - summed_bytes);
    let is_protected = findings.is_protected;
    let (ranges, notes) = findings.into_parts();
    let state = match outcome {
        Err(Stop::Unreadable(error)) => return Err(error),
        Ok(Some(state)) => state,
        Err(Stop::Broken { at }) => State::Broken { offset: at },
        _ if !ranges.is_empty() => State::Corrupt { ranges },
        Err(Stop::Ended { at }) => State::Truncated { at },
        Err(Stop::Limit(limit)) => State::Unknown(Unknown::Limit(limit)),
        Err(Stop::Doubtful { at }) => State::Unknown(Unknown::Doubtful { at }),
        Ok(None) if is_protected => State::Protected,
        Ok(None) => State::Valid,
    };
    Ok(Examination { kind, state, coverage: Coverage { bytes, summed_bytes, parsed_bytes }, notes })
}

fn look(
    window: &mut Window,
    findings: &mut Findings,
    kind: &mut Kind,
    (name, was_text): (&[u8], bool),
) -> Walk<Option<State>> {
    let expected = Kind::expected(name);
    let head = window.peek(0, WINDOW_BYTES)?;
    if head.is_empty() {
        let may_be_empty = expected.is_none_or(Kind::is_text);
        return if may_be_empty { Ok(None) } else { Err(Stop::Ended { at: 0 }) };
    }
    let is_marked;
    (*kind, is_marked) = Kind::seen(head, Kind::expected(name));
    if head.iter().all(|byte| *byte == head[0]) && is_one_byte(window)? {
        return Ok(Some(State::Zeroed));
    }
    // What is encrypted by its nature is random, and no worse for it.
    if !is_marked && expected != Some(Kind::OpenPgp) && is_random(window)? {
        findings.note(Note::LooksRandom);
        let state = if expected.is_some() { State::RandomLike } else { State::Unknown(Unknown::Unrecognised) };
        return Ok(Some(state));
    }
    if let Some(expected) = expected.filter(|expected| is_another(*expected, *kind)) {
        findings.note(Note::NameSays(expected));
    }
    if *kind == Kind::Unknown {
        return Ok(Some(State::Unknown(Unknown::Unrecognised)));
    }
    if was_text
        && expected.is_none()
        && kind.is_text()
        && let Some(encoding) = structure::text::seek_encoding(window)?
    {
        return Ok(Some(State::Encoded(encoding)));
    }
    structure::check(window, findings, *kind, expected)
}

/// Tells whether a name promises something that the file is not: kinds of text, and of ZIP, pass for one another.
fn is_another(expected: Kind, kind: Kind) -> bool {
    let is_zip = |kind| matches!(kind, Kind::Zip | Kind::Ooxml | Kind::Odf | Kind::Epub | Kind::Jar);
    expected != kind && !(expected.is_text() && kind.is_text()) && !(is_zip(expected) && is_zip(kind))
}

/// Tells whether all bytes are the first one.
fn is_one_byte(window: &mut Window) -> Walk<bool> {
    let bytes = window.bytes();
    let first = window.u8(0)?;
    // A few spaces are a short text, and a text of one letter is nobody's loss.
    let mut at = 0;
    while at < bytes {
        let part = window.some(at, bytes)?;
        if part.is_empty() || part.iter().any(|&byte| byte != first) {
            return Ok(false);
        }
        at += part.len() as u64;
    }
    let is_text = matches!(first, b' '..=b'~' | b'\n' | b'\r' | b'\t');
    Ok(!is_text || bytes >= 512)
}

/// Tells whether the file looks random at its head, its tail and all places between that are looked at.
fn is_random(window: &mut Window) -> Walk<bool> {
    let bytes = window.bytes();
    let last = bytes.saturating_sub(SAMPLE_BYTES as u64);
    for sample in 0..=SAMPLES + 1 {
        let at = (u128::from(last) * u128::from(sample) / u128::from(SAMPLES + 1)) as u64;
        if !looks_random(window.peek(at, SAMPLE_BYTES)?) {
            return Ok(false);
        }
        if last == 0 {
            break;
        }
    }
    Ok(true)
}
