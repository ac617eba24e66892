//! The table of packs: a small number for each pack that the strand ever had.
//!
//! A number means one pack for ever. A pack begins open, is finished when its bytes are put, durable when the store has
//! committed, and gone when the store no longer has it. A pack that was not known to be durable when the table is opened
//! is gone too; if the store has it after all, [`PackTable::retain_present`] names it as one to adopt, under a new number.
//!
//! A worn pack is live, but what is in it counts as absent, so that it is sent again and the pack can die one day
//! ([`UseTable`](super::UseTable)).
//!
//! "Unread" marks durable packs whose blobs [`KnownBlobs`](super::KnownBlobs) does not know, or may not all know.

use std::collections::HashMap;
use std::sync::{Mutex, RwLock};

use crate::id::ObjectHash;
use crate::state::file::{CheckedReader, CheckedWriter, Head, Unread};
use crate::state::folder::StateFolder;
use crate::state::{LostReason, Opening, StateError, changing, locked, reading};
use crate::world::{Entropy, random};

/// The number of a pack in its table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PackNumber(pub u32);

/// The identity of a table of packs: random. A file that holds numbers of another table is stale.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Series(pub [u8; 16]);

/// How far a pack has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PackStatus {
    /// It is being written, or put and not yet committed.
    Open,
    /// The store has it, for good.
    Durable,
    /// The store does not have it, or never had it.
    Gone,
}

/// How much is in a pack.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct PackSize {
    /// Number of blobs.
    pub blobs: u32,
    /// Length of the pack in bytes.
    pub bytes: u64,
    /// Length of all its blobs before they were compressed, in bytes.
    pub plain_bytes: u64,
}

/// How much of something lies in one pack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Share {
    /// The pack.
    pub pack: PackNumber,
    /// Length before it was compressed, in bytes.
    pub bytes: u64,
}

/// What the table says of a pack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PackRecord {
    /// The hash of its bytes; `None` until it is finished.
    pub hash: Option<ObjectHash>,
    /// Pack kind (`docs/format.md` §4).
    pub kind: u8,
    /// How much is in it.
    pub size: PackSize,
    /// How far it has come.
    pub status: PackStatus,
    /// The index object that covers it.
    pub index: Option<ObjectHash>,
}

/// Every pack that the strand ever had. All methods may be called from many threads.
#[derive(Debug)]
pub struct PackTable {
    folder: StateFolder,
    series: Series,
    table: RwLock<Table>,
    /// The number of changes that are on disk; held while saving.
    saved_changes: Mutex<u64>,
}

impl PackTable {
    /// Opens the table of a vault's folder; a table that is lost begins a new series.
    pub fn open(folder: &StateFolder, entropy: &dyn Entropy) -> Result<(Self, Opening), StateError> {
        let (series, table, opening) = match read(folder) {
            Ok((series, table)) => (series, table, Opening::Loaded),
            Err(Unread::Refused(error)) => return Err(error),
            Err(Unread::Lost(reason)) => {
                let series = Series(random(entropy));
                (series, Table::default(), Opening::Lost { reason })
            }
        };
        let packs = Self { folder: folder.clone(), series, table: RwLock::new(table), saved_changes: Mutex::new(0) };
        Ok((packs, opening))
    }

    /// Returns the table's identity.
    pub fn series(&self) -> Series {
        self.series
    }

    /// Gives a new number to a pack that begins.
    pub fn allot(&self, kind: u8) -> Result<PackNumber, StateError> {
        let mut table = changing(&self.table);
        self.push(&mut table, Row { kind, ..Row::OPEN })
    }

    /// Says that a pack is put: all its blobs were placed before. Unknown or gone numbers are left alone.
    pub fn finish(&self, number: PackNumber, hash: ObjectHash, size: PackSize) {
        let mut table = changing(&self.table);
        if let Some(row) = table.row(number).filter(|row| row.status == OPEN) {
            (row.hash, row.size) = (hash, size);
            table.by_hash.insert(hash, number);
        }
    }

    /// Returns the packs that are finished and not known to be durable: take them before the store commits, and
    /// pass them to [`PackTable::mark_durable`] after.
    pub fn finished(&self) -> Vec<PackNumber> {
        reading(&self.table).numbers(|row| row.status == OPEN && row.hash != NO_HASH)
    }

    /// Says that finished packs are durable.
    pub fn mark_durable(&self, numbers: &[PackNumber]) {
        let mut table = changing(&self.table);
        for number in numbers {
            if let Some(row) = table.row(*number)
                && row.status == OPEN
                && row.hash != NO_HASH
            {
                row.status = DURABLE;
            }
        }
    }

