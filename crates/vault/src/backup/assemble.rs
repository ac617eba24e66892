//! Putting the tree together: the walk and the last walk's cache go in side by side, nodes and the new cache come out.
//!
//! Events are taken in their order. Files that must be read are given to the crew; what follows them waits in a
//! bounded queue until they are done, so that nodes are built in order and memory stays the same whatever the size.

mod waiting;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crossbeam_channel::Sender;

use super::crew::{FileDone, FileFault, FileResult, FileTask, file_slot};
use super::owners::Owners;
use super::packer::{BlobKeeper, Prospect, tidy};
use super::run::Run;
use super::witness::{Fate, Past};
use super::{BackupError, Remark};
use crate::manifest::Counts;
use crate::source::{Attributes, Directory, Event, FileKind, Identity, Item, SourceError, SourcePath, Stat};
use crate::state::cache::{CacheReader, CacheWriter, CachedItem, Removed, StatKey};
use crate::state::{PackNumber, Share};
use crate::tree::{DirectoryBuilder, Entry, EntryKind, parse_entry, write_entry};

use waiting::{Before, Done, FirstLink, Linked, OpenDirectory, Reading, Waiting};

/// How many entries may wait for files that are being read.
const WAITING_MAX: usize = 4096;

/// What is new of a changed file is set apart if the file has at least so many bytes. A small one, among others as small, pins
/// little and is pinned for little.
const PASSING_BYTES_MIN: u64 = 256 << 10;

/// Builds the tree of one source.
pub(super) struct Assembler<'r> {
    run: &'r Run<'r>,
    files: Sender<FileTask>,
    old: CacheReader,
    new: CacheWriter<'r>,
    keeper: BlobKeeper<'r>,
    waiting: VecDeque<Waiting>,
    open: Vec<OpenDirectory>,
    path: Vec<usize>,
    path_bytes: Vec<u8>,
    links: HashMap<Identity, FirstLink>,
    used: PackUse,
    counts: Counts,
    owners: Owners,
    root: Option<Entry>,
}

/// What is known when the whole tree was built.
pub(super) struct Assembled {
    pub root: Entry,
    pub counts: Counts,
    pub used: PackUse,
    pub owners: Owners,
}

/// Which packs a tree needs, and how much of each.
#[derive(Default)]
pub(super) struct PackUse(Vec<Option<u64>>);

impl PackUse {
    /// Adds a pack of which at least one blob is needed, or may be.
    pub fn insert(&mut self, share: Share) {
        let at = share.pack.0 as usize;
        if self.0.len() <= at {
            self.0.resize(at + 1, None);
        }
        *self.0[at].get_or_insert(0) += share.bytes;
    }

    /// Adds a pack that was begun; what is needed of it was added before.
    pub fn insert_begun(&mut self, pack: PackNumber) {
        self.insert(Share { pack, bytes: 0 });
    }

    pub fn shares(&self) -> impl Iterator<Item = Share> {
        let share = |(pack, bytes): (u32, &Option<u64>)| bytes.map(|bytes| Share { pack: PackNumber(pack), bytes });
        (0..).zip(&self.0).filter_map(share)
    }

    pub fn packs(&self) -> impl Iterator<Item = PackNumber> {
        self.shares().map(|share| share.pack)
    }
}

impl<'r> Assembler<'r> {
    pub fn new(
        run: &'r Run<'r>,
        files: Sender<FileTask>,
        mut old: CacheReader,
        new: CacheWriter<'r>,
        owners: Owners,
    ) -> Self {
        if run.monitor.witness().is_some() {
            old.remember_removed();
        }
        Self {
            run,
            files,
            old,
            new,
            keeper: BlobKeeper::new(run),
            waiting: VecDeque::new(),
            open: Vec::new(),
            path: Vec::new(),
            path_bytes: Vec::new(),
            links: HashMap::new(),
            used: PackUse::default(),
            counts: Counts::default(),
            owners,
            root: None,
        }
    }

