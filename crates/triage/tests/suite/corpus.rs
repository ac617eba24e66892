//! Every input that the fuzzer kept, through what examines content.

use std::fs;
use std::path::Path;

#[path = "../../../../fuzz/src/content.rs"]
mod content;

#[test]
fn every_input_of_the_corpus_is_examined() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/examine");
    let mut count = 0;
    for input in fs::read_dir(corpus).unwrap() {
        let path = input.unwrap().path();
        println!("{}", path.display());
        content::examine(&fs::read(path).unwrap());
        count += 1;
    }
    assert!(count > 25, "{count}");
}
