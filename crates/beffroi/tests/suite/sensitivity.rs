//! How easily alarms ring: a machine makes its own louder, and owners alone make them quieter.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use vault::bytes::SigningKey;
use vault::id::ObjectHash;
use vault::name::ObjectName;
use vault::owner_log::AlarmPolicy;
use vault::secret::SecretKey;
use vault::store::{DirectoryAccess, DirectoryStore, Store};
use vault::vault::Vault;
use vault::world::Timestamp;

use crate::alarms::town;
use crate::rig::{Rig, noise};

/// A town of 56 files that was kept once.
fn kept_town() -> Rig {
    let rig = Rig::new();
    town(&rig);
    rig.run(["backup", "source"]).done();
    rig
}

/// Overwrites letters and accounts of the school: so many, from the first that is whole.
fn hurt(rig: &Rig, numbers: std::ops::Range<usize>) {
    for number in numbers {
        let name = [format!("ecole/lettre {number}.txt"), format!("etat civil/compte {}.csv", number % 6)];
        rig.write(&name[number / 6], noise(number as u64, 9000));
    }
}

/// Where this machine keeps what it asks for.
fn wishes(rig: &Rig) -> PathBuf {
    let mut vaults = fs::read_dir(rig.path("state/vaults")).unwrap();
    vaults.next().unwrap().unwrap().path().join("sensitivity.json")
}

/// Returns level, machine and owners of each row.
fn rows(rig: &Rig, arguments: &[&str]) -> Vec<[String; 4]> {
    let ran = rig.run([&["--json", "alarm", "sensitivity"], arguments].concat()).done();
    let word = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_string();
    let rows = ran.events("sensitivity");
    rows.iter().map(|row| ["source", "level", "machine", "owners"].map(|key| word(&row[key]))).collect()
}

#[test]
fn anybody_raises_and_one_hurt_file_rings() {
    let rig = kept_town();
    assert_eq!(rows(&rig, &[]), [["source", "usual", "-", "-"], ["-", "usual", "-", "-"]]);
    rig.run_sealed(["alarm", "sensitivity", "high", "--source", "source"]).done();
    assert_eq!(rows(&rig, &[]), [["source", "high", "high", "-"], ["-", "usual", "-", "-"]]);
    hurt(&rig, 0..1);
    rig.run_sealed(["backup", "source"]).ends(4);
    // Taken back: another one is watched. With the first, there are two within thirty days.
    rig.run_sealed(["alarm", "sensitivity", "usual"]).done();
    hurt(&rig, 1..2);
    rig.run_sealed(["backup", "source"]).done().says("Worth a look");
}

#[test]
fn owners_alone_lower_and_what_is_large_rings_all_the_same() {
    let rig = kept_town();
    rig.run_sealed(["alarm", "sensitivity", "low"]).ends(2).says("only an owner");
    rig.run(["alarm", "sensitivity", "low", "--source", "sources"]).ends(1).says("no snapshot of a source");
    rig.run(["alarm", "sensitivity", "low", "--source", "source"]).done();
    assert_eq!(rows(&rig, &["--source", "source"]), [["source", "low", "-", "low"]]);
    hurt(&rig, 0..4);
    let ran = rig.run_sealed(["backup", "source"]).done();
    assert!(ran.err.contains("set the alarm of source to low") && ran.err.contains("Worth a look"), "{}", ran.err);
    // Another source is not meant.
    rig.run_sealed(["backup", "source", "--source", "other"]).done();
    hurt(&rig, 4..8);
    rig.run_sealed(["backup", "source", "--source", "other"]).ends(4);
    // Eight of 56 are more than a tenth; and whoever keeps the machine may ask for more than the owners do.
    rig.run_sealed(["backup", "source"]).ends(4);
    rig.run_sealed(["alarm", "sensitivity", "high"]).done();
    assert_eq!(rows(&rig, &["--source", "source"]), [["source", "high", "high", "low"]]);
}

