//! One function for each parser of bytes that somebody else may have written: it hands them over and checks what comes
//! back. The fuzzer calls these, and so does `cargo test` with the corpus (`crates/vault/tests/suite/corpus.rs`).
//!
//! What seals and signatures protect is sealed and signed here, with keys that everybody knows: so the bytes reach the
//! parser behind them, through the library's own doors.

use std::sync::OnceLock;

use vault::bytes::{SigningKey, Writer};
use vault::envelope::Identity;
use vault::id::{BlobId, ObjectHash, StrandId, VaultId};
use vault::pack::Session;
use vault::secret::SecretKey;
use vault::world::Entropy;

pub mod objects;
pub mod owners;
pub mod packed;
pub mod state;
pub mod trees;

/// A parser under test: its name, which is that of its corpus, and how to try it.
pub type Target = (&'static str, fn(&[u8]));

/// All parsers under test.
pub const TARGETS: [Target; 30] = [
    ("age_file", objects::age_file),
    ("blob", packed::blob),
    ("chunk_list", trees::chunk_list),
    ("directory", packed::directory),
    ("entry", trees::entry),
    ("expiry", owners::expiry),
    ("frame", packed::frame),
    ("index", packed::index),
    ("keys", objects::keys),
    ("kit", objects::kit),
    ("lease", owners::lease),
    ("list", packed::list),
    ("manifest", owners::manifest),
    ("name", objects::name),
    ("node", trees::node),
    ("owner_entry", owners::owner_entry),
    ("owner_log", owners::owner_log),
    ("pack", packed::pack),
    ("sealed_manifest", owners::sealed_manifest),
    ("secrets", objects::secrets),
    ("signed", objects::signed),
    ("state_agent", state::agent),
    ("state_begun", state::begun),
    ("state_known", state::known),
    ("state_newest", state::newest),
    ("state_packs", state::packs),
    ("state_tree", state::tree),
    ("state_uses", state::uses),
    ("strand", objects::strand),
    ("vault", objects::vault),
];

/// Tries a parser by its name.
pub fn run(name: &str, data: &[u8]) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("there is such a target");
    target(data);
}

pub(crate) const VAULT_ID: VaultId = VaultId([1; 16]);
/// The strand whose secrets are read here.
pub const STRAND_ID: StrandId = StrandId([2; 16]);
pub(crate) const ZERO_HASH: ObjectHash = ObjectHash([0; 32]);
pub(crate) const SALT: [u8; 32] = [7; 32];
pub(crate) const BLOB_ID: BlobId = BlobId([9; 32]);

/// Bytes that everybody knows, in place of random ones.
pub(crate) struct Sevens;

impl Entropy for Sevens {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

pub(crate) fn secret(byte: u8) -> SecretKey {
    SecretKey::new([byte; 32])
}

/// The key of whoever signs here: the owner, and the agent.
pub(crate) fn signer() -> SigningKey {
    SigningKey::new(secret(3))
}

/// The identity to which everything is sealed here: the strand's, and the owners'.
pub fn identity() -> &'static Identity {
    static IDENTITY: OnceLock<Identity> = OnceLock::new();
    let text = "AGE-SECRET-KEY-1ASZJNCDSXQADP337NRPJGNP37LFYURK0PX6AN0M4ZAC26QU3F6WSEWVHSG";
    IDENTITY.get_or_init(|| Identity::parse(text).expect("the text of an identity"))
}

/// A session whose key and salt are all sevens.
pub(crate) fn session() -> &'static Session {
    static SESSION: OnceLock<Session> = OnceLock::new();
    let recipient = || identity().recipient().expect("an X25519 identity knows its recipient");
    SESSION.get_or_init(|| Session::begin(&recipient(), &Sevens).expect("sealing to an X25519 recipient"))
}

/// Writes a CBOR item by hand.
pub(crate) fn cbor(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut out = Writer::default();
    write(&mut out);
    out.finish()
}
