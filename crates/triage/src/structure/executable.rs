//! Programs: of Windows (Microsoft, "PE Format") and of Linux (System V ABI, chapter 4, "Object Files"). Heads tell of parts, and the parts
//! lie in the file; what is in them is not looked into.

use crate::state::{Findings, Note};
use crate::window::{Stop, Walk, Window};

const PE_HEAD_BYTES: u64 = 24;
const PE_SECTION_BYTES: u64 = 40;
/// Where a section takes no room in the file.
const NO_BITS: u32 = 8;
/// No file reaches there, and sums with it stay numbers.
const FAR: u64 = 1 << 62;

/// Checks a program of Windows.
pub(crate) fn check_windows(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    if window.array(0)? != *b"MZ" {
        return Err(Stop::Broken { at: 0 });
    }
    let head_at = u64::from(window.u32_le(60)?);
    // Programs of DOS and of old Windows have no sections.
    if window.peek(head_at, 4)? != b"PE\0\0" {
        return Err(Stop::Doubtful { at: 60 });
    }
    let (sections, optional_bytes) = (u64::from(window.u16_le(head_at + 6)?), u64::from(window.u16_le(head_at + 20)?));
    let form = window.u16_le(head_at + PE_HEAD_BYTES)?;
    if sections == 0 || sections > 96 || !matches!(form, 0x10b | 0x20b) || optional_bytes < 64 {
        return Err(Stop::Broken { at: head_at });
    }
    let table_at = head_at + PE_HEAD_BYTES + optional_bytes;
    findings.parsed_bytes += PE_HEAD_BYTES + sections * PE_SECTION_BYTES;
    let mut end = table_at + sections * PE_SECTION_BYTES;
    for section in 0..sections {
        let at = table_at + section * PE_SECTION_BYTES;
        let (bytes, place) = (u64::from(window.u32_le(at + 16)?), u64::from(window.u32_le(at + 20)?));
        if bytes > 0 && place > 0 {
            inside(window, place, bytes)?;
            end = end.max(place + bytes);
        }
    }
    findings.note(Note::Opaque { at: table_at, bytes: end - table_at });
    findings.trailing(end, window.bytes());
    Ok(())
}

/// Checks a program of Linux.
pub(crate) fn check_linux(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let head: [u8; 20] = window.array(0)?;
    if !head.starts_with(b"\x7fELF") || !matches!((head[4], head[5], head[6]), (1 | 2, 1 | 2, 1)) {
        return Err(Stop::Broken { at: 0 });
    }
    let numbers = Numbers { is_wide: head[4] == 2, is_big: head[5] == 2 };
    let wide = numbers.is_wide;
    let (programs_at, sections_at) = if wide {
        (numbers.wide(window, 32)?, numbers.wide(window, 40)?)
    } else {
        (numbers.wide(window, 28)?, numbers.wide(window, 32)?)
    };
    let counts_at = if wide { 52 } else { 40 };
    let mut counts = [0; 5];
    for (place, count) in counts.iter_mut().enumerate() {
        *count = u64::from(numbers.half(window, counts_at + 2 * place as u64)?);
    }
    let [head_bytes, program_bytes, programs, section_bytes, sections] = counts;
    let lengths = if wide { (64, 56, 64) } else { (52, 32, 40) };
    if head_bytes != lengths.0
        || (programs > 0 && program_bytes != lengths.1)
        || (sections > 0 && section_bytes != lengths.2)
    {
        return Err(Stop::Broken { at: counts_at });
    }
    findings.parsed_bytes += head_bytes;
    // What only helps to seek faults names segments that lie in another file.
    for program in 0..if sections == 0 { programs } else { 0 } {
        let at = programs_at.min(FAR) + program * program_bytes;
        let (place, bytes) = if wide { (at + 8, at + 32) } else { (at + 4, at + 16) };
        let (place, bytes) = (numbers.wide(window, place)?, numbers.wide(window, bytes)?);
        inside(window, place, bytes)?;
    }
    for section in 0..sections {
        let at = sections_at.min(FAR) + section * section_bytes;
        let (place, bytes) = if wide { (at + 24, at + 32) } else { (at + 16, at + 20) };
        let (place, bytes) = (numbers.wide(window, place)?, numbers.wide(window, bytes)?);
        if section > 0 && numbers.word(window, at + 4)? != NO_BITS {
            inside(window, place, bytes)?;
        }
    }
    findings.parsed_bytes += programs * program_bytes + sections * section_bytes;
    findings.note(Note::Opaque { at: head_bytes, bytes: window.bytes() - head_bytes });
    Ok(())
}

/// Stops where a part does not lie in the file.
fn inside(window: &Window, at: u64, bytes: u64) -> Walk<()> {
    let is_inside = at.checked_add(bytes).is_some_and(|end| end <= window.bytes());
    if is_inside { Ok(()) } else { Err(Stop::Ended { at: window.bytes() }) }
}

/// How a program of Linux writes its numbers.
struct Numbers {
    is_wide: bool,
    is_big: bool,
}

impl Numbers {
    fn half(&self, window: &mut Window, at: u64) -> Walk<u16> {
        if self.is_big { window.u16_be(at) } else { window.u16_le(at) }
    }

    fn word(&self, window: &mut Window, at: u64) -> Walk<u32> {
        if self.is_big { window.u32_be(at) } else { window.u32_le(at) }
    }

    /// Reads a place or a length: of 64 bits or of 32.
    fn wide(&self, window: &mut Window, at: u64) -> Walk<u64> {
        match (self.is_wide, self.is_big) {
            (true, true) => window.u64_be(at),
            (true, false) => window.u64_le(at),
            (false, _) => self.word(window, at).map(u64::from),
        }
    }
}
