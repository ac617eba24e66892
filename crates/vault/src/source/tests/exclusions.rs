//! What is left out.

use super::*;

fn excluding(patterns: &[&str]) -> Exclusions {
    let builder = patterns.iter().try_fold(Exclusions::builder(), |builder, text| builder.pattern(text));
    builder.unwrap().build().unwrap()
}

#[test]
fn patterns_are_relative_to_the_root() {
    let place = tree(&["a/keep.tmp", "a/x.tmp", "a/target/o", "b/target", "target/a", "x.tmp", "y"]);
    let exclusions = excluding(&["*.tmp", "!keep.tmp", "target/", "/y"]);
    let expected = ["/", "a/", "a/keep.tmp", "b/", "b/target"];
    assert_eq!(outline(place.path(), |options| options.exclusions = exclusions), expected);
}

#[test]
fn patterns_may_hold_several_levels() {
    let place = tree(&["a/b/c", "a/b/d/c", "b/c", "a/e/c"]);
    let exclusions = excluding(&["a/b/*", "!a/b/d/"]);
    let expected = ["/", "a/", "a/b/", "a/b/d/", "a/b/d/c", "a/e/", "a/e/c", "b/", "b/c"];
    assert_eq!(outline(place.path(), |options| options.exclusions = exclusions), expected);
}

#[test]
fn patterns_come_from_files() {
    let place = tree(&["a.o", "b.c", "patterns"]);
    std::fs::write(place.path().join("patterns"), "# objects\n\n*.o\n/patterns\n").unwrap();
    let builder = Exclusions::builder().file(&place.path().join("patterns"));
    let exclusions = builder.unwrap().build().unwrap();
    let told = outline(place.path(), |options| options.exclusions = exclusions);
    assert_eq!(told, ["/", "b.c"]);
}

#[test]
fn a_given_path_is_kept_though_a_pattern_says_otherwise() {
    let place = tree(&["a.tmp/x", "a.tmp/y.tmp"]);
    let roots = [place.path().join("a.tmp"), PathBuf::from("/dev/null")];
    let exclusions = excluding(&["*.tmp", "/dev"]);
    let told = outline_of(&roots, |options| options.exclusions = exclusions);
    assert!(told.iter().any(|line| line == "dev/null"));
    assert!(told.iter().any(|line| line.ends_with("/a.tmp/x")));
    assert!(!told.iter().any(|line| line.ends_with("y.tmp")));
}

#[test]
fn a_cache_keeps_only_its_tag() {
    let place = tree(&["c/CACHEDIR.TAG", "c/x", "c/d/y", "e/CACHEDIR.TAG", "e/z"]);
    let signature = [&CACHE_SIGNATURE[..], b"\n# made by hand\n"].concat();
    std::fs::write(place.path().join("c/CACHEDIR.TAG"), &signature).unwrap();
    let rest = ["e/", "e/CACHEDIR.TAG", "e/z"];
    let told = outline(place.path(), |options| options.skip_caches = true);
    assert_eq!(told, [&["/", "c/ Cache", "c/CACHEDIR.TAG"], &rest[..]].concat());
    let all = ["/", "c/", "c/CACHEDIR.TAG", "c/d/", "c/d/y", "c/x"];
    assert_eq!(outline(place.path(), |_| {}), [&all, &rest[..]].concat());
    // Whoever gives the cache itself wants it.
    let given = outline(&place.path().join("c"), |options| options.skip_caches = true);
    assert_eq!(given, ["/", "CACHEDIR.TAG", "d/", "d/y", "x"]);
}

#[test]
fn large_files_are_told_as_such() {
    let place = tree(&["12345", "1234567"]);
    let told = outline(place.path(), |options| options.file_bytes_max = Some(5));
    assert_eq!(told, ["/", "12345", "1234567 too large"]);
}

#[test]
fn the_vault_is_never_entered() {
    let place = tree(&["a/vault/packs/x", "b"]);
    let vault = handle(&place.path().join("a/vault")).identity();
    let change = |options: &mut WalkOptions| options.never_enter = [vault].into();
    assert_eq!(outline(place.path(), change), ["/", "a/", "a/vault/ NeverEnter", "b"]);
}

#[test]
fn what_the_kernel_invents_is_not_entered() {
    let roots = [PathBuf::from("/proc/self"), PathBuf::from("/")];
    let roots = RootPaths::resolve(&roots[1..]).unwrap();
    let mut options = WalkOptions::everything("/tmp".into());
    options.exclusions = excluding(&["/*", "!/proc", "!/sys"]);
    let told = lines(Walk::open(&roots, options).unwrap());
    assert_eq!(told, ["/", "proc/ KernelFileSystem", "sys/ KernelFileSystem"]);
}
