//! Every input that the fuzzer kept of journals, maps and tables, through what reads them; and maps that somebody changed.
#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::fs;
use std::path::{Path, PathBuf};

use proptest::collection::vec;
use proptest::prelude::*;

#[path = "../../../fuzz/src/journal.rs"]
mod journal;
#[path = "../../../fuzz/src/town.rs"]
mod town_files;

const VILLAGE: &str = include_str!("../../../models/village.toml");

#[test]
fn every_journal_of_the_corpus_is_read_or_refused() {
    for path in inputs("journal") {
        println!("{}", path.display());
        journal::journal(&fs::read(path).unwrap());
    }
}

#[test]
fn every_map_of_the_corpus_is_read_or_refused() {
    for path in inputs("town_map") {
        println!("{}", path.display());
        town_files::town_map(&fs::read(path).unwrap());
    }
}

#[test]
fn every_table_of_the_corpus_is_read_or_refused() {
    for path in inputs("town_table") {
        println!("{}", path.display());
        town_files::town_table(&fs::read(path).unwrap());
    }
}

/// Returns the inputs of a corpus.
fn inputs(corpus: &str) -> Vec<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(corpus);
    let entries = fs::read_dir(corpus).expect("there is a corpus");
    let inputs: Vec<PathBuf> = entries.map(|input| input.expect("the corpus can be read").path()).collect();
    assert!(inputs.len() > 2, "{}", inputs.len());
    inputs
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_bytes_make_the_readers_fall(bytes in vec(any::<u8>(), 0..600)) {
        town_files::town_map(&bytes);
        town_files::town_table(&bytes);
    }

    #[test]
    fn no_signs_of_toml_make_the_reader_fall(text in r#"[\[\]{}="',.#\na-e0-9 -]{0,200}"#) {
        town_files::town_map(text.as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_model_that_was_changed_is_read_or_refused(
        changes in vec((any::<prop::sample::Index>(), 0_usize..40, r#"[\[\]{}="'\na-e0-9 -]{0,6}"#), 1..6),
    ) {
        let mut model: Vec<char> = VILLAGE.chars().collect();
        for (place, length, words) in changes {
            let from = place.index(model.len());
            let to = (from + length).min(model.len());
            model.splice(from..to, words.chars());
        }
        town_files::town_map(model.iter().collect::<String>().as_bytes());
    }

    /// Lines moved, doubled and left out: what people do with an editor.
    #[test]
    fn a_model_of_which_lines_moved_is_read_or_refused(
        moves in vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<bool>()), 1..12),
    ) {
        let mut lines: Vec<&str> = VILLAGE.lines().collect();
        for (from, to, doubled) in moves {
            let line = if doubled { lines[from.index(lines.len())] } else { lines.remove(from.index(lines.len())) };
            lines.insert(to.index(lines.len() + 1), line);
        }
        town_files::town_map(lines.join("\n").as_bytes());
    }
}
