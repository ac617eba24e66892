//! Words and values of PDF (ISO 32000-2 §7.2, §7.3).

use crate::limits::Budget;
use crate::window::{Stop, WINDOW_BYTES, Walk, Window, position};

/// Words are short; longer ones are no words.
const WORD_BYTES_MAX: usize = 1024;
const STRING_BYTES_MAX: u64 = 16 << 20;

/// A place in a document.
pub(super) struct Lexer<'w, 'a> {
    pub(super) window: &'w mut Window<'a>,
    pub(super) at: u64,
    /// Bytes of syntax that were read since somebody asked.
    parsed: u64,
}

/// A value, as far as anybody asks for it.
#[derive(Debug)]
pub(super) enum Value {
    Number(u64),
    Name(Vec<u8>),
    Names(Vec<Vec<u8>>),
    Dictionary(Dictionary),
    Other,
}

/// What a dictionary says of its stream.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    pub(super) length: Option<u64>,
    pub(super) filters: Vec<Vec<u8>>,
    pub(super) kind: Vec<u8>,
    pub(super) names_encryption: bool,
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

impl<'w, 'a> Lexer<'w, 'a> {
    pub(super) fn new(window: &'w mut Window<'a>, at: u64) -> Self {
        Self { window, at, parsed: 0 }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.window.bytes()
    }

