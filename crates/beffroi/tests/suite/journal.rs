//! The crisis journal: what people and commands write, whether it verifies, and what a kill leaves.

#[path = "journal/kills.rs"]
mod kills;
#[path = "journal/recipe.rs"]
mod recipe;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::rig::{Ran, Rig, mode};

/// Opens a journal in `journal`, and returns what was told.
fn open(rig: &Rig) -> Value {
    rig.run(["--json", "--journal", "journal", "crisis", "open"]).done().events("opened").remove(0)
}

fn shown(rig: &Rig) -> Vec<Value> {
    rig.run(["--json", "journal", "show"]).done().events("entry")
}

fn checkpoint(rig: &Rig) -> String {
    rig.run(["journal", "checkpoint"]).done().out.trim().to_string()
}

fn lines(rig: &Rig) -> Vec<String> {
    fs::read_to_string(rig.path("journal/journal.jsonl")).unwrap().lines().map(str::to_string).collect()
}

fn write_lines(rig: &Rig, lines: &[String]) {
    fs::write(rig.path("journal/journal.jsonl"), lines.iter().map(|line| format!("{line}\n")).collect::<String>())
        .unwrap();
}

#[test]
fn what_people_say_is_kept_as_they_said_it() {
    let rig = Rig::new();
    open(&rig);
    assert_eq!(mode(&rig.path("journal/desk.key")), 0o600);
    fs::write(rig.path("rançon.txt"), "payez").unwrap();
    let note = [
        "crisis",
        "note",
        "Écrans noirs,\npartout",
        "--about",
        "etat-civil",
        "--happened",
        "00:00",
        "--attach",
        "rançon.txt",
    ];
    rig.run(note.iter().chain(&["--author", "Élodie Martin", "--confidence", "likely", "--kind", "evidence"])).done();
    rig.run(["crisis", "decide", "Nous savons.", "--t0", "2026-11-20T08:30"]).done();
    rig.run(["crisis", "act", "Plainte déposée", "--met", "complaint", "--entity", "mairie", "--receipt", "2026/17"])
        .done();
    rig.run(["crisis", "cost", "1 234,5", "Disques", "--category", "matériel"]).done();
    rig.run(["crisis", "answer", "nature", "disponibilité"]).done();
    rig.run(["crisis", "state", "messagerie", "degraded", "--how", "webmail", "--since", "2026-11-20T09:00:00+01:00"])
        .done();
    rig.run(["crisis", "note", "Au guichet seulement", "--corrects", "3"]).done();
    let entries = shown(&rig);
    assert_eq!(entries.len(), 9);
    let [note, known, met, cost, answer, state, last] = [2, 3, 4, 5, 6, 7, 8].map(|at| &entries[at]);
    assert_eq!(
        (&note["kind"], &note["author"], &note["about"]),
        (&"evidence".into(), &"Élodie Martin".into(), &"etat-civil".into())
    );
    assert_eq!((&note["text"], &note["confidence"]), (&"Écrans noirs,\npartout".into(), &"likely".into()));
    assert_eq!(note["attachments"][0]["bytes"], 5);
    assert_eq!((&known["fact"]["what"], &known["fact"]["at"]), (&"known".into(), &"2026-11-20T08:30:00Z".into()));
    assert_eq!((&met["fact"]["deadline"], &met["fact"]["receipt"]), (&"complaint".into(), &"2026/17".into()));
    assert_eq!((&cost["fact"]["cents"], &cost["kind"]), (&123_450.into(), &"cost".into()));
    assert_eq!((&answer["fact"]["field"], &answer["fact"]["words"]), (&"nature".into(), &"disponibilité".into()));
    assert_eq!((&state["fact"]["is"], &state["fact"]["since"]), (&"degraded".into(), &"2026-11-20T08:00:00Z".into()));
    assert_eq!(last["corrects"], 3);
    // For people: no line of a text looks like another entry.
    let words = rig.run(["--lang", "fr", "journal", "show", "--about", "etat-civil"]).done().out;
    assert!(words.contains("      Écrans noirs,\n      partout\n") && words.contains("SHA-256"), "{words}");
    assert_eq!(rig.run(["--json", "journal", "show", "--kind", "decision"]).done().events("entry").len(), 2);
    rig.run(["journal", "verify"]).done();
}

