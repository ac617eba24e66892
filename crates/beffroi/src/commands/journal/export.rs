//! `journal export`: a folder for somebody who has neither this program nor this desk.
#![expect(clippy::disallowed_methods, reason = "an export is files in a folder that the user names")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use data_encoding::{BASE64, HEXLOWER};
use serde_json::json;
use town::journal::{Examination, Fact, entries, examine};

use crate::arguments::JournalExportArguments;
use crate::context::Context;
use crate::failure::Failure;
use crate::journal_file::{JournalError, JournalFolder, copy_attached, digest_of, stored_name};
use crate::journal_words::paragraph;
use crate::messages::text;

/// How to verify it with public tools, in both languages.
const RECIPES: [(&str, &str); 2] = [
    ("VERIFY.md", include_str!("../../../../../docs/verify-journal.md")),
    ("VERIFIER.md", include_str!("../../../../../docs/verifier-journal.md")),
];

/// What comes before an Ed25519 public key in DER (RFC 8410).
const KEY_HEAD: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";

/// Writes the export.
pub fn run(context: &Context, arguments: &JournalExportArguments) -> Result<(), Failure> {
    let journal = context.open_journal()?;
    let file = journal.read()?;
    let found = examine(&file, &[], super::super::jobs(None));
    let mut export = Export::begin(&arguments.folder)?;
    let whole = file.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    export.write("journal.jsonl", &file[..whole])?;
    if let Some(desk) = &found.desk {
        export.write("desk.pem", pem(desk).as_bytes())?;
    }
    certificates(&mut export, &file[..whole])?;
    let absent = attachments(context, &mut export, &journal, &file)?;
    export.write("journal.txt", readable(context, &file, &found).as_bytes())?;
    for (name, recipe) in RECIPES {
        export.write(name, recipe.as_bytes())?;
    }
    let files = export.finish()?;
    if !found.is_sound() {
        context.note_damage();
        context.note(&text("say-journal-unsound").show("path", journal.file().display()));
    }
    if absent > 0 {
        context.note(&text("say-export-absent").with("count", absent));
    }
    let path = arguments.folder.display();
    context.tell(&text("say-export-done").show("path", path).with("entries", found.entries).with("files", files))?;
    let checkpoint = found.checkpoint().map(|checkpoint| checkpoint.to_string());
    context.tell(&text("say-journal-checkpoint").with("checkpoint", checkpoint.clone().unwrap_or_default()))?;
    context.note(&text("say-checkpoint-use"));
    let fields = json!({
        "path": arguments.folder.display().to_string(), "entries": found.entries, "files": files, "absent": absent,
        "sound": found.is_sound(), "checkpoint": checkpoint,
    });
    context.event("summary", fields)
}

/// A folder that is being filled.
struct Export {
    folder: PathBuf,
    /// Lines as `sha256sum` writes and reads them.
    sums: Vec<(String, String)>,
}

impl Export {
    fn begin(folder: &Path) -> Result<Self, Failure> {
        let made = fs::create_dir_all(folder).and_then(|()| Ok(fs::read_dir(folder)?.next().is_none()));
        match made {
            Ok(true) => Ok(Self { folder: folder.to_path_buf(), sums: Vec::new() }),
            Ok(false) => Err(JournalError::Taken { path: folder.into() }.into()),
            Err(error) => Err(at(folder, error)),
        }
    }

    fn write(&mut self, name: &str, content: &[u8]) -> Result<(), Failure> {
        let path = self.folder.join(name);
        crate::secret_file::write_new(&path, content).map_err(|error| at(&path, error))?;
        self.sum(name, &path)
    }

    fn folder(&self, name: &str) -> Result<(), Failure> {
        let path = self.folder.join(name);
        fs::create_dir_all(&path).map_err(|error| at(&path, error))
    }

    fn sum(&mut self, name: &str, path: &Path) -> Result<(), Failure> {
        let sha256 = digest_of(path).map_err(|error| at(path, error))?.sha256;
        self.sums.push((name.to_string(), sha256));
        Ok(())
    }

    fn finish(mut self) -> Result<u64, Failure> {
        self.sums.sort();
        let sums: String = self.sums.iter().map(|(name, sha256)| format!("{sha256}  {name}\n")).collect();
        let path = self.folder.join("SHA256SUMS");
        crate::secret_file::write_new(&path, sums.as_bytes()).map_err(|error| at(&path, error))?;
        Ok(self.sums.len() as u64 + 1)
    }
}

/// Writes what owners signed, so that a public tool can take it as it stands.
fn certificates(export: &mut Export, file: &[u8]) -> Result<(), Failure> {
    for entry in entries(file) {
        let Some(Fact::Certified { owner, statement, signature, .. }) = &entry.fact else { continue };
        let owner = HEXLOWER.decode(owner.as_bytes()).unwrap_or_default();
        let signature = BASE64.decode(signature.as_bytes()).unwrap_or_default();
        export.folder("certificates")?;
        let name = |ending: &str| format!("certificates/{}.{ending}", entry.number);
        export.write(&name("json"), statement.as_bytes())?;
        export.write(&name("sig"), &signature)?;
        export.write(&name("pem"), pem(&owner).as_bytes())?;
    }
    Ok(())
}

/// Copies the attachments that are here; returns how many are not. The folder may come from elsewhere, with a link to a secret in it:
/// only what was attached leaves it.
fn attachments(context: &Context, export: &mut Export, journal: &JournalFolder, file: &[u8]) -> Result<u64, Failure> {
    let mut absent = 0;
    let mut copied = std::collections::BTreeSet::new();
    for attachment in entries(file).flat_map(|entry| entry.attachments) {
        let name = stored_name(&attachment);
        if !copied.insert(name.clone()) {
            continue;
        }
        let torn = journal.path().join(&attachment.name);
        let kept = journal.attachments().join(&name);
        // What a crash left lies beside the journal, under the name that the entry gives.
        let is_torn = attachment.name.starts_with("torn-") && !attachment.name.contains('/');
        let from = if fs::symlink_metadata(&kept).is_err() && is_torn { torn } else { kept };
        if fs::symlink_metadata(&from).is_err() {
            absent += 1;
            continue;
        }
        export.folder("attachments")?;
        let (name, to) = (format!("attachments/{name}"), export.folder.join("attachments").join(&name));
        if copy_attached(&from, &to, &attachment).map_err(|error| at(&to, error))? {
            export.sum(&name, &to)?;
        } else {
            absent += 1;
            context.note_damage();
            let words = text("err-journal-attachment").show("path", from.display());
            context.note(&text("say-warning").with("words", words));
        }
    }
    Ok(absent)
}

fn readable(context: &Context, file: &[u8], found: &Examination) -> String {
    let zone = context.zone();
    let mut lines = vec![context.say(&text("journal-title").with("entries", found.entries))];
    if let Some(checkpoint) = found.checkpoint() {
        lines.push(context.say(&text("say-journal-checkpoint").show("checkpoint", checkpoint)));
    }
    for entry in entries(file) {
        lines.push(String::new());
        lines.extend(paragraph(&context.messages, &entry, &zone));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn pem(key: &[u8]) -> String {
    let der = BASE64.encode(&[KEY_HEAD, key].concat());
    format!("-----BEGIN PUBLIC KEY-----\n{der}\n-----END PUBLIC KEY-----\n")
}

fn at(path: &Path, error: io::Error) -> Failure {
    Failure::from(error).under(text("err-at-path").show("path", path.display()))
}
