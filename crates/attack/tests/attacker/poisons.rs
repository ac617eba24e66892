//! What the thief puts beside what is kept, to spoil it or what comes later.

use vault::blob::{BlobKind, CODEC_PLAIN, Coding};
use vault::bytes::SigningKey;
use vault::envelope::Identity;
use vault::expire::ExpiryRecord;
use vault::id::{ObjectHash, StrandId};
use vault::index::{IndexedPack, write_index};
use vault::lease::Lease;
use vault::manifest::{Counts, Manifest};
use vault::name::{Folder, HashedKind, NumberedKind, ObjectName};
use vault::owner_log::Act;
use vault::pack::parse_pack;
use vault::secret::SecretKey;
use vault::snapshots::Snapshot;
use vault::strand::StrandObject;
use vault::world::{Timestamp, random};

use crate::awaited::awaited;
use crate::forge::Forge;
use crate::thief::{SystemEntropy, Thief};

const NOW: Timestamp = Timestamp(1_700_000_300_000_000_000);

/// Bytes that are no object, an empty one, a head alone: each under a name that is well formed and true.
pub fn junk(thief: &Thief) {
    let strand = thief.keys.strand;
    let noise: Vec<u8> = random::<512>(&SystemEntropy).to_vec();
    let heads = [&b"BFRP\0"[..], b"BFRI\0", b"BFRL\0", b"BFRE\0", b"BFRM\0", b"BFRY\0", b"BFRO\0", b"BFRX\0"];
    for bytes in [noise.as_slice(), b"", b"BFRM\x09 of a later version"].into_iter().chain(heads) {
        let hash = ObjectHash::of(bytes);
        for kind in [HashedKind::Pack, HashedKind::Index, HashedKind::List] {
            thief.put_hashed(kind, bytes);
        }
        for kind in [NumberedKind::Keys, NumberedKind::Lease, NumberedKind::Snapshot] {
            for seq in [0, 1, 3, 9_999_999_999] {
                thief.put(ObjectName::Numbered(strand, kind, seq, hash), bytes);
            }
        }
        for seq in [0, 1, 2, 9_999_999_999] {
            thief.put(ObjectName::Owner(seq, hash), bytes);
            thief.put(ObjectName::Expiry(seq, hash), bytes);
        }
    }
}

fn promising_pack(thief: &Thief) -> Vec<ObjectHash> {
    let mut forge = Forge::new(thief);
    let content = awaited();
    for length in [content.len(), content.len() / 2] {
        let id = BlobKind::Chunk.id(&thief.keys.id_key, &content[..length]);
        forge.lie(BlobKind::Chunk, id, &vec![7; length]);
    }
    forge.packs()
}

/// A pack that promises content of tomorrow and holds something else; no manifest names it.
pub fn promise(thief: &Thief) {
    promising_pack(thief);
}

/// The same, in a manifest that the stolen key signed.
pub fn promise_in_a_manifest(thief: &Thief) {
    let mut packs = promising_pack(thief);
    let Snapshot { hash, manifest } = thief.snapshots().pop().unwrap();
    packs.extend(&manifest.packs);
    packs.sort();
    thief.put_manifest(&Manifest { seq: manifest.seq + 1, previous: Some(hash), packs, ..manifest });
}

/// Indexes that place real blobs elsewhere, or in packs of junk, named by a manifest of his.
pub fn lying_indexes(thief: &Thief) {
    let junk = thief.put_hashed(HashedKind::Pack, &random::<4096>(&SystemEntropy));
    let mut shifted = told_packs(thief);
    let elsewhere: Vec<_> = shifted.iter().flat_map(|pack| pack.blobs.clone()).collect();
    shifted.iter_mut().for_each(|pack| pack.blobs.reverse());
    let elsewhere = vec![IndexedPack { hash: junk, bytes: 4096, blobs_start: 244, blobs: elsewhere }];
    put_indexes(thief, [shifted, elsewhere], Some(junk));
}

/// Indexes that leave blobs out, or tell another length, kind or coding of them.
pub fn hiding_indexes(thief: &Thief) {
    let mut changed = told_packs(thief);
    for pack in &mut changed {
        let Some(hidden) = pack.blobs.pop() else { continue };
        for (at, blob) in pack.blobs.iter_mut().enumerate() {
            match at % 4 {
                0 => blob.coding.plain_bytes += 1,
                1 => blob.kind = if blob.kind == BlobKind::Chunk { BlobKind::Node } else { BlobKind::Chunk },
                2 => blob.coding.codec ^= 1,
                _ => blob.id = hidden.id,
            }
        }
    }
    let nothing = told_packs(thief).into_iter().map(|pack| IndexedPack { blobs: Vec::new(), ..pack }).collect();
    // The first that a reader takes decides: he cannot choose their hashes, and tries both.
    put_indexes(thief, [changed, nothing], None);
}

