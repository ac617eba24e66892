//! PDF (ISO 32000-2): the file is read from front to back, as readers do that repair, and every object and stream is looked at.
//!
//! Nothing hangs on the cross-reference table: programs write wrong ones, and readers live with it. What lies between objects
//! must be syntax; strange words are let pass while they are letters, since somebody's program may write them.

mod lexer;
mod stream;

use std::ops::Range;

use crate::state::{Findings, Note};
use crate::structure::deflate::Inflater;
use crate::window::{Stop, Walk, Window, position};

use lexer::{Lexer, Value};

const HEADER: &[u8] = b"%PDF-";
/// Readers look for the header so far into the file.
const HEADER_WITHIN: usize = 1024;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let Some(start) = position(window.peek(0, HEADER_WITHIN + HEADER.len())?, HEADER) else {
        return Err(Stop::Broken { at: 0 });
    };
    if start > 0 {
        findings.note(Note::Leading { bytes: start as u64 });
    }
    let mut document = Document::default();
    let bytes = window.bytes();
    let mut lexer = Lexer::new(window, start as u64);
    let outcome = document.read(&mut lexer, findings);
    if document.is_encrypted {
        findings.is_protected = true;
    } else {
        document.stream_faults.drain(..).for_each(|range| findings.corrupt(range));
    }
    outcome?;
    if !findings.is_corrupt() && document.last != Item::Ending {
        return Err(Stop::Ended { at: bytes });
    }
    Ok(())
}

/// What was read last.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Item {
    #[default]
    Object,
    /// A trailer, or where the table is.
    Ending,
}

#[derive(Default)]
struct Document {
    is_encrypted: bool,
    last: Item,
    objects: u64,
    /// Streams that do not decode: they need not, where a password keeps them closed.
    stream_faults: Vec<Range<u64>>,
    inflater: Option<Inflater>,
}

impl Document {
    fn read(&mut self, lexer: &mut Lexer, findings: &mut Findings) -> Walk<()> {
        loop {
            lexer.space()?;
            let at = lexer.at;
            let Some(byte) = lexer.byte()? else { return Ok(()) };
            lexer.budget().entries(1)?;
            let outcome = match byte {
                b'0'..=b'9' => self.object(lexer, findings),
                b'x' => table(lexer),
                b't' | b's' => self.ending(lexer),
                _ => Err(Stop::Broken { at }),
            };
            match outcome {
                Ok(()) => findings.parsed_bytes += lexer.take_parsed(),
                Err(Stop::Broken { at: fault }) => {
                    if !self.pass_over(lexer, findings, at, fault)? {
                        return Ok(());
                    }
                }
                Err(stop) => return Err(stop),
            }
        }
    }

    /// Reads `12 0 obj … endobj`.
    fn object(&mut self, lexer: &mut Lexer, findings: &mut Findings) -> Walk<()> {
        let at = lexer.at;
        let is_head = lexer.integer()?.is_some() && lexer.integer()?.is_some() && lexer.keyword(b"obj")?;
        if !is_head {
            return Err(Stop::Broken { at });
        }
        self.last = Item::Object;
        self.objects += 1;
        if lexer.keyword(b"endobj")? {
            return Ok(());
        }
        let value = lexer.value(0)?;
        if let Value::Dictionary(dictionary) = &value
            && lexer.keyword(b"stream")?
        {
            self.is_encrypted |= dictionary.names_encryption;
            stream::check(self, lexer, findings, dictionary, at)?;
        }
        // Some programs forget the word; then the next object must follow.
        if lexer.keyword(b"endobj")? || lexer.byte()?.is_some_and(|byte| byte.is_ascii_digit()) {
            return Ok(());
        }
        if lexer.byte()?.is_none() { Err(Stop::Ended { at }) } else { Err(Stop::Broken { at: lexer.at }) }
    }

    /// Reads `trailer << … >>` or `startxref 123`.
    fn ending(&mut self, lexer: &mut Lexer) -> Walk<()> {
        if lexer.keyword(b"trailer")? {
            if let Value::Dictionary(dictionary) = lexer.value(0)? {
                self.is_encrypted |= dictionary.names_encryption;
            }
        } else if lexer.keyword(b"startxref")? {
            lexer.integer()?;
        } else {
            return Err(Stop::Broken { at: lexer.at });
        }
        self.last = Item::Ending;
        Ok(())
    }

    /// Passes over what is no syntax, to the next object; false where none follows. Bytes that are no letters were not written
    /// by a program that makes PDF, but behind the end of a document anything may hang.
    fn pass_over(&mut self, lexer: &mut Lexer, findings: &mut Findings, at: u64, fault: u64) -> Walk<bool> {
        lexer.take_parsed();
        let from = fault.max(at + 1);
        let next = lexer.next_object(from)?;
        let end = next.unwrap_or(lexer.bytes());
        if next.is_none() && self.last == Item::Ending && self.objects > 0 {
            findings.trailing(at, end);
        } else if lexer.is_foreign(at.max(fault.saturating_sub(64)), end)? {
            findings.corrupt(at..end);
        } else {
            findings.note(Note::Irregular { at: fault });
        }
        lexer.at = end;
        Ok(next.is_some())
    }
}

/// Reads a cross-reference table (§7.5.4): numbers, each line with `n` or `f`.
fn table(lexer: &mut Lexer) -> Walk<()> {
    if !lexer.keyword(b"xref")? {
        return Err(Stop::Broken { at: lexer.at });
    }
    while lexer.integer()?.is_some() {
        let at = lexer.at;
        if lexer.integer()?.is_none() {
            return Err(Stop::Broken { at });
        }
        if !lexer.keyword(b"n")? {
            lexer.keyword(b"f")?;
        }
    }
    Ok(())
}

/// Tells whether the head and the tail can be those of a document.
pub(crate) fn glance(head: &[u8], tail: &[u8], bytes: u64) -> Option<Stop> {
    let Some(start) = position(head.get(..HEADER_WITHIN).unwrap_or(head), HEADER) else {
        return Some(Stop::Broken { at: 0 });
    };
    // Behind the header, what is not in a stream is letters.
    let first = &head[start..head.len().min(start + 4096)];
    if position(first, b" obj").is_none() && crate::randomness::looks_random(first) {
        return Some(Stop::Broken { at: start as u64 });
    }
    let end = &tail[tail.len().saturating_sub(32 << 10)..];
    let has_end = position(end, b"startxref").is_some() || position(end, b"%%EOF").is_some();
    (!has_end).then_some(Stop::Ended { at: bytes })
}
