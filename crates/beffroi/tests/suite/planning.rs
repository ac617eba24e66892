//! `plan` and `prioritise`: what comes back, in which order, and how long it takes.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::alarms::town;
use crate::rig::{Rig, same};

#[test]
fn a_plan_of_a_whole_snapshot_is_shown_ordered_and_run() {
    let rig = Rig::new();
    town(&rig);
    rig.write("gros.bin", crate::rig::noise(5, 3 << 20));
    rig.backup();
    let made = rig.run(["plan", "plan", "latest"]).done();
    assert!(made.out.contains("small files of the last year") && made.out.contains("files over 1 MiB"), "{}", made.out);
    assert!(made.err.contains("How long it takes is not known"), "{}", made.err);
    rig.run(["plan", "plan", "latest"]).ends(2).says("there is a plan in plan already");
    rig.run(["plan", "nowhere"]).ends(1).says("there is no plan in nowhere").says("beffroi clean --plan nowhere");

    let json = |rig: &Rig| rig.run(["--json", "plan", "plan"]).done().events("summary").remove(0);
    let before = json(&rig);
    let words = |told: &serde_json::Value| -> Vec<String> {
        let phases = told["phases"].as_array().unwrap().iter();
        phases.map(|phase| phase["path"].as_str().or_else(|| phase["phase"].as_str()).unwrap().to_string()).collect()
    };
    assert_eq!(words(&before), ["small-recent", "large-recent"]);

    rig.run(["prioritise", "plan", "ecole"]).done();
    let said = rig.run(["--lang", "fr", "prioritise", "plan", "/mairie/urbanisme/"]).done();
    assert!(said.out.lines().nth(2).unwrap().starts_with("mairie/urbanisme "), "{}", said.out);
    assert_eq!(words(&json(&rig)), ["mairie/urbanisme", "ecole", "small-recent", "large-recent"]);
    rig.run(["prioritise", "plan", "ecoles"]).ends(2).says("gives back nothing of that name: ecoles");
    rig.run(["prioritise", "plan"]).ends(2);
    let sums = |told: &serde_json::Value, field: &str| -> u64 {
        told["phases"].as_array().unwrap().iter().map(|phase| phase[field].as_u64().unwrap()).sum()
    };
    for field in ["files", "bytes", "stored_bytes"] {
        assert_eq!(sums(&before, field), sums(&json(&rig), field), "{field}");
    }

    rig.run(["restore", "--plan", "plan", "--to", "back"]).done();
    assert!(same(&rig.path("source"), &rig.path("back")));
    rig.run(["prioritise", "plan", "--clear"]).done();
    assert_eq!(words(&json(&rig)), ["small-recent", "large-recent"]);
}

#[test]
fn how_long_it_takes_is_known_once_something_came_back() {
    let rig = Rig::new();
    town(&rig);
    for number in 0..3000 {
        rig.write(&format!("pieces/{number}.txt"), format!("pièce {number}\n").repeat(300));
    }
    rig.backup();
    rig.run(["plan", "plan", "latest"]).done();
    // At a desk that has no state yet it is made for its owner alone, whatever the umask.
    rig.run(["--state", "desk", "restore", "latest", "--to", "at the desk"]).done();
    assert!(rig.path("desk/rates.json").exists());
    assert_eq!(fs::metadata(rig.path("desk")).unwrap().permissions().mode() & 0o777, 0o700);
    rig.run(["restore", "latest", "--to", "back"]).done();
    let told = rig.run(["--json", "plan", "plan"]).done().events("summary").remove(0);
    let (seconds, rate) = (&told["phases"][0]["seconds"], &told["rate"]);
    assert!(rate["entries"].as_u64().unwrap() > 3000, "{told}");
    let (seconds, measured) = (seconds.as_f64().unwrap(), rate["seconds"].as_f64().unwrap());
    assert!((0.8..1.2).contains(&(seconds / measured)), "the same again takes as long: {seconds}, {measured}");
    // What makes no sense says nothing.
    fs::write(rig.path("state/rates.json"), "{\"when\":1,\"entries\":0,\"bytes\":0,\"seconds\":-1}").unwrap();
    let told = rig.run(["--json", "plan", "plan"]).done().events("summary").remove(0);
    assert!(told["rate"].is_null() && told["phases"][0]["seconds"].is_null(), "{told}");
}
