//! `order`, `cascade` and `recover`: a small town, from its map to its last service.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::rig::{BEFFROI, Ran, Rig, noise, same};

const TOWN: &str = r#"
[town]
name = "Brumeval"
inhabitants = 1200
restore_bytes_per_second = 50_000_000
[[entity]]
id = "mairie"
[[person]]
id = "secretaire"
role = { fr = "la secrétaire", en = "the secretary" }
[[provider]]
id = "fibre"
phone = "00 00 00 00 00"
[[host]]
id = "serveur"
name = { fr = "Serveur", en = "Server" }
needs = ["fibre"]
[[source]]
name = "registres"
[[source]]
name = "paie"
bytes = 6_000_000_000
[[service]]
id = "etat-civil"
name = { fr = "État civil", en = "Civil registry" }
wave = 2
needs = ["serveur"]
sources = ["registres"]
owner = "secretaire"
outage_hours_max = 24
commands = { start = ["mkdir", "{folder}/started"], check = ["grep", "-q", "acte 7", "{folder}/registres/acte-7.txt"] }
[[service]]
id = "paye"
name = { fr = "Paie", en = "Payroll" }
wave = 3
needs = ["etat-civil"]
sources = ["paie"]
[[service]]
id = "site"
name = { fr = "Site internet", en = "Web site" }
wave = 4
needs = ["fibre"]
[[event]]
id = "jour-de-paie"
kind = "payday"
name = { fr = "Jour de paie", en = "Payday" }
monthly = 25
services = ["paye"]
lead_days = 10
overdue_days = 10
"#;

/// A town with two sources in its vault; the pay was encrypted before the last backup.
fn town() -> Rig {
    let rig = Rig::empty();
    let kit = rig.path("kit");
    rig.run(["init", "vault", "--recovery-out", kit.to_str().unwrap()]).done();
    fs::write(rig.path("town.toml"), TOWN).unwrap();
    for (source, line) in [("registres", "acte"), ("paie", "agent")] {
        fs::create_dir(rig.path(source)).unwrap();
        for at in 0..30 {
            let words = format!("{line} {at} de la commune\n").repeat(40);
            fs::write(rig.path(source).join(format!("{line}-{at}.txt")), words).unwrap();
        }
        rig.run(["backup", "--source", source, source]).done();
    }
    Command::new("cp").arg("-a").args([rig.path("paie"), rig.path("paie before")]).status().unwrap();
    for at in 0..30 {
        fs::write(rig.path("paie").join(format!("agent-{at}.txt")), noise(at, 1200)).unwrap();
    }
    rig.run(["backup", "--source", "paie", "paie"]).ends(4);
    rig
}

fn names(ran: &Ran, event: &str) -> Vec<String> {
    ran.events(event).iter().map(|fields| fields["node"].as_str().unwrap().to_string()).collect()
}

#[test]
fn an_order_has_a_reason_for_every_position_in_both_languages() {
    let rig = Rig::empty();
    fs::write(rig.path("town.toml"), TOWN).unwrap();
    let far = rig.run(["--json", "order", "--date", "2026-11-01"]).done();
    assert_eq!(names(&far, "position"), ["serveur", "etat-civil", "paye", "site"]);
    let summary = &far.events("summary")[0];
    assert_eq!((summary["open"].as_u64(), summary["services_down"].as_u64()), (Some(4), Some(3)), "{summary}");
    let near = rig.run(["order", "--date", "2026-11-23"]).done().out;
    assert!(near.contains("raised from “money” by “Payday” on 25 November 2026, in 2 days"), "{near}");
    assert!(near.contains("Needed by “Civil registry”"), "{near}");
    let fr = rig.run(["--lang", "fr", "order", "--date", "2026-12-01"]).done().out.replace('\u{a0}', " ");
    assert!(fr.contains("Ordre du retour pour le 1er décembre 2026, à Brumeval"), "{fr}");
    assert!(fr.contains("Nécessaire à « État civil » (vague 2, vie et loi ; supporte 24 h d'arrêt)"), "{fr}");
    // Six gigabytes at fifty megabytes a second are two minutes more.
    let takes = near.lines().find(|line| line.contains("Payroll")).unwrap();
    assert!(takes.contains("back in 2 h 02"), "{takes}");
}

