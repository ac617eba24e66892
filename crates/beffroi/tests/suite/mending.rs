//! `clean`, and the repair in place: the last clean version of each file, and nothing else touched.
//!
//! Files are changed in this test's own temporary folder, and nowhere else.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::alarms::town;
use crate::rig::{Rig, noise, same};
use crate::slowly::{files, files_in, hurt};

/// Inode and time of every file.
fn marks(rig: &Rig) -> BTreeMap<String, (u64, i64, i64)> {
    let about = |path: &String| fs::metadata(rig.path("source").join(path)).unwrap();
    let mark = |about: fs::Metadata| (about.ino(), about.mtime(), about.mtime_nsec());
    files(rig).into_iter().map(|path| (path.clone(), mark(about(&path)))).collect()
}

/// Encrypts, as it were, under another name.
fn lock(rig: &Rig, name: &str, seed: u64) {
    let path = rig.path("source").join(name);
    let bytes = fs::metadata(&path).unwrap().len() as usize;
    fs::write(rig.path("source").join(format!("{name}.q7x")), noise(seed, bytes + 300)).unwrap();
    fs::remove_file(path).unwrap();
}

fn append(rig: &Rig, name: &str, line: &str) {
    let mut content = fs::read(rig.path("source").join(name)).unwrap();
    content.extend_from_slice(line.as_bytes());
    rig.write(name, content);
}

fn copy(from: &Path, to: &Path) {
    assert!(std::process::Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
}

/// A town that is attacked over three backups, while people work; returns what there should be.
pub fn attacked(rig: &Rig) -> PathBuf {
    town(rig);
    rig.write("mairie/vieux.txt", "à jeter\n".repeat(50));
    rig.backup();
    fs::remove_file(rig.path("source/mairie/vieux.txt")).unwrap();
    append(rig, "etat civil/lettre 0.txt", "Modifié avant.\n");
    rig.write("ecole/nouveau.csv", "nom;âge\n".repeat(100));
    rig.backup();
    let should = rig.path("should");
    copy(&rig.path("source"), &should);
    // The first night.
    for number in 0..5 {
        lock(rig, &format!("ecole/lettre {number}.txt"), number);
    }
    lock(rig, "ecole/nouveau.csv", 9);
    for folder in ["ecole", "mairie", "mairie/urbanisme", "etat civil"] {
        rig.write(&format!("{folder}/LISEZ-MOI.txt"), "payez\n");
    }
    lock(rig, "mairie/compte 0.csv", 7);
    lock(rig, "etat civil/compte 0.csv", 8);
    for name in ["etat civil/lettre 3.txt", "etat civil/lettre 4.txt"] {
        append(rig, name, "Modifié pendant.\n");
        fs::copy(rig.path("source").join(name), should.join(name)).unwrap();
    }
    fs::rename(rig.path("source/mairie/lettre 5.txt"), rig.path("source/mairie/courrier 5.txt")).unwrap();
    fs::rename(should.join("mairie/lettre 5.txt"), should.join("mairie/courrier 5.txt")).unwrap();
    rig.run(["backup", "source"]).ends(4);
    // The second: what was locked gets another name again; other files are hurt under their own.
    for number in 0..3 {
        let wreck = rig.path(&format!("source/ecole/lettre {number}.txt.q7x"));
        fs::rename(&wreck, rig.path(&format!("source/ecole/lettre {number}.txt.done"))).unwrap();
    }
    for (seed, name) in (20..).zip(["mairie/archive 0.zip", "mairie/archive 1.zip", "etat civil/lettre 3.txt"]) {
        hurt(&rig.path("source").join(name), seed);
    }
    rig.write("mairie/pendant.txt", "écrit pendant l'attaque\n".repeat(40));
    fs::copy(rig.path("source/mairie/pendant.txt"), should.join("mairie/pendant.txt")).unwrap();
    rig.run(["backup", "source"]).ends(4);
    // Somebody works on, and brings one file back by hand.
    append(rig, "etat civil/lettre 4.txt", "Modifié après.\n");
    fs::copy(rig.path("source/etat civil/lettre 4.txt"), should.join("etat civil/lettre 4.txt")).unwrap();
    fs::copy(should.join("mairie/archive 1.zip"), rig.path("source/mairie/archive 1.zip")).unwrap();
    rig.run(["backup", "source"]);
    should
}

#[test]
fn the_last_clean_version_of_each_file_and_no_good_edit_lost() {
    let rig = Rig::new();
    let should = attacked(&rig);
    let plan = rig.path("plan");
    let plan = plan.to_str().unwrap();
    let table = rig.path("table.csv");
    rig.run(["--lang", "fr", "clean", "--plan", plan, "--csv", table.to_str().unwrap()]).done();
    let table = fs::read_to_string(table).unwrap();
    assert!(table.contains("\"rendre\";\"./ecole/nouveau.csv\";\"./ecole/nouveau.csv.q7x\";\"abîmé\""), "{table}");
    assert!(!table.contains("archive 1.zip") && !table.contains("lettre 4.txt\";\"\"") && !table.contains("vieux"));

    // Into a new folder.
    rig.run(["restore", "--plan", plan, "--to", "fresh"]).done();
    assert!(same(&rig.path("fresh"), &should), "fresh");

    // In place: since the last backup more was hurt, more was worked on, and a note came where there was none.
    hurt(&rig.path("source/mairie/lettre 1.txt"), 50);
    append(&rig, "mairie/lettre 2.txt", "Ce matin.\n");
    append(&rig, "mairie/urbanisme/LISEZ-MOI.txt", "ce n'est plus la même\n");
    fs::copy(rig.path("source/mairie/lettre 2.txt"), should.join("mairie/lettre 2.txt")).unwrap();
    fs::copy(rig.path("source/mairie/urbanisme/LISEZ-MOI.txt"), should.join("mairie/urbanisme/LISEZ-MOI.txt")).unwrap();
    let before = marks(&rig);
    let mend =
        ["--json", "restore", "--plan", plan, "--to", "source", "--overwrite", "if-damaged", "--evidence", "kept"];
    let ran = rig.run(mend).done();
    assert!(same(&rig.path("source"), &should), "{}", ran.out);
    let summary = ran.events("summary").remove(0);
    // Six locked in the school, two beside, the archive, two letters.
    assert_eq!(summary["back"].as_u64(), Some(11), "{summary}");
    let after = marks(&rig);
    let touched: Vec<_> = after.iter().filter(|(path, mark)| before.get(*path) != Some(mark)).collect();
    assert_eq!(touched.len(), 11, "{touched:?}");
    let mut kept = Vec::new();
    let mut waiting = vec![rig.path("kept")];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { waiting.push(path) } else { kept.push(path) }
        }
    }
    // Eight wrecks, three notes, three that were hurt under their own names.
    assert_eq!(kept.len(), 14, "{kept:?}");

    let ran = rig.run(mend).done();
    assert_eq!((ran.events("summary")[0]["back"].as_u64(), marks(&rig)), (Some(0), after), "nothing is left to do");
}

