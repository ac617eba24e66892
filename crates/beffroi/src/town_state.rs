//! What is known of the town's services now: a file that somebody wrote, or the open journal.
#![expect(clippy::disallowed_methods, reason = "the state is a file that people name")]

use std::fs::File;
use std::io::Read;
use std::path::Path;

use jiff::Timestamp;
use town::holding;
use town::journal::signed_entries;
use town::map::{Map, NodeId};
use town::state::{State, StateFileError};
use vault::world::Clock;

use crate::case_files;
use crate::context::Context;
use crate::failure::Failure;
use crate::messages::text;
use crate::output::Output;
use crate::world::SystemClock;

/// A state is a page, not a book.
const FILE_BYTES_MAX: u64 = 4 << 20;
/// So many names are told to somebody who wrote one that the map does not have.
const NAMES_MAX: usize = 50;

/// Returns what is known: of the file if one was given, else of the open journal, else nothing.
pub fn known(context: &Context, map: &Map, file: Option<&Path>, now: Timestamp) -> Result<State, Failure> {
    let Some(path) = file else { return of_journal(context, map) };
    let at = || text("err-order-state").show("path", path.display());
    let knows = |id: &NodeId| knows(map, id);
    let read = || -> Result<State, Failure> {
        let mut words = String::new();
        File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_string(&mut words)?;
        if words.len() as u64 > FILE_BYTES_MAX {
            return Err(Failure::new(text("err-order-state-form").with("line", 1).with("reason", "> 4 MiB")));
        }
        State::read(&words, &map.town.zone, now, knows).map_err(|error| explained(&error))
    };
    read().map_err(|failure| failure.under(at()))
}

/// Returns the moment, by this machine's clock.
pub fn now() -> Timestamp {
    Timestamp::from_nanosecond(i128::from(SystemClock.now().0)).unwrap_or_default()
}

/// Says that the map has no such name.
pub fn unknown(map: &Map, id: &NodeId) -> Failure {
    let known: Vec<String> = names(map).take(NAMES_MAX + 1).map(|id| Output::safe(id.as_str())).collect();
    let more = if known.len() > NAMES_MAX { ", …" } else { "" };
    let listed = format!("{}{more}", known[..known.len().min(NAMES_MAX)].join(", "));
    let said = text("err-cascade-unknown").with("name", Output::safe(id.as_str()));
    Failure::usage(said.with("near", near(map, id)).with("names", listed))
}

fn explained(error: &StateFileError) -> Failure {
    Failure::new(match error {
        StateFileError::Form { line, reason } => {
            text("err-order-state-form").with("line", *line as u64).with("reason", Output::safe(reason))
        }
        StateFileError::Unknown { line, name } => {
            text("err-order-state-unknown").with("line", *line as u64).with("name", Output::safe(name))
        }
        StateFileError::Time { line, time } => {
            text("err-order-state-time").with("line", *line as u64).with("time", Output::safe(time))
        }
    })
}

/// Returns what the open journal says, if one is open.
fn of_journal(context: &Context, map: &Map) -> Result<State, Failure> {
    let Some(journal) = context.journal_if_open()? else { return Ok(State::default()) };
    let file = journal.read()?;
    case_files::tell_faults(context, &journal, &file);
    // What somebody else wrote there must not say that something works. What an entry put right does not count, here as in deadlines
    // and drafts.
    Ok(holding::known(map, &signed_entries(&file)))
}

/// Tells whether the map has a name.
pub fn knows(map: &Map, id: &NodeId) -> bool {
    names(map).any(|known| known == id)
}

fn near(map: &Map, id: &NodeId) -> String {
    let near = town::map::nearest::nearest(id.as_str(), names(map).map(NodeId::as_str));
    near.map_or_else(|| "none".to_string(), Output::safe)
}

fn names(map: &Map) -> impl Iterator<Item = &NodeId> {
    let services = map.services.iter().map(|service| &service.id);
    services.chain(map.hosts.iter().map(|host| &host.id)).chain(map.providers.iter().map(|provider| &provider.id))
}
