//! Bugs on purpose: each is planted into a copy of the workspace, and the simulation must find it there.
#![expect(clippy::disallowed_methods, reason = "it copies the workspace and changes the copy")]

mod bugs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::run::{build_folder, cargo, workspace};
use bugs::{BUGS, Bug};

/// So many seeds may a bug hide from.
const SEEDS_MAX: u64 = 3000;

/// Plants every bug, or those that are named, one after the other.
pub fn run(names: &[&str]) -> Result<(), String> {
    if let Some(unknown) = names.iter().find(|name| !BUGS.iter().any(|bug| bug.name == **name)) {
        return Err(format!("there is no bug called {unknown}"));
    }
    let copy = build_folder().join("plant/workspace");
    let mut rows = Vec::new();
    for bug in BUGS.iter().filter(|bug| names.is_empty() || names.contains(&bug.name)) {
        copy_folder(&workspace(), &copy)?;
        bug.plant(&copy)?;
        let finding = find(&copy)?;
        let words = finding.as_ref().map_or("NOT FOUND".into(), |found| format!("seed {}: {}", found.seed, found.why));
        println!("{}: {words}", bug.name);
        rows.push((bug, finding));
    }
    println!("\n| planted | seed | how it was found |\n| --- | --- | --- |");
    for (bug, finding) in &rows {
        match finding {
            Some(finding) => println!("| {} | {} | {} |", bug.name, finding.seed, finding.why),
            None => println!("| {} | – | NOT FOUND in {SEEDS_MAX} seeds |", bug.name),
        }
    }
    match rows.iter().filter(|(_, finding)| finding.is_none()).count() {
        0 => Ok(()),
        missed => Err(format!("{missed} of {} bugs were not found", rows.len())),
    }
}

/// How a bug was found.
struct Finding {
    seed: String,
    why: String,
}

/// Builds the copy and lets towns live in it until one fails.
fn find(copy: &Path) -> Result<Option<Finding>, String> {
    let manifest = copy.join("Cargo.toml");
    let target = build_folder().join("plant/target");
    let mut build = cargo();
    // Slow to build and ten times as fast to run: the seeds that are tried decide.
    build
        .args(["build", "--release", "--locked", "--quiet", "--package", "beffroi-sim", "--manifest-path"])
        .arg(&manifest);
    build.env("CARGO_TARGET_DIR", &target).stderr(Stdio::piped());
    let built = build.output().map_err(|error| format!("cargo cannot be run: {error}"))?;
    if !built.status.success() {
        return Err(format!("the planted copy does not build:\n{}", String::from_utf8_lossy(&built.stderr)));
    }
    let mut towns = crate::run::program(target.join("release/beffroi-sim"));
    towns.args(["--seed", "1", "--jobs", "1", "--shrink", "0", "--seeds", &SEEDS_MAX.to_string()]);
    let done = towns.output().map_err(|error| format!("the simulation cannot be run: {error}"))?;
    let words = String::from_utf8_lossy(&done.stdout);
    let failure = words.lines().find_map(|line| line.strip_prefix("seed ")?.split_once(" fails: "));
    Ok(failure.map(|(seed, why)| Finding { seed: seed.into(), why: shortened(why) }))
}

/// Cuts hashes, which differ every time and say nothing.
fn shortened(why: &str) -> String {
    let short = |word: &str| match word.len() {
        ..=40 => word.to_string(),
        _ => word.split('/').map(|part| if part.len() > 20 { "…" } else { part }).collect::<Vec<_>>().join("/"),
    };
    why.split(' ').map(short).collect::<Vec<_>>().join(" ")
}

impl Bug {
    fn plant(&self, copy: &Path) -> Result<(), String> {
        for (file, right, wrong) in self.edits {
            let path = copy.join(file);
            let text = fs::read_to_string(&path).map_err(|error| format!("{file}: {error}"))?;
            if text.matches(right).count() != 1 {
                return Err(format!("{}: {file} does not hold once what is to be replaced:\n{right}", self.name));
            }
            fs::write(&path, text.replace(right, wrong)).map_err(|error| format!("{file}: {error}"))?;
        }
        Ok(())
    }
}

/// Makes a copy of the sources again; files that are the same stay untouched, so that little is built anew.
fn copy_folder(from: &Path, to: &Path) -> Result<(), String> {
    let told = |path: &PathBuf| {
        let path = path.display().to_string();
        move |error: std::io::Error| format!("{path}: {error}")
    };
    fs::create_dir_all(to).map_err(told(&to.to_path_buf()))?;
    for entry in fs::read_dir(from).map_err(told(&from.to_path_buf()))? {
        let path = entry.map_err(told(&from.to_path_buf()))?.path();
        let name = path.file_name().unwrap_or_default();
        // Cargo marks what it built; a module may be called so, too.
        if path.join("CACHEDIR.TAG").exists() || name == ".git" || path.is_symlink() {
            continue;
        }
        let place = to.join(name);
        if path.is_dir() {
            copy_folder(&path, &place)?;
        } else {
            let content = fs::read(&path).map_err(told(&path))?;
            if fs::read(&place).ok().as_ref() != Some(&content) {
                fs::write(&place, content).map_err(told(&place))?;
            }
        }
    }
    Ok(())
}
