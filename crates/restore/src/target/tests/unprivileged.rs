//! A restore by somebody who is not root: everything lands, and what he may not set is listed.

use super::*;

/// Tells the test's own executable, run again as somebody else, where to work.
const FOLDER: &str = "BEFFROI_TEST_UNPRIVILEGED_FOLDER";

#[test]
fn what_only_root_may_set_is_listed() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return restore_as_nobody(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    shell(folder.path(), "chmod 0755 .; mkdir back; chown 65534:65534 back; mkdir -m 0700 closed");
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let output = Command::new("setpriv")
        .args(nobody)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "target::tests::unprivileged::what_only_root_may_set_is_listed"])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    let stat = std::fs::metadata(folder.path().join("back/prog")).unwrap();
    assert_eq!((stat.uid(), stat.mode()), (65534, 0o100_755));
}

fn restore_as_nobody(folder: &Path) {
    let target = Target::open(&folder.join("back"), Overwrite::Never).unwrap();
    let root = DirectoryId::ROOT;
    let prog = Entry {
        mode: 0o6755,
        xattrs: vec![
            (b"security.capability".to_vec(), vec![0; 20]),
            (b"trusted.mark".to_vec(), b"1".to_vec()),
            (b"user.mine".to_vec(), b"1".to_vec()),
        ],
        ..file("prog")
    };
    let warnings = written(target.write_whole(root, &prog, b"code"));
    let attributes: Vec<Attribute> = warnings.into_iter().map(|w| w.attribute).collect();
    let expected = [
        Attribute::Owner,
        Attribute::Xattr(b"trusted.mark".to_vec()),
        Attribute::SpecialBits,
        Attribute::Xattr(b"security.capability".to_vec()),
    ];
    assert_eq!(attributes, expected);
    assert_eq!(std::fs::read(folder.join("back/prog")).unwrap(), b"code");
    refused_device(&target);
    own_files(&target, folder);
    let denied = Target::open(&folder.join("closed"), Overwrite::Never).map(drop);
    assert!(matches!(denied, Err(TargetError::Denied { .. })), "{denied:?}");
}

fn refused_device(target: &Target) {
    let null = Entry { kind: EntryKind::CharDevice { major: 1, minor: 3 }, ..file("null") };
    let outcome = target.make_special(DirectoryId::ROOT, &null).unwrap();
    let Outcome::Refused(warning) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(warning.to_string(), format!("null: device was not set: {}", Errno::PERM));
}

/// What belongs to him comes back without a warning, read-only files and directories too.
fn own_files(target: &Target, folder: &Path) {
    let own = |entry: Entry| Entry { uid: 65534, gid: 65534, ..entry };
    let directory = target.add_directory(DirectoryId::ROOT, b"d").unwrap();
    let read_only = own(Entry { mode: 0o444, xattrs: vec![(b"user.mine".to_vec(), b"1".to_vec())], ..file("f") });
    assert_eq!(written(target.write_whole(directory, &read_only, b"mine")), []);
    for special in [symlink("l", "f"), Entry { kind: EntryKind::Socket, ..file("s") }] {
        assert_eq!(written(target.make_special(directory, &own(special))), []);
    }
    let closed = own(Entry { mode: 0o500, xattrs: vec![(b"user.mine".to_vec(), b"1".to_vec())], ..Entry::default() });
    assert_eq!(written(target.finish_directory(directory, &closed)), []);
    let restored = entry_of(&folder.join("back/d/f"));
    assert_eq!((restored.mode, restored.xattrs), (0o444, read_only.xattrs));
}