/// What the packs of the last snapshot say of themselves.
fn told_packs(thief: &Thief) -> Vec<IndexedPack> {
    let told = |pack: &ObjectHash| {
        let name = ObjectName::Hashed(thief.keys.strand, HashedKind::Pack, *pack);
        let object = thief.vault.store().get(&name).unwrap();
        let (head, blobs) = parse_pack(&object, &thief.keys.index_key).unwrap();
        let blobs_start = 44 + head.sealed_key.len() as u32;
        IndexedPack { hash: *pack, bytes: object.len() as u64, blobs_start, blobs }
    };
    thief.snapshots().pop().unwrap().manifest.packs.iter().map(told).collect()
}

/// Signs the last snapshot once more, with indexes.
fn put_indexes(thief: &Thief, told: [Vec<IndexedPack>; 2], more: Option<ObjectHash>) {
    let Snapshot { hash, manifest } = thief.snapshots().pop().unwrap();
    let mut indexes = told
        .map(|mut packs| {
            let object = write_index(&thief.keys.index_key, &random(&SystemEntropy), &mut packs);
            thief.put_hashed(HashedKind::Index, &object)
        })
        .to_vec();
    indexes.sort();
    let mut packs = manifest.packs.clone();
    packs.extend(more);
    packs.sort();
    thief.put_manifest(&Manifest { seq: manifest.seq + 1, previous: Some(hash), packs, indexes, ..manifest });
}

/// A second manifest with the number of the last.
pub fn fork(thief: &Thief) {
    let last = thief.snapshots().pop().unwrap().manifest;
    thief.put_manifest(&Manifest { counts: Counts::default(), ..last });
}

/// The last number that a name can hold.
pub fn last_number(thief: &Thief) {
    let last = thief.snapshots().pop().unwrap().manifest;
    thief.put_manifest(&Manifest { seq: 9_999_999_999, ..last });
}

/// Old manifests under other numbers, byte for byte.
pub fn replay(thief: &Thief) {
    for Snapshot { hash, .. } in thief.snapshots() {
        let folder = Folder::Numbered(thief.keys.strand, NumberedKind::Snapshot);
        let mut found = None;
        thief
            .vault
            .store()
            .list(&folder, &mut |name, _| found = found.or((name.hash() == Some(hash)).then_some(name)))
            .unwrap();
        let object = thief.vault.store().get(&found.unwrap()).unwrap();
        for seq in [3, 4, 77] {
            thief.put(ObjectName::Numbered(thief.keys.strand, NumberedKind::Snapshot, seq, hash), &object);
        }
    }
}

/// A manifest and a pack of another strand, in this one.
pub fn neighbour(thief: &Thief) {
    let mine = thief.keys.strand;
    let other = thief.vault.log().strands.iter().map(|enrolment| enrolment.strand).find(|id| *id != mine).unwrap();
    let store = thief.vault.store();
    let mut names = Vec::new();
    store.list(&Folder::Numbered(other, NumberedKind::Snapshot), &mut |name, _| names.push(name)).unwrap();
    store.list(&Folder::Hashed(other, HashedKind::Pack), &mut |name, _| names.push(name)).unwrap();
    assert!(names.len() >= 2, "the other strand has a snapshot and packs");
    for name in names {
        let object = store.get(&name).unwrap();
        match name {
            ObjectName::Numbered(.., hash) => {
                thief.put(ObjectName::Numbered(mine, NumberedKind::Snapshot, 3, hash), &object);
            }
            _ => drop(thief.put_hashed(HashedKind::Pack, &object)),
        }
    }
    // And this strand's newest, signed by this agent, into the other strand.
    let last = Manifest { strand: other, ..thief.snapshots().pop().unwrap().manifest };
    let object = last.sign(&thief.signing_key());
    thief.put(ObjectName::Numbered(other, NumberedKind::Snapshot, 2, ObjectHash::of(&object)), &object);
}

/// A manifest that names another predecessor than the one that is there.
pub fn wrong_previous(thief: &Thief) {
    let last = thief.snapshots().pop().unwrap().manifest;
    thief.put_manifest(&Manifest { seq: last.seq + 1, previous: Some(ObjectHash([9; 32])), ..last });
}

/// A manifest of packs, indexes and a list that are nowhere.
pub fn missing_packs(thief: &Thief) {
    let Snapshot { hash, manifest } = thief.snapshots().pop().unwrap();
    let (packs, indexes) = (vec![ObjectHash([8; 32])], vec![ObjectHash([9; 32])]);
    let list = Some(ObjectHash([7; 32]));
    let (seq, previous) = (manifest.seq + 1, Some(hash));
    thief.put_manifest(&Manifest { seq, previous, packs, indexes, list, ..manifest });
}

