//! Examines all files of some folders and prints how many of each kind are in which state, how fast, and which are unsound.
//!
//! `cargo run --release -p beffroi-triage --example examine_folder -- FOLDER…`
#![expect(clippy::disallowed_methods, reason = "an example reads files, to try the library on what is really there")]
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use triage::{Content, ContentError, Kind, Limits, State, examine};

struct OpenFile {
    file: File,
    bytes: u64,
}

impl Content for OpenFile {
    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, ContentError> {
        self.file.read_at(into, offset).map_err(|source| ContentError { offset, source: source.into() })
    }
}

#[derive(Default)]
struct Row {
    files: u64,
    bytes: u64,
    vouched: u64,
    time: Duration,
    states: BTreeMap<&'static str, u64>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut rows: BTreeMap<Kind, Row> = BTreeMap::new();
    let mut folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    while let Some(folder) = folders.pop() {
        let entries = if folder.is_dir() { paths(&folder)? } else { vec![folder] };
        for path in entries {
            let about = fs::symlink_metadata(&path)?;
            if about.is_dir() {
                folders.push(path);
            } else if about.is_file() {
                one(&path, about.len(), &mut rows)?;
            }
        }
    }
    for (kind, row) in &rows {
        let speed = row.bytes as f64 / 1e6 / row.time.as_secs_f64().max(1e-9);
        let share = 100.0 * row.vouched as f64 / (row.bytes as f64).max(1.0);
        println!(
            "{kind:?}: {} files, {:.1} MB, {speed:.0} MB/s, {share:.0} % vouched for, {:?}",
            row.files,
            row.bytes as f64 / 1e6,
            row.states
        );
    }
    let (bytes, time) = rows.values().fold((0, Duration::ZERO), |sum, row| (sum.0 + row.bytes, sum.1 + row.time));
    println!("all: {:.1} MB, {:.0} MB/s", bytes as f64 / 1e6, bytes as f64 / 1e6 / time.as_secs_f64());
    Ok(())
}

fn paths(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
    paths.sort();
    Ok(paths)
}

fn one(path: &Path, bytes: u64, rows: &mut BTreeMap<Kind, Row>) -> Result<(), Box<dyn Error>> {
    let content = OpenFile { file: File::open(path)?, bytes };
    let start = Instant::now();
    let examination = examine(&content, path.as_os_str().as_bytes(), &Limits::default())?;
    let row = rows.entry(examination.kind).or_default();
    row.time += start.elapsed();
    row.files += 1;
    row.bytes += bytes;
    row.vouched += examination.coverage.summed_bytes + examination.coverage.parsed_bytes;
    *row.states.entry(word(&examination.state)).or_default() += 1;
    if examination.state.is_unsound() || matches!(examination.state, State::Unknown(_)) && std::env::args().len() == 2 {
        let state = format!("{:?}", examination.state);
        println!("{}: {:?} {}", path.display(), examination.kind, &state[..state.len().min(160)]);
    }
    Ok(())
}

fn word(state: &State) -> &'static str {
    match state {
        State::Valid => "valid",
        State::Protected => "protected",
        State::Truncated { .. } => "truncated",
        State::Broken { .. } => "broken",
        State::Corrupt { .. } => "corrupt",
        State::Zeroed => "zeroed",
        State::RandomLike => "random",
        State::Encoded(_) => "encoded",
        State::Unknown(_) => "unknown",
    }
}
