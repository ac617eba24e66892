//! Writing HTML in which nothing foreign is markup: what is not written in this program is escaped, without exception.

use std::fmt::Write;

/// A page, or a part of one.
#[derive(Debug, Default)]
pub struct Html {
    written: String,
}

/// An attribute of an element.
pub type Attribute<'a> = (&'static str, &'a str);

impl Html {
    /// Writes markup. Only what stands in this program's own code is markup.
    pub fn markup(&mut self, markup: &'static str) {
        self.written.push_str(markup);
    }

    /// Writes words: no character of them is markup, steers the direction of writing or is invisible.
    pub fn text(&mut self, words: &str) {
        for character in words.chars() {
            match character {
                '&' => self.written.push_str("&amp;"),
                '<' => self.written.push_str("&lt;"),
                '>' => self.written.push_str("&gt;"),
                '"' => self.written.push_str("&quot;"),
                '\'' => self.written.push_str("&#39;"),
                hidden if is_hidden(hidden) => {
                    let _ = write!(self.written, "{}", hidden.escape_unicode());
                }
                plain => self.written.push(plain),
            }
        }
    }

    /// Writes an element and what is inside.
    pub fn element(&mut self, name: &'static str, attributes: &[Attribute<'_>], inside: impl FnOnce(&mut Self)) {
        self.open(name, attributes);
        inside(self);
        let _ = write!(self.written, "</{name}>");
    }

    /// Writes an element that holds words only.
    pub fn words(&mut self, name: &'static str, attributes: &[Attribute<'_>], words: &str) {
        self.element(name, attributes, |html| html.text(words));
    }

    /// Begins an element; one that has an end is better written by [`Self::element`].
    pub fn open(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        let _ = write!(self.written, "<{name}");
        for (attribute, value) in attributes {
            let _ = write!(self.written, " {attribute}=\"");
            self.text(value);
            self.written.push('"');
        }
        self.written.push('>');
    }

    /// Goes to the next line, so that the source can be read.
    pub fn line(&mut self) {
        self.written.push('\n');
    }

    /// Returns what was written.
    pub fn into_string(self) -> String {
        self.written
    }
}

/// Tells whether a character does not show, or changes how its neighbours show (Unicode UAX #9, §2; general category Cf).
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(character, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_foreign_is_markup_or_hidden() {
        let mut html = Html::default();
        html.words("p", &[("title", "\" onload='x'")], "<script>&\u{202e}fdp.exe\u{0}\n\u{200b}é\u{a0}\u{202f}");
        let expected = "<p title=\"&quot; onload=&#39;x&#39;\">&lt;script&gt;&amp;\\u{202e}fdp.exe\\u{0}\\u{a}\\u{200b}é\u{a0}\u{202f}</p>";
        assert_eq!(html.into_string(), expected);
    }
}
