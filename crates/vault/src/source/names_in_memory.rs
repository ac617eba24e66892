//! The names of one directory in memory, sorted: one allocation for all bytes, one for all records.

use rustix::fs::FileType;

use super::FileKind;

/// A name as a directory lists it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct ListedName {
    pub(super) name: Vec<u8>,
    pub(super) inode: u64,
    /// The type as `getdents64` spells it; 0 where the file system does not say.
    pub(super) raw_kind: u8,
}

impl ListedName {
    /// What the directory says it is; `None` where the file system does not say.
    pub(super) fn kind(&self) -> Option<FileKind> {
        // `S_IFMT` is the same number, twelve bits up.
        FileKind::from_type(FileType::from_raw_mode(u32::from(self.raw_kind) << 12))
    }
}

/// Names in memory: collected, then sorted, then taken in order.
#[derive(Default, Debug)]
pub(super) struct NamesInMemory {
    bytes: Vec<u8>,
    records: Vec<Record>,
    taken: usize,
}

#[derive(Clone, Copy, Debug)]
struct Record {
    /// The first eight bytes, padded with zeros, in big-endian order: most comparisons end here.
    prefix: u64,
    inode: u64,
    start: u32,
    length: u16,
    raw_kind: u8,
}

impl NamesInMemory {
    /// Adds a name; the caller keeps the total below 4 GiB.
    pub(super) fn push(&mut self, name: &[u8], inode: u64, raw_kind: u8) {
        let start = u32::try_from(self.bytes.len()).expect("the caller spills long before 4 GiB");
        let length = u16::try_from(name.len()).expect("no name on Linux is longer than a path");
        self.bytes.extend_from_slice(name);
        self.records.push(Record { prefix: prefix(name), inode, start, length, raw_kind });
    }

    /// Sorts by bytes. A name that was listed twice, because it was renamed meanwhile, is kept once.
    pub(super) fn sort(&mut self) {
        let bytes = &self.bytes;
        self.records.sort_unstable_by(|left, right| {
            let prefixes = left.prefix.cmp(&right.prefix);
            prefixes.then_with(|| name_of(bytes, left).cmp(name_of(bytes, right)))
        });
        self.records.dedup_by(|left, right| name_of(bytes, left) == name_of(bytes, right));
    }

    /// Takes the next name.
    pub(super) fn take_next(&mut self) -> Option<ListedName> {
        let record = self.records.get(self.taken)?;
        self.taken += 1;
        Some(ListedName { name: name_of(&self.bytes, record).to_vec(), inode: record.inode, raw_kind: record.raw_kind })
    }

    /// Tells whether nothing is left to take.
    pub(super) fn is_exhausted(&self) -> bool {
        self.taken >= self.records.len()
    }

    /// Returns the memory that it holds, in bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        self.bytes.len() + self.records.len() * size_of::<Record>()
    }

    /// Forgets all names and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.records.clear();
        self.taken = 0;
    }

    /// Gives back memory beyond what the names need, where it is worth the copy.
    pub(super) fn shrink(&mut self) {
        if self.bytes.capacity() > SHRINK_BYTES_MIN {
            self.bytes.shrink_to_fit();
            self.records.shrink_to_fit();
        }
    }
}

const SHRINK_BYTES_MIN: usize = 64 << 10;

fn name_of<'a>(bytes: &'a [u8], record: &Record) -> &'a [u8] {
    let start = record.start as usize;
    &bytes[start..start + usize::from(record.length)]
}

fn prefix(name: &[u8]) -> u64 {
    let mut padded = [0; 8];
    let length = name.len().min(8);
    padded[..length].copy_from_slice(&name[..length]);
    u64::from_be_bytes(padded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn names_come_sorted_and_once(names in prop::collection::vec(
            prop::collection::vec(prop::sample::select(vec![1_u8, b'a', b'b', 0xff]), 1..12), 0..50,
        )) {
            let mut sorted = NamesInMemory::default();
            for name in &names {
                sorted.push(name, 7, 8);
            }
            sorted.sort();
            let mut taken = Vec::new();
            while let Some(listed) = sorted.take_next() {
                prop_assert_eq!(listed.kind(), Some(FileKind::File));
                taken.push(listed.name);
            }
            let mut expected = names;
            expected.sort();
            expected.dedup();
            prop_assert_eq!(taken, expected);
        }
    }
}
