//! PNG (ISO/IEC 15948): chunks, each with a CRC-32; the pictures inside are one zlib stream.

use super::deflate::{Inflater, Progress};
use crate::state::Findings;
use crate::window::{Stop, Walk, Window};

const HEAD_BYTES: u64 = 8;
/// Length, type and CRC-32 around the data of a chunk.
const FRAME_BYTES: u64 = 12;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    if window.take(0, HEAD_BYTES as usize)? != b"\x89PNG\r\n\x1a\n" {
        return Err(Stop::Broken { at: 0 });
    }
    let mut at = HEAD_BYTES;
    let mut picture = Picture { inflater: Inflater::new(true), state: Some(Progress::More), has_data: false };
    findings.summed_bytes += HEAD_BYTES;
    loop {
        window.budget().entries(1)?;
        let chunk = chunk(window, at)?;
        if (at == HEAD_BYTES) && !matches!(&chunk.name, b"IHDR" | b"CgBI") {
            return Err(Stop::Broken { at });
        }
        if &chunk.name == b"CgBI" {
            // Apple's variant leaves the head of zlib away.
            picture.inflater.begin(false);
        }
        body(window, findings, &mut picture, &chunk)?;
        at = chunk.end();
        if &chunk.name == b"IEND" {
            break;
        }
    }
    if !picture.has_data {
        return Err(Stop::Broken { at: HEAD_BYTES });
    }
    if !findings.is_corrupt() && picture.state == Some(Progress::More) {
        findings.corrupt(at - FRAME_BYTES..at);
    }
    findings.trailing(at, window.bytes());
    Ok(())
}

struct Chunk {
    at: u64,
    bytes: u64,
    name: [u8; 4],
}

impl Chunk {
    fn end(&self) -> u64 {
        self.at + FRAME_BYTES + self.bytes
    }
}

/// The stream that all `IDAT` chunks hold together.
struct Picture {
    inflater: Inflater,
    /// `None` once it is broken, whole, or left alone.
    state: Option<Progress>,
    has_data: bool,
}

fn chunk(window: &mut Window, at: u64) -> Walk<Chunk> {
    let bytes = u64::from(window.u32_be(at)?);
    let name: [u8; 4] = window.array(at + 4)?;
    if bytes > 0x7fff_ffff || !name.iter().all(u8::is_ascii_alphabetic) {
        return Err(Stop::Broken { at });
    }
    Ok(Chunk { at, bytes, name })
}

fn body(window: &mut Window, findings: &mut Findings, picture: &mut Picture, chunk: &Chunk) -> Walk<()> {
    let data_at = chunk.at + 8;
    let data_end = data_at + chunk.bytes;
    if data_end + 4 > window.bytes() {
        return Err(Stop::Ended { at: chunk.at });
    }
    let mut sum = crc32fast::Hasher::new();
    sum.update(&chunk.name);
    let budget = window.budget();
    let is_picture = &chunk.name == b"IDAT";
    picture.has_data |= is_picture;
    let mut at = data_at;
    while at < data_end {
        let part = window.some(at, data_end)?;
        sum.update(part);
        at += part.len() as u64;
        if is_picture && picture.state == Some(Progress::More) {
            picture.state = Some(picture.inflater.push(part, budget, &mut |_| ())?);
        }
    }
    let holds = window.u32_be(data_end)? == sum.finalize();
    if holds {
        findings.summed_bytes += FRAME_BYTES + chunk.bytes;
        if is_picture && matches!(picture.state, Some(Progress::Bad { .. })) {
            findings.corrupt(chunk.at..chunk.end());
        }
    } else {
        findings.corrupt(chunk.at..chunk.end());
        picture.state = None;
    }
    Ok(())
}