#[test]
fn a_second_t0_is_told_and_deadlines_outlive_the_journal() {
    let rig = Rig::new();
    open(&rig);
    let first = rig.run(["crisis", "decide", "We know.", "--t0", "2026-11-20T08:30"]).done();
    assert!(!first.err.contains("T0 was in entry"), "{}", first.err);
    rig.run(["crisis", "decide", "Again", "--t0", "2026-11-20T09:30"]).done().says("T0 was in entry 3 already");
    // What is not known of a state is not shown as a dash.
    rig.run(["crisis", "state", "nas", "down", "--since", "2026-11-20T09:00"]).done();
    let shown = rig.run(["journal", "show"]).done().out;
    assert!(shown.contains("since: 2026-11-20 09:00") && !shown.contains("next news"), "{shown}");
    rig.run(["crisis", "close"]).done().says("deadlines");
}

#[test]
fn what_makes_no_sense_is_refused_and_writes_nothing() {
    let rig = Rig::new();
    rig.run(["crisis", "note", "x"]).ends(2).says("no journal is open");
    rig.run(["journal", "verify"]).ends(2);
    open(&rig);
    let before = lines(&rig);
    rig.run(["crisis", "note", "  "]).ends(2).says("without words");
    rig.run(["crisis", "note", "x", "--corrects", "9"]).ends(2).says("no entry 9");
    rig.run(["crisis", "note", "x", "--happened", "hier"]).ends(2).says("no moment");
    rig.run(["crisis", "decide", "x", "--t0", "2126-01-01T10:00"]).ends(2).says("still to come");
    rig.run(["crisis", "cost", "1.234", "x"]).ends(2).says("no amount");
    rig.run(["crisis", "answer", "Nature !", "x"]).ends(2).says("not the name of a question");
    rig.run(["crisis", "act", "x", "--met", "tomorrow"]).ends(2);
    rig.run(["crisis", "note", "x", "--attach", "nowhere"]).ends(1).says("nowhere");
    rig.run(["crisis", "note", "x", "--attach", "source"]).ends(1).says("is not a file");
    rig.run(["crisis", "note", "x", "--attach", "/dev/null"]).ends(1).says("is not a file");
    rig.run(["crisis", "open"]).ends(2).says("open already");
    rig.run(["--journal", "source/..", "crisis", "open"]).ends(2).says("not empty");
    rig.run(["--journal", "elsewhere", "crisis", "note", "x"]).ends(1).says("no journal");
    rig.run(["journal", "verify", "--checkpoint", "nothing"]).ends(2).says("no checkpoint");
    rig.run(["journal", "verify", "--checkpoint", &checkpoint(&rig).replace(" 2 ", " 3 ")])
        .ends(2)
        .says("a digit is wrong");
    rig.run(["journal", "export", "source/.."]).ends(2).says("not empty");
    fs::set_permissions(rig.path("journal/desk.key"), fs::Permissions::from_mode(0o644)).unwrap();
    rig.run(["crisis", "note", "x"]).ends(1).says("chmod 600");
    assert_eq!(lines(&rig), before);
}

#[test]
fn a_name_that_the_map_does_not_have_is_refused() {
    let rig = Rig::new();
    fs::write(rig.path("town.toml"), crate::journal::MAP).unwrap();
    let opened = open(&rig);
    assert_eq!(opened["certified"], true);
    rig.run(["crisis", "state", "mesagerie", "down"]).ends(2).says("messagerie");
    rig.run(["crisis", "state", "messagerie", "down", "--since", "2026-07-14T10:00"]).done();
    let entries = shown(&rig);
    assert_eq!(entries.len(), 3);
    assert_eq!(entries[0]["fact"]["town"], "Saint-Exemple");
    assert_eq!(entries[0]["fact"]["map_sha256"].as_str().unwrap().len(), 64);
    // The town's zone counts, not the machine's.
    assert_eq!(entries[2]["fact"]["since"], "2026-07-14T08:00:00Z");
    // A map that is broken stops nobody.
    fs::write(rig.path("town.toml"), "[town").unwrap();
    rig.run(["crisis", "state", "anything", "unknown"]).done().says("cannot be read as a whole");
    rig.run(["--town", "nowhere.toml", "crisis", "state", "anything", "up"]).done().says("cannot be read as a whole");
}

const MAP: &str = r#"
[town]
name = "Saint-Exemple"
inhabitants = 1200
zone = "Europe/Paris"

[[entity]]
id = "mairie"
name = "Mairie"

[[source]]
name = "partage"

[[service]]
id = "messagerie"
sources = ["partage"]
wave = 4
"#;

