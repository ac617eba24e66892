//! Small reports, word by word; hostile names; a bound on the size.

use damage::Line;
use triage::verdict::{Class, Reason};
use vault::world::Timestamp;

use super::gather::Harm;
use super::places::PlaceName;
use super::*;
use crate::messages::Language;

/// 22 November 2026, and so many days earlier.
fn moment(days_before: i64) -> Timestamp {
    Timestamp((1_795_341_600 - days_before * 86_400) * 1_000_000_000)
}

fn line(path: &[u8], class: Class, clean: Option<usize>) -> Line {
    let reasons = if class.is_hurt() { vec![Reason::RandomLike, Reason::Broken] } else { vec![Reason::NotExamined] };
    let path_now = (class == Class::RenamedDamaged).then(|| [path, b".q7z1"].concat());
    let first_seen = Some(2);
    Line {
        path: path.to_vec(),
        path_now,
        class,
        reasons,
        first_seen,
        clean,
        should: None,
        is_known: false,
        bytes_before: Some(1),
        bytes_now: Some(2),
        mtime_now: None,
    }
}

/// A source of four backups that was attacked before the third.
fn chapter(source: &str, lines: impl IntoIterator<Item = Line>) -> Chapter {
    let stages = (0..4).map(|at| Stage { id: format!("{at}a7c52e0"), started: moment(3 - at) }).collect();
    let (mut gathered, mut totals) = (Gathered::new(4), Totals { files_before: 1520, ..Totals::default() });
    for line in lines {
        totals.count(line.class);
        gathered.take(&line);
    }
    totals.intact = totals.files_before.saturating_sub(totals.not_intact());
    let place = |path: &[u8], entries, below| {
        let harm = gathered.below(path);
        Place { name: PlaceName::Folder(path.to_vec()), entries, harm, below }
    };
    let parts = vec![place(b"mairie/urbanisme", 600, vec![]), place(b"mairie/paie", 300, vec![])];
    let others = Place { name: PlaceName::Others(3), entries: 90, harm: Harm::default(), below: vec![] };
    let files = Place { name: PlaceName::Files(Vec::new()), entries: 12, harm: gathered.here(b""), below: vec![] };
    let places = vec![place(b"mairie", 1000, parts), place(b"ecole", 420, vec![]), others, files];
    Chapter { source: source.into(), host: "poste-12".into(), stages, disk: None, totals, gathered, places }
}

fn attacked() -> Chapter {
    let hurt = (0..7).map(|number| format!("mairie/urbanisme/permis {number}.odt").into_bytes());
    let mut lines: Vec<Line> = hurt.map(|path| line(&path, Class::RenamedDamaged, Some(1))).collect();
    lines.push(line("mairie/paie/août.ods".as_bytes(), Class::Damaged, Some(0)));
    lines.push(line(b"mairie/paie/septembre.ods", Class::Damaged, None));
    lines.push(line(b"ecole/cantine.dat", Class::Unknown, None));
    lines.push(line(b"ecole/liste.csv", Class::Deleted, Some(1)));
    chapter("serveur de fichiers", lines)
}

fn written(language: Language, chapters: Vec<Chapter>) -> String {
    let messages = Messages::new(language);
    page(&Report { messages: &messages, made: moment(0), zone: TimeZone::UTC, is_proved: true, chapters })
}

/// Compares with what was approved; the version of the program is no part of it.
fn check(language: Language, approved: &str) {
    let written = written(language, vec![attacked()]).replace(env!("CARGO_PKG_VERSION"), "VERSION");
    let style = written.find("<style>").unwrap()..written.find("</style>").unwrap();
    let policy = written.find("sha256-").unwrap()..written.find("&#39;; base-uri").unwrap();
    let shown = [&written[..policy.start], &written[policy.end..style.start], &written[style.end..]].concat();
    if shown != approved {
        let (line, approved) =
            shown.lines().zip(approved.lines()).find(|(one, other)| one != other).unwrap_or_default();
        panic!("not as approved\n--- written:\n{line}\n--- approved:\n{approved}\n--- all:\n{shown}");
    }
}

#[test]
fn a_report_in_french_is_as_approved() {
    check(Language::Fr, include_str!("approved/fr.html"));
}

#[test]
fn a_report_in_english_is_as_approved() {
    check(Language::En, include_str!("approved/en.html"));
}

#[test]
fn unknown_is_told_also_when_there_is_none() {
    let written = written(Language::En, vec![chapter("share", [])]);
    assert!(
        written.contains("Unknown</span> <small>nothing can be said of them</small></th><td class=\"number\">0</td>")
    );
    assert!(written.contains("No changed file was left without a verdict."));
}

#[test]
fn several_sources_have_a_table_in_front() {
    let written = written(Language::Fr, vec![attacked(), chapter("boîtes aux lettres", [])]);
    let overview = written.find("href=\"#source-1\"").unwrap();
    assert!(overview < written.find("id=\"source-0\"").unwrap() && written.contains("id=\"source-1\""));
}

#[test]
fn hostile_names_are_shown_and_do_nothing() {
    let names: [&[u8]; 6] = [
        b"<script>alert(1)</script>/x",
        "facture\u{202e}fdp.exe".as_bytes(),
        b"\"><img src=x onerror=alert(1)>/\x1b[2J\n",
        b"\xff\xfe/\x00not text",
        b"</style><style>*{display:none}</style>",
        "a\u{200b}\u{2066}b&lt;".as_bytes(),
    ];
    let lines = names.iter().map(|name| line(name, Class::RenamedDamaged, Some(0)));
    let written = written(Language::En, vec![chapter("<b>\u{202e}bold</b>", lines)]);
    for foreign in ["<script", "<img", "onerror=alert(1)>", "\u{202e}", "\u{200b}", "\u{2066}", "\x1b", "\x00", "<b>"] {
        assert!(!written.contains(foreign), "{foreign:?}");
    }
    assert_eq!((written.matches("<style>").count(), written.matches("</style>").count()), (1, 1));
    assert!(written.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && written.contains("facture\\u{202e}fdp.exe"));
    assert!(
        written.contains("default-src &#39;none&#39;") && !written.contains("http://") && !written.contains("https://")
    );
}

#[test]
fn a_million_hurt_files_with_long_names_make_a_small_page() {
    let long = "é<&".repeat(400);
    let lines = (0..1_000_000).map(|number| {
        let path = format!("service {}/{long} {}/{long}/{number}", number % 40, number % 30_000);
        line(path.as_bytes(), Class::RenamedDamaged, Some(0))
    });
    let written = written(Language::Fr, vec![chapter("partage", lines)]);
    assert!(written.len() < 2_000_000, "{} bytes", written.len());
    assert!(written.contains("999\u{202f}700 autres fichiers"));
}
