//! What is stored, and what of it the snapshots that are kept need.

use std::collections::hash_map::Entry::{Occupied, Vacant};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use vault::blob::BlobKind;
use vault::content::parse_list;
use vault::id::{BlobId, ObjectHash};
use vault::name::{HashedKind, NumberedKind, ObjectName};
use vault::pack::read_directory;
use vault::read::{SnapshotReader, WalkItem};
use vault::snapshots::read_snapshot;
use vault::strand::StrandSecrets;
use vault::tree::{Content, Entry, EntryKind, Node, parse_node};
use vault::vault::Vault;

use super::hall::Fingerprints;
use crate::expectation::needs;
use crate::failure::{Tell, Told, chain};

/// All blobs that a snapshot reaches.
pub type Reached = Arc<HashSet<BlobId>>;

/// What a vault holds at one moment, in bytes where nothing else is said.
#[derive(Clone, Default, Debug)]
pub struct Holding {
    /// Snapshots that the rule keeps.
    pub kept: u64,
    /// What is needed: the sealed blobs of all kept snapshots, each once, and their manifests.
    pub live: u64,
    /// All objects.
    pub stored: u64,
    /// Blobs in packs that a kept snapshot needs, which no kept snapshot reaches.
    pub dead: u64,
    /// Blobs that are in several of these packs, beyond the first.
    pub twice: u64,
    /// Heads and directories of these packs.
    pub frames: u64,
    /// Indexes and lists that a kept snapshot needs.
    pub indexes: u64,
    /// What no kept snapshot needs any more: it waits until it may be deleted.
    pub waiting: u64,
    /// The rest: leases, keys, the owner log, records of expiry.
    pub other: u64,
    /// Lengths of all packs, sorted.
    pub packs: Vec<u64>,
}

impl Holding {
    /// What is stored, in parts of what is needed.
    pub fn ratio(&self) -> f64 {
        self.stored as f64 / self.live.max(1) as f64
    }

    /// The length of the pack in the middle.
    pub fn median_pack(&self) -> u64 {
        self.packs.get(self.packs.len() / 2).copied().unwrap_or(0)
    }

    /// How many packs are smaller than 2 MiB.
    pub fn small_packs(&self) -> usize {
        self.packs.partition_point(|bytes| *bytes < 2 << 20)
    }
}

/// Weighs a vault, and remembers what is in packs.
#[derive(Default)]
pub struct Ledger {
    /// The snapshots that the rule keeps.
    pub kept: BTreeSet<ObjectName>,
    directories: HashMap<ObjectHash, Vec<(BlobId, u64)>>,
}

impl Ledger {
    /// Weighs everything.
    pub fn weigh<T>(
        &mut self,
        vault: &Vault,
        secrets: &StrandSecrets,
        snapshots: &BTreeMap<ObjectName, (T, Reached)>,
    ) -> Told<Holding> {
        let mut holding = Holding { kept: self.kept.len() as u64, ..Holding::default() };
        let (mut needed, mut live) = (BTreeSet::new(), HashSet::new());
        for name in &self.kept {
            let (snapshot, _) = read_snapshot(vault, name).tell(name)?;
            needed.extend(needs(vault.store().as_ref(), &snapshot.manifest)?);
            live.extend(snapshots[name].1.iter().copied());
        }
        let mut seen = HashSet::new();
        for (name, bytes) in objects(vault)? {
            holding.stored += bytes;
            if let ObjectName::Hashed(_, HashedKind::Pack, _) = name {
                holding.packs.push(bytes);
            }
            match name {
                ObjectName::Numbered(_, NumberedKind::Snapshot, ..) if self.kept.contains(&name) => {
                    holding.live += bytes;
                }
                ObjectName::Numbered(_, NumberedKind::Snapshot, ..) => holding.waiting += bytes,
                ObjectName::Hashed(..) if !needed.contains(&name) => holding.waiting += bytes,
                ObjectName::Hashed(_, HashedKind::Pack, hash) => {
                    let directory = self.directory(vault, secrets, (hash, bytes))?;
                    weigh_pack(directory, bytes, &live, &mut seen, &mut holding);
                }
                ObjectName::Hashed(..) => holding.indexes += bytes,
                _ => holding.other += bytes,
            }
        }
        holding.packs.sort_unstable();
        match live.iter().find(|id| !seen.contains(*id)) {
            Some(id) => Err(format!("blob {id} is in no pack")),
            None => Ok(holding),
        }
    }

