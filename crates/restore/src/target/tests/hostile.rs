//! Trees that lie and disks that others write on: nothing outside may change.

use std::os::unix::fs::symlink as plant;

use super::*;

/// A target beside a folder `outside` with a file in it, and what that looked like before.
struct Scene {
    folder: TempDir,
    before: Vec<String>,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        shell(
            folder.path(),
            "mkdir outside back; echo precious > outside/file; touch -d '2001-01-01' outside/file outside",
        );
        let before = outside(folder.path());
        Self { folder, before }
    }

    fn target(&self, overwrite: Overwrite) -> Target {
        Target::open(&self.back(), overwrite).unwrap()
    }

    fn back(&self) -> std::path::PathBuf {
        self.folder.path().join("back")
    }

    fn assert_outside_unchanged(&self) {
        assert_eq!(outside(self.folder.path()), self.before);
    }
}

fn outside(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder.join("outside")).unwrap();
    let mut seen: Vec<String> = names.map(|n| format!("{:?}", n.unwrap().path())).collect();
    seen.sort();
    for path in ["outside", "outside/file"] {
        let entry = entry_of(&folder.join(path));
        let links = std::fs::metadata(folder.join(path)).unwrap().nlink();
        seen.push(format!("{entry:?} {links}"));
    }
    seen.push(std::fs::read_to_string(folder.join("outside/file")).unwrap());
    seen
}

#[test]
fn unsafe_names_are_refused_by_every_call() {
    let scene = Scene::new();
    let target = scene.target(Overwrite::Always);
    let root = DirectoryId::ROOT;
    let absolute = scene.folder.path().join("outside/new");
    let too_long = vec![b'x'; 256];
    for name in
        [&b""[..], b".", b"..", b"../outside/new", b"a/b", b"/", b"a\0b", absolute.as_os_str().as_bytes(), &too_long]
    {
        let unsafe_name = |result: Result<(), TargetError>| {
            assert!(matches!(result, Err(TargetError::UnsafeName { .. })), "{name:?}: {result:?}");
        };
        let fifo = Entry { kind: EntryKind::Fifo, ..file(name) };
        unsafe_name(target.add_directory(root, name).map(drop));
        unsafe_name(target.create_file(root, &file(name)).map(drop));
        unsafe_name(target.write_whole(root, &file(name), b"evil").map(drop));
        unsafe_name(target.make_special(root, &fifo).map(drop));
        unsafe_name(target.link((root, name), (root, b"good")).map(drop));
        unsafe_name(target.link((root, b"good"), (root, name)).map(drop));
    }
    assert_eq!(std::fs::read_dir(scene.back()).unwrap().count(), 0);
    scene.assert_outside_unchanged();
}

#[test]
fn a_planted_link_to_a_directory_is_not_followed() {
    for openat2 in [true, false] {
        let scene = Scene::new();
        plant(scene.folder.path().join("outside"), scene.back().join("d")).unwrap();
        let probe = |root: &OwnedFd| match openat2 {
            true => Beneath::probe(root),
            false => Beneath::without_openat2(),
        };
        let open = |overwrite| Target::open_through(&scene.back(), overwrite, Owners::ByNumber, probe).unwrap();
        let refused = open(Overwrite::Never).add_directory(DirectoryId::ROOT, b"d");
        assert!(matches!(refused, Err(TargetError::InTheWay(_))), "{refused:?}");
        let target = open(Overwrite::Always);
        let id = target.add_directory(DirectoryId::ROOT, b"d").unwrap();
        written(target.write_whole(id, &file("file"), b"restored"));
        assert!(std::fs::symlink_metadata(scene.back().join("d")).unwrap().is_dir());
        scene.assert_outside_unchanged();
    }
}

#[test]
fn a_directory_that_becomes_a_link_later_is_not_followed() {
    let scene = Scene::new();
    let target = scene.target(Overwrite::Always);
    let id = target.add_directory(DirectoryId::ROOT, b"d").unwrap();
    std::fs::remove_dir(scene.back().join("d")).unwrap();
    plant(scene.folder.path().join("outside"), scene.back().join("d")).unwrap();
    let refused = target.write_whole(id, &file("file"), b"evil");
    assert!(matches!(refused, Err(TargetError::InTheWay(_))), "{refused:?}");
    let refused = target.finish_directory(id, &Entry::default());
    assert!(matches!(refused, Err(TargetError::InTheWay(_))), "{refused:?}");
    scene.assert_outside_unchanged();
}

#[test]
fn a_tree_cannot_lead_out_by_its_own_link() {
    let scene = Scene::new();
    let target = scene.target(Overwrite::Never);
    let link = symlink("way", scene.folder.path().join("outside").to_str().unwrap());
    written(target.make_special(DirectoryId::ROOT, &link));
    let refused = target.add_directory(DirectoryId::ROOT, b"way");
    assert!(matches!(refused, Err(TargetError::InTheWay(_))), "{refused:?}");
    scene.assert_outside_unchanged();
}

