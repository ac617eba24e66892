//! Every input that the fuzzer kept of files that people hand around, through what reads them.
#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::fs;
use std::path::{Path, PathBuf};

#[path = "../../../fuzz/src/attestation.rs"]
mod attestation;
#[path = "../../../fuzz/src/plan.rs"]
mod plan;

#[test]
fn every_plan_of_the_corpus_is_read_or_refused() {
    let inputs = inputs("plan");
    assert!(inputs.len() > 2, "{}", inputs.len());
    for path in inputs {
        println!("{}", path.display());
        plan::plan(&fs::read(path).unwrap());
    }
}

#[test]
fn every_attestation_of_the_corpus_is_read_or_refused() {
    let inputs = inputs("attestation");
    assert!(inputs.len() > 2, "{}", inputs.len());
    for path in inputs {
        println!("{}", path.display());
        attestation::attestation(&fs::read(path).unwrap());
    }
}

/// Returns the inputs of a corpus.
fn inputs(corpus: &str) -> Vec<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(corpus);
    let entries = fs::read_dir(corpus).expect("there is a corpus");
    entries.map(|input| input.expect("the corpus can be read").path()).collect()
}
