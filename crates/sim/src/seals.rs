//! No key may seal two texts. What is compared is the key stream itself, sealed bytes against plain ones, so that it does
//! not matter how the key came about.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use vault::bytes::{Columns, INDEX, MANIFEST, open_signed};
use vault::id::{ObjectHash, StrandId};
use vault::manifest::Manifest;
use vault::name::{HashedKind, NumberedKind, ObjectName};
use vault::pack::{open_session_key, parse_pack};
use vault::seal::{BlobSeal, BoxKind, open_blob, open_box};
use vault::secret::SecretKey;
use vault::strand::StrandSecrets;

use crate::failure::{Tell, Told};
use crate::place::{Attempt, Origin};

/// So much of a key stream is compared, in bytes. Shorter texts are passed over.
const STREAM_BYTES: usize = 12;

/// Every key stream that was ever used.
#[derive(Default)]
pub struct SealBook {
    /// What each key stream sealed.
    streams: HashMap<[u8; STREAM_BYTES], ObjectHash>,
    /// Which randomness made each salt, and each session key.
    salts: HashMap<[u8; 32], Origin>,
    sessions: HashMap<[u8; 32], Origin>,
    /// Session keys that were opened, by the hash of their age file.
    opened: HashMap<ObjectHash, SecretKey>,
    seen: HashSet<ObjectName>,
    /// How many seals were compared.
    pub count: u64,
}

impl SealBook {
    /// Leaves an object out: a thief made it.
    pub fn leave_out(&mut self, name: ObjectName) {
        self.seen.insert(name);
    }

    /// Enters an object; fails if it repeats a key, a salt or a session key that it must not.
    pub fn enter(&mut self, attempt: &Attempt, secrets: &StrandSecrets) -> Told<()> {
        if !self.seen.insert(attempt.name) {
            return Ok(());
        }
        let entered = match attempt.name {
            ObjectName::Hashed(_, HashedKind::Pack, _) => self.enter_pack(attempt, secrets),
            ObjectName::Hashed(_, HashedKind::Index, _) => self.enter_index(attempt, secrets),
            ObjectName::Numbered(strand, NumberedKind::Snapshot, ..) => self.enter_manifest(attempt, strand, secrets),
            _ => Ok(()),
        };
        entered.map_err(|why| format!("{}: {why}", attempt.name))
    }

    fn enter_pack(&mut self, attempt: &Attempt, secrets: &StrandSecrets) -> Told<()> {
        let (head, blobs) = parse_pack(&attempt.bytes, &secrets.index_key).tell("the directory")?;
        let session = self.session(&head.sealed_key, secrets, attempt.origin)?;
        self.salt(head.salt, attempt.origin)?;
        for blob in &blobs {
            let (id, coding) = (&blob.id, blob.coding);
            let place = BlobSeal {
                zstd_version: head.zstd_version,
                salt: &head.salt,
                id,
                codec: coding.codec,
                level: coding.level,
            };
            let sealed = &attempt.bytes[blob.offset as usize..][..blob.sealed_bytes as usize];
            let mut coded = sealed.to_vec();
            let length = open_blob(&session, &place, &mut coded).tell(format_args!("blob {id}"))?;
            self.stream(sealed, &coded[..length])?;
        }
        let (start, end) = directory(&attempt.bytes).ok_or("the pack has no foot")?;
        let sealed = &attempt.bytes[start..end];
        self.sealed_box(&secrets.index_key, &head.salt, BoxKind::Directory, sealed)
    }

    fn enter_index(&mut self, attempt: &Attempt, secrets: &StrandSecrets) -> Told<()> {
        let mut columns = Columns::new(INDEX.strip(&attempt.bytes).tell("the head")?, INDEX.what);
        let salt: [u8; 32] = columns.fixed().tell("the salt")?;
        self.sealed_box(&secrets.index_key, &salt, BoxKind::Index, columns.rest())
    }

    fn enter_manifest(&mut self, attempt: &Attempt, strand: StrandId, secrets: &StrandSecrets) -> Told<()> {
        let (_, signers) = open_signed(MANIFEST, &attempt.bytes).tell("the signatures")?;
        let agent = signers.first().ok_or("nobody signed it")?;
        let manifest = Manifest::open(&attempt.bytes, agent).tell("the manifest")?;
        if manifest.strand != strand {
            return Err("it is of another strand".into());
        }
        let session = self.session(&manifest.sealed_key, secrets, attempt.origin)?;
        self.salt(manifest.salt, attempt.origin)?;
        self.sealed_box(&session, &manifest.salt, BoxKind::Manifest, &manifest.sealed)
    }

    fn sealed_box(&mut self, secret: &SecretKey, salt: &[u8; 32], kind: BoxKind, sealed: &[u8]) -> Told<()> {
        let plain = open_box(secret, salt, kind, sealed, "box").tell("a box")?;
        self.stream(&sealed[32..], &plain)
    }

    /// Enters what one seal shows of its key.
    fn stream(&mut self, sealed: &[u8], coded: &[u8]) -> Told<()> {
        if coded.len() < STREAM_BYTES {
            return Ok(());
        }
        self.count += 1;
        let mut stream = [0; STREAM_BYTES];
        stream.iter_mut().zip(sealed.iter().zip(coded)).for_each(|(out, (a, b))| *out = a ^ b);
        let text = ObjectHash::of(sealed);
        match self.streams.entry(stream) {
            Entry::Occupied(known) if *known.get() != text => Err("one key seals two texts".into()),
            Entry::Occupied(_) => Ok(()),
            Entry::Vacant(free) => {
                free.insert(text);
                Ok(())
            }
        }
    }

    fn session(&mut self, sealed: &[u8], secrets: &StrandSecrets, origin: Origin) -> Told<SecretKey> {
        let session = match self.opened.entry(ObjectHash::of(sealed)) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(free) => {
                free.insert(open_session_key(&secrets.identities, sealed).tell("the session key")?).clone()
            }
        };
        if !self.sessions.entry(*session.expose()).or_insert(origin).repeats(&origin) {
            return Err("two backups have one session key".into());
        }
        Ok(session)
    }

    fn salt(&mut self, salt: [u8; 32], origin: Origin) -> Told<()> {
        let repeats = self.salts.entry(salt).or_insert(origin).repeats(&origin);
        if repeats { Ok(()) } else { Err("two backups have one salt".into()) }
    }
}

/// Finds the sealed directory of a pack.
fn directory(pack: &[u8]) -> Option<(usize, usize)> {
    let end = pack.len().checked_sub(8)?;
    let bytes = u32::from_le_bytes(pack[end..end + 4].try_into().ok()?);
    Some((end.checked_sub(bytes as usize)?, end))
}
