//! The report's file: written whole or not at all, and never in the place of anything but an older report.
#![expect(clippy::disallowed_methods, reason = "the report is a file that the user names")]

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// How every report begins.
pub const MARK: &str = "<!doctype html>\n<!-- beffroi damage report 1 -->\n";

/// A place for a report, which is not there yet.
#[derive(Debug)]
pub struct ReportFile {
    path: PathBuf,
    temporary: NamedTempFile,
}

/// Why a report cannot be written there.
#[derive(Debug)]
pub enum ReportFileError {
    /// Something else is there.
    Taken,
    /// The system refuses.
    System(io::Error),
}

impl From<io::Error> for ReportFileError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl ReportFile {
    /// Prepares a file beside the one that is wanted, readable by its owner only.
    pub fn prepare(path: &Path) -> Result<Self, ReportFileError> {
        check(path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let temporary = tempfile::Builder::new().prefix(".beffroi-report-").tempfile_in(folder)?;
        Ok(Self { path: path.to_path_buf(), temporary })
    }

    /// Writes the report and gives it its name.
    pub fn finish(mut self, page: &str) -> Result<(), ReportFileError> {
        self.temporary.write_all(page.as_bytes())?;
        self.temporary.as_file().sync_all()?;
        match check(&self.path)? {
            Place::Free => match self.temporary.persist_noclobber(&self.path) {
                Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(ReportFileError::Taken),
                persisted => persisted.map(drop).map_err(|error| error.error.into()),
            },
            Place::OlderReport => self.temporary.persist(&self.path).map(drop).map_err(|error| error.error.into()),
        }
    }
}

enum Place {
    Free,
    OlderReport,
}

/// Looks at what is there: nothing, a report of ours, or something that stays.
fn check(path: &Path) -> Result<Place, ReportFileError> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Place::Free),
        Err(error) => return Err(error.into()),
    };
    if !found.is_file() {
        return Err(ReportFileError::Taken);
    }
    let mut start = Vec::new();
    File::open(path)?.take(MARK.len() as u64).read_to_end(&mut start)?;
    if start == MARK.as_bytes() { Ok(Place::OlderReport) } else { Err(ReportFileError::Taken) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_older_report_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rapport.html");
        ReportFile::prepare(&path).unwrap().finish(&format!("{MARK}first")).unwrap();
        ReportFile::prepare(&path).unwrap().finish(&format!("{MARK}second")).unwrap();
        assert!(fs::read_to_string(&path).unwrap().ends_with("second"));
        let taken = |path: &Path| matches!(ReportFile::prepare(path), Err(ReportFileError::Taken));
        let other = folder.path().join("lettre.html");
        fs::write(&other, "<!doctype html>\nUne lettre.").unwrap();
        let link = folder.path().join("lien.html");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(taken(&other) && taken(&link) && taken(folder.path()));
        // What appears meanwhile stays too.
        let late = folder.path().join("tard.html");
        let prepared = ReportFile::prepare(&late).unwrap();
        fs::write(&late, "autre chose").unwrap();
        assert!(matches!(prepared.finish(MARK), Err(ReportFileError::Taken)));
        assert_eq!(fs::read_to_string(&late).unwrap(), "autre chose");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4, "nothing half written is left");
    }
}
