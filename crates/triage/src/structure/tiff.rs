//! TIFF 6.0 and BigTIFF: directories, and the strips and tiles that they name.

mod lzw;
mod strip;

use crate::state::{Findings, Note};
use crate::window::{Stop, Walk, Window};

const DIRECTORIES_MAX: usize = 65_536;
/// Values that are read of one tag.
const VALUES_BYTES_MAX: u64 = 32 << 20;

/// Checks a whole file.
pub(crate) fn check(window: &mut Window, findings: &mut Findings) -> Walk<()> {
    let head = Head::read(window)?;
    findings.parsed_bytes += if head.is_big { 16 } else { 8 };
    let mut next = vec![head.first];
    let mut seen = Vec::new();
    let mut spans = Vec::new();
    while let Some(at) = next.pop() {
        if at == 0 || seen.contains(&at) {
            continue;
        }
        if seen.len() >= DIRECTORIES_MAX {
            return Err(Stop::Limit(crate::limits::Limit::Entries));
        }
        window.budget().work(seen.len() as u64)?;
        seen.push(at);
        let directory = head.directory(window, findings, at)?;
        next.push(directory.next);
        next.extend(&directory.below);
        strip::check(window, findings, &directory, &mut spans)?;
    }
    let end = spans.iter().max().copied().unwrap_or(0).max(seen.iter().max().copied().unwrap_or(0));
    if end == 0 {
        return Err(Stop::Broken { at: 4 });
    }
    Ok(())
}

/// The head of the file.
pub(super) struct Head {
    is_little: bool,
    is_big: bool,
    first: u64,
}

/// What a directory says of its picture.
#[derive(Default)]
pub(super) struct Directory {
    pub(super) compression: u64,
    pub(super) width: u64,
    pub(super) height: u64,
    pub(super) bits: Vec<u64>,
    pub(super) samples: u64,
    pub(super) rows_per_strip: u64,
    pub(super) planes_apart: bool,
    pub(super) is_tiled: bool,
    pub(super) places: Vec<u64>,
    pub(super) lengths: Vec<u64>,
    /// Directories that this one names: of a camera, of smaller pictures.
    below: Vec<u64>,
    next: u64,
    pub(super) at: u64,
}

struct Tag {
    number: u16,
    kind: u16,
    count: u64,
    /// Where the values lie.
    at: u64,
}

impl Head {
    fn read(window: &mut Window) -> Walk<Self> {
        let is_little = match window.take(0, 2)? {
            b"II" => true,
            b"MM" => false,
            _ => return Err(Stop::Broken { at: 0 }),
        };
        let mut head = Self { is_little, is_big: false, first: 0 };
        match head.u16(window, 2)? {
            42 => head.first = head.u32(window, 4)?,
            43 => {
                head.is_big = true;
                head.first = head.u64(window, 8)?;
            }
            _ => return Err(Stop::Broken { at: 2 }),
        }
        Ok(head)
    }

    fn u16(&self, window: &mut Window, at: u64) -> Walk<u16> {
        if self.is_little { window.u16_le(at) } else { window.u16_be(at) }
    }

    fn u32(&self, window: &mut Window, at: u64) -> Walk<u64> {
        Ok(u64::from(if self.is_little { window.u32_le(at)? } else { window.u32_be(at)? }))
    }

    fn u64(&self, window: &mut Window, at: u64) -> Walk<u64> {
        if self.is_little { window.u64_le(at) } else { window.u64_be(at) }
    }

    fn directory(&self, window: &mut Window, findings: &mut Findings, at: u64) -> Walk<Directory> {
        let (count_bytes, tag_bytes) = if self.is_big { (8, 20) } else { (2, 12) };
        if at.checked_add(count_bytes).is_none_or(|end| end > window.bytes()) {
            return Err(Stop::Ended { at: window.bytes() });
        }
        let count = if self.is_big { self.u64(window, at)? } else { u64::from(self.u16(window, at)?) };
        if count == 0 || count > 4096 {
            return Err(Stop::Broken { at });
        }
        let mut directory =
            Directory { at, samples: 1, compression: 1, rows_per_strip: u64::MAX, ..Directory::default() };
        for place in 0..count {
            window.budget().entries(1)?;
            let tag_at = at + count_bytes + place * tag_bytes;
            let tag = self.tag(window, tag_at)?;
            self.add(window, findings, &mut directory, &tag, tag_at)?;
        }
        let end = at + count_bytes + count * tag_bytes;
        // Some programs leave the place of the next directory away at the end of the file.
        let has_next = end + if self.is_big { 8 } else { 4 } <= window.bytes();
        if has_next {
            directory.next = if self.is_big { self.u64(window, end)? } else { self.u32(window, end)? };
        }
        findings.parsed_bytes += end - at;
        Ok(directory)
    }

