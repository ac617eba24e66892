//! Judging two versions of a file from their bytes.

use std::io;

use restore::live::LiveFolder;
use triage::Limits;
use triage::delta::{Comparer, Delta};
use triage::facts::Facts;
use triage::look::telling_name;
use triage::recoded;
use triage::shield::shielded;
use triage::texture::Sampler;
use triage::verdict::{Class, Reason, Verdict, Version, is_another_file, judge, lost_mark};
use triage::{Content, ContentError};
use triage::{Kind, examine_after};
use vault::read::ReadFault;
use vault::tree::Entry;

use crate::chain::{Chain, FileVersion};

/// Whether verdicts come from content or from what the machine wrote down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Evidence {
    /// Both versions are read and examined: this proves.
    Content {
        /// Decides where samples are taken.
        key: [u8; 32],
    },
    /// The facts that the machine wrote down when it saved: quick, and its own word.
    Facts,
}

/// Judges what became of a file. What cannot be read is unknown. `folder` is where files on the disk lie.
pub(crate) fn judge_kept(
    chain: &Chain<'_>,
    before: &FileVersion,
    after: &FileVersion,
    folder: Option<&LiveFolder>,
    evidence: Evidence,
) -> Verdict {
    let Evidence::Content { key } = evidence else {
        return judge(&as_told(&before.entry), &as_told(&after.entry), None);
    };
    let intact = || Verdict { class: Class::Intact, reasons: Vec::new() };
    if !chain.is_live(after.place) && before.entry.kind == after.entry.kind {
        return intact();
    }
    let judged = shielded(|| {
        if chain.is_same(before, after, folder)? {
            return Ok(intact());
        }
        if chain.is_wreck(before.wreck.as_deref(), after, folder)? {
            return Ok(Verdict { class: Class::Damaged, reasons: Vec::new() });
        }
        let (was, is) = (chain.open(before, folder)?, chain.open(after, folder)?);
        let was = Named { content: &was, name: &before.entry.name };
        let is = Named { content: &is, name: &after.entry.name };
        Ok(judge_versions(was, is, key)?)
    });
    match judged {
        Some(Ok(verdict)) => verdict,
        Some(Err(Unreadable)) | None => Verdict { class: Class::Unknown, reasons: vec![Reason::NotExamined] },
    }
}

/// A version of a file: its bytes, and what it is called.
#[derive(Clone, Copy)]
pub struct Named<'v> {
    /// The bytes.
    pub content: &'v dyn Content,
    /// Its path, or the last part of it.
    pub name: &'v [u8],
}

/// Judges what became of a file from the bytes of both versions. `key` decides where samples are taken.
///
/// # Errors
///
/// Only what reading one of the versions fails with.
pub fn judge_versions(before: Named<'_>, after: Named<'_>, key: [u8; 32]) -> Result<Verdict, ContentError> {
    let seen_before = see(before.content, telling_name(before.name), None, key)?;
    // Under a new name that promises nothing it should still be what it was.
    let name = match telling_name(after.name) {
        name if Kind::expected(name).is_some() => name,
        _ => telling_name(before.name),
    };
    let was = seen_before.facts.filter(|was| was.finding.is_sound()).map(|was| was.kind);
    let seen_after = see(after.content, name, was, key)?;
    let was_text = was.is_some_and(Kind::is_text);
    let delta = compare(before.content, after.content, was_text)?;
    if seen_before.bytes.max(seen_after.bytes) <= recoded::BYTES_MAX {
        let (before, after) = (whole(before.content)?, whole(after.content)?);
        if recoded::is_recoded(&before, &after) {
            return Ok(Verdict { class: Class::Damaged, reasons: vec![Reason::Encoded] });
        }
    }
    if is_another_file(before.name, after.name, &seen_after) {
        return Ok(Verdict { class: Class::Edited, reasons: Vec::new() });
    }
    let verdict = judge(&seen_before, &seen_after, Some(&delta));
    if verdict.class != Class::Edited || was.is_some() {
        return Ok(verdict);
    }
    let heads = (head(before.content)?, head(after.content)?);
    let lost = lost_mark(&heads.0, &heads.1);
    // Letters under a name that promises something else may be what it was, in letters.
    let promises_other = Kind::expected(after.name).is_some_and(|promised| !promised.is_text());
    let is_odd = promises_other && Kind::by_content(&heads.1).is_some_and(Kind::is_text);
    let reasons = if is_odd && verdict.reasons.is_empty() { vec![Reason::WrongBefore] } else { verdict.reasons };
    Ok(lost.unwrap_or(Verdict { class: verdict.class, reasons }))
}

