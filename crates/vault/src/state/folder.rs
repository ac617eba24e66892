//! The folder of an agent's state: who may read it, and who is using it.
#![expect(clippy::disallowed_methods, reason = "the state is files; this module opens its folders and lists them")]

use std::fs::{DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, FlockOperation, Mode, OFlags, flock, fstat};
use rustix::io::Errno;

use crate::id::{StrandId, VaultId};
use crate::state::StateError;

/// A folder that only the user who runs may read.
#[derive(Clone, Debug)]
pub struct StateFolder {
    path: PathBuf,
}

/// The right to change what is in a state folder, until dropped.
#[derive(Debug)]
pub struct StateLock {
    file: File,
}

impl StateFolder {
    /// Opens the base folder, made if it is missing; refused if others may enter it.
    pub fn open(base: &Path) -> Result<Self, StateError> {
        make_folder(base)?;
        Ok(Self { path: base.to_path_buf() })
    }

    /// Opens the folder of one vault below this one.
    pub fn for_vault(&self, vault: VaultId) -> Result<Self, StateError> {
        let vaults = self.path.join(VAULTS);
        make_folder(&vaults)?;
        Self::open(&vaults.join(vault.to_hex()))
    }

    /// Opens the folder of one strand below that of its vault.
    pub fn for_strand(&self, strand: StrandId) -> Result<Self, StateError> {
        let strands = self.path.join(STRANDS);
        make_folder(&strands)?;
        Self::open(&strands.join(strand.to_hex()))
    }

    /// Returns the vaults that have a folder below this one, sorted.
    pub fn vaults(&self) -> Result<Vec<VaultId>, StateError> {
        self.below(VAULTS, VaultId::from_hex)
    }

    /// Returns the strands that have a folder below that of their vault, sorted.
    pub fn strands(&self) -> Result<Vec<StrandId>, StateError> {
        self.below(STRANDS, StrandId::from_hex)
    }

    fn below<T: Ord>(&self, folder: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, StateError> {
        let path = self.path.join(folder);
        let failed = |source| StateError::Io { path: path.clone(), source };
        let entries = match std::fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let name = entry.map_err(failed)?.file_name();
            found.extend(name.to_str().and_then(&parse));
        }
        found.sort();
        Ok(found)
    }

    /// Takes the lock, without waiting.
    ///
    /// [`StateError::Busy`] says that another process, or another guard of this one, has it. It ends with the guard,
    /// also when the process dies.
    pub fn lock(&self) -> Result<StateLock, StateError> {
        let path = self.path.join("lock");
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = open_checked(&path, flags)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => {
                let pid = read_pid(&mut file);
                return Err(StateError::Busy { path, pid });
            }
            Err(error) => return Err(system(&path, error)),
        }
        let written = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        written.map_err(|source| StateError::Io { path, source })?;
        Ok(StateLock { file })
    }

    /// Returns where the folder is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for StateLock {
    /// Unlocks; closing alone does not while a child that another thread is starting still holds a copy of the file.
    fn drop(&mut self) {
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

const VAULTS: &str = "vaults";
const STRANDS: &str = "strands";
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// Opens a file that must be plain and private; one that is made is made so.
pub(super) fn open_checked(path: &Path, flags: OFlags) -> Result<File, StateError> {
    let mode = Mode::from_raw_mode(FILE_MODE);
    let file = match rustix::fs::open(path, flags, mode) {
        Ok(file) => File::from(file),
        Err(Errno::LOOP) => {
            let path = path.to_path_buf();
            return Err(StateError::Odd { path });
        }
        Err(error) => return Err(system(path, error)),
    };
    check_private(path, &file, FileType::RegularFile, FILE_MODE)?;
    Ok(file)
}

/// Makes the names in a folder durable.
pub(super) fn flush_folder(path: &Path) -> Result<(), StateError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = rustix::fs::open(path, flags, Mode::empty()).map_err(|error| system(path, error))?;
    rustix::fs::fsync(folder).map_err(|error| system(path, error))
}

/// Makes an error of what the system says about a path.
pub(super) fn system(path: &Path, error: Errno) -> StateError {
    StateError::Io { path: path.to_path_buf(), source: error.into() }
}

fn make_folder(path: &Path) -> Result<(), StateError> {
    let made = DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path);
    made.map_err(|source| StateError::Io { path: path.to_path_buf(), source })?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = rustix::fs::open(path, flags, Mode::empty()).map_err(|error| system(path, error))?;
    check_private(path, &File::from(folder), FileType::Directory, FOLDER_MODE)
}

