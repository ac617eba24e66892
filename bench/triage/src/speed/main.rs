//! Measures how fast triage examines real files: megabytes of files a second on one core, by kind and on a mix of kinds.
//!
//! Files lie in memory, one thread works, its time on the core counts, and of several rounds the median. With `--floors`, public programs test the
//! same files in turn. With `--verdicts`, it writes what is told of each file and of mutations of them, one line each: what two
//! builds wrote must be equal.
#![expect(clippy::disallowed_methods, reason = "it reads files, runs other programs and looks at the clock")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it prints what it measured")]

mod floors;
mod mix;
mod mutations;
mod pool;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use rustix::time::{ClockId, clock_gettime};
use triage::facts::Finding;
use triage::{Kind, Limits, State, examine, glance};

use crate::pool::{Pool, Sample};

/// Measures how fast triage examines real files.
#[derive(Parser)]
struct Options {
    /// Folders of real files.
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// How often each kind is gone through.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How much of each kind is taken, in bytes.
    #[arg(long, default_value_t = 40_000_000)]
    kind_bytes_max: u64,
    /// Only these kinds.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Lets public programs test the same files, in turn.
    #[arg(long)]
    floors: bool,
    /// Writes here what is told of each file, and measures nothing.
    #[arg(long)]
    verdicts: Option<PathBuf>,
    /// How many mutations of files `--verdicts` looks at too.
    #[arg(long, default_value_t = 0)]
    mutations: u64,
}

/// What a kind took.
pub struct Row {
    files: usize,
    bytes: u64,
    inflated_bytes: u64,
    time: Duration,
    glance: Duration,
}

impl Row {
    fn megabytes_per_second(&self) -> f64 {
        self.bytes as f64 / 1e6 / self.time.as_secs_f64().max(1e-9)
    }
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-triage-speed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let pool = Pool::read(&options.folders, options.kind_bytes_max, &options.only)?;
    if let Some(path) = &options.verdicts {
        return verdicts(&pool, options.mutations, &mut BufWriter::new(File::create(path)?));
    }
    let rows = measure(&pool, options.rounds)?;
    println!(
        "| kind | files | MB | MB/s | inflated MB/s | glances, µs a file |\n| --- | --- | --- | --- | --- | --- |"
    );
    for (kind, row) in &rows {
        let inflated = row.megabytes_per_second() * row.inflated_bytes as f64 / row.bytes.max(1) as f64;
        let inflated = if row.inflated_bytes == 0 { "–".into() } else { format!("{inflated:.0}") };
        let (megabytes, speed) = (row.bytes as f64 / 1e6, row.megabytes_per_second());
        let micros = row.glance.as_secs_f64() * 1e6 / row.files.max(1) as f64;
        println!("| {kind:?} | {} | {megabytes:.1} | {speed:.0} | {inflated} | {micros:.1} |", row.files);
    }
    mix::print(&rows);
    if options.floors { floors::print(&pool, options.rounds) } else { Ok(()) }
}

/// Examines all samples of each kind, as often as wanted, and takes the median.
fn measure(pool: &Pool, rounds: usize) -> Result<BTreeMap<Kind, Row>, Box<dyn Error>> {
    let mut rows = BTreeMap::new();
    for (&kind, samples) in &pool.kinds {
        let mut inflated_bytes = 0;
        for sample in samples {
            inflated_bytes += sample.inflated_bytes()?;
        }
        let time = median(rounds, || {
            samples.iter().try_for_each(|sample| examine(&sample.bytes, &sample.name, &Limits::default()).map(drop))
        })?;
        let glance = median(rounds, || {
            samples.iter().try_for_each(|sample| {
                let end = sample.bytes.len().saturating_sub(triage::GLANCE_BYTES);
                let head = &sample.bytes[..sample.bytes.len().min(triage::GLANCE_BYTES)];
                std::hint::black_box(glance(head, &sample.bytes[end..], sample.bytes.len() as u64, &sample.name));
                Ok::<(), triage::ContentError>(())
            })
        })?;
        let bytes = samples.iter().map(|sample| sample.bytes.len() as u64).sum();
        rows.insert(kind, Row { files: samples.len(), bytes, inflated_bytes, time, glance });
    }
    Ok(rows)
}

/// Returns the median time of some rounds, as the core worked for this thread.
fn median<E>(rounds: usize, mut round: impl FnMut() -> Result<(), E>) -> Result<Duration, E> {
    let mut times = Vec::new();
    for _ in 0..rounds.max(1) {
        let start = worked();
        round()?;
        times.push(worked() - start);
    }
    times.sort();
    Ok(times[times.len() / 2])
}

/// How long a core worked for this thread.
fn worked() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Writes what is told of each sample, and of mutations.
fn verdicts(pool: &Pool, mutations: u64, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let mut tell = |label: &str, sample: &Sample| -> Result<(), Box<dyn Error>> {
        let found = examine(&sample.bytes, &sample.name, &Limits::default())?;
        let (kind, coverage) = (found.kind, found.coverage);
        let state = match &found.state {
            State::Corrupt { ranges } => format!("Corrupt {:?}", ranges.iter().take(4).collect::<Vec<_>>()),
            state => format!("{state:?}"),
        };
        let vouched = coverage.summed_bytes + coverage.parsed_bytes;
        let path = sample.path.display();
        let notes = found.notes.iter().take(4).collect::<Vec<_>>();
        writeln!(out, "{label}\t{path}\t{kind:?}\t{:?}\t{state}\t{vouched}\t{notes:?}", Finding::of(&found.state))?;
        Ok(())
    };
    let samples: Vec<&Sample> = pool.kinds.values().flatten().collect();
    for sample in &samples {
        tell("whole", sample)?;
    }
    for count in 0..mutations {
        let (label, mutation) = mutations::make(&samples, count);
        tell(&label, &mutation)?;
    }
    Ok(())
}
