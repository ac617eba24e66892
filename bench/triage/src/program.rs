//! The real program on a copy of the town: kept, worked on, kept, attacked, kept; what `damage` tells, set beside the truth.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use exercise::Sandbox;
use exercise::attack::{Disguise, Profile, attack};
use exercise::benign::jobs;
use restore::TreePath;
use serde::Serialize;
use serde_json::Value;

use crate::town::paths_below;

/// What good work is done between the first two backups.
const WORK: &str = "texts-edited";

#[derive(Serialize)]
struct ProgramLine<'r> {
    run: &'static str,
    profile: &'r str,
    seed: u64,
    files: usize,
    harmed: usize,
    /// Harmed, and told as damaged, damaged under another name, or gone.
    told: usize,
    suspect: usize,
    unknown: usize,
    missed: Vec<String>,
    /// Not harmed, and told as damaged.
    wrong: Vec<String>,
    /// Told with a clean version, and that is what there was before the attack.
    clean_right: usize,
    clean_wrong: Vec<String>,
    /// Edited between the backups, and given back as they were before that edit.
    edits_lost: usize,
    alarm: bool,
}

/// Contents by path, as hashes.
type Contents = BTreeMap<String, blake3::Hash>;

/// Runs one profile, and gives one line.
pub fn program(
    (corpus, place): (&Path, &Path),
    beffroi: &Path,
    profile: &Profile,
    seed: u64,
    line: &mut dyn FnMut(String),
) -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::copy(corpus, place, &mut |_| {})?;
    let town = TownHall::open(beffroi, place, sandbox.path())?;
    let (first, before) = (town.keep()?.0, contents(&sandbox.path())?);
    let work = jobs().into_iter().find(|job| job.name == WORK).ok_or("the job is there")?;
    work.run(&sandbox, seed)?;
    let (second, worked_on) = (town.keep()?.0, contents(&sandbox.path())?);
    let truth = attack(&sandbox, profile.clone(), Disguise::of_seed(seed), seed)?;
    let (_, alarm) = town.keep()?;
    let harmed: BTreeSet<String> = truth
        .records
        .iter()
        .filter(|record| record.is_harm())
        .filter_map(|record| text(record.before.as_ref()))
        .collect();
    let lines = town.damage(&first)?;
    let is_clean = |path: &str, snapshot: &str| match snapshot {
        snapshot if snapshot == second => true,
        snapshot if snapshot == first => before.get(path) == worked_on.get(path),
        _ => false,
    };
    let mut told = ProgramLine {
        run: "program",
        profile: profile.name,
        seed,
        files: worked_on.len(),
        harmed: harmed.len(),
        told: 0,
        suspect: 0,
        unknown: 0,
        missed: Vec::new(),
        wrong: Vec::new(),
        clean_right: 0,
        clean_wrong: Vec::new(),
        edits_lost: 0,
        alarm,
    };
    let mut left = harmed.clone();
    for (path, class, clean) in &lines {
        let is_harmed = left.remove(path);
        match class.as_str() {
            "damaged" | "renamed-damaged" | "deleted" => told.told += usize::from(is_harmed),
            "suspect" => told.suspect += usize::from(is_harmed),
            "unknown" => told.unknown += usize::from(is_harmed),
            _ if is_harmed => told.missed.push(path.clone()),
            _ => {}
        }
        if !is_harmed && matches!(class.as_str(), "damaged" | "renamed-damaged") {
            told.wrong.push(path.clone());
        }
        match clean {
            Some(clean) if is_harmed && is_clean(path, clean) => told.clean_right += 1,
            Some(_) if is_harmed => {
                told.edits_lost += usize::from(before.get(path) != worked_on.get(path));
                told.clean_wrong.push(path.clone());
            }
            _ => {}
        }
    }
    told.missed.extend(left);
    line(serde_json::to_string(&told)?);
    Ok(())
}

/// Path, class, and the snapshot that has a clean version.
type DamageLine = (String, String, Option<String>);