#[test]
fn an_owner_certifies_the_desk_at_once_or_later() {
    let rig = Rig::new();
    rig.run_sealed(["--journal", "journal", "crisis", "open", "--exercise"]).done().says("No owner has certified");
    let out = rig.run(["journal", "verify"]).done().out;
    assert!(out.contains("No owner certified"), "{out}");
    let zeros = "0".repeat(64);
    rig.run(["journal", "verify", "--owner", &zeros]).ends(1).says("did not certify");
    rig.run_sealed(["crisis", "certify"]).ends(2);
    rig.run(["crisis", "certify"]).done();
    let ran = rig.run(["--json", "journal", "verify"]).done();
    let certified = &ran.events("summary")[0]["certified"][0];
    assert_eq!((&certified["entry"], &certified["known"]), (&2.into(), &true.into()));
    let owner = certified["owner"].as_str().unwrap().to_uppercase();
    let alone = |words: &[&str]| {
        let mut command = rig.command();
        command.env_remove("BEFFROI_VAULT").env_remove("BEFFROI_IDENTITY").env_remove("BEFFROI_STATE").args(words);
        Ran::of(command.output().unwrap())
    };
    assert!(alone(&["journal", "verify", "journal"]).done().out.contains("said to be an owner"));
    alone(&["journal", "verify", "journal/journal.jsonl", "--owner", &owner]).done();
    alone(&["journal", "verify", "journal", "--owner", &zeros]).ends(1);
    // An owner of another vault is no owner of this one.
    let other = Rig::new();
    let other = other.path("vault");
    rig.run_sealed(["journal", "verify", "--vault", other.to_str().unwrap()]).ends(1).says("no owner of the vault");
    // A kit that cannot be used does not keep a crisis from being opened.
    fs::set_permissions(rig.path("kit"), fs::Permissions::from_mode(0o644)).unwrap();
    rig.run(["--journal", "second", "crisis", "open"]).ends(3).says("chmod 600");
    rig.run(["journal", "verify", "second"]).ends(0);
}

#[test]
fn what_is_done_to_a_journal_is_found() {
    let rig = Rig::new();
    open(&rig);
    (0..6).for_each(|number| drop(rig.run(["crisis", "note", &format!("note {number}")]).done()));
    let (sound, given) = (lines(&rig), checkpoint(&rig));
    rig.run(["crisis", "note", "after"]).done();
    let verify = || rig.run(["journal", "verify", "--checkpoint", &given]);
    verify().done();
    let tampered = |change: &dyn Fn(&mut Vec<String>), words: &str| {
        let mut lines = sound.clone();
        change(&mut lines);
        write_lines(&rig, &lines);
        verify().ends(5).says(words);
        rig.run(["journal", "show"]).ends(5).says("does not verify");
    };
    let tampered_behind = |change: &dyn Fn(&mut Vec<String>), words: &str| {
        let mut lines = sound.clone();
        change(&mut lines);
        write_lines(&rig, &lines);
        rig.run(["journal", "verify"]).done();
        verify().ends(5).says(words);
    };
    tampered(&|lines| lines[4] = lines[4].replace("note 2", "note 9"), "line 5: the entry was changed");
    tampered(&|lines| drop(lines.remove(4)), "entry 5 is missing");
    tampered(&|lines| lines.swap(3, 4), "entry 4 is not in its place");
    tampered_behind(&|lines| lines.truncate(6), "the checkpoint had seen 8 entries");
    write_lines(&rig, &sound);
    verify().done();
    // What goes into a journal with a changed end goes nowhere.
    let mut changed = sound.clone();
    changed[7] = changed[7].replace("note 5", "note 6");
    write_lines(&rig, &changed);
    rig.run(["crisis", "note", "x"]).ends(5).says("nothing was written");
    assert_eq!(lines(&rig), changed);
    // A copy of an attachment that was changed.
    write_lines(&rig, &sound);
    rig.run(["crisis", "note", "x", "--attach", "kit"]).done();
    let copy: PathBuf = fs::read_dir(rig.path("journal/attachments")).unwrap().next().unwrap().unwrap().path();
    fs::write(copy, "changed").unwrap();
    rig.run(["journal", "verify"]).ends(5).says("is not what was attached");
}

#[test]
fn a_closed_journal_stays_as_it_is() {
    let rig = Rig::new();
    open(&rig);
    rig.run(["crisis", "close", "Retour à la normale"]).done();
    let closed = lines(&rig);
    rig.run(["--journal", "journal", "crisis", "note", "x"]).ends(1).says("is closed");
    rig.run(["crisis", "note", "x"]).ends(2).says("no journal is open");
    rig.write("a", "a");
    rig.backup();
    rig.run(["--journal", "journal", "restore", "latest", "--to", "out"]).done();
    assert_eq!(lines(&rig), closed);
    rig.run(["crisis", "open"]).done();
    rig.run(["crisis", "note", "x"]).done();
    assert_eq!(lines(&rig), closed);
}

