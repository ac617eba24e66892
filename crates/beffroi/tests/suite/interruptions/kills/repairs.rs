//! A repair that is killed, over and over.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{bases, unfinished};
use crate::interruptions::desk::{Desk, Dice, count, files_below, kill_after, noise, timed};

/// Kills of one tree, while the same repair goes on; then it begins anew.
const KILLS_PER_TREE: u64 = 5;
const FOLDERS: u64 = 12;
const FILES_PER_FOLDER: u64 = 10;

#[test]
fn killed_repairs_are_gone_on_with() {
    let (kills, seed) = (count("BEFFROI_SOAK_KILLS", 20), count("BEFFROI_SOAK_SEED", 1));
    let mut dice = Dice::new(seed ^ 0xb0);
    // On a disk most of the time goes into waiting for it: a few kills are for memory.
    let bases: Vec<_> = bases().into_iter().take(if kills < 50 { 1 } else { 2 }).collect();
    let mut halfway = 0;
    for (number, base) in bases.iter().enumerate() {
        let share = kills / bases.len() as u64 + u64::from((number as u64) < kills % bases.len() as u64);
        let hurt = Hurt::new(base, dice.next() >> 32);
        let figures = hurt.live_through(share, &mut dice);
        println!("repair on {}, seed {seed}: {figures:?}", base.display());
        halfway += figures.halfway;
    }
    assert!(halfway * 20 >= kills, "only {halfway} of {kills} kills came while files were put back");
}

/// A tree that is hurt, and what it should be.
struct Hurt {
    desk: Desk,
    /// What each path has before the repair, and what it should have after it.
    before: Contents,
    after: Contents,
    /// Which files are not to be touched.
    untouched: Vec<PathBuf>,
}

type Contents = BTreeMap<PathBuf, Vec<u8>>;

#[derive(Default, Debug)]
struct Figures {
    kills: u64,
    /// Kills that came when some files were put back, and not all.
    halfway: u64,
    /// Unfinished files that kills left.
    leftovers: usize,
}

impl Hurt {
    fn new(base: &Path, seed: u64) -> Self {
        let desk = Desk::new(base);
        let source = desk.path("source");
        for (folder, number) in
            (0..FOLDERS).flat_map(|folder| (0..FILES_PER_FOLDER).map(move |number| (folder, number)))
        {
            let place = source.join(format!("service {folder}"));
            fs::create_dir_all(place.join("vide")).unwrap();
            let line = format!("Acte {number} du service {folder}, graine {seed}.\n");
            let bytes = if number == 0 { 1_500_000 } else { 30_000 };
            fs::write(place.join(format!("acte {number}.txt")), line.repeat(bytes / line.len())).unwrap();
        }
        desk.backup().succeeded();
        let after = contents(&source);
        for (path, content) in &after {
            let file = source.join(path);
            match path.to_str().unwrap().as_bytes().iter().map(|byte| u32::from(*byte)).sum::<u32>() % 4 {
                0 => fs::write(file, noise(seed, content.len())).unwrap(),
                1 => {
                    fs::write(file.with_extension("txt.q7x"), noise(seed, content.len() + 300)).unwrap();
                    fs::remove_file(file).unwrap();
                }
                _ => {}
            }
        }
        for folder in [1, 5] {
            fs::remove_dir_all(source.join(format!("service {folder}"))).unwrap();
        }
        assert_eq!(desk.backup().code, Some(4), "it rings");
        let plan = desk.path("plan");
        desk.run(&["clean", "--plan", plan.to_str().unwrap()]).succeeded();
        // Something that the plan does not know of.
        fs::remove_dir(source.join("service 2/vide")).unwrap();
        symlink("/ailleurs", source.join("service 2/vide")).unwrap();
        let before = contents(&source);
        let untouched = before.iter().filter(|(path, content)| after.get(*path) == Some(content));
        let untouched = untouched.map(|(path, _)| path.clone()).collect();
        assert!(
            std::process::Command::new("cp").arg("-a").arg(&source).arg(desk.path("hurt")).status().unwrap().success()
        );
        Self { desk, before, after, untouched }
    }

