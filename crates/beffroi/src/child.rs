//! This same program, started for one step of a longer work: what it does is what people do by hand, and what stops it stops only it.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Map, Value};
use vault::world::Clock;

use crate::arguments::GlobalArguments;
use crate::context::Context;
use crate::failure::{DONE, Failure, INCOMPLETE};
use crate::formats;
use crate::messages::{Language, text};
use crate::world::SystemClock;

/// How a step ended.
#[derive(Clone, Debug, Default)]
pub struct Ended {
    /// The exit code; nothing if a signal ended it.
    pub code: Option<i32>,
    /// How long it took.
    pub took: Duration,
    /// The figures of its last `summary`.
    pub summary: Map<String, Value>,
    /// Its events, with their figures, oldest first.
    pub events: Vec<Map<String, Value>>,
    /// What it said last on standard error.
    pub said: String,
}

/// So much of what a program says is kept, and so many events.
const SAID_BYTES_MAX: usize = 16 << 10;
const EVENTS_MAX: usize = 10_000;
const LINE_BYTES_MAX: u64 = 16 << 20;

impl Ended {
    /// Tells whether it did what it was asked.
    pub fn is_done(&self) -> bool {
        // A journal that cannot be written to makes a 3 of a 0, and nothing else.
        self.code == Some(i32::from(DONE))
            || (self.code == Some(i32::from(INCOMPLETE)) && self.of("done").next().is_some())
    }

    /// Returns a number of the summary; none is nought.
    pub fn number(&self, field: &str) -> u64 {
        self.summary.get(field).and_then(Value::as_u64).unwrap_or(0)
    }

    /// Returns the events of a kind.
    pub fn of<'e>(&'e self, event: &'e str) -> impl Iterator<Item = &'e Map<String, Value>> {
        self.events.iter().filter(move |fields| fields.get("event").and_then(Value::as_str) == Some(event))
    }
}

/// Runs this program with some words, the vault, the kit and all else that this one was given.
pub fn run<I, W>(context: &Context, words: I) -> Result<Ended, Failure>
where
    I: IntoIterator<Item = W>,
    W: AsRef<OsStr>,
{
    run_with(&context.global, context.messages.language(), words)
}

/// Runs this program with some words, and the vault, the kit and all else that is given.
pub fn run_with<I, W>(global: &GlobalArguments, language: Language, words: I) -> Result<Ended, Failure>
where
    I: IntoIterator<Item = W>,
    W: AsRef<OsStr>,
{
    let program = std::env::current_exe().map_err(|error| Failure::from(error).under(text("err-recover-child")))?;
    let mut command = Command::new(program);
    // A step of a longer work tells nobody outside: whoever leads it does.
    command.env_remove("BEFFROI_NOTIFY").args(given(global, language)).args(words);
    listen(command)
}

/// Runs a program of somebody else's, and keeps what it says last. Unlike [`listen`] it does not wait for what that program leaves
/// running: a service that was started may hold its output open for years.
pub fn wait_for(mut command: Command) -> Result<Ended, Failure> {
    let began = SystemClock.now();
    let name = command.get_program().to_os_string();
    let failed = || text("err-recover-start").with("program", crate::output::Output::safe(&name.to_string_lossy()));
    let started = tempfile::tempfile().and_then(|said| {
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said.try_clone()?).status()?;
        Ok((said, status))
    });
    let (mut said, status) = started.map_err(|error| Failure::from(error).under(failed()))?;
    let mut last = Vec::new();
    let end = said.seek(SeekFrom::End(0)).unwrap_or(0);
    let from = end.saturating_sub(SAID_BYTES_MAX as u64);
    if said.seek(SeekFrom::Start(from)).is_ok() {
        // What cannot be read cannot be told; how it ended is known all the same.
        let _ = said.take(SAID_BYTES_MAX as u64).read_to_end(&mut last);
    }
    let said = String::from_utf8_lossy(&last).trim().to_string();
    Ok(Ended { code: status.code(), took: formats::between(began, SystemClock.now()), said, ..Ended::default() })
}

/// Runs this program, and keeps what it says.
fn listen(mut command: Command) -> Result<Ended, Failure> {
    let began = SystemClock.now();
    let name = command.get_program().to_os_string();
    let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let failed = || text("err-recover-start").with("program", crate::output::Output::safe(&name.to_string_lossy()));
    let mut process = started.map_err(|error| Failure::from(error).under(failed()))?;
    let mut ended = Ended::default();
    let errors = process.stderr.take();
    let said = std::thread::scope(|scope| {
        let said = scope.spawn(move || errors.map_or_else(Vec::new, last_words));
        if let Some(results) = process.stdout.take() {
            ended.hear(results);
        }
        said.join().unwrap_or_default()
    });
    let status = process.wait().map_err(|error| Failure::from(error).under(failed()))?;
    ended.code = status.code();
    ended.took = formats::between(began, SystemClock.now());
    ended.said = String::from_utf8_lossy(&said).trim().to_string();
    Ok(ended)
}

impl Ended {
    fn hear(&mut self, results: impl Read) {
        let mut results = BufReader::new(results);
        let mut line = Vec::new();
        while results.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            if let Ok(Value::Object(fields)) = serde_json::from_slice(&line) {
                if fields.get("event").and_then(Value::as_str) == Some("summary") {
                    self.summary = fields.clone();
                }
                if self.events.len() < EVENTS_MAX {
                    self.events.push(fields);
                }
            }
            line.clear();
        }
    }
}

/// Reads to the end, and keeps the last words.
fn last_words(mut from: impl Read) -> Vec<u8> {
    let (mut said, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = from.read(&mut piece) {
        said.extend_from_slice(&piece[..read]);
        let over = said.len().saturating_sub(SAID_BYTES_MAX);
        said.drain(..over);
    }
    said
}

/// What this program was given, for the next one.
fn given(global: &GlobalArguments, language: Language) -> Vec<OsString> {
    let language = match language {
        Language::Fr => "fr",
        Language::En => "en",
    };
    let mut words: Vec<OsString> = ["--json", "--no-progress", "--lang", language].map(OsString::from).to_vec();
    let paths = [
        ("--vault", &global.vault),
        ("--state", &global.state),
        ("--identity", &global.identity),
        ("--town", &global.town),
        ("--journal", &global.journal),
    ];
    for (name, path) in paths {
        if let Some(path) = path {
            words.extend([OsString::from(name), path.into()]);
        }
    }
    words
}
