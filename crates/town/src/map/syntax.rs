//! Lines that are no TOML: they are told, and the rest is read without them.
//!
//! The reader of TOML leaves what comes after some mistakes, and takes the rest of the file for a list after others. A line that begins a
//! table is a place where it can begin anew: each table is read by itself, and only the first mistake of each is told.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::de::{DeTable, Error};
use toml_parser::parser::{RecursionGuard, parse_document};
use toml_parser::{ParseError, Source};

use super::fields::Gathered;
use super::finding::Problem;

/// A text with more mistakes is no map: it is not looked at further.
const MISTAKES_MAX: usize = 1000;
/// How deep tables and lists may hang in one another, as the reader of TOML has it.
const DEPTH_MAX: u32 = 80;

/// Tells that a text is hardly TOML at all, and of its first mistakes. Each mistake that the reader of TOML keeps takes many times the
/// memory of the byte that makes it: they are counted here first, and not kept.
pub(super) fn is_hardly_toml(gathered: &mut Gathered<'_>, text: &str) -> bool {
    let mut count = 0;
    let mut first: Vec<(usize, String)> = Vec::new();
    let mut keep = |error: ParseError| {
        count += 1;
        if first.len() < MISTAKES_MAX {
            first.push((error.unexpected().map_or(0, |span| span.start()), error.description().to_string()));
        }
    };
    let tokens = Source::new(text).lex().into_vec();
    parse_document(&tokens, &mut RecursionGuard::new(&mut (), DEPTH_MAX), &mut keep);
    if count <= MISTAKES_MAX {
        return false;
    }
    let mut told = BTreeSet::new();
    for (byte, message) in first {
        let line = gathered.line(byte);
        if told.insert(line) {
            gathered.error(line, Problem::Syntax { message }, None);
        }
    }
    true
}

/// Tells of lines that are no TOML, and returns the text with blanks in their place: all else stays where it is.
pub(super) fn without_broken_lines(gathered: &mut Gathered<'_>, text: &str) -> String {
    let mut sound = String::with_capacity(text.len());
    for chunk in chunks(text) {
        let mended = mend(gathered, &text[chunk.clone()], chunk.start);
        sound.push_str(&mended);
    }
    // What is left is wrong between tables: one that was begun twice.
    let (_, errors) = DeTable::parse_recoverable(&sound);
    let mut told = BTreeSet::new();
    for error in &errors {
        let line = gathered.line(at(error));
        if told.insert(line) {
            tell(gathered, line, error);
        }
    }
    sound
}

/// Cuts a text before every line that begins with a bracket.
fn chunks(text: &str) -> Vec<Range<usize>> {
    let mut starts = vec![0];
    starts.extend(text.match_indices("\n[").map(|(at, _)| at + 1));
    starts.push(text.len());
    starts.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

/// Tells of the first mistake of a table, and returns the table without it: without the line, else without what follows, else empty.
fn mend(gathered: &mut Gathered<'_>, chunk: &str, start: usize) -> String {
    let (_, errors) = DeTable::parse_recoverable(chunk);
    let Some(first) = errors.iter().min_by_key(|error| at(error)) else { return chunk.to_string() };
    let byte = at(first).min(chunk.len());
    tell(gathered, gathered.line(start + byte), first);
    let begin = chunk[..byte].rfind('\n').map_or(0, |at| at + 1);
    let end = chunk[byte..].find('\n').map_or(chunk.len(), |at| byte + at);
    let trials = [begin..end, begin..chunk.len()];
    let mut mended = trials.map(|range| blanked(chunk, range)).into_iter();
    mended.find(|text| DeTable::parse(text).is_ok()).unwrap_or_else(|| blanked(chunk, 0..chunk.len()))
}

/// Returns a text with blanks for the bytes of a range that begins and ends at lines.
fn blanked(text: &str, range: Range<usize>) -> String {
    let blanks = text[range.clone()].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' });
    text[..range.start].chars().chain(blanks).chain(text[range.end..].chars()).collect()
}

fn at(error: &Error) -> usize {
    error.span().map_or(0, |span| span.start)
}

fn tell(gathered: &mut Gathered<'_>, line: u32, error: &Error) {
    gathered.error(line, Problem::Syntax { message: error.message().to_string() }, None);
}
