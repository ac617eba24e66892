//! Mail boxes of Outlook ([MS-PST], version 9.0): a head, trees of pages, and blocks of data, all under CRC-32.

use crate::state::Findings;
use crate::window::{Stop, Walk, Window};

const PAGE_BYTES: u64 = 512;
/// Where pages of trees tell how many entries they have, how long these are, and how high the page stands, less the trailer.
const COUNTS_BYTES: u64 = 8;
const PAGE_BLOCKS: u8 = 0x80;
const PAGE_NODES: u8 = 0x81;
const BLOCK_ALIGNMENT: u64 = 64;
const BLOCK_BYTES_MAX: u64 = 8192;
/// A tree of so many levels holds more than any disk.
const LEVELS_MAX: u8 = 8;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    if window.array(0)? != *b"!BDN" {
        return Err(Stop::Broken { at: 0 });
    }
    let form = Form::of_version(window.u16_le(10)?)?;
    if window.array(8)? != *b"SM" || sum_of(window, 8, 471)? != window.u32_le(4)? {
        return Err(Stop::Broken { at: 0 });
    }
    // The head of the older form has no second sum.
    if form.is_wide && sum_of(window, 8, 516)? != window.u32_le(0x20c)? {
        return Err(Stop::Broken { at: 8 });
    }
    findings.summed_bytes += 8 + 471;
    let end = form.number(window, form.root_at + 4)?;
    if end > window.bytes() {
        return Err(Stop::Ended { at: window.bytes() });
    }
    for (tree, kind) in [(form.nodes_at, PAGE_NODES), (form.blocks_at, PAGE_BLOCKS)] {
        let top = form.number(window, tree + form.number_bytes)?;
        form.tree(window, findings, top, kind)?;
    }
    findings.trailing(end, window.bytes());
    Ok(())
}

/// The older form has numbers of 32 bits (§2.2.2.6), the newer of 64.
struct Form {
    is_wide: bool,
    number_bytes: u64,
    root_at: u64,
    /// Where the head tells the tops of the trees: their names, then their places.
    nodes_at: u64,
    blocks_at: u64,
    trailer_bytes: u64,
}

impl Form {
    fn of_version(version: u16) -> Walk<Self> {
        match version {
            14 | 15 => Ok(Self {
                is_wide: false,
                number_bytes: 4,
                root_at: 0xa4,
                nodes_at: 0xb8,
                blocks_at: 0xc0,
                trailer_bytes: 12,
            }),
            21 | 23 => Ok(Self {
                is_wide: true,
                number_bytes: 8,
                root_at: 0xb4,
                nodes_at: 0xd8,
                blocks_at: 0xe8,
                trailer_bytes: 16,
            }),
            // Copies of Exchange since 2013 have pages of 4 KiB, which nobody described.
            _ => Err(Stop::Doubtful { at: 10 }),
        }
    }

    fn number(&self, window: &mut Window, at: u64) -> Walk<u64> {
        if self.is_wide { window.u64_le(at) } else { window.u32_le(at).map(u64::from) }
    }

    /// Walks through a tree from its top (§2.2.2.7.7). Each page stands lower than the one that names it.
    fn tree(&self, window: &mut Window, findings: &mut Findings, top: u64, kind: u8) -> Walk<()> {
        let mut next = vec![(top, LEVELS_MAX)];
        while let Some((at, below)) = next.pop() {
            window.budget().entries(1)?;
            if at.checked_add(PAGE_BYTES).is_none_or(|end| end > window.bytes()) {
                return Err(Stop::Ended { at: window.bytes() });
            }
            let Some(page) = self.page(window, at, kind, below)? else {
                findings.corrupt(at..at + PAGE_BYTES);
                continue;
            };
            findings.summed_bytes += PAGE_BYTES;
            window.budget().memory(16 * (next.len() as u64 + page.count))?;
            for entry in (0..page.count).map(|entry| at + entry * page.entry_bytes) {
                if page.level > 0 {
                    next.push((self.number(window, entry + 2 * self.number_bytes)?, page.level));
                } else if kind == PAGE_BLOCKS {
                    self.block(window, findings, entry)?;
                }
            }
        }
        Ok(())
    }

    /// Reads what a page tells of itself; nothing if it has not its checksum (§2.2.2.7.1).
    fn page(&self, window: &mut Window, at: u64, kind: u8, below: u8) -> Walk<Option<Page>> {
        let trailer_at = at + PAGE_BYTES - self.trailer_bytes;
        let told = window.u32_le(trailer_at + if self.is_wide { 4 } else { 8 })?;
        if window.array(trailer_at)? != [kind, kind] || sum_of(window, at, PAGE_BYTES - self.trailer_bytes)? != told {
            return Ok(None);
        }
        let counts_at = trailer_at - if self.is_wide { COUNTS_BYTES } else { COUNTS_BYTES / 2 };
        let [count, _, entry_bytes, level] = window.array(counts_at)?;
        let (count, entry_bytes) = (u64::from(count), u64::from(entry_bytes));
        let entry_bytes_min = if level > 0 { 3 } else { 2 } * self.number_bytes;
        let is_sound = level < below && entry_bytes >= entry_bytes_min && at + count * entry_bytes <= counts_at;
        Ok(is_sound.then_some(Page { count, entry_bytes, level }))
    }

    /// Checks a block by its entry: its name, its place, its length (§2.2.2.8.1).
    fn block(&self, window: &mut Window, findings: &mut Findings, entry: u64) -> Walk<()> {
        window.budget().entries(1)?;
        let name = self.number(window, entry)?;
        let at = self.number(window, entry + self.number_bytes)?;
        let bytes = u64::from(window.u16_le(entry + 2 * self.number_bytes)?);
        let whole = (bytes + self.trailer_bytes).next_multiple_of(BLOCK_ALIGNMENT);
        let Some(end) = at.checked_add(whole).filter(|end| *end <= window.bytes() && whole <= BLOCK_BYTES_MAX) else {
            return Err(Stop::Ended { at: window.bytes() });
        };
        let trailer_at = end - self.trailer_bytes;
        let (sum_at, name_at) = if self.is_wide { (4, 8) } else { (8, 4) };
        let is_sound = u64::from(window.u16_le(trailer_at)?) == bytes
            && self.number(window, trailer_at + name_at)? == name
            && window.u32_le(trailer_at + sum_at)? == sum_of(window, at, bytes)?;
        if is_sound {
            findings.summed_bytes += bytes + self.trailer_bytes;
        } else {
            findings.corrupt(at..end);
        }
        Ok(())
    }
}

struct Page {
    count: u64,
    entry_bytes: u64,
    level: u8,
}

/// Returns the sum that all parts have (§5.3): a CRC-32 that begins with zero and is not turned over at the end.
fn sum_of(window: &mut Window, at: u64, bytes: u64) -> Walk<u32> {
    let mut sum = crc32fast::Hasher::new_with_initial(u32::MAX);
    sum.update(window.take(at, bytes as usize)?);
    Ok(!sum.finalize())
}
