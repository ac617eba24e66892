//! States that tell more than sound or not: where, how much, closed by a password, changed in one known way.

use triage::{Kind, Limits, Note, State, Unknown, examine_after};

use crate::samples::{Random, all, examine_as};

fn sample(name: &str) -> Vec<u8> {
    all().into_iter().find(|sample| sample.name == name).unwrap_or_else(|| panic!("there is {name}")).bytes
}

/// Returns where some bytes first lie.
fn place(bytes: &[u8], mark: &[u8]) -> usize {
    bytes.windows(mark.len()).position(|part| part == mark).expect("the mark is there")
}

#[test]
fn a_hurt_chunk_of_a_picture_is_told_by_its_range() {
    let mut picture = sample("plan.png");
    let data_at = place(&picture, b"IDAT") - 4;
    picture[data_at + 100] ^= 0x55;
    let State::Corrupt { ranges } = examine_as(&picture, "plan.png").state else { panic!("it is corrupt") };
    assert_eq!((ranges.len(), ranges[0].start), (1, data_at as u64));
}

#[test]
fn one_hurt_entry_of_an_archive_is_told_and_no_other() {
    let mut archive = sample("dossier.zip");
    let name = b"budget/2026.csv";
    let data_at = place(&archive, name) + name.len();
    archive[data_at + 40] ^= 0x55;
    let State::Corrupt { ranges } = examine_as(&archive, "dossier.zip").state else { panic!("it is corrupt") };
    assert_eq!(ranges.len(), 1);
    assert!(ranges[0].contains(&(data_at as u64 + 40)) && ranges[0].start == data_at as u64, "{ranges:?}");
}

#[test]
fn a_cut_archive_is_told_where_its_last_entry_begins() {
    let archive = sample("dossier.zip");
    let second_at = place(&archive[4..], b"PK\x03\x04") + 4;
    let State::Truncated { at } = examine_as(&archive[..second_at + 60], "dossier.zip").state else {
        panic!("it is cut")
    };
    assert_eq!(at, second_at as u64);
}

#[test]
fn what_hangs_behind_is_noted_and_no_damage() {
    let footer = Random::new(5).bytes(512);
    for name in
        ["dossier.zip", "plan.png", "photo.jpg", "lettre.pdf", "letter.gz", "letter.xz", "letter.bz2", "letter.zst"]
    {
        let bytes = [sample(name), footer.clone()].concat();
        let examination = examine_as(&bytes, name);
        let is_noted = examination.notes.iter().any(|note| matches!(note, Note::Trailing { bytes: 500..=512, .. }));
        assert!(examination.state.is_sound() && is_noted, "{name}: {examination:?}");
    }
}

#[test]
fn documents_that_a_password_closes_are_protected() {
    let mut word = sample("lettre.doc");
    let head_at = place(&word, b"\xec\xa5");
    word[head_at + 11] |= 1;
    assert_eq!(examine_as(&word, "lettre.doc").state, State::Protected);

    let mut book = sample("budget.xls");
    let opening_at = place(&book, b"\x09\x08\x10\0");
    // The record behind the opening becomes the one that tells of a password.
    book[opening_at + 20..opening_at + 22].copy_from_slice(&[0x2f, 0]);
    assert_eq!(examine_as(&book, "budget.xls").state, State::Protected);

    for name in ["closed-password.pdf", "closed-password.zip"] {
        assert_eq!(examine_as(&sample(name), name).state, State::Protected);
    }
}

#[test]
fn names_that_say_something_else_are_noted_and_no_damage() {
    let examination = examine_as(&sample("electeurs-utf8.csv"), "electeurs.xls");
    assert_eq!((examination.kind, &examination.state), (Kind::Text, &State::Valid));
    assert!(examination.notes.contains(&Note::NameSays(Kind::Ole2)), "{:?}", examination.notes);
    let examination = examine_as(&sample("lettre.docx"), "lettre.doc");
    assert_eq!((examination.kind, &examination.state), (Kind::Ooxml, &State::Valid));
    let examination = examine_as(&sample("plan.png"), "plan.jpg");
    assert_eq!((examination.kind, &examination.state), (Kind::Png, &State::Valid));
}

#[test]
fn a_lost_head_is_broken_and_not_unknown() {
    for name in ["lettre.docx", "photo.jpg", "plan.png", "lettre.pdf", "lettre.doc", "etat-civil.sqlite", "film.mp4"] {
        let mut bytes = sample(name);
        bytes[..64].copy_from_slice(&Random::new(9).bytes(64));
        let state = examine_as(&bytes, name).state;
        assert_eq!(state, State::Broken { offset: 0 }, "{name}");
    }
}

#[test]
fn random_bytes_under_no_known_name_are_unknown() {
    let random = Random::new(11).bytes(20_000);
    let examination = examine_as(&random, "conteneur");
    assert_eq!(examination.state, State::Unknown(Unknown::Unrecognised));
    assert!(examination.notes.contains(&Note::LooksRandom));
}

#[test]
fn checksums_vouch_for_nearly_all_of_what_has_them() {
    for name in ["plan.png", "letter.gz", "letter.xz", "letter.bz2", "letter.zst"] {
        let coverage = examine_as(&sample(name), name).coverage;
        assert_eq!((coverage.summed_bytes, coverage.parsed_bytes), (coverage.bytes, 0), "{name}");
    }
    let documents = examine_as(&sample("lettre.docx"), "lettre.docx").coverage;
    assert!(documents.share() > 0.95 && documents.summed_bytes * 10 > documents.bytes * 7, "{documents:?}");
    let film = examine_as(&sample("film.mp4"), "film.mp4").coverage;
    assert!(film.share() < 0.5, "what is not verified is not counted: {film:?}");
}

#[test]
fn letters_that_hide_noise_are_told_where_a_text_was() {
    let mut noise = vec![0; 6000];
    blake3::Hasher::new().finalize_xof().fill(&mut noise);
    let letters = data_encoding::BASE64.encode(&noise).into_bytes();
    let state = |name: &[u8], was| examine_after(&letters, name, was, &Limits::default()).unwrap().state;
    assert!(matches!(state(b"README", Some(Kind::Text)), State::Encoded(_)));
    assert!(matches!(state(b"mairie.ftl", Some(Kind::Script)), State::Encoded(_)));
    // A key, or what somebody keeps in letters.
    assert_eq!(state(b"README", None), State::Valid);
    assert_eq!(state(b"README", Some(Kind::Unknown)), State::Valid);
}

#[test]
fn postscript_is_text_and_may_carry_other_things() {
    let mut page =
        b"%!PS-Adobe-3.0\n/Helvetica findfont 12 scalefont setfont\n72 720 moveto (Mairie) show showpage\n".repeat(20);
    let state = |page: &[u8]| examine_after(page, b"affiche.ps", None, &Limits::default()).unwrap().state;
    assert_eq!(state(&page), State::Valid);
    blake3::Hasher::new().finalize_xof().fill(&mut page[1000..1100]);
    assert!(matches!(state(&page), State::Unknown(_)));
    let letters = data_encoding::BASE64.encode(&page).repeat(2);
    let now = examine_after(letters.as_bytes(), b"affiche.ps", Some(Kind::Text), &Limits::default()).unwrap();
    assert!(!matches!(now.state, State::Corrupt { .. }), "{:?}", now.state);
}