#[test]
fn a_state_changes_the_order_and_what_is_wrong_in_it_is_told() {
    let rig = Rig::empty();
    fs::write(rig.path("town.toml"), TOWN).unwrap();
    let order = |state: &str| {
        fs::write(rig.path("state.toml"), state).unwrap();
        rig.run(["--json", "order", "--date", "2026-11-27", "--state-file", "state.toml"])
    };
    let down = |name: &str, since: &str| format!("[[value]]\nof = \"{name}\"\nis = \"down\"\n{since}\n");
    let up = |name: &str| format!("[[value]]\nof = \"{name}\"\nis = \"up\"\n");
    let state = up("serveur") + &up("etat-civil") + &down("paye", "since = 2026-11-24T10:00:00") + &down("site", "");
    let late = order(&state).done();
    assert_eq!(names(&late, "position"), ["paye", "site"]);
    let paye = &late.events("position")[0];
    assert_eq!((paye["pulled_by"]["days"].as_i64(), paye["wave"].as_u64()), (Some(-2), Some(2)), "{paye}");
    assert_eq!(late.events("summary")[0]["percent"], 33);
    order(&down("paie", "")).ends(1).says("line 2: the map has nothing named paie");
    order("[[value]]\nof = \"paye\"\nis = \"broken\"\n").ends(1).says("line 3");
    order(&down("paye", "since = \"hier\"")).ends(1).says("line 4: hier is no time");
    rig.run(["cascade", "nothing-like-it"]).ends(2).says("Write a name (id) of the map: ").says("etat-civil, ");
    rig.run(["order", "--date", "demain"]).ends(2).says("demain is no date");
    rig.run(["order", "--state-file", "none.toml"]).ends(1).says("none.toml");
}

#[test]
fn what_falls_with_something_is_told_before_and_what_the_fallen_share_after() {
    let rig = Rig::empty();
    fs::write(rig.path("town.toml"), TOWN).unwrap();
    let fibre = rig.run(["--json", "cascade", "fibre"]).done();
    assert_eq!(names(&fibre, "fallen"), ["etat-civil", "paye", "site", "serveur"]);
    let said = rig.run(["cascade", "serveur"]).done().out;
    assert!(
        said.contains("If Server falls, 2 services of 3 fall with it.") && said.contains("by way of Civil registry"),
        "{said}"
    );
    rig.run(["cascade", "servuer"]).ends(2).says("Did you mean “serveur”?");
    fs::write(rig.path("s.toml"), "[[value]]\nof = \"paye\"\nis = \"down\"\n[[value]]\nof = \"etat-civil\"\nis = \"down\"\n[[value]]\nof = \"site\"\nis = \"up\"\n").unwrap();
    let shared = rig.run(["--json", "cascade", "--state-file", "s.toml"]).done();
    assert_eq!(names(&shared, "suspect")[..2], ["etat-civil", "serveur"]);
    let said = rig.run(["cascade", "--state-file", "s.toml"]).done().out;
    assert!(said.contains("speaks against it, because it works: Web site"), "{said}");
}

#[test]
fn services_come_back_clean_in_their_order_and_are_not_begun_twice() {
    let rig = town();
    let ran = rig.run(["--json", "recover", "--assume-yes", "--to", "back"]).done();
    assert_eq!(names(&ran, "node"), ["serveur", "etat-civil", "paye", "site"]);
    assert!(same(&rig.path("registres"), &rig.path("back/registres")));
    assert!(same(&rig.path("paie before"), &rig.path("back/paie")), "not what was encrypted");
    assert!(rig.path("back/started").is_dir());
    let summary = &ran.events("summary")[0];
    let pay = summary["sources"].as_array().unwrap().iter().find(|source| source["source"] == "paie").unwrap();
    assert_eq!(pay["mended"], 30, "{pay}");
    // Its start would fail a second time.
    let again = rig.run(["--json", "recover", "--assume-yes", "--to", "back"]).done();
    assert_eq!(names(&again, "node"), Vec::<String>::new());
    assert_eq!(again.events("summary")[0]["back"], 4);
}

