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

#[cfg(test)]
mod tests {
    use super::super::Pieces;
    use super::*;
    use crate::limits::{Budget, Limits};

    const ARCHIVE: &[u8] = include_bytes!("../../../../../testdata/triage/lettre.docx");
    const PICTURE: &[u8] = include_bytes!("../../../../../testdata/triage/plan.png");

    fn found(bytes: &[u8]) -> Vec<Range<u64>> {
        let bytes = bytes.to_vec();
        let budget = Budget::new(&Limits::default(), bytes.len() as u64);
        let pieces = Pieces::new(vec![0], bytes.len() as u64, bytes.len() as u64);
        let stream = Stream { content: &bytes, pieces: &pieces };
        let Ok(found) = embedded(&mut Window::new(&stream, &budget), &stream) else { panic!("no limit is near") };
        found
    }

    /// A picture as a record: its head, a digest of 16 bytes and a mark, the data.
    fn record() -> Vec<u8> {
        let bytes = u32::try_from(PICTURE.len() + 17).unwrap();
        [&[0x00, 0x6e, 0x1e, 0xf0], &bytes.to_le_bytes()[..], &[7; 17], PICTURE].concat()
    }

    #[test]
    fn archives_and_pictures_among_other_things_are_found() {
        let record = record();
        let stream = [&[1; 700], ARCHIVE, &[2; 300], &record, &[3; 50]].concat();
        let (archive, picture) = (700 + ARCHIVE.len(), 1000 + ARCHIVE.len());
        let wanted = [700..archive as u64, picture as u64..(picture + record.len()) as u64];
        assert_eq!(found(&stream), wanted);
    }

    #[test]
    fn what_is_hurt_vouches_for_nothing() {
        let stream = [&[1; 700], ARCHIVE, &[2; 300], &record()].concat();
        for part in [700 + 60, 700 + ARCHIVE.len() / 2, stream.len() - PICTURE.len() / 2] {
            let mut hurt = stream.clone();
            hurt[part..part + 16].iter_mut().for_each(|byte| *byte ^= 0x5a);
            assert_eq!(found(&hurt).len(), 1, "at {part}");
        }
    }
}
