//! `clean`, where names and files that were never sound make it hard.
//!
//! Files are changed in this test's own temporary folder, and nowhere else.

use std::fs;

use serde_json::Value;

use crate::alarms::town;
use crate::rig::{Rig, noise};

/// Encrypts, as it were, under another name.
fn lock(rig: &Rig, name: &str, seed: u64) {
    let path = rig.path("source").join(name);
    let bytes = fs::metadata(&path).unwrap().len() as usize;
    fs::write(rig.path("source").join(format!("{name}.q7x")), noise(seed, bytes + 300)).unwrap();
    fs::remove_file(path).unwrap();
}

/// Makes the plan anew, and returns its lines.
fn planned(rig: &Rig) -> Vec<Value> {
    let _ = fs::remove_file(rig.path("plan"));
    rig.run(["clean", "--plan", "plan"]).done();
    let plan = fs::read_to_string(rig.path("plan")).unwrap();
    plan.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn action<'p>(plan: &'p [Value], path: &str) -> Option<&'p str> {
    plan.iter().find(|row| row["path"] == path).and_then(|row| row["action"].as_str())
}

#[test]
fn what_was_written_about_a_file_on_the_day_it_was_hurt_is_no_wreck() {
    let rig = Rig::new();
    town(&rig);
    rig.backup();
    let (file, minutes) = ("mairie/archive 0.zip", "mairie/archive 0.zip, compte rendu.txt");
    let kept = fs::read(rig.path("source").join(file)).unwrap();
    for (seed, name) in (0..).zip([file, "mairie/archive 1.zip", "ecole/lettre 1.txt", "ecole/lettre 2.txt"]) {
        lock(&rig, name, seed);
    }
    let words = "Les agents constatent que l'archive ne s'ouvre plus.\n".repeat(30);
    rig.write(minutes, &words);
    rig.run(["backup", "source"]).ends(4);
    let plan = planned(&rig);
    assert_eq!((action(&plan, file), action(&plan, minutes)), (Some("take"), None));

    // The night after, it is hurt too.
    for (seed, name) in (9..).zip([minutes, "ecole/lettre 3.txt", "ecole/lettre 4.txt"]) {
        lock(&rig, name, seed);
    }
    rig.run(["backup", "source"]).ends(4);
    let plan = planned(&rig);
    assert_eq!((action(&plan, file), action(&plan, minutes)), (Some("take"), Some("take")));
    rig.run(["restore", "--plan", "plan", "--to", "fresh"]).done();
    assert_eq!(fs::read_to_string(rig.path("fresh").join(minutes)).unwrap(), words);
    assert!(fs::read(rig.path("fresh").join(file)).unwrap() == kept);
    assert!(!rig.path("fresh").join(format!("{minutes}.q7x")).exists());
}

#[test]
fn what_was_never_sound_is_looked_at_by_people_if_it_changed_among_hurt_files() {
    let rig = Rig::new();
    town(&rig);
    // A start and no end: what a full disk leaves.
    let whole = fs::read(rig.path("source/mairie/archive 0.zip")).unwrap();
    let (cut, lost) = ("mairie/coupe.zip", "mairie/perdu.zip");
    let half = whole[..whole.len() / 2].to_vec();
    rig.write(cut, &half);
    rig.write(lost, &half);
    rig.backup();
    // In quiet times nobody is asked.
    let mut changed = half.clone();
    changed[9000..9040].copy_from_slice(&noise(1, 40));
    rig.write(cut, &changed);
    rig.backup();
    assert_eq!(planned(&rig), Vec::<Value>::new());

    // A digit in a small table, no more.
    let small = "mairie/petit.csv";
    rig.write(small, "rue;numéro\nde la Gare;12\n");
    rig.backup();
    rig.write(small, "rue;numéro\nde la Gare;17\n");

    changed[12_000..12_040].copy_from_slice(&noise(2, 40));
    rig.write(cut, &changed);
    // Without its mark it is nothing any more.
    rig.write(lost, noise(3, 700).into_iter().chain(half.iter().copied()).collect::<Vec<u8>>());
    for (seed, name) in (4..).zip(["ecole/lettre 1.txt", "ecole/lettre 2.txt", "ecole/lettre 3.txt"]) {
        lock(&rig, name, seed);
    }
    rig.run(["backup", "source"]).ends(4);
    let plan = planned(&rig);
    assert_eq!((action(&plan, cut), action(&plan, lost)), (Some("keep"), Some("take")));
    assert_eq!(action(&plan, small), Some("keep"));
    let asked = plan.iter().find(|row| row["path"] == cut).unwrap();
    assert_eq!((&asked["class"], &asked["reasons"][0]), (&Value::from("unknown"), &Value::from("wrong-before")));
    rig.run(["restore", "--plan", "plan", "--to", "fresh"]).done();
    assert!(fs::read(rig.path("fresh").join(cut)).unwrap() == changed);
    assert!(fs::read(rig.path("fresh").join(lost)).unwrap() == half);

    // Hurt later, it comes back as it was corrected, not as it was before.
    let kept = fs::read(rig.path("source").join(small)).unwrap();
    lock(&rig, small, 30);
    rig.run(["backup", "source"]).ends(4);
    let plan = planned(&rig);
    assert_eq!((action(&plan, small), action(&plan, cut)), (Some("take"), Some("keep")));
    rig.run(["restore", "--plan", "plan", "--to", "later"]).done();
    assert!(fs::read(rig.path("later").join(small)).unwrap() == kept);
    // People may choose the version before.
    rig.run(["clean", "--plan", "plan", "--take", cut]).done();
    rig.run(["restore", "--plan", "plan", "--to", "chosen"]).done();
    assert!(fs::read(rig.path("chosen").join(cut)).unwrap() != changed);
}

