//! Deadlines and drafts, from a journal that the program itself wrote.

use std::fs;

use serde_json::Value;

use crate::report::find_nothing;
use crate::rig::{Rig, mode};

/// A town of two entities; it knows of an attack since so many hours.
fn crisis(hours: i64, flags: &[&str]) -> Rig {
    let rig = Rig::empty();
    fs::write(rig.path("town.toml"), include_str!("../../../../testdata/town/vaubourg.toml")).unwrap();
    rig.run([&["--journal", "journal", "crisis", "open"], flags].concat()).done();
    let known = time(-hours);
    rig.run(["crisis", "decide", "La ville sait.", "--t0", &known]).done();
    rig.run(["crisis", "state", "serveur", "down"]).done();
    rig.run(["crisis", "state", "etat-civil", "degraded", "--how", "registre papier", "--next", &time(9)]).done();
    rig.run(["crisis", "answer", "nature", "rançongiciel <b>LockBit</b>"]).done();
    rig.run(["crisis", "answer", "confidentiality", "?"]).done();
    fs::write(rig.path("LISEZMOI.txt"), "payez").unwrap();
    rig.run(["crisis", "note", "Message de l'attaquant", "--kind", "evidence", "--attach", "LISEZMOI.txt"]).done();
    rig.run(["crisis", "cost", "2400,50", "renfort", "--category", "aide", "--entity", "mairie"]).done();
    rig
}

/// So many hours from now, as people write it.
fn time(hours: i64) -> String {
    let now = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_hours(hours)).unwrap();
    now.to_string()
}

fn fields(rig: &Rig, arguments: &[&str]) -> Vec<Value> {
    rig.run([&["--json", "draft"], arguments].concat()).done().events("field")
}

fn field<'f>(fields: &'f [Value], name: &str) -> &'f Value {
    fields.iter().find(|field| field["field"] == name).unwrap_or_else(|| panic!("no {name} in {fields:?}"))
}

fn plain(words: &str) -> String {
    words.replace(['\u{a0}', '\u{202f}'], " ")
}

#[test]
fn the_panel_tells_each_clock_by_its_date() {
    let rig = crisis(30, &[]);
    rig.run(["crisis", "act", "Plainte", "--met", "complaint", "--entity", "mairie", "--receipt", "PV 12"]).done();
    let ran = rig.run(["--json", "deadlines"]).done();
    let clocks = ran.events("deadline");
    let rows: Vec<_> =
        clocks.iter().map(|c| [&c["act"], &c["entity"], &c["state"]].map(|v| v.as_str().unwrap_or("-"))).collect();
    let expected = [
        ["insurer", "-", "running"],
        ["complaint", "mairie", "met"],
        ["complaint", "ccas", "running"],
        ["cnil", "mairie", "running"],
        ["cnil", "ccas", "running"],
        ["cnil-complementary", "mairie", "running"],
        ["cnil-complementary", "ccas", "running"],
    ];
    assert_eq!(rows, expected);
    assert_eq!((&clocks[1]["receipt"], &clocks[1]["entry"]), (&"PV 12".into(), &9.into()));
    let left = clocks[2]["left_seconds"].as_i64().unwrap();
    assert!((41 * 3600..=42 * 3600).contains(&left), "{left}");
    assert_eq!(ran.events("summary")[0]["late"], 0);
    let french = plain(&rig.run(["--lang", "fr", "deadlines"]).done().says("pas un avis juridique").out);
    for words in
        ["Prise de connaissance (T0) :", "AVANT LE", "(entrée n° 9, récépissé PV 12)", "NIS2 : la carte dit « none »"]
    {
        assert!(french.contains(words), "no “{words}” in:\n{french}");
    }
}

#[test]
fn without_t0_no_clock_runs_and_that_is_no_answer() {
    let rig = crisis(30, &[]);
    rig.run(["--journal", "other", "crisis", "open"]).done();
    let run = |arguments: &[&str]| rig.run([arguments, &["--journal", "other"]].concat()).done();
    let told = run(&["deadlines"]).out;
    assert!(told.contains("does not mean that nothing need be notified") && told.contains("crisis decide"), "{told}");
    assert!(!told.contains("  runs"), "{told}");
    let drafted = run(&["--json", "draft", "cnil", "--entity", "ccas"]).events("field");
    assert_eq!(field(&drafted, "discovered")["status"], "missing");
    assert_eq!(field(&drafted, "discovered")["who"], serde_json::json!(["maire"]));
}

