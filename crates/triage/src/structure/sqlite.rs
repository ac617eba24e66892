//! SQLite databases (sqlite.org/fileformat2.html): every tree is walked from the schema, every cell and chain looked at.

mod cell;

use crate::state::Findings;
use crate::window::{Stop, Walk, Window};

const HEADER_BYTES: u64 = 100;
/// The page that holds this byte is never used.
const LOCK_BYTE: u64 = 1 << 30;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let mut database = Database::open(window)?;
    let mut roots = vec![Root { page: 1, depth: 0 }];
    while let Some(root) = roots.pop() {
        let is_schema = root.page == 1;
        let found = database.tree(window, findings, root)?;
        if is_schema {
            roots.extend(found.into_iter().filter(|&page| page > 0).map(|page| Root { page, depth: 0 }));
        }
    }
    database.free_pages(window, findings)?;
    database.unused(findings);
    findings.trailing(database.pages * database.page_bytes, window.bytes());
    Ok(())
}

#[derive(Clone, Copy)]
struct Root {
    page: u64,
    depth: u32,
}

pub(super) struct Database {
    page_bytes: u64,
    /// Without what extensions reserve at the end of each page.
    usable_bytes: u64,
    pages: u64,
    free_first: u64,
    free_count: u64,
    is_seen: Vec<bool>,
}

impl Database {
    fn open(window: &mut Window) -> Walk<Self> {
        let header: [u8; HEADER_BYTES as usize] = window.array(0)?;
        let u32_at = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let page_bytes = match u64::from(u16::from_be_bytes([header[16], header[17]])) {
            1 => 65536,
            bytes => bytes,
        };
        let is_sound = header.starts_with(b"SQLite format 3\0")
            && page_bytes.is_power_of_two()
            && page_bytes >= 512
            && matches!((header[18], header[19]), (1 | 2, 1 | 2))
            && header[21..24] == [64, 32, 32]
            && u32_at(44) <= 4
            && u32_at(56) <= 3;
        if !is_sound || u64::from(header[20]) > page_bytes - 480 {
            return Err(Stop::Broken { at: 0 });
        }
        // Old versions did not write how many pages there are (§1.3.8).
        let there = window.bytes() / page_bytes;
        let told = u64::from(u32_at(28));
        let is_told = told > 0 && u32_at(24) == u32_at(92);
        let pages = if is_told { told } else { there };
        if pages > there {
            return Err(Stop::Ended { at: window.bytes() });
        }
        window.budget().memory(pages)?;
        let mut database = Self {
            page_bytes,
            usable_bytes: page_bytes - u64::from(header[20]),
            pages,
            free_first: u64::from(u32_at(32)),
            free_count: u64::from(u32_at(36)),
            is_seen: vec![false; pages as usize + 1],
        };
        database.skip_maps(u32_at(52) > 0);
        Ok(database)
    }

    /// Marks pages that belong to no tree: the lock byte, and the maps of databases that shrink by themselves.
    fn skip_maps(&mut self, has_maps: bool) {
        let lock = (LOCK_BYTE / self.page_bytes + 1) as usize;
        if lock < self.is_seen.len() {
            self.is_seen[lock] = true;
        }
        let group = (self.usable_bytes / 5 + 1) as usize;
        if has_maps {
            (2..self.is_seen.len()).step_by(group).for_each(|page| self.is_seen[page] = true);
        }
    }

    fn place(&self, page: u64) -> u64 {
        (page.max(1) - 1) * self.page_bytes
    }

    /// Marks a page as used: it must be there, and be used once.
    fn visit(&mut self, page: u64, told_at: u64) -> Walk<()> {
        match self.is_seen.get_mut(page as usize) {
            Some(seen) if page > 0 && !*seen => {
                *seen = true;
                Ok(())
            }
            _ => Err(Stop::Broken { at: told_at }),
        }
    }

    /// Walks through a tree, and returns the roots that its rows name if it is the schema.
    fn tree(&mut self, window: &mut Window, findings: &mut Findings, root: Root) -> Walk<Vec<u64>> {
        let mut roots = Vec::new();
        let mut next = vec![(root, 0)];
        while let Some((Root { page, depth }, told_at)) = next.pop() {
            window.budget().entries(1)?;
            window.budget().depth(depth)?;
            self.visit(page, told_at)?;
            let children = self.page(window, findings, page, if root.page == 1 { Some(&mut roots) } else { None })?;
            next.extend(children.into_iter().map(|(page, at)| (Root { page, depth: depth + 1 }, at)));
        }
        Ok(roots)
    }

