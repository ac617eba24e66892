//! `hunt`: what is known to be bad, found in all that is kept.

use std::fs;
use std::process::Command;

use crate::rig::{Rig, noise};

fn sha256(bytes: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    let summed =
        Command::new("sha256sum").arg(file.path()).output().expect("sha256sum is there: apt-get install coreutils");
    String::from_utf8(summed.stdout).unwrap()[..64].to_string()
}

#[test]
fn what_came_and_went_is_found_by_content_and_by_name() {
    let rig = Rig::new();
    let (tool, long) = (noise(1, 5000), noise(2, 40 << 20));
    rig.write("doc/lettre.txt", "bonjour\n");
    let first = rig.backup();
    rig.write("temp/svchost.exe", &tool);
    rig.write("temp/image.iso", &long);
    let second = rig.backup();
    rig.write("doc/lettre.txt", "bonjour et merci\n");
    let third = rig.backup();
    fs::rename(rig.path("source/temp/svchost.exe"), rig.path("source/doc/photo.jpg")).unwrap();
    let fourth = rig.backup();
    fs::remove_dir_all(rig.path("source/temp")).unwrap();
    let fifth = rig.backup();

    let list = rig.path("list");
    fs::write(&list, format!("# vus ailleurs\n{}  ./image.iso\n\n{} # rien\n", sha256(&long), "0".repeat(64))).unwrap();
    let list = list.to_str().unwrap();
    let ran = rig.run(["--json", "hunt", "--sha256", &sha256(&tool).to_uppercase(), "--list", list]).done();
    let found: Vec<_> = ran
        .events("sighting")
        .iter()
        .map(|one| {
            let word = |key: &str| one[key].as_str().unwrap().to_string();
            (word("path"), word("first_seen"), word("last_seen"), one["is_there_now"].as_bool().unwrap())
        })
        .collect();
    let seen = |path: &str, first: &str, last: &str, now| (path.to_string(), first.to_string(), last.to_string(), now);
    let expected = [
        seen("temp/svchost.exe", &second, &third, false),
        seen("temp/image.iso", &second, &fourth, false),
        seen("doc/photo.jpg", &fourth, &fifth, true),
    ];
    assert_eq!(found, expected);
    let summary = ran.events("summary").remove(0);
    assert_eq!((summary["found"].as_u64(), summary["unread"].as_u64()), (Some(3), Some(0)), "{summary}");
    // Each version was read once: the letter twice, the tool under two names.
    assert_eq!(summary["files"].as_u64(), Some(5), "{summary}");

    let ran = rig.run(["--json", "hunt", "--name", "*.exe", "--name", "doc/lettre.*"]).done();
    let names: Vec<String> =
        ran.events("sighting").iter().map(|one| one["path"].as_str().unwrap().to_string()).collect();
    assert_eq!(names, ["doc/lettre.txt", "temp/svchost.exe", "doc/lettre.txt"]);
    assert_eq!(ran.events("sighting")[0]["last_seen"].as_str(), Some(&*second));
    assert_eq!(ran.events("summary")[0]["bytes"].as_u64(), Some(0), "names cost no content");
    assert_eq!(first.len(), 64);

    let ran = rig.run(["--lang", "fr", "hunt", "--name", "photo.jpg"]).done();
    assert!(ran.out.contains("par son nom") && ran.out.contains("toujours là"), "{}", ran.out);
}

#[test]
fn what_cannot_be_read_is_told_and_not_taken_for_absent() {
    let rig = Rig::new();
    rig.write("a", noise(1, 300_000));
    rig.write("b", noise(2, 300_000));
    rig.backup();
    for pack in rig.packs() {
        let mut bytes = fs::read(&pack).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(pack, bytes).unwrap();
    }
    let ran = rig.run(["--json", "hunt", "--sha256", &"ab".repeat(32)]).ends(5);
    assert!(ran.events("summary")[0]["unread"].as_u64().unwrap() >= 1);
}

#[test]
fn a_digest_that_is_none_is_refused() {
    let rig = Rig::new();
    rig.run(["hunt"]).ends(2);
    rig.run(["hunt", "--sha256", "abcd"]).ends(2).says("“abcd” is no SHA-256");
    let list = rig.path("list");
    fs::write(&list, format!("{}\nwhat\n", "0".repeat(64))).unwrap();
    rig.run(["hunt", "--list", list.to_str().unwrap()]).ends(1).says("line 2 does not begin with a SHA-256");
}