/// A manifest whose figures are as large as can be, of 1970 and of 2262.
pub fn lying_counts(thief: &Thief) {
    let mut forge = Forge::new(thief);
    let node = forge.leaf(&[crate::forge::file(b"empty", Vec::new())]);
    let root = crate::forge::folder(b"", node, u64::MAX, u64::MAX);
    let packs = forge.packs();
    let all = u64::MAX;
    let counts = Counts {
        files: all,
        bytes: all,
        added: all,
        changed: all,
        removed: all,
        unreadable: all,
        new_bytes: all,
        stored_bytes: all,
        incompressible_bytes: all,
        damage_hint: all,
        alarm_level: all,
    };
    let manifest = thief.manifest(root, packs, counts);
    thief.put_manifest(&manifest);
    for (seconds, seq) in [(i64::MIN, 50), (0, 51), (i64::MAX, 52)] {
        let moment = Timestamp::from_seconds(seconds);
        let lease = Lease { vault: thief.keys.vault, strand: thief.keys.strand, seq, from: moment, until: moment };
        put_lease(thief, &lease);
    }
}

/// Whatever only owners may sign, signed by the agent: an enrolment, a retirement, an expiry of everything, keys.
pub fn owner(thief: &Thief) {
    let key = thief.signing_key();
    let strand = thief.keys.strand;
    let log = thief.vault.log();
    let planted = StrandId(random(&SystemEntropy));
    let recipient = Identity::generate().recipient().unwrap();
    let sealed = random::<64>(&SystemEntropy).to_vec();
    let object =
        StrandObject { strand: planted, vault: thief.keys.vault, agent: key.public(), recipient, sealed }.to_bytes();
    thief.put(ObjectName::Strand(planted), &object);
    let acts = [
        Act::Enrolled { strand: planted, agent: key.public(), object: ObjectHash::of(&object) },
        Act::Owners { owners: vec![key.public()], signers_min: 1 },
    ];
    for act in acts {
        let entry = log.next(NOW, act).sign(&[&key]);
        thief.put(ObjectName::Owner(log.next_seq, ObjectHash::of(&entry)), &entry);
    }
    let last = thief.snapshots().pop().unwrap();
    let mut condemned: Vec<_> = thief.snapshots().iter().map(Snapshot::name).collect();
    condemned.extend(last.manifest.packs.iter().map(|hash| ObjectName::Hashed(strand, HashedKind::Pack, *hash)));
    let record = ExpiryRecord {
        vault: thief.keys.vault,
        seq: 0,
        previous: ObjectHash([0; 32]),
        time: Timestamp::from_seconds(1_600_000_000),
        condemned: condemned.clone(),
        deleted: condemned,
        revived: Vec::new(),
    };
    let record = record.sign(&[&key]);
    thief.put(ObjectName::Expiry(0, ObjectHash::of(&record)), &record);
    // A snapshot in the strand that nobody enrolled, and one that a stranger signed in this.
    let object = Manifest { strand: planted, ..last.manifest.clone() }.sign(&key);
    let name = ObjectName::Numbered(planted, NumberedKind::Snapshot, last.manifest.seq, ObjectHash::of(&object));
    thief.put(name, &object);
    let stranger = SigningKey::new(SecretKey::random(&SystemEntropy));
    thief.put_signed(&Manifest { seq: last.manifest.seq + 1, ..last.manifest }, &stranger);
}

/// Leases by the hundred, some without an end.
pub fn leases(thief: &Thief) {
    for seq in 0..500 {
        let until = if seq % 2 == 0 { Timestamp(i64::MAX) } else { NOW };
        let lease = Lease { vault: thief.keys.vault, strand: thief.keys.strand, seq, from: NOW, until };
        put_lease(thief, &lease);
    }
}

fn put_lease(thief: &Thief, lease: &Lease) {
    let object = lease.sign(&thief.signing_key());
    let name = ObjectName::Numbered(lease.strand, NumberedKind::Lease, lease.seq, ObjectHash::of(&object));
    thief.put(name, &object);
}

/// Files that are not what their name says, and unfinished writes of nobody.
pub fn wrong_bytes(thief: &Thief) {
    let strand = thief.keys.strand;
    let wrong = ObjectHash([5; 32]);
    let manifest = thief.snapshots().pop().unwrap().manifest.sign(&thief.signing_key());
    thief.put_file(&format!("strands/{strand}/packs/05/{wrong}"), &manifest);
    thief.put_file(&ObjectName::Numbered(strand, NumberedKind::Snapshot, 3, wrong).to_string(), &manifest);
    // A pack that is sound, under a hash that is not its own.
    let mut forge = Forge::new(thief);
    let id = BlobKind::Chunk.id(&thief.keys.id_key, &awaited());
    let coding = Coding { codec: CODEC_PLAIN, level: 0, plain_bytes: 4 };
    forge.promise(BlobKind::Chunk, id, b"lies", coding);
    forge.packs();
    let folder = format!("strands/{strand}");
    for place in ["", &format!("{folder}/packs/05/"), &format!("{folder}/snapshots/"), "owner/"] {
        thief.put_file(&format!("{place}.tmp-0123456789abcdef"), &manifest);
        thief.put_file(&format!("{place}autorun.inf"), b"foreign");
    }
}
