//! The only module that prints: results on standard output, everything else on standard error.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::ProgressBar;
use serde_json::{Map, Value};
use vault::source::SourcePath;

use crate::failure::Failure;
use crate::messages::text;

/// Where results and notes go.
pub struct Output {
    json: bool,
    results: Mutex<BufWriter<Stdout>>,
    results_to_terminal: bool,
    /// A line that moves at the bottom of the terminal and must step aside for other lines.
    bar: Mutex<Option<ProgressBar>>,
}

impl Output {
    /// Prints results as text, or as JSON lines.
    pub fn new(json: bool) -> Self {
        let results_to_terminal = io::stdout().is_terminal();
        Self { json, results: Mutex::new(BufWriter::new(io::stdout())), results_to_terminal, bar: Mutex::default() }
    }

    /// Tells whether results are JSON lines.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Prints a line of results.
    pub fn line(&self, line: &str) -> Result<(), Failure> {
        self.aside(|| {
            let mut results = locked(&self.results);
            results.write_all(line.as_bytes())?;
            results.write_all(b"\n")?;
            if self.results_to_terminal { results.flush() } else { Ok(()) }
        })
    }

    /// Prints bytes as they are.
    pub fn bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        self.aside(|| locked(&self.results).write_all(bytes))
    }

    /// Prints one of many JSON lines: `event` and its fields.
    pub fn item(&self, event: &str, fields: Map<String, Value>) -> Result<(), Failure> {
        let mut object = Map::new();
        object.insert("event".into(), event.into());
        object.extend(fields);
        self.line(&Value::Object(object).to_string())
    }

    /// Prints a JSON line that somebody may be waiting for.
    pub fn event(&self, event: &str, fields: Map<String, Value>) -> Result<(), Failure> {
        self.item(event, fields)?;
        self.flush()
    }

    /// Prints a line for people on standard error. If that is closed, nobody is there to be told.
    pub fn note(&self, line: &str) {
        let _ = self.aside(|| writeln!(io::stderr(), "{line}"));
    }

    /// Asks on the terminal, without going to the next line.
    pub fn ask(&self, question: &str) -> Result<(), Failure> {
        self.bytes(question.as_bytes())?;
        self.flush()
    }

    /// Hands what was printed to the system.
    pub fn flush(&self) -> Result<(), Failure> {
        self.aside(|| locked(&self.results).flush())
    }

    /// Shows a line that moves, or takes it away.
    pub fn set_bar(&self, bar: Option<ProgressBar>) {
        if let Some(old) = std::mem::replace(&mut *locked(&self.bar), bar) {
            old.finish_and_clear();
        }
    }

    /// Returns words that cannot steer a terminal or forge a line.
    pub fn safe(words: &str) -> String {
        Self::safe_bytes(words.as_bytes())
    }

    /// Returns a name of any bytes as words that cannot steer a terminal or forge a line.
    pub fn safe_bytes(name: &[u8]) -> String {
        SourcePath(name.to_vec()).to_string()
    }

    /// Returns the fields `path` and, where that loses something, `path_b64`.
    pub fn path_fields(path: &[u8]) -> Map<String, Value> {
        let mut fields = Map::new();
        fields.insert("path".into(), String::from_utf8_lossy(path).into());
        if std::str::from_utf8(path).is_err() {
            fields.insert("path_b64".into(), data_encoding::BASE64.encode(path).into());
        }
        fields
    }

    fn aside(&self, print: impl FnOnce() -> io::Result<()>) -> Result<(), Failure> {
        let bar = locked(&self.bar).clone();
        let printed = match bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        };
        printed.map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::closed_pipe(),
            _ => Failure::from(error).under(text("err-output")),
        })
    }
}

/// Locks. Whoever panicked while printing left at worst half a line.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
