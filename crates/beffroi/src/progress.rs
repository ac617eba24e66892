//! The line that moves at the bottom of a terminal: rate, files, bytes, what is left, where it is.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::context::Context;
use crate::formats;
use crate::messages::{Gap, text};
use crate::output::Output;

/// Counts what was done and shows it. Silent where nobody looks.
pub struct Progress<'c> {
    context: &'c Context,
    bar: Option<ProgressBar>,
    entries: AtomicU64,
    bytes: AtomicU64,
    bytes_total: AtomicU64,
    drawn_ticks: AtomicU64,
    path: Mutex<String>,
}

/// The line is written anew this often.
const TICK: Duration = Duration::from_millis(200);

impl<'c> Progress<'c> {
    /// Begins. `bytes_total` is what is expected; 0 where it is unknown.
    pub fn begin(context: &'c Context, bytes_total: u64) -> Self {
        let quiet = context.global.no_progress || context.output.is_json() || !std::io::stderr().is_terminal();
        let bar = (!quiet).then(make_bar);
        context.output.set_bar(bar.clone());
        Self {
            context,
            bar,
            entries: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            bytes_total: AtomicU64::new(bytes_total),
            drawn_ticks: AtomicU64::new(0),
            path: Mutex::default(),
        }
    }

    /// Sets how many bytes are expected.
    pub fn expect_bytes(&self, bytes: u64) {
        self.bytes_total.store(bytes, Ordering::Relaxed);
    }

    /// Adds to how many bytes are expected.
    pub fn expect_more_bytes(&self, bytes: u64) {
        self.bytes_total.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Begins a part of a longer work: counts from nothing.
    pub fn restart(&self, part: &str) {
        for count in [&self.entries, &self.bytes, &self.bytes_total, &self.drawn_ticks] {
            count.store(0, Ordering::Relaxed);
        }
        if let Some(bar) = &self.bar {
            bar.reset_elapsed();
            *self.path.lock().unwrap_or_else(PoisonError::into_inner) = part.to_string();
            bar.set_message(part.to_string());
        }
    }

    /// Counts bytes.
    pub fn add_bytes(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.draw();
    }

    /// Counts entries.
    pub fn add_entries(&self, entries: u64) {
        self.entries.fetch_add(entries, Ordering::Relaxed);
        self.draw();
    }

    /// Says where the work is.
    pub fn set_path(&self, path: &[u8]) {
        if self.bar.is_some() {
            *self.path.lock().unwrap_or_else(PoisonError::into_inner) = Output::safe_bytes(path);
            self.draw();
        }
    }

    fn draw(&self) {
        let Some(bar) = &self.bar else { return };
        let elapsed = bar.elapsed();
        let tick = (elapsed.as_millis() / TICK.as_millis()) as u64;
        if self.drawn_ticks.swap(tick, Ordering::Relaxed) == tick {
            return;
        }
        bar.set_message(self.line(elapsed));
    }

    fn line(&self, elapsed: Duration) -> String {
        let language = self.context.messages.language();
        let (entries, bytes) = (self.entries.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed));
        let rate = (bytes as f64 / elapsed.as_secs_f64().max(0.001)) as u64;
        let left = self.bytes_total.load(Ordering::Relaxed).saturating_sub(bytes);
        let left = match (left, rate) {
            (0, _) | (_, 0) => String::new(),
            (left, rate) => {
                let time = formats::duration(Duration::from_secs(left / rate + 1), language);
                self.context.say(&text("progress-left").with("time", time))
            }
        };
        let path = self.path.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let line = text("progress-line")
            .with("entries", entries)
            .with("bytes", Gap::Bytes(bytes))
            .with("rate", Gap::Bytes(rate))
            .with("left", left)
            .with("path", path);
        self.context.say(&line)
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.context.output.set_bar(None);
    }
}

fn make_bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
    let style = ProgressStyle::with_template("{spinner} {wide_msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.enable_steady_tick(TICK);
    bar
}
