//! How much of each pack the sources of the strand still use.
//!
//! A pack lives as long as one snapshot needs one blob in it. So what is dead in it stays in the vault for as long as what
//! is alive beside it: the agent must notice, and send the living again. It knows what the newest snapshot of each
//! source uses, since it walked that source; it cannot read what it once sent.
//!
//! ```text
//! uses    series (16) ‖ u32 n, n × [tag (16) ‖ u32 m, m × (u32 pack ‖ u64 bytes)]
//!         ‖ u32 n, n × (u32 pack ‖ u8 how it is worn ‖ i64 time since when, ns)
//! ```
//!
//! Bytes are counted before compression. Content that several files share is counted for each: the table may say that more
//! of a pack is in use than is, never that less is. If the file is lost, every pack that the newest
//! manifest of a source names counts as used whole, until that source is saved again.

use std::collections::{BTreeMap, HashMap};

use crate::id::SourceTag;
use crate::state::file::{CheckedReader, CheckedWriter, Head, Unread};
use crate::state::folder::StateFolder;
use crate::state::{LostReason, Opening, PackNumber, Series, Share, StateError};
use crate::world::Timestamp;

/// How much of each pack is in use, by source.
#[derive(Debug)]
pub struct UseTable {
    series: Series,
    sources: BTreeMap<SourceTag, BTreeMap<PackNumber, u64>>,
    worn: BTreeMap<PackNumber, (Wear, Timestamp)>,
}

/// How a pack is worn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wear {
    /// Most of what is in it is not used any more.
    Sparse = 0,
    /// It is small.
    Small = 1,
}

impl UseTable {
    /// Opens the table of a strand's folder. One that is lost, or whose packs another table numbered, is empty.
    pub fn open(folder: &StateFolder, series: Series) -> Result<(Self, Opening), StateError> {
        match read(folder, series) {
            Ok(uses) => Ok((uses, Opening::Loaded)),
            Err(Unread::Refused(error)) => Err(error),
            Err(Unread::Lost(reason)) => {
                let uses = Self { series, sources: BTreeMap::new(), worn: BTreeMap::new() };
                Ok((uses, Opening::Lost { reason }))
            }
        }
    }

    /// Says what a source uses now, in place of all before. Of what it used earlier, packs that are `kept` stay in the
    /// table with nothing used: so they are not taken for packs that nobody has judged yet.
    pub fn set_source(
        &mut self,
        tag: SourceTag,
        shares: impl IntoIterator<Item = Share>,
        kept: impl Fn(PackNumber) -> bool,
    ) {
        let uses = self.sources.entry(tag).or_default();
        uses.retain(|pack, _| kept(*pack));
        uses.values_mut().for_each(|bytes| *bytes = 0);
        for share in shares {
            *uses.entry(share.pack).or_default() += share.bytes;
        }
    }

    /// Returns how many bytes of each pack all sources use; packs that none ever used are not in it.
    pub fn totals(&self) -> HashMap<PackNumber, u64> {
        let mut totals = HashMap::new();
        for (pack, bytes) in self.sources.values().flatten() {
            *totals.entry(*pack).or_default() += *bytes;
        }
        totals
    }

    /// Says which packs are worn now, and how. Those that were so before keep the time since when; a time to come is no
    /// time.
    pub fn set_worn(&mut self, worn: impl IntoIterator<Item = (PackNumber, Wear)>, now: Timestamp) {
        let before = std::mem::take(&mut self.worn);
        let since = |pack, wear| match before.get(&pack) {
            Some((then, since)) if *then == wear => (*since).min(now),
            _ => now,
        };
        self.worn = worn.into_iter().map(|(pack, wear)| (pack, (wear, since(pack, wear)))).collect();
    }

    /// Returns the packs that have been worn since a time or longer, in ascending order.
    pub fn worn_since(&self, time: Timestamp) -> impl Iterator<Item = PackNumber> {
        self.worn.iter().filter(move |(_, (_, since))| *since <= time).map(|(pack, _)| *pack)
    }

    /// Writes the table, durably. The table of packs must be saved before.
    pub fn save(&self, folder: &StateFolder) -> Result<(), StateError> {
        let mut writer = CheckedWriter::create(folder, NAME, HEAD)?;
        writer.write(&self.series.0)?;
        writer.write(&(self.sources.len() as u32).to_le_bytes())?;
        for (tag, uses) in &self.sources {
            writer.write(&tag.0)?;
            writer.write(&(uses.len() as u32).to_le_bytes())?;
            for (pack, bytes) in uses {
                writer.write(&pack.0.to_le_bytes())?;
                writer.write(&bytes.to_le_bytes())?;
            }
        }
        writer.write(&(self.worn.len() as u32).to_le_bytes())?;
        for (pack, (wear, since)) in &self.worn {
            writer.write(&pack.0.to_le_bytes())?;
            writer.write(&[*wear as u8])?;
            writer.write(&since.0.to_le_bytes())?;
        }
        writer.close()?.0.replace()?;
        Ok(())
    }
}

