//! Every input that the fuzzer kept, through what examines content.

use std::fs;
use std::path::Path;

#[path = "../../../../fuzz/src/alarm.rs"]
mod alarm;
#[path = "../../../../fuzz/src/content.rs"]
mod content;

#[test]
fn every_input_of_the_corpus_is_examined() {
    assert!(each("examine", content::examine) > 25);
}

#[test]
fn every_alarm_of_the_corpus_is_read_or_refused() {
    assert!(each("alarm", alarm::alarm) > 2);
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
