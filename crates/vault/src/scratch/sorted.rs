//! Records in order, whatever their number, in bounded memory.
//!
//! Records collect in memory. Those that do not fit go to a scratch file as sorted runs, which are merged in the end into
//! one sequence on the same file. Of that, one key in [`BLOCK_RECORDS`] stays in memory: to find a record takes one read.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::marker::PhantomData;
use std::path::PathBuf;

use rustix::io::Errno;

use super::{Range, Scratch, ScratchError, ScratchFile};

/// A search through fewer records is quick enough.
const RECORDS_FEW: usize = 4096;
const SPREADS: usize = 1 << 16;
/// Records that are read at once.
const BLOCK_RECORDS: usize = 128;
/// What is written at once, in bytes.
const WRITE_BYTES: usize = 64 << 10;
/// What is read of a run at once, in bytes, if there are few runs.
const RUN_BYTES_MAX: usize = 1 << 20;

/// Something to sort. The order goes by the key first.
pub(crate) trait Record: Copy + Ord {
    /// How many bytes [`Record::write`] adds.
    const BYTES: usize;

    /// What records are found by.
    type Key: Copy + Ord;

    /// Returns the key.
    fn key(&self) -> Self::Key;

    /// Returns a number that is never smaller for a greater key, and about evenly spread if finding is to be quick.
    fn spread(key: &Self::Key) -> u16;

    /// Appends the record.
    fn write(&self, to: &mut Vec<u8>);

    /// Reads a record from [`Record::BYTES`] bytes; `None` if no record is written so.
    fn read(bytes: &[u8]) -> Option<Self>;
}

/// Takes records in any order.
pub(crate) struct Sorter<T> {
    scratch: Scratch,
    records: Vec<T>,
    records_max: usize,
    file: ScratchFile,
    runs: Vec<Range>,
}

/// Records in order. A place is a record's rank.
pub(crate) enum Sorted<T: Record> {
    Memory(InMemory<T>),
    Spilled(Spilled<T>),
}

/// A sequence in memory.
pub(crate) struct InMemory<T> {
    records: Vec<T>,
    /// Where the records of each spread begin, and the end of the last one's; empty if there are few.
    starts: Vec<u32>,
}

/// A sequence on a scratch file.
pub(crate) struct Spilled<T: Record> {
    folder: PathBuf,
    file: ScratchFile,
    range: Range,
    count: usize,
    /// The first key of each block.
    fence: Vec<T::Key>,
}

/// Some records one after the other, with their places.
pub(crate) struct Records<'s, T: Record> {
    sorted: &'s Sorted<T>,
    place: usize,
    /// Ends before the first record that has another key.
    only: Option<T::Key>,
    block: Block<T>,
}

impl<T: Record> Sorter<T> {
    /// Begins; nothing is written before memory is used up.
    pub(crate) fn new(scratch: &Scratch) -> Self {
        Self {
            scratch: scratch.clone(),
            records: Vec::new(),
            records_max: (scratch.memory_bytes_max / size_of::<T>()).max(1),
            file: ScratchFile::new(scratch.folder.clone()),
            runs: Vec::new(),
        }
    }

    /// Adds a record.
    pub(crate) fn add(&mut self, record: T) -> Result<(), ScratchError> {
        if self.records.len() >= self.records_max {
            self.spill().map_err(|errno| ScratchError::new(&self.scratch.folder, errno))?;
        }
        self.records.push(record);
        Ok(())
    }

    /// Puts all records in order.
    pub(crate) fn finish(mut self) -> Result<Sorted<T>, ScratchError> {
        if self.runs.is_empty() {
            return Ok(Sorted::Memory(InMemory::sort(self.records)));
        }
        let folder = self.scratch.folder.clone();
        let merged = self.spill().and_then(|()| self.merge());
        merged.map(Sorted::Spilled).map_err(|errno| ScratchError::new(&folder, errno))
    }

    /// Writes what is in memory as a run.
    fn spill(&mut self) -> Result<(), Errno> {
        self.records.sort_unstable();
        let mut output = Output::begin(&mut self.file);
        for record in self.records.drain(..) {
            output.add(&record, &mut self.file)?;
        }
        self.runs.push(output.finish(&mut self.file)?);
        Ok(())
    }

