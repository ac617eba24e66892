//! Cells of SQLite's trees, and the heads of rows (sqlite.org/fileformat2.html §1.6, §2.1).

/// What a cell says.
pub(super) struct Cell {
    pub(super) child: Option<u64>,
    /// The first page that the row goes on in, and how many bytes lie there.
    pub(super) overflow: Option<(u64, u64)>,
    /// Bytes that the grammar vouches for.
    pub(super) head_bytes: u64,
}

/// Reads the cell at `at` of a page of `kind`; `None` if there can be none such.
pub(super) fn read(page: &[u8], at: usize, kind: u8) -> Option<Cell> {
    let mut rest = &page[at..];
    let mut child = None;
    if kind < 10 {
        let (told, after) = rest.split_first_chunk::<4>()?;
        child = Some(u64::from(u32::from_be_bytes(*told)));
        rest = after;
    }
    if kind == 5 {
        let (_, used) = varint(rest)?;
        return Some(Cell { child, overflow: None, head_bytes: 4 + used as u64 });
    }
    let (bytes, used) = varint(rest)?;
    rest = &rest[used..];
    if kind == 13 {
        rest = &rest[varint(rest)?.1..];
    }
    let local = local_bytes(page.len() as u64, bytes, kind == 13);
    let row = rest.get(..usize::try_from(local).ok()?)?;
    let overflow = if local < bytes {
        let (first, _) = rest[row.len()..].split_first_chunk::<4>()?;
        Some((u64::from(u32::from_be_bytes(*first)), bytes - local))
    } else {
        None
    };
    let head_bytes = row_head(row, bytes)? + (page.len() - at - rest.len()) as u64;
    Some(Cell { child, overflow, head_bytes })
}

/// Returns how much of a row lies in its page (§1.6).
fn local_bytes(usable: u64, bytes: u64, is_table: bool) -> u64 {
    let max = if is_table { usable - 35 } else { (usable - 12) * 64 / 255 - 23 };
    let min = (usable - 12) * 32 / 255 - 23;
    if bytes <= max {
        return bytes;
    }
    let local = min + (bytes - min) % (usable - 4);
    if local <= max { local } else { min }
}

/// Reads the head of a row: its types must take what the row has. Returns its length.
fn row_head(row: &[u8], bytes: u64) -> Option<u64> {
    if bytes == 0 {
        return Some(0);
    }
    let (head_bytes, used) = varint(row)?;
    if head_bytes < used as u64 || head_bytes > bytes {
        return None;
    }
    // The head itself may go on in another page: then it is not followed.
    let Some(mut types) = row.get(used..usize::try_from(head_bytes).ok()?) else { return Some(row.len() as u64) };
    let mut sum = head_bytes;
    while !types.is_empty() {
        let (kind, used) = varint(types)?;
        sum = sum.checked_add(value_bytes(kind)?)?;
        types = &types[used..];
    }
    (sum == bytes).then_some(head_bytes)
}

fn value_bytes(kind: u64) -> Option<u64> {
    match kind {
        0 | 8 | 9 => Some(0),
        1..=4 => Some(kind),
        5 => Some(6),
        6 | 7 => Some(8),
        10 | 11 => None,
        _ => Some((kind - 12) / 2),
    }
}

/// Reads which root a row of the schema names: its fourth column.
pub(super) fn root_page(cell: &[u8]) -> Option<u64> {
    let (_, used) = varint(cell)?;
    let row = &cell[used..];
    let row = &row[varint(row)?.1..];
    let (head_bytes, used) = varint(row)?;
    let mut types = row.get(used..usize::try_from(head_bytes).ok()?)?;
    let mut at = usize::try_from(head_bytes).ok()?;
    for column in 0..4 {
        let (kind, used) = varint(types)?;
        let bytes = usize::try_from(value_bytes(kind)?).ok()?;
        types = &types[used..];
        if column < 3 {
            at = at.checked_add(bytes)?;
            continue;
        }
        return match kind {
            9 => Some(1),
            1..=6 => row.get(at..at + bytes).map(|value| value.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte))),
            _ => None,
        };
    }
    None
}

/// Reads a number of one to nine bytes.
fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for (place, &byte) in bytes.iter().enumerate().take(9) {
        if place == 8 {
            return Some((value << 8 | u64::from(byte), 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((value, place + 1));
        }
    }
    None
}
