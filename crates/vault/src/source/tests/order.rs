//! Order, odd names, many names, several roots.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use super::*;

#[test]
fn entries_come_in_the_order_of_their_bytes() {
    let place = tree(&["b", "a/", "a/z", "a.b", "a-b/x", "B", "é", "c/d/e"]);
    let expected = ["/", "B", "a/", "a/z", "a-b/", "a-b/x", "a.b", "b", "c/", "c/d/", "c/d/e", "é"];
    assert_eq!(outline(place.path(), |_| {}), expected);
}

#[test]
fn names_are_bytes() {
    let place = tempfile::tempdir().unwrap();
    let longest = "n".repeat(255);
    let names: [&[u8]; 5] = [b"\n", b"a\nb", b"\xff\xfe", b" ", longest.as_bytes()];
    for name in names {
        std::fs::write(place.path().join(OsStr::from_bytes(name)), b"").unwrap();
    }
    let roots = RootPaths::resolve(&[place.path().to_owned()]).unwrap();
    let walk = Walk::open(&roots, WalkOptions::everything("/tmp".into())).unwrap();
    let told: BTreeSet<Vec<u8>> = walk
        .filter_map(|event| match event {
            Event::Item(item) => Some(item.path().0),
            _ => None,
        })
        .collect();
    assert_eq!(told, names.map(<[u8]>::to_vec).into());
}

#[test]
fn links_are_told_and_never_followed() {
    let place = tree(&["d/f"]);
    symlink(".", place.path().join("d/loop")).unwrap();
    symlink("..", place.path().join("up")).unwrap();
    symlink("nowhere", place.path().join("dangling")).unwrap();
    let expected = ["/", "d/", "d/f", "d/loop", "dangling", "up"];
    assert_eq!(outline(place.path(), |_| {}), expected);

    let directory = handle(place.path());
    assert_eq!(directory.read_link(b"dangling").unwrap(), b"nowhere");
    let opened = directory.open_file(b"up");
    assert!(matches!(opened, Err(SourceError::Changed { .. })));
}

#[test]
fn a_link_given_as_a_root_is_followed_once() {
    let place = tree(&["real/f"]);
    symlink("real", place.path().join("link")).unwrap();
    assert_eq!(outline(&place.path().join("link"), |_| {}), ["/", "f"]);
}

#[test]
fn names_beyond_the_bound_come_in_order_too() {
    let place = tempfile::tempdir().unwrap();
    let mut expected = vec!["/".to_owned()];
    for number in 0..5000 {
        let name = format!("{:08x}", (number as u32).wrapping_mul(2_654_435_761));
        std::fs::write(place.path().join(&name), b"").unwrap();
        expected.push(name);
    }
    expected.sort();
    // 4 KiB hold 64 names: 78 runs.
    assert_eq!(outline(place.path(), |options| options.names_bytes_max = 0), expected);
    assert_eq!(outline(place.path(), |_| {}), expected);
}

#[test]
fn names_of_directories_above_are_put_aside_and_come_back() {
    let place = tempfile::tempdir().unwrap();
    let mut paths = vec!["/".to_owned()];
    for outer in 0..20 {
        for middle in 0..20 {
            let above = format!("outer-directory-{outer:02}/middle-directory-{middle:02}");
            std::fs::create_dir_all(place.path().join(&above)).unwrap();
            paths.push(format!("{above}/"));
            for inner in 0..20 {
                let path = format!("{above}/inner-file-{inner:02}");
                std::fs::write(place.path().join(&path), b"").unwrap();
                paths.push(path);
            }
        }
        paths.push(format!("outer-directory-{outer:02}/"));
    }
    paths.sort();
    assert_eq!(outline(place.path(), |options| options.names_bytes_max = 0), paths);
}

#[test]
fn several_roots_hang_from_a_made_up_one() {
    let place = tree(&["a/x", "a/y", "b/c/z", "b/other", "f"]);
    let base = place.path().to_owned();
    let roots = ["f", "b/c", "a", "a/x", "a"].map(|path| base.join(path));
    let prefix = base.to_str().unwrap().trim_start_matches('/').to_owned();
    let told: Vec<String> = outline_of(&roots, |_| {})
        .into_iter()
        .filter_map(|line| Some(line.strip_prefix(&prefix)?.to_owned()))
        .collect();
    let expected = ["/", "/a/", "/a/x", "/a/y", "/b/", "/b/c/", "/b/c/z", "/f"];
    assert_eq!(told, expected);
}

#[test]
fn the_shape_of_the_root_follows_the_paths() {
    let place = tree(&["a/x", "b"]);
    let resolve = |paths: &[&str]| {
        let paths: Vec<PathBuf> = paths.iter().map(|path| place.path().join(path)).collect();
        RootPaths::resolve(&paths)
    };
    assert!(!resolve(&["a"]).unwrap().made_up());
    assert!(!resolve(&["a", "a/x", "a/../a/"]).unwrap().made_up());
    assert!(!resolve(&["a", "/"]).unwrap().made_up());
    assert!(resolve(&["a", "b"]).unwrap().made_up());
    assert!(resolve(&["a/x"]).unwrap().made_up());
    assert_eq!(outline(&place.path().join("a/x"), |_| {}), ["/", "x"]);

    assert!(matches!(resolve(&[]), Err(SourceError::NoRoots)));
    assert!(matches!(resolve(&["a", "gone"]), Err(SourceError::MissingRoot { .. })));
    assert!(matches!(resolve(&["b/x"]), Err(SourceError::MissingRoot { .. })));
    let relative = RootPaths::resolve(&[PathBuf::from("a")]);
    assert!(matches!(relative, Err(SourceError::RelativeRoot { .. })));
}

#[test]
fn a_root_that_goes_missing_is_an_error() {
    let place = tree(&["a/x"]);
    let roots = RootPaths::resolve(&[place.path().join("a")]).unwrap();
    std::fs::remove_dir_all(place.path().join("a")).unwrap();
    let opened = Walk::open(&roots, WalkOptions::everything("/tmp".into()));
    assert!(matches!(opened, Err(SourceError::MissingRoot { .. })));
}

#[test]
fn reading_ahead_tells_the_same() {
    let place = tempfile::tempdir().unwrap();
    for number in 0..3000 {
        let directory = place.path().join(format!("{}/{}", number % 7, number % 61));
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join(number.to_string()), b"").unwrap();
    }
    let roots = RootPaths::resolve(&[place.path().to_owned()]).unwrap();
    let walk = || Walk::open(&roots, WalkOptions::everything("/tmp".into())).unwrap();
    let told = lines(ReadAhead::start(walk()).unwrap());
    assert_eq!(told.len(), 1 + 7 + 7 * 61 + 3000);
    assert_eq!(told, lines(walk()));
    // Dropped in the middle, it ends.
    assert_eq!(ReadAhead::start(walk()).unwrap().take(10).count(), 10);
}