#[test]
fn people_change_the_plan_before_anything_moves() {
    let rig = Rig::new();
    let should = attacked(&rig);
    let plan = rig.path("plan");
    let plan = plan.to_str().unwrap();
    rig.run(["clean", "--plan", plan, "--since", "source@latest~4"]).done();
    let first = fs::read(plan).unwrap();
    rig.run(["clean", "--plan", plan]).done();
    assert_eq!(fs::read(plan).unwrap(), first, "showing changes nothing");
    rig.run(["clean", "--plan", plan, "--csv", plan]).ends(2).says("is no table of a plan");
    assert_eq!(fs::read(plan).unwrap(), first, "a table is not written over a plan");
    rig.run(["clean", "--plan", plan, "--csv", "table.csv"]).done();
    rig.run(["clean", "--plan", plan, "--csv", "table.csv"]).done();
    rig.run(["clean", "--plan", plan, "--since", "source@latest~4"]).ends(2).says("there is a plan in");
    rig.run(["clean", "--plan", plan, "--keep", "mairie/absent.txt"]).ends(2).says("does not name mairie/absent.txt");
    assert_eq!(fs::read(plan).unwrap(), first);
    rig.run(["clean", "--plan", plan, "--keep", "mairie/archive 0.zip", "--drop", "etat civil/lettre 3.txt"]).done();
    let ran = rig.run(["clean", "--plan", plan, "--drop", "ecole/"]).done();
    assert!(ran.out.contains("take away"), "{}", ran.out);
    rig.run(["restore", "--plan", plan, "--to", "fresh"]).done();
    assert!(!rig.path("fresh/etat civil/lettre 3.txt").exists() && !rig.path("fresh/ecole/lettre 0.txt").exists());
    assert!(rig.path("fresh/ecole/compte 1.csv").exists(), "what the plan does not name stands");
    assert_eq!(
        fs::read(rig.path("fresh/mairie/archive 0.zip")).unwrap(),
        fs::read(rig.path("source/mairie/archive 0.zip")).unwrap()
    );
    assert!(should.join("mairie/archive 0.zip").exists());

    let half = rig.path("half");
    fs::write(&half, &first[..first.len() - 40]).unwrap();
    rig.run(["restore", "--plan", half.to_str().unwrap(), "--to", "again"]).ends(1).says("line");
    rig.run(["restore", "--plan", "nowhere", "--to", "again"]).ends(1);
    rig.run(["restore", "--to", "again"]).ends(2);
    rig.run(["restore", "latest", "--to", "again", "--evidence", "kept"]).ends(2).says("--evidence is for a repair");
    let other = Rig::new();
    other.write("a", "b");
    other.backup();
    other.run(["restore", "--plan", plan, "--to", "again"]).ends(1).says("another vault");
}

