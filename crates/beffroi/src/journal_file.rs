//! A journal on the disk: a folder with `journal.jsonl`, the desk's key, and the files that entries name.
//!
//! An entry is written under a lock, and durable before anybody is told. What a crash left of an entry is moved to a file of its own,
//! `torn-…`, which the next entry names: since that file is there until an entry with a higher number is, no crash makes it be forgotten.
#![expect(clippy::disallowed_methods, reason = "a journal is files")]

mod attached;
mod desk_key;
mod named;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use data_encoding::HEXLOWER;
use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;
use thiserror::Error;
use town::journal::{
    Attachment, Draft, End, EndError, Entry, Fact, Kind, LINE_BYTES_MAX, LineError, Stamp, VERSION, write_line,
};
use vault::bytes::SigningKey;
use vault::secret::SecretKey;
use vault::world::Clock;

use crate::plain_file;
use crate::world::{SystemClock, SystemEntropy};

pub use attached::{copy_attached, digest_of, stored_name};
pub use named::NamedJournal;

/// A journal's folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JournalFolder {
    path: PathBuf,
}

/// Why a journal cannot be read or written to.
#[derive(Debug, Error)]
pub enum JournalError {
    /// There is none.
    #[error("{path} holds no journal")]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// A new journal needs a new folder.
    #[error("{path} is not empty")]
    Taken {
        /// The folder.
        path: PathBuf,
    },
    /// It was closed.
    #[error("the journal in {path} is closed")]
    Closed {
        /// The folder.
        path: PathBuf,
    },
    /// Another program holds it.
    #[error("the journal in {path} is being written to")]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// Its end does not verify: nothing is put behind it.
    #[error("the journal in {path} does not end soundly")]
    End {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: EndError,
    },
    /// The file with the desk's key may be read by others.
    #[error("{path} may be read by others")]
    KeyLoose {
        /// The file.
        path: PathBuf,
        /// Its rights.
        mode: u32,
    },
    /// The file with the desk's key holds none, or another one.
    #[error("{path} does not hold the journal's key")]
    KeyOther {
        /// The file.
        path: PathBuf,
    },
    /// What is to be written is too long.
    #[error("the entry is too long")]
    Entry(#[source] LineError),
    /// The entry that is put right is not there.
    #[error("there is no entry {number}")]
    NoEntry {
        /// Its number.
        number: u64,
    },
    /// What is to be attached is no file: a folder, a pipe, a device.
    #[error("{path} is no file")]
    NoFile {
        /// What was named.
        path: PathBuf,
    },
    /// The file is too long to be a journal.
    #[error("{path} is too long")]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// A file could not be read or written.
    #[error("{path} cannot be used")]
    System {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// The number of the last entry that was asked for.
    pub number: u64,
    /// The end after it.
    pub end: End,
    /// What a crash had left, and where it lies now.
    pub torn: Vec<Attachment>,
}

/// What the first entry says.
pub struct Opening {
    /// The town's name.
    pub town: String,
    /// SHA-256 of the map, in hexadecimal.
    pub map_sha256: Option<String>,
    /// Whether this is an exercise.
    pub exercise: bool,
    /// What people read.
    pub text: String,
}

/// A larger file is no journal: a hundred thousand entries take a quarter of this.
pub const FILE_BYTES_MAX: u64 = 256 << 20;
/// Entries are written in a moment; whoever holds the lock longer is stuck.
const LOCK_WAIT: Duration = Duration::from_secs(20);
const LOCK_PAUSE: Duration = Duration::from_millis(20);

impl JournalFolder {
    /// Names the journal in a folder; whether there is one shows when it is used.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Returns the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the file with the entries.
    pub fn file(&self) -> PathBuf {
        self.path.join("journal.jsonl")
    }

    /// Begins a journal in a new or empty folder: a new key, and a first entry that names it.
    pub fn create(path: &Path, opening: Opening, author: &str) -> Result<(Self, End), JournalError> {
        let this = Self::at(path);
        let failed = |source| system(path, source);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        if fs::read_dir(path).map_err(failed)?.next().is_some() {
            return Err(JournalError::Taken { path: path.into() });
        }
        // One that was there may be open to others. A stick of a camera knows no rights: then it is as it is.
        let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o700));
        let key = SigningKey::new(SecretKey::random(&SystemEntropy));
        desk_key::write(&this.path, &key)?;
        let Opening { town, map_sha256, exercise, text } = opening;
        let (desk, program) = (HEXLOWER.encode(&key.public()), format!("beffroi {}", env!("CARGO_PKG_VERSION")));
        let fact = Fact::Opened { version: VERSION, town, map_sha256, desk, program, exercise };
        let entry = Draft::new(Kind::Decision, text).with(fact).first(&stamp(author));
        let line = write_line(&entry, |json| key.sign_statement(json)).map_err(JournalError::Entry)?;
        let end = End::read(&line, &line, &line).map_err(|source| JournalError::End { path: path.into(), source })?;
        // The file has its name when its first line is whole.
        let file = this.file();
        let mut whole = tempfile::NamedTempFile::new_in(path).map_err(failed)?;
        let written = whole.write_all(&[&line[..], b"\n"].concat()).and_then(|()| whole.as_file().sync_all());
        written.map_err(|source| system(&file, source))?;
        whole.persist_noclobber(&file).map_err(|error| system(&file, error.error))?;
        // The folder's own name must last as well.
        let above = path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        flush_folder(path).and_then(|()| flush_folder(above)).map_err(failed)?;
        Ok((this, end))
    }