#[test]
fn a_stolen_machines_state_cannot_lower() {
    let rig = kept_town();
    for content in [r#"{"all":"low","sources":{"source":"low"}}"#, "nonsense"] {
        fs::write(wishes(&rig), content).unwrap();
        assert_eq!(rows(&rig, &["--source", "source"]), [["source", "usual", "-", "-"]]);
    }
    fs::write(wishes(&rig), r#"{"all":"low"}"#).unwrap();
    hurt(&rig, 0..3);
    rig.run_sealed(["backup", "source"]).ends(4);
    // What owners raised stays, whatever the machine says of it.
    rig.run(["alarm", "sensitivity", "high", "--owners"]).done();
    let states = [(r#"{"all":"usual"}"#, "usual"), (r#"{"all":"usual","sources":{"source":"low"}}"#, "-")];
    for (number, (content, machine)) in (3..).zip(states) {
        fs::write(wishes(&rig), content).unwrap();
        assert_eq!(rows(&rig, &["--source", "source"]), [["source", "high", machine, "high"]]);
        // What was hurt lately is forgotten with the state: this one rings alone.
        fs::remove_file(wishes(&rig).with_file_name("sources.json")).unwrap();
        hurt(&rig, number..number + 1);
        rig.run_sealed(["backup", "source"]).ends(4);
    }
}

#[test]
fn a_word_that_no_owner_signed_lowers_nothing() {
    let rig = kept_town();
    let store = Arc::new(DirectoryStore::open(rig.path("vault"), DirectoryAccess::ReadWrite).unwrap());
    let vault = Vault::open(store.clone()).unwrap();
    let now = Timestamp::from_seconds(1_800_000_000);
    let lower = AlarmPolicy { level: 0, sources: None, time: now };
    let forged = vault.log().next(now, lower.act()).sign(&[&SigningKey::new(SecretKey::new([5; 32]))]);
    store.put(&ObjectName::Owner(vault.log().next_seq, ObjectHash::of(&forged)), &forged).unwrap();
    store.commit().unwrap();
    assert_eq!(rows(&rig, &["--source", "source"]), [["source", "usual", "-", "-"]]);
    hurt(&rig, 0..3);
    rig.run_sealed(["backup", "source"]).ends(4);
    // The owner's own word takes its place.
    rig.run(["alarm", "sensitivity", "low"]).done();
    assert_eq!(rows(&rig, &["--source", "source"]), [["source", "low", "-", "low"]]);
}

#[test]
fn the_owners_word_names_no_source() {
    let rig = Rig::new();
    town(&rig);
    rig.run(["backup", "source", "--source", "personnel-et-paie"]).done();
    rig.run(["alarm", "sensitivity", "low", "--source", "personnel-et-paie"]).done();
    let mut entries = 0;
    for entry in fs::read_dir(rig.path("vault/owner")).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(9).any(|part| part == b"personnel"));
        entries += 1;
    }
    assert_eq!(entries, 3, "the founding, the enrolment, the word");
}

#[test]
fn the_desk_sees_what_owners_said_and_it_is_told_in_french() {
    let rig = kept_town();
    rig.run(["alarm", "sensitivity", "low", "--source", "source"]).done();
    let desk = |arguments: &[&str]| rig.run([&["--state", "elsewhere"], arguments].concat()).done();
    let told = desk(&["--json", "alarm", "sensitivity"]).events("sensitivity");
    let levels: Vec<_> = told.iter().map(|row| (row["source"].as_str(), row["level"].as_str().unwrap())).collect();
    assert_eq!(levels, [(None, "usual"), (Some("source"), "low")]);
    assert_eq!((told[1]["hurt_min"].as_u64(), told[1]["deleted_percent_min"].as_u64()), (Some(10), Some(90)));
    assert!(!rig.path("elsewhere").exists(), "looking leaves nothing behind");
    let french = desk(&["--lang", "fr", "alarm", "sensitivity"]).out.replace(['\u{a0}', '\u{202f}'], " ");
    for words in ["basse (20", "10 fichiers abîmés donnent l'alarme, ou 3 s'ils sont un dixième", "(toutes les autres)"]
    {
        assert!(french.replace('’', "'").contains(words), "no “{words}” in:\n{french}");
    }
}
