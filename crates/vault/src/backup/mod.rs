//! Saving: walk, read, cut, compress, seal, pack, and then the one signed word that makes it a snapshot.
//!
//! Crash table. Whatever moment a backup dies at:
//! - before its manifest, nothing of it is a snapshot; packs that were put are found again by the next run, which lists
//!   the store, reads their sealed directories and sends none of those blobs again. It adopts only packs that its notes
//!   or a manifest of the strand name: if the local state is lost too, a first backup begins anew;
//! - after its manifest, the snapshot is whole, for packs, indexes and lists were durable before; a local cache that was
//!   not saved costs a re-read.

mod assemble;
mod commit;
mod crew;
mod cut;
mod held_lease;
mod owners;
mod packer;
mod reconcile;
mod run;
mod slot;
mod witness;
mod worn;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender};
use thiserror::Error;

use crate::chunk::{ChunkSizes, Chunker};
use crate::envelope::{EnvelopeError, Recipient};
use crate::id::{ObjectHash, StrandId};
use crate::manifest::{Counts, SealedManifest};
use crate::pack::Session;
use crate::source::{Exclusions, LeftOut, Names, ReadAhead, SourceError, SourcePath, Walk};
use crate::state::cache::{CacheReader, CacheWriter};
use crate::state::{
    AgentKeys, BegunPacks, KnownBlobs, Newest, PackTable, StateError, StateFolder, StateLock, UseTable,
};
use crate::store::StoreError;
use crate::strand::source_tag;
use crate::tree::{DirectoryBuilder, Entry, EntryKind, FileTime, Splitter, write_entry};
use crate::vault::{Vault, VaultError};
use crate::world::{Clock, Entropy, Timestamp};

use assemble::{Assembled, Assembler, PackUse};
use crew::{FileTask, keep_stream, work};
use cut::{ChunkQueue, Kept};
use held_lease::HeldLease;
use owners::Owners;
use packer::{BlobKeeper, OpenPack, Packer, write_packs};
use reconcile::reconcile;
use run::{Buffers, Ending, Run};
use worn::{note_uses, wear_packs};

pub use witness::{ALARM_BYTES_MAX, Conclusion, FACTS_BYTES_MAX, Fate, Look, Witness};

/// What is wanted of a backup.
#[derive(Clone, Debug)]
pub struct BackupOptions {
    /// Name of the source.
    pub source: String,
    /// Name of the machine.
    pub host: String,
    /// Which program this is, with its version.
    pub program: String,
    /// The paths as they were asked for; told in the manifest.
    pub paths: Vec<Vec<u8>>,
    /// Zstandard's level, 1 to 19.
    pub level: i8,
    /// Threads that read, compress and seal, at least 1.
    pub jobs: usize,
    /// Only one thread reads at a time, the others cut and compress: for spinning disks.
    pub one_reader: bool,
    /// Bounds of chunks.
    pub sizes: ChunkSizes,
    /// Files that are cut at fixed sizes, the average, because they change in place: disk images, databases. What these
    /// patterns would leave out is meant.
    pub fixed: Exclusions,
    /// One file in so many is read though its times say nothing; 0 for none.
    pub reread_one_in: u64,
    /// Take the SHA-256 of every file that is read.
    pub sha256: bool,
}

/// Where a backup goes, and who makes it.
#[derive(Clone, Copy)]
pub struct Agent<'a> {
    /// The vault.
    pub vault: &'a Vault,
    /// The keys of this machine's strand.
    pub keys: &'a AgentKeys,
    /// The local state of this vault.
    pub folder: &'a StateFolder,
    /// The lock on it.
    pub lock: &'a StateLock,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Randomness.
    pub entropy: &'a dyn Entropy,
}

