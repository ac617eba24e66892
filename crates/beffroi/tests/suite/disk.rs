//! `damage --to DIR`: what lies on the disk now, held against what is kept.
//!
//! Files are changed in this test's own temporary folder, and nowhere else.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::process::Command;

use serde_json::Value;

use crate::alarms::town;
use crate::rig::{Rig, noise};
use crate::slowly;

fn damage(rig: &Rig, arguments: &[&str]) -> (Vec<Value>, Value) {
    let ran = rig.run([&["--json", "damage"], arguments].concat()).done();
    (ran.events("damage"), ran.events("summary").remove(0))
}

fn class_of<'l>(lines: &'l [Value], path: &str) -> &'l str {
    let line = lines.iter().find(|line| line["path"] == path);
    line.unwrap_or_else(|| panic!("{path} is not told: {lines:?}"))["class"].as_str().unwrap()
}

/// Overwrites the middle of a file; length and time of the last change stay.
fn hurt(rig: &Rig, name: &str, seed: u64) {
    let path = rig.path("source").join(name);
    let about = fs::metadata(&path).unwrap();
    let mut content = fs::read(&path).unwrap();
    content[1000..3000].copy_from_slice(&noise(seed, 2000));
    fs::write(&path, content).unwrap();
    File::options().write(true).open(path).unwrap().set_modified(about.modified().unwrap()).unwrap();
}

#[test]
fn what_was_done_after_the_last_backup_is_told_from_the_disk() {
    let rig = Rig::new();
    town(&rig);
    rig.write("mairie/a supprimer.txt", "quelques mots\n".repeat(40));
    rig.write("ecole/remplacé.txt", "quelques mots\n".repeat(40));
    let kept = rig.backup();
    let source = rig.path("source");
    hurt(&rig, "mairie/lettre 1.txt", 1);
    hurt(&rig, "ecole/archive 2.zip", 2);
    fs::write(source.join("ecole/lettre 0.txt.x9k2"), noise(3, 14_000)).unwrap();
    fs::remove_file(source.join("ecole/lettre 0.txt")).unwrap();
    fs::remove_file(source.join("mairie/a supprimer.txt")).unwrap();
    // What stands in a file's place is not followed.
    fs::remove_file(source.join("ecole/remplacé.txt")).unwrap();
    symlink("/etc/passwd", source.join("ecole/remplacé.txt")).unwrap();
    for folder in ["mairie", "ecole", "mairie/urbanisme"] {
        fs::write(source.join(folder).join("A LIRE.txt"), "c'est un exercice\n").unwrap();
    }
    hurt(&rig, "mairie/urbanisme/compte 2.csv", 4);
    rig.write("etat civil/nouveau.txt", "un acte\n".repeat(30));
    let mut edited = fs::read(source.join("etat civil/lettre 3.txt")).unwrap();
    edited.extend_from_slice(b"Une ligne de plus.\n");
    rig.write("etat civil/lettre 3.txt", edited);
    assert!(Command::new("mkfifo").arg(source.join("mairie/tube")).status().unwrap().success());

    let (lines, summary) = damage(&rig, &["--to", "./source"]);
    for (path, class) in [
        ("mairie/lettre 1.txt", "damaged"),
        ("ecole/archive 2.zip", "damaged"),
        ("mairie/urbanisme/compte 2.csv", "damaged"),
        ("ecole/lettre 0.txt", "renamed-damaged"),
        ("mairie/a supprimer.txt", "deleted"),
        ("ecole/remplacé.txt", "deleted"),
        ("mairie/A LIRE.txt", "note"),
        ("ecole/A LIRE.txt", "note"),
        ("mairie/urbanisme/A LIRE.txt", "note"),
        ("etat civil/nouveau.txt", "new"),
        ("etat civil/lettre 3.txt", "edited"),
    ] {
        assert_eq!(class_of(&lines, path), class, "{path}");
    }
    assert_eq!(lines.len(), 11, "nothing else: {lines:?}");
    let hurt_line = lines.iter().find(|line| line["path"] == "mairie/lettre 1.txt").unwrap();
    assert_eq!((hurt_line["first_seen"].as_str(), hurt_line["clean"].as_str()), (Some("disk"), Some(&*kept)));
    assert_eq!((summary["to"].as_str(), summary["from"].as_str()), (Some("disk"), Some(&*kept)));
    let files = summary["files_before"].as_u64().unwrap();
    assert_eq!(summary["intact"].as_u64().unwrap(), files - 7, "{summary}");

    // A part of the source, by where it lies and by name; the paths stay those of the source.
    for arguments in [&["--to", "./source/ecole"][..], &["--from", "latest:ecole", "--to", "source/ecole/"]] {
        let (part, _) = damage(&rig, arguments);
        let mut paths: Vec<&str> = part.iter().map(|line| line["path"].as_str().unwrap()).collect();
        paths.sort_unstable();
        // A note lies in three folders; here is one.
        assert_eq!(
            paths,
            ["ecole/A LIRE.txt", "ecole/archive 2.zip", "ecole/lettre 0.txt", "ecole/remplacé.txt"],
            "{arguments:?}"
        );
    }
}

