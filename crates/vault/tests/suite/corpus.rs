//! Every input that the fuzzer kept, through the same parsers.

use std::fs;
use std::path::{Path, PathBuf};

#[path = "../../../../fuzz/src/lib.rs"]
mod parsers;

/// Not of the vault: `crates/triage/tests/suite/corpus.rs`, `crates/damage/tests/corpus.rs` and `crates/town/tests/corpus.rs` try them.
const ELSEWHERE: [&str; 7] = ["alarm", "attestation", "examine", "journal", "plan", "town_map", "town_table"];

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus")
}

#[test]
fn every_input_of_the_corpus_is_read_or_refused() {
    for (name, _) in parsers::TARGETS {
        let inputs = fs::read_dir(corpus().join(name)).unwrap_or_else(|_| panic!("there is no corpus of {name}"));
        let mut count = 0;
        for input in inputs {
            let path = input.unwrap().path();
            println!("{}", path.display());
            parsers::run(name, &fs::read(path).unwrap());
            count += 1;
        }
        assert!(count > 0, "the corpus of {name} is empty");
    }
}

#[test]
fn every_corpus_and_every_target_belong_together() {
    let known = |name: &str| ELSEWHERE.contains(&name) || parsers::TARGETS.iter().any(|(target, _)| *target == name);
    for folder in [corpus(), corpus().join("../fuzz_targets")] {
        let mut count = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(known(name.trim_end_matches(".rs")), "{name} is tried by nothing");
            count += 1;
        }
        assert_eq!(count, parsers::TARGETS.len() + ELSEWHERE.len());
    }
}