#[test]
fn what_fails_holds_up_what_hangs_on_it_and_nothing_else_and_goes_on_when_it_is_mended() {
    let rig = town();
    let broken = TOWN.replace("\"acte 7\"", "\"acte 777\"");
    fs::write(rig.path("town.toml"), broken).unwrap();
    let ran = rig.run(["--lang", "en", "recover", "--assume-yes", "--to", "back"]).ends(3);
    assert!(ran.out.contains("Civil registry does not work yet"), "{}", ran.out);
    assert!(ran.out.contains("Payroll waits for: Civil registry"), "{}", ran.out);
    assert!(ran.out.contains("2 of 4 back"), "{}", ran.out);
    assert!(ran.err.contains("ended with code 1"), "{}", ran.err);
    fs::write(rig.path("town.toml"), TOWN.replace("start = [\"mkdir\", \"{folder}/started\"], ", "")).unwrap();
    let ran = rig.run(["recover", "--assume-yes", "--to", "back"]).done();
    assert!(ran.out.contains("registres was given back already.") && ran.out.contains("4 of 4 back"), "{}", ran.out);
}

#[test]
fn only_what_was_named_comes_back_with_what_it_hangs_on() {
    let rig = town();
    let ran = rig.run(["--json", "recover", "etat-civil", "--assume-yes", "--to", "back"]).done();
    assert_eq!(names(&ran, "node"), ["serveur", "etat-civil"]);
    assert!(!rig.path("back/paie").exists());
    rig.run(["recover", "etat-civile", "--assume-yes", "--to", "back"]).ends(2).says("Did you mean “etat-civil”?");
}

