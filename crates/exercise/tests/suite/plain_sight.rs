//! What can be seen of an attack by names and times.

use std::collections::BTreeSet;
use std::fs;

use exercise::attack::{
    Attack, Deed, Disguise, Extension, Form, Mechanics, Note, Notes, Pattern, Profile, ProfileKind, Selection, Times,
    Truth, Way, attack, evasions, families, profiles, undo,
};

use super::odd_tree::{Scene, look};

fn profile(mechanics: Mechanics) -> Profile {
    Profile {
        name: "test",
        resembles: "nothing",
        source: "this test",
        kind: ProfileKind::Family,
        pattern: Pattern::Full,
        form: Form::Stream,
        mechanics,
    }
}

fn named(name: &str) -> Profile {
    profiles().into_iter().find(|profile| profile.name == name).unwrap()
}

#[test]
fn a_plain_attack_leaves_all_names_as_they_were() {
    let scene = Scene::small();
    for profile in [families(), evasions()].concat() {
        if profile.mechanics.way == Way::NewFolder {
            continue;
        }
        let sandbox = scene.sandbox();
        let before = look(&sandbox.path());
        attack(&sandbox, profile.clone(), Disguise::plain(), 3).unwrap();
        let after = look(&sandbox.path());
        assert!(before.keys().eq(after.keys()), "{}", profile.name);
    }
}

#[test]
fn silent_attacks_show_neither_by_time_nor_by_size() {
    let scene = Scene::small();
    for profile in evasions().into_iter().filter(|profile| profile.mechanics.times == Times::Restored) {
        let sandbox = scene.sandbox();
        let truth = attack(&sandbox, profile.clone(), Disguise::of_seed(9), 9).unwrap();
        for record in truth.records.iter().filter(|record| record.deed != Deed::Folder) {
            let [old, new] = [scene.tree().join(path_of(&record.before)), sandbox.path().join(path_of(&record.after))]
                .map(|path| fs::symlink_metadata(path).unwrap());
            assert_eq!(old.modified().unwrap(), new.modified().unwrap(), "{} {:?}", profile.name, record.before);
            assert!(old.len() == new.len() || !profile.form.keeps_size(), "{} {:?}", profile.name, record.before);
        }
    }
}

fn path_of(path: &Option<restore::TreePath>) -> std::ffi::OsString {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(path.as_ref().unwrap().as_bytes().to_vec())
}

#[test]
fn two_seeds_leave_different_marks() {
    let scene = Scene::new();
    let marks: Vec<BTreeSet<Vec<u8>>> = [1, 2]
        .into_iter()
        .map(|seed| {
            let sandbox = scene.sandbox();
            let truth = attack(&sandbox, named("smart"), Disguise::of_seed(seed), seed).unwrap();
            let after = truth.records.iter().filter_map(|record| record.after.clone());
            after.filter_map(|path| Some(path.as_bytes().rsplit(|byte| *byte == b'.').next()?.to_vec())).collect()
        })
        .collect();
    let both: Vec<_> =
        marks[0].intersection(&marks[1]).filter(|mark| ![&b"txt"[..], b"html"].contains(&&mark[..])).collect();
    assert!(both.iter().all(|mark| mark.len() > 200), "only the name that is too long stays: {both:?}");
}

#[test]
fn notes_lie_where_the_profile_says_and_say_what_they_are() {
    let scene = Scene::new();
    for (notes, expected) in
        [(Notes::None, 0..=0), (Notes::First, 1..=1), (Notes::Last, 1..=1), (Notes::EachFolder, 7..=7)]
    {
        let mechanics = Mechanics { notes, ..Mechanics::default() };
        let sandbox = scene.sandbox();
        let truth = attack(&sandbox, profile(mechanics), Disguise::of_seed(4), 4).unwrap();
        let found = notes_of(&truth, &sandbox);
        assert!(expected.contains(&found.len()), "{notes:?}: {}", found.len());
        assert!(found.iter().all(|text| text.contains("Beffroi") && text.contains("exerci")), "{found:?}");
    }
    let mechanics = Mechanics { notes: Notes::EachFile, ..Mechanics::default() };
    let sandbox = scene.sandbox();
    let truth = attack(&sandbox, profile(mechanics), Disguise::of_seed(4), 4).unwrap();
    let files = truth.records.iter().filter(|record| record.before.is_some()).count();
    let found = notes_of(&truth, &sandbox).len();
    assert!(
        (files - 1..=files).contains(&found),
        "one beside each of {files}, but for a name that is too long: {found}"
    );
}

