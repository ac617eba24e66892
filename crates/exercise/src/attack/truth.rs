//! What an attack did, to the byte: one record for each path, on disk beside the copy.
//!
//! The folder `truth-N` beside the copy holds `truth.jsonl` (a head with the key, then one record a line), `plain` (what
//! no key brings back) and `kept` (files that were deleted). It goes when the sandbox goes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::os::fd::OwnedFd;

use data_encoding::HEXLOWER;
use restore::TreePath;
use restore::target::{Beneath, DIRECTORY};
use rustix::fs::{Mode, OFlags, mkdirat};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::chance::AttackKey;
use super::cipher::Form;
use super::pattern::Pattern;
use super::spans::Spans;
use crate::Sandbox;
use crate::ground::FileTimes;

/// What happened at a path.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub enum Deed {
    /// Bytes were mixed with a stream.
    Encrypted,
    /// They were, and then written with other letters.
    Encoded,
    /// They were replaced.
    Wiped,
    /// The file lost its end.
    Cut,
    /// The file is gone.
    Deleted,
    /// A note was laid down.
    Note,
    /// A folder was made.
    Folder,
}

/// One path that was touched.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct Record {
    /// Where it was; `None` for what is new.
    #[serde(with = "path_text")]
    pub before: Option<TreePath>,
    /// Where it is; `None` for what is gone.
    #[serde(with = "path_text")]
    pub after: Option<TreePath>,
    /// What happened.
    pub deed: Deed,
    /// Which bytes were chosen.
    pub pattern: Pattern,
    /// What became of them.
    pub form: Form,
    /// The bytes that are really others, by their place in the file; a place that only one of both has counts.
    pub changed: Spans,
    /// Size before.
    pub bytes_before: u64,
    /// Size after.
    pub bytes_after: u64,
    /// For a further name of a file, the name under which it was changed.
    #[serde(with = "path_text")]
    pub same_file_as: Option<TreePath>,
    /// What brings it back.
    pub(crate) way_back: WayBack,
}

impl Record {
    /// Tells whether anything is lost to whoever has only what is there now: a byte, or the name.
    pub fn is_harm(&self) -> bool {
        self.before.is_some() && (self.after != self.before || !self.changed.ranges().is_empty())
    }
}

/// What brings a path back.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, Debug)]
pub(crate) struct WayBack {
    /// The times that the file had.
    pub(crate) times: Option<FileTimes>,
    /// The permission bits that it had.
    pub(crate) mode: u32,
    /// The file itself, by its name in `kept`.
    pub(crate) kept: Option<String>,
    /// Its bytes, by the name of a file in `plain`.
    pub(crate) plain: Option<String>,
}

/// A folder as it was before anything was made or renamed in it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub(crate) struct FolderBefore {
    #[serde(with = "path_text")]
    pub(crate) path: Option<TreePath>,
    pub(crate) times: FileTimes,
}

/// All that an attack did.
pub struct Truth {
    /// Which profile it followed.
    pub profile: String,
    /// What chose everything that chance decides.
    pub seed: u64,
    /// The key.
    pub key: AttackKey,
    /// What was touched, in the order of the deeds.
    pub records: Vec<Record>,
    pub(crate) folders: Vec<FolderBefore>,
    pub(crate) shelf: Shelf,
}

