//! What the thief can open with everything that he has.

use vault::blob::{BlobOpener, BlobOrigin};
use vault::envelope::{Identity, open_with};
use vault::id::ObjectHash;
use vault::index::read_index;
use vault::name::{Folder, HashedKind, NumberedKind, ObjectName};
use vault::pack::{PackHead, PackedBlob, parse_pack};
use vault::seal::{BoxKind, open_box};
use vault::secret::SecretKey;
use vault::strand::StrandObject;

use crate::thief::Thief;

/// Tries every run of 32 bytes of the key file on every sealed thing, and an identity of his own on every age file.
pub fn open_everything(thief: &Thief) {
    let keys: Vec<SecretKey> = thief.key_files().windows(32).filter_map(SecretKey::from_slice).collect();
    assert!(keys.iter().any(|key| key.expose() == thief.keys.id_key.expose()), "his keys are among them");
    let mut seen = Seen::default();
    for name in objects(thief) {
        let object = thief.vault.store().get(&name).unwrap();
        match name {
            ObjectName::Hashed(_, HashedKind::Pack, _) => try_pack(thief, &keys, &object, &mut seen),
            ObjectName::Hashed(_, HashedKind::Index, _) => {
                seen.indexes += u64::from(read_index(&thief.keys.index_key, &object).is_ok());
            }
            ObjectName::Strand(_) => seen.try_age(&StrandObject::from_bytes(&object).unwrap().sealed),
            _ => {}
        }
    }
    for snapshot in thief.snapshots() {
        let manifest = snapshot.manifest;
        seen.try_age(&manifest.sealed_key);
        for key in &keys {
            seen.tried += 1;
            let opened = open_box(key, &manifest.salt, BoxKind::Manifest, &manifest.sealed, "manifest");
            seen.opened += u64::from(opened.is_ok());
        }
    }
    println!("tried {}", seen.tried);
    println!("opened {}", seen.opened);
    println!("directories {}", seen.directories);
    println!("closed-directories {}", seen.closed_directories);
    println!("indexes {}", seen.indexes);
}

#[derive(Default)]
struct Seen {
    tried: u64,
    opened: u64,
    directories: u64,
    closed_directories: u64,
    indexes: u64,
}

impl Seen {
    fn try_age(&mut self, sealed: &[u8]) {
        self.tried += 1;
        self.opened += u64::from(open_with(&[Identity::generate()], sealed).is_ok());
    }
}

fn try_pack(thief: &Thief, keys: &[SecretKey], object: &[u8], seen: &mut Seen) {
    let (head, _) = PackHead::read(object).unwrap();
    seen.try_age(&head.sealed_key);
    let Ok((head, blobs)) = parse_pack(object, &thief.keys.index_key) else {
        seen.closed_directories += 1;
        return;
    };
    seen.directories += 1;
    let mut opener = BlobOpener::default();
    for PackedBlob { id, kind, offset, sealed_bytes, coding } in blobs {
        for session in keys {
            let origin = BlobOrigin { session, salt: &head.salt, zstd_version: head.zstd_version };
            let mut sealed = object[offset as usize..][..sealed_bytes as usize].to_vec();
            let opened = opener.open(&origin, &thief.keys.id_key, (kind, &id), &coding, &mut sealed);
            seen.tried += 1;
            seen.opened += u64::from(opened.is_ok());
        }
    }
}

/// Every object of every strand.
fn objects(thief: &Thief) -> Vec<ObjectName> {
    let store = thief.vault.store();
    let mut names = Vec::new();
    for enrolment in &thief.vault.log().strands {
        let strand = enrolment.strand;
        names.push(ObjectName::Strand(strand));
        let hashed = [HashedKind::Pack, HashedKind::Index, HashedKind::List].map(|kind| Folder::Hashed(strand, kind));
        let numbered = [NumberedKind::Keys, NumberedKind::Lease].map(|kind| Folder::Numbered(strand, kind));
        for folder in hashed.into_iter().chain(numbered) {
            store.list(&folder, &mut |name, _| names.push(name)).unwrap();
        }
    }
    assert!(names.iter().all(|name| name.hash() != Some(ObjectHash([0; 32]))));
    names
}
