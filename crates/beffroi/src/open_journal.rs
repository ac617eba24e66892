//! The open journal, as commands use it: where it is, who writes, and what becomes of an entry.
#![expect(clippy::disallowed_methods, reason = "the command line is where the environment comes in")]

use jiff::tz::TimeZone;
use serde_json::json;
use town::journal::{Attachment, Draft, End};
use town::map::Map;

use crate::context::Context;
use crate::failure::Failure;
use crate::journal_file::{JournalError, JournalFolder, NamedJournal, Written};
use crate::messages::text;
use crate::output::Output;
use crate::town_file;

impl Context {
    /// Returns the place in this machine's state where the open journal is named.
    pub fn named_journal(&self) -> Result<NamedJournal, Failure> {
        Ok(NamedJournal::new(&self.state_path()?))
    }

    /// Returns the journal that was given, else the one that is named as open, if one is. Whether it can be written to is another matter.
    pub fn journal_if_open(&self) -> Result<Option<JournalFolder>, Failure> {
        if let Some(path) = &self.global.journal {
            return Ok(Some(JournalFolder::at(path)));
        }
        // Where there is no place for a state, no journal was opened in it.
        match self.named_journal() {
            Ok(named) => Ok(named.read()?),
            Err(_) => Ok(None),
        }
    }

    /// Returns the open journal.
    pub fn open_journal(&self) -> Result<JournalFolder, Failure> {
        self.journal_if_open()?.ok_or_else(|| Failure::usage(text("err-journal-none")))
    }

    /// Returns who writes: the name that was given, else the login name; whoever came by `sudo` is named as well.
    pub fn author(&self, given: Option<&str>) -> String {
        if let Some(name) = given.filter(|name| !name.trim().is_empty()) {
            return name.trim().to_string();
        }
        let user = rustix::process::getuid().as_raw();
        let login = uzers::get_user_by_uid(user).map(|user| user.name().to_string_lossy().into_owned());
        let login = login.unwrap_or_else(|| user.to_string());
        match std::env::var("SUDO_USER").ok().filter(|name| !name.is_empty() && *name != login) {
            Some(before) => Output::safe(&format!("{login} ({before})")),
            None => Output::safe(&login),
        }
    }

    /// Writes entries into a journal, and tells of what a crash had left there.
    pub fn append(&self, journal: &JournalFolder, author: &str, drafts: Vec<Draft>) -> Result<Written, JournalError> {
        let words = |torn: &[Attachment]| {
            let names: Vec<&str> = torn.iter().map(|torn| torn.name.as_str()).collect();
            self.say(&text("journal-torn").with("files", names.join(", ")))
        };
        let written = journal.append(author, drafts, words)?;
        if !written.torn.is_empty() {
            self.note(&text("say-journal-torn").show("path", journal.path().display()));
        }
        Ok(written)
    }

    /// Tells what was written.
    pub fn tell_entry(&self, end: &End) -> Result<(), Failure> {
        self.tell(&text("say-journal-entry").with("number", end.number))?;
        let fields = json!({
            "journal": end.journal.to_string(), "number": end.number, "checkpoint": end.checkpoint().to_string(),
        });
        self.event("entry", fields)
    }

    /// Tells what to do about a failure that is no more than a warning.
    pub fn advise(&self, failure: &Failure) {
        for words in self.advice(&failure.causes) {
            self.note(&text("say-advice").with("words", words));
        }
    }

    /// Returns the zone in which people mean and read times: the town's if there is a map, else the machine's.
    pub fn zone(&self) -> TimeZone {
        let map = self.town_if_known().and_then(|town| town.map);
        map.map_or_else(TimeZone::system, |map| map.town.zone)
    }

    /// Reads the map, if there is one. One that cannot be read must not stop who keeps a journal.
    pub fn town_if_known(&self) -> Option<KnownTown> {
        let path = town_file::find_if_there(self).ok().flatten()?;
        Some(match town_file::look(&path) {
            Ok(looked) => KnownTown { sha256: Some(looked.sha256), map: looked.reading.map },
            Err(_) => KnownTown { sha256: None, map: None },
        })
    }
}

/// A map that somebody gave.
pub struct KnownTown {
    /// SHA-256 of its bytes, in hexadecimal, if it could be read.
    pub sha256: Option<String>,
    /// The map, unless something is wrong in it.
    pub map: Option<Map>,
}
