//! Attacks ring, are explained and answered, and the desk says what is hurt; work does not ring.
//!
//! Files are changed in this test's own temporary folder, and nowhere else.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::rig::Rig;

/// Bytes that look drawn by lot.
fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 56) as u8
    };
    (0..bytes).map(|_| next()).collect()
}

/// Letters, accounts and archives in some folders.
pub fn town(rig: &Rig) {
    for folder in ["mairie", "mairie/urbanisme", "ecole", "etat civil"] {
        for number in 0..6 {
            let lines: String = (0..200 + number * 40)
                .map(|line| format!("Délibération n° {line} du conseil, dossier {folder}, pièce {number}.\n"))
                .collect();
            rig.write(&format!("{folder}/lettre {number}.txt"), &lines);
            rig.write(&format!("{folder}/compte {number}.csv"), lines.replace(' ', ";"));
        }
    }
    let made = Command::new("python3").arg("-c").arg(ZIPS).arg(rig.path("source")).status();
    assert!(made.expect("python3 is there: apt-get install python3").success());
}

const ZIPS: &str = "
import os, sys, zipfile, random
random.seed(7)
for folder in ['mairie', 'ecole']:
    for number in range(4):
        with zipfile.ZipFile(os.path.join(sys.argv[1], folder, f'archive {number}.zip'), 'w', zipfile.ZIP_DEFLATED) as made:
            for part in range(3):
                made.writestr(f'piece {part}.txt', ' '.join(str(random.random()) for _ in range(3000)))
";

fn damage(rig: &Rig, arguments: &[&str]) -> (Vec<Value>, Value) {
    let ran = rig.run([&["--json", "damage"], arguments].concat()).done();
    (ran.events("damage"), ran.events("summary").remove(0))
}

fn of_class<'l>(lines: &'l [Value], class: &str) -> Vec<&'l Value> {
    lines.iter().filter(|line| line["class"] == class).collect()
}

#[test]
fn an_attack_rings_is_explained_answered_and_assessed() {
    let rig = Rig::new();
    town(&rig);
    let healthy = rig.backup();
    let before = fs::read(rig.path("source/mairie/archive 1.zip")).unwrap();
    let mut partly = before.clone();
    for at in (4096..partly.len()).step_by(8192) {
        let end = (at + 64).min(partly.len());
        partly[at..end].copy_from_slice(&noise(at as u64, end - at));
    }
    rig.write("mairie/archive 1.zip", &partly);
    for (number, name) in
        ["ecole/lettre 0.txt", "ecole/lettre 1.txt", "mairie/urbanisme/compte 2.csv"].iter().enumerate()
    {
        let bytes = fs::metadata(rig.path("source").join(name)).unwrap().len() as usize;
        fs::remove_file(rig.path("source").join(name)).unwrap();
        rig.write(&format!("{name}.q7z1"), noise(number as u64, bytes + 512));
    }
    for folder in ["ecole", "mairie", "mairie/urbanisme"] {
        rig.write(&format!("{folder}/LISEZMOI.txt"), "Ceci est un exercice.\n");
    }
    rig.write("etat civil/lettre 3.txt", "Une lettre corrigée.\n".repeat(30));

    let ran = rig.run(["backup", "source"]).ends(4);
    for words in [
        "ALARM",
        "3 files were sound",
        "one file looks damaged",
        "3 under another name",
        "mairie/archive 1.zip",
        "3 folders",
    ] {
        assert!(ran.err.contains(words), "no “{words}” in:\n{}", ran.err);
    }
    let rung = rig.run(["--json", "alarm", "list"]).done().events("alarm");
    assert_eq!((rung.len(), &rung[0]["level"]), (1, &"alarm".into()));
    let id = rung[0]["snapshot"].as_str().unwrap().to_string();
    rig.run(["alarm", "explain", &id]).done();

    let (lines, summary) = damage(&rig, &[]);
    assert_eq!((summary["from"].as_str(), summary["first_seen"].as_str()), (Some(healthy.as_str()), Some(id.as_str())));
    let hurt = of_class(&lines, "damaged");
    assert_eq!(hurt.len(), 1, "{lines:?}");
    assert_eq!(
        (hurt[0]["path"].as_str(), hurt[0]["clean"].as_str()),
        (Some("mairie/archive 1.zip"), Some(healthy.as_str()))
    );
    assert_eq!(of_class(&lines, "renamed-damaged").len(), 3);
    assert_eq!(of_class(&lines, "note").len(), 3);
    assert_eq!(of_class(&lines, "edited").len(), 1);
    assert_eq!((summary["intact"].as_u64(), summary["unknown"].as_u64()), (Some(51), Some(0)));

    // Nothing may go before an owner answers.
    rig.run(["alarm", "answer", &healthy, "--reason", "?"]).ends(1).says("raised no alarm");
    rig.run(["alarm", "answer", &id, "--reason", "poste 12 réinstallé"]).done();
    rig.run(["alarm", "answer", &id, "--reason", "?"]).ends(1).says("poste 12 réinstallé");
    let answered = rig.run(["--json", "alarm", "explain", &id]).done().events("alarm");
    assert_eq!(answered[0]["reason"], "poste 12 réinstallé");
    // The next backup finds nothing that was sound and is not.
    rig.run(["backup", "source"]).done();
}

