//! RAR archives: version 5 (rarlab.com, "RAR 5.0 archive format") and 1.5 to 4 (`technote.txt` of RAR 4). Each head has a checksum; what is
//! stored as it is, too.

use crate::state::{Findings, Note};
use crate::window::{Stop, Walk, Window};

const MARK_4: [u8; 7] = *b"Rar!\x1a\x07\0";
const MARK_5: [u8; 8] = *b"Rar!\x1a\x07\x01\0";
/// Two megabytes are the most that a head of version 5 may have.
const HEAD_BYTES_MAX: u64 = 2 << 20;
/// More behind an archive is no mark of some program.
const HANGING_BYTES_MAX: u64 = 1024;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let mark = window.peek(0, MARK_5.len())?;
    if mark == MARK_5 {
        new_heads(window, findings)
    } else if mark.starts_with(&MARK_4) {
        old_heads(window, findings)
    } else if mark.starts_with(b"RE~^") {
        Err(Stop::Doubtful { at: 0 })
    } else {
        Err(Stop::Broken { at: 0 })
    }
}

/// What follows a head.
enum Next {
    Head {
        at: u64,
    },
    /// The rest is under a password.
    Closed {
        at: u64,
    },
    End {
        at: u64,
    },
}

/// Walks through heads of one version, each of which tells where the next one is.
fn heads(
    window: &mut Window,
    findings: &mut Findings,
    first: u64,
    head: fn(&mut Window, &mut Findings, u64) -> Walk<Next>,
) -> Walk<()> {
    let mut at = first;
    // The last head may be missing in old archives, which just end.
    while at < window.bytes() {
        window.budget().entries(1)?;
        match head(window, findings, at)? {
            Next::Head { at: next } if next > window.bytes() => return Err(Stop::Ended { at }),
            Next::Head { at: next } => at = next,
            Next::Closed { at: rest } => {
                findings.is_protected = true;
                findings.note(Note::Opaque { at: rest, bytes: window.bytes() - rest });
                return Ok(());
            }
            Next::End { at: end } => {
                findings.trailing(end, window.bytes());
                return Ok(());
            }
        }
    }
    Ok(())
}

fn new_heads(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    heads(window, findings, MARK_5.len() as u64, new_head)
}

/// Checks a head of version 5.
fn new_head(window: &mut Window, findings: &mut Findings, at: u64) -> Walk<Next> {
    let broken = Stop::Broken { at };
    let mut fields = Fields { at: at + 4, end: window.bytes() };
    let bytes = fields.number(window)?;
    let end = fields.at + bytes;
    if bytes == 0 || bytes > HEAD_BYTES_MAX {
        return Err(broken);
    }
    let head = window.copy(at + 4, end - at - 4)?;
    if crc32fast::hash(&head) != window.u32_le(at)? {
        return Err(broken);
    }
    findings.summed_bytes += end - at;
    fields.end = end;
    let (kind, flags) = (fields.number(window)?, fields.number(window)?);
    let extra = if flags & 1 != 0 { fields.number(window)? } else { 0 };
    let data = if flags & 2 != 0 { fields.number(window)? } else { 0 };
    match kind {
        4 => return Ok(Next::Closed { at: end }),
        5 => return Ok(Next::End { at: end }),
        2 | 3 => entry(window, findings, (fields, flags), (end - extra.min(bytes), end), data)?,
        _ => findings.note(Note::Opaque { at: end, bytes: data }),
    }
    Ok(Next::Head { at: end.saturating_add(data) })
}

/// Looks into the head of a file: whether a password closes it, and its sum where its bytes are stored as they are.
fn entry(
    window: &mut Window,
    findings: &mut Findings,
    (mut fields, head_flags): (Fields, u64),
    (extra, end): (u64, u64),
    data_bytes: u64,
) -> Walk<()> {
    let flags = fields.number(window)?;
    let _bytes = fields.number(window)?;
    let _attributes = fields.number(window)?;
    fields.at += if flags & 2 != 0 { 4 } else { 0 };
    let told = if flags & 4 != 0 { Some(window.u32_le(fields.at)?) } else { None };
    fields.at += if flags & 4 != 0 { 4 } else { 0 };
    let is_stored = fields.number(window)? >> 7 & 7 == 0;
    let mut records = Fields { at: extra, end };
    let mut is_closed = false;
    while records.at < end {
        let bytes = records.number(window)?;
        let next = records.at.saturating_add(bytes);
        is_closed |= records.number(window)? == 1;
        records.at = next;
    }
    findings.is_protected |= is_closed;
    // The last part of what goes over several volumes has the sum of the whole.
    let is_whole = head_flags & 0x18 == 0;
    match told.filter(|_| is_stored && is_whole && !is_closed) {
        Some(told) => stored(window, findings, end, data_bytes, told),
        None => {
            findings.note(Note::Opaque { at: end, bytes: data_bytes });
            Ok(())
        }
    }
}