    fn merge(mut self) -> Result<Spilled<T>, Errno> {
        // The runs take the memory that the records had.
        self.records = Vec::new();
        let run_bytes = (self.scratch.memory_bytes_max / self.runs.len()).min(RUN_BYTES_MAX);
        let mut runs: Vec<Run> = self.runs.iter().map(|range| Run::new(*range, run_bytes / T::BYTES)).collect();
        let mut heads = BinaryHeap::with_capacity(runs.len());
        for (number, run) in runs.iter_mut().enumerate() {
            heads.extend(run.take_next::<T>(&self.file)?.map(|head| Reverse((head, number))));
        }
        let mut output = Output::begin(&mut self.file);
        let (mut count, mut fence) = (0, Vec::new());
        while let Some(Reverse((record, number))) = heads.pop() {
            if count % BLOCK_RECORDS == 0 {
                fence.push(record.key());
            }
            count += 1;
            output.add(&record, &mut self.file)?;
            heads.extend(runs[number].take_next::<T>(&self.file)?.map(|head| Reverse((head, number))));
        }
        let range = output.finish(&mut self.file)?;
        self.runs.into_iter().for_each(|run| self.file.release(run));
        Ok(Spilled { folder: self.scratch.folder, file: self.file, range, count, fence })
    }
}

impl<T: Record> InMemory<T> {
    fn sort(mut records: Vec<T>) -> Self {
        records.sort_unstable();
        let mut starts = Vec::new();
        if records.len() >= RECORDS_FEW && u32::try_from(records.len()).is_ok() {
            starts.reserve_exact(SPREADS + 1);
            for (place, record) in records.iter().enumerate() {
                let spread = usize::from(T::spread(&record.key()));
                starts.resize(starts.len().max(spread + 1), place as u32);
            }
            starts.resize(SPREADS + 1, records.len() as u32);
        }
        Self { records, starts }
    }

    /// Returns the place of the first record whose key is not less.
    fn first(&self, key: T::Key) -> usize {
        let spread = usize::from(T::spread(&key));
        let range = match self.starts.get(spread..spread + 2) {
            Some(bounds) => bounds[0] as usize..bounds[1] as usize,
            None => 0..self.records.len(),
        };
        range.start + self.records[range].partition_point(|record| record.key() < key)
    }
}

impl<T: Record> Sorted<T> {
    /// How many records there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Memory(memory) => memory.records.len(),
            Self::Spilled(spilled) => spilled.count,
        }
    }

    /// Returns all records.
    pub(crate) fn all(&self) -> Records<'_, T> {
        Records { sorted: self, place: 0, only: None, block: Block::default() }
    }

    /// Returns the records with a key.
    pub(crate) fn with_key(&self, key: T::Key) -> Result<Records<'_, T>, ScratchError> {
        let (place, block) = match self {
            Self::Memory(memory) => (memory.first(key), Block::default()),
            Self::Spilled(spilled) => spilled.first(key).map_err(|errno| spilled.error(errno))?,
        };
        Ok(Records { sorted: self, place, only: Some(key), block })
    }
}

impl<T: Record> Default for Sorted<T> {
    fn default() -> Self {
        Self::Memory(InMemory { records: Vec::new(), starts: Vec::new() })
    }
}

impl<T: Record> Spilled<T> {
    /// Returns the place of the first record whose key is not below, and the block that was read to know it.
    fn first(&self, key: T::Key) -> Result<(usize, Block<T>), Errno> {
        // Records with the key may begin in the block before the first one that does not begin below it.
        let Some(number) = self.fence.partition_point(|first| *first < key).checked_sub(1) else {
            return Ok((0, Block::default()));
        };
        let block = self.block(number)?;
        Ok((block.start + block.first(key)?, block))
    }

    fn block(&self, number: usize) -> Result<Block<T>, Errno> {
        let start = number * BLOCK_RECORDS;
        let mut bytes = vec![0; BLOCK_RECORDS.min(self.count - start) * T::BYTES];
        self.file.read_exact(self.range.start + (start * T::BYTES) as u64, &mut bytes)?;
        Ok(Block { start, bytes, records: PhantomData })
    }

    fn error(&self, errno: Errno) -> ScratchError {
        ScratchError::new(&self.folder, errno)
    }
}

impl<T: Record> Records<'_, T> {
    fn read(&mut self) -> Result<Option<T>, Errno> {
        let spilled = match self.sorted {
            Sorted::Memory(memory) => return Ok(memory.records.get(self.place).copied()),
            Sorted::Spilled(spilled) => spilled,
        };
        if self.place >= spilled.count {
            return Ok(None);
        }
        if !self.block.holds(self.place) {
            let number = self.place / BLOCK_RECORDS;
            if self.only.is_some_and(|key| spilled.fence[number] != key) {
                return Ok(None);
            }
            self.block = spilled.block(number)?;
        }
        self.block.record(self.place - self.block.start).map(Some)
    }
}

