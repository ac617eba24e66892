//! Ordinary work: each job does something, and what it leaves opens in the program that made it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

use exercise::Sandbox;
use exercise::benign::{Job, absent, jobs};
use tempfile::TempDir;

use super::odd_tree::Scene;

const OFFICE: &[&str] = &[
    "documents-to-pdf",
    "old-documents-to-new",
    "documents-saved-again",
    "save-cycle",
    "documents-get-passwords",
    "pdf-with-password",
    "pdf-linearized",
];
const PICTURES: &[&str] =
    &["photos-imported", "photos-turned", "photos-tagged", "photos-made-smaller", "thumbnails", "scans"];
const ARCHIVES: &[&str] = &["zip", "zip-with-password", "7z-with-password", "tar-xz", "gpg"];
const BOOKS: &[&str] = &["database-updates", "database-vacuum", "database-dump", "table-export", "bookings"];
const MAIL: &[&str] = &["mbox-grows", "mbox-compacted", "maildir-delivery"];
const TEXTS: &[&str] =
    &["texts-edited", "texts-saved-over", "line-ends", "code-pages", "logs-rotated", "logs-cut", "logs-grow"];
const HOUSEKEEPING: &[&str] =
    &["git", "migration", "mass-rename", "old-years-deleted", "attributes-only", "given-back"];

#[test]
fn every_job_is_tried() {
    let tried: BTreeSet<_> =
        [OFFICE, PICTURES, ARCHIVES, BOOKS, MAIL, TEXTS, HOUSEKEEPING].concat().into_iter().collect();
    let all: BTreeSet<_> = jobs().iter().map(|job| job.name).collect();
    assert_eq!(tried, all);
}

#[test]
fn office_work_leaves_documents_that_open() {
    check(OFFICE);
}

#[test]
fn photos_and_scans_open() {
    check(PICTURES);
}

#[test]
fn archives_give_back_what_went_in() {
    check(ARCHIVES);
}

#[test]
fn databases_and_tables_stay_whole() {
    check(BOOKS);
}

#[test]
fn mail_is_there() {
    check(MAIL);
}

#[test]
fn texts_and_logs_are_there() {
    check(TEXTS);
}

#[test]
fn whole_folders_are_there() {
    check(HOUSEKEEPING);
}

#[test]
fn what_links_lead_to_is_not_touched() {
    let place = tempfile::tempdir().unwrap();
    let (outside, tree) = (place.path().join("outside"), place.path().join("tree"));
    for folder in [&outside, &tree] {
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("note.txt"), "Précieux\n").unwrap();
        fs::write(folder.join("service.log"), "08:00 ok\n").unwrap();
    }
    symlink(outside.join("note.txt"), tree.join("link.txt")).unwrap();
    symlink(&outside, tree.join("linked folder")).unwrap();
    let before = contents(&outside);
    for job in jobs().into_iter().filter(|job| job.packages.is_empty()) {
        let sandbox = sandbox(&tree, place.path());
        job.prepare(&sandbox, 1).unwrap();
        job.run(&sandbox, 1).unwrap();
        assert_eq!(contents(&outside), before, "{}", job.name);
    }
}

#[test]
fn jobs_cope_with_whatever_lies_there() {
    let scene = Scene::small();
    // LibreOffice takes half a minute to make nothing of what only looks like documents: one such job is enough.
    let is_quick = |job: &Job| job.packages.iter().all(|package| !package.name.starts_with("libreoffice"));
    for (job, seed) in jobs().into_iter().filter(|job| is_quick(job) || job.name == "save-cycle").zip(1..) {
        let sandbox = scene.sandbox();
        let prepared = job.prepare(&sandbox, seed);
        prepared.unwrap_or_else(|error| panic!("{}: {}", job.name, chain(&error)));
        job.run(&sandbox, seed).unwrap_or_else(|error| panic!("{}: {}", job.name, chain(&error)));
        scene.assert_outside_unchanged(job.name);
    }
}

fn check(names: &[&str]) {
    let chosen: Vec<Job> = jobs().into_iter().filter(|job| names.contains(&job.name)).collect();
    assert_eq!(absent(&chosen), None, "programs are absent");
    for (job, seed) in chosen.iter().zip(3..) {
        let place = tempfile::tempdir().unwrap();
        let sandbox = sandbox(town(), place.path());
        job.prepare(&sandbox, seed).unwrap_or_else(|error| panic!("{}: {}", job.name, chain(&error)));
        let before = contents(&sandbox.path());
        assert_opens(job.name, &sandbox.path());
        let touched = job.run(&sandbox, seed).unwrap_or_else(|error| panic!("{}: {}", job.name, chain(&error)));
        let after = contents(&sandbox.path());
        assert!(touched > 0, "{} touched nothing", job.name);
        let same = before == after;
        assert_eq!(same, job.name == "attributes-only", "{}: content", job.name);
        assert_opens(job.name, &sandbox.path());
        assert_locked(job.name, &sandbox.path());
        drop(sandbox);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0, "{} leaves nothing behind", job.name);
    }
}