    /// Takes all events and builds the tree; returns the cache to finish once the snapshot exists.
    pub fn assemble(
        mut self,
        events: &mut dyn Iterator<Item = Event>,
    ) -> Result<(Assembled, CacheWriter<'r>), BackupError> {
        for event in events {
            if self.run.ending.is_failed() {
                return Err(BackupError::Aborted);
            }
            if self.run.monitor.stopping() {
                return Err(BackupError::Stopped);
            }
            self.take(event)?;
            self.settle(WAITING_MAX)?;
        }
        self.settle(0)?;
        self.counts.removed = self.old.finish();
        let root = self.root.take().ok_or(BackupError::Aborted)?;
        for pack in self.run.packer.numbers() {
            self.used.insert_begun(pack);
        }
        Ok((Assembled { root, counts: self.counts, used: self.used, owners: self.owners }, self.new))
    }

    fn take(&mut self, event: Event) -> Result<(), BackupError> {
        match event {
            Event::Enter(directory) => self.enter(directory),
            Event::Leave => {
                self.old.leave();
                self.note_gone();
                self.path_bytes.truncate(self.path.pop().unwrap_or(0));
                self.waiting.push_back(Waiting::Leave);
            }
            Event::Item(item) => self.item(item)?,
            Event::TooLarge(item) => {
                self.run.monitor.remark(Remark::TooLarge { path: item.path(), bytes: item.stat.size });
            }
            Event::Unreadable(error) => self.unreadable(Arc::new(error)),
        }
        Ok(())
    }

    fn unreadable(&mut self, error: Arc<SourceError>) {
        self.counts.unreadable += 1;
        self.run.monitor.remark(Remark::Unreadable(error));
    }

    fn enter(&mut self, directory: Directory) {
        let parent_bytes = self.path_bytes.len();
        let mut new = false;
        if !directory.name.is_empty() {
            if parent_bytes > 0 {
                self.path_bytes.push(b'/');
            }
            self.path_bytes.extend_from_slice(&directory.name);
            self.path.push(parent_bytes);
            // The root is not in its own cache.
            new = !self.old.enter(&directory.name);
            self.counts.added += u64::from(new);
            self.note_gone();
        }
        self.owners.note(&directory.stat);
        self.run.monitor.directory(&self.path_bytes);
        if let Some(why) = directory.left_out {
            let path = SourcePath(self.path_bytes.clone());
            self.run.monitor.remark(Remark::LeftOut { path, why });
        }
        let xattrs = match (directory.made_up, directory.handle.attributes()) {
            (true, _) => Vec::new(),
            (false, Ok(attributes)) => attributes,
            (false, Err(error)) => {
                self.unreadable(Arc::new(error));
                Vec::new()
            }
        };
        let mut entry = self.bare_entry(&directory.name, &directory.stat, EntryKind::default(), xattrs);
        entry.made_up = directory.made_up;
        self.waiting.push_back(Waiting::Enter(Box::new(OpenDirectory {
            entry,
            new,
            stat: directory.stat,
            builder: DirectoryBuilder::default(),
            entries_below: 0,
            bytes_below: 0,
        })));
    }

    fn item(&mut self, item: Item) -> Result<(), BackupError> {
        self.owners.note(&item.stat);
        let key = stat_key(&item.stat);
        let cached = self.old.find(&item.name).cloned();
        self.note_gone();
        let Some(cached) = cached else {
            self.counts.added += 1;
            return self.changed(item, None);
        };
        let unchanged = cached.stat == key && (item.stat.links > 1) == cached.link;
        if unchanged && self.run.packs.all_reusable(&cached.shares) && !self.is_sampled(&item) {
            return self.unchanged(item, cached);
        }
        self.counts.changed += u64::from(!unchanged);
        self.changed(item, Some(Before { cached, unchanged }))
    }

