//! Databases of Access (Jet 3, Jet 4, ACE): pages of one size, each with its kind and its own small table. Microsoft never described them;
//! the MDB Tools project did (its `HACKING.md`).

use crate::state::{Findings, Note};
use crate::window::{Stop, Walk, Window};

/// Rows that hold long values name this instead of a table.
const LONG_VALUES: u32 = u32::from_le_bytes(*b"LVAL");
const KIND_DATA: u8 = 1;
const KIND_TABLE: u8 = 2;
const KIND_LAST: u8 = 9;
/// Where a row begins; the bits above tell whether it is deleted or lies elsewhere.
const ROW_MASK: u16 = 0x1fff;
/// The first bytes of the head are plain, the next ones masked with a key that is always the same.
const MASKED_AT: u64 = 0x18;
const MASK_KEY: [u8; 4] = [0xc7, 0xda, 0x39, 0x6b];
/// The key of the pages, within what is masked: zero where they are plain.
const PAGE_KEY: std::ops::Range<usize> = 0x26..0x2a;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let head: [u8; 24] = window.array(0)?;
    let is_marked = matches!(&head[4..20], b"Standard Jet DB\0" | b"Standard ACE DB\0");
    if !is_marked || head[..4] != [0, 1, 0, 0] || head[20] > 0x10 {
        return Err(Stop::Broken { at: 0 });
    }
    let layout = Layout::of_version(head[20]);
    let pages = window.bytes() / layout.page_bytes;
    let has_key = page_key(window)? != [0; 4];
    if pages < 3 {
        return Err(Stop::Ended { at: window.bytes() });
    }
    if has_key {
        // Pages that can be read have no key: then it is the head that is hurt.
        let is_plain = matches!(window.array(layout.page_bytes)?, [KIND_DATA..=KIND_LAST, 1]);
        findings.is_protected = true;
        findings.note(Note::Opaque { at: 0, bytes: window.bytes() });
        return if is_plain { Err(Stop::Broken { at: MASKED_AT }) } else { Ok(()) };
    }
    findings.parsed_bytes += MASKED_AT;
    let mut doubt = None;
    for page in 1..pages {
        window.budget().entries(1)?;
        let at = page * layout.page_bytes;
        match layout.look(window.take(at, layout.page_bytes as usize)?, pages) {
            Look::Sound { parsed_bytes } => findings.parsed_bytes += parsed_bytes,
            Look::Odd => doubt = doubt.or(Some(at)),
            Look::Hurt => findings.corrupt(at..at + layout.page_bytes),
        }
    }
    findings.trailing(pages * layout.page_bytes, window.bytes());
    doubt.map_or(Ok(()), |at| Err(Stop::Doubtful { at }))
}

/// What a page looks like.
enum Look {
    Sound {
        parsed_bytes: u64,
    },
    /// Not as programs are known to write it.
    Odd,
    /// No page of such a file.
    Hurt,
}

/// How pages are laid out.
struct Layout {
    page_bytes: u64,
    /// Where a page of rows counts them.
    count_at: usize,
}

impl Layout {
    fn of_version(version: u8) -> Self {
        if version == 0 { Self { page_bytes: 2048, count_at: 8 } } else { Self { page_bytes: 4096, count_at: 12 } }
    }

    fn look(&self, page: &[u8], pages: u64) -> Look {
        match (page[0], page[1]) {
            (KIND_DATA, 1) => self.rows(page, pages),
            (KIND_TABLE, 1) => Look::Sound { parsed_bytes: 2 },
            // Pages of an index name their table.
            (3 | 4, 1) if u64::from(u32_at(page, 4)) < pages => Look::Sound { parsed_bytes: 8 },
            (5..=KIND_LAST, 1) => Look::Sound { parsed_bytes: 2 },
            // A file grows by pages that nobody wrote yet.
            (0, 0) if page.iter().all(|byte| *byte == 0) => Look::Sound { parsed_bytes: self.page_bytes },
            _ => Look::Hurt,
        }
    }

    /// Rows lie one before the other from the end on, and what they leave is what the page says is free.
    fn rows(&self, page: &[u8], pages: u64) -> Look {
        let (owner, count) = (u32_at(page, 4), usize::from(u16_at(page, self.count_at)));
        let table_end = self.count_at + 2 + 2 * count;
        if (owner != LONG_VALUES && u64::from(owner) >= pages) || table_end > page.len() {
            return Look::Hurt;
        }
        let mut lowest = page.len();
        for row in 0..count {
            let at = usize::from(u16_at(page, self.count_at + 2 + 2 * row) & ROW_MASK);
            if at > page.len() || at < table_end {
                return Look::Hurt;
            }
            if at > lowest {
                return Look::Odd;
            }
            lowest = at;
        }
        let is_even = usize::from(u16_at(page, 2)) == lowest - table_end;
        if is_even { Look::Sound { parsed_bytes: table_end as u64 } } else { Look::Odd }
    }
}

fn u16_at(page: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([page[at], page[at + 1]])
}

fn u32_at(page: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([page[at], page[at + 1], page[at + 2], page[at + 3]])
}

/// Reads the key of the pages (RC4 with a key of four bytes, as all these files have it).
fn page_key(window: &mut Window) -> Walk<[u8; 4]> {
    let masked = window.take(MASKED_AT, PAGE_KEY.end)?;
    let mut states: [u8; 256] = std::array::from_fn(|at| at as u8);
    let mut other = 0_u8;
    for at in 0..256 {
        other = other.wrapping_add(states[at]).wrapping_add(MASK_KEY[at % 4]);
        states.swap(at, usize::from(other));
    }
    let (mut key, mut other) = ([0; 4], 0_u8);
    for (place, byte) in masked.iter().enumerate() {
        let at = place + 1;
        other = other.wrapping_add(states[at]);
        states.swap(at, usize::from(other));
        if let Some(wanted) = place.checked_sub(PAGE_KEY.start) {
            key[wanted] = byte ^ states[usize::from(states[at].wrapping_add(states[usize::from(other)]))];
        }
    }
    Ok(key)
}
