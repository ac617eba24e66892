//! Identifiers. Each is a type of its own, so that none can be taken for another.

use std::fmt;

use data_encoding::HEXLOWER;

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $bytes]);

        impl $name {
            /// Length in bytes.
            pub const BYTES: usize = $bytes;

            /// Returns the id as lower-case hexadecimal, as names and screens show it.
            pub fn to_hex(&self) -> String {
                HEXLOWER.encode(&self.0)
            }

            /// Reads lower-case hexadecimal of the exact length; anything else is `None`.
            pub fn from_hex(text: &str) -> Option<Self> {
                Self::from_slice(&HEXLOWER.decode(text.as_bytes()).ok()?)
            }

            /// Takes bytes of the exact length; anything else is `None`.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.to_hex())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.to_hex())
            }
        }
    };
}

id_type!(
    /// The identity of a vault: random, made at `init`.
    VaultId, 16
);
id_type!(
    /// The identity of a strand, derived from the vault's and the agent's public key.
    StrandId, 16
);
id_type!(
    /// The BLAKE3 hash of an object's bytes, which is also (part of) its name.
    ObjectHash, 32
);
id_type!(
    /// The keyed hash of a blob's kind and plain bytes.
    BlobId, 32
);
id_type!(
    /// The name of a source, keyed: what a manifest shows of it in clear.
    SourceTag, 16
);

impl ObjectHash {
    /// Hashes the bytes of an object.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }
}

impl BlobId {
    /// Stands for a run of zero bytes; never the id of a blob.
    pub const ZEROS: Self = Self([0; 32]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_exact() {
        let id = VaultId([0xab; 16]);
        assert_eq!(VaultId::from_hex(&id.to_hex()), Some(id));
        for wrong in ["", "ab", &"AB".repeat(16), &"ab".repeat(17), &"zz".repeat(16)] {
            assert_eq!(VaultId::from_hex(wrong), None, "{wrong}");
        }
    }
}