    /// Reads the end, as it is when nobody writes.
    pub fn end(&self) -> Result<End, JournalError> {
        let file = self.open(OpenOptions::new().read(true))?;
        self.lock(&file, FlockOperation::NonBlockingLockShared)?;
        self.ending(&file).map(|ending| ending.end)
    }

    /// Reads all of it.
    pub fn read(&self) -> Result<Vec<u8>, JournalError> {
        read_file(&self.file()).map_err(|error| self.or_missing(error))
    }

    /// Writes entries, in this order. When this returns, they are durable. What a crash left is named first, in the words that
    /// `name_torn` finds.
    pub fn append(
        &self,
        author: &str,
        mut drafts: Vec<Draft>,
        name_torn: impl FnOnce(&[Attachment]) -> String,
    ) -> Result<Written, JournalError> {
        let mut file = self.open(OpenOptions::new().read(true).write(true))?;
        self.lock(&file, FlockOperation::NonBlockingLockExclusive)?;
        let Ending { mut end, whole, torn } = self.ending(&file)?;
        if end.is_closed {
            return Err(JournalError::Closed { path: self.path.clone() });
        }
        let mut corrected = drafts.iter().filter_map(|draft| draft.corrects);
        if let Some(number) = corrected.find(|number| !(1..=end.number).contains(number)) {
            return Err(JournalError::NoEntry { number });
        }
        let key = desk_key::read(&self.path, &end.desk)?;
        if !torn.is_empty() {
            self.move_aside(&file, whole, &torn, end.number)?;
        }
        let torn = self.moved_aside(end.number)?;
        if !torn.is_empty() {
            let attachments = torn.clone();
            drafts.insert(0, Draft { attachments, ..Draft::new(Kind::Observation, name_torn(&torn)) });
        }
        let mut lines = Vec::new();
        for draft in drafts {
            let entry: Entry = draft.after(&end, &stamp(author));
            let line = write_line(&entry, |json| key.sign_statement(json)).map_err(JournalError::Entry)?;
            end.follow(&entry, &line);
            lines.extend(line);
            lines.push(b'\n');
        }
        let written =
            file.seek(SeekFrom::Start(whole)).and_then(|_| file.write_all(&lines)).and_then(|()| file.sync_all());
        if let Err(source) = written {
            // Nobody was told of these: a full disk shall not leave a part of them.
            let _ = file.set_len(whole).and_then(|()| file.sync_all());
            return Err(system(&self.file(), source));
        }
        Ok(Written { number: end.number, end, torn })
    }

    fn open(&self, options: &OpenOptions) -> Result<File, JournalError> {
        plain_file::open_with(&self.file(), options, OFlags::empty())
            .map_err(|source| self.or_missing(system(&self.file(), source)))
    }

    fn or_missing(&self, error: JournalError) -> JournalError {
        match error {
            JournalError::System { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                JournalError::Missing { path: self.path.clone() }
            }
            other => other,
        }
    }

