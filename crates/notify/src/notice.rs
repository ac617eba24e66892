//! What is told.

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How loud a notice is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Somebody tries whether notices arrive.
    Test,
    /// Worth a look.
    Watch,
    /// Somebody must act.
    Alarm,
}

/// The same for the same event, however often it is told: whoever receives it twice can merge.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct NoticeId(String);

/// What is told, in the recipient's language, complete as it goes out.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Notice {
    /// Names it.
    pub id: NoticeId,
    /// How loud.
    pub level: Level,
    /// One line.
    pub title: String,
    /// What happened, why it is believed, what to do: some lines.
    pub text: String,
    /// The same for programs.
    pub fields: Map<String, Value>,
}

/// A title is not longer, in characters.
const TITLE_MAX: usize = 150;
/// A text is not longer, in characters: a pipe takes it at once.
const TEXT_MAX: usize = 8000;

impl NoticeId {
    /// Makes an id of what makes an event what it is.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut digest = Context::new(&SHA256);
        for part in parts {
            digest.update(&(part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        Self(HEXLOWER.encode(&digest.finish().as_ref()[..16]))
    }

    /// Returns 32 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether this is such an id: one that was read from a file may be anything.
    pub fn is_sound(&self) -> bool {
        self.0.len() == 32 && self.0.bytes().all(|byte| byte.is_ascii_hexdigit())
    }
}

impl Notice {
    /// Makes a notice. The title becomes one line and both become short: whatever names are in them, they end where they should.
    pub fn new(id: NoticeId, level: Level, title: &str, text: &str, fields: Map<String, Value>) -> Self {
        let plain = |character: char| if is_steering(character) { ' ' } else { character };
        let title = title.chars().map(plain).take(TITLE_MAX).collect();
        let line = |character: char| if character == '\n' { '\n' } else { plain(character) };
        let text = text.chars().map(line).take(TEXT_MAX).collect();
        Self { id, level, title, text, fields }
    }

    /// Returns all of it for programs.
    pub fn to_json(&self) -> Value {
        let mut all = self.fields.clone();
        all.insert("id".into(), self.id.as_str().into());
        all.insert("level".into(), serde_json::to_value(self.level).unwrap_or_default());
        all.insert("title".into(), self.title.as_str().into());
        all.insert("text".into(), self.text.as_str().into());
        Value::Object(all)
    }
}

/// Tells whether a character ends a header, steers a terminal or turns the direction of writing.
fn is_steering(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_no_line_and_no_length_is_unbounded() {
        let hostile = format!("a\r\nBcc: all@example.org\u{2028}\u{202e}{}", "x".repeat(100_000));
        let notice = Notice::new(NoticeId::of(&[b"x"]), Level::Alarm, &hostile, &hostile, Map::new());
        assert!(notice.title.starts_with("a  Bcc: all@example.org  xxx"));
        assert!(!notice.text.contains('\r') && notice.text.contains('\n'));
        assert_eq!((notice.title.chars().count(), notice.text.chars().count()), (TITLE_MAX, TEXT_MAX));
    }

    #[test]
    fn ids_depend_on_all_parts_and_where_they_end() {
        assert_eq!(NoticeId::of(&[b"ab", b"c"]), NoticeId::of(&[b"ab", b"c"]));
        assert_ne!(NoticeId::of(&[b"ab", b"c"]), NoticeId::of(&[b"a", b"bc"]));
        assert!(NoticeId::of(&[]).is_sound() && !NoticeId("../../x".into()).is_sound());
    }
}
