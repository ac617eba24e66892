//! The figures of a source: tables, each with a caption, and drawings beside those that say the same.

use std::cmp::Reverse;

use damage::Line;
use triage::verdict::Class;

use super::chart::{self, Shade};
use super::gather::Harm;
use super::html::Html;
use super::page::paragraph;
use super::places::{Place, PlaceName};
use super::{Chapter, Report};
use crate::messages::text;
use crate::output::Output;
use crate::verdict_words::{CLASSES, number_of, one_key, reason_text};

/// So many folders are told.
const FOLDERS_MAX: usize = 25;
/// So many snapshots at which damage first shows are told.
const STAGES_MAX: usize = 24;
/// So many snapshots with clean versions are told.
const VERSIONS_MAX: usize = 12;
/// So many letters of a name are shown.
const LETTERS_MAX: usize = 240;

/// All sources at a glance.
pub fn overview(html: &mut Html, report: &Report<'_>) {
    let heads = ["col-source", "report-col-hurt", "report-col-gone", "report-col-open"];
    table(html, report, "report-overview-caption", &heads, |html| {
        for (at, chapter) in report.chapters.iter().enumerate() {
            html.element("tr", &[], |html| {
                html.element("th", &[("scope", "row")], |html| {
                    html.element("a", &[("href", &format!("#source-{at}"))], |html| {
                        html.words("bdi", &[], &chapter.source);
                    });
                });
                harm_cells(html, report, chapter.harm());
            });
        }
    });
}

/// How many files are what; what is unknown has its line, also when it is none.
pub fn totals(html: &mut Html, report: &Report<'_>, chapter: &Chapter) {
    html.words("h3", &[], &report.word("report-totals-heading"));
    let of = chapter.totals.files_before.max(1);
    table(
        html,
        report,
        "report-totals-caption",
        &["report-col-what", "report-col-files", "report-col-share"],
        |html| {
            for class in CLASSES {
                let number = number_of(&chapter.totals, class);
                html.element("tr", &[], |html| {
                    html.element("th", &[("scope", "row")], |html| {
                        html.words("span", &[("class", "what")], &report.word(total_key(class)));
                        html.text(" ");
                        html.words("small", &[], &report.word(meaning_key(class)));
                    });
                    html.words("td", &[("class", "number")], &report.number(number));
                    let class = if matches!(class, Class::Intact | Class::Edited | Class::New) {
                        "graph well"
                    } else {
                        "graph"
                    };
                    html.element("td", &[("class", class)], |html| chart::bar(html, number, of));
                });
            }
        },
    );
}

/// When damage was first seen, snapshot by snapshot; quiet stretches take one line.
pub fn beginning(html: &mut Html, report: &Report<'_>, chapter: &Chapter) {
    html.words("h3", &[], &report.word("report-beginning-heading"));
    let began = &chapter.gathered.began;
    let first = began.iter().position(|began| began.hurt > 0);
    match first {
        Some(at) => {
            let stage = &chapter.stages[at];
            let is_disk = chapter.disk.is_some() && at == chapter.stages.len() - 1;
            let key = if is_disk { "say-damage-began-disk" } else { "report-began" };
            let said = text(key).with("time", report.moment(stage.started)).with("snapshot", &*stage.id);
            paragraph(html, report, &said);
        }
        None => paragraph(html, report, &text("report-never-began")),
    }
    let shown = shown_stages(chapter);
    let most = began.iter().map(|began| began.hurt.max(began.gone)).max().unwrap_or(0);
    let heads = ["report-col-backup", "report-col-hurt", "report-col-gone", "report-col-graph"];
    table(html, report, "report-beginning-caption", &heads, |html| {
        let mut next = 0;
        for at in shown {
            skipped(html, report, &began[next..at]);
            next = at + 1;
            html.element("tr", &[], |html| {
                html.words("th", &[("scope", "row")], &report.moment(chapter.stages[at].started));
                html.words("td", &[("class", "number")], &report.number(began[at].hurt));
                html.words("td", &[("class", "number")], &report.number(began[at].gone));
                html.element("td", &[("class", "graph")], |html| chart::bar(html, began[at].hurt, most));
            });
        }
    });
}