/// Is told how a backup goes on. Called from several threads.
pub trait Monitor: Send + Sync {
    /// Bytes of content were read.
    fn read(&self, bytes: u64);
    /// An entry is complete, with so many bytes of content.
    fn entry(&self, bytes: u64);
    /// A directory begins.
    fn directory(&self, path: &[u8]);
    /// Something that a person should know; the backup goes on.
    fn remark(&self, remark: Remark);
    /// Asks whether to stop.
    fn stopping(&self) -> bool;
    /// Returns who looks at content while it passes by; nobody, unless there is one.
    fn witness(&self) -> Option<&dyn Witness> {
        None
    }
}

/// Something that a person should know of a backup that goes on.
#[derive(Debug)]
pub enum Remark {
    /// An entry, or part of it, could not be read.
    Unreadable(Arc<SourceError>),
    /// A file changed while it was read, twice: what was kept of it may be a mixture.
    Torn {
        /// The file.
        path: SourcePath,
    },
    /// A file changed although its size, times and inode did not.
    SilentlyChanged {
        /// The file.
        path: SourcePath,
    },
    /// A directory is kept without (all) its entries.
    LeftOut {
        /// The directory.
        path: SourcePath,
        /// Why.
        why: LeftOut,
    },
    /// A file is left out because of its size.
    TooLarge {
        /// The file.
        path: SourcePath,
        /// Its length in bytes.
        bytes: u64,
    },
    /// The last snapshot that this machine made is not in the vault any more.
    VaultForgot {
        /// Number of that snapshot.
        seq: u64,
    },
    /// The vault has a later snapshot of this machine than it remembers: it was set back, or it died when it had just saved,
    /// or somebody else uses its keys.
    Unremembered {
        /// Number of the latest.
        seq: u64,
    },
    /// A pack in the vault cannot be read; its blobs are sent again if they are needed.
    DamagedPack {
        /// Its hash.
        pack: ObjectHash,
    },
    /// Owners signed entries of the owner log that follow one which is missing, or entries that this machine has seen are
    /// gone. The backup goes on with what is there.
    OwnerLogCut {
        /// How many entries there are.
        entries: u64,
    },
    /// Packs are worn: most of what is in them is not used any more, or they are small and many. What is still used is sent
    /// again, so that they can be let go one day.
    WornPacks {
        /// How many.
        count: u64,
        /// What is used in them, before compression, in bytes.
        bytes: u64,
    },
    /// The vault lost packs; what they held is sent again from the source.
    LostPacks {
        /// How many.
        count: u64,
    },
}

impl Remark {
    /// Tells whether something of the source is missing or doubtful in the snapshot.
    pub fn is_incomplete(&self) -> bool {
        matches!(self, Self::Unreadable(_) | Self::Torn { .. })
    }
}

/// A snapshot that was made.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its id.
    pub hash: ObjectHash,
    /// Its number in the strand.
    pub seq: u64,
    /// Figures.
    pub counts: Counts,
    /// What the witness made of it, as the manifest tells it.
    pub conclusion: Conclusion,
    /// Packs that were adopted from an interrupted backup.
    pub adopted_packs: u64,
    /// When it began and ended.
    pub started: Timestamp,
    /// When it ended.
    pub finished: Timestamp,
}

