//! Disks that are full, or read-only.

use std::fs;
use std::path::Path;

use super::desk::{Desk, Mount, noise};

#[test]
fn a_full_vault_is_told_and_gone_on_with() {
    let desk = Desk::unfounded(&std::env::temp_dir());
    let mounted = Mount::new(desk.path("vault"), "48m");
    desk.found();
    plant(&desk.path("source"), 1, 10);
    desk.backup().succeeded();
    let first = desk.path("first");
    fs::rename(desk.path("source"), &first).unwrap();
    plant(&desk.path("source"), 2, 60);
    for _ in 0..2 {
        desk.backup().failed_with("err-no-space");
        assert_eq!(desk.snapshots().len(), 1);
        assert_eq!(desk.stored_bytes().1, 0, "a failed write stays behind");
        desk.assert_restores("latest", &first);
        desk.assert_sound();
    }
    mounted.remount("128m", false);
    let done = desk.backup().succeeded();
    assert!(done.figure("adopted_packs") > 0, "what fitted is not sent again");
    desk.assert_restores("latest", &desk.path("source"));
    desk.assert_restores(&desk.snapshots()[0], &first);
    desk.assert_sound();
}

#[test]
fn a_read_only_vault_is_told() {
    let desk = Desk::unfounded(&std::env::temp_dir());
    let mounted = Mount::new(desk.path("vault"), "48m");
    desk.found();
    plant(&desk.path("source"), 1, 4);
    desk.backup().succeeded();
    mounted.remount("48m", true);
    desk.backup().failed_with("err-read-only");
    desk.assert_restores("latest", &desk.path("source"));
}

#[test]
fn a_full_target_is_told_and_gone_on_with() {
    let desk = Desk::new(&std::env::temp_dir());
    let mounted = Mount::new(desk.path("back"), "16m");
    plant(&desk.path("source"), 1, 40);
    desk.backup().succeeded();
    let back = desk.path("back");
    let words = ["restore", "latest", "--to", back.to_str().unwrap()];
    desk.run(&words).failed_with("err-target-full");
    assert_no_torn_file(&desk.path("source"), &back);
    mounted.remount("64m", false);
    desk.run(&words).succeeded();
    super::desk::assert_same(&desk.path("source"), &back);
}

#[test]
fn a_full_state_never_makes_a_wrong_snapshot() {
    let mut made = 0;
    // From too small for the keys to large enough.
    for kilobytes in [0, 4, 16, 64, 256, 1024] {
        let desk = Desk::unfounded(&std::env::temp_dir());
        let mounted = Mount::new(desk.path("state"), "16m");
        desk.found();
        plant(&desk.path("source"), 1, 4);
        desk.backup().succeeded();
        let first = desk.path("first");
        fs::rename(desk.path("source"), &first).unwrap();
        plant(&desk.path("source"), 2, 4);
        leave_room(&desk.path("state"), kilobytes << 10);
        let done = desk.backup();
        let snapshots = desk.snapshots();
        made += snapshots.len() - 1;
        if done.code == Some(0) {
            assert_eq!(snapshots.len(), 2, "{kilobytes} KiB left: {}", done.words);
        } else {
            done.failed_with("err-system-full");
        }
        desk.assert_restores(&snapshots[0], &first);
        if let Some(second) = snapshots.get(1) {
            desk.assert_restores(second, &desk.path("source"));
        }
        desk.assert_sound();
        fs::remove_file(desk.path("state/ballast")).unwrap();
        desk.backup().succeeded();
        desk.assert_restores("latest", &desk.path("source"));
        drop(mounted);
    }
    assert!((1..6).contains(&made), "{made} of six: the sizes try nothing");
}

/// Fills a file system but for so many bytes.
fn leave_room(folder: &Path, bytes: u64) {
    let free = rustix::fs::statvfs(folder).unwrap();
    let ballast = (free.f_bavail * free.f_frsize).saturating_sub(bytes);
    fs::write(folder.join("ballast"), vec![1; ballast as usize]).unwrap();
}

/// Makes files of a megabyte each, and as many small ones.
fn plant(folder: &Path, seed: u64, megabytes: u64) {
    fs::create_dir_all(folder.join("letters")).unwrap();
    for at in 0..megabytes {
        fs::write(folder.join(format!("plan {at}")), noise((seed << 20) | at, 1 << 20)).unwrap();
        for letter in 0..25 {
            let number = at * 25 + letter;
            let bytes = noise((seed << 20) | (1 << 19) | number, 500);
            fs::write(folder.join(format!("letters/letter {number}")), bytes).unwrap();
        }
    }
}

/// Asserts that each file that is there has all its bytes.
fn assert_no_torn_file(truth: &Path, back: &Path) {
    let files = super::desk::files_below(back);
    assert!(!files.is_empty(), "something fitted");
    for file in files {
        let name = file.strip_prefix(back).unwrap();
        assert!(fs::read(&file).unwrap() == fs::read(truth.join(name)).unwrap(), "{} is torn", name.display());
    }
}