    /// Says that a pack was never put, or that the store no longer has it: what is known to be in it is not any more.
    pub fn mark_gone(&self, number: PackNumber) {
        changing(&self.table).bury(number);
    }

    /// Gives a number to a durable pack of the store, or returns the one that it has.
    ///
    /// It stays unread until [`KnownBlobs::insert_pack`](super::KnownBlobs::insert_pack) has its ids.
    pub fn adopt(&self, kind: u8, hash: ObjectHash, size: PackSize) -> Result<PackNumber, StateError> {
        let mut table = changing(&self.table);
        if let Some(number) = table.by_hash.get(&hash) {
            return Ok(*number);
        }
        let row = Row { hash, kind, size, status: DURABLE, unread: true, ..Row::OPEN };
        self.push(&mut table, row)
    }

    /// Returns the number of a live pack.
    pub fn find_by_hash(&self, hash: &ObjectHash) -> Option<PackNumber> {
        reading(&self.table).by_hash.get(hash).copied()
    }

    /// Returns what the table says of a number that it gave.
    pub fn record(&self, number: PackNumber) -> Option<PackRecord> {
        let table = reading(&self.table);
        let row = table.rows.get(number.0 as usize)?;
        Some(PackRecord {
            hash: (row.hash != NO_HASH).then_some(row.hash),
            kind: row.kind,
            size: row.size,
            status: match row.status {
                OPEN => PackStatus::Open,
                DURABLE => PackStatus::Durable,
                _ => PackStatus::Gone,
            },
            index: table.indexes.get(row.index as usize).copied(),
        })
    }

    /// Tells whether a pack is there or on its way.
    pub fn is_live(&self, number: PackNumber) -> bool {
        reading(&self.table).is_live(number)
    }

    /// Tells whether what is in a pack needs no upload: the pack is live, and not worn.
    pub fn is_reusable(&self, number: PackNumber) -> bool {
        reading(&self.table).is_reusable(number)
    }

    /// Tells whether nothing that lies in some packs needs an upload.
    pub fn all_reusable(&self, shares: &[Share]) -> bool {
        let table = reading(&self.table);
        shares.iter().all(|share| table.is_reusable(share.pack))
    }

    /// Says that packs are worn: until the table is opened again, what is in them counts as absent.
    pub fn wear(&self, numbers: &[PackNumber]) {
        let mut table = changing(&self.table);
        for number in numbers {
            if let Some(row) = table.rows.get_mut(number.0 as usize) {
                row.worn = true;
            }
        }
    }

    /// Returns all durable packs, in ascending order.
    pub fn durable(&self) -> Vec<PackNumber> {
        reading(&self.table).numbers(|row| row.status == DURABLE)
    }

    /// Compares the table with the packs that the store lists.
    ///
    /// Durable packs that are not listed are gone from now on. Returns the listed ones whose blobs are not known: read their
    /// directories, then [`PackTable::adopt`] them. Packs of this session that are still open are left alone.
    pub fn retain_present(&self, listed: impl IntoIterator<Item = ObjectHash>) -> Vec<ObjectHash> {
        let mut table = changing(&self.table);
        let mut present = vec![false; table.rows.len()];
        let mut unread = Vec::new();
        for hash in listed {
            match table.by_hash.get(&hash).map(|number| number.0 as usize) {
                Some(place) => {
                    let first = !std::mem::replace(&mut present[place], true);
                    if first && table.rows[place].unread {
                        unread.push(hash);
                    }
                }
                None => unread.push(hash),
            }
        }
        let vanished = table.numbers(|row| row.status == DURABLE);
        for number in vanished {
            if !present[number.0 as usize] {
                table.bury(number);
            }
        }
        unread
    }

    /// Says that an index object covers packs.
    pub fn cover(&self, index: ObjectHash, numbers: &[PackNumber]) {
        let mut table = changing(&self.table);
        let place = table.index_place(index);
        for number in numbers {
            if let Some(row) = table.row(*number) {
                row.index = place;
            }
        }
    }