    fn directory(
        &mut self,
        vault: &Vault,
        secrets: &StrandSecrets,
        (pack, bytes): (ObjectHash, u64),
    ) -> Told<&[(BlobId, u64)]> {
        match self.directories.entry(pack) {
            Occupied(known) => Ok(known.into_mut()),
            Vacant(place) => {
                let read = read_directory(vault.store().as_ref(), secrets.strand, pack, bytes, &secrets.index_key);
                let (_, blobs) = read.tell("a pack's directory")?;
                Ok(place.insert(blobs.iter().map(|blob| (blob.id, u64::from(blob.sealed_bytes))).collect()))
            }
        }
    }
}

fn weigh_pack(
    directory: &[(BlobId, u64)],
    bytes: u64,
    live: &HashSet<BlobId>,
    seen: &mut HashSet<BlobId>,
    holding: &mut Holding,
) {
    let mut blobs = 0;
    for (id, sealed) in directory {
        blobs += sealed;
        match (live.contains(id), seen.insert(*id)) {
            (false, _) => holding.dead += sealed,
            (true, true) => holding.live += sealed,
            (true, false) => holding.twice += sealed,
        }
    }
    holding.frames += bytes - blobs;
}

fn objects(vault: &Vault) -> Told<Vec<(ObjectName, u64)>> {
    let mut objects = Vec::new();
    for folder in vault.folders() {
        vault.store().list(&folder, &mut |name, bytes| objects.push((name, bytes))).tell("a folder")?;
    }
    Ok(objects)
}

/// Finds all blobs that a snapshot reaches.
pub fn reached(reader: &SnapshotReader) -> Result<Reached, vault::read::ReadFault> {
    let mut found = HashSet::new();
    let mut nodes: Vec<BlobId> = node_of(reader.root()).into_iter().collect();
    let mut lists = Vec::new();
    while let Some(id) = nodes.pop() {
        if !found.insert(id) {
            continue;
        }
        match parse_node(&reader.blob(BlobKind::Node, &id)?).expect("a sound blob holds what was put in it") {
            Node::Branch(_, children) => nodes.extend(children.iter().map(|child| child.id)),
            Node::Leaf(entries) => {
                for entry in &entries {
                    nodes.extend(node_of(entry));
                    match &entry.kind {
                        EntryKind::File { content: Content::Chunks(chunks), .. } => {
                            found.extend(chunks.iter().filter(|chunk| !chunk.is_zeros()).map(|chunk| chunk.id));
                        }
                        EntryKind::File { size, content: Content::List(id, level), .. } => {
                            lists.push((*id, *level, *size));
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    while let Some((id, level, bytes)) = lists.pop() {
        if !found.insert(id) {
            continue;
        }
        let plain = reader.blob(BlobKind::List, &id)?;
        let chunks = parse_list(&plain, level, bytes).expect("a sound blob holds what was put in it");
        match level {
            0 => found.extend(chunks.iter().filter(|chunk| !chunk.is_zeros()).map(|chunk| chunk.id)),
            _ => lists.extend(chunks.iter().map(|chunk| (chunk.id, level - 1, chunk.bytes))),
        }
    }
    Ok(Arc::new(found))
}

fn node_of(entry: &Entry) -> Option<BlobId> {
    match entry.kind {
        EntryKind::Directory { node, .. } => node,
        _ => None,
    }
}

/// Compares what a snapshot gives back with what there was; reads those files that are wanted, and returns how many they
/// were.
pub fn fingerprints(
    reader: &SnapshotReader,
    expected: &Fingerprints,
    wanted: &dyn Fn(&blake3::Hash) -> bool,
) -> Told<u64> {
    let (mut met, mut read) = (0, 0);
    for item in reader.walk(reader.root()) {
        let (path, entry) = match item {
            WalkItem::Entry(path, entry) => (path, entry),
            WalkItem::Leave(_) => continue,
            WalkItem::Fault(_, fault) => return Err(chain(&fault)),
        };
        met += 1;
        let name = || String::from_utf8_lossy(&path).into_owned();
        match expected.get(&path) {
            None => return Err(format!("{} comes back and was not there", name())),
            Some(None) if entry.is_directory() => {}
            Some(Some(hash)) if !entry.is_directory() => {
                if wanted(hash) {
                    read += 1;
                    if fingerprint(reader, &entry)? != *hash {
                        return Err(format!("{} comes back with another content", name()));
                    }
                }
            }
            Some(_) => return Err(format!("{} comes back as something else", name())),
        }
    }
    if met == expected.len() { Ok(read) } else { Err(format!("{met} things come back of {}", expected.len())) }
}

fn fingerprint(reader: &SnapshotReader, entry: &Entry) -> Told<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    for chunk in reader.chunks(entry) {
        let chunk = chunk.map_err(|lost| chain(&lost.fault))?;
        if chunk.is_zeros() {
            hasher.update(&vec![0; chunk.bytes as usize]);
        } else {
            hasher.update(&reader.blob(BlobKind::Chunk, &chunk.id).tell("a chunk")?);
        }
    }
    Ok(hasher.finalize())
}
