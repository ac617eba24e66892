//! Names of objects: the only names that a store accepts.

use std::fmt;

use crate::id::{ObjectHash, StrandId};

/// The largest number that a name holds: ten digits.
pub const SEQ_MAX: u64 = 9_999_999_999;

/// The name of one object, as `docs/format.md` §1 lists them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ObjectName {
    /// What this vault is and who owns it.
    Vault,
    /// An entry of the owner log.
    Owner(u64, ObjectHash),
    /// An agent's public key and sealed secrets.
    Strand(StrandId),
    /// Something of a strand that is named by a hash alone.
    Hashed(StrandId, HashedKind, ObjectHash),
    /// Something of a strand that is numbered and hashed.
    Numbered(StrandId, NumberedKind, u64, ObjectHash),
    /// A record of what expired.
    Expiry(u64, ObjectHash),
}

/// Kinds of objects of a strand that are named `<folder>/<hash>`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum HashedKind {
    /// Sealed blobs.
    Pack,
    /// Directories of many packs.
    Index,
    /// Names of packs and indexes.
    List,
}

/// Kinds of objects of a strand that are named `<folder>/<seq>-<hash>`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NumberedKind {
    /// Secrets sealed again.
    Keys,
    /// What a running backup may reuse.
    Lease,
    /// A signed manifest.
    Snapshot,
}

/// A folder of objects that can be listed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Folder {
    /// The owner log.
    Owner,
    /// The `strand` objects of all strands.
    Strands,
    /// Objects of one strand, named by hash.
    Hashed(StrandId, HashedKind),
    /// Objects of one strand, numbered.
    Numbered(StrandId, NumberedKind),
    /// Records of expiry.
    Expiry,
}

impl HashedKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Pack, Self::Index, Self::List];

    fn folder(self) -> &'static str {
        match self {
            Self::Pack => "packs",
            Self::Index => "indexes",
            Self::List => "lists",
        }
    }
}

impl NumberedKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Keys, Self::Lease, Self::Snapshot];

    fn folder(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::Lease => "leases",
            Self::Snapshot => "snapshots",
        }
    }
}

impl ObjectName {
    /// The hash that the object's bytes must have, where the name holds it.
    pub fn hash(&self) -> Option<ObjectHash> {
        match self {
            Self::Vault | Self::Strand(_) => None,
            Self::Owner(_, hash) | Self::Expiry(_, hash) => Some(*hash),
            Self::Hashed(_, _, hash) | Self::Numbered(_, _, _, hash) => Some(*hash),
        }
    }

    /// The strand that the object belongs to, if any.
    pub fn strand(&self) -> Option<StrandId> {
        match self {
            Self::Strand(strand) | Self::Hashed(strand, ..) | Self::Numbered(strand, ..) => Some(*strand),
            Self::Vault | Self::Owner(..) | Self::Expiry(..) => None,
        }
    }

    /// The folder that lists this object; `vault` is in none.
    pub fn folder(&self) -> Option<Folder> {
        Some(match *self {
            Self::Vault => return None,
            Self::Owner(..) => Folder::Owner,
            Self::Strand(_) => Folder::Strands,
            Self::Hashed(strand, kind, _) => Folder::Hashed(strand, kind),
            Self::Numbered(strand, kind, ..) => Folder::Numbered(strand, kind),
            Self::Expiry(..) => Folder::Expiry,
        })
    }

    /// Reads a name; whatever is not written exactly as [`fmt::Display`] writes it is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('/').collect();
        match *parts.as_slice() {
            ["vault"] => Some(Self::Vault),
            ["owner", file] => numbered(file).map(|(seq, hash)| Self::Owner(seq, hash)),
            ["expiry", file] => numbered(file).map(|(seq, hash)| Self::Expiry(seq, hash)),
            ["strands", strand, "strand"] => StrandId::from_hex(strand).map(Self::Strand),
            ["strands", strand, folder, file] => {
                let strand = StrandId::from_hex(strand)?;
                if let Some(kind) = HashedKind::ALL.into_iter().find(|k| k.folder() == folder) {
                    return ObjectHash::from_hex(file).map(|hash| Self::Hashed(strand, kind, hash));
                }
                let kind = NumberedKind::ALL.into_iter().find(|k| k.folder() == folder)?;
                let (seq, hash) = numbered(file)?;
                Some(Self::Numbered(strand, kind, seq, hash))
            }
            _ => None,
        }
    }
}

/// Reads `<seq>-<hash>`.
fn numbered(file: &str) -> Option<(u64, ObjectHash)> {
    let (seq, hash) = file.split_once('-')?;
    let digits = seq.len() == 10 && seq.bytes().all(|b| b.is_ascii_digit());
    if !digits {
        return None;
    }
    Some((seq.parse().ok()?, ObjectHash::from_hex(hash)?))
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vault => f.write_str("vault"),
            Self::Owner(seq, hash) => write!(f, "owner/{seq:010}-{hash}"),
            Self::Strand(strand) => write!(f, "strands/{strand}/strand"),
            Self::Hashed(strand, kind, hash) => {
                write!(f, "strands/{strand}/{}/{hash}", kind.folder())
            }
            Self::Numbered(strand, kind, seq, hash) => {
                write!(f, "strands/{strand}/{}/{seq:010}-{hash}", kind.folder())
            }
            Self::Expiry(seq, hash) => write!(f, "expiry/{seq:010}-{hash}"),
        }
    }
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owner => f.write_str("owner"),
            Self::Strands => f.write_str("strands"),
            Self::Hashed(strand, kind) => write!(f, "strands/{strand}/{}", kind.folder()),
            Self::Numbered(strand, kind) => write!(f, "strands/{strand}/{}", kind.folder()),
            Self::Expiry => f.write_str("expiry"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        let strand = StrandId([7; 16]);
        let hash = ObjectHash([9; 32]);
        for name in [
            ObjectName::Vault,
            ObjectName::Owner(0, hash),
            ObjectName::Strand(strand),
            ObjectName::Hashed(strand, HashedKind::Pack, hash),
            ObjectName::Hashed(strand, HashedKind::Index, hash),
            ObjectName::Numbered(strand, NumberedKind::Snapshot, 4_000_000_000, hash),
            ObjectName::Expiry(12, hash),
        ] {
            assert_eq!(ObjectName::parse(&name.to_string()), Some(name));
        }
    }

    #[test]
    fn foreign_names_are_refused() {
        let hash = "0".repeat(64);
        for text in [
            "".to_string(),
            "Vault".into(),
            "vault/".into(),
            "../vault".into(),
            format!("owner/1-{hash}"),
            format!("owner/00000000+1-{hash}"),
            format!("owner/0000000001-{hash}.part"),
            format!("strands/{}/packs/{hash}", "0".repeat(31)),
            format!("strands/{}/tracks/{hash}", "0".repeat(32)),
        ] {
            assert_eq!(ObjectName::parse(&text), None, "{text}");
        }
    }
}
