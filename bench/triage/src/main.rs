//! Measures triage on a tree of real files: every profile of the exercise, ordinary work, and the program itself.
//!
//! It reads the corpus and changes copies of it only. What it finds is one line of JSON for each file and run;
//! `tables.py` makes the tables of `docs/triage.md` of them.
#![expect(clippy::disallowed_methods, reason = "it reads the corpus and writes what it measured")]
#![expect(clippy::print_stderr, reason = "it tells how far it is")]

mod compare;
mod labour;
mod program;
mod states;
mod strike;
mod town;
mod week;

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use clap::Parser;
use exercise::attack::{Profile, profiles};
use exercise::benign::{Job, absent, jobs};

use crate::town::Town;

/// Measures triage on a tree of real files.
#[derive(Parser)]
struct Options {
    /// The tree that `make_corpus.py` made.
    corpus: PathBuf,
    /// Where the lines go.
    #[arg(long)]
    out: PathBuf,
    /// Where copies are made: a file system in memory is best.
    #[arg(long, default_value = "/dev/shm")]
    place: PathBuf,
    /// How many seeds each profile gets.
    #[arg(long, default_value_t = 2)]
    seeds: u64,
    /// Threads.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Only profiles and jobs of which the name contains this.
    #[arg(long)]
    only: Option<String>,
    /// Not the jobs of which the name contains one of these.
    #[arg(long, value_delimiter = ',')]
    skip: Vec<String>,
    /// The program, for `program`.
    #[arg(long, default_value = "target/release/beffroi")]
    beffroi: PathBuf,
    /// Only each so many-th profile.
    #[arg(long, default_value_t = 1)]
    every: usize,
    /// What to run: states, attacks, work, program, week.
    #[arg(long, value_delimiter = ',', default_values_t = ["states".to_string(), "attacks".into(), "work".into()])]
    what: Vec<String>,
}

/// A piece of the measurement.
enum Task {
    Attack(Profile, u64),
    Work(Job, u64),
    Program(Profile, u64),
    Week(Profile, u64),
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-triage: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let tasks = tasks(options)?;
    eprintln!("reading {}", options.corpus.display());
    let corpus = options.corpus.canonicalize()?;
    let beffroi = std::path::absolute(&options.beffroi)?;
    let town = Town::read(&corpus)?;
    let out = Mutex::new(BufWriter::new(File::create(&options.out)?));
    let write = |lines: &[String]| -> std::io::Result<()> {
        let mut out = out.lock().expect("no thread panics with it");
        lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
        out.flush()
    };
    if options.what.iter().any(|what| what == "states") {
        write(&states::lines(&town)?)?;
    }
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut lines = Vec::new();
            let done = task.run((&corpus, &options.place), &beffroi, &town, &mut |line| lines.push(line));
            let written = write(&lines);
            eprintln!("{} of {}: {}", next.load(Ordering::Relaxed).min(tasks.len()), tasks.len(), task.name());
            if let Err(error) = done.and_then(|()| Ok(written?)) {
                eprintln!("{}: {error}", task.name());
                failed.fetch_add(1, Ordering::Relaxed);
            }
        }
    };
    thread::scope(|scope| (0..options.jobs).for_each(|_| drop(scope.spawn(work))));
    match failed.into_inner() {
        0 => Ok(()),
        failed => Err(format!("{failed} runs failed").into()),
    }
}

/// Lists what is to be done, the slow ones first.
fn tasks(options: &Options) -> Result<Vec<Task>, Box<dyn Error>> {
    let wanted = |name: &str| {
        options.only.as_deref().is_none_or(|part| name.contains(part))
            && !options.skip.iter().any(|part| name.contains(part))
    };
    let does = |what: &str| options.what.iter().any(|word| word == what);
    let mut tasks = Vec::new();
    if does("work") {
        let jobs: Vec<Job> = jobs().into_iter().filter(|job| wanted(job.name)).collect();
        if let Some(install) = absent(&jobs) {
            return Err(format!("programs are absent, type: {install}").into());
        }
        tasks.extend(jobs.into_iter().map(|job| Task::Work(job, 1)));
    }
    for seed in 1..=options.seeds {
        let some =
            profiles().into_iter().filter(|profile| wanted(profile.name)).enumerate().step_by(options.every.max(1));
        for (at, profile) in some {
            let seed = seed * 1000 + at as u64;
            if does("attacks") {
                tasks.push(Task::Attack(profile.clone(), seed));
            }
            if does("program") {
                tasks.push(Task::Program(profile.clone(), seed));
            }
            if does("week") {
                tasks.push(Task::Week(profile, seed));
            }
        }
    }
    Ok(tasks)
}

impl Task {
    fn run(
        &self,
        places: (&Path, &Path),
        beffroi: &Path,
        town: &Town,
        line: &mut dyn FnMut(String),
    ) -> Result<(), Box<dyn Error>> {
        match self {
            Self::Program(profile, seed) => program::program(places, beffroi, profile, *seed, line),
            Self::Week(profile, seed) => week::week(places, beffroi, profile, *seed, line),
            Self::Attack(profile, seed) => strike::strike(places, town, profile, *seed, line),
            Self::Work(job, seed) => labour::labour(places, town, job, *seed, line),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Attack(profile, _) | Self::Program(profile, _) | Self::Week(profile, _) => profile.name,
            Self::Work(job, _) => job.name,
        }
    }
}
