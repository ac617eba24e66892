//! The page of an exercise: what was rehearsed, what was found, how long each part took.

use super::file::MARK;
use super::html::Html;
use super::page::{code, head};
use crate::messages::Messages;

/// What the page tells, in words.
pub struct Rehearsal {
    /// What was rehearsed, when and where.
    pub lead: String,
    /// Everything was as it must be.
    pub is_right: bool,
    /// That, in a sentence.
    pub verdict: String,
    /// What rang and what was told of the harm, sentence by sentence.
    pub told: Vec<String>,
    /// What the repair did.
    pub mended: Vec<String>,
    /// What the vault took.
    pub kept: String,
    /// The parts with their figures; the first row is the head.
    pub figures: Vec<Vec<String>>,
}

/// Writes the page.
pub fn rehearsal_page(messages: &Messages, rehearsal: &Rehearsal) -> String {
    let mut html = Html::default();
    html.markup(MARK);
    html.element("html", &[("lang", code(messages.language()))], |html| {
        head(html, &messages.word("rehearsal-heading"));
        html.element("body", &[], |html| {
            html.element("header", &[], |html| {
                html.words("h1", &[], &messages.word("rehearsal-heading"));
                html.words("p", &[], &rehearsal.lead);
            });
            html.element("main", &[], |html| body(html, messages, rehearsal));
            html.element("footer", &[], |html| html.words("p", &[], &messages.word("rehearsal-foot")));
        });
    });
    html.line();
    html.into_string()
}

fn body(html: &mut Html, messages: &Messages, rehearsal: &Rehearsal) {
    let class = if rehearsal.is_right { "meaning" } else { "caution" };
    html.words("p", &[("class", class)], &rehearsal.verdict);
    let parts = [("rehearsal-told", &rehearsal.told), ("rehearsal-mended", &rehearsal.mended)];
    for (key, sentences) in parts {
        html.words("h2", &[], &messages.word(key));
        for sentence in sentences {
            html.words("p", &[], sentence);
        }
    }
    html.words("h2", &[], &messages.word("rehearsal-times"));
    let caption = messages.word("rehearsal-caption");
    html.element("div", &[("class", "wide"), ("role", "group"), ("aria-label", &caption), ("tabindex", "0")], |html| {
        html.element("table", &[], |html| figures(html, &caption, &rehearsal.figures));
    });
    html.words("p", &[], &rehearsal.kept);
}

fn figures(html: &mut Html, caption: &str, rows: &[Vec<String>]) {
    html.words("caption", &[], caption);
    let Some((heads, rows)) = rows.split_first() else { return };
    html.element("thead", &[], |html| {
        html.element("tr", &[], |html| heads.iter().for_each(|head| html.words("th", &[("scope", "col")], head)));
    });
    html.element("tbody", &[], |html| {
        for row in rows {
            html.element("tr", &[], |html| {
                for (at, cell) in row.iter().enumerate() {
                    match at {
                        0 => html.words("th", &[("scope", "row")], cell),
                        _ => html.words("td", &[("class", "number")], cell),
                    }
                }
            });
        }
    });
}
