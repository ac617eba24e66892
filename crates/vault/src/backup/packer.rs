//! Filling packs and putting them into the store.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::BackupError;
use super::held_lease::LOOK_INTERVAL;
use super::run::Run;
use crate::blob::{BlobKind, BlobSealer, CODEC_PLAIN, Coding};
use crate::content::ContentBuilder;
use crate::id::BlobId;
use crate::name::{HashedKind, ObjectName};
use crate::pack::{PackKind, PackWriter, plain_bytes};
use crate::state::{Claim, PackNumber, PackSize, Share};
use crate::tree::{BlobSink, ChunkRef, Content};

/// The packs that are being filled: one of nodes and lists, and two of chunks.
pub(super) struct Packer {
    open: [Mutex<Option<OpenPack>>; 3],
    full: Mutex<Option<Sender<OpenPack>>>,
    numbers: Mutex<Vec<PackNumber>>,
    new_bytes: AtomicU64,
    stored_bytes: AtomicU64,
    incompressible_bytes: AtomicU64,
}

/// How long content is likely to be needed. Packs hold content of one prospect, so that they die as a whole: what is dead in a
/// pack stays for as long as what lives beside it (`docs/retention.md`).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) enum Prospect {
    /// Most files that are new are never changed again.
    #[default]
    Lasting,
    /// What was changed is changed again, a database every day.
    Passing,
}

/// A pack with the number that the local table gave it.
pub(super) struct OpenPack {
    number: PackNumber,
    writer: PackWriter,
}

/// What the packer did.
#[derive(Clone, Copy, Default)]
pub(super) struct PackerCounts {
    pub new_bytes: u64,
    pub stored_bytes: u64,
    pub incompressible_bytes: u64,
}

impl Packer {
    /// Makes a packer that sends full packs on.
    pub fn new(full: Sender<OpenPack>) -> Self {
        Self {
            open: Default::default(),
            full: Mutex::new(Some(full)),
            numbers: Mutex::default(),
            new_bytes: AtomicU64::new(0),
            stored_bytes: AtomicU64::new(0),
            incompressible_bytes: AtomicU64::new(0),
        }
    }

    /// Sends what is in open packs on, however little, and ends the writer.
    pub fn close(&self) {
        for open in &self.open {
            if let Some(pack) = open.lock().unwrap_or_else(PoisonError::into_inner).take() {
                self.send(pack);
            }
        }
        self.full.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// The packs that were begun.
    pub fn numbers(&self) -> Vec<PackNumber> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was packed so far.
    pub fn counts(&self) -> PackerCounts {
        PackerCounts {
            new_bytes: self.new_bytes.load(Ordering::Relaxed),
            stored_bytes: self.stored_bytes.load(Ordering::Relaxed),
            incompressible_bytes: self.incompressible_bytes.load(Ordering::Relaxed),
        }
    }

    fn add(
        &self,
        run: &Run<'_>,
        (kind, prospect): (BlobKind, Prospect),
        id: &BlobId,
        sealed: &[u8],
        coding: Coding,
    ) -> Result<PackNumber, BackupError> {
        self.count(sealed.len(), &coding);
        let (place, pack_kind) = match (kind, prospect) {
            (BlobKind::Chunk, Prospect::Lasting) => (0, PackKind::Data),
            (BlobKind::Chunk, Prospect::Passing) => (1, PackKind::Data),
            (BlobKind::Node | BlobKind::List, _) => (2, PackKind::Tree),
        };
        let mut open = self.open[place].lock().unwrap_or_else(PoisonError::into_inner);
        if open.is_none() {
            let number = run.packs.allot(pack_kind as u8)?;
            self.numbers.lock().unwrap_or_else(PoisonError::into_inner).push(number);
            *open = Some(OpenPack { number, writer: PackWriter::new(&run.session, pack_kind, run.buffers.take()) });
        }
        let pack = open.as_mut().expect("opened above");
        let number = pack.number;
        pack.writer.add(kind, *id, sealed, coding);
        run.known.place(id, number)?;
        let full = open.take_if(|pack| pack.writer.is_full());
        drop(open);
        full.into_iter().for_each(|pack| self.send(pack));
        Ok(number)
    }

    fn count(&self, sealed_bytes: usize, coding: &Coding) {
        let plain_bytes = u64::from(coding.plain_bytes);
        self.new_bytes.fetch_add(plain_bytes, Ordering::Relaxed);
        self.stored_bytes.fetch_add(sealed_bytes as u64, Ordering::Relaxed);
        if coding.codec == CODEC_PLAIN {
            self.incompressible_bytes.fetch_add(plain_bytes, Ordering::Relaxed);
        }
    }

    fn send(&self, pack: OpenPack) {
        let full = self.full.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // The writer takes packs until the packer is closed, and nothing is packed after.
        let _ = full.map(|full| full.send(pack));
    }
}

/// Puts full packs into the store until the packer is closed, and keeps the lease alive. After a failure the rest is only
/// taken away.
pub(super) fn write_packs(run: &Run<'_>, full: &Receiver<OpenPack>) {
    loop {
        let pack = match full.recv_timeout(LOOK_INTERVAL) {
            Ok(pack) => Some(pack),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        if run.ending.is_failed() {
            continue;
        }
        let written = run.lease.renew().and_then(|()| pack.map_or(Ok(()), |pack| write_pack(run, pack)));
        if let Err(error) = written {
            run.ending.fail(error);
        }
    }
}

fn write_pack(run: &Run<'_>, pack: OpenPack) -> Result<(), BackupError> {
    let finished = pack.writer.finish(&run.keys.index_key);
    let name = ObjectName::Hashed(run.keys.strand, HashedKind::Pack, finished.hash);
    run.begun.lock().unwrap_or_else(PoisonError::into_inner).note(finished.hash)?;
    run.store().put(&name, &finished.bytes)?;
    let blobs = u32::try_from(finished.blobs.len()).expect("a pack holds at most 131,072 blobs");
    let plain_bytes = plain_bytes(&finished.blobs);
    run.packs.finish(pack.number, finished.hash, PackSize { blobs, bytes: finished.bytes.len() as u64, plain_bytes });
    run.buffers.give(finished.bytes);
    Ok(())
}

/// Keeps blobs for one file or one directory tree, and notes which packs they are in. Each thread has its own.
pub(super) struct BlobKeeper<'r> {
    run: &'r Run<'r>,
    sealer: BlobSealer,
    needs: Needs,
    prospect: Prospect,
}

/// The packs that something needs.
#[derive(Clone, Default, Debug)]
pub(super) struct Needs {
    /// How much lies in packs whose numbers are known; sorted once it is finished.
    pub shares: Vec<Share>,
    /// Blobs that another thread was packing at that moment, and their lengths in bytes.
    pub unresolved: Vec<(BlobId, u64)>,
}

impl Needs {
    pub fn add(&mut self, share: Share) {
        match self.shares.last_mut() {
            Some(last) if last.pack == share.pack => last.bytes += share.bytes,
            _ => {
                self.shares.push(share);
                if self.shares.len() > 4096 && self.shares.len().is_power_of_two() {
                    tidy(&mut self.shares);
                }
            }
        }
    }