#[test]
fn commands_that_act_write_by_themselves() {
    let rig = Rig::new();
    rig.write("a", "one");
    rig.write("b", "two");
    rig.backup();
    open(&rig);
    for reading in [&["ls", "latest"][..], &["snapshots"], &["journal", "show"], &["find", "a"]] {
        rig.run(reading).done();
    }
    assert_eq!(shown(&rig).len(), 2);
    rig.run(["restore", "latest", "--to", "out"]).done();
    fs::remove_file(rig.path("source/b")).unwrap();
    rig.run(["damage", "--to", "./source"]);
    rig.run(["attest", "latest", "out", "--out", "it.json"]).done();
    rig.run(["restore", "latest", "--to", "/proc/nowhere"]).ends(1);
    rig.run(["clean", "--plan", "plan"]).done();
    rig.run(["prioritise", "plan", "a"]).done();
    rig.run(["recipient", "add", "no age key"]).ends(2);
    let entries = shown(&rig);
    let of = |name: &str| -> Vec<&Value> {
        let is = |entry: &&Value| entry["fact"]["what"] == "command" && entry["fact"]["name"] == name;
        entries.iter().filter(is).collect()
    };
    let restore = of("restore");
    assert_eq!(restore.len(), 4);
    assert_eq!((&restore[0]["fact"]["code"], &restore[1]["fact"]["code"]), (&Value::Null, &0.into()));
    assert_eq!(restore[1]["fact"]["figures"]["entries"], 3);
    assert_eq!(restore[3]["fact"]["code"], 1);
    assert!(restore[0]["text"].as_str().unwrap().contains("restore latest --to out"));
    let damage: Vec<_> = entries.iter().filter(|entry| entry["fact"]["what"] == "damage").collect();
    assert_eq!(damage.len(), 1);
    let fact = &damage[0]["fact"];
    assert_eq!(
        (&fact["source"], &fact["files"], &fact["gone"], &fact["sound"]),
        (&"source".into(), &2.into(), &1.into(), &1.into())
    );
    let attested = of("attest")[1];
    let digest = |name: &str| {
        let sum = std::process::Command::new("sha256sum").arg(rig.path(name)).output().unwrap().stdout;
        String::from_utf8(sum).unwrap()[..64].to_string()
    };
    assert_eq!(attested["attachments"][0]["sha256"], digest("it.json").as_str());
    assert_eq!(of("clean")[1]["attachments"][0]["name"], "plan");
    assert_eq!(of("prioritise").len(), 1);
    assert_eq!(of("recipient")[0]["fact"]["code"], 2);
    rig.run(["journal", "verify"]).done();
}

#[test]
fn a_journal_that_cannot_be_written_stops_no_command() {
    let rig = Rig::new();
    rig.write("a", "one");
    rig.backup();
    open(&rig);
    let moved = rig.path("unplugged");
    fs::rename(rig.path("journal"), &moved).unwrap();
    rig.run(["restore", "latest", "--to", "out"]).ends(3).says("this command is not in the journal");
    assert_eq!(fs::read(rig.path("out/a")).unwrap(), b"one");
    let json = rig.run(["--json", "restore", "latest", "--to", "again"]).ends(3);
    assert_eq!(json.events("unwritten").len(), 1, "told once");
    rig.run(["ls", "latest"]).done();
    fs::rename(&moved, rig.path("journal")).unwrap();
    rig.run(["restore", "latest", "--to", "third"]).done();
    // An end that does not verify.
    let mut lines = lines(&rig);
    let last = lines.pop().unwrap().replace("restore", "nothing");
    lines.push(last);
    write_lines(&rig, &lines);
    rig.run(["restore", "latest", "--to", "fourth"]).ends(3).says("does not verify");
    rig.run(["restore", "nothing@latest", "--to", "fifth"]).ends(1);
    // Nobody is held up by a journal that was lost or spoilt: another is opened, and commands write there.
    rig.run(["crisis", "open"]).done().says("nothing can be written to it");
    rig.run(["restore", "latest", "--to", "sixth"]).done();
    assert_eq!(shown(&rig).len(), 4);
    rig.run(["journal", "verify", "journal"]).ends(5);
}

