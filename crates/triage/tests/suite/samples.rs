//! The samples: small files that real programs wrote. `testdata/triage/ORIGIN.md` tells which.

use std::fs;
use std::path::{Path, PathBuf};

use triage::{Examination, Kind, Limits, State, examine};

/// A sample by its name and bytes.
pub struct Sample {
    pub name: String,
    pub bytes: Vec<u8>,
}

impl Sample {
    pub fn examine(&self) -> Examination {
        examine_as(&self.bytes, &self.name)
    }
}

pub fn examine_as(bytes: &[u8], name: &str) -> Examination {
    examine(bytes, name.as_bytes(), &Limits::default()).expect("memory can be read")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/triage")
}

/// Reads all samples, in the order of their names.
pub fn all() -> Vec<Sample> {
    let paths = fs::read_dir(folder()).expect("there are samples").map(|entry| entry.expect("they can be read").path());
    let name = |path: &Path| path.file_name().and_then(|name| name.to_str()).expect("names are plain").to_string();
    let is_sample = |path: &PathBuf| !name(path).ends_with(".md") && !name(path).ends_with(".py");
    let mut samples: Vec<_> = paths
        .filter(is_sample)
        .map(|path| Sample { name: name(&path), bytes: fs::read(&path).expect("it can be read") })
        .collect();
    samples.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(samples.len() > 40, "only {} samples", samples.len());
    samples
}

/// A generator of bytes that a seed decides (xorshift64*).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }
}

#[test]
fn samples_of_real_programs_are_sound() {
    for sample in all() {
        let examination = sample.examine();
        let is_protected = sample.name.contains("password");
        let wanted = if is_protected { State::Protected } else { State::Valid };
        assert_eq!(examination.state, wanted, "{}: {examination:?}", sample.name);
    }
}

#[test]
fn samples_are_of_the_kind_that_their_name_says() {
    for sample in all() {
        let examination = sample.examine();
        let is_disguised = ["mislabelled", "password", "word2"].iter().any(|part| sample.name.contains(part));
        let expected = Kind::expected(sample.name.as_bytes());
        assert!(
            is_disguised || expected.is_none_or(|kind| kind == examination.kind),
            "{}: {:?}",
            sample.name,
            examination.kind
        );
    }
}

#[test]
fn a_name_does_not_change_what_content_says() {
    for sample in all().iter().filter(|sample| !sample.name.ends_with(".dbf")) {
        let examination = examine_as(&sample.bytes, "file");
        assert!(examination.state.is_sound(), "{}: {examination:?}", sample.name);
        let glance = triage::glance(&sample.bytes, &sample.bytes, sample.bytes.len() as u64, sample.name.as_bytes());
        assert!(!glance.state.is_unsound(), "{}: {glance:?}", sample.name);
    }
}
