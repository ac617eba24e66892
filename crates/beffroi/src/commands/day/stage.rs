//! Where the day is played: a temporary folder with the village, its vault, its desk.
#![expect(clippy::disallowed_methods, reason = "the exercise works in its own folder")]

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use exercise::Sandbox;
use exercise::village::{self, QUESTIONS, SOURCES};
use jiff::tz::TimeZone;
use serde_json::{Map as Fields, Value};
use town::map::Map;

use crate::arguments::{ExerciseArguments, GlobalArguments};
use crate::child::{self, Ended};
use crate::context::Context;
use crate::failure::{ALARM, DONE, Failure};
use crate::messages::text;
use crate::output::Output;

/// The model of a village, as `town init --size village` gives it.
const MODEL: &str = include_str!("../../../../../models/village.toml");

/// Where the day is played.
pub struct Stage<'s> {
    context: &'s Context,
    folder: tempfile::TempDir,
    /// The village as it was made up: what everything is held against.
    pub original: PathBuf,
    /// Its machines' files, which are attacked.
    pub sandbox: Sandbox,
    /// Its map.
    pub map: Map,
    global: GlobalArguments,
    /// What is chosen by lot.
    pub seed: u64,
}

impl<'s> Stage<'s> {
    /// Makes the village, its vault and its map.
    pub fn set(context: &'s Context, arguments: &ExerciseArguments) -> Result<Self, Failure> {
        let place = arguments.place.clone().unwrap_or_else(std::env::temp_dir);
        let at = || text("err-at-path").show("path", place.display());
        require_steady(&place).map_err(|failure| failure.under(at()))?;
        let made = tempfile::Builder::new().prefix("beffroi-day-").tempdir_in(&place);
        let folder = made.map_err(|error| Failure::from(error).under(at()))?;
        let original = folder.path().join("village");
        village::lay_out(&original, arguments.seed).map_err(|error| Failure::from(error).under(at()))?;
        // What could not be copied is not there in the end: the comparison with what was made up finds it.
        let sandbox = Sandbox::copy(&original, folder.path(), &mut |_| {})
            .map_err(|error| Failure::from(exercise::ExerciseError::from(error)))?;
        let words = with_questions(MODEL);
        let reading = town::map::read::read(&words, &|name| TimeZone::get(name).ok());
        let map = reading.map.ok_or_else(|| Failure::new(text("err-order-map").with("name", "village.toml")))?;
        let path = |name: &str| Some(folder.path().join(name));
        let mut global = GlobalArguments::bare(true);
        (global.vault, global.state, global.identity) = (path("vault"), path("state"), path("kit.txt"));
        (global.town, global.journal) = (path("town.toml"), path("journal"));
        std::fs::write(folder.path().join("town.toml"), words)?;
        let stage = Self { context, original, sandbox, map, global, seed: arguments.seed, folder };
        let (vault, kit) = (stage.folder.path().join("vault"), stage.folder.path().join("kit.txt"));
        stage.run(&["init", &vault.to_string_lossy(), "--recovery-out", &kit.to_string_lossy()])?;
        Ok(stage)
    }

    /// Runs this program in the village; anything but done is a failure.
    pub fn run(&self, words: &[&str]) -> Result<Ended, Failure> {
        self.run_any(words, &[DONE])
    }

    /// Runs this program in the village; ends with any other code than these are failures.
    pub fn run_any(&self, words: &[&str], codes: &[u8]) -> Result<Ended, Failure> {
        let ended = child::run_with(&self.global, self.context.messages.language(), words)?;
        if ended.code.is_some_and(|code| codes.iter().any(|known| i32::from(*known) == code)) {
            return Ok(ended);
        }
        let said = ended.of("error").filter_map(|fields| fields.get("message")?.as_str()).last();
        let said = said.map_or_else(|| ended.said.clone(), str::to_string);
        let code = ended.code.map_or_else(|| "–".to_string(), |code| code.to_string());
        let command = words.iter().take(2).copied().collect::<Vec<_>>().join(" ");
        Err(Failure::new(
            text("err-day-step").with("command", command).with("code", code).with("said", Output::safe(&said)),
        ))
    }