    /// Compares the table with the index objects that the store lists: packs of one that vanished are covered by none.
    ///
    /// Returns the listed ones that the table does not know.
    pub fn retain_indexes_present(&self, listed: impl IntoIterator<Item = ObjectHash>) -> Vec<ObjectHash> {
        let mut table = changing(&self.table);
        let places: HashMap<ObjectHash, usize> =
            (table.indexes.iter().copied()).enumerate().map(|(place, hash)| (hash, place)).collect();
        let mut present = vec![false; table.indexes.len()];
        let mut unknown = Vec::new();
        for hash in listed {
            match places.get(&hash) {
                Some(place) => present[*place] = true,
                None => unknown.push(hash),
            }
        }
        table.keep_indexes(&present);
        unknown
    }

    /// Writes the table, unless what is on disk is the same.
    pub fn save(&self) -> Result<(), StateError> {
        let mut saved_changes = locked(&self.saved_changes);
        let (writer, changes) = {
            // Written to the page cache under the lock, flushed without it: the others hardly wait.
            let table = reading(&self.table);
            if *saved_changes == table.changes {
                return Ok(());
            }
            (self.write(&table)?, table.changes)
        };
        writer.close()?.0.replace()?;
        *saved_changes = changes;
        Ok(())
    }

    /// Returns how many numbers were given, and the packs among them whose blobs may not all be known.
    pub(super) fn reading_left(&self) -> (u32, Vec<PackNumber>) {
        let table = reading(&self.table);
        let left = table.numbers(|row| row.status != GONE && (row.unread || row.hash == NO_HASH));
        (table.rows.len() as u32, left)
    }

    /// Marks as unread all packs from a number on, and some before.
    pub(super) fn mark_unread(&self, from: PackNumber, and: &[PackNumber]) {
        let mut table = changing(&self.table);
        let start = (from.0 as usize).min(table.rows.len());
        table.rows[start..].iter_mut().for_each(|r| r.unread = true);
        for number in and {
            if let Some(row) = table.row(*number) {
                row.unread = true;
            }
        }
    }

    /// Says that all blobs of a pack are known.
    pub(super) fn mark_read(&self, number: PackNumber) {
        if let Some(row) = changing(&self.table).row(number) {
            row.unread = false;
        }
    }

    fn push(&self, table: &mut Table, row: Row) -> Result<PackNumber, StateError> {
        // The last number is none: lengths of tables are numbers too.
        let number = u32::try_from(table.rows.len()).unwrap_or(u32::MAX);
        if number == u32::MAX {
            let path = self.folder.path().join(NAME);
            return Err(StateError::NumbersUsed { path });
        }
        table.changes += 1;
        table.rows.push(row);
        if row.hash != NO_HASH {
            table.by_hash.insert(row.hash, PackNumber(number));
        }
        Ok(PackNumber(number))
    }

    fn write(&self, table: &Table) -> Result<CheckedWriter, StateError> {
        let mut writer = CheckedWriter::create(&self.folder, NAME, HEAD)?;
        writer.write(&self.series.0)?;
        writer.write(&(table.indexes.len() as u32).to_le_bytes())?;
        for hash in &table.indexes {
            writer.write(&hash.0)?;
        }
        writer.write(&(table.rows.len() as u32).to_le_bytes())?;
        for row in &table.rows {
            writer.write(&row.encode())?;
        }
        Ok(writer)
    }
}

const NAME: &str = "packs";
const HEAD: Head = Head { magic: *b"BFSP", version: 1 };
const ROW_BYTES: usize = 58;
const ROWS_READ: usize = 4096;
const NO_HASH: ObjectHash = ObjectHash([0; 32]);
const NO_INDEX: u32 = u32::MAX;
const OPEN: u8 = 0;
const DURABLE: u8 = 1;
const GONE: u8 = 2;

#[derive(Default, Debug)]
struct Table {
    rows: Vec<Row>,
    /// Live packs that are finished.
    by_hash: HashMap<ObjectHash, PackNumber>,
    indexes: Vec<ObjectHash>,
    /// Counts changes, to know whether there is something to save.
    changes: u64,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    hash: ObjectHash,
    size: PackSize,
    index: u32,
    kind: u8,
    status: u8,
    unread: bool,
    /// What is in it is sent again while the source has it; not kept on disk.
    worn: bool,
}

impl Table {
    fn is_live(&self, number: PackNumber) -> bool {
        self.rows.get(number.0 as usize).is_some_and(|row| row.status != GONE)
    }

    fn is_reusable(&self, number: PackNumber) -> bool {
        self.rows.get(number.0 as usize).is_some_and(|row| row.status != GONE && !row.worn)
    }

    fn numbers(&self, wanted: impl Fn(&Row) -> bool) -> Vec<PackNumber> {
        (0u32..).zip(&self.rows).filter(|(_, row)| wanted(row)).map(|(number, _)| PackNumber(number)).collect()
    }