/// A vault, a state and a kit in a folder of their own.
pub struct TownHall<'p> {
    beffroi: &'p Path,
    folder: tempfile::TempDir,
    source: PathBuf,
}

impl<'p> TownHall<'p> {
    pub fn open(beffroi: &'p Path, place: &Path, source: PathBuf) -> Result<Self, Box<dyn Error>> {
        let town = Self { beffroi, folder: tempfile::tempdir_in(place)?, source };
        let kit = town.folder.path().join("kit");
        town.run(&["init", "vault", "--recovery-out", &kit.to_string_lossy()], &[0])?;
        Ok(town)
    }

    /// Keeps the source; returns the snapshot, and whether it rang.
    pub fn keep(&self) -> Result<(String, bool), Box<dyn Error>> {
        let source = self.source.to_string_lossy().into_owned();
        let (code, lines) = self.run(&["--json", "backup", "--source", "town", &source], &[0, 4])?;
        let summary = lines.iter().find(|line| line["event"] == "summary").ok_or("a backup has a summary")?;
        Ok((summary["snapshot"].as_str().ok_or("a summary names the snapshot")?.to_string(), code == 4))
    }

    /// Returns every line since a snapshot.
    fn damage(&self, since: &str) -> Result<Vec<DamageLine>, Box<dyn Error>> {
        let (_, lines) = self.run(&["--json", "damage", "--from", since], &[0, 1, 2, 3, 4])?;
        let word = |line: &Value, name: &str| line[name].as_str().map(str::to_string);
        let lines = lines.iter().filter(|line| line["event"] == "damage");
        Ok(lines.filter_map(|line| Some((word(line, "path")?, word(line, "class")?, word(line, "clean")))).collect())
    }

    /// Makes the clean tree since a snapshot. Returns the folder that it was restored into, and what the plan says of each path.
    pub fn clean(&self, since: &str) -> Result<(PathBuf, BTreeMap<String, String>), Box<dyn Error>> {
        let at = |name: &str| self.folder.path().join(name).to_string_lossy().into_owned();
        self.run(&["clean", "--plan", &at("plan"), "--since", since], &[0])?;
        self.run(&["restore", "--plan", &at("plan"), "--to", &at("fresh")], &[0])?;
        let plan = std::fs::read_to_string(at("plan"))?;
        let rows = plan.lines().skip(1).map(serde_json::from_str::<Value>).collect::<Result<Vec<_>, _>>()?;
        let said =
            |row: &Value| format!("{} {}", row["action"].as_str().unwrap_or("?"), row["class"].as_str().unwrap_or("?"));
        let planned = rows.iter().filter_map(|row| Some((row["path"].as_str()?.to_string(), said(row))));
        Ok((self.folder.path().join("fresh"), planned.collect()))
    }

    fn run(&self, words: &[&str], codes: &[i32]) -> Result<(i32, Vec<Value>), Box<dyn Error>> {
        let at = |name: &str| self.folder.path().join(name);
        let mut command = Command::new(self.beffroi);
        command.args(words).current_dir(self.folder.path()).env("TZ", "UTC");
        command.env("BEFFROI_VAULT", at("vault")).env("BEFFROI_STATE", at("state"));
        if at("kit").exists() {
            command.env("BEFFROI_IDENTITY", at("kit"));
        }
        let output = command.output()?;
        let code = output.status.code().unwrap_or(-1);
        if !codes.contains(&code) {
            return Err(format!("{words:?} ended with {code}: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        let lines = output.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
        Ok((code, lines.collect()))
    }
}

fn contents(top: &Path) -> std::io::Result<Contents> {
    paths_below(top)?
        .into_iter()
        .map(|path| Ok((path.clone(), blake3::hash(&std::fs::read(top.join(&path))?))))
        .collect()
}

/// Writes a path as text.
pub fn text(path: Option<&TreePath>) -> Option<String> {
    path.map(|path| String::from_utf8_lossy(path.as_bytes()).into_owned())
}
