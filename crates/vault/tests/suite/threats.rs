//! The lines of `docs/threat-model.md`, each tried: what a thief of an agent gets, what he does not, what a vault shows
//! to anybody, and what whoever may write into it can and cannot spoil.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;

use vault::backup::{BackupError, Remark};
use vault::blob::{BlobKind, BlobOpener, BlobOrigin};
use vault::bytes::SigningKey;
use vault::envelope::{Identity, open_with};
use vault::id::{BlobId, ObjectHash, StrandId};
use vault::index::{IndexedPack, write_index};
use vault::kit::RecoveryKit;
use vault::lease::Lease;
use vault::manifest::{Manifest, SealedManifest};
use vault::name::{HashedKind, NumberedKind, ObjectName};
use vault::owner_log::{Act, OwnerEntry, OwnerLogFault};
use vault::pack::{PackHead, PackKind, PackWriter, PackedBlob, Session, open_session_key, parse_pack};
use vault::read::ReadFault;
use vault::seal::{BoxKind, open_box};
use vault::secret::SecretKey;
use vault::snapshots::{SnapshotFault, read_snapshots};
use vault::state::{AgentKeys, StateFolder};
use vault::store::{Erase, MemoryStore, Store};
use vault::strand::{Additions, StrandSecrets, source_tag};
use vault::tree::Entry;
use vault::vault::VaultError;
use vault::world::{Timestamp, random};

use crate::rig::{Notes, Rig, SystemEntropy, noise, read_folder};

pub const NOW: Timestamp = Timestamp(1_700_000_200_000_000_000);

/// A vault with two snapshots of one strand, and all that was on the disk of its agent.
pub struct Theft {
    pub rig: Rig,
    pub store: MemoryStore,
    pub keys: AgentKeys,
    disk: Vec<u8>,
}

const LETTER: &[u8] = b"Madame, Monsieur, votre demande de logement est acceptee.";
const OLD_SECRET: &[u8] = b"signalement confidentiel, efface depuis";

impl Theft {
    pub fn new() -> Self {
        let store = MemoryStore::new();
        let rig = Rig::over(Arc::new(store.clone()));
        rig.write("courrier/lettre-dupont.txt", LETTER);
        rig.write("courrier/efface-hier.txt", OLD_SECRET);
        rig.backup();
        fs::remove_file(rig.source().join("courrier/efface-hier.txt")).unwrap();
        rig.write("image.bin", &noise(7, 200_000));
        symlink("courrier/lettre-dupont.txt", rig.source().join("raccourci")).unwrap();
        rig.backup();
        let folder = StateFolder::open(&rig.state()).unwrap().for_vault(rig.keys.vault).unwrap();
        rig.keys.save_new(&folder).unwrap();
        let keys = AgentKeys::open(&folder, rig.vault().log()).unwrap();
        Self { disk: all_bytes(&rig.state()), rig, store, keys }
    }

    /// The four secrets of the key file.
    fn secrets(&self) -> [&SecretKey; 4] {
        [&self.keys.signing_seed, &self.keys.id_key, &self.keys.chunk_seed, &self.keys.index_key]
    }

    /// What the thief would make of a strand's secrets: all that he has, and an identity of his own.
    fn forged_secrets(&self) -> StrandSecrets {
        StrandSecrets {
            strand: self.keys.strand,
            id_key: self.keys.id_key.clone(),
            chunk_seed: self.keys.chunk_seed.clone(),
            index_key: self.keys.index_key.clone(),
            identities: vec![Identity::generate()],
            label: self.keys.label.clone(),
            additions: Additions::default(),
        }
    }

    fn packs(&self) -> Vec<(ObjectName, Vec<u8>)> {
        let names = self.store.names().into_iter();
        let packs = names.filter(|name| matches!(name, ObjectName::Hashed(_, HashedKind::Pack, _)));
        packs.map(|name| (name, self.store.get(&name).unwrap())).collect()
    }

    /// All that is in the packs' directories, as the thief reads them.
    fn directories(&self) -> Vec<(PackHead, Vec<PackedBlob>)> {
        self.packs().iter().map(|(_, bytes)| parse_pack(bytes, &self.keys.index_key).unwrap()).collect()
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey::new(self.keys.signing_seed.clone())
    }

