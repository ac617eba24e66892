//! Rules of the project that no compiler knows. ARCHITECTURE.md says why they are.
#![expect(clippy::disallowed_methods, reason = "these tests read the project's files")]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

const LINES_MAX: usize = 900;

/// A file of the project.
struct Source {
    /// From the workspace, with `/`.
    path: String,
    text: String,
}

impl Source {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Tells whether this is the code of a crate, not its tests.
    fn is_shipped(&self) -> bool {
        self.is_rust() && self.path.starts_with("crates/") && self.path.contains("/src/") && !self.is_test()
    }

    fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        self.path.contains("/tests/") || name == "tests.rs"
    }

    fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.path.starts_with(place))
    }

    /// The lines with their numbers, without comments, up to the tests at the end of the file.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().take_while(|line| !line.starts_with("#[cfg(test)]") || !self.is_rust());
        lines.enumerate().map(|(at, line)| (at + 1, line)).filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

#[test]
fn files_can_be_read_in_one_sitting() {
    // Nobody reads a list of packages, and of the map of a city each department reads its part.
    let is_read = |path: &str| !path.ends_with("Cargo.lock") && !path.starts_with("models/");
    report(sources().iter().filter(|source| is_read(&source.path)).filter_map(|source| {
        let lines = source.text.lines().count();
        (lines > LINES_MAX).then(|| format!("{}: {lines} lines, at most {LINES_MAX}", source.path))
    }));
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [["to", "do!("], ["unimplem", "ented!("], ["#[ig", "nore"], ["TO", "DO"], ["FIX", "ME"]];
    report(found(&marks.map(|mark| mark.concat()), |source| source.is_rust() || source.path.ends_with(".py"), &[]));
}

#[test]
fn libraries_do_not_print() {
    let marks = ["print!(", "println!("].map(String::from);
    report(found(&marks, Source::is_shipped, &["crates/beffroi/", "crates/sim/src/main.rs"]));
}

#[test]
fn files_are_touched_where_architecture_says() {
    const PLACES: [&str; 9] = [
        "crates/vault/src/store/",
        "crates/vault/src/source/",
        "crates/vault/src/state/",
        "crates/vault/src/scratch/",
        "crates/restore/",
        "crates/exercise/",
        "crates/beffroi/",
        "crates/notify/src/spool.rs",
        "crates/sim/",
    ];
    report(found(&["std::fs", "rustix::fs"].map(String::from), Source::is_shipped, &PLACES));
    report(found(&["clippy::disallowed_methods".into()], Source::is_shipped, &PLACES));
}

#[test]
fn the_world_comes_in_as_arguments() {
    let world = [
        "SystemTime::now",
        "Instant::now",
        "std::net",
        "rand::fill",
        "getrandom",
        "std::env::",
        "std::process::Command",
    ];
    let places = ["crates/exercise/", "crates/beffroi/", "crates/notify/", "crates/sim/src/main.rs"];
    report(found(&world.map(String::from), Source::is_shipped, &places));
}

#[test]
fn nothing_is_asynchronous_or_unsafe() {
    let marks = ["async fn", "async move", ".await;", ".await?", ".await.", "unsafe "].map(String::from);
    report(found(&marks, |source| source.is_shipped() && !source.path.ends_with("/sys.rs"), &[]));
}

#[test]
fn whoever_saves_cannot_delete() {
    let saving = |source: &Source| source.is_in(&["crates/vault/src/backup/", "crates/vault/src/vault.rs"]);
    report(found(&["Erase", ".erase("].map(String::from), saving, &[]));
}

#[test]
fn links_lead_somewhere() {
    let documents: Vec<_> = sources().into_iter().filter(|source| source.path.ends_with(".md")).collect();
    assert!(documents.len() >= 5, "the documents are there");
    report(documents.iter().flat_map(|document| {
        let folder = workspace().join(&document.path).parent().expect("a file has a folder").to_path_buf();
        links(&document.text)
            .filter(move |link| !folder.join(link).exists())
            .map(|link| format!("{}: {link} is not there", document.path))
            .collect::<Vec<_>>()
    }));
}

