//! The page of an attestation: to be printed, read aloud and put into a file.

use aws_lc_rs::digest::{SHA256, digest};
use damage::{Attestation, Statement};
use data_encoding::HEXLOWER;

use super::file::MARK;
use super::html::Html;
use super::page::head;
use crate::formats;
use crate::messages::{Messages, text};

/// So many files that are not identical are on paper; the attestation has all that it names.
const OTHERS_SHOWN: usize = 200;

/// Writes the page.
pub fn attestation_page(
    messages: &Messages,
    statement: &Statement,
    attestation: &Attestation,
    moments: &Moments,
) -> String {
    let mut html = Html::default();
    html.markup(MARK);
    html.element("html", &[("lang", super::page::code(messages.language()))], |html| {
        head(html, &messages.say(&text("attest-title").with("source", statement.source.as_str())));
        html.element("body", &[], |html| {
            html.element("main", &[], |html| body(html, messages, statement, moments));
            html.element("footer", &[], |html| signature(html, messages, attestation));
        });
    });
    html.into_string()
}

/// Times as people of the place read them.
pub struct Moments {
    /// When the snapshot was begun.
    pub snapshot: String,
    /// When the reading ended.
    pub ended: String,
}

fn body(html: &mut Html, messages: &Messages, statement: &Statement, moments: &Moments) {
    html.words("h1", &[], &messages.word("attest-heading"));
    let said = text("attest-compared")
        .with("folder", statement.folder.as_str())
        .with("host", statement.host.as_str())
        .with("source", statement.source.as_str())
        .with("snapshot", &statement.snapshot[..statement.snapshot.len().min(16)])
        .with("time", moments.snapshot.as_str())
        .with("ended", moments.ended.as_str());
    html.words("p", &[], &messages.say(&said));
    let key = if statement.is_sound() { "attest-sound" } else { "attest-not-sound" };
    html.words("p", &[("class", "meaning")], &messages.say(&text(key).with("count", statement.counts.identical)));
    match &statement.clean_boot {
        Some(name) => html.words("p", &[], &messages.say(&text("attest-boot").with("name", name.as_str()))),
        None => html.words("p", &[("class", "caution")], &messages.word("attest-no-boot")),
    }
    counts(html, messages, statement);
    others(html, messages, statement);
}

fn counts(html: &mut Html, messages: &Messages, statement: &Statement) {
    let counts = &statement.counts;
    let rows = [
        ("attest-identical", counts.identical),
        ("attest-edited", counts.edited),
        ("attest-new", counts.new),
        ("attest-damaged", counts.damaged),
        ("attest-missing", counts.missing),
        ("attest-unknown", counts.unknown),
        ("attest-unread", counts.unread_folders),
    ];
    html.element("table", &[], |html| {
        html.words("caption", &[], &messages.word("attest-counts"));
        html.element("tbody", &[], |html| {
            for (key, number) in rows {
                html.element("tr", &[], |html| {
                    html.words("th", &[("scope", "row")], &messages.word(key));
                    html.words("td", &[("class", "number")], &formats::number(number, messages.language()));
                });
            }
        });
    });
}

fn others(html: &mut Html, messages: &Messages, statement: &Statement) {
    if statement.others.is_empty() {
        return;
    }
    html.words("h2", &[], &messages.word("attest-others"));
    html.element("ul", &[], |html| {
        for other in statement.others.iter().take(OTHERS_SHOWN) {
            html.element("li", &[], |html| {
                html.words("bdi", &[], &other.path);
                let word = if other.class == "renamed-damaged" { "damaged" } else { other.class.as_str() };
                html.text(&format!(
                    " ({})",
                    messages.lookup(&format!("one-{word}")).unwrap_or_else(|| word.to_string())
                ));
            });
        }
    });
    let more = statement.others.len().saturating_sub(OTHERS_SHOWN) as u64 + statement.unlisted;
    if more > 0 {
        html.words("p", &[], &messages.say(&text("attest-more").with("count", more)));
    }
}

fn signature(html: &mut Html, messages: &Messages, attestation: &Attestation) {
    let digest = HEXLOWER.encode(digest(&SHA256, attestation.statement.as_bytes()).as_ref());
    html.words("h2", &[], &messages.word("attest-signature"));
    html.words("p", &[], &messages.word("attest-how"));
    html.element("dl", &[], |html| {
        for (key, value) in [
            ("attest-owner", &attestation.owner),
            ("attest-digest", &digest),
            ("attest-signed", &attestation.signature),
        ] {
            html.words("dt", &[], &messages.word(key));
            html.element("dd", &[], |html| html.words("code", &[("class", "long")], value));
        }
    });
}