#[test]
fn each_source_has_a_plan_of_its_own_in_a_folder() {
    let rig = Rig::new();
    town(&rig);
    let keep = |rig: &Rig, code: i32| {
        rig.run(["backup", "--source", "mairie", "source/mairie"]).ends(code);
        rig.run(["backup", "--source", "écoles/2", "source/ecole"]).ends(code);
    };
    keep(&rig, 0);
    for (seed, name) in (0..).zip(["mairie/archive 0.zip", "mairie/archive 1.zip", "mairie/archive 2.zip"]) {
        lock(&rig, name, seed);
        lock(&rig, &name.replace("mairie", "ecole"), seed + 10);
    }
    keep(&rig, 4);
    rig.run(["clean", "--plan", "plan"]).ends(2).says("the vault keeps several sources");
    fs::create_dir(rig.path("plans")).unwrap();
    let told = rig.run(["--json", "clean", "--plan", "plans"]).done().events("summary");
    assert_eq!(told.len(), 2, "{told:?}");
    for (source, folder) in [("mairie", "mairie"), ("écoles_2", "ecole")] {
        let plan = format!("plans/{source}.plan");
        let fresh = format!("fresh {folder}");
        rig.run(["restore", "--plan", &plan, "--to", &fresh]).done();
        let back = |number: u8| rig.path(&fresh).join(format!("archive {number}.zip"));
        assert!((0..4).all(|number| back(number).exists()), "{source}");
        rig.run(["clean", "--plan", &plan, "--keep", "archive 1.zip"]).done();
    }
    // They are there, and are shown as people changed them.
    let told = rig.run(["--json", "clean", "--plan", "plans"]).done().events("summary");
    assert!(told.iter().all(|one| one["counts"].as_array().unwrap().len() == 2), "{told:?}");
    rig.run(["clean", "--plan", "plans", "--keep", "archive 1.zip"]).ends(2).says("is a folder of plans");
}

#[test]
fn links_and_empty_folders_that_were_taken_come_back() {
    let rig = Rig::new();
    town(&rig);
    let source = rig.path("source");
    std::os::unix::fs::symlink("../mairie/lettre 1.txt", source.join("ecole/lien")).unwrap();
    std::os::unix::fs::symlink("lettre 2.txt", source.join("mairie/à enlever")).unwrap();
    fs::create_dir_all(source.join("ecole/vide/plus vide")).unwrap();
    fs::create_dir(source.join("mairie/vide aussi")).unwrap();
    rig.backup();
    // In quiet times somebody clears up.
    fs::remove_file(source.join("mairie/à enlever")).unwrap();
    fs::remove_dir(source.join("mairie/vide aussi")).unwrap();
    rig.backup();
    let before = rig.path("before");
    assert!(std::process::Command::new("cp").arg("-a").args([&source, &before]).status().unwrap().success());
    // A folder with all that is in it; another is renamed by somebody, with its link.
    std::os::unix::fs::symlink("nulle part", source.join("etat civil/lien aussi")).unwrap();
    rig.backup();
    fs::remove_dir_all(source.join("ecole")).unwrap();
    fs::rename(source.join("etat civil"), source.join("état civil")).unwrap();
    rig.run(["backup", "source"]);
    let _ = planned(&rig);
    rig.run(["restore", "--plan", "plan", "--to", "fresh"]).done();
    let fresh = rig.path("fresh");
    assert_eq!(fs::read_link(fresh.join("ecole/lien")).unwrap().to_str(), Some("../mairie/lettre 1.txt"));
    assert!(fresh.join("ecole/vide/plus vide").is_dir());
    assert!(!fresh.join("mairie/vide aussi").exists() && fresh.join("mairie/à enlever").symlink_metadata().is_err());
    assert!(!fresh.join("etat civil").exists(), "what somebody renamed stays renamed");
    assert!(fresh.join("état civil/lien aussi").symlink_metadata().is_ok());
    assert!(crate::rig::same(&before.join("ecole"), &fresh.join("ecole")));
    // In place, too.
    rig.run(["restore", "--plan", "plan", "--to", "source", "--overwrite", "if-damaged"]).done();
    assert_eq!(fs::read_link(source.join("ecole/lien")).unwrap().to_str(), Some("../mairie/lettre 1.txt"));
    assert!(source.join("ecole/vide/plus vide").is_dir());
}
