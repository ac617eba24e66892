//! Each difference is seen, and nothing else.
#![expect(clippy::disallowed_methods, reason = "tests make the trees that they compare")]

use super::*;

/// Makes the same tree twice, changes the second with a shell script, and compares; times are those of 2001.
fn check(change: &str, expected: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        "mkdir a; cd a; mkdir d; echo one > f; ln f d/g; ln -s f l; mkfifo p; mknod n c 1 3
        head -c 300000 /dev/zero > z; setfattr -n user.x -v 1 f; echo two > h; ln h d/h
        cd ..; cp -a a b; cd b; {change}
        cd ..; find a b -exec touch -h -d '2001-01-01 UTC' {{}} +"
    );
    let shell = std::process::Command::new("sh").args(["-ec", &script]).current_dir(folder.path()).status();
    assert!(shell.unwrap().success(), "{script}");
    let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
    let found = compare_trees(&a, &b, &CompareOptions::default()).unwrap();
    let shown: Vec<String> = found.differences.iter().map(|d| d.to_string()).collect();
    assert_eq!(shown, expected, "{change}");
    assert_eq!(found.differences_total, expected.len() as u64);
}

#[test]
fn equal_trees_have_no_difference() {
    check(":", &[]);
}

#[test]
fn each_difference_is_found() {
    check("echo ONE > f", &["d/g: content, at or soon after byte 0", "f: content, at or soon after byte 0"]);
    check("printf x | dd of=z bs=1 seek=299999 conv=notrunc 2>&1", &["z: content, at or soon after byte 262144"]);
    check("truncate -s 300001 z", &["z: size 300000, 300001"]);
    check("chmod 4644 z", &["z: mode 0644, 4644"]);
    check("chown 5:6 z; chmod 644 z", &["z: owner 0:0, 5:6"]);
    check("chown -h 5:6 l", &["l: owner 0:0, 5:6"]);
    check("setfattr -n user.x -v 2 f", &["d/g: attribute user.x", "f: attribute user.x"]);
    check("setfattr -n user.y -v 2 d", &["d: attribute user.y"]);
    check("setfacl -m u:5:r z", &["z: attribute system.posix_acl_access"]);
    check("setfattr -h -n trusted.t l", &["l: attribute trusted.t"]);
    check("ln -sf other l", &["l: link target"]);
    check("rm n; mknod n c 1 5", &["n: device 1:3, 1:5"]);
    check("rm p; mkdir p; chmod 644 p", &["p: type Fifo, Directory"]);
    check("rm p", &["p: only on the first side"]);
    check("mkdir -p new/below", &["new: only on the second side"]);
    check("rm d/g; cp -a f d/g", &["f: hard links"]);
    check(
        "rm h d/h; ln f h; ln f d/h; echo two > f; setfattr -x user.x f; echo one > ../a/f; rm ../a/f ../a/d/g; cp -a f ../a/f; ln ../a/f ../a/d/g",
        &["d/h: hard links", "h: hard links"],
    );
    check("chmod 0711 .", &[".: mode 0755, 0711"]);
}

#[test]
fn times_are_compared_to_the_nanosecond() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
    for (path, time) in [(&a, "1.000000001"), (&b, "1.000000002")] {
        std::fs::create_dir(path).unwrap();
        let touch = std::process::Command::new("touch").arg("-d").arg(format!("@{time}")).arg(path).status();
        assert!(touch.unwrap().success());
    }
    let found = compare_trees(&a, &b, &CompareOptions::default()).unwrap();
    let shown: Vec<String> = found.differences.iter().map(|d| d.to_string()).collect();
    assert_eq!(shown, [".: mtime 1.000000001, 1.000000002"]);
    let without_root = CompareOptions { root_attributes: false, ..CompareOptions::default() };
    assert!(compare_trees(&a, &b, &without_root).unwrap().is_same());
}

#[test]
fn the_list_is_bounded_and_the_count_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
    std::fs::create_dir(&a).unwrap();
    std::fs::create_dir(&b).unwrap();
    for number in 0..50 {
        std::fs::write(a.join(number.to_string()), "").unwrap();
    }
    let options = CompareOptions { differences_max: 7, root_attributes: false, owners: true, directory_times: true };
    let found = compare_trees(&a, &b, &options).unwrap();
    assert_eq!((found.differences.len(), found.differences_total), (7, 50));
}

#[test]
fn a_missing_root_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let found = compare_trees(folder.path(), &folder.path().join("no"), &CompareOptions::default());
    assert!(matches!(found, Err(CompareError::Root { .. })));
}
