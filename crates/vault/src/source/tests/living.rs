//! Trees that change while they are walked.

use std::fs::rename;

use super::*;

fn walk(place: &Path, open_directories_max: usize) -> Walk {
    let roots = RootPaths::resolve(&[place.to_owned()]).unwrap();
    let mut options = WalkOptions::everything("/tmp".into());
    options.open_directories_max = open_directories_max;
    Walk::open(&roots, options).unwrap()
}

/// Takes events up to the given directory's beginning.
fn advance(walk: &mut Walk, path: &[u8]) {
    let entered =
        walk.any(|event| matches!(event, Event::Enter(directory) if directory.handle.path().to_path().0 == path));
    assert!(entered, "never entered");
}

fn rest(walk: Walk) -> Vec<String> {
    let mut told = Vec::new();
    for event in walk {
        match event {
            Event::Enter(directory) => told.push(directory_line(&directory)),
            Event::Item(item) | Event::TooLarge(item) => told.push(item.path().to_string()),
            Event::Leave => told.push("<".into()),
            Event::Unreadable(error) => told.push(format!("!{error}")),
        }
    }
    told
}

#[test]
fn what_vanishes_is_told() {
    let place = tree(&["a/x", "b/y", "c"]);
    let mut walk = walk(place.path(), 64);
    advance(&mut walk, b"");
    std::fs::remove_dir_all(place.path().join("b")).unwrap();
    std::fs::remove_file(place.path().join("c")).unwrap();
    let vanished = "disappeared during the backup";
    let expected = ["a/", "a/x", "<", &format!("!b {vanished}"), &format!("!c {vanished}"), "<"];
    assert_eq!(rest(walk), expected);
}

#[test]
fn a_directory_that_vanishes_under_the_walk_ends() {
    let place = tree(&["a/1", "a/b/2", "a/c/3", "d"]);
    let mut walk = walk(place.path(), 64);
    advance(&mut walk, b"a/b");
    std::fs::remove_dir_all(place.path().join("a")).unwrap();
    let vanished = "disappeared during the backup";
    let expected = [&format!("!a/b/2 {vanished}"), "<", &format!("!a/c {vanished}"), "<", "d", "<"];
    assert_eq!(rest(walk), expected);
}

#[test]
fn a_file_that_becomes_a_directory_is_told_as_changed() {
    let place = tree(&["a/", "b"]);
    let mut walk = walk(place.path(), 64);
    advance(&mut walk, b"a");
    std::fs::remove_file(place.path().join("b")).unwrap();
    std::fs::create_dir(place.path().join("b")).unwrap();
    let expected = ["<", "!b became another file during the backup", "<"];
    assert_eq!(rest(walk), expected);
}

#[test]
fn a_directory_that_becomes_a_link_is_not_followed() {
    let place = tree(&["a/", "b/x", "secret/y"]);
    let mut walk = walk(place.path(), 64);
    advance(&mut walk, b"a");
    std::fs::remove_dir_all(place.path().join("b")).unwrap();
    std::os::unix::fs::symlink("secret", place.path().join("b")).unwrap();
    let expected = ["<", "!b became another file during the backup", "secret/", "secret/y", "<", "<"];
    assert_eq!(rest(walk), expected);
}

#[test]
fn a_directory_moved_away_is_found_again_from_the_root() {
    let place = tree(&["1/2/3/4/x", "1/2/3/y", "1/2/z", "1/w", "v"]);
    let mut walk = walk(place.path(), 2);
    advance(&mut walk, b"1/2/3/4");
    // Only the way up from here leads elsewhere.
    rename(place.path().join("1/2/3/4"), place.path().join("4")).unwrap();
    let expected = ["1/2/3/4/x", "<", "1/2/3/y", "<", "1/2/z", "<", "1/w", "<", "v", "<"];
    assert_eq!(rest(walk), expected);
}

#[test]
fn what_cannot_be_found_again_is_told_once_and_the_rest_goes_on() {
    let place = tree(&["1/2/3/4/x", "1/2/3/y", "1/2/z", "1/w", "v"]);
    let elsewhere = tempfile::tempdir().unwrap();
    let mut walk = walk(place.path(), 2);
    advance(&mut walk, b"1/2/3/4");
    rename(place.path().join("1/2/3"), place.path().join("1/3")).unwrap();
    rename(place.path().join("1/2"), elsewhere.path().join("2")).unwrap();
    std::fs::create_dir(place.path().join("1/2")).unwrap();
    let expected = ["1/2/3/4/x", "<", "1/2/3/y", "<", "!1/2 was moved during the backup", "<", "1/w", "<", "v", "<"];
    assert_eq!(rest(walk), expected);
}

#[test]
fn handles_outlive_the_walk() {
    let place = tree(&["a/b/c/d/e/f"]);
    let items: Vec<Item> = walk(place.path(), 2)
        .filter_map(|event| match event {
            Event::Item(item) => Some(item),
            _ => None,
        })
        .collect();
    rename(place.path().join("a"), place.path().join("z")).unwrap();
    let mut reader = FileReader::open(&items[0]).unwrap();
    let read = reader.next(&mut [0; 100]).unwrap().map(|extent| format!("{extent:?}"));
    assert_eq!(read, Some(format!("{:?}", Extent::Data(b"a/b/c/d/e/f"))));
}