/// Why a backup made no snapshot.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The local state.
    #[error(transparent)]
    State(#[from] StateError),
    /// The source as a whole.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The session key cannot be sealed.
    #[error("the session key cannot be sealed to the strand")]
    Seal(#[from] EnvelopeError),
    /// This machine's strand was closed.
    #[error("strand {strand} was retired: {reason}")]
    Retired {
        /// The strand.
        strand: StrandId,
        /// Why.
        reason: String,
    },
    /// The owner log does not descend from the owner that this machine was enrolled by.
    #[error("the vault is not the one that this machine was enrolled in: its owners are others")]
    OtherOwners,
    /// The owner log was set back to where content is sealed for somebody whom the owners removed since.
    #[error(
        "the owner log was set back: entries that this machine has seen are gone, and recipients that they removed are there again"
    )]
    OwnersSetBack,
    /// Two writers use one strand.
    #[error("strand {strand} forks at snapshot {seq}: another machine uses this machine's keys")]
    Fork {
        /// The strand.
        strand: StrandId,
        /// The number.
        seq: u64,
    },
    /// The last number that a snapshot can have is taken. No machine comes so far by itself.
    #[error(
        "strand {strand} has a snapshot with the last number that there is: somebody else uses this machine's keys"
    )]
    LastNumber {
        /// The strand.
        strand: StrandId,
    },
    /// Objects that the snapshot needs vanished while the backup ran.
    #[error("{count} objects vanished from the vault while the backup ran; the next run sends them again")]
    Vanished {
        /// How many.
        count: u64,
    },
    /// Reading the command's output failed.
    #[error("the stream broke")]
    Stream(#[source] io::Error),
    /// The command failed: what it printed is not to be trusted.
    #[error("the command failed")]
    Command(#[source] io::Error),
    /// Somebody asked to stop.
    #[error("stopped; what was saved so far is reused by the next run")]
    Stopped,
    /// Another part of the backup failed, and says why.
    #[error("the backup was given up")]
    Aborted,
}

/// Saves a tree of files.
pub fn backup_tree(
    agent: Agent<'_>,
    walk: Walk,
    names: &Names,
    options: &BackupOptions,
    monitor: &dyn Monitor,
) -> Result<Outcome, BackupError> {
    let saving = Saving::begin(agent, names, options, monitor)?;
    let run = &saving.run;
    let tag = source_tag(&agent.keys.id_key, &options.source);
    let (old, _) = CacheReader::open(&saving.folder, &tag, &run.packs)?;
    let new = CacheWriter::create(&saving.folder, &tag, &run.packs)?;
    let owners = Owners::continued(old.footer(), names, options.sizes);
    let events = &mut ReadAhead::start(walk)?;
    let made = saving.work(|files, _| Assembler::new(run, files, old, new, owners).assemble(events));
    let (assembled, cache) = saving.durable(made)?;
    let owners = assembled.owners.to_footer(names, options.sizes);
    let outcome = saving.commit(assembled)?;
    cache.finish(&owners)?;
    Ok(outcome)
}

/// Saves a stream as the one file of a source. `confirm` is called at its end: if it fails, there is no snapshot.
pub fn backup_stream(
    agent: Agent<'_>,
    stream: &mut (dyn io::Read + Send),
    confirm: &mut dyn FnMut() -> io::Result<()>,
    names: &Names,
    options: &BackupOptions,
    monitor: &dyn Monitor,
) -> Result<Outcome, BackupError> {
    let saving = Saving::begin(agent, names, options, monitor)?;
    let run = &saving.run;
    let made = saving.work(|_, chunks| {
        let kept = keep_stream(run, chunks, &file_name_of(&options.source), stream)?;
        confirm().map_err(BackupError::Command)?;
        assemble_stream(run, kept, agent.clock.now())
    });
    let assembled = saving.durable(made)?;
    saving.commit(assembled)
}

/// Makes a tree of the one file that a stream became.
fn assemble_stream(run: &Run<'_>, kept: Kept, now: Timestamp) -> Result<Assembled, BackupError> {
    let nanoseconds = u32::try_from(now.0.rem_euclid(1_000_000_000)).expect("less than a second");
    let mtime = FileTime { seconds: now.seconds(), nanoseconds };
    let kind = EntryKind::File { size: kept.size, content: kept.content, sha256: kept.sha256 };
    let name = file_name_of(&run.options.source);
    let file = Entry { name, kind, mode: 0o600, mtime, ctime: mtime, facts: kept.facts, ..Entry::default() };
    let mut keeper = BlobKeeper::new(run);
    let mut builder = DirectoryBuilder::default();
    builder.add(&file.name, &write_entry(&file), &run.splitter, &mut keeper)?;
    let node = builder.finish(&run.splitter, &mut keeper)?;
    let kind = EntryKind::Directory { node, entries_below: 1, bytes_below: kept.size };
    let root = Entry { kind, made_up: true, mode: 0o700, ..Entry::default() };
    let mut used = PackUse::default();
    let needs = [kept.needs, keeper.take_needs()];
    needs.iter().flat_map(|needs| &needs.shares).for_each(|share| used.insert(*share));
    run.packer.numbers().into_iter().for_each(|pack| used.insert_begun(pack));
    let counts = Counts { files: 1, bytes: kept.size, changed: 1, ..Counts::default() };
    run.monitor.entry(kept.size);
    Ok(Assembled { root, counts, used, owners: Owners::default() })
}

/// Returns a name that is safe for a file, from the name of a source.
pub fn file_name_of(source: &str) -> Vec<u8> {
    let safe: String = source.chars().map(|c| if c == '/' || c == '\0' { '_' } else { c }).collect();
    let mut name = safe.trim_matches('.').to_string();
    while name.len() > 255 {
        name.pop();
    }
    if name.is_empty() { b"stream".to_vec() } else { name.into_bytes() }
}

/// A backup whose run is set up.
struct Saving<'a> {
    agent: Agent<'a>,
    /// The strand's part of the local state.
    folder: StateFolder,
    /// What this machine saw last.
    newest: Option<Newest>,
    recipient: Recipient,
    run: Run<'a>,
    full: Receiver<OpenPack>,
    head: commit::Head,
    started: Timestamp,
    adopted_packs: u64,
    /// How much of each pack the sources use.
    uses: Mutex<UseTable>,
}

