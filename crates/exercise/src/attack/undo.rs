//! Bringing everything back.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};

use restore::TreePath;
use rustix::fs::{Mode, fchmod, futimens};
use thiserror::Error;

use super::cipher::Cipher;
use super::rewrite::{self, Hand};
use super::truth::{Deed, Record, Truth};
use crate::Sandbox;
use crate::ground::{self, Ground, GroundError, system};

/// Why not everything came back.
#[derive(Debug, Error)]
pub enum UndoError {
    /// The copy.
    #[error(transparent)]
    Ground(#[from] GroundError),
    /// The content of a file.
    #[error("the content of {path} could not be brought back")]
    Content {
        /// Which file.
        path: TreePath,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A record that says of nothing where it was or is.
    #[error("record {number} leads nowhere")]
    Nowhere {
        /// Which, from 1.
        number: usize,
    },
}

/// Undoes an attack on this sandbox's copy, last deed first: contents, names, permission bits and times are as before.
///
/// What nothing brings back are capabilities of programs, which the kernel takes away when a file is written, and holes.
/// Of several attacks on one copy the last must be undone first. Returns how many records were undone.
pub fn undo(sandbox: &Sandbox, truth: &Truth) -> Result<usize, UndoError> {
    let mut names = HashMap::new();
    for first in truth.records.iter().filter_map(|record| record.same_file_as.as_ref()) {
        *names.entry(first).or_insert(1) += 1;
    }
    let undoing = Undoing { ground: Ground::open(sandbox)?, truth, names };
    for (number, record) in truth.records.iter().enumerate().rev() {
        match (&record.before, &record.after) {
            (None, Some(made)) => undoing.unmake(record, made)?,
            (Some(before), after) if record.way_back.kept.is_some() => {
                undoing.bring_in(record, before, after.as_ref())?
            }
            (Some(before), Some(after)) => undoing.change_back(record, before, after)?,
            _ => return Err(UndoError::Nowhere { number: number + 1 }),
        }
    }
    for folder in truth.folders.iter().rev() {
        if let Some(path) = &folder.path {
            undoing.ground.set_times(path, &folder.times)?;
        }
    }
    Ok(truth.records.len())
}

struct Undoing<'t> {
    ground: Ground,
    truth: &'t Truth,
    /// How many names files have in the copy that have more than one.
    names: HashMap<&'t TreePath, usize>,
}

impl Undoing<'_> {
    fn unmake(&self, record: &Record, made: &TreePath) -> Result<(), GroundError> {
        if record.deed == Deed::Folder { self.ground.remove_folder(made) } else { self.ground.remove(made) }
    }

    fn bring_in(&self, record: &Record, before: &TreePath, after: Option<&TreePath>) -> Result<(), GroundError> {
        let kept = record.way_back.kept.as_deref().unwrap_or_default();
        if let Some(after) = after {
            self.ground.remove(after)?;
        }
        self.ground.move_in(&self.truth.shelf.kept, kept, before)
    }

    fn change_back(&self, record: &Record, before: &TreePath, after: &TreePath) -> Result<(), UndoError> {
        if record.same_file_as.is_none() {
            let file = self.ground.open_file(after)?;
            let names = self.names.get(before).copied().unwrap_or(1);
            ground::check_names(&file, after, names)?;
            let fail = |source| UndoError::Content { path: after.clone(), source };
            self.content_back(record, before, &file).map_err(fail)?;
            fchmod(&file, Mode::from_raw_mode(record.way_back.mode)).map_err(system("given its mode", after))?;
            if let Some(times) = &record.way_back.times {
                futimens(&file, &times.timestamps()).map_err(system("given its times", after))?;
            }
        }
        if before != after {
            self.ground.rename(after, before)?;
        }
        Ok(())
    }

    fn content_back(&self, record: &Record, before: &TreePath, file: &File) -> io::Result<()> {
        let (bytes, pattern) = (record.bytes_before, &record.pattern);
        let shelf = &self.truth.shelf;
        let mut cipher = Cipher::new(&self.truth.key, before.as_bytes(), record.form);
        if let Some(plain) = &record.way_back.plain {
            file.set_len(bytes)?;
            rewrite::put_back(file, bytes, pattern, &mut BufReader::new(shelf.open_plain(plain)?))
        } else if record.form.keeps_size() {
            rewrite::change(file, bytes, pattern, &mut cipher, Hand::Write, None)?;
            file.set_len(bytes)
        } else {
            let whole = shelf.nameless()?;
            let mut writer = BufWriter::new(&whole);
            rewrite::decode(&mut BufReader::new(file), bytes, pattern, &mut cipher, &mut writer)?;
            writer.flush()?;
            drop(writer);
            rewrite::copy(&whole, file)?;
            file.set_len(bytes)
        }
    }
}