    pub(super) fn budget(&self) -> &'a Budget {
        self.window.budget()
    }

    /// Returns how many bytes of syntax were read since the last time.
    pub(super) fn take_parsed(&mut self) -> u64 {
        std::mem::take(&mut self.parsed)
    }

    pub(super) fn byte(&mut self) -> Walk<Option<u8>> {
        let bytes = self.window.bytes();
        Ok(self.window.some(self.at, bytes)?.first().copied())
    }

    /// Passes white space and comments.
    pub(super) fn space(&mut self) -> Walk<()> {
        let bytes = self.window.bytes();
        let mut is_comment = false;
        loop {
            let part = self.window.some(self.at, bytes)?;
            if part.is_empty() {
                return Ok(());
            }
            let mut passed = 0;
            for &byte in part {
                match byte {
                    b'\n' | b'\r' => is_comment = false,
                    b'%' => is_comment = true,
                    _ if is_comment || is_space(byte) => {}
                    _ => {
                        self.at += passed;
                        return Ok(());
                    }
                }
                passed += 1;
            }
            self.at += passed;
        }
    }

    /// Reads a number without sign, if one follows.
    pub(super) fn integer(&mut self) -> Walk<Option<u64>> {
        self.space()?;
        let word = self.word()?;
        let value = std::str::from_utf8(word).ok().and_then(|word| word.parse().ok());
        let bytes = word.len() as u64;
        if value.is_some() {
            self.pass(bytes);
        }
        Ok(value)
    }

    /// Passes a word, if it follows.
    pub(super) fn keyword(&mut self, keyword: &[u8]) -> Walk<bool> {
        self.space()?;
        let follows = self.window.peek(self.at, keyword.len())? == keyword;
        if follows {
            self.pass(keyword.len() as u64);
        }
        Ok(follows)
    }

    /// Reads a value.
    pub(super) fn value(&mut self, depth: u32) -> Walk<Value> {
        self.budget().depth(depth)?;
        self.space()?;
        let Some(byte) = self.byte()? else { return Err(Stop::Ended { at: self.bytes() }) };
        match byte {
            b'/' => self.name().map(Value::Name),
            b'(' => self.string(),
            b'<' if self.window.peek(self.at, 2)? == b"<<" => self.dictionary(depth),
            b'<' => self.hex(),
            b'[' => self.array(depth),
            b'0'..=b'9' => self.number(),
            _ => self.plain_word(),
        }
    }

    fn pass(&mut self, bytes: u64) {
        self.at += bytes;
        self.parsed += bytes;
    }

    /// The word that begins here, without passing it.
    fn word(&mut self) -> Walk<&[u8]> {
        let ahead = self.window.peek(self.at, WORD_BYTES_MAX)?;
        let end = ahead.iter().position(|&byte| is_space(byte) || is_delimiter(byte)).unwrap_or(ahead.len());
        Ok(&ahead[..end])
    }

    fn plain_word(&mut self) -> Walk<Value> {
        let at = self.at;
        let word = self.word()?;
        let is_plain = !word.is_empty() && word.iter().all(|byte| byte.is_ascii_graphic());
        let bytes = word.len() as u64;
        if !is_plain || word.starts_with(b"endobj") || bytes as usize == WORD_BYTES_MAX {
            return Err(Stop::Broken { at });
        }
        self.pass(bytes);
        Ok(Value::Other)
    }

    /// A number, or a reference to an object (`12 0 R`).
    fn number(&mut self) -> Walk<Value> {
        let Some(value) = self.integer()? else { return self.plain_word() };
        let (at, parsed) = (self.at, self.parsed);
        self.space()?;
        if self.byte()?.is_some_and(|byte| byte.is_ascii_digit()) && self.integer()?.is_some() {
            self.space()?;
            if self.word()? == b"R" {
                self.pass(1);
                return Ok(Value::Other);
            }
        }
        (self.at, self.parsed) = (at, parsed);
        Ok(Value::Number(value))
    }

    fn name(&mut self) -> Walk<Vec<u8>> {
        let at = self.at;
        self.pass(1);
        let name = self.word()?.to_vec();
        if name.len() == WORD_BYTES_MAX || name.iter().any(|&byte| byte < 0x20 || byte == 0x7f) {
            return Err(Stop::Broken { at });
        }
        self.pass(name.len() as u64);
        Ok(name)
    }

    /// A string in parentheses, which may hold any byte, so that it vouches for nothing.
    fn string(&mut self) -> Walk<Value> {
        let start = self.at;
        let end = self.bytes().min(start + STRING_BYTES_MAX);
        let (mut depth, mut escaped) = (0_u64, false);
        loop {
            let part = self.window.some(self.at, end)?;
            if part.is_empty() {
                return Err(Stop::Broken { at: start });
            }
            for (place, &byte) in part.iter().enumerate() {
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' => escaped = true,
                    b'(' => depth += 1,
                    b')' => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    self.at += place as u64 + 1;
                    return Ok(Value::Other);
                }
            }
            self.at += part.len() as u64;
        }
    }

    fn hex(&mut self) -> Walk<Value> {
        let start = self.at;
        let bytes = self.bytes();
        self.pass(1);
        loop {
            let part = self.window.some(self.at, bytes)?;
            if part.is_empty() {
                return Err(Stop::Ended { at: bytes });
            }
            let digits = part.iter().take_while(|byte| byte.is_ascii_hexdigit() || is_space(**byte)).count();
            let next = part.get(digits).copied();
            self.pass(digits as u64);
            match next {
                Some(b'>') => {
                    self.pass(1);
                    return Ok(Value::Other);
                }
                Some(_) => return Err(Stop::Broken { at: start }),
                None => {}
            }
        }
    }

    fn array(&mut self, depth: u32) -> Walk<Value> {
        self.pass(1);
        let mut names = Vec::new();
        loop {
            self.space()?;
            if self.byte()? == Some(b']') {
                self.pass(1);
                return Ok(if names.is_empty() { Value::Other } else { Value::Names(names) });
            }
            if let Value::Name(name) = self.value(depth + 1)?
                && names.len() < 8
            {
                names.push(name);
            }
        }
    }

    fn dictionary(&mut self, depth: u32) -> Walk<Value> {
        self.pass(2);
        let mut dictionary = Dictionary::default();
        loop {
            self.space()?;
            match self.byte()? {
                Some(b'/') => {}
                Some(b'>') if self.window.peek(self.at, 2)? == b">>" => {
                    self.pass(2);
                    return Ok(Value::Dictionary(dictionary));
                }
                Some(_) => return Err(Stop::Broken { at: self.at }),
                None => return Err(Stop::Ended { at: self.bytes() }),
            }
            let key = self.name()?;
            self.space()?;
            // A key without value, as some programs write.
            if self.window.peek(self.at, 2)? == b">>" {
                continue;
            }
            let value = self.value(depth + 1)?;
            dictionary.add(&key, value);
        }
    }

    /// Finds the next `12 0 obj`, or an ending, from a place on.
    pub(super) fn next_object(&mut self, from: u64) -> Walk<Option<u64>> {
        let bytes = self.bytes();
        let mut at = from;
        while at < bytes {
            let part = self.window.take(at, (bytes - at).min(WINDOW_BYTES as u64) as usize)?;
            let found = (0..part.len()).find(|&place| begins_item(part, place));
            if let Some(found) = found {
                return Ok(Some(at + found as u64));
            }
            if part.len() < WINDOW_BYTES {
                break;
            }
            at += (part.len() - 32) as u64;
        }
        Ok(None)
    }

    /// Tells whether a range holds bytes that no program writes as syntax.
    pub(super) fn is_foreign(&mut self, at: u64, end: u64) -> Walk<bool> {
        let sample = self.window.peek(at, (end - at).min(WINDOW_BYTES as u64) as usize)?;
        let foreign = sample.iter().filter(|&&byte| !(byte.is_ascii_graphic() || is_space(byte))).count();
        Ok(foreign >= 3 && foreign * 32 > sample.len().min(1024))
    }
}

impl Dictionary {
    fn add(&mut self, key: &[u8], value: Value) {
        match (key, value) {
            (b"Length", Value::Number(length)) => self.length = Some(length),
            (b"Filter" | b"F", Value::Name(name)) => self.filters = vec![name],
            (b"Filter" | b"F", Value::Names(names)) => self.filters = names,
            (b"Type", Value::Name(name)) => self.kind = name,
            (b"Encrypt", _) => self.names_encryption = true,
            _ => {}
        }
    }
}

/// Tells whether an object or an ending begins at a place, behind something that is no letter.
fn begins_item(part: &[u8], place: usize) -> bool {
    if place > 0 && !is_space(part[place - 1]) && !part[..place].ends_with(b"endobj") {
        return false;
    }
    let rest = &part[place..part.len().min(place + 32)];
    if rest.starts_with(b"startxref") || rest.starts_with(b"trailer") || rest.starts_with(b"xref") {
        return true;
    }
    let digits = |from: usize| rest[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let first = digits(0);
    if first == 0 || rest.get(first) != Some(&b' ') {
        return false;
    }
    let second = digits(first + 1);
    second > 0 && position(&rest[first + 1 + second..], b"obj").is_some_and(|at| at <= 2)
}
