//! The files of an agent's state. Each is given with the head and the checksum that it needs to be read at all.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use vault::id::{BlobId, ObjectHash, SourceTag};
use vault::state::cache::CacheReader;
use vault::state::{
    AgentKeys, BegunPacks, KnownBlobs, Newest, Opening, PackNumber, PackTable, Series, StateFolder, UseTable,
};
use vault::store::MemoryStore;
use vault::vault::Vault;
use vault::world::Timestamp;

use super::{STRAND_ID, Sevens};

const SERIES: [u8; 16] = [7; 16];
const TAG: SourceTag = SourceTag([4; 16]);

/// A private folder in memory.
fn folder() -> (tempfile::TempDir, StateFolder) {
    let private = fs::Permissions::from_mode(0o700);
    let base = tempfile::Builder::new().permissions(private).tempdir_in("/dev/shm").expect("a folder in memory");
    let folder = StateFolder::open(base.path()).expect("the folder is private");
    (base, folder)
}

fn write(path: &Path, content: &[u8]) {
    fs::write(path, content).expect("memory takes it");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("the file is ours");
}

/// Puts the head before and the checksum behind; returns the checksum.
fn write_checked(path: &Path, head: &[u8; 5], content: &[u8]) -> [u8; 32] {
    let content = [head, content].concat();
    let digest = *blake3::hash(&content).as_bytes();
    write(path, &[&content[..], &digest].concat());
    digest
}

/// The key file.
pub fn agent(data: &[u8]) {
    let (base, folder) = folder();
    let now = Timestamp::from_seconds(1);
    let (vault, _) = Vault::found(Arc::new(MemoryStore::new()), &[], now, &Sevens).expect("memory takes it");
    let strand = folder.for_strand(STRAND_ID).expect("the folder is ours");
    write_checked(&strand.path().join("agent"), b"BFSA\0", data);
    let Ok(keys) = AgentKeys::open(&folder, vault.log()) else { return };
    let elsewhere = StateFolder::open(&base.path().join("elsewhere")).expect("the folder is ours");
    keys.save_new(&elsewhere).expect("what was read can be written");
    let again = AgentKeys::open(&elsewhere, vault.log()).expect("what was just written");
    assert!((again.vault, again.strand, again.founder) == (keys.vault, keys.strand, keys.founder));
    assert!(again.signing_seed.expose() == keys.signing_seed.expose() && again.label == keys.label);
}

/// The notes of begun packs, as they are.
pub fn begun(data: &[u8]) {
    let (base, folder) = folder();
    let path = base.path().join("begun");
    write(&path, data);
    let mut begun = BegunPacks::open(&folder).expect("notes of any bytes are opened");
    begun.note(ObjectHash([5; 32])).expect("memory takes it");
    assert!(BegunPacks::open(&folder).expect("they are in step again").holds(&ObjectHash([5; 32])));
    let length = fs::read(&path).expect("the file is there").len();
    assert!(length % 32 == 5 && length <= data.len() + 37, "whole notes, and no more than before");
}

/// What the agent saw last.
pub fn newest(data: &[u8]) {
    let (base, folder) = folder();
    write_checked(&base.path().join("newest"), b"BFSN\0", data);
    let Ok(Some(newest)) = Newest::open(&folder) else { return };
    newest.save(&folder).expect("memory takes it");
    assert!(Newest::open(&folder).expect("what was just written") == Some(newest));
}

/// The table of packs.
pub fn packs(data: &[u8]) {
    let (base, folder) = folder();
    let path = base.path().join("packs");
    write_checked(&path, b"BFSP\x01", data);
    let (table, opening) = PackTable::open(&folder, &Sevens).expect("a table that is lost begins anew");
    if opening != Opening::Loaded {
        return;
    }
    let durable = table.durable();
    for number in &durable {
        let record = table.record(*number).expect("a durable pack has a record");
        assert!(table.is_live(*number) && record.hash.is_some());
    }
    table.mark_durable(&durable);
    table.retain_present([]);
    assert!(table.durable().is_empty(), "what is not there is gone");
    table.save().expect("memory takes it");
    assert!(PackTable::open(&folder, &Sevens).expect("what was just written").1 == Opening::Loaded);
}

