//! Where something known to be bad lies, or lay: all versions of all files of a source, by name or by the SHA-256 of their bytes.

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::digest;
use triage::Content;
use vault::diff::{ChangeKind, DiffItem, diff};
use vault::read::{ReadFault, SnapshotReader, WalkItem};
use vault::source::Exclusions;
use vault::tree::{Entry, EntryKind};

use crate::content::StoredContent;

/// What is looked for. A file that is either is a sighting.
#[derive(Clone, Copy)]
pub struct Wanted<'w> {
    /// Names or paths.
    pub names: &'w Exclusions,
    /// SHA-256 of whole contents. None: no content is read.
    pub digests: &'w HashSet<[u8; 32]>,
}

/// A version of a file that was looked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sighting {
    /// Its path from the source's root.
    pub path: Vec<u8>,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its name is one that was looked for.
    pub by_name: bool,
    /// The SHA-256 of its bytes, if that was looked for.
    pub digest: Option<[u8; 32]>,
    /// The first snapshot that has it there: a place in the chain.
    pub first_seen: usize,
    /// The last snapshot that has it there.
    pub last_seen: usize,
}

/// How much was looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Hunted {
    /// Versions of files.
    pub files: u64,
    /// Bytes of content that were read.
    pub bytes: u64,
    /// Contents and parts of folders that cannot be read: nothing is known of them.
    pub unread: u64,
}

/// Is told how a hunt goes on.
pub trait HuntMonitor {
    /// Something was found; it is told once it is known until when it was there.
    fn sighting(&mut self, sighting: Sighting);
    /// So many versions of files more were looked at, and so many bytes read.
    fn looked_at(&mut self, files: u64, bytes: u64);
    /// Something cannot be read.
    fn fault(&mut self, path: &[u8], fault: &ReadFault);
    /// Asks whether to stop.
    fn stopping(&self) -> bool;
}

/// Looks at every version of every file in snapshots of one source, oldest first; what two snapshots share is looked at once.
///
/// Content is read from the vault: a digest that a machine wrote down is not believed. Returns nothing if it was stopped.
pub fn hunt(
    chain: &[SnapshotReader],
    wanted: Wanted<'_>,
    jobs: usize,
    monitor: &mut dyn HuntMonitor,
) -> Option<Hunted> {
    let mut hunt =
        Hunt { chain, wanted, jobs, monitor, open: BTreeMap::new(), waiting: Vec::new(), hunted: Hunted::default() };
    let first = chain.first()?;
    for item in first.walk(first.root()) {
        match item {
            WalkItem::Entry(path, entry) => hunt.file(0, path, entry)?,
            WalkItem::Leave(_) => {}
            WalkItem::Fault(path, fault) => hunt.fault(&path, &fault),
        }
    }
    hunt.flush(0)?;
    for place in 1..chain.len() {
        hunt.step(place)?;
    }
    let last = chain.len() - 1;
    for (_, sighting) in std::mem::take(&mut hunt.open) {
        hunt.monitor.sighting(Sighting { last_seen: last, ..sighting });
    }
    Some(hunt.hunted)
}

/// So many files are gathered before threads share them.
const WAITING_MAX: usize = 256;
const BUFFER_BYTES: usize = 1 << 20;

struct Hunt<'h> {
    chain: &'h [SnapshotReader],
    wanted: Wanted<'h>,
    jobs: usize,
    monitor: &'h mut dyn HuntMonitor,
    /// What was seen and is still there.
    open: BTreeMap<Vec<u8>, Sighting>,
    waiting: Vec<(Vec<u8>, Entry)>,
    hunted: Hunted,
}

impl Hunt<'_> {
    /// Looks at what changed from one snapshot to the next.
    fn step(&mut self, place: usize) -> Option<()> {
        for item in diff(&self.chain[place - 1], &self.chain[place]) {
            match item {
                DiffItem::Change(change) if change.kind == ChangeKind::Attributes => {}
                DiffItem::Change(change) => {
                    if let Some(sighting) = self.open.remove(&change.path) {
                        self.monitor.sighting(Sighting { last_seen: place - 1, ..sighting });
                    }
                    if let Some(after) = change.after {
                        self.file(place, change.path, after)?;
                    }
                }
                DiffItem::Fault { path, fault, .. } => self.fault(&path, &fault),
            }
        }
        self.flush(place)
    }

    fn fault(&mut self, path: &[u8], fault: &ReadFault) {
        self.hunted.unread += 1;
        self.monitor.fault(path, fault);
    }

    fn file(&mut self, place: usize, path: Vec<u8>, entry: Entry) -> Option<()> {
        if matches!(entry.kind, EntryKind::File { .. }) {
            self.waiting.push((path, entry));
        }
        if self.waiting.len() >= WAITING_MAX { self.flush(place) } else { Some(()) }
    }

    /// Looks at what is gathered.
    fn flush(&mut self, place: usize) -> Option<()> {
        if self.monitor.stopping() {
            return None;
        }
        let files = std::mem::take(&mut self.waiting);
        let reader = &self.chain[place];
        let digests = if self.wanted.digests.is_empty() { Vec::new() } else { digest_all(reader, &files, self.jobs) };
        let bytes = if digests.is_empty() { 0 } else { files.iter().map(|(_, entry)| entry.size()).sum() };
        self.hunted.files += files.len() as u64;
        self.hunted.bytes += bytes;
        self.monitor.looked_at(files.len() as u64, bytes);
        let mut digests = digests.into_iter();
        for (path, entry) in files {
            let digest = match digests.next() {
                Some(Ok(digest)) => Some(digest).filter(|digest| self.wanted.digests.contains(digest)),
                Some(Err(fault)) => {
                    self.fault(&path, &fault);
                    None
                }
                None => None,
            };
            let by_name = self.wanted.names.excludes(&path, false);
            if by_name || digest.is_some() {
                let (bytes, first_seen) = (entry.size(), place);
                let sighting = Sighting { path: path.clone(), bytes, by_name, digest, first_seen, last_seen: place };
                self.open.insert(path, sighting);
            }
        }
        Some(())
    }
}

/// Takes the SHA-256 of files, each as a thread is free.
fn digest_all(reader: &SnapshotReader, files: &[(Vec<u8>, Entry)], jobs: usize) -> Vec<Result<[u8; 32], ReadFault>> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::with_capacity(files.len()));
    let work = || {
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((_, entry)) = files.get(at) else { return };
            let digest = digest_of(reader, entry, &mut buffer);
            found.lock().expect("no thread panics with it").push((at, digest));
        }
    };
    std::thread::scope(|scope| (0..jobs.max(1)).for_each(|_| drop(scope.spawn(work))));
    let mut found = found.into_inner().expect("no thread panics with it");
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, digest)| digest).collect()
}

fn digest_of(reader: &SnapshotReader, entry: &Entry, buffer: &mut [u8]) -> Result<[u8; 32], ReadFault> {
    let content = StoredContent::open(reader, entry)?;
    let mut sum = digest::Context::new(&digest::SHA256);
    let mut offset = 0;
    while let read @ 1.. = content.read_stored(offset, buffer)? {
        sum.update(&buffer[..read]);
        offset += read as u64;
    }
    debug_assert_eq!(offset, content.bytes());
    Ok(sum.finish().as_ref().try_into().expect("SHA-256 has 32 bytes"))
}