const NAME: &str = "uses";
const HEAD: Head = Head { magic: *b"BFSU", version: 0 };

fn read(folder: &StateFolder, series: Series) -> Result<UseTable, Unread> {
    let mut reader = CheckedReader::open(folder, NAME, HEAD)?;
    if reader.array()? != series.0 {
        return Err(LostReason::Stale.into());
    }
    let mut uses = UseTable { series, sources: BTreeMap::new(), worn: BTreeMap::new() };
    for _ in 0..reader.u32()? {
        let source = uses.sources.entry(SourceTag(reader.array()?)).or_default();
        for _ in 0..reader.u32()? {
            source.insert(PackNumber(reader.u32()?), u64::from_le_bytes(reader.array()?));
        }
    }
    for _ in 0..reader.u32()? {
        let (pack, [wear]) = (PackNumber(reader.u32()?), reader.array()?);
        let wear = [Wear::Sparse, Wear::Small].into_iter().find(|known| *known as u8 == wear);
        let since = Timestamp(i64::from_le_bytes(reader.array()?));
        uses.worn.insert(pack, (wear.ok_or(LostReason::Damaged)?, since));
    }
    reader.finish()?;
    Ok(uses)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests look at the files and damage them")]

    use super::*;
    use crate::state::folder::scratch;

    const SERIES: Series = Series([4; 16]);

    fn share(pack: u32, bytes: u64) -> Share {
        Share { pack: PackNumber(pack), bytes }
    }

    fn totals(uses: &UseTable) -> Vec<(u32, u64)> {
        let mut totals: Vec<_> = uses.totals().into_iter().map(|(pack, bytes)| (pack.0, bytes)).collect();
        totals.sort_unstable();
        totals
    }

    #[test]
    fn sources_add_up_and_what_one_leaves_stays_known() {
        let (base, folder) = scratch();
        let (mut uses, opening) = UseTable::open(&folder, SERIES).unwrap();
        assert_eq!(opening, Opening::Lost { reason: LostReason::Absent });
        let (files, mail) = (SourceTag([1; 16]), SourceTag([2; 16]));
        uses.set_source(files, [share(1, 10), share(2, 20), share(1, 5)], |_| true);
        uses.set_source(mail, [share(2, 7)], |_| true);
        assert_eq!(totals(&uses), [(1, 15), (2, 27)]);
        uses.set_source(files, [share(3, 1)], |pack| pack.0 != 1);
        assert_eq!(totals(&uses), [(2, 7), (3, 1)]);
        uses.set_source(mail, [], |_| true);
        assert_eq!(totals(&uses), [(2, 0), (3, 1)]);
        uses.set_worn([(PackNumber(2), Wear::Small)], Timestamp(100));
        uses.save(&folder).unwrap();

        let (read, opening) = UseTable::open(&folder, SERIES).unwrap();
        assert_eq!(opening, Opening::Loaded);
        assert_eq!(totals(&read), totals(&uses));
        assert_eq!(read.worn, uses.worn);
        let (other, opening) = UseTable::open(&folder, Series([5; 16])).unwrap();
        assert_eq!((totals(&other), opening), (vec![], Opening::Lost { reason: LostReason::Stale }));
        let path = base.path().join(NAME);
        let whole = std::fs::read(&path).unwrap();
        for end in 0..whole.len() {
            std::fs::write(&path, &whole[..end]).unwrap();
            assert!(matches!(UseTable::open(&folder, SERIES).unwrap().1, Opening::Lost { .. }), "cut at {end}");
        }
    }

    #[test]
    fn a_pack_is_worn_since_it_was_first_found_so() {
        let (_base, folder) = scratch();
        let (mut uses, _) = UseTable::open(&folder, SERIES).unwrap();
        let sparse = |pack| (PackNumber(pack), Wear::Sparse);
        let worn = |uses: &UseTable, time| uses.worn_since(Timestamp(time)).map(|pack| pack.0).collect::<Vec<_>>();
        uses.set_worn([1, 2].map(sparse), Timestamp(100));
        uses.set_worn([2, 3].map(sparse), Timestamp(200));
        assert_eq!(worn(&uses, 99), []);
        assert_eq!(worn(&uses, 100), [2]);
        assert_eq!(worn(&uses, 200), [2, 3]);
        // The clock was wrong, and was set back.
        uses.set_worn([2, 3].map(sparse), Timestamp(50));
        assert_eq!(worn(&uses, 50), [2, 3]);
        // One that recovered begins anew.
        uses.set_worn([sparse(3)], Timestamp(300));
        uses.set_worn([2, 3].map(sparse), Timestamp(400));
        assert_eq!(worn(&uses, 300), [3]);
        // So does one that is worn in another way.
        uses.set_worn([(PackNumber(2), Wear::Small), sparse(3)], Timestamp(500));
        assert_eq!(worn(&uses, 499), [3]);
    }
}
