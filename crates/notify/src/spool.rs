//! What is still to be told: one file for each notice and recipient, in a folder that only its owner enters.
//!
//! A file appears whole or not at all, and goes when the recipient took the notice. Two programs never send the same one at a time: each
//! holds a file by its lock. The folder is bounded: what is least grave, and among that the newest, gives way, so that a flood of notices
//! cannot wash away the first alarm.
#![expect(clippy::disallowed_methods, reason = "the spool is files of its own")]

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, flock};
use serde::{Deserialize, Serialize};

use crate::notice::{Level, Notice, NoticeId};

/// The folder.
#[derive(Clone, Debug)]
pub struct Spool {
    folder: PathBuf,
}

/// A notice that waits for a recipient.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Whom it is for.
    pub recipient: String,
    /// What is told.
    pub notice: Notice,
    /// When it was made: seconds since 1970.
    pub made_seconds: u64,
    /// How often it was tried in vain.
    pub attempts: u32,
    /// When it was last tried: seconds since 1970.
    pub tried_seconds: u64,
}

/// An entry that this program holds.
#[derive(Debug)]
pub struct Held {
    /// What it is.
    pub entry: Entry,
    path: PathBuf,
    /// Keeps others from it while it is open.
    _lock: File,
}

/// The spool cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the spool {path} cannot be used")]
pub struct SpoolError {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// So many notices wait at most.
const ENTRIES_MAX: usize = 256;
/// A longer file is none of ours, in bytes.
const ENTRY_BYTES_MAX: u64 = 256 << 10;
/// After so many seconds a notice helps nobody: fourteen days.
const AGE_SECONDS_MAX: u64 = 14 * 24 * 3600;
/// The longest wait between two attempts, in seconds.
const WAIT_SECONDS_MAX: u64 = 3600;

impl Entry {
    /// Begins.
    pub fn new(recipient: &str, notice: Notice, now_seconds: u64) -> Self {
        let recipient = recipient.to_string();
        Self { recipient, notice, made_seconds: now_seconds, attempts: 0, tried_seconds: 0 }
    }

    /// Tells whether its next attempt is due: after one minute, two, four, up to an hour. A clock that was set back delays nothing.
    pub fn is_due(&self, now_seconds: u64) -> bool {
        let Some(doublings) = self.attempts.checked_sub(1) else { return true };
        let wait = 60u64.checked_shl(doublings.min(10)).unwrap_or(u64::MAX).min(WAIT_SECONDS_MAX);
        now_seconds < self.tried_seconds || now_seconds - self.tried_seconds >= wait
    }

    /// Tells whether it is too old to be told.
    pub fn is_stale(&self, now_seconds: u64) -> bool {
        now_seconds.saturating_sub(self.made_seconds) > AGE_SECONDS_MAX
    }

    fn file_name(&self) -> String {
        let recipient = NoticeId::of(&[self.recipient.as_bytes()]);
        format!("{}-{}.json", self.notice.id.as_str(), &recipient.as_str()[..16])
    }
}

impl Spool {
    /// Opens the folder, and makes it if it is not there.
    pub fn open(folder: &Path) -> Result<Self, SpoolError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(failed(folder))?;
        Ok(Self { folder: folder.to_path_buf() })
    }

    /// Keeps a notice, durably; the same one for the same recipient is kept once. Where there is no room, returns nothing: what waits
    /// already is at least as grave.
    pub fn put(&self, entry: Entry) -> Result<Option<Held>, SpoolError> {
        if !entry.notice.id.is_sound() || !self.make_room(&entry)? {
            return Ok(None);
        }
        let path = self.folder.join(entry.file_name());
        write(&path, &entry).map_err(failed(&path))?;
        hold(&path).map_err(failed(&path))
    }

    /// Holds all that waits and that nobody else holds, the oldest first. Files that are none of ours are left alone.
    pub fn hold_all(&self) -> Result<Vec<Held>, SpoolError> {
        let mut held = Vec::new();
        for path in self.paths()? {
            held.extend(hold(&path).ok().flatten());
        }
        held.sort_by_key(|one| one.entry.made_seconds);
        Ok(held)
    }

    fn paths(&self) -> Result<Vec<PathBuf>, SpoolError> {
        let read = fs::read_dir(&self.folder).map_err(failed(&self.folder))?;
        let paths = read.filter_map(|entry| Some(entry.ok()?.path()));
        let is_entry = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.ends_with(".json") && !name.starts_with('.')
        };
        let mut paths: Vec<_> = paths.filter(is_entry).take(4 * ENTRIES_MAX).collect();
        paths.sort();
        Ok(paths)
    }

    /// Tells whether one more fits; lets go of what is less grave, or as grave and newer.
    fn make_room(&self, entry: &Entry) -> Result<bool, SpoolError> {
        let paths = self.paths()?;
        if paths.len() < ENTRIES_MAX {
            return Ok(true);
        }
        let known = paths.into_iter().map(|path| (read(&path).ok().flatten(), path));
        let rank = |known: &Option<Entry>| known.as_ref().map(|one| (one.notice.level, u64::MAX - one.made_seconds));
        let Some((least, path)) = known.min_by_key(|(known, _)| rank(known)) else { return Ok(true) };
        if least.as_ref().is_some_and(|least| least.notice.level >= entry.notice.level.max(Level::Watch)) {
            return Ok(false);
        }
        fs::remove_file(&path).map_err(failed(&path))?;
        Ok(true)
    }
}

