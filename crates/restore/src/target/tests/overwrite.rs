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

/// Opens a folder for a repair that may replace these names as they are now.
fn for_repair(back: &Path, names: &[&str]) -> Target {
    let tree = crate::live::LiveTree::open(back).unwrap();
    let mark = |name: &&str| (name.as_bytes().to_vec(), tree.mark(name.as_bytes()).unwrap());
    Target::open_for_repair(back, Owners::ByNumber, Arc::new(names.iter().map(mark).collect())).unwrap()
}

#[test]
fn what_is_saved_during_a_repair_stays() {
    let (folder, _) = target(Overwrite::Never);
    let back = folder.path().join("back");
    shell(&back, "for name in calm written saved linked; do echo old > $name; done; ln -s a link; ln calm other");
    let target = for_repair(&back, &["calm", "written", "saved", "linked", "link", "free", "came", "other"]);
    let early = target.create_file(ROOT, &file("written")).unwrap().unwrap();
    shell(&back, "echo mine > written; echo mine > new; mv new saved; ln -sfn b link; echo mine > came");
    shell(&back, "echo mine > linked; touch -d 2001-01-01 linked");
    let stays = |outcome: Result<Outcome, TargetError>| {
        assert!(matches!(outcome, Err(TargetError::Changed(_))), "{outcome:?}");
    };
    stays(early.finish(&file("written")));
    for name in ["saved", "came", "unexpected"] {
        stays(target.write_whole(ROOT, &file(name), b"kept"));
    }
    stays(target.make_special(ROOT, &symlink("link", "kept")));
    written(target.write_whole(ROOT, &file("calm"), b"kept"));
    written(target.write_whole(ROOT, &file("free"), b"kept"));
    stays(target.link((ROOT, b"calm"), (ROOT, b"linked")));
    // Its other name was replaced, which is nobody's work.
    written(target.link((ROOT, b"calm"), (ROOT, b"other")));
    for (name, content) in [("calm", "kept"), ("free", "kept"), ("other", "kept"), ("written", "mine\n")] {
        assert_eq!(std::fs::read_to_string(back.join(name)).unwrap(), content, "{name}");
    }
    for name in ["saved", "came", "linked"] {
        assert_eq!(std::fs::read_to_string(back.join(name)).unwrap(), "mine\n", "{name}");
    }
    assert_eq!(std::fs::read_link(back.join("link")).unwrap(), Path::new("b"));
    assert!(!back.join("unexpected").exists());
    assert_eq!(temporaries(&back), 0);
}

#[test]
fn a_directory_of_a_repair_has_its_attributes_at_once_and_replaces_nothing() {
    let (folder, _) = target(Overwrite::Never);
    let back = folder.path().join("back");
    shell(&back, "echo work > taken; mkdir -m 711 there; ln -s there way; setfacl -d -m u:1000:rwx .");
    // What a killed repair left.
    shell(&back, "mkdir .beffroi-fffffff000000001 .beffroi-fffffff000000002; echo x > .beffroi-fffffff000000002/x");
    let target = for_repair(&back, &[]);
    let directory = Entry {
        name: b"new".to_vec(),
        kind: EntryKind::Directory { node: None, entries_below: 0, bytes_below: 0 },
        mode: 0o2555,
        uid: 1000,
        gid: 100,
        xattrs: vec![(b"user.mark".to_vec(), b"1".to_vec())],
        ..Entry::default()
    };
    let id = target.add_directory_of(ROOT, &directory).unwrap();
    let about = std::fs::metadata(back.join("new")).unwrap();
    // Whoever owns it may fill it until it is finished.
    assert_eq!((about.mode() & 0o7777, about.uid(), about.gid()), (0o2755, 1000, 100));
    assert_eq!(xattrs_of(&back.join("new")), directory.xattrs, "and nothing that it inherited");
    assert!(target.is_new(id));
    written(target.finish_directory(id, &directory));
    assert_eq!(std::fs::metadata(back.join("new")).unwrap().mode() & 0o7777, 0o2555);
    let there = target.add_directory_of(ROOT, &Entry { name: b"there".to_vec(), ..directory.clone() }).unwrap();
    assert!(!target.is_new(there));
    assert_eq!(std::fs::metadata(back.join("there")).unwrap().mode() & 0o7777, 0o711);
    for name in ["taken", "way"] {
        let named = Entry { name: name.into(), ..directory.clone() };
        assert!(matches!(target.add_directory_of(ROOT, &named), Err(TargetError::InTheWay(_))));
        assert!(matches!(target.add_directory(ROOT, name.as_bytes()), Err(TargetError::InTheWay(_))));
    }
    assert_eq!(std::fs::read_to_string(back.join("taken")).unwrap(), "work\n");
    assert!(!back.join(".beffroi-fffffff000000001").exists(), "an empty one goes");
    assert!(back.join(".beffroi-fffffff000000002/x").exists(), "what has something in it is somebody's");
}