    /// Lets what was removed wait for its turn, if somebody wants to hear of it.
    fn note_gone(&mut self) {
        let (told, untold) = self.old.take_removed();
        if !told.is_empty() || untold > 0 {
            self.waiting.push_back(Waiting::Gone(told, untold));
        }
    }

    /// A rotating share of the files whose times say nothing is read all the same.
    fn is_sampled(&self, item: &Item) -> bool {
        let one_in = self.run.options.reread_one_in;
        let regular = item.stat.kind == FileKind::File && item.stat.size > 0;
        one_in > 0 && regular && item.stat.identity.inode.wrapping_add(self.run.seq).is_multiple_of(one_in)
    }

    fn unchanged(&mut self, item: Item, cached: CachedItem) -> Result<(), BackupError> {
        let simple = item.stat.links == 1 && !self.owners.changed();
        let mut done = Done {
            name: item.name.clone(),
            stat: cached.stat,
            entry: cached.entry,
            shares: cached.shares,
            bytes: if item.stat.kind == FileKind::File { item.stat.size } else { 0 },
            link: cached.link,
            cacheable: true,
        };
        if !simple {
            // Names of owners, and which member of a group of links is the first, can change without a trace in the file.
            let Ok(mut entry) = parse_entry(&done.entry) else {
                self.counts.changed += 1;
                return self.changed(item, None);
            };
            self.name_owners(&mut entry, &item.stat);
            entry.hard_link = None;
            if item.stat.links > 1 {
                match self.links.get(&item.stat.identity) {
                    Some(FirstLink::Known { path, .. } | FirstLink::Reading { path, .. }) => {
                        entry.hard_link = Some(path.0.clone());
                    }
                    None => {
                        let first = FirstLink::Known {
                            path: item.path(),
                            entry: Box::new(entry.clone()),
                            shares: uncounted(&done.shares),
                        };
                        self.links.insert(item.stat.identity, first);
                    }
                }
            }
            done.entry = write_entry(&entry);
        }
        self.waiting.push_back(Waiting::Done(Box::new(done)));
        Ok(())
    }

    fn changed(&mut self, item: Item, before: Option<Before>) -> Result<(), BackupError> {
        if item.stat.links > 1 && self.further_link(&item) {
            return Ok(());
        }
        if item.stat.kind != FileKind::File {
            return self.special(item);
        }
        let (slot, done) = file_slot();
        let path = item.path();
        if item.stat.links > 1 {
            let first = FirstLink::Reading { path: path.clone(), slot: Arc::clone(&slot) };
            self.links.insert(item.stat.identity, first);
        }
        let listed = item.stat;
        let prospect = match &before {
            Some(before) if !before.unchanged && item.stat.size >= PASSING_BYTES_MIN => Prospect::Passing,
            _ => Prospect::Lasting,
        };
        let reading = Reading { path, name: item.name.clone(), slot, listed, before };
        let fixed = self.run.options.fixed.excludes(reading.path.as_bytes(), false);
        // A sample of what nothing says has changed was looked at when it did.
        let look = reading.before.as_ref().is_none_or(|before| !before.unchanged);
        let task =
            FileTask { directory: item.directory, name: item.name, stat: item.stat, fixed, look, prospect, done };
        // A crew that is gone has failed, and has said why.
        self.files.send(task).map_err(|_| BackupError::Aborted)?;
        self.waiting.push_back(Waiting::Reading(Box::new(reading)));
        Ok(())
    }

    /// Makes an entry of the content of an earlier member of the group, if there is one.
    fn further_link(&mut self, item: &Item) -> bool {
        match self.links.get(&item.stat.identity) {
            None => false,
            Some(FirstLink::Reading { path, slot }) => {
                let linked = Linked { name: item.name.clone(), first: path.clone(), slot: Arc::clone(slot) };
                self.waiting.push_back(Waiting::Link(Box::new(linked)));
                true
            }
            Some(FirstLink::Known { path, entry, shares }) => {
                let mut entry = entry.as_ref().clone();
                entry.name = item.name.clone();
                entry.hard_link = Some(path.0.clone());
                let shares = shares.clone();
                self.push_done(item, &entry, shares);
                true
            }
        }
    }

