//! `verify-new`: the verifier, to be run after backups on a machine that the agents cannot reach.
#![expect(clippy::disallowed_methods, reason = "what was verified is remembered in a file of the state")]

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use vault::check::{Verified, VerifyOptions, verify_new};
use vault::id::{ObjectHash, StrandId};
use vault::store::DirectoryAccess;
use vault::world::random;

use super::check::tell_report;
use crate::arguments::VerifyNewArguments;
use crate::context::Context;
use crate::failure::Failure;
use crate::messages::text;
use crate::state_json;
use crate::watch::Watch;
use crate::world::SystemEntropy;

/// Verifies the snapshots that came since the last time.
pub fn run(context: &Context, arguments: &VerifyNewArguments) -> Result<(), Failure> {
    let kit = context.kit()?;
    let vault = context.open_vault(DirectoryAccess::ReadOnly)?;
    vault.accept(&kit)?;
    let folder = context.state()?.for_vault(vault.id())?;
    let path = folder.path().join("verified.json");
    let failed = |error: std::io::Error| Failure::from(error).under(text("err-verified").show("path", path.display()));
    let since = read(&path).map_err(failed)?;
    super::watch_interrupts(context)?;
    let options = VerifyOptions {
        new_percent: arguments.new,
        known_percent: arguments.known,
        seed: u64::from_le_bytes(random(&SystemEntropy)),
        jobs: super::jobs(arguments.jobs),
    };
    let monitor = Watch::begin(context, 0);
    let (report, verified) = verify_new(&vault, &kit, &options, &since, &context.scratch(), &monitor)?;
    monitor.close();
    // What is damaged is told again the next time, until somebody has dealt with it.
    if report.is_sound() {
        write(&path, &verified).map_err(failed)?;
    }
    tell_report(context, &vault, Some(&kit), &report)
}

/// Reads what was verified; nothing, if there was no last time. A file that is damaged is not passed over: what it
/// says protects against snapshots that are taken back.
fn read(path: &PathBuf) -> std::io::Result<Verified> {
    let content = match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Verified::new()),
        other => other?,
    };
    let damaged = || std::io::Error::from(std::io::ErrorKind::InvalidData);
    let lines: Vec<Value> = serde_json::from_slice(&content).map_err(|_| damaged())?;
    let parse = |line: &Value| {
        let strand = StrandId::from_hex(line["strand"].as_str()?)?;
        Some((strand, (line["sequence"].as_u64()?, ObjectHash::from_hex(line["snapshot"].as_str()?)?)))
    };
    lines.iter().map(|line| parse(line).ok_or_else(damaged)).collect()
}

fn write(path: &Path, verified: &Verified) -> std::io::Result<()> {
    let line = |(strand, (seq, hash)): (&StrandId, &(u64, ObjectHash))| json!({ "strand": strand.to_hex(), "sequence": seq, "snapshot": hash.to_hex() });
    let lines: Vec<_> = verified.iter().map(line).collect();
    state_json::write(path, &lines)
}
