//! Which journal is open: its folder's path in a file of this machine's state.
#![expect(clippy::disallowed_methods, reason = "this machine's state is files")]

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::{JournalError, JournalFolder, flush_folder, system};

/// The place where the open journal is named: `crisis/open` in the state.
#[derive(Clone, Debug)]
pub struct NamedJournal {
    folder: PathBuf,
}

impl NamedJournal {
    /// Takes the folder of this machine's state.
    pub fn new(state: &Path) -> Self {
        Self { folder: state.join("crisis") }
    }

    /// Returns the folder in which journals lie that nobody gave a place.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the open journal, if one is named.
    pub fn read(&self) -> Result<Option<JournalFolder>, JournalError> {
        let path = self.path();
        let mut name = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(1 << 16).read_to_end(&mut name));
        match read {
            Ok(_) => {
                let name = name.strip_suffix(b"\n").unwrap_or(&name);
                Ok(Some(JournalFolder::at(OsStr::from_bytes(name))).filter(|journal| journal.path().is_absolute()))
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
            Err(source) => Err(system(&path, source)),
        }
    }

    /// Names a journal as the open one.
    pub fn write(&self, journal: &JournalFolder) -> Result<(), JournalError> {
        let failed = |source| system(&self.path(), source);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder).map_err(failed)?;
        let name = std::path::absolute(journal.path()).map_err(failed)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder).map_err(failed)?;
        let line = [name.as_os_str().as_bytes(), b"\n"].concat();
        file.write_all(&line).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
        file.persist(self.path()).map_err(|error| failed(error.error))?;
        flush_folder(&self.folder).map_err(failed)
    }

    /// Names none any more.
    pub fn clear(&self) -> Result<(), JournalError> {
        let removed = fs::remove_file(self.path()).and_then(|()| flush_folder(&self.folder));
        removed.map_err(|source| system(&self.path(), source))
    }

    fn path(&self) -> PathBuf {
        self.folder.join("open")
    }
}
