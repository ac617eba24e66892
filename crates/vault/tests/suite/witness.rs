//! Who looks at content hears of every path once, in order, and what it found is kept.

use std::sync::{Arc, Mutex};

use vault::backup::{ALARM_BYTES_MAX, Conclusion, FACTS_BYTES_MAX, Fate, Look, Monitor, Outcome, Remark, Witness};
use vault::read::{SnapshotReader, WalkItem};
use vault::tree::Entry;

use crate::rig::{Rig, noise};

/// Writes down what it hears; the facts of a file are its length and the sum of its bytes.
#[derive(Default)]
struct Scribe {
    heard: Mutex<Vec<String>>,
    conclusion: Conclusion,
    long: bool,
}

struct Sum {
    bytes: u64,
    sum: u64,
    long: bool,
}

impl Look for Sum {
    fn data(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.sum += bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>();
    }

    fn zeros(&mut self, bytes: u64) {
        self.bytes += bytes;
    }

    fn finish(&mut self) -> Vec<u8> {
        let facts = [self.bytes.to_le_bytes(), self.sum.to_le_bytes()].concat();
        if self.long { vec![0; FACTS_BYTES_MAX + 1] } else { facts }
    }
}

fn facts_of(content: &[u8]) -> Vec<u8> {
    let mut sum = Sum { bytes: 0, sum: 0, long: false };
    sum.data(content);
    sum.finish()
}

impl Witness for Scribe {
    fn look(&self, _: &[u8], _: u64) -> Box<dyn Look> {
        Box::new(Sum { bytes: 0, sum: 0, long: self.long })
    }

    fn hear(&self, fate: Fate<'_>) {
        let name = |entry: &Entry| String::from_utf8_lossy(&entry.name).into_owned();
        let said = match fate {
            Fate::Enter { name, new } => {
                format!("enter {}{}", String::from_utf8_lossy(name), if new { " new" } else { "" })
            }
            Fate::Leave => "leave".into(),
            Fate::Same { .. } => "same".into(),
            Fate::New { after } => format!("new {}", name(after)),
            Fate::Changed { before, after } => {
                assert!(before.facts.is_some() && before.facts != after.facts);
                format!("changed {}", name(after))
            }
            Fate::Gone { path, before } => {
                assert_eq!(before.and_then(|before| before.facts.as_ref()).is_some(), before.is_some());
                format!("gone {}", String::from_utf8_lossy(path))
            }
            Fate::GoneUntold { count } => format!("untold {count}"),
        };
        self.heard.lock().unwrap().push(said);
    }

    fn conclude(&self) -> Conclusion {
        self.conclusion.clone()
    }
}

/// A monitor that only brings a witness.
struct With<'s>(&'s Scribe);

impl Monitor for With<'_> {
    fn read(&self, _: u64) {}
    fn entry(&self, _: u64) {}
    fn directory(&self, _: &[u8]) {}
    fn remark(&self, remark: Remark) {
        panic!("{remark:?}");
    }
    fn stopping(&self) -> bool {
        false
    }
    fn witness(&self) -> Option<&dyn Witness> {
        Some(self.0)
    }
}

fn entry(reader: &SnapshotReader, path: &str) -> Entry {
    reader
        .walk(reader.root())
        .find_map(|item| match item {
            WalkItem::Entry(found, entry) if found == path.as_bytes() => Some(entry),
            _ => None,
        })
        .unwrap()
}

fn backup(rig: &Rig, scribe: &Scribe) -> (Outcome, Vec<String>) {
    let outcome = rig.try_backup(&With(scribe)).unwrap();
    (outcome, std::mem::take(&mut scribe.heard.lock().unwrap()))
}

#[test]
fn every_path_is_told_once_in_order() {
    let rig = Rig::new();
    let scribe = Scribe::default();
    for path in ["a/1", "a/2", "b/c/3", "b/c/d/4", "b/z", "e"] {
        rig.write(path, path.as_bytes());
    }
    let (_, heard) = backup(&rig, &scribe);
    let first = "enter |enter a new|new 1|new 2|leave|enter b new|enter c new|new 3|enter d new|new 4|leave|leave|new z|leave|new e|leave";
    assert_eq!(heard.join("|"), first);

    let (_, heard) = backup(&rig, &scribe);
    let same = "enter |enter a|same|same|leave|enter b|enter c|same|enter d|same|leave|leave|same|leave|same|leave";
    assert_eq!(heard.join("|"), same);

    std::fs::remove_dir_all(rig.source().join("b/c")).unwrap();
    std::fs::remove_file(rig.source().join("a/2")).unwrap();
    rig.write("a/1", b"another");
    rig.write("a/3", b"new");
    rig.write("e.locked", b"new");
    std::fs::remove_file(rig.source().join("e")).unwrap();
    let (_, heard) = backup(&rig, &scribe);
    let changed = "enter |enter a|changed 1|gone 2|new 3|leave|enter b|gone c|gone c/3|gone c/d|gone c/d/4|same|leave|gone e|new e.locked|leave";
    assert_eq!(heard.join("|"), changed);
}