    /// Puts a manifest that the thief signed with the stolen key.
    pub fn put_manifest(&self, manifest: &Manifest) {
        self.put_signed_manifest(manifest, &self.signing_key());
    }

    fn put_signed_manifest(&self, manifest: &Manifest, key: &SigningKey) {
        let object = manifest.sign(key);
        let name =
            ObjectName::Numbered(self.keys.strand, NumberedKind::Snapshot, manifest.seq, ObjectHash::of(&object));
        self.store.put(&name, &object).unwrap();
    }

    pub fn faults(&self) -> Vec<SnapshotFault> {
        let mut faults = Vec::new();
        read_snapshots(&self.rig.vault(), self.keys.strand, &mut |fault| faults.push(fault)).unwrap();
        faults
    }
}

// ---- what a thief of an agent's disk gets ----

#[test]
fn the_thief_signs_as_the_agent() {
    let theft = Theft::new();
    let (vault, strand) = (theft.keys.vault, theft.keys.strand);
    let agent = theft.rig.vault().enrolment(&strand).unwrap().agent;
    let lease = Lease { vault, strand, seq: 3, from: NOW, until: NOW }.sign(&theft.signing_key());
    assert!(Lease::open(&lease, &agent).is_ok());
    let manifest = Manifest { seq: 3, ..theft.rig.snapshots()[1].manifest.clone() };
    assert!(Manifest::open(&manifest.sign(&theft.signing_key()), &agent).is_ok());
}

#[test]
fn the_thief_confirms_a_guess_of_content_old_or_new() {
    let theft = Theft::new();
    let holds = |content: &[u8]| {
        let id = BlobKind::Chunk.id(&theft.keys.id_key, content);
        theft.directories().iter().flat_map(|(_, blobs)| blobs).any(|blob| blob.id == id)
    };
    assert!(holds(LETTER) && holds(OLD_SECRET) && !holds(b"something else"));
    let tag = theft.rig.snapshots()[0].manifest.source_tag;
    assert!(source_tag(&theft.keys.id_key, "files") == tag && source_tag(&theft.keys.id_key, "mail") != tag);
}

#[test]
fn the_thief_reads_the_lengths_of_all_blobs() {
    let theft = Theft::new();
    let lengths: Vec<_> = theft.directories().iter().flat_map(|(_, blobs)| blobs.clone()).collect();
    for content in [LETTER, OLD_SECRET] {
        assert!(lengths.iter().any(|blob| blob.coding.plain_bytes as usize == content.len()));
    }
}

#[test]
fn the_thief_reads_the_names_and_attributes_of_the_last_walk() {
    let theft = Theft::new();
    assert!(holds(&theft.disk, b"lettre-dupont.txt"), "a name");
    assert!(holds(&theft.disk, b"courrier/lettre-dupont.txt"), "the target of a link");
    assert!(holds(&theft.disk, b"mairie"), "the host's name, in the key file");
    assert!(holds(&theft.disk, &theft.keys.founder) && holds(&theft.disk, &theft.keys.vault.0), "whose vault it is");
    assert!(holds(&theft.disk, &BlobKind::Chunk.id(&theft.keys.id_key, LETTER).0), "ids of content");
    let sha256 = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, LETTER);
    assert!(holds(&theft.disk, sha256.as_ref()), "SHA-256 of content, where it is taken");
}

#[test]
fn the_thief_reads_which_packs_there_were() {
    let theft = Theft::new();
    for (name, _) in theft.packs() {
        assert!(holds(&theft.disk, &name.hash().unwrap().0));
    }
}

// ---- what he does not get ----

#[test]
fn no_identity_and_no_session_key_is_on_the_disk() {
    let theft = Theft::new();
    assert!(holds(&theft.disk, theft.keys.id_key.expose()), "the search finds what is there");
    let owners = theft.rig.vault().secrets(&theft.rig.kit, &theft.keys.strand).unwrap();
    for (head, _) in theft.directories() {
        let session = open_session_key(&owners.identities, &head.sealed_key).unwrap();
        assert!(!holds(&theft.disk, session.expose()));
        assert!(open_session_key(&theft.forged_secrets().identities, &head.sealed_key).is_err());
    }
    assert!(!holds(&theft.disk, b"AGE-SECRET-KEY"));
    assert!(!holds(&theft.disk, theft.rig.kit.owner.as_ref().unwrap().seed().expose()));
}

