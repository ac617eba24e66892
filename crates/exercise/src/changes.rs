//! A day's work on a copy: some files edited, added, renamed, deleted.
#![expect(clippy::disallowed_methods, reason = "the exercise changes files in its own copy")]

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use triage::Kind;

use crate::Sandbox;

/// What was changed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Changes {
    /// Texts that got a line more at their end.
    pub appended: u64,
    /// Texts that got a line more in their middle.
    pub edited: u64,
    /// Files of other kinds that were copied beside themselves.
    pub copied: u64,
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
        self.appended + self.edited + self.copied + self.deleted + self.renamed + self.added
    }
}

/// Of all files every hundredth is changed, at least five, chosen by a seed. Nothing is broken by it: whoever looks for damage finds
/// none.
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
        0 | 1 if !is_plain_text(path)? => {
            let name = path.file_name().unwrap_or_default().to_os_string();
            if name.len() < 240 {
                let mut copy = std::ffi::OsString::from("Copy of ");
                copy.push(name);
                fs::copy(path, path.with_file_name(copy))?;
                changes.copied += 1;
            }
        }
        0 => {
            OpenOptions::new().append(true).open(path)?.write_all(b"One line more.\n")?;
            changes.appended += 1;
        }
        1 => {
            let mut text = fs::read(path)?;
            let middle = text.len() / 2;
            let line = text[middle..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |end| middle + end + 1);
            text.splice(line..line, *b"One line more in the middle.\n");
            fs::write(path, text)?;
            changes.edited += 1;
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

/// Tells whether a line more does no harm: text without a grammar, of a size that people edit.
fn is_plain_text(path: &Path) -> io::Result<bool> {
    const BYTES_MAX: u64 = 1 << 20;
    if fs::metadata(path)?.len() > BYTES_MAX {
        return Ok(false);
    }
    let text = fs::read(path)?;
    let name = path.file_name().unwrap_or_default().as_bytes();
    let is_plain = matches!(Kind::of(&text, name), Kind::Text | Kind::Csv | Kind::Sql | Kind::Script);
    Ok(is_plain && std::str::from_utf8(&text).is_ok())
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