/// The map, and the same in words.
pub fn places(html: &mut Html, report: &Report<'_>, chapter: &Chapter) {
    if chapter.places.is_empty() {
        return;
    }
    html.words("h3", &[], &report.word("report-places-heading"));
    paragraph(html, report, &text("report-places-lead"));
    let hurt = chapter.places.iter().filter(|place| place.harm.hurt + place.harm.gone > 0).count() as u64;
    let summary = text("report-map-summary").with("count", chapter.places.len() as u64).with("hurt", hurt);
    let label = |place: &Place| place_label(report, place);
    chart::map(html, &chapter.places, &report.say(&summary), &label);
    html.element("ul", &[("class", "key")], |html| {
        for shade in Shade::ALL {
            html.element("li", &[], |html| {
                chart::swatch(html, shade);
                html.text(&report.word(shade.key()));
            });
        }
    });
    let heads = ["col-folder", "report-col-entries", "report-col-hurt", "report-col-gone", "report-col-open"];
    table(html, report, "report-places-caption", &heads, |html| {
        for place in &chapter.places {
            html.element("tr", &[], |html| {
                html.element("th", &[("scope", "row")], |html| html.words("bdi", &[], &place_label(report, place)));
                html.words("td", &[("class", "number")], &report.number(place.entries));
                harm_cells(html, report, place.harm);
            });
        }
    });
}

/// The folders with most damage, whatever their depth.
pub fn folders(html: &mut Html, report: &Report<'_>, chapter: &Chapter) {
    let mut folders: Vec<(&Vec<u8>, Harm)> =
        chapter.gathered.folders.iter().map(|(path, totals)| (path, Harm::of(totals))).collect();
    folders.retain(|(_, harm)| harm.hurt > 0);
    folders.sort_by_key(|(_, harm)| Reverse((harm.hurt, harm.gone, harm.open)));
    if folders.is_empty() {
        return;
    }
    html.words("h3", &[], &report.word("report-folders-heading"));
    let heads = ["col-folder", "report-col-hurt", "report-col-gone", "report-col-open"];
    table(html, report, "report-folders-caption", &heads, |html| {
        for (path, harm) in folders.iter().take(FOLDERS_MAX) {
            html.element("tr", &[], |html| {
                html.element("th", &[("scope", "row")], |html| {
                    html.words("bdi", &[], &format!("{}/", shown_path(path)));
                });
                harm_cells(html, report, *harm);
            });
        }
    });
    if let Some(more) = folders.len().checked_sub(FOLDERS_MAX).filter(|more| *more > 0) {
        paragraph(html, report, &text("report-folders-more").with("count", more as u64));
    }
    if chapter.gathered.is_coarse {
        paragraph(html, report, &text("report-folders-coarse"));
    }
}

/// From which backups hurt files can be given back.
pub fn versions(html: &mut Html, report: &Report<'_>, chapter: &Chapter) {
    let gathered = &chapter.gathered;
    let mut kept: Vec<(usize, u64)> =
        gathered.clean.iter().copied().enumerate().filter(|(_, count)| *count > 0).collect();
    if kept.is_empty() && gathered.without_clean == 0 {
        return;
    }
    html.words("h3", &[], &report.word("report-versions-heading"));
    kept.sort_by_key(|(at, _)| Reverse(*at));
    let rest: u64 = kept.iter().skip(VERSIONS_MAX).map(|(_, count)| count).sum();
    let row = |html: &mut Html, words: &str, count: u64| {
        html.element("tr", &[], |html| {
            html.words("th", &[("scope", "row")], words);
            html.words("td", &[("class", "number")], &report.number(count));
        });
    };
    table(html, report, "report-versions-caption", &["report-col-backup", "report-col-files"], |html| {
        for (at, count) in kept.iter().take(VERSIONS_MAX) {
            let stage = &chapter.stages[*at];
            let time = report.moment(stage.started);
            row(html, &report.say(&text("report-version").with("time", time).with("snapshot", &*stage.id)), *count);
        }
        if rest > 0 {
            row(html, &report.word("report-versions-older"), rest);
        }
        row(html, &report.word("report-versions-none"), gathered.without_clean);
    });
}

/// The first files by name; programs get all.
pub fn files(html: &mut Html, report: &Report<'_>, chapter: &Chapter) {
    let gathered = &chapter.gathered;
    if gathered.listed.is_empty() {
        return;
    }
    html.words("h3", &[], &report.word("report-files-heading"));
    let heads = ["report-col-file", "report-col-state", "report-col-why", "report-col-clean"];
    table(html, report, "report-files-caption", &heads, |html| {
        gathered.listed.iter().for_each(|line| file(html, report, chapter, line));
    });
    if gathered.unlisted > 0 {
        paragraph(html, report, &text("report-files-more").with("count", gathered.unlisted));
    }
    let first = &chapter.stages[0].id;
    let last = chapter.disk.as_ref().unwrap_or(&chapter.stages[chapter.stages.len() - 1].id);
    html.element("p", &[], |html| {
        html.text(&report.word("report-files-all"));
        html.text(" ");
        html.words("code", &[], &format!("beffroi --json damage --from {first} --to {last}"));
    });
}

