//! The page as a whole: what comes in which order, and what is said around the figures.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64;
use vault::world::Timestamp;

use super::file::MARK;
use super::gather::Harm;
use super::html::Html;
use super::{Chapter, Report, tables};
use crate::formats;
use crate::messages::{Language, Text, text};

const STYLE: &str = include_str!("report.css");

/// Writes the report.
pub fn page(report: &Report<'_>) -> String {
    let mut html = Html::default();
    html.markup(MARK);
    html.element("html", &[("lang", code(report.messages.language()))], |html| {
        head(html, &report.say(&text("report-title").with("sources", sources(report))));
        html.element("body", &[], |html| {
            html.element("header", &[], |html| opening(html, report));
            html.element("main", &[], |html| {
                for (at, chapter) in report.chapters.iter().enumerate() {
                    html.element("section", &[("id", &format!("source-{at}"))], |html| chapter.write(html, report));
                    html.line();
                }
                method(html, report);
            });
            html.element("footer", &[], |html| paragraph(html, report, &text("report-foot")));
        });
    });
    html.line();
    html.into_string()
}

impl Report<'_> {
    /// Puts a message into the report's language.
    pub fn say(&self, text: &Text) -> String {
        self.messages.say(text)
    }

    /// Puts a message without gaps into the report's language.
    pub fn word(&self, key: &'static str) -> String {
        self.messages.word(key)
    }

    /// Writes a number.
    pub fn number(&self, number: u64) -> String {
        formats::number(number, self.messages.language())
    }

    /// Writes a moment as people say it, with its zone.
    pub fn moment(&self, time: Timestamp) -> String {
        formats::spoken(time, &self.zone).map_or_else(|| formats::moment(time), |moment| self.say(&moment))
    }
}

/// Names a language (BCP 47).
pub fn code(language: Language) -> &'static str {
    match language {
        Language::Fr => "fr",
        Language::En => "en",
    }
}

