//! Files that lie: no panic, no hang, no more work than allowed, and never damage for a limit.

use std::cell::Cell;
use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use proptest::prelude::*;
use triage::{Content, ContentError, Kind, Limit, Limits, State, Unknown, examine, glance};

use crate::samples::{Random, all, examine_as};

/// Counts what is read.
struct Counting<'b> {
    bytes: &'b [u8],
    read: Cell<u64>,
}

impl Content for Counting<'_> {
    fn bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, ContentError> {
        let read = self.bytes.read_at(offset, into)?;
        self.read.set(self.read.get() + read as u64);
        Ok(read)
    }
}

/// Examines under small limits, and asserts that they hold.
fn examine_bounded(bytes: &[u8], name: &str) -> State {
    let limits = Limits {
        work_bytes_max: 64 << 20,
        inflated_bytes_max: 16 << 20,
        memory_bytes_max: 16 << 20,
        ..Limits::default()
    };
    let content = Counting { bytes, read: Cell::new(0) };
    let state = examine(&content, name.as_bytes(), &limits).expect("memory can be read").state;
    assert!(content.read.get() <= limits.work_bytes_max + (64 << 10), "{name}: {} bytes read", content.read.get());
    state
}

#[test]
fn every_beginning_of_every_sample_is_examined() {
    for sample in all() {
        let step = 1 + sample.bytes.len() / 128;
        for end in (0..sample.bytes.len()).step_by(step).chain(0..sample.bytes.len().min(64)) {
            let part = &sample.bytes[..end];
            examine_bounded(part, &sample.name);
            glance(part, part, end as u64, sample.name.as_bytes());
        }
    }
}

#[test]
fn samples_under_any_name_are_examined() {
    let samples = all();
    for name in samples.iter().map(|sample| &sample.name) {
        for sample in &samples {
            let state = examine_bounded(&sample.bytes, name);
            assert!(!matches!(state, State::Unknown(Unknown::Limit(_))), "{} as {name}: {state:?}", sample.name);
        }
    }
}

fn deflated(bytes: usize) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 16];
    (0..bytes >> 16).for_each(|_| encoder.write_all(&zeros).expect("memory can be written"));
    encoder.finish().expect("memory can be written")
}

/// A ZIP file with one entry.
fn archive(name: &[u8], method: u16, data: &[u8], bytes: u32, crc: u32) -> Vec<u8> {
    let mut common = Vec::new();
    for value in [20, 0, method, 0, 0x21] {
        common.extend_from_slice(&u16::to_le_bytes(value));
    }
    for value in [crc, data.len() as u32, bytes] {
        common.extend_from_slice(&value.to_le_bytes());
    }
    common.extend_from_slice(&(name.len() as u16).to_le_bytes());
    common.extend_from_slice(&[0, 0]);
    let mut file = [b"PK\x03\x04", &common[..], name, data].concat();
    let directory_at = file.len() as u32;
    file.extend([b"PK\x01\x02\x14\0", &common[..], &[0; 14], name].concat());
    let directory_bytes = file.len() as u32 - directory_at;
    file.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    file.extend(directory_bytes.to_le_bytes());
    file.extend(directory_at.to_le_bytes());
    file.extend([0, 0]);
    file
}

#[test]
fn a_bomb_is_unknown_and_not_damaged() {
    let bytes = 64 << 20;
    let bomb = archive(b"a", 8, &deflated(bytes), bytes as u32, 0);
    let of = |limits: Limits| examine(&bomb, b"bomb.zip", &limits).expect("memory can be read").state;
    let inflated = Limits { inflated_bytes_max: 1 << 20, ..Limits::default() };
    assert_eq!(of(inflated), State::Unknown(Unknown::Limit(Limit::Inflated)));
    let work = Limits { work_bytes_max: 1 << 20, ..Limits::default() };
    assert_eq!(of(work), State::Unknown(Unknown::Limit(Limit::Work)));
    let entries = Limits { entries_max: 0, ..Limits::default() };
    assert_eq!(of(entries), State::Unknown(Unknown::Limit(Limit::Entries)));
    assert!(matches!(of(Limits::default()), State::Corrupt { .. }), "its checksum is not 0");
}

#[test]
fn a_bomb_that_takes_all_is_told_by_its_ratio() {
    let data = deflated(300 << 20);
    let bomb = archive(b"a", 8, &data, 300 << 20, 0);
    let limits = Limits { ratio_max: 10, ..Limits::default() };
    let state = examine(&bomb, b"bomb.zip", &limits).expect("memory can be read").state;
    assert_eq!(state, State::Unknown(Unknown::Limit(Limit::Ratio)));
}

