//! A source that does not hold still while it is kept.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use super::desk::{Desk, Dice, noise};

const FILES: u64 = 800;
const BACKUPS: u64 = 4;

#[test]
fn a_living_source_is_kept_and_what_was_missed_is_listed() {
    let desk = Desk::new(&std::env::temp_dir());
    let source = desk.path("source");
    fs::create_dir(&source).unwrap();
    for at in 0..FILES {
        fs::create_dir_all(place(&source, at).parent().unwrap()).unwrap();
        fs::write(place(&source, at), content(at, 0)).unwrap();
    }
    for at in 0..10 {
        fs::write(source.join(format!("still {at}")), content(at, 1)).unwrap();
    }
    let (over, changes) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        let _over = Over(&over);
        for seed in 0..2 {
            let (source, over, changes) = (&source, &over, &changes);
            scope.spawn(move || live(source, seed, over, changes));
        }
        for _ in 0..BACKUPS {
            let before = changes.load(Ordering::Relaxed);
            let done = desk.backup();
            assert!(changes.load(Ordering::Relaxed) > before, "nothing changed meanwhile");
            let unreadable = done.figure("unreadable");
            let missed = done.events.iter().filter(|event| event["incomplete"] == true);
            let listed = missed.filter(|event| event.get("path").is_some()).count() as u64;
            let expected = if listed > 0 { 3 } else { 0 };
            assert_eq!(done.code, Some(expected), "{listed} listed, {unreadable} unreadable: {}", done.words);
            assert!(listed >= unreadable, "{unreadable} unreadable, {listed} listed: {}", done.words);
            println!("{listed} items listed, {unreadable} of them unreadable");
        }
    });
    let snapshots = desk.snapshots();
    assert_eq!(snapshots.len() as u64, BACKUPS);
    desk.assert_sound();
    for snapshot in &snapshots {
        let back = desk.path("back");
        desk.run(&["restore", snapshot, "--verify", "--to", back.to_str().unwrap()]).succeeded();
        for at in 0..10 {
            assert!(fs::read(back.join(format!("still {at}"))).unwrap() == content(at, 1));
        }
        fs::remove_dir_all(back).unwrap();
    }
    // Once it holds still, everything is kept.
    desk.backup().succeeded();
    desk.assert_restores("latest", &source);
    println!("{} changes in all", changes.load(Ordering::Relaxed));
}

/// Ends the living when the test ends, however it does.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Changes files until it is over: they grow, shrink, vanish, are renamed, become links, folders, fifos.
fn live(source: &Path, seed: u64, over: &AtomicBool, changes: &AtomicU64) {
    let mut dice = Dice::new(seed);
    while !over.load(Ordering::Acquire) {
        let at = dice.below(FILES);
        // Two threads step on each other's toes: what fails here is no matter.
        if change(&place(source, at), &mut dice).is_ok() {
            changes.fetch_add(1, Ordering::Relaxed);
        }
        thread::sleep(std::time::Duration::from_micros(200));
    }
}

fn change(path: &Path, dice: &mut Dice) -> io::Result<()> {
    match dice.below(9) {
        0 => open(path)?.write_all(&noise(dice.next(), 5000)),
        1 => open(path)?.set_len(dice.below(10_000)),
        2 => fs::remove_file(path),
        3 => {
            let new = path.with_extension("new");
            fs::write(&new, noise(dice.next(), 30_000))?;
            fs::rename(new, path)
        }
        4 => fs::rename(path, path.with_extension("old")),
        5 => {
            fs::remove_file(path)?;
            std::os::unix::fs::symlink("nowhere", path)
        }
        6 => {
            fs::remove_file(path)?;
            fs::create_dir(path)?;
            fs::write(path.join("within"), b"a file became a folder")
        }
        7 => fs::remove_dir_all(path),
        _ => {
            fs::remove_file(path)?;
            let mode = rustix::fs::Mode::RUSR;
            Ok(rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0)?)
        }
    }
}

/// Opens a file to append to; a fifo does not hold it up.
fn open(path: &Path) -> io::Result<File> {
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    OpenOptions::new().append(true).custom_flags(flags).open(path)
}

fn place(source: &Path, at: u64) -> PathBuf {
    source.join(format!("office {}/sheet {at}", at % 16))
}

fn content(at: u64, seed: u64) -> Vec<u8> {
    noise((seed << 32) | at, if at.is_multiple_of(50) { 3 << 20 } else { 20_000 })
}