impl<'a> Saving<'a> {
    fn begin(
        agent: Agent<'a>,
        names: &'a Names,
        options: &'a BackupOptions,
        monitor: &'a dyn Monitor,
    ) -> Result<Self, BackupError> {
        commit::admit(agent)?;
        let folder = agent.folder.for_strand(agent.keys.strand)?;
        let newest = Newest::open(&folder)?;
        let recipient = commit::choose_recipient(agent, newest.as_ref(), monitor)?;
        let head = commit::read_head(agent, newest.as_ref(), monitor)?;
        let started = agent.clock.now();
        let (packs, _) = PackTable::open(&folder, agent.entropy)?;
        let packs = Arc::new(packs);
        let (known, _) = KnownBlobs::open(&folder, agent.lock, Arc::clone(&packs))?;
        let (sender, full) = crossbeam_channel::bounded(0);
        let run = Run {
            vault: agent.vault,
            keys: agent.keys,
            options,
            monitor,
            names,
            entropy: agent.entropy,
            packs,
            known,
            begun: Mutex::new(BegunPacks::open(&folder)?),
            session: Session::begin(&recipient, agent.entropy)?,
            chunker: Chunker::new(&agent.keys.chunk_seed, options.sizes),
            splitter: Splitter::new(&agent.keys.chunk_seed),
            packer: Packer::new(sender),
            buffers: Buffers::default(),
            chunk_buffers: Buffers::default(),
            reading: Mutex::new(()),
            ending: Ending::default(),
            lease: HeldLease::take(agent, head.next_seq(), started)?,
            seq: head.next_seq(),
        };
        let adopted_packs = reconcile(&run)?;
        let uses = Mutex::new(wear_packs(&run, &folder, started)?);
        Ok(Self { agent, folder, newest, recipient, run, full, head, started, adopted_packs, uses })
    }

