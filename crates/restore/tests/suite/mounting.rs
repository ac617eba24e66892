//! A vault as a folder: what the kernel is asked to forget, and clean trees.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;

use restore::clean::{Choice, CleanTree};
use restore::mount::{MountOptions, Mounted, MountedSnapshot, MountedSource};
use vault::read::SnapshotReader;
use vault::tree::FileTime;

use crate::town::Town;

fn shown(readers: &[SnapshotReader], clean: Option<Arc<CleanTree>>, at: &Path, options: &MountOptions) -> Mounted {
    assert!(Path::new("/dev/fuse").exists(), "apt-get install fuse3, and modprobe fuse");
    fs::create_dir(at).unwrap();
    let named = readers.iter().enumerate();
    let snapshots = named
        .map(|(place, reader)| MountedSnapshot {
            name: format!("{place}").into_bytes(),
            started: FileTime::default(),
            reader: reader.clone(),
        })
        .collect();
    let (faults, _) = channel();
    Mounted::mount(vec![MountedSource { name: b"files".to_vec(), snapshots, clean }], at, options, faults).unwrap()
}

#[test]
fn names_are_forgotten_and_found_again() {
    let town = Town::new();
    let content: Vec<u8> = (0..1_000_000u32).flat_map(|at| at.wrapping_mul(0x9e37_79b9).to_be_bytes()).collect();
    for at in 0..3000 {
        fs::write(town.path("source").join(format!("fichier {at}")), at.to_string()).unwrap();
    }
    fs::write(town.path("source/gros"), &content).unwrap();
    town.backup();
    let options = MountOptions { cache_bytes_max: 128 << 10, threads: 2, ..MountOptions::default() };
    let at = town.path("shown");
    let mounted = shown(&town.snapshots(), None, &at, &options);
    let folder = at.join("files/latest");
    let number = |name: &str| fs::metadata(folder.join(name)).unwrap().ino();
    let first = number("fichier 0");
    assert_eq!(number("fichier 0"), first);
    let open = File::open(folder.join("gros")).unwrap();
    for _ in 0..2 {
        let listed: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(listed.len(), 3001);
        for (at, name) in listed.iter().enumerate().filter(|(_, name)| *name != "gros") {
            let read = fs::read_to_string(folder.join(name)).unwrap();
            assert_eq!(format!("fichier {read}"), name.to_str().unwrap(), "{at}");
        }
    }
    assert_ne!(number("fichier 0"), first, "it was forgotten meanwhile");
    // Its list of chunks has several levels, and the cache holds next to nothing of it.
    for offset in [0, 3_999_000, 1_777_777, 123_456] {
        let mut read = vec![0; 900];
        open.read_exact_at(&mut read, offset).unwrap();
        assert!(read == content[offset as usize..][..900], "{offset}");
    }
    assert!(fs::read(folder.join("gros")).unwrap() == content);
    drop(open);
    end(mounted);
    assert_eq!(fs::read_dir(&at).unwrap().count(), 0);
}

#[test]
fn a_clean_tree_is_listed_as_it_is_found() {
    let town = Town::new();
    let write = |name: &str, content: &str| {
        let path = town.path("source").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    for name in ["a/1", "a/2", "a/3", "b/c/4", "b/c/5", "d/6", "e"] {
        write(name, &format!("{name} sain"));
    }
    town.backup();
    fs::remove_dir_all(town.path("source/b")).unwrap();
    // Where a folder was, the attacker leaves a file.
    for name in ["a/2", "a/3", "a/LISEZ-MOI", "b", "d/6", "e"] {
        write(name, &format!("{name} abîmé"));
    }
    town.backup();
    let mut tree = CleanTree::new(town.snapshots(), 1);
    for (path, choice) in [
        ("a/2", Choice::From(0)),
        ("a/LISEZ-MOI", Choice::Nothing),
        ("b/c/4", Choice::From(0)),
        ("d/6", Choice::Nothing),
        ("e", Choice::From(0)),
    ] {
        tree.choose(path.as_bytes(), choice);
    }
    let tree = Arc::new(tree);
    for folder in ["", "a", "b", "b/c", "d", "nowhere"] {
        let listed: Vec<_> = tree.entries(folder.as_bytes()).map(|placed| placed.unwrap()).collect();
        let whole = tree.folder(folder.as_bytes()).entries.into_iter();
        let whole: Vec<_> = whole.map(|placed| restore::clean::Placed { wreck: None, ..placed }).collect();
        assert_eq!(listed, whole, "{folder}");
        for placed in listed {
            let path = [folder.as_bytes(), b"/", &placed.entry.name].concat();
            let path = path.strip_prefix(b"/").unwrap_or(&path);
            assert_eq!(tree.find(path).unwrap(), Some(placed), "{folder}");
        }
    }
    let at = town.path("shown");
    let mounted = shown(&town.snapshots(), Some(tree), &at, &MountOptions::default());
    let read = |name: &str| fs::read_to_string(at.join("files/clean").join(name)).ok();
    let sound = ["a/1", "a/2", "b/c/4", "e"];
    assert_eq!(sound.map(read), sound.map(|name| Some(format!("{name} sain"))));
    assert_eq!(read("a/3").as_deref(), Some("a/3 abîmé"), "nobody chose otherwise");
    assert_eq!(["a/LISEZ-MOI", "b/c/5", "d/6", "b"].map(read), [const { None }; 4]);
    assert_eq!(fs::read_dir(at.join("files/clean/d")).unwrap().count(), 0);
    end(mounted);
}

fn end(mut mounted: Mounted) {
    mounted.take_away().unwrap();
    while !mounted.is_over() {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    mounted.end().unwrap();
}
