//! A folder with everything that is odd, beside a folder that nobody may touch.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use exercise::Sandbox;
use tempfile::TempDir;

/// Files that are attacked, and others beside them that are not.
pub struct Scene {
    pub folder: TempDir,
    outside_before: Vec<String>,
}

/// What a path looks like.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Look {
    /// The content of a regular file.
    pub bytes: Option<Vec<u8>>,
    /// Mode, owner, modification time.
    pub attributes: (u32, u32, i64, i64),
}

impl Scene {
    pub fn new() -> Self {
        let scene = Self::small();
        fs::write(scene.tree().join("a/b/large.dat"), pseudo_random(3_200_000, 3)).unwrap();
        plant_sparse(&scene.tree().join("a/sparse.img"));
        set_times(&scene.tree());
        scene
    }

    /// Without the large files.
    pub fn small() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("outside/deep")).unwrap();
        fs::write(folder.path().join("outside/precious.txt"), "precious\n".repeat(900)).unwrap();
        fs::write(folder.path().join("outside/deep/plan.docx"), pseudo_random(5000, 1)).unwrap();
        let mut scene = Self { folder, outside_before: Vec::new() };
        plant(&scene.tree(), &scene.outside());
        scene.outside_before = scene.look_outside();
        scene
    }

    pub fn tree(&self) -> PathBuf {
        self.folder.path().join("tree")
    }

    pub fn outside(&self) -> PathBuf {
        self.folder.path().join("outside")
    }

    pub fn sandbox(&self) -> Sandbox {
        Sandbox::copy(&self.tree(), self.folder.path(), &mut |fault| panic!("{fault}")).unwrap()
    }

    /// Names, contents, links, and the times that no program can set.
    fn look_outside(&self) -> Vec<String> {
        let mut seen = Vec::new();
        for name in ["", "precious.txt", "deep", "deep/plan.docx"] {
            let path = self.outside().join(name);
            let stat = fs::symlink_metadata(&path).unwrap();
            let bytes = fs::read(&path).map(|bytes| blake3::hash(&bytes));
            let names = fs::read_dir(&path).map(|entries| entries.count()).ok();
            let times = (stat.mtime(), stat.mtime_nsec(), stat.ctime(), stat.ctime_nsec());
            seen.push(format!("{name} {bytes:?} {names:?} {} {} {times:?}", stat.mode(), stat.nlink()));
        }
        seen
    }

    /// Takes what is outside now as what it must stay.
    pub fn outside_is_right_now(&mut self) {
        self.outside_before = self.look_outside();
    }

    pub fn assert_outside_unchanged(&self, what: &str) {
        assert_eq!(self.look_outside(), self.outside_before, "{what}: something outside the sandbox changed");
    }
}

/// Looks at everything below a folder, by path from it.
pub fn look(folder: &Path) -> BTreeMap<Vec<u8>, Look> {
    let mut seen = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            let stat = fs::symlink_metadata(&path).unwrap();
            let bytes = stat.is_file().then(|| fs::read(&path).unwrap());
            let attributes = (stat.mode(), stat.uid(), stat.mtime(), stat.mtime_nsec());
            let name = path.strip_prefix(folder).unwrap().as_os_str().as_bytes().to_vec();
            seen.insert(name, Look { bytes, attributes });
            if stat.is_dir() {
                folders.push(path);
            }
        }
    }
    seen
}

/// Bytes that look random.
pub fn pseudo_random(bytes: usize, seed: u64) -> Vec<u8> {
    let mut random = vec![0; bytes];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut random);
    random
}

fn plant(tree: &Path, outside: &Path) {
    let text = |lines: usize| "Le conseil municipal, après en avoir délibéré, approuve.\n".repeat(lines);
    let deep = tree.join(vec!["x"; 30].join("/"));
    for folder in ["a/b/c", "photos", "z été"] {
        fs::create_dir_all(tree.join(folder)).unwrap();
    }
    fs::create_dir_all(&deep).unwrap();
    fs::write(tree.join("a/plan.docx"), pseudo_random(20_000, 2)).unwrap();
    fs::write(tree.join("a/b/c/budget.csv"), text(900)).unwrap();
    fs::write(tree.join("photos/one.jpg"), pseudo_random(300_000, 4)).unwrap();
    fs::write(tree.join("z été/100 %.txt"), text(20)).unwrap();
    fs::write(tree.join("z été/line\nbreak.txt"), text(80)).unwrap();
    fs::write(tree.join(OsString::from_vec(b"z \xe9t\xe9 latin.txt".to_vec())), text(10)).unwrap();
    fs::write(tree.join("l".repeat(250)), text(5)).unwrap();
    fs::write(deep.join("deep.txt"), text(3)).unwrap();
    fs::write(tree.join("at the top.txt"), text(100)).unwrap();
    for (name, bytes) in [("empty", 0), ("one byte", 1), ("four bytes", 4), ("fifteen bytes", 15)] {
        fs::write(tree.join(name), pseudo_random(bytes, 5)).unwrap();
    }
    plant_modes(tree);
    plant_links(tree, outside);
    set_times(tree);
}

fn plant_sparse(path: &Path) {
    let file = File::create(path).unwrap();
    file.set_len(1_200_000).unwrap();
    file.write_all_at(b"in the middle of nothing", 700_000).unwrap();
}

fn plant_modes(tree: &Path) {
    for (name, mode) in [("read only.txt", 0o444), ("closed.txt", 0o000), ("program", 0o4755)] {
        let path = tree.join("a").join(name);
        fs::write(&path, pseudo_random(9000, u64::from(mode))).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    }
}

fn plant_links(tree: &Path, outside: &Path) {
    fs::hard_link(tree.join("a/plan.docx"), tree.join("photos/same plan.docx")).unwrap();
    fs::hard_link(tree.join("a/plan.docx"), tree.join("z été/same plan again.docx")).unwrap();
    symlink("plan.docx", tree.join("a/link to plan")).unwrap();
    symlink(outside.join("precious.txt"), tree.join("a/link to precious")).unwrap();
    symlink(outside, tree.join("a/link to outside")).unwrap();
    symlink("nowhere", tree.join("a/link to nowhere")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        tree.join("a/fifo"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o644),
        0,
    )
    .unwrap();
}

/// Each file gets a time of its own, long ago; folders too, the deepest first.
fn set_times(folder: &Path) {
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let kind = fs::symlink_metadata(&path).unwrap();
        if kind.is_dir() {
            set_times(&path);
        }
        if kind.is_dir() || kind.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    for (path, number) in paths.iter().zip(1..) {
        let time = SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000 + number * 86_400, 123_456_789);
        let times = fs::FileTimes::new().set_modified(time).set_accessed(time);
        File::open(path).unwrap().set_times(times).unwrap();
    }
}
