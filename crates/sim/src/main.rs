//! Runs many seeds and tells what they did; a seed that fails is told with the fewest steps that still fail.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it talks to whoever runs it")]

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use sim::years::{Span, Work, live};
use sim::{Failure, Tally, run, shrink};

const USAGE: &str = "usage: beffroi-sim [--seeds N] [--seed N] [--steps N,N,…] [--seconds N] [--jobs N] [--shrink 0|1]
       beffroi-sim --years N [--seed N] [--work everything|register]";

/// What is wanted.
struct Wanted {
    seeds: u64,
    seed: u64,
    /// Only these steps of each seed.
    steps: Option<Vec<usize>>,
    seconds: u64,
    jobs: usize,
    /// Look for the fewest steps that still fail.
    shrink: bool,
    /// Instead of towns on bad days, so many years of one.
    years: u64,
    work: Work,
}

/// So much may be stored, in parts of what is needed.
const RATIO_MAX: f64 = 1.3;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(wanted) = parse(&words) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    // A panic of the vault is a failure like others, and told as one.
    std::panic::set_hook(Box::new(|_| {}));
    #[expect(clippy::disallowed_methods, reason = "how long it took is told to whoever waited")]
    let begin = Instant::now();
    if wanted.years > 0 {
        let done = live_years(&wanted);
        println!("time {:.0} s", begin.elapsed().as_secs_f64());
        return done;
    }
    let (tally, failure) = run_all(&wanted, begin);
    print!("{tally}");
    let seconds = begin.elapsed().as_secs_f64();
    println!("time                 {seconds:>9.1}s, {:.0} seeds a minute", tally.seeds as f64 / seconds * 60.0);
    match failure {
        None => ExitCode::SUCCESS,
        Some(failure) => {
            tell(failure, wanted.shrink);
            ExitCode::FAILURE
        }
    }
}

/// Lives through years, and tells what they cost.
fn live_years(wanted: &Wanted) -> ExitCode {
    let span = Span { work: wanted.work, ..Span::of_years(wanted.years, wanted.seed) };
    let done = live(&span, &mut |year| println!("{year}"));
    match done {
        Ok(account) => {
            println!("\n{account}");
            let ratio = account.years.last().map_or(0.0, |year| year.holding.ratio());
            if ratio <= RATIO_MAX {
                return ExitCode::SUCCESS;
            }
            println!("more than {RATIO_MAX} times what is needed is stored");
        }
        Err(why) => println!("the years of seed {} fail: {why}", wanted.seed),
    }
    ExitCode::FAILURE
}

/// Runs all seeds, until one fails or the time is over.
fn run_all(wanted: &Wanted, begin: Instant) -> (Tally, Option<Failure>) {
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let (tally, failures) = (Mutex::new(Tally::default()), Mutex::new(Vec::new()));
    let work = || {
        while !stop.load(Ordering::Relaxed) && begin.elapsed().as_secs() < wanted.seconds {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= wanted.seeds {
                return;
            }
            match run(wanted.seed + number, wanted.steps.as_deref()) {
                Ok(done) => tally.lock().expect("no run panics").add(&done),
                Err(failure) => {
                    failures.lock().expect("no run panics").push(failure);
                    stop.store(true, Ordering::Relaxed);
                }
            }
        }
    };
    std::thread::scope(|scope| (0..wanted.jobs).for_each(|_| drop(scope.spawn(work))));
    let failures = failures.into_inner().expect("no run panics");
    let first = failures.into_iter().min_by_key(|failure| failure.seed);
    (tally.into_inner().expect("no run panics"), first)
}

fn tell(failure: Failure, is_shrunk: bool) {
    println!("\n{failure}");
    let mut fewest = failure;
    if is_shrunk {
        fewest = shrink(fewest);
        println!("the fewest steps that still fail:\n{fewest}");
    }
    let steps: Vec<String> = fewest.steps.iter().map(usize::to_string).collect();
    println!("again: cargo xtask soak --sim 1 --seed {} --steps {}", fewest.seed, steps.join(","));
}

fn parse(words: &[String]) -> Option<Wanted> {
    let mut wanted = Wanted {
        seeds: 1000,
        seed: 1,
        steps: None,
        seconds: u64::MAX,
        jobs: 2,
        shrink: true,
        years: 0,
        work: Work::Everything,
    };
    let mut words = words.iter();
    while let Some(option) = words.next() {
        let value = words.next()?;
        match option.as_str() {
            "--seeds" => wanted.seeds = value.parse().ok()?,
            "--seed" => wanted.seed = value.parse().ok()?,
            "--seconds" => wanted.seconds = value.parse().ok()?,
            "--shrink" => wanted.shrink = value != "0",
            "--jobs" => wanted.jobs = value.parse().ok()?,
            "--years" => wanted.years = value.parse().ok()?,
            "--work" if value == "everything" => wanted.work = Work::Everything,
            "--work" if value == "register" => wanted.work = Work::Register,
            "--steps" => wanted.steps = Some(value.split(',').map(|n| n.parse().ok()).collect::<Option<_>>()?),
            _ => return None,
        }
    }
    Some(wanted)
}
