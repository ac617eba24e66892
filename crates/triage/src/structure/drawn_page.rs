//! PostScript with a preview, as programs of Windows wrote it (Adobe, "Encapsulated PostScript File Format Specification", version 3.0,
//! §5.2): a head tells where the page, a metafile and a TIFF picture lie.

use crate::randomness::looks_random;
use crate::state::{Findings, Note};
use crate::window::{Stop, Walk, Window};

const HEAD_BYTES: u64 = 30;
const SAMPLE_BYTES: usize = 512;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let head = window.peek(0, SAMPLE_BYTES)?;
    if !head.starts_with(b"\xc5\xd0\xd3\xc6") {
        // What printers are told before a page may be no text.
        return Err(if looks_random(head) { Stop::Broken { at: 0 } } else { Stop::Doubtful { at: 0 } });
    }
    findings.parsed_bytes += HEAD_BYTES;
    for (head_at, marks) in [(4, [b"%!".as_slice(), b"%!"]), (12, [b"\xd7\xcd", b"\x01\0"]), (20, [b"II", b"MM"])] {
        let (at, bytes) = (u64::from(window.u32_le(head_at)?), u64::from(window.u32_le(head_at + 4)?));
        if bytes == 0 {
            continue;
        }
        if at < HEAD_BYTES - 2 {
            return Err(Stop::Broken { at: head_at });
        }
        if at + bytes > window.bytes() {
            return Err(Stop::Ended { at: window.bytes() });
        }
        let start = window.peek(at, 2)?;
        if !marks.contains(&start) {
            return Err(Stop::Broken { at });
        }
        findings.parsed_bytes += 2;
        findings.note(Note::Opaque { at, bytes });
    }
    Ok(())
}
