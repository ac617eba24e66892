//! What deadlines and drafts are made from: the map, the journal, the hour.

use jiff::Timestamp;
use town::journal::{Entry, entries, examine, signed_entries};
use town::map::Map;

use crate::commands::jobs;
use crate::context::Context;
use crate::failure::Failure;
use crate::journal_file::JournalFolder;
use crate::messages::text;
use crate::town_file;
use crate::town_state;

/// A map, the entries of a journal, and now.
pub struct CaseFiles {
    /// The map.
    pub map: Map,
    /// The entries; none, if no journal is open.
    pub entries: Vec<Entry>,
    /// Now.
    pub now: Timestamp,
}

/// Reads both.
pub fn read(context: &Context) -> Result<CaseFiles, Failure> {
    let map = town_file::open(context)?.map;
    Ok(CaseFiles { map, entries: journal(context)?, now: town_state::now() })
}

/// Reads the journal. A town needs its drafts also from one that does not verify: that is told, what the desk did not sign is left out,
/// and the code is that of what is not complete. Without a journal there is the map alone, which is told too.
fn journal(context: &Context) -> Result<Vec<Entry>, Failure> {
    let Some(journal) = context.journal_if_open()? else {
        context.note(&text("draft-no-journal"));
        return Ok(Vec::new());
    };
    let file = journal.read()?;
    tell_faults(context, &journal, &file);
    let signed = signed_entries(&file);
    // Where nobody's key is known any more, what stands there is better than nothing.
    Ok(if signed.is_empty() { entries(&file).collect() } else { signed })
}

/// Tells that a journal does not verify: then what is made from it is not complete.
pub fn tell_faults(context: &Context, journal: &JournalFolder, file: &[u8]) {
    let examination = examine(file, &[], jobs(None));
    let faults = examination.faults.len() as u64 + examination.faults_untold;
    if faults > 0 {
        context.note_incomplete();
        context.note(&text("draft-journal-faults").with("count", faults).show("path", journal.path().display()));
    }
}
