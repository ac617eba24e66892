//! Lists: the names of packs and indexes that many manifests share (`docs/format.md` §6).
//!
//! A set of names is cut at places that the names themselves decide, so that a set which changes by a few names shares
//! all other lists with the one before.

use std::collections::BTreeSet;

use crate::bytes::{Columns, FormatError, LIST};
use crate::id::ObjectHash;

/// A list holds at most this many records.
const RECORDS_MAX: usize = 1024;

/// What a manifest needs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Needed {
    /// A pack.
    Pack(ObjectHash),
    /// An index that covers some of the packs.
    Index(ObjectHash),
}

impl Needed {
    /// The hash, if this is a pack.
    pub fn pack(&self) -> Option<ObjectHash> {
        match self {
            Self::Pack(hash) => Some(*hash),
            Self::Index(_) => None,
        }
    }

    /// The hash, if this is an index.
    pub fn index(&self) -> Option<ObjectHash> {
        match self {
            Self::Index(hash) => Some(*hash),
            Self::Pack(_) => None,
        }
    }
}

/// A list object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct List {
    /// 0: packs and indexes. Above: lists of the level below.
    pub level: u8,
    /// Sorted.
    pub records: Vec<Record>,
}

/// A name in a list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Record {
    /// A pack.
    Pack(ObjectHash),
    /// An index.
    Index(ObjectHash),
    /// A list of the level below.
    List(ObjectHash),
}

impl Record {
    fn parts(&self) -> (u8, &ObjectHash) {
        match self {
            Self::Pack(hash) => (0, hash),
            Self::Index(hash) => (1, hash),
            Self::List(hash) => (2, hash),
        }
    }
}

/// Cuts a set into lists. Returns the objects with their hashes, the top one last.
pub fn write_lists(needed: &BTreeSet<Needed>) -> Vec<(ObjectHash, Vec<u8>)> {
    let mut records: Vec<Record> = needed
        .iter()
        .map(|name| match name {
            Needed::Pack(hash) => Record::Pack(*hash),
            Needed::Index(hash) => Record::Index(*hash),
        })
        .collect();
    records.sort();
    let mut objects = Vec::new();
    for level in 0.. {
        let mut above = Vec::new();
        for part in cut(&records) {
            let object = List { level, records: part.to_vec() }.to_bytes();
            let hash = ObjectHash::of(&object);
            above.push(Record::List(hash));
            objects.push((hash, object));
        }
        if above.len() <= 1 {
            break;
        }
        above.sort();
        records = above;
    }
    objects
}

/// Cuts after records whose hash begins with a byte below 2, and never before the second record.
fn cut(records: &[Record]) -> Vec<&[Record]> {
    let mut parts = Vec::new();
    let mut start = 0;
    for at in 0..records.len() {
        let length = at + 1 - start;
        let natural = length >= 2 && records[at].parts().1.0[31] < 2;
        if natural || length == RECORDS_MAX {
            parts.push(&records[start..=at]);
            start = at + 1;
        }
    }
    if start < records.len() || parts.is_empty() {
        parts.push(&records[start..]);
    }
    parts
}

impl List {
    /// Writes the object.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut object = LIST.begin();
        object.push(self.level);
        object.extend((self.records.len() as u32).to_le_bytes());
        for record in &self.records {
            let (kind, hash) = record.parts();
            object.push(kind);
            object.extend(hash.0);
        }
        object
    }

    /// Reads the object.
    pub fn from_bytes(object: &[u8]) -> Result<Self, FormatError> {
        let what = LIST.what;
        let mut columns = Columns::new(LIST.strip(object)?, what);
        let level = columns.u8()?;
        let count = columns.u32()? as usize;
        if count > RECORDS_MAX || level > 8 {
            return Err(FormatError::TooLarge(what));
        }
        let mut records = Vec::with_capacity(count);
        for _ in 0..count {
            let kind = columns.u8()?;
            let hash = ObjectHash(columns.fixed()?);
            records.push(match (kind, level) {
                (0, 0) => Record::Pack(hash),
                (1, 0) => Record::Index(hash),
                (2, 1..) => Record::List(hash),
                _ => return Err(FormatError::Malformed(what)),
            });
        }
        let sorted = records.windows(2).all(|pair| pair[0] < pair[1]);
        if columns.is_empty() && sorted { Ok(Self { level, records }) } else { Err(FormatError::Malformed(what)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: u32) -> BTreeSet<Needed> {
        (0..count).map(|n| Needed::Pack(ObjectHash::of(&n.to_le_bytes()))).collect()
    }

    #[test]
    fn a_day_shares_nearly_all_lists_with_the_day_before() {
        let mut set = names(200_000);
        let before: BTreeSet<_> = write_lists(&set).into_iter().map(|(hash, _)| hash).collect();
        for n in 0..3u32 {
            set.insert(Needed::Pack(ObjectHash::of(&[n as u8, 9, 9])));
        }
        let new: Vec<_> = write_lists(&set).into_iter().filter(|(hash, _)| !before.contains(hash)).collect();
        let bytes: usize = new.iter().map(|(_, object)| object.len()).sum();
        assert!(new.len() <= 12 && bytes < 200_000, "{} lists, {bytes} bytes", new.len());
    }

    #[test]
    fn lists_hold_the_set() {
        for count in [1, 2, 1000, 5000] {
            let set = names(count);
            let mut found = BTreeSet::new();
            for (_, object) in write_lists(&set) {
                for record in List::from_bytes(&object).unwrap().records {
                    if let Record::Pack(hash) = record {
                        found.insert(Needed::Pack(hash));
                    }
                }
            }
            assert_eq!(found, set);
        }
    }
}
