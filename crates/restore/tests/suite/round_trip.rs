//! Keep, change, restore, compare.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use restore::target::Overwrite;

use crate::town::{Town, assert_same, noise};

pub fn make_tree(source: &Path) {
    for n in 0..300u64 {
        let folder = source.join(format!("service {}", n % 7));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{n}.dat")), noise(n, (n * n % 9000) as usize)).unwrap();
    }
    fs::write(source.join("large"), noise(7, 3_000_000)).unwrap();
    fs::write(source.join("text"), "la mairie\n".repeat(100_000)).unwrap();
    let sparse = fs::File::create(source.join("sparse")).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&sparse, b"middle", 5 << 30).unwrap();
    sparse.set_len(100 << 30).unwrap();
    fs::hard_link(source.join("large"), source.join("service 1/also large")).unwrap();
    fs::hard_link(source.join("service 2/2.dat"), source.join("service 3/linked.dat")).unwrap();
    std::os::unix::fs::symlink("../text", source.join("service 4/link")).unwrap();
    fs::set_permissions(source.join("service 5"), fs::Permissions::from_mode(0o1711)).unwrap();
    fs::set_permissions(source.join("text"), fs::Permissions::from_mode(0o4755)).unwrap();
}

#[test]
fn a_tree_is_the_same_after_it_was_restored() {
    let town = Town::new();
    make_tree(&town.path("source"));
    town.backup();
    let (outcome, notes) = town.restore("", "back", Overwrite::Never);
    assert_eq!((outcome.faults, outcome.warnings, outcome.kept), (0, 0, 0), "{:?}", notes.faults.lock().unwrap());
    assert!(outcome.verified >= 300);
    assert_same(&town.path("source"), &town.path("back"));
}

#[test]
fn a_restore_goes_on_where_it_stopped_and_mends_what_it_may() {
    let town = Town::new();
    make_tree(&town.path("source"));
    town.backup();
    town.restore("", "back", Overwrite::Never);
    fs::remove_file(town.path("back/service 1/1.dat")).unwrap();
    fs::remove_dir_all(town.path("back/service 6")).unwrap();
    let (outcome, _) = town.restore("", "back", Overwrite::Never);
    assert_eq!(outcome.faults, 0);
    assert!(outcome.kept > 200, "{outcome:?}");
    assert_same(&town.path("source"), &town.path("back"));
    fs::write(town.path("back/service 2/9.dat"), b"changed since").unwrap();
    let (outcome, _) = town.restore("", "back", Overwrite::Always);
    assert_eq!((outcome.faults, outcome.kept), (0, 0));
    assert_same(&town.path("source"), &town.path("back"));
}

#[test]
fn parts_restore_alone() {
    let town = Town::new();
    make_tree(&town.path("source"));
    town.backup();
    // Its hard link's first member lies outside.
    town.restore("service 3", "part", Overwrite::Never);
    assert_eq!(
        fs::read(town.path("part/linked.dat")).unwrap(),
        fs::read(town.path("source/service 3/linked.dat")).unwrap()
    );
    town.restore("service 1/also large", "file", Overwrite::Never);
    assert_eq!(fs::read(town.path("file/also large")).unwrap(), noise(7, 3_000_000));
}
