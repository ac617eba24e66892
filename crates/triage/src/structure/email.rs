//! Mail: one message, or a box of them (RFC 5322, RFC 2045, RFC 2046, RFC 4155). All of it is text; parts in base64 have an
//! alphabet of their own.

use crate::state::{Findings, Note};
use crate::window::{Stop, WINDOW_BYTES, Walk, Window};

/// Fields of which a message has two or more.
const USUAL_FIELDS: [&[u8]; 14] = [
    b"from",
    b"date",
    b"subject",
    b"to",
    b"received",
    b"return-path",
    b"message-id",
    b"mime-version",
    b"delivered-to",
    b"content-type",
    b"sender",
    b"x-mailer",
    b"reply-to",
    b"x-originating-ip",
];
const BOUNDARY_BYTES_MAX: usize = 256;
const BOUNDARIES_MAX: usize = 256;

/// Tells whether some text begins as a message does.
pub(crate) fn has_headers(text: &[u8]) -> bool {
    let (mut usual, mut is_first) = (0, true);
    for line in text.split(|&byte| byte == b'\n').take(60) {
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            continue;
        }
        let Some(name) = field_name(line) else { break };
        let is_usual = USUAL_FIELDS.contains(&name.to_ascii_lowercase().as_slice());
        if is_first && !is_usual && !name.starts_with(b"X-") {
            return false;
        }
        is_first = false;
        usual += usize::from(is_usual);
    }
    usual >= 2
}

fn field_name(line: &[u8]) -> Option<&[u8]> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let name = &line[..colon];
    let is_name = !name.is_empty() && name.iter().all(|&byte| byte.is_ascii_graphic());
    is_name.then_some(name)
}

/// Checks the form of a message or a box; that it is text is checked elsewhere.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let head = window.peek(0, 4096)?;
    let first_line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    if !first_line.starts_with(b"From ") && !first_line.starts_with(b">From ") && field_name(first_line).is_none() {
        return Err(Stop::Doubtful { at: 0 });
    }
    let mut message = Message { is_head: true, ..Message::default() };
    let bytes = window.bytes();
    let mut at = 0;
    while at < bytes {
        let part = window.peek(at, WINDOW_BYTES)?;
        let Some(last) = part
            .iter()
            .rposition(|&byte| byte == b'\n')
            .or((at + part.len() as u64 == bytes).then_some(part.len() - 1))
        else {
            // A line that is longer than any program writes: nothing to say about it.
            at += part.len() as u64;
            continue;
        };
        let mut place = 0;
        for line in part[..=last].split_inclusive(|&byte| byte == b'\n') {
            message.line(line.trim_ascii_end(), at + place, findings);
            place += line.len() as u64;
        }
        at += last as u64 + 1;
    }
    if message.is_head && message.boundaries.is_empty() && message.fields == 0 {
        return Err(Stop::Doubtful { at: 0 });
    }
    Ok(())
}

/// Where the reading of a message stands.
#[derive(Default)]
struct Message {
    is_head: bool,
    fields: u64,
    boundaries: Vec<Vec<u8>>,
    /// The part that is read is in base64.
    is_base64: bool,
    was_blank: bool,
    is_encoding_field: bool,
}

impl Message {
    fn line(&mut self, line: &[u8], at: u64, findings: &mut Findings) {
        let was_blank = std::mem::replace(&mut self.was_blank, line.is_empty());
        if line.starts_with(b"--") && self.boundaries.iter().any(|boundary| line[2..].starts_with(boundary)) {
            self.begin_head();
        } else if line.starts_with(b"From ") && (was_blank || at == 0) {
            self.boundaries.clear();
            self.begin_head();
        } else if self.is_head {
            self.head_line(line);
        } else if self.is_base64 && !is_base64(line) {
            self.foreign_line(line, at, findings);
        }
    }

    fn begin_head(&mut self) {
        (self.is_head, self.is_base64, self.is_encoding_field) = (true, false, false);
    }

    fn head_line(&mut self, line: &[u8]) {
        if line.is_empty() {
            self.is_head = false;
            return;
        }
        let lower = line.to_ascii_lowercase();
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            self.fields += u64::from(field_name(line).is_some());
            self.is_encoding_field = lower.starts_with(b"content-transfer-encoding:");
        }
        if self.is_encoding_field && crate::window::position(&lower, b"base64").is_some() {
            self.is_base64 = true;
        }
        if let Some(found) = crate::window::position(&lower, b"boundary=") {
            self.add_boundary(&line[found + 9..]);
        }
    }

    fn add_boundary(&mut self, rest: &[u8]) {
        let quoted = rest.strip_prefix(b"\"");
        let ends = |byte: u8| if quoted.is_some() { byte == b'"' } else { byte == b';' || byte.is_ascii_whitespace() };
        let boundary = quoted.unwrap_or(rest).split(|&byte| ends(byte)).next().unwrap_or_default();
        if !boundary.is_empty() && boundary.len() <= BOUNDARY_BYTES_MAX && self.boundaries.len() < BOUNDARIES_MAX {
            self.boundaries.push(boundary.to_vec());
        }
    }

    /// A line among base64 that is none. Lists hang text behind such parts; what is no text at all was found before.
    fn foreign_line(&mut self, line: &[u8], at: u64, findings: &mut Findings) {
        let foreign = line.iter().filter(|&&byte| !is_base64_letter(byte)).count();
        let is_words = line.iter().filter(|&&byte| byte == b' ').count() * 12 >= line.len() || line.starts_with(b"--");
        if is_words || foreign < 2 {
            findings.note(Note::Irregular { at });
            self.is_base64 = false;
        } else {
            findings.corrupt(at..at + line.len() as u64);
        }
    }
}

fn is_base64(line: &[u8]) -> bool {
    line.iter().all(|&byte| is_base64_letter(byte))
}

fn is_base64_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}
