//! The walk, told as lines of text, on trees made for it.
#![expect(clippy::disallowed_methods, reason = "tests make the trees that they read")]

mod content;
mod deep;
mod exclusions;
mod living;
mod order;
mod privileged;

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::*;

/// Walks one root and returns what the walk told, one line each.
fn outline(root: &Path, change: impl FnOnce(&mut WalkOptions)) -> Vec<String> {
    outline_of(&[root.to_owned()], change)
}

/// A directory is `path/`, followed by why it is left out; anything else its path; an error begins with `!`.
fn outline_of(roots: &[PathBuf], change: impl FnOnce(&mut WalkOptions)) -> Vec<String> {
    let mut options = WalkOptions::everything(std::env::temp_dir());
    change(&mut options);
    let roots = RootPaths::resolve(roots).unwrap();
    lines(Walk::open(&roots, options).unwrap())
}

/// Checks on the way what every walk promises: nesting, order, names once.
fn lines(events: impl Iterator<Item = Event>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut last_names: Vec<Vec<u8>> = vec![Vec::new()];
    for event in events {
        if let Event::Enter(Directory { name, .. })
        | Event::Item(Item { name, .. })
        | Event::TooLarge(Item { name, .. }) = &event
        {
            let last = last_names.last_mut().unwrap();
            let first = name.is_empty() && last.is_empty();
            assert!(first || *name > *last, "{name:?} after {last:?}");
            last.clone_from(name);
        }
        match event {
            Event::Enter(directory) => {
                last_names.push(Vec::new());
                lines.push(directory_line(&directory));
            }
            Event::Leave => drop(last_names.pop()),
            Event::Item(item) => {
                assert_ne!(item.stat.kind, FileKind::Directory);
                lines.push(item.path().to_string());
            }
            Event::TooLarge(item) => lines.push(format!("{} too large", item.path())),
            Event::Unreadable(error) => lines.push(format!("!{error}")),
        }
    }
    assert_eq!(last_names.len(), 1, "a directory was not left");
    lines
}

fn directory_line(directory: &Directory) -> String {
    assert_eq!(directory.stat.kind, FileKind::Directory);
    assert_eq!(directory.handle.path().name(), directory.name);
    let path = directory.handle.path().to_path();
    match directory.left_out {
        None => format!("{path}/"),
        Some(reason) => format!("{path}/ {reason:?}"),
    }
}

/// Makes files, and directories where the path ends with `/`.
fn tree(paths: &[&str]) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    for path in paths {
        let full = place.path().join(path);
        if path.ends_with('/') {
            std::fs::create_dir_all(full).unwrap();
        } else {
            std::fs::create_dir_all(full.parent().unwrap()).unwrap();
            std::fs::write(full, path).unwrap();
        }
    }
    place
}

/// Opens a directory the way the walk does.
fn handle(path: &Path) -> DirectoryHandle {
    let path = SourcePath(path.as_os_str().as_bytes().to_vec());
    DirectoryHandle::open_root(&path).unwrap().0
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