    /// Keeps what has no content: links, pipes, sockets, devices.
    fn special(&mut self, item: Item) -> Result<(), BackupError> {
        let (major, minor) = item.stat.device_numbers;
        let kind = match item.stat.kind {
            FileKind::Symlink => match item.read_link() {
                Ok(target) => EntryKind::Symlink { target: target.unwrap_or_default() },
                Err(error) => {
                    self.unreadable(Arc::new(error));
                    return Ok(());
                }
            },
            FileKind::Fifo => EntryKind::Fifo,
            FileKind::Socket => EntryKind::Socket,
            FileKind::CharDevice => EntryKind::CharDevice { major, minor },
            FileKind::BlockDevice => EntryKind::BlockDevice { major, minor },
            FileKind::File | FileKind::Directory => return Ok(()),
        };
        let xattrs = item.attributes().unwrap_or_else(|error| {
            self.unreadable(Arc::new(error));
            Vec::new()
        });
        let entry = self.bare_entry(&item.name, &item.stat, kind, xattrs);
        if item.stat.links > 1 {
            let first = FirstLink::Known { path: item.path(), entry: Box::new(entry.clone()), shares: Vec::new() };
            self.links.insert(item.stat.identity, first);
        }
        self.push_done(&item, &entry, Vec::new());
        Ok(())
    }

    fn push_done(&mut self, item: &Item, entry: &Entry, shares: Vec<Share>) {
        self.waiting.push_back(Waiting::Done(Box::new(Done {
            name: item.name.clone(),
            stat: stat_key(&item.stat),
            entry: write_entry(entry),
            shares,
            bytes: entry.size(),
            link: item.stat.links > 1,
            cacheable: true,
        })));
    }

    fn bare_entry(&self, name: &[u8], stat: &Stat, kind: EntryKind, xattrs: Attributes) -> Entry {
        let mut entry = Entry {
            name: name.to_vec(),
            kind,
            mode: stat.mode,
            mtime: stat.mtime,
            ctime: stat.ctime,
            xattrs,
            ..Entry::default()
        };
        self.name_owners(&mut entry, stat);
        entry
    }

    fn name_owners(&self, entry: &mut Entry, stat: &Stat) {
        (entry.uid, entry.gid) = (stat.uid, stat.gid);
        entry.user = self.run.names.user(stat.uid).map(|name| name.to_vec());
        entry.group = self.run.names.group(stat.gid).map(|name| name.to_vec());
    }

    /// Builds with what is ready, waiting for the oldest while more than `waiting_max` wait.
    fn settle(&mut self, waiting_max: usize) -> Result<(), BackupError> {
        while let Some(first) = self.waiting.front() {
            let ready = match first {
                Waiting::Reading(reading) => reading.slot.peek().is_some(),
                Waiting::Link(linked) => linked.slot.peek().is_some(),
                Waiting::Enter(_) | Waiting::Leave | Waiting::Gone(..) | Waiting::Done(_) => true,
            };
            if !ready && self.waiting.len() <= waiting_max {
                break;
            }
            match self.waiting.pop_front() {
                Some(Waiting::Enter(directory)) => self.build_enter(*directory)?,
                Some(Waiting::Leave) => self.build_leave()?,
                Some(Waiting::Gone(told, untold)) => self.tell_gone(&told, untold),
                Some(Waiting::Done(done)) => {
                    self.tell(Fate::Same { bytes: done.bytes });
                    self.build(*done)?;
                }
                Some(Waiting::Reading(reading)) => self.build_read(*reading)?,
                Some(Waiting::Link(linked)) => self.build_link(*linked)?,
                None => {}
            }
        }
        Ok(())
    }

    fn tell(&self, fate: Fate<'_>) {
        if let Some(witness) = self.run.monitor.witness() {
            witness.hear(fate);
        }
    }

