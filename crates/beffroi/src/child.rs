//! This same program, started for one step of a longer work: what it does is what people do by hand, and what stops it stops only it.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
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
    /// Whether it was ended, because it took too long or somebody stopped it.
    pub was_ended: bool,
}

/// How often it is looked whether a program ended.
const PAUSE: Duration = Duration::from_millis(20);
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
/// running: a service that was started may hold its output open for years. One that takes longer than it may, or that somebody stops, is
/// ended with all that it started.
pub fn wait_for(mut command: Command, time_max: Duration, is_stopped: &dyn Fn() -> bool) -> Result<Ended, Failure> {
    let began = SystemClock.now();
    let name = command.get_program().to_os_string();
    let failed = || text("err-recover-start").with("program", crate::output::Output::safe(&name.to_string_lossy()));
    let started = tempfile::tempfile().and_then(|said| {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said.try_clone()?).process_group(0);
        let mut process = command.spawn()?;
        let status = loop {
            if let Some(status) = process.try_wait()? {
                break Some(status);
            }
            if formats::between(began, SystemClock.now()) > time_max || is_stopped() {
                end_group(&process);
                process.wait()?;
                break None;
            }
            std::thread::sleep(PAUSE);
        };
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
    let took = formats::between(began, SystemClock.now());
    Ok(Ended {
        code: status.and_then(|status| status.code()),
        took,
        said,
        was_ended: status.is_none(),
        ..Ended::default()
    })
}

/// Ends a program and all that it started.
fn end_group(process: &std::process::Child) {
    if let Some(group) = i32::try_from(process.id()).ok().and_then(Pid::from_raw) {
        // It may have ended by itself just now.
        let _ = kill_process_group(group, Signal::KILL);
    }
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

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test looks which processes are left")]
mod tests {
    use super::*;

    fn sleeping() -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", "echo begun >&2; sleep 611 & sleep 611"]);
        command
    }

    fn is_any_left() -> bool {
        let processes = std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok());
        let words = processes.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
        words.into_iter().any(|words| words == b"sleep\x00611\x00")
    }

    #[test]
    fn a_program_that_does_not_end_is_ended_with_all_that_it_started() {
        let slow = wait_for(sleeping(), Duration::from_millis(300), &|| false).unwrap();
        assert!(slow.was_ended && !slow.is_done() && slow.took < Duration::from_secs(60), "{slow:?}");
        assert_eq!(slow.said, "begun");
        let stopped = wait_for(sleeping(), Duration::from_secs(600), &|| true).unwrap();
        assert!(stopped.was_ended && stopped.took < Duration::from_secs(60), "{stopped:?}");
        // The kernel may take a moment to clear them away.
        let is_gone = (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(50));
            !is_any_left()
        });
        assert!(is_gone);
        let done = wait_for(Command::new("true"), Duration::from_secs(60), &|| false).unwrap();
        assert!(done.is_done() && !done.was_ended);
    }
}