    fn tag(&self, window: &mut Window, at: u64) -> Walk<Tag> {
        let (number, kind) = (self.u16(window, at)?, self.u16(window, at + 2)?);
        let (count, value_at, inside) =
            if self.is_big { (self.u64(window, at + 4)?, at + 12, 8) } else { (self.u32(window, at + 4)?, at + 8, 4) };
        let bytes = count.checked_mul(kind_bytes(kind)).ok_or(Stop::Broken { at })?;
        let values_at = match bytes {
            bytes if bytes <= inside => value_at,
            _ if self.is_big => self.u64(window, value_at)?,
            _ => self.u32(window, value_at)?,
        };
        Ok(Tag { number, kind, count, at: values_at })
    }

    fn add(
        &self,
        window: &mut Window,
        findings: &mut Findings,
        directory: &mut Directory,
        tag: &Tag,
        at: u64,
    ) -> Walk<()> {
        let bytes = tag.count.saturating_mul(kind_bytes(tag.kind));
        let is_inside = tag.at.checked_add(bytes).is_some_and(|end| end <= window.bytes());
        let is_known = matches!(tag.number, 254..=347);
        if tag.kind == 0 || tag.kind > 18 {
            // Tags of later times may have later kinds; readers pass over them.
            findings.note(Note::Irregular { at });
            return if is_known { Err(Stop::Broken { at }) } else { Ok(()) };
        }
        if !is_inside {
            findings.note(Note::Irregular { at });
            return if is_known { Err(Stop::Ended { at: window.bytes() }) } else { Ok(()) };
        }
        let first =
            |window: &mut Window| -> Walk<u64> { Ok(self.values(window, tag, 1)?.first().copied().unwrap_or(0)) };
        match tag.number {
            256 => directory.width = first(window)?,
            257 => directory.height = first(window)?,
            258 => directory.bits = self.values(window, tag, 16)?,
            259 => directory.compression = first(window)?,
            277 => directory.samples = first(window)?,
            278 => directory.rows_per_strip = first(window)?,
            284 => directory.planes_apart = first(window)? == 2,
            273 | 324 => {
                directory.places = self.values(window, tag, u64::MAX)?;
                directory.is_tiled = tag.number == 324;
            }
            279 | 325 => directory.lengths = self.values(window, tag, u64::MAX)?,
            330 | 34665 | 34853 | 40965 => directory.below = self.values(window, tag, 64)?,
            _ => {}
        }
        Ok(())
    }

    /// Reads the values of a tag as numbers, at most `count_max`.
    fn values(&self, window: &mut Window, tag: &Tag, count_max: u64) -> Walk<Vec<u64>> {
        let count = tag.count.min(count_max);
        window.budget().entries(count)?;
        window.budget().memory((count * 8).max(1))?;
        if count * 8 > VALUES_BYTES_MAX {
            return Err(Stop::Limit(crate::limits::Limit::Memory));
        }
        let each = kind_bytes(tag.kind);
        (0..count)
            .map(|place| {
                let at = tag.at + place * each;
                match each {
                    1 => Ok(u64::from(window.u8(at)?)),
                    2 => Ok(u64::from(self.u16(window, at)?)),
                    4 => self.u32(window, at),
                    _ => self.u64(window, at),
                }
            })
            .collect()
    }
}

/// TIFF 6.0 §2, and the three kinds of BigTIFF.
fn kind_bytes(kind: u16) -> u64 {
    match kind {
        1 | 2 | 6 | 7 => 1,
        3 | 8 => 2,
        5 | 10 | 12 | 16..=18 => 8,
        _ => 4,
    }
}
