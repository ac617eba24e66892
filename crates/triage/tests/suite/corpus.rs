//! Every input that the fuzzer kept, through what examines content.

use std::fs;
use std::path::{Path, PathBuf};

#[path = "../../../../fuzz/src/alarm.rs"]
mod alarm;
#[path = "../../../../fuzz/src/content.rs"]
mod content;

#[test]
fn every_input_of_the_corpus_is_examined() {
    let inputs = inputs("examine");
    assert!(inputs.len() > 25, "{}", inputs.len());
    for path in inputs {
        println!("{}", path.display());
        content::examine(&fs::read(path).unwrap());
    }
}

#[test]
fn every_alarm_of_the_corpus_is_read_or_refused() {
    let inputs = inputs("alarm");
    assert!(inputs.len() > 2, "{}", inputs.len());
    for path in inputs {
        println!("{}", path.display());
        alarm::alarm(&fs::read(path).unwrap());
    }
}

/// Returns the inputs of a corpus.
fn inputs(corpus: &str) -> Vec<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(corpus);
    let entries = fs::read_dir(corpus).expect("there is a corpus");
    entries.map(|input| input.expect("the corpus can be read").path()).collect()
}
