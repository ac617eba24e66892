//! Marks at the head of files.

use super::Kind;
use crate::window::position;

/// Tells the kind from the head. What the name promises decides between kinds of text, which have no mark of their own.
pub(super) fn by_content(head: &[u8], expected: Option<Kind>) -> Option<Kind> {
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") || head.starts_with(b"PK\x07\x08PK") {
        return Some(zip_flavour(head, expected));
    }
    let marked = MARKS.iter().find(|(at, mark, _)| head.get(*at..).is_some_and(|rest| rest.starts_with(mark)));
    if let Some((_, _, kind)) = marked {
        let is_index = *kind == Kind::Shapefile && is_shape_index(head, expected);
        return Some(if is_index { Kind::ShapeIndex } else { *kind });
    }
    riff(head)
        .or_else(|| mp4(head))
        .or_else(|| late_marks(head))
        .or_else(|| no_mark(head, expected))
        .or_else(|| if crate::structure::text::reads_as_text(head) { Some(text_flavour(head, expected)) } else { None })
}

/// Marks that random bytes show once in 2³² files or less.
const MARKS: &[(usize, &[u8], Kind)] = &[
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind::Ole2),
    (0, b"%PDF-", Kind::Pdf),
    (0, b"{\\rtf", Kind::Rtf),
    (0, b"\x89PNG\r\n\x1a\n", Kind::Png),
    (0, b"II*\0", Kind::Tiff),
    (0, b"MM\0*", Kind::Tiff),
    (0, b"II+\0\x08\0\0\0", Kind::Tiff),
    (0, b"MM\0+\0\x08\0\0", Kind::Tiff),
    (0, b"GIF87a", Kind::Gif),
    (0, b"GIF89a", Kind::Gif),
    (0, b"\xfd7zXZ\0", Kind::Xz),
    (0, b"\x28\xb5\x2f\xfd", Kind::Zstd),
    (0, b"7z\xbc\xaf\x27\x1c", Kind::SevenZip),
    (0, b"Rar!\x1a\x07", Kind::Rar),
    (257, b"ustar", Kind::Tar),
    (0, b"SQLite format 3\0", Kind::Sqlite),
    (4, b"Standard Jet DB\0", Kind::Access),
    (4, b"Standard ACE DB\0", Kind::Access),
    (0, b"!BDN", Kind::Pst),
    (0, b"vhdxfile", Kind::Vhdx),
    (0, b"QFI\xfb", Kind::Qcow2),
    (0, b"KDMV", Kind::Vmdk),
    (0, b"# Disk DescriptorFile", Kind::Vmdk),
    (0, b"\x7fELF", Kind::Elf),
    (0, b"OggS\0", Kind::Ogg),
    (0, b"fLaC", Kind::Flac),
    (40, b" EMF", Kind::Emf),
    (0, b"\xd7\xcd\xc6\x9a\0\0", Kind::Wmf),
    (0, b"\0\x01\0\0\0", Kind::Font),
    (0, b"OTTO\0", Kind::Font),
    (0, b"\xdb\xa5\x2d\0", Kind::OldWord),
    (0, b"\xdc\xa5\x2d\0", Kind::OldWord),
    (0, b"\xdc\xa5\x65\0", Kind::OldWord),
    (0, b"\xc5\xd0\xd3\xc6", Kind::DrawnPage),
    // Word and PowerPoint of the Macintosh, PowerPoint before OLE 2.
    (0, b"\xfe\x37\0\x1c", Kind::Unknown),
    (0, b"\xfe\x37\0\x23", Kind::Unknown),
    (0, b"\xed\xde\xad\x0b", Kind::Unknown),
    // Known, and not looked into: dumps of PostgreSQL, LMDB under the extension of Access.
    (0, b"PGDMP", Kind::Unknown),
    (16, b"\xde\xc0\xef\xbe", Kind::Unknown),
    (0, b"\0\0\x27\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", Kind::Shapefile),
];

/// Tells kinds with marks that are short, so that some other byte must agree.
fn late_marks(head: &[u8]) -> Option<Kind> {
    match head {
        [0xff, 0xd8, 0xff, 0xc0..=0xfe, ..] => Some(Kind::Jpeg),
        [0x1f, 0x8b, 8, flags, ..] if flags & 0xe0 == 0 => Some(Kind::Gzip),
        [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..]
            if rest.starts_with(b"1AY&SY") || rest.starts_with(b"\x17\x72\x45\x38") =>
        {
            Some(Kind::Bzip2)
        }
        [b'A', b'C', b'1', b'0', b'0'..=b'9', b'0'..=b'9', ..] => Some(Kind::Dwg),
        [b'B', b'M', size @ ..] if is_bmp(size) => Some(Kind::Bmp),
        [b'M', b'Z', ..] if is_pe(head) => Some(Kind::Pe),
        [b'I', b'D', b'3', 2..=4, 0..=9, flags, a, b, c, d, ..] if flags & 0x0f == 0 && (a | b | c | d) < 0x80 => {
            Some(Kind::Mp3)
        }
        [0x5d, ..] if crate::structure::xz::lzma::alone::is_head(head) => Some(Kind::Lzma),
        _ if crate::structure::postgres::is_head(head) => Some(Kind::Postgres),
        [0x80..=0xff, ..] if crate::structure::openpgp::is_head(head) => Some(Kind::OpenPgp),
        _ => position(head.get(..1024).unwrap_or(head), b"%PDF-").map(|_| Kind::Pdf),
    }
}