    /// The names of the sources.
    pub fn sources(&self) -> impl Iterator<Item = &'static str> {
        SOURCES.into_iter().map(|(source, _)| source)
    }

    /// Keeps every source, as the machines do every night, and returns how each backup ended; other codes than these are failures.
    pub fn keep_all(&self, codes: &[u8]) -> Result<Vec<Ended>, Failure> {
        let keep = |source: &str| {
            let folder = self.sandbox.path().join(source);
            self.run_any(&["backup", "--source", source, &folder.to_string_lossy()], codes)
        };
        self.sources().map(keep).collect()
    }

    /// Keeps every source; returns after which time the first one rang, and whether one did.
    pub fn ring(&self) -> Result<(Duration, bool), Failure> {
        let mut took = Duration::ZERO;
        let mut rang = None;
        for ended in self.keep_all(&[DONE, ALARM])? {
            took += ended.took;
            if ended.code == Some(i32::from(ALARM)) {
                rang.get_or_insert(took);
            }
        }
        Ok((rang.unwrap_or(took), rang.is_some()))
    }

    /// Where sources are given back.
    pub fn back(&self) -> PathBuf {
        self.folder.path().join("back")
    }

    /// The recovery kit of the village's vault.
    pub fn kit(&self) -> &Path {
        self.global.identity.as_deref().unwrap_or(Path::new(""))
    }
}

/// Refuses a place in which others could put a folder of theirs where the exercise's is: programs that its map names are run.
fn require_steady(place: &Path) -> Result<(), Failure> {
    const STICKY: u32 = 0o1000;
    let status = std::fs::metadata(place)?;
    let is_steady = [0, rustix::process::geteuid().as_raw()].contains(&status.uid())
        && (status.mode() & 0o022 == 0 || status.mode() & STICKY != 0);
    match is_steady {
        true => Ok(()),
        false => Err(Failure::usage(text("err-day-place"))),
    }
}

/// Gives the services of the model the questions that the made-up files answer.
fn with_questions(model: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in model.lines() {
        lines.push(line.to_string());
        let id = line.strip_prefix("id = \"").and_then(|rest| rest.strip_suffix('"'));
        let question = QUESTIONS.iter().find(|(service, ..)| Some(*service) == id);
        if let Some((_, source, folder, holding)) = question {
            let words = holding.question(&format!("{{folder}}/{source}/{folder}"));
            // A string of JSON is a basic string of TOML (TOML 1.0, "String").
            let words = Value::from(words).to_string();
            lines.push(format!("commands = {{ check = {words} }}"));
        }
    }
    lines.join("\n") + "\n"
}

/// How many files an assessment's event says are hurt.
pub fn hurt_of(fields: &Fields<String, Value>) -> u64 {
    let number = |name: &str| fields.get(name).and_then(Value::as_u64).unwrap_or(0);
    number("damaged") + number("renamed-damaged") + number("deleted")
}

/// A field of the last event of a kind, in words.
pub fn text_of(ended: &Ended, event: &str, field: &str) -> String {
    ended.of(event).filter_map(|fields| fields.get(field)?.as_str()).last().unwrap_or("").to_string()
}

/// A number of the last event of a kind; none is nought.
pub fn number_of(ended: &Ended, event: &str, field: &str) -> u64 {
    ended.of(event).filter_map(|fields| fields.get(field)?.as_u64()).last().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_where_others_could_swap_a_folder_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let is_refused = |mode| {
            std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(mode)).unwrap();
            require_steady(folder.path()).is_err()
        };
        assert_eq!([0o700, 0o755, 0o1777, 0o777, 0o770].map(is_refused), [false, false, false, true, true]);
    }

    #[test]
    fn every_question_finds_its_service_in_the_model() {
        let reading = town::map::read::read(&with_questions(MODEL), &|name| TimeZone::get(name).ok());
        let map = reading.map.unwrap_or_else(|| panic!("{:?}", reading.findings));
        for (service, source, ..) in QUESTIONS {
            let service = map.service(&service.into()).unwrap_or_else(|| panic!("{service}"));
            assert!(service.sources.iter().any(|name| name.as_str() == source), "{} of {source}", service.id);
            assert!(!service.commands.check.is_empty(), "{}", service.id);
        }
        let kept: Vec<_> = map.sources.iter().map(|source| source.name.as_str()).collect();
        assert_eq!(kept, SOURCES.map(|(source, _)| source));
    }
}
