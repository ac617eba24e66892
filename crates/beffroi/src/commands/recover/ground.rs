//! The folder below which everything comes back, and what of it may be believed.
//!
//! Whoever can write there before the return could say that something is back, or put his files where a source is given back. So the
//! program's own folder must be its user's alone, and a source is given back only where nothing is, unless this return put it there.
#![expect(clippy::disallowed_methods, reason = "people name the folder below which everything comes back")]

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use town::map::{Map, SourceName};

use crate::failure::Failure;
use crate::journal_file::digest_of;
use crate::messages::text;
use crate::output::Output;

/// What is needed for a return lies in a folder of this name, below the one in which sources are given back.
const OWN_FOLDER: &str = ".recover";

/// The folder below which sources are given back.
pub struct Ground {
    to: PathBuf,
    own: PathBuf,
}

impl Ground {
    /// Makes the folder and the program's own in it; one that others could have written to is refused.
    pub fn open(to: &Path) -> Result<Self, Failure> {
        let own = to.join(OWN_FOLDER);
        let made = fs::create_dir_all(to).and_then(|()| match fs::DirBuilder::new().mode(0o700).create(&own) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => fs::symlink_metadata(&own),
        });
        let at = || text("err-at-path").show("path", own.display());
        let status = made.map_err(|error| Failure::from(error).under(at()))?;
        let is_own = status.is_dir() && status.uid() == rustix::process::geteuid().as_raw();
        match is_own && status.mode() & 0o022 == 0 {
            true => Ok(Self { to: to.to_path_buf(), own }),
            false => Err(Failure::new(text("err-recover-ground")).under(at())),
        }
    }

    /// Returns the program's own folder.
    pub fn own(&self) -> &Path {
        &self.own
    }

    /// Returns the file with the plan of a source.
    pub fn plan(&self, source: &SourceName) -> PathBuf {
        self.own.join(format!("{}.plan", folder_name(source)))
    }

    /// Returns the folder in which a source is given back.
    pub fn target(&self, source: &SourceName) -> PathBuf {
        self.to.join(folder_name(source))
    }

    /// Refuses a source whose name leads elsewhere, or to where another is given back.
    pub fn check_name(&self, map: &Map, source: &SourceName) -> Result<(), Failure> {
        let name = folder_name(source);
        let is_taken = map.sources.iter().any(|other| other.name != *source && folder_name(&other.name) == name);
        match is_taken || matches!(&*name, "" | "." | ".." | OWN_FOLDER) {
            true => Err(Failure::new(text("err-recover-name").with("source", Output::safe(source.as_str())))),
            false => Ok(()),
        }
    }

    /// Refuses a place where something is: it would be taken for what was given back.
    pub fn require_free(&self, source: &SourceName) -> Result<(), Failure> {
        let target = self.target(source);
        let is_free = match fs::symlink_metadata(&target) {
            Ok(status) => status.is_dir() && fs::read_dir(&target)?.next().is_none(),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        match is_free {
            true => Ok(()),
            false => Err(Failure::new(text("err-recover-taken").show("path", target.display()))),
        }
    }

    /// Tells whether the folder of a source is there, and is one: no link that leads elsewhere.
    pub fn is_there(&self, source: &SourceName) -> bool {
        fs::symlink_metadata(self.target(source)).is_ok_and(|status| status.is_dir())
    }

    /// Refuses to go on where a link stands in the place of a folder.
    pub fn require_own(&self, source: &SourceName) -> Result<(), Failure> {
        match self.is_there(source) || fs::symlink_metadata(self.target(source)).is_err() {
            true => Ok(()),
            false => self.require_free(source),
        }
    }

    /// Returns the SHA-256 of the plan of a source.
    pub fn digest_of_plan(&self, source: &SourceName) -> Result<String, Failure> {
        let plan = self.plan(source);
        let at = || text("err-at-path").show("path", plan.display());
        digest_of(&plan).map(|plan| plan.sha256).map_err(|error| Failure::from(error).under(at()))
    }
}

/// Names the folder of a source: one name, whatever the source is called.
fn folder_name(source: &SourceName) -> String {
    source.as_str().replace(['/', '\0'], "_")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn the_own_folder_is_its_users_alone() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join(OWN_FOLDER);
        Ground::open(folder.path()).unwrap();
        assert_eq!(own.metadata().unwrap().permissions().mode() & 0o7777, 0o700);
        Ground::open(folder.path()).unwrap();
        fs::set_permissions(&own, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(Ground::open(folder.path()).is_err(), "others may write there");
        fs::remove_dir(&own).unwrap();
        fs::create_dir(folder.path().join("elsewhere")).unwrap();
        symlink("elsewhere", &own).unwrap();
        assert!(Ground::open(folder.path()).is_err(), "a link");
    }

    #[test]
    fn a_source_is_given_back_where_nothing_is() {
        let folder = tempfile::tempdir().unwrap();
        let (ground, source) = (Ground::open(folder.path()).unwrap(), SourceName("paie".into()));
        let target = folder.path().join("paie");
        assert!(ground.require_free(&source).is_ok() && ground.require_own(&source).is_ok());
        fs::create_dir(&target).unwrap();
        assert!(ground.require_free(&source).is_ok() && ground.is_there(&source));
        fs::write(target.join("planted"), "").unwrap();
        assert!(ground.require_free(&source).is_err() && ground.require_own(&source).is_ok());
        fs::remove_dir_all(&target).unwrap();
        symlink("/var/empty", &target).unwrap();
        assert!(ground.require_free(&source).is_err() && ground.require_own(&source).is_err());
        assert!(!ground.is_there(&source));
    }
}
