//! `mount`: who may look, how much memory it takes, and what happens around it.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

use rustix::fs::statvfs;

use crate::mounting::Shown;
use crate::rig::{Rig, noise, same};

/// Somebody who has no rights of his own.
const NOBODY: u32 = 65_534;

/// Reads as nobody; tells whether that worked.
fn nobody_reads(path: &Path) -> bool {
    let mut command = Command::new("setpriv");
    command.args(["--reuid", &NOBODY.to_string(), "--regid", &NOBODY.to_string(), "--clear-groups", "cat"]);
    let ran = command.arg(path).output().unwrap();
    assert!([Some(0), Some(1)].contains(&ran.status.code()), "{}", String::from_utf8_lossy(&ran.stderr));
    ran.status.success()
}

#[test]
fn others_look_only_if_they_may_and_only_at_what_they_may() {
    let rig = Rig::new();
    for (name, mode) in [("public.txt", 0o644), ("secret.txt", 0o600), ("listed.txt", 0o040)] {
        rig.write(name, "x\n");
        fs::set_permissions(rig.path("source").join(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    let root = rig.path(".");
    for folder in [root.as_path(), &rig.path("source")] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
    // The mode gives the list's mask to groups, not to nobody.
    let ran = Command::new("setfacl").args(["-m", "u:65534:r,g::-", "source/listed.txt"]).current_dir(&root).status();
    assert!(ran.expect("apt-get install acl").success());
    rig.backup();
    let shown = Shown::new(&rig, &[]);
    assert!(!nobody_reads(&shown.path("source/latest/public.txt")));
    assert_eq!(shown.finish().0.code(), Some(0));

    let shown = Shown::new(&rig, &["--allow-other"]);
    let reads =
        ["public.txt", "secret.txt", "listed.txt"].map(|name| nobody_reads(&shown.path("source/latest").join(name)));
    assert_eq!(reads, [true, false, true]);
    assert!(fs::read(shown.path("source/latest/secret.txt")).is_ok(), "root reads all");
    assert_eq!(shown.finish().0.code(), Some(0));
}

#[test]
fn many_readers_need_no_more_memory_than_they_were_given() {
    let rig = Rig::new();
    let content = noise(8, 150_000_000);
    rig.write("film.mp4", &content);
    rig.backup();
    rig.run(["mount", "shown", "--cache-mib", "15"]).ends(2);
    let shown = Shown::new(&rig, &["--cache-mib", "16"]);
    let path = shown.path("source/latest/film.mp4");
    std::thread::scope(|scope| {
        for seed in 0..64 {
            let (path, content) = (&path, &content);
            scope.spawn(move || {
                let file = File::open(path).unwrap();
                for place in noise(seed + 1, 20 * 8).chunks_exact(8) {
                    let offset = u64::from_le_bytes(place.try_into().unwrap()) as usize % (content.len() - 4096);
                    let mut read = [0; 4096];
                    file.read_exact_at(&mut read, offset as u64).unwrap();
                    assert!(read[..] == content[offset..offset + 4096]);
                }
            });
        }
    });
    let peak_bytes = shown.peak_bytes();
    assert!(peak_bytes <= 80 << 20, "{peak_bytes}");
    assert_eq!(shown.finish().0.code(), Some(0));
}

#[test]
fn a_vault_that_went_away_is_read_again_when_it_is_back() {
    let rig = Rig::new();
    rig.write("a.txt", "un\n");
    rig.write("sub/b.bin", noise(4, 3_000_000));
    rig.backup();
    let copied = Command::new("cp").args(["-a", "vault", "carried"]).current_dir(rig.path(".")).status().unwrap();
    assert!(copied.success());
    let shown = Shown::new(&rig, &[]);
    let latest = shown.path("source/latest");
    assert_eq!(fs::read_to_string(latest.join("a.txt")).unwrap(), "un\n");
    fs::remove_dir_all(rig.path("vault")).unwrap();
    assert_eq!(fs::read(latest.join("sub/b.bin")).unwrap_err().raw_os_error(), Some(5));
    assert_eq!(fs::read_to_string(latest.join("a.txt")).unwrap(), "un\n", "what is at hand stays");
    fs::rename(rig.path("carried"), rig.path("vault")).unwrap();
    assert!(same(&rig.path("source"), &latest));
    let (status, told) = shown.finish();
    assert_eq!(status.code(), Some(5));
    assert!(told.iter().any(|event| event["event"] == "fault"), "{told:?}");
}

#[test]
fn odd_names_and_absent_ones_are_what_they_are_and_the_size_is_told() {
    let rig = Rig::new();
    let long = "é".repeat(127) + "x";
    rig.write(&long, noise(3, 100_000));
    rig.write("deux\nlignes", "2\n");
    rig.backup();
    // A folder in the vault would hide what others look for there.
    fs::create_dir(rig.path("vault/ici")).unwrap();
    rig.run(["mount", "vault/ici"]).ends(2).says("is in the vault itself");
    fs::remove_dir(rig.path("vault/ici")).unwrap();

    let shown = Shown::new(&rig, &[]);
    let latest = shown.path("source/latest");
    assert!(same(&rig.path("source"), &latest));
    for _ in 0..2 {
        for absent in ["desktop.ini", &("é".repeat(126) + "x"), "deux"] {
            let found = fs::symlink_metadata(latest.join(absent)).map(drop);
            assert_eq!(found.unwrap_err().kind(), std::io::ErrorKind::NotFound, "{absent}");
        }
    }
    let size = statvfs(&shown.at).unwrap();
    assert_eq!((size.f_blocks * size.f_frsize, size.f_bavail, size.f_namemax), (102_400, 0, 255));
    assert!(size.f_files >= 2);
    assert_eq!(shown.finish().0.code(), Some(0));
}
