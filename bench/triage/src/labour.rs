//! Ordinary work on a copy of the town: whatever is told of it but "edited", "new" and "deleted" is wrong.

use std::error::Error;
use std::path::Path;

use exercise::Sandbox;
use exercise::benign::Job;
use serde::Serialize;

use crate::compare::{Told, compare};
use crate::strike::class;
use crate::town::{Kept, Town, paths_below};

#[derive(Serialize)]
struct JobLine<'r> {
    run: &'static str,
    job: &'r str,
    seed: u64,
    touched: u64,
    changed: usize,
    alarm: u64,
    grounds: String,
    fault: Option<String>,
}

#[derive(Serialize)]
struct TouchedLine<'r> {
    run: &'static str,
    job: &'r str,
    seed: u64,
    path: &'r str,
    path_now: Option<&'r str>,
    agent_at_first: String,
    agent: String,
    desk: String,
    reasons: String,
    agent_reasons: String,
}

/// Does a job on a copy of the corpus, and gives one line for each file that it changed, and one for the job.
pub fn labour(
    (corpus, place): (&Path, &Path),
    town: &Town,
    job: &Job,
    seed: u64,
    line: &mut dyn FnMut(String),
) -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::copy(corpus, place, &mut |_| {})?;
    job.prepare(&sandbox, seed)?;
    let town = with_what_was_laid_down(town, &sandbox.path())?;
    // What a program made of hostile documents before it gave up is work as well.
    let (touched, fault) = match job.run(&sandbox, seed) {
        Ok(touched) => (touched, None),
        Err(error) => (0, Some(error.to_string())),
    };
    let compared = compare(&town, &sandbox.path())?;
    for told in compared.told.iter().filter(|told| town.files.contains_key(&told.path)) {
        line(touched_line(job, seed, told)?);
    }
    let told = JobLine {
        run: "job",
        job: job.name,
        seed,
        touched,
        changed: compared.told.len(),
        alarm: compared.alarm.level.number(),
        grounds: format!("{:?}", compared.alarm.grounds),
        fault,
    };
    line(serde_json::to_string(&told)?);
    Ok(())
}

/// Adds the files that a job needed and the corpus did not have.
fn with_what_was_laid_down(town: &Town, top: &Path) -> std::io::Result<Town> {
    let mut all = Town::default();
    for path in paths_below(top)? {
        let bytes = std::fs::read(top.join(&path))?;
        let kept = match town.files.get(&path).filter(|kept| kept.bytes == bytes) {
            Some(kept) => Kept { bytes, at_first: kept.at_first, later: kept.later },
            None => Kept::of(&path, bytes),
        };
        all.files.insert(path, kept);
    }
    Ok(all)
}

fn touched_line(job: &Job, seed: u64, told: &Told) -> serde_json::Result<String> {
    serde_json::to_string(&TouchedLine {
        run: "touched",
        job: job.name,
        seed,
        path: &told.path,
        path_now: told.path_now.as_deref(),
        agent_at_first: class(&told.agent_at_first),
        agent: class(&told.agent),
        desk: class(&told.desk),
        reasons: format!("{:?}", told.desk.reasons),
        agent_reasons: format!("{:?}", told.agent.reasons),
    })
}
