//! What lies whole in a stream of something else, and may look random there: the theme of Word 2007 and later, a ZIP archive in the
//! table stream; pictures in the stream of the text ([MS-DOC] §2.9.157, [MS-ODRAW] §2.2.23).

use std::ops::Range;

use super::pictures::{Part, Picture, look_at};
use super::pieces::Stream;
use crate::state::Findings;
use crate::structure::zip;
use crate::window::{Stop, Walk, Window};

const HEADER_BYTES: u64 = 8;
const DIRECTORY_END: &[u8] = b"PK\x05\x06";
const DIRECTORY_END_BYTES: u64 = 22;
/// Second bytes of the numbers of pictures are all `f0`; of metafiles, JPEG and PNG these are the first ones.
const PICTURES: [u8; 6] = [0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x2a];
/// More are not looked for: a file that holds as many marks is made to cost.
const MARKS_MAX: u32 = 4096;

/// Returns the parts of a stream that are archives or pictures of which every check holds.
pub(super) fn embedded(window: &mut Window, stream: &Stream) -> Walk<Vec<Range<u64>>> {
    let mut found = archives(window, stream)?;
    for first in PICTURES {
        pictures(window, stream, first, &mut found)?;
    }
    Ok(found)
}

fn archives(window: &mut Window, stream: &Stream) -> Walk<Vec<Range<u64>>> {
    let (mut found, mut at, bytes) = (Vec::new(), 0, window.bytes());
    for _ in 0..MARKS_MAX {
        let Some(start) = window.find(zip::LOCAL_HEADER, at, bytes)? else { break };
        let Some(directory_end) = window.find(DIRECTORY_END, start, bytes)? else { break };
        let end = (directory_end + DIRECTORY_END_BYTES).min(bytes);
        let part = Part { stream, at: start, bytes: end - start };
        let mut inside = Findings::default();
        match zip::check(&mut Window::new(&part, window.budget()), &mut inside) {
            Ok(()) if !inside.is_corrupt() => {
                found.push(start..end);
                at = end;
            }
            Err(stop @ (Stop::Limit(_) | Stop::Unreadable(_))) => return Err(stop),
            Ok(()) | Err(_) => at = start + 1,
        }
    }
    Ok(found)
}

fn pictures(window: &mut Window, stream: &Stream, first: u8, found: &mut Vec<Range<u64>>) -> Walk<()> {
    let (mut from, bytes) = (0, window.bytes());
    for _ in 0..MARKS_MAX {
        let Some(mark) = window.find(&[first, 0xf0], from, bytes)? else { break };
        from = mark + 1;
        if mark < 2 || mark + 6 > bytes {
            continue;
        }
        let (start, length) = (mark - 2, u64::from(window.u32_le(mark + 2)?));
        let body = start + HEADER_BYTES..start + HEADER_BYTES + length;
        let number = 0xf000 | u16::from(first);
        if body.end <= bytes && look_at(window, stream, number, body.clone())? == Picture::Sound {
            from = body.end;
            found.push(start..body.end);
        }
    }
    Ok(())
}
