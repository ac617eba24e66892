//! Papers as offices have them: DOCX (ECMA-376), PDF (ISO 32000-1), SVG. As small as they may be, and whole.

use std::fmt::Write;
use std::io::{self, Write as _};

use flate2::Compression;
use flate2::write::{DeflateEncoder, ZlibEncoder};

/// Writes a letter.
pub fn docx(words: &str) -> io::Result<Vec<u8>> {
    let types = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>";
    let relations = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/></Relationships>";
    let mut document = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>",
    );
    for line in words.lines() {
        let _ = write!(document, "<w:p><w:r><w:t>{}</w:t></w:r></w:p>", escaped(line));
    }
    document += "</w:body></w:document>";
    zip(&[("[Content_Types].xml", types), ("_rels/.rels", relations), ("word/document.xml", &document)])
}

/// Writes a page of words.
pub fn pdf(title: &str, words: &str) -> Vec<u8> {
    // The standard fonts know Latin letters (WinAnsiEncoding): what is not among them is a question mark.
    let latin = |text: &str| -> Vec<u8> {
        let letters = text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?'));
        letters.flat_map(|byte| if b"()\\".contains(&byte) { vec![b'\\', byte] } else { vec![byte] }).collect()
    };
    let mut page = b"BT /F1 11 Tf 14 TL 50 790 Td\n".to_vec();
    for line in [title].into_iter().chain(words.lines()) {
        page.extend([&b"("[..], &latin(line), b") Tj T*\n"].concat());
    }
    page.extend(b"ET\n");
    let mut deflated = ZlibEncoder::new(Vec::new(), Compression::default());
    let stream = deflated.write_all(&page).and_then(|()| deflated.finish()).expect("memory takes what is written");
    let head = format!("<< /Length {} /Filter /FlateDecode >>\nstream\n", stream.len());
    let objects: [Vec<u8>; 5] = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_vec(),
        [head.as_bytes(), &stream, b"\nendstream"].concat(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_vec(),
    ];
    let mut file = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut table = String::from("xref\n0 6\n0000000000 65535 f \n");
    for (at, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", file.len());
        file.extend([format!("{} 0 obj\n", at + 1).as_bytes(), object, b"\nendobj\n"].concat());
    }
    let begin = file.len();
    file.extend(format!("{table}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{begin}\n%%EOF\n").into_bytes());
    file
}

/// Writes a drawing of one path.
pub fn svg(lines: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 2000 2000\">\n<path fill=\"none\" stroke=\"black\" d=\"M 0 0\n{lines}\"/>\n</svg>\n"
    )
}

/// Writes an archive (APPNOTE 6.3.10): local heads with their content, the directory, its end.
fn zip(files: &[(&str, &str)]) -> io::Result<Vec<u8>> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
        deflated.write_all(content.as_bytes())?;
        let deflated = deflated.finish()?;
        let length = |length: usize| u32::try_from(length).map(u32::to_le_bytes).map_err(io::Error::other);
        // Version 2.0, no flags, deflated, the time at which DOS began.
        let mut shared = vec![20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0];
        shared.extend(crc32fast::hash(content.as_bytes()).to_le_bytes());
        shared.extend(length(deflated.len())?);
        shared.extend(length(content.len())?);
        shared.extend(u16::try_from(name.len()).map_err(io::Error::other)?.to_le_bytes());
        shared.extend([0, 0]);
        directory
            .extend([&b"PK\x01\x02\x14\0"[..], &shared, &[0; 10], &length(archive.len())?, name.as_bytes()].concat());
        archive.extend([&b"PK\x03\x04"[..], &shared, name.as_bytes(), &deflated].concat());
    }
    let count = u16::try_from(files.len()).map_err(io::Error::other)?.to_le_bytes();
    let at = |length: usize| u32::try_from(length).map(u32::to_le_bytes).map_err(io::Error::other);
    let end =
        [&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &at(directory.len())?, &at(archive.len())?, &[0, 0]].concat();
    archive.extend(directory);
    archive.extend(end);
    Ok(archive)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
