//! What is written over a sound file is found: counted over many places, with the shares that the project promises.

use std::ops::Range;

use triage::State;

use crate::samples::{Random, Sample, all, examine_as};

/// How often damage of some bytes is found in a sample, at seeded places of a range.
fn found(sample: &Sample, range: Range<usize>, bytes: usize, rounds: u64) -> u64 {
    let mut random = Random::new(bytes as u64 + 1);
    let last = range.end.saturating_sub(bytes).max(range.start);
    let is_found = |_: &u64| {
        let at = range.start + random.below((last - range.start + 1) as u64) as usize;
        let end = (at + bytes).min(range.end);
        let mut hurt = sample.bytes.clone();
        hurt[at..end].copy_from_slice(&random.bytes(end - at));
        examine_as(&hurt, &sample.name).state.is_unsound()
    };
    (0..rounds).filter(is_found).count() as u64
}

fn with_end<'s>(samples: &'s [Sample], ends: &'s [&str]) -> impl Iterator<Item = &'s Sample> {
    let chosen = move |sample: &&Sample| ends.iter().any(|end| sample.name.ends_with(end));
    samples.iter().filter(chosen).filter(|sample| !sample.name.contains("password"))
}

/// Asserts that of all damage to the samples with these endings at least `share` is found.
fn assert_found(ends: &[&str], bytes: usize, rounds: u64, share: f64) {
    let samples = all();
    let (mut count, mut total) = (0, 0);
    let mut missed = Vec::new();
    for sample in with_end(&samples, ends).filter(|sample| sample.bytes.len() >= bytes + 1024) {
        let found = found(sample, 0..sample.bytes.len(), bytes, rounds);
        count += found;
        total += rounds;
        if found < rounds {
            missed.push(format!("{}: {} of {rounds}", sample.name, rounds - found));
        }
    }
    assert!(total > 0, "there are samples of {ends:?} for {bytes} bytes");
    let seen = count as f64 / total as f64;
    assert!(seen >= share, "{bytes} bytes: {count} of {total} found ({seen:.4}), wanted {share}; missed {missed:?}");
}

/// Returns where the data of the entries of a ZIP file lie, by its directory.
fn entry_data(bytes: &[u8]) -> Vec<Range<usize>> {
    let u16_at = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let u32_at = |at: usize| u16_at(at) | u16_at(at + 2) << 16;
    let end = bytes.windows(4).rposition(|mark| mark == b"PK\x05\x06").expect("an archive has a directory");
    let mut ranges = Vec::new();
    let mut at = u32_at(end + 16);
    while bytes[at..].starts_with(b"PK\x01\x02") {
        let local = u32_at(at + 42);
        let start = local + 30 + u16_at(local + 26) + u16_at(local + 28);
        // What is compressed by LZMA is not looked into.
        if u16_at(at + 10) != 14 {
            ranges.push(start..start + u32_at(at + 20));
        }
        at += 46 + u16_at(at + 28) + u16_at(at + 30) + u16_at(at + 32);
    }
    ranges
}

/// Random bytes under the name of OpenPGP may be a message of a form that is not known, and under a name that promises nothing they may
/// be anything: they leave doubt.
fn may_be_random(sample: &Sample) -> bool {
    sample.name.ends_with(".gpg") || triage::Kind::expected(sample.name.as_bytes()).is_none()
}

