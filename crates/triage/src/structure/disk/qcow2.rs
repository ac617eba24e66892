//! Disks of QEMU (its `docs/interop/qcow2.txt`): a head, a table of tables of clusters, and counts of references.

use crate::state::{Findings, Note};
use crate::window::{Stop, Walk, Window};

const ENTRY_BYTES: u64 = 8;
const PLACE_MASK: u64 = 0x00ff_ffff_ffff_fe00;
/// Nothing may stand there in the first table, and in the second ones where clusters are not compressed.
const FIRST_RESERVED: u64 = 0x7f00_0000_0000_01ff;
const SECOND_RESERVED: u64 = 0x3f00_0000_0000_01fe;
const COMPRESSED: u64 = 1 << 62;
/// Data lie in another file; entries are twice as long.
const FEATURE_DATA_ELSEWHERE: u64 = 1 << 2;
const FEATURE_PARTS_OF_CLUSTERS: u64 = 1 << 4;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let disk = Disk::open(window, findings)?;
    let mut doubt = None;
    for entry in 0..disk.tables {
        window.budget().entries(1)?;
        let at = disk.first_at + entry * ENTRY_BYTES;
        let table = window.u64_be(at)?;
        let place = table & PLACE_MASK;
        if table & FIRST_RESERVED != 0 || !place.is_multiple_of(disk.cluster_bytes) {
            findings.corrupt(at..at + ENTRY_BYTES);
        } else if place + disk.cluster_bytes > window.bytes() && place > 0 {
            doubt = doubt.or(Some(at));
        } else if place > 0 {
            doubt = doubt.or(disk.table(window, findings, place)?);
        }
        findings.parsed_bytes += ENTRY_BYTES;
    }
    // A disk that is in use grows while it is read.
    doubt.map_or(Ok(()), |at| Err(Stop::Doubtful { at }))
}

struct Disk {
    cluster_bytes: u64,
    first_at: u64,
    tables: u64,
    entry_bytes: u64,
    is_data_here: bool,
}

impl Disk {
    fn open(window: &mut Window, findings: &mut Findings) -> Walk<Self> {
        if window.array(0)? != *b"QFI\xfb" {
            return Err(Stop::Broken { at: 0 });
        }
        let (version, cluster_bits) = (window.u32_be(4)?, window.u32_be(20)?);
        // Version 1 is another format.
        if version == 1 {
            return Err(Stop::Doubtful { at: 4 });
        }
        if !matches!(version, 2 | 3) || !(9..=21).contains(&cluster_bits) {
            return Err(Stop::Broken { at: 4 });
        }
        let cluster_bytes = 1 << cluster_bits;
        let (tables, first_at, counts_at) = (u64::from(window.u32_be(36)?), window.u64_be(40)?, window.u64_be(48)?);
        let features = if version == 3 { window.u64_be(72)? } else { 0 };
        let is_even = |at: u64| at.is_multiple_of(cluster_bytes);
        if !is_even(first_at) || !is_even(counts_at) || counts_at == 0 || features >> 16 != 0 {
            return Err(Stop::Broken { at: 36 });
        }
        let end = first_at.checked_add(tables * ENTRY_BYTES).ok_or(Stop::Broken { at: 40 })?;
        if end > window.bytes() || counts_at >= window.bytes() {
            return Err(Stop::Ended { at: window.bytes() });
        }
        findings.is_protected = window.u32_be(32)? != 0;
        findings.parsed_bytes += 72;
        findings.note(Note::Opaque { at: 0, bytes: window.bytes() });
        let entry_bytes = if features & FEATURE_PARTS_OF_CLUSTERS == 0 { ENTRY_BYTES } else { 2 * ENTRY_BYTES };
        let is_data_here = features & FEATURE_DATA_ELSEWHERE == 0;
        Ok(Self { cluster_bytes, first_at, tables, entry_bytes, is_data_here })
    }

    /// Checks a table of clusters, and returns the first entry that points behind the end.
    fn table(&self, window: &mut Window, findings: &mut Findings, place: u64) -> Walk<Option<u64>> {
        let mut doubt = None;
        for at in (place..place + self.cluster_bytes).step_by(self.entry_bytes as usize) {
            window.budget().entries(1)?;
            let entry = window.u64_be(at)?;
            findings.parsed_bytes += ENTRY_BYTES;
            if entry & COMPRESSED != 0 {
                continue;
            }
            let cluster = entry & PLACE_MASK;
            if entry & SECOND_RESERVED != 0 || !cluster.is_multiple_of(self.cluster_bytes) {
                findings.corrupt(at..at + ENTRY_BYTES);
            } else if cluster >= window.bytes() && self.is_data_here {
                doubt = doubt.or(Some(at));
            }
        }
        Ok(doubt)
    }
}
