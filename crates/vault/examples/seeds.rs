//! Writes what the fuzzer begins with: real objects of a small vault, cut down to what each parser is given.
//!
//! ```sh
//! cargo run -p beffroi-vault --example seeds -- fuzz/corpus
//! ```
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a program that makes a vault and writes files; what fails says where"
)]

use std::fs;
use std::path::{Path, PathBuf};

use vault::blob::BlobKind;
use vault::bytes::{EXPIRY, Head, LEASE, MANIFEST, OWNER, SigningKey, open_signed};
use vault::envelope::{Recipient, open_with, seal_to};
use vault::expire::ExpiryRecord;
use vault::id::{ObjectHash, VaultId};
use vault::index::{IndexedPack, write_index};
use vault::list::{List, Needed, Record, write_lists};
use vault::name::{Folder, HashedKind, NumberedKind, ObjectName};
use vault::pack::{PackedBlob, open_session_key, parse_pack};
use vault::read::Located;
use vault::seal::{BoxKind, open_box};
use vault::secret::SecretKey;
use vault::state::Newest;
use vault::strand::StrandSecrets;
use vault::tree::{Node, parse_node, write_entry};
use vault::world::Timestamp;

#[path = "../../../fuzz/src/lib.rs"]
#[expect(dead_code, reason = "only its keys are used here")]
mod parsers;
#[path = "../tests/suite/rig.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod rig;

use rig::{Rig, noise};

/// Longer seeds slow the fuzzer down and teach it nothing.
const SEED_BYTES_MAX: usize = 8 << 10;

/// Where seeds go.
struct Seeds(PathBuf);

impl Seeds {
    fn put(&self, target: &str, seed: &[u8]) {
        if seed.len() > SEED_BYTES_MAX {
            return;
        }
        let folder = self.0.join(target);
        fs::create_dir_all(&folder).unwrap();
        let name = ObjectHash::of(seed).to_hex();
        fs::write(folder.join(format!("seed-{}", &name[..16])), seed).unwrap();
    }
}

fn main() {
    let [_, folder] = std::env::args_os().collect::<Vec<_>>().try_into().expect("usage: seeds FOLDER");
    let seeds = Seeds(folder.into());
    let rig = small_vault();
    owners(&seeds, &rig);
    manifests(&seeds, &rig);
    packs(&seeds, &rig);
    trees(&seeds, &rig);
    lists_and_records(&seeds, &rig);
    secrets(&seeds, &rig);
    state(&seeds, &rig);
}

/// A vault with two snapshots, a recipient more, and one less.
fn small_vault() -> Rig {
    let rig = Rig::new();
    rig.write("letters/a.txt", &b"Madame, Monsieur,\n".repeat(40));
    rig.write("letters/b.txt", b"bonjour");
    rig.write("scan.bin", &noise(1, 3000));
    rig.write("long.txt", &noise(2, 500_000));
    rig.write("holes", &vec![0; 50_000]);
    std::os::unix::fs::symlink("letters/a.txt", rig.source().join("link")).unwrap();
    fs::hard_link(rig.source().join("letters/b.txt"), rig.source().join("z")).unwrap();
    rig.backup();
    rig.write("letters/c.txt", b"encore");
    rig.backup();
    let (mut vault, now) = (rig.vault(), Timestamp::from_seconds(rig.now()));
    let further = parsers::identity().recipient().unwrap();
    vault.add_recipient(&rig.kit, further.clone(), now).unwrap();
    vault.remove_recipient(&rig.kit, &further, now).unwrap();
    rig
}

fn objects(rig: &Rig, folder: Folder) -> Vec<(ObjectName, Vec<u8>)> {
    let mut names = Vec::new();
    rig.store.list(&folder, &mut |name, _| names.push(name)).unwrap();
    names.into_iter().map(|name| (name, rig.store.get(&name).unwrap())).collect()
}

fn body(head: Head, object: &[u8]) -> Vec<u8> {
    open_signed(head, object).unwrap().0.to_vec()
}

