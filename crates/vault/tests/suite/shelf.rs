//! A vault whose snapshots need made-up packs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vault::bytes::SigningKey;
use vault::expire::{Applied, ExpiryError, ExpiryPlan, apply, plan, read_expiry_log};
use vault::id::{ObjectHash, SourceTag};
use vault::kit::RecoveryKit;
use vault::lease::Lease;
use vault::list::{Needed, write_lists};
use vault::manifest::{Counts, Manifest, SealedManifest};
use vault::name::{HashedKind, NumberedKind, ObjectName};
use vault::pack::Session;
use vault::snapshots::{Snapshot, needed, read_snapshots};
use vault::state::AgentKeys;
use vault::store::Erase;
use vault::tree::{Entry, EntryKind};
use vault::vault::Vault;
use vault::world::Timestamp;

use crate::rig::{SystemEntropy, same_keys};

pub const DAY: i64 = 24 * 3600;
/// 2023-01-02, a Monday, at noon.
pub const START: i64 = 1_672_660_800;

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

/// A vault whose snapshots need made-up packs: what matters here is only what names what.
pub struct Shelf<S> {
    pub store: S,
    pub kit: RecoveryKit,
    pub keys: AgentKeys,
    pub session: Session,
    pub last: Option<(u64, ObjectHash)>,
    /// Of the snapshots to come.
    pub alarm_level: u64,
}

/// A store that can be handled by value.
pub trait Medium: Erase + Clone + 'static {}
impl<S: Erase + Clone + 'static> Medium for S {}

impl<S: Medium> Shelf<S> {
    pub fn new(store: S) -> Self {
        let now = at(START - 60);
        let (mut vault, kit) = Vault::found(Arc::new(store.clone()), &[], now, &SystemEntropy).unwrap();
        let keys = vault.enrol(&kit, "mairie", now, &SystemEntropy).unwrap();
        let recipient = vault.strand_recipient(&keys.strand).unwrap();
        let session = Session::begin(&recipient, &SystemEntropy).unwrap();
        Self { store, kit, keys, session, last: None, alarm_level: 0 }
    }

    /// The same vault on a store that was opened again.
    pub fn reopened(&self, store: S) -> Self {
        let recipient = Vault::open(Arc::new(store.clone())).unwrap().strand_recipient(&self.keys.strand).unwrap();
        let session = Session::begin(&recipient, &SystemEntropy).unwrap();
        Self {
            store,
            kit: self.kit.clone(),
            keys: same_keys(&self.keys),
            session,
            last: self.last,
            alarm_level: self.alarm_level,
        }
    }

    pub fn vault(&self) -> Vault {
        Vault::open(Arc::new(self.store.clone())).unwrap()
    }

    pub fn signing(&self) -> SigningKey {
        SigningKey::new(self.keys.signing_seed.clone())
    }

    pub fn hashed(&self, kind: HashedKind, object: &[u8]) -> ObjectName {
        let name = ObjectName::Hashed(self.keys.strand, kind, ObjectHash::of(object));
        self.store.put(&name, object).unwrap();
        name
    }

    pub fn pack(&self, number: u64) -> ObjectName {
        self.hashed(HashedKind::Pack, format!("pack {number}").as_bytes())
    }