#[test]
fn no_key_of_the_thief_opens_a_blob() {
    let theft = Theft::new();
    let mut opener = BlobOpener::default();
    let mut tried = 0;
    for (_, bytes) in theft.packs() {
        let (head, blobs) = parse_pack(&bytes, &theft.keys.index_key).unwrap();
        for blob in &blobs {
            for session in theft.secrets() {
                let origin = BlobOrigin { session, salt: &head.salt, zstd_version: head.zstd_version };
                let mut sealed = bytes[blob.offset as usize..][..blob.sealed_bytes as usize].to_vec();
                let what = (blob.kind, &blob.id);
                assert!(opener.open(&origin, &theft.keys.id_key, what, &blob.coding, &mut sealed).is_err());
                tried += 1;
            }
        }
    }
    assert!(tried > 20);
}

#[test]
fn no_key_of_the_thief_unseals_a_manifest() {
    let theft = Theft::new();
    for snapshot in theft.rig.snapshots() {
        let manifest = &snapshot.manifest;
        assert!(manifest.unseal(&theft.forged_secrets()).is_err());
        for secret in theft.secrets() {
            assert!(open_box(secret, &manifest.salt, BoxKind::Manifest, &manifest.sealed, "manifest").is_err());
        }
    }
}

#[test]
fn what_was_deleted_before_the_last_walk_has_no_name_on_the_disk() {
    let theft = Theft::new();
    assert!(!holds(&theft.disk, b"efface-hier.txt"));
    assert!(!holds(&theft.disk, OLD_SECRET) && !holds(&theft.disk, LETTER), "nor is any content");
}

#[test]
fn the_thief_is_no_owner() {
    let theft = Theft::new();
    let strand = ObjectName::Strand(theft.keys.strand);
    let object = vault::strand::StrandObject::from_bytes(&theft.store.get(&strand).unwrap()).unwrap();
    assert!(open_with(&theft.forged_secrets().identities, &object.sealed).is_err());
    let own = kit_of_a_stranger(&theft);
    let mut vault = theft.rig.vault();
    let enrolled = vault.enrol(&own, "planted", NOW, &SystemEntropy);
    assert!(matches!(enrolled, Err(VaultError::NotAnOwner)));
    assert!(matches!(vault.retire(&own, theft.keys.strand, "", NOW), Err(VaultError::NotAnOwner)));
    let recipient = own.identities[0].recipient().unwrap();
    assert!(matches!(vault.add_recipient(&own, recipient, NOW), Err(VaultError::NotAnOwner)));
}

#[test]
fn another_strand_stays_closed() {
    let theft = Theft::new();
    let other = neighbour(&theft.rig);
    other.write("lettre.txt", LETTER);
    other.backup();
    let mine = theft.keys.strand;
    let foreign: Vec<_> = theft.packs().into_iter().filter(|(name, _)| name.strand() != Some(mine)).collect();
    assert!(!foreign.is_empty());
    let guess = BlobKind::Chunk.id(&theft.keys.id_key, LETTER);
    for (_, bytes) in &foreign {
        assert!(parse_pack(bytes, &theft.keys.index_key).is_err());
        let (_, blobs) = parse_pack(bytes, &other.keys.index_key).unwrap();
        assert!(blobs.iter().all(|blob| blob.id != guess), "the same content has another id there");
    }
}

// ---- what a vault shows to anybody ----