/// The policy lets nothing in but this style: no script, no picture, nothing from elsewhere (CSP level 3).
pub fn head(html: &mut Html, title: &str) {
    let style_hash = BASE64.encode(digest(&SHA256, STYLE.as_bytes()).as_ref());
    let policy = format!("default-src 'none'; style-src 'sha256-{style_hash}'; base-uri 'none'; form-action 'none'");
    html.element("head", &[], |html| {
        html.open("meta", &[("charset", "utf-8")]);
        html.open("meta", &[("http-equiv", "Content-Security-Policy"), ("content", &policy)]);
        html.open("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
        html.open("meta", &[("name", "color-scheme"), ("content", "light dark")]);
        html.open("meta", &[("name", "robots"), ("content", "noindex")]);
        html.words("title", &[], title);
        html.markup("<style>");
        html.markup(STYLE);
        html.markup("</style>");
    });
    html.line();
}

fn sources(report: &Report<'_>) -> String {
    report.chapters.iter().map(|chapter| chapter.source.as_str()).collect::<Vec<_>>().join(", ")
}

fn opening(html: &mut Html, report: &Report<'_>) {
    html.words("h1", &[], &report.word("report-heading"));
    let made = text("report-made").with("time", report.moment(report.made)).with("version", env!("CARGO_PKG_VERSION"));
    paragraph(html, report, &made);
    if !report.is_proved {
        html.words("p", &[("class", "caution")], &report.word("report-not-proved"));
    }
    if report.chapters.len() > 1 {
        tables::overview(html, report);
    }
}

impl Chapter {
    fn write(&self, html: &mut Html, report: &Report<'_>) {
        html.element("h2", &[], |html| html.words("bdi", &[], &self.source));
        let (first, last) = (&self.stages[0], &self.stages[self.stages.len() - 1]);
        let compared = match &self.disk {
            Some(folder) => text("report-compared-disk").with("folder", folder.as_str()),
            None => text("report-compared"),
        };
        let compared = compared
            .with("host", self.host.as_str())
            .with("from", first.id.as_str())
            .with("from_time", report.moment(first.started))
            .with("to", last.id.as_str())
            .with("to_time", report.moment(last.started))
            .with("files", self.totals.files_before);
        paragraph(html, report, &compared);
        self.tiles(html, report);
        for sentence in self.meaning(report) {
            html.words("p", &[("class", "meaning")], &report.say(&sentence));
        }
        if self.totals.unread_directories > 0 {
            let unread = text("say-damage-unread").with("count", self.totals.unread_directories);
            html.words("p", &[("class", "caution")], &report.say(&unread));
        }
        tables::totals(html, report, self);
        tables::beginning(html, report, self);
        tables::places(html, report, self);
        tables::folders(html, report, self);
        tables::versions(html, report, self);
        tables::files(html, report, self);
    }

    /// Returns what matters of the whole source.
    pub fn harm(&self) -> Harm {
        Harm::of(&self.totals)
    }

    /// The figures that everybody looks for first.
    fn tiles(&self, html: &mut Html, report: &Report<'_>) {
        let harm = self.harm();
        let tiles = [
            ("hurt", harm.hurt, "report-tile-hurt"),
            ("gone", harm.gone, "report-tile-gone"),
            ("doubt", harm.open, "report-tile-open"),
            ("well", self.totals.intact + self.totals.edited, "report-tile-well"),
        ];
        html.element("ul", &[("class", "tiles")], |html| {
            for (class, number, key) in tiles {
                html.element("li", &[("class", if number > 0 { class } else { "none" })], |html| {
                    html.words("strong", &[], &report.number(number));
                    html.text(" ");
                    html.words("span", &[], &report.say(&text(key).with("count", number)));
                });
            }
        });
        html.line();
    }

    /// Three sentences: how much, what can be given back, what is not known.
    fn meaning(&self, report: &Report<'_>) -> [Text; 3] {
        let (harm, files) = (self.harm(), self.totals.files_before);
        let share = formats::share(harm.hurt, files, report.messages.language());
        let hurt = text("report-say-hurt").with("count", harm.hurt).with("of", files).with("share", share);
        let clean = harm.hurt - self.gathered.without_clean.min(harm.hurt);
        let stage = |at: Option<usize>| at.map_or_else(String::new, |at| report.moment(self.stages[at].started));
        let is_some = |count: &u64| *count > 0;
        let oldest = stage(self.gathered.clean.iter().position(is_some));
        let newest = stage(self.gathered.clean.iter().rposition(is_some));
        let kept = match harm.hurt {
            0 => text("report-say-nothing-to-give-back"),
            _ if oldest == newest => {
                text("report-say-clean-once").with("count", clean).with("of", harm.hurt).with("time", newest)
            }
            _ => text("report-say-clean")
                .with("count", clean)
                .with("of", harm.hurt)
                .with("oldest", oldest)
                .with("newest", newest),
        };
        [hurt, kept, text("report-say-open").with("count", harm.open)]
    }
}

fn method(html: &mut Html, report: &Report<'_>) {
    html.element("section", &[("id", "method")], |html| {
        html.words("h2", &[], &report.word("report-method-heading"));
        let key = match report.chapters.iter().any(|chapter| chapter.disk.is_some()) {
            true => "report-method-disk",
            false if report.is_proved => "report-method-content",
            false => "report-method-facts",
        };
        paragraph(html, report, &text(key));
        html.words("h3", &[], &report.word("report-limits-heading"));
        html.element("ul", &[], |html| {
            for key in ["report-limit-same", "report-limit-unknown", "report-limit-machines", "report-limit-kept"] {
                html.words("li", &[], &report.word(key));
            }
        });
        html.words("h3", &[], &report.word("report-next-heading"));
        html.element("ol", &[], |html| {
            for key in ["report-next-cut", "report-next-keep", "report-next-restore", "report-next-answer"] {
                html.words("li", &[], &report.word(key));
            }
        });
    });
    html.line();
}

/// Writes a message as a paragraph.
pub fn paragraph(html: &mut Html, report: &Report<'_>, text: &Text) {
    html.words("p", &[], &report.say(text));
    html.line();
}
