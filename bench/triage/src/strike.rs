//! One attack on a copy of the town, and what was told of it, set beside the truth.

use std::collections::HashMap;
use std::error::Error;
use std::path::Path;

use exercise::Sandbox;
use exercise::attack::{Disguise, Pattern, Profile, ProfileKind, Record, attack};
use restore::TreePath;
use serde::Serialize;
use triage::verdict::Verdict;

use crate::compare::{Told, compare};
use crate::town::Town;

/// One run of a profile, as one line.
#[derive(Serialize)]
pub struct AttackLine<'r> {
    run: &'static str,
    profile: &'r str,
    sort: &'static str,
    seed: u64,
    files: usize,
    alarm: u64,
    grounds: String,
    passed_over: usize,
}

/// One file that was attacked, or of which something was told, as one line.
#[derive(Serialize)]
struct FileLine<'r> {
    run: &'static str,
    profile: &'r str,
    seed: u64,
    path: &'r str,
    deed: Option<String>,
    bytes: u64,
    changed: u64,
    ranges: usize,
    /// The first and the last byte that are others.
    extent: Option<(u64, u64)>,
    /// The first ranges that are others, of what the desk did not find.
    places: Vec<(u64, u64)>,
    agent_at_first: String,
    agent: String,
    desk: String,
    reasons: String,
}

/// Attacks a copy of the corpus, and gives one line for each file and one for the run.
pub fn strike(
    (corpus, place): (&Path, &Path),
    town: &Town,
    profile: &Profile,
    seed: u64,
    line: &mut dyn FnMut(String),
) -> Result<(), Box<dyn Error>> {
    let mut faults = Vec::new();
    let sandbox = Sandbox::copy(corpus, place, &mut |fault| faults.push(fault.to_string()))?;
    if let Some(fault) = faults.first() {
        return Err(format!("the corpus cannot be copied: {fault}").into());
    }
    let profile = seeded(profile, seed);
    let truth = attack(&sandbox, profile.clone(), Disguise::of_seed(seed), seed)?;
    let harm: HashMap<String, &Record> = truth
        .records
        .iter()
        .filter(|record| record.is_harm())
        .map(|record| (text(record.before.as_ref()), record))
        .collect();
    let compared = compare(town, &sandbox.path())?;
    let mut told: HashMap<&str, &Told> = compared.told.iter().map(|told| (told.path.as_str(), told)).collect();
    for (path, record) in &harm {
        let told = told.remove(path.as_str());
        line(file_line(&profile, seed, path, Some(record), told)?);
    }
    // What is new is a note, or what became of a file that was not paired with it.
    for (path, told) in told.into_iter().filter(|(path, _)| town.files.contains_key(*path)) {
        line(file_line(&profile, seed, path, None, Some(told))?);
    }
    let run = AttackLine {
        run: "attack",
        profile: profile.name,
        sort: sort_of(&profile),
        seed,
        files: harm.len(),
        alarm: compared.alarm.level.number(),
        grounds: format!("{:?}", compared.alarm.grounds),
        passed_over: town.files.len() - harm.len(),
    };
    line(serde_json::to_string(&run)?);
    Ok(())
}

/// A pattern that chance decides is another one for each seed.
fn seeded(profile: &Profile, with: u64) -> Profile {
    let pattern = match profile.pattern {
        Pattern::NofM { n, m, unit_bytes, seed } => Pattern::NofM { n, m, unit_bytes, seed: seed ^ with },
        ref pattern => pattern.clone(),
    };
    Profile { pattern, ..profile.clone() }
}

fn file_line(
    profile: &Profile,
    seed: u64,
    path: &str,
    record: Option<&&Record>,
    told: Option<&Told>,
) -> serde_json::Result<String> {
    let word = |verdict: fn(&Told) -> &Verdict| told.map_or("intact".into(), |told| class(verdict(told)));
    let ranges = record.map(|record| record.changed.ranges()).unwrap_or_default();
    let is_found = told.is_some_and(|told| told.desk.class.is_hurt());
    let told_places = if is_found { 0 } else { PLACES_MAX };
    serde_json::to_string(&FileLine {
        run: "file",
        profile: profile.name,
        seed,
        path,
        deed: record.map(|record| format!("{:?}", record.deed).to_lowercase()),
        bytes: record.map_or(0, |record| record.bytes_before),
        changed: record.map_or(0, |record| record.changed.bytes()),
        ranges: ranges.len(),
        extent: ranges.first().zip(ranges.last()).map(|(first, last)| (first.start, last.end)),
        places: ranges.iter().take(told_places).map(|range| (range.start, range.end)).collect(),
        agent_at_first: word(|told| &told.agent_at_first),
        agent: word(|told| &told.agent),
        desk: word(|told| &told.desk),
        reasons: told.map(|told| format!("{:?}", told.desk.reasons)).unwrap_or_default(),
    })
}

/// So many show where the others lie.
const PLACES_MAX: usize = 256;

/// Returns the word for a class.
pub fn class(verdict: &Verdict) -> String {
    format!("{:?}", verdict.class).to_lowercase()
}

fn sort_of(profile: &Profile) -> &'static str {
    match profile.kind {
        ProfileKind::Family => "family",
        ProfileKind::Wiper => "wiper",
        ProfileKind::Evasion => "evasion",
    }
}

fn text(path: Option<&TreePath>) -> String {
    String::from_utf8_lossy(path.map(TreePath::as_bytes).unwrap_or_default()).into_owned()
}
