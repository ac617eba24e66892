//! What the attacker puts beside what is kept. After each attack everything stands, and the next backups are made and give
//! back what he promised; or the agent says why it makes none.

use vault::backup::BackupError;

use crate::awaited::awaited;
use crate::town::{Town, read_folder};

#[test]
fn junk_under_true_names_is_named_and_stops_nobody() {
    let mut town = Town::new();
    town.suffer("junk");
    let check = town.goes_on();
    for place in ["/snapshots/", "/leases/", "owner/", "expiry/"] {
        assert!(check.tells(&["fault", place]), "{place}: {:#?}", check.0);
    }
    assert!(town.forged().is_empty());
}

#[test]
fn a_promise_of_tomorrows_content_is_not_believed() {
    let mut town = Town::new();
    town.suffer("promise");
    let check = town.goes_on();
    assert_eq!(check.count("hurt"), 0);
    assert!(check.tells(&["orphan", "/packs/"]), "no snapshot names it: {:#?}", check.0);
}

#[test]
fn a_signed_promise_spoils_what_comes_later_and_verify_new_finds_it() {
    let mut town = Town::new();
    town.suffer("promise-in-a-manifest");
    town.stands();
    assert_eq!(town.forged().len(), 1, "it shows as a snapshot that nobody made");
    let verified = town.ask(&["verify"]);
    assert!(verified.tells(&["fault", "/packs/", "written with blobs"]), "before anything refers to it");
    town.write(0, "attendu.bin", &awaited());
    town.backup(0).unwrap();
    town.write(1, "attendu.bin", &awaited());
    town.keep(1).unwrap();
    town.stands();
    let verified = town.ask(&["verify"]);
    assert!(verified.tells(&["fault", "/packs/", "written with blobs"]), "{:#?}", verified.0);
    // What is restored of it is never the lie: the file is missing, and the pack is named.
    let spoilt = town.forged().pop().unwrap();
    let (said, to) = town.restore(&spoilt);
    assert!(said.tells(&["fault", "attendu.bin", "/packs/"]) && !to.join("attendu.bin").exists(), "{:#?}", said.0);
}

#[test]
fn indexes_that_point_elsewhere_are_named_and_hurt_nobody() {
    // The pack of junk that one of them fills is named too, and by the forged snapshot alone.
    assert_indexes_hurt_nobody("lying-indexes", &["/packs/"]);
}

#[test]
fn indexes_that_hide_or_misstate_blobs_are_named_and_hurt_nobody() {
    assert_indexes_hurt_nobody("hiding-indexes", &[]);
}

/// Suffers lying indexes in a signed manifest: `check` accuses them, and nothing else but objects in these places; all
/// that was kept stands, and the forged snapshot itself, whose tree is the last one's, comes back too.
fn assert_indexes_hurt_nobody(attack: &str, others: &[&str]) {
    let mut town = Town::new();
    town.suffer(attack);
    let last = town.kept[1].2.clone();
    let check = town.goes_on();
    assert_eq!(check.count("hurt"), 0, "{:#?}", check.0);
    assert!(check.tells(&["fault", "/indexes/", "it says of packs what they do not say"]), "{:#?}", check.0);
    let is_expected = |line: &str| others.iter().chain(&["/indexes/"]).any(|place| line.contains(place));
    assert!(check.0.iter().filter(|line| line.starts_with("fault")).all(|line| is_expected(line)), "{:#?}", check.0);
    let forged = town.forged();
    assert_eq!(forged.len(), 1);
    let (said, to) = town.restore(&forged[0]);
    assert!(said.has("faults 0") && read_folder(&to) == last, "{:#?}", said.0);
}

#[test]
fn a_stolen_key_forks_the_strand_and_the_agent_says_so() {
    let town = Town::new();
    town.suffer("fork");
    assert!(matches!(town.backup(0), Err(BackupError::Fork { seq: 2, .. })));
    assert!(town.stands().tells(&["fault", "/snapshots/0000000002", "another snapshot has the same number"]));
    town.backup(1).unwrap();
}

#[test]
fn the_last_number_stops_the_agent_and_says_so() {
    let town = Town::new();
    town.suffer("last-number");
    assert!(matches!(town.backup(0), Err(BackupError::LastNumber { .. })));
    town.stands();
    town.backup(1).unwrap();
}

#[test]
fn old_manifests_under_new_numbers_do_not_count() {
    let mut town = Town::new();
    town.suffer("replay");
    let check = town.goes_on();
    assert!(check.tells(&["fault", "/snapshots/0000000077"]), "{:#?}", check.0);
    assert!(town.forged().is_empty());
}

#[test]
fn what_is_of_another_strand_does_not_count_here() {
    let mut town = Town::new();
    town.suffer("neighbour");
    let check = town.goes_on();
    for strand in [0, 1] {
        assert!(check.tells(&["fault", &town.strand(strand), "/snapshots/"]), "{:#?}", check.0);
    }
    assert!(town.forged().is_empty());
}

#[test]
fn a_manifest_that_follows_nothing_is_told() {
    let mut town = Town::new();
    town.suffer("wrong-previous");
    let check = town.goes_on();
    assert!(check.tells(&["fault", "/snapshots/0000000003", "it does not follow the one before"]), "{:#?}", check.0);
}

#[test]
fn a_manifest_of_packs_that_are_nowhere_hurts_itself() {
    let mut town = Town::new();
    town.suffer("missing-packs");
    let check = town.goes_on();
    assert!(check.tells(&["fault", "/packs/08", "it is missing"]), "{:#?}", check.0);
    assert!(check.tells(&["fault", "/lists/07", "it is missing"]), "{:#?}", check.0);
    let (said, _) = town.restore(&town.forged()[0]);
    assert!(said.tells(&["fault", "/lists/07"]) && said.tells(&["fault", "/packs/08"]), "{:#?}", said.0);
}

#[test]
fn figures_that_lie_are_found_untrue() {
    let mut town = Town::new();
    town.suffer("lying-counts");
    let check = town.goes_on();
    assert!(check.tells(&["fault", "/snapshots/0000000003", "its tree holds"]), "{:#?}", check.0);
    let (said, _) = town.restore(&town.forged()[0]);
    assert!(said.has("entries 2") && said.has("faults 0"), "{:#?}", said.0);
}

#[test]
fn what_only_owners_may_sign_does_not_count_from_an_agent() {
    let mut town = Town::new();
    town.suffer("owner");
    let check = town.goes_on();
    assert!(check.tells(&["fault", "owner/"]) && check.tells(&["fault", "expiry/"]), "{:#?}", check.0);
    assert!(check.tells(&["fault", "/strand ", "the owner log does not know"]), "{:#?}", check.0);
    assert!(town.forged().is_empty());
}

#[test]
fn leases_without_number_and_end_stop_nobody() {
    let mut town = Town::new();
    town.suffer("leases");
    assert_eq!(town.goes_on().count("hurt"), 0);
}

#[test]
fn files_that_are_not_what_they_say_are_told_or_ignored() {
    let mut town = Town::new();
    town.suffer("wrong-bytes");
    let check = town.goes_on();
    assert!(check.tells(&["fault", "/snapshots/0000000003-0505"]), "{:#?}", check.0);
    assert!(check.tells(&["fault", "/packs/0505"]), "{:#?}", check.0);
    assert!(!check.tells(&[".tmp-"]) && !check.tells(&["autorun"]), "{:#?}", check.0);
    assert!(town.forged().is_empty());
}
