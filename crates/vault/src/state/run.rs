//! A run: ids and pack numbers, sorted by id, in one file.
//!
//! Content: records of 36 bytes, id (32) and pack number (u32). In memory a large run is a filter and every 128th id; a small one
//! is all its records. A find in a large run is the filter, a search among the kept ids, and one read of 4.5 KiB.

use std::fs::File;
use std::os::unix::fs::FileExt;

use crate::id::BlobId;
use crate::state::file::{CheckedReader, CheckedWriter, Head, Unread, unreadable};
use crate::state::filter::Filter;
use crate::state::folder::StateFolder;
use crate::state::{LostReason, PackNumber, StateError};

/// An id and the pack that holds it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Record {
    pub id: [u8; 32],
    pub pack: PackNumber,
}

/// What the list of runs says of one: enough to tell it from any other file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct RunName {
    pub number: u32,
    pub digest: [u8; 32],
}

/// A sorted run on disk.
#[derive(Debug)]
pub(super) struct Run {
    name: RunName,
    records: u64,
    filter: Filter,
    body: Body,
}

/// Gives the records of a run, in order.
#[derive(Debug)]
pub(super) struct RunCursor<'a> {
    run: &'a Run,
    next: u64,
    buffer: Vec<u8>,
    buffer_start: u64,
}

impl Run {
    /// Writes records, sorted by id and without repetition, durably.
    pub fn write(
        folder: &StateFolder,
        number: u32,
        records_max: u64,
        memory_records_max: u64,
        mut next: impl FnMut() -> Result<Option<Record>, StateError>,
    ) -> Result<Self, StateError> {
        let mut writer = CheckedWriter::create(folder, &file_name(number), HEAD)?;
        let mut shape = Shape::new(records_max, memory_records_max);
        while let Some(record) = next()? {
            writer.write(&record.encode())?;
            shape.push(&record);
        }
        let (draft, digest) = writer.close()?;
        let file = draft.replace()?;
        Ok(shape.run(RunName { number, digest }, file))
    }

    /// Reads a run whole, to check it and to know its shape.
    pub fn open(folder: &StateFolder, name: RunName, memory_records_max: u64) -> Result<Self, Unread> {
        let mut reader = CheckedReader::open(folder, &file_name(name.number), HEAD)?;
        let records = reader.content_bytes_left() / RECORD_BYTES as u64;
        let mut shape = Shape::new(records, memory_records_max);
        let mut buffer = vec![0; RECORDS_READ * RECORD_BYTES];
        let mut records_left = records;
        while records_left > 0 {
            let count = records_left.min(RECORDS_READ as u64);
            let bytes = &mut buffer[..count as usize * RECORD_BYTES];
            reader.read(bytes)?;
            for bytes in bytes.chunks_exact(RECORD_BYTES) {
                shape.push(&Record::decode(bytes).ok_or(LostReason::Damaged)?);
            }
            records_left -= count;
        }
        let (file, digest) = reader.finish()?;
        if digest != name.digest {
            return Err(LostReason::Damaged.into());
        }
        Ok(shape.run(name, file))
    }

    /// Returns its name in the list of runs.
    pub fn name(&self) -> RunName {
        self.name
    }

    /// Returns its number of records.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Looks for an id.
    pub fn find(&self, id: &BlobId) -> Result<Option<PackNumber>, LostReason> {
        if !self.filter.may_hold(&id.0) {
            return Ok(None);
        }
        match &self.body {
            Body::Memory(records) => {
                let place = records.binary_search_by(|record| record.id.cmp(&id.0));
                Ok(place.ok().map(|place| records[place].pack))
            }
            Body::Disk { file, fence } => {
                let after = fence.partition_point(|first| *first <= id.0);
                let Some(block) = after.checked_sub(1) else {
                    return Ok(None);
                };
                let first = (block * FENCE_RECORDS) as u64;
                let count = (self.records - first).min(FENCE_RECORDS as u64) as usize;
                let mut buffer = [0; FENCE_RECORDS * RECORD_BYTES];
                let bytes = &mut buffer[..count * RECORD_BYTES];
                file.read_exact_at(bytes, offset(first)).map_err(unreadable)?;
                Ok(find_in(bytes, &id.0))
            }
        }
    }