    fn tell_gone(&self, told: &[Removed], untold: u64) {
        for removed in told {
            let before = removed.entry.as_deref().and_then(|entry| parse_entry(entry).ok());
            self.tell(Fate::Gone { path: &removed.path, before: before.as_ref() });
        }
        if untold > 0 {
            self.tell(Fate::GoneUntold { count: untold });
        }
    }

    fn build_enter(&mut self, directory: OpenDirectory) -> Result<(), BackupError> {
        self.tell(Fate::Enter { name: &directory.entry.name, new: directory.new });
        if !self.open.is_empty() {
            self.new.enter(&directory.entry.name)?;
        }
        self.open.push(directory);
        Ok(())
    }

    fn build_leave(&mut self) -> Result<(), BackupError> {
        let Some(directory) = self.open.pop() else { return Ok(()) };
        self.tell(Fate::Leave);
        let OpenDirectory { mut entry, stat, builder, entries_below, bytes_below, .. } = directory;
        let node = builder.finish(&self.run.splitter, &mut self.keeper)?;
        self.note_needs();
        entry.kind = EntryKind::Directory { node, entries_below, bytes_below };
        if self.open.is_empty() {
            self.root = Some(entry);
            return Ok(());
        }
        let encoded = write_entry(&entry);
        let item = CachedItem { stat: stat_key(&stat), entry: Vec::new(), ..CachedItem::default() };
        self.new.leave(&item)?;
        self.add_to_parent(&entry.name, &encoded, entries_below + 1, bytes_below)
    }

    fn build(&mut self, done: Done) -> Result<(), BackupError> {
        for share in &done.shares {
            self.used.insert(*share);
        }
        self.counts.files += 1;
        self.counts.bytes += done.bytes;
        self.run.monitor.entry(done.bytes);
        self.add_to_parent(&done.name, &done.entry, 1, done.bytes)?;
        if done.cacheable {
            let Done { name, stat, entry, shares, link, .. } = done;
            self.new.item(&CachedItem { name, stat, entry, shares, link })?;
        }
        Ok(())
    }

    fn build_read(&mut self, reading: Reading) -> Result<(), BackupError> {
        let result = reading.slot.wait();
        let Some(file) = self.file_read(&result)? else { return self.build_as_before(reading, &result) };
        if let Err(error) = &file.attributes {
            self.unreadable(Arc::clone(error));
        }
        if file.torn {
            self.run.monitor.remark(Remark::Torn { path: reading.path.clone() });
        }
        let mut entry = self.file_entry(&reading.name, file, None);
        let old = reading.before.as_ref().and_then(|before| parse_entry(&before.cached.entry).ok());
        if let (Some(before), Some(old)) = (&reading.before, &old)
            && before.unchanged
            && self.owners.cut_alike()
            && old.kind != entry.kind
        {
            self.counts.damage_hint += 1;
            self.counts.changed += 1;
            self.run.monitor.remark(Remark::SilentlyChanged { path: reading.path.clone() });
        }
        if let (None, Some(old)) = (&entry.facts, &old)
            && old.kind == entry.kind
        {
            entry.facts.clone_from(&old.facts);
        }
        let past = old.map_or(Past::None, |old| Past::Entry(Box::new(old)));
        self.tell(past.fate(&entry));
        self.build_file(reading.name, file, &entry, reading.listed.links > 1)
    }

    /// Keeps what is in the vault of a file that cannot be read now, where nothing says that it changed since.
    fn build_as_before(&mut self, reading: Reading, result: &FileResult) -> Result<(), BackupError> {
        if let Err(FileFault::Source(error)) = result
            && matches!(**error, SourceError::Vanished { .. } | SourceError::Changed { .. })
        {
            return Ok(());
        }
        let Reading { listed, name, before, .. } = reading;
        let Some(Before { cached, unchanged: true }) = before else { return Ok(()) };
        if listed.links > 1 || !cached.shares.iter().all(|share| self.run.packs.is_live(share.pack)) {
            return Ok(());
        }
        let Ok(mut entry) = parse_entry(&cached.entry) else { return Ok(()) };
        self.name_owners(&mut entry, &listed);
        let CachedItem { stat, shares, link, .. } = cached;
        self.build(Done { name, stat, entry: write_entry(&entry), shares, bytes: listed.size, link, cacheable: true })
    }