#[test]
fn what_is_gone_is_counted_where_it_is_too_much_to_tell() {
    let rig = Rig::new();
    let scribe = Scribe::default();
    for number in 0..5000 {
        rig.write(&format!("old/{number:04}"), b"x");
    }
    rig.write("new/a", b"a");
    backup(&rig, &scribe);
    std::fs::remove_dir_all(rig.source().join("old")).unwrap();
    let (outcome, heard) = backup(&rig, &scribe);
    let told = heard.iter().filter(|said| said.starts_with("gone ")).count();
    assert_eq!((told, outcome.counts.removed), (4096, 5001));
    assert!(heard.contains(&"untold 905".to_string()), "{:?}", heard.last());
}

#[test]
fn facts_are_kept_with_the_file_and_stay_with_it() {
    let rig = Rig::new();
    let scribe = Scribe::default();
    let large = noise(5, 300_000);
    rig.write("large", &large);
    rig.write("small", b"petit");
    for _ in 0..2 {
        backup(&rig, &scribe);
        let (reader, _) = rig.open(&rig.snapshots().pop().unwrap());
        for (path, content) in [("large", large.as_slice()), ("small", b"petit")] {
            assert_eq!(entry(&reader, path).facts, Some(facts_of(content)));
        }
    }
    // A touched file has the same content: nothing changed that a witness should hear.
    let file = std::fs::File::options().append(true).open(rig.source().join("small")).unwrap();
    file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    let (_, heard) = backup(&rig, &scribe);
    assert_eq!(heard.join("|"), "enter |same|same|leave");
}

#[test]
fn facts_and_alarms_that_are_too_long_are_not_kept() {
    let rig = Rig::new();
    let conclusion = Conclusion { alarm: Some(vec![0; ALARM_BYTES_MAX + 1]), damage_hint: 3, alarm_level: 1 };
    let scribe = Scribe { long: true, conclusion, ..Scribe::default() };
    rig.write("a", b"a");
    let (outcome, _) = backup(&rig, &scribe);
    assert_eq!((outcome.counts.damage_hint, outcome.counts.alarm_level), (3, 1));
    let (reader, _) = rig.open(&rig.snapshots().pop().unwrap());
    assert_eq!(reader.manifest().alarm, None);
    assert_eq!(entry(&reader, "a").facts, None);
}

#[test]
fn an_alarm_is_told_to_all_and_its_reasons_to_the_owners() {
    let rig = Rig::new();
    let conclusion = Conclusion { alarm: Some(b"why".to_vec()), damage_hint: 5, alarm_level: 2 };
    let scribe = Scribe { conclusion, ..Scribe::default() };
    rig.write("a", b"a");
    backup(&rig, &scribe);
    let snapshot = rig.snapshots().pop().unwrap();
    assert!(snapshot.raises_alarm() && snapshot.is_unanswered(rig.vault().log()));
    assert_eq!(rig.open(&snapshot).0.manifest().alarm.as_deref(), Some(b"why".as_slice()));
    // Without a witness nothing is alarming.
    rig.backup();
    assert!(!rig.snapshots().pop().unwrap().raises_alarm());
}

#[test]
fn a_stream_has_facts_too() {
    let rig = Rig::new();
    let scribe = Scribe::default();
    let content = noise(6, 100_000);
    rig.try_stream_with(&content, true, &With(&scribe)).unwrap();
    let (reader, _) = rig.open(&rig.snapshots().pop().unwrap());
    assert_eq!(entry(&reader, "files").facts, Some(facts_of(&content)));
}

#[test]
fn many_threads_may_look() {
    fn is_shared<T: Send + Sync>(_: &T) {}
    is_shared(&Arc::new(Scribe::default()));
}