#[test]
fn one_file_a_night_rings_at_the_third() {
    let rig = Rig::new();
    town(&rig);
    rig.run(["backup", "source"]).done();
    for (night, code) in [(0, 0), (1, 0), (2, 4), (3, 4)] {
        rig.write(&format!("ecole/archive {night}.zip"), noise(night, 40_000));
        rig.run(["backup", "source"]).ends(code);
    }
}

#[test]
fn work_does_not_ring() {
    let rig = Rig::new();
    town(&rig);
    // Broken for years: no news.
    rig.write("mairie/vieux.zip", &fs::read(rig.path("source/mairie/archive 0.zip")).unwrap()[..5000]);
    rig.run(["backup", "source"]).done();
    fs::rename(rig.path("source/ecole"), rig.path("source/ecole primaire")).unwrap();
    fs::remove_dir_all(rig.path("source/etat civil")).unwrap();
    rig.write("mairie/lettre 1.txt", "Autre chose.\n".repeat(300));
    rig.write("mairie/lettre 2.txt", "");
    rig.write("mairie/vieux.zip", &fs::read(rig.path("source/mairie/archive 0.zip")).unwrap()[..4000]);
    rig.write("mairie/scan.dat", noise(3, 60_000));
    let ran = rig.run(["--json", "backup", "source"]).done();
    assert_eq!(ran.events("summary")[0]["alarm"], "calm", "{}", ran.out);
    assert!(rig.run(["--json", "alarm", "list"]).done().events("alarm").is_empty());
    let (lines, summary) = damage(&rig, &[]);
    assert_eq!((summary["damaged"].as_u64(), summary["renamed-damaged"].as_u64()), (Some(0), Some(0)), "{lines:?}");
}

#[test]
fn damage_is_told_in_words_and_needs_two_snapshots() {
    let rig = Rig::new();
    town(&rig);
    let first = rig.backup();
    rig.run(["damage"]).done().says("no two snapshots");
    rig.write("ecole/archive 2.zip", noise(9, 30_000));
    let second = rig.backup();
    let ran = rig.run(["--lang", "fr", "damage"]).done();
    for words in ["ABÎMÉS", "ecole/archive 2.zip", &first[..8]] {
        assert!(ran.out.contains(words), "no “{words}” in:\n{}", ran.out);
    }
    rig.run(["damage", "--from", &second, "--to", &first]).ends(2).says("not an earlier and a later");
    let (lines, _) = damage(&rig, &["--facts-only"]);
    assert_eq!(of_class(&lines, "damaged").len(), 1);
}

#[test]
fn the_clean_version_is_the_last_good_one() {
    let rig = Rig::new();
    town(&rig);
    let first = rig.backup();
    rig.write("ecole/lettre 1.txt", "Une bonne correction.\n".repeat(200));
    let second = rig.backup();
    rig.write("ecole/lettre 1.txt", noise(1, 5000));
    let third = rig.backup();
    rig.write("mairie/lettre 1.txt", "Autre chose encore.\n".repeat(100));
    rig.backup();
    let (lines, _) = damage(&rig, &["--from", &first]);
    let hurt = of_class(&lines, "damaged");
    assert_eq!(hurt.len(), 1, "{lines:?}");
    assert_eq!(
        (hurt[0]["clean"].as_str(), hurt[0]["first_seen"].as_str()),
        (Some(second.as_str()), Some(third.as_str()))
    );
}
