//! Everything that must hold before a change lands.

use crate::machine;
use crate::run::{build_folder, cargo, program, succeed};

type Check = fn() -> Result<(), String>;

/// In the order in which they run: what is quick and what others stand on first.
const CHECKS: [(&str, Check); 5] = [
    ("the format of the code", format),
    ("clippy", lints),
    ("the documentation", documentation),
    ("the Python reader", python_tests),
    ("the tests", tests),
];

/// Runs every check, the later ones too when one fails, and says at the end which did.
pub fn run() -> Result<(), String> {
    machine::require_root()?;
    machine::require_toolchain()?;
    machine::require_packages()?;
    let mut failures = Vec::new();
    for (name, check) in CHECKS {
        if let Err(failure) = check() {
            eprintln!("\nxtask: {name}: {failure}");
            failures.push(name);
        }
    }
    if failures.is_empty() {
        println!("\nxtask: all checks passed");
        return Ok(());
    }
    Err(format!("{} of {} checks failed: {}", failures.len(), CHECKS.len(), failures.join(", ")))
}

fn format() -> Result<(), String> {
    succeed(cargo().args(["fmt", "--all", "--check"]))
}

fn lints() -> Result<(), String> {
    succeed(cargo().args(["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

/// Nobody publishes these pages: what links to a private item is read beside it.
const RUSTDOC: &str = "-D warnings -A rustdoc::private_intra_doc_links";

fn documentation() -> Result<(), String> {
    succeed(
        cargo()
            .args(["doc", "--locked", "--workspace", "--no-deps", "--document-private-items"])
            .env("RUSTDOCFLAGS", RUSTDOC),
    )
}

/// Runs the tests of `contrib`, with the packages that its users install.
fn python_tests() -> Result<(), String> {
    let tools = build_folder().join("contrib-venv");
    succeed(program("python3").args(["-m", "venv"]).arg(&tools))?;
    let python = tools.join("bin/python");
    let requirements = ["--requirement", "contrib/requirements.txt"];
    succeed(
        program(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(requirements),
    )?;
    // The reader is tried on vaults of the real program too.
    succeed(cargo().args(["build", "--locked", "--package", "beffroi"]))?;
    succeed(
        program(&python)
            .args(["-m", "unittest", "discover", "--start-directory", "contrib"])
            .env("BEFFROI", build_folder().join("debug/beffroi")),
    )
}

/// What looks at the pages that people read: axe-core, by Deque.
const AXE: &str = "axe-core@4.14.1";

fn tests() -> Result<(), String> {
    let axe = build_folder().join("axe");
    if !axe.join("node_modules/axe-core/axe.min.js").exists() {
        let quiet = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"];
        succeed(program("npm").args(quiet).arg(&axe).arg(AXE))?;
    }
    succeed(cargo().args(["test", "--locked", "--workspace", "--no-fail-fast"]))
}
