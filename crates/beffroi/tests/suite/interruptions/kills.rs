//! `kill -9` at random moments.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::desk::{Desk, Dice, assert_same, count, files_below, kill_after, kill_when, noise, timed};

#[path = "kills/repairs.rs"]
mod repairs;

/// Kills of one vault; the next ones get a new vault, so that disks do not fill up.
const KILLS_PER_VAULT: u64 = 4;
/// Kills of one tree before a backup of it may come to its end.
const KILLS_PER_TREE: u64 = 3;

const SMALL_FILES: u64 = 4000;
const STEADY_FILES: u64 = 500;
const LARGE_FILES: u64 = 8;
const LARGE_BYTES: usize = 14 << 20;

#[test]
fn killed_backups_harm_nothing_and_are_gone_on_with() {
    let (kills, seed) = (count("BEFFROI_SOAK_KILLS", 6), count("BEFFROI_SOAK_SEED", 1));
    let per_vault = KILLS_PER_VAULT.min(kills.div_ceil(2));
    let mut dice = Dice::new(seed);
    let mut figures = Figures::default();
    let mut left = kills;
    for base in bases().iter().cycle() {
        if left == 0 {
            break;
        }
        let now = left.min(per_vault);
        figures.add(Town::new(base, dice.next()).live_through(now, &mut dice));
        left -= now;
    }
    println!("backup, seed {seed}: {figures:#?}");
    assert_eq!(figures.kills, kills);
    assert!(figures.adopted_packs > 0, "no backup went on with what an earlier one had sent");
    assert!(figures.stored_again_bytes <= figures.clean_bytes / 50, "what was sent is not found again");
}

#[test]
fn killed_restores_are_gone_on_with() {
    let (kills, seed) = (count("BEFFROI_SOAK_KILLS", 6), count("BEFFROI_SOAK_SEED", 1));
    let mut dice = Dice::new(!seed);
    for base in bases() {
        let (killed, leftovers) = kill_restores(&base, kills.div_ceil(2), &mut dice);
        println!("restore on {}, seed {seed}: {killed} kills left {leftovers} unfinished files", base.display());
    }
}

#[test]
fn killed_copies_are_gone_on_with() {
    let (kills, seed) = (count("BEFFROI_SOAK_KILLS", 6), count("BEFFROI_SOAK_SEED", 1));
    let mut dice = Dice::new(seed ^ 0xc0);
    for base in bases() {
        let (killed, leftovers) = kill_copies(&base, kills.div_ceil(2), &mut dice);
        println!("copy on {}, seed {seed}: {killed} kills left {leftovers} unfinished files", base.display());
    }
}

#[test]
fn killed_expiries_are_gone_on_with() {
    let (kills, seed) = (count("BEFFROI_SOAK_KILLS", 6), count("BEFFROI_SOAK_SEED", 1));
    let mut dice = Dice::new(seed ^ 0xe0);
    // Eighty days take a while: a few kills are worth one vault.
    let bases: Vec<_> = bases().into_iter().take(if kills < 10 { 1 } else { 2 }).collect();
    for base in &bases {
        let expiries = Expiries::new(base, dice.next());
        let (killed, undone) = expiries.kill(kills.div_ceil(bases.len() as u64), &mut dice);
        println!("expire on {}, seed {seed}: {killed} kills, {undone} in the middle of deleting", base.display());
    }
}

/// A file system in memory and one on a disk, where there are both.
fn bases() -> Vec<PathBuf> {
    let memory = Path::new("/dev/shm");
    let disk = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    if memory.is_dir() { vec![memory.to_path_buf(), disk] } else { vec![disk] }
}

#[derive(Default, Debug)]
struct Figures {
    kills: u64,
    /// Kills that came when the snapshot was made already.
    kills_after_commit: u64,
    completed: u64,
    adopted_packs: u64,
    /// What backups of the same trees store that nobody kills.
    clean_bytes: u64,
    /// What is stored beyond that.
    stored_again_bytes: u64,
    /// What kills left of packs that were being written.
    leftover_bytes: u64,
    clean_time: Duration,
}

impl Figures {
    fn add(&mut self, other: Self) {
        self.kills += other.kills;
        self.kills_after_commit += other.kills_after_commit;
        self.completed += other.completed;
        self.adopted_packs += other.adopted_packs;
        self.clean_bytes += other.clean_bytes;
        self.stored_again_bytes += other.stored_again_bytes;
        self.leftover_bytes += other.leftover_bytes;
        self.clean_time = self.clean_time.max(other.clean_time);
    }
}

