//! Public programs on the same files, in turn with triage: what they need at least.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use triage::{Kind, Limits, examine};

use crate::pool::{Pool, Sample};

/// A program that tests files of a kind.
struct Tester {
    kinds: &'static [Kind],
    program: &'static str,
    arguments: &'static [&'static str],
    /// What the copies that it gets are called.
    extension: &'static str,
    /// It takes many files at once.
    takes_many: bool,
    package: &'static str,
}

const TESTERS: [Tester; 9] = [
    tester(
        &[Kind::Jpeg],
        "djpeg",
        &["-fast", "-grayscale", "-outfile", "/dev/null"],
        "jpg",
        false,
        "libjpeg-turbo-progs",
    ),
    tester(&[Kind::Png], "pngcheck", &["-q"], "png", true, "pngcheck"),
    tester(&[Kind::Ooxml, Kind::Odf, Kind::Zip], "unzip", &["-tqq"], "zip", false, "unzip"),
    tester(&[Kind::Ooxml, Kind::Odf, Kind::Zip], "7z", &["t", "-bso0", "-bsp0", "-mmt1"], "zip", false, "p7zip-full"),
    tester(&[Kind::Pdf], "qpdf", &["--check"], "pdf", false, "qpdf"),
    tester(&[Kind::Gzip], "gzip", &["-t"], "gz", true, "gzip"),
    tester(&[Kind::Gzip], "libdeflate-gzip", &["-t"], "gz", true, "libdeflate-tools"),
    tester(&[Kind::Xz], "xz", &["-t", "-T1"], "xz", true, "xz-utils"),
    tester(&[Kind::Bzip2], "bzip2", &["-t"], "bz2", true, "bzip2"),
];

const fn tester(
    kinds: &'static [Kind],
    program: &'static str,
    arguments: &'static [&'static str],
    extension: &'static str,
    takes_many: bool,
    package: &'static str,
) -> Tester {
    Tester { kinds, program, arguments, extension, takes_many, package }
}

/// Starting a program must not count: of a kind, the largest sound files are taken, so much together.
const FILES_BYTES_MAX: usize = 20_000_000;
const FILES_MAX: usize = 40;

/// Prints what each program takes beside triage.
pub fn print(pool: &Pool, rounds: usize) -> Result<(), Box<dyn Error>> {
    println!("\n| program | files | MB | MB/s | triage, MB/s | triage takes |\n| --- | --- | --- | --- | --- | --- |");
    for tester in &TESTERS {
        let mut samples: Vec<&Sample> =
            tester.kinds.iter().filter_map(|kind| pool.kinds.get(kind)).flatten().filter(|one| one.is_sound).collect();
        samples.sort_by_key(|sample| std::cmp::Reverse(sample.bytes.len()));
        let mut bytes = 0;
        samples.retain(|sample| {
            bytes += sample.bytes.len();
            bytes <= FILES_BYTES_MAX
        });
        samples.truncate(FILES_MAX);
        if !samples.is_empty() {
            compare(tester, &samples, rounds)?;
        }
    }
    Ok(())
}

fn compare(tester: &Tester, samples: &[&Sample], rounds: usize) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir_in("/dev/shm")?;
    let mut paths = Vec::new();
    for (place, sample) in samples.iter().enumerate() {
        let path = folder.path().join(format!("{place}.{}", tester.extension));
        fs::write(&path, &sample.bytes)?;
        paths.push(path);
    }
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..rounds.max(1) {
        let start = Instant::now();
        tester.run(&paths)?;
        theirs.push(start.elapsed());
        let start = Instant::now();
        for sample in samples {
            examine(&sample.bytes, &sample.name, &Limits::default())?;
        }
        ours.push(start.elapsed());
    }
    let (theirs, ours) = (middle(theirs), middle(ours));
    let megabytes = samples.iter().map(|sample| sample.bytes.len()).sum::<usize>() as f64 / 1e6;
    println!(
        "| {} {} | {} | {megabytes:.1} | {:.0} | {:.0} | {:.2} times as long |",
        tester.program,
        tester.arguments.first().unwrap_or(&""),
        samples.len(),
        megabytes / theirs.as_secs_f64(),
        megabytes / ours.as_secs_f64(),
        ours.as_secs_f64() / theirs.as_secs_f64()
    );
    Ok(())
}

impl Tester {
    fn run(&self, paths: &[PathBuf]) -> Result<(), Box<dyn Error>> {
        for some in paths.chunks(if self.takes_many { paths.len() } else { 1 }) {
            let status = Command::new(self.program)
                .args(self.arguments)
                .args(some)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .map_err(|error| format!("{}: {error}; type: apt-get install {}", self.program, self.package))?;
            if status.code().is_none_or(|code| code > 3) {
                return Err(format!("{} failed: {status}", self.program).into());
            }
        }
        Ok(())
    }
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