    fn lock(&self, file: &File, how: FlockOperation) -> Result<(), JournalError> {
        let mut waited = Duration::ZERO;
        loop {
            match flock(file, how) {
                Ok(()) => return Ok(()),
                Err(Errno::WOULDBLOCK | Errno::INTR) if waited < LOCK_WAIT => {
                    std::thread::sleep(LOCK_PAUSE);
                    waited += LOCK_PAUSE;
                }
                Err(Errno::WOULDBLOCK) => return Err(JournalError::Busy { path: self.path.clone() }),
                Err(errno) => return Err(system(&self.file(), errno.into())),
            }
        }
    }

    /// Reads the first line and the last two.
    fn ending(&self, file: &File) -> Result<Ending, JournalError> {
        let failed = |source| system(&self.file(), source);
        let bad = |source| JournalError::End { path: self.path.clone(), source };
        let bytes = file.metadata().map_err(failed)?.len();
        let head = read_at(file, 0, bytes.min(LINE_BYTES_MAX as u64 + 1)).map_err(failed)?;
        let first = head.split(|byte| *byte == b'\n').next().filter(|line| line.len() < head.len());
        let first = first.ok_or_else(|| bad(EndError::NotOpened))?;
        // Two lines and a torn one.
        let from = bytes.saturating_sub(3 * (LINE_BYTES_MAX as u64 + 1));
        let tail = read_at(file, from, bytes - from).map_err(failed)?;
        let whole = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let mut lines = tail[..whole.saturating_sub(1)].rsplit(|byte| *byte == b'\n');
        let (last, before_last) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        let end = End::read(first, before_last, last).map_err(bad)?;
        Ok(Ending { end, whole: from + whole as u64, torn: tail[whole..].to_vec() })
    }

    fn move_aside(&self, file: &File, whole: u64, torn: &[u8], number: u64) -> Result<(), JournalError> {
        for copy in 1u32.. {
            let path = self.path.join(format!("torn-{number}-{copy}"));
            match crate::secret_file::write_new(&path, torn) {
                Ok(()) => break,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(system(&path, source)),
            }
        }
        file.set_len(whole).and_then(|()| file.sync_all()).map_err(|source| system(&self.file(), source))
    }

    /// Returns what was moved aside behind an entry. No entry names it yet: that would be the next one.
    fn moved_aside(&self, number: u64) -> Result<Vec<Attachment>, JournalError> {
        let mut all = Vec::new();
        for copy in 1u32.. {
            let path = self.path.join(format!("torn-{number}-{copy}"));
            match digest_of(&path) {
                Ok(attachment) => all.push(attachment),
                Err(error) if error.kind() == io::ErrorKind::NotFound => break,
                Err(source) => return Err(system(&path, source)),
            }
        }
        Ok(all)
    }
}

/// The end of a file.
struct Ending {
    end: End,
    /// So many bytes are whole lines.
    whole: u64,
    /// What a crash left behind them.
    torn: Vec<u8>,
}

/// Reads a journal's file, which may be anything that somebody names.
pub fn read_file(path: &Path) -> Result<Vec<u8>, JournalError> {
    let read = || {
        let mut bytes = Vec::new();
        plain_file::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match read() {
        Ok(bytes) if bytes.len() as u64 > FILE_BYTES_MAX => Err(JournalError::TooLong { path: path.into() }),
        Ok(bytes) => Ok(bytes),
        Err(source) => Err(system(path, source)),
    }
}

/// Returns the time, as entries have it.
pub fn now() -> jiff::Timestamp {
    let now = jiff::Timestamp::from_nanosecond(i128::from(SystemClock.now().0));
    let now = now.expect("64 bits of nanoseconds are within a timestamp's years");
    // A person's journal has no use for nanoseconds.
    jiff::Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

fn stamp(author: &str) -> Stamp {
    // The service of systemd says so when a time server was reached.
    let is_synchronised = fs::metadata("/run/systemd/timesync/synchronized").is_ok();
    let clock = if is_synchronised { "system, set by a time server" } else { "system" };
    Stamp { time: now(), clock: clock.to_string(), author: author.to_string() }
}

fn read_at(file: &File, from: u64, bytes: u64) -> io::Result<Vec<u8>> {
    let mut read = vec![0; usize::try_from(bytes).map_err(io::Error::other)?];
    file.read_exact_at(&mut read, from)?;
    Ok(read)
}

fn flush_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn system(path: &Path, source: io::Error) -> JournalError {
    JournalError::System { path: path.into(), source }
}

#[cfg(test)]
mod tests;