#[test]
fn a_vault_shows_who_owns_it_and_figures_in_clear() {
    let theft = Theft::new();
    let recipient = theft.rig.vault().log().recipients[0].clone();
    assert!(holds(&theft.store.get(&ObjectName::Vault).unwrap(), recipient.as_str().as_bytes()));
    let snapshots = theft.rig.snapshots();
    let [first, second] = [&snapshots[0].manifest, &snapshots[1].manifest];
    assert_eq!((first.seq, second.seq, second.previous), (1, 2, Some(snapshots[0].hash)));
    assert_eq!(first.counts.bytes as usize, LETTER.len() + OLD_SECRET.len());
    assert_eq!((second.counts.removed, second.counts.added), (1, 2));
    assert_eq!(first.source_tag, second.source_tag, "which snapshots are of one source");
    let salts: Vec<_> = theft.packs().iter().map(|(_, bytes)| PackHead::read(bytes).unwrap().0.salt).collect();
    assert!(salts.contains(&first.salt) && salts.contains(&second.salt), "which packs one backup wrote");
    let agent = theft.rig.vault().enrolment(&theft.keys.strand).unwrap().agent;
    let is_lease = |name: &ObjectName| matches!(name, ObjectName::Numbered(_, NumberedKind::Lease, ..));
    let lease = theft.store.names().into_iter().find(is_lease).unwrap();
    let lease = Lease::open(&theft.store.get(&lease).unwrap(), &agent).unwrap();
    assert_eq!(lease.from, Timestamp::from_seconds(1_700_000_100), "when a backup began");
}

#[test]
fn a_vault_shows_no_name_and_no_content() {
    let theft = Theft::new();
    for name in theft.store.names() {
        let bytes = theft.store.get(&name).unwrap();
        for plain in [LETTER, OLD_SECRET, b"lettre-dupont", b"courrier", b"mairie", b"/source", b"files"] {
            assert!(!holds(&bytes, plain), "{name} shows {}", plain.escape_ascii());
        }
    }
}

#[test]
fn packs_of_one_content_have_nothing_in_common_in_two_vaults() {
    let [one, two] = [Theft::new(), Theft::new()];
    let ids = |theft: &Theft| -> Vec<BlobId> {
        theft.directories().iter().flat_map(|(_, blobs)| blobs).map(|blob| blob.id).collect()
    };
    assert!(ids(&one).iter().all(|id| !ids(&two).contains(id)));
}

// ---- poisoning: what he puts into the vault ----

#[test]
fn a_manifest_signed_by_another_key_does_not_count() {
    let theft = Theft::new();
    let manifest = Manifest { seq: 3, ..theft.rig.snapshots()[1].manifest.clone() };
    theft.put_signed_manifest(&manifest, &SigningKey::new(SecretKey::random(&SystemEntropy)));
    assert!(matches!(theft.faults().as_slice(), [SnapshotFault::Unbelievable { .. }]));
    intact(&theft);
}

#[test]
fn a_manifest_moved_to_another_place_does_not_count() {
    let theft = Theft::new();
    let other = neighbour(&theft.rig);
    other.write("lettre.txt", LETTER);
    other.backup();
    let object = theft.store.get(&other.snapshots()[0].name()).unwrap();
    let hash = ObjectHash::of(&object);
    let moved = |strand, seq| ObjectName::Numbered(strand, NumberedKind::Snapshot, seq, hash);
    theft.store.put(&moved(theft.keys.strand, 3), &object).unwrap();
    theft.store.put(&moved(other.keys.strand, 9), &object).unwrap();
    assert!(matches!(theft.faults().as_slice(), [SnapshotFault::Unbelievable { .. }]));
    let mut faults = Vec::new();
    let believed = read_snapshots(&theft.rig.vault(), other.keys.strand, &mut |fault| faults.push(fault)).unwrap();
    assert_eq!((believed.len(), faults.len()), (1, 1));
}

#[test]
fn a_fork_is_told_and_stops_the_agent() {
    let theft = Theft::new();
    let snapshots = theft.rig.snapshots();
    let forged = Manifest { seq: 2, counts: Default::default(), ..snapshots[0].manifest.clone() };
    theft.put_manifest(&forged);
    assert!(theft.faults().iter().any(|fault| matches!(fault, SnapshotFault::Fork { seq: 2, .. })));
    let refused = theft.rig.try_backup(&Notes::default());
    assert!(matches!(refused, Err(BackupError::Fork { seq: 2, .. })));
    assert!(theft.rig.contents(&snapshots[1]) == read_folder(&theft.rig.source()), "what is there stays readable");
}

