//! The first look: what it must see in head and tail, and what it must let pass.

use triage::{GLANCE_BYTES, State, glance};

use crate::samples::{Random, all};

fn glance_at(bytes: &[u8], name: &str) -> State {
    let head = &bytes[..bytes.len().min(GLANCE_BYTES)];
    let tail = &bytes[bytes.len().saturating_sub(GLANCE_BYTES)..];
    glance(head, tail, bytes.len() as u64, name.as_bytes()).state
}

#[test]
fn tails_that_are_overwritten_are_seen_where_a_form_has_an_end() {
    let ends = [
        ".zip", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".pdf", ".png", ".csv", ".sql", ".geojson", ".html",
    ];
    let samples = all();
    let mut count = 0;
    for sample in samples.iter().filter(|sample| ends.iter().any(|end| sample.name.ends_with(end))) {
        let mut hurt = sample.bytes.clone();
        let from = hurt.len() - hurt.len().min(1024);
        let random = Random::new(21).bytes(hurt.len() - from);
        hurt[from..].copy_from_slice(&random);
        assert!(glance_at(&hurt, &sample.name).is_unsound(), "{}", sample.name);
        count += 1;
    }
    assert!(count > 15, "{count} samples");
}

#[test]
fn long_texts_are_looked_at_from_both_ends() {
    let mut text = "N° 12 ; délibération du conseil, à l'unanimité\n".repeat(4000).into_bytes();
    assert_eq!(glance_at(&text, "actes.csv"), State::Valid);
    let last = text.len() - 500;
    text[last..last + 64].copy_from_slice(&Random::new(2).bytes(64));
    let State::Corrupt { ranges } = glance_at(&text, "actes.csv") else { panic!("the tail is seen") };
    assert!(ranges[0].start >= last as u64 - 64 && ranges[0].end <= last as u64 + 128, "{ranges:?}");
}

#[test]
fn blank_files_and_empty_ones_are_told() {
    assert_eq!(glance_at(&[0; 100_000], "plan.pdf"), State::Zeroed);
    assert_eq!(glance_at(b"", "plan.pdf"), State::Truncated { at: 0 });
    assert_eq!(glance_at(b"", "notes.txt"), State::Valid);
}

#[test]
fn encrypted_files_are_random_under_a_known_name_and_unknown_under_none() {
    let random = Random::new(4).bytes(200_000);
    for name in ["plan.pdf", "budget.xlsx", "photo.jpg", "notes.txt", "base.sqlite", "parcelles.dbf"] {
        assert_eq!(glance_at(&random, name), State::RandomLike, "{name}");
    }
    assert!(matches!(glance_at(&random, "conteneur"), State::Unknown(_)));
}