fn owners(seeds: &Seeds, rig: &Rig) {
    seeds.put("vault", &rig.store.get(&ObjectName::Vault).unwrap());
    seeds.put("name", b"vault");
    let mut log = Vec::new();
    for (name, object) in objects(rig, Folder::Owner) {
        seeds.put("signed", &object);
        seeds.put("name", name.to_string().as_bytes());
        let body = body(OWNER, &object);
        seeds.put("owner_entry", &body);
        // The act is the last field of the map: what begins at its array.
        let act = (0..body.len()).rev().find(|at| body[*at] == 5 && (0x82..=0x85).contains(&body[at + 1])).unwrap() + 1;
        log.extend(((body.len() - act) as u16).to_le_bytes());
        log.extend(&body[act..]);
    }
    seeds.put("owner_log", &log);
    for (name, object) in objects(rig, Folder::Strands) {
        seeds.put("strand", &object);
        seeds.put("name", name.to_string().as_bytes());
    }
    for (name, object) in objects(rig, Folder::Numbered(rig.keys.strand, NumberedKind::Keys)) {
        seeds.put("keys", &object);
        seeds.put("name", name.to_string().as_bytes());
    }
    for (_, object) in objects(rig, Folder::Numbered(rig.keys.strand, NumberedKind::Lease)) {
        seeds.put("lease", &body(LEASE, &object));
    }
    seeds.put("kit", rig.kit.to_text(&["Beffroi recovery kit".into()]).as_bytes());
}

fn manifests(seeds: &Seeds, rig: &Rig) {
    let secrets = rig.vault().secrets(&rig.kit, &rig.keys.strand).unwrap();
    for snapshot in rig.snapshots() {
        let object = rig.store.get(&snapshot.name()).unwrap();
        seeds.put("manifest", &body(MANIFEST, &object));
        seeds.put("signed", &object);
        let manifest = snapshot.manifest;
        let session = open_session_key(&secrets.identities, &manifest.sealed_key).unwrap();
        let plain = open_box(&session, &manifest.salt, BoxKind::Manifest, &manifest.sealed, "manifest").unwrap();
        seeds.put("sealed_manifest", &plain);
    }
}

fn packs(seeds: &Seeds, rig: &Rig) {
    let mut indexed = Vec::new();
    for (name, object) in objects(rig, Folder::Hashed(rig.keys.strand, HashedKind::Pack)) {
        seeds.put("pack", &object[..object.len().min(600)]);
        seeds.put("pack", &object[object.len() - 300..]);
        let (_, blobs) = parse_pack(&object, &rig.keys.index_key).unwrap();
        let few = &blobs[..blobs.len().min(20)];
        seeds.put("directory", &columns(few));
        let (bytes, blobs_start) = (object.len() as u64, blobs[0].offset);
        indexed.push(IndexedPack { hash: name.hash().unwrap(), bytes, blobs_start, blobs: few.to_vec() });
    }
    let (key, salt) = (SecretKey::new([1; 32]), [2; 32]);
    let object = write_index(&key, &salt, &mut indexed);
    let frame = open_box(&key, &salt, BoxKind::Index, &object[37..], "index").unwrap();
    seeds.put("frame", &frame);
    seeds.put("index", &zstd::bulk::decompress(&frame, 1 << 20).unwrap());
    let coded = zstd::bulk::compress(&b"bonjour ".repeat(100), 3).unwrap();
    seeds.put("blob", &[&[1, 3], &800u32.to_le_bytes()[..], &coded].concat());
    seeds.put("blob", &[&[0, 0], &7u32.to_le_bytes()[..], b"bonjour"].concat());
}

fn columns(blobs: &[PackedBlob]) -> Vec<u8> {
    let mut plain = (blobs.len() as u32).to_le_bytes().to_vec();
    blobs.iter().for_each(|blob| plain.extend(blob.id.0));
    blobs.iter().for_each(|blob| plain.extend(blob.sealed_bytes.to_le_bytes()));
    blobs.iter().for_each(|blob| plain.extend(blob.coding.plain_bytes.to_le_bytes()));
    plain.extend(blobs.iter().map(|blob| blob.coding.codec));
    plain.extend(blobs.iter().map(|blob| blob.coding.level as u8));
    plain.extend(blobs.iter().map(|blob| blob.kind as u8));
    plain
}

