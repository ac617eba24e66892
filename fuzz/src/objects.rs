//! The objects that found a vault and its strands, kits, names, envelopes.

use std::sync::Arc;

use vault::bytes::{self, Head, open_signed, open_signed_of_any_version};
use vault::envelope::open_with;
use vault::kit::RecoveryKit;
use vault::name::ObjectName;
use vault::store::{MemoryStore, Store};
use vault::strand::{KeysObject, StrandObject, StrandSecrets};
use vault::vault::{Vault, VaultError};

use super::{STRAND_ID, identity};

/// A signed object of any kind, as it is.
pub fn signed(data: &[u8]) {
    const HEADS: [Head; 4] = [bytes::OWNER, bytes::LEASE, bytes::MANIFEST, bytes::EXPIRY];
    for head in HEADS {
        let any = open_signed_of_any_version(head, data);
        if let Ok((body, signers)) = open_signed(head, data) {
            assert!(any == Ok((0, body, signers.clone())), "version 0 is one of all");
            assert!(signers.len() <= 64 && body.len() + 9 <= data.len());
        }
    }
}

/// The `vault` object.
pub fn vault(data: &[u8]) {
    let store = MemoryStore::new();
    store.put(&ObjectName::Vault, data).expect("memory takes it");
    let opened = Vault::open(Arc::new(store));
    // A vault without an owner log is half made, if its object can be read.
    assert!(matches!(opened, Err(VaultError::Object(_) | VaultError::HalfMade)));
}

/// A `strand` object.
pub fn strand(data: &[u8]) {
    let Ok(strand) = StrandObject::from_bytes(data) else { return };
    assert!(StrandObject::from_bytes(&strand.to_bytes()) == Ok(strand), "a strand is read as it was written");
}

/// A `keys` object.
pub fn keys(data: &[u8]) {
    let Ok(keys) = KeysObject::from_bytes(data) else { return };
    assert!(KeysObject::from_bytes(&keys.to_bytes()) == Ok(keys), "keys are read as they were written");
}

/// The secrets of a strand, sealed as they are to the owners.
pub fn secrets(data: &[u8]) {
    let recipients = [identity().recipient().expect("an X25519 identity knows its recipient")];
    let kit = RecoveryKit { vault: None, owner: None, identities: vec![identity().clone()] };
    let sealed = vault::envelope::seal_to(&recipients, data).expect("sealing to an X25519 recipient");
    let Ok(secrets) = StrandSecrets::open(&kit, STRAND_ID, &sealed) else { return };
    let sealed = secrets.seal(&recipients).expect("sealing to an X25519 recipient");
    let again = StrandSecrets::open(&kit, STRAND_ID, &sealed).expect("what was just sealed");
    let parts = |secrets: &StrandSecrets| {
        let keys = [&secrets.id_key, &secrets.chunk_seed, &secrets.index_key].map(|key| *key.expose());
        let identities: Vec<_> = secrets.identities.iter().map(|identity| identity.expose().to_string()).collect();
        (keys, identities, secrets.label.clone())
    };
    assert!(parts(&again) == parts(&secrets), "secrets are read as they were written");
}

/// The text of a recovery kit.
pub fn kit(data: &[u8]) {
    let Ok(kit) = RecoveryKit::parse(&String::from_utf8_lossy(data)) else { return };
    let again = RecoveryKit::parse(&kit.to_text(&["comment".into()])).expect("what was just written");
    let parts = |kit: &RecoveryKit| {
        let identities: Vec<_> = kit.identities.iter().map(|identity| identity.expose().to_string()).collect();
        (kit.vault, kit.owner.as_ref().map(|owner| owner.public()), identities)
    };
    assert!(parts(&again) == parts(&kit), "a kit is read as it was written");
}

/// The name of an object.
pub fn name(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Some(name) = ObjectName::parse(&text) else { return };
    assert!(name.to_string() == text, "a name is written as it was read");
}

/// An age file.
pub fn age_file(data: &[u8]) {
    let opened = open_with(std::slice::from_ref(identity()), data);
    assert!(opened.map_or(0, |plain| plain.len()) <= data.len(), "an age file is longer than what is in it");
}