    /// Looks at a page of a tree (§1.6), and returns its children with the places that name them.
    fn page(
        &mut self,
        window: &mut Window,
        findings: &mut Findings,
        page: u64,
        mut roots: Option<&mut Vec<u64>>,
    ) -> Walk<Vec<(u64, u64)>> {
        let place = self.place(page);
        let bytes = window.take(place, self.page_bytes as usize)?.to_vec();
        let start = if page == 1 { HEADER_BYTES as usize } else { 0 };
        let broken = Err(Stop::Broken { at: place });
        let kind = bytes[start];
        if !matches!(kind, 2 | 5 | 10 | 13) {
            return broken;
        }
        let is_inner = kind < 10;
        let cells = usize::from(u16::from_be_bytes([bytes[start + 3], bytes[start + 4]]));
        let head_end = start + if is_inner { 12 } else { 8 };
        let pointers_end = head_end + 2 * cells;
        if pointers_end > self.usable_bytes as usize {
            return broken;
        }
        let mut children = Vec::new();
        for pointer in (head_end..pointers_end).step_by(2) {
            let at = usize::from(u16::from_be_bytes([bytes[pointer], bytes[pointer + 1]]));
            if at < pointers_end || at + 4 > self.usable_bytes as usize {
                return broken;
            }
            let Some(cell) = cell::read(&bytes[..self.usable_bytes as usize], at, kind) else { return broken };
            findings.parsed_bytes += cell.head_bytes + 2;
            if let Some(child) = cell.child {
                children.push((child, place + at as u64));
            }
            if let Some((first, rest)) = cell.overflow {
                self.chain(window, first, rest, place + at as u64)?;
            }
            if let (Some(roots), 13) = (roots.as_deref_mut(), kind) {
                roots.extend(cell::root_page(&bytes[at..self.usable_bytes as usize]));
            }
        }
        if is_inner {
            let last = &bytes[start + 8..start + 12];
            children.push((u64::from(u32::from_be_bytes([last[0], last[1], last[2], last[3]])), place + 8));
        }
        findings.parsed_bytes += (head_end - start) as u64;
        Ok(children)
    }

    /// Follows the pages of a long row (§1.6, overflow).
    fn chain(&mut self, window: &mut Window, first: u64, bytes: u64, told_at: u64) -> Walk<()> {
        let (mut page, mut left, mut told_at) = (first, bytes, told_at);
        while left > 0 {
            window.budget().entries(1)?;
            self.visit(page, told_at)?;
            told_at = self.place(page);
            page = u64::from(window.u32_be(told_at)?);
            left = left.saturating_sub(self.usable_bytes - 4);
        }
        if page == 0 { Ok(()) } else { Err(Stop::Broken { at: told_at }) }
    }

    /// Follows the list of free pages (§1.5).
    fn free_pages(&mut self, window: &mut Window, findings: &mut Findings) -> Walk<()> {
        let (mut trunk, mut left, mut told_at) = (self.free_first, self.free_count, 32);
        while trunk > 0 && left > 0 {
            self.visit(trunk, told_at)?;
            told_at = self.place(trunk);
            let leaves = u64::from(window.u32_be(told_at + 4)?);
            if leaves > self.usable_bytes / 4 - 2 || leaves >= left {
                return Err(Stop::Broken { at: told_at });
            }
            for leaf in 0..leaves {
                let page = u64::from(window.u32_be(told_at + 8 + 4 * leaf)?);
                self.visit(page, told_at)?;
            }
            findings.parsed_bytes += 8 + 4 * leaves;
            left -= leaves + 1;
            trunk = u64::from(window.u32_be(told_at)?);
        }
        if trunk == 0 && left == 0 { Ok(()) } else { Err(Stop::Broken { at: told_at }) }
    }

    /// Notes pages that nothing names.
    fn unused(&self, findings: &mut Findings) {
        let pages = (1..self.is_seen.len()).filter(|&page| !self.is_seen[page]);
        for page in pages.take(crate::state::NOTES_MAX) {
            let at = self.place(page as u64);
            findings.gap(at, at + self.page_bytes);
        }
    }
}
