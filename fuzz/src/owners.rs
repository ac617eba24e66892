//! What owners and agents sign: the owner log, manifests, leases, expiry records.

use vault::bytes::{EXPIRY, Head, LEASE, MANIFEST, OWNER, sign_object};
use vault::expire::ExpiryRecord;
use vault::id::{ObjectHash, SourceTag};
use vault::lease::Lease;
use vault::manifest::{Counts, Manifest};
use vault::name::ObjectName;
use vault::owner_log::{Act, AlarmPolicy, Founding, OwnerEntry, OwnerLog};
use vault::seal::{BoxKind, seal_box};
use vault::strand::{Additions, StrandSecrets};
use vault::world::Timestamp;

use super::{SALT, STRAND_ID, VAULT_ID, ZERO_HASH, cbor, identity, secret, session, signer};

fn sign(head: Head, body: &[u8]) -> Vec<u8> {
    sign_object(head, body, &[&signer()])
}

/// The signed part of a manifest.
pub fn manifest(data: &[u8]) {
    let (agent, key) = (signer(), signer().public());
    let Ok(manifest) = Manifest::open(&sign(MANIFEST, data), &key) else { return };
    assert!(manifest.packs.is_sorted() && manifest.indexes.is_sorted());
    let written = manifest.sign(&agent);
    // Counts that were left away are written, so the longest manifests may grow beyond what one may be.
    if data.len() < 1 << 19 {
        assert!(Manifest::open(&written, &key) == Ok(manifest), "a manifest is read as it was written");
    }
}

/// The sealed part of a manifest.
pub fn sealed_manifest(data: &[u8]) {
    let holder = |salt, sealed| Manifest {
        vault: VAULT_ID,
        strand: STRAND_ID,
        seq: 1,
        previous: None,
        indexes: Vec::new(),
        packs: Vec::new(),
        list: None,
        counts: Counts::default(),
        source_tag: SourceTag([0; 16]),
        salt,
        sealed_key: session().sealed_key().to_vec(),
        sealed,
    };
    let secrets = StrandSecrets {
        strand: STRAND_ID,
        id_key: secret(6),
        chunk_seed: secret(8),
        index_key: secret(5),
        identities: vec![identity().clone()],
        label: String::new(),
        additions: Additions::default(),
    };
    let sealed = seal_box(&secret(7), &SALT, BoxKind::Manifest, data);
    let Ok(opened) = holder(SALT, sealed).unseal(&secrets) else { return };
    assert!(opened.root.name.is_empty() && opened.root.is_directory());
    let (salt, sealed) = opened.seal(session());
    let again = holder(salt, sealed).unseal(&secrets).expect("what was just sealed");
    assert!(again == opened, "the sealed part is read as it was written");
}

/// The signed part of a lease.
pub fn lease(data: &[u8]) {
    let (agent, key) = (signer(), signer().public());
    let Ok(lease) = Lease::open(&sign(LEASE, data), &key) else { return };
    assert!(Lease::open(&lease.sign(&agent), &key) == Ok(lease), "a lease is read as it was written");
}

/// The signed part of an expiry record.
pub fn expiry(data: &[u8]) {
    let (owner, key) = (signer(), signer().public());
    let Ok(record) = ExpiryRecord::open(&sign(EXPIRY, data), &[key]) else { return };
    for name in record.condemned.iter().chain(&record.deleted).chain(&record.revived) {
        let is_foundation = matches!(name, ObjectName::Vault | ObjectName::Owner(..) | ObjectName::Strand(_));
        assert!(!is_foundation, "what says whose the vault is never goes");
    }
    assert!(ExpiryRecord::open(&record.sign(&[&owner]), &[key]) == Ok(record), "a record is read as it was written");
}

/// The signed part of an entry of the owner log.
pub fn owner_entry(data: &[u8]) {
    let owner = signer();
    let Ok((entry, signers)) = OwnerEntry::open(&sign(OWNER, data)) else { return };
    assert!(signers == [owner.public()]);
    if matches!(entry.act, Act::Unknown { .. }) {
        return; // Its fields are not kept: nobody writes it again.
    }
    if let Act::Policy { map } = &entry.act
        && let Some(policy) = AlarmPolicy::of_map(map, entry.time)
    {
        let Act::Policy { map } = policy.act() else { unreachable!("an alarm policy is a policy") };
        assert!(AlarmPolicy::of_map(&map, entry.time) == Some(policy), "a policy is read as it was written");
    }
    let (again, _) = OwnerEntry::open(&entry.sign(&[&owner])).expect("what was just written");
    assert!(again == entry, "an entry is read as it was written");
}

/// A log of acts: each a length (u16) and the CBOR of the act. They follow a founding by one owner.
pub fn owner_log(mut data: &[u8]) {
    let owner = signer();
    let founding = Founding { vault: VAULT_ID, object: ZERO_HASH, founder: owner.public() };
    let recipients = vec![identity().recipient().expect("an X25519 identity knows its recipient")];
    let act = Act::Founded { vault: ZERO_HASH, owners: vec![owner.public()], signers_min: 1, recipients };
    let time = Timestamp::from_seconds(1);
    let first = OwnerEntry { vault: VAULT_ID, seq: 0, previous: ZERO_HASH, time, expiry: None, act }.sign(&[&owner]);
    let mut objects = vec![first];
    while let Some((length, rest)) = data.split_first_chunk::<2>() {
        let (act, rest) = rest.split_at(rest.len().min(usize::from(u16::from_le_bytes(*length))));
        let previous = objects.last().map_or(ZERO_HASH, |object| ObjectHash::of(object));
        let body = cbor(|out| {
            out.map(6).unsigned(0).bytes(&VAULT_ID.0).unsigned(1).unsigned(objects.len() as u64);
            out.unsigned(2).bytes(&previous.0).unsigned(3).unsigned(2).unsigned(4).null().unsigned(5).raw(act);
        });
        objects.push(sign(OWNER, &body));
        data = rest;
        if objects.len() > 64 {
            break;
        }
    }
    let count = objects.len() as u64;
    let named = objects.into_iter().zip(0..).map(|(object, seq)| {
        let name = ObjectName::Owner(seq, ObjectHash::of(&object));
        (name, Ok(object))
    });
    let Ok(log) = OwnerLog::replay(&founding, named) else { return };
    assert!(log.next_seq + log.faults.len() as u64 == count, "each entry counts, or is named");
    assert!(log.entries.len() as u64 == log.next_seq && log.founders == [owner.public()]);
    assert!(log.signers_min >= 1 && log.signers_min <= log.owners.len() as u64 && !log.recipients.is_empty());
    assert!(log.owners.iter().all(|owner| log.owners_ever.contains(owner)));
}
