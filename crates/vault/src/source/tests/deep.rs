//! Trees deeper than any path can say.

use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, Mode, OFlags, openat, unlinkat};

use super::*;

/// A chain of directories named `d`, each but the root also holding a file `f`; removed without recursion.
struct DeepTree {
    place: Option<tempfile::TempDir>,
    levels: usize,
}

impl DeepTree {
    fn new(levels: usize) -> Self {
        let place = tempfile::tempdir().unwrap();
        let mut directory = open_directory(handle(place.path()), ".");
        for _ in 0..levels {
            rustix::fs::mkdirat(&directory, "d", Mode::RWXU).unwrap();
            directory = open_directory(&directory, "d");
            let flags = OFlags::CREATE | OFlags::WRONLY | OFlags::CLOEXEC;
            openat(&directory, "f", flags, Mode::RUSR).unwrap();
        }
        Self { place: Some(place), levels }
    }

    fn path(&self) -> &Path {
        self.place.as_ref().unwrap().path()
    }
}

impl Drop for DeepTree {
    fn drop(&mut self) {
        let mut directory = open_directory(handle(self.path()), ".");
        for _ in 0..self.levels {
            directory = open_directory(&directory, "d");
        }
        for _ in 0..self.levels {
            unlinkat(&directory, "f", AtFlags::empty()).unwrap();
            directory = open_directory(&directory, "..");
            unlinkat(&directory, "d", AtFlags::REMOVEDIR).unwrap();
        }
        self.place.take().unwrap().close().unwrap();
    }
}

fn open_directory(parent: impl std::os::fd::AsFd, name: &str) -> OwnedFd {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    openat(parent, name, flags, Mode::empty()).unwrap()
}

#[test]
fn three_thousand_levels_are_walked_with_few_open_directories() {
    let levels = 3000;
    let tree = DeepTree::new(levels);
    for open_directories_max in [2, 64] {
        let roots = RootPaths::resolve(&[tree.path().to_owned()]).unwrap();
        let mut options = WalkOptions::everything("/tmp".into());
        options.open_directories_max = open_directories_max;
        let mut depth = 0_usize;
        let (mut entered, mut files) = (0, 0);
        for event in Walk::open(&roots, options).unwrap() {
            match event {
                Event::Enter(_) => (entered, depth) = (entered + 1, depth + 1),
                Event::Leave => depth -= 1,
                // The file comes after the directory beside it: on the way up, in directories opened again.
                Event::Item(item) => {
                    files += 1;
                    assert_eq!(item.path().0.len(), 2 * depth - 1);
                    assert!(FileReader::open(&item).is_ok());
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((entered, files, depth), (levels + 1, levels, 0));
    }
}