#[test]
fn depth_has_an_end() {
    let deep = format!("%PDF-1.7\n1 0 obj {} endobj\n", "[".repeat(100_000));
    assert_eq!(examine_bounded(deep.as_bytes(), "a.pdf"), State::Unknown(Unknown::Limit(Limit::Depth)));
    let mut boxes = b"\0\0\0\x10ftypisom\0\0\0\0".to_vec();
    let depth = 2000_u32;
    for level in 0..depth {
        boxes.extend((8 * (depth - level)).to_be_bytes());
        boxes.extend(match level {
            0 => b"moov",
            1 => b"trak",
            _ => b"mdia",
        });
    }
    assert_eq!(examine_bounded(&boxes, "a.mp4"), State::Unknown(Unknown::Limit(Limit::Depth)));
}

#[test]
fn directories_that_go_round_come_to_an_end() {
    let mut tiff = b"II*\0\x08\0\0\0\x01\0\0\x01\x03\0\x01\0\0\0\x05\0\0\0\x08\0\0\0".to_vec();
    assert!(!matches!(examine_bounded(&tiff, "a.tif"), State::Unknown(Unknown::Limit(_))));
    tiff[22] = 0xff;
    assert!(examine_bounded(&tiff, "a.tif").is_unsound());
    let sample = all().into_iter().find(|sample| sample.name.ends_with(".doc")).expect("there is a document of Word");
    let mut file = sample.bytes;
    // The table of sectors names itself, and every chain goes round.
    let table_at = 512 * (1 + u32::from_le_bytes([file[76], file[77], file[78], file[79]]) as usize);
    for entry in 0..128_u32 {
        let at = table_at + 4 * entry as usize;
        file[at..at + 4].copy_from_slice(&(entry % 8).to_le_bytes());
    }
    assert!(examine_bounded(&file, "a.doc").is_unsound());
}

#[test]
fn a_failing_read_is_no_damage() {
    struct Failing;
    impl Content for Failing {
        fn bytes(&self) -> u64 {
            1 << 20
        }

        fn read_at(&self, offset: u64, _: &mut [u8]) -> Result<usize, ContentError> {
            Err(ContentError { offset, source: "gone".into() })
        }
    }
    let error = examine(&Failing, b"a.pdf", &Limits::default()).expect_err("nothing can be read");
    assert_eq!(error.offset, 0);
}

#[test]
fn content_that_is_shorter_than_it_says_ends() {
    struct Short;
    impl Content for Short {
        fn bytes(&self) -> u64 {
            1 << 40
        }

        fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, ContentError> {
            b"%PDF-1.4\n1 0 obj\n".as_slice().read_at(offset, into)
        }
    }
    let limits = Limits { work_bytes_max: 1 << 24, ..Limits::default() };
    for name in ["a.pdf", "a.zip", "a.txt", "a.jpg", "a.doc"] {
        examine(&Short, name.as_bytes(), &limits).expect("it can be read");
    }
}

#[test]
fn empty_files_are_sound_where_they_may_be() {
    assert_eq!(examine_as(b"", "notes.txt").state, State::Valid);
    assert_eq!(examine_as(b"", "lock").state, State::Valid);
    assert_eq!(examine_as(b"", "plan.docx").state, State::Truncated { at: 0 });
    assert_eq!(examine_as(b"", "lock").kind, Kind::Unknown);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn samples_that_are_changed_anyhow_are_examined(
        which in any::<prop::sample::Index>(),
        seed in any::<u64>(),
        edits in 1_usize..24,
    ) {
        let samples = all();
        let sample = which.get(&samples);
        let mut bytes = sample.bytes.clone();
        let mut random = Random::new(seed);
        for _ in 0..edits {
            let at = random.below(bytes.len() as u64) as usize;
            match random.below(4) {
                0 => bytes[at] = random.next() as u8,
                1 => bytes[at] = [0, 0xff, 0x7f, 0x80, 1][random.below(5) as usize],
                2 => {
                    let end = (at + random.below(64) as usize).min(bytes.len());
                    let from = random.below((bytes.len() - (end - at)) as u64 + 1) as usize;
                    bytes.copy_within(at..end, from);
                }
                _ => {
                    bytes.truncate(at.max(1));
                }
            }
        }
        examine_bounded(&bytes, &sample.name);
        let half = bytes.len() / 2;
        glance(&bytes[..half], &bytes[half..], bytes.len() as u64, sample.name.as_bytes());
    }

    #[test]
    fn any_bytes_behind_any_mark_are_examined(which in any::<prop::sample::Index>(), tail in prop::collection::vec(any::<u8>(), 0..2048), kept in 0_usize..64) {
        let samples = all();
        let sample = which.get(&samples);
        let mut bytes = sample.bytes[..kept.min(sample.bytes.len())].to_vec();
        bytes.extend(tail);
        examine_bounded(&bytes, &sample.name);
        glance(&bytes, &bytes, bytes.len() as u64, sample.name.as_bytes());
    }
}