#[test]
fn snapshots_between_say_since_when_the_disk_is_hurt() {
    let rig = Rig::new();
    town(&rig);
    let first = rig.backup();
    rig.write("mairie/lettre 2.txt", "Une autre lettre, plus courte.\n".repeat(200));
    let second = rig.backup();
    for number in 0..6 {
        slowly::hurt(&rig.path(&format!("source/ecole/lettre {number}.txt")), number);
    }
    let ran = rig.run(["--json", "backup", "source"]).ends(4);
    let third = ran.events("summary")[0]["snapshot"].as_str().unwrap().to_string();
    hurt(&rig, "mairie/lettre 2.txt", 9);

    // The alarm is not answered: what came before it is what the disk is held against.
    let (lines, summary) = damage(&rig, &["--to", "./source"]);
    assert_eq!((summary["from"].as_str(), summary["damaged"].as_u64()), (Some(&*second), Some(7)), "{summary}");
    let line = |path: &str| lines.iter().find(|line| line["path"] == path).unwrap();
    let seen = |path: &str| (line(path)["first_seen"].as_str().unwrap(), line(path)["clean"].as_str().unwrap());
    assert_eq!(seen("ecole/lettre 3.txt"), (&*third, &*second));
    assert_eq!(seen("mairie/lettre 2.txt"), ("disk", &*third));
    let (lines, _) = damage(&rig, &["--from", &first, "--to", "./source"]);
    let line = lines.iter().find(|line| line["path"] == "mairie/lettre 2.txt").unwrap();
    assert_eq!((line["class"].as_str(), line["clean"].as_str()), (Some("damaged"), Some(&*third)), "{line}");

    let page = rig.path("report.html");
    rig.run(["damage", "--to", "./source", "--html", page.to_str().unwrap()]).done();
    assert!(fs::read_to_string(page).unwrap().contains("./source"));
}

#[test]
fn a_folder_of_the_disk_is_asked_for_in_a_way_that_makes_sense() {
    let rig = Rig::new();
    town(&rig);
    rig.backup();
    rig.run(["damage", "--to", "./nowhere"]).ends(1).says("the folder ./nowhere cannot be read");
    rig.run(["damage", "--to", "./source", "--facts-only"]).ends(2).says("nothing was written down");
    rig.run(["damage", "--from", "latest:ecole"]).ends(2).says("a folder of the disk only");
    rig.run(["damage", "--from", "latest:nothing", "--to", "./source"]).ends(1).says("nothing");
    // Another source that may be meant; one is named by where it lies.
    fs::create_dir(rig.path("other")).unwrap();
    fs::write(rig.path("other/one.txt"), "un\n").unwrap();
    rig.run(["backup", "other"]).done();
    fs::create_dir(rig.path("copy")).unwrap();
    rig.run(["damage", "--to", "./copy"]).ends(2).says("several sources may be meant: other, source");
    let (lines, _) = damage(&rig, &["--to", "./other"]);
    assert!(lines.is_empty(), "{lines:?}");
    let (lines, _) = damage(&rig, &["--to", "./copy", "--source", "other"]);
    assert_eq!(class_of(&lines, "one.txt"), "deleted");
}
