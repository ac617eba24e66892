//! Makes `testdata/v0-plain`: a vault as the writer of format version 0 makes it, and what must come back of it.
//!
//! ```sh
//! cargo run -p beffroi-vault --example plain_vault -- FOLDER
//! ```
//!
//! The files are fixed; the keys are new each time. What lies in `testdata` was made once and stays as it is: readers
//! must go on reading it. Run it as root, on a file system with extended attributes.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a program that makes a vault and writes files; what fails says where"
)]

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use vault::chunk::ChunkSizes;
use vault::state::StateFolder;
use vault::store::DirectoryStore;

#[path = "../tests/suite/rig.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod rig;
#[path = "../../../testdata/truth.rs"]
mod truth;

use rig::{Rig, noise};

fn main() {
    let [_, folder] = std::env::args_os().collect::<Vec<_>>().try_into().expect("usage: plain_vault FOLDER");
    let folder = PathBuf::from(folder);
    fs::create_dir_all(&folder).unwrap();
    let mut town = Rig::over(Arc::new(DirectoryStore::create(folder.join("vault")).unwrap()));
    town.options.sizes = ChunkSizes { bytes_min: 256, bytes_average: 1024, bytes_max: 4096 };
    let mut school = town.enrol("école");
    school.options.sizes = town.options.sizes;
    let mut told = Vec::new();
    make_tree(&town.source());
    keep(&town, &mut told);
    // The long file grows: what it was lies in packs of the first snapshot.
    let grown = [noise(1, 60_000), noise(2, 60_000)].concat();
    write(&town.source().join("archive/long.bin"), &grown);
    fs::remove_file(town.source().join("letter.txt")).unwrap();
    keep(&town, &mut told);
    for round in 0..2 {
        write(&school.source().join(format!("class/{round}.txt")), format!("round {round}\n").repeat(50).as_bytes());
        keep(&school, &mut told);
    }
    fs::write(folder.join("truth.txt"), told.join("\n") + "\n").unwrap();
    fs::write(folder.join("kit.txt"), town.kit.to_text(&["Beffroi recovery kit of a test".into()])).unwrap();
    let state = StateFolder::open(&town.state()).unwrap();
    town.keys.save_new(&state).unwrap();
    let key = state.for_strand(town.keys.strand).unwrap().path().join("agent");
    fs::copy(key, folder.join("agent-key")).unwrap();
}

fn make_tree(source: &Path) {
    write(&source.join("letter.txt"), &b"Madame, Monsieur,\n".repeat(100));
    write(&source.join("archive/long.bin"), &noise(1, 60_000));
    write(&source.join("archive/first"), b"begin");
    fs::hard_link(source.join("archive/first"), source.join("archive/second")).unwrap();
    fs::hard_link(source.join("archive/first"), source.join("zuletzt")).unwrap();
    write(&source.join("délibération n°1"), b"");
    write(&source.join("holes"), &[&[0; 300_000], &b"end"[..]].concat());
    rustix::fs::setxattr(source.join("letter.txt"), "user.town", b"Vannes\0", rustix::fs::XattrFlags::empty()).unwrap();
    symlink("archive/first", source.join("link")).unwrap();
    fs::create_dir(source.join("void")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        source.join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    fs::set_permissions(source.join("letter.txt"), fs::Permissions::from_mode(0o4750)).unwrap();
    fs::set_permissions(source.join("archive"), fs::Permissions::from_mode(0o1711)).unwrap();
}

fn write(path: &Path, content: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
    let time = UNIX_EPOCH + Duration::new(1_700_000_000 + content.len() as u64, 123_456_789);
    File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

/// Keeps the source, and notes what must come back.
fn keep(rig: &Rig, told: &mut Vec<String>) {
    rig.backup();
    let newest = rig.snapshots().pop().unwrap();
    told.push(format!("snapshot {} whole", newest.hash));
    told.extend(truth::lines(&rig.source()));
}
