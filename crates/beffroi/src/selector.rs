//! How people name a snapshot: `latest`, `SOURCE@latest`, `SOURCE@latest~3`, `SOURCE@2026-11-21`, the beginning of an id.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use jiff::civil::Date;

use crate::failure::Failure;
use crate::messages::text;
use crate::output::Output;

/// Which snapshot is meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Selector {
    /// The latest of the only source.
    Latest,
    /// One of a source.
    Source(String, Which),
    /// The one whose id begins so.
    Id(String),
}

/// Which of a source's snapshots.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// So many before the latest.
    Back(usize),
    /// The last of a day.
    Day(Date),
}

/// Fewer digits of an id would be a guess.
const ID_DIGITS_MIN: usize = 4;

impl Selector {
    /// Reads `SNAP`.
    pub fn parse(given: &OsStr) -> Result<Self, Failure> {
        let wrong = || Failure::usage(text("err-selector").with("selector", Output::safe_bytes(given.as_bytes())));
        let words = given.to_str().ok_or_else(wrong)?;
        if words == "latest" {
            return Ok(Self::Latest);
        }
        if let Some((source, which)) = words.rsplit_once('@') {
            let which = parse_which(which).filter(|_| !source.is_empty()).ok_or_else(wrong)?;
            return Ok(Self::Source(source.to_string(), which));
        }
        let digits = words.to_ascii_lowercase();
        let is_id = (ID_DIGITS_MIN..=64).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
        if is_id { Ok(Self::Id(digits)) } else { Err(wrong()) }
    }

    /// Reads `SNAP[:PATH]`; no path is the root.
    pub fn parse_with_path(given: &OsStr) -> Result<(Self, Vec<u8>), Failure> {
        let bytes = given.as_bytes();
        let end = bytes.iter().position(|byte| *byte == b':').unwrap_or(bytes.len());
        let path = bytes.get(end + 1..).unwrap_or_default().to_vec();
        Ok((Self::parse(OsStr::from_bytes(&bytes[..end]))?, path))
    }
}

fn parse_which(words: &str) -> Option<Which> {
    if let Some(back) = words.strip_prefix("latest") {
        return match back.strip_prefix('~') {
            Some(count) => count.parse().ok().map(Which::Back),
            None => back.is_empty().then_some(Which::Back(0)),
        };
    }
    words.parse().ok().map(Which::Day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &str) -> Option<Selector> {
        Selector::parse(OsStr::new(words)).ok()
    }

    #[test]
    fn every_form_is_understood() {
        let source = |which| Some(Selector::Source("état civil".into(), which));
        assert_eq!(parse("latest"), Some(Selector::Latest));
        assert_eq!(parse("état civil@latest"), source(Which::Back(0)));
        assert_eq!(parse("état civil@latest~12"), source(Which::Back(12)));
        assert_eq!(parse("état civil@2026-11-21"), source(Which::Day(jiff::civil::date(2026, 11, 21))));
        assert_eq!(parse("0aF9"), Some(Selector::Id("0af9".into())));
    }

    #[test]
    fn everything_else_is_refused() {
        for words in ["", "abc", "abcg", "@latest", "a@", "a@latest~", "a@latest~x", "a@latestx", "a@2026-13-01"] {
            assert_eq!(parse(words), None, "{words}");
        }
        assert_eq!(parse(&"a".repeat(65)), None);
    }

    #[test]
    fn paths_may_hold_anything() {
        let (selector, path) = Selector::parse_with_path(OsStr::from_bytes(b"latest:a:b\xff")).unwrap();
        assert_eq!((selector, path), (Selector::Latest, b"a:b\xff".to_vec()));
    }
}