#[test]
fn an_entry_of_the_owner_log_that_no_owner_signed_does_not_count() {
    let theft = Theft::new();
    let vault = theft.rig.vault();
    let stranger = SigningKey::new(SecretKey::random(&SystemEntropy));
    let strand = StrandId(random(&SystemEntropy));
    let act = Act::Enrolled { strand, agent: stranger.public(), object: ObjectHash([1; 32]) };
    let entry = vault.log().next(NOW, act).sign(&[&stranger]);
    let name = ObjectName::Owner(vault.log().next_seq, ObjectHash::of(&entry));
    theft.store.put(&name, &entry).unwrap();
    let vault = theft.rig.vault();
    assert!(vault.log().strand(&strand).is_none());
    assert!(matches!(vault.log().faults[..], [OwnerLogFault::Unsigned { name: named }] if named == name));
    intact(&theft);
    theft.rig.backup();
}

#[test]
fn a_vault_put_in_the_place_of_another_gets_nothing_and_gives_nothing() {
    let theft = Theft::new();
    let before = theft.store.names().len();
    let stranger = SigningKey::new(SecretKey::random(&SystemEntropy));
    // To be named in the founding is nothing: only who signed it founded.
    for owners in [vec![stranger.public()], vec![stranger.public(), theft.keys.founder]] {
        plant_vault(&theft, &stranger, owners);
        let refused = theft.rig.try_backup(&Notes::default());
        assert!(matches!(refused, Err(BackupError::OtherOwners)));
        assert!(theft.store.names().len() <= before, "nothing was written");
        let vault = theft.rig.vault();
        assert!(matches!(vault.accept(&theft.rig.kit), Err(VaultError::OtherFounder)));
        let opened = vault.secrets(&theft.rig.kit, &theft.keys.strand);
        assert!(matches!(opened, Err(VaultError::OtherFounder)), "nor is anything read with the kit");
    }
}

#[test]
fn a_later_owner_acts_and_reads_only_with_what_pins_nothing() {
    let theft = Theft::new();
    let mut later = kit_of_a_stranger(&theft);
    later.identities = theft.rig.kit.identities.clone();
    let owners = vec![later.owner.as_ref().unwrap().public()];
    theft.rig.vault().act(&theft.rig.kit, NOW, Act::Owners { owners, signers_min: 1 }).unwrap();
    let mut vault = theft.rig.vault();
    let recipient = Identity::generate().recipient().unwrap();
    vault.add_recipient(&later, recipient, NOW).unwrap();
    assert!(matches!(vault.secrets(&later, &theft.keys.strand), Err(VaultError::OtherFounder)));
    let bare = RecoveryKit { vault: None, owner: None, ..later };
    assert!(vault.secrets(&bare, &theft.keys.strand).is_ok());
    assert!(vault.secrets(&theft.rig.kit, &theft.keys.strand).is_ok(), "the founder's kit still reads");
    assert!(theft.rig.try_backup(&Notes::default()).is_ok());
}

/// Puts a pack whose directory promises content, and that holds something else.
fn plant_lying_pack(theft: &Theft, content: &[u8]) -> (ObjectHash, BlobId) {
    let id = BlobKind::Chunk.id(&theft.keys.id_key, content);
    let recipient = theft.rig.vault().strand_recipient(&theft.keys.strand).unwrap();
    let session = Session::begin(&recipient, &SystemEntropy).unwrap();
    let mut pack = PackWriter::new(&session, PackKind::Data, Vec::new());
    let mut sealer = session.sealer(3);
    let (sealed, coding) = sealer.seal(&id, &noise(12, content.len()));
    pack.add(BlobKind::Chunk, id, sealed, coding);
    let pack = pack.finish(&theft.keys.index_key);
    theft.store.put(&ObjectName::Hashed(theft.keys.strand, HashedKind::Pack, pack.hash), &pack.bytes).unwrap();
    (pack.hash, id)
}

#[test]
fn a_lying_pack_that_no_manifest_names_is_not_believed() {
    let theft = Theft::new();
    for (lost, seed) in [(false, 11), (true, 13)] {
        let content = noise(seed, 900);
        plant_lying_pack(&theft, &content);
        theft.rig.write("awaited.bin", &content);
        if lost {
            // Also where the agent forgot all, and learns from the vault what it has sent.
            fs::remove_dir_all(theft.rig.state().join("vaults")).unwrap();
        }
        let outcome = theft.rig.backup();
        assert_eq!(outcome.adopted_packs > 0, lost);
        let last = theft.rig.snapshots().pop().unwrap();
        assert!(theft.rig.contents(&last) == read_folder(&theft.rig.source()));
    }
}