/// How much of each pack the sources use.
pub fn uses(data: &[u8]) {
    let (base, folder) = folder();
    write_checked(&base.path().join("uses"), b"BFSU\0", &[&SERIES, data].concat());
    let (mut uses, opening) = UseTable::open(&folder, Series(SERIES)).expect("a table that is lost begins anew");
    if opening != Opening::Loaded {
        return;
    }
    let totals = uses.totals();
    uses.save(&folder).expect("memory takes it");
    let (again, opening) = UseTable::open(&folder, Series(SERIES)).expect("what was just written");
    assert!(opening == Opening::Loaded && again.totals() == totals);
    uses.set_worn([], Timestamp::from_seconds(1));
}

/// A run of known blobs: its records. The first byte says how the list of runs continues.
pub fn known(data: &[u8]) {
    let (base, folder) = folder();
    let lock = folder.lock().expect("nobody else is here");
    let (packs, _) = PackTable::open(&folder, &Sevens).expect("a new table");
    packs.adopt(0, ObjectHash([3; 32]), vault::state::PackSize { blobs: 1, bytes: 1, plain_bytes: 1 }).expect("room");
    let (list, records) = data.split_at(data.len() % 36);
    let digest = write_checked(&base.path().join("run-0000000000"), b"BFSR\0", records);
    let names =
        [&SERIES[..], &1u32.to_le_bytes(), &0u32.to_le_bytes(), &1u32.to_le_bytes(), &0u32.to_le_bytes(), &digest];
    write_checked(&base.path().join("known"), b"BFSK\0", &[&names.concat()[..], list].concat());
    let (known, _) = KnownBlobs::open(&folder, &lock, Arc::new(packs)).expect("what is lost starts empty");
    for record in records.as_chunks::<36>().0 {
        let id = BlobId(*record.first_chunk().expect("36 bytes"));
        let _ = known.find(&id);
    }
    known.place(&BlobId([8; 32]), PackNumber(0)).expect("memory takes it");
    known.save().expect("memory takes it");
    assert!(known.find(&BlobId([8; 32])) == Some(PackNumber(0)) && known.failed_reads() == 0);
}

/// The tokens of a tree cache: of one block, and what the caller keeps (behind the last zero byte).
pub fn tree(data: &[u8]) {
    let (base, folder) = folder();
    let (packs, _) = PackTable::open(&folder, &Sevens).expect("a new table");
    let check = |before: &[u8], payload: &[u8]| {
        let digest = *blake3::Hasher::new().update(before).update(payload).finalize().as_bytes();
        <[u8; 16]>::try_from(&digest[..16]).expect("half of 32 bytes")
    };
    let mut file = [&b"BFSC\x01"[..], &SERIES].concat();
    let first = check(&[0; 16], &file);
    let last = check(&first, data);
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(last);
    file.extend(data);
    let offset = file.len() as u64;
    let footer = [&7u64.to_le_bytes()[..], &last, b"kept"].concat();
    file.extend((footer.len() as u32).to_le_bytes());
    file.extend(check(&last, &footer));
    file.extend(footer);
    file.extend(offset.to_le_bytes());
    write(&base.path().join(format!("tree-{TAG}")), &file);
    let (mut reader, _) = CacheReader::open(&folder, &TAG, &packs).expect("a cache that is lost is empty");
    let mut found = 0;
    for name in [&b"a"[..], b"b", b"d"] {
        found += u64::from(reader.find(name).is_some());
    }
    if reader.enter(b"e") {
        found += u64::from(reader.find(b"f").is_some());
    }
    found += u64::from(reader.leave().is_some());
    assert!(found + reader.finish() <= data.len() as u64, "no more items than bytes");
}
