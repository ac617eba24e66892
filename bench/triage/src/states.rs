//! What triage says of each file of the corpus before anything happens: a real file that it calls broken may be broken, or it errs.

use std::error::Error;

use serde::Serialize;
use triage::facts::Finding;
use triage::{Limits, examine};

use crate::town::{Town, name_of};

#[derive(Serialize)]
struct StateLine<'r> {
    run: &'static str,
    path: &'r str,
    kind: String,
    finding: String,
    state: String,
    summed: u64,
    parsed: u64,
    bytes: u64,
}

/// Returns one line for each file.
pub fn lines(town: &Town) -> Result<Vec<String>, Box<dyn Error>> {
    let mut lines = Vec::new();
    for (path, kept) in &town.files {
        let found = examine(&kept.bytes, name_of(path).as_bytes(), &Limits::default())?;
        let mut state = format!("{:?}", found.state);
        state.truncate(state.char_indices().nth(STATE_LETTERS_MAX).map_or(state.len(), |(at, _)| at));
        lines.push(serde_json::to_string(&StateLine {
            run: "state",
            path,
            kind: format!("{:?}", found.kind).to_lowercase(),
            finding: format!("{:?}", Finding::of(&found.state)).to_lowercase(),
            state,
            summed: found.coverage.summed_bytes,
            parsed: found.coverage.parsed_bytes,
            bytes: found.coverage.bytes,
        })?);
    }
    Ok(lines)
}

const STATE_LETTERS_MAX: usize = 100;
