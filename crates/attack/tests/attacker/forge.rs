//! Packs whose every byte the thief chooses, sealed so that the owners open them.

use vault::blob::{BlobKind, CODEC_PLAIN, CODEC_ZSTD, Coding, zstd_version};
use vault::bytes::{PACK, Writer};
use vault::envelope::seal_to;
use vault::id::{BlobId, ObjectHash};
use vault::manifest::Counts;
use vault::name::HashedKind;
use vault::pack::PACK_BYTES_TARGET;
use vault::seal::{BlobSeal, BoxKind, seal_blob, seal_box};
use vault::secret::SecretKey;
use vault::tree::{ChunkRef, Content, Entry, EntryKind, write_entry};
use vault::world::random;

use crate::thief::{SystemEntropy, Thief};

/// Writes packs of one session.
pub struct Forge<'t> {
    thief: &'t Thief,
    session: SecretKey,
    salt: [u8; 32],
    sealed_key: Vec<u8>,
    blobs: Vec<u8>,
    directory: Vec<Promise>,
    packs: Vec<ObjectHash>,
}

/// What a directory says of a blob.
struct Promise {
    id: BlobId,
    kind: BlobKind,
    sealed_bytes: u32,
    coding: Coding,
}

impl<'t> Forge<'t> {
    pub fn new(thief: &'t Thief) -> Self {
        let recipient = thief.vault.strand_recipient(&thief.keys.strand).unwrap();
        let session = SecretKey::random(&SystemEntropy);
        let sealed_key = seal_to(&[recipient], session.expose()).unwrap();
        let salt = random(&SystemEntropy);
        Self { thief, session, salt, sealed_key, blobs: Vec::new(), directory: Vec::new(), packs: Vec::new() }
    }

    /// Keeps a blob as an agent would.
    pub fn keep(&mut self, kind: BlobKind, plain: &[u8]) -> BlobId {
        let id = kind.id(&self.thief.keys.id_key, plain);
        let coded = zstd::bulk::compress(plain, 1).unwrap();
        self.promise(kind, id, &coded, Coding { codec: CODEC_ZSTD, level: 1, plain_bytes: plain.len() as u32 });
        id
    }

    /// Seals any coded bytes under any id.
    pub fn promise(&mut self, kind: BlobKind, id: BlobId, coded: &[u8], coding: Coding) {
        let Coding { codec, level, .. } = coding;
        let seal = BlobSeal { zstd_version: zstd_version(), salt: &self.salt, id: &id, codec, level };
        let start = self.blobs.len();
        self.blobs.extend_from_slice(coded);
        seal_blob(&self.session, &seal, &mut self.blobs, start);
        let sealed_bytes = (self.blobs.len() - start) as u32;
        self.directory.push(Promise { id, kind, sealed_bytes, coding });
        if self.blobs.len() >= PACK_BYTES_TARGET {
            self.close();
        }
    }

    /// Seals plain bytes under an id that is not theirs.
    pub fn lie(&mut self, kind: BlobKind, id: BlobId, plain: &[u8]) {
        self.promise(kind, id, plain, Coding { codec: CODEC_PLAIN, level: 0, plain_bytes: plain.len() as u32 });
    }

    /// Adds what was kept as a pack.
    pub fn close(&mut self) {
        let all = std::mem::take(&mut self.directory);
        let mut plain = (all.len() as u32).to_le_bytes().to_vec();
        all.iter().for_each(|blob| plain.extend(blob.id.0));
        all.iter().for_each(|blob| plain.extend(blob.sealed_bytes.to_le_bytes()));
        all.iter().for_each(|blob| plain.extend(blob.coding.plain_bytes.to_le_bytes()));
        plain.extend(all.iter().map(|blob| blob.coding.codec));
        plain.extend(all.iter().map(|blob| blob.coding.level as u8));
        plain.extend(all.iter().map(|blob| blob.kind as u8));
        let blobs = std::mem::take(&mut self.blobs);
        self.put_pack(&blobs, &plain);
    }

    /// Adds a pack with any directory.
    pub fn put_pack(&mut self, blobs: &[u8], directory: &[u8]) {
        let mut pack = PACK.begin();
        pack.push(0);
        pack.extend((self.sealed_key.len() as u16).to_le_bytes());
        pack.extend(zstd_version().to_le_bytes());
        pack.extend(self.salt);
        pack.extend_from_slice(&self.sealed_key);
        pack.extend_from_slice(blobs);
        let coded = zstd::bulk::compress(directory, 1).unwrap();
        let sealed = seal_box(&self.thief.keys.index_key, &self.salt, BoxKind::Directory, &coded);
        pack.extend_from_slice(&sealed);
        pack.extend((sealed.len() as u32).to_le_bytes());
        pack.extend(b"PRFB");
        self.packs.push(self.thief.put_hashed(HashedKind::Pack, &pack));
    }

    /// Keeps a leaf of a directory; entries come in the order in which they are wanted.
    pub fn leaf(&mut self, entries: &[Entry]) -> BlobId {
        let mut node = Writer::default();
        node.map(2).unsigned(0).unsigned(0).unsigned(1).array(entries.len());
        for entry in entries {
            node.raw(&write_entry(entry));
        }
        self.keep(BlobKind::Node, &node.finish())
    }

    /// Keeps a node above others of one level.
    pub fn branch(&mut self, level: u64, children: &[(&[u8], BlobId, u64)]) -> BlobId {
        let mut node = Writer::default();
        node.map(2).unsigned(0).unsigned(level).unsigned(1).array(children.len());
        for (first, id, entries) in children {
            node.array(3).bytes(first).bytes(&id.0).unsigned(*entries);
        }
        self.keep(BlobKind::Node, &node.finish())
    }

    /// Closes the last pack; returns the names of all, sorted.
    pub fn packs(mut self) -> Vec<ObjectHash> {
        if !self.directory.is_empty() {
            self.close();
        }
        self.packs.sort();
        self.packs.dedup();
        self.packs
    }

    /// Signs a snapshot of what was kept.
    pub fn put_snapshot(self, root: Entry, files: u64) {
        let (thief, bytes) = (self.thief, bytes_below(&root));
        let packs = self.packs();
        let counts = Counts { files, bytes, ..Counts::default() };
        thief.put_manifest(&thief.manifest(root, packs, counts));
    }
}

/// A directory with a node, that says how many entries are below.
pub fn folder(name: &[u8], node: BlobId, entries_below: u64, bytes_below: u64) -> Entry {
    let kind = EntryKind::Directory { node: Some(node), entries_below, bytes_below };
    Entry { name: name.to_vec(), kind, mode: 0o755, ..Entry::default() }
}

/// A file of chunks.
pub fn file(name: &[u8], chunks: Vec<ChunkRef>) -> Entry {
    let size = chunks.iter().map(|chunk| chunk.bytes).sum();
    let kind = EntryKind::File { size, content: Content::Chunks(chunks), sha256: None };
    Entry { name: name.to_vec(), kind, mode: 0o644, ..Entry::default() }
}

fn bytes_below(root: &Entry) -> u64 {
    match root.kind {
        EntryKind::Directory { bytes_below, .. } => bytes_below,
        _ => 0,
    }
}