    fn live_through(&self, kills: u64, dice: &mut Dice) -> Figures {
        let plan = self.desk.path("plan");
        let (source, kept) = (self.desk.path("source"), self.desk.path("kept"));
        let words = ["restore", "--plan", plan.to_str().unwrap(), "--to", source.to_str().unwrap()];
        let words = [&words[..], &["--overwrite", "if-damaged", "--evidence", kept.to_str().unwrap()]].concat();
        self.begin_anew();
        let (_, looking) = timed(|| self.desk.run(&["damage", "--to", source.to_str().unwrap()]).succeeded());
        let (_, time) = timed(|| self.desk.run(&words).succeeded());
        let mut figures = Figures::default();
        while figures.kills < kills {
            self.begin_anew();
            let marks = self.marks();
            for _ in 0..KILLS_PER_TREE {
                // Most of the moments while files are put back, the others anywhere.
                let early = if dice.below(4) == 0 { Duration::ZERO } else { looking.mul_f64(0.6).min(time) };
                let moment = early + dice.moment_of(time.saturating_sub(early));
                figures.kills += u64::from(kill_after(&mut self.desk.beffroi(&words), moment));
                figures.leftovers += left_in(&[&source, &kept]);
                let back = self.assert_whole(&source);
                figures.halfway += u64::from(0 < back && back < self.after.len() - self.untouched.len());
                assert_eq!(self.marks(), marks, "what was sound was not touched");
            }
            self.desk.run(&words).succeeded();
            assert_eq!(contents(&source), self.after);
            assert_eq!(self.marks(), marks, "what was sound was not touched");
            assert_eq!(left_in(&[&source, &kept]), 0, "unfinished files stayed behind");
            self.assert_kept_once(&kept);
            self.assert_folders_are_as_they_were(&source);
        }
        figures
    }

    /// Puts the harm back, and takes the evidence away.
    fn begin_anew(&self) {
        for name in ["source", "kept"] {
            let _ = fs::remove_dir_all(self.desk.path(name));
        }
        let (from, to) = (self.desk.path("hurt"), self.desk.path("source"));
        assert!(std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
    }

    /// Demands that each file is the old one or the new one, and no content is lost. Returns how many are put back.
    fn assert_whole(&self, source: &Path) -> usize {
        let now = contents(source);
        for (path, content) in &now {
            if !is_unfinished(path) {
                let known = [self.before.get(path), self.after.get(path)];
                assert!(known.contains(&Some(content)), "{} is neither old nor new", path.display());
            }
        }
        for path in self.before.keys().filter(|path| self.after.contains_key(*path)) {
            assert!(now.contains_key(path), "{} is not there", path.display());
        }
        let is_back = |(path, content): &(&PathBuf, &Vec<u8>)| {
            now.get(*path) == Some(*content) && self.before.get(*path) != Some(*content)
        };
        self.after.iter().filter(is_back).count()
    }

    /// Inode, time of the last change and mode of what is not to be touched.
    fn marks(&self) -> Vec<(u64, i64, i64, u32)> {
        let about = |path: &PathBuf| fs::metadata(self.desk.path("source").join(path)).unwrap();
        let mark = |about: fs::Metadata| (about.ino(), about.mtime(), about.mtime_nsec(), about.mode());
        self.untouched.iter().map(|path| mark(about(path))).collect()
    }

    /// Demands that every damaged file and wreck is among the evidence, and nothing twice.
    fn assert_kept_once(&self, kept: &Path) {
        let kept = contents(kept);
        let hurt: Contents = self
            .before
            .iter()
            .filter(|(path, _)| !self.untouched.contains(path))
            .map(|(path, content)| (path.clone(), content.clone()))
            .collect();
        assert!(kept == hurt, "{:?}", kept.keys().collect::<Vec<_>>());
    }

    /// Demands that folders that were made have their mode, also where they were made by a repair that was killed.
    fn assert_folders_are_as_they_were(&self, source: &Path) {
        for folder in ["service 1", "service 2/vide", "service 5"] {
            let about = fs::symlink_metadata(source.join(folder)).unwrap();
            assert!(about.is_dir() && about.mode() & 0o7777 == 0o755, "{folder}: {:o}", about.mode());
        }
    }
}

fn contents(folder: &Path) -> Contents {
    let read = |path: PathBuf| (path.strip_prefix(folder).unwrap().to_path_buf(), fs::read(&path).unwrap_or_default());
    files_below(folder).into_iter().map(read).collect()
}

fn left_in(folders: &[&Path]) -> usize {
    folders.iter().filter(|folder| folder.exists()).map(|folder| unfinished(folder)).sum()
}

fn is_unfinished(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".beffroi-"))
}