/// A vault whose backups are killed.
struct Town {
    desk: Desk,
    seed: u64,
    /// Snapshots with the trees that they were made of.
    truths: Vec<(String, PathBuf)>,
    figures: Figures,
    clean_time: Duration,
    clean_bytes: u64,
}

/// How a backup that was to be killed ended.
#[derive(PartialEq, Eq)]
enum Ending {
    Killed,
    Completed,
}

impl Town {
    fn new(base: &Path, seed: u64) -> Self {
        let (clean_time, clean_bytes) = measure(base, seed);
        let desk = Desk::new(base);
        plant(&desk.path("source"), seed, 0..STEADY_FILES, 0);
        desk.backup().succeeded();
        let mut town = Self { desk, seed, truths: Vec::new(), figures: Figures::default(), clean_time, clean_bytes };
        town.note_snapshot();
        town
    }

    fn live_through(mut self, kills: u64, dice: &mut Dice) -> Figures {
        let mut tree = 0;
        while self.figures.kills < kills {
            tree += 1;
            plant(&self.desk.path("source"), self.seed + tree, 0..SMALL_FILES, LARGE_FILES);
            let before = self.desk.stored_bytes().0;
            self.complete(kills, dice);
            self.figures.clean_bytes += self.clean_bytes;
            let again = (self.desk.stored_bytes().0 - before).saturating_sub(self.clean_bytes);
            self.figures.stored_again_bytes += again;
            self.note_snapshot();
        }
        self.assert_whole(true);
        self.figures.clean_time = self.clean_time;
        self.figures
    }

    /// Kills backups of the same tree until one comes to its end.
    fn complete(&mut self, kills: u64, dice: &mut Dice) {
        for at in 0..KILLS_PER_TREE.min(kills - self.figures.kills) {
            // The first dies with a pack sent, for the next to find; the others whenever it hits them.
            let killed = if at == 0 { self.kill_with_a_pack_sent() } else { self.kill_anywhere(dice) };
            if self.look_after(killed) == Ending::Completed {
                self.figures.completed += 1;
                return;
            }
        }
        let done = self.desk.backup().succeeded();
        assert_eq!(self.desk.stored_bytes().1, 0, "what kills left half written stays behind");
        self.figures.completed += 1;
        self.figures.adopted_packs += done.figure("adopted_packs");
    }

    fn kill_with_a_pack_sent(&self) -> bool {
        let before = self.desk.stored_bytes().0;
        kill_when(&mut self.backup(), || self.desk.stored_bytes().0 > before)
    }

    fn kill_anywhere(&self, dice: &mut Dice) -> bool {
        kill_after(&mut self.backup(), dice.moment_of(self.clean_time))
    }

    fn backup(&self) -> Command {
        self.desk.beffroi(&self.desk.backup_words().each_ref().map(String::as_str))
    }

    /// Finds out how a backup ended that was to be killed, and that it harmed nothing.
    fn look_after(&mut self, killed: bool) -> Ending {
        self.figures.kills += u64::from(killed);
        self.figures.leftover_bytes += self.desk.stored_bytes().1;
        let snapshots = self.desk.snapshots();
        let made = snapshots.len() - self.truths.len();
        assert!(made <= 1 && (killed || made == 1), "a backup of {made} snapshots, killed: {killed}");
        self.figures.kills_after_commit += u64::from(killed && made == 1);
        assert!(snapshots.iter().zip(&self.truths).all(|(id, (truth, _))| id == truth));
        self.assert_whole(false);
        if made == 1 { Ending::Completed } else { Ending::Killed }
    }

    /// Checks every byte of the vault, and restores the newest snapshot or all.
    fn assert_whole(&self, all: bool) {
        self.desk.assert_sound();
        let skip = if all { 0 } else { self.truths.len() - 1 };
        for (snapshot, truth) in &self.truths[skip..] {
            self.desk.assert_restores(snapshot, truth);
        }
    }

    /// Restores the snapshot that was just made, and sets the source aside as what it must be.
    fn note_snapshot(&mut self) {
        let snapshots = self.desk.snapshots();
        assert_eq!(snapshots.len(), self.truths.len() + 1);
        let snapshot = snapshots.last().unwrap();
        self.desk.assert_restores(snapshot, &self.desk.path("source"));
        let truth = self.desk.path(&format!("truth-{}", self.truths.len()));
        fs::rename(self.desk.path("source"), &truth).unwrap();
        self.truths.push((snapshot.clone(), truth));
    }
}

