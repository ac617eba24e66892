//! `town check`: what is wrong or doubtful in the map.

use serde_json::json;
use town::map::Map;
use town::map::check::check;
use town::map::finding::Finding;
use vault::world::Clock;

use crate::arguments::TownCheckArguments;
use crate::context::Context;
use crate::failure::Failure;
use crate::messages::text;
use crate::town_file::{Looked, broken, errors_of, find, look, safe_path, tell_finding};
use crate::world::SystemClock;

/// Tells every error; if there is none, every doubt.
pub fn run(context: &Context, arguments: &TownCheckArguments) -> Result<(), Failure> {
    let path = arguments.file.clone().map_or_else(|| find(context), Ok)?;
    let Looked { reading, sha256, .. } = look(&path)?;
    let mut findings = reading.findings;
    if let Some(map) = &reading.map {
        findings.extend(check(map, &reading.places, today(map)));
        findings.sort_by_key(|finding| finding.line);
    }
    for finding in &findings {
        tell_finding(context, &path, finding)?;
    }
    let errors = errors_of(&findings).count();
    let warnings = findings.len() - errors;
    let fields =
        json!({ "path": path.display().to_string(), "sha256": sha256, "errors": errors, "warnings": warnings });
    match &reading.map {
        Some(map) => {
            tell_counts(context, &path, map, &findings)?;
            context.event("summary", fields)
        }
        None => {
            context.event("summary", fields)?;
            Err(broken(&path, errors))
        }
    }
}

fn tell_counts(context: &Context, path: &std::path::Path, map: &Map, findings: &[Finding]) -> Result<(), Failure> {
    context.tell(
        &text("say-town-checked")
            .with("path", safe_path(path))
            .with("services", map.services.len() as u64)
            .with("hosts", map.hosts.len() as u64)
            .with("providers", map.providers.len() as u64)
            .with("events", map.events.len() as u64)
            .with("warnings", findings.len() as u64),
    )
}

/// Returns the day that it is in the town.
fn today(map: &Map) -> jiff::civil::Date {
    let now = jiff::Timestamp::from_nanosecond(i128::from(SystemClock.now().0)).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    now.to_zoned(map.town.zone.clone()).date()
}
