//! What the attacker reads.

use crate::town::Town;

#[test]
fn with_all_that_a_disk_yields_nothing_sealed_opens() {
    let mut town = Town::new();
    let said = town.suffer("open-everything");
    assert_eq!(said.number("opened "), 0);
    assert!(said.number("tried ") > 1000, "{:?}", said.0);
    // What he does read: the directories of his own strand's packs, and of no other's.
    assert!(said.number("directories ") >= 3 && said.number("closed-directories ") >= 1, "{:?}", said.0);
    assert_eq!(said.number("indexes "), 0);
    assert!(!town.goes_on().tells(&["fault"]), "to read leaves no trace");
}