/// Returns how long a backup takes that nobody kills, and how much it stores.
fn measure(base: &Path, seed: u64) -> (Duration, u64) {
    let desk = Desk::new(base);
    plant(&desk.path("source"), seed, 0..STEADY_FILES, 0);
    desk.backup().succeeded();
    let before = desk.stored_bytes().0;
    fs::remove_dir_all(desk.path("source")).unwrap();
    plant(&desk.path("source"), seed + 1, 0..SMALL_FILES, LARGE_FILES);
    let (done, time) = timed(|| desk.backup());
    done.succeeded();
    (time, desk.stored_bytes().0 - before)
}

/// Makes a tree of small files, some the same for all seeds, large ones, and a hard and a symbolic link: for a second of
/// work, and some packs.
fn plant(folder: &Path, seed: u64, small: std::ops::Range<u64>, large: u64) {
    for at in small {
        let district = folder.join(format!("district {}", at / 50));
        fs::create_dir_all(&district).unwrap();
        let mut bytes = noise(if at < STEADY_FILES { at } else { (seed << 20) | at }, 3000 + at as usize % 3000);
        if at % 2 == 0 {
            bytes.iter_mut().for_each(|byte| *byte = b'a' + *byte % 8);
        }
        fs::write(district.join(format!("file {at}")), bytes).unwrap();
    }
    for at in 0..large {
        // Half of them are met before the small files, half after.
        let name = format!("{} {at}", if at % 2 == 0 { "archive" } else { "video" });
        fs::write(folder.join(name), noise((seed << 20) | (1 << 19) | at, LARGE_BYTES)).unwrap();
    }
    fs::hard_link(folder.join("district 0/file 1"), folder.join("district 9/file 1")).unwrap();
    std::os::unix::fs::symlink("district 0/file 1", folder.join("link")).unwrap();
}

/// Kills restores at random moments, lets each come to its end by the same command, and returns how many were killed
/// in the middle, and how many unfinished files they left in all.
fn kill_restores(base: &Path, kills: u64, dice: &mut Dice) -> (u64, usize) {
    let desk = Desk::new(base);
    plant(&desk.path("source"), dice.next() >> 32, 0..SMALL_FILES, LARGE_FILES);
    desk.backup().succeeded();
    let back = desk.path("back");
    let words = ["restore", "latest", "--to", back.to_str().unwrap()];
    let time = timed(|| desk.run(&words).succeeded()).1;
    let (mut killed, mut leftovers) = (0, 0);
    while killed < kills {
        fs::remove_dir_all(&back).unwrap();
        // Twice: the second one dies while it goes on.
        for _ in 0..2 {
            killed += u64::from(kill_after(&mut desk.beffroi(&words), dice.moment_of(time)));
            leftovers += if back.exists() { unfinished(&back) } else { 0 };
        }
        desk.run(&words).succeeded();
        assert_eq!(unfinished(&back), 0, "unfinished files stayed behind");
        assert_same(&desk.path("source"), &back);
    }
    (killed, leftovers)
}

/// Kills copies at random moments, each time until one comes to its end, and returns how many were killed.
fn kill_copies(base: &Path, kills: u64, dice: &mut Dice) -> (u64, usize) {
    let desk = Desk::new(base);
    plant(&desk.path("source"), dice.next() >> 32, 0..SMALL_FILES, LARGE_FILES);
    desk.backup().succeeded();
    let (copy, back) = (desk.path("copy"), desk.path("back"));
    let words = ["copy", "--to", copy.to_str().unwrap()];
    let time = timed(|| desk.run(&words).succeeded()).1;
    let (mut killed, mut left) = (0, 0);
    while killed < kills {
        fs::remove_dir_all(&copy).unwrap();
        for _ in 0..2 {
            killed += u64::from(kill_after(&mut desk.beffroi(&words), dice.moment_of(time)));
        }
        if copy.exists() {
            left += leave_for_hours(&copy);
        }
        desk.run(&words).succeeded();
        assert_eq!(leave_for_hours(&copy), 0, "what was left half written is gone");
        desk.assert_sound_at(&copy);
    }
    let from_copy = ["restore", "latest", "--vault", copy.to_str().unwrap(), "--to", back.to_str().unwrap()];
    desk.run(&from_copy).succeeded();
    assert_same(&desk.path("source"), &back);
    desk.assert_sound();
    (killed, left)
}

/// Lets what runs left half written in a vault seem old, and returns how many files that are.
fn leave_for_hours(vault: &Path) -> usize {
    let is_unfinished = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(".tmp-");
    let files: Vec<_> = files_below(vault).into_iter().filter(is_unfinished).collect();
    for file in &files {
        fs::OpenOptions::new().write(true).open(file).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    }
    files.len()
}

fn unfinished(folder: &Path) -> usize {
    let is_unfinished = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(".beffroi-");
    files_below(folder).iter().filter(|path| is_unfinished(path)).count()
}