    /// Adds a snapshot that needs packs, through lists if its number is even.
    pub fn snapshot(&mut self, finished: i64, packs: impl IntoIterator<Item = u64>) -> ObjectName {
        let needed: BTreeSet<_> = packs.into_iter().map(|n| Needed::Pack(self.pack(n).hash().unwrap())).collect();
        let seq = self.last.map_or(1, |(seq, _)| seq + 1);
        let (mut packs, mut list) = (needed.iter().filter_map(Needed::pack).collect(), None);
        if seq.is_multiple_of(2) {
            for (hash, object) in write_lists(&needed) {
                self.hashed(HashedKind::List, &object);
                list = Some(hash);
            }
            packs = Vec::new();
        }
        self.store.commit().unwrap();
        let root = Entry {
            kind: EntryKind::Directory { node: None, entries_below: 0, bytes_below: 0 },
            mode: 0o755,
            ..Entry::default()
        };
        let sealed = SealedManifest {
            source: "files".into(),
            host: "mairie".into(),
            paths: Vec::new(),
            started: at(finished - 60),
            finished: at(finished),
            root,
            program: "test".into(),
            alarm: None,
        };
        let (salt, sealed) = sealed.seal(&self.session);
        let manifest = Manifest {
            vault: self.keys.vault,
            strand: self.keys.strand,
            seq,
            previous: self.last.map(|(_, hash)| hash),
            indexes: Vec::new(),
            packs,
            list,
            counts: Counts { alarm_level: self.alarm_level, ..Counts::default() },
            source_tag: SourceTag([1; 16]),
            salt,
            sealed_key: self.session.sealed_key().to_vec(),
            sealed,
        };
        let object = manifest.sign(&self.signing());
        let hash = ObjectHash::of(&object);
        let name = ObjectName::Numbered(self.keys.strand, NumberedKind::Snapshot, seq, hash);
        self.store.put(&name, &object).unwrap();
        self.store.commit().unwrap();
        self.last = Some((seq, hash));
        name
    }

    pub fn lease(&self, seq: u64, from: i64) -> ObjectName {
        let (vault, strand) = (self.keys.vault, self.keys.strand);
        let lease = Lease { vault, strand, seq, from: at(from), until: at(from + 2 * DAY) };
        let object = lease.sign(&self.signing());
        let name = ObjectName::Numbered(strand, NumberedKind::Lease, seq, ObjectHash::of(&object));
        self.store.put(&name, &object).unwrap();
        self.store.commit().unwrap();
        name
    }

    pub fn plan(&self, now: i64) -> ExpiryPlan {
        plan(&self.vault(), &self.kit, at(now)).unwrap()
    }

    pub fn expire(&self, now: i64) -> Applied {
        self.try_expire(now).unwrap()
    }

    pub fn try_expire(&self, now: i64) -> Result<Applied, ExpiryError> {
        let vault = Vault::open(Arc::new(self.store.clone()))?;
        let plan = plan(&vault, &self.kit, at(now))?;
        apply(&vault, &self.kit, &plan, &self.store, at(now))
    }

    pub fn has(&self, name: &ObjectName) -> bool {
        self.store.head(name).unwrap().is_some()
    }

    /// Verifies that every snapshot has all that it needs, and returns them.
    pub fn verify(&self) -> Vec<Snapshot> {
        let mut faults = Vec::new();
        let snapshots = read_snapshots(&self.vault(), self.keys.strand, &mut |fault| faults.push(fault)).unwrap();
        assert!(faults.is_empty(), "{faults:?}");
        for snapshot in &snapshots {
            let (names, _) = needed(&self.store, &snapshot.manifest, &mut |fault| panic!("{fault}"));
            for pack in names.iter().filter_map(Needed::pack) {
                let name = ObjectName::Hashed(self.keys.strand, HashedKind::Pack, pack);
                assert!(self.has(&name), "snapshot {} lost {name}", snapshot.manifest.seq);
            }
        }
        let newest: Vec<_> = snapshots.iter().rev().take(3).map(|snapshot| snapshot.manifest.seq).collect();
        let last = self.last.map_or(0, |(seq, _)| seq);
        assert_eq!(newest, (last.saturating_sub(2).max(1)..=last).rev().collect::<Vec<_>>());
        snapshots
    }

    pub fn condemned(&self) -> BTreeMap<ObjectName, Timestamp> {
        read_expiry_log(&self.vault(), &mut |fault| panic!("{fault}")).unwrap().condemned
    }
}

/// The name of a made-up pack, which is not written.
pub fn shelf_name<S: Medium>(shelf: &Shelf<S>, number: u64) -> ObjectName {
    ObjectName::Hashed(shelf.keys.strand, HashedKind::Pack, ObjectHash::of(format!("pack {number}").as_bytes()))
}
