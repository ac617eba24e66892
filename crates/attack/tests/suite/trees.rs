//! Trees that no machine has. What they name outside stays as it was, and what is good in them is restored.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::town::{Said, Town};

/// Suffers an attack and restores the forged snapshot beside a folder that it would like to reach.
fn restore_forged(attack: &str) -> (Town, Said, PathBuf) {
    let mut town = Town::new();
    town.suffer(attack);
    town.goes_on();
    let outside = town.path("desk/outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("secret"), b"secret").unwrap();
    let before = fs::read_dir(town.path("desk")).unwrap().count();
    let forged = town.forged();
    assert_eq!(forged.len(), 1, "the attacker signed one snapshot");
    let (said, to) = town.restore(&forged[0]);
    assert_eq!(fs::read_dir(town.path("desk")).unwrap().count(), before + 1, "nothing is beside the target");
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
    let secret = outside.join("secret").metadata().unwrap();
    assert_eq!((secret.nlink(), fs::read(outside.join("secret")).unwrap()), (1, b"secret".to_vec()));
    assert!(!Path::new("/etc/planted").exists() && !Path::new("/planted").exists());
    (town, said, to)
}

#[test]
fn who_is_not_root_restores_what_he_may_and_is_told_the_rest() {
    let mut town = Town::new();
    town.suffer("specials");
    town.seat_nobody();
    town.goes_on();
    let (said, to) = town.restore_owned(&town.forged()[0]);
    assert!(said.has("faults 0"), "what a user may not is no end: {:#?}", said.0);
    for (name, attribute) in [
        ("disk", "Device"),
        ("memory", "Device"),
        ("program", "Owner"),
        ("program", "SpecialBits"),
        ("program", "Xattr"),
    ] {
        assert!(said.tells(&["warning", name, attribute]), "{name} {attribute}: {:#?}", said.0);
    }
    assert!(!to.join("disk").exists() && !to.join("memory").exists());
    let program = to.join("program").metadata().unwrap();
    assert_eq!(program.permissions().mode() & 0o6000, 0);
    assert_eq!(fs::read(to.join("program")).unwrap(), b"#!/bin/sh\n");
    for attack in ["hostile-names", "twins", "outside-links", "lying-sizes"] {
        let mut town = Town::new();
        town.suffer(attack);
        town.seat_nobody();
        town.goes_on();
        let (said, _) = town.restore_owned(&town.forged()[0]);
        assert!(said.count("fault") > 0 && said.tells(&["entries"]), "{attack}: {:#?}", said.0);
    }
}

#[test]
fn names_that_lead_out_cost_their_folder_only() {
    let (town, said, to) = restore_forged("hostile-names");
    assert_eq!(said.count("fault"), 8, "{:#?}", said.0);
    assert_eq!(fs::read(to.join("good")).unwrap(), b"content");
    for number in 0..8 {
        assert_eq!(fs::read_dir(to.join(format!("folder-{number}"))).unwrap().count(), 0);
    }
    assert!(town.ask(&["check"]).tells(&["fault", "/packs/", "the tree node is malformed"]));
}

#[test]
fn a_link_in_the_way_of_a_folder_is_not_followed() {
    let (town, said, to) = restore_forged("twins");
    assert!(said.tells(&["fault"]), "{:#?}", said.0);
    assert!(to.join("way").symlink_metadata().unwrap().is_symlink(), "what came first is there");
    assert!(town.ask(&["check"]).tells(&["fault", "the names in a directory are not in order"]));
}

#[test]
fn hard_links_to_outside_get_their_own_content() {
    let (_town, said, to) = restore_forged("outside-links");
    for number in 0..6 {
        let link = to.join(format!("link-{number}"));
        let holds = fs::read(&link).is_ok_and(|content| content == b"own content");
        let told = said.tells(&["fault", &format!("link-{number}")]);
        assert!(holds || told, "link-{number}: {:#?}", said.0);
        assert!(!holds || link.metadata().unwrap().nlink() == 1);
    }
}

#[test]
fn no_program_runs_as_somebody_else_if_owners_are_not_restored() {
    let (_town, said, to) = restore_forged("specials");
    assert!(to.join("program").exists(), "{:#?}", said.0);
    let mode = to.join("program").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o6000, 0, "{mode:o}: {:#?}", said.0);
}

#[test]
fn sizes_that_lie_cost_their_file_only() {
    let (town, said, to) = restore_forged("lying-sizes");
    assert_eq!(to.join("a-hole-of-all").metadata().map(|hole| hole.blocks()).unwrap_or_default(), 0);
    for name in ["b-longer-chunk", "c-shorter", "d-list-beyond", "e-list-of", "f-list-too", "g-list-of"] {
        assert!(said.tells(&["fault", name]), "{name}: {:#?}", said.0);
    }
    assert_eq!(fs::read(to.join("h-good")).unwrap(), b"content");
    assert!(town.ask(&["check"]).count("fault") >= 2);
}