/// Tells kinds that have no mark, where the name promises them and the head agrees.
fn no_mark(head: &[u8], expected: Option<Kind>) -> Option<Kind> {
    match (expected?, head) {
        (
            Kind::Dbase,
            [
                0x02
                | 0x03
                | 0x04
                | 0x05
                | 0x07
                | 0x30..=0x32
                | 0x43
                | 0x63
                | 0x7b
                | 0x83
                | 0x8b
                | 0x8c
                | 0xcb
                | 0xe5
                | 0xf5
                | 0xfb,
                ..,
            ],
        ) => Some(Kind::Dbase),
        (Kind::ShapeIndex | Kind::Shapefile, [0, 0, 0x27, 0x0a, ..]) => expected,
        (Kind::Wmf, [1 | 2, 0, 9, 0, 0, 1 | 3, ..]) => Some(Kind::Wmf),
        (Kind::Mp3, [0xff, second, ..]) if second & 0xe0 == 0xe0 => Some(Kind::Mp3),
        _ => None,
    }
}

/// Shapes and their index have one head. The index goes on with the place of the first shape, in words: 50.
fn is_shape_index(head: &[u8], expected: Option<Kind>) -> bool {
    match head.get(100..104) {
        Some(first) => first == [0, 0, 0, 50],
        None => expected == Some(Kind::ShapeIndex),
    }
}

fn is_bmp(after_mark: &[u8]) -> bool {
    let u32_at = |at: usize| after_mark.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    u32_at(4) == Some(0) && u32_at(12).is_some_and(|header| matches!(header, 12 | 40 | 52 | 56 | 64 | 108 | 124))
}

fn is_pe(head: &[u8]) -> bool {
    let at = head.get(60..64).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize);
    at.and_then(|at| head.get(at..)).is_some_and(|rest| rest.starts_with(b"PE\0\0") || rest.starts_with(b"NE"))
}

fn riff(head: &[u8]) -> Option<Kind> {
    match head.get(8..12)? {
        b"AVI " if head.starts_with(b"RIFF") => Some(Kind::Avi),
        b"WEBP" if head.starts_with(b"RIFF") => Some(Kind::WebP),
        b"WAVE" if head.starts_with(b"RIFF") || head.starts_with(b"RF64") => Some(Kind::Wav),
        _ => None,
    }
}

/// Tells films and pictures in boxes (ISO/IEC 14496-12), old ones without `ftyp` too.
fn mp4(head: &[u8]) -> Option<Kind> {
    let bytes = u32::from_be_bytes([*head.first()?, *head.get(1)?, *head.get(2)?, *head.get(3)?]);
    match head.get(4..8)? {
        b"ftyp" if (8..=4096).contains(&bytes) => Some(Kind::Mp4),
        b"moov" | b"mdat" | b"wide" | b"free" | b"skip" if bytes == 1 || (8..0x2000_0000).contains(&bytes) => {
            let next = head.get(bytes as usize + 4..bytes as usize + 8);
            let follows = next.is_none_or(|name| matches!(name, b"moov" | b"mdat" | b"free" | b"skip" | b"wide"));
            follows.then_some(Kind::Mp4)
        }
        _ => None,
    }
}

/// Tells what a ZIP file is from the names of its first entries.
fn zip_flavour(head: &[u8], expected: Option<Kind>) -> Kind {
    let name_bytes = head.get(26..28).map_or(0, |b| usize::from(u16::from_le_bytes([b[0], b[1]])));
    let name = head.get(30..30 + name_bytes).unwrap_or_default();
    let office = ["[Content_Types].xml", "_rels/", "word/", "xl/", "ppt/", "docProps/", "customXml/"];
    if name == b"mimetype" {
        let rest = &head[30 + name_bytes..head.len().min(30 + name_bytes + 200)];
        return if position(rest, b"epub").is_some() { Kind::Epub } else { Kind::Odf };
    }
    if office.iter().any(|start| name.starts_with(start.as_bytes())) {
        return Kind::Ooxml;
    }
    if name.starts_with(b"META-INF/") && expected != Some(Kind::Odf) {
        return if expected == Some(Kind::Zip) { Kind::Zip } else { Kind::Jar };
    }
    match expected {
        Some(kind @ (Kind::Ooxml | Kind::Odf | Kind::Epub | Kind::Jar)) => kind,
        _ => Kind::Zip,
    }
}

/// Tells kinds of text apart.
fn text_flavour(head: &[u8], expected: Option<Kind>) -> Kind {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if let Some(kind) = expected.filter(|kind| kind.is_text()) {
        return kind;
    }
    let start = text.get(..text.len().min(15)).unwrap_or_default().to_ascii_lowercase();
    if text.starts_with(b"<?xml") {
        Kind::Xml
    } else if start.starts_with(b"<!doctype html") || start.starts_with(b"<html") {
        Kind::Html
    } else if text.starts_with(b"#!") {
        Kind::Script
    } else if text.starts_with(b"From ") && crate::structure::email::has_headers(after_line(text)) {
        Kind::Mbox
    } else if crate::structure::email::has_headers(text) {
        Kind::Email
    } else {
        Kind::Text
    }
}

fn after_line(text: &[u8]) -> &[u8] {
    text.iter().position(|&byte| byte == b'\n').map_or(&[], |end| &text[end + 1..])
}
