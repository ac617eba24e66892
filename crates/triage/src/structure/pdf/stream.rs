//! The data of streams (ISO 32000-2 §7.3.8, §7.4).

use std::ops::Range;

use super::Document;
use super::lexer::{Dictionary, Lexer};
use crate::state::{Findings, Note};
use crate::structure::deflate::{End, Inflater};
use crate::structure::jpeg;
use crate::window::{Stop, Walk};

const END: &[u8] = b"endstream";
/// An end of line before the word.
const LINE_END_BYTES: u64 = 2;
/// What programs leave between the end of a compressed stream and the end of its data.
const PADDING_BYTES_MAX: u64 = 64;

/// Checks the data that follow the word `stream`, and passes behind them. `object_at` is where their object begins.
pub(super) fn check(
    document: &mut Document,
    lexer: &mut Lexer,
    findings: &mut Findings,
    dictionary: &Dictionary,
    object_at: u64,
) -> Walk<()> {
    match lexer.window.peek(lexer.at, 2)? {
        [b'\r', b'\n'] => lexer.at += 2,
        [b'\n' | b'\r', ..] => lexer.at += 1,
        _ => {}
    }
    let start = lexer.at;
    let Some(Found { data_end, end, is_told }) = find_end(lexer, findings, dictionary, start)? else {
        return Err(Stop::Ended { at: object_at });
    };
    let data = Data { range: start..data_end, is_told };
    if dictionary.kind == b"XRef" {
        // A table of references is never encrypted: it says so itself.
        if !decodes(document, lexer, findings, dictionary, &data)? {
            findings.corrupt(data.range);
        }
        document.last = super::Item::Ending;
    } else if !decodes(document, lexer, findings, dictionary, &data)? {
        document.stream_faults.push(data.range);
        lexer.budget().memory(document.stream_faults.len() as u64 * 16)?;
    }
    lexer.at = end;
    Ok(())
}

/// The data of a stream.
struct Data {
    range: Range<u64>,
    /// The length that is told is right.
    is_told: bool,
}

/// Where data end, and what follows `endstream`.
struct Found {
    data_end: u64,
    end: u64,
    is_told: bool,
}

/// Finds the end of the data. Where the told length is wrong or elsewhere, the word `endstream` is sought.
fn find_end(lexer: &mut Lexer, findings: &mut Findings, told: &Dictionary, start: u64) -> Walk<Option<Found>> {
    if let Some(length) = told.length
        && let Some(told_end) = start.checked_add(length).filter(|&end| end <= lexer.bytes())
    {
        let ahead = lexer.window.peek(told_end, 16)?;
        let spaces = ahead.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if ahead[spaces..].starts_with(&END[..END.len().min(ahead.len() - spaces)]) && ahead.len() - spaces >= END.len()
        {
            let end = told_end + (spaces + END.len()) as u64;
            return Ok(Some(Found { data_end: told_end, end, is_told: true }));
        }
        findings.note(Note::Irregular { at: told_end });
    }
    let bytes = lexer.bytes();
    let Some(found) = lexer.window.find(END, start, bytes)? else { return Ok(None) };
    // An end of line before the word may be part of the data.
    Ok(Some(Found { data_end: found, end: found + END.len() as u64, is_told: false }))
}

/// Tells whether data decode by their first filter.
fn decodes(
    document: &mut Document,
    lexer: &mut Lexer,
    findings: &mut Findings,
    dictionary: &Dictionary,
    data: &Data,
) -> Walk<bool> {
    let range = data.range.clone();
    let bytes = range.end - range.start;
    match dictionary.filters.first().map(Vec::as_slice) {
        Some(b"FlateDecode" | b"Fl") => inflates(document, lexer, findings, data),
        Some(b"DCTDecode" | b"DCT") => is_picture(lexer, findings, range),
        Some(b"ASCII85Decode" | b"A85" | b"ASCIIHexDecode" | b"AHx") => {
            let is_text = is_letters(lexer, range)?;
            findings.parsed_bytes += if is_text { bytes } else { 0 };
            Ok(is_text)
        }
        _ => {
            findings.note(Note::Opaque { at: range.start, bytes });
            Ok(true)
        }
    }
}

fn inflates(document: &mut Document, lexer: &mut Lexer, findings: &mut Findings, data: &Data) -> Walk<bool> {
    let Data { range: data, is_told } = data;
    if data.end - data.start < 3 {
        return Ok(true);
    }
    let inflater = document.inflater.get_or_insert_with(|| Inflater::new(true));
    inflater.begin(true);
    match inflater.run(lexer.window, data.start, data.end, &mut |_| ())? {
        End::Complete { at } => {
            findings.summed_bytes += at - data.start;
            // Where the word behind the data was overwritten, the next one was found.
            Ok(data.end - at <= PADDING_BYTES_MAX)
        }
        End::Bad { .. } => Ok(false),
        End::Cut if !is_told => Ok(false),
        End::Cut => {
            // Some programs leave the checksum away.
            inflater.begin(false);
            let end = inflater.run(lexer.window, data.start + 2, data.end, &mut |_| ())?;
            findings.parsed_bytes += data.end - data.start;
            findings.note(Note::Irregular { at: data.end });
            Ok(matches!(end, End::Complete { at } if data.end - at <= LINE_END_BYTES))
        }
    }
}

fn is_picture(lexer: &mut Lexer, findings: &mut Findings, data: Range<u64>) -> Walk<bool> {
    let mut inside = Findings::default();
    match jpeg::walk(lexer.window, &mut inside, data.clone()) {
        Ok(_) => {
            findings.parsed_bytes += inside.parsed_bytes;
            Ok(!inside.is_corrupt())
        }
        Err(Stop::Broken { .. }) => Ok(false),
        Err(Stop::Ended { at } | Stop::Doubtful { at }) => {
            findings.note(Note::Irregular { at });
            Ok(true)
        }
        Err(stop) => Err(stop),
    }
}

fn is_letters(lexer: &mut Lexer, data: Range<u64>) -> Walk<bool> {
    let mut at = data.start;
    while at < data.end {
        let part = lexer.window.some(at, data.end)?;
        if part.is_empty()
            || !part.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace() || *byte == 0)
        {
            return Ok(false);
        }
        at += part.len() as u64;
    }
    Ok(true)
}