/// Why a truth cannot be written or read.
#[derive(Debug, Error)]
pub enum TruthError {
    /// Its folder.
    #[error("the folder of the truth cannot be made or opened")]
    Folder(#[source] io::Error),
    /// Its file.
    #[error("the truth cannot be written")]
    Write(#[source] io::Error),
    /// Its file.
    #[error("the truth cannot be read")]
    Read(#[source] io::Error),
    /// A line.
    #[error("line {line} of the truth is not understood")]
    Line {
        /// Which, from 1.
        line: usize,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The head.
    #[error("the truth does not begin with its head")]
    NoHead,
}

impl Truth {
    /// Reads what the attack of a number, from 0, did in this sandbox.
    pub fn read(sandbox: &Sandbox, number: u32) -> Result<Self, TruthError> {
        let shelf = Shelf::open(sandbox, number)?;
        let file = shelf.open_file(&shelf.folder, TRUTH, OFlags::RDONLY).map_err(TruthError::Read)?;
        let mut lines = BufReader::new(file).lines().zip(1..).map(|(text, line)| {
            let text = text.map_err(TruthError::Read)?;
            serde_json::from_str(&text).map_err(|source| TruthError::Line { line, source })
        });
        let Some(Line::Head { profile, seed, key }) = lines.next().transpose()? else { return Err(TruthError::NoHead) };
        let key = HEXLOWER.decode(key.as_bytes()).ok().and_then(|key| key.try_into().ok()).ok_or(TruthError::NoHead)?;
        let key = AttackKey::of_bytes(key);
        let mut truth = Self { profile, seed, key, records: Vec::new(), folders: Vec::new(), shelf };
        for line in lines {
            match line? {
                Line::Head { .. } => return Err(TruthError::NoHead),
                Line::Folder(folder) => truth.folders.push(folder),
                Line::File(record) => truth.records.push(*record),
            }
        }
        Ok(truth)
    }
}

/// Writes the truth while it happens.
pub(super) struct TruthWriter {
    pub(super) shelf: Shelf,
    number: u32,
    lines: BufWriter<File>,
    things: u64,
}

impl TruthWriter {
    /// Begins the next truth of a sandbox.
    pub(super) fn create(sandbox: &Sandbox, profile: &str, seed: u64, key: &AttackKey) -> Result<Self, TruthError> {
        let (number, shelf) = Shelf::create(sandbox)?;
        let made = shelf.open_file(&shelf.folder, TRUTH, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL);
        let lines = BufWriter::new(made.map_err(TruthError::Write)?);
        let mut writer = Self { shelf, number, lines, things: 0 };
        let key = HEXLOWER.encode(key.as_bytes());
        writer.line(&Line::Head { profile: profile.to_string(), seed, key })?;
        Ok(writer)
    }

    pub(super) fn folder(&mut self, folder: FolderBefore) -> Result<(), TruthError> {
        self.line(&Line::Folder(folder))
    }

    pub(super) fn record(&mut self, record: Record) -> Result<(), TruthError> {
        self.line(&Line::File(Box::new(record)))
    }

    /// Returns a name that nothing in `kept` and `plain` has.
    pub(super) fn fresh_name(&mut self) -> String {
        self.things += 1;
        format!("{:08}", self.things)
    }

    /// Ends, and tells the number.
    pub(super) fn finish(mut self) -> Result<u32, TruthError> {
        self.lines.flush().map_err(TruthError::Write)?;
        Ok(self.number)
    }

    fn line(&mut self, line: &Line) -> Result<(), TruthError> {
        let written = serde_json::to_writer(&mut self.lines, line).map_err(io::Error::from);
        written.and_then(|()| self.lines.write_all(b"\n")).map_err(TruthError::Write)
    }
}

/// The folders of one truth, outside the copy.
pub(crate) struct Shelf {
    folder: OwnedFd,
    pub(crate) kept: OwnedFd,
    pub(crate) plain: OwnedFd,
    beneath: Beneath,
}

impl Shelf {
    fn create(sandbox: &Sandbox) -> Result<(u32, Self), TruthError> {
        let fail = |errno: rustix::io::Errno| TruthError::Folder(errno.into());
        let mut number = 0;
        loop {
            match mkdirat(sandbox.folder_handle(), folder_name(number), Mode::RWXU) {
                Ok(()) => break,
                Err(rustix::io::Errno::EXIST) => number += 1,
                Err(errno) => return Err(fail(errno)),
            }
        }
        let beneath = Beneath::probe(sandbox.folder_handle());
        let name = folder_name(number);
        let folder = beneath.open(sandbox.folder_handle(), name.as_bytes(), DIRECTORY, Mode::empty()).map_err(fail)?;
        for part in [KEPT, PLAIN] {
            mkdirat(&folder, part, Mode::RWXU).map_err(fail)?;
        }
        Ok((number, Self::open(sandbox, number)?))
    }

    fn open(sandbox: &Sandbox, number: u32) -> Result<Self, TruthError> {
        let beneath = Beneath::probe(sandbox.folder_handle());
        let open = |folder: &OwnedFd, name: &str| {
            let opened = beneath.open(folder, name.as_bytes(), DIRECTORY, Mode::empty());
            opened.map_err(|errno| TruthError::Folder(errno.into()))
        };
        let folder = open(sandbox.folder_handle(), &folder_name(number))?;
        Ok(Self { kept: open(&folder, KEPT)?, plain: open(&folder, PLAIN)?, folder, beneath })
    }

    /// Makes a file in `plain`.
    pub(crate) fn create_plain(&self, name: &str) -> io::Result<File> {
        self.open_file(&self.plain, name, OFlags::RDWR | OFlags::CREATE | OFlags::EXCL)
    }

    /// Opens a file in `plain`.
    pub(crate) fn open_plain(&self, name: &str) -> io::Result<File> {
        self.open_file(&self.plain, name, OFlags::RDONLY)
    }

    /// Makes a file without a name, for content on its way.
    pub(crate) fn nameless(&self) -> io::Result<File> {
        const NAME: &str = "nameless";
        let file = self.open_file(&self.folder, NAME, OFlags::RDWR | OFlags::CREATE | OFlags::EXCL)?;
        rustix::fs::unlinkat(&self.folder, NAME, rustix::fs::AtFlags::empty())?;
        Ok(file)
    }

    fn open_file(&self, folder: &OwnedFd, name: &str, flags: OFlags) -> io::Result<File> {
        // openat2 refuses a mode for what is not made.
        let mode = if flags.contains(OFlags::CREATE) { Mode::RUSR | Mode::WUSR } else { Mode::empty() };
        Ok(File::from(self.beneath.open(folder, name.as_bytes(), flags, mode)?))
    }
}

const TRUTH: &str = "truth.jsonl";
const KEPT: &str = "kept";
const PLAIN: &str = "plain";

fn folder_name(number: u32) -> String {
    format!("truth-{number}")
}

#[derive(Serialize, Deserialize)]
enum Line {
    Head { profile: String, seed: u64, key: String },
    Folder(FolderBefore),
    File(Box<Record>),
}

/// Paths as text: UTF-8 as it is, every other byte, control characters and `%` as `%` and two digits.
mod path_text {
    use std::fmt::Write;

    use restore::TreePath;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(path: &Option<TreePath>, serializer: S) -> Result<S::Ok, S::Error> {
        path.as_ref().map(|path| text_of(path.as_bytes())).serialize(serializer)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Option<TreePath>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        bytes_of(&text).map(|bytes| Some(TreePath::new(bytes))).ok_or_else(|| D::Error::custom("not a path"))
    }

    pub(super) fn text_of(path: &[u8]) -> String {
        let mut text = String::with_capacity(path.len());
        for chunk in path.utf8_chunks() {
            for character in chunk.valid().chars() {
                if character == '%' || character.is_control() {
                    let mut bytes = [0; 4];
                    escape(&mut text, character.encode_utf8(&mut bytes).as_bytes());
                } else {
                    text.push(character);
                }
            }
            escape(&mut text, chunk.invalid());
        }
        text
    }

    pub(super) fn bytes_of(text: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            rest = after;
            bytes.push(if *first == b'%' {
                let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
                rest = &rest[2..];
                u8::from_str_radix(digits, 16).ok()?
            } else {
                *first
            });
        }
        Some(bytes)
    }

    fn escape(text: &mut String, bytes: &[u8]) {
        for byte in bytes {
            write!(text, "%{byte:02x}").expect("writing to a string cannot fail");
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::path_text::{bytes_of, text_of};

    #[test]
    fn paths_of_any_bytes_are_text() {
        assert_eq!(text_of("écoles/100 %".as_bytes()), "écoles/100 %25");
        assert_eq!(text_of(b"a\xe9b\n"), "a%e9b%0a");
        assert_eq!(bytes_of("a%e"), None);
        assert_eq!(bytes_of("a%zz"), None);
    }

    proptest! {
        #[test]
        fn paths_are_read_as_they_were_written(path in proptest::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(bytes_of(&text_of(&path)), Some(path));
        }
    }
}