fn head(content: &dyn Content) -> Result<Vec<u8>, ContentError> {
    let mut bytes = vec![0; content.bytes().min(HEAD_BYTES) as usize];
    fill(content, 0, &mut bytes)?;
    Ok(bytes)
}

fn whole(content: &dyn Content) -> Result<Vec<u8>, ContentError> {
    let mut bytes = vec![0; content.bytes() as usize];
    fill(content, 0, &mut bytes)?;
    Ok(bytes)
}

/// What the machine wrote down of a file.
pub fn as_told(entry: &Entry) -> Version {
    Version { facts: entry.facts.as_deref().and_then(Facts::from_bytes), bytes: entry.size() }
}

/// Content cannot be read.
pub(crate) struct Unreadable;

impl From<ReadFault> for Unreadable {
    fn from(_: ReadFault) -> Self {
        Self
    }
}

impl From<ContentError> for Unreadable {
    fn from(_: ContentError) -> Self {
        Self
    }
}

fn see(content: &dyn Content, name: &[u8], was: Option<Kind>, key: [u8; 32]) -> Result<Version, ContentError> {
    let bytes = content.bytes();
    if bytes == 0 {
        return Ok(Version { facts: None, bytes });
    }
    let found = examine_after(content, name, was, &Limits::default())?;
    let mut sampler = Sampler::new(key, bytes);
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut offset = 0;
    while let read @ 1.. = content.read_at(offset, &mut buffer)? {
        sampler.data(&buffer[..read]);
        offset += read as u64;
    }
    let facts = Facts::of_all(found.kind, &found.state, found.state.is_unsound(), &sampler.finish());
    Ok(Version { facts: Some(facts), bytes })
}

fn compare(before: &dyn Content, after: &dyn Content, was_text: bool) -> Result<Delta, ContentError> {
    let begin = if was_text { Comparer::of_text } else { Comparer::new };
    let mut comparer = begin(before.bytes(), after.bytes());
    let common = before.bytes().min(after.bytes());
    let (mut one, mut other) = (vec![0; BUFFER_BYTES], vec![0; BUFFER_BYTES]);
    let mut offset = 0;
    while offset < common {
        let wanted = (common - offset).min(BUFFER_BYTES as u64) as usize;
        fill(before, offset, &mut one[..wanted])?;
        fill(after, offset, &mut other[..wanted])?;
        comparer.compare(&one[..wanted], &other[..wanted]);
        offset += wanted as u64;
    }
    Ok(comparer.finish())
}

/// Reads a whole part; content that ends before the length that it told is an error.
pub(crate) fn fill(content: &dyn Content, mut offset: u64, mut into: &mut [u8]) -> Result<(), ContentError> {
    while !into.is_empty() {
        match content.read_at(offset, into)? {
            0 => return Err(ContentError { offset, source: Box::new(io::Error::from(io::ErrorKind::UnexpectedEof)) }),
            read => {
                offset += read as u64;
                into = &mut into[read..];
            }
        }
    }
    Ok(())
}

const BUFFER_BYTES: usize = 1 << 20;
/// Marks lie within so many bytes, and letters show what they are.
const HEAD_BYTES: u64 = 64 << 10;
