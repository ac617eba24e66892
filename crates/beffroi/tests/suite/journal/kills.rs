//! Writers that are killed at any moment: what was acknowledged is there, and the chain holds.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{open, shown};
use crate::interruptions::desk::Mount;
use crate::rig::Rig;

/// Writers at a time, and how many one after the other in each place.
const WRITERS: u64 = 4;
const ROUNDS: u64 = 40;

/// Longer than any writer takes.
const LONG: Duration = Duration::from_secs(60);

/// Writes a note; kills the writer after a while, and returns whether it was told that the note is written.
fn write_and_kill(rig: &Rig, words: &str, patience: Duration) -> (bool, bool) {
    let mut command = rig.command();
    command.args(["--json", "crisis", "note", words]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut writer: Child = command.spawn().unwrap();
    let began = Instant::now();
    while began.elapsed() < patience && writer.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_micros(200));
    }
    let was_killed = writer.try_wait().unwrap().is_none();
    let _ = writer.kill();
    writer.wait().unwrap();
    let mut told = String::new();
    writer.stdout.take().unwrap().read_to_string(&mut told).unwrap();
    (told.contains("\"event\":\"entry\""), was_killed)
}

#[test]
fn what_was_acknowledged_survives_any_kill() {
    let rig = Rig::new();
    open(&rig);
    let began = Instant::now();
    rig.run(["crisis", "note", "how long one takes"]).done();
    let usual = began.elapsed();
    let runs: Vec<(String, bool, bool)> = thread::scope(|scope| {
        let writer = |number: u64| {
            let rig = &rig;
            move || {
                let round = move |round: u64| {
                    let words = format!("{number}/{round}");
                    // From at once to after the usual end, at other moments in every round; a quarter may come to its end.
                    let share = (round * 37 + number * 13) % 160;
                    let patience = if share < 120 { usual.mul_f64(share as f64 / 60.0) } else { LONG };
                    let (told, killed) = write_and_kill(rig, &words, patience);
                    (words, told, killed)
                };
                (0..ROUNDS).map(round).collect::<Vec<_>>()
            }
        };
        let writers: Vec<_> = (0..WRITERS).map(|number| scope.spawn(writer(number))).collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    let killed = runs.iter().filter(|(_, _, killed)| *killed).count();
    let told: Vec<&String> = runs.iter().filter(|(_, told, _)| *told).map(|(words, ..)| words).collect();
    rig.run(["crisis", "note", "the last"]).done();
    let entries = shown(&rig);
    let written: BTreeSet<&str> = entries.iter().map(|entry| entry["text"].as_str().unwrap()).collect();
    for words in &told {
        assert!(written.contains(words.as_str()), "{words} was acknowledged, and is not there");
    }
    rig.run(["journal", "verify"]).done();
    println!("{} runs, {killed} killed, {} acknowledged, {} entries", runs.len(), told.len(), entries.len());
    assert!(killed > 10 && told.len() > 20, "{killed} killed, {} acknowledged", told.len());
}

#[test]
fn half_an_entry_is_moved_aside_noted_and_exported() {
    let rig = Rig::new();
    open(&rig);
    rig.run(["crisis", "note", "whole"]).done();
    let path = rig.path("journal/journal.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    let last = whole.lines().last().unwrap();
    // At every length, what a kill or a power cut may leave.
    for length in (1..last.len()).step_by(60) {
        fs::write(&path, format!("{whole}{}", &last[..length])).unwrap();
        rig.run(["journal", "verify"]).done().says("unfinished");
        rig.run(["crisis", "note", "after"]).done().says("moved aside");
        let entries = shown(&rig);
        let noted = &entries[entries.len() - 2]["attachments"][0];
        let name = noted["name"].as_str().unwrap();
        assert_eq!(noted["bytes"], length);
        assert_eq!(fs::read(rig.path("journal").join(name)).unwrap(), last.as_bytes()[..length]);
        fs::write(&path, &whole).unwrap();
        fs::remove_file(rig.path("journal").join(name)).unwrap();
    }
    fs::write(&path, format!("{whole}{{\"number\"")).unwrap();
    rig.run(["crisis", "note", "after"]).done();
    rig.run(["journal", "export", "export"]).done();
    let kept = fs::read_dir(rig.path("export/attachments")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(fs::read(kept).unwrap(), b"{\"number\"");
}

#[test]
fn a_full_disk_leaves_no_half_entry() {
    let rig = Rig::new();
    let stick = rig.path("stick");
    let mounted = Mount::new(stick.clone(), "256k");
    let journal = stick.join("journal");
    let open = ["--journal", journal.to_str().unwrap(), "crisis", "open"];
    rig.run(open).done();
    rig.write("a", "one");
    rig.backup();
    let long = "x".repeat(20_000);
    let full = (0..100).find(|_| rig.run(["crisis", "note", &long]).code != 0).expect("the disk is full at last");
    let before = fs::read(journal.join("journal.jsonl")).unwrap();
    assert!(full > 2 && before.ends_with(b"\n"), "{full}");
    rig.run(["crisis", "note", &long]).ends(1).says("no space");
    rig.run(["restore", "latest", "--to", "out"]);
    assert_eq!(fs::read(rig.path("out/a")).unwrap(), b"one");
    mounted.remount("1m", false);
    rig.run(["crisis", "note", &long]).done();
    assert!(fs::read(journal.join("journal.jsonl")).unwrap().starts_with(&before));
    rig.run(["journal", "verify"]).done();
}
