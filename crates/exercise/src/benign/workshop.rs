//! Where jobs work: the copy's files, and programs with a home of their own and a limit of time.
#![expect(clippy::disallowed_methods, reason = "jobs run programs on the exercise's own copy")]

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::Duration;

use restore::TreePath;
use rustix::fs::{Mode, fchmod, fstat, futimens};
use rustix::process::{Pid, Signal, kill_process_group};
use thiserror::Error;

use super::Package;
use crate::Sandbox;
use crate::ground::{self, FileTimes, Ground, GroundError, system};

/// A piece of ordinary work.
#[derive(Clone, Debug)]
pub struct Job {
    /// What it is called.
    pub name: &'static str,
    /// What it does to the tree.
    pub does: &'static str,
    /// Which Debian packages it needs.
    pub packages: &'static [Package],
    pub(super) prepare: Work,
    pub(super) work: Work,
}

/// Does something, and tells to how many files.
pub(super) type Work = fn(&Workshop<'_>) -> Result<u64, JobError>;

/// Why a job was not done.
#[derive(Debug, Error)]
pub enum JobError {
    /// A program is not installed.
    #[error("programs are absent, type: {install}")]
    Absent {
        /// What installs it.
        install: String,
    },
    /// The copy.
    #[error(transparent)]
    Ground(#[from] GroundError),
    /// The content of a file.
    #[error("{path} could not be read or written")]
    Content {
        /// Which file.
        path: TreePath,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A program, or its home.
    #[error("{program} could not be started")]
    Start {
        /// Which one.
        program: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A program.
    #[error("{program} failed ({status}): {message}")]
    Failed {
        /// Which one.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// What it said last.
        message: String,
    },
    /// A program.
    #[error("{program} was ended: it took more than {seconds} s")]
    TooSlow {
        /// Which one.
        program: String,
        /// What it was allowed.
        seconds: u64,
    },
}

/// The place of one job.
pub(super) struct Workshop<'s> {
    pub(super) sandbox: &'s Sandbox,
    pub(super) ground: Ground,
    pub(super) seed: u64,
    home: tempfile::TempDir,
}

impl<'s> Workshop<'s> {
    pub(super) fn open(sandbox: &'s Sandbox, seed: u64) -> Result<Self, JobError> {
        let made = tempfile::Builder::new().prefix("home-").tempdir_in(sandbox.beside(""));
        let home = made.map_err(|source| JobError::Start { program: "the workshop".into(), source })?;
        Ok(Self { sandbox, ground: Ground::open(sandbox)?, seed, home })
    }

    /// Returns the folder that programs take for their user's home.
    pub(super) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Lists the files of some extensions, in lower case; all files for none.
    pub(super) fn files(&self, extensions: &[&str]) -> Result<Vec<TreePath>, JobError> {
        let files = self.ground.list()?.files.into_iter().map(|file| file.path);
        Ok(files.filter(|path| extensions.is_empty() || extensions.contains(&extension(path).as_str())).collect())
    }

    pub(super) fn read(&self, path: &TreePath) -> Result<Vec<u8>, JobError> {
        let mut bytes = Vec::new();
        self.ground.open_file(path)?.read_to_end(&mut bytes).map_err(content(path))?;
        Ok(bytes)
    }

    /// Makes a file, with the folders above it.
    pub(super) fn write_new(&self, path: &TreePath, bytes: &[u8]) -> Result<(), JobError> {
        self.make_folders(&TreePath::new(ground::split(path).0))?;
        self.ground.create_file(path, Mode::from_raw_mode(0o644))?.write_all(bytes).map_err(content(path))
    }

    /// Cuts a file to nothing and writes it anew.
    pub(super) fn write_over(&self, path: &TreePath, bytes: &[u8]) -> Result<(), JobError> {
        let mut file = self.ground.open_file(path)?;
        file.set_len(0).and_then(|()| file.write_all(bytes)).map_err(content(path))
    }

    pub(super) fn append(&self, path: &TreePath, bytes: &[u8]) -> Result<(), JobError> {
        let mut file = self.ground.open_file(path)?;
        file.seek(io::SeekFrom::End(0)).and_then(|_| file.write_all(bytes)).map_err(content(path))
    }

    /// Saves as careful programs do: a new file is written beside and renamed over the old one.
    pub(super) fn save_over(&self, path: &TreePath, passing_name: &[u8], bytes: &[u8]) -> Result<(), JobError> {
        let passing = ground::sibling(path, passing_name);
        let mode = self.ground.stat(path)?.st_mode & 0o777;
        let mut file = self.ground.create_file(&passing, Mode::RUSR | Mode::WUSR)?;
        file.write_all(bytes).map_err(content(path))?;
        fchmod(&file, Mode::from_raw_mode(mode)).map_err(system("made", path))?;
        Ok(self.ground.rename_over(&passing, path)?)
    }

    /// Sets a file's mode, and moves its modification time by some seconds.
    pub(super) fn touch(&self, path: &TreePath, mode: u32, seconds: i64) -> Result<(), JobError> {
        let file = self.ground.open_file(path)?;
        let mut times = FileTimes::of(&fstat(&file).map_err(system("looked at", path))?);
        times.modified.0 += seconds;
        fchmod(&file, Mode::from_raw_mode(mode)).map_err(system("given its mode", path))?;
        Ok(futimens(&file, &times.timestamps()).map_err(system("given its times", path))?)
    }

    /// Keeps a version of a file beside the copy, until the job goes on.
    pub(super) fn set_aside(&self, path: &TreePath, bytes: &[u8]) -> Result<(), JobError> {
        let folder = self.sandbox.beside(SET_ASIDE);
        let name = blake3::hash(path.as_bytes()).to_hex();
        let version = [path.as_bytes(), b"\0", bytes].concat();
        let kept = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(folder.join(&name[..]), version));
        kept.map_err(content(path))
    }

    /// Returns the versions that were set aside, by path.
    pub(super) fn what_was_set_aside(&self) -> Result<Vec<(TreePath, Vec<u8>)>, JobError> {
        let fail = content(&TreePath::default());
        let mut kept = Vec::new();
        for entry in std::fs::read_dir(self.sandbox.beside(SET_ASIDE)).map_err(&fail)? {
            let version = std::fs::read(entry.map_err(&fail)?.path()).map_err(&fail)?;
            let end = version.iter().position(|byte| *byte == 0).unwrap_or(0);
            kept.push((TreePath::new(&version[..end]), version[end + 1..].to_vec()));
        }
        kept.sort();
        Ok(kept)
    }

    pub(super) fn make_folders(&self, path: &TreePath) -> Result<(), JobError> {
        let mut made = TreePath::default();
        for step in path.as_bytes().split(|byte| *byte == b'/').filter(|step| !step.is_empty()) {
            made = made.join(step);
            if self.ground.is_free(&made)? {
                self.ground.make_folder(&made)?;
            }
        }
        Ok(())
    }

    /// Runs a program at the copy's top, and returns what it printed.
    pub(super) fn run<A: AsRef<OsStr>>(
        &self,
        program: &str,
        arguments: impl IntoIterator<Item = A>,
    ) -> Result<Vec<u8>, JobError> {
        self.run_in(&TreePath::default(), program, arguments)
    }

    /// Runs a program in a folder of the copy, and returns what it printed.
    pub(super) fn run_in<A: AsRef<OsStr>>(
        &self,
        folder: &TreePath,
        program: &str,
        arguments: impl IntoIterator<Item = A>,
    ) -> Result<Vec<u8>, JobError> {
        let place = self.ground.open_folder(folder)?;
        let fail = |source| JobError::Start { program: program.into(), source };
        let mut said = tempfile::tempfile_in(self.home()).map_err(fail)?;
        let mut complained = tempfile::tempfile_in(self.home()).map_err(fail)?;
        let child = Command::new(program)
            .args(arguments)
            // The descriptor is the folder, whatever its path leads to by now.
            .current_dir(format!("/proc/self/fd/{}", place.as_raw_fd()))
            .env_clear()
            .envs([("PATH", PATH), ("LANG", "C.UTF-8"), ("GIT_CONFIG_NOSYSTEM", "1"), ("SOURCE_DATE_EPOCH", DAY)])
            .envs(["HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"].map(|name| (name, self.home())))
            .stdin(Stdio::null())
            .stdout(said.try_clone().map_err(fail)?)
            .stderr(complained.try_clone().map_err(fail)?)
            .process_group(0)
            .spawn()
            .map_err(fail)?;
        let Some(status) = wait(child).map_err(fail)? else {
            return Err(JobError::TooSlow { program: program.into(), seconds: LIMIT.as_secs() });
        };
        let output = from_start(&mut said).map_err(fail)?;
        if status.success() {
            return Ok(output);
        }
        let message = [from_start(&mut complained).map_err(fail)?, output].concat();
        let message = String::from_utf8_lossy(&message[..message.len().min(MESSAGE_BYTES_MAX)]).trim().to_string();
        Err(JobError::Failed { program: program.into(), status, message })
    }
}

/// Returns a path as an argument that no program takes for an option.
pub(super) fn argument(path: &TreePath) -> OsString {
    OsString::from_vec([b"./", path.as_bytes()].concat())
}

/// Returns a name as an argument for a program that runs in its folder.
pub(super) fn name_argument(path: &TreePath) -> OsString {
    argument(&TreePath::new(ground::split(path).1))
}

/// Returns texts as arguments.
pub(super) fn arguments<const N: usize>(texts: [&str; N]) -> Vec<OsString> {
    texts.iter().map(OsString::from).collect()
}

/// Puts paths together by their folders.
pub(super) fn by_folder(paths: Vec<TreePath>) -> BTreeMap<TreePath, Vec<TreePath>> {
    let mut folders: BTreeMap<TreePath, Vec<TreePath>> = BTreeMap::new();
    for path in paths {
        folders.entry(TreePath::new(ground::split(&path).0)).or_default().push(path);
    }
    folders
}

/// Returns the extension in lower case, empty for none.
pub(super) fn extension(path: &TreePath) -> String {
    let name = ground::split(path).1;
    let extension = name.iter().rposition(|byte| *byte == b'.').map_or(&b""[..], |dot| &name[dot + 1..]);
    String::from_utf8_lossy(extension).to_lowercase()
}

/// Returns the path with another extension.
pub(super) fn with_extension(path: &TreePath, extension: &str) -> TreePath {
    let name = ground::split(path).1;
    let stem = name.iter().rposition(|byte| *byte == b'.').map_or(name, |dot| &name[..dot]);
    ground::sibling(path, &[stem, b".", extension.as_bytes()].concat())
}

/// Returns the path with something after it.
pub(super) fn with_suffix(path: &TreePath, suffix: &str) -> TreePath {
    TreePath::new([path.as_bytes(), suffix.as_bytes()].concat())
}

/// Works on each path, and tells how many were worked on: a file that its program refuses stays as it was.
pub(super) fn each(paths: &[TreePath], work: impl Fn(&TreePath) -> Result<(), JobError>) -> Result<u64, JobError> {
    let mut touched = 0;
    for path in paths {
        match work(path) {
            Ok(()) => touched += 1,
            Err(JobError::Failed { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(touched)
}

/// Does nothing: the copy has all that the job needs.
pub(super) fn nothing_to_prepare(_: &Workshop<'_>) -> Result<u64, JobError> {
    Ok(0)
}

/// Tells whether a file of the system is there: by its path, or a program by its name.
pub(super) fn is_there(file: &str) -> bool {
    PATH.split(':').any(|folder| std::fs::metadata(Path::new(folder).join(file)).is_ok())
}

/// Reads what a program wrote into its home, if it did.
pub(super) fn read_from_home(path: &Path) -> Option<Vec<u8>> {
    std::fs::read(path).ok()
}

pub(super) fn content(path: &TreePath) -> impl Fn(io::Error) -> JobError + use<> {
    let path = path.clone();
    move |source| JobError::Content { path: path.clone(), source }
}

const SET_ASIDE: &str = "set-aside";
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// What programs write as the time of their work, so that a job does the same each time.
const DAY: &str = "1790000000";
const LIMIT: Duration = Duration::from_secs(300);
const STEP: Duration = Duration::from_millis(5);
const MESSAGE_BYTES_MAX: usize = 1000;

/// Waits until a program ends; ends it, with all that it started, when it takes too long.
fn wait(mut child: Child) -> io::Result<Option<ExitStatus>> {
    for _ in 0..LIMIT.as_millis() / STEP.as_millis() {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        sleep(STEP);
    }
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        kill_process_group(group, Signal::KILL)?;
    }
    child.wait()?;
    Ok(None)
}

fn from_start(file: &mut File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Tells whether programs can be given a path's name as text.
pub(super) fn is_text(path: &TreePath) -> bool {
    OsStr::from_bytes(path.as_bytes()).to_str().is_some()
}
