//! The file of the map: where it is, what is in it, and what is wrong with it.

use std::io::Read;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use jiff::tz::TimeZone;
use serde_json::json;
use town::map::Map;
use town::map::finding::{Finding, Severity};
use town::map::read::{BYTES_MAX, Reading, read};

use crate::context::Context;
use crate::failure::Failure;
use crate::messages::finding::{problem_text, proposal_text};
use crate::messages::text;
use crate::output::Output;
use crate::plain_file;

/// How the file is called where nobody says otherwise.
pub const NAME: &str = "town.toml";

/// A map that was read without an error, and the file that it comes from.
#[derive(Debug)]
pub struct TownFile {
    /// Where the file is.
    pub path: PathBuf,
    /// What is in it.
    pub map: Map,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// A file that was read, whatever is in it.
#[derive(Debug)]
pub struct Looked {
    /// The text.
    pub text: String,
    /// What came of reading it.
    pub reading: Reading,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// Finds the map, reads it, and tells its errors; doubts are for `town check`.
pub fn open(context: &Context) -> Result<TownFile, Failure> {
    open_at(context, find(context)?)
}

/// Reads the map if there is one: some commands do without.
pub fn open_if_there(context: &Context) -> Result<Option<TownFile>, Failure> {
    match find_if_there(context)? {
        Some(path) => open_at(context, path).map(Some),
        None => Ok(None),
    }
}

/// Reads the map in a file, and tells its errors.
pub fn open_at(context: &Context, path: PathBuf) -> Result<TownFile, Failure> {
    let Looked { reading, sha256, .. } = look(&path)?;
    let errors: Vec<&Finding> = errors_of(&reading.findings).collect();
    match reading.map {
        Some(map) => Ok(TownFile { path, map, sha256 }),
        None => {
            for finding in &errors {
                context.note(&line_of(&path, finding));
                if let Some(proposal) = &finding.proposal {
                    context.note(&text("town-mend").with("words", proposal_text(proposal)));
                }
            }
            Err(broken(&path, errors.len()))
        }
    }
}

/// Returns where the map is: the file that was named; else `town.toml` here; else that of this machine's state.
pub fn find(context: &Context) -> Result<PathBuf, Failure> {
    find_if_there(context)?.ok_or_else(|| Failure::new(text("err-town-none")))
}

/// Returns where the map is, if there is one.
pub fn find_if_there(context: &Context) -> Result<Option<PathBuf>, Failure> {
    if let Some(path) = &context.global.town {
        return Ok(Some(path.clone()));
    }
    let here = PathBuf::from(NAME);
    let kept = context.state_path()?.join(NAME);
    Ok([here, kept].into_iter().find(|path| path.exists()))
}

/// Reads a file as a map, whatever is in it.
pub fn look(path: &Path) -> Result<Looked, Failure> {
    let bytes = bytes(path).map_err(|error| at_path(path, Failure::from(error)))?;
    let sha256 = HEXLOWER.encode(digest(&SHA256, &bytes).as_ref());
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        at_path(path, Failure::new(text("err-town-encoding").show("line", line)))
    })?;
    let reading = read_text(&text);
    Ok(Looked { text, reading, sha256 })
}

/// Reads a text as a map, with the zones of time of this machine, or those that come with the program.
pub fn read_text(text: &str) -> Reading {
    read(text, &|name| TimeZone::get(name).ok())
}

/// Tells that a map cannot be used.
pub fn broken(path: &Path, errors: usize) -> Failure {
    Failure::new(text("err-town-broken").with("path", safe_path(path)).with("count", errors as u64))
}

/// Tells a finding as a result: a line, what to write instead, and an event for programs.
pub fn tell_finding(context: &Context, path: &Path, finding: &Finding) -> Result<(), Failure> {
    context.tell(&line_of(path, finding))?;
    let proposal = finding.proposal.as_ref().map(proposal_text);
    if let Some(words) = &proposal {
        context.tell(&text("town-mend").with("words", words.clone()))?;
    }
    let problem = problem_text(&finding.problem);
    let fields = json!({
        "path": path.display().to_string(),
        "line": finding.line,
        "severity": finding.severity.word(),
        "key": problem.key(),
        "message": context.say(&problem),
        "proposal": proposal.map(|words| context.say(&words)),
    });
    context.event("finding", fields)
}

/// Returns the findings that keep a map from being used.
pub fn errors_of(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    findings.iter().filter(|finding| finding.severity == Severity::Error)
}

/// Names the path as it is told.
pub fn safe_path(path: &Path) -> String {
    Output::safe(&path.display().to_string())
}

/// Says of what file a failure is.
pub fn at_path(path: &Path, failure: Failure) -> Failure {
    failure.under(text("err-at-path").with("path", safe_path(path)))
}

fn line_of(path: &Path, finding: &Finding) -> crate::messages::Text {
    let key = match finding.severity {
        Severity::Error => "town-error",
        Severity::Warning => "town-warning",
    };
    let place = format!("{}:{}", safe_path(path), finding.line);
    text(key).with("place", place).with("words", problem_text(&finding.problem))
}

/// Reads a file up to one byte more than a map may have: the reader tells that it is too long.
fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    plain_file::open(path)?.take(BYTES_MAX as u64 + 4).read_to_end(&mut bytes)?;
    Ok(bytes)
}