fn file(html: &mut Html, report: &Report<'_>, chapter: &Chapter, line: &Line) {
    html.element("tr", &[], |html| {
        html.element("th", &[("scope", "row")], |html| {
            html.words("bdi", &[], &shown_path(&line.path));
            if let Some(now) = &line.path_now {
                html.text(" → ");
                html.words("bdi", &[], &shown_path(now));
            }
        });
        html.words("td", &[], &report.word(one_key(line.class)));
        let reasons: Vec<_> = line.reasons.iter().map(|reason| report.say(&reason_text(reason))).collect();
        html.words("td", &[], &reasons.join(", "));
        let clean = line.clean.map_or_else(|| "–".to_string(), |at| report.moment(chapter.stages[at].started));
        html.words("td", &[], &clean);
    });
    html.line();
}

/// Chooses the snapshots of the time line: the ends, and those with most that is new.
fn shown_stages(chapter: &Chapter) -> Vec<usize> {
    let began = &chapter.gathered.began;
    let mut loud: Vec<usize> = (0..began.len()).filter(|at| began[*at].hurt + began[*at].gone > 0).collect();
    loud.sort_by_key(|at| Reverse((began[*at].hurt, began[*at].gone)));
    loud.truncate(STAGES_MAX);
    // When it began is told whatever else is left out.
    loud.extend(began.iter().position(|began| began.hurt > 0));
    loud.extend([0, began.len() - 1]);
    loud.sort_unstable();
    loud.dedup();
    loud
}

fn skipped(html: &mut Html, report: &Report<'_>, between: &[super::gather::Began]) {
    if between.is_empty() {
        return;
    }
    let (hurt, gone) = between.iter().fold((0, 0), |(hurt, gone), began| (hurt + began.hurt, gone + began.gone));
    html.element("tr", &[("class", "quiet")], |html| {
        let words = text("report-stages-between").with("count", between.len() as u64);
        html.words("th", &[("scope", "row")], &report.say(&words));
        html.words("td", &[("class", "number")], &report.number(hurt));
        html.words("td", &[("class", "number")], &report.number(gone));
        html.markup("<td></td>");
    });
}

/// Writes a table that can be moved sideways where the screen is narrow, also with the keyboard (WCAG 2.1, 1.4.10 and 2.1.1).
fn table(
    html: &mut Html,
    report: &Report<'_>,
    caption: &'static str,
    heads: &[&'static str],
    rows: impl FnOnce(&mut Html),
) {
    let caption = report.word(caption);
    html.element("div", &[("class", "wide"), ("role", "group"), ("aria-label", &caption), ("tabindex", "0")], |html| {
        html.element("table", &[], |html| {
            html.words("caption", &[], &caption);
            html.element("thead", &[], |html| {
                html.element("tr", &[], |html| {
                    heads.iter().for_each(|key| html.words("th", &[("scope", "col")], &report.word(key)));
                });
            });
            html.element("tbody", &[], rows);
        });
    });
    html.line();
}

fn harm_cells(html: &mut Html, report: &Report<'_>, harm: Harm) {
    for number in [harm.hurt, harm.gone, harm.open] {
        html.words("td", &[("class", "number")], &report.number(number));
    }
}

fn place_label(report: &Report<'_>, place: &Place) -> String {
    match (&place.name, chart::last_name(&place.name)) {
        (_, Some(name)) => shown_path(name),
        (PlaceName::Others(count), _) => report.say(&text("report-place-others").with("count", *count)),
        (PlaceName::Files(folder), _) if !folder.is_empty() => format!("{}/", shown_path(folder)),
        _ => report.word("report-place-files"),
    }
}

/// Returns a path as it can be shown: without what steers, and not longer than a few lines.
fn shown_path(path: &[u8]) -> String {
    let shown = Output::safe_bytes(path);
    if shown.chars().count() <= LETTERS_MAX {
        return shown;
    }
    let half = LETTERS_MAX / 2;
    let (start, end): (String, Vec<char>) =
        (shown.chars().take(half).collect(), shown.chars().rev().take(half).collect());
    format!("{start}…{}", end.into_iter().rev().collect::<String>())
}

/// The name of a class in the table of totals.
fn total_key(class: Class) -> &'static str {
    match class {
        Class::Intact => "report-total-intact",
        Class::Edited => "report-total-edited",
        Class::New => "report-total-new",
        Class::Deleted => "report-total-deleted",
        Class::Damaged => "report-total-damaged",
        Class::RenamedDamaged => "report-total-renamed-damaged",
        Class::Note => "report-total-note",
        Class::Suspect => "report-total-suspect",
        Class::Unknown => "report-total-unknown",
    }
}

/// What a class means, in half a sentence.
fn meaning_key(class: Class) -> &'static str {
    match class {
        Class::Intact => "report-means-intact",
        Class::Edited => "report-means-edited",
        Class::New => "report-means-new",
        Class::Deleted => "report-means-deleted",
        Class::Damaged => "report-means-damaged",
        Class::RenamedDamaged => "report-means-renamed-damaged",
        Class::Note => "report-means-note",
        Class::Suspect => "report-means-suspect",
        Class::Unknown => "report-means-unknown",
    }
}