#[test]
fn tests_that_documents_name_exist() {
    let sources = sources();
    let code: Vec<_> = sources.iter().filter(|source| source.is_rust()).collect();
    // Fields of a map are called as long as tests.
    let is = |name: &str| [format!("fn {name}("), format!("pub {name}: ")];
    let exists = |name: &str| code.iter().any(|source| is(name).iter().any(|words| source.text.contains(words)));
    let mut named = 0;
    let documents = sources.iter().filter(|source| source.path.ends_with(".md"));
    report(documents.flat_map(|document| {
        let names: Vec<_> = document.text.split('`').skip(1).step_by(2).filter(|name| is_test_name(name)).collect();
        named += names.len();
        let missing = names.into_iter().filter(|name| !exists(name));
        missing.map(|name| format!("{}: there is no test {name}", document.path)).collect::<Vec<_>>()
    }));
    assert!(named > 20, "the documents name tests: {named}");
}

#[test]
fn every_line_of_the_threat_model_names_its_test() {
    let sources = sources();
    let model = sources.iter().find(|source| source.path == "docs/threat-model.md").expect("the threat model is there");
    let mut lines: Vec<String> = Vec::new();
    let mut is_in_line = false;
    for text in model.text.lines() {
        let number = text.split_once(". ").filter(|(number, _)| number.parse::<u32>().is_ok());
        is_in_line = number.is_some() || (is_in_line && text.starts_with("  "));
        match lines.last_mut() {
            Some(last) if is_in_line && number.is_none() => *last += &format!(" {}", text.trim()),
            _ if number.is_some() => lines.push(text.to_string()),
            _ => {}
        }
    }
    assert!(lines.len() >= 36, "the lines are found: {}", lines.len());
    let tells = |line: &String| {
        line.split('`').skip(1).step_by(2).any(is_test_name)
            || ["(No test: ", "the same test"].iter().any(|words| line.contains(words))
    };
    report(lines.iter().filter(|line| !tells(line)).map(|line| format!("docs/threat-model.md: no test: {line}")));
}

#[test]
fn nothing_speaks_of_the_place_where_it_was_written() {
    let places = [["/wo", "rk/"], ["../sha", "red"], ["/tmp/", "wt"]].map(|place| place.concat());
    report(sources().iter().flat_map(|source| {
        places.iter().filter(|place| source.text.contains(*place)).map(|place| format!("{}: {place}", source.path))
    }));
}

/// Finds marks in the code of some files, but for those in `allowed` places.
fn found(marks: &[String], which: impl Fn(&Source) -> bool, allowed: &[&str]) -> Vec<String> {
    let sources = sources();
    let looked_at: Vec<_> = sources.iter().filter(|source| which(source)).collect();
    assert!(!looked_at.is_empty(), "there are such files");
    let mut found = Vec::new();
    for source in looked_at.iter().filter(|source| !source.is_in(allowed)) {
        for (number, line) in source.code() {
            if let Some(mark) = marks.iter().find(|mark| line.contains(*mark)) {
                found.push(format!("{}:{number}: {mark}", source.path));
            }
        }
    }
    found
}

fn report(faults: impl IntoIterator<Item = String>) {
    let faults: Vec<_> = faults.into_iter().collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Tells whether a word in a document is written as tests are.
fn is_test_name(word: &str) -> bool {
    word.matches('_').count() >= 3 && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Returns where the links of a document lead, but for those that leave the project.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let ends = text.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(link, _)| link));
    let inside = ends.filter(|link| !link.contains("://") && !link.starts_with("mailto:"));
    inside.map(|link| link.split('#').next().unwrap_or_default()).filter(|link| !link.is_empty())
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_path_buf()
}

/// Reads all files of the project that are text.
fn sources() -> Vec<Source> {
    let root = workspace();
    let mut sources = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the project can be read") {
            let path = entry.expect("the project can be read").path();
            let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
            // Cargo marks what it built; a module may be called so, too.
            let built = path.join("CACHEDIR.TAG").exists()
                || name == "__pycache__"
                || name == ".git"
                || name.ends_with(".venv")
                || name == "corpus";
            if built || path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                let path = path.strip_prefix(&root).expect("it is below the workspace");
                sources.push(Source { path: path.display().to_string(), text });
            }
        }
    }
    assert!(sources.iter().any(|source| source.path == "Cargo.toml"), "this is the project");
    sources
}
