//! The page of a draft: a form for whoever reads it over, or what hangs on the door.

use town::drafts::{Content, Draft, Field, FieldName, Line, Value, What};

use super::file::MARK;
use super::html::Html;
use super::page::{code, head};
use crate::drafting::{Speaker, heading_key, speech};

/// Writes the page.
pub fn draft_page(speaker: &Speaker<'_>, draft: &Draft) -> String {
    let title = speaker.title(draft);
    let class = if draft.what == What::Poster { "poster" } else { "draft" };
    let mut html = Html::default();
    html.markup(MARK);
    html.element("html", &[("lang", code(speaker.messages.language()))], |html| {
        head(html, &title);
        html.element("body", &[("class", class)], |html| {
            html.element("header", &[], |html| {
                html.words("h1", &[], &title);
                if draft.is_exercise {
                    html.words("p", &[("class", "caution")], &speaker.word("draft-exercise"));
                }
                html.words("p", &[], &speaker.as_of(draft));
            });
            html.element("main", &[], |html| match draft.what {
                What::Poster => poster(html, speaker, draft),
                What::Telephone => {
                    speech(speaker, draft).sentences.iter().for_each(|said| html.words("p", &[], said));
                }
                _ => sections(html, speaker, draft),
            });
            if !draft.what.is_public() {
                html.element("footer", &[], |html| html.words("p", &[], &speaker.word("draft-foot")));
            }
        });
    });
    html.line();
    html.into_string()
}

fn sections(html: &mut Html, speaker: &Speaker<'_>, draft: &Draft) {
    let is_public = draft.what.is_public();
    for section in &draft.sections {
        let heading = speaker.word(heading_key(section.heading));
        html.words("h2", &[], &heading);
        html.element("dl", &[], |html| {
            for field in &section.fields {
                html.words("dt", &[], &speaker.label(field.name, is_public));
                html.element("dd", &[], |html| content(html, speaker, field, is_public));
                html.line();
            }
        });
    }
}

fn content(html: &mut Html, speaker: &Speaker<'_>, field: &Field, is_public: bool) {
    let Content::Filled(lines) = &field.content else {
        let class = if matches!(field.content, Content::Missing { .. }) && !is_public { "missing" } else { "open" };
        html.words("span", &[("class", class)], &speaker.unfilled(field, is_public));
        return;
    };
    let said = |html: &mut Html, line: &Line| {
        html.text(&speaker.line(line));
        if let Some(from) = speaker.provenance(line).filter(|_| !is_public) {
            html.text(" ");
            html.words("small", &[], &format!("[{from}]"));
        }
    };
    match lines.as_slice() {
        [line] => said(html, line),
        lines => html.element("ul", &[], |html| {
            lines.iter().for_each(|line| html.element("li", &[], |html| said(html, line)));
        }),
    }
}

/// A table that can be read from two metres away, then what works, then where there is more.
fn poster(html: &mut Html, speaker: &Speaker<'_>, draft: &Draft) {
    let heads = ["draft-poster-service", "draft-poster-state", "draft-poster-instead", "draft-poster-next"];
    let caption = speaker.word("draft-poster-caption");
    html.element("div", &[("class", "wide"), ("role", "group"), ("aria-label", &caption), ("tabindex", "0")], |html| {
        html.element("table", &[], |html| {
            html.words("caption", &[], &caption);
            html.element("thead", &[], |html| {
                html.element("tr", &[], |html| {
                    heads.iter().for_each(|key| html.words("th", &[("scope", "col")], &speaker.word(key)));
                });
            });
            html.element("tbody", &[], |html| {
                let rows = [FieldName::ServicesClosed, FieldName::ServicesUnknown];
                rows.into_iter().flat_map(|name| lines(draft, name)).for_each(|line| row(html, speaker, line));
            });
        });
    });
    for section in &draft.sections {
        let told = |field: &&Field| !matches!(field.name, FieldName::ServicesClosed | FieldName::ServicesUnknown);
        for field in section.fields.iter().filter(told) {
            html.words("h2", &[], &speaker.label(field.name, true));
            html.element("p", &[], |html| match lines(draft, field.name) {
                [] => html.text(&speaker.unfilled(field, true)),
                lines => {
                    let said: Vec<_> = lines.iter().map(|line| name_or_line(speaker, line)).collect();
                    html.text(&said.join(", "));
                }
            });
        }
    }
}

fn row(html: &mut Html, speaker: &Speaker<'_>, line: &Line) {
    let Value::Service(service) = &line.value else { return };
    let or_open = |said: Option<String>| said.unwrap_or_else(|| speaker.word("draft-not-known"));
    html.element("tr", &[], |html| {
        html.words("th", &[("scope", "row")], &speaker.words(&service.name));
        html.words("td", &[], &speaker.level(service));
        html.words("td", &[], &or_open(service.instead.as_ref().map(|words| speaker.words(words))));
        html.words("td", &[], &or_open(service.next_news.map(|time| speaker.moment(time))));
    });
}

fn name_or_line(speaker: &Speaker<'_>, line: &Line) -> String {
    match &line.value {
        Value::Service(service) => speaker.words(&service.name),
        _ => speaker.line(line),
    }
}

fn lines(draft: &Draft, name: FieldName) -> &[Line] {
    match draft.field(name).map(|field| &field.content) {
        Some(Content::Filled(lines)) => lines,
        _ => &[],
    }
}