#[test]
fn a_repair_from_one_snapshot_needs_no_plan_and_follows_no_link() {
    let rig = Rig::new();
    town(&rig);
    rig.backup();
    let should = rig.path("should");
    copy(&rig.path("source"), &should);
    let source = rig.path("source");
    hurt(&source.join("mairie/lettre 1.txt"), 1);
    fs::remove_file(source.join("mairie/lettre 2.txt")).unwrap();
    // A link in a file's place, and one in a folder's: what they point at is nobody's business.
    let outside = rig.path("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("lettre 1.txt"), "ailleurs\n").unwrap();
    fs::remove_file(source.join("ecole/lettre 0.txt")).unwrap();
    symlink(outside.join("lettre 1.txt"), source.join("ecole/lettre 0.txt")).unwrap();
    fs::remove_dir_all(source.join("etat civil")).unwrap();
    symlink(&outside, source.join("etat civil")).unwrap();
    rig.run(["restore", "latest", "--to", "source", "--overwrite", "if-damaged"]).done();
    assert!(same(&source, &should));
    assert!(!source.join("etat civil").symlink_metadata().unwrap().is_symlink());
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
    assert_eq!(fs::read(outside.join("lettre 1.txt")).unwrap(), b"ailleurs\n");
    let _ = File::open(source.join("etat civil/lettre 1.txt")).unwrap();
    let one = ["restore", "latest:ecole/lettre 1.txt", "--to", "source", "--overwrite", "if-damaged"];
    rig.run(one).ends(2).says("a repair is of a folder");
}

#[test]
fn evidence_that_cannot_be_kept_is_not_written_over() {
    let rig = Rig::new();
    town(&rig);
    rig.backup();
    let should = fs::read(rig.path("source/mairie/lettre 1.txt")).unwrap();
    for name in ["ecole/lettre 1.txt", "mairie/lettre 1.txt"] {
        hurt(&rig.path("source").join(name), 3);
    }
    let wreck = fs::read(rig.path("source/ecole/lettre 1.txt")).unwrap();
    let close = |mode| fs::set_permissions(rig.path("kept/ecole"), fs::Permissions::from_mode(mode)).unwrap();
    fs::create_dir_all(rig.path("kept/ecole")).unwrap();
    close(0o500);
    let mend = ["--json", "restore", "latest", "--to", "source", "--overwrite", "if-damaged", "--evidence", "kept"];
    let ran = rig.run_powerless(mend).ends(3);
    assert_eq!(ran.events("summary")[0]["stayed"], 1, "{}", ran.out);
    assert_eq!(fs::read(rig.path("source/ecole/lettre 1.txt")).unwrap(), wreck);
    assert_eq!(fs::read(rig.path("source/mairie/lettre 1.txt")).unwrap(), should);
    assert!(rig.path("kept/mairie/lettre 1.txt").exists());
    close(0o700);
    rig.run(mend).done();
    assert_eq!(fs::read(rig.path("kept/ecole/lettre 1.txt")).unwrap(), wreck);
}

#[test]
fn texts_that_were_emptied_with_documents_come_back() {
    let rig = Rig::new();
    let sample = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/triage/lettre.docx")).unwrap();
    for number in 0..12 {
        rig.write(&format!("mairie/acte {number}.docx"), &sample);
        rig.write(&format!("mairie/note {number}.txt"), format!("Note {number} du conseil.\n").repeat(50));
    }
    rig.backup();
    let should = rig.path("should");
    copy(&rig.path("source"), &should);
    for path in files(&rig) {
        File::create(rig.path("source").join(path)).unwrap();
    }
    rig.run(["backup", "source"]).ends(4);
    let ran = rig.run(["--json", "damage"]).done();
    assert_eq!(ran.events("summary")[0]["damaged"], 24, "{}", ran.out);
    rig.run(["clean", "--plan", "plan"]).done();
    rig.run(["restore", "--plan", "plan", "--to", "source", "--overwrite", "if-damaged"]).done();
    assert!(same(&rig.path("source"), &should));
}

#[test]
fn what_was_taken_to_another_folder_under_other_names_is_told_and_comes_back() {
    let rig = Rig::new();
    town(&rig);
    rig.backup();
    let should = rig.path("should");
    copy(&rig.path("source"), &should);
    for (seed, path) in (0..).zip(files(&rig)) {
        let bytes = fs::metadata(rig.path("source").join(&path)).unwrap().len() as usize;
        fs::remove_file(rig.path("source").join(path)).unwrap();
        rig.write(&format!("zz/{:016x}", seed * 7919 + 13), noise(seed, bytes + 528));
    }
    rig.run(["--json", "backup", "source"]);
    let ran = rig.run(["--json", "damage"]).done();
    let summary = ran.events("summary").remove(0);
    let all = files_in(&should).len() as u64;
    assert!(summary["renamed-damaged"].as_u64().unwrap() * 10 >= all * 9, "{summary}");
    rig.run(["clean", "--plan", "plan"]).done();
    rig.run(["restore", "--plan", "plan", "--to", "fresh"]).done();
    for path in files_in(&should) {
        let back = fs::read(rig.path("fresh").join(&path)).unwrap_or_default();
        assert_eq!(back, fs::read(should.join(&path)).unwrap(), "{path}");
    }
}

#[test]
fn a_copy_that_somebody_made_that_day_does_not_hide_the_loss() {
    let rig = Rig::new();
    town(&rig);
    rig.backup();
    for number in 0..4 {
        let name = format!("mairie/archive {number}.zip");
        let copy = rig.path(&format!("source/mairie/archive {number} (copie).zip"));
        fs::copy(rig.path("source").join(&name), copy).unwrap();
        // Names that have nothing in common, one for each.
        let wreck = format!("mairie/{:012x}", 0x7f3a_11c9_u64 * (number + 3));
        rig.write(&wreck, noise(number, fs::metadata(rig.path("source").join(&name)).unwrap().len() as usize + 300));
        fs::remove_file(rig.path("source").join(name)).unwrap();
    }
    rig.run(["backup", "source"]);
    rig.run(["clean", "--plan", "plan"]).done();
    rig.run(["restore", "--plan", "plan", "--to", "fresh"]).done();
    for number in 0..4 {
        let back = fs::read(rig.path(&format!("fresh/mairie/archive {number}.zip"))).unwrap_or_default();
        let copy = fs::read(rig.path(&format!("fresh/mairie/archive {number} (copie).zip"))).unwrap();
        assert_eq!(back, copy, "archive {number}");
    }
}

#[test]
fn a_repair_that_is_killed_goes_on_where_it_stopped() {
    let rig = Rig::new();
    for number in 0..400 {
        rig.write(
            &format!("service {}/acte {number}.txt", number % 7),
            format!("Acte {number}.\n").repeat(200 + number),
        );
    }
    rig.backup();
    let should = rig.path("should");
    copy(&rig.path("source"), &should);
    for (seed, path) in (0..).zip(files(&rig)) {
        match seed % 4 {
            0 => hurt(&rig.path("source").join(path), seed),
            1 => lock(&rig, &path, seed),
            _ => {}
        }
    }
    rig.run(["backup", "source"]).ends(4);
    rig.run(["clean", "--plan", "plan"]).done();
    let sound: BTreeMap<String, (u64, i64, i64)> = {
        let marks = marks(&rig);
        let is_sound = |path: &String| fs::read(rig.path("source").join(path)).ok() == fs::read(should.join(path)).ok();
        marks.into_iter().filter(|(path, _)| is_sound(path)).collect()
    };
    let mut killed = 0;
    for moment in 1..=25 {
        let mut command = rig.command();
        command.args([
            "restore",
            "--plan",
            "plan",
            "--to",
            "source",
            "--overwrite",
            "if-damaged",
            "--evidence",
            "kept",
        ]);
        let mut child =
            command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(2 + moment * 2));
        child.kill().unwrap();
        killed += u32::from(!child.wait().unwrap().success());
        // At any moment every file is whole: the old one, the new one, or none while its wreck is kept.
        for path in files(&rig).into_iter().filter(|path| !path.contains(".beffroi-") && !path.ends_with(".q7x")) {
            let now = fs::read(rig.path("source").join(&path)).unwrap();
            let was = fs::read(should.join(&path)).unwrap();
            assert!(now == was || now.len() == was.len(), "{path} is half a file");
        }
    }
    assert!(killed >= 5, "{killed} of 25 were killed in time");
    rig.run(["restore", "--plan", "plan", "--to", "source", "--overwrite", "if-damaged", "--evidence", "kept"]).done();
    assert!(same(&rig.path("source"), &should));
    let after = marks(&rig);
    assert!(sound.iter().all(|(path, mark)| after[path] == *mark), "what was sound was not touched");
}