    /// Begins to read all records.
    pub fn cursor(&self) -> RunCursor<'_> {
        RunCursor { run: self, next: 0, buffer: Vec::new(), buffer_start: 0 }
    }
}

impl RunCursor<'_> {
    /// Returns the next record, or `None` after the last.
    pub fn next(&mut self) -> Result<Option<Record>, LostReason> {
        if self.next == self.run.records {
            return Ok(None);
        }
        let place = self.next;
        self.next += 1;
        let file = match &self.run.body {
            Body::Memory(records) => return Ok(records.get(place as usize).copied()),
            Body::Disk { file, .. } => file,
        };
        let mut start = (place - self.buffer_start) as usize * RECORD_BYTES;
        if start >= self.buffer.len() {
            let count = (self.run.records - place).min(RECORDS_READ as u64);
            self.buffer.resize(count as usize * RECORD_BYTES, 0);
            file.read_exact_at(&mut self.buffer, offset(place)).map_err(unreadable)?;
            (self.buffer_start, start) = (place, 0);
        }
        let bytes = &self.buffer[start..start + RECORD_BYTES];
        Record::decode(bytes).map(Some).ok_or(LostReason::Damaged)
    }
}

impl Record {
    fn encode(&self) -> [u8; RECORD_BYTES] {
        let mut bytes = [0; RECORD_BYTES];
        bytes[..32].copy_from_slice(&self.id);
        bytes[32..].copy_from_slice(&self.pack.0.to_le_bytes());
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (id, pack) = bytes.split_first_chunk::<32>()?;
        let pack = PackNumber(u32::from_le_bytes(pack.try_into().ok()?));
        Some(Self { id: *id, pack })
    }
}

/// Returns the name of the file of a run.
pub(super) fn file_name(number: u32) -> String {
    format!("{NAME_START}{number:010}")
}

/// Reads the number of a run from the name of its file.
pub(super) fn number_of(name: &str) -> Option<u32> {
    name.strip_prefix(NAME_START)?.parse().ok()
}

const NAME_START: &str = "run-";
const HEAD: Head = Head { magic: *b"BFSR", version: 0 };
const RECORD_BYTES: usize = 36;
const FENCE_RECORDS: usize = 128;
const RECORDS_READ: usize = 4096;

#[derive(Debug)]
enum Body {
    Memory(Vec<Record>),
    Disk { file: File, fence: Vec<[u8; 32]> },
}

/// What is learned of a run while its records pass.
struct Shape {
    filter: Filter,
    records: u64,
    memory: Option<Vec<Record>>,
    fence: Vec<[u8; 32]>,
}

impl Shape {
    fn new(records_max: u64, memory_records_max: u64) -> Self {
        Self {
            filter: Filter::new(records_max),
            records: 0,
            memory: (records_max <= memory_records_max).then(Vec::new),
            fence: Vec::new(),
        }
    }

    fn push(&mut self, record: &Record) {
        self.filter.insert(&record.id);
        match &mut self.memory {
            Some(records) => records.push(*record),
            None if self.records.is_multiple_of(FENCE_RECORDS as u64) => {
                self.fence.push(record.id);
            }
            None => {}
        }
        self.records += 1;
    }

    fn run(self, name: RunName, file: File) -> Run {
        let fence = self.fence;
        Run {
            name,
            records: self.records,
            filter: self.filter,
            body: self.memory.map_or_else(|| Body::Disk { file, fence }, Body::Memory),
        }
    }
}

fn offset(record: u64) -> u64 {
    Head::BYTES as u64 + record * RECORD_BYTES as u64
}

fn find_in(bytes: &[u8], id: &[u8; 32]) -> Option<PackNumber> {
    let (mut low, mut high) = (0, bytes.len() / RECORD_BYTES);
    while low < high {
        let middle = low.midpoint(high);
        let record = &bytes[middle * RECORD_BYTES..(middle + 1) * RECORD_BYTES];
        match record[..32].cmp(id) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Record::decode(record).map(|found| found.pack),
        }
    }
    None
}