    /// Returns a file that was read; of one that was not, tells why.
    fn file_read<'f>(&mut self, result: &'f FileResult) -> Result<Option<&'f FileDone>, BackupError> {
        match result {
            Ok(file) => Ok(Some(file)),
            Err(FileFault::Aborted) => Err(BackupError::Aborted),
            Err(FileFault::Source(error)) => {
                self.unreadable(Arc::clone(error));
                Ok(None)
            }
        }
    }

    fn build_link(&mut self, linked: Linked) -> Result<(), BackupError> {
        let result = linked.slot.wait();
        let Some(file) = self.file_read(&result)? else { return Ok(()) };
        let entry = self.file_entry(&linked.name, file, Some(linked.first.0));
        self.tell(Fate::Same { bytes: 0 });
        self.build_file(linked.name, file, &entry, true)
    }

    fn file_entry(&self, name: &[u8], file: &FileDone, hard_link: Option<Vec<u8>>) -> Entry {
        let kind =
            EntryKind::File { size: file.kept.size, content: file.kept.content.clone(), sha256: file.kept.sha256 };
        let xattrs = file.attributes.as_ref().cloned().unwrap_or_default();
        Entry {
            hard_link,
            torn: file.torn,
            facts: file.kept.facts.clone(),
            ..self.bare_entry(name, &file.stat, kind, xattrs)
        }
    }

    fn build_file(&mut self, name: Vec<u8>, file: &FileDone, entry: &Entry, link: bool) -> Result<(), BackupError> {
        let mut shares = file.kept.needs.shares.clone();
        let mut resolved = true;
        for (id, bytes) in &file.kept.needs.unresolved {
            match self.run.known.find(id) {
                Some(pack) => shares.push(Share { pack, bytes: *bytes }),
                // Still being packed elsewhere: its pack is one of this run's, all of which the snapshot names.
                None => resolved = false,
            }
        }
        tidy(&mut shares);
        if entry.hard_link.is_some() {
            shares = uncounted(&shares);
        }
        let sound = resolved && !file.torn && file.attributes.is_ok();
        self.build(Done {
            name,
            stat: stat_key(&file.stat),
            entry: write_entry(entry),
            shares,
            bytes: file.kept.size,
            link,
            cacheable: sound,
        })
    }

    fn add_to_parent(&mut self, name: &[u8], encoded: &[u8], entries: u64, bytes: u64) -> Result<(), BackupError> {
        let Some(parent) = self.open.last_mut() else { return Ok(()) };
        parent.entries_below += entries;
        parent.bytes_below += bytes;
        parent.builder.add(name, encoded, &self.run.splitter, &mut self.keeper)?;
        self.note_needs();
        Ok(())
    }

    /// Notes the packs of the nodes that were kept. Those still unresolved are of this run.
    fn note_needs(&mut self) {
        for share in self.keeper.take_needs().shares {
            self.used.insert(share);
        }
    }
}

/// What a further link needs: the first one counts for all.
fn uncounted(shares: &[Share]) -> Vec<Share> {
    shares.iter().map(|share| Share { bytes: 0, ..*share }).collect()
}

/// What the cache compares.
fn stat_key(stat: &Stat) -> StatKey {
    let kind = match stat.kind {
        FileKind::File => 0,
        FileKind::Directory => 1,
        FileKind::Symlink => 2,
        FileKind::Fifo => 3,
        FileKind::Socket => 4,
        FileKind::CharDevice => 5,
        FileKind::BlockDevice => 6,
    };
    StatKey { size: stat.size, mtime: stat.mtime, ctime: stat.ctime, inode: stat.identity.inode, kind }
}