#[test]
fn fields_say_from_where_they_are_or_what_fills_them() {
    let rig = crisis(30, &[]);
    let drafted = fields(&rig, &["cnil", "--entity", "mairie", "--in", "en"]);
    let nature = field(&drafted, "nature");
    assert_eq!(nature["lines"][0]["from"], serde_json::json!([{ "entry": 5 }]));
    assert_eq!(field(&drafted, "confidentiality")["status"], "not-known");
    let persons = field(&drafted, "person-count")["lines"][0]["says"].as_str().unwrap();
    assert!(persons.ends_with("= 8,000 (civil registry) + 120 (payroll)"), "{persons}");
    let consequences = field(&drafted, "consequences");
    assert_eq!((&consequences["status"], &consequences["who"]), (&"missing".into(), &serde_json::json!(["dpo"])));
    assert!(consequences["fill"].as_str().unwrap().starts_with("beffroi crisis answer consequences"));
    // The command that it names fills it; for one entity, if it is named.
    rig.run(["crisis", "answer", "consequences@mairie", "attente au guichet"]).done();
    let of = |entity| field(&fields(&rig, &["cnil", "--entity", entity]), "consequences")["status"].clone();
    assert_eq!((of("mairie"), of("ccas")), ("filled".into(), "missing".into()));
    let pieces = fields(&rig, &["plainte", "--entity", "mairie"]);
    let piece = field(&pieces, "pieces")["lines"][0]["says"].as_str().unwrap();
    assert!(piece.contains("SHA-256 5e66e1ae") || piece.contains("LISEZMOI.txt"), "{piece}");
    let costs = fields(&rig, &["couts", "--in", "fr"]);
    assert_eq!(plain(field(&costs, "cost-total")["lines"][0]["says"].as_str().unwrap()), "total : 2 400,50 €");
}

#[test]
fn authorities_read_french_whatever_the_desk_reads() {
    let rig = crisis(30, &[]);
    let ran = rig.run(["--lang", "en", "draft", "plainte", "--entity", "mairie"]).done().says("missing");
    assert!(ran.out.starts_with("Dossier de plainte – Commune de Vaubourg"), "{}", ran.out);
    let ran = rig.run(["--lang", "en", "draft", "communique"]).done();
    assert!(ran.out.starts_with("Statement – Vaubourg") && !ran.out.contains("serveur"), "{}", ran.out);
    let ran = rig.run(["--lang", "fr", "draft", "cnil", "--entity", "ccas", "--in", "en"]).done().says("à compléter");
    assert!(ran.out.starts_with("Notification of a breach"), "{}", ran.out);
    let ran = rig.run(["--lang", "fr", "draft", "standard"]).done().says("secondes environ");
    assert!(plain(&ran.out).contains("zéro cinq, soixante-cinq, douze, trente-quatre, cinquante-sept"), "{}", ran.out);
}

#[test]
fn what_makes_no_sense_is_refused_and_nothing_is_overwritten() {
    let rig = crisis(30, &[]);
    rig.run(["draft", "cnil"]).ends(2).says("mairie, ccas");
    rig.run(["draft", "cnil", "--entity", "ville"]).ends(2).says("no legal entity ville");
    rig.run(["draft", "nis2"]).ends(2).says("--stage warning");
    rig.run(["draft", "plainte", "--entity", "ccas", "--complementary"]).ends(2).says("--complementary does not go");
    rig.run(["draft", "affiche", "--for", "staff"]).ends(2).says("--for does not go");
    rig.run(["draft", "communique", "--to", "c.txt"]).done();
    assert_eq!(mode(&rig.path("c.txt")), 0o600);
    let before = fs::read(rig.path("c.txt")).unwrap();
    rig.run(["draft", "communique", "--for", "staff", "--to", "c.txt"]).ends(1).says("c.txt");
    assert_eq!(fs::read(rig.path("c.txt")).unwrap(), before);
    fs::write(rig.path("lettre.html"), "Une lettre.").unwrap();
    rig.run(["draft", "affiche", "--html", "lettre.html"]).ends(2).says("is no report of Beffroi");
    rig.run(["crisis", "answer", "natrue", "x"]).done();
    rig.run(["draft", "couts"]).done().says("“natrue”, which nothing asks for. The nearest: nature");
}

#[test]
fn an_exercise_is_marked_wherever_it_shows() {
    let rig = crisis(30, &["--exercise"]);
    assert!(rig.run(["--lang", "fr", "deadlines"]).done().out.contains("EXERCICE"));
    for what in
        [&["cnil", "--entity", "ccas"][..], &["communique"], &["standard"], &["affiche"], &["nis2", "--stage", "final"]]
    {
        let ran = rig.run([&["--lang", "fr", "draft"], what].concat()).done();
        assert!(ran.out.contains("EXERCICE – EXERCICE"), "{what:?}: {}", ran.out);
    }
}

