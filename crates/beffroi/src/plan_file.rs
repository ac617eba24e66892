//! The plan's file: private, whole or not there; and its table for people.
#![expect(clippy::disallowed_methods, reason = "a plan and its table are files that the user names")]

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use restore::clean::CleanTree;
use restore::order::Order;
use restore::plan::{Plan, PlanAction, PlanError, PlanRow};
use tempfile::NamedTempFile;

use crate::catalogue::{Catalogue, Listed};
use crate::context::Context;
use crate::failure::Failure;
use crate::formats;
use crate::messages::{Language, Messages, text};
use crate::output::Output;

/// Reads a plan; nothing if there is no such file.
pub fn read(path: &Path) -> Result<Option<Plan>, Failure> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at_path(path, error.into())),
    };
    Plan::read(BufReader::new(file)).map(Some).map_err(|error| at_path(path, error.into()))
}

/// Reads the plan that somebody names.
pub fn read_named(path: &Path) -> Result<Plan, Failure> {
    let missing =
        || Failure::new(text("err-plan-missing").with("path", Output::safe_bytes(path.as_os_str().as_bytes())));
    read(path)?.ok_or_else(missing)
}

/// Writes a plan; an older one goes when the new one is whole.
pub fn write(path: &Path, plan: &Plan) -> Result<(), Failure> {
    write_whole(path, |to| plan.write(to)).map_err(|error| at_path(path, error.into()))
}

/// Writes the table: a line for each path, for LibreOffice and others, with `;` in French and `,` in English.
pub fn write_table(path: &Path, plan: &Plan, listed: &[&Listed], messages: &Messages) -> Result<(), Failure> {
    if is_foreign(path).map_err(|error| at_path(path, error.into()))? {
        return Err(Failure::usage(
            text("err-plan-table").with("path", Output::safe_bytes(path.as_os_str().as_bytes())),
        ));
    }
    let written = write_whole(path, |to| {
        let mut table = Table { to, separator: if messages.language() == Language::Fr { ';' } else { ',' } };
        // Without this mark, Excel takes UTF-8 for something else.
        table.to.write_all(MARK)?;
        let heads = [
            "col-action",
            "col-path",
            "col-path-now",
            "col-class",
            "col-reasons",
            "col-seen",
            "col-sound",
            "col-bytes",
        ];
        table.row(&heads.map(|head| messages.word(head)))?;
        for (path, row) in &plan.rows {
            table.row(&cells(path, row, listed, messages))?;
        }
        Ok(())
    });
    written.map_err(|error| at_path(path, error.into()))
}

/// How every table begins: UTF-8's mark, and a cell.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Tells whether something is there that is no older table: a plan, or somebody's document.
fn is_foreign(path: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(MARK.len() as u64).read_to_end(&mut start)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    Ok(start != MARK)
}

/// Opens the snapshots of a plan.
pub fn snapshots<'c>(catalogue: &'c Catalogue, plan: &Plan) -> Result<Vec<&'c Listed>, Failure> {
    if plan.head.vault != catalogue.vault.id().to_hex() {
        return Err(Failure::new(text("err-plan-vault")));
    }
    let find = |id: &String| catalogue.snapshots.iter().find(|listed| listed.snapshot.hash.to_hex() == *id);
    let found = plan
        .head
        .snapshots
        .iter()
        .map(|id| find(id).ok_or_else(|| Failure::new(text("err-plan-snapshot").with("id", Output::safe(id)))));
    found.collect()
}

/// Opens the tree that a plan means.
pub fn tree(context: &Context, catalogue: &Catalogue, plan: &Plan) -> Result<CleanTree, Failure> {
    let listed = snapshots(catalogue, plan)?;
    let opened = catalogue.readers(context, &listed)?;
    Ok(plan.tree(opened.into_iter().map(|(_, reader)| reader).collect()))
}

/// Returns the order that a plan says.
pub fn order(plan: &Plan, tree: &CleanTree) -> Order {
    plan.order(tree.snapshots()[tree.base()].manifest().started.seconds())
}

/// Names what is to be done.
pub fn action_key(action: PlanAction) -> &'static str {
    match action {
        PlanAction::Take => "say-plan-take",
        PlanAction::Drop => "say-plan-drop",
        PlanAction::Keep => "say-plan-keep",
    }
}

/// Says in a word what became of a path.
pub fn class_said(row: &PlanRow, messages: &Messages) -> String {
    let word = if row.class == "renamed-damaged" { "damaged" } else { &row.class };
    messages.lookup(&format!("one-{word}")).unwrap_or_else(|| row.class.clone())
}

/// Says why.
pub fn reasons_said(row: &PlanRow, messages: &Messages) -> String {
    let said =
        row.reasons.iter().map(|word| messages.lookup(&format!("reason-{word}")).unwrap_or_else(|| word.clone()));
    said.collect::<Vec<_>>().join(", ")
}

fn cells(path: &[u8], row: &PlanRow, listed: &[&Listed], messages: &Messages) -> [String; 8] {
    let time = |at: usize| listed.get(at).map(|listed| formats::moment(listed.sealed.started)).unwrap_or_default();
    [
        messages.word(action_key(row.action)),
        shown(path),
        row.path_now.as_deref().map(shown).unwrap_or_default(),
        class_said(row, messages),
        reasons_said(row, messages),
        time(row.first_seen),
        row.sound.map(time).unwrap_or_default(),
        row.bytes.to_string(),
    ]
}

/// A name that begins with `=` would be a formula; one that begins with `./` is none.
fn shown(path: &[u8]) -> String {
    format!("./{}", Output::safe_bytes(path))
}

struct Table<'t> {
    to: &'t mut dyn Write,
    separator: char,
}

impl Table<'_> {
    /// Writes cells as RFC 4180 has them.
    fn row(&mut self, cells: &[String]) -> Result<(), PlanError> {
        let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        Ok(write!(self.to, "{}\r\n", quoted.join(&self.separator.to_string()))?)
    }
}

fn write_whole(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<(), PlanError>) -> Result<(), PlanError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    let mut buffered = BufWriter::new(&mut file);
    write(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(File::open(folder)?.sync_all()?)
}

fn at_path(path: &Path, failure: Failure) -> Failure {
    failure.under(text("err-at-path").with("path", Output::safe_bytes(path.as_os_str().as_bytes())))
}
