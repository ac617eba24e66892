//! What only root can set up; the rights of others.

use std::os::unix::fs::PermissionsExt;

use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use rustix::thread::{Uid, set_thread_res_uid};

use super::*;

#[test]
fn every_kind_of_file_is_told_as_what_it_is() {
    assert!(is_root(), "only root may make device nodes: run the tests as root");
    let place = tree(&["file"]);
    let node = |name: &str, kind, device| {
        let path = place.path().join(name);
        mknodat(CWD, path, kind, Mode::RUSR, device).unwrap();
    };
    node("fifo", FileType::Fifo, 0);
    node("socket", FileType::Socket, 0);
    node("character", FileType::CharacterDevice, makedev(1, 3));
    node("block", FileType::BlockDevice, makedev(7, 300));
    let roots = RootPaths::resolve(&[place.path().to_owned()]).unwrap();
    let walk = Walk::open(&roots, WalkOptions::everything("/tmp".into())).unwrap();
    let mut told = Vec::new();
    for event in walk {
        if let Event::Item(item) = event {
            assert_eq!(item.attributes().unwrap(), Vec::new());
            let name = String::from_utf8(item.name).unwrap();
            told.push((name, item.stat.kind, item.stat.device_numbers));
        }
    }
    let expected = vec![
        ("block".to_owned(), FileKind::BlockDevice, (7, 300)),
        ("character".to_owned(), FileKind::CharDevice, (1, 3)),
        ("fifo".to_owned(), FileKind::Fifo, (0, 0)),
        ("file".to_owned(), FileKind::File, (0, 0)),
        ("socket".to_owned(), FileKind::Socket, (0, 0)),
    ];
    assert_eq!(told, expected);
}

/// A memory file system, mounted until dropped.
struct Mount(PathBuf);

impl Mount {
    fn new(place: &Path) -> Self {
        assert!(is_root(), "only root may mount: run the tests as root");
        mount("tmpfs", place, "tmpfs", MountFlags::empty(), None).unwrap();
        Self(place.to_owned())
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        unmount(&self.0, UnmountFlags::DETACH).unwrap();
    }
}

#[test]
fn one_file_system_keeps_mount_points_empty() {
    let place = tree(&["a/x", "m/", "z"]);
    let mounted = Mount::new(&place.path().join("m"));
    std::fs::create_dir(mounted.0.join("d")).unwrap();
    std::fs::write(mounted.0.join("d/y"), b"").unwrap();
    let one = |options: &mut WalkOptions| options.one_file_system = true;
    let expected = ["/", "a/", "a/x", "m/ OtherFileSystem", "z"];
    assert_eq!(outline(place.path(), one), expected);
    let all = ["/", "a/", "a/x", "m/", "m/d/", "m/d/y", "z"];
    assert_eq!(outline(place.path(), |_| {}), all);
    // Given as well, it is wanted, though the other path covers it.
    let both = [place.path().to_owned(), mounted.0.clone()];
    assert_eq!(outline_of(&both, one), all);
}

#[test]
fn what_one_may_not_read_is_told_and_the_rest_is_kept() {
    let place = tree(&["closed/x", "open/y", "secret"]);
    for (name, mode) in [("", 0o755), ("closed", 0o700), ("open", 0o755), ("secret", 0o600)] {
        let path = place.path().join(name);
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    }
    let path = place.path().to_owned();
    // On Linux each thread has its own rights.
    let reading = std::thread::spawn(move || {
        let nobody = Uid::from_raw(65_534);
        if is_root() {
            set_thread_res_uid(nobody, nobody, nobody).unwrap();
        } else {
            let closed = PermissionsExt::from_mode(0o000);
            std::fs::set_permissions(path.join("closed"), Clone::clone(&closed)).unwrap();
            std::fs::set_permissions(path.join("secret"), closed).unwrap();
        }
        let told = outline(&path, |_| {});
        (told, handle(&path).open_file(b"secret").map(drop))
    });
    let (told, opened) = reading.join().unwrap();
    let denied = "!permission denied on closed";
    assert_eq!(told, ["/", "closed/", denied, "open/", "open/y", "secret"]);
    assert!(matches!(opened, Err(SourceError::Denied { .. })));
    let restored = PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(place.path().join("closed"), restored).unwrap();
}
