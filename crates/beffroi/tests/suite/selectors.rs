//! How a snapshot is named.

use crate::rig::Rig;

#[test]
fn every_form_finds_its_snapshot() {
    let rig = Rig::new();
    let mut ids = Vec::new();
    for round in 0..3 {
        rig.write("round", round.to_string());
        ids.push(rig.backup());
    }
    let round = |selector: &str| rig.run(["cat", &format!("{selector}:round")]).done().out;
    assert_eq!(round("latest"), "2");
    assert_eq!(round("source@latest"), "2");
    assert_eq!(round("source@latest~0"), "2");
    assert_eq!(round("source@latest~2"), "0");
    for (number, id) in ids.iter().enumerate() {
        assert_eq!(round(id), number.to_string());
        assert_eq!(round(&id[..16].to_uppercase()), number.to_string());
    }
    let started = rig.run(["--json", "snapshots"]).events("snapshot")[2]["started"].as_str().unwrap().to_string();
    assert_eq!(round(&format!("source@{}", &started[..10])), "2", "the last of the day");
    rig.run(["ls", "source@latest~3"]).ends(1).says("it has 3");
    rig.run(["ls", "source@1999-12-31"]).ends(1).says("no such snapshot");
    rig.run(["ls", "0000"]).ends(1).says("begins with 0000");
    rig.run(["ls", "abc"]).ends(2).says("names no snapshot");
    rig.run(["ls", "source@yesterday"]).ends(2).says("names no snapshot");
    rig.run(["ls", "latest:missing"]).ends(1).says("does not hold missing");
    rig.run(["cat", "latest"]).ends(2).says("SNAP:PATH");
}

#[test]
fn several_sources_must_be_told_apart() {
    let rig = Rig::new();
    rig.run(["ls", "latest"]).ends(1).says("no snapshot yet");
    rig.write("a", "1");
    rig.backup();
    rig.run(["backup", "--source", "autre", "source"]).done();
    rig.run(["ls", "latest"]).ends(2).says("autre@latest, source@latest");
    rig.run(["--lang", "fr", "ls", "latest"]).ends(2).says("Dites laquelle : autre@latest, source@latest");
    rig.run(["ls", "nope@latest"]).ends(1).says("The sources are: autre, source");
    assert_eq!(rig.run(["ls", "autre@latest"]).done().out, "a\n");
}

#[test]
fn names_of_sources_do_not_change_their_meaning() {
    let rig = Rig::new();
    rig.write("a", "1");
    rig.write("source/b", "2");
    rig.backup();
    rig.run(["backup", "source/source"]).ends(2).says("kept other paths the last time");
    rig.run(["backup", "--source", "source", "source/source"]).done();
    rig.run(["backup", "source", "state"]).ends(2).says("--source NAME");
    rig.run(["backup", "/"]).ends(2).says("--source NAME");
    rig.run(["backup", "--source", "a@b", "source"]).ends(2).says("cannot be the name of a source");
}
