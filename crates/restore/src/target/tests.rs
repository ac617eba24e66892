//! Tests of the target as a whole. They run as root: owners, devices and capabilities are half of the matter.
#![expect(clippy::disallowed_methods, reason = "tests look at files, and at their own environment, as users do")]

mod hostile;
mod kinds;
mod leftovers;
mod limits;
mod overwrite;
mod unprivileged;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use vault::tree::{Content, Entry, EntryKind, FileTime};

use crate::compare::{CompareOptions, compare_trees};

use super::attributes::attribute_names;
use super::*;

/// Restores the tree at `source` into the target, as the fill engine would: directories' attributes last.
fn copy(source: &Path, target: &Target) -> Vec<AttributeWarning> {
    let mut warnings = Vec::new();
    let mut first_names = std::collections::HashMap::new();
    copy_into(source, target, DirectoryId::ROOT, &mut first_names, &mut warnings);
    warnings.extend(written(target.finish_directory(DirectoryId::ROOT, &entry_of(source))));
    warnings
}

fn copy_into(
    source: &Path,
    target: &Target,
    directory: DirectoryId,
    first_names: &mut std::collections::HashMap<u64, (DirectoryId, Vec<u8>)>,
    warnings: &mut Vec<AttributeWarning>,
) {
    for item in std::fs::read_dir(source).unwrap() {
        let path = item.unwrap().path();
        let entry = entry_of(&path);
        let stat = std::fs::symlink_metadata(&path).unwrap();
        let name = (directory, &entry.name[..]);
        if entry.is_directory() {
            let id = target.add_directory(directory, &entry.name).unwrap();
            copy_into(&path, target, id, first_names, warnings);
            warnings.extend(written(target.finish_directory(id, &entry)));
            continue;
        }
        if let Some((first, first_name)) = first_names.get(&stat.ino()) {
            warnings.extend(written(target.link((*first, first_name), name)));
            continue;
        }
        if stat.nlink() > 1 {
            first_names.insert(stat.ino(), (directory, entry.name.clone()));
        }
        let outcome = match entry.kind {
            EntryKind::File { size, .. } if size < 100_000 => {
                target.write_whole(directory, &entry, &std::fs::read(&path).unwrap())
            }
            EntryKind::File { .. } => write_in_pieces(target, directory, &entry, &path),
            _ => target.make_special(directory, &entry),
        };
        warnings.extend(written(outcome));
    }
}

fn write_in_pieces(
    target: &Target,
    directory: DirectoryId,
    entry: &Entry,
    path: &Path,
) -> Result<Outcome, TargetError> {
    let bytes = std::fs::read(path).unwrap();
    let file = target.create_file(directory, entry)?.unwrap();
    file.set_size(bytes.len() as u64)?;
    for (number, piece) in bytes.chunks(4096).enumerate().rev() {
        if piece.iter().any(|byte| *byte != 0) {
            file.write_at(number as u64 * 4096, piece)?;
        }
    }
    file.finish(entry)
}

fn written(outcome: Result<Outcome, TargetError>) -> Vec<AttributeWarning> {
    match outcome.unwrap() {
        Outcome::Written(warnings) => warnings,
        other => panic!("not written: {other:?}"),
    }
}

/// Reads an entry's attributes off the disk.
fn entry_of(path: &Path) -> Entry {
    let stat = std::fs::symlink_metadata(path).unwrap();
    let kind = stat.file_type();
    let (major, minor) = (rustix::fs::major(stat.rdev()), rustix::fs::minor(stat.rdev()));
    let kind = match kind {
        _ if kind.is_dir() => EntryKind::default(),
        _ if kind.is_file() => file_kind(stat.size()),
        _ if kind.is_symlink() => EntryKind::Symlink { target: bytes_of(std::fs::read_link(path).unwrap()) },
        _ if kind.is_fifo() => EntryKind::Fifo,
        _ if kind.is_socket() => EntryKind::Socket,
        _ if kind.is_char_device() => EntryKind::CharDevice { major, minor },
        _ => EntryKind::BlockDevice { major, minor },
    };
    Entry {
        name: path.file_name().unwrap().as_bytes().to_vec(),
        kind,
        mode: stat.mode() & 0o7777,
        uid: stat.uid(),
        gid: stat.gid(),
        mtime: FileTime { seconds: stat.mtime(), nanoseconds: u32::try_from(stat.mtime_nsec()).unwrap() },
        xattrs: xattrs_of(path),
        ..Entry::default()
    }
}

fn xattrs_of(path: &Path) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut list = Vec::with_capacity(64 << 10);
    rustix::fs::llistxattr(path, rustix::buffer::spare_capacity(&mut list)).unwrap();
    let value = |name: &[u8]| {
        let mut value = Vec::with_capacity(64 << 10);
        rustix::fs::lgetxattr(path, name, rustix::buffer::spare_capacity(&mut value)).unwrap();
        (name.to_vec(), value)
    };
    attribute_names(&list).map(value).collect()
}

fn bytes_of(path: impl AsRef<OsStr>) -> Vec<u8> {
    path.as_ref().as_bytes().to_vec()
}

fn file_kind(size: u64) -> EntryKind {
    EntryKind::File { size, content: Content::EMPTY, sha256: None }
}

/// A file's entry: root's, mode 0644, of a day in 2001.
fn file(name: impl AsRef<[u8]>) -> Entry {
    Entry {
        name: name.as_ref().to_vec(),
        kind: file_kind(0),
        mode: 0o644,
        mtime: FileTime { seconds: 1_000_000_000, nanoseconds: 123_456_789 },
        ..Entry::default()
    }
}

fn symlink(name: &str, to: &str) -> Entry {
    Entry { kind: EntryKind::Symlink { target: to.as_bytes().to_vec() }, ..file(name) }
}

/// A new folder with a target `back` in it.
fn target(overwrite: Overwrite) -> (TempDir, Target) {
    let folder = tempfile::tempdir().unwrap();
    let target = Target::open(&folder.path().join("back"), overwrite).unwrap();
    (folder, target)
}

/// Runs a script with the shell, in `folder`.
fn shell(folder: &Path, script: &str) {
    let shell = ["-ec", script];
    let status = Command::new("sh").args(shell).current_dir(folder).status();
    assert!(
        status.unwrap().success(),
        "{script}\nfailed; it may need: apt-get install acl attr libcap2-bin util-linux"
    );
}

fn assert_same(first: &Path, second: &Path) {
    let found = compare_trees(first, second, &CompareOptions::default()).unwrap();
    let shown: Vec<String> = found.differences.iter().map(|d| d.to_string()).collect();
    assert_eq!(shown, Vec::<String>::new());
    assert!(found.is_same());
}

/// Counts what has a temporary name, at any depth that a path reaches.
fn temporaries(folder: &Path) -> usize {
    let mut count = 0;
    for item in std::fs::read_dir(folder).unwrap() {
        let item = item.unwrap();
        count += usize::from(bytes_of(item.file_name()).starts_with(b".beffroi-"));
        if item.file_type().unwrap().is_dir() {
            count += temporaries(&item.path());
        }
    }
    count
}
