//! What a folder holds, line by line, as the `truth.txt` of a vault tells it: path, kind, mode, time, the first name of
//! a hard-link group, attributes, SHA-256 or target.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Returns the lines of a folder, sorted.
pub fn lines(folder: &Path) -> Vec<String> {
    let mut paths = vec![PathBuf::new()];
    collect(folder, Path::new(""), &mut paths);
    paths.sort();
    let mut groups = BTreeMap::new();
    for path in &paths {
        let status = fs::symlink_metadata(folder.join(path)).unwrap();
        if status.is_file() && status.nlink() > 1 {
            groups.entry(status.ino()).or_insert_with(|| escaped(path.as_os_str().as_bytes()));
        }
    }
    let mut lines: Vec<_> = paths.iter().map(|path| line(folder, path, &groups)).collect();
    lines.sort();
    lines
}

fn collect(folder: &Path, below: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder.join(below)).unwrap() {
        let path = below.join(entry.unwrap().file_name());
        paths.push(path.clone());
        if fs::symlink_metadata(folder.join(&path)).unwrap().is_dir() {
            collect(folder, &path, paths);
        }
    }
}

fn line(folder: &Path, path: &Path, groups: &BTreeMap<u64, String>) -> String {
    let place = folder.join(path);
    let status = fs::symlink_metadata(&place).unwrap();
    let kind = status.file_type();
    let (kind, what) = if kind.is_file() {
        ("file", sha256(&fs::read(&place).unwrap()))
    } else if kind.is_dir() {
        ("directory", "-".into())
    } else if kind.is_symlink() {
        ("link", escaped(fs::read_link(&place).unwrap().as_os_str().as_bytes()))
    } else {
        assert!(kind.is_fifo(), "{}", place.display());
        ("pipe", "-".into())
    };
    let name = if path.as_os_str().is_empty() { b"." } else { path.as_os_str().as_bytes() };
    // A link's own mode means nothing, and not every reader restores its time.
    let (mode, time) = match kind {
        "link" => ("-".into(), "-".into()),
        _ => (format!("{:04o}", status.mode() & 0o7777), format!("{}.{:09}", status.mtime(), status.mtime_nsec())),
    };
    let group = groups.get(&status.ino()).map_or("-", String::as_str);
    format!("{} {kind} {mode} {time} {group} {} {what}", escaped(name), attributes(&place, kind))
}

fn attributes(place: &Path, kind: &str) -> String {
    if kind != "file" {
        return "-".into();
    }
    let mut buffer = vec![0; 4096];
    let length = rustix::fs::llistxattr(place, &mut buffer[..]).unwrap();
    let mut told: Vec<_> =
        buffer[..length].split(|byte| *byte == 0).filter(|name| name.starts_with(b"user.")).collect();
    told.sort();
    let told = told.into_iter().map(|name| {
        let mut value = vec![0; 4096];
        let length = rustix::fs::lgetxattr(place, name, &mut value[..]).unwrap();
        format!("{}={}", String::from_utf8_lossy(name), hex(&value[..length]))
    });
    let told = told.collect::<Vec<_>>().join(",");
    if told.is_empty() { "-".into() } else { told }
}

fn sha256(content: &[u8]) -> String {
    hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, content).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a name so that it is one word.
pub fn escaped(name: &[u8]) -> String {
    let shown = |byte: &u8| match byte {
        0x21..=0x7e if *byte != b'\\' => char::from(*byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    };
    name.iter().map(shown).collect()
}
