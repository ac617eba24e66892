//! The page of the day: what was measured, beside the objectives and what towns needed.

use super::file::MARK;
use super::html::Html;
use super::page::{code, head};
use crate::messages::Messages;

/// What the page tells, in words.
pub struct DayPage {
    /// What was rehearsed, when and where.
    pub lead: String,
    /// Everything was as it must be.
    pub is_right: bool,
    /// That, in a sentence.
    pub verdict: String,
    /// The times of the day.
    pub times: Vec<TimeRow>,
    /// The services.
    pub services: Vec<ServiceRow>,
    /// What else was seen, sentence by sentence.
    pub said: Vec<String>,
}

/// A time of the day.
#[derive(Clone)]
pub struct TimeRow {
    /// What was measured.
    pub what: String,
    /// How long it took.
    pub measured: String,
    /// Within which time it should be done.
    pub objective: String,
    /// What real towns needed.
    pub towns: String,
    /// Whether it was done within its time.
    pub is_met: bool,
}

/// A service of the village.
#[derive(Clone)]
pub struct ServiceRow {
    /// Its name.
    pub name: String,
    /// When it was back.
    pub measured: String,
    /// How long people can bear to be without it.
    pub objective: String,
    /// Whether it was back within that.
    pub is_met: bool,
}

/// Writes the page.
pub fn day_page(messages: &Messages, day: &DayPage) -> String {
    let mut html = Html::default();
    html.markup(MARK);
    html.element("html", &[("lang", code(messages.language()))], |html| {
        head(html, &messages.word("day-heading"));
        html.element("body", &[], |html| {
            html.element("header", &[], |html| {
                html.words("h1", &[], &messages.word("day-heading"));
                html.words("p", &[], &day.lead);
            });
            html.element("main", &[], |html| body(html, messages, day));
            html.element("footer", &[], |html| html.words("p", &[], &messages.word("day-foot")));
        });
    });
    html.line();
    html.into_string()
}

fn body(html: &mut Html, messages: &Messages, day: &DayPage) {
    html.words("p", &[("class", if day.is_right { "meaning" } else { "caution" })], &day.verdict);
    html.words("h2", &[], &messages.word("day-times-heading"));
    let heads = ["day-col-what", "day-col-measured", "day-col-objective", "day-col-met", "day-col-towns"];
    let rows = day.times.iter().map(|row| {
        [&row.what, &row.measured, &row.objective, &met(messages, row.is_met), &row.towns].map(Clone::clone).to_vec()
    });
    table(html, messages, ("day-times-caption", &heads), &rows.collect::<Vec<_>>());
    html.words("h2", &[], &messages.word("day-services-heading"));
    let heads = ["day-col-service", "day-col-measured", "day-col-bears", "day-col-met"];
    let rows = day
        .services
        .iter()
        .map(|row| [&row.name, &row.measured, &row.objective, &met(messages, row.is_met)].map(Clone::clone).to_vec());
    table(html, messages, ("day-services-caption", &heads), &rows.collect::<Vec<_>>());
    html.words("h2", &[], &messages.word("day-seen-heading"));
    day.said.iter().for_each(|said| html.words("p", &[], said));
    html.words("h2", &[], &messages.word("day-limits-heading"));
    for key in ["day-limit-people", "day-limit-size", "day-limit-towns"] {
        html.words("p", &[], &messages.word(key));
    }
}

fn met(messages: &Messages, is_met: bool) -> String {
    messages.word(if is_met { "day-met" } else { "day-not-met" })
}

fn table(
    html: &mut Html,
    messages: &Messages,
    (caption, heads): (&'static str, &[&'static str]),
    rows: &[Vec<String>],
) {
    let caption = messages.word(caption);
    html.element("div", &[("class", "wide"), ("role", "group"), ("aria-label", &caption), ("tabindex", "0")], |html| {
        html.element("table", &[], |html| {
            html.words("caption", &[], &caption);
            html.element("thead", &[], |html| {
                html.element("tr", &[], |html| {
                    heads.iter().for_each(|head| html.words("th", &[("scope", "col")], &messages.word(head)));
                });
            });
            html.element("tbody", &[], |html| rows.iter().for_each(|row| line(html, row)));
        });
    });
    html.line();
}

fn line(html: &mut Html, row: &[String]) {
    html.element("tr", &[], |html| {
        for (at, cell) in row.iter().enumerate() {
            match at {
                0 => html.words("th", &[("scope", "row")], cell),
                1 | 2 => html.words("td", &[("class", "number")], cell),
                _ => html.words("td", &[], cell),
            }
        }
    });
}
