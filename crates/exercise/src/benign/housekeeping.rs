//! Whole folders: moved, renamed, thrown away, given back.

use restore::TreePath;

use super::Package;
use super::workshop::{Job, JobError, Workshop, argument, arguments, nothing_to_prepare};
use crate::ground;

const GIT: Package = Package { name: "git", brings: "git" };
const RSYNC: Package = Package { name: "rsync", brings: "rsync" };

pub(super) fn jobs() -> Vec<Job> {
    let job = |name, does, packages, work| Job { name, does, packages, prepare: nothing_to_prepare, work };
    vec![
        job("git", "a folder is put under version control, changed, and packed", &[GIT], git),
        job("migration", "everything is copied into a new folder by rsync; the old files go", &[RSYNC], migrate),
        job("mass-rename", "each file gets the year before its name", &[], rename),
        job("old-years-deleted", "the older half of all files is deleted", &[], delete_old),
        job("attributes-only", "modes and times change, and nothing else", &[], attributes),
        Job {
            prepare: go_on_from_older,
            ..job("given-back", "older versions come back, deleted files too: a restore of our own", &[], give_back)
        },
    ]
}

fn git(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let folder = TreePath::new(format!("logiciel {}", shop.seed));
    let git = |words: &[&str]| {
        let all = GIT_OPTIONS.iter().chain(words);
        shop.run_in(&folder, "git", all).map(drop)
    };
    shop.make_folders(&folder)?;
    git(&["init", "--quiet"])?;
    for round in 0..3 {
        for number in 0..10 {
            let path = folder.join(format!("module{number}.py").as_bytes());
            let text: String =
                (0..60 + round).map(|line| format!("def work_{line}():\n    return {number} + {round}\n")).collect();
            if round == 0 { shop.write_new(&path, text.as_bytes())? } else { shop.write_over(&path, text.as_bytes())? }
        }
        git(&["add", "--all"])?;
        git(&["commit", "--quiet", "--message", "a day's work"])?;
    }
    git(&["gc", "--quiet", "--prune=now"])?;
    Ok(10)
}

fn migrate(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let files = shop.files(&[])?;
    let new = TreePath::new(format!("nouveau serveur {}", shop.seed));
    shop.make_folders(&new)?;
    for some in files.chunks(FILES_AT_ONCE) {
        let mut words = arguments(["--archive", "--relative"]);
        words.extend(some.iter().map(argument));
        words.push(argument(&TreePath::new([new.as_bytes(), b"/"].concat())));
        shop.run("rsync", words)?;
    }
    for path in &files {
        shop.ground.remove(path)?;
    }
    Ok(files.len() as u64)
}

fn rename(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let mut touched = 0;
    for path in shop.files(&[])? {
        let name = [b"2026-", ground::split(&path).1].concat();
        let new = ground::sibling(&path, &name);
        if name.len() <= NAME_BYTES_MAX && shop.ground.is_free(&new)? {
            shop.ground.rename(&path, &new)?;
            touched += 1;
        }
    }
    Ok(touched)
}

fn delete_old(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let mut files = shop.ground.list()?.files;
    files.sort_by_key(|file| file.times.modified);
    files.truncate(files.len() / 2);
    for file in &files {
        shop.ground.remove(&file.path)?;
    }
    Ok(files.len() as u64)
}

fn attributes(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let files = shop.files(&[])?;
    for (path, number) in files.iter().zip(0..) {
        shop.touch(path, if number % 2 == 0 { 0o664 } else { 0o640 }, 3600 * (number % 50 + 1))?;
    }
    Ok(files.len() as u64)
}

/// Sets every second text aside, then edits it or deletes it: the copy is what came after.
fn go_on_from_older(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let mut files = shop.files(TEXTS)?;
    for number in 0..6 {
        let path = TreePath::new(format!("dossiers/affaire {number}.txt"));
        if files.is_empty() || shop.ground.is_free(&path)? {
            let text: String =
                (0..90).map(|line| format!("Affaire {number}, pièce {line} du dossier {}.\n", shop.seed)).collect();
            shop.write_new(&path, text.as_bytes())?;
            files.push(path);
        }
    }
    let older: Vec<_> = files.into_iter().step_by(2).collect();
    for (path, number) in older.iter().zip(0..) {
        let old = shop.read(path)?;
        shop.set_aside(path, &old)?;
        if number % 3 == 2 {
            shop.ground.remove(path)?;
        } else {
            shop.write_over(path, &[b"Version suivante.\n", &old[old.len() / 3..]].concat())?;
        }
    }
    Ok(older.len() as u64)
}

fn give_back(shop: &Workshop<'_>) -> Result<u64, JobError> {
    let older = shop.what_was_set_aside()?;
    for (path, bytes) in &older {
        if shop.ground.is_free(path)? {
            shop.write_new(path, bytes)?;
        } else {
            shop.save_over(path, b".beffroi-0123456789abcdef", bytes)?;
        }
        shop.touch(path, 0o644, -30 * 24 * 3600)?;
    }
    Ok(older.len() as u64)
}

const TEXTS: &[&str] = &["txt", "csv", "md", "html", "xml"];
const FILES_AT_ONCE: usize = 500;
const NAME_BYTES_MAX: usize = 255;
const GIT_OPTIONS: [&str; 8] = [
    "-c",
    "user.name=Mairie",
    "-c",
    "user.email=mairie@example.org",
    "-c",
    "gc.autoDetach=false",
    "-c",
    "init.defaultBranch=main",
];
