//! A day's work on a copy: some files edited, added, renamed, deleted.
#![expect(clippy::disallowed_methods, reason = "the exercise changes files in its own copy")]

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, FileTypeExt};
use std::path::{Path, PathBuf};

use crate::Sandbox;

/// What was changed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Changes {
    /// Files that got a line more.
    pub appended: u64,
    /// Files with some bytes changed in their middle.
    pub overwritten: u64,
    /// Files that are gone.
    pub deleted: u64,
    /// Files with another name.
    pub renamed: u64,
    /// Files that are new.
    pub added: u64,
}

impl Changes {
    /// The sum.
    pub fn total(&self) -> u64 {
        self.appended + self.overwritten + self.deleted + self.renamed + self.added
    }
}

/// Of all files every hundredth is changed, at least five, chosen by a seed.
pub fn change_some(sandbox: &Sandbox, seed: u64) -> io::Result<Changes> {
    let mut files = Vec::new();
    list_files(&sandbox.path(), &mut files)?;
    files.sort();
    let mut changes = Changes::default();
    let wanted = (files.len() / 100).max(5).min(files.len());
    let stride = files.len().checked_div(wanted).unwrap_or(1).max(1);
    let start = usize::try_from(seed % stride as u64).unwrap_or(0);
    for (at, path) in files.iter().skip(start).step_by(stride).take(wanted).enumerate() {
        change(path, at, &mut changes)?;
    }
    let note = sandbox.path().join("beffroi exercise – note.txt");
    fs::write(note, "Added by a Beffroi exercise, in a copy.\n")?;
    changes.added += 1;
    Ok(changes)
}

fn change(path: &Path, at: usize, changes: &mut Changes) -> io::Result<()> {
    match at % 4 {
        0 => {
            OpenOptions::new().append(true).open(path)?.write_all(b"One line more.\n")?;
            changes.appended += 1;
        }
        1 => {
            let file = OpenOptions::new().write(true).open(path)?;
            let middle = file.metadata()?.len() / 2;
            file.write_all_at(b"changed", middle)?;
            changes.overwritten += 1;
        }
        2 => {
            let mut name = path.file_name().unwrap_or_default().to_os_string();
            if name.len() < 240 {
                name.push(".renamed");
                fs::rename(path, path.with_file_name(name))?;
                changes.renamed += 1;
            }
        }
        _ => {
            fs::remove_file(path)?;
            changes.deleted += 1;
        }
    }
    Ok(())
}

/// Lists regular files; a path longer than the system takes is left alone.
fn list_files(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            let short = entry.path().as_os_str().len() < 3500;
            if kind.is_dir() && short {
                folders.push(entry.path());
            } else if kind.is_file() && !kind.is_fifo() && short {
                files.push(entry.path());
            }
        }
    }
    Ok(())
}
