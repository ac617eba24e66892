//! Every input that the fuzzer kept of files that people hand around, through what reads them.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests read files; one that cannot go on says where"
)]

use std::fs;
use std::path::Path;

#[path = "../../../fuzz/src/attestation.rs"]
mod attestation;
#[path = "../../../fuzz/src/plan.rs"]
mod plan;

#[test]
fn every_plan_of_the_corpus_is_read_or_refused() {
    assert!(each("plan", plan::plan) > 2);
}

#[test]
fn every_attestation_of_the_corpus_is_read_or_refused() {
    assert!(each("attestation", attestation::attestation) > 2);
}

/// Tries every input, and returns how many there are.
fn each(corpus: &str, parse: fn(&[u8])) -> usize {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(corpus);
    let mut count = 0;
    for input in fs::read_dir(corpus).unwrap() {
        let path = input.unwrap().path();
        println!("{}", path.display());
        parse(&fs::read(path).unwrap());
        count += 1;
    }
    count
}
