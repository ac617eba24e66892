//! Everything odd that a file system can hold, kept and given back. Needs root, and the packages that `ci` installs.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use restore::target::Overwrite;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, Timespec, Timestamps, mkdirat, openat, unlinkat, utimensat};

use crate::town::{Town, assert_same, noise};

/// Levels of the tree that no path reaches: 20 bytes each make 60,000, PATH_MAX is 4096.
const LEVELS: usize = 3000;

#[test]
fn a_tree_of_oddities_is_the_same_for_rsync_and_for_us() {
    assert!(rustix::process::geteuid().is_root(), "devices, owners and capabilities need root: run the tests as root");
    let town = Town::new();
    let source = town.path("source");
    names(&source);
    kinds(&source);
    attributes(&source);
    times(&source);
    fs::create_dir(source.join("many")).unwrap();
    for n in 0..5000 {
        fs::write(source.join(format!("many/{n:06}.eml")), format!("message {n}")).unwrap();
    }
    deep(&source);
    town.backup();
    let (outcome, notes) = town.restore("", "back", Overwrite::Never);
    assert_eq!((outcome.faults, outcome.warnings), (0, 0), "{notes:?}", notes = notes.faults.lock().unwrap());
    assert_same(&source, &town.path("back"));
    let rsync = Command::new("rsync")
        .args(["-aHAXn", "--delete", "--itemize-changes", "--checksum", "--exclude=/deep"])
        .arg(with_slash(&source))
        .arg(with_slash(&town.path("back")))
        .output()
        .expect("rsync is missing: apt-get install rsync");
    assert!(rsync.status.success() && rsync.stdout.is_empty(), "{}", String::from_utf8_lossy(&rsync.stdout));
    remove_deep(&source.join("deep"));
    remove_deep(&town.path("back/deep"));
}

fn with_slash(path: &Path) -> std::ffi::OsString {
    let mut text = path.as_os_str().to_os_string();
    text.push("/");
    text
}

fn names(source: &Path) {
    let longest = vec![b'x'; 255];
    let names: [&[u8]; 8] =
        [b"\xff\xfe not UTF-8", b"line\nbreak", "délibération".as_bytes(), b" ", b"-rf", b"a*?[", b"\\", &longest];
    for name in names {
        fs::write(source.join(OsStr::from_bytes(name)), name).unwrap();
        let folder = [b"d".as_slice(), &name[..name.len().min(254)]].concat();
        fs::create_dir(source.join(OsStr::from_bytes(&folder))).unwrap();
    }
}

fn kinds(source: &Path) {
    fs::write(source.join("empty"), b"").unwrap();
    let sparse = File::create(source.join("sparse")).unwrap();
    sparse.write_all_at(b"here", 700 << 20).unwrap();
    sparse.set_len(1 << 30).unwrap();
    fs::write(source.join("noise"), noise(5, 2_000_000)).unwrap();
    fs::write(source.join("zeros"), vec![0; 3_000_000]).unwrap();
    symlink("loop-b", source.join("loop-a")).unwrap();
    symlink("loop-a", source.join("loop-b")).unwrap();
    symlink("/nowhere/at all", source.join("dangling")).unwrap();
    symlink("..", source.join("up")).unwrap();
    UnixListener::bind(source.join("socket")).unwrap();
    run("mkfifo", &[&source.join("fifo")]);
    run("mknod", &[&source.join("null"), Path::new("c"), Path::new("1"), Path::new("3")]);
    run("mknod", &[&source.join("disk"), Path::new("b"), Path::new("7"), Path::new("200")]);
    fs::hard_link(source.join("noise"), source.join("again")).unwrap();
    fs::hard_link(source.join("dangling"), source.join("dangling too")).unwrap();
    fs::hard_link(source.join("fifo"), source.join("fifo too")).unwrap();
}

fn attributes(source: &Path) {
    let folder = source.join("attributes");
    fs::create_dir(&folder).unwrap();
    for mode in [0o000, 0o4755, 0o2711, 0o1777, 0o444] {
        let file = folder.join(format!("{mode:o}"));
        fs::write(&file, b"mode").unwrap();
        std::os::unix::fs::chown(&file, Some(12345), Some(54321)).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    }
    let file = folder.join("acl");
    fs::write(&file, b"acl").unwrap();
    run("setfacl", &[Path::new("-m"), Path::new("u:12345:r,g:54321:rw"), &file]);
    run("setfacl", &[Path::new("-d"), Path::new("-m"), Path::new("u:12345:rwx"), &folder]);
    let program = folder.join("program");
    fs::copy("/bin/true", &program).unwrap();
    run("setcap", &[Path::new("cap_net_bind_service=+ep"), &program]);
    for (name, value) in [("user.note", "été"), ("trusted.note", "root's"), ("user.empty", "")] {
        run("setfattr", &["-n", name, "-v", value, file.to_str().unwrap()].map(Path::new));
    }
    std::os::unix::fs::lchown(source.join("dangling"), Some(7), Some(8)).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o2750)).unwrap();
}

fn times(source: &Path) {
    let folder = source.join("times");
    fs::create_dir(&folder).unwrap();
    for (name, seconds) in [("1970", 0), ("1901", -2_147_483_648), ("2100", 4_102_444_800), ("2440", 14_831_769_600)] {
        fs::write(folder.join(name), name).unwrap();
        let time = Timespec { tv_sec: seconds, tv_nsec: 123_456_789 };
        let times = Timestamps { last_access: time, last_modification: time };
        utimensat(CWD, folder.join(name), &times, AtFlags::empty()).unwrap();
        assert_eq!(fs::metadata(folder.join(name)).unwrap().mtime(), seconds, "the disk does not hold {name}");
    }
}

/// A tree deeper than any path reaches.
fn deep(source: &Path) {
    fs::create_dir(source.join("deep")).unwrap();
    let mut folder = open(CWD, source.join("deep").as_os_str().as_bytes());
    for level in 0..LEVELS {
        let name = format!("level {level:014}");
        mkdirat(&folder, name.as_str(), Mode::from_raw_mode(0o755)).unwrap();
        folder = open(&folder, name.as_bytes());
    }
    let flags = OFlags::CREATE | OFlags::WRONLY | OFlags::CLOEXEC;
    let file = openat(&folder, "the bottom", flags, Mode::from_raw_mode(0o600)).unwrap();
    rustix::io::write(&file, b"reached").unwrap();
}

/// Removes it level by level, which `remove_dir_all` would do by recursion.
fn remove_deep(top: &Path) {
    let mut folders = vec![open(CWD, top.as_os_str().as_bytes())];
    for level in 0..LEVELS {
        let next = open(folders.last().unwrap(), format!("level {level:014}").as_bytes());
        folders.push(next);
    }
    unlinkat(folders.last().unwrap(), "the bottom", AtFlags::empty()).unwrap();
    for level in (0..LEVELS).rev() {
        folders.pop();
        unlinkat(folders.last().unwrap(), format!("level {level:014}").as_str(), AtFlags::REMOVEDIR).unwrap();
    }
}

fn open(parent: impl std::os::fd::AsFd, name: &[u8]) -> std::os::fd::OwnedFd {
    openat(parent, name, OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).unwrap()
}

fn run(program: &str, arguments: &[&Path]) {
    let status = Command::new(program).args(arguments).status();
    let status = status.unwrap_or_else(|_| panic!("{program} is missing: apt-get install acl attr libcap2-bin"));
    assert!(status.success(), "{program} {arguments:?}");
}