impl Held {
    /// Forgets it: the recipient took it, or nobody wants it any more.
    pub fn forget(self) -> Result<(), SpoolError> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&self.path)(error)),
            _ => Ok(()),
        }
    }

    /// Notes an attempt in vain.
    pub fn keep(mut self, now_seconds: u64) -> Result<(), SpoolError> {
        self.entry.attempts = self.entry.attempts.saturating_add(1);
        self.entry.tried_seconds = now_seconds;
        write(&self.path, &self.entry).map_err(failed(&self.path))
    }
}

fn failed(path: &Path) -> impl Fn(io::Error) -> SpoolError {
    let path = path.to_path_buf();
    move |source| SpoolError { path: path.clone(), source }
}

fn write(path: &Path, entry: &Entry) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
    file.write_all(&serde_json::to_vec(entry)?)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    File::open(folder)?.sync_all()
}

/// Takes the lock of an entry; nothing if somebody else has it, or it is gone, or it is no entry.
fn hold(path: &Path) -> io::Result<Option<Held>> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32;
    let lock = match fs::OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
        return Ok(None);
    }
    // Whoever had it before may have sent and removed it meanwhile, or have written it anew.
    let Ok(found) = fs::metadata(path) else { return Ok(None) };
    let held = lock.metadata()?;
    if (found.dev(), found.ino()) != (held.dev(), held.ino()) {
        return Ok(None);
    }
    Ok(read(path)?.map(|entry| Held { entry, path: path.to_path_buf(), _lock: lock }))
}

fn read(path: &Path) -> io::Result<Option<Entry>> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32;
    let file = fs::OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let mut content = Vec::new();
    if !file.metadata()?.is_file() || file.take(ENTRY_BYTES_MAX + 1).read_to_end(&mut content)? as u64 > ENTRY_BYTES_MAX
    {
        return Ok(None);
    }
    let entry: Option<Entry> = serde_json::from_slice(&content).ok();
    Ok(entry.filter(|entry| entry.notice.id.is_sound() && path.ends_with(entry.file_name())))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use serde_json::Map;

    use super::*;

    fn entry(recipient: &str, number: u64, level: Level) -> Entry {
        let notice = Notice::new(NoticeId::of(&[&number.to_le_bytes()]), level, "t", "x", Map::new());
        Entry::new(recipient, notice, 1000 + number)
    }

    fn waiting(spool: &Spool) -> Vec<(String, u64)> {
        spool.hold_all().unwrap().into_iter().map(|held| (held.entry.recipient, held.entry.made_seconds)).collect()
    }

    #[test]
    fn what_waits_is_private_kept_once_and_held_by_one() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(&folder.path().join("a/notices")).unwrap();
        let held = spool.put(entry("a", 1, Level::Alarm)).unwrap().unwrap();
        let modes =
            [spool.folder.clone(), held.path.clone()].map(|p| p.metadata().unwrap().permissions().mode() & 0o7777);
        assert_eq!(modes, [0o700, 0o600]);
        assert!(waiting(&spool).is_empty(), "it is held");
        held.keep(2000).unwrap();
        let held = spool.hold_all().unwrap().pop().unwrap();
        assert_eq!((held.entry.attempts, held.entry.tried_seconds), (1, 2000));
        held.forget().unwrap();
        assert!(waiting(&spool).is_empty());
    }

    #[test]
    fn a_flood_washes_away_no_earlier_alarm() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path()).unwrap();
        for number in 0..ENTRIES_MAX as u64 {
            let level = if number == 7 || number == 9 { Level::Watch } else { Level::Alarm };
            drop(spool.put(entry("a", number, level)).unwrap().unwrap());
        }
        assert!(spool.put(entry("a", 900, Level::Watch)).unwrap().is_none(), "nothing less grave waits");
        drop(spool.put(entry("a", 901, Level::Alarm)).unwrap().unwrap());
        drop(spool.put(entry("a", 902, Level::Alarm)).unwrap().unwrap());
        assert!(spool.put(entry("a", 903, Level::Alarm)).unwrap().is_none(), "what came first stays");
        let times: Vec<u64> = waiting(&spool).into_iter().map(|(_, made)| made).collect();
        assert_eq!(times.len(), ENTRIES_MAX);
        assert!(times.contains(&1000) && times.contains(&1902) && !times.contains(&1007) && !times.contains(&1009));
    }

    #[test]
    fn strange_files_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path()).unwrap();
        fs::write(folder.path().join("x.json"), "{").unwrap();
        fs::write(folder.path().join("large.json"), vec![b' '; ENTRY_BYTES_MAX as usize + 2]).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link.json")).unwrap();
        fs::create_dir(folder.path().join("folder.json")).unwrap();
        let mut forged = entry("a", 1, Level::Alarm);
        fs::write(folder.path().join("other name.json"), serde_json::to_vec(&forged).unwrap()).unwrap();
        forged.notice.id = serde_json::from_str("\"../../../../etc/x\"").unwrap();
        assert!(spool.put(forged).unwrap().is_none());
        assert!(waiting(&spool).is_empty());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5);
    }

    #[test]
    fn attempts_come_less_and_less_often() {
        let mut waiting = entry("a", 1, Level::Alarm);
        assert!(waiting.is_due(0));
        for (attempts, wait) in [(1, 60), (2, 120), (3, 240), (7, 3600), (u32::MAX, 3600)] {
            (waiting.attempts, waiting.tried_seconds) = (attempts, 5000);
            assert!(!waiting.is_due(5000 + wait - 1) && waiting.is_due(5000 + wait), "{attempts}");
        }
        assert!(waiting.is_due(10), "the clock was set back");
        assert!(!waiting.is_stale(1001 + AGE_SECONDS_MAX) && waiting.is_stale(1002 + AGE_SECONDS_MAX));
    }
}
