use std::os::unix::fs::PermissionsExt;

use town::journal::{entries, examine};

use super::*;

fn opened() -> (tempfile::TempDir, JournalFolder) {
    let above = tempfile::tempdir().unwrap();
    let path = above.path().join("journal");
    let opening = Opening { town: "T".into(), map_sha256: None, exercise: true, text: "Ouvert.".into() };
    let (journal, end) = JournalFolder::create(&path, opening, "Anne").unwrap();
    assert_eq!(journal.end().unwrap(), end);
    (above, journal)
}

fn append(journal: &JournalFolder, drafts: Vec<Draft>) -> Result<Written, JournalError> {
    journal.append("Anne", drafts, |torn| format!("{} inachevées", torn.len()))
}

fn note(words: &str) -> Vec<Draft> {
    vec![Draft::new(Kind::Observation, words)]
}

fn texts(journal: &JournalFolder) -> Vec<String> {
    let file = journal.read().unwrap();
    assert!(examine(&file, &[], 1).is_sound());
    entries(&file).map(|entry| entry.text).collect()
}

#[test]
fn what_a_crash_left_is_moved_aside_and_named() {
    let (_above, journal) = opened();
    append(&journal, note("un")).unwrap();
    let whole = journal.read().unwrap();
    fs::write(journal.file(), [&whole[..], b"{\"number\":3,\"bef"].concat()).unwrap();
    let written = append(&journal, note("deux")).unwrap();
    assert_eq!((written.number, written.torn.len()), (4, 1));
    assert_eq!(fs::read(journal.path().join("torn-2-1")).unwrap(), b"{\"number\":3,\"bef");
    let file = journal.read().unwrap();
    assert!(file.starts_with(&whole));
    let third = entries(&file).nth(2).unwrap();
    assert_eq!((third.attachments[0].name.as_str(), third.attachments[0].bytes), ("torn-2-1", 16));
    assert_eq!(texts(&journal)[3], "deux");
    // It is named once.
    assert_eq!(append(&journal, note("trois")).unwrap().torn, []);
}

#[test]
fn a_crash_while_moving_aside_forgets_nothing() {
    let (_above, journal) = opened();
    let whole = journal.read().unwrap();
    // The copy was made, and the file not yet cut; later it was cut, and no entry written.
    fs::write(journal.path().join("torn-1-1"), b"half").unwrap();
    fs::write(journal.file(), [&whole[..], b"half"].concat()).unwrap();
    let written = append(&journal, note("un")).unwrap();
    assert_eq!(written.torn.iter().map(|torn| torn.name.as_str()).collect::<Vec<_>>(), ["torn-1-1", "torn-1-2"]);
    assert_eq!(texts(&journal).len(), 3);
}

#[test]
fn nothing_is_put_behind_an_unsound_end() {
    let (_above, journal) = opened();
    append(&journal, note("un")).unwrap();
    let sound = journal.read().unwrap();
    let mut changed = sound.clone();
    let at = changed.len() - 120;
    changed[at] ^= 1;
    let removed = [&sound[..], b"{}\n"].concat();
    for file in [changed, removed, b"\n".to_vec(), Vec::new()] {
        fs::write(journal.file(), &file).unwrap();
        assert!(matches!(append(&journal, note("deux")), Err(JournalError::End { .. })));
        assert_eq!(fs::read(journal.file()).unwrap(), file);
    }
}

#[test]
fn the_key_is_private_and_the_journals_own() {
    let (_above, journal) = opened();
    let (_other_above, other) = opened();
    let path = journal.path().join("desk.key");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(append(&journal, note("x")), Err(JournalError::KeyLoose { mode: 0o640, .. })));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::copy(other.path().join("desk.key"), &path).unwrap();
    assert!(matches!(append(&journal, note("x")), Err(JournalError::KeyOther { .. })));
    fs::write(&path, "no key").unwrap();
    assert!(matches!(append(&journal, note("x")), Err(JournalError::KeyOther { .. })));
}

#[test]
fn a_journal_is_never_begun_over_something() {
    let (above, journal) = opened();
    let opening = || Opening { town: "T".into(), map_sha256: None, exercise: true, text: "Ouvert.".into() };
    let again = JournalFolder::create(journal.path(), opening(), "Anne");
    assert!(matches!(again, Err(JournalError::Taken { .. })));
    assert!(matches!(JournalFolder::at(above.path()).end(), Err(JournalError::Missing { .. })));
}

#[test]
fn attachments_are_kept_by_their_hash_and_stay_in_their_folder() {
    let (above, journal) = opened();
    let path = above.path().join("note de rançon.txt");
    fs::write(&path, "payez").unwrap();
    let attachment = journal.attach(&path, true).unwrap();
    assert_eq!((attachment.name.as_str(), attachment.bytes), ("note de rançon.txt", 5));
    let kept = journal.attachments().join(stored_name(&attachment));
    assert_eq!(fs::read(kept).unwrap(), b"payez");
    assert_eq!(journal.attach(&path, true).unwrap(), attachment, "twice is once");
    assert_eq!(fs::read_dir(journal.attachments()).unwrap().count(), 1);
    let hostile = Attachment { name: format!("../../{}", "é/".repeat(300)), sha256: "/../a".into(), bytes: 0 };
    let name = stored_name(&hostile);
    assert!(!name.contains('/') && name.len() < 255, "{name}");
    assert!(journal.attach(above.path(), true).is_err(), "a folder is no attachment");
}

#[test]
fn the_open_journal_is_named_in_the_state() {
    let (above, journal) = opened();
    let named = NamedJournal::new(&above.path().join("state"));
    assert_eq!(named.read().unwrap(), None);
    named.write(&journal).unwrap();
    assert_eq!(named.read().unwrap(), Some(journal));
    named.clear().unwrap();
    assert_eq!(named.read().unwrap(), None);
}
