//! `town import`: services from a table of another program.
#![expect(clippy::disallowed_methods, reason = "the table and the map are files that the user names")]

use std::io::{self, Read, Write};
use std::path::Path;

use serde_json::json;
use town::map::import::{Imported, Slip, SlipKind, decode, import};
use town::map::read::BYTES_MAX;

use crate::arguments::TownImportArguments;
use crate::context::Context;
use crate::failure::Failure;
use crate::messages::{Text, text};
use crate::output::Output;
use crate::town_file::{self, Looked, TownFile, at_path, broken, errors_of, safe_path, tell_finding};

/// Prints the services as they stand in a map, or adds them at the end of one.
pub fn run(context: &Context, arguments: &TownImportArguments) -> Result<(), Failure> {
    let table = table(&arguments.csv).map_err(|error| at_path(&arguments.csv, Failure::from(error)))?;
    let file = match &arguments.to {
        Some(path) => Some(town_file::open_at(context, path.clone())?),
        None => town_file::open_if_there(context)?,
    };
    let imported = import(&decode(&table), file.as_ref().map(|file| &file.map));
    tell_slips(context, &arguments.csv, &imported.slips)?;
    let tables: String = imported.services.iter().map(|service| service.text.as_str()).collect();
    match (&arguments.to, file) {
        (Some(_), Some(file)) => add(context, &file, &tables)?,
        _ if context.output.is_json() => {}
        _ => context.output.bytes(tables.as_bytes())?,
    }
    tell(context, arguments, &imported)
}

fn table(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // A table that is longer than a map is told by whoever reads it.
    std::fs::File::open(path)?.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Adds tables at the end of a map: all of it is read again before a byte is written, and what stands there stays as it is.
fn add(context: &Context, file: &TownFile, tables: &str) -> Result<(), Failure> {
    if tables.is_empty() {
        return Ok(());
    }
    let path = file.path.as_path();
    let Looked { text: before, .. } = town_file::look(path)?;
    let end = if before.ends_with('\n') { "" } else { "\n" };
    let whole = format!("{before}{end}{tables}");
    let reading = town_file::read_text(&whole);
    if reading.map.is_none() {
        for finding in errors_of(&reading.findings) {
            tell_finding(context, path, finding)?;
        }
        return Err(broken(path, errors_of(&reading.findings).count()).under(text("err-town-import")));
    }
    replace(path, whole.as_bytes()).map_err(|error| at_path(path, Failure::from(error)))
}

/// Replaces a file as a whole, with the rights that it had.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    // A link stays a link: what it leads to is replaced.
    let path = path.canonicalize()?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut file = tempfile::Builder::new().prefix(".beffroi-town-").tempfile_in(folder)?;
    file.as_file().set_permissions(std::fs::metadata(&path)?.permissions())?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    std::fs::File::open(folder)?.sync_all()
}

fn tell_slips(context: &Context, csv: &Path, slips: &[Slip]) -> Result<(), Failure> {
    for slip in slips {
        context.note_incomplete();
        let place = match slip.line {
            0 => safe_path(csv),
            line => format!("{}:{line}", safe_path(csv)),
        };
        let words = slip_text(&slip.what);
        context.note(&text("town-warning").with("place", place).with("words", words.clone()));
        let nearest = match &slip.what {
            SlipKind::Column { nearest, .. } | SlipKind::Cell { nearest, .. } => nearest.as_deref(),
            _ => None,
        };
        if let Some(name) = nearest {
            context.note(&text("town-mend").with("words", text("town-nearest").with("name", Output::safe(name))));
        }
        let fields =
            json!({ "line": slip.line, "key": words.key(), "message": context.say(&words), "nearest": nearest });
        context.event("slip", fields)?;
    }
    Ok(())
}

fn slip_text(what: &SlipKind) -> Text {
    match what {
        SlipKind::TooLong => text("town-slip-too-long"),
        SlipKind::Column { head, .. } => text("town-slip-column").with("head", Output::safe(head)),
        SlipKind::ColumnTwice { head } => text("town-slip-column-twice").with("head", Output::safe(head)),
        SlipKind::NoNames => text("town-slip-no-names"),
        SlipKind::NoName => text("town-slip-no-name"),
        SlipKind::Known { id } => text("town-slip-known").with("name", Output::safe(id)),
        SlipKind::NoEntity { id, taken } => {
            text("town-slip-no-entity").with("name", Output::safe(id)).with("entity", Output::safe(taken))
        }
        SlipKind::Cell { field, value, .. } => {
            text("town-slip-cell").with("field", *field).with("value", Output::safe(value))
        }
        SlipKind::Row => text("town-slip-row"),
        SlipKind::More { count } => text("town-more").with("count", *count),
    }
}

fn tell(context: &Context, arguments: &TownImportArguments, imported: &Imported) -> Result<(), Failure> {
    for service in &imported.services {
        context.event("service", json!({ "line": service.line, "id": service.id, "text": service.text }))?;
    }
    let (services, slips) = (imported.services.len() as u64, imported.slips.len() as u64);
    let said = match &arguments.to {
        Some(path) => text("say-town-imported").with("path", safe_path(path)),
        None => text("say-town-understood"),
    };
    // The services themselves may be on standard output.
    context.note(&said.with("services", services).with("slips", slips));
    context.event("summary", json!({ "services": services, "slips": slips }))
}
