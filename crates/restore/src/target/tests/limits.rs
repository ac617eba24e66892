//! Depth, width, names, space and threads.

use super::*;

#[test]
fn names_of_any_bytes_and_of_255_of_them() {
    let (folder, target) = target(Overwrite::Never);
    let long = vec![b'n'; 255];
    let id = target.add_directory(DirectoryId::ROOT, &long).unwrap();
    for name in [&long[..], b"\xff\xfe \n", b"...", b"-rf", b"\\", b" "] {
        written(target.write_whole(id, &file(name), name));
        let path = folder.path().join("back").join(OsStr::from_bytes(&long));
        let bytes = std::fs::read(path.join(OsStr::from_bytes(name)));
        assert_eq!(bytes.unwrap(), name);
    }
}

#[test]
fn trees_deeper_than_any_path() {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    let paths = ["one", "two"].map(|name| folder.path().join(name));
    let name = [b'd'; 40];
    for path in &paths {
        let target = Target::open(path, Overwrite::Never).unwrap();
        target.0.table().keep_at_most(OPEN_MAX);
        let mut ids = vec![DirectoryId::ROOT];
        for depth in 0..DEPTH {
            ids.push(target.add_directory(ids[depth], &name).unwrap());
        }
        assert_eq!(target.path(ids[DEPTH]).as_bytes().len(), DEPTH * 41 - 1);
        written(target.write_whole(ids[DEPTH], &file("deepest"), b"here"));
        for id in ids.iter().rev() {
            written(target.write_whole(*id, &file("f"), &[]));
            let entry = Entry { mode: 0o755, ..Entry::default() };
            written(target.finish_directory(*id, &entry));
        }
        assert_eq!(target.0.table().open_count(), OPEN_MAX);
    }
    let compare = || compare_trees(&paths[0], &paths[1], &CompareOptions::default()).unwrap();
    let same = compare();
    assert_eq!((same.differences, same.content_bytes), (vec![], 4));
    assert_eq!(same.entries, 2 * DEPTH as u64 + 3);
    let target = Target::open(&paths[1], Overwrite::Always).unwrap();
    let mut id = DirectoryId::ROOT;
    for _ in 0..DEPTH {
        id = target.add_directory(id, &name).unwrap();
    }
    written(target.write_whole(id, &file("deepest"), b"gone"));
    let differences = compare().differences;
    let deepest = differences.iter().find(|d| d.path.as_bytes().ends_with(b"/deepest"));
    assert_eq!(deepest.unwrap().path.as_bytes().len(), DEPTH * 41 + 7);
    shell(folder.path(), "rm -r one two");
}

const DEPTH: usize = 3000;
const OPEN_MAX: usize = 256;

#[test]
fn a_full_disk_is_an_error_and_leaves_nothing_half_written() {
    let disk = Disk::new("size=1m");
    let target = Target::open(&disk.0.path().join("back"), Overwrite::Never).unwrap();
    let bytes = vec![1; 2 << 20];
    let result = target.write_whole(DirectoryId::ROOT, &file("large"), &bytes);
    assert!(matches!(result, Err(TargetError::NoSpace { .. })), "{result:?}");
    let large = target.create_file(DirectoryId::ROOT, &file("large")).unwrap().unwrap();
    let result = large.write_at(0, &bytes);
    assert!(matches!(result, Err(TargetError::NoSpace { .. })), "{result:?}");
    drop(large);
    written(target.write_whole(DirectoryId::ROOT, &file("small"), b"fits"));
    let names = std::fs::read_dir(disk.0.path().join("back")).unwrap();
    assert_eq!(names.count(), 1);
}

#[test]
fn a_read_only_disk_is_an_error() {
    let disk = Disk::new("size=1m");
    let target = Target::open(&disk.0.path().join("back"), Overwrite::Never).unwrap();
    shell(disk.0.path(), "mount -o remount,ro .");
    let result = target.write_whole(DirectoryId::ROOT, &file("f"), b"");
    assert!(matches!(result, Err(TargetError::ReadOnly(_))), "{result:?}");
    let result = target.add_directory(DirectoryId::ROOT, b"d");
    assert!(matches!(result, Err(TargetError::ReadOnly(_))), "{result:?}");
}

#[test]
fn links_across_disks_are_told_apart() {
    let (folder, target) = target(Overwrite::Never);
    shell(folder.path(), "mkdir back/other; mount -t tmpfs none back/other");
    written(target.write_whole(DirectoryId::ROOT, &file("f"), b""));
    let other = target.add_directory(DirectoryId::ROOT, b"other").unwrap();
    let result = target.link((DirectoryId::ROOT, b"f"), (other, b"f"));
    shell(folder.path(), "umount -l back/other");
    assert!(matches!(result, Err(TargetError::NotLinkable { .. })), "{result:?}");
}

/// A small disk of its own, gone when dropped.
struct Disk(TempDir);

impl Disk {
    fn new(options: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        shell(folder.path(), &format!("mount -t tmpfs -o {options} none ."));
        Self(folder)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn eight_threads_fill_one_target() {
    let (folder, target) = target(Overwrite::Never);
    target.0.table().keep_at_most(OPEN_MAX);
    let shared = target.add_directory(DirectoryId::ROOT, b"shared").unwrap();
    let whole = file("whole");
    let pieces = target.create_file(shared, &whole).unwrap().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8_u8 {
            let (target, pieces) = (&target, &pieces);
            scope.spawn(move || fill(target, pieces, shared, thread));
        }
    });
    written(pieces.finish(&whole));
    let back = folder.path().join("back");
    let expected: Vec<u8> = (0..8).flat_map(|thread| [thread; 1000]).collect();
    assert_eq!(std::fs::read(back.join("shared/whole")).unwrap(), expected);
    assert_eq!(std::fs::read_dir(back.join("shared")).unwrap().count(), 8 * 100 + 2);
    for thread in 0..8 {
        for number in 0..100 {
            let path = back.join(format!("t{thread}/n{number}/f"));
            assert_eq!(std::fs::read(path).unwrap(), [thread, number]);
        }
    }
    assert!(target.0.table().open_count() <= OPEN_MAX);
    assert_eq!(temporaries(&back), 0);
}

/// One thread's part: directories of its own, files in a shared one, and one name that all want.
fn fill(target: &Target, pieces: &FileInProgress, shared: DirectoryId, thread: u8) {
    pieces.write_at(u64::from(thread) * 1000, &[thread; 1000]).unwrap();
    target.write_whole(shared, &file("wanted"), b"by all").unwrap();
    let own = target.add_directory(DirectoryId::ROOT, format!("t{thread}").as_bytes());
    for number in 0..100 {
        let name = format!("n{number}");
        let below = target.add_directory(own.as_ref().copied().unwrap(), name.as_bytes());
        written(target.write_whole(below.unwrap(), &file("f"), &[thread, number]));
        let name = format!("{thread}-{number}");
        written(target.write_whole(shared, &file(name), b""));
    }
}

#[test]
fn ids_of_other_targets_are_refused() {
    let (_folder, one) = target(Overwrite::Never);
    let (_other_folder, other) = target(Overwrite::Never);
    let id = one.add_directory(DirectoryId::ROOT, b"d").unwrap();
    let result = other.write_whole(id, &file("f"), b"");
    assert!(matches!(result, Err(TargetError::UnknownDirectory)), "{result:?}");
}