#[test]
fn a_planted_link_to_a_file_is_refused_or_replaced() {
    for begin_early in [true, false] {
        let scene = Scene::new();
        let entry = Entry { mode: 0o4777, uid: 1000, ..file("f") };
        let precious = scene.folder.path().join("outside/file");
        let write = |target: &Target| -> Result<Outcome, TargetError> {
            if !begin_early {
                plant(&precious, scene.back().join("f")).unwrap();
                return target.write_whole(DirectoryId::ROOT, &entry, b"restored");
            }
            let file = target.create_file(DirectoryId::ROOT, &entry)?.unwrap();
            plant(&precious, scene.back().join("f")).unwrap();
            file.write_at(0, b"restored")?;
            file.finish(&entry)
        };
        let refused = write(&scene.target(Overwrite::Never));
        assert!(matches!(refused, Err(TargetError::InTheWay(_))), "{refused:?}");
        std::fs::remove_file(scene.back().join("f")).unwrap();
        written(write(&scene.target(Overwrite::Always)));
        let stat = std::fs::symlink_metadata(scene.back().join("f")).unwrap();
        assert_eq!((stat.mode(), stat.uid()), (0o104_777, 1000));
        scene.assert_outside_unchanged();
        assert_eq!(temporaries(&scene.back()), 0);
    }
}

#[test]
fn a_hard_link_is_made_of_a_symbolic_link_itself() {
    let scene = Scene::new();
    let target = scene.target(Overwrite::Never);
    plant(scene.folder.path().join("outside/file"), scene.back().join("way")).unwrap();
    let (from, to) = ((DirectoryId::ROOT, &b"way"[..]), (DirectoryId::ROOT, &b"new"[..]));
    written(target.link(from, to));
    assert!(std::fs::symlink_metadata(scene.back().join("new")).unwrap().is_symlink());
    scene.assert_outside_unchanged();
}

#[test]
fn attributes_that_no_file_can_have_are_warnings() {
    let (folder, target) = target(Overwrite::Never);
    let mut entry = Entry {
        uid: u32::MAX,
        mode: 0o177_4755,
        xattrs: vec![
            (b"".to_vec(), b"x".to_vec()),
            (b"user.a\0b".to_vec(), b"x".to_vec()),
            (vec![b'u'; 300], b"x".to_vec()),
            (b"user.huge".to_vec(), vec![0; 1 << 20]),
            (b"system.posix_acl_access".to_vec(), b"rubbish".to_vec()),
            (b"user.good".to_vec(), b"1".to_vec()),
        ],
        ..file("f")
    };
    entry.mtime.nanoseconds = 0x3fff_ffff;
    let warnings = written(target.write_whole(DirectoryId::ROOT, &entry, b"bytes"));
    let mut attributes: Vec<String> = warnings.iter().map(|w| w.attribute.to_string()).collect();
    attributes.iter_mut().for_each(|shown| shown.truncate(28));
    let expected = [
        "owner",
        "attribute .",
        "attribute user.a�b",
        "attribute uuuuuuuuuuuuuuuuuu",
        "attribute user.huge",
        "set-user-id or set-group-id ",
        "attribute system.posix_acl_a",
        "time of last change",
    ];
    assert_eq!(attributes, expected);
    let path = folder.path().join("back/f");
    assert_eq!(std::fs::read(&path).unwrap(), b"bytes");
    assert_eq!(std::fs::metadata(&path).unwrap().mode(), 0o100_755);
    assert_eq!(xattrs_of(&path), [(b"user.good".to_vec(), b"1".to_vec())]);
}

#[test]
fn devices_that_no_kernel_has_are_refused() {
    let (_folder, target) = target(Overwrite::Never);
    let entry = Entry { kind: EntryKind::CharDevice { major: 1 << 12 | 1, minor: 3 }, ..file("null") };
    let outcome = target.make_special(DirectoryId::ROOT, &entry).unwrap();
    assert!(matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
}

#[test]
fn what_takes_the_place_of_a_temporary_gets_no_attributes() {
    let scene = Scene::new();
    shell(scene.folder.path(), "mkfifo fifo");
    let target = scene.target(Overwrite::Always);
    let directory = target.handle(DirectoryId::ROOT).unwrap();
    for planted in ["outside/file", "fifo"] {
        let made = temporary::Temporary::create(&directory, |directory, name| {
            // Another process is quicker than our next call.
            let path = scene.folder.path().join(planted);
            rustix::fs::linkat(CWD, path, directory, name, AtFlags::empty())
        });
        let (planted, ()) = made.unwrap();
        let pinned = special::pin(&target.0, &planted, &EntryKind::Fifo);
        assert_eq!(pinned.unwrap_err(), Errno::NOENT);
    }
    scene.assert_outside_unchanged();
}