#[test]
fn a_lying_pack_in_a_forged_manifest_spoils_what_the_strand_keeps_later_and_never_passes_for_it() {
    let theft = Theft::new();
    let before = theft.rig.snapshots();
    let content = noise(11, 900);
    let (pack, id) = plant_lying_pack(&theft, &content);
    let last = before[1].manifest.clone();
    let mut packs = [last.packs.clone(), vec![pack]].concat();
    packs.sort();
    theft.put_manifest(&Manifest { seq: 3, previous: Some(before[1].hash), packs, ..last });

    let truth = read_folder(&theft.rig.source());
    theft.rig.write("awaited.bin", &content);
    let notes = Notes::default();
    let outcome = theft.rig.try_backup(&notes).unwrap();
    assert_eq!(
        (outcome.adopted_packs, outcome.seq),
        (1, 4),
        "a snapshot more than this machine made shows in the list"
    );
    assert!(matches!(notes.0.lock().unwrap()[..], [Remark::Unremembered { seq: 3 }]), "and the machine says so");
    let (reader, faults) = theft.rig.open(&theft.rig.snapshots()[3]);
    assert!(faults.is_empty(), "the directory looks sound");
    let read = reader.blob(BlobKind::Chunk, &id);
    assert!(matches!(read, Err(ReadFault::Damaged { .. })), "the lie is found, with the pack's name");
    assert!(theft.rig.contents(&before[1]) == truth, "what was kept before is untouched");
    let other = neighbour(&theft.rig);
    other.write("awaited.bin", &content);
    other.backup();
    assert!(other.contents(&other.snapshots()[0]) == read_folder(&other.source()), "so is every other strand");
}

#[test]
fn a_manifest_that_does_not_count_takes_no_number_and_stops_nobody() {
    let theft = Theft::new();
    let stranger = SigningKey::new(SecretKey::random(&SystemEntropy));
    let last = theft.rig.snapshots()[1].manifest.clone();
    for seq in [1, 2, 3, 9_999_999_999] {
        theft.put_signed_manifest(&Manifest { seq, ..last.clone() }, &stranger);
    }
    assert_eq!(theft.rig.backup().seq, 3);
    assert_eq!(theft.rig.backup().seq, 4);
    assert_eq!(theft.faults().len(), 4);
}

#[test]
fn a_lying_index_hurts_no_snapshot_that_does_not_name_it() {
    let theft = Theft::new();
    let mut lies: Vec<_> = theft
        .packs()
        .iter()
        .map(|(name, bytes)| {
            let (head, mut blobs) = parse_pack(bytes, &theft.keys.index_key).unwrap();
            blobs.iter_mut().for_each(|blob| blob.id = BlobId([9; 32]));
            let blobs_start = 44 + head.sealed_key.len() as u32;
            IndexedPack { hash: name.hash().unwrap(), bytes: bytes.len() as u64, blobs_start, blobs }
        })
        .collect();
    let object = write_index(&theft.keys.index_key, &random(&SystemEntropy), &mut lies);
    let name = ObjectName::Hashed(theft.keys.strand, HashedKind::Index, ObjectHash::of(&object));
    theft.store.put(&name, &object).unwrap();
    intact(&theft);
}

#[test]
fn bytes_changed_in_place_are_named_and_never_given_back() {
    let theft = Theft::new();
    let truth = read_folder(&theft.rig.source());
    for (name, whole) in theft.packs() {
        let mut changed = whole.clone();
        let at = changed.len() / 2;
        changed[at] ^= 1;
        theft.store.overwrite(name, changed);
        let (reader, mut faults) = theft.rig.open(&theft.rig.snapshots()[1]);
        let (_, blobs) = parse_pack(&whole, &theft.keys.index_key).unwrap();
        faults.extend(blobs.iter().filter_map(|blob| reader.blob(blob.kind, &blob.id).err()));
        let needed = theft.rig.snapshots()[1].manifest.packs.contains(&name.hash().unwrap());
        let named = faults.iter().any(|fault| {
            matches!(fault, ReadFault::Damaged { name: hurt, .. } | ReadFault::Key { name: hurt, .. } if *hurt == name)
        });
        assert_eq!(named, needed, "{name}: {faults:?}");
        theft.store.overwrite(name, whole);
    }
    assert!(theft.rig.contents(&theft.rig.snapshots()[1]) == truth);
}

