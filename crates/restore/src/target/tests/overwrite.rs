//! What is there already.

use super::*;

const ROOT: DirectoryId = DirectoryId::ROOT;

fn fifo(name: &str) -> Entry {
    Entry { kind: EntryKind::Fifo, ..file(name) }
}

#[test]
fn never_keeps_what_is_there() {
    let (folder, target) = target(Overwrite::Never);
    shell(folder.path(), "cd back; echo old > f; ln -s old l; mkfifo p; echo other > second; touch -d 2002-02-02 f p");
    let back = folder.path().join("back");
    let before = ["f", "l", "p", "second"].map(|name| entry_of(&back.join(name)));
    // Opened again, the directory is one that was there before; the first target believes that it is empty.
    for target in [target, Target::open(&back, Overwrite::Never).unwrap()] {
        let kept = |outcome: Result<Outcome, TargetError>| {
            assert_eq!(outcome.unwrap(), Outcome::Kept);
        };
        kept(target.write_whole(ROOT, &file("f"), b"new"));
        if let Some(file_in_progress) = target.create_file(ROOT, &file("f")).unwrap() {
            kept(file_in_progress.finish(&file("f")));
        }
        kept(target.make_special(ROOT, &symlink("l", "new")));
        kept(target.make_special(ROOT, &fifo("p")));
        kept(target.link((ROOT, b"f"), (ROOT, b"second")));
        for name in ["l", "p"] {
            let refused = target.write_whole(ROOT, &file(name), b"new");
            assert!(matches!(refused, Err(TargetError::InTheWay(_))));
        }
    }
    let after = ["f", "l", "p", "second"].map(|name| entry_of(&back.join(name)));
    assert_eq!(after, before);
    assert_eq!(std::fs::read(back.join("f")).unwrap(), b"old\n");
    assert_eq!(temporaries(&back), 0);
}

#[test]
fn always_replaces_what_is_there() {
    let (folder, target) = target(Overwrite::Always);
    shell(
        folder.path(),
        "cd back; echo old > f; ln f same; echo old > l; mkdir d; echo old > e; echo old > p; ln -s f s",
    );
    let back = folder.path().join("back");
    written(target.write_whole(ROOT, &file("f"), b"new"));
    written(target.make_special(ROOT, &symlink("l", "there")));
    written(target.make_special(ROOT, &fifo("p")));
    written(target.write_whole(ROOT, &file("s"), b"new"));
    written(target.link((ROOT, b"f"), (ROOT, b"same")));
    written(target.link((ROOT, b"f"), (ROOT, b"same")));
    target.add_directory(ROOT, b"e").unwrap();
    assert_eq!(std::fs::read(back.join("f")).unwrap(), b"new");
    assert_eq!(std::fs::read(back.join("s")).unwrap(), b"new");
    let [first, same] = ["f", "same"].map(|name| std::fs::metadata(back.join(name)).unwrap());
    assert_eq!((first.ino(), first.nlink()), (same.ino(), 2));
    assert_eq!(std::fs::read_link(back.join("l")).unwrap(), Path::new("there"));
    assert!(std::fs::metadata(back.join("e")).unwrap().is_dir());
    assert_eq!(entry_of(&back.join("p")).kind, EntryKind::Fifo);
    assert_eq!(temporaries(&back), 0);
}

#[test]
fn always_never_deletes_a_directory() {
    let (folder, target) = target(Overwrite::Always);
    shell(folder.path(), "mkdir back/d; echo dear > back/d/f; mkdir back/empty");
    let reopened = Target::open(&folder.path().join("back"), Overwrite::Always).unwrap();
    written(target.write_whole(ROOT, &file("f"), b""));
    for target in [target, reopened] {
        for name in ["d", "empty"] {
            let results = [
                target.write_whole(ROOT, &file(name), b"new"),
                target.make_special(ROOT, &symlink(name, "x")),
                target.link((ROOT, b"f"), (ROOT, name.as_bytes())),
            ];
            for result in results {
                assert!(matches!(result, Err(TargetError::InTheWay(_))), "{result:?}");
            }
        }
    }
    let dear = std::fs::read(folder.path().join("back/d/f"));
    assert_eq!(dear.unwrap(), b"dear\n");
    assert_eq!(temporaries(folder.path()), 0);
}

#[test]
fn a_directory_that_was_there_ends_as_the_entry_says() {
    let folder = tempfile::tempdir().unwrap();
    shell(
        folder.path(),
        "mkdir -p tree/d back/d; echo kept > back/d/extra
        setfattr -n user.new -v 1 tree/d; setfattr -n user.old -v 1 back/d
        setfacl -m u:1000:rwx back/d; setfacl -m d:u:1000:rwx back/d; chmod 0750 tree/d
        echo in > tree/d/in; echo was > back/d/in; setfacl -m u:5:rw back/d/in",
    );
    let target = Target::open(&folder.path().join("back"), Overwrite::Always).unwrap();
    assert_eq!(copy(&folder.path().join("tree"), &target), []);
    shell(folder.path(), "test -e back/d/extra; rm back/d/extra; touch -r tree/d back/d");
    assert_same(&folder.path().join("tree"), &folder.path().join("back"));
}

#[test]
fn a_second_run_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    shell(folder.path(), "mkdir -p tree/a/b; echo 1 > tree/a/1; ln tree/a/1 tree/a/b/2; ln -s x tree/l");
    let back = folder.path().join("back");
    let (tree, open) = (folder.path().join("tree"), || Target::open(&back, Overwrite::Always).unwrap());
    copy(&tree, &open());
    copy(&tree, &open());
    assert_same(&tree, &back);
}

#[test]
fn what_is_dropped_unfinished_is_gone() {
    let (folder, target) = target(Overwrite::Never);
    let back = folder.path().join("back");
    let file_in_progress = target.create_file(ROOT, &file("f")).unwrap().unwrap();
    file_in_progress.write_at(0, b"half").unwrap();
    assert_eq!(temporaries(&back), 1);
    drop(file_in_progress);
    assert_eq!(std::fs::read_dir(&back).unwrap().count(), 0);
    let other_name = target.create_file(ROOT, &file("f")).unwrap().unwrap();
    assert!(matches!(other_name.finish(&file("g")), Err(TargetError::WrongKind(_))));
    assert_eq!(std::fs::read_dir(&back).unwrap().count(), 0);
}