/// A small town hall with a file of each sort, made once by the jobs' own programs.
fn town() -> &'static Path {
    static TOWN: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = TOWN.get_or_init(|| {
        let place = tempfile::tempdir().unwrap();
        let empty = place.path().join("empty");
        fs::create_dir(&empty).unwrap();
        let sandbox = sandbox(&empty, place.path());
        for name in ["pdf-linearized", "photos-tagged", "database-dump", "mbox-grows", "texts-edited"] {
            let job = jobs().into_iter().find(|job| job.name == name).unwrap();
            let laid_down = job.prepare(&sandbox, 2).unwrap_or_else(|error| panic!("{name}: {}", chain(&error)));
            assert!(laid_down > 0, "{name}");
        }
        let town = place.path().join("town");
        fs::rename(sandbox.path(), &town).unwrap();
        (place, town)
    });
    path
}

fn sandbox(folder: &Path, place: &Path) -> Sandbox {
    Sandbox::copy(folder, place, &mut |fault| panic!("{fault}")).unwrap()
}

fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            let kind = fs::symlink_metadata(&path).unwrap();
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                found.insert(path.strip_prefix(folder).unwrap().to_path_buf(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// Opens each file by a program that knows its sort, and fails where that fails. One content is opened once.
fn assert_opens(job: &str, folder: &Path) {
    static OPENED: Mutex<BTreeSet<Vec<u8>>> = Mutex::new(BTreeSet::new());
    for (path, bytes) in contents(folder) {
        if !OPENED.lock().unwrap().insert(bytes) {
            continue;
        }
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let name = path.to_string_lossy().into_owned();
        let file = folder.join(&path);
        let locked = name.starts_with("~$") || name.contains("/~$");
        let file = file.to_str().unwrap();
        match &extension[..] {
            _ if locked => {}
            "jpg" | "tif" => opens(job, &["identify", "-regard-warnings", file]),
            "pdf" => opens(job, &["qpdf", "--password=a word", "--check", file]),
            "7z" => opens(job, &["7z", "t", "-pa word", file]),
            "xz" => opens(job, &["xz", "--test", file]),
            "gz" => opens(job, &["gzip", "--test", file]),
            "zip" | "odt" | "ods" => opens(job, &["python3", "-c", ZIP_TEST, file]),
            "docx" | "xlsx" | "doc" | "xls" => opens(job, &["python3", "-c", OFFICE_TEST, file]),
            "sqlite" => opens(job, &["sqlite3", "-bail", file, "pragma integrity_check; select count(*) from person"]),
            "gpg" => opens(
                job,
                &["gpg", "--list-packets", "--batch", "--passphrase", "a word", "--pinentry-mode", "loopback", file],
            ),
            "txt" if !name.contains("latin1") => assert!(fs::read_to_string(file).is_ok(), "{job}: {name}"),
            _ => {}
        }
    }
}

/// What a job locks does not open without the word.
fn assert_locked(job: &str, folder: &Path) {
    let (extensions, words): (&[&str], &[&str]) = match job {
        "documents-get-passwords" => (&["odt", "docx", "ods", "xlsx"], &["python3", "-c", LOCKED_TEST]),
        "zip-with-password" => (&["zip"], &["python3", "-c", LOCKED_TEST]),
        "7z-with-password" => (&["7z"], &["sh", "-c", "! 7z l -panother \"$1\"", "sh"]),
        "pdf-with-password" => (&["pdf"], &["sh", "-c", "qpdf --requires-password \"$1\"", "sh"]),
        "gpg" => (&["gpg"], &["sh", "-c", "! gpg --batch --decrypt \"$1\"", "sh"]),
        _ => return,
    };
    let mut locked = 0;
    for path in contents(folder).into_keys() {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        if extensions.contains(&&extension[..]) && !path.to_string_lossy().contains("~$") {
            opens(job, &[words, &[folder.join(&path).to_str().unwrap()]].concat());
            locked += 1;
        }
    }
    assert!(locked > 0, "{job}");
}

/// An encrypted member, a manifest that tells of encryption (ODF), or OLE2 with an encrypted package (OOXML).
const LOCKED_TEST: &str = "import sys, zipfile
data = open(sys.argv[1], 'rb').read()
if data[:2] == b'PK':
    z = zipfile.ZipFile(sys.argv[1])
    odf = 'META-INF/manifest.xml' in z.namelist() and b'encryption-data' in z.read('META-INF/manifest.xml')
    sys.exit(0 if odf or all(i.flag_bits & 1 for i in z.infolist()) else 1)
sys.exit(0 if 'EncryptedPackage'.encode('utf-16-le') in data else 1)";

const ZIP_TEST: &str = "import sys, zipfile
z = zipfile.ZipFile(sys.argv[1]); z.setpassword(b'a word')
sys.exit(1 if z.testzip() else 0)";

/// A ZIP archive, or OLE2: an old document, or a new one with a password.
const OFFICE_TEST: &str = "import sys, zipfile
head = open(sys.argv[1], 'rb').read(8)
sys.exit(0 if head == bytes.fromhex('d0cf11e0a1b11ae1') else 1 if zipfile.ZipFile(sys.argv[1]).testzip() else 0)";

fn opens(job: &str, words: &[&str]) {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(words[0]).args(&words[1..]).env("HOME", home.path()).output().unwrap();
    assert!(output.status.success(), "{job}: {words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text += &format!(": {error}");
        source = error.source();
    }
    text
}