    pub fn join(&mut self, other: Self) {
        other.shares.into_iter().for_each(|share| self.add(share));
        self.unresolved.extend(other.unresolved);
    }
}

impl<'r> BlobKeeper<'r> {
    pub fn new(run: &'r Run<'r>) -> Self {
        Self {
            run,
            sealer: run.session.sealer(run.options.level),
            needs: Needs::default(),
            prospect: Prospect::default(),
        }
    }

    /// Says what the content is like that comes next. Returns what it was like before.
    pub fn expect(&mut self, prospect: Prospect) -> Prospect {
        std::mem::replace(&mut self.prospect, prospect)
    }

    /// Returns the packs noted since the last call.
    pub fn take_needs(&mut self) -> Needs {
        let mut needs = std::mem::take(&mut self.needs);
        tidy(&mut needs.shares);
        needs
    }

    /// Works on something else's behalf: returns the packs that only this work needed.
    pub fn apart<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> (T, Needs) {
        let own = std::mem::take(&mut self.needs);
        let result = work(self);
        (result, std::mem::replace(&mut self.needs, own))
    }

    /// Adds packs that someone else noted.
    pub fn join(&mut self, needs: Needs) {
        self.needs.join(needs);
    }

    /// Ends a content, keeping its lists.
    pub fn finish_content(&mut self, content: ContentBuilder) -> Result<Content, BackupError> {
        content.finish(self)
    }

    /// Keeps a chunk of content; one of zeros costs nothing.
    pub fn keep_chunk(&mut self, plain: &[u8]) -> Result<ChunkRef, BackupError> {
        let bytes = plain.len() as u64;
        let id = if is_zeros(plain) { BlobId::ZEROS } else { self.keep(BlobKind::Chunk, plain)? };
        Ok(ChunkRef { id, bytes })
    }
}

impl BlobSink for BlobKeeper<'_> {
    type Error = BackupError;

    fn keep(&mut self, kind: BlobKind, plain: &[u8]) -> Result<BlobId, BackupError> {
        let run = self.run;
        let (id, bytes) = (kind.id(&run.keys.id_key, plain), plain.len() as u64);
        match run.known.claim(&id) {
            Claim::Known(pack) => self.needs.add(Share { pack, bytes }),
            Claim::Taken => self.needs.unresolved.push((id, bytes)),
            Claim::Mine => {
                let (sealed, coding) = self.sealer.seal(&id, plain);
                match run.packer.add(run, (kind, self.prospect), &id, sealed, coding) {
                    Ok(pack) => self.needs.add(Share { pack, bytes }),
                    Err(error) => {
                        run.known.release(&id);
                        return Err(error);
                    }
                }
            }
        }
        Ok(id)
    }
}

/// Sorts shares by pack, and adds up those of one pack.
pub(super) fn tidy(shares: &mut Vec<Share>) {
    shares.sort_unstable_by_key(|share| share.pack);
    shares.dedup_by(|later, first| {
        let same = later.pack == first.pack;
        first.bytes += if same { later.bytes } else { 0 };
        same
    });
}

/// Tells whether all bytes are zero; stops at the first that is not.
fn is_zeros(bytes: &[u8]) -> bool {
    let (chunks, rest) = bytes.as_chunks::<64>();
    chunks.iter().all(|chunk| chunk == &[0; 64]) && rest.iter().all(|byte| *byte == 0)
}