#[test]
fn an_export_hands_out_what_was_attached_and_nothing_that_a_link_leads_to() {
    let rig = Rig::new();
    open(&rig);
    fs::write(rig.path("pièce.txt"), "ce qui fut joint").unwrap();
    rig.run(["crisis", "note", "pièce", "--attach", "pièce.txt"]).done();
    let copy = fs::read_dir(rig.path("journal/attachments")).unwrap().next().unwrap().unwrap().path();
    rig.run(["journal", "export", "sound"]).done();
    assert_eq!(fs::read_dir(rig.path("sound/attachments")).unwrap().count(), 1);
    let nothing_leaves = |to: &str| {
        rig.run(["journal", "export", to]).ends(5).says("is not what was attached any more");
        assert_eq!(fs::read_dir(rig.path(to).join("attachments")).unwrap().count(), 0);
    };
    fs::remove_file(&copy).unwrap();
    std::os::unix::fs::symlink(rig.path("kit"), &copy).unwrap();
    nothing_leaves("linked");
    fs::remove_file(&copy).unwrap();
    fs::write(&copy, "something else").unwrap();
    nothing_leaves("changed");
    fs::remove_file(&copy).unwrap();
    assert!(Command::new("mkfifo").arg(&copy).status().unwrap().success());
    nothing_leaves("pipe");
}

#[test]
fn a_folder_that_was_there_is_nobody_elses_once_a_journal_is_in_it() {
    let rig = Rig::new();
    fs::create_dir(rig.path("journal")).unwrap();
    fs::set_permissions(rig.path("journal"), fs::Permissions::from_mode(0o777)).unwrap();
    open(&rig);
    assert_eq!(mode(&rig.path("journal")), 0o700);
}

#[test]
fn a_deadline_is_not_met_because_somebody_else_wrote_so() {
    let rig = Rig::new();
    let town = "[town]\nname = \"Brumeval\"\ninhabitants = 900\n[[entity]]\nid = \"mairie\"\n";
    fs::write(rig.path("town.toml"), town).unwrap();
    open(&rig);
    rig.run(["crisis", "decide", "Nous savons.", "--t0"]).done();
    rig.run(["crisis", "act", "Plainte déposée", "--met", "complaint"]).done();
    let mut written = lines(&rig);
    let signed = written.pop().unwrap();
    written.push(signed.replace("complaint", "cnil"));
    write_lines(&rig, &written);
    let ran = rig.run(["--json", "deadlines"]).ends(3);
    let deadlines = ran.events("deadline");
    assert!(
        deadlines.len() > 2 && !ran.out.contains("\"met\":{") && !ran.out.contains("\"state\":\"met\""),
        "{}",
        ran.out
    );
    assert!(ran.err.contains("journal verify"), "{}", ran.err);
}

#[test]
fn a_pipe_in_the_place_of_a_file_keeps_nobody_waiting() {
    let rig = Rig::new();
    fs::create_dir(rig.path("pipes")).unwrap();
    for name in ["journal.jsonl", "town.toml"] {
        assert!(Command::new("mkfifo").arg(rig.path("pipes").join(name)).status().unwrap().success());
    }
    rig.run(["journal", "verify", "pipes"]).ends(1).says("journal.jsonl");
    rig.run(["--journal", "pipes", "crisis", "note", "x"]).ends(1).says("journal.jsonl");
    rig.run(["--town", "pipes/town.toml", "order"]).ends(1).says("town.toml");
    fs::write(rig.path("town.toml"), "[town]\nname = \"Brumeval\"\ninhabitants = 900\n[[entity]]\nid = \"mairie\"\n")
        .unwrap();
    rig.run(["order", "--state-file", "/dev/zero"]).ends(1).says("4 MiB");
}

#[test]
fn what_somebody_else_wrote_into_a_journal_says_nothing_of_a_service() {
    let rig = Rig::new();
    fs::write(
        rig.path("town.toml"),
        "[town]\nname = \"Brumeval\"\ninhabitants = 900\n[[entity]]\nid = \"mairie\"\n[[service]]\nid = \"paie\"\n",
    )
    .unwrap();
    open(&rig);
    rig.run(["crisis", "state", "paie", "up"]).done();
    rig.run(["crisis", "state", "paie", "down"]).done();
    let percent = |ran: &Ran| ran.events("summary")[0]["percent"].as_u64();
    assert_eq!(percent(&rig.run(["--json", "order"]).done()), Some(0));
    let sound = lines(&rig);
    let (up, last) = (sound[sound.len() - 2].clone(), sound[sound.len() - 1].clone());
    // One of the desk's own lines once more; one that nobody signed.
    for forged in [up, last.replace("\"is\":\"down\"", "\"is\":\"up\"")] {
        write_lines(&rig, &[&sound[..], &[forged]].concat());
        let ran = rig.run(["--json", "order"]).ends(3);
        assert_eq!(percent(&ran), Some(0), "{}", ran.out);
        assert!(ran.err.contains("journal verify"), "{}", ran.err);
    }
}