/// A vault with a backup for each of many days, and what two runs of `expire` make of it that nobody kills.
struct Expiries {
    desk: Desk,
    /// Snapshots with the trees that they were made of.
    truths: Vec<(String, PathBuf)>,
    /// What is left in the strand's folder, by name.
    left: BTreeSet<PathBuf>,
    /// How long each run takes.
    times: [Duration; 2],
}

impl Expiries {
    const DAYS: u64 = 80;
    /// Days before today on which the two runs take place: the second deletes what the first condemned.
    const RUNS: [u64; 2] = [12, 3];

    fn new(base: &Path, seed: u64) -> Self {
        let desk = Desk::unfounded(base);
        let first_day = Self::RUNS[0] + Self::DAYS;
        let (vault, kit) = (desk.path("vault"), desk.path("kit"));
        let init = ["init", vault.to_str().unwrap(), "--recovery-out", kit.to_str().unwrap()];
        desk.run_on_day(&init, first_day).succeeded();
        let mut expiries = Self { desk, truths: Vec::new(), left: BTreeSet::new(), times: [Duration::ZERO; 2] };
        for day in 0..Self::DAYS {
            expiries.live_a_day(seed, day, first_day - day);
        }
        let desk = &expiries.desk;
        copy_tree(&vault, &desk.path("before"));
        for (run, day) in Self::RUNS.into_iter().enumerate() {
            let (done, time) = timed(|| desk.run_on_day(&EXPIRE, day));
            done.succeeded();
            expiries.times[run] = time;
        }
        expiries.left = objects(&vault);
        assert!(expiries.left.len() < objects(&expiries.desk.path("before")).len() - 60, "hardly anything expires");
        expiries
    }

    fn live_a_day(&mut self, seed: u64, day: u64, days_ago: u64) {
        let source = self.desk.path("source");
        fs::create_dir_all(&source).unwrap();
        fs::write(source.join("register"), noise(seed + day, 40_000)).unwrap();
        fs::write(source.join(format!("decree {day}")), noise(!seed - day, 3000)).unwrap();
        self.desk.run_on_day(&self.desk.backup_words().each_ref().map(String::as_str), days_ago).succeeded();
        let truth = self.desk.path(&format!("truth-{day}"));
        copy_tree(&source, &truth);
        self.truths.push((String::new(), truth));
        if day + 1 == Self::DAYS {
            let snapshots = self.desk.snapshots();
            assert_eq!(snapshots.len(), self.truths.len());
            self.truths.iter_mut().zip(snapshots).for_each(|(truth, snapshot)| truth.0 = snapshot);
        }
    }

    /// Kills both runs at random moments, lets each come to its end, and compares what is left with what must be. Returns
    /// the kills, and those of them that came while some objects were deleted and others not yet.
    fn kill(&self, kills: u64, dice: &mut Dice) -> (u64, u64) {
        let vault = self.desk.path("vault");
        let (mut killed, mut undone) = (0, 0);
        while killed < kills {
            fs::remove_dir_all(&vault).unwrap();
            copy_tree(&self.desk.path("before"), &vault);
            let whole = objects(&vault).len();
            for (day, time) in Self::RUNS.into_iter().zip(self.times) {
                for _ in 0..2 {
                    let mut expire = self.desk.beffroi_on_day(&EXPIRE, day);
                    killed += u64::from(kill_after(&mut expire, dice.moment_of(time)));
                    let now = objects(&vault).len();
                    undone += u64::from(now < whole && now > self.left.len());
                    self.assert_kept_restores(dice);
                }
                self.desk.run_on_day(&EXPIRE, day).succeeded();
            }
            assert_eq!(objects(&vault), self.left);
            self.desk.assert_sound();
        }
        (killed, undone)
    }

    fn assert_kept_restores(&self, dice: &mut Dice) {
        let listed = self.desk.snapshots();
        let snapshot = &listed[dice.below(listed.len() as u64) as usize];
        let (_, truth) = self.truths.iter().find(|(id, _)| id == snapshot).unwrap();
        self.desk.assert_restores(snapshot, truth);
    }
}

const EXPIRE: [&str; 2] = ["expire", "--yes"];

/// Returns the objects of the strands in a vault.
fn objects(vault: &Path) -> BTreeSet<PathBuf> {
    let strands = vault.join("strands");
    files_below(&strands).into_iter().map(|file| file.strip_prefix(&strands).unwrap().to_path_buf()).collect()
}

fn copy_tree(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).status().unwrap();
    assert!(copied.success(), "{}", from.display());
}