fn trees(seeds: &Seeds, rig: &Rig) {
    let snapshots = rig.snapshots();
    let (reader, _) = rig.open(&snapshots[0]);
    for found in reader.strand().locator().iter() {
        let (_, Located { id, location }) = found.unwrap();
        let plain = match location.kind {
            BlobKind::Chunk => continue,
            kind => reader.blob(kind, &id).unwrap(),
        };
        match parse_node(&plain) {
            Ok(node) => {
                seeds.put("node", &plain);
                let Node::Leaf(entries) = node else { continue };
                entries.iter().for_each(|entry| seeds.put("entry", &write_entry(entry)));
            }
            Err(_) => seeds.put("chunk_list", &plain[..1 + 40 * 50.min((plain.len() - 1) / 40)]),
        }
    }
}

fn lists_and_records(seeds: &Seeds, rig: &Rig) {
    let needed = (0u8..100).map(|n| Needed::Pack(ObjectHash::of(&[n]))).collect();
    write_lists(&needed).iter().for_each(|(_, object)| seeds.put("list", object));
    let above = List { level: 1, records: vec![Record::List(ObjectHash([1; 32])), Record::List(ObjectHash([2; 32]))] };
    seeds.put("list", &above.to_bytes());
    let strand = rig.keys.strand;
    let name = |byte| ObjectName::Hashed(strand, HashedKind::Pack, ObjectHash([byte; 32]));
    let record = ExpiryRecord {
        vault: VaultId([1; 16]),
        seq: 1,
        previous: ObjectHash([0; 32]),
        time: Timestamp::from_seconds(1_700_000_000),
        condemned: vec![name(1), ObjectName::Numbered(strand, NumberedKind::Snapshot, 4, ObjectHash([5; 32]))],
        deleted: vec![name(2)],
        revived: vec![name(3)],
    };
    let signed = record.sign(&[&SigningKey::new(SecretKey::new([3; 32]))]);
    seeds.put("expiry", &body(EXPIRY, &signed));
    seeds.put("name", name(1).to_string().as_bytes());
}

fn secrets(seeds: &Seeds, rig: &Rig) {
    let secrets =
        StrandSecrets { strand: parsers::STRAND_ID, ..rig.vault().secrets(&rig.kit, &rig.keys.strand).unwrap() };
    let own: Vec<Recipient> = parsers::identity().recipient().into_iter().collect();
    let sealed = secrets.seal(&own).unwrap();
    seeds.put("secrets", &open_with(&[parsers::identity().clone()], &sealed).unwrap());
    seeds.put("age_file", &seal_to(&own, b"bonjour").unwrap());
    let two: Vec<_> = own.into_iter().chain(rig.kit.identities[0].recipient()).collect();
    seeds.put("age_file", &seal_to(&two, b"bonjour").unwrap());
}

/// The files of the agent, without the head and the checksum that the target adds.
fn state(seeds: &Seeds, rig: &Rig) {
    let strand = rig.state().join("vaults").join(rig.keys.vault.to_hex());
    let content = |path: &Path| fs::read(path).map(|bytes| bytes[5..bytes.len() - 32].to_vec());
    let folder = vault::state::StateFolder::open(&rig.state()).unwrap().for_vault(rig.keys.vault).unwrap();
    rig.keys.save_new(&folder).unwrap();
    let place = folder.for_strand(rig.keys.strand).unwrap();
    assert!(place.path().starts_with(&strand));
    seeds.put("state_agent", &content(&place.path().join("agent")).unwrap());
    Newest::open(&place).unwrap().expect("a backup was made");
    seeds.put("state_newest", &content(&place.path().join("newest")).unwrap());
    seeds.put("state_packs", &content(&place.path().join("packs")).unwrap());
    seeds.put("state_uses", &content(&place.path().join("uses")).unwrap()[16..]);
    seeds.put("state_begun", &[&b"BFSB\0"[..], &[7; 64]].concat());
    for entry in fs::read_dir(place.path()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_string();
        if name.starts_with("run-") {
            seeds.put("state_known", &content(&path).unwrap());
        } else if name.starts_with("tree-") {
            let bytes = fs::read(&path).unwrap();
            let length = u32::from_le_bytes(*bytes[21..].first_chunk().unwrap()) as usize;
            seeds.put("state_tree", &bytes[41..][..length]);
        }
    }
    // Tokens with the names that the target looks for.
    seeds.put("state_tree", b"\x01\x0c\x01a\x05\x02\x00\x02\x00\x07\x00\x00\x00x\x01\x0b\x01b\x05\x02\x00\x02\x00\x07\x00\x00\x00\x02\x02\x01e\x03\x01\x00");
}