fn notes_of(truth: &Truth, sandbox: &exercise::Sandbox) -> Vec<String> {
    let notes = truth.records.iter().filter(|record| record.deed == Deed::Note);
    notes.map(|record| fs::read_to_string(sandbox.path().join(path_of(&record.after))).unwrap()).collect()
}

#[test]
fn a_trickle_takes_one_file_at_a_time_and_in_the_end_all() {
    let scene = Scene::new();
    let sandbox = scene.sandbox();
    let selection = Selection { files_per_strike: 2, files_max: 7, ..Selection::default() };
    let mechanics = Mechanics { selection, notes: Notes::None, ..Mechanics::default() };
    let mut attack = Attack::begin(&sandbox, profile(mechanics), Disguise::plain(), 1).unwrap();
    let mut harmed = 0;
    for expected in [2, 2, 2, 1, 0, 0] {
        assert_eq!(attack.strike().unwrap(), expected);
        let now = look(&sandbox.path());
        let before = look(&scene.tree());
        let different = before.iter().filter(|(path, old)| now[*path].bytes != old.bytes).count();
        assert!(different >= harmed, "{different}");
        harmed = different;
    }
    assert!(harmed >= 5, "files without content do not show: {harmed}");
    undo(&sandbox, &attack.end().unwrap()).unwrap();
    assert!(look(&sandbox.path()) == look(&scene.tree()));
}

#[test]
fn attacks_one_after_the_other_are_undone_in_turn() {
    let scene = Scene::new();
    let sandbox = scene.sandbox();
    let names = ["base64", "cut-to-nothing", "copy-and-delete", "64-of-192", "deleted"];
    let truths: Vec<_> = names
        .into_iter()
        .zip(1..)
        .map(|(name, seed)| attack(&sandbox, named(name), Disguise::of_seed(seed), seed).unwrap())
        .collect();
    for truth in truths.iter().rev() {
        undo(&sandbox, truth).unwrap();
    }
    assert!(look(&sandbox.path()) == look(&scene.tree()));
}

#[test]
fn marks_can_be_chosen_but_not_what_a_note_says() {
    let scene = Scene::small();
    let sandbox = scene.sandbox();
    let disguise =
        Disguise { extension: Some("locked".into()), footer: b"mark".to_vec(), note: Some(Note::named("READ.ME", 7)) };
    let mechanics = Mechanics { extension: Extension::Word, footer_bytes: 10, ..Mechanics::default() };
    attack(&sandbox, profile(mechanics), disguise, 7).unwrap();
    let after = fs::read(sandbox.path().join("at the top.txt.locked")).unwrap();
    assert_eq!(&after[after.len() - 10..][..4], b"mark");
    let note = fs::read_to_string(sandbox.path().join("READ.ME")).unwrap();
    assert!(note.contains("Beffroi") && note.contains("exerci"), "{note}");
}

#[test]
fn the_same_seed_does_the_same() {
    let scene = Scene::new();
    let of = |seed| {
        let sandbox = scene.sandbox();
        let mechanics = Mechanics { extension: Extension::EachFile { letters: 5 }, ..Mechanics::default() };
        attack(&sandbox, profile(mechanics), Disguise::of_seed(seed), seed).unwrap();
        look(&sandbox.path()).into_iter().map(|(path, look)| (path, look.bytes)).collect::<Vec<_>>()
    };
    assert!(of(1) == of(1));
    assert!(of(1) != of(2));
}