/// Numbers of seven bits a byte, the lowest first.
struct Fields {
    at: u64,
    end: u64,
}

impl Fields {
    fn number(&mut self, window: &mut Window) -> Walk<u64> {
        let (start, mut number) = (self.at, 0);
        for place in 0..10 {
            if self.at >= self.end {
                break;
            }
            let byte = window.u8(self.at)?;
            self.at += 1;
            number |= u64::from(byte & 0x7f) << (7 * place).min(63);
            if byte < 0x80 {
                // Nothing that is told here goes beyond this.
                return Ok(number.min(1 << 62));
            }
        }
        Err(if self.end == window.bytes() { Stop::Ended { at: self.end } } else { Stop::Broken { at: start } })
    }
}

fn old_heads(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    heads(window, findings, MARK_4.len() as u64, old_head)
}

/// Checks a head of the older form.
fn old_head(window: &mut Window, findings: &mut Findings, at: u64) -> Walk<Next> {
    const MAIN: u8 = 0x73;
    const FILE: u8 = 0x74;
    const SERVICE: u8 = 0x7a;
    const END: u8 = 0x7b;
    let (sum, kind) = (window.u16_le(at)?, window.u8(at + 2)?);
    let (flags, bytes) = (window.u16_le(at + 3)?, u64::from(window.u16_le(at + 5)?));
    if !(MAIN..=END).contains(&kind) || bytes < 7 {
        // Old archives have no end of their own, and something may hang behind.
        let hangs = window.bytes() - at <= HANGING_BYTES_MAX;
        return if hangs { Ok(Next::End { at }) } else { Err(Stop::Broken { at }) };
    }
    let head_end = at + bytes;
    // Comments lie in heads of old archives, and are not summed with them.
    let summed_bytes = if kind == MAIN && flags & 2 != 0 { 13 } else { bytes };
    let is_summed = matches!(kind, MAIN | FILE | SERVICE | END) && (kind == MAIN || flags & 8 == 0 || kind == END);
    if is_summed && crc32fast::hash(window.take(at + 2, summed_bytes as usize - 2)?) as u16 != sum {
        return Err(Stop::Broken { at });
    }
    findings.summed_bytes += summed_bytes;
    let has_data = matches!(kind, FILE | SERVICE) || (flags & 0x8000 != 0 && kind != END);
    let mut data_bytes = if has_data { u64::from(window.u32_le(at + 7)?) } else { 0 };
    if matches!(kind, FILE | SERVICE) {
        data_bytes |= if flags & 0x100 != 0 { u64::from(window.u32_le(at + 32)?) << 32 } else { 0 };
        let is_closed = flags & 4 != 0;
        findings.is_protected |= is_closed;
        // A part of a file that goes on in another volume has the sum of the whole.
        if window.u8(at + 25)? == 0x30 && flags & 7 == 0 {
            let told = window.u32_le(at + 16)?;
            stored(window, findings, head_end, data_bytes, told)?;
        } else {
            findings.note(Note::Opaque { at: head_end, bytes: data_bytes });
        }
    }
    match kind {
        MAIN if flags & 0x80 != 0 => Ok(Next::Closed { at: head_end }),
        END => Ok(Next::End { at: head_end }),
        _ => Ok(Next::Head { at: head_end.saturating_add(data_bytes) }),
    }
}

/// Checks bytes that are stored as they are.
fn stored(window: &mut Window, findings: &mut Findings, start: u64, bytes: u64, told: u32) -> Walk<()> {
    let end = start.saturating_add(bytes);
    if end > window.bytes() {
        return Err(Stop::Ended { at: start });
    }
    let (mut at, mut sum) = (start, crc32fast::Hasher::new());
    while at < end {
        let part = window.some(at, end)?;
        if part.is_empty() {
            return Err(Stop::Ended { at });
        }
        sum.update(part);
        at += part.len() as u64;
    }
    if sum.finalize() == told {
        findings.summed_bytes += bytes;
    } else if bytes > 0 {
        findings.corrupt(start..end);
    }
    Ok(())
}