fn check_private(path: &Path, file: &File, kind: FileType, wanted: u32) -> Result<(), StateError> {
    let stat = fstat(file).map_err(|error| system(path, error))?;
    let path = path.to_path_buf();
    if FileType::from_raw_mode(stat.st_mode) != kind {
        return Err(StateError::Odd { path });
    }
    let user = rustix::process::geteuid().as_raw();
    if stat.st_uid != user {
        return Err(StateError::Foreign { path, owner: stat.st_uid, user, wanted });
    }
    let mode = stat.st_mode & 0o7777;
    if mode & 0o077 != 0 {
        return Err(StateError::Loose { path, mode, wanted });
    }
    Ok(())
}

fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// Makes a private folder for a test, in memory where there is such a place: tests flush often.
#[cfg(test)]
pub(super) fn scratch() -> (tempfile::TempDir, StateFolder) {
    use std::os::unix::fs::PermissionsExt;
    let private = std::fs::Permissions::from_mode(FOLDER_MODE);
    let mut builder = tempfile::Builder::new();
    let builder = builder.permissions(private);
    let in_memory = builder.tempdir_in("/dev/shm");
    let base = in_memory.or_else(|_| builder.tempdir()).unwrap();
    let folder = StateFolder::open(base.path()).unwrap();
    (base, folder)
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::process::{Command, Stdio};

    use super::*;

    fn loosen(path: &Path, mode: u32) {
        set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn folders_are_made_private_and_listed() {
        let base = tempfile::tempdir().unwrap();
        let base = base.path().join("deep/state");
        let state = StateFolder::open(&base).unwrap();
        assert_eq!(state.vaults().unwrap(), []);
        let vault = VaultId([7; 16]);
        let folder = state.for_vault(vault).unwrap();
        assert_eq!(folder.path(), base.join("vaults").join(vault.to_hex()));
        let mode = folder.path().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o700);
        assert_eq!(state.vaults().unwrap(), [vault]);
    }

    #[test]
    fn loose_folders_and_files_are_refused_with_the_command_that_repairs() {
        let (base, folder) = scratch();
        drop(folder.lock().unwrap());
        let lock = base.path().join("lock");
        loosen(&lock, 0o640);
        let text = folder.lock().unwrap_err().to_string();
        assert!(text.contains(&format!("chmod 600 {}", lock.display())), "{text}");
        loosen(base.path(), 0o755);
        let text = StateFolder::open(base.path()).unwrap_err().to_string();
        assert!(text.contains(&format!("chmod 700 {}", base.path().display())), "{text}");
    }

    #[test]
    fn what_belongs_to_another_is_refused() {
        let (base, folder) = scratch();
        drop(folder.lock().unwrap());
        let lock = base.path().join("lock");
        // Only root can give a file away; others see a folder of root's instead.
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(&lock, Some(12345), None).unwrap();
            let refused = folder.lock().unwrap_err();
            assert!(matches!(refused, StateError::Foreign { owner: 12345, .. }));
        } else {
            let refused = StateFolder::open(Path::new("/")).unwrap_err();
            assert!(matches!(refused, StateError::Foreign { owner: 0, .. }));
        }
    }

    #[test]
    fn a_link_is_no_lock() {
        let (base, folder) = scratch();
        std::os::unix::fs::symlink("/dev/null", base.path().join("lock")).unwrap();
        assert!(matches!(folder.lock().unwrap_err(), StateError::Odd { .. }));
    }

    #[test]
    fn a_second_guard_is_told_who_holds_the_lock() {
        let (_base, folder) = scratch();
        let guard = folder.lock().unwrap();
        let own = std::process::id();
        let refused = folder.lock().unwrap_err();
        assert!(matches!(refused, StateError::Busy { pid: Some(pid), .. } if pid == own));
        drop(guard);
        folder.lock().unwrap();
    }

    #[test]
    fn a_copy_of_the_file_does_not_keep_the_lock() {
        let (_base, folder) = scratch();
        let guard = folder.lock().unwrap();
        let copy = guard.file.try_clone().unwrap();
        drop(guard);
        folder.lock().unwrap();
        drop(copy);
    }

    #[test]
    fn another_process_holds_the_lock_until_it_dies() {
        let (base, folder) = scratch();
        drop(folder.lock().unwrap());
        let mut other = Command::new("flock")
            .args(["-x", "-o"])
            .arg(base.path().join("lock"))
            .args(["sh", "-c", "echo held; read _"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = [0; 4];
        other.stdout.as_mut().unwrap().read_exact(&mut said).unwrap();
        assert!(matches!(folder.lock().unwrap_err(), StateError::Busy { .. }));
        drop(other.stdin.take());
        other.wait().unwrap();
        folder.lock().unwrap();
    }

    #[test]
    fn a_dropped_lock_is_free_though_a_child_has_the_file() {
        let base = tempfile::tempdir().unwrap();
        let folder = StateFolder::open(&base.path().join("state")).unwrap();
        let lock = folder.lock().unwrap();
        let inherited = lock.file.try_clone().unwrap();
        drop(lock);
        folder.lock().unwrap();
        drop(inherited);
    }
}