#[test]
fn people_are_asked_at_the_gates_and_nobody_is_no_yes() {
    let rig = town();
    rig.run(["recover", "--to", "back"]).ends(2).says("nobody is there to be asked");
    let on_terminal = |answers: &str| {
        let line = format!("{BEFFROI} --lang fr recover --to back");
        let mut script = Command::new("script");
        script.args(["-qec", &line, "/dev/null"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        for (name, value) in rig.command().get_envs() {
            value.map(|value| script.env(name, value));
        }
        let mut child = script.current_dir(rig.path(".")).spawn().unwrap();
        child.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        String::from_utf8_lossy(&output.stdout).replace('\u{a0}', " ")
    };
    // Nobody has read the commands.
    let said = on_terminal("n\n");
    assert!(said.contains("etat-civil: mkdir {folder}/started") && said.contains("n'ont pas été acceptées"), "{said}");
    assert!(!rig.path("back/registres").exists());
    // They may run. The server is ready; the registry does not work; the site later.
    let said = on_terminal("o\no\nn\np\n");
    assert!(said.contains("État civil : cela marche-t-il, de l'avis de la secrétaire, et peut-on ouvrir ?"), "{said}");
    assert!(said.contains("Site internet a été remis à plus tard."), "{said}");
    assert!(said.contains("Paie attend : État civil"), "{said}");
    assert!(said.contains("1 sur 4 de retour"), "{said}");
}

#[test]
fn the_journal_tells_the_return_and_the_state_comes_from_it() {
    let rig = town();
    rig.run(["crisis", "open", "--exercise"]).done();
    rig.run(["damage", "--source", "paie"]).done();
    rig.run(["damage", "--source", "nowhere"]).ends(1).says("no snapshot of a source “nowhere”");
    let board = rig.run(["--json", "crisis", "state"]).done();
    let of = |node: &str| board.events("standing").into_iter().find(|standing| standing["node"] == node).unwrap();
    let paye = of("paye");
    assert_eq!((&paye["level"], &paye["values"][0]["origin"]), (&"down".into(), &"damage".into()), "{paye}");
    assert_eq!((&paye["values"][0]["how"], &of("site")["level"]), (&"30/30".into(), &"unknown".into()), "{paye}");
    rig.run(["crisis", "state", "site", "up"]).done();
    for node in ["serveur", "etat-civil", "paye"] {
        rig.run(["crisis", "state", node, "down"]).done();
    }
    let ran = rig.run(["--json", "recover", "--assume-yes", "--to", "back"]).done();
    assert_eq!(names(&ran, "node"), ["serveur", "etat-civil", "paye"]);
    let shown = rig.run(["--json", "journal", "show"]).done().out;
    assert!(shown.contains("Payroll is back"), "{shown}");
    let order = rig.run(["--json", "order"]).done();
    assert_eq!(order.events("summary")[0]["percent"], 100);
    let said = rig.run(["--lang", "fr", "crisis", "state", "paye"]).done().out.replace('\u{a0}', " ");
    assert!(said.contains("✓ Paie – en marche") && said.contains("les dégâts à ses fichiers : en panne"), "{said}");
    rig.run(["journal", "verify"]).done();
    fs::write(rig.path("town.toml"), format!("{TOWN}# changed\n")).unwrap();
    // What fell again is brought back again, from the same sources.
    rig.run(["crisis", "state", "paye", "down"]).done();
    let again = rig.run(["--json", "recover", "--assume-yes", "--to", "back"]).done();
    assert_eq!(names(&again, "node"), ["paye"]);
    again.says("not the one with which the journal was opened");
}

#[test]
fn no_shell_reads_what_is_in_a_map() {
    let rig = town();
    let check = r#"check = ["test", "-n", "$(touch {folder}/by-a-shell); touch {folder}/by-a-shell `touch {folder}/by-a-shell`"]"#;
    let start = r#"start = ["mkdir", "{folder}/started"]"#;
    let hostile = TOWN.lines().map(|line| match line.starts_with("commands = ") {
        true => format!("commands = {{ {start}, {check} }}"),
        false => line.to_string(),
    });
    fs::write(rig.path("town.toml"), hostile.collect::<Vec<_>>().join("\n")).unwrap();
    rig.run(["recover", "etat-civil", "--assume-yes", "--to", "back"]).done();
    assert!(rig.path("back/started").exists() && !rig.path("back/by-a-shell").exists());
}

#[test]
fn a_return_that_was_killed_goes_on_where_it_was() {
    let rig = town();
    // The check waits until it is allowed: the first sources are back by then.
    let waits = TOWN.replace("\"grep\", \"-q\", \"acte 7\", \"{folder}/registres/acte-7.txt\"", "\"sleep\", \"15\"");
    fs::write(rig.path("town.toml"), waits).unwrap();
    let mut killed =
        rig.command().args(["recover", "--assume-yes", "--to", "back"]).stdout(Stdio::null()).spawn().unwrap();
    while !rig.path("back/started").exists() {
        assert!(killed.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    fs::write(rig.path("town.toml"), TOWN.replace("start = [\"mkdir\", \"{folder}/started\"], ", "")).unwrap();
    let ran = rig.run(["recover", "--assume-yes", "--to", "back"]).done();
    assert!(ran.out.contains("registres was given back already."), "{}", ran.out);
    assert!(
        same(&rig.path("registres"), &rig.path("back/registres"))
            && same(&rig.path("paie before"), &rig.path("back/paie"))
    );
}

/// A folder for a return in which somebody left something.
fn planted(rig: &Rig, name: &str) -> std::path::PathBuf {
    let path = rig.path("back").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    path
}

#[test]
fn nothing_is_back_because_a_file_says_so() {
    let rig = town();
    let bring = || rig.run(["--json", "recover", "--assume-yes", "--to", "back"]);
    let back = r#"{"at":"2026-11-22T03:00:00Z","seconds":1.0}"#;
    let record = |vault: &str| {
        format!(
            r#"{{"vault":"{vault}","sources":{{}},"back":{{"serveur":{back},"etat-civil":{back},"paye":{back},"site":{back}}}}}"#
        )
    };
    // One that came from elsewhere.
    fs::write(planted(&rig, ".recover/record.json"), record("")).unwrap();
    bring().ends(1).says("from another vault");
    fs::remove_file(rig.path("back/.recover/record.json")).unwrap();
    bring().done();
    let kept = fs::read(rig.path("back/.recover/record.json")).unwrap();
    let kept: serde_json::Value = serde_json::from_slice(&kept).unwrap();
    // One of this vault, that names no source.
    fs::remove_dir_all(rig.path("back")).unwrap();
    fs::write(planted(&rig, ".recover/record.json"), record(kept["vault"].as_str().unwrap())).unwrap();
    assert_eq!(names(&bring().done(), "node"), ["etat-civil", "paye"]);
    assert!(same(&rig.path("registres"), &rig.path("back/registres")));
    // What was given back is not there any more.
    fs::rename(rig.path("back/paie"), rig.path("elsewhere")).unwrap();
    assert_eq!(names(&bring().done(), "node"), ["paye"]);
    assert!(same(&rig.path("paie before"), &rig.path("back/paie")));
}

#[test]
fn what_somebody_put_where_a_source_is_given_back_is_not_taken_for_it() {
    let rig = town();
    let bring = || rig.run(["recover", "etat-civil", "--assume-yes", "--to", "back"]);
    fs::write(planted(&rig, "registres/acte-7.txt"), "acte 7, forged").unwrap();
    bring().ends(3).says("is there already");
    fs::remove_dir_all(rig.path("back/registres")).unwrap();
    fs::create_dir(rig.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink(rig.path("elsewhere"), rig.path("back/registres")).unwrap();
    bring().ends(3).says("is there already");
    fs::remove_dir_all(rig.path("back")).unwrap();
    std::os::unix::fs::symlink(rig.path("elsewhere"), planted(&rig, ".recover")).unwrap();
    bring().ends(1).says("it is a link");
    assert_eq!(fs::read_dir(rig.path("elsewhere")).unwrap().count(), 0);
    fs::remove_dir_all(rig.path("back")).unwrap();
    bring().done();
}

#[test]
fn a_plan_that_lay_there_before_must_be_of_the_source_and_of_its_last_snapshot() {
    let rig = town();
    let bring = || rig.run(["--json", "recover", "--assume-yes", "--to", "back"]);
    let plan = planted(&rig, ".recover/paie.plan");
    rig.run(["clean", "--source", "paie", "--plan", plan.to_str().unwrap()]).done();
    fs::write(rig.path("paie/agent-new.txt"), "agent new de la commune\n").unwrap();
    rig.run(["backup", "--source", "paie", "paie"]);
    let ran = bring().ends(3);
    let said = &ran.events("prevented")[0]["message"];
    assert!(said.as_str().unwrap().contains("knows nothing of a later snapshot"), "{said}");
    rig.run(["clean", "--plan", plan.to_str().unwrap()]).done().says("A later snapshot is not in this plan");
    assert!(!rig.path("back/paie").exists());
    fs::copy(rig.path("back/.recover/registres.plan"), &plan).unwrap();
    let ran = bring().ends(3);
    let said = &ran.events("prevented")[0]["message"];
    assert!(said.as_str().unwrap().contains("not one of paie"), "{said}");
    assert!(!rig.path("back/paie").exists());
    fs::remove_file(&plan).unwrap();
    bring().done();
    assert!(rig.path("back/paie/agent-new.txt").exists());
}

#[test]
fn no_name_of_a_source_leads_out_of_the_folder_or_to_another() {
    let rig = town();
    for name in ["..", ".", ".recover", "registres"] {
        let other = if name == "registres" { "a/b" } else { name };
        rig.run(["backup", "--source", other, "registres"]);
        let mut town = TOWN.replace("\"paie\"", &format!("\"{other}\""));
        if name == "registres" {
            // Two names, one folder.
            rig.run(["backup", "--source", "a_b", "registres"]);
            town = town.replace("\"registres\"", "\"a_b\"").replace("{folder}/registres", "{folder}/a_b");
        }
        fs::write(rig.path("town.toml"), town).unwrap();
        let ran = rig.run(["recover", "--assume-yes", "--to", "deep/back"]).ends(3);
        assert!(ran.err.contains("gives no folder of its own"), "{name}: {}", ran.err);
        assert_eq!(fs::read_dir(rig.path("deep")).unwrap().count(), 1, "{name}");
        fs::remove_dir_all(rig.path("deep")).unwrap();
    }
}

#[test]
fn a_program_that_was_given_back_is_not_run_and_one_that_stays_holds_up_nothing() {
    let rig = town();
    let with = |commands: &str| {
        let lines = TOWN.lines().map(|line| match line.starts_with("commands = ") {
            true => format!("commands = {{ {commands} }}"),
            false => line.to_string(),
        });
        fs::write(rig.path("town.toml"), lines.collect::<Vec<_>>().join("\n")).unwrap();
        rig.run(["recover", "etat-civil", "--assume-yes", "--to", "back"])
    };
    fs::write(rig.path("registres/start.sh"), "#!/bin/sh\ntouch \"$(dirname \"$0\")/../ran\"\n").unwrap();
    Command::new("chmod").arg("755").arg(rig.path("registres/start.sh")).status().unwrap();
    rig.run(["backup", "--source", "registres", "registres"]).done();
    let ran = with(r#"start = ["{folder}/registres/start.sh"]"#).ends(3);
    assert!(ran.err.contains("lies in what was given back"), "{}", ran.err);
    assert!(rig.path("back/registres/start.sh").exists() && !rig.path("back/ran").exists());
    let began = std::time::Instant::now();
    with(r#"start = ["sh", "-c", "sleep 40 & echo started"]"#).done();
    assert!(began.elapsed().as_secs() < 30, "it waited for what was started");
}

#[test]
fn a_journal_that_cannot_be_written_to_keeps_nothing_from_coming_back() {
    let rig = town();
    rig.run(["crisis", "open", "--exercise"]).done();
    let open = fs::read_to_string(rig.path("state/crisis/open")).unwrap();
    fs::remove_file(std::path::Path::new(open.trim()).join("desk.key")).unwrap();
    let ran = rig.run(["recover", "--assume-yes", "--to", "back"]).ends(3);
    assert!(ran.out.contains("4 of 4 back"), "{}{}", ran.out, ran.err);
    assert!(same(&rig.path("paie before"), &rig.path("back/paie")));
}

#[test]
fn the_whole_day_of_a_village_is_passed_and_what_stays_is_proved() {
    let rig = &Rig::empty();
    let ran = rig.run(["--json", "--lang", "fr", "exercise", "--seed", "3", "--to", "jour"]).done();
    let summary = &ran.events("summary")[0];
    assert_eq!((summary["passed"].as_bool(), summary["differences"].as_u64()), (Some(true), Some(0)), "{summary}");
    assert!(summary["harmed"].as_u64() > Some(500) && summary["harmed"] == summary["hurt"], "{summary}");
    assert_eq!(summary["back"], summary["total"]);
    let page = fs::read_to_string(rig.path("jour/page.html")).unwrap();
    assert!(page.contains("<html lang=\"fr\">") && page.contains("Réussi"), "{page}");
    crate::report::find_nothing(rig, &page, false);
    crate::report::find_nothing(rig, &page, true);
    // What stays can be verified by whoever was not there.
    let checkpoint = summary["checkpoint"].as_str().unwrap();
    let elsewhere =
        |words: &[&str]| Ran::of(rig.command().env_remove("BEFFROI_VAULT").args(words).output().unwrap()).done();
    elsewhere(&["journal", "verify", "jour/journal", "--checkpoint", checkpoint]);
    for source in ["nas-mairie", "export-editeur"] {
        elsewhere(&["attest", "verify", &format!("jour/attestation-{source}.json")]);
    }
    let complaint = fs::read_to_string(rig.path("jour/plainte.txt")).unwrap();
    assert!(complaint.contains("EXERCICE") && complaint.contains("Brumeval"), "{complaint}");
    let sheet: serde_json::Value = serde_json::from_slice(&fs::read(rig.path("jour/proof.json")).unwrap()).unwrap();
    let statement: serde_json::Value = serde_json::from_str(sheet["statement"].as_str().unwrap()).unwrap();
    assert_eq!(statement["files_that_differ_after_the_return"], 0, "{statement}");
    // Nothing is put where something is.
    rig.run(["exercise", "--to", "jour"]).ends(2).says("not empty");
}
