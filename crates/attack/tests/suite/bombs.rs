//! What is small in the vault and large in whoever reads it. The owner says how much memory each question took.

use crate::town::Town;

/// Suffers an attack; the snapshot that it forged is restored within bounds, whatever comes out of it. All that was kept
/// stands. Returns the town, and what the owner said of the forged snapshot.
fn survive(attack: &str) -> (Town, crate::town::Said) {
    let mut town = Town::new();
    town.suffer(attack);
    town.goes_on();
    let forged = town.forged();
    assert_eq!(forged.len(), 1, "the attacker signed one snapshot");
    let (said, to) = town.restore(&forged[0]);
    std::process::Command::new("rm").arg("-rf").arg(to).status().unwrap();
    town.ask(&["verify"]);
    assert!(town.ask(&["walk", &forged[0]]).has("stopped false"));
    (town, said)
}

#[test]
fn a_hundred_thousand_folders_in_one_another_take_no_memory() {
    let mut town = Town::new();
    town.suffer("deep-tree");
    assert!(!town.goes_on().tells(&["fault"]), "it is deep, and sound");
    let forged = town.forged().pop().unwrap();
    let (said, to) = town.restore(&forged);
    std::process::Command::new("rm").arg("-rf").arg(to).status().unwrap();
    assert!(said.has("entries 100001") && said.has("faults 0") && said.has("verified 1"), "{:#?}", said.0);
    let said = town.ask(&["walk", &forged]);
    assert!(said.has("entries 100000") && said.has("faults 0"), "{:#?}", said.0);
    let said = town.ask(&["diff", &town.kept[0].1, &forged]);
    assert!(said.number("entries ") >= 100_000 && said.has("faults 0"), "{:#?}", said.0);
}

#[test]
fn what_waits_until_all_is_restored_takes_no_memory() {
    let (_town, said) = survive("fat-folders");
    assert!(said.has("entries 3001") && said.has("faults 0"), "{:#?}", said.0);
}

#[test]
fn a_node_of_too_many_entries_is_refused() {
    let (town, said) = survive("wide-node");
    assert!(said.tells(&["fault", "the tree node is larger than the format allows"]), "{:#?}", said.0);
    assert!(town.ask(&["check"]).tells(&["fault", "/packs/", "larger than the format allows"]));
}

#[test]
fn what_lies_beside_a_long_way_down_takes_no_memory() {
    let (town, said) = survive("fat-path");
    assert!(said.has("entries 9000") && said.has("faults 0"), "{:#?}", said.0);
    assert!(!town.ask(&["check"]).tells(&["fault"]), "it is large, and sound");
    // Compared with honest snapshots of the same machine and of another, each way: what was let go is read again.
    let forged = &town.forged()[0];
    for (_, kept, content) in [&town.kept[0], &town.kept[2]] {
        for [before, after] in [[kept, forged], [forged, kept]] {
            let said = town.ask(&["diff", before, after]);
            let changes = said.number("entries ") - content.len() as u64;
            assert!(
                (8999..=9000).contains(&changes) && said.has("faults 0"),
                "with or without the root: {:#?}",
                said.0
            );
        }
    }
}

#[test]
fn frames_that_inflate_cost_what_they_promise_and_no_more() {
    let (town, said) = survive("frames");
    assert!(said.count("fault") >= 5, "{:#?}", said.0);
    assert!(town.ask(&["check"]).tells(&["fault", "/packs/", "written with blobs that are not what they should be"]));
}

#[test]
fn an_index_that_inflates_is_refused_and_costs_nothing() {
    let (town, said) = survive("index-bomb");
    assert!(said.tells(&["fault", "/indexes/", "the index is larger than the format allows"]), "{:#?}", said.0);
    assert!(town.ask(&["check"]).tells(&["fault", "/indexes/", "the index is larger than the format allows"]));
}

#[test]
fn a_directory_tells_of_no_more_blobs_than_fit_in_its_pack() {
    let (town, said) = survive("directory-bomb");
    assert!(said.tells(&["fault", "/packs/", "the pack directory is larger than the format allows"]), "{:#?}", said.0);
    assert!(town.ask(&["check"]).tells(&["fault", "/packs/", "larger than the format allows"]));
}

#[test]
fn lists_that_lead_everywhere_are_read_once() {
    let (town, said) = survive("list-bomb");
    assert_eq!(said.count("fault"), 200, "the packs that they name are not there");
    assert!(town.ask(&["check"]).tells(&["fault", "/packs/", "it is missing"]));
}

#[test]
fn objects_of_a_gigabyte_are_not_read() {
    let (town, said) = survive("huge-objects");
    assert!(said.tells(&["fault", "/packs/77"]) && said.tells(&["fault", "/indexes/77"]), "{:#?}", said.0);
    let check = town.ask(&["check"]);
    for place in ["/packs/77", "/indexes/77", "/lists/77", "/snapshots/", "/leases/", "owner/"] {
        assert!(check.tells(&["fault", place]), "{place}: {:#?}", check.0);
    }
}

#[test]
fn a_tree_of_more_paths_than_anybody_walks_is_checked_at_once() {
    let mut town = Town::new();
    town.suffer("laughs");
    // Nothing is wrong with it: every node is read once. Who restores it is told how many entries come, and stops.
    assert!(!town.goes_on().tells(&["fault"]));
    assert_eq!(town.forged().len(), 1);
}