impl<T: Record> Iterator for Records<'_, T> {
    type Item = Result<(usize, T), ScratchError>;

    fn next(&mut self) -> Option<Self::Item> {
        let place = self.place;
        match self.read() {
            Ok(Some(record)) if self.only.is_none_or(|key| record.key() == key) => {
                self.place += 1;
                Some(Ok((place, record)))
            }
            Ok(_) => {
                self.place = self.sorted.len();
                None
            }
            Err(errno) => {
                self.place = self.sorted.len();
                let Sorted::Spilled(spilled) = self.sorted else { return None };
                Some(Err(spilled.error(errno)))
            }
        }
    }
}

/// Some consecutive records, as they are written.
struct Block<T> {
    start: usize,
    bytes: Vec<u8>,
    records: PhantomData<T>,
}

impl<T> Default for Block<T> {
    fn default() -> Self {
        Self { start: 0, bytes: Vec::new(), records: PhantomData }
    }
}

impl<T: Record> Block<T> {
    fn len(&self) -> usize {
        self.bytes.len() / T::BYTES
    }

    fn holds(&self, place: usize) -> bool {
        (self.start..self.start + self.len()).contains(&place)
    }

    fn record(&self, at: usize) -> Result<T, Errno> {
        T::read(&self.bytes[at * T::BYTES..][..T::BYTES]).ok_or(Errno::IO)
    }

    /// Returns the first record whose key is not below; the end if all are.
    fn first(&self, key: T::Key) -> Result<usize, Errno> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.record(middle)?.key() < key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}

/// A run that is being read.
struct Run {
    offset: u64,
    end: u64,
    buffer: Vec<u8>,
    used: usize,
    records_max: usize,
}

impl Run {
    fn new(range: Range, records_max: usize) -> Self {
        Self { offset: range.start, end: range.end, buffer: Vec::new(), used: 0, records_max: records_max.max(1) }
    }

    fn take_next<T: Record>(&mut self, file: &ScratchFile) -> Result<Option<T>, Errno> {
        if self.used == self.buffer.len() {
            let left = (self.end - self.offset) / T::BYTES as u64;
            let records = left.min(self.records_max as u64) as usize;
            self.buffer.resize(records * T::BYTES, 0);
            self.used = 0;
            if records == 0 {
                return Ok(None);
            }
            file.read_exact(self.offset, &mut self.buffer)?;
            self.offset += self.buffer.len() as u64;
        }
        let record = T::read(&self.buffer[self.used..][..T::BYTES]).ok_or(Errno::IO)?;
        self.used += T::BYTES;
        Ok(Some(record))
    }
}

/// A range that is being written.
struct Output {
    range: Range,
    buffer: Vec<u8>,
}

impl Output {
    fn begin(file: &mut ScratchFile) -> Self {
        Self { range: file.begin(), buffer: Vec::with_capacity(WRITE_BYTES) }
    }

    fn add<T: Record>(&mut self, record: &T, file: &mut ScratchFile) -> Result<(), Errno> {
        if self.buffer.len() + T::BYTES > WRITE_BYTES {
            file.append(&mut self.range, &self.buffer)?;
            self.buffer.clear();
        }
        record.write(&mut self.buffer);
        Ok(())
    }

