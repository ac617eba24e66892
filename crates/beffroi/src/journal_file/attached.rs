//! Files that belong to entries: named by their hash, copied beside the journal.
#![expect(clippy::disallowed_methods, reason = "attachments are files that the user names")]

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use town::journal::Attachment;

use super::{JournalError, JournalFolder, flush_folder, system};
use crate::output::Output;
use crate::plain_file;

/// A name of a file takes at most 255 bytes; the hash takes 65 of them.
const NAME_BYTES_MAX: usize = 150;

impl JournalFolder {
    /// Returns the folder with the copies.
    pub fn attachments(&self) -> PathBuf {
        self.path.join("attachments")
    }

    /// Hashes a file that somebody names, and keeps a copy if that is wanted. The copy is durable when this returns.
    pub fn attach(&self, path: &Path, is_copied: bool) -> Result<Attachment, JournalError> {
        let failed = |source| system(path, source);
        if fs::metadata(path).map_err(failed)?.file_type().is_file() {
            return self.attach_file(path, is_copied);
        }
        Err(JournalError::NoFile { path: path.into() })
    }

    fn attach_file(&self, path: &Path, is_copied: bool) -> Result<Attachment, JournalError> {
        let failed = |source| system(path, source);
        let mut file = plain_file::open(path).map_err(failed)?;
        if !is_copied {
            return digest_of(path).map_err(failed);
        }
        let folder = self.attachments();
        let below = |source| system(&folder, source);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(below)?;
        let mut copy = tempfile::NamedTempFile::new_in(&folder).map_err(below)?;
        let (sha256, bytes) = pass(&mut file, Some(copy.as_file_mut())).map_err(failed)?;
        let attachment = Attachment { name: name_of(path), sha256, bytes };
        copy.as_file().sync_all().map_err(below)?;
        // What has this name has these bytes.
        copy.persist(folder.join(stored_name(&attachment))).map_err(|error| below(error.error))?;
        flush_folder(&folder).and_then(|()| flush_folder(&self.path)).map_err(below)?;
        Ok(attachment)
    }
}

/// Returns the name under which an attachment is kept: no name that somebody chose can leave the folder.
pub fn stored_name(attachment: &Attachment) -> String {
    let plain =
        |character: char| if character.is_alphanumeric() || "._-".contains(character) { character } else { '_' };
    let name: String = attachment.name.chars().map(plain).collect();
    let mut end = name.len().min(NAME_BYTES_MAX);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let sha256: String = attachment.sha256.chars().filter(char::is_ascii_hexdigit).take(64).collect();
    format!("{sha256}-{}", &name[..end])
}

/// Hashes a file where it lies.
pub fn digest_of(path: &Path) -> io::Result<Attachment> {
    let (sha256, bytes) = pass(&mut plain_file::open(path)?, None)?;
    Ok(Attachment { name: name_of(path), sha256, bytes })
}

/// Copies an attachment into a new file. What is not what was attached, or is a link that leads elsewhere, is not handed out: then nothing
/// is there, and this returns no.
pub fn copy_attached(from: &Path, to: &Path, attachment: &Attachment) -> io::Result<bool> {
    let Ok(mut from) = plain_file::open_no_link(from) else { return Ok(false) };
    let mut copy = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    let passed = pass(&mut from, Some(&mut copy)).and_then(|passed| copy.sync_all().map(|()| passed));
    match passed {
        Ok((sha256, _)) if sha256 == attachment.sha256 => Ok(true),
        other => {
            fs::remove_file(to)?;
            other.map(|_| false)
        }
    }
}

fn name_of(path: &Path) -> String {
    Output::safe_bytes(path.file_name().unwrap_or(path.as_os_str()).as_bytes())
}

fn pass(from: &mut File, mut to: Option<&mut File>) -> io::Result<(String, u64)> {
    let (mut digest, mut bytes, mut buffer) = (Context::new(&SHA256), 0, vec![0; 256 << 10]);
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => return Ok((HEXLOWER.encode(digest.finish().as_ref()), bytes)),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        digest.update(&buffer[..read]);
        if let Some(to) = &mut to {
            to.write_all(&buffer[..read])?;
        }
        bytes += read as u64;
    }
}