    /// Returns a row that the caller is about to change.
    fn row(&mut self, number: PackNumber) -> Option<&mut Row> {
        self.changes += 1;
        self.rows.get_mut(number.0 as usize)
    }

    fn bury(&mut self, number: PackNumber) {
        let Some(row) = self.row(number) else { return };
        row.status = GONE;
        row.index = NO_INDEX;
        let hash = row.hash;
        if self.by_hash.get(&hash) == Some(&number) {
            self.by_hash.remove(&hash);
        }
    }

    fn index_place(&mut self, index: ObjectHash) -> u32 {
        let place = self.indexes.iter().position(|hash| *hash == index);
        place.unwrap_or_else(|| {
            self.indexes.push(index);
            self.indexes.len() - 1
        }) as u32
    }

    fn keep_indexes(&mut self, present: &[bool]) {
        let mut places = Vec::with_capacity(present.len());
        let mut kept = 0;
        for keep in present {
            places.push(if *keep { kept } else { NO_INDEX });
            kept += u32::from(*keep);
        }
        let mut keep = present.iter();
        self.indexes.retain(|_| keep.next() == Some(&true));
        for row in &mut self.rows {
            row.index = *places.get(row.index as usize).unwrap_or(&NO_INDEX);
        }
        self.changes += 1;
    }

    /// Takes a row that was read. Whatever was not durable is gone: nobody will finish it.
    fn restore(&mut self, mut row: Row) {
        if row.status != DURABLE {
            row.status = GONE;
        } else {
            let number = PackNumber(self.rows.len() as u32);
            self.by_hash.insert(row.hash, number);
        }
        self.rows.push(row);
    }
}

impl Row {
    const OPEN: Self = Self {
        hash: NO_HASH,
        size: PackSize { blobs: 0, bytes: 0, plain_bytes: 0 },
        index: NO_INDEX,
        kind: 0,
        status: OPEN,
        unread: false,
        worn: false,
    };

    fn encode(&self) -> [u8; ROW_BYTES] {
        let mut bytes = [0; ROW_BYTES];
        bytes[..32].copy_from_slice(&self.hash.0);
        bytes[32..40].copy_from_slice(&self.size.bytes.to_le_bytes());
        bytes[40..48].copy_from_slice(&self.size.plain_bytes.to_le_bytes());
        bytes[48..52].copy_from_slice(&self.size.blobs.to_le_bytes());
        bytes[52..56].copy_from_slice(&self.index.to_le_bytes());
        bytes[56] = self.kind;
        bytes[57] = self.status;
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (hash, rest) = bytes.split_first_chunk::<32>()?;
        let (length, rest) = rest.split_first_chunk::<8>()?;
        let (plain, rest) = rest.split_first_chunk::<8>()?;
        let (blobs, rest) = rest.split_first_chunk::<4>()?;
        let (index, rest) = rest.split_first_chunk::<4>()?;
        let [kind, status] = *rest else { return None };
        let hash = ObjectHash(*hash);
        // A durable pack has a hash: it was finished.
        (status <= GONE && (status != DURABLE || hash != NO_HASH)).then_some(Self {
            hash,
            size: PackSize {
                blobs: u32::from_le_bytes(*blobs),
                bytes: u64::from_le_bytes(*length),
                plain_bytes: u64::from_le_bytes(*plain),
            },
            index: u32::from_le_bytes(*index),
            kind,
            status,
            unread: false,
            worn: false,
        })
    }
}

fn read(folder: &StateFolder) -> Result<(Series, Table), Unread> {
    let mut reader = CheckedReader::open(folder, NAME, HEAD)?;
    let series = Series(reader.array()?);
    let mut table = Table::default();
    for _ in 0..reader.u32()? {
        table.indexes.push(ObjectHash(reader.array()?));
    }
    let mut rows_left = reader.u32()? as usize;
    let mut buffer = vec![0; ROWS_READ * ROW_BYTES];
    while rows_left > 0 {
        let rows = rows_left.min(ROWS_READ);
        let bytes = &mut buffer[..rows * ROW_BYTES];
        reader.read(bytes)?;
        for row in bytes.chunks_exact(ROW_BYTES) {
            table.restore(Row::decode(row).ok_or(LostReason::Damaged)?);
        }
        rows_left -= rows;
    }
    reader.finish()?;
    Ok((series, table))
}

#[cfg(test)]
mod tests;
