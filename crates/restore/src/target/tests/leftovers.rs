//! What killed processes left under temporary names.

use super::*;

#[test]
fn what_killed_processes_left_is_swept_and_nothing_else() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("folder");
    std::fs::create_dir(&folder).unwrap();
    let mut dead = Command::new("true").spawn().unwrap();
    let dead_id = dead.id();
    dead.wait().unwrap();
    let name = |process: u32, number: u32| format!(".beffroi-{process:08x}{number:08x}");
    let (gone, own, alive) = (name(dead_id, 1), name(std::process::id(), u32::MAX), name(1, 1));
    let foreign = ".beffroi-0000";
    for folder in [place.path(), &folder] {
        for file in [&gone, &own, &alive, foreign] {
            std::fs::write(folder.join(file), b"torn").unwrap();
        }
        std::os::unix::fs::symlink(foreign, folder.join(name(dead_id, 2))).unwrap();
        // One that was being made, and one that is somebody's.
        std::fs::create_dir(folder.join(name(dead_id, 4))).unwrap();
        std::fs::create_dir_all(folder.join(name(dead_id, 3)).join("below")).unwrap();
    }
    let target = Target::open(place.path(), Overwrite::Never).unwrap();
    let id = target.add_directory(DirectoryId::ROOT, b"folder").unwrap();
    for folder in [place.path(), &folder] {
        let mut kept = names_in(folder);
        kept.retain(|kept| kept != "folder");
        let mut expected = [alive.clone(), foreign.to_string(), name(dead_id, 3)];
        expected.sort();
        assert_eq!(kept, expected, "{}", folder.display());
    }
    // Adding it again, as a file system does that mixes up cases, spares what is in progress.
    let entry = Entry { name: b"file".to_vec(), kind: EntryKind::default(), ..Entry::default() };
    let entry = Entry { kind: EntryKind::File { size: 1, content: Content::EMPTY, sha256: None }, ..entry };
    let file = target.create_file(id, &entry).unwrap().unwrap();
    target.add_directory(DirectoryId::ROOT, b"folder").unwrap();
    file.write_at(0, b"x").unwrap();
    file.finish(&entry).unwrap();
    assert_eq!(std::fs::read(folder.join("file")).unwrap(), b"x");
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