    fn finish(mut self, file: &mut ScratchFile) -> Result<Range, Errno> {
        file.append(&mut self.range, &self.buffer)?;
        Ok(self.range)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Pair = (u16, u32);

    impl Record for Pair {
        const BYTES: usize = 6;

        type Key = u16;

        fn key(&self) -> u16 {
            self.0
        }

        fn spread(key: &u16) -> u16 {
            key >> 3
        }

        fn write(&self, to: &mut Vec<u8>) {
            to.extend(self.0.to_le_bytes());
            to.extend(self.1.to_le_bytes());
        }

        fn read(bytes: &[u8]) -> Option<Self> {
            // Zeros are what a file system gives that has lost a page.
            let (key, value) = bytes.split_at_checked(2)?;
            let pair = (u16::from_le_bytes(key.try_into().ok()?), u32::from_le_bytes(value.try_into().ok()?));
            (pair != (0, 0)).then_some(pair)
        }
    }

    fn sorted(folder: &std::path::Path, pairs: &[Pair], memory_bytes_max: usize) -> Sorted<Pair> {
        let mut sorter = Sorter::new(&Scratch { folder: folder.to_owned(), memory_bytes_max });
        pairs.iter().for_each(|pair| sorter.add(*pair).unwrap());
        sorter.finish().unwrap()
    }

    fn spilled(folder: &std::path::Path) -> Spilled<Pair> {
        let pairs: Vec<Pair> = (1..=1000).map(|n| (n, 7)).collect();
        let Sorted::Spilled(spilled) = sorted(folder, &pairs, 200) else { panic!("that fits in no 200 bytes") };
        spilled
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn records_come_in_order_and_are_found_whatever_fits(
            mut pairs in prop::collection::vec((0..40_u16, 1..1000_u32), 0..1500),
            memory_bytes_max in prop_oneof![0..40_usize, 40..3000_usize, Just(1 << 20)],
        ) {
            let folder = tempfile::tempdir().unwrap();
            let found = sorted(folder.path(), &pairs, memory_bytes_max);
            pairs.sort_unstable();
            prop_assert_eq!(found.len(), pairs.len());
            let all: Vec<_> = found.all().map(Result::unwrap).collect();
            prop_assert_eq!(&all, &pairs.iter().copied().enumerate().collect::<Vec<_>>());
            for key in 0..41 {
                let with_key: Vec<_> = found.with_key(key).unwrap().map(Result::unwrap).collect();
                prop_assert_eq!(with_key, all.iter().filter(|(_, pair)| pair.0 == key).copied().collect::<Vec<_>>());
            }
            prop_assert_eq!(folder.path().read_dir().unwrap().count(), 0, "the file has no name");
        }
    }

    #[test]
    fn among_many_records_each_is_found_and_no_other() {
        // Gaps of all widths, copies, and both ends.
        let keys = (0..RECORDS_FEW as u32).map(|n| (n * n % 65_536) as u16 & !3).chain([0, 0, 65_535, 65_535]);
        let mut pairs: Vec<Pair> = keys.enumerate().map(|(n, key)| (key, n as u32 + 1)).collect();
        let found = sorted("/nowhere".as_ref(), &pairs, 1 << 20);
        assert!(matches!(&found, Sorted::Memory(memory) if memory.starts.len() == SPREADS + 1));
        pairs.sort_unstable();
        let mut left = &pairs[..];
        for key in 0..=u16::MAX {
            let with_key: Vec<_> = found.with_key(key).unwrap().map(|record| record.unwrap().1).collect();
            let (same, rest) = left.split_at(left.partition_point(|pair| pair.0 == key));
            assert_eq!(with_key, same, "{key}");
            left = rest;
        }
        assert!(left.is_empty());
    }

    #[test]
    fn a_file_is_made_when_memory_is_used_up_and_no_sooner() {
        let nowhere = Scratch { folder: "/nowhere/at/all".into(), memory_bytes_max: 10 * size_of::<Pair>() };
        let mut sorter = Sorter::new(&nowhere);
        (0..10).for_each(|n| sorter.add((n, 1)).unwrap());
        let error = sorter.add((10, 1)).unwrap_err();
        assert_eq!((error.folder, error.source.kind()), (nowhere.folder.clone(), std::io::ErrorKind::NotFound));
        let mut sorter = Sorter::new(&nowhere);
        (0..10).for_each(|n| sorter.add((n, 1)).unwrap());
        assert_eq!(sorter.finish().unwrap().len(), 10);
    }

    #[test]
    fn a_file_that_is_cut_or_emptied_is_an_error_and_the_end() {
        let folder = tempfile::tempdir().unwrap();
        for cut in [true, false] {
            let mut spilled = spilled(folder.path());
            if cut {
                spilled.range.start += 100_000;
            } else {
                let zeros = vec![0; spilled.count * Pair::BYTES];
                let mut range = spilled.file.begin();
                spilled.file.append(&mut range, &zeros).unwrap();
                spilled.range = range;
            }
            let broken = Sorted::Spilled(spilled);
            let mut all = broken.all();
            assert_eq!(all.next().unwrap().unwrap_err().folder, folder.path());
            assert!(all.next().is_none());
            assert!(broken.with_key(500).is_err());
        }
    }

    #[test]
    fn the_space_of_runs_is_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let pairs: Vec<Pair> = (0..200_000).map(|n| (n as u16, n + 1)).collect();
        let Sorted::Spilled(spilled) = sorted(folder.path(), &pairs, 1 << 17) else { panic!("it fits in no 128 KiB") };
        let taken_bytes = spilled.file.stored_bytes().unwrap();
        assert!((1_200_000..1_400_000).contains(&taken_bytes), "{taken_bytes}");
    }
}