#[test]
fn sixteen_bytes_in_an_entry_of_an_archive_are_found() {
    let samples = all();
    let (mut count, mut total) = (0, 0);
    for sample in with_end(&samples, &[".zip", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp"]) {
        for range in entry_data(&sample.bytes).into_iter().filter(|range| range.len() >= 16) {
            count += found(sample, range, 16, 12);
            total += 12;
        }
    }
    assert!(total >= 1000, "there are entries: {total}");
    assert_eq!(count, total, "of {total}");
}

#[test]
fn sixteen_bytes_under_a_checksum_are_found() {
    assert_found(&["png", "gz", "xz", "bz2"], 16, 150, 0.999);
    assert_found(&["zst"], 16, 150, 0.999);
    assert_found(&["ogg"], 16, 150, 0.999);
}

#[test]
fn sixteen_bytes_in_unicode_are_found() {
    assert_found(&["utf8.txt", "utf8.csv", "json", "sql", "py", "svg", "html"], 16, 800, 0.999);
}

#[test]
fn sixty_four_bytes_in_a_code_page_are_found() {
    assert_found(&["cp1252.txt", "cp850.txt", "latin1.csv"], 64, 800, 0.999);
}

#[test]
fn four_kibibytes_in_other_structures_are_found() {
    assert_found(&[".zip", ".docx", ".xlsx", ".odt", ".ods", ".odp", ".pptx"], 4096, 50, 0.99);
    assert_found(&["pdf"], 4096, 100, 0.99);
    assert_found(&["jpg"], 4096, 200, 0.99);
    assert_found(&["sqlite"], 4096, 200, 0.99);
    assert_found(&["dbf", "shp"], 4096, 200, 0.99);
    assert_found(&["flac"], 4096, 200, 0.99);
    assert_found(&["eml", "mbox"], 4096, 200, 0.99);
    assert_found(&[".doc", "budget.xls", "lzw.tif", "deflate.tif", "packbits.tif", "film.mp4"], 4096, 50, 0.99);
}

#[test]
fn heads_that_are_overwritten_are_found_by_a_glance() {
    let is_told = |sample: &&Sample| !sample.name.contains("mislabelled") && !may_be_random(sample);
    for sample in all().iter().filter(|sample| sample.bytes.len() >= 1024).filter(is_told) {
        let mut random = Random::new(7);
        for bytes in [1024, 4096, usize::MAX] {
            let mut hurt = sample.bytes.clone();
            let end = bytes.min(hurt.len());
            hurt[..end].copy_from_slice(&random.bytes(end));
            let glance = triage::glance(&hurt, &hurt, hurt.len() as u64, sample.name.as_bytes());
            assert!(glance.state.is_unsound(), "{}, {end} bytes: {glance:?}", sample.name);
            let full = examine_as(&hurt, &sample.name);
            // Sound may have been cut out of a broadcast anywhere.
            let is_left_open = sample.name.ends_with(".mp3") && end == 1024;
            assert!(full.state.is_unsound() || is_left_open, "{}, {end} bytes: {full:?}", sample.name);
        }
    }
}

#[test]
fn files_that_are_overwritten_as_a_whole_are_told_as_what_they_are() {
    for sample in all().iter().filter(|sample| sample.bytes.len() >= 1024 && !may_be_random(sample)) {
        let random = Random::new(3).bytes(sample.bytes.len());
        assert_eq!(examine_as(&random, &sample.name).state, State::RandomLike, "{}", sample.name);
        let zeros = vec![0; sample.bytes.len()];
        assert_eq!(examine_as(&zeros, &sample.name).state, State::Zeroed, "{}", sample.name);
        let hex: Vec<u8> = random.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect();
        assert!(matches!(examine_as(&hex, &sample.name).state, State::Encoded(_)), "{}", sample.name);
    }
}

#[test]
fn cut_files_are_told_where_their_form_has_an_end() {
    let samples = all();
    let ended = [
        "zip", "docx", "xlsx", "odt", "ods", "png", "gz", "xz", "bz2", "zst", "jpg", "sqlite", "xml", "svg", "shp",
        "dbf",
    ];
    for sample in with_end(&samples, &ended) {
        for part in 1..64 {
            let bytes = &sample.bytes[..sample.bytes.len() * part / 64];
            let state = examine_as(bytes, &sample.name).state;
            assert!(state.is_unsound(), "{}, {} bytes: {state:?}", sample.name, bytes.len());
        }
    }
}