    /// Runs the crew while `make` feeds it, and returns when every pack is put.
    fn work<T>(
        &self,
        make: impl FnOnce(Sender<FileTask>, ChunkQueue) -> Result<T, BackupError>,
    ) -> Result<T, BackupError> {
        let run = &self.run;
        let (files, waiting_files) = crossbeam_channel::bounded(64 * run.options.jobs);
        let chunks = ChunkQueue::new(run.options.jobs);
        let made = std::thread::scope(|scope| {
            scope.spawn(|| write_packs(run, &self.full));
            let crew: Vec<_> = (0..run.options.jobs)
                .map(|_| {
                    let (files, chunks) = (waiting_files.clone(), chunks.clone());
                    scope.spawn(move || work(run, &files, chunks))
                })
                .collect();
            // If the crew dies, whoever feeds it must notice; if the feeder does, so must the writer.
            drop(waiting_files);
            let close = CloseOnDrop(&run.packer);
            let made = make(files, chunks);
            if made.is_err() {
                run.ending.stop();
            }
            for member in crew {
                if let Err(panic) = member.join() {
                    std::panic::resume_unwind(panic);
                }
            }
            drop(close);
            made
        });
        run.ending.failure()?;
        made
    }

    /// Makes what was put durable and known, whether or not the work was finished.
    fn durable<T>(&self, made: Result<T, BackupError>) -> Result<T, BackupError> {
        if matches!(made, Ok(_) | Err(BackupError::Stopped)) {
            let finished = self.run.packs.finished();
            self.run.store().commit()?;
            self.run.packs.mark_durable(&finished);
            self.run.known.save()?;
        }
        made
    }

    fn commit(&self, assembled: Assembled) -> Result<Outcome, BackupError> {
        let conclusion = self.conclude();
        let packed = self.run.packer.counts();
        let counts = Counts {
            new_bytes: packed.new_bytes,
            stored_bytes: packed.stored_bytes,
            incompressible_bytes: packed.incompressible_bytes,
            damage_hint: assembled.counts.damage_hint.saturating_add(conclusion.damage_hint),
            alarm_level: conclusion.alarm_level,
            ..assembled.counts
        };
        let finished = self.agent.clock.now();
        let options = self.run.options;
        let sealed = SealedManifest {
            source: options.source.clone(),
            host: options.host.clone(),
            paths: options.paths.clone(),
            started: self.started,
            finished,
            root: assembled.root,
            program: options.program.clone(),
            alarm: conclusion.alarm.clone(),
        };
        let hash = commit::commit(&self.run, &self.head, &sealed, counts, &assembled.used)?;
        self.remember(hash)?;
        self.note_uses(&assembled.used, finished)?;
        let (adopted_packs, started, seq) = (self.adopted_packs, self.started, self.run.seq);
        Ok(Outcome { hash, seq, counts, conclusion, adopted_packs, started, finished })
    }
}

impl Saving<'_> {
    /// Asks the witness, once the tree is complete.
    fn conclude(&self) -> Conclusion {
        let conclusion = self.run.monitor.witness().map(Witness::conclude).unwrap_or_default();
        let alarm = conclusion.alarm.filter(|alarm| alarm.len() <= ALARM_BYTES_MAX);
        Conclusion { alarm, ..conclusion }
    }

    /// Notes that the snapshot is there, and that the saved table knows all packs.
    fn remember(&self, hash: ObjectHash) -> Result<(), BackupError> {
        let seen = self.newest.as_ref().map_or(0, |newest| newest.owner_entries);
        let owner_entries = seen.max(self.agent.vault.log().next_seq);
        Newest { seq: self.run.seq, hash, owner_entries, recipient: self.recipient.clone() }.save(&self.folder)?;
        self.run.begun.lock().unwrap_or_else(PoisonError::into_inner).clear()?;
        Ok(())
    }

    /// Notes what the source uses of the packs. The snapshot is there already: should this fail, the next run judges by
    /// what was noted before.
    fn note_uses(&self, used: &PackUse, now: Timestamp) -> Result<(), BackupError> {
        let tag = source_tag(&self.run.keys.id_key, &self.run.options.source);
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        note_uses(&self.run.packs, &mut uses, (tag, used), now);
        uses.save(&self.folder)?;
        Ok(())
    }
}

struct CloseOnDrop<'p>(&'p Packer);

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}
