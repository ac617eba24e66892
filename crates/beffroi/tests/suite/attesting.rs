//! `attest`: what is bit by bit what was kept, signed; and what is not, named.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::alarms::town;
use crate::report::find_nothing;
use crate::rig::Rig;
use crate::slowly;

fn statement(rig: &Rig, name: &str) -> Value {
    let file: Value = serde_json::from_slice(&fs::read(rig.path(name)).unwrap()).unwrap();
    serde_json::from_str(file["statement"].as_str().unwrap()).unwrap()
}

#[test]
fn one_bit_in_one_file_is_named() {
    let rig = Rig::new();
    town(&rig);
    rig.backup();
    rig.run(["attest", "latest", "source", "--out", "sound.json", "--clean-boot", "Élodie Martin"]).done();
    let sound = statement(&rig, "sound.json");
    assert_eq!((&sound["counts"]["identical"], &sound["others"]), (&sound["counts"]["files"], &Value::Array(vec![])));
    assert_eq!(sound["clean_boot"], "Élodie Martin");

    let path = rig.path("source/ecole/archive 2.zip");
    let mut content = fs::read(&path).unwrap();
    let middle = content.len() / 2;
    content[middle] ^= 4;
    fs::write(path, content).unwrap();
    let ran = rig.run(["attest", "latest", "source", "--out", "hurt.json", "--html", "hurt.html"]).ends(4);
    assert!(
        ran.out.contains("ecole/archive 2.zip") && ran.err.contains("Declared, not proved"),
        "{}{}",
        ran.out,
        ran.err
    );
    let hurt = statement(&rig, "hurt.json");
    assert_eq!(hurt["others"].as_array().unwrap().len(), 1);
    assert_eq!(hurt["others"][0]["path"], "ecole/archive 2.zip");
    assert_eq!(hurt["counts"]["identical"].as_u64().unwrap() + 1, hurt["counts"]["files"].as_u64().unwrap());
    // A part of the source.
    rig.run(["attest", "latest:mairie", "source/mairie", "--out", "part.json"]).done();
    assert!(statement(&rig, "part.json")["counts"]["identical"].as_u64().unwrap() >= 12);
    // An attestation is never written over another.
    rig.run(["attest", "latest", "source", "--out", "hurt.json"]).ends(1);
    rig.run(["attest", "latest", "--out", "x"]).ends(2).says("a snapshot and a folder");
    rig.run(["attest", "latest", "source"]).ends(2).says("--out FILE");
}

#[test]
fn an_attestation_holds_until_a_byte_of_it_is_changed() {
    let rig = Rig::new();
    town(&rig);
    rig.backup();
    rig.run(["attest", "latest", "source", "--out", "it.json"]).done();
    let ran = rig.run(["attest", "verify", "it.json"]).done();
    assert!(ran.out.contains("Valid, signed by the owner"), "{}", ran.out);
    // Somebody who has neither the vault nor the kit.
    let alone = |words: &[&str]| {
        let mut command = rig.command();
        command.env_remove("BEFFROI_VAULT").env_remove("BEFFROI_IDENTITY").args(words);
        crate::rig::Ran::of(command.output().unwrap())
    };
    let ran = alone(&["--json", "attest", "verify", "it.json"]).done();
    let summary = ran.events("summary").remove(0);
    assert_eq!(summary["owner_known"], false);
    let owner = summary["owner"].as_str().unwrap().to_string();
    alone(&["attest", "verify", "it.json", "--owner", &owner.to_uppercase()]).done();
    alone(&["attest", "verify", "it.json", "--owner", &"0".repeat(64)]).ends(1).says("signed with another key");

    let file = fs::read_to_string(rig.path("it.json")).unwrap();
    for (from, to) in
        [("\\\"damaged\\\":0", "\\\"damaged\\\":1"), ("\\\"clean_boot\\\":null", "\\\"clean_boot\\\":\\\"X\\\"")]
    {
        assert!(file.contains(from), "{file}");
        fs::write(rig.path("changed.json"), file.replace(from, to)).unwrap();
        rig.run(["attest", "verify", "changed.json"]).ends(1).says("was changed after it was signed");
    }
    fs::write(rig.path("none.json"), "{}").unwrap();
    rig.run(["attest", "verify", "none.json"]).ends(1).says("this is no attestation");
    let other = Rig::new();
    fs::write(other.path("it.json"), &file).unwrap();
    other.run(["attest", "verify", "it.json"]).ends(1).says("of another vault");
}

#[test]
fn public_tools_verify_it_as_the_document_says() {
    let rig = Rig::new();
    town(&rig);
    rig.backup();
    rig.run(["attest", "latest", "source", "--out", "attestation.json"]).done();
    let document = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/attestation.md")).unwrap();
    let recipe = document.rsplit("```sh\n").next().unwrap().split("```").next().unwrap();
    let run = || {
        let ran = Command::new("sh").arg("-ec").arg(recipe).current_dir(rig.folder.path()).output();
        ran.expect("sh is there")
    };
    let ran = run();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() && said.contains("Verified Successfully"), "apt-get install jq openssl xxd\n{said}");
    let file = fs::read_to_string(rig.path("attestation.json")).unwrap();
    fs::write(rig.path("attestation.json"), file.replace("\\\"identical\\\":", "\\\"identical\\\":1")).unwrap();
    assert!(!run().status.success());
}

#[test]
fn a_repair_is_attested_against_its_plan_on_a_page_that_all_can_read() {
    let rig = Rig::new();
    town(&rig);
    rig.backup();
    for number in 0..6 {
        slowly::hurt(&rig.path(&format!("source/ecole/lettre {number}.txt")), number);
    }
    rig.run(["backup", "source"]).ends(4);
    rig.run(["clean", "--plan", "plan"]).done();
    rig.run(["attest", "--plan", "plan", "source", "--out", "before.json", "--html", "before.html"]).ends(4);
    rig.run(["restore", "--plan", "plan", "--to", "source", "--overwrite", "if-damaged"]).done();
    let words = ["--lang", "fr", "attest", "--plan", "plan", "source", "--out", "after.json", "--html", "after.html"];
    rig.run(words.iter().chain(&["--clean-boot", "Élodie <b>Martin"])).done();
    assert_eq!(statement(&rig, "before.json")["counts"]["damaged"], 6);
    let after = statement(&rig, "after.json");
    assert_eq!(
        (&after["counts"]["damaged"], &after["counts"]["identical"]),
        (&Value::from(0), &after["counts"]["files"])
    );
    assert_eq!(after["plan"].as_str().unwrap().len(), 64);
    for name in ["before.html", "after.html"] {
        let page = fs::read_to_string(rig.path(name)).unwrap();
        find_nothing(&rig, &page, false);
        find_nothing(&rig, &page, true);
    }
    let page = fs::read_to_string(rig.path("after.html")).unwrap();
    assert!(page.contains("Élodie &lt;b&gt;Martin déclare") && page.contains("<html lang=\"fr\">"));
}