#[test]
fn of_a_journal_that_does_not_verify_what_the_desk_signed_is_used_and_that_is_said() {
    let rig = crisis(30, &[]);
    assert!(rig.run(["draft", "communique"]).done().out.contains("registre papier"));
    let file = rig.path("journal/journal.jsonl");
    let changed = fs::read_to_string(&file).unwrap().replace("registre papier", "registre perdu");
    fs::write(&file, changed).unwrap();
    let ran = rig.run(["draft", "communique"]).ends(3).says("is not as it was written").says("journal verify");
    // Nobody else puts words into the town's mouth.
    assert!(!ran.out.contains("registre perdu") && ran.out.contains("Vaubourg"), "{}", ran.out);
    let deadlines = rig.run(["deadlines"]).ends(3).says("journal verify");
    assert!(deadlines.out.contains("T0"), "{}", deadlines.out);
}

#[test]
fn what_was_put_right_counts_nowhere() {
    let rig = crisis(30, &[]);
    rig.run(["crisis", "state", "site", "up"]).done();
    let up = || rig.run(["--json", "order"]).done().events("summary")[0]["services_up"].clone();
    let open = || field(&fields(&rig, &["communique"]), "services-open")["status"].clone();
    assert_eq!((up(), open()), (1.into(), "filled".into()));
    rig.run(["crisis", "note", "Ce n'était pas notre site", "--corrects", "9"]).done();
    assert_eq!((up(), open()), (0.into(), "not-known".into()));
    rig.run(["crisis", "act", "Plainte", "--met", "complaint"]).done();
    let met =
        || rig.run(["--json", "deadlines"]).done().events("deadline").iter().filter(|c| c["state"] == "met").count();
    assert_eq!(met(), 2);
    rig.run(["crisis", "note", "Refusée : à refaire lundi", "--corrects", "11"]).done();
    assert_eq!(met(), 0);
}

#[test]
fn without_a_journal_the_map_alone_is_told() {
    let rig = Rig::empty();
    fs::write(rig.path("town.toml"), include_str!("../../../../testdata/town/vaubourg.toml")).unwrap();
    let ran = rig.run(["draft", "plainte", "--entity", "mairie", "--in", "en"]).done().says("No journal is open");
    assert!(
        ran.out.contains("SIRET number: 21990001200011") && ran.out.contains("Machines: not known at this time"),
        "{}",
        ran.out
    );
}

#[test]
fn a_browser_finds_drafts_and_the_poster_accessible() {
    let rig = crisis(30, &[]);
    let pages = [
        (&["cnil", "--entity", "mairie"][..], "fr"),
        (&["affiche"], "fr"),
        (&["affiche"], "en"),
        (&["communique"], "en"),
    ];
    for (at, (what, language)) in pages.into_iter().enumerate() {
        let name = format!("page-{at}.html");
        rig.run([&["--lang", language, "draft", "--html", &name], what].concat()).done();
        assert_eq!(mode(&rig.path(&name)), 0o600);
        let page = fs::read_to_string(rig.path(&name)).unwrap();
        assert!(page.contains(&format!("<html lang=\"{language}\">")) && !page.contains("<b>LockBit"), "{page}");
        find_nothing(&rig, &page, false);
        find_nothing(&rig, &page, true);
    }
    let poster = fs::read_to_string(rig.path("page-1.html")).unwrap();
    for words in ["<th scope=\"col\">Que faire</th>", "venir au guichet", "05 65 12 34 56"] {
        assert!(poster.contains(words), "no “{words}” in:\n{poster}");
    }
    assert!(!poster.contains("serveur") && !poster.contains("crisis"), "{poster}");
}

#[test]
fn a_mistyped_answer_is_told_at_once_and_only_what_changed_something_is_a_measure() {
    let rig = crisis(2, &[]);
    rig.run(["crisis", "answer", "natur", "rançongiciel"]).done().says("nature");
    rig.run(["crisis", "act", "Le réseau est coupé."]).done();
    let kit = rig.path("kit");
    rig.run(["init", "vault", "--recovery-out", kit.to_str().unwrap()]).done();
    rig.write("lettre.txt", "Le conseil a délibéré.\n".repeat(200));
    rig.backup();
    rig.run(["check"]).done();
    rig.run(["restore", "latest", "--to", "back"]).done();
    let notified = fields(&rig, &["cnil", "--entity", "mairie"]);
    let measures = field(&notified, "measures-taken").to_string();
    assert!(measures.contains("Le réseau est coupé.") && measures.contains("beffroi restore latest"), "{measures}");
    assert!(!measures.contains("beffroi check"), "who looks, changes nothing: {measures}");
    // What French town halls call it, and what it is in English, are the same.
    assert_eq!(fields(&rig, &["complaint", "--entity", "mairie"]), fields(&rig, &["plainte", "--entity", "mairie"]));
}
