//! The project's own chores: what checks a change, and the long tests.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to whoever runs it")]

mod ci;
mod machine;
mod plant;
mod run;
mod soak;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask ci                                everything that must hold before a change lands
       cargo xtask soak [--rounds N] [--kills N] [--sim N] [--years N] [--seed N] [--steps N,N,…]
                                                     the random tests, for as long as you like
       cargo xtask plant [NAME…]                     bugs on purpose: the simulation must find each";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["ci"] => ci::run(),
        ["soak", options @ ..] => soak::Rounds::parse(options).and_then(|rounds| soak::run(&rounds)),
        ["plant", names @ ..] => plant::run(names),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nxtask: {failure}");
            ExitCode::FAILURE
        }
    }
}