#[test]
fn a_tree_from_a_stolen_agent_cannot_name_a_place_outside() {
    let theft = Theft::new();
    let recipient = theft.rig.vault().strand_recipient(&theft.keys.strand).unwrap();
    let session = Session::begin(&recipient, &SystemEntropy).unwrap();
    let sealed = SealedManifest {
        source: "files".into(),
        host: "mairie".into(),
        paths: vec![],
        started: NOW,
        finished: NOW,
        root: Entry { name: b"../../etc".to_vec(), ..Entry::default() },
        program: "test".into(),
        alarm: None,
    };
    let (salt, sealed) = sealed.seal(&session);
    let last = &theft.rig.snapshots()[1];
    let forged = Manifest {
        seq: 3,
        previous: Some(last.hash),
        sealed_key: session.sealed_key().to_vec(),
        salt,
        sealed,
        ..last.manifest.clone()
    };
    theft.put_manifest(&forged);
    let forged = theft.rig.snapshots().pop().unwrap();
    let secrets = theft.rig.vault().secrets(&theft.rig.kit, &theft.keys.strand).unwrap();
    assert!(forged.manifest.unseal(&secrets).is_err());
}

/// Fails unless both snapshots are whole.
fn intact(theft: &Theft) {
    let mut faults = Vec::new();
    let snapshots = read_snapshots(&theft.rig.vault(), theft.keys.strand, &mut |fault| faults.push(fault)).unwrap();
    let [first, second] = &snapshots[..2] else { panic!("two snapshots") };
    assert!(theft.rig.contents(second) == read_folder(&theft.rig.source()));
    assert!(theft.rig.contents(first)[&b"courrier/efface-hier.txt"[..]].as_deref() == Some(OLD_SECRET));
}

/// Puts a vault of another founder, with the same id, in the place of ours.
fn plant_vault(theft: &Theft, stranger: &SigningKey, owners: Vec<[u8; 32]>) {
    let recipients = theft.rig.vault().log().recipients.clone();
    for name in theft.store.names() {
        if matches!(name, ObjectName::Owner(..)) {
            theft.store.erase(&name).unwrap();
        }
    }
    // The first owner's key is in the `vault` object.
    let ours = theft.keys.founder;
    let mut planted = theft.store.get(&ObjectName::Vault).unwrap();
    if let Some(at) = planted.windows(32).position(|window| window == ours) {
        planted[at..at + 32].copy_from_slice(&stranger.public());
    }
    theft.store.overwrite(ObjectName::Vault, planted.clone());
    let act = Act::Founded { vault: ObjectHash::of(&planted), owners, signers_min: 1, recipients };
    let previous = ObjectHash([0; 32]);
    let entry = OwnerEntry { vault: theft.keys.vault, seq: 0, previous, time: NOW, expiry: None, act };
    let signed = entry.sign(&[stranger]);
    theft.store.put(&ObjectName::Owner(0, ObjectHash::of(&signed)), &signed).unwrap();
}

/// A kit that is like ours, but for the keys.
fn kit_of_a_stranger(theft: &Theft) -> RecoveryKit {
    let owner = SigningKey::new(SecretKey::random(&SystemEntropy));
    RecoveryKit { vault: Some(theft.keys.vault), owner: Some(owner), identities: vec![Identity::generate()] }
}

/// Another machine that saves to the same vault.
pub fn neighbour(rig: &Rig) -> Rig {
    let mut other = Rig::new();
    other.keys = rig.vault().enrol(&rig.kit, "voisine", NOW, &SystemEntropy).unwrap();
    other.store = Arc::clone(&rig.store);
    other.kit = rig.kit.clone();
    other
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Returns all bytes of all files below a folder.
fn all_bytes(folder: &Path) -> Vec<u8> {
    read_folder(folder).into_values().flatten().flatten().collect()
}
