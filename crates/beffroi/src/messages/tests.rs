//! The catalogues and the code agree: every key that is used is there, in both languages, and no other.
#![expect(clippy::disallowed_methods, reason = "the test reads the code")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use vault::read::{ReadError, ReadFault};
use vault::scratch::ScratchError;

use super::*;
use crate::arguments::command_line;
use crate::failure::{Cause, FAILED, Failure};

/// Returns the keys of a catalogue with the gaps that each has.
fn keys(language: Language) -> Vec<(String, BTreeSet<String>)> {
    let mut keys: Vec<(String, BTreeSet<String>)> = Vec::new();
    for line in language.catalogue().lines() {
        let head = line.split_once(" =").map(|(key, _)| key);
        let head = head.filter(|key| key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
        if let Some(key) = head {
            keys.push((key.to_string(), BTreeSet::new()));
        }
        for gap in line.split("{ $").skip(1) {
            let end = gap.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(gap.len());
            keys.last_mut().unwrap().1.insert(gap[..end].to_string());
        }
    }
    keys.sort();
    keys
}

/// Returns the keys that string literals of the code name.
fn keys_in_code() -> BTreeSet<String> {
    fn read(folder: &Path, code: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, code);
            } else if !path.ends_with("messages/tests.rs") {
                code.push_str(&fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut code = String::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut code);
    let prefixes = [
        "err-",
        "say-",
        "ask-",
        "col-",
        "notice-",
        "noun-",
        "kit-",
        "attribute-",
        "progress-",
        "help-heading-",
        "help-value-",
        "alarm-",
        "class-",
        "level-",
        "one-",
        "reason-",
        "report-",
        "attest-",
        "rehearsal-",
        "town-",
        "order-",
        "cascade-",
        "journal-",
        "crisis-",
        "deadline-",
        "draft-",
        "day-",
    ];
    let is_key = |word: &&str| {
        let sound = word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        sound && !word.ends_with('-') && (prefixes.iter().any(|p| word.starts_with(p)) || *word == "help-exit-codes")
    };
    code.split('"').filter(is_key).map(str::to_string).collect()
}

/// Returns the keys of the help of every command and argument: one of the alternatives must be there.
fn keys_of_help() -> Vec<Vec<String>> {
    fn walk(command: &clap::Command, path: &str, wanted: &mut Vec<Vec<String>>) {
        wanted.push(vec![format!("help-{path}")]);
        for argument in command.get_arguments() {
            let id = argument.get_id().to_string().replace('_', "-");
            wanted.push(vec![format!("arg-{path}-{id}"), format!("arg-{id}")]);
        }
        for below in command.get_subcommands() {
            let name = below.get_name();
            walk(below, &if path == "beffroi" { name.to_string() } else { format!("{path}-{name}") }, wanted);
        }
    }
    let mut wanted = Vec::new();
    walk(&command_line(&Messages::new(Language::En)), "beffroi", &mut wanted);
    wanted
}

#[test]
fn both_languages_have_the_same_keys_and_gaps() {
    let (fr, en) = (keys(Language::Fr), keys(Language::En));
    for pair in en.windows(2) {
        assert_ne!(pair[0].0, pair[1].0, "twice");
    }
    let only = |one: &[(String, BTreeSet<String>)], other: &[(String, BTreeSet<String>)]| {
        one.iter().filter(|key| !other.contains(key)).cloned().collect::<Vec<_>>()
    };
    assert_eq!((only(&fr, &en), only(&en, &fr)), (vec![], vec![]));
}

#[test]
fn every_key_of_the_code_is_there_and_no_other() {
    let used = keys_in_code();
    assert!(used.len() > 100, "the search for keys finds nothing");
    let known: BTreeSet<_> = keys(Language::En).into_iter().map(|(key, _)| key).collect();
    assert_eq!(used.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "not in the catalogue");
    let mut unused: BTreeSet<_> = known.difference(&used).cloned().collect();
    unused.retain(|key| key.strip_prefix("rec-").is_none_or(|rest| !used.contains(&format!("err-{rest}"))));
    for alternatives in keys_of_help() {
        assert!(alternatives.iter().any(|key| known.contains(key)), "no help: {alternatives:?}");
        unused.retain(|key| !alternatives.contains(key));
    }
    assert_eq!(unused, BTreeSet::new(), "in the catalogue for nothing");
}

#[test]
fn numbers_choose_the_words() {
    let lost = |count: u64| text("say-lost-packs").with("count", count);
    let fr = Messages::new(Language::Fr);
    assert!(fr.say(&lost(1)).contains("un paquet"));
    assert!(fr.say(&lost(1234)).contains("1\u{202f}234 paquets"));
    assert!(Messages::new(Language::En).say(&lost(1234)).contains("1,234 packs"));
}

#[test]
fn what_happened_comes_with_advice() {
    let en = Messages::new(Language::En);
    let loose = text("err-kit-loose").with("path", "/k").with("mode", "0644");
    assert_eq!(en.advice(&loose).unwrap(), "Type: chmod 600 /k");
    assert_eq!(en.advice(&text("err-system-exists")), None);
}

#[test]
fn a_scratch_folder_that_fails_is_no_damage_and_says_what_to_do() {
    let error = || ScratchError { folder: "/full".into(), source: rustix::io::Errno::NOSPC.into() };
    let faults = [Failure::from(ReadFault::from(error())), Failure::from(ReadError::from(error()))];
    for failure in faults {
        assert_eq!(failure.exit_code(), FAILED);
        let Some(Cause::Text(first)) = failure.causes.first() else { panic!("{failure:?}") };
        assert!(Messages::new(Language::Fr).say(first).contains("/full"));
        for language in [Language::Fr, Language::En] {
            assert!(Messages::new(language).advice(first).unwrap().contains("TMPDIR="));
        }
        assert_eq!(failure.causes.len(), 2, "and why: {failure:?}");
    }
}

#[test]
fn the_language_is_chosen_by_the_nearest_word() {
    let check = |arguments: &[&str], variables: &[(&str, &str)], expected| {
        let arguments: Vec<_> = arguments.iter().map(std::ffi::OsString::from).collect();
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string());
        assert_eq!(Language::choose(&arguments, find), expected, "{arguments:?} {variables:?}");
    };
    check(&["b"], &[], Language::En);
    check(&["b"], &[("LANG", "fr_FR.UTF-8")], Language::Fr);
    check(&["b"], &[("LANG", "fr_FR.UTF-8"), ("LC_ALL", "C")], Language::En);
    check(&["b"], &[("LANG", "fr_FR.UTF-8"), ("LC_ALL", "")], Language::Fr);
    check(&["b"], &[("LANG", "fr_FR"), ("BEFFROI_LANG", "en")], Language::En);
    check(&["b", "--lang", "fr"], &[("BEFFROI_LANG", "en")], Language::Fr);
    check(&["b", "--lang=fr"], &[], Language::Fr);
    check(&["b", "--", "--lang=fr"], &[], Language::En);
}
