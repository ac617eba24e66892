//! Every input that the fuzzer kept of journals that people hand around, through what reads them.
#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::fs;
use std::path::Path;

#[path = "../../../fuzz/src/journal.rs"]
mod journal;

#[test]
fn every_journal_of_the_corpus_is_read_or_refused() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/journal");
    let mut count = 0;
    for input in fs::read_dir(corpus).expect("there is a corpus") {
        let path = input.expect("the corpus can be read").path();
        println!("{}", path.display());
        journal::journal(&fs::read(path).unwrap());
        count += 1;
    }
    assert!(count > 5, "{count}");
}
